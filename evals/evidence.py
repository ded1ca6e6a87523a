"""Whether the values of a record stand where its evidence points: numbers in it, names and dates in it or its context.

The rule is the contract's, and holds gold and predictions alike: a number stands in the evidence, in the field's unit
or another; a singular noun is one; what the schema completes follows from what stands there. Names and dates may be
carried from elsewhere in the text. Enums and free words are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from evals.compare_values import is_empty
from extract.borne import mentions
from extract.dates import DateMention, find_dates, read_date, year_of
from extract.numbers import same_number
from extract.words import Folded, content_words, fold
from schemas.describe import FieldSpec, Kind
from schemas.field import Grounding

ANY_LENGTH = 1 << 62  # of a text that is not at hand
_AFTER_HEAD = re.compile(r"\s(?:of|at|in|on|for|near|between)\s.*", re.DOTALL)
_PLURAL = re.compile(r"(?<![su])(?<!\bwork)(?<!\bbarrack)(?<!\bheadquarter)s\W*$", re.IGNORECASE)
_CHECKED = (Grounding.NUMBER, Grounding.DATE, Grounding.NAME)
Values = Mapping[str, Any]
Spans = Sequence[tuple[int, int]]


@dataclass
class Reading:
    """A text, and what was found in it so far: many records point at the same sentences."""

    text: str
    published: str | None = None
    title: str | None = None
    _numbers: dict[tuple[str, int, int, Any], bool] = field(default_factory=dict)
    _dates: dict[str, bool] = field(default_factory=dict)
    _names: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def folded(self) -> Folded:
        return fold(self.text)

    @cached_property
    def dates(self) -> list[DateMention]:
        return [*find_dates(self.text), *find_dates(self.title or "")]

    @cached_property
    def year(self) -> int | None:
        return year_of(self.text, self.published)

    def has_number(self, of: FieldSpec, value: float, span: tuple[int, int]) -> bool:
        """Whether the number stands in the span."""
        key = (of.name, *span, value)
        if key not in self._numbers:
            self._numbers[key] = bool(mentions(of, self.text[slice(*span)], value))
        return self._numbers[key]

    def has_name(self, name: str) -> bool:
        """Whether the name stands anywhere."""
        if name not in self._names:
            self._names[name] = bool(self.folded.find(name, inflected=True))
        return self._names[name]

    def has_date(self, date: str) -> bool:
        """Whether a date anywhere resolves to it, or the document is of that day."""
        if date not in self._dates:
            read = read_date(date, self.dates, self.year, self.published)
            self._dates[date] = date == self.published or bool(read)
        return self._dates[date]


def spans_of(record: Values, length: int) -> list[tuple[int, int]] | None:
    """The evidence; None where there is none or it points outside of a text of that length."""
    said = record.get("evidence")
    if not isinstance(said, list) or not said:
        return None
    spans = []
    for span in said:
        start, end = (span.get("start"), span.get("end")) if isinstance(span, dict) else (0, 0)
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length):
            return None
        spans.append((start, end))
    return spans


def checked_values(kind: Kind, record: Values) -> list[tuple[FieldSpec, Any]]:
    """The values that the text has to bear out; the items of a list one by one."""
    held = []
    for of in kind.fields:
        value = record.get(of.name)
        if of.ground in _CHECKED and not is_empty(value):
            held += [(of, v) for v in (value if isinstance(value, list) else [value])]
    return held


def unborne(kind: Kind, record: Values, reading: Reading) -> list[tuple[FieldSpec, Any]]:
    """The values that the text does not bear out; all of them where the evidence points nowhere."""
    values = checked_values(kind, record)
    spans = spans_of(record, len(reading.text))
    if spans is None:
        return values
    borne = [
        (of, value) for of, value in values if _stands(kind, record, of, value, (reading, spans))
    ]
    missing = [pair for pair in values if pair not in borne]
    if not missing:
        return []
    follows = _completed(kind, record, {of.name for of, _ in missing})
    return [(of, value) for of, value in missing if not _same(follows.get(of.name), value)]


def _stands(
    kind: Kind, record: Values, of: FieldSpec, value: Any, where: tuple[Reading, Spans]
) -> bool:
    reading, spans = where
    if of.ground is Grounding.NAME:
        return isinstance(value, str) and _has_name(value, reading, spans)
    if of.ground is Grounding.DATE:
        return reading.has_date(str(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if any(reading.has_number(of, value, span) for span in spans):
        return True
    return value == 1 and of.type == "integer" and _is_single(kind, record)


def _has_name(name: str, reading: Reading, spans: Spans) -> bool:
    if reading.has_name(name):
        return True
    words = set(content_words(name))
    return bool(words) and any(
        words <= set(content_words(reading.text[start:end])) for start, end in spans
    )


def _is_single(kind: Kind, record: Values) -> bool:
    """Whether what the record names stands in the singular."""
    names = [f for f in kind.fields if f.fact.main and f.ground is Grounding.NAME and not f.many]
    heads = (_AFTER_HEAD.sub("", str(record.get(f.name))) for f in names)
    return any(not _PLURAL.search(head) for head in heads)


def _completed(kind: Kind, record: Values, missing: set[str]) -> Values:
    """What follows by the schema from the values that the text bears out."""
    complete = getattr(kind.model, "complete", None)
    if complete is None:
        return {}
    known = {f.name for f in kind.fields} - missing
    values = {name: record[name] for name in known if not is_empty(record.get(name))}
    try:
        made: Values = complete(values)
    except (TypeError, ValueError, ArithmeticError):
        return {}  # a prediction's values may be of any type
    return made


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return same_number(a, b) or abs(a - b) <= 1e-6 * abs(b)
    return a is not None and a == b
