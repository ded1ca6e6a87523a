"""Sections about goods and services handed over, promised or held up."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from evals.training import asides, restate, words
from evals.training.aid_frames import FRAMES, LEADS, PARTS, TOTALS
from evals.training.aid_measures import draw
from evals.training.aid_slots import SLOTS
from evals.training.builder import Section, Sentence, World
from evals.training.frames import (
    Draft,
    finish,
    render,
    sentence,
    total_and_parts,
)

_KIND = "aid_deliveries"


def _say(rng: Random, world: World, frame: str) -> Sentence:
    return sentence(rng, world, frame, SLOTS, _KIND)


def prose(rng: Random, world: World) -> Section:
    """Paragraphs of sentences, some of them beside the point."""
    paragraphs = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        told = [_say(rng, world, frame) for frame in rng.sample(FRAMES, rng.choice((1, 1, 2, 3)))]
        if rng.random() < 0.15:
            frames = (rng.choice(TOTALS), rng.choice(PARTS))
            told += total_and_parts(rng, world, frames, SLOTS, _KIND)
        paragraphs.append(asides.mix(rng, world, told))
    return Section(None, paragraphs)


def bullets(rng: Random, world: World) -> Section:
    """Whole sentences, one to a line."""
    mark = rng.choice(("- ", "• ", "– ", "* ", "", "— "))
    lines = [_say(rng, world, frame) for frame in rng.sample(FRAMES, rng.randrange(2, 7))]
    for line in lines:
        line.text = mark + (line.text.rstrip(".") if rng.random() < 0.3 else line.text)
    return Section(None, [[line] for line in lines])


def broken(rng: Random, world: World) -> Section:
    """A lead-in and its items, one to a line; the place or the donor may stand in each line."""
    frame, status = rng.choice(LEADS)
    text, draft = render(rng, world, frame, SLOTS)
    lead = Sentence(text)
    mark, stop = rng.choice(("- ", "• ", "", "– ", "* ")), rng.choice((";", "", "", ","))
    shapes = (
        "{g.S}",
        "{g.S}",
        "{tally.S}",
        "{town}: {parts.S}",
        "{g.S} – {town}",
        "{donor_bare}: {g.S}",
    )
    shape = rng.choice(shapes[:5] if "donor" in draft.shared else shapes).replace(
        ".S}", f".{status}}}"
    )
    lines = []
    for _ in range(rng.randrange(2, 9)):
        item, inner = render(rng, world, shape, SLOTS)
        records = finish(item, inner, _KIND, draft.shared)
        lines.append(Sentence(mark + item + stop, records, [lead]))
    return Section(None, [[lead], *([line] for line in lines)])


def table(rng: Random, world: World) -> Section:
    """Rows of a table: item, quantity, unit, and it may be weight and destination."""
    titles = rng.choice((("Item", "Quantity", "Unit", "Delivered to"), ("Goods", "Amount", "Unit", "To"),
                         ("Aid delivered", "Number", "Measure", "Place")))  # fmt: skip
    placed = rng.random() < 0.6
    draft = Draft(rng, world)
    head = Sentence("| " + " | ".join(titles if placed else titles[:3]) + " |")
    rows = []
    for _ in range(rng.randrange(2, 8)):
        _, record = draw(draft)
        record.pop("qualifier", None)
        town = draft.pick(world.towns)
        n = record["quantity"]
        number = words.writings(n)[1 if n >= 1000 and rng.random() < 0.5 else 0]
        cells = [record["item"], number, record.get("unit", rng.choice(("–", ""))), town]
        values = {**record, "status": "delivered"} | ({"place": town} if placed else {})
        line = "| " + " | ".join(cells if placed else cells[:3]) + " |"
        rows.append(Sentence(line, [(_KIND, values)], [head]))
    return Section(None, [[head], *([row] for row in rows)])


def repeated(rng: Random, world: World) -> Section:
    """A claim that the text makes twice."""
    for _ in range(12):
        paragraphs = restate.twice(rng, _say(rng, world, rng.choice(SINGLE_FRAMES)))
        if len(paragraphs) > 1:
            break
    if rng.random() < 0.5:
        paragraphs.insert(rng.choice((1, len(paragraphs))), [asides.aside(rng, world)])
    return Section(None, paragraphs)


SINGLE_FRAMES = [frame for frame in FRAMES if frame.count("{g.") == 1 and "more." not in frame]
FAMILIES: tuple[Callable[[Random, World], Section], ...] = (
    prose, prose, prose, prose, bullets, broken, broken, table, repeated
)  # fmt: skip
