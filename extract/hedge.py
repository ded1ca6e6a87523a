"""How a text hedges a number: "more than 40", "some 200", "up to 3,000 people", "9,000 or so". English."""

from __future__ import annotations

import re
from collections.abc import Collection

from extract.clause import Span
from extract.numbers import find_numbers
from extract.types import Values
from extract.words import content_words, fold
from schemas.describe import Kind

_BEFORE = {
    "at_most": r"(?:no|not) more than|(?<!no )(?<!not )(?:less|fewer) than|up to|as (?:many|much) as|at (?:the )?most|"
    r"(?<!just )under|below|a maximum of|maximum|[<≤]",
    "at_least": r"(?:no|not) (?:fewer|less) than|(?<!no )(?<!not )more than|(?<!ed )(?<!en )over|above|upwards? of|"
    r"at (?:the )?least|in excess of|exceed(?:s|ed|ing)?|topped|passed the mark of|a minimum of|minimum|[>≥]",
    "about": r"about|some|around|nearly|almost|approximately|approx\.?|roughly|close to|(?:an? )?estimated|perhaps|"
    r"circa|ca\.|[~≈]|just under|in the order of",
}
_AFTER = {
    "at_least": r"\s?\+|\s+(?:or|and) more\b|\s+plus\b|\s+at (?:the )?(?:very )?least\b",
    "at_most": r"\s+at (?:the )?(?:most|outside)\b|\s+or (?:fewer|less)\b",
    "about": r"-odd\b|\s+(?:\w+\s+){0,2}or (?:so|thereabouts)\b|\s+give or take\b",
}
# What may stand between a hedge and its number.
_FILL = r"(?:\s+(?:an?|the|total|of|another|further|additional|all|these|those|its|their|usd|eur))*\s*[$€£(]?\s*"
_FORMS = [
    (
        name,
        re.compile(rf"(?<!\w)(?:{_BEFORE[name]}){_FILL}\Z", re.I),
        re.compile(_AFTER[name], re.I),
    )
    for name in ("at_most", "at_least", "about")
]
_LOOKED_AT = 50  # characters before a number


def hedge_of(words: str, start: int, end: int) -> str | None:
    """How the number at `words[start:end]` is hedged: at_least, at_most or about; None where it is not."""
    before = words[max(0, start - _LOOKED_AT) : start]
    for name, lead, tail in _FORMS:
        if lead.search(before) or tail.match(words, end):
            return name
    return None


def hedged(kind: Kind, values: Values, anchors: Collection[Span], words: str) -> Values:
    """The values with the hedge that stands at the record's number; as they are where that cannot be told.

    `anchors`: where in the words the record's main numbers stand.
    """
    numbers = [n for n in find_numbers(words) if (n.start, n.end) in anchors]
    if kind.hedge is None or not numbers or not _is_english(words):
        return values
    found = (hedge_of(words, n.start, n.end) for n in numbers if not n.article)
    said = next(filter(None, found), None)
    rest = {name: value for name, value in values.items() if name != kind.hedge}
    return rest | ({kind.hedge: said} if said else {})


def _is_english(words: str) -> bool:
    """Whether it has English words that name nothing, so that its hedges are known."""
    return len(re.findall(r"[^\W\d_]+", fold(words).text)) > len(content_words(words))
