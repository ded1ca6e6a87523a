"""Sections about buildings and infrastructure."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from evals.training import asides, restate, words
from evals.training.builder import Record, Section, Sentence, World
from evals.training.facility_frames import FRAMES, LEADS, LINES, PARTS, TOTALS, WHOLES
from evals.training.facility_slots import SLOTS, amount, draw
from evals.training.frames import (
    Draft,
    finish,
    render,
    sentence,
    total_and_parts,
)

_KIND = "facilities"


def _say(rng: Random, world: World, frame: str) -> Sentence:
    return sentence(rng, world, frame, SLOTS, _KIND)


def prose(rng: Random, world: World) -> Section:
    """Paragraphs of sentences, some of them beside the point."""
    paragraphs = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        frames = rng.sample(FRAMES, rng.choice((1, 1, 2, 3)))
        told = [_say(rng, world, frame) for frame in frames]
        paragraphs.append(asides.mix(rng, world, told))
    return Section(None, paragraphs)


def bullets(rng: Random, world: World) -> Section:
    """Whole sentences, one to a line."""
    mark = rng.choice(("- ", "• ", "– ", "* ", "", "— "))
    frames = rng.sample(FRAMES, rng.randrange(2, 7))
    lines = [_say(rng, world, frame) for frame in frames]
    for line in lines:
        line.text = mark + (line.text.rstrip(".") if rng.random() < 0.3 else line.text)
    return Section(None, [[line] for line in lines])


def wholes(rng: Random, world: World) -> Section:
    """A total with its parts."""
    if rng.random() < 0.5:
        total, status = rng.choice(TOTALS)
        frames = (total, rng.choice(PARTS).replace(".S}", f".{status}}}"))
        told = total_and_parts(rng, world, frames, SLOTS, _KIND)
    else:
        told = [_say(rng, world, rng.choice(WHOLES))]
    if rng.random() < 0.5:
        told.append(_say(rng, world, rng.choice(FRAMES)))
    return Section(None, [asides.mix(rng, world, told)])


def broken(rng: Random, world: World) -> Section:
    """A lead-in and its items, one to a line."""
    frame, status = rng.choice(LEADS)
    text, draft = render(rng, world, frame, SLOTS)
    lead = Sentence(text)
    mark, stop = rng.choice(("- ", "• ", "", "– ", "* ")), rng.choice((";", "", "", ","))
    shape = rng.choice(
        ("{pair.S}", "{n.S}", "<{n.S}|{a.S}|{n.S}|{bare_many.S:any}>", "{town}: {few.S}",
         "{n.S} in {town}", "{n.S} ({town})", "{frac.S}", "{the.S}")
    )  # fmt: skip
    lower = rng.random() < 0.4 and not shape.startswith(("{town", "{the"))
    lines = []
    for _ in range(rng.randrange(2, 9)):
        item, inner = render(rng, world, shape.replace(".S", f".{status}"), SLOTS)
        item = item[0].lower() + item[1:] if lower and item[1].islower() else item
        lines.append(Sentence(mark + item + stop, finish(item, inner, _KIND, draft.shared), [lead]))
    return Section(None, [[lead], *([line] for line in lines)])


def table(rng: Random, world: World) -> Section:
    """Rows of a table, one record a filled cell."""
    statuses = rng.sample(("restored", "under_repair", "damaged", "destroyed", "operating"), 2)
    heads = {"restored": ("Restored", "Repaired"), "under_repair": ("Under repair", "In progress"),
             "damaged": ("Damaged",), "destroyed": ("Destroyed",), "operating": ("Operating",)}  # fmt: skip
    titles = [rng.choice(heads[status]) for status in statuses]
    placed = rng.random() < 0.5
    cells = [rng.choice(("Facility", "Type of facility", "Item")), *titles, *(["Place"] * placed)]
    head = Sentence("| " + " | ".join(cells) + " |")
    draft = Draft(rng, world)
    rows = [_row(draft, statuses, placed, head) for _ in range(rng.randrange(2, 8))]
    rule = [[Sentence("|" + "---|" * len(cells))]] if rng.random() < 0.5 else []
    return Section(None, [[head], *rule, *([row] for row in rows)])


def _row(draft: Draft, statuses: list[str], placed: bool, head: Sentence) -> Sentence:
    rng = draft.rng
    kind, name = draw(draft, "", many=True)
    name = name.capitalize() if rng.random() < 0.6 else name
    town = draft.pick(draft.world.towns)
    cells, records = [name], []
    for status in statuses:
        n = 0 if rng.random() < 0.2 else amount(rng, kind)
        cells.append(words.writings(n)[0] if n else rng.choice(("0", "–", "-", "")))
        if n:
            record: Record = {"facility_type": kind, "name": name, "count": n, "status": status}
            records.append((_KIND, record | ({"place": town} if placed else {})))
    return Sentence("| " + " | ".join([*cells, *([town] * placed)]) + " |", records, [head])


def repeated(rng: Random, world: World) -> Section:
    """A claim that the text makes twice."""
    for _ in range(12):
        paragraphs = restate.twice(rng, _say(rng, world, rng.choice(SINGLE_FRAMES)))
        if len(paragraphs) > 1:
            break
    if rng.random() < 0.5:
        paragraphs.insert(rng.choice((1, len(paragraphs))), [asides.aside(rng, world)])
    return Section(None, paragraphs)


def by_place(rng: Random, world: World) -> Section:
    """A place with a colon, and under it lines that each say what was done."""
    frame = rng.choice(("In {province}:", "{province}:", "In {town}:", "{town}, {province.bare}:"))
    text, draft = render(rng, world, frame, SLOTS)
    lead = Sentence(text)
    if frame.startswith("{town}"):
        draft.shared["place"] = text.split(",")[0]
    mark, stop = rng.choice(("- ", "• ", "– ", "* ")), rng.choice((";", "", "."))
    lines = []
    for _ in range(rng.randrange(2, 7)):
        item, inner = render(rng, world, rng.choice(LINES), SLOTS)
        lines.append(Sentence(mark + item + stop, finish(item, inner, _KIND, draft.shared), [lead]))
    return Section(None, [[lead], *([line] for line in lines)])


SINGLE_FRAMES = [frame for frame in FRAMES if len(re.findall(r"\{[a-z]+\.[a-z_]+", frame)) == 1]
FAMILIES: tuple[Callable[[Random, World], Section], ...] = (
    prose, prose, prose, prose, bullets, broken, broken, wholes, table, by_place, repeated
)  # fmt: skip
