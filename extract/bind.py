"""Whether a number in a sentence belongs to a name in it, or to another one: "5,400 tonnes of flour and 300 of rice".

A number and a name go together where nothing but words stands between them. Where a comma, a semicolon or an "and" does,
they still may, unless the name already has a number of its own. A number between the two keeps them apart, save where
it is the whole of a part ("6 out of 11 stations") or belongs to the same record.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from extract.numbers import Number, find_numbers, same_number

Span = tuple[int, int]
_BRACKETED = re.compile(r"\([^()]*\)")
_SEPARATOR = re.compile(r"[,;]|\band\b|\bas well as\b|\bor\b", re.I)
_PARTITIVE = re.compile(r"\b(?:of|among)\s+(?:the|its|all|their|these|those)?\s*$", re.I)
_ELLIPTIC = re.compile(
    r"\s*(?:\Z|[,;.)]|(?:are|is|was|were|have|has|had|remain\w*|more|others?|of|in|at|to|and|or|still|await\w*|"
    r"stand\w*|under|out|function\w*|work\w*|\w+ed|rebuilt|shut)\b)",
    re.I,
)
"""What follows a number whose noun was said before: "of the 31 stations 22 work, 5 are under repair"."""
ARTICLE_REACH = 7  # words between "a" and the noun that it counts


def bound(sentence: str, value: float, names: Sequence[Span], own: Collection[float] = ()) -> bool:
    """Whether some mention of the value can belong to one of the places where the name stands.

    `own`: the other numbers of the same record, which do not keep the two apart.
    """
    if "|" in sentence:
        return True  # a row of a table is about one thing
    numbers = [n for n in find_numbers(sentence) if not n.percent]
    mentions = [n for n in numbers if same_number(n.value, value)]
    others = [
        n
        for n in numbers
        if not n.article
        and not same_number(n.value, value)
        and not any(same_number(n.value, mine) for mine in own)
        and not _PARTITIVE.search(sentence[: n.start])
    ]
    return any(
        _goes_with(sentence, mention, name, others) for mention in mentions for name in names
    )


def _goes_with(sentence: str, number: Number, name: Span, others: Sequence[Number]) -> bool:
    if number.start < name[1] and name[0] < number.end:
        return True  # the number is part of the name
    gap = _gap(number, name)
    between_them = [other for other in others if gap[0] <= other.start < gap[1]]
    if name[1] <= number.start and _ELLIPTIC.match(sentence, number.end):
        return all(_ELLIPTIC.match(sentence, other.end) for other in between_them)
    if between_them:
        return False
    between = _BRACKETED.sub(" ", sentence[gap[0] : gap[1]])
    if number.article:
        near = number.end <= name[0] and len(between.split()) < ARTICLE_REACH
        return near and not re.search(r"[,;:]", between)
    if not _SEPARATOR.search(between):
        return True
    return not any(_holds(sentence, other, name, others) for other in others)


def _holds(sentence: str, number: Number, name: Span, others: Sequence[Number]) -> bool:
    """Whether the number stands right beside the name, so that no other can claim it."""
    gap = _gap(number, name)
    if any(gap[0] <= other.start < gap[1] for other in others if other is not number):
        return False
    return not _SEPARATOR.search(_BRACKETED.sub(" ", sentence[gap[0] : gap[1]]))


def _gap(number: Number, name: Span) -> Span:
    return (number.end, name[0]) if number.end <= name[0] else (name[1], number.start)
