"""The made-up passages about crossings and diplomacy, and those about nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from evals.training import crossing_frames, crossings, event_frames, events, noise
from evals.training.builder import Section, World, assemble
from evals.training.slots import words_of
from evals.training.world import make_world

Family = Callable[[Random, World], Section]
FAMILIES = [*crossings.FAMILIES, *events.FAMILIES, *noise.FAMILIES]
SEEDS = range(40)
LISTS = ("facilities", "aid_deliveries", "crossings", "diplomatic_events")


def made(family: Family, seed: int) -> tuple[str, dict[str, Any]]:
    rng = Random(seed)
    world = make_world(rng)
    return assemble("made-up", [], {}, [family(rng, world)], rng)


def evidence(text: str, record: dict[str, Any]) -> str:
    return "\n".join(text[span["start"] : span["end"]] for span in record["evidence"])


def says(text: str, number: int) -> bool:
    """Whether the number stands in the text, in digits, in thousands or millions, or in words."""
    forms = [rf"{number:,}".replace(",", "[, ]?")]
    for size, word in ((1000, "thousand"), (1_000_000, "million")):
        if number >= size:
            forms.append(rf"{number / size:g} {word}".replace(".", r"\."))
    if number < 1000:
        forms.append(words_of(number))
    return bool(re.search(rf"(?<!\d)({'|'.join(forms)})(?!\d)", text, re.IGNORECASE))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f"{f.__module__}.{f.__qualname__}")
def test_numbers_and_names_stand_in_the_evidence(family: Family) -> None:
    """Each number of a record stands in its evidence, each name there or in the heading."""
    for seed in SEEDS:
        text, gold = made(family, seed)
        for record in gold["crossings"]:
            told = evidence(text, record)
            for key in ("people", "women", "children", "vehicles"):
                assert record[key] is None or says(told, record[key]), (key, record, told)
            names = [record["origin"], record["destination"], *record["checkpoints"]]
            assert all(name is None or name.lower() in text.lower() for name in names), record
        for record in gold["diplomatic_events"]:
            told = evidence(text, record)
            for name in (*record["participants"], record["place"], record["topic"]):
                assert name is None or name.lower() in told.lower(), (name, told)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f"{f.__module__}.{f.__qualname__}")
def test_the_seed_decides_everything(family: Family) -> None:
    """The same seed makes the same passage, another seed another."""
    assert made(family, 7) == made(family, 7)
    assert len({made(family, seed)[0] for seed in SEEDS}) > len(SEEDS) // 2


@pytest.mark.parametrize("family", noise.FAMILIES, ids=lambda f: f.__qualname__)
def test_noise_has_no_records(family: Family) -> None:
    """Figures, site furniture and orders to a reading machine yield nothing."""
    for seed in SEEDS:
        _, gold = made(family, seed)
        assert not any(gold[kind] for kind in LISTS)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_slot_is_left_in_the_text(seed: int) -> None:
    """No braces, brackets or doubled marks of the frames come through."""
    for family in FAMILIES:
        text, _ = made(family, seed)
        assert not re.search(
            r"[{}\[\]#]{1}(?! #)|,[,.;]|  | ,|//(?!\w)",
            text.replace("# # #", "").replace("### ", ""),
        ), text


def test_every_frame_of_a_record_makes_it() -> None:
    """Every frame yields as many records as it is written for, whatever its choices."""
    rng = Random(3)
    for kind, pool in event_frames.SINGLE.items():
        for frame in pool:
            sentences = events._render(frame, [kind], make_world(rng), rng)
            assert sum(len(s.records) for s in sentences) == 1, frame
    for frame in (*crossing_frames.TOTAL, *crossing_frames.PLANNED, *crossing_frames.BLOCKED):
        sentences = crossings._render(frame, make_world(rng), rng, {}, "completed")
        assert sum(len(s.records) for s in sentences) == 1, frame
    for frame in crossing_frames.NONE:
        sentences = crossings._render(frame, make_world(rng), rng, {}, "completed")
        assert not any(s.records for s in sentences), frame
