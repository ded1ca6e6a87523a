"""Whether two runs differ by more than chance: a paired permutation test over documents.

If neither run were better, each document's two results could as well have come the other way round. The test swaps
them, in all ways where few documents differ and in many drawn ones elsewhere, and asks how often the difference grows
as large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evals.interval import SEED, Array, figures
from evals.scorecard import HEADLINES

EXACT = 12  # documents that differ, of which all swaps are tried
DRAWS = 9999
_TOGETHER = 2_000_000  # swaps held at a time
_EVEN = 1e-9
_COLUMNS = {"record": slice(0, 3), "field": slice(3, 6), "grounded": slice(6, 8)}


@dataclass(frozen=True, slots=True)
class Permuted:
    """`p`: two-sided, None where a run has no such figure. `differ`: documents in which the counts differ."""

    p: float | None
    exact: bool
    differ: int


def permutation_test(a: Array, b: Array, seed: int = SEED) -> dict[str, Permuted]:
    """For every headline; `a`, `b`: the counts of two runs as `interval.counted` gives them, documents in one order."""
    made: dict[str, Permuted] = {}
    for group, columns in _COLUMNS.items():
        names = [name for name in HEADLINES if name.startswith(group)]
        made |= _tested(a, b, columns, names, seed)
    return {name: made[name] for name in HEADLINES}


def _tested(a: Array, b: Array, columns: slice, names: list[str], seed: int) -> dict[str, Permuted]:
    gap = b - a
    gap = gap[(np.abs(gap[:, columns]) > _EVEN).any(axis=1)]
    differ = len(gap)
    exact = differ <= EXACT
    total_a, total_b = a.sum(axis=0), b.sum(axis=0)
    observed = _differences(total_a, total_b)
    reached = dict.fromkeys(names, 0)
    tried = 0
    for swapped in _all_swaps(differ) if exact else _drawn_swaps(differ, seed):
        moved = swapped @ gap
        found = _differences(total_a + moved, total_b - moved)
        tried += len(swapped)
        for (
            name
        ) in names:  # a swap that leaves a side without a figure counts against the difference
            less = np.abs(found[name]) < abs(observed[name]) - _EVEN
            reached[name] += len(swapped) - int(less.sum())
    one = 0 if exact else 1  # the swaps drawn, and the one that was seen
    return {
        name: Permuted(
            None if np.isnan(observed[name]) else (reached[name] + one) / (tried + one),
            exact,
            differ,
        )
        for name in names
    }


def _differences(a: Array, b: Array) -> dict[str, Array]:
    """Of the headlines; sums are rounded, so that what adds up to nothing is nothing."""
    of_a, of_b = figures(np.round(a, 9)), figures(np.round(b, 9))
    return {name: of_b[name] - of_a[name] for name in HEADLINES}


def _all_swaps(documents: int) -> Iterator[Array]:
    numbers = np.arange(2**documents)[:, None]
    yield (numbers >> np.arange(documents) & 1).astype(float)


def _drawn_swaps(documents: int, seed: int) -> Iterator[Array]:
    rng = np.random.default_rng(seed)
    block = max(1, _TOGETHER // documents)
    for start in range(0, DRAWS, block):
        yield rng.integers(0, 2, (min(block, DRAWS - start), documents)).astype(float)
