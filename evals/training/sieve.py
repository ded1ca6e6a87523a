"""The weights of the passage sieve: python -m evals.training.sieve [-o extract/adapters/crisis-passages.json]

Logistic regression over `extract.sieve.features`, from the written documents and made-up ones. Prints, by four-fold
cross-validation over the written documents, and for a folder of gold that it was not made from: of the passages that
hold a record, how many are left out, and of the others what share, at several cuts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from evals.gold import read_gold
from evals.quotes import to_gold
from evals.training.compose import document as made_document
from extract.profile import ADAPTED
from extract.sieve import Sieve, features
from extract.split import split
from extract.types import Document
from schemas.describe import Schema
from schemas.load import load

SIZES = (ADAPTED.passage // 2, ADAPTED.passage)
MADE, MADE_SEED, MADE_WEIGHT = (
    1200,
    77,
    0.3,
)  # documents; they are less like the world than the written ones
RARE = 6  # a feature of fewer passages is left out
RIDGE = 2.0
HOLDS = 3.0  # what a passage with a record weighs against one without: missing one costs more
SMALL = 0.1  # weights below this are left out
CUTS = (-2.5, -2.0, -1.5, -1.0, -0.5)
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Example:
    """A passage. `holds`: a record; `written`: the document by hand that it is from."""

    features: set[str]
    holds: bool
    weight: float = 1.0
    written: str = ""


def passages(
    schema: Schema, text: str, gold: dict[str, Any], size: int
) -> Iterator[tuple[set[str], bool]]:
    """The features of each passage, and whether the evidence of a record stands in it."""
    document = Document("", text)
    evidence = [
        (span["start"], span["end"])
        for kind in schema.kinds
        for record in gold.get(kind.name) or ()
        for span in record["evidence"]
    ]
    for passage in split(document, size):
        holds = any(
            start < s.end and s.start < end for start, end in evidence for s in passage.sentences
        )
        yield features(document, passage), holds


def examples(schema: Schema, written: Path) -> Iterator[Example]:
    """All that it learns from."""
    for path in sorted(written.glob("*.txt")):
        text = path.read_text("utf-8")
        labels = json.loads(path.with_suffix(".labels.json").read_text("utf-8"))
        gold = to_gold(path.stem, text, labels)
        for size in SIZES:
            for found, holds in passages(schema, text, gold, size):
                yield Example(found, holds, written=path.stem)
    for index in range(MADE):
        text, gold = made_document(MADE_SEED, index)
        for found, holds in passages(schema, text, gold, ADAPTED.passage):
            yield Example(found, holds, MADE_WEIGHT)


def fitted(of: Sequence[Example], cut: float) -> Sieve:
    """The weights that part the examples best."""
    counts = Counter(feature for example in of for feature in example.features)
    known = {f: at for at, f in enumerate(sorted(f for f, n in counts.items() if n >= RARE))}
    cells = [(row, known[f]) for row, e in enumerate(of) for f in e.features if f in known]
    rows, columns = zip(*cells, strict=True)
    seen = csr_matrix((np.ones(len(cells)), (rows, columns)), shape=(len(of), len(known)))
    sign = np.array([1.0 if example.holds else -1.0 for example in of])
    weight = np.array([example.weight * (HOLDS if example.holds else 1.0) for example in of])

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (seen @ at[:-1] + at[-1])
        slope = -weight * sign / (1 + np.exp(margin))
        value = (weight * np.logaddexp(0, -margin)).sum() + RIDGE * (at[:-1] ** 2).sum() / 2
        return float(value), np.append(seen.T @ slope + RIDGE * at[:-1], slope.sum())

    best = minimize(loss, np.zeros(len(known) + 1), jac=True, method="L-BFGS-B").x
    weights = {f: round(float(best[at]), 2) for f, at in known.items() if abs(best[at]) >= SMALL}
    said = json.dumps([weights, cut], sort_keys=True)
    name = hashlib.sha256(said.encode()).hexdigest()[:16]
    return Sieve(name, weights, round(float(best[-1]), 3), cut)


def told(name: str, scored: Iterable[tuple[float, bool]]) -> str:
    """What each cut leaves out."""
    all_scored = list(scored)
    holding = [score for score, holds in all_scored if holds]
    empty = [score for score, holds in all_scored if not holds]
    parts = [
        f"{cut:g}: {sum(s < cut for s in holding)} and {sum(s < cut for s in empty) / len(empty):.0%}"
        for cut in CUTS
    ]
    return f"{name}: of {len(holding)} with records and {len(empty)} without are left out: {'; '.join(parts)}"


def score(sieve: Sieve, found: set[str]) -> float:
    return sieve.bias + sum(sieve.weights.get(feature, 0.0) for feature in found)


def cross_validated(of: Sequence[Example]) -> Iterator[tuple[float, bool]]:
    """Scores of the written documents' passages, by weights that did not see the document."""
    names = sorted({example.written for example in of} - {""})
    for fold in range(FOLDS):
        held = set(names[fold::FOLDS])
        sieve = fitted([example for example in of if example.written not in held], 0.0)
        yield from ((score(sieve, e.features), e.holds) for e in of if e.written in held)


def main() -> None:
    parser = argparse.ArgumentParser(description="make the weights of the passage sieve")
    parser.add_argument("--written", type=Path, default=Path(__file__).parent / "written")
    parser.add_argument("--gold", type=Path, default=Path("evals/corpus/dev"))
    parser.add_argument("--cut", type=float, default=-2.0)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    schema = load("crisis")
    of = list(examples(schema, options.written))
    print(told("cross-validation", cross_validated(of)))
    sieve = fitted(of, options.cut)
    gold = read_gold(options.gold, schema)
    held_out = [
        (score(sieve, found), holds)
        for name, text in gold.texts.items()
        for found, holds in passages(schema, text, dict(gold.documents[name]), ADAPTED.passage)
    ]
    print(told(str(options.gold), held_out))
    if options.output:
        fields = ("id", "bias", "cut", "weights")
        said = json.dumps(
            {name: getattr(sieve, name) for name in fields}, ensure_ascii=False, indent=0
        )
        options.output.write_text(said + "\n", "utf-8")
        print(f"{len(sieve.weights)} features, id {sieve.id}")


if __name__ == "__main__":
    main()
