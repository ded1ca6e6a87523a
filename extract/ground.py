"""Hold a draft against the text: each value must stand in the sentence that is its evidence, or in that one's context.

A record falls with its names or its main number; any other value that the text does not bear out falls alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from pydantic import ValidationError

from extract.bind import bound
from extract.borne import Unfounded, borne_out, mentions
from extract.clause import Span, carries
from extract.dates import find_dates, read_date
from extract.hedge import hedged
from extract.numbers import Number, find_numbers, read_number
from extract.places import Place, places
from extract.sole_date import sole_date
from extract.types import Document, Draft, Found, Lost, Passage, Stretch, Values
from extract.words import fold
from schemas.describe import FieldSpec, Kind
from schemas.field import Grounding


def ground(
    kind: Kind, draft: Draft, passage: Passage, document: Document, year: int | None
) -> Found | Lost:
    """The record with its evidence, or why it is lost. `year`: what a date with no year takes."""
    reasons = []
    for place in places(kind, draft, passage, document, year):
        try:
            found = _in_place(kind, draft, place, passage.number)
        except Unfounded as fault:
            reasons.append(str(fault))
            continue
        return _with_all_evidence(kind, found, passage, place) if place.wide else found
    return Lost(draft.kind, draft.values, reasons[0], passage.number)


def _with_all_evidence(kind: Kind, found: Found, passage: Passage, place: Place) -> Found:
    """The record with every sentence of the passage that it needs for one of its values."""
    evidence = set(found.evidence) & set(passage.sentences)
    for field in (f for f in kind.fields if f.name in found.values):
        holding = [
            s for s in passage.sentences if _holds(field, found.values, replace(place, sentence=s))
        ]
        if holding and not evidence.intersection(holding):
            evidence.add(holding[0])
    spans = evidence or {passage.sentences[0]}
    return replace(found, evidence=tuple(sorted(spans, key=lambda s: s.start)))


def _holds(field: FieldSpec, values: Values, place: Place) -> bool:
    said = values[field.name]
    if field.ground is Grounding.NUMBER:
        return bool(mentions(field, place.words, said))
    return any(_spans(field, item, place) for item in (said if field.many else [said]))


def _in_place(kind: Kind, draft: Draft, place: Place, passage: int) -> Found:
    values: Values = {}
    dropped: list[Lost] = []
    main_number = next(
        (f.name for f in kind.fields if _is_main_number(f) and f.name in draft.values), None
    )
    for field in kind.fields:
        if field.name not in draft.values:
            continue
        said = draft.values[field.name]
        try:
            value, missing = borne_out(field, said, place)
        except Unfounded as fault:
            if field.name == main_number and _is_one(kind, field, draft.values, place):
                values[field.name] = 1
                continue
            if field.name == main_number or (field.fact.main and field.ground is Grounding.NAME):
                raise Unfounded(f"{field.name}: {fault}") from None
            dropped.append(Lost(kind.name, {field.name: said}, str(fault), passage, field.name))
            continue
        values[field.name] = value
        dropped += [
            Lost(kind.name, {field.name: item}, why, passage, field.name) for item, why in missing
        ]
    anchors = _hold_together(kind, values, main_number, place)
    for field, said in _from_elsewhere(kind, values, anchors, place):
        why = "it is said of something else in the sentence"
        dropped.append(Lost(kind.name, {field.name: said}, why, passage, field.name))
    said, values = values, hedged(kind, values, anchors, place.words)
    dropped += [
        Lost(kind.name, {name: said[name]}, "its number is not hedged so", passage, name)
        for name in said
        if values.get(name) != said[name]
    ]
    values = _completed(kind, values | sole_date(kind, values, anchors, place))
    return Found(kind.name, values, _evidence(kind, values, place), tuple(dropped))


def _is_main_number(field: FieldSpec) -> bool:
    return field.fact.main and field.ground is Grounding.NUMBER


def _hold_together(kind: Kind, values: Values, main_number: str | None, place: Place) -> list[Span]:
    """Where the record is said; its main number must belong to its main name, where a sentence has several of each."""
    folded = fold(place.words)
    main = [f for f in kind.fields if f.fact.main and f.name in values]
    said = {f: values[f.name] for f in main if f.ground is Grounding.NAME}
    names = {
        f: [span for name in (v if f.many else [v]) for span in folded.find(name, inflected=True)]
        for f, v in said.items()
    }
    anchors: list[Span] = []
    for number in (f for f in main if f.name == main_number or f.fact.units):
        said_at = mentions(number, place.words, values[number.name])
        others = _others(kind, values, said_at, place.words)
        for field, spans in names.items():
            counted = number.fact.counts
            single = [at for at in spans if counted and _is_singular(place.words[slice(*at)])]
            if not spans or field.many or not said_at:
                continue
            said_at = bound(place.words, said_at, spans, others, single)
            if not said_at and not _is_one(kind, number, values, place):
                raise Unfounded(
                    f"{field.name}: the number {values[number.name]} belongs to something else "
                    f"than {values[field.name]!r}"
                )
        anchors += [(mention.start, mention.end) for mention in said_at]
    return anchors or [span for spans in names.values() for span in spans]


def _others(kind: Kind, values: Values, said_at: Sequence[Number], words: str) -> list[Number]:
    """The numbers of the sentence that no field of the record holds."""
    own = set(said_at)
    for field in kind.fields:
        if field.ground is Grounding.NUMBER and field.name in values:
            own.update(mentions(field, words, values[field.name]))
    return [n for n in find_numbers(words) if not n.percent and n not in own]


_AFTER_HEAD = re.compile(r"\s+(?:of|at|in|over|between|to|for|on|near|from|with|under)\s.*", re.S)
_ALSO_SINGULAR = re.compile(r"(?:works|barracks|headquarters|crossroads|premises)\W*$", re.I)


def _is_singular(name: str) -> bool:
    head = _AFTER_HEAD.sub("", name)
    return bool(_ALSO_SINGULAR.search(head)) or not re.search(r"(?<![su])s\W*$", head, re.I)


def _is_one(kind: Kind, field: FieldSpec, values: Values, place: Place) -> bool:
    """Whether the record names one thing, in the singular and with no number to it: "the bridge at Mornei"."""
    if not field.fact.counts or read_number(values[field.name]) != 1:
        return False
    words = place.words
    counted = [n for n in find_numbers(words) if not n.article]
    starts, ends = [n.start for n in counted], [n.end for n in counted]
    for name in (f for f in kind.fields if f.fact.main and f.ground is Grounding.NAME):
        said = str(values.get(name.name, ""))
        for start, end in fold(words).find(said) if _is_singular(said) else []:
            before, after = bisect_right(ends, start), bisect_left(starts, end)
            led = before > 0 and not words[ends[before - 1] : start].strip()
            followed = after < len(starts) and not words[end : starts[after]].strip(" -–:|")
            if not led and not followed:
                return True
    return False


def _from_elsewhere(
    kind: Kind, values: Values, anchors: Sequence[Span], place: Place
) -> list[tuple[FieldSpec, Any]]:
    """Takes out the side values that the sentence says of something else, and gives them."""
    gone = []
    for field in [f for f in kind.fields if f.name in values and not f.fact.main]:
        for said in values[field.name] if field.many else [values[field.name]]:
            spans = _spans(field, said, place)
            if carries(place.words, anchors, spans, field.ground is Grounding.DATE):
                continue
            gone.append((field, said))
            rest = [item for item in values[field.name] if item != said] if field.many else []
            values.pop(field.name)
            if rest:
                values[field.name] = rest
    return gone


def _spans(field: FieldSpec, said: Any, place: Place) -> list[Span]:
    if field.ground is Grounding.NAME:
        return fold(place.words).find(said)
    if field.ground is not Grounding.DATE:
        return []
    published = place.document.published
    return [
        (at.start, at.end)
        for at in find_dates(place.words)
        if read_date(said, [at], place.year, published) == said
    ]


def _completed(kind: Kind, values: Values) -> Values:
    """What follows from the values by the schema's own rules, and whether they make a record by them."""
    complete = getattr(kind.model, "complete", None)
    values = complete(values) if complete else values
    evidence = (
        {"evidence": [{"start": 0, "end": 1}]} if "evidence" in kind.model.model_fields else {}
    )
    try:
        kind.model.model_validate(values | evidence)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Unfounded(f"{where}: {first['msg']}" if where else first["msg"]) from None
    return values


def _evidence(kind: Kind, values: Values, place: Place) -> tuple[Stretch, ...]:
    """The sentence, its lead-ins, and the sentence of the context that a number of the record was taken from."""
    own = (place.sentence, *place.leads)
    spans = set(own)
    for field in (f for f in kind.fields if f.ground is Grounding.NUMBER and f.name in values):
        if not _stands_in(field, values, own, place):
            nearest = islice(place.context(), 1)
            spans.update(s for s in nearest if _stands_in(field, values, (s,), place))
    return tuple(sorted(spans, key=lambda s: s.start))


def _stands_in(
    field: FieldSpec, values: Values, stretches: Sequence[Stretch], place: Place
) -> bool:
    words = (stretch.of(place.document.text) for stretch in stretches)
    return any(mentions(field, said, values[field.name]) for said in words)
