"""Words as the text writes them, found whatever the case, the accents, the quotes and the hyphens."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from extract.numbers import thousands_separators

_QUOTES = set("'`´‘’‚‛“”„‟«»\"ʹʺʻʼʽʾʿˈˊˋ′″＇\u0640")  # the last is the Arabic stretcher
_DASHES = set("-‐‑‒–—―−﹘﹣－\u00ad")
# Combining classes of accents and of Hebrew and Arabic points; vowel signs of Indic scripts are letters.
_MARKS = {*range(10, 36), *range(200, 250)}
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

_STOP_WORDS = """
a about after all also an and are as at be been before between but by during for from had has
have he her his in into is it its more near no not of off on or other our out over she some
such than that the their them then there these they this those through to under up was we were
which while who will with within without would
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
hundred hundreds thousand thousands million millions billion billions dozen dozens single
"""
_STOP = frozenset(_STOP_WORDS.split())


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    """What one character folds to; a space for white space and dashes, nothing for quotes and marks."""
    if char in _QUOTES or (char not in _DASHES and unicodedata.category(char) == "Cf"):
        return ""
    if char in _DASHES or char.isspace():
        return " "
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    if len(split) > 1 or split != char:
        kept = "".join(
            " " if part in _DASHES or part.isspace() else part
            for part in split
            if part not in _QUOTES and unicodedata.combining(part) not in _MARKS
        )
        return unicodedata.normalize("NFC", kept)
    return "" if unicodedata.combining(char) in _MARKS else char


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded for matching: `text[i]` comes from the original's `starts[i]` to `ends[i]`."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    original: str

    def find(
        self, words: str, start: int = 0, end: int | None = None, *, inflected: bool = False
    ) -> list[tuple[int, int]]:
        """The spans in the original, from `start` to `end`, where the words stand as whole words.

        `inflected`: each word may also be in the plural or the singular.
        """
        pattern = _pattern(words, inflected)
        if pattern is None:
            return []
        low = bisect_left(self.starts, start)
        high = len(self.ends) if end is None else bisect_left(self.ends, end + 1)
        return [
            (self.starts[found.start()], self.ends[found.end() - 1])
            for found in pattern.finditer(self.text, low, max(low, high))
            if self._is_whole(*found.span())
        ]

    def _is_whole(self, start: int, end: int) -> bool:
        """Whether the words stand between word boundaries and cut no character in two."""
        text = self.text
        before = start == 0 or _parts(text[start - 1], text[start]) or self._elided(start)
        after = end == len(text) or _parts(text[end - 1], text[end]) or self._possessive(end)
        cut = (start > 0 and self.starts[start - 1] == self.starts[start]) or (
            end < len(text) and self.starts[end] == self.starts[end - 1]
        )
        return before and after and not cut

    def _elided(self, at: int) -> bool:
        """Whether an article is cut to one letter and an apostrophe before `at`: "l'Oronte"."""
        lead = self.original[max(0, self.starts[at] - 3) : self.starts[at]]
        return re.search(r"(?:^|[^\w])[dlDL]['’]$", lead) is not None

    def _possessive(self, at: int) -> bool:
        """Whether the word that ends before `at` is in the genitive: "Syria's"."""
        tail = self.original[self.ends[at - 1] : self.ends[at - 1] + 3]
        return re.match(r"['’][sS](?!\w)", tail) is not None


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


@lru_cache(maxsize=4096)
def _parts(left: str, right: str) -> bool:
    """Whether a word may end between two characters."""
    spaced = _is_word(left) and _is_word(right)
    return not spaced or bool(_UNSPACED.match(left) or _UNSPACED.match(right))


def _inflections(word: str) -> str:
    """A pattern for the word in the singular and the plural."""
    if len(word) < 3 or not word.isalpha():
        return re.escape(word)
    forms = {word, f"{word}s", f"{word}es"}
    if word.endswith("y"):
        forms.add(f"{word[:-1]}ies")
    if word.endswith("ies"):
        forms.add(f"{word[:-3]}y")
    if word.endswith("es"):
        forms.add(word[:-2])
    if word.endswith("s") and not word.endswith("ss"):
        forms.add(word[:-1])
    return f"(?:{'|'.join(re.escape(form) for form in sorted(forms, key=len, reverse=True))})"


@lru_cache(maxsize=1024)
def _pattern(words: str, inflected: bool) -> re.Pattern[str] | None:
    """The pattern for the words in a folded text; None where nothing is left of them to look for."""
    needle = fold(words).text.strip()
    if not any(map(_is_word, needle)):
        return None
    if not inflected:
        return re.compile(re.escape(needle))
    pieces = [_inflections(word) for word in re.findall(r"[^\W_]+|.", needle, re.DOTALL)]
    # The lookahead holds the longest form to the end of a word, so that "wells" is not cut to "well".
    return re.compile("".join(pieces) + r"(?![a-z])")


# What folds to itself in lower case, with single spaces between.
_PLAIN = re.compile(r"[!#-&(-,./-_a-~]++(?: [!#-&(-,./-_a-~]++)*+")


def _fold(text: str) -> Folded:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for cut in (*thousands_separators(text), len(text)):
        while at < cut:
            if plain := _PLAIN.match(text, at, cut):
                chars += plain[0].lower()
                starts += range(at, plain.end())
                ends += range(at + 1, plain.end() + 1)
                at = plain.end()
                continue
            folded = _folded(text[at])
            if not folded and ends and unicodedata.combining(text[at]):
                ends[-1] = at + 1
            for part in folded:
                if part == " " and chars and chars[-1] == " ":
                    continue
                chars.append(part)
                starts.append(at)
                ends.append(at + 1)
            at += 1
        at = cut + 1
    return Folded("".join(chars), tuple(starts), tuple(ends), text)


_CACHED = 2000  # characters; a longer text is seldom asked for twice
_remembered = lru_cache(maxsize=2048)(_fold)


def fold(text: str) -> Folded:
    """Casefolded, without accents, quotes and thousands separators; dashes and white space one space."""
    return _remembered(text) if len(text) < _CACHED else _fold(text)


def stands_in(words: str, text: str, *, inflected: bool = False) -> bool:
    """Whether the words stand in the text as whole words."""
    return bool(fold(text).find(words, inflected=inflected))


def content_words(text: str) -> tuple[str, ...]:
    """The folded words of the text that name something: no function words, no numbers."""
    words = re.findall(r"[^\W_]+", fold(text).text)
    return tuple(word for word in words if word not in _STOP and not word.isdigit())
