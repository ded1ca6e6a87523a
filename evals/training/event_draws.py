"""What stands in the slots of frames about officials dealing with one another."""

from __future__ import annotations

import re
from random import Random

from evals.training.builder import World
from evals.training.nonevent_frames import CITIES, TOPICS
from evals.training.slots import Drawn, a_day, with_article, write_day, write_number, write_when

_BLOCS = re.compile(r"Union|League|Organi[sz]ation|Council|Nations|^[A-Z]{2,}$")
_OFFICES = [
    "Minister of Foreign Affairs",
    "Foreign Minister",
    "Prime Minister",
    "Deputy Prime Minister",
    "Minister of Health",
    "Minister of Energy",
    "Minister of Defence",
    "Deputy Minister of Foreign Affairs",
    "Minister of the Interior",
    "Minister of Education",
    "Minister of Local Administration",
    "Ambassador",
    "Minister of Agriculture",
    "Minister of Water Resources",
    "Minister of Transport",
]
_HEADS = [
    "head",
    "deputy head",
    "director",
    "spokesman",
    "chairman",
    "chief of staff",
    "representative",
    "secretary",
]
_STYLES = [
    "UN Special Envoy",
    "High Commissioner",
    "Colonel General",
    "Lieutenant General",
    "Major General",
    "President",
    "Prime Minister",
    "Governor",
    "Special Representative",
    "Ambassador",
    "Mr",
    "Ms",
    "Dr",
    "Professor",
    "Senator",
    "Foreign Minister",
    "Defence Minister",
    "Sheikh",
    "Bishop",
    "Envoy",
]


class EventDraws:
    """Draws the slots of one frame, no name twice."""

    def __init__(self, world: World, rng: Random, *, abroad: float = 0.45) -> None:
        self.world = world
        self.abroad = abroad  # how often a place is a city far off
        self.rng = rng
        self.taken: set[str] = set()

    def __call__(self, kind: str, _digit: str) -> Drawn:
        reach = (2,) if kind in ("xf", "xh") else (10, 40, 200)
        kind = kind.removeprefix("x")
        rng, world = self.rng, self.world
        if kind in ("d", "f"):
            return write_when(world, rng, future=kind == "f", reach=reach)
        if kind in ("e", "h"):
            day = a_day(world, rng, future=kind == "h", reach=reach)
            return Drawn(write_day(day, world, rng), day.isoformat())
        if kind == "n":
            return Drawn(write_number(rng.randint(2, 400), rng), None)
        if kind == "t":
            topic = self._new(TOPICS)
            return Drawn(topic, topic)
        if kind == "p":
            name = self._new(world.people)
            return Drawn(name, name)
        if kind == "tp":
            return self._titled()
        if kind == "o":
            state = self._state()
            office = rng.choice(_OFFICES)
            return Drawn(
                f"the {office} of {with_article(state)}", f"{office} of {with_article(state)}"
            )
        return self._named(kind)

    def _named(self, kind: str) -> Drawn:
        world, rng = self.world, self.rng
        if kind == "pl":
            towns = (*world.towns, world.capital, world.capital)
            place = self._new(CITIES if rng.random() < self.abroad else towns)
            return Drawn(place, place)
        if kind == "c":
            name = world.country
        elif kind == "s" and rng.random() < 0.85:
            name = self._state()
        else:
            kind = rng.choice("ssbg") if kind == "w" else kind
            pools = {"s": world.states, "b": world.bodies, "g": world.agencies}
            name = self._new(pools[kind])
        return Drawn(with_article(name), name.removeprefix("the ").removeprefix("The "))

    def _state(self) -> str:
        world = self.world
        named = (*world.states, *world.neighbours, world.country, world.country)
        return self._new([name for name in named if not _BLOCS.search(name)])

    def _titled(self) -> Drawn:
        rng = self.rng
        name = self._new(self.world.people)
        luck = rng.random()
        if luck < 0.25:
            return Drawn(name, name)
        if luck < 0.5:
            return Drawn(f"{rng.choice(_STYLES)} {name}", name)
        if luck < 0.85:
            state = with_article(self._state())
            office = rng.choice(_OFFICES)
            forms = (
                f"the {office} of {state}, {name}",
                f"the {office} of {state} {name}",
                f"{name}, {office} of {state},",
                f"{name} ({office} of {state})",
            )
            return Drawn(rng.choice(forms), name)
        body = with_article(rng.choice((*self.world.bodies, *self.world.agencies)))
        head = rng.choice(_HEADS)
        heads = (f"the {head} of {body} {name}", f"{name}, {head} of {body},")
        return Drawn(rng.choice(heads), name)

    def _new(self, pool: tuple[str, ...] | list[str]) -> str:
        fresh = [name for name in pool if name not in self.taken]
        name = self.rng.choice(fresh or list(pool))
        self.taken.add(name)
        return name
