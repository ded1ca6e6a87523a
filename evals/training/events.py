"""Made-up passages about officials dealing with one another, and about what only looks like it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from evals.training import event_frames as frames
from evals.training import nonevent_frames as others
from evals.training.builder import Record, Section, Sentence, World
from evals.training.event_draws import EventDraws
from evals.training.slots import Filled, choose, fill

_PARTIES = frozenset({"s", "b", "g", "w", "c", "p", "tp", "o"})
_DATES = frozenset({"d", "f", "e", "h"})
_IDLE = (
    others.OPINIONS,
    others.DUTIES,
    others.WORK,
    others.BODIES,
    others.LIFE,
    others.FORCE,
    others.CHARGES,
    others.THANKS,
    others.SHAMS,
)
_SINGLE = [(kind, frame) for kind, pool in frames.SINGLE.items() for frame in pool]


def _record(
    kind: str, filled: list[Filled], named: frozenset[str] | None, own: str | None
) -> Record:
    """The record of the named slots, or of all of them."""
    event_type, status = kind.split("/")
    record: Record = {"event_type": event_type, "status": status, "participants": []}
    if own:
        record["date"] = own
    for role, digit, value in (slot for part in filled for slot in part.slots):
        if named is not None and role + digit not in named:
            continue
        if role in _PARTIES and value not in record["participants"]:
            record["participants"].append(value)
        elif role in _DATES:
            record["date"] = value
        elif role == "pl":
            record["place"] = value
        elif role == "t":
            record["topic"] = value
    return record


def _speaks(part: Filled, named: frozenset[str] | None) -> bool:
    slots = {role + digit for role, digit, _ in part.slots if not role.startswith("x")}
    return bool(slots if named is None else slots & named)


def _render(frame: str, kinds: list[str], world: World, rng: Random) -> list[Sentence]:
    """A frame's sentences; each kind is a type and status, with the slots of its own if it names any."""
    template, _, tag = frame.partition("#")
    filled = fill(choose(template, rng), EventDraws(world, rng, abroad=0.45 if kinds else 0.1))
    sentences = [Sentence(part.text) for part in filled]
    today = world.today.isoformat() if world.dated else None
    for spec in kinds:
        kind, *slots = spec.split()
        named = frozenset(slots) if slots else None
        own = today if "own" in (named or {tag}) else None
        spoken = [s for s, part in zip(sentences, filled, strict=True) if _speaks(part, named)]
        record = _record(kind, filled, named, own)
        (spoken or sentences)[0].records.append(("diplomatic_events", record))
        (spoken or sentences)[0].leads.extend(spoken[1:])
    return sentences


def _idle(rng: Random, world: World) -> list[Sentence]:
    """Sentences of one frame without an event."""
    return _render(rng.choice(rng.choice(_IDLE)), [], world, rng)


def _event(rng: Random, world: World) -> list[Sentence]:
    if rng.random() < 0.15:
        frame, kinds = rng.choice(frames.SEVERAL)
        return _render(frame, kinds, world, rng)
    kind = rng.choice(list(frames.SINGLE)) if rng.random() < 0.6 else rng.choice(_SINGLE)[0]
    return _render(rng.choice(frames.SINGLE[kind]), [kind], world, rng)


def _section(told: list[list[Sentence]], rng: Random) -> Section:
    heading = rng.choice(others.HEADINGS) if rng.random() < 0.5 else None
    listed = any(part[0].text[0] in "-•–" for part in told)
    if listed or rng.random() < 0.5:
        return Section(heading, told)
    return Section(heading, [[sentence for part in told for sentence in part]])


def _mixed(rng: Random, world: World) -> Section:
    """Events with sentences between them that are none."""
    told = [_event(rng, world) for _ in range(rng.randint(1, 3))]
    for _ in range(rng.randint(1, 3)):
        told.insert(rng.randint(0, len(told)), _idle(rng, world))
    return _section(told, rng)


def _nothing(rng: Random, world: World) -> Section:
    """Sentences that smell of diplomacy and tell of no event."""
    return _section([_idle(rng, world) for _ in range(rng.randint(2, 5))], rng)


def _calendar(rng: Random, world: World) -> Section:
    """Lines of a calendar or a chronicle, one event each."""
    lines = [(kind, frame) for kind, frame in _SINGLE if frame[0] in "-{[•" and len(frame) < 75]
    told = [
        _render(frame, [kind], world, rng) for kind, frame in rng.sample(lines, rng.randint(2, 4))
    ]
    return Section(rng.choice(("Calendar", "Chronicle", "Diary", "Contacts of the week")), told)


def _appeals(rng: Random, world: World) -> Section:
    """A statement of the document's own, with what it asks for and what it merely says."""
    own = [(kind, f) for kind, f in _SINGLE if f.endswith("#own")]
    head = rng.choice([pair for pair in own if pair[0].startswith("statement")])
    asks = rng.sample([pair for pair in own if pair[0].startswith("appeal")], rng.randint(1, 2))
    told = [_render(frame, [kind], world, rng) for kind, frame in asks]
    pool = (*others.CHARGES, *others.WORK, *others.THANKS)
    told[0:0] = [_render(rng.choice(pool), [], world, rng) for _ in range(rng.randint(0, 2))]
    if rng.random() < 0.6:
        told.insert(0, _render(head[1], [head[0]], world, rng))
    return Section(None, told)


def _round(rng: Random, world: World) -> Section:
    """A lead-in and its items, each on its own line, each an event."""
    kind, lead_frame, item_frame = rng.choice(frames.ROUNDS)
    item, _, tag = choose(item_frame, rng).partition("#")
    draw = EventDraws(world, rng)
    above = fill(choose(lead_frame, rng), draw)
    lead = Sentence(above[0].text)
    own = world.today.isoformat() if tag and world.dated else None
    lines: list[list[Sentence]] = [[lead]]
    for _ in range(rng.randint(2, 4)):
        parts = fill(item, draw)
        record = _record(kind, above + parts, None, own)
        lines.append([Sentence(parts[0].text, [("diplomatic_events", record)], [lead])])
    return Section(rng.choice(others.HEADINGS) if rng.random() < 0.4 else None, lines)


def _minutes(rng: Random, world: World) -> Section:
    """The session that the document itself reports, and the speakers' turns."""
    told = [_render(rng.choice(frames.MINUTES), ["meeting/held"], world, rng)]
    pools = (others.SPEECH, others.SPEECH, others.OPINIONS, others.DUTIES, others.WORK)
    told.extend(
        _render(rng.choice(rng.choice(pools)), [], world, rng) for _ in range(rng.randint(2, 5))
    )
    return Section(None, told)


FAMILIES: tuple[Callable[[Random, World], Section], ...] = (
    _mixed,
    _mixed,
    _mixed,
    _calendar,
    _appeals,
    _minutes,
    _round,
    _nothing,
    _nothing,
)

NOTHING: tuple[Callable[[Random, World], Section], ...] = (_nothing,)
