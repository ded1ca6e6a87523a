"""Whole documents out of sections of several families.

    python -m evals.training.compose --seed S --count N -o FILE.jsonl

One line a document: `{"text": "...", "gold": {the contract}}`; the same seed writes the same file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from evals.training import aid, crossings, events, facilities, heads, noise
from evals.training.builder import Section, Sentence, World, assemble
from evals.training.world import make_world

Family = Callable[[Random, World], Section]
_WEIGHTS = {"facilities": 30, "aid": 30, "crossings": 24, "events": 22, "noise": 20}
_PLACED = ("facilities", "aid")  # what the place of a heading carries over to


_QUIET = 0.25  # documents with nothing to say, as most passages of real ones
FAMILIES: dict[str, tuple[Family, ...]] = {
    "facilities": facilities.FAMILIES,
    "aid": aid.FAMILIES,
    "crossings": crossings.FAMILIES,
    "events": events.FAMILIES,
    "noise": noise.FAMILIES,
}
NOTHING: tuple[tuple[str, Family], ...] = tuple(
    (name, family)
    for name, module in (("crossings", crossings), ("events", events), ("noise", noise))
    for family in module.NOTHING
)


def document(seed: int, index: int) -> tuple[str, dict[str, Any]]:
    """The text and the gold of one document."""
    rng = Random(f"{seed}/{index}")  # noqa: S311 -- made-up texts, no secrets
    world = make_world(rng)
    names = rng.choices(
        list(FAMILIES), [_WEIGHTS[n] for n in FAMILIES], k=rng.choice((2, 2, 3, 3, 4, 5))
    )
    chosen = [(name, rng.choice(FAMILIES[name])) for name in names]
    if rng.random() < _QUIET:
        chosen = rng.choices(NOTHING, k=len(names))
    parts = [(name, family(rng, world)) for name, family in chosen]
    style = rng.choice(("none", "topic", "place", "place", "own"))
    sections = _headed(rng, world, parts, style)
    lines, about = heads.head(rng, world)
    if rng.random() < 0.12:
        sections.append(Section(None, [[Sentence(heads.furniture(rng))]]))
    return assemble(f"made-{seed}-{index}", lines, about, sections, rng)


def _headed(
    rng: Random, world: World, parts: list[tuple[str, Section]], style: str
) -> list[Section]:
    """The sections with their headings; once one has a heading, those after it have one too."""
    if style == "none":
        return [section for _, section in parts]
    if style == "place":
        parts = _by_place(rng, parts)
    number = rng.choice(("", "", "{}. ", "{}) ", "Section {}. "))
    begun = False
    for at, (name, section) in enumerate(parts, start=1):
        if style == "place" and name in _PLACED and section.heading is None:
            section.heading, place = heads.place_heading(rng, world)
            _carry(section, place)
        elif section.heading is None and (begun or style != "own"):
            section.heading = rng.choice(heads.TOPICS[name])
        if section.heading:
            begun = True
            section.heading = number.format(at) + section.heading
    return [section for _, section in parts]


def _by_place(rng: Random, parts: list[tuple[str, Section]]) -> list[tuple[str, Section]]:
    """Sometimes two sections side by side stand under one heading."""
    joined: list[tuple[str, Section]] = []
    for name, section in parts:
        last = joined[-1] if joined else None
        if last and last[0] in _PLACED and name in _PLACED and rng.random() < 0.5:
            last[1].paragraphs.extend(section.paragraphs)
        else:
            joined.append((name, section))
    return joined


def _carry(section: Section, place: str) -> None:
    """The heading's place, for the records that give none."""
    for paragraph in section.paragraphs:
        for sentence in paragraph:
            sentence.records = [
                (kind, {"place": place} | values) for kind, values in sentence.records
            ]


def main() -> None:
    """Write the documents that the command line asks for."""
    parser = argparse.ArgumentParser(description="Made-up training documents")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("-o", "--out", type=Path, required=True)
    args = parser.parse_args()
    with args.out.open("w", encoding="utf-8") as out:
        for index in range(args.count):
            text, gold = document(args.seed, index)
            out.write(json.dumps({"text": text, "gold": gold}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
