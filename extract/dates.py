"""Dates as texts write them, and the ISO 8601 date that each stands for.

Numeric dates are read day first unless only month first makes a date. Weekdays are passed over.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Parts = tuple[int | None, int | None, int | None]
"""Year, month and day, None where the text leaves them out."""

_NAMES = """
january jan janvier enero ene января январь январе يناير
february feb février fevrier febrero февраля февраль феврале فبراير شباط
march mar mars marzo марта март марте مارس آذار
april apr avril abril апреля апрель апреле أبريل ابريل نيسان
may mai mayo мая май мае مايو أيار
june jun juin junio июня июнь июне يونيو حزيران
july jul juillet julio июля июль июле يوليو تموز
august aug août aout agosto августа август августе أغسطس اغسطس آب
september sept sep septembre septiembre сентября сентябрь сентябре سبتمبر أيلول
october oct octobre octubre октября октябрь октябре أكتوبر اكتوبر
november nov novembre noviembre ноября ноябрь ноябре نوفمبر
december dec décembre decembre diciembre декабря декабрь декабре ديسمبر
"""
MONTHS = {name: at for at, line in enumerate(_NAMES.split("\n")) for name in line.split()}
# The Levantine names of January and of the last quarter are two words each.
MONTHS |= {"كانون الثاني": 1, "تشرين الأول": 10, "تشرين الثاني": 11, "كانون الأول": 12}
_ALSO_VERBS = {"may", "march", "mar"}
_SHORT = {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec"}

_LONG_FIRST = sorted(MONTHS, key=len, reverse=True)
# A full stop belongs to a short name; behind a long one it ends the sentence.
_M = (
    rf"(?<![^\W\d_])(?:{'|'.join(name for name in _LONG_FIRST if name not in _SHORT)}"
    rf"|(?:{'|'.join(name for name in _LONG_FIRST if name in _SHORT)})(?![^\W\d_])\.?)(?![^\W\d_])"
)
_D = r"(?<![\w.,:/'’-])(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º)?(?![\w])"
_LATER_D = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º)?(?!\w|[.,]\d| 000)"
_Y = r"(?:19\d\d|20\d\d|2100)(?!\w|[.,:/]\d| \d{3}(?!\d))"
_DASH = r"\s?[-‐‑–—]\s?"
_TO = rf"(?:{_DASH}|\s(?:to|till|until|through|and|à|al|по)\s(?:the\s)?)"
# A count that looks like a year is told by the thing counted.
_COUNTED = (
    r"(?!\s(?:[^\W\d_]{1,20}\s){0,2}(?:people|persons?|refugees|returnees|idps|civilians|women|men|"
    r"children|families|households|houses|homes|buildings|settlements|schools|hospitals|trucks|"
    r"vehicles|tons|tonnes|tents|kg|kilograms|kilomet|km|lit(?:re|er)s|sets|kits|parcels|packages|"
    r"pieces|items|boxes|doses|wells|shelters|blankets|facilities|fighters|militants)\b)"
)
_THEN_Y = rf"(?:,?\s{{0,2}}(?:(?:of|de|del)\s)?(?P<y>{_Y}){_COUNTED})?"
_OF = r"(?:\s(?:of|de)\s|\s|-)"


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text at `text[start:end]`; no parts and no `relative` is the document's year.

    `until`: the last day of a stretch. `relative`: days from the day of publication. `weak`: a bare
    year, month or year-month, which may be something else.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    until: Parts | None = None
    relative: int | None = None
    weak: bool = False


_Build = Callable[[re.Match[str]], DateMention | None]


def _int(digits: str | None) -> int | None:
    return int(re.sub(r"\D", "", digits)) if digits else None


def _month(name: str) -> int | None:
    """The month's number; None for "may" and "march" in lower case, which are verbs."""
    plain = name.rstrip(".")
    if plain in _ALSO_VERBS:
        return None
    return MONTHS[plain.casefold()]


def _day(found: re.Match[str]) -> DateMention | None:
    month = _month(found["m"])
    if month is None:
        return None
    return DateMention(*found.span(), _int(found["y"]), month, _int(found["d"]))


def _days(found: re.Match[str]) -> DateMention | None:
    groups = found.groupdict()
    last = _month(found["m"])
    first = _month(groups["m1"]) if "m1" in groups else last
    if last is None or first is None:
        return None
    day, later, year = _int(found["d"]), _int(found["d2"]), _int(found["y"])
    consecutive = first == last and (day or 0) + 1 == later
    # "5 and 6 November" is a stretch; in "12 and 6 May" the 12 may count something.
    if found["to"].strip().startswith("and") and not (consecutive or groups["between"]):
        return None
    if first == last and (day or 0) >= (later or 0):
        return None
    start = min(found.start(name) for name in ("d", "m", "m1") if name in groups)
    before = _int(groups.get("y1")) or (year and year - (first - last > 5))
    return DateMention(start, found.end(), before, first, day, (year, last, later))


def _numeric(found: re.Match[str]) -> DateMention | None:
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    day, month = int(found["d"]), int(found["m"])
    if month > 12 >= day:
        day, month = month, day
    return DateMention(*found.span(), year, month, day) if month <= 12 else None


def _whole_month(found: re.Match[str]) -> DateMention | None:
    name, led, year = found["m"], bool(found["led"]), _int(found["y"])
    month = _month(name)
    short = name.casefold().rstrip(".") in _SHORT
    loose = not led and (short or name.casefold() in _ALSO_VERBS or not name[0].isupper())
    if month is None or (year is None and loose):
        return None
    return DateMention(found.start("m"), found.end(), year, month, weak=year is None and not led)


def _year(found: re.Match[str]) -> DateMention | None:
    return DateMention(found.start("y"), found.end("y"), int(found["y"]), weak=not found["led"])


def _years(found: re.Match[str]) -> DateMention | None:
    first, last = int(found["y"]), int(found["y2"])
    if first >= last:
        return None
    return DateMention(*found.span(), first, until=(last, None, None))


def _year_month(found: re.Match[str]) -> DateMention:
    return DateMention(*found.span(), int(found["y"]), int(found["m"]), weak=True)


def _this_year(found: re.Match[str]) -> DateMention:
    return DateMention(*found.span())


def _relative(found: re.Match[str]) -> DateMention | None:
    days = {"today": 0, "tonight": 0, "tomorrow": 1}.get(found[0].casefold(), -1)
    return DateMention(*found.span(), relative=days)


_LED = (
    r"(?P<led>\b(?:in|since|during|of|by|until|till|from|before|after|early|late|mid|en|в|с|في)"
    r"[\s-]{1,2})?"
)
_ALONE = r"(?<![\w.,:/'’-])"
_NUMERIC = r"(?<![\w./-])"
_YYYY = r"(?P<y>(?:19|20)\d\d|2100)"
_BETWEEN = r"(?P<between>\bbetween\s)?"
_D1, _M1, _MN = rf"(?P<d>{_D})", rf"(?P<m1>{_M})", rf"(?P<m>{_M})"
_LD1, _LD2 = rf"(?P<d>{_LATER_D})", rf"(?P<d2>{_LATER_D})"
_Y1 = rf"(?:,?\s(?P<y1>{_Y}))?(?P<to>{_TO})"


def _compiled(forms: list[tuple[str, _Build]]) -> list[tuple[re.Pattern[str], _Build]]:
    return [(re.compile(pattern, re.IGNORECASE), build) for pattern, build in forms]


_MONTH_FORMS = _compiled(
    [
        (rf"{_D1}{_OF}{_MN}{_THEN_Y}", _day),
        (rf"{_MN}\s(?:the\s)?{_LD1}{_THEN_Y}", _day),
        (rf"{_BETWEEN}(?:the\s)?{_D1}(?P<to>{_TO}){_LD2}{_OF}{_MN}{_THEN_Y}", _days),
        (rf"{_BETWEEN}{_MN}\s{_LD1}(?P<to>{_TO}){_LD2}{_THEN_Y}", _days),
        (rf"{_BETWEEN}{_D1}{_OF}{_M1}{_Y1}{_LD2}{_OF}{_MN}{_THEN_Y}", _days),
        (rf"{_BETWEEN}{_M1}\s{_LD1}{_Y1}{_MN}\s{_LD2}{_THEN_Y}", _days),
        (rf"{_LED}{_MN}{_THEN_Y}", _whole_month),
    ]
)
_OTHER_FORMS = _compiled(
    [
        (rf"{_NUMERIC}{_YYYY}([-/.])(?P<m>0\d|1[0-2])\2(?P<d>[0-3]\d)(?!\d)", _numeric),
        (rf"{_NUMERIC}(?P<d>[0-3]?\d)([./-])(?P<m>[0-3]?\d)\2{_YYYY}(?![\w/-])", _numeric),
        (rf"{_NUMERIC}(?P<d>[0-3]\d)([./])(?P<m>[01]\d)\2(?P<y>\d\d)(?![\w./-])", _numeric),
        (rf"{_ALONE}(?P<y>{_Y}){_DASH}(?P<y2>{_Y}){_COUNTED}", _years),
        (rf"{_LED}(?<![\w.,:/'’$€£#-])(?P<y>{_Y}){_COUNTED}(?!\s?[%-])", _year),
        (rf"{_NUMERIC}{_YYYY}-(?P<m>0[1-9]|1[0-2])(?![\w/-])", _year_month),
        (r"\b(?:today|tonight|yesterday|tomorrow|last night)\b", _relative),
        (r"\b(?:end of (?:the|this)|this) year\b", _this_year),
    ]
)
_ANY_MONTH = re.compile(_M, re.IGNORECASE)


def find_dates(text: str) -> list[DateMention]:
    """Every date in the text, in order; of two that overlap the first, and then the longer."""
    forms = _OTHER_FORMS + (_MONTH_FORMS if _ANY_MONTH.search(text) else [])
    found = (build(match) for pattern, build in forms for match in pattern.finditer(text))
    mentions = sorted((at for at in found if at), key=lambda at: (at.start, -at.end))
    kept: list[DateMention] = []
    for mention in mentions:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _iso(parts: Parts) -> str | None:
    year, month, day = parts
    if year is None:
        return None
    if month is None:
        return f"{year:04}"
    if day is None:
        return f"{year:04}-{month:02}"
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def resolve(mention: DateMention, year: int | None, published: str | None = None) -> str | None:
    """The ISO date at the text's precision; None without a year or where there is no such day."""
    if mention.relative is not None:
        try:
            day = datetime.date.fromisoformat(published or "")
            return (day + datetime.timedelta(days=mention.relative)).isoformat()
        except (ValueError, OverflowError):
            return None
    first = _iso((mention.year or year, mention.month, mention.day))
    if mention.until is None or first is None:
        return first
    last = _iso((mention.until[0] or year, *mention.until[1:]))
    return f"{first}/{last}" if last and first < last else None


_WRITTEN = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T[\d:.+Z-]*)?")
_DAY_MONTH = re.compile(r"(\d\d?)[./](\d\d?)")


def _read(value: str) -> DateMention | None:
    """What was written as a date, from its form alone."""
    ends = [_WRITTEN.fullmatch(end.strip()) for end in value.split("/")]
    if 1 <= len(ends) <= 2 and all(ends):
        first, *rest = [
            (_int(end[1]), _int(end[2]), _int(end[3])) for end in ends if end is not None
        ]
        return DateMention(0, len(value), *first, until=rest[0] if rest else None)
    if short := _DAY_MONTH.fullmatch(value):
        day, month = int(short[1]), int(short[2])
        day, month = (month, day) if month > 12 else (day, month)
        return DateMention(0, len(value), None, month, day)
    mentions = find_dates(value) or find_dates(value.title())
    return mentions[0] if len(mentions) == 1 else None


def _agrees(written: Parts, iso: str) -> bool:
    """Whether each part that was written stands in the ISO date."""
    parts: list[int | None] = [int(part) for part in iso.split("-")]
    parts += [None] * (3 - len(parts))
    return all(w is None or w == part for w, part in zip(written, parts, strict=True))


def read_date(
    value: str, mentions: Sequence[DateMention], year: int | None, published: str | None = None
) -> str | None:
    """The ISO date of the one mention that bears out what was written; None where none does.

    A month or a year alone stands for the only fuller date that agrees with it.
    """
    written = _read(value.strip())
    if written is None:
        return None
    resolved = [resolve(mention, year, published) for mention in mentions]
    dates = list(dict.fromkeys(iso for iso in resolved if iso))
    exact = resolve(written, year, published)
    if exact in dates:
        return exact
    if written.relative is not None or written.until is not None:
        return None
    parts = (written.year, written.month, written.day)
    agreeing = [iso for iso in dates if "/" not in iso and _agrees(parts, iso)]
    return agreeing[0] if len(agreeing) == 1 and any(parts) else None


def year_of(text: str, published: str | None) -> int | None:
    """The year of publication, else the one that the text's full dates use most, else None."""
    if published and re.match(r"\d{4}", published):
        return int(published[:4])
    years = Counter(at.year for at in find_dates(text) if at.year and at.month and not at.weak)
    return max(years, key=years.__getitem__) if years else None
