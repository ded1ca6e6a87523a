"""How much records are like each other: the weighted share of fields that agree, for all pairs or for chosen ones.

The tables below follow `compare_values.agreement`. In one case they stop short of it: of two sets they count the items
that have a partner, which is more than can be matched one to one where several items share their partners.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.compare_values import (
    LETTERS_ALIKE,
    MAIN_SET,
    OTHER_SET,
    PART_OF_SET,
    Canonical,
    agreement,
    canonical,
    comparison,
    digits_of,
    item_comparison,
    letters_alike,
    month_of,
    same_number,
)
from schemas.describe import FieldSpec, Kind
from schemas.field import Comparison

Row = tuple[Canonical, ...]
"""One record: the canonical values of its scored fields, in the order of `scored`."""
Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

CORE = 4.0  # a core field tells records apart as well as four others


def scored(kind: Kind) -> tuple[FieldSpec, ...]:
    """The fields that count."""
    return tuple(field for field in kind.fields if field.fact.weight > 0)


def rows_of(kind: Kind, records: Iterable[Any]) -> list[Row]:
    """The records in canonical form."""
    fields = scored(kind)
    return [tuple(canonical(f, record.get(f.name)) for f in fields) for record in records]


def pull(field: FieldSpec) -> float:
    """The weight of a field in pairing."""
    return field.fact.weight * (CORE if field.fact.core else 1.0)


def dense(kind: Kind, gold: Sequence[Row], predicted: Sequence[Row]) -> Floats:
    """The similarity of every gold row to every predicted one: 0 to 1."""
    agreed = np.zeros((len(gold), len(predicted)), np.float32)
    counted = np.zeros_like(agreed)
    for at, field in enumerate(scored(kind)):
        g, golds = _interned([row[at] for row in gold])
        p, predictions = _interned([row[at] for row in predicted])
        if not golds and not predictions:
            continue
        table = np.zeros((len(golds) + 1, len(predictions) + 1), np.float32)
        if golds and predictions:
            table[1:, 1:] = _table(comparison(field), field, golds, predictions)
        agreed += pull(field) * table[g[:, None], p]
        counted += pull(field) * ((g[:, None] > 0) | (p > 0))
    return np.divide(agreed, counted, out=agreed, where=counted > 0)


def sparse(
    kind: Kind, gold: Sequence[Row], predicted: Sequence[Row], at_gold: Ints, at_predicted: Ints
) -> Floats:
    """The similarity of gold row `at_gold[k]` to predicted row `at_predicted[k]` for every k."""
    agreed = np.zeros(len(at_gold), np.float32)
    counted = np.zeros_like(agreed)
    for at, field in enumerate(scored(kind)):
        g, golds = _interned([row[at] for row in gold])
        p, predictions = _interned([row[at] for row in predicted])
        pairs = g[at_gold] * (len(predictions) + 1) + p[at_predicted]
        unique, where = np.unique(pairs, return_inverse=True)
        values = np.zeros(len(unique), np.float32)
        for k, pair in enumerate(unique.tolist()):
            a, b = divmod(pair, len(predictions) + 1)
            if a and b:
                values[k] = agreement(field, golds[a - 1], predictions[b - 1])
        agreed += pull(field) * values[where]
        counted += pull(field) * ((g[at_gold] > 0) | (p[at_predicted] > 0))
    return np.divide(agreed, counted, out=agreed, where=counted > 0)


def _interned(values: Sequence[Canonical]) -> tuple[Ints, list[Canonical]]:
    """The number of each value, 0 for none; and the values, of which number k stands at k - 1."""
    numbers: dict[Canonical, int] = {}
    ids = [0 if v is None else numbers.setdefault(v, len(numbers) + 1) for v in values]
    return np.array(ids, np.intp), list(numbers)


def _table(
    how: Comparison, field: FieldSpec, golds: Sequence[Any], predictions: Sequence[Any]
) -> Floats:
    if how is Comparison.SET:
        return _sets(field, golds, predictions)
    if how is Comparison.TEXT:
        return _texts(golds, predictions)
    if how is Comparison.NUMBER:
        return _numbers(golds, predictions)
    same = _equal(golds, predictions)
    if how is Comparison.DATE:
        months = _equal([month_of(g) for g in golds], [month_of(p) for p in predictions])
        same = (same + months) / 2
    return same


def _equal(golds: Sequence[Hashable], predictions: Sequence[Hashable]) -> Floats:
    numbers: dict[Hashable, int] = {}
    g, p = (
        np.array([numbers.setdefault(value, len(numbers)) for value in values])
        for values in (golds, predictions)
    )
    return (g[:, None] == p).astype(np.float32)


def _numbers(golds: Sequence[Canonical], predictions: Sequence[Canonical]) -> Floats:
    if not all(isinstance(value, float) for value in (*golds, *predictions)):
        rows = [[same_number(g, p) for p in predictions] for g in golds]
        return np.array(rows, np.float32)
    g, p = np.array(golds, float)[:, None], np.array(predictions, float)
    return np.asarray(np.isclose(p, g, rtol=1e-6, atol=0), np.float32)


def _held(lists: Sequence[Iterable[str]]) -> tuple[dict[str, int], Floats]:
    """How often each part stands in each list, and the column of each part."""
    columns: dict[str, int] = {}
    placed = [
        (row, columns.setdefault(p, len(columns))) for row, parts in enumerate(lists) for p in parts
    ]
    held = np.zeros((len(lists), len(columns)), np.float32)
    np.add.at(held, tuple(np.array(placed, np.intp).reshape(-1, 2).T), 1)
    return columns, held


def _texts(golds: Sequence[str], predictions: Sequence[str]) -> Floats:
    words = [set(text.split()) for text in (*golds, *predictions)]
    _, held = _held(words)
    g, p = held[: len(golds)], held[len(golds) :]
    shared = g @ p.T
    same = (shared == g.sum(1)[:, None]) | (shared == p.sum(1))
    digits = _equal([digits_of(t) for t in golds], [digits_of(t) for t in predictions])
    lengths = [np.array([len(text) for text in texts]) for texts in (golds, predictions)]
    total = lengths[0][:, None] + lengths[1]
    near = 2 * np.minimum(lengths[0][:, None], lengths[1]) >= LETTERS_ALIKE * total
    at_gold, at_predicted = np.nonzero(~same & near & (digits > 0))
    _, letters = _held([*golds, *predictions])
    common = np.minimum(letters[at_gold], letters[len(golds) + at_predicted]).sum(1)
    close = 2 * common >= LETTERS_ALIKE * total[at_gold, at_predicted]
    for i, j in zip(at_gold[close].tolist(), at_predicted[close].tolist(), strict=True):
        same[i, j] = letters_alike(golds[i], predictions[j]) >= LETTERS_ALIKE
    return same.astype(np.float32)


def _sets(
    field: FieldSpec, golds: Sequence[tuple[Any, ...]], predictions: Sequence[tuple[Any, ...]]
) -> Floats:
    columns_g, held_g = _held(golds)
    columns_p, held_p = _held(predictions)
    same = _table(item_comparison(field), field, list(columns_g), list(columns_p)) >= 1
    partnered_g = held_g @ ((same @ held_p.T.astype(bool)) > 0)
    partnered_p = ((held_g.astype(bool) @ same) > 0) @ held_p.T
    sizes = held_g.sum(1)[:, None] + held_p.sum(1)
    f1 = 2 * np.minimum(partnered_g, partnered_p) / sizes
    enough = MAIN_SET if field.fact.main else OTHER_SET
    return np.where(f1 >= enough, 1.0, np.where(f1 > PART_OF_SET, 0.5, 0.0)).astype(np.float32)
