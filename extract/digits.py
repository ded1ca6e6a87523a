"""Numbers in digits, and the digits that are none: codes, clock times, dates, telephone numbers.

A plain space joins a group of three digits to one to three before it, unless a month's name comes
first or another group follows that has not three ("12 345" is one number, "2018 300" two). A comma
is a decimal sign before one or two digits and a full stop before any ("12.345" is twelve and a bit).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from extract.dates import find_dates
from extract.month_names import MONTH
from extract.number_words import HYPHEN, SCALES, Value


class Digits(NamedTuple):
    """One number in digits, None where the form is no number; `cuts`: its thousands separators."""

    start: int
    end: int
    value: Value | None
    cuts: tuple[int, ...] = ()


_GAPS = " \u00a0\u2007\u2009\u202f"
RUN = rf"\d++(?:[.,'’{_GAPS}]\d++)*+"
_LONGEST = 24  # digits; longer ones are identifiers, and int() refuses some thousands of them
_RUN = re.compile(RUN)
_GROUP = re.compile(r"\d+")
_MASKED = re.compile(
    rf"\d(?<!\d\d)(?:\d*+(?:(?::\d++)++|(?:/\d++)++|(?:{HYPHEN}\d++){{2,}}+)"
    r"|(?<!\.\d)\d?(?:\.\d\d)?\s?[ap]\.?m\b|\d{2,3}\s?(?:hrs?|GMT|UTC)\b)",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"\+(?:\d{1,3}(?:[ ()-]{1,2}\d{1,5}){2,5}|\d{7,15})")
_REFERENCE = re.compile(
    r"(?:\bresolutions?|\bno\.|№|#|\barticles?|\bparagraphs?|\bdecree|\bpage)\s?\Z", re.IGNORECASE
)
_REFERENCE_ENDS = "nsehNSEH.№#"
_UNITS = re.compile(
    r"km|m|cm|mm|kg|g|mg|t|l|ml|ha|kw|mw|gw|kv|kva|kwh|mwh|mt|lbs?|ft|км|кг|т|м|л|(?:k?m[23²³])"
)
_CURRENCY = re.compile(r"(?<![^\W_])(?:USD|US|EUR|GBP|RUB|SYP|CHF|AUD|CAD|Rs|AFN|TRY|UAH)$")
_MILLIONS_OF = re.compile(
    r"\s(?:people|persons|refugees|children|women|civilians|idps|returnees|tons|tonnes|doses|"
    r"litres|liters|dollars|euros|usd)\b",
    re.IGNORECASE,
)
_AFTER_MONTH = re.compile(rf"{MONTH}\.?\s$", re.IGNORECASE)
_FOREIGN_DIGITS = re.compile(r"(?:(?![0-9])\d)+")
_SIGNS = str.maketrans("٫٬٪％", ".,%%")
_LETTERS = re.compile(r"[^\W\d_]{1,12}")


def western(text: str) -> str:
    """The text with every script's digits and number signs as ASCII, offsets kept."""
    if text.isascii():
        return text
    return _FOREIGN_DIGITS.sub(_as_ascii, text).translate(_SIGNS)


def _as_ascii(digits: re.Match[str]) -> str:
    return "".join(str(unicodedata.decimal(digit)) for digit in digits[0])


_Groups = list[tuple[int, int]]


def _number(text: str, groups: _Groups, decimal: bool) -> Digits:
    start, end = groups[0][0], groups[-1][1]
    if end - start > _LONGEST + len(groups):
        return Digits(start, end, None)
    whole = groups[:-1] if decimal else groups
    digits = "".join([text[at:to] for at, to in whole]) if groups[1:] else text[start:end]
    if len(whole) == 1 and len(digits) > 2 and digits[0] == "0":
        return Digits(start, end, None)
    value: Value = int(digits)
    if decimal:
        part = text[slice(*groups[-1])]
        value = Fraction(int(digits + part), 10 ** len(part))
    return Digits(start, end, value, tuple([to for _, to in whole[:-1]]))


def _spaced(text: str, groups: _Groups, first: int) -> tuple[int, bool]:
    """The last group of the number that spaces join from `first` on, and whether it is decimals."""
    start, end = groups[first]
    mark, last = text[end : end + 1], first
    if mark not in _GAPS or end - start > 3 or text[start] == "0":
        return first, False
    for at, to in groups[first + 1 : first + 8]:
        if text[groups[last][1]] != mark or to - at != 3:
            break
        last += 1
    if last == first:
        return first, False
    if last + 1 == len(groups):
        return last, False
    following, (at, to) = text[groups[last][1]], groups[last + 1]
    if following == mark:
        return first, False
    if following in _GAPS:
        return last, False
    ends = last + 2 == len(groups) or text[to] in _GAPS
    decimal = ends and (following == "." or (following == "," and to - at <= 2))
    return (last + 1, True) if decimal else (first, False)


def _is_day(text: str, group: tuple[int, int], following: tuple[int, int]) -> bool:
    """Whether the first group is a day of a month: "November 5 300 people"."""
    start, end = group
    dated = text[end] == " " and _AFTER_MONTH.search(text[max(0, start - 16) : start])
    return bool(dated) and text[slice(*following)] != "000"


def _direct(text: str, groups: _Groups) -> Iterator[Digits]:
    """The numbers in groups that commas, stops and apostrophes join."""
    if len(groups) == 1:
        yield _number(text, groups, decimal=False)
        return
    marks = ["'" if text[to] == "’" else text[to] for _, to in groups[:-1]]
    sizes = [to - at for at, to in groups]
    kinds = set(marks)
    led = sizes[0] <= 3 and text[groups[0][0]] != "0"
    thousands = led and set(sizes[1:]) == {3} and len(kinds) == 1
    lakhs = sizes[0] < 3 and set(sizes[1:-1]) == {2} and sizes[-1] == 3 and kinds == {","}
    if lakhs or (thousands and (kinds != {"."} or len(marks) > 1)):
        yield _number(text, groups, decimal=False)
    elif len(marks) == 1 and (
        marks == ["."] or (marks == [","] and (sizes[1] < 3 or text[groups[0][0]] == "0"))
    ):
        yield _number(text, groups, decimal=True)
    elif led and set(sizes[1:-1]) == {3} and len(set(marks[:-1])) == 1 and len(kinds) == 2:
        decimal = marks[-1] in ".,"
        yield (
            _number(text, groups, decimal) if decimal else Digits(groups[0][0], groups[-1][1], None)
        )
    elif kinds == {","} and (3 not in sizes[1:] or (len(marks) == 1 and sizes[0] > 3)):
        for group in groups:
            yield _number(text, [group], decimal=False)
    else:
        yield Digits(groups[0][0], groups[-1][1], None)


def _in_run(text: str, start: int, end: int) -> Iterator[Digits]:
    """The numbers in a run of digit groups; `text` has ASCII digits."""
    groups = [found.span() for found in _GROUP.finditer(text, start, end)]
    first = 0
    while first < len(groups):
        last, decimal = _spaced(text, groups, first)
        if last > first and not _is_day(text, groups[first], groups[first + 1]):
            yield _number(text, groups[first : last + 1], decimal)
        else:
            last = first
            while last + 1 < len(groups) and text[groups[last][1]] not in _GAPS:
                last += 1
            yield from _direct(text, groups[first : last + 1])
        first = last + 1


def _is_letter(char: str) -> bool:
    """A letter of a script that parts words by spaces, in which digits beside it make a code."""
    return char.isalpha() and (char < "\u0590" or "\uff21" <= char <= "\uff5a")


def is_millions(text: str, start: int, end: int) -> bool:
    """Whether the "m" at `end` stands for million: money, or people and the like."""
    return text[max(0, start - 1) : start] in tuple("$€£") or bool(
        _CURRENCY.search(text[max(0, start - 4) : start]) or _MILLIONS_OF.match(text, end + 1)
    )


def is_code(text: str, start: int, end: int) -> bool:
    """Whether what touches the digits makes them part of a name, a code or an ordinal."""
    before, further = text[start - 1 : start], text[max(0, start - 2) : start - 1 if start else 0]
    if before == "_" or (
        _is_letter(before) and not _CURRENCY.search(text[max(0, start - 4) : start])
    ):
        return True
    if before and before in "-‐‑.'’" and _is_letter(further):
        return True
    if before and before in "/=&@" and further.isalnum():
        return True
    after = text[end : end + 1]
    return after == "_" or (_is_letter(after) and not _is_measure(text, start, end))


def _is_measure(text: str, start: int, end: int) -> bool:
    """Whether the letters behind the digits are a unit or a scale."""
    letters = _LETTERS.match(text, end)
    if letters is None:
        return False
    word = letters[0] if len(letters[0]) == 1 and letters[0] != "K" else letters[0].casefold()
    after = text[letters.end() : letters.end() + 1]
    if after.isalnum() or after == "_":
        return _UNITS.fullmatch(word + after) is not None
    if _UNITS.fullmatch(word) or (word in SCALES and word != "m"):
        return True
    return word == "M" and is_millions(text, start, end)


def masked(text: str) -> bytearray:
    """1 at each character of a clock time, a date or a telephone number; empty without digits."""
    if not _GROUP.search(text):
        return bytearray()
    mask = bytearray(len(text))
    spans = [found.span() for form in (_MASKED, _TELEPHONE) for found in form.finditer(text)]
    spans += [(date.start, date.end) for date in find_dates(text) if not date.weak]
    for start, end in spans:
        mask[start:end] = b"\1" * (end - start)
    return mask


LONGEST_RUN = 2000  # characters; no table has such a row


def numbers_in(text: str, start: int, end: int, mask: bytearray) -> Iterator[Digits]:
    """The numbers in a run of digit groups, without dates, times and reference numbers; a run too long holds none."""
    if end - start > LONGEST_RUN:
        return
    for digits in _in_run(text, start, end):
        lead = text[max(0, digits.start - 13) : digits.start]
        if digits.value is None or mask.find(1, digits.start, digits.end) >= 0:
            continue
        if lead.rstrip()[-1:] not in _REFERENCE_ENDS or not _REFERENCE.search(lead):
            yield digits


def thousands_separators(text: str) -> list[int]:
    """The offsets of the separators inside digit groups."""
    text = western(text)
    runs = [run.span() for run in _RUN.finditer(text) if not run[0].isdecimal()]
    mask = masked(text) if runs else bytearray()
    return [cut for run in runs for digits in numbers_in(text, *run, mask) for cut in digits.cuts]


def plain_digits(text: str) -> str:
    """The text without thousands separators, for a model that trips over "7,000"."""
    kept = 0
    parts: list[str] = []
    for cut in thousands_separators(text):
        parts.append(text[kept:cut])
        kept = cut + 1
    return "".join(parts) + text[kept:]
