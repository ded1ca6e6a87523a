"""Which passages are worth a question: a linear model over words, for a model and a schema that it was made for.

A passage is left out where its words make it very unlikely that it holds a record. `evals/training/sieve.py` makes the
weights; the README there says how many passages with records it loses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Self

from extract.types import Document, Passage

FOLDER = Path(__file__).parent / "adapters"
STEM = 7  # letters of a word that count: "restore", "restored" and "restoration" differ little
_WORD = re.compile(r"[^\W\d_]+|\d[\d.,]*|[$€£%]")


@dataclass(frozen=True, slots=True, eq=False)
class Sieve:
    """`weights` by feature; passages that score below `cut` are left out. `id`: of these weights."""

    id: str
    weights: dict[str, float]
    bias: float
    cut: float

    @classmethod
    def read(cls, file: str) -> Self:
        """One that lies in this package."""
        return cls(**json.loads((FOLDER / file).read_text("utf-8")))

    def keeps(self, document: Document, passage: Passage) -> bool:
        """Whether the passage is to be asked about."""
        return self.score(document, passage) >= self.cut

    def score(self, document: Document, passage: Passage) -> float:
        """The log odds that it holds a record, of passages as they were when the weights were made."""
        return self.bias + sum(self.weights.get(f, 0.0) for f in features(document, passage))


sieve = cache(Sieve.read)


def features(document: Document, passage: Passage) -> set[str]:
    """Words and pairs of words in its sentences, and the words of its lead-in. All numbers are alike."""
    text = document.text
    found = set[str]()
    for sentence in passage.sentences:
        words = list(_words(sentence.of(text)))
        found.update(words, (f"{a} {b}" for a, b in pairwise(words)))
    if passage.lead:
        found.update(f"lead:{word}" for word in _words(passage.lead.of(text)))
    return found


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.lower()):
        yield "0" if word[0].isdigit() else word[:STEM]
