"""Numbers as texts write them, in digits and in English words.

Vague words (dozens, a few, a couple of, hundreds of) are no numbers, nor are digits in codes, clock
times, fractions with a slash, telephone numbers, dated days and reference numbers.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from extract.digits import (
    RUN,
    is_code,
    is_millions,
    masked,
    numbers_in,
    plain_digits,
    thousands_separators,
    western,
)
from extract.number_words import FIRST_WORDS, HYPHEN, Phrase, Token, Value, word_token

__all__ = [
    "Number",
    "find_numbers",
    "plain_digits",
    "read_number",
    "same_number",
    "thousands_separators",
]


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `text[start:end]`; `article`: it is only an "a" or "an" that stands for one."""

    value: int | float
    start: int
    end: int
    article: bool = False
    percent: bool = False


_ORDINALS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_FRACTION = re.compile(rf"[\s-](?:halves|thirds|quarters|(?:{_ORDINALS}|tenth)s)\b", re.IGNORECASE)
_ONE_PART = re.compile(rf"[\s-](?:half|quarter|tenth|{_ORDINALS})\b(?!-)", re.IGNORECASE)
_ORDINAL_END = re.compile(
    rf"(?:{HYPHEN}|\s(?:and\s)?)(?:{_ORDINALS}|tenth|eleventh|twelfth|[a-z]{{3,6}}teenth|"
    r"[a-z]{3,5}tieth)\b(?!-)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b|percent|pct\b)|-per\s?cent", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:no|number)\s\Z", re.IGNORECASE)
_POINT = re.compile(r"(?<![\w.])\.")
_VULGAR = {sign: Fraction(unicodedata.numeric(sign)).limit_denominator(9) for sign in "½¼¾⅓⅔"}
_SIGNS = "".join(_VULGAR)
_PIECE = re.compile(  # one sign behind another is no number
    rf"(?P<vulgar>(?<![{_SIGNS}])[{_SIGNS}](?![{_SIGNS}]))|(?P<word>[^\W\d_]++)|(?P<run>{RUN})"
)


def _digit_tokens(text: str, run: re.Match[str], mask: bytearray) -> Iterator[Token]:
    for start, end, value, _ in numbers_in(text, *run.span(), mask):
        if value is None or is_code(text, start, end):
            continue
        if value.denominator == 1 and start and _POINT.match(text, start - 1):
            bare = text[start:end]
            point = Fraction(int(bare), 10 ** len(bare)) if bare.isdigit() else value
            yield Token("digits", point, start - 1, end)
        else:
            yield Token("digits", value, start, end)


def _tokens(text: str) -> list[Token]:
    mask = masked(text)
    tokens: list[Token] = []
    phrase_end = 0
    for found in _PIECE.finditer(text):
        kind, (start, end) = found.lastgroup, found.span()
        if kind == "run":
            tokens += _digit_tokens(text, found, mask)
        elif kind == "vulgar":
            tokens.append(Token("vulgar", _VULGAR[found[0]], start, end))
        elif start >= phrase_end and (word := found[0].casefold()) in FIRST_WORDS:
            token = word_token(text, word, start, end, tokens[-1].end if tokens else -1)
            if token and (word != "m" or is_millions(text, tokens[-1].start, start)):
                tokens.append(token)
                phrase_end = token.end
    return tokens


_HEADS = {"digits", "vulgar", "one", "teen", "ten", "article", "part", "two", "single"}


def _plain(value: Value) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _is_other(text: str, phrase: Phrase, start: int, end: int) -> bool:
    """Whether what follows or precedes makes the words an ordinal, a fraction or a pronoun."""
    if _FRACTION.match(text, end):
        return True
    if phrase.last in ("ten", "hundred", "scale") and _ORDINAL_END.match(text, end):
        return phrase.tokens[phrase.next - 1].kind != "digits"
    if phrase.last != "one" or phrase.next - phrase.first > 1 or phrase.value != 1:
        return False
    pronoun = _PRONOUN.search(text[max(0, start - 8) : start])
    return bool(pronoun or _ONE_PART.match(text, end) or text[end : end + 8] == " another")


_RANGE = re.compile(rf"\s?{HYPHEN}\s?|\sto\s|\sand\s", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s$", re.IGNORECASE)


def _spread(text: str, first: Number, last: Number, size: int) -> Number:
    """The lower bound of a range with the scale and the per cent sign of its upper bound."""
    joint = text[first.end : last.start] if last.start - first.end < 6 else ""
    if not joint or not _RANGE.fullmatch(joint) or first.article:
        return first
    if "and" in joint and not _BETWEEN.search(text[max(0, first.start - 9) : first.start]):
        return first
    value = first.value
    if size > 1 and value * size < last.value:
        value = _plain(Fraction(str(value)) * size)
    return replace(first, value=value, percent=first.percent or last.percent)


def _numbers(text: str) -> tuple[Number, ...]:
    text = western(text)
    tokens = _tokens(text)
    numbers: list[Number] = []
    at, plain = 0, False
    while at < len(tokens):
        if tokens[at].kind not in _HEADS:
            at += 1
            continue
        phrase = Phrase(text, tokens, at)
        start, end = tokens[at].start, tokens[phrase.next - 1].end
        lone = tokens[at].kind == "article" and phrase.next == at + 1
        at = phrase.next
        if _is_other(text, phrase, start, end):
            continue
        percent = bool(_PERCENT.match(text, end))
        number = Number(_plain(phrase.value), start, end, lone, percent)
        scaled = phrase.ending
        if numbers and plain:
            numbers[-1] = _spread(text, numbers[-1], number, scaled)
        numbers.append(number)
        plain = scaled == 1
    return tuple(numbers)


_CACHED = 2000  # characters; a longer text is seldom asked for twice
_remembered = lru_cache(maxsize=2048)(_numbers)


def find_numbers(text: str) -> list[Number]:
    """Every number in the text, in order; the lower bound in "10-15 million" is ten million."""
    return list(_remembered(text) if len(text) < _CACHED else _numbers(text))


def same_number(a: int | float, b: int | float) -> bool:
    """Whether two readings are one number: whole ones to the digit, others within a billionth."""
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    try:
        return math.isclose(a, b, rel_tol=1e-9)
    except OverflowError:
        return False


def read_number(value: object) -> int | float | None:
    """The number that a model wrote; None unless there is exactly one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        numbers = find_numbers(value)
        counted = [number for number in numbers if not number.article] or numbers
        return counted[0].value if len(counted) == 1 else None
    if isinstance(value, int):
        return value  # however long: one of 400 digits is no float
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value
