"""Pair gold with predicted records of one kind, one to one, so that the similarities add up to the most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from evals.similar import Floats, Ints, Row, dense, scored, sparse
from schemas.describe import Kind

FLOOR = 0.34  # records that agree in less than a third are two claims, not one that was misread
DENSE = 250_000  # pairs of one document that are all compared; of more, only likely ones
EVEN = 0.01  # of pairings that add up to the same, one like pair and one unlike win over two that are half alike
NEAREST = 4  # of many records with the same key, those next in order on either side

Pair = tuple[int, int]


def pair(kind: Kind, gold: Sequence[Row], predicted: Sequence[Row]) -> list[Pair]:
    """The places of the paired records, in the order of gold."""
    if len(gold) * len(predicted) <= DENSE:
        return _best(dense(kind, gold, predicted))
    pairs, left_gold, left_predicted = _equal(gold, predicted)
    if len(left_gold) * len(left_predicted) <= DENSE:
        similar = dense(kind, [gold[i] for i in left_gold], [predicted[j] for j in left_predicted])
        rest = _best(similar)
    else:
        rest = _among_likely(
            kind, [gold[i] for i in left_gold], [predicted[j] for j in left_predicted]
        )
    return sorted(pairs + [(left_gold[i], left_predicted[j]) for i, j in rest])


def _best(similar: Floats) -> list[Pair]:
    if not similar.size:
        return []
    similar = np.where(similar >= FLOOR, similar * (1 + EVEN * similar), 0)
    rows, columns = linear_sum_assignment(similar, maximize=True)
    kept = similar[rows, columns] > 0
    return list(zip(rows[kept].tolist(), columns[kept].tolist(), strict=True))


def _equal(
    gold: Sequence[Row], predicted: Sequence[Row]
) -> tuple[list[Pair], list[int], list[int]]:
    """Pairs of equal records, and the places of the others on both sides."""
    waiting: dict[Row, list[int]] = defaultdict(list)
    for j in range(len(predicted) - 1, -1, -1):
        waiting[predicted[j]].append(j)
    pairs: list[Pair] = []
    left = []
    for i, row in enumerate(gold):
        if same := waiting.get(row):
            pairs.append((i, same.pop()))
        else:
            left.append(i)
    return pairs, left, sorted(j for same in waiting.values() for j in same)


def _among_likely(kind: Kind, gold: Sequence[Row], predicted: Sequence[Row]) -> list[Pair]:
    """The best pairing of records that agree in all fields but one, in all core fields, or in one rare value."""
    at_gold, at_predicted = _likely(kind, gold, predicted)
    similar = sparse(kind, gold, predicted, at_gold, at_predicted)
    kept = similar >= FLOOR
    at_gold, at_predicted, similar = at_gold[kept], at_predicted[kept], similar[kept]
    size = len(gold) + len(predicted)
    links = coo_array((np.ones(len(at_gold)), (at_gold, len(gold) + at_predicted)), (size, size))
    _, group = connected_components(links, directed=False)
    order = np.argsort(group[at_gold], kind="stable")
    bounds = np.flatnonzero(np.diff(group[at_gold][order])) + 1
    pairs: list[Pair] = []
    for members in np.split(order, bounds):
        pairs += _in_group(at_gold[members], at_predicted[members], similar[members])
    return pairs


def _in_group(at_gold: Ints, at_predicted: Ints, similar: Floats) -> list[Pair]:
    if not len(at_gold):
        return []
    golds, rows = np.unique(at_gold, return_inverse=True)
    predictions, columns = np.unique(at_predicted, return_inverse=True)
    if len(golds) * len(predictions) > 4 * DENSE:
        return _greedy(at_gold, at_predicted, similar)
    table = np.zeros((len(golds), len(predictions)), np.float32)
    table[rows, columns] = similar
    return [(int(golds[i]), int(predictions[j])) for i, j in _best(table)]


def _greedy(at_gold: Ints, at_predicted: Ints, similar: Floats) -> list[Pair]:
    """The most similar first, and among equals those that stand at about the same place."""
    order = np.lexsort((np.abs(at_gold - at_predicted), -similar))
    gone_gold: set[int] = set()
    gone_predicted: set[int] = set()
    pairs = []
    for i, j in zip(at_gold[order].tolist(), at_predicted[order].tolist(), strict=True):
        if i not in gone_gold and j not in gone_predicted:
            gone_gold.add(i)
            gone_predicted.add(j)
            pairs.append((i, j))
    return pairs


def _likely(kind: Kind, gold: Sequence[Row], predicted: Sequence[Row]) -> tuple[Ints, Ints]:
    """Pairs that share a key; of many with the same key, those that are next in order."""
    fields = scored(kind)
    core = [at for at, field in enumerate(fields) if field.fact.core]
    width = range(len(fields))
    keys = [core, *([at for at in width if at != out] for out in width), *([at] for at in width)]
    found: list[np.ndarray[tuple[int, int], np.dtype[np.intp]]] = []
    for key in keys:
        numbers: dict[Row, int] = {}
        ids_gold = _numbered(gold, key, numbers)
        ids_predicted = _numbered(predicted, key, numbers)
        order = np.argsort(ids_predicted, kind="stable")
        ranked = ids_predicted[order]
        low, high = np.searchsorted(ranked, ids_gold), np.searchsorted(ranked, ids_gold, "right")
        place = np.argsort(np.argsort(ids_gold, kind="stable"))
        rank = place - np.searchsorted(np.sort(ids_gold), ids_gold)  # its place among its equals
        for step in range(-NEAREST, NEAREST + 1):
            at = low + rank + step
            fits = (at >= low) & (at < high) & (ids_gold >= 0)
            found.append(np.stack([np.flatnonzero(fits), order[at[fits]]]))
    pairs = np.unique(np.concatenate(found, axis=1), axis=1)
    return pairs[0], pairs[1]


def _numbered(rows: Sequence[Row], key: Sequence[int], numbers: dict[Row, int]) -> Ints:
    """The number of each row's values in the key; -1 where they are all empty."""
    said = [tuple(row[at] for at in key) for row in rows]
    return np.array(
        [
            -1 if all(v is None for v in values) else numbers.setdefault(values, len(numbers))
            for values in said
        ],
        np.intp,
    )
