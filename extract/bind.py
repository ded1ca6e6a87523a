"""Whether a number in a sentence belongs to a name in it, or to another one: "5,400 tonnes of flour and 300 of rice".

A number and a name go together where nothing but words stands between them. Where a comma or an "and" does, they
still may, unless the name has a number of its own. A number between the two keeps them apart, save where it is the
whole of a part ("6 out of 11 stations") or belongs to the same record. A number that names nothing itself shares the
noun of the one before: "nine bakeries: four in Al-Mayadin and five in Hajin".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

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
    numbers = (*mentions, *others)
    rivals = [other for other in others if not _is_whole(sentence, other, numbers)]
    return [
        mention
        for mention in mentions
        if not _is_whole(sentence, mention, numbers, parted=True)
        and any(
            _beside(sentence, mention, name, rivals)
            or (name not in single and _apart(sentence, mention, name, rivals))
            for name in names
        )
    ]


def _is_whole(
    sentence: str, number: Number, numbers: Sequence[Number], parted: bool = False
) -> bool:
    """Whether another number is part of this one: "6 out of 11", or not `parted` "Of the 27 schools, 19 …"."""
    led = _WHOLE.search(sentence[: number.start])
    if led is None:
        return False
    return (led["led"] != " " and not parted) or any(part.end == led.start() for part in numbers)


def _apart(sentence: str, number: Number, name: Span, rivals: Sequence[Number]) -> bool:
    """Whether the number can belong to the name across a comma or an "and"."""
    if number.article:
        return False
    if _shares_noun(sentence, number, name, rivals):
        return True
    if _between(number, name, rivals):
        return False
    return not any(_holds(sentence, rival, name, rivals) for rival in rivals)


def _beside(sentence: str, number: Number, name: Span, rivals: Sequence[Number]) -> bool:
    """Whether nothing but words stands between the number and the name."""
    if number.start < name[1] and name[0] < number.end:
        return True  # the number is part of the name
    if _between(number, name, rivals):
        return False
    start, end = _gap(number, name)
    words = _BRACKETED.sub(" ", sentence[start:end])
    if number.article:
        near = number.end <= name[0] and len(words.split()) < ARTICLE_REACH
        return near and not _OTHER_NOUN.search(words)
    return not _SEPARATOR.search(words)


def _holds(sentence: str, number: Number, name: Span, rivals: Sequence[Number]) -> bool:
    """Whether the number stands so close to the name that no other can claim it."""
    if not number.article:
        return _beside(sentence, number, name, rivals)
    words = sentence[number.end : name[0]]
    few = len(words.split()) <= ADJECTIVES and not re.search(r"\b(?:of|with|in|for)\b", words)
    return number.end <= name[0] and few and not _SEPARATOR.search(words)


def _shares_noun(sentence: str, number: Number, name: Span, rivals: Sequence[Number]) -> bool:
    """Whether the number has no noun of its own and follows the name, with none but its like in between."""
    if number.start < name[1]:
        return False
    before = sentence[: name[0]]
    led = any(rival.end <= name[0] for rival in rivals) or bool(re.search(r"\d\W*\w*\W*$", before))
    if number.article or not _is_bare(sentence, number, led):
        return False
    others = [r for r in rivals if name[1] <= r.start < number.start and not r.article]
    return all(
        _is_bare(sentence, other, led)
        or (_beside(sentence, other, name, rivals) and _NO_NOUN.match(sentence, other.end))
        for other in others
    )


def _is_bare(sentence: str, number: Number, led: bool) -> bool:
    """Whether no noun goes with the number. `led`: the shared noun has a number before it."""
    before = sentence[: number.start]
    opens = _OPENS.search(before) or (led and _AFTER_COLON.search(before))
    ends = _NO_NOUN.match(sentence, number.end) or (led and _WEIGHT.match(sentence, number.end))
    return bool(opens and ends)


def _between(number: Number, name: Span, rivals: Sequence[Number]) -> bool:
    start, end = _gap(number, name)
    return any(start <= rival.start < end for rival in rivals if not rival.article)


def _gap(number: Number, name: Span) -> Span:
    return (number.end, name[0]) if number.end <= name[0] else (name[1], number.start)
