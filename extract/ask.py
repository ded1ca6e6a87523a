"""The one seam to a model: a passage goes out, an answer comes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from extract import wire
from extract.numbers import find_numbers
from extract.pace import Limits
from extract.profile import Profile
from extract.prompt import messages
from extract.types import Answer, Document, Passage
from schemas.describe import Schema

NO_KEY = "none"  # what servers on one's own machine are sent; openai insists on a key
Sender = Callable[[dict[str, Any]], dict[str, Any]]
"""From the body of a request to the body of its answer. Raises AskError."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. `provider`: one of instructor's, where it is no OpenAI-compatible `base_url`.

    `timeout`: seconds of one request in all. `retries`: of one request, where the endpoint fails.
    `sender`: has the answers, in place of the address.
    """

    model: str
    provider: str = "openai"
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 600.0
    retries: int = 8
    limits: Limits = field(default_factory=Limits)
    sender: Sender | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """What messages call it."""
        return self.base_url or self.provider


class Asker:
    """Asks one model, by one schema, about passages."""

    def __init__(self, endpoint: Endpoint, schema: Schema, profile: Profile) -> None:
        """Raises NothingToDoError without a key, UsageError where there is no such model."""
        from extract.chat import Chat  # takes most of a second, and most commands ask nobody

        self._endpoint, self._schema, self._profile = endpoint, schema, profile
        self._chat = Chat(endpoint, profile)

    def key(self, document: Document, passage: Passage) -> str:
        """Of the canonical request: the same key, the same question to the same model."""
        body = self._request(document, passage)
        body["schema"] = self._answer_model(passage, document).model_json_schema()
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24]

    async def ask(self, document: Document, passage: Passage) -> Answer:
        """What the model says of the passage. Raises AskError; NothingToDoError where no passage can fare better."""
        model, request = self._answer_model(passage, document), self._request(document, passage)
        said, spent = await self._chat.create(model, request)
        return spent.answer(wire.drafts(self._schema, said))

    async def close(self) -> None:
        """Close the connections."""
        await self._chat.close()

    def _answer_model(self, passage: Passage, document: Document) -> type[wire.Wire]:
        numbers: tuple[int | float, ...] = ()
        if self._profile.legal_numbers:
            stretches = [*passage.sentences, *([passage.lead] if passage.lead else [])]
            words = (s.of(document.text) for s in stretches)
            numbers = tuple(dict.fromkeys(n.value for w in words for n in find_numbers(w)))
        return wire.answer_model(self._schema, self._profile, len(passage.sentences), numbers)

    def _request(self, document: Document, passage: Passage) -> dict[str, Any]:
        request: dict[str, Any] = {
            "messages": messages(self._schema, self._profile, document, passage),
            "model": self._endpoint.model,
        }
        hosted = self._endpoint.base_url is None and self._endpoint.provider == "openai"
        request["max_completion_tokens" if hosted else "max_tokens"] = self._profile.output
        if self._profile.temperature is not None:
            request["temperature"] = self._profile.temperature
        return request
