"""Whether a number in a sentence belongs to a name in it, or to another one: "5,400 tonnes of flour and 300 of rice".

A number and a name go together where nothing but words stands between them. Where a comma or an "and" does, they
still may, unless the name has a number of its own. A number between the two keeps them apart, save where it is the
whole of a part ("6 out of 11 stations") or belongs to the same record. A number that names nothing itself shares the
noun of the one before: "nine bakeries: four in Al-Mayadin and five in Hajin".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from extract.numbers import Number

Span = tuple[int, int]
_BRACKETED = re.compile(r"\([^()]*\)")
_SEPARATOR = re.compile(r"[,;]|\band\b|\bas well as\b|\bor\b", re.I)
_WHOLE = re.compile(
    r"(?P<led>(?:^|[,;:(])\W*|\s)(?:out\s+)?(?:of|among)\s+(?:(?:the|its|all|their|these|those)\s+)*$",
    re.I,
)
_ROW = re.compile(r"\|[^|]*\||\t")
_OTHER_NOUN = re.compile(r"[,;:]|\b(?:the|to|for|from|near|at)\b", re.I)
REACH = 200  # characters before a number that are looked through
ARTICLE_REACH = 7  # words between "a" and the noun that it counts
ADJECTIVES = 2  # words between "a" and a noun that surely is the one it counts

_HEDGE = (
    r"(?:about|some|around|nearly|almost|only|another|a|the|other|further|over|more|less|than|at|least|most|up|close|"
    r"to|just)"
)
_OPENS = re.compile(
    rf"(?:^|[,;(]|\b(?:and|but|while|of|for|with|which|whom|them|these|that))\s*(?:{_HEDGE}\s+)*$",
    re.I,
)
_AFTER_COLON = re.compile(rf":\s*(?:{_HEDGE}\s+)*$", re.I)
_PREPOSITION = r"(?:in|at|to|from|near|through|via|into|for|on|by|over|during|since|between|as)\b"
_NO_NOUN = re.compile(
    rf"\s*(?:more|others|further)?\s*(?:[,;.:)]|$|and\b|{_PREPOSITION}|of (?:them|these|those|which|whom)\b|"
    r"(?:that|which|who|was|were|are|is|have|has|had|do|did|will|would|lie|stand|remain|await|being)\b|"
    rf"\w+ed\b(?=\s*(?:[,;.:)]|$|(?:and|beyond|out)\b|{_PREPOSITION})))",
    re.I,
)
_LAST_DIGIT = re.compile(r"\d\W*\w*\W*$")
_WEIGHT = re.compile(rf"\s*(?:tons?|tonnes?|t|kg)\s+(?:went\b|were\b|{_PREPOSITION})", re.I)


def bound(
    sentence: str,
    mentions: Sequence[Number],
    names: Sequence[Span],
    others: Sequence[Number],
    single: Collection[Span] = (),
) -> list[Number]:
    """The mentions of a value that can belong to one of the places where the name stands.

    `others`: the numbers of the sentence that are not the record's own. `single`: names of one thing, which is
    counted only where it stands.
    """
    if _ROW.search(sentence):
        return list(mentions)  # the cells of a row are all the row's
    ends = {number.end for number in (*mentions, *others)}
    rivals = [other for other in others if not _is_whole(sentence, other, ends)]
    around = _Rivals(sentence, rivals)
    return [
        mention
        for mention in mentions
        if not _is_whole(sentence, mention, ends, parted=True)
        and any(
            around.beside(mention, name) or (name not in single and around.apart(mention, name))
            for name in names
        )
    ]


def _before(pattern: re.Pattern[str], sentence: str, end: int) -> re.Match[str] | None:
    """The pattern's match in what stands before `end`, near enough."""
    return pattern.search(sentence, max(0, end - REACH), end)


def _is_whole(sentence: str, number: Number, ends: Collection[int], parted: bool = False) -> bool:
    """Whether another number, by where it ends, is part of this one: "6 out of 11", or not `parted` "Of the 27
    schools, 19 …".
    """
    led = _before(_WHOLE, sentence, number.start)
    if led is None:
        return False
    return (led["led"] != " " and not parted) or led.start() in ends


@dataclass(slots=True)
class _Rivals:
    """The numbers of a sentence that may claim a name. What is asked of each of them is answered once."""

    sentence: str
    numbers: Sequence[Number]
    _starts: list[int] = field(init=False)
    _claimed: dict[Span, bool] = field(default_factory=dict)
    _bare: dict[tuple[int, bool], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._starts = sorted(rival.start for rival in self.numbers if not rival.article)

    def apart(self, number: Number, name: Span) -> bool:
        """Whether the number can belong to the name across a comma or an "and"."""
        if number.article:
            return False
        if self._shares_noun(number, name):
            return True
        if self._between(number, name):
            return False
        if name not in self._claimed:
            self._claimed[name] = any(self._holds(rival, name) for rival in self.numbers)
        return not self._claimed[name]

    def beside(self, number: Number, name: Span) -> bool:
        """Whether nothing but words stands between the number and the name."""
        if number.start < name[1] and name[0] < number.end:
            return True  # the number is part of the name
        if self._between(number, name):
            return False
        words = _BRACKETED.sub(" ", self.sentence[slice(*_gap(number, name))])
        if number.article:
            near = number.end <= name[0] and len(words.split()) < ARTICLE_REACH
            return near and not _OTHER_NOUN.search(words)
        return not _SEPARATOR.search(words)

    def _holds(self, number: Number, name: Span) -> bool:
        """Whether the number stands so close to the name that no other can claim it."""
        if not number.article:
            return self.beside(number, name)
        if number.end > name[0]:
            return False
        words = self.sentence[number.end : name[0]]
        few = len(words.split(maxsplit=ADJECTIVES)) <= ADJECTIVES
        return (
            few and not re.search(r"\b(?:of|with|in|for)\b", words) and not _SEPARATOR.search(words)
        )

    def _shares_noun(self, number: Number, name: Span) -> bool:
        """Whether the number has no noun of its own and follows the name, with none but its like in between."""
        if number.start < name[1]:
            return False
        led = any(rival.end <= name[0] for rival in self.numbers) or bool(
            _before(_LAST_DIGIT, self.sentence, name[0])
        )
        if not self._is_bare(number, led):
            return False
        others = (r for r in self.numbers if name[1] <= r.start < number.start and not r.article)
        return all(
            self._is_bare(other, led)
            or (self.beside(other, name) and _NO_NOUN.match(self.sentence, other.end))
            for other in others
        )

    def _is_bare(self, number: Number, led: bool) -> bool:
        """Whether no noun goes with the number. `led`: the shared noun has a number before it."""
        known = self._bare.get((number.start, led))
        if known is None:
            known = self._bare[number.start, led] = _is_bare(self.sentence, number, led)
        return known

    def _between(self, number: Number, name: Span) -> bool:
        start, end = _gap(number, name)
        first = bisect_left(self._starts, start)
        return first < len(self._starts) and self._starts[first] < end


def _is_bare(sentence: str, number: Number, led: bool) -> bool:
    opens = _before(_OPENS, sentence, number.start) or (
        led and _before(_AFTER_COLON, sentence, number.start)
    )
    ends = _NO_NOUN.match(sentence, number.end) or (led and _WEIGHT.match(sentence, number.end))
    return bool(opens and ends)


def _gap(number: Number, name: Span) -> Span:
    return (number.end, name[0]) if number.end <= name[0] else (name[1], number.start)
