"""Dates that are told from the day of publication: "yesterday", "on Tuesday", "last March", "the end of the month"."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extract.month_names import MONTH, MONTHS

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)})"
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NOT_POSSESSIVE = r"(?![\w'’])"


@dataclass(frozen=True, slots=True)
class Relative:
    """So many `days` from the publication, or what is nearest to that day.

    `months`: the month so many from it. `weekday` (from 0) and `month` (from 1): the next one where `ahead`, the
    last one where not, and where that is None either of them.
    """

    days: int = 0
    months: int | None = None
    weekday: int | None = None
    month: int | None = None
    ahead: bool | None = False

    def readings(self, published: str) -> list[str]:
        """The ISO dates that it may stand for; none where the day of publication is not known well enough."""
        try:
            if self.months is not None or self.month is not None:
                return self._months(*map(int, published.split("-")[:2]))
            return [day.isoformat() for day in self._days(datetime.date.fromisoformat(published))]
        except (ValueError, OverflowError, TypeError):
            return []

    def _months(self, year: int, month: int) -> list[str]:
        if self.months is not None:
            at = year * 12 + month - 1 + self.months
            return [f"{at // 12:04}-{at % 12 + 1:02}"]
        assert self.month is not None
        near = year + (self.month <= month) if self.ahead else year - (self.month >= month)
        return [f"{near:04}-{self.month:02}"]

    def _days(self, published: datetime.date) -> list[datetime.date]:
        start = published + datetime.timedelta(days=self.days)
        if self.weekday is None:
            return [start]
        last = start - datetime.timedelta(days=(start.weekday() - self.weekday) % 7)
        following = start + datetime.timedelta(days=(self.weekday - start.weekday()) % 7)
        if self.ahead is None:
            return list(dict.fromkeys([last, following]))
        return [following if self.ahead else last]


_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}


def _day(found: re.Match[str]) -> Relative:
    words = found[0].casefold().split()
    if words[0] == "day":
        return Relative(days=-2 if words[-1] == "yesterday" else 2)
    return Relative(days=0 if words[0] == "this" else _DAYS.get(words[0], -1))


def _ago(found: re.Match[str]) -> Relative:
    return Relative(days=-1 - _COUNTS.index(found["n"].casefold()))


def _this_month(found: re.Match[str]) -> Relative:
    which = found["which"].casefold()
    return Relative(months={"last": -1, "next": 1}.get(which, 0))


def _near_month(found: re.Match[str]) -> Relative:
    month = MONTHS[found["m"].rstrip(".").casefold()]
    return Relative(month=month, ahead=found["which"].casefold() == "next")


# What stands before a weekday: part of a name or a habit; a date of its own; a plan; who says so.
_NO_DAY = re.compile(
    r"(?:\d|\b(?:every|each|all|good|black|palm|easter|holy|bloody|ash|whit|shrove"
    rf"|{_WEEKDAY}(?:\s?[-–—/,]|\s(?:to|through|and|or))|{MONTH}))\s?[,(]?\s?\Z",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:will|shall|would|due|scheduled|planned|expected|set|plans?|to be|(?:is|are|was|were|has|have|had) to)\b"
    r"[^.;:\n]*\Z",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"\b(?:said|says|told|announced|reported|stated|added|warned)\s(?:[\w-]+\s){0,3}(?:on\s)?\Z",
    re.IGNORECASE,
)
_REACH, _NEAR = 120, 20  # characters before a weekday that are looked through


def _weekday(found: re.Match[str]) -> Relative | None:
    before = found.string[max(0, found.start() - _REACH) : found.start()]
    if _NO_DAY.search(before[-_NEAR:]):
        return None
    weekday = _WEEKDAYS.index(found["day"].casefold())
    which = (found["which"] or "").casefold()
    if which in ("last", "next"):
        ahead = which == "next"
        return Relative(days=1 if ahead else -1, weekday=weekday, ahead=ahead)
    planned = which == "this" or (_PLANNED.search(before) and not _SAYS_SO.search(before))
    return Relative(weekday=weekday, ahead=None if planned else False)


Build = Callable[[re.Match[str]], Relative | None]
_OWN_DATE = (
    r"(?!\s?[,(]?\s?(?:the\s)?(?:\d\d?(?:st|nd|rd|th)?(?:\s?(?:[-–—/]|to|and)\s?\d\d?(?:st|nd|rd|th)?)?"
    rf"\s(?:of\s)?{MONTH}|{MONTH}|\d\d?[./]\d|\d{{4}}-\d))"
)
_OTHER_DAY = rf"(?!\s?(?:[-–—/,]|to\b|through\b|and\b|or\b)\s?{_WEEKDAY})"
_WHICH = ("last", "this", "next")
FORMS: list[tuple[Sequence[str], str, Build]] = [
    (tuple(_DAYS), r"\w+\b", _day),
    (("last",), r"last night\b", _day),
    (("this",), r"this (?:morning|afternoon|evening)\b", _day),
    (("day",), r"day (?:before yesterday|after tomorrow)\b", _day),
    (_COUNTS, rf"(?P<n>{'|'.join(_COUNTS)}) days? ago\b", _ago),
    (_WHICH, rf"(?P<which>last|this|next) month{_NOT_POSSESSIVE}", _this_month),
    (("end",), rf"end of (?P<which>the|this|next) month{_NOT_POSSESSIVE}", _this_month),
    (("last", "next"), rf"(?P<which>last|next) (?P<m>{MONTH})(?!\s?\d)", _near_month),
    (
        (*_WHICH, *_WEEKDAYS),
        rf"(?:(?P<which>last|this|next) )?(?P<day>{_WEEKDAY}){_NOT_POSSESSIVE}{_OWN_DATE}{_OTHER_DAY}",
        _weekday,
    ),
]
"""The words that each writing can begin with, its pattern for a case-blind match, and what it stands for."""
