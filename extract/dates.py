"""Dates found in texts, and the ISO 8601 date that each stands for."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from extract.date_forms import BY_WORD, FROM_DAY, FROM_DIGITS, DateMention, Parts
from extract.month_names import FIRST_WORDS

__all__ = ["DateMention", "Parts", "find_dates", "read_date", "resolve", "year_of"]

# A word, the start of a date or a year in digits, or any other digit, which may be a day.
_START = re.compile(r"[^\W\d_]++|(?<!\w)(?:\d{1,2}[./-]\d|(?:19|20|21)\d\d(?!\d))|(?<!\w)\d")


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _mentions(text: str) -> tuple[DateMention, ...]:
    starts = [(at.start(), at[0].casefold()) for at in _START.finditer(text)]
    months = not FIRST_WORDS.isdisjoint([word for _, word in starts])
    from_day = FROM_DAY if months else []
    from_digits = FROM_DIGITS + from_day
    mentions: list[DateMention] = []
    end = 0
    for at, word in starts:
        in_digits = from_digits if len(word) > 1 else from_day
        forms = in_digits if word[0].isdecimal() else BY_WORD.get(word)
        if not forms or at < end:
            continue
        matches = ((pattern.match(text, at), build) for pattern, build in forms)
        built = [mention for match, build in matches if match and (mention := build(match))]
        if built:
            longest = max(built, key=lambda mention: mention.end)
            end = longest.end
            mentions.append(replace(longest, words=_plain(text[at:end])))
    return tuple(mentions)


_CACHED = 2000  # characters; a longer text is seldom asked for twice
_remembered = lru_cache(maxsize=2048)(_mentions)


def find_dates(text: str) -> list[DateMention]:
    """Every date in the text, in order; of two that overlap the first, and then the longer."""
    return list(_remembered(text) if len(text) < _CACHED else _mentions(text))


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
    """The ISO date at the text's precision; None without a year, and where there is no such day or no telling which."""
    readings = _readings(mention, year, published)
    return readings[0] if len(readings) == 1 else None


def _readings(mention: DateMention, year: int | None, published: str | None) -> list[str]:
    """The ISO dates that the mention may stand for."""
    if mention.relative is not None:
        return mention.relative.readings(published or "")
    own = mention.year or (year and year + mention.years)
    first = _iso((own, mention.month, mention.day))
    if mention.until is None or first is None:
        return [first] if first else []
    until = mention.until[0] or (year and year + mention.years)
    last = _iso((until, *mention.until[1:]))
    return [f"{first}/{last}"] if last and first < last else []


_WRITTEN = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T[\d:.+Z-]*)?")
_DIGIT = re.compile(r"\d")
_DAY_MONTH = re.compile(r"(\d\d?)[./](\d\d?)")


def _parts(written: re.Match[str]) -> Parts:
    year, month, day = (int(part) if part else None for part in written.groups())
    return year, month, day


def _read(value: str) -> DateMention | None:
    """What was written as a date, from its form alone."""
    ends = [_WRITTEN.fullmatch(end.strip()) for end in value.split("/")]
    if 1 <= len(ends) <= 2 and all(ends):
        first, *rest = [_parts(end) for end in ends if end]
        return DateMention(0, len(value), *first, until=rest[0] if rest else None)
    if short := _DAY_MONTH.fullmatch(value):
        day, month = int(short[1]), int(short[2])
        day, month = (month, day) if month > 12 else (day, month)
        return DateMention(0, len(value), None, month, day)
    mentions = find_dates(value) or find_dates(value.title())
    if len(mentions) != 1 or _DIGIT.search(value[: mentions[0].start] + value[mentions[0].end :]):
        return None
    return mentions[0]


def _agrees(written: Parts, iso: str) -> bool:
    """Whether each part that was written stands in the ISO date."""
    parts: list[int | None] = [int(part) for part in iso.split("-")]
    parts += [None] * (3 - len(parts))
    return all(w is None or w == part for w, part in zip(written, parts, strict=True))


def read_date(
    value: str, mentions: Sequence[DateMention], year: int | None, published: str | None = None
) -> str | None:
    """The ISO date of the one mention that bears out what was written; None where none does.

    The words of a mention are that mention. A month or a year alone stands for the only fuller date that agrees with
    it.
    """
    said = _plain(value)
    if verbatim := [mention for mention in mentions if mention.words == said]:
        return resolve(verbatim[0], year, published)
    written = _read(value.strip())
    if written is None:
        return None
    readings = [iso for mention in mentions for iso in _readings(mention, year, published)]
    dates = list(dict.fromkeys(readings))
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
