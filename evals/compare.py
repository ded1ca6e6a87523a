"""The difference between two runs on the same gold: how large, how sure, and which records made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evals.gold import Gold, Run
from evals.interval import DRAWS, SEED, Array, bootstrap, counted
from evals.moves import RecordMove, moves
from evals.permute import Permuted, permutation_test
from evals.score import score
from evals.scorecard import HEADLINES, DocumentScore, Scorecard
from schemas.describe import Schema

LEVEL = 0.05
_POWERED = 1.96 + 0.84  # standard errors: a test at 5 % that finds the difference in 80 % of cases


@dataclass(frozen=True, slots=True)
class Difference:
    """A headline of B less that of A, with its 95 % interval.

    `p`: of the permutation test, by all swaps where `exact`; `differ`: documents whose counts differ. `smallest`: what
    would be found in 80 % of cases with this many documents, None where nothing shows how much they vary.
    """

    a: float | None
    b: float | None
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    exact: bool
    differ: int
    smallest: float | None

    @property
    def distinguishable(self) -> bool:
        """Whether chance is ruled out at 5 %, by the test and by the interval."""
        if self.p is None or self.low is None or self.high is None:
            return False
        return self.p < LEVEL and not self.low <= 0 <= self.high

    @property
    def testable(self) -> bool:
        """Whether so many documents could come out below 5 % at all."""
        return 2.0 ** (1 - self.differ) < LEVEL


@dataclass(frozen=True, slots=True)
class DocumentMove:
    """A document whose counts or records moved: record F1 and field F1 in A and in B."""

    id: str
    record_f1: tuple[float | None, float | None]
    field_f1: tuple[float | None, float | None]
    records: tuple[RecordMove, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs against the same gold."""

    a: Scorecard
    b: Scorecard
    differences: Mapping[str, Difference]
    documents: tuple[DocumentMove, ...]


def compare(
    schema: Schema, gold: Gold, a: Run, b: Run, *, draws: int = DRAWS, seed: int = SEED
) -> Compared:
    """What B does better or worse than A. A document that one run lacks counts as missed, and is a problem there."""
    card_a, card_b = (score(schema, gold, run, draws=draws, seed=seed) for run in (a, b))
    counts_a, counts_b = counted(card_a.documents), counted(card_b.documents)
    moved = []
    for at, (was, now) in enumerate(zip(card_a.documents, card_b.documents, strict=True)):
        records = moves(schema.kinds, was.results, now.results)
        if records or (counts_a[at] != counts_b[at]).any():
            moved.append(_document_move(was, now, records))
    return Compared(
        card_a,
        card_b,
        _differences(card_a, card_b, (counts_a, counts_b), draws, seed),
        tuple(moved),
    )


def _document_move(
    a: DocumentScore, b: DocumentScore, records: tuple[RecordMove, ...]
) -> DocumentMove:
    return DocumentMove(a.id, (a.records.f1, b.records.f1), (a.fields.f1, b.fields.f1), records)


def _differences(
    a: Scorecard, b: Scorecard, counts: tuple[Array, Array], draws: int, seed: int
) -> dict[str, Difference]:
    tests = permutation_test(*counts, seed)
    few = len(counts[0]) < 2
    drawn = [{} if few else bootstrap(side, draws, seed) for side in counts]  # the same draws
    return {
        name: _difference(
            a.headline[name].value,
            b.headline[name].value,
            np.empty(0) if few else drawn[1][name] - drawn[0][name],
            tests[name],
        )
        for name in HEADLINES
    }


def _difference(a: float | None, b: float | None, drawn: Array, test: Permuted) -> Difference:
    drawn = drawn[~np.isnan(drawn)]
    value = None if a is None or b is None else b - a
    low = high = smallest = None
    if value is not None and drawn.size:
        low, high = map(float, np.percentile(drawn, [2.5, 97.5]))
        smallest = _POWERED * float(drawn.std()) if test.differ else None
    return Difference(a, b, value, low, high, test.p, test.exact, test.differ, smallest)


def to_json(compared: Compared) -> dict[str, Any]:
    """All of it as plain values, but for the scorecards' own tables."""
    a, b = compared.a, compared.b
    sides = {
        side: {"run": dict(card.run), "problems": [asdict(problem) for problem in card.problems]}
        for side, card in (("a", a), ("b", b))
    }
    return {
        "format": 1,
        "differences": {
            name: asdict(d) | {"distinguishable": d.distinguishable}
            for name, d in compared.differences.items()
        },
        "documents": [asdict(document) for document in compared.documents],
        **sides,
        "schema": {key: a.schema[key] for key in ("name", "hash")},
        "gold": dict(a.gold),
    }
