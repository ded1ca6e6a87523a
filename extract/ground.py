"""Hold a draft against the text: each value must stand in the sentence that is its evidence, or in that one's context.

A record falls with its names or its main number; any other value that the text does not bear out falls alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from extract.bind import bound
from extract.dates import DateMention, find_dates, read_date
from extract.numbers import Number, find_numbers, read_number, same_number
from extract.types import Document, Draft, Found, Lost, Passage, Stretch, Values
from extract.words import content_words, fold
from schemas.describe import FieldSpec, Kind
from schemas.field import Grounding


_AFTER_HEAD = re.compile(r"\s(?:of|in|at|on|over|between|for|with|near|from|to|No)\b")


class _Unfounded(Exception):
    """A value is not borne out; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one record may be read: the sentence that is its evidence, and what gives it context, nearest first."""

    document: Document
    sentence: Stretch
    leads: tuple[Stretch, ...]
    context: tuple[Stretch, ...]
    year: int | None

    @property
    def words(self) -> str:
        return self.sentence.of(self.document.text)

    def around(self) -> Iterator[str]:
        """The words of the sentence, of its lead-in and of its context."""
        for stretch in (self.sentence, *self.leads, *self.context):
            yield stretch.of(self.document.text)
        if self.document.title:
            yield self.document.title


def ground(
    kind: Kind, draft: Draft, passage: Passage, document: Document, year: int | None
) -> Found | Lost:
    """The record with its evidence, or why it is lost. `year`: what a date with no year takes."""
    reason = "no sentence bears it out"
    for number, place in enumerate(_places(draft, passage, document, year)):
        try:
            return _in_place(kind, draft, place, passage.number)
        except _Unfounded as fault:
            if number == 0:
                reason = str(fault)
    return Lost(draft.kind, draft.values, reason, passage.number)


def _places(
    draft: Draft, passage: Passage, document: Document, year: int | None
) -> Iterator[Place]:
    """The sentence that the model points at, then the others of the passage."""
    order = list(range(len(passage.sentences)))
    first = _pointed(draft, passage, document)
    if first is not None:
        order.remove(first)
        order.insert(0, first)
    for at in order:
        sentence = passage.sentences[at]
        before = passage.sentences[:at][::-1]
        inner = next((s for s in before if s.of(document.text).endswith(":")), None)
        lead = inner or passage.lead
        rest = [s for s in (*before, *passage.sentences[at + 1 :]) if s != lead]
        outside = [passage.before] if passage.before else []
        yield Place(
            document=document,
            sentence=sentence,
            leads=(lead,) if lead else (),
            context=(*rest, *outside, *reversed(passage.headings)),
            year=year,
        )


def _pointed(draft: Draft, passage: Passage, document: Document) -> int | None:
    if draft.quote:
        for at, sentence in enumerate(passage.sentences):
            if fold(sentence.of(document.text)).find(draft.quote):
                return at
    if draft.sentence and 1 <= draft.sentence <= len(passage.sentences):
        return draft.sentence - 1
    return None


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
            if (
                read_number(said) == 1
                and field.type == "integer"
                and _is_one_of_a_kind(kind, draft, place)
            ):
                values[field.name] = 1
                main_number = None if main_number == field.name else main_number
                continue
            value, missing = _borne_out(field, said, place)
        except _Unfounded as fault:
            if field.name == main_number or (field.fact.main and field.ground is Grounding.NAME):
                raise _Unfounded(f"{field.name}: {fault}") from None
            dropped.append(Lost(kind.name, {field.name: said}, str(fault), passage, field.name))
            continue
        values[field.name] = value
        dropped += [
            Lost(kind.name, {field.name: item}, why, passage, field.name) for item, why in missing
        ]
    _hold_together(kind, values, main_number, place)
    values = _completed(kind, values)
    return Found(kind.name, values, _evidence(kind, values, place), tuple(dropped))


def _is_main_number(field: FieldSpec) -> bool:
    return field.fact.main and field.ground is Grounding.NUMBER


def _borne_out(field: FieldSpec, said: Any, place: Place) -> tuple[Any, list[tuple[Any, str]]]:
    """The value as the text has it, and the items of a list that are not borne out with the reason."""
    if not field.many:
        return _one(field, said, place), []
    kept: list[Any] = []
    missing: list[tuple[Any, str]] = []
    for item in said if isinstance(said, list) else [said]:
        try:
            value = _one(field, item, place)
        except _Unfounded as fault:
            missing.append((item, str(fault)))
        else:
            if value not in kept:
                kept.append(value)
    if not kept:
        raise _Unfounded(missing[0][1] if missing else "it is empty")
    return kept, missing


def _one(field: FieldSpec, said: Any, place: Place) -> Any:
    match field.ground:
        case Grounding.NUMBER:
            return _number(field, said, place)
        case Grounding.DATE:
            return _date(said, place)
        case Grounding.NAME:
            return _name(field, str(said), place)
        case _:
            return said


def _number(field: FieldSpec, said: Any, place: Place) -> int | float:
    value = read_number(said)
    if value is None:
        raise _Unfounded(f"{said!r} is no number")
    if field.type == "integer" and value != int(value):
        raise _Unfounded(f"{said} is not whole")
    nearest = place.words
    wider = [stretch.of(place.document.text) for stretch in place.leads]
    if not field.fact.main:
        wider += [s.of(place.document.text) for s in place.context[:1]]
    for words in (nearest, *wider):
        for number in find_numbers(words):
            if not number.percent and same_number(number.value, value):
                return int(value) if value == int(value) else value
            if factor := _unit_factor(field, words, number):
                if same_number(number.value * factor, value):
                    return value
    raise _Unfounded(f"the number {said} does not stand in the sentence")


def _is_one_of_a_kind(kind: Kind, draft: Draft, place: Place) -> bool:
    """Whether "the bridge at Snihurivka" says that it is one: its name stands there in the singular."""
    for field in kind.fields:
        if field.fact.main and field.ground is Grounding.NAME and not field.many:
            name = str(draft.values.get(field.name, ""))
            head = _AFTER_HEAD.split(name)[0].rstrip()
            singular = bool(head) and not re.search(r"(?<!s)s\W*$", head, re.I)
            return singular and bool(fold(place.words).find(name))
    return False


def _unit_factor(field: FieldSpec, words: str, number: Number) -> float | None:
    """What turns the number into the field's unit, by the word behind it: 800 kg are 0.8 tonnes."""
    following = words[number.end : number.end + 12].strip().lower()
    return next((f for unit, f in field.fact.units if following.startswith(unit)), None)


def _date(said: Any, place: Place) -> str:
    published = place.document.published
    for words in place.around():
        mentions: Sequence[DateMention] = find_dates(words)
        if found := read_date(str(said), mentions, place.year, published):
            return found
    if published and str(said) == published:
        return published
    raise _Unfounded(f"no date in the text is {said}")


def _name(field: FieldSpec, said: str, place: Place) -> str:
    """The name as the text writes it; a main one must stand in the sentence or its lead-in, another in the context."""
    near = [place.words, *(s.of(place.document.text) for s in place.leads)]
    many_may_be_far = field.many or not field.fact.main
    for words in place.around() if many_may_be_far else near:
        if spans := fold(words).find(said):
            start, end = spans[0]
            return words[start:end]
    for words in place.around() if many_may_be_far else near:
        if fold(words).find(said, inflected=True):
            return said
    if not field.many and len(content_words(said)) > 1:
        theirs = set(content_words(place.words))
        if set(content_words(said)) <= theirs:
            return said
    raise _Unfounded(f"{said!r} does not stand in the text")


def _hold_together(kind: Kind, values: Values, main_number: str | None, place: Place) -> None:
    """The main number must belong to the main name, where a sentence has several of each."""
    if main_number is None or main_number not in values:
        return
    own = [v for k, v in values.items() if isinstance(v, int | float) and k != main_number]
    for field in kind.fields:
        if field.fact.main and field.ground is Grounding.NAME and not field.many:
            name = values.get(field.name)
            spans = fold(place.words).find(name, inflected=True) if name else []
            if spans and not bound(place.words, values[main_number], spans, own):
                raise _Unfounded(
                    f"{field.name}: the number {values[main_number]} belongs to something else "
                    f"than {name!r}"
                )


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
        raise _Unfounded(f"{where}: {first['msg']}" if where else first["msg"]) from None
    return values


def _evidence(kind: Kind, values: Values, place: Place) -> tuple[Stretch, ...]:
    return tuple(sorted({*place.leads, place.sentence}, key=lambda s: s.start))
