"""Hold gold to the contract: form, hash, offsets, enums, numbers in the evidence, declared sums, duplicates.

An error breaks the contract. A doubt may be what the text says: it is shown, and gold stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from evals.evidence import ANY_LENGTH, Reading, spans_of, unborne
from evals.gold import Gold
from evals.similar import Row, rows_of
from extract.output import Line
from schemas.claim import Heading
from schemas.describe import OWN, Kind, Schema
from schemas.field import Grounding


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `aid_deliveries[3]` is the fourth in its list. `doubt`: it may be meant."""

    document: str
    where: str
    says: str
    doubt: bool = False


def check(schema: Schema, gold: Gold) -> list[Fault]:
    """All that is wrong with gold, in the order of the documents."""
    faults: list[Fault] = []
    for name in sorted(gold.documents):
        line = gold.documents[name]
        faults += [
            Fault(name, where, says, doubt)
            for where, says, doubt in _in_document(schema, line, gold.texts.get(name))
        ]
    return faults


_Said = tuple[str, str, bool]


def _in_document(schema: Schema, line: Line, text: str | None) -> Iterator[_Said]:
    heading = line["document"]
    try:
        Heading.model_validate(heading)
    except ValidationError as fault:
        yield from (("document", said, False) for said in _said(fault))
    known = {kind.name for kind in schema.kinds} | OWN
    yield from ((key, "the schema has no such kind", False) for key in line if key not in known)
    if text is None:
        yield "document", f"its text is missing: there is no {heading['id']}.txt", False
    elif hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != heading.get("sha256"):
        yield "document", "sha256 is not that of the text", False
    reading = None
    if text is not None:
        reading = Reading(text, heading.get("published"), heading.get("title"))
    for kind in schema.kinds:
        if not isinstance(line.get(kind.name), list):
            yield kind.name, "a list with nothing to say is empty, never missing", False
        records = line.get(kind.name) or []
        for at, record in enumerate(records):
            where = f"{kind.name}[{at}]"
            yield from ((where, says, doubt) for says, doubt in _in_record(kind, record, reading))
        yield from _duplicates(kind, records)


def _in_record(
    kind: Kind, record: Mapping[str, Any], reading: Reading | None
) -> Iterator[tuple[str, bool]]:
    evident = "evidence" in kind.model.model_fields
    values = {k: v for k, v in record.items() if k != "evidence" or evident}
    try:
        made = kind.model.model_validate(values)
    except ValidationError as fault:
        yield from ((said, False) for said in _said(fault))
    else:
        doubts = getattr(made, "doubts", None)
        yield from ((said, True) for said in (doubts() if doubts else ()))
    if reading is None:
        return
    if spans_of(record, len(reading.text)) is None:
        yield (
            f"its evidence is missing or points outside of the {len(reading.text)} characters",
            False,
        )
        return
    for field, value in unborne(kind, record, reading):
        if (
            field.ground is Grounding.DATE
        ):  # "on Sunday" and "this month" are beyond the reader of dates
            yield f"{field.name} {value!r} is not written out in the text", True
        else:
            where = "evidence" if field.ground is Grounding.NUMBER else "text"
            yield f"{field.name} {value!r} does not stand in the {where}", False


def _duplicates(kind: Kind, records: list[Mapping[str, Any]]) -> Iterator[_Said]:
    first: dict[Row, int] = {}
    for at, row in enumerate(rows_of(kind, records)):
        earlier = first.setdefault(row, at)
        if earlier != at:
            says = f"says the same as {kind.name}[{earlier}]: a repeated claim is one record"
            yield f"{kind.name}[{at}]", says, not _overlap(records[earlier], records[at])


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(
        a < d and c < b
        for a, b in spans_of(one, ANY_LENGTH) or []
        for c, d in spans_of(other, ANY_LENGTH) or []
    )


def _said(fault: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, error['loc']))}: {error['msg']}".removeprefix(": ")
        for error in fault.errors(include_url=False, include_input=False)
    ]
