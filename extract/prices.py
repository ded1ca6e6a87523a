"""What a model's tokens cost, from genai-prices, whose data lie in the package: nothing is fetched."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.choice import Choice
from extract.types import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

FREE = ":free"
"""How the name of a model ends that its provider gives away."""
BATCHED = 0.5  # of the price: what OpenAI takes for its batches; of other servers' nothing is known


@dataclass(frozen=True, slots=True)
class Price:
    """A model that a provider has a price for, found by the provider's name or by its address. No `model`: free.

    `part`: of that price, which is asked.
    """

    model: str = ""
    provider: str | None = None
    url: str | None = None
    part: float = 1.0

    def of(self, usage: Usage) -> float:
        """Dollars for the tokens of one request; some prices rise with its length."""
        return self.part * float(self._asked(usage).total_price) if self.model else 0.0

    def sold(self) -> bool:
        """Whether both sides have a price: a model that lacks one is not to be had for nothing."""
        try:
            said = self._asked(Usage(prompt=1000, output=1000))
        except LookupError:
            return False
        return self.model.endswith(FREE) or bool(said.input_price and said.output_price)

    def _asked(self, usage: Usage) -> PriceCalculation:
        import genai_prices  # here, since a quarter of a second is long for those who pay nothing

        tokens = genai_prices.Usage(
            input_tokens=usage.prompt,
            cache_read_tokens=usage.cached,
            output_tokens=usage.output,
        )
        if self.url:
            return genai_prices.calc_price(tokens, self.model, provider_api_url=self.url)
        return genai_prices.calc_price(tokens, self.model, provider_id=self.provider)


def price_of(choice: Choice, batched: bool = False) -> Price | None:
    """The model's price, in batches if so; None where nobody knows it. What runs on this machine costs nothing."""
    if choice.embedded:
        return Price()
    elsewhere = os.environ.get("OPENAI_BASE_URL") if choice.provider == "openai" else None
    url = choice.base_url or elsewhere
    hosted = choice.provider == "openai" and url is None
    part = BATCHED if batched and hosted else 1.0
    price = Price(choice.name, choice.provider, url, part)
    return price if price.sold() else None
