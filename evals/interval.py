"""Headline figures with 95 % intervals: documents drawn anew with replacement, since the records of one go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evals.scorecard import HEADLINES, DocumentScore, Estimate

Array = NDArray[np.float64]

DRAWS = 2000
SEED = 20181103
_TOGETHER = 4_000_000  # weights held at a time

COLUMNS = ("right", "gold", "predicted", "credit", "due", "said", "grounded", "checked")
"""What is counted of a document, and adds up over documents."""


def counted(documents: Sequence[DocumentScore]) -> Array:
    """A row for each document, a column for each of COLUMNS."""
    rows = [
        (
            d.records.right,
            d.records.gold,
            d.records.predicted,
            d.fields.credit,
            d.fields.due,
            d.fields.said,
            d.grounded,
            d.checked,
        )
        for d in documents
    ]
    return np.array(rows, float).reshape(-1, len(COLUMNS))


def figures(totals: Array) -> dict[str, Array]:
    """The headline figures of totals, whose last axis is COLUMNS; nan where there is nothing to take a share of."""
    right, gold, predicted, credit, due, said, grounded, checked = np.moveaxis(totals, -1, 0)
    shares = {
        "record_f1": (2 * right, gold + predicted),
        "record_precision": (right, predicted),
        "record_recall": (right, gold),
        "field_f1": (2 * credit, due + said),
        "field_precision": (credit, said),
        "field_recall": (credit, due),
        "grounded": (grounded, checked),
    }
    made = {}
    for name, (part, whole) in shares.items():
        whole = np.asarray(whole, float)
        made[name] = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return made


def draws_of(documents: int, draws: int = DRAWS, seed: int = SEED) -> Iterator[Array]:
    """How often each document is drawn: blocks of rows that sum to `documents`, `draws` rows in all."""
    rng = np.random.default_rng(seed)
    block = max(1, _TOGETHER // max(1, documents))
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        picked = rng.integers(0, documents, (rows, documents))
        picked += np.arange(rows)[:, None] * documents
        drawn = np.bincount(picked.ravel(), minlength=rows * documents)
        yield drawn.reshape(rows, documents).astype(float)


def bootstrap(counts: Array, draws: int = DRAWS, seed: int = SEED) -> Mapping[str, Array]:
    """Each headline figure in each draw of documents."""
    blocks = [drawn @ counts for drawn in draws_of(len(counts), draws, seed)]
    return figures(np.concatenate(blocks))


def estimates(
    documents: Sequence[DocumentScore], draws: int = DRAWS, seed: int = SEED
) -> dict[str, Estimate]:
    """Every headline with its interval; the order of the documents makes no difference."""
    ordered = sorted(documents, key=lambda document: document.id)
    counts = counted(ordered)
    values = figures(counts.sum(axis=0))
    drawn = bootstrap(counts, draws, seed) if len(ordered) > 1 else {}
    sizes = _sizes(ordered)
    made = {}
    for name in HEADLINES:
        value = float(values[name])
        low, high = _bounds(drawn.get(name))
        made[name] = Estimate(None if np.isnan(value) else value, low, high, sizes[name])
    return made


def _bounds(drawn: Array | None) -> tuple[float | None, float | None]:
    drawn = drawn[~np.isnan(drawn)] if drawn is not None else np.empty(0)
    if not drawn.size:
        return None, None
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def _sizes(documents: Sequence[DocumentScore]) -> dict[str, int]:
    """What each headline is a share of; an F1, of all that stands on either side."""
    sizes = dict.fromkeys(HEADLINES, 0)
    for document in documents:
        for name, counts in (("record", document.records), ("field", document.fields)):
            known = counts.right + counts.wrong
            sizes[f"{name}_f1"] += known + counts.missed + counts.invented
            sizes[f"{name}_precision"] += known + counts.invented
            sizes[f"{name}_recall"] += known + counts.missed
        sizes["grounded"] += document.checked
    return sizes
