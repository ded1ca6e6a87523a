"""An extraction as the contract writes it: one line of JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from extract.types import Document, Extraction, Found, Lost, Stretch
from schemas.describe import Kind, Schema

Line = dict[str, Any]


def line_of(schema: Schema, extraction: Extraction) -> Line:
    """The document, a list for each kind, and where there are any its warnings and the passages that failed."""
    document = extraction.document
    line: Line = {
        "document": {
            "id": document.id,
            "sha256": document.sha256,
            "title": document.title,
            "published": document.published,
            "publisher": document.publisher,
        }
    }
    for kind in schema.kinds:
        mine = (record for record in extraction.records if record.kind == kind.name)
        line[kind.name] = [_record(kind, record, document) for record in mine]
    if extraction.doubts:
        line["warnings"] = [asdict(doubt) for doubt in extraction.doubts]
    if extraction.gaps:
        line["incomplete"] = [asdict(gap) for gap in extraction.gaps]
    return line


def lost_line(document: Document, lost: Lost) -> Line:
    """One line of `lost.jsonl`."""
    return {"document": document.id, **asdict(lost)}


def _record(kind: Kind, record: Found, document: Document) -> Line:
    evidence = [_span(stretch, document) for stretch in record.evidence]
    empty: Line = {field.name: [] if field.many else None for field in kind.fields}
    return {"evidence": evidence} | empty | record.values


def _span(stretch: Stretch, document: Document) -> Line:
    page = document.page_at(stretch.start)
    span = {"start": stretch.start, "end": stretch.end}
    return span if page is None else span | {"page": page}
