"""Small builders that tests share: a text, what a model said of it, and what became of that."""

from __future__ import annotations

from typing import Any

from extract.dates import year_of
from extract.ground import ground
from extract.split import split
from extract.types import Document, Draft, Found, Lost, Passage, Stretch
from schemas.load import load

CRISIS = load("crisis")
SIZE = 1500
_NEEDED: dict[str, dict[str, Any]] = {
    "facilities": {"facility_type": "school", "status": "restored"},
    "aid_deliveries": {"category": "food", "status": "delivered"},
    "crossings": {"population": "refugees", "status": "completed"},
    "diplomatic_events": {"event_type": "meeting", "status": "held"},
}
"""What a record of each kind must have and no text can refute."""


def document(text: str, **known: Any) -> Document:
    """A document with that text."""
    return Document("test", text, **known)


def passages(text: str, size: int = SIZE, **known: Any) -> list[Passage]:
    """The passages of a text."""
    return split(document(text, **known), size)


def said(
    kind: str, text: str, *, at: int | None = None, quote: str | None = None, **values: Any
) -> Found | Lost:
    """What becomes of a record that a model read in the text, an article of 2021, in its last passage."""
    article = document(text, published="2021-05-30")
    passage = split(article, SIZE)[-1]
    draft = Draft(kind, _NEEDED[kind] | values, at, quote)
    year = year_of(text, article.published)
    return ground(CRISIS.kind(kind), draft, passage, article, year)


def found(kind: str, text: str, **values: Any) -> Found:
    """The record, which must be found."""
    record = said(kind, text, **values)
    assert isinstance(record, Found), record
    return record


def evidence(record: Found, text: str) -> list[str]:
    """The words of the record's evidence."""
    return [stretch.of(text) for stretch in record.evidence]


def record(kind: str, *spans: tuple[int, int], **values: Any) -> Found:
    """A record as grounding gives it, at those offsets."""
    at = tuple(Stretch(*span) for span in spans or ((0, 10),))
    return Found(kind, _NEEDED[kind] | values, at)
