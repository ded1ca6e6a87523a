"""How texts write dates: the patterns, and what is built of a match.

Numeric dates are read day first unless only month first makes a date. Weekdays are passed over.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from extract.month_names import ALSO_VERBS, FIRST_WORDS, MONTH, MONTHS, SHORT
from extract.relative_dates import FORMS, Relative

Parts = tuple[int | None, int | None, int | None]
"""Year, month and day, None where the text leaves them out."""

_D = r"(?<![\w.,:/'’-])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º)?(?![\w])"
_LATER_D = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º)?(?!\w|[.,]\d| 000)"
_Y = r"(?:19\d\d|20\d\d|2100)(?!\w|[.,:/]\d| \d{3}(?!\d))"
_DASH = r"\s?[-‐‑–—]\s?"
_TO = rf"(?:{_DASH}|/|\s(?:to|till|until|through|and|à|al|по)\s(?:the\s)?)"
# A count that looks like a year is told by the thing counted.
_COUNTED = (
    r"(?!\s(?:[^\W\d_]{1,20}\s){0,2}(?:people|persons?|refugees|returnees|idps|civilians|women|men|"
    r"children|families|households|houses|homes|buildings|settlements|schools|hospitals|trucks|"
    r"vehicles|tons|tonnes|tents|kg|kilograms|kilomet|km|lit(?:re|er)s|sets|kits|parcels|packages|"
    r"pieces|items|boxes|doses|wells|shelters|blankets|facilities|fighters|militants)\b)"
)
_FAR = {"last": -1, "this": 0, "next": 1}
_THEN_Y = (
    rf"(?:,?\s{{0,2}}(?:(?:of|de|del)\s)?(?P<y>{_Y}){_COUNTED}"
    rf"|,?\s(?:of\s)?(?P<far>{'|'.join(_FAR)})\syear(?![\w'’]))?"
)
_OF = r"(?:\s(?:of|de)\s|\s|-)"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text at `text[start:end]`; no parts and no `relative` is the document's year.

    `until`: the last day of a stretch. `relative`: what it is to the day of publication. `years`: how many
    from the document's it is, where it has no `year`. `weak`: a bare year, month or year-month, which may be
    something else. `words`: those of the text, in lower case.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    until: Parts | None = None
    relative: Relative | None = None
    weak: bool = False
    years: int = 0
    words: str = ""


_Build = Callable[[re.Match[str]], DateMention | None]


_LED = re.compile(
    r"\b(?:in|since|during|of|by|until|till|from|before|after|early|late|mid|en|в|с|في)"
    r"[\s-]{1,2}\Z",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\bbetween\s(?:the\s)?\Z", re.IGNORECASE)
_MOVED = re.compile(
    r"\b(?:postponed|delayed|deferred|rescheduled|(?:put|pushed)\s(?:off|back)|brought\sforward)"
    r"\sfrom\s(?:the\s)?\Z",
    re.IGNORECASE,
)


_SEASONS = ("spring", "summer", "autumn")
_IN_SEASON = re.compile(r"\b(?:in|during|this)\s(?:the\s)?\Z", re.IGNORECASE)
_LOOKED_AT = 26  # characters before a date


def _follows(lead: re.Pattern[str], found: re.Match[str]) -> bool:
    """Whether the words of the lead stand right before what was found."""
    start = found.start()
    return lead.search(found.string[max(0, start - _LOOKED_AT) : start]) is not None


def _int(digits: str | None) -> int | None:
    return int(re.sub(r"\D", "", digits)) if digits else None


def _years_from(found: re.Match[str]) -> int:
    """How many years from the document's, by "last year" and the like behind the date."""
    return _FAR.get((found["far"] or "").casefold(), 0)


def _month(name: str) -> int | None:
    """The month's number; None for "may" and "march" in lower case, which are verbs."""
    plain = name.rstrip(".")
    if plain in ALSO_VERBS:
        return None
    return MONTHS[plain.casefold()]


def _day(found: re.Match[str]) -> DateMention | None:
    month = _month(found["m"])
    if month is None:
        return None
    return DateMention(
        *found.span(), _int(found["y"]), month, _int(found["d"]), years=_years_from(found)
    )


def _days(found: re.Match[str]) -> DateMention | None:
    groups = found.groupdict()
    last = _month(found["m"])
    first = _month(groups["m1"]) if "m1" in groups else last
    if last is None or first is None:
        return None
    day, later, year = _int(found["d"]), _int(found["d2"]), _int(found["y"])
    consecutive = first == last and (day or 0) + 1 == later
    # "5 and 6 November" is a stretch; in "12 and 6 May" the 12 may count something.
    if found["to"].strip().startswith("and") and not (consecutive or _follows(_BETWEEN, found)):
        return None
    if first == last and (day or 0) >= (later or 0):
        return None
    if _follows(_MOVED, found):
        return DateMention(*found.span(), year, last, later)
    before = _int(groups.get("y1")) or (year and year - (first - last > 5))
    return DateMention(
        *found.span(), before, first, day, (year, last, later), years=_years_from(found)
    )


def _numeric(found: re.Match[str]) -> DateMention | None:
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    day, month = int(found["d"]), int(found["m"])
    if month > 12 >= day:
        day, month = month, day
    return DateMention(*found.span(), year, month, day) if month <= 12 else None


def _whole_month(found: re.Match[str]) -> DateMention | None:
    name, led, year = found["m"], _follows(_LED, found), _int(found["y"])
    month = _month(name)
    short = name.casefold().rstrip(".") in SHORT
    loose = not led and (short or name.casefold() in ALSO_VERBS or not name[0].isupper())
    dated = year is not None or found["far"] is not None
    if month is None or (loose and not dated):
        return None
    return DateMention(
        *found.span(), year, month, weak=not dated and not led, years=_years_from(found)
    )


def _year(found: re.Match[str]) -> DateMention | None:
    return DateMention(*found.span(), int(found["y"]), weak=not _follows(_LED, found))


def _years(found: re.Match[str]) -> DateMention | None:
    first, last = int(found["y"]), int(found["y2"])
    if first >= last:
        return None
    return DateMention(*found.span(), first, until=(last, None, None))


def _year_month(found: re.Match[str]) -> DateMention:
    return DateMention(*found.span(), int(found["y"]), int(found["m"]), weak=True)


def _first_day(found: re.Match[str]) -> DateMention | None:
    month = _month(found["m"])
    if month is None:
        return None
    return DateMention(*found.span(), _int(found["y"]), month, 1, years=_years_from(found))


def _season(found: re.Match[str]) -> DateMention | None:
    return DateMention(*found.span()) if _follows(_IN_SEASON, found) else None


def _this_year(found: re.Match[str]) -> DateMention:
    return DateMention(*found.span())


def _relative(build: Callable[[re.Match[str]], Relative | None]) -> _Build:
    def built(found: re.Match[str]) -> DateMention | None:
        relative = build(found)
        return DateMention(*found.span(), relative=relative) if relative else None

    return built


_ALONE = r"(?<![\w.,:/'’-])"
_NUMERIC = r"(?<![\w./-])"
_YYYY = r"(?P<y>(?:19|20)\d\d|2100)"
_D1, _M1, _MN = rf"(?P<d>{_D})", rf"(?P<m1>{MONTH})", rf"(?P<m>{MONTH})"
_LD1, _LD2 = rf"(?P<d>{_LATER_D})", rf"(?P<d2>{_LATER_D})"
_Y1 = rf"(?:,?\s(?P<y1>{_Y}))?(?P<to>{_TO})"


def _compiled(*forms: tuple[str, _Build]) -> list[tuple[re.Pattern[str], _Build]]:
    return [(re.compile(pattern, re.IGNORECASE), build) for pattern, build in forms]


FROM_DIGITS = _compiled(
    (rf"{_NUMERIC}{_YYYY}([-/.])(?P<m>0\d|1[0-2])\2(?P<d>[0-3]\d)(?!\d)", _numeric),
    (rf"{_NUMERIC}(?P<d>[0-3]?\d)([./-])(?P<m>[0-3]?\d)\2{_YYYY}(?![\w/-])", _numeric),
    (rf"{_NUMERIC}(?P<d>[0-3]\d)([./])(?P<m>[01]\d)\2(?P<y>\d\d)(?![\w./-])", _numeric),
    (rf"{_ALONE}(?P<y>{_Y}){_DASH}(?P<y2>{_Y}){_COUNTED}", _years),
    (rf"(?<![\w.,:/'’$€£#-])(?P<y>{_Y}){_COUNTED}(?!\s?[%-])", _year),
    (rf"{_NUMERIC}{_YYYY}-(?P<m>0[1-9]|1[0-2])(?![\w/-])", _year_month),
)
FROM_DAY = _compiled(
    (rf"{_D1}{_OF}{_MN}{_THEN_Y}", _day),
    (rf"{_D1}(?P<to>{_TO}){_LD2}{_OF}{_MN}{_THEN_Y}", _days),
    (rf"{_D1}{_OF}{_M1}{_Y1}{_LD2}{_OF}{_MN}{_THEN_Y}", _days),
)
_FROM_MONTH = _compiled(
    (rf"{_MN}\s(?:the\s)?{_LD1}{_THEN_Y}", _day),
    (rf"{_MN}\s{_LD1}(?P<to>{_TO}){_LD2}{_THEN_Y}", _days),
    (rf"{_M1}\s{_LD1}{_Y1}{_MN}\s{_LD2}{_THEN_Y}", _days),
    (rf"{_MN}{_THEN_Y}", _whole_month),
)
_FROM_WORD: dict[str, list[tuple[re.Pattern[str], _Build]]] = defaultdict(list)
for _first, _pattern, _build in (
    *((words, pattern, _relative(build)) for words, pattern, build in FORMS),
    (("end", "this"), r"(?:end of (?:the|this)|this) year\b(?!['’])", _this_year),
    (("first",), rf"first of {_MN}{_THEN_Y}", _first_day),
    (_SEASONS, rf"(?:{'|'.join(_SEASONS)})(?=\s*(?:[,.;:)]|\Z))", _season),
):
    for _word in _first:
        _FROM_WORD[_word] += _compiled((_pattern, _build))
BY_WORD = _FROM_WORD | dict.fromkeys(FIRST_WORDS, _FROM_MONTH)
