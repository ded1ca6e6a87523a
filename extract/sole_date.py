"""The date of a record that the model left out, where the text leaves no choice."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extract.clause import Span
from extract.dates import DateMention, find_dates, resolve
from extract.places import Place
from extract.types import Values
from schemas.describe import Kind

_BOUND = re.compile(
    r"\b(?:since|by|until|till|before|after|from|as (?:of|at)|up to|starting|later than)\s"
    r"(?:(?:the|early|mid|late|end of|start of)[\s-]){0,3}\Z",
    re.IGNORECASE,
)
_LOOKED_AT = 40  # characters before a date
_PARTS = re.compile(r";\s|,?\s(?:while|whereas)\s|,\s(?:and|but)\s")


def sole_date(kind: Kind, values: Values, anchors: Sequence[Span], place: Place) -> Values:
    """The field of the kind's `sole_date` with the only date of the sentence and its lead-in, if it may take it.

    A record that already has a date, a start or a stretch is left alone, and so is one whose only date bounds
    something ("since May", "by 1 March") or is said of another part of the sentence.
    """
    name = kind.sole_date
    if name is None or any(values.get(field) for field in (name, "since", "period")):
        return {}
    found = [
        (resolve(at, place.year, place.document.published), words, at)
        for words in (place.words, *(lead.of(place.document.text) for lead in place.leads))
        for at in find_dates(words)
    ]
    if not found or len({iso for iso, _, _ in found}) != 1:
        return {}
    iso, words, at = found[0]
    bounds = any(_BOUND.search(w[max(0, m.start - _LOOKED_AT) : m.start]) for _, w, m in found)
    if iso is None or bounds:
        return {}
    if words == place.words and anchors and all(_parted(words, at, anchor) for anchor in anchors):
        return {}
    return {name: iso}


def _parted(words: str, date: DateMention, anchor: Span) -> bool:
    between = min(date.end, anchor[1]), max(date.start, anchor[0])
    return _PARTS.search(words, *between) is not None
