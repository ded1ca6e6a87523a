"""A name that a model wrote with a letter wrong, found as the text has it: "Houthies" is the text's "Houthis"."""

from __future__ import annotations

import re

from extract.words import fold

SHORTEST = 6  # letters of a word; shorter ones are too often another word
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def respelt(said: str, words: str) -> str | None:
    """The text's own spelling where one capitalised word of a name differs by a letter; None unless just one does."""
    wanted = [found[0] for found in _WORD.finditer(said)]
    there = list(_WORD.finditer(words))
    spans = {
        words[there[at].start() : there[at + len(wanted) - 1].end()]
        for at in range(len(there) - len(wanted) + 1)
        if wanted and _is_slip(wanted, [w[0] for w in there[at : at + len(wanted)]])
    }
    return spans.pop() if len(spans) == 1 else None


def _is_slip(wanted: list[str], there: list[str]) -> bool:
    pairs = [(fold(w).text, fold(t).text, t) for w, t in zip(wanted, there, strict=True)]
    other = [(said, stands, word) for said, stands, word in pairs if said != stands]
    return len(other) == 1 and other[0][2][0].isupper() and _one_letter_apart(*other[0][:2])


def _one_letter_apart(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    if len(short) < SHORTEST or len(long) - len(short) > 1 or short[0] != long[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at + (len(short) == len(long)) :] == long[at + 1 :]
