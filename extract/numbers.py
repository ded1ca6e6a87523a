"""Numbers as texts write them, in digits and in English words.

A plain space joins a group of three digits to one to three before it, unless a month's name comes
first or another group follows that has not three ("12 345" is one number, "2018 300" two). A comma
is a decimal sign before one or two digits and a full stop before any ("12.345" is twelve and a
bit). Vague words (dozens, a few, a couple of, hundreds of) are no numbers, nor are digits in
codes, clock times, fractions with a slash, telephone numbers, dated days and reference numbers.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from extract.dates import find_dates
from extract.month_names import MONTHS


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `text[start:end]`; `article`: it is only an "a" or "an" that stands for one."""

    value: int | float
    start: int
    end: int
    article: bool = False
    percent: bool = False


class _Digits(NamedTuple):
    """One number in digits, None where the form is no number; `cuts`: its thousands separators."""

    start: int
    end: int
    value: Fraction | None
    cuts: tuple[int, ...] = ()


class _Token(NamedTuple):
    kind: str
    value: Fraction
    start: int
    end: int


_GAPS = " \u00a0\u2007\u2009\u202f"
_RUN = rf"\d++(?:[.,'’{_GAPS}]\d++)*+"
_HYPHEN = "[-‐‑–]"
_LONGEST = 24  # digits; longer ones are identifiers, and int() refuses some thousands of them

_ONES = "one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SCALES = {
    12: "dozen dozens",
    10**3: "thousand thousands k тыс тысяч тысячи тысяча mille mil ألف آلاف",
    10**5: "lakh lakhs",
    10**6: "million millions mln mn m млн миллион миллиона миллионов millones millón مليون ملايين",
    10**7: "crore crores",
    10**9: "billion billions bn bln milliard milliards млрд миллиард миллиарда миллиардов مليار",
    10**12: "trillion trillions",
}
_WORDS = (
    {word: ("one", at) for at, word in enumerate(_ONES.split(), 1)}
    | {word: ("teen", at) for at, word in enumerate(_TEENS.split(), 10)}
    | {word: ("ten", at * 10) for at, word in enumerate(_TENS.split(), 2)}
    | dict.fromkeys(("hundred", "hundreds"), ("hundred", 100))
    | {word: ("scale", size) for size, words in _SCALES.items() for word in words.split()}
    | {"a": ("article", 1), "an": ("article", 1), "zero": ("teen", 0), "single": ("single", 1)}
)
_PARTS = {"half": "1/2", "quarter": "1/4", "third": "1/3", "two": "2/3", "three": "3/4"}
_TOKEN = re.compile(
    rf"(?P<run>{_RUN})|(?P<vulgar>[½¼¾⅓⅔])"
    r"|\b(?P<part>half|quarter|third|two[ -]thirds|three[ -]quarters)[\s-](?:of\s)?(?:an?\s)?"
    r"(?=(?:dozen|hundred|thousand|million|billion)\b)"
    r"|(?P<half>\band\sa\shalf\b)|(?P<two>\ban?\s(?:couple(?!\sof\b)|pair)\b)"
    r"|(?P<word>[^\W\d_]++)",
    re.IGNORECASE,
)
_MASKED = re.compile(
    rf"(?<!\d)\d++(?::\d++)++|(?<!\d)\d++(?:/\d++)++|(?<!\d)\d++(?:{_HYPHEN}\d++){{2,}}+"
    r"|(?<![\d.])\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b|(?<!\d)\d{3,4}\s?(?:hrs?|GMT|UTC)\b"
    r"|\+\d{1,3}(?:[ ()-]{1,2}\d{1,5}){2,5}|\+\d{7,15}"
    r"|(?:\bresolutions?|\bno\.|№|#|\barticles?|\bparagraphs?|\bdecree|\bpage)\s?\d++",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"km|m|cm|mm|kg|g|mg|t|l|ml|ha|kw|mw|gw|kv|kva|kwh|mwh|mt|lbs?|ft|км|кг|т|м|л|(?:k?m[23²³])"
)
_CURRENCY = re.compile(r"(?<![^\W_])(?:USD|US|EUR|GBP|RUB|SYP|CHF|AUD|CAD|Rs|AFN|TRY|UAH)$")
_MILLIONS_OF = re.compile(
    r"\s(?:people|persons|refugees|children|women|civilians|idps|returnees|tons|tonnes|doses|"
    r"litres|liters|dollars|euros|usd)\b",
    re.IGNORECASE,
)
_NO_ARTICLE = re.compile(
    r"\s(?:few|lot|number|couple|handful|series|variety|great|good|large number|while|bit|little|"
    r"half|third|quarter|hundreds|thousands|dozens|further|total)\b",
    re.IGNORECASE,
)
_ORDINALS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_FRACTION = re.compile(rf"[\s-](?:halves|thirds|quarters|(?:{_ORDINALS}|tenth)s)\b", re.IGNORECASE)
_ONE_PART = re.compile(rf"[\s-](?:half|quarter|tenth|{_ORDINALS})\b(?!-)", re.IGNORECASE)
_ORDINAL_END = re.compile(
    rf"(?:{_HYPHEN}|\s(?:and\s)?)(?:{_ORDINALS}|tenth|eleventh|twelfth|[a-z]{{3,6}}teenth|"
    r"[a-z]{3,5}tieth)\b(?!-)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b|percent|pct\b)|-per\s?cent", re.IGNORECASE)
_AFTER_MONTH = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(MONTHS)})\.?\s$", re.IGNORECASE)


def _western(text: str) -> str:
    """The text with every script's digits and number signs as ASCII, offsets kept."""
    if text.isascii():
        return text
    text = re.sub(r"(?![0-9])\d", lambda digit: str(unicodedata.decimal(digit[0])), text)
    return text.translate(str.maketrans("٫٬٪％", ".,%%"))


_Groups = list[tuple[int, int]]


def _number(text: str, groups: _Groups, decimal: bool) -> _Digits:
    start, end = groups[0][0], groups[-1][1]
    whole = groups[:-1] if decimal else groups
    digits = "".join(text[at:to] for at, to in whole)
    value = None
    padded = len(whole) == 1 and len(digits) > 2 and digits[0] == "0"
    if end - start <= _LONGEST + len(groups) and not padded:
        value = Fraction(f"{digits}.{text[groups[-1][0] : end]}" if decimal else digits)
    return _Digits(start, end, value, tuple(to for _, to in whole[:-1]))


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
    dated = mark == " " and _AFTER_MONTH.search(text[max(0, start - 16) : start])
    # "November 5 300 people" is a day and a count.
    if dated and text[slice(*groups[first + 1])] != "000":
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


def _direct(text: str, groups: _Groups) -> Iterator[_Digits]:
    """The numbers in groups that commas, stops and apostrophes join."""
    marks = ["'" if text[to] == "’" else text[to] for _, to in groups[:-1]]
    sizes = [to - at for at, to in groups]
    kinds = set(marks)
    led = sizes[0] <= 3 and text[groups[0][0]] != "0"
    thousands = led and set(sizes[1:]) == {3} and len(kinds) == 1
    lakhs = sizes[0] < 3 and set(sizes[1:-1]) == {2} and sizes[-1] == 3 and kinds == {","}
    if not marks or lakhs or (thousands and (kinds != {"."} or len(marks) > 1)):
        yield _number(text, groups, decimal=False)
    elif len(marks) == 1 and (
        marks == ["."] or (marks == [","] and (sizes[1] < 3 or text[groups[0][0]] == "0"))
    ):
        yield _number(text, groups, decimal=True)
    elif led and set(sizes[1:-1]) == {3} and len(set(marks[:-1])) == 1 and len(kinds) == 2:
        decimal = marks[-1] in ".,"
        yield (
            _number(text, groups, decimal)
            if decimal
            else _Digits(groups[0][0], groups[-1][1], None)
        )
    elif kinds == {","} and (3 not in sizes[1:] or (len(marks) == 1 and sizes[0] > 3)):
        for group in groups:
            yield _number(text, [group], decimal=False)
    else:
        yield _Digits(groups[0][0], groups[-1][1], None)


def _in_run(text: str, start: int, end: int) -> Iterator[_Digits]:
    """The numbers in a run of digit groups; `text` has ASCII digits."""
    groups = [found.span() for found in re.compile(r"\d+").finditer(text, start, end)]
    first = 0
    while first < len(groups):
        last, decimal = _spaced(text, groups, first)
        if last > first:
            yield _number(text, groups[first : last + 1], decimal)
        else:
            while last + 1 < len(groups) and text[groups[last][1]] not in _GAPS:
                last += 1
            yield from _direct(text, groups[first : last + 1])
        first = last + 1


def _is_letter(char: str) -> bool:
    """A letter of a script that parts words by spaces, in which digits beside it make a code."""
    return char.isalpha() and (char < "\u0590" or "\uff21" <= char <= "\uff5a")


def _is_millions(text: str, start: int, end: int) -> bool:
    """Whether the "m" at `end` stands for million: money, or people and the like."""
    return text[max(0, start - 1) : start] in tuple("$€£") or bool(
        _CURRENCY.search(text[max(0, start - 4) : start]) or _MILLIONS_OF.match(text, end + 1)
    )


def _is_code(text: str, start: int, end: int) -> bool:
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
    unit = re.compile(r"[^\W\d_]{1,12}").match(text, end)
    if unit is None or not _is_letter(unit[0][0]):
        return text[end : end + 1] == "_"
    word = unit[0] if len(unit[0]) == 1 and unit[0] != "K" else unit[0].casefold()
    after = text[unit.end() : unit.end() + 1]
    if after.isalnum() or after == "_":
        return not _UNITS.fullmatch(word + after)
    scaled = _WORDS.get(word, ("", 0))[0] == "scale" and word != "m"
    return not (
        scaled or _UNITS.fullmatch(word) or (word in "mM" and _is_millions(text, start, end))
    )


def _mask(text: str) -> bytearray:
    """1 at each character of a clock time, date, telephone or reference number."""
    mask = bytearray(len(text))
    spans = [found.span() for found in _MASKED.finditer(text)]
    spans += [(date.start, date.end) for date in find_dates(text) if not date.weak]
    for start, end in spans:
        mask[start:end] = b"\1" * (end - start)
    return mask


def _digit_tokens(text: str, run: re.Match[str], mask: bytearray) -> Iterator[_Token]:
    for start, end, value, _ in _in_run(text, *run.span()):
        if value is None or any(mask[start:end]) or _is_code(text, start, end):
            continue
        bare = text[start - 1 : start] == "." and value.denominator == 1
        if bare and not re.search(r"[\w.]\.$", text[max(0, start - 2) : start]):
            value, start = (
                Fraction(f"0.{text[start:end]}") if text[start:end].isdigit() else value,
                start - 1,
            )
        yield _Token("digits", value, start, end)


def _is_article(text: str, start: int, end: int) -> bool:
    """Whether "a" stands before a noun; a capital one only where a sentence starts."""
    if not re.compile(r"\s+(?=[^\W\d_])").match(text, end) or _NO_ARTICLE.match(text, end):
        return False
    lead = text[max(0, start - 3) : start].rstrip(" \"'“‘(")
    return text[start] == "a" or not lead or lead[-1] in ".!?:;\n\r\t-–—•*\"'“”"


def _word_token(text: str, found: re.Match[str], last: int) -> _Token | None:
    """The token of a number word, None for other words and for those inside compounds."""
    start, end = found.span()
    word = found[0].casefold()
    kind, value = _WORDS.get(word, ("", 0))
    before, after = text[start - 1 : start], text[end : end + 1]
    if not kind or after == "_" or after.isdigit() or before == "_":
        return None
    if word in ("k", "m") and not (before.isdigit() and last == start):
        return None
    if kind == "scale":
        return _Token(kind, Fraction(value), start, end)
    if (
        before.isdigit()
        or (before and before in "-‐‑" and last != start - 1)
        or after in ("'", "’")
    ):
        return None
    if kind == "article" and not _is_article(text, start, end):
        return None
    if kind == "single" and after == "-":
        return None
    return _Token(kind, Fraction(value), start, end)


def _tokens(text: str) -> list[_Token]:
    mask = _mask(text)
    tokens: list[_Token] = []
    for found in _TOKEN.finditer(text):
        kind, (start, end) = found.lastgroup or "", found.span()
        if kind == "run":
            tokens += _digit_tokens(text, found, mask)
        elif kind == "word":
            token = _word_token(text, found, tokens[-1].end if tokens else -1)
            if token and (
                found[0] not in ("m", "M") or _is_millions(text, tokens[-1].start, start)
            ):
                tokens.append(token)
        elif kind == "vulgar":
            value = Fraction(unicodedata.numeric(found[0])).limit_denominator(9)
            tokens.append(_Token(kind, value, start, end))
        else:
            part = _PARTS[found[0].split()[0].split("-")[0].casefold()] if kind == "part" else "1/2"
            tokens.append(_Token(kind, Fraction(2 if kind == "two" else part), start, end))
    return tokens


class _Phrase:
    """A number in the making out of tokens that stand side by side."""

    def __init__(self, text: str, tokens: list[_Token], first: int) -> None:
        self.text, self.tokens, self.first, self.next = text, tokens, first, first + 1
        self.last, self.current = tokens[first].kind, tokens[first].value
        self.total, self.cap = Fraction(0), Fraction(10**15)
        while self.next < len(tokens) and self._take(tokens[self.next], self._gap(self.next)):
            self.next += 1

    @property
    def value(self) -> Fraction:
        return self.total + self.current

    @property
    def ending(self) -> Fraction:
        """The hundred, thousand or more that the number ends on, else 1."""
        hundreds = Fraction(100 if self.last == "hundred" and not self.total else 1)
        return self.cap if self.last == "scale" else hundreds

    def _gap(self, at: int) -> str:
        """What is between token `at` and the one before: "", " ", "and", or "/" for all else."""
        if at >= len(self.tokens):
            return "/"
        start, end = self.tokens[at - 1].end, self.tokens[at].start
        between = self.text[start:end] if end - start <= 6 else "/"
        if not between:
            return ""
        if re.fullmatch(rf"\s{{1,2}}|{_HYPHEN}", between):
            return " "
        return "and" if re.fullmatch(r"\sand\s", between, re.IGNORECASE) else "/"

    def _take(self, token: _Token, gap: str) -> bool:
        """Add the token to the number if it goes on with it."""
        if gap == "/" or self.last in ("two", "single", "end"):
            return False
        if self.last == "part":
            gap = gap or " "
        touching = gap == "" and self.last == "digits"
        if token.kind == "scale":
            return (gap == " " or touching) and self._scale(token.value)
        if token.kind == "vulgar":
            return touching and self._add(token)
        if gap == "":
            return False
        if token.kind == "half":
            return gap == " " and self._half()
        if token.kind == "hundred":
            small = 0 < self.current < 100 and self.last not in ("hundred", "scale", "half")
            self.current *= 100 if small and gap == " " else 1
            self.last = "hundred" if small and gap == " " else self.last
            return small and gap == " "
        if token.kind == "digits":
            follows = self._follower(self.next)
            fits = self.last == "scale" and follows is not None and follows.value < self.cap
            return (
                fits
                and gap == " "
                and follows is not None
                and follows.kind == "scale"
                and self._add(token)
            )
        return self._small(token, gap)

    def _follower(self, at: int) -> _Token | None:
        """The token that stands right behind token `at`."""
        return self.tokens[at + 1] if self._gap(at + 1) in ("", " ") else None

    def _add(self, token: _Token) -> bool:
        self.current += token.value
        self.last = token.kind
        return True

    def _scale(self, size: Fraction) -> bool:
        if not self.current or size >= self.cap:
            return False
        self.total += self.current * size
        self.current, self.cap, self.last = Fraction(0), size, "end" if size == 12 else "scale"
        return True

    def _half(self) -> bool:
        if self.last == "scale":
            self.total, self.last = self.total + self.cap / 2, "end"
            return True
        if self.last not in ("one", "teen", "ten", "digits"):
            return False
        self.current, self.last = self.current + Fraction(1, 2), "half"
        return True

    def _small(self, token: _Token, gap: str) -> bool:
        """Take one to ninety-nine behind a ten, a hundred or a scale."""
        if token.kind not in ("one", "teen", "ten") or not token.value:
            return False
        if self.last == "ten":
            return token.kind == "one" and gap == " " and self._add(token)
        if self.last not in ("hundred", "scale"):
            return False
        at = self.next
        follower = self._follower(at)
        if token.kind == "ten" and follower and follower.kind == "one":
            follower = self._follower(at + 1)
        kind = follower.kind if follower else ""
        if self.last == "hundred":
            return kind != "hundred" and self._add(token)
        if kind == "scale" and follower and (gap == "and" or follower.value >= self.cap):
            return False
        return not (kind == "hundred" and gap == "and") and self._add(token)


_HEADS = {"digits", "vulgar", "one", "teen", "ten", "article", "part", "two", "single"}


def _plain(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _is_other(text: str, phrase: _Phrase, start: int, end: int) -> bool:
    """Whether what follows or precedes makes the words an ordinal, a fraction or a pronoun."""
    if _FRACTION.match(text, end):
        return True
    if phrase.last in ("ten", "hundred", "scale") and _ORDINAL_END.match(text, end):
        return phrase.tokens[phrase.next - 1].kind != "digits"
    if phrase.last != "one" or phrase.next - phrase.first > 1 or phrase.value != 1:
        return False
    pronoun = re.search(r"\b(?:no|number)\s$", text[max(0, start - 8) : start], re.IGNORECASE)
    return bool(pronoun or _ONE_PART.match(text, end) or text[end : end + 8] == " another")


_RANGE = re.compile(rf"\s?{_HYPHEN}\s?|\sto\s|\sand\s", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s$", re.IGNORECASE)


def _spread(text: str, first: Number, last: Number, size: Fraction) -> Number:
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


def find_numbers(text: str) -> list[Number]:
    """Every number in the text, in order; the lower bound in "10-15 million" is ten million."""
    text = _western(text)
    tokens = _tokens(text)
    numbers: list[Number] = []
    at, plain = 0, False
    while at < len(tokens):
        if tokens[at].kind not in _HEADS:
            at += 1
            continue
        phrase = _Phrase(text, tokens, at)
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
    return numbers


def same_number(a: int | float, b: int | float) -> bool:
    """Whether two readings are one number: whole ones to the digit, others within a billionth."""
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    try:
        return math.isclose(a, b, rel_tol=1e-9)
    except OverflowError:
        return False


def thousands_separators(text: str) -> list[int]:
    """The offsets of the separators inside digit groups."""
    western = _western(text)
    mask = _mask(western)
    return [
        cut
        for run in re.finditer(_RUN, western)
        for digits in _in_run(western, *run.span())
        if digits.value is not None and not any(mask[digits.start : digits.end])
        for cut in digits.cuts
    ]


def plain_digits(text: str) -> str:
    """The text without thousands separators, for a model that trips over "7,000"."""
    kept = 0
    parts: list[str] = []
    for cut in thousands_separators(text):
        parts.append(text[kept:cut])
        kept = cut + 1
    return "".join(parts) + text[kept:]


def read_number(value: object) -> int | float | None:
    """The number that a model wrote; None unless there is exactly one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        numbers = find_numbers(value)
        counted = [number for number in numbers if not number.article] or numbers
        return counted[0].value if len(counted) == 1 else None
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value
