"""Made-up training documents say what their gold says."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from evals.training import aid_frames, aid_slots, compose, facility_frames, facility_slots, words
from evals.training.builder import KINDS
from evals.training.frames import Slot, sentence
from evals.training.world import make_world
from schemas.crisis import AidDelivery, Crisis, Facility

NUMBERS = (
    "count", "out_of", "settlements", "quantity", "tonnes", "actions", "vehicles", "people",
    "women", "children",
)  # fmt: skip
NAMES = ("name", "item", "place", "donor", "origin", "destination")
SEEDS = range(80)


def records(gold: dict[str, Any]) -> list[dict[str, Any]]:
    return [record for kind in KINDS for record in gold[kind]]


def evidence(text: str, record: dict[str, Any]) -> str:
    return " ".join(text[span["start"] : span["end"]] for span in record["evidence"])


def stands_in(number: float, said: str) -> bool:
    return any(
        re.search(rf"(?<![\w.]){re.escape(way)}(?!\w|[.,]\d)", said, re.IGNORECASE)
        for way in words.writings(number)
    )


@pytest.mark.parametrize(
    ("frame", "slots", "kind"),
    [(f, facility_slots.SLOTS, "facilities") for f in facility_frames.FRAMES]
    + [(f, aid_slots.SLOTS, "aid_deliveries") for f in aid_frames.FRAMES],
)
def test_every_frame_makes_valid_records(frame: str, slots: dict[str, Slot], kind: str) -> None:
    """A frame renders without loose slots or doubled stops, and says at least one thing."""
    model = Facility if kind == "facilities" else AidDelivery
    for seed in range(8):
        rng = Random(seed)
        told = sentence(rng, make_world(rng), frame, slots, kind)
        assert told.records
        assert not re.search(r"  | [.,]|,,|[{}<>]", told.text)
        for _, values in told.records:
            model.model_validate({"evidence": [{"start": 0, "end": 1}]} | values)


@pytest.mark.parametrize("index", SEEDS)
def test_gold_is_the_contract(index: int) -> None:
    """Every document validates, and each span lies in its text."""
    text, gold = compose.document(7, index)
    Crisis.model_validate(gold)
    assert all(span["end"] <= len(text) for record in records(gold) for span in record["evidence"])


@pytest.mark.parametrize("index", SEEDS)
def test_numbers_stand_in_their_evidence(index: int) -> None:
    """Every number above one is written in the sentences that its record points at."""
    text, gold = compose.document(7, index)
    for record in records(gold):
        said = evidence(text, record)
        for key in NUMBERS:
            number = record.get(key)
            if number is None or number == 1:
                continue
            scaled = [number, round(number * 1000)] if key == "tonnes" else [number]
            assert any(stands_in(n, said) for n in scaled), (key, number, said)


@pytest.mark.parametrize("index", SEEDS)
def test_names_stand_in_the_text(index: int) -> None:
    """Names are copied as the text writes them."""
    text, gold = compose.document(7, index)
    for record in records(gold):
        for key in NAMES:
            assert (record.get(key) or "").casefold() in text.casefold(), (key, record[key])


def test_a_seed_gives_the_same_documents() -> None:
    """The same seed and index give the same text and gold, another seed others."""
    assert compose.document(3, 5) == compose.document(3, 5)
    assert compose.document(3, 5) != compose.document(4, 5)


@pytest.mark.parametrize(
    ("number", "way"), [(4, "four"), (149, "one hundred and forty-nine"), (14.91, "14.91"),
                        (1200000, "1.2 million"), (3450, "3,450"), (21, "twenty-one")]
)  # fmt: skip
def test_numbers_are_written_in_several_ways(number: float, way: str) -> None:
    """A number has its digits and its words among its writings."""
    assert way in words.writings(number)
