"""A doubt is raised where a reviewer should look, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from builders import CRISIS, document, record

from extract.check import check
from extract.types import Found

TEXT = "In total 100 people came, 60 of them through Nasib and 30 through Adré. Later on there were 90 more."


def doubts(*records: Found, text: str = TEXT, published: str | None = "2021-05-30") -> list[str]:
    return [d.says for d in check(CRISIS, records, document(text, published=published))]


@pytest.mark.parametrize(
    ("kind", "values", "word"),
    [
        ("facilities", {"name": "schools", "count": 12, "out_of": 11}, "more than the 11"),
        ("aid_deliveries", {"item": "flour", "quantity": 800, "unit": "kg", "tonnes": 8}, "tonnes"),
        ("crossings", {"people": 40, "women": 30, "children": 11}, "41 women and children"),
        ("crossings", {"people": 40, "date": "2021-05-31"}, "after the document's own date"),
        ("crossings", {"people": 40, "date": "2022"}, "after the document's own date"),
    ],
)
def test_doubtful(kind: str, values: dict[str, Any], word: str) -> None:
    """One doubt, which says what is odd."""
    (says,) = doubts(record(kind, **values))
    assert word in says


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("facilities", {"name": "schools", "count": 11, "out_of": 11}),
        ("facilities", {"name": "schools"}),
        ("aid_deliveries", {"item": "flour", "quantity": 800, "unit": "kg", "tonnes": 0.8}),
        ("aid_deliveries", {"item": "sets", "quantity": 450, "unit": "set", "tonnes": 2}),
        ("crossings", {"people": 40, "women": 30, "children": 10}),
        ("crossings", {"people": 40, "date": "2021-05-30"}),
        ("crossings", {"people": 40, "date": "2021-05"}),
        ("crossings", {"people": 40, "date": "2021-05-31", "status": "planned"}),
    ],
)
def test_not_doubtful(kind: str, values: dict[str, Any]) -> None:
    """What adds up and is not ahead of its time is left alone."""
    assert doubts(record(kind, **values)) == []


def test_without_a_date_no_day_is_late() -> None:
    """A document that has no date of its own cannot be overtaken."""
    assert doubts(record("crossings", people=40, date="2031-05-31"), published=None) == []


@pytest.mark.parametrize(
    ("parts", "odd"), [((60, 30), False), ((60, 40), False), ((60, 41), True), ((99,), False)]
)
def test_parts_of_a_total(parts: tuple[int, ...], odd: bool) -> None:
    """Parts in the total's own sentence may not add up to more than it."""
    records = [record("crossings", (0, 71), people=number) for number in (100, *parts)]
    says = doubts(*records)
    assert [f"add up to {sum(parts)}" in doubt for doubt in says] == [True] * odd


def test_only_the_totals_own_sentence_counts() -> None:
    """What another sentence says is no part, and a sentence that gives no total has none."""
    apart = [record("crossings", (0, 71), people=100), record("crossings", (72, 100), people=90)]
    assert doubts(*apart, record("crossings", (72, 100), people=60)) == []
    same = [record("crossings", (0, 20), people=number) for number in (100, 60, 90)]
    assert doubts(*same, text="100, 60 and 90 came to the town.") == []
