"""Draws the names of one document from the gazetteer."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from evals.training.builder import World
from evals.training.gazetteer import AGENCIES, COUNTRIES, NAMES, STATES, Country

_FIRST, _LAST = date(2012, 1, 1), date(2026, 12, 31)
_SYRIA_SHARE = 0.2


def make_world(rng: Random) -> World:
    """One country with its surroundings, one spelling for each name, and the document's day."""
    syria, *others = COUNTRIES
    country = syria if rng.random() < _SYRIA_SHARE else rng.choice(others)
    neighbours = _names(rng, country.neighbours)
    states = tuple(s for s in _names(rng, STATES, 9) if s not in country.neighbours)
    agencies = [*_names(rng, country.agencies), *_names(rng, AGENCIES, 5)]
    return World(
        country=rng.choice(country.name.split("/")),
        neighbours=neighbours,
        capital=rng.choice(country.capital.split("/")),
        provinces=_names(rng, country.provinces),
        towns=_names(rng, country.towns),
        camps=_names(rng, country.camps),
        checkpoints=_names(rng, country.checkpoints),
        agencies=tuple(rng.sample(agencies, 6)),
        bodies=_names(rng, country.bodies),
        states=(*neighbours, *states),
        people=_people(rng, country),
        today=_FIRST + timedelta(days=rng.randrange((_LAST - _FIRST).days)),
        dated=rng.random() < 0.75,
        unit=rng.choice(country.unit.split("/")),
    )


def _names(rng: Random, rows: str, most: int = 99) -> tuple[str, ...]:
    """The names of a row in random order, each in one of its spellings."""
    names = [rng.choice(row.split("/")) for row in rows.split(";")]
    return tuple(rng.sample(names, min(most, len(names))))


def _people(rng: Random, country: Country) -> tuple[str, ...]:
    given, family = (part.split(";") for part in NAMES[country.people])
    count = min(len(given), len(family), 7)
    pairs = zip(rng.sample(given, count), rng.sample(family, count), strict=True)
    return tuple(" ".join(pair) for pair in pairs)
