"""Hold one value against the text: a number, a date or a name must stand where the record may be read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from extract.dates import DateMention, find_dates, read_date
from extract.misspelt import respelt
from extract.numbers import Number, find_numbers, read_number, same_number
from extract.places import Place
from extract.words import content_words, fold
from schemas.describe import FieldSpec
from schemas.field import Grounding


class Unfounded(Exception):  # noqa: N818
    """A value is not borne out; the message is the reason."""


def borne_out(field: FieldSpec, said: Any, place: Place) -> tuple[Any, list[tuple[Any, str]]]:
    """The value as the text has it, and the items of a list that are not borne out with the reason."""
    if not field.many:
        return _one(field, said, place), []
    kept: list[Any] = []
    missing: list[tuple[Any, str]] = []
    for item in said if isinstance(said, list) else [said]:
        try:
            value = _one(field, item, place)
        except Unfounded as fault:
            missing.append((item, str(fault)))
        else:
            if value not in kept:
                kept.append(value)
    if not kept:
        raise Unfounded(missing[0][1] if missing else "it is empty")
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
        raise Unfounded(f"{said!r} is no number")
    if field.type == "integer" and value != int(value):
        raise Unfounded(f"{said} is not whole")
    wider = list(place.leads)
    if not field.fact.main:
        wider += place.context() if place.wide else islice(place.context(), 1)
    near = (place.sentence, *wider)
    if not any(mentions(field, stretch.of(place.document.text), value) for stretch in near):
        raise Unfounded(f"the number {said} does not stand in the sentence")
    return int(value) if value == int(value) else value


def mentions(field: FieldSpec, words: str, value: int | float) -> list[Number]:
    """Where the number stands, in the field's unit or in another one."""
    return [
        number
        for number in find_numbers(words)
        if not number.percent
        and (
            same_number(number.value, value)
            or same_number(number.value * (_unit_factor(field, words, number) or 1), value)
        )
    ]


def _unit_factor(field: FieldSpec, words: str, number: Number) -> float | None:
    """What turns the number into the field's unit, by the word behind it: 800 kg are 0.8 tonnes."""
    following = words[number.end : number.end + 12].strip().lower()
    return next((f for unit, f in field.fact.units if following.startswith(unit)), None)


def _date(said: Any, place: Place) -> str:
    published = place.document.published
    for words in place.around():
        dates: Sequence[DateMention] = find_dates(words)
        if found := read_date(str(said), dates, place.year, published):
            return found
    if published and str(said) == published:
        return published
    raise Unfounded(f"no date in the text is {said}")


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
    for words in place.around() if many_may_be_far else near:
        if spelt := respelt(said, words):
            return spelt
    raise Unfounded(f"{said!r} does not stand in the text")
