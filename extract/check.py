"""Doubts about a document's records: they warn, and never repair."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from extract.addressed import addresses_reader, hidden, hides
from extract.types import Document, Doubt, Found
from schemas.describe import Kind, Schema
from schemas.field import Grounding

_PAGES = 20  # that are named
_DONE = frozenset({"restored", "delivered", "completed", "held", "destroyed", "damaged"})
_TOTAL = re.compile(
    r"\b(?:total|includ\w+|of (?:them|whom|these|which)|altogether|overall)\b", re.I
)


def check(schema: Schema, records: Sequence[Found], document: Document) -> list[Doubt]:
    """What a reviewer should look at."""
    said = [*_pages_without_text(document), *_hidden(document)]
    doubts = [Doubt("document", None, says) for says in said]
    for kind in schema.kinds:
        mine = [record for record in records if record.kind == kind.name]
        for number, record in enumerate(mine):
            says = [*_own_doubts(kind, record), *_too_late(record, document.published)]
            says += _parts_over(kind, record, mine, document)
            says += _addressed(record, document)
            doubts += [Doubt(kind.name, number, doubt) for doubt in says]
    return doubts


def _pages_without_text(document: Document) -> list[str]:
    """A page that was scanned has no text, like one that is blank: neither can yield a record."""
    ends = (*document.pages[1:], len(document.text))
    spans = enumerate(zip(document.pages, ends, strict=bool(document.pages)), 1)
    empty = [str(page) for page, (start, end) in spans if not document.text[start:end].strip()]
    few = ", ".join(empty[:_PAGES]) + (f" and {len(empty) - _PAGES} more" if empty[_PAGES:] else "")
    return [f"no text on page {few}: blank, or scanned and not read"] if empty else []


def _hidden(document: Document) -> list[str]:
    if not hides(document.text):
        return []
    count = f"{hidden(document.text):,} hidden characters (zero-width, controls of direction, tags)"
    return [f"{count} were left out of what the model read"]


def _own_doubts(kind: Kind, record: Found) -> list[str]:
    if not hasattr(kind.model, "doubts"):
        return []
    values: dict[str, Any] = dict(record.values)
    if "evidence" in kind.model.model_fields:
        values["evidence"] = [{"start": s.start, "end": s.end} for s in record.evidence]
    return list(kind.model.model_validate(values).doubts())


def _too_late(record: Found, published: str | None) -> list[str]:
    """A thing done cannot be dated after the document."""
    date, status = record.values.get("date"), record.values.get("status")
    if not published or not isinstance(date, str) or status not in _DONE:
        return []
    if date[: len(published)] <= published[: len(date)]:
        return []
    return [f"{status} on {date}, after the document's own date {published}"]


def _addressed(record: Found, document: Document) -> list[str]:
    """Words that are meant for the program that reads them are no report."""
    if all(addresses_reader(span.of(document.text)) for span in record.evidence):
        return [
            "its words address the program that reads them, not people: see whether they report anything"
        ]
    return []


def _parts_over(
    kind: Kind, total: Found, records: Sequence[Found], document: Document
) -> list[str]:
    """Parts of a total, by the text's own word, that add up to more than it."""
    if not any(_TOTAL.search(span.of(document.text)) for span in total.evidence):
        return []
    names = [f.name for f in kind.fields if f.fact.main and f.ground is Grounding.NAME]
    for field in (f for f in kind.fields if f.fact.main and f.ground is Grounding.NUMBER):
        whole = total.values.get(field.name)
        if whole is None:
            continue
        parts = [
            record.values[field.name]
            for record in records
            if set(record.evidence) == set(total.evidence)
            and record.values.get(field.name, whole) < whole
            and all(record.values.get(n) == total.values.get(n) for n in names)
        ]
        if len(parts) > 1 and sum(parts) > whole:
            return [f"parts of {field.name} add up to {sum(parts):,}, the total is {whole:,}"]
    return []
