"""What a run will take, as a range: its prompts are counted, the rest is drawn from what earlier runs took."""

from __future__ import annotations

import json
import math
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from extract.choice import Choice
from extract.prices import Price
from extract.prompt import messages, shared
from extract.types import Document, Passage, Usage
from extract.wire import lean_schema
from schemas.describe import Schema

DRAWS = 400
FEW = 8  # documents; of fewer the spread cannot be seen
FEW_APART = 2.0  # so many times more or less than they took, then
OTHERS_APART = 0.15  # standard deviation, in logarithms, between collections of documents
UNSEEN = 0.5  # the same for what one document shows of its collection; the root of their number less for more
MOST = 200  # documents that a draw looks at
O200K = "o200k"
TOKENIZER = "bpe_openai"  # of an extra; imported where it is used, since that takes half a second
CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class Sums:
    """What requests took, added up. `counted`: of the prompts, before they are sent; `characters`: of the passages.

    `seconds`: of each request, one after the other.
    """

    passages: float = 0
    counted: float = 0
    characters: float = 0
    prompt: float = 0
    cached: float = 0
    output: float = 0
    seconds: float = 0
    requests: float = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(  # added up at every request: astuple() would take twenty times as long
            self.passages + other.passages,
            self.counted + other.counted,
            self.characters + other.characters,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.output + other.output,
            self.seconds + other.seconds,
            self.requests + other.requests,
        )

    @property
    def usage(self) -> Usage:
        return Usage(round(self.prompt), round(self.cached), round(self.output))


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens by what was counted of the prompt, share of cached ones, output by character, and by passage the rest."""

    prompt: float
    cached: float
    output: float
    seconds: float
    requests: float

    @classmethod
    def of(cls, sums: Sums) -> Rates:
        """Those that give just these sums."""
        return cls(
            prompt=sums.prompt / max(sums.counted, 1),
            cached=sums.cached / max(sums.prompt, 1),
            output=sums.output / max(sums.characters, 1),
            seconds=sums.seconds / max(sums.passages, 1),
            requests=sums.requests / max(sums.passages, 1),
        )

    def times(self, work: Sums) -> Sums:
        """What that work takes at these rates."""
        prompt = self.prompt * work.counted
        return Sums(
            passages=work.passages,
            counted=work.counted,
            characters=work.characters,
            prompt=prompt,
            cached=self.cached * prompt,
            output=self.output * work.characters,
            seconds=self.seconds * work.passages,
            requests=max(1.0, self.requests) * work.passages,
        )


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier runs of a model took, a sum a document. `alike`: all had this schema and profile.

    `stretch`: seconds by the clock for each that their requests should have taken.
    """

    documents: tuple[Sums, ...] = ()
    runs: int = 0
    alike: bool = True
    stretch: float = 1.0


class Counter:
    """Counts what a request will say: tokens of o200k for models elsewhere, if it is installed; else characters."""

    def __init__(self, choice: Choice, schema: Schema) -> None:
        self.choice, self.schema = choice, schema
        self.unit = O200K if not choice.embedded and find_spec(TOKENIZER) else CHARACTERS
        self._count: Callable[[str], int] = _o200k() if self.unit == O200K else len
        said = [message["content"] for message in shared(schema, choice.profile)]
        if choice.profile.mode != "json_schema":  # the schema goes along as text, or as a tool
            said.append(json.dumps(lean_schema(schema, choice.profile, 10, ())))
        self._shared = sum(map(self._count, said))

    def work(self, document: Document, passage: Passage) -> Sums:
        """What is known of a request before it is made."""
        asked = messages(self.schema, self.choice.profile, document, passage)[-1]["content"]
        characters = sum(s.end - s.start for s in passage.sentences)
        return Sums(1, self._shared + self._count(asked), characters)


@cache
def _o200k() -> Callable[[str], int]:
    with warnings.catch_warnings(action="ignore"):  # of how it reads its own files
        encode = import_module(TOKENIZER).get_encoding("o200k_base").encode_ordinary
    return lambda text: len(encode(text))


def usual(choice: Choice, unit: str) -> tuple[Rates, Rates]:
    """The least and the most that is likely of a model that was never seen."""
    if choice.embedded:
        slots = choice.workers  # they share the machine
        return Rates(0.2, 0.0, 0.05, slots, 0.9), Rates(0.45, 0.8, 0.5, 15 * slots, 1.2)
    near = choice.provider == "openai" and choice.base_url is None
    least, most = (0.2, 0.45) if unit == CHARACTERS else (0.95, 1.2) if near else (0.8, 1.7)
    return Rates(least, 0.0, 0.02, 0.5, 0.9), Rates(most, 0.8, 2.0, 20.0, 1.2)  # models that think


@dataclass(frozen=True, slots=True)
class Range:
    """Nine times in ten between these."""

    least: float
    most: float

    @classmethod
    def of(cls, draws: Sequence[float]) -> Range:
        """From the 5th to the 95th percentile."""
        ranked = sorted(draws)
        return cls(ranked[round(0.05 * (len(ranked) - 1))], ranked[round(0.95 * (len(ranked) - 1))])


@dataclass(frozen=True, slots=True)
class Forecast:
    """`seconds`: by the clock; `cost`: dollars, None where nobody knows the price."""

    requests: Range
    tokens_in: Range
    tokens_out: Range
    tokens: Range
    seconds: Range
    cost: Range | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of a model before it is asked. `workers`: requests at once."""

    workers: int
    past: Past
    bounds: tuple[Rates, Rates]
    price: Price | None

    def middle(self) -> Rates:
        """What is to be expected of the next request."""
        if self.past.documents:
            return Rates.of(sum(self.past.documents, Sums()))
        least, most = (astuple(bound) for bound in self.bounds)
        return Rates(*(math.sqrt(a * b) for a, b in zip(least, most, strict=True)))

    def forecast(self, work: Sums, documents: int) -> Forecast:
        """What asking about so many documents may take."""
        draws = [rates.times(work) for rates in self._draws(documents)]
        return Forecast(
            requests=Range.of([draw.requests for draw in draws]),
            tokens_in=Range.of([draw.prompt for draw in draws]),
            tokens_out=Range.of([draw.output for draw in draws]),
            tokens=Range.of([draw.prompt + draw.output for draw in draws]),
            seconds=Range.of([self.past.stretch * clock(draw, self.workers) for draw in draws]),
            cost=Range.of([_cost(draw, self.price) for draw in draws]) if self.price else None,
        )

    def _draws(self, documents: int) -> Iterator[Rates]:
        """What the documents might take; the same each time."""
        dice = random.Random(0)  # noqa: S311 - nothing is secret here
        known = [astuple(took) for took in self.past.documents]
        spread = math.hypot(OTHERS_APART, UNSEEN / math.sqrt(max(1, len(known))))
        for _ in range(DRAWS):
            if not known:
                least, most = (astuple(bound) for bound in self.bounds)
                yield Rates(*(_between(dice, a, b) for a, b in zip(least, most, strict=True)))
            elif len(known) < FEW:
                yield _apart(self.middle(), dice, math.log(FEW_APART))
            else:
                resampled = dice.choices(known, k=len(known))
                drawn = dice.choices(resampled, k=max(1, min(documents, MOST)))
                yield _apart(Rates.of(Sums(*map(sum, zip(*drawn, strict=True)))), dice, spread)


def clock(sums: Sums, workers: int) -> float:
    """Seconds by the clock for so many requests at once: the last one is waited for in full."""
    return sums.seconds / workers * max(1.0, workers / max(sums.passages, 1.0))


def _cost(draw: Sums, price: Price) -> float:
    requests = max(draw.requests, 1.0)
    one = Usage(*(round(count / requests) for count in (draw.prompt, draw.cached, draw.output)))
    return price.of(one) * draw.requests


def _between(dice: random.Random, least: float, most: float) -> float:
    return (
        math.exp(dice.uniform(math.log(least), math.log(most))) if least else dice.uniform(0, most)
    )


def _apart(rates: Rates, dice: random.Random, spread: float) -> Rates:
    """With output and time as another collection of documents might have them; the prompts are counted."""
    return Rates(
        rates.prompt,
        rates.cached,
        rates.output * math.exp(dice.gauss(0, spread)),
        rates.seconds * math.exp(dice.gauss(0, spread)),
        rates.requests,
    )
