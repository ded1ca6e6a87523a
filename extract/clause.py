"""The clauses of a sentence, and whether what is said in one of them can be carried over to another.

"2,156 people entered through Jaydet-Yabous and 3,085 through Nasib": the two clauses each have a way of their own, so
that Nasib is none of the first one's. A clause without a place or a day of its own takes those of its neighbours.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from extract.dates import find_dates
from extract.numbers import find_numbers

Span = tuple[int, int]
_BRACKETED = re.compile(r"\([^()]*\)")
_STRONG = re.compile(r"[;:]\s|,?\s(?:while|whereas)\s|,\s(?:and|but)\s")
_WEAK = re.compile(r",\s|\sand\s")
_LEADS_TO_NUMBER = re.compile(r"(?:[a-z]+\s){0,3}(?:[^\w\s]\s?)?")  # "of them some 300"
_WAYS = (
    frozenset(("in", "at", "near", "outside", "around")),
    frozenset(("in", "to", "into", "towards", "for")),
    frozenset(("through", "via", "by", "at", "over", "across")),
    frozenset(("from",)),
)
_WHEN = (frozenset(("on", "in", "at", "during")), frozenset(("since", "from")))
_REACH = 200  # characters that are looked through for the preposition in front
_LAST_WORD = re.compile(r"([a-z]+)\s+(?:the\s+)?(?:[a-z]+\s+(?:of\s+)?)?$", re.I)
_NAMED = re.compile(r"\b([A-Za-z]+)\s+(?:the\s+)?(?:[a-z]+\s+(?:of\s+)?)?(?=[A-Z])")


def carries(sentence: str, anchors: Sequence[Span], spans: Sequence[Span], dates: bool) -> bool:
    """Whether what stands at one of `spans` can be said of what stands at one of `anchors`."""
    if not anchors or not spans:
        return True
    strong, numbers, starts = _parted(sentence)
    own = {bisect_right(starts, start) for start, _ in anchors}
    ends = [*starts[1:], len(sentence)]
    mine = [sentence[starts[at - 1] : ends[at - 1]] for at in own]
    classes = _WHEN if dates else _WAYS
    for start, _ in spans:
        frames = start < min(numbers, default=0) and any(
            bisect_right(strong, start) == bisect_right(strong, anchor) for anchor, _ in anchors
        )
        if frames or bisect_right(starts, start) in own:
            return True
        led = _led_by(sentence, start, classes)
        if not led or not any(led & _taken(words, dates) for words in mine):
            return True
    return False


@lru_cache(maxsize=256)  # every side value of every record of a sentence asks
def _parted(sentence: str) -> tuple[list[int], list[int], list[int]]:
    """Where something stands behind a strong mark, where the numbers stand, and where the clauses start."""
    plain = _BRACKETED.sub(lambda inside: " " * len(inside[0]), sentence)
    strong = [mark.end() for mark in _STRONG.finditer(plain)]
    numbers = [number.start for number in find_numbers(plain) if not number.percent]
    return strong, numbers, _clauses(plain, strong, numbers)


def _clauses(plain: str, strong: Sequence[int], numbers: Sequence[int]) -> list[int]:
    """Where the clauses start: behind a strong mark, or behind a comma or an "and" that leads to a number."""
    starts = {0, *strong}
    for mark in _WEAK.finditer(plain):
        led = _LEADS_TO_NUMBER.match(plain, mark.end())
        following = bisect_left(numbers, mark.end())
        if led and following < len(numbers) and numbers[following] <= led.end():
            starts.add(mark.end())
    return sorted(starts)


def _led_by(words: str, start: int, classes: Sequence[frozenset[str]]) -> set[int]:
    """The classes of the preposition in front of what starts there."""
    found = _LAST_WORD.search(words[max(0, start - _REACH) : start])
    led = set(found[0].casefold().split()) if found else set()
    return {at for at, members in enumerate(classes) if members & led}


@lru_cache(maxsize=256)
def _taken(words: str, dates: bool) -> set[int]:
    """The classes of which the clause has a place, or a date, itself."""
    if dates:
        mentions = find_dates(words)
        return set().union(*(_led_by(words, at.start, _WHEN) for at in mentions))
    return {
        at
        for found in _NAMED.finditer(words)
        for at, members in enumerate(_WAYS)
        if members & set(found[0].casefold().split())
    }
