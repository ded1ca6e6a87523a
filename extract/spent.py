"""What one question took: requests, tokens, seconds."""

from __future__ import annotations

import time
from typing import Any

from extract.types import Answer, Draft, Usage


class Spent:
    """Counts the requests and tokens of one question."""

    def __init__(self, model: str) -> None:
        self._began, self._model = time.monotonic(), model
        self._requests, self._retries, self._usage = 0, 0, Usage()
        self._answered_by: str | None = None

    def answer(self, drafts: tuple[Draft, ...] = ()) -> Answer:
        took = time.monotonic() - self._began
        counts = self._requests, self._retries
        return Answer(drafts, self._usage, took, *counts, self._answered_by)

    def asked(self, *_: Any, **__: Any) -> None:
        self._requests += 1

    def again(self) -> None:
        self._retries += 1

    def responded(self, response: Any) -> None:
        self._usage += usage_of(response)  # at once: instructor writes the sum of all into the last
        said = str(getattr(response, "model", None) or self._model)
        known = self._model in said or said in self._model  # dated and shortened names are its own
        self._answered_by = self._answered_by if known else said[:100]


def usage_of(response: Any) -> Usage:
    """The tokens of one response."""
    usage = getattr(response, "usage", None)
    if usage is None:
        return Usage()
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(  # Anthropic's names for the tokens come second
        prompt=getattr(usage, "prompt_tokens", 0) or getattr(usage, "input_tokens", 0) or 0,
        cached=getattr(details, "cached_tokens", 0) or 0,
        output=getattr(usage, "completion_tokens", 0) or getattr(usage, "output_tokens", 0) or 0,
    )
