"""What the first lines of a plain text say of it: its title, its date and who published it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from extract.month_names import MONTH, MONTHS

_HEAD = 20_000
_LINES = 15
_TITLE_LINES = 12
_LONGEST_LINE = 300
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Front:
    """None where the text does not give it. `published`: ISO 8601 at the precision given."""

    title: str | None = None
    published: str | None = None
    publisher: str | None = None


def front_matter(text: str) -> Front:
    """The title, date and publisher that stand at the head of a text."""
    raw = text.lstrip()[:_HEAD].split("\n")
    lines = [line for line in (_plain(line[:_LONGEST_LINE]) for line in raw) if line][:_LINES]
    return Front(_title(lines[:_TITLE_LINES]), _published(lines), _publisher(lines))


_MARKUP = re.compile(r"^(?:[#>]+|[*_]+)\s{0,9}|[*_#]+$")


def _plain(line: str) -> str:
    """Without Markdown's signs and with single spaces."""
    spaced = " ".join(line.replace("**", "").replace("__", "").split())
    return _MARKUP.sub("", _MARKUP.sub("", spaced)).strip()


# Dates

_MONTH = rf"{MONTH}\.?"
_NTH = r"(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:(?P<iso>\d{{4}}(?P<by>[-/.])\d{{1,2}}(?:(?P=by)\d{{1,2}})?)(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|(?P<digits>\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)\d{4})"
    rf"|(?P<day>\d{{1,2}}){_NTH}\s(?:of\s)?(?P<month>{_MONTH}),?\s(?P<year>\d{{4}})"
    rf"|(?P<us_month>{_MONTH})\s(?P<us_day>\d{{1,2}}){_NTH},?\s(?P<us_year>\d{{4}})"
    rf"|(?P<only_month>{_MONTH}),?\s(?P<only_year>\d{{4}}))(?!\d)"
)
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s|(?:mon|tue|wed|thu|fri|sat|sun)\.?,?\s)?"
)
_CLOCK = (
    r"\(?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?(?:\s?\(?[A-Z]{2,4}(?:[+-]\d{1,2})?\)?)?\)?"
)
_WHEN = rf"{_WEEKDAY}{_DATE}"
_LABEL = r"(?:publication date|date of (?:issue|publication)|date|published|posted|issued|released)"
_UPDATED = r"(?:last updated|updated|last modified|as of|as at)"
_AT_START = r"(?:^|[|(•·–—]\s?)"

_BY_RANK = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_AT_START}{_LABEL}(?:\s(?:on|at))?\s?[:–—-]?\s?(?:{_CLOCK},?\s)?{_WHEN}",
        rf"^\(?(?:{_CLOCK},?\s)?{_WHEN}\)?(?:[\s,|–—-]{{1,3}}{_CLOCK})?$",
        rf"^\(?(?P<place>[^\W\d_][^\d:;!?]{{1,60}}?)[,(]\s?{_WHEN}\)?(?:\s\([^()]{{1,40}}\))?"
        r"\s?(?:[–—:-]|$)",
        rf"(?:^|[|(•·])\s?{_WHEN}\s?(?:$|[|•·]|,\s?(?:data\s)?as (?:of|at)\b)",
        rf"\b(?:date|published|posted|issued|released):\s?{_WHEN}",
        rf"\({_WHEN}\)$",
        rf"\s(?P<place>[^\W\d_][\w'’-]{{1,40}}),\s{_WHEN}$",
        rf"{_AT_START}{_UPDATED}(?:\s(?:on|at))?\s?[:–—-]?\s?(?:{_CLOCK},?\s)?{_WHEN}",
        rf"\b{_UPDATED}\s{_WHEN}\)?$",
    )
]
"""How a text gives its date, the surest first."""


def _published(lines: Sequence[str]) -> str | None:
    return next(_dates(lines), None)


def _dates(lines: Sequence[str]) -> Iterator[str]:
    for pattern in _BY_RANK:
        for line in lines:
            found = pattern.search(line)
            place = found and found.groupdict().get("place")
            if found and (not place or place[0].isupper()):
                iso = _iso(found)
                if iso:
                    yield iso


def _iso(found: re.Match[str]) -> str | None:
    part = found.groupdict()
    if part["iso"]:
        return _valid(*map(int, re.split("[-/.]", part["iso"])))
    if part["digits"]:
        first, second, year = map(int, re.split("[-/.]", part["digits"]))
        # Day first, as most of the world writes it, unless it can only be a month.
        return _valid(year, first, second) if second > 12 else _valid(year, second, first)
    for prefix in ("", "us_"):
        if part[f"{prefix}month"]:
            month = _number_of(part[f"{prefix}month"])
            return _valid(int(part[f"{prefix}year"]), month, int(part[f"{prefix}day"]))
    return _valid(int(part["only_year"]), _number_of(part["only_month"]))


def _number_of(month: str) -> int:
    return MONTHS[month.rstrip(".").casefold()]


def _valid(year: int, month: int, day: int | None = None) -> str | None:
    try:
        return date(year, month, day or 1).isoformat()[: 7 if day is None else 10]
    except ValueError:
        return None


# Publisher

_PUBLISHER = re.compile(
    r"(?:^|\|\s?)(?:(?:source|publisher|publication)\s?:|(?:published|issued|released) by\s?:?)\s?"
    r"(?P<name>[^|]{2,120})",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(rf"[,(]?\s?(?:\bon\s)?{_WHEN}.*$|\s[–—]\s.*$", re.IGNORECASE)


def _publisher(lines: Sequence[str]) -> str | None:
    for line in lines:
        found = _PUBLISHER.search(line)
        name = _AFTER_NAME.sub("", found["name"]).strip(" .,;") if found else ""
        if name[:1].isupper() and "://" not in name:
            return name
    return None


# Title

_FURNITURE_WORDS = """
a about accessibility account all and archive arabic back browse by careers categories close
contact contacts content cookie cookies copy deutsch donate download email english español
facebook faq feed follow for français french help home in index instagram language languages
latest link linkedin links live log login logo mail main map media menu mobile more navigation
news newsletter next of on our page pdf policy previous print privacy reddit register rss search
settings share sign site sitemap skip spanish subscribe switch telegram terms the this tiktok to
top topics tweet twitter update us use version via video videos view viber whatsapp x youtube
your русский українська العربية 中文
"""
_FURNITURE = frozenset(_FURNITURE_WORDS.split())
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")
_CRUMB = re.compile(r"\s?[<>»«›‹→|•·]\s?|\s/\s")
_SENTENCE_END = re.compile(r"[^\W\d_A-Z]{4,}[.!?…] [^\W\d_]")
_TITLE_LABEL = re.compile(r"^(?:title|headline|subject)\s?:\s?", re.IGNORECASE)
_OTHER_LABEL = re.compile(
    rf"^(?:source|publisher|author|by|contact|tel|phone|e-?mail|location|country|language|tags?"
    rf"|topics?|{_LABEL}|{_UPDATED})(?:\s(?:on|by|at))?\s?:"
    rf"|^(?:published|issued|released|posted|updated|last updated) (?:by|on|at)\b|^by [A-Z]",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"://|\bwww\.|\S@\S")


def _title(lines: Sequence[str]) -> str | None:
    bare = (_TITLE_LABEL.sub("", line) for line in lines)
    return next((line for line in bare if _reads_like_headline(line)), None)


def _reads_like_headline(line: str) -> bool:
    words = _WORD.findall(line)
    return (
        len(words) >= 3
        and len(line) <= _LONGEST_TITLE
        and not words[0][0].islower()
        and line[-1] not in ".,;:"
        and not _OTHER_LABEL.search(line)
        and not _ADDRESS.search(line)
        and not _SENTENCE_END.search(line)
        and not _is_menu(line)
        and not any(pattern.fullmatch(line) for pattern in _BY_RANK)
    )


def _is_menu(line: str) -> bool:
    parts = [_WORD.findall(part.lower()) for part in _CRUMB.split(line)]
    furniture = [set(part) <= _FURNITURE for part in parts]
    short = [len(part) <= 3 for part in parts]
    return all(furniture) or (len(parts) > 1 and (furniture[0] or all(short)))
