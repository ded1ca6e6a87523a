"""Made-up passages about people who crossed, and about people who did not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from evals.training import crossing_frames as frames
from evals.training.builder import Record, Section, Sentence, World
from evals.training.crossing_draws import WHO, CrossingDraws
from evals.training.slots import Filled, choose, fill

_FIELDS = {"n": "people", "w": "women", "c": "children", "v": "vehicles"}
_CONTEXT = ("population", "origin", "destination", "checkpoints", "period", "since", "date")
_POPULATIONS = frozenset(who for who, _ in WHO.values())


def _values(slots: Iterable[tuple[str, str, Any]]) -> dict[str, Record]:
    """The record values of the slots, by digit."""
    found: dict[str, Record] = {}
    for kind, digit, value in slots:
        if kind.startswith("x") or value is None:
            continue
        values = found.setdefault(digit, {})
        if kind in _FIELDS:
            values[_FIELDS[kind]] = value
        elif kind in WHO:
            values["population"] = value
        elif kind in ("k", "kk"):
            values["checkpoints"] = value
        elif kind == "q":
            values["qualifier"] = value
        elif kind == "per":
            values["period"] = value
        elif kind == "since":
            values |= {"since": value, "period": "to_date"}
        elif kind in ("when", "plan"):
            values["date"] = value
        else:
            values["origin" if kind[0] == "o" else "destination"] = value
    return found


def _under(values: Record, context: Record) -> Record:
    """The values with what they lack of the context."""
    lacking = {key: context[key] for key in _CONTEXT if key in context and key not in values}
    if "since" in values or "period" in values:
        for key in ("period", "since", "date"):
            lacking.pop(key, None)
    return lacking | values


def _sentences(filled: list[Filled], context: Record, status: str) -> list[Sentence]:
    """The filled sentences with their records, each on the first sentence that speaks of it."""
    sentences = [Sentence(part.text) for part in filled]
    found = _values(slot for part in filled for slot in part.slots)
    total = _under(found.get("", {}), context)
    who = total.get("population")  # a part without its own noun is of the part before it
    for digit in sorted(found):
        values = total if digit == "" else _under(found[digit], total)
        who = values.get("population", who)
        if "people" not in values and "vehicles" not in values:
            continue
        values = {"population": who} | values
        spoken = [
            sentence
            for sentence, part in zip(sentences, filled, strict=True)
            if any(d == digit and not kind.startswith("x") for kind, d, _ in part.slots)
        ]
        spoken[0].records.append(("crossings", {"status": status} | values))
        spoken[0].leads.extend(spoken[1:])
    return sentences


def _render(frame: str, world: World, rng: Random, context: Record, status: str) -> list[Sentence]:
    template, _, tags = frame.partition("#")
    template = choose(template, rng)
    named = [tag for tag in tags.split() if tag in _POPULATIONS]
    context = {"population": named[0]} | context if named else context
    context = {"period": "to_date"} | context if "to_date" in tags else context
    return _sentences(
        fill(template, CrossingDraws(world, rng, template, tags.split())), context, status
    )


def _passage(pool: list[str], status: str) -> Callable[[Random, World], Section]:
    def family(rng: Random, world: World) -> Section:
        heading = rng.choice(frames.HEADINGS) if rng.random() < 0.6 else None
        told = [_render(f, world, rng, {}, status) for f in rng.sample(pool, rng.randint(1, 3))]
        for frame in rng.sample(frames.NONE, rng.randint(0, 2)):
            told.insert(rng.randint(0, len(told)), _render(frame, world, rng, {}, status))
        if rng.random() < 0.5:
            return Section(heading, told)
        return Section(heading, [[sentence for part in told for sentence in part]])

    return family


def _listed(rng: Random, world: World) -> Section:
    """A lead-in and its items, each on its own line."""
    lead_frame = choose(rng.choice(frames.LEADS), rng)
    abroad = "{ref}" in lead_frame
    item = choose(rng.choice(frames.ITEMS_ABROAD if abroad else frames.ITEMS_INSIDE), rng)
    return _lines(lead_frame, item, rng, world)


def _tabled(rng: Random, world: World) -> Section:
    """A lead-in, a row of column names and the rows."""
    head, row = rng.choice(frames.TABLE_HEADS)
    lead = choose(rng.choice([lead for lead in frames.LEADS if "{ref}" in lead]), rng)
    section = _lines(lead, row, rng, world)
    section.paragraphs.insert(1, [Sentence(head)])
    return section


def _lines(lead_frame: str, item: str, rng: Random, world: World) -> Section:
    draws = CrossingDraws(world, rng, item)
    rows = []
    for _ in range(min(rng.randint(2, 4), len(world.checkpoints), len(world.towns))):
        draws.counts = CrossingDraws(world, rng, item).counts
        rows.append((draws.counts, fill(item, draws)))
    above = CrossingDraws(world, rng, lead_frame)
    for kind in ("", "w", "c"):
        above.counts[kind] = sum(counts[kind + "1"] for counts, _ in rows)
    filled = fill(lead_frame, above)
    (lead,) = _sentences(filled, {}, "completed")
    context = _values(filled[0].slots).get("", {})
    paragraphs = [[lead]]
    for _, parts in rows:
        (line,) = _sentences(parts, context, "completed")
        line.leads.append(lead)
        paragraphs.append([line])
    return Section(rng.choice(frames.HEADINGS) if rng.random() < 0.5 else None, paragraphs)


def _headed(rng: Random, world: World) -> Section:
    """A heading that names the neighbour, and sentences that do not."""
    origin = rng.choice(world.neighbours)
    heading = rng.choice(
        (f"Return of refugees from {origin}", f"From {origin}", f"{origin}: returns")
    )
    pool = rng.sample(frames.HEADED, rng.randint(1, 2))
    context = {"origin": origin.removeprefix("the "), "population": "refugees"}
    return Section(heading, [_render(frame, world, rng, context, "completed") for frame in pool])


def _nothing(rng: Random, world: World) -> Section:
    """Sentences that look like crossings and are none."""
    pool = rng.sample(frames.NONE, rng.randint(2, 4))
    told = [_render(frame, world, rng, {}, "completed") for frame in pool]
    heading = rng.choice(frames.HEADINGS) if rng.random() < 0.5 else None
    return Section(heading, told if rng.random() < 0.5 else [[s for part in told for s in part]])


FAMILIES: tuple[Callable[[Random, World], Section], ...] = (
    _passage(frames.TOTAL, "completed"),
    _passage(frames.TOTAL, "completed"),
    _passage(frames.PARTS, "completed"),
    _passage(frames.PLANNED, "planned"),
    _passage(frames.BLOCKED, "blocked"),
    _listed,
    _tabled,
    _headed,
    _nothing,
)

NOTHING: tuple[Callable[[Random, World], Section], ...] = (_nothing,)
