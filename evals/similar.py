"""How much records are like each other: the weighted share of fields that agree, for all pairs or for chosen ones.

The tables below follow `compare_values.agreement`. In one case they stop short of it: of two sets they count the items
that have a partner, which is more than can be matched one to one where several items share their partners.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evals.compare_values import (
    LETTERS_ALIKE,
    MAIN_SET,
    NUMBER_TOLERANCE,
    OTHER_SET,
    PART_OF_SET,
    Canonical,
    agreement,
    canonical,
    comparison,
    digits_of,
    item_agreement,
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

_FEW = 64  # pairs of values that are compared sooner one by one
_TOGETHER = 2_000_000  # letters counted at a time
CORE = 4.0  # a core field tells records apart as well as four others


def scored(kind: Kind) -> tuple[FieldSpec, ...]:
    """The fields that count."""
    return tuple(field for field in kind.fields if field.fact.weight > 0)


def rows_of(kind: Kind, records: Iterable[Any]) -> list[Row]:
    """The records in canonical form."""
    records = list(records)
    columns = [
        _column(field, [record.get(field.name) for record in records]) for field in scored(kind)
    ]
    return list(zip(*columns, strict=True)) if columns else [() for _ in records]


def _column(field: FieldSpec, values: Sequence[Any]) -> list[Canonical]:
    """The values in canonical form; a word that occurs again is not folded again."""
    known: dict[str, Canonical] = {}
    column: list[Canonical] = []
    for value in values:
        if isinstance(value, str):
            if value not in known:
                known[value] = canonical(field, value)
            column.append(known[value])
        else:
            column.append(None if value is None else canonical(field, value))
    return column


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
    if len(golds) * len(predictions) <= _FEW:
        return _one_by_one(how, field, golds, predictions)
    if how is Comparison.SET:
        return _sets(field, golds, predictions)
    if how is Comparison.TEXT:
        return _texts(golds, predictions)
    if how is Comparison.NUMBER:
        return _numbers(golds, predictions)
    same = _equal(golds, predictions)
    if how is Comparison.DATE:
        months = _equal([month_of(g) for g in golds], [month_of(p) for p in predictions])
        same = (same + months) / np.float32(2)
    return same


def _one_by_one(
    how: Comparison, field: FieldSpec, golds: Sequence[Any], predictions: Sequence[Any]
) -> Floats:
    def worth(g: Canonical, p: Canonical) -> float:
        return agreement(field, g, p) if how is Comparison.SET else item_agreement(how, g, p)

    return np.array([[worth(g, p) for p in predictions] for g in golds], np.float32)


def _equal(golds: Sequence[Hashable], predictions: Sequence[Hashable]) -> Floats:
    numbers: dict[Hashable, int] = {}
    g, p = (
        np.array([numbers.setdefault(value, len(numbers)) for value in values])
        for values in (golds, predictions)
    )
    same: NDArray[np.bool_] = g[:, None] == p
    return same.astype(np.float32)


def _numbers(golds: Sequence[Canonical], predictions: Sequence[Canonical]) -> Floats:
    if not all(isinstance(value, float) for value in (*golds, *predictions)):
        rows = [[same_number(g, p) for p in predictions] for g in golds]
        return np.array(rows, np.float32)
    g, p = np.array(golds, float)[:, None], np.array(predictions, float)
    near: NDArray[np.bool_] = np.isclose(p, g, rtol=NUMBER_TOLERANCE, atol=0)
    return near.astype(np.float32)


def _held(lists: Sequence[Collection[Any]]) -> tuple[dict[Any, int], Any]:
    """The column of each part, and a sparse table of how often each part stands in each list.

    Sparse products take no threads: those of dense ones spin where the cores are busy.
    """
    columns: dict[Any, int] = {}
    at = [columns.setdefault(part, len(columns)) for parts in lists for part in parts]
    rows = np.repeat(np.arange(len(lists)), [len(parts) for parts in lists])
    shape = (len(lists), max(1, len(columns)))
    return columns, csr_array((np.ones(len(at), np.float32), (rows, at)), shape=shape)


def _texts(golds: Sequence[str], predictions: Sequence[str]) -> Floats:
    words = [set(text.split()) for text in (*golds, *predictions)]
    sizes = np.array([len(held) for held in words])
    _, held = _held(words)
    shared: Floats = (held[: len(golds)] @ held[len(golds) :].T).toarray()
    same: NDArray[np.bool_] = (shared == sizes[: len(golds), None]) | (
        shared == sizes[len(golds) :]
    )
    digits = _equal([digits_of(t) for t in golds], [digits_of(t) for t in predictions])
    lengths = [np.array([len(text) for text in texts]) for texts in (golds, predictions)]
    total = lengths[0][:, None] + lengths[1]
    near = 2 * np.minimum(lengths[0][:, None], lengths[1]) >= LETTERS_ALIKE * total
    at_gold, at_predicted = np.nonzero(~same & near & (digits > 0))
    if not len(at_gold):
        return same.astype(np.float32)
    letters: Floats = _held([*golds, *predictions])[1].toarray()
    block = _TOGETHER // letters.shape[1] + 1
    for start in range(0, len(at_gold), block):
        rows, columns = at_gold[start : start + block], at_predicted[start : start + block]
        common = np.minimum(letters[rows], letters[len(golds) + columns]).sum(1)
        close = 2 * common >= LETTERS_ALIKE * total[rows, columns]
        for i, j in zip(rows[close].tolist(), columns[close].tolist(), strict=True):
            same[i, j] = letters_alike(golds[i], predictions[j]) >= LETTERS_ALIKE
    return same.astype(np.float32)


def _sets(
    field: FieldSpec, golds: Sequence[tuple[Any, ...]], predictions: Sequence[tuple[Any, ...]]
) -> Floats:
    columns_g, held_g = _held(golds)
    columns_p, held_p = _held(predictions)
    same = _table(item_comparison(field), field, list(columns_g), list(columns_p)) >= 1
    partners = csr_array(same.astype(np.float32))
    partnered_g = (held_g @ (partners @ held_p.T).sign()).toarray()
    partnered_p = ((held_g @ partners).sign() @ held_p.T).toarray()
    sizes = [np.array([len(items) for items in lists]) for lists in (golds, predictions)]
    f1: Floats = 2 * np.minimum(partnered_g, partnered_p) / (sizes[0][:, None] + sizes[1])
    enough = MAIN_SET if field.fact.main else OTHER_SET
    return np.where(f1 >= enough, 1.0, np.where(f1 > PART_OF_SET, 0.5, 0.0)).astype(np.float32)
