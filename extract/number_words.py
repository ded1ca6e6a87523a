"""The grammar of number words: "two and a half thousand", "one million two hundred thousand"."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

Value = int | Fraction


class Token(NamedTuple):
    """One word or one number in digits that a number can be made of."""

    kind: str
    value: Value
    start: int
    end: int


HYPHEN = "[-‐‑–]"
_ONES = "one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SCALE_WORDS = {
    12: "dozen dozens",
    10**3: "thousand thousands k тыс тысяч тысячи тысяча mille mil ألف آلاف",
    10**5: "lakh lakhs",
    10**6: "million millions mln mn m млн миллион миллиона миллионов millones millón مليون ملايين",
    10**7: "crore crores",
    10**9: "billion billions bn bln milliard milliards млрд миллиард миллиарда миллиардов مليار",
    10**12: "trillion trillions",
}
SCALES = {word: size for size, words in _SCALE_WORDS.items() for word in words.split()}
_WORDS = (
    {word: ("one", at) for at, word in enumerate(_ONES.split(), 1)}
    | {word: ("teen", at) for at, word in enumerate(_TEENS.split(), 10)}
    | {word: ("ten", at * 10) for at, word in enumerate(_TENS.split(), 2)}
    | dict.fromkeys(("hundred", "hundreds"), ("hundred", 100))
    | {word: ("scale", size) for word, size in SCALES.items()}
    | {"a": ("article", 1), "an": ("article", 1), "zero": ("teen", 0), "single": ("single", 1)}
)
_PARTS = {"half": "1/2", "quarter": "1/4", "third": "1/3", "two": "2/3", "three": "3/4"}
_PHRASE = re.compile(
    r"\b(?P<part>half|quarter|third|two[ -]thirds|three[ -]quarters)[\s-](?:of\s)?(?:an?\s)?"
    r"(?=(?:dozen|hundred|thousand|million|billion)\b)"
    r"|(?P<half>\band\sa\shalf\b)|(?P<two>\ban?\s(?:couple(?!\sof\b)|pair)\b)",
    re.IGNORECASE,
)
_PHRASE_HEADS = frozenset(["half", "quarter", "third", "two", "three", "and", "a", "an"])
FIRST_WORDS = _PHRASE_HEADS | _WORDS.keys()
"""The words that a number can begin with or go on with, casefolded."""
_NO_ARTICLE = re.compile(
    r"\s(?:few|lot|number|couple|handful|series|variety|great|good|large number|while|bit|little|"
    r"half|third|quarter|hundreds|thousands|dozens|further|total)\b",
    re.IGNORECASE,
)
_BEFORE_NOUN = re.compile(r"\s+(?=[^\W\d_])")


def word_token(text: str, word: str, start: int, end: int, last: int) -> Token | None:
    """The token that begins with the casefolded word; None for no number word and for one inside a compound.

    `last`: where the token before ends.
    """
    if word in _PHRASE_HEADS and (phrase := _PHRASE.match(text, start)):
        kind = phrase.lastgroup or ""
        part = _PARTS[word] if kind == "part" else "1/2"
        return Token(kind, 2 if kind == "two" else Fraction(part), start, phrase.end())
    if word not in _WORDS:
        return None
    kind, value = _WORDS[word]
    return Token(kind, value, start, end) if _stands(text, kind, word, start, end, last) else None


def _stands(text: str, kind: str, word: str, start: int, end: int, last: int) -> bool:
    """Whether what touches the word lets it be a number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if after == "_" or after.isdigit() or before == "_":
        return False
    if word in ("k", "m"):
        return before.isdigit() and last == start
    if kind == "scale":
        return True
    if before.isdigit() or (before and before in "-‐‑" and last != start - 1):
        return False
    if after in ("'", "’"):
        return False
    if kind == "article":
        return _is_article(text, start, end)
    return not (kind == "single" and after == "-")


def _is_article(text: str, start: int, end: int) -> bool:
    """Whether "a" stands before a noun; a capital one only where a sentence starts."""
    if not _BEFORE_NOUN.match(text, end) or _NO_ARTICLE.match(text, end):
        return False
    lead = text[max(0, start - 3) : start].rstrip(" \"'“‘(")
    return text[start] == "a" or not lead or lead[-1] in ".!?:;\n\r\t-–—•*\"'“”"


_GAP = re.compile(rf"(\s{{1,2}}|{HYPHEN})|\sand\s", re.IGNORECASE)


class Phrase:
    """A number in the making out of tokens that stand side by side."""

    def __init__(self, text: str, tokens: list[Token], first: int) -> None:
        self.text, self.tokens, self.first, self.next = text, tokens, first, first + 1
        self.last, self.current = tokens[first].kind, tokens[first].value
        self.total: Value = 0
        self.cap = 10**15
        while self.next < len(tokens) and self._take(tokens[self.next], self._gap(self.next)):
            self.next += 1

    @property
    def value(self) -> Value:
        return self.total + self.current

    @property
    def ending(self) -> int:
        """The hundred, thousand or more that the number ends on, else 1."""
        if self.last == "scale":
            return self.cap
        return 100 if self.last == "hundred" and not self.total else 1

    def _gap(self, at: int) -> str:
        """What is between token `at` and the one before: "", " ", "and", or "/" for all else."""
        if at >= len(self.tokens):
            return "/"
        start, end = self.tokens[at - 1].end, self.tokens[at].start
        if start == end:
            return ""
        between = _GAP.fullmatch(self.text, start, end) if end - start < 6 else None
        if between is None:
            return "/"
        return " " if between[1] else "and"

    def _take(self, token: Token, gap: str) -> bool:
        """Add the token to the number if it goes on with it."""
        if gap == "/" or self.last in ("two", "single", "end"):
            return False
        if self.last == "part":
            gap = gap or " "
        touching = gap == "" and self.last == "digits"
        spaced = gap == " "
        match token.kind:
            case "scale":
                return (spaced or touching) and self._scale(int(token.value))
            case "vulgar":
                return touching and self._add(token)
            case "half":
                return spaced and self._half()
            case "hundred":
                return spaced and self._hundred()
            case "digits":
                return spaced and self._digits(token)
            case "one" | "teen" | "ten":
                return (spaced or gap == "and") and self._small(token, gap)
            case _:
                return False

    def _follower(self, at: int) -> Token | None:
        """The token that stands right behind token `at`."""
        return self.tokens[at + 1] if self._gap(at + 1) in ("", " ") else None

    def _add(self, token: Token) -> bool:
        self.current += token.value
        self.last = token.kind
        return True

    def _scale(self, size: int) -> bool:
        if not self.current or size >= self.cap:
            return False
        self.total += self.current * size
        self.current, self.cap, self.last = 0, size, "end" if size == 12 else "scale"
        return True

    def _half(self) -> bool:
        if self.last == "scale":
            self.total, self.last = self.total + Fraction(self.cap, 2), "end"
            return True
        if self.last not in ("one", "teen", "ten", "digits"):
            return False
        self.current, self.last = self.current + Fraction(1, 2), "half"
        return True

    def _hundred(self) -> bool:
        if not 0 < self.current < 100 or self.last in ("hundred", "scale", "half"):
            return False
        self.current, self.last = self.current * 100, "hundred"
        return True

    def _digits(self, token: Token) -> bool:
        """Take digits behind a scale where a smaller scale is theirs: "1 million 200 thousand"."""
        scale = self._follower(self.next)
        smaller = scale is not None and scale.kind == "scale" and scale.value < self.cap
        return self.last == "scale" and smaller and self._add(token)

    def _small(self, token: Token, gap: str) -> bool:
        """Take one to ninety-nine behind a ten, a hundred or a scale."""
        if not token.value:
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
