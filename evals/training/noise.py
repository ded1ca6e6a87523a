"""Made-up passages that tell of nothing that a record is for, full of numbers all the same."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from evals.training import noise_frames as frames
from evals.training.builder import Section, Sentence, World
from evals.training.slots import Drawn, a_day, choose, fill, with_article, write_day, write_number
from evals.training.slots import write_when as when

_SITES = ("press.example", "news.example.org", "bulletins.example.com", "info.example.net")
_SCALES = {"n": (2, 60), "m": (61, 990), "k": (1000, 60_000), "l": (60_000, 3_000_000)}
_MONEY = ("dollars", "euros", "US dollars", "pounds")


class _Draws:
    """Draws the slots of one line."""

    def __init__(self, world: World, rng: Random) -> None:
        self.world = world
        self.rng = rng

    def __call__(self, kind: str, digit: str) -> Drawn:
        rng = self.rng
        if kind in _SCALES:
            low, high = (2, 12) if kind == "n" and digit else _SCALES[kind]
            return Drawn(write_number(rng.randint(low, high), rng, words=False), None)
        if kind == "money":
            amount = rng.choice(
                (f"{rng.randint(2, 900)} million", f"{rng.randint(11, 99) / 10} billion")
            )
            return Drawn(f"{amount} {rng.choice(_MONEY)}", None)
        if kind == "d":
            return when(self.world, rng)
        texts: dict[str, Callable[[], str]] = {
            "dec": lambda: str(rng.randint(21, 98) / 10),
            "pct": lambda: str(rng.randint(3, 97)),
            "y": lambda: str(self.world.today.year - rng.randint(1, 25)),
            "e": lambda: write_day(a_day(self.world, rng), self.world, rng),
            "site": lambda: rng.choice(_SITES),
        }
        return Drawn(texts[kind]() if kind in texts else self._name(kind), None)

    def _name(self, kind: str) -> str:
        world = self.world
        if kind == "ct":
            return with_article(world.country)
        if kind == "pr":
            return f"{self.rng.choice(world.provinces)} {world.unit}"
        pools = {
            "pl": world.towns,
            "s": world.states,
            "b": world.bodies,
            "g": world.agencies,
            "p": world.people,
        }
        name = self.rng.choice(pools[kind])
        return name if kind in ("pl", "p") else with_article(name)


def _line(frame: str, world: World, rng: Random) -> Sentence:
    (filled,) = fill(choose(frame, rng), _Draws(world, rng))
    return Sentence(filled.text)


def _lines(pool: list[str], count: int, world: World, rng: Random) -> list[Sentence]:
    return [_line(frame, world, rng) for frame in rng.sample(pool, count)]


def _heading(world: World, rng: Random) -> str | None:
    return _line(rng.choice(frames.HEADINGS), world, rng).text if rng.random() < 0.6 else None


def _figures(rng: Random, world: World) -> Section:
    """Sentences with numbers."""
    pool = [*frames.FIGURES, *frames.PROSE]
    told = [_lines(pool, rng.randint(1, 4), world, rng) for _ in range(rng.randint(1, 3))]
    return Section(_heading(world, rng), told)


def _table(rng: Random, world: World) -> Section:
    """Rows of numbers that count neither goods nor people on the move."""
    head, row = rng.choice(frames.TABLES)
    rows = [[_line(row, world, rng)] for _ in range(rng.randint(2, 5))]
    return Section(_heading(world, rng), [[Sentence(head)], *rows])


def _furniture(rng: Random, world: World) -> Section:
    """What stands around an article on its page."""
    return Section(
        None, [[line] for line in _lines(frames.FURNITURE, rng.randint(1, 6), world, rng)]
    )


def _signature(rng: Random, world: World) -> Section:
    """The close of a document."""
    return Section(
        None, [[line] for line in _lines(frames.SIGNATURES, rng.randint(1, 3), world, rng)]
    )


def _orders(rng: Random, world: World) -> Section:
    """Orders to a machine that reads, by themselves or in the midst of a paragraph."""
    told = _lines(frames.FIGURES, rng.randint(0, 2), world, rng)
    told.insert(rng.randint(0, len(told)), _line(rng.choice(frames.ORDERS), world, rng))
    return Section(_heading(world, rng) if len(told) > 1 else None, [told])


FAMILIES: tuple[Callable[[Random, World], Section], ...] = (
    _figures,
    _figures,
    _figures,
    _table,
    _furniture,
    _furniture,
    _signature,
    _orders,
)

NOTHING = FAMILIES
