"""Intervals: seeded, clustered by document, honest about how little few documents say."""

from __future__ import annotations

import numpy as np
import pytest

from evals.interval import bootstrap, counted, draws_of, estimates, figures
from evals.scorecard import HEADLINES, Counts, DocumentScore, FieldCounts


def _document(name: str, right: int, wrong: int, times: int = 1) -> DocumentScore:
    right, wrong = right * times, wrong * times
    both = float(right + wrong)
    fields = FieldCounts(right, wrong, credit=float(right), due=both, said=both)
    return DocumentScore(
        name, records=Counts(right, wrong), fields=fields, grounded=right, checked=10
    )


MIXED = [_document(f"d{at:02}", 1 + at % 5, 1 + (at * 7) % 4) for at in range(20)]


def test_an_interval_holds_its_value() -> None:
    """The bounds lie on either side of every headline."""
    made = estimates(MIXED)
    assert tuple(made) == HEADLINES
    for estimate in made.values():
        assert estimate.value is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert 0 <= estimate.low < estimate.value < estimate.high <= 1


def test_the_seed_decides() -> None:
    """The same seed gives the same bounds in whatever order the documents come; another seed gives others."""
    assert estimates(MIXED) == estimates(MIXED[::-1])
    assert estimates(MIXED) != estimates(MIXED, seed=1)


def test_documents_are_drawn_and_not_records() -> None:
    """Ten times as many records in each document tell no more."""
    one = estimates(MIXED)["record_f1"]
    ten = estimates([_document(d.id, d.records.right, d.records.wrong, 10) for d in MIXED])
    assert (ten["record_f1"].low, ten["record_f1"].high) == (one.low, one.high)
    assert ten["record_f1"].n == 10 * one.n


def test_more_documents_tell_more() -> None:
    """Four times as many documents about halve the interval."""
    many = [
        _document(f"d{at:02}", d.records.right, d.records.wrong) for at, d in enumerate(MIXED * 4)
    ]
    few, wide = estimates(many)["record_f1"], estimates(MIXED)["record_f1"]
    assert None not in (few.low, few.high, wide.low, wide.high)
    assert 0.35 < (few.high - few.low) / (wide.high - wide.low) < 0.65  # type: ignore[operator]


@pytest.mark.parametrize("documents", [[], MIXED[:1]], ids=["none", "one"])
def test_fewer_than_two_documents_have_no_interval(documents: list[DocumentScore]) -> None:
    """There are no bounds rather than bounds that coincide."""
    for estimate in estimates(documents).values():
        assert (estimate.low, estimate.high) == (None, None)


def test_nothing_to_share_is_no_figure() -> None:
    """Documents with nothing on either side have no F1, neither 0 nor 1."""
    made = estimates([DocumentScore("a"), DocumentScore("b")])
    assert {e.value for e in made.values()} == {None}
    assert {e.n for e in made.values()} == {0}


def test_every_draw_has_as_many_documents() -> None:
    """However the draws are cut into blocks, each sums to the number of documents."""
    drawn = np.concatenate(list(draws_of(7, draws=50)))
    assert drawn.shape == (50, 7)
    assert set(drawn.sum(axis=1)) == {7.0}


def test_figures_are_those_of_the_counts() -> None:
    """A wrong record counts against precision and against recall."""
    counts = counted([_document("a", 3, 1)]).sum(axis=0)
    made = figures(counts)
    assert made["record_precision"] == made["record_recall"] == made["record_f1"] == 0.75
    assert made["grounded"] == pytest.approx(0.3)


def test_the_bootstrap_spreads_as_theory_says() -> None:
    """The standard error of a plain mean comes out."""
    rights = [at % 2 for at in range(100)]
    counts = counted([_document(f"d{at}", right, 1 - right) for at, right in enumerate(rights)])
    drawn = bootstrap(counts)["record_recall"]
    assert drawn.std() == pytest.approx(np.sqrt(0.25 / 100), rel=0.1)
