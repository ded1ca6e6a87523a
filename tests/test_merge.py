"""A claim that the text repeats is one record; two claims never become one."""

from __future__ import annotations

from typing import Any

import pytest
from builders import CRISIS, record

from extract.merge import merge
from extract.types import Found, Lost, Stretch

AID = "aid_deliveries"
FLOUR: dict[str, Any] = {"item": "flour", "quantity": 300, "unit": "ton"}
MET: dict[str, Any] = {"participants": ["Egypt", "Sudan"], "date": "2021-05-03"}


def merged(*records: Found) -> list[Found]:
    return merge(CRISIS, list(records))


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (AID, FLOUR, FLOUR),
        (AID, FLOUR | {"place": "Homs"}, FLOUR | {"donor": "WFP"}),
        (AID, FLOUR, FLOUR | {"item": "Flour"}),
        ("facilities", {"name": "schools", "count": 3}, {"name": "Schools", "count": 3}),
        ("crossings", {"people": 40}, {"people": 40, "checkpoints": ["Nasib"]}),
        ("diplomatic_events", MET, MET),
    ],
)
def test_a_repeated_claim_is_one(kind: str, first: dict[str, Any], second: dict[str, Any]) -> None:
    """Its evidence is both places, in order, and each fills in what the other leaves open."""
    (one,) = merged(record(kind, (50, 60), **second), record(kind, (0, 10), **first))
    assert one.evidence == (Stretch(0, 10), Stretch(50, 60))
    assert (
        one.values.keys()
        == record(
            kind, **first, **{k: v for k, v in second.items() if k not in first}
        ).values.keys()
    )


@pytest.mark.parametrize(
    ("kind", "first", "change"),
    [
        *((AID, FLOUR, {"quantity": 301}), (AID, FLOUR, {"item": "rice"})),
        (AID, FLOUR | {"place": "Homs"}, {"place": "Hama"}),
        (AID, FLOUR | {"date": "2021-05-03"}, {"date": "2021-05-04"}),
        (AID, FLOUR, {"status": "planned"}),
        ("facilities", {"name": "schools", "count": 3, "place": "Homs"}, {"place": "Hama"}),
        ("facilities", {"name": "schools", "count": 3}, {"count": None}),
        ("facilities", {"name": "schools", "place": "Homs"}, {"place": "Hama"}),
        ("crossings", {"people": 40, "checkpoints": ["Nasib"]}, {"checkpoints": ["Adré"]}),
        ("crossings", {"people": 40, "period": "past_day"}, {"period": "to_date"}),
        ("crossings", {"people": 40, "women": 3}, {"women": 4}),
        ("diplomatic_events", MET, {"date": "2021-05-04"}),
        ("diplomatic_events", MET, {"participants": ["Egypt", "Chad"]}),
    ],
)
@pytest.mark.parametrize("spans", [((0, 10), (50, 60)), ((0, 10), (0, 10))])
def test_different_claims_stay_apart(
    kind: str, first: dict[str, Any], change: dict[str, Any], spans: Any
) -> None:
    """Another number, name, place, day or state is another claim, in one sentence or in two."""
    second = {k: v for k, v in (first | change).items() if v is not None}
    assert len(merged(record(kind, spans[0], **first), record(kind, spans[1], **second))) == 2


def test_records_come_in_the_order_of_the_text() -> None:
    """The first said comes first, whichever passage was answered first."""
    late, early = record(AID, (90, 99), **FLOUR), record("crossings", (5, 9), people=4)
    assert merged(late, early) == [early, late]


def test_what_was_dropped_is_kept() -> None:
    """The side values that either of the two lost are the merged record's."""
    lost = Lost(AID, {"place": "Paris"}, "not in the text", 1, "place")
    told = record(AID, (0, 9), **FLOUR)
    (one,) = merged(Found(AID, told.values, told.evidence, (lost,)), record(AID, (20, 29), **FLOUR))
    assert one.dropped == (lost,)
