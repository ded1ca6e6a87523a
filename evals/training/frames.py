"""Sentence frames: `<one|other|>` picks a wording, `{slot.arg:types}` is written by a function that may label it.

What a slot says of its context (place, date…) holds for every record of the sentence; with `{^slot}` only for those of
its own clause, and `{/}` ends a clause. A slot that names a thing makes a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from evals.training import words
from evals.training.builder import Record, Sentence, World

_PAST = ("restored", "damaged", "destroyed", "closed", "delivered", "blocked")
_CHOICE = re.compile(r"<([^<>]*)>")
_SLOT = re.compile(r"\{(\^?)([a-z_/]+)(?:\.([a-z_]+))?(?::([a-z_,]+))?\}")


@dataclass
class Draft:
    """A sentence in the making."""

    rng: Random
    world: World
    records: list[Record] = field(default_factory=list)
    clause_of: list[int] = field(default_factory=list)
    clauses: list[Record] = field(default_factory=lambda: [{}])
    shared: Record = field(default_factory=dict)
    plural: bool = True
    noun: Record = field(default_factory=dict)  # the thing that a bare number counts
    places: set[str] = field(default_factory=set)  # names and things used already
    list_sizes: tuple[int, ...] = (1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 9)

    def add(self, record: Record) -> None:
        self.records.append(record)
        self.clause_of.append(len(self.clauses) - 1)

    def pick(self, names: tuple[str, ...]) -> str:
        """A name that the sentence has not used yet, if there is one."""
        fresh = [name for name in names if name not in self.places] or list(names)
        name = self.rng.choice(fresh)
        self.places.add(name)
        return name


Written = tuple[str, Record]
Slot = Callable[[Draft, str, str], Written]
"""Takes the draft, the part after the dot and the part after the colon; gives text and context."""


def render(rng: Random, world: World, frame: str, slots: Mapping[str, Slot]) -> tuple[str, Draft]:
    """The frame's text and the draft with its records. Raises ValueError, KeyError at a bad slot."""
    while _CHOICE.search(frame):
        frame = _CHOICE.sub(lambda m: rng.choice(m[1].split("|")), frame)
    draft = Draft(rng, world)

    def fill(match: re.Match[str]) -> str:
        local, name, arg, types = match.groups(default="")
        if name == "/":
            draft.clauses.append({})
            return ""
        text, context = slots[name](draft, arg, types)
        (draft.clauses[-1] if local else draft.shared).update(context)
        return text

    text = tidy(_SLOT.sub(fill, frame))
    if "{" in text:
        raise ValueError(f"a slot that cannot be read: {text}")
    return text, draft


def sentence(
    rng: Random, world: World, frame: str, slots: Mapping[str, Slot], kind: str
) -> Sentence:
    """A sentence with its records."""
    text, draft = render(rng, world, frame, slots)
    return Sentence(text, finish(text, draft, kind))


def total_and_parts(
    rng: Random, world: World, frames: tuple[str, str], slots: Mapping[str, Slot], kind: str
) -> list[Sentence]:
    """A total and the sentence of its parts, which take its place, time and donor."""
    text, draft = render(rng, world, frames[0], slots)
    total = Sentence(text, finish(text, draft, kind))
    text, parts = render(rng, world, frames[1], slots)
    context = {k: v for k, v in draft.shared.items() if k not in ("vehicles", "actions")}
    return [total, Sentence(text, finish(text, parts, kind, context), [total])]


def finish(
    text: str, draft: Draft, kind: str, outer: Record | None = None
) -> list[tuple[str, Record]]:
    """The records with their context, `outer` that of the lead-in; a name in the case the text has."""
    records = []
    past = any(record["status"] in _PAST for record in draft.records)
    for record, clause in zip(draft.records, draft.clause_of, strict=True):
        shared = {**(outer or {}), **draft.shared}
        if past and record["status"] not in _PAST:  # when the other thing was done is not its time
            shared = {k: v for k, v in shared.items() if k not in ("period", "since", "date")}
        values = {**shared, **draft.clauses[clause], **record}
        for key in ("name", "item", "place", "donor"):
            if key in values and values[key] not in text:
                capital = values[key][0].upper() + values[key][1:]
                values[key] = capital if capital in text else values[key]
        records.append((kind, values))
    return records


def tidy(text: str) -> str:
    """No doubled spaces, none before a stop, a capital to begin with."""
    text = re.sub(r" +([,.;:)])", r"\1", re.sub(r" {2,}", " ", text)).strip(" ,")
    text = re.sub(r",+([,;:])", r"\1", text)
    text = re.sub(r"([;:,])\.$", ".", text)
    return re.sub(r'^["“]?\w', lambda m: m[0].upper(), text)


def join(rng: Random, parts: list[str]) -> str:
    """`A, B and C` in one of its manners."""
    if len(parts) == 1:
        return parts[0]
    last = rng.choice((" and ", " and ", ", and ", " as well as ", ", as well as ", ", "))
    return ", ".join(parts[:-1]) + (last if len(parts) > 2 or last != ", " else " and ") + parts[-1]


def _within(d: Draft, _arg: str, _types: str) -> Written:
    """Where: a town mostly, with or without what it is and the province it lies in."""
    town, unit = d.pick(d.world.towns), d.world.unit
    kind = d.rng.choice(("town", "village", "settlement", "city", "district", "municipality"))
    name = d.pick(d.world.provinces)
    roll = d.rng.random()
    if roll < 0.35:
        return f"in {town}", {"place": town}
    if roll < 0.5:
        return f"in the {kind} of {town}", {"place": town}
    if roll < 0.7:
        forms = (f"{town} ({name} {unit})", f"{town}, {name} {unit},", f"{town} in {name} {unit}")
        return f"in {d.rng.choice(forms)}", {"place": town}
    if roll < 0.9:
        areas = (f"{name} {unit}", f"the {unit} of {name}", f"the {name} {unit}", name)
        return f"in {d.rng.choice(areas)}", {"place": name}
    if roll < 0.94 and d.world.camps:
        camp = d.pick(d.world.camps)
        return f"in the {camp} camp", {"place": camp}
    return f"{d.rng.choice(('across', 'throughout', 'in'))} {d.world.country}", {
        "place": d.world.country
    }


def _maybe_within(d: Draft, arg: str, types: str) -> Written:
    return _within(d, arg, types) if d.rng.random() < 0.65 else ("", {})


def _town(d: Draft, _arg: str, _types: str) -> Written:
    town = d.pick(d.world.towns)
    return town, {"place": town}


def _province(d: Draft, arg: str, _types: str) -> Written:
    name = d.pick(d.world.provinces)
    return (name if arg else f"{name} {d.world.unit}"), {"place": name}


def _camp(d: Draft, _arg: str, _types: str) -> Written:
    name = d.pick(d.world.camps)
    return f"{name} camp", {"place": name}


def _when(d: Draft, arg: str, _types: str) -> Written:
    """A period, a running total's start or a date; half the time nothing unless `arg` is `must`."""
    roll = d.rng.random() * (0.5 if arg == "must" else 1)
    if roll < 0.25:
        return words.period(d.rng)
    if roll < 0.32:
        return words.since(d.rng, d.world)
    return words.dated(d.rng, d.world) if roll < 0.5 else ("", {})


def _opening(d: Draft, arg: str, types: str) -> Written:
    text, context = _when(d, arg, types)
    return (f"{text}," if text else ""), context


def _number(d: Draft, arg: str, _types: str) -> Written:
    """A number that no record holds."""
    sizes = {"": 900, "small": 12, "big": 90000}
    return words.write_number(d.rng, d.rng.randrange(2, sizes[arg])), {}


def _settlements(d: Draft, arg: str, _types: str) -> Written:
    n = d.rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 21, 26, 38, 54, 147))
    kinds = ("settlements", "settlements", "localities", "villages", "populated areas", "towns")
    text = words.write_number(d.rng, n)
    return (text if arg == "bare" else f"{text} {d.rng.choice(kinds)}"), {"settlements": n}


def _money(d: Draft, _arg: str, _types: str) -> Written:
    n = d.rng.choice((1.2, 2.5, 3, 4.7, 8, 15, 40, 120, 650))
    unit = d.rng.choice(("dollars", "euros", "US dollars", "pounds", "in local currency"))
    forms = (f"{n} million {unit}", f"${n} million", f"€{n} million", f"USD {n}m")
    return d.rng.choice(forms), {}


def _plain(pool: Callable[[World], tuple[str, ...]], article: bool = False) -> Slot:
    """A name that labels nothing."""

    def write(d: Draft, _arg: str, _types: str) -> Written:
        name = d.pick(pool(d.world))
        return (words.with_article(name) if article else name), {}

    return write


COMMON: dict[str, Slot] = {
    "in": _within,
    "in_maybe": _maybe_within,
    "town": _town,
    "province": _province,
    "camp": _camp,
    "when": _when,
    "opening": _opening,
    "on": lambda d, _a, _t: words.dated(d.rng, d.world),
    "ahead": lambda d, _a, _t: words.dated(d.rng, d.world, ahead=True),
    "by": lambda d, _a, _t: words.deadline(d.rng, d.world),
    "period": lambda d, a, _t: words.period(d.rng, a or None),
    "since": lambda d, _a, _t: words.since(d.rng, d.world),
    "settlements": _settlements,
    "x": _number,
    "money": _money,
    "percent": lambda d, _a, _t: (
        f"{d.rng.randrange(3, 97)}{d.rng.choice(('%', ' per cent', ' percent'))}",
        {},
    ),
    "year": lambda d, _a, _t: (str(d.world.today.year - d.rng.randrange(1, 9)), {}),
    "some_town": _plain(lambda w: w.towns),
    "some_province": _plain(lambda w: w.provinces),
    "body": _plain(lambda w: w.bodies, article=True),
    "agency": _plain(lambda w: w.agencies, article=True),
    "official": _plain(lambda w: w.people),
    "state": _plain(lambda w: w.states),
    "was": lambda d, _a, _t: ("were" if d.plural else "was", {}),
    "is": lambda d, _a, _t: ("are" if d.plural else "is", {}),
    "has": lambda d, _a, _t: ("have" if d.plural else "has", {}),
    "s": lambda d, _a, _t: ("" if d.plural else "s", {}),
}
