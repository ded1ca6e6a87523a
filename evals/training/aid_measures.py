"""Goods with their measures: what is written and what the record holds."""

from __future__ import annotations

from random import Random

from evals.training import aid_goods as goods
from evals.training import words
from evals.training.builder import Record
from evals.training.frames import (
    Draft,
)


def how_many(rng: Random) -> int:
    """A number of goods or people, often a round one."""
    top = rng.choice((12, 60, 300, 300, 2500, 2500, 20000, 120000))
    n = rng.randrange(2, top)
    return max(n // 50 * 50, 2) if rng.random() < 0.4 else n


def _plural(singular: str) -> str:
    if singular[-1] == "y" and singular[-2] not in "aeiou":
        return singular[:-1] + "ies"
    return singular + ("es" if singular.endswith(("ch", "sh", "s", "x")) else "s")


def a_weight(rng: Random) -> tuple[float, float, str, str]:
    """A number, the tonnes that it comes to, the unit in the singular and as written."""
    if rng.random() < 0.75:
        top = rng.choice((9, 40, 300, 4000))
        n: float = rng.randrange(1, top) if rng.random() < 0.55 else round(rng.uniform(0.3, top), 2)
        unit, _, plural = rng.choice(goods.TONS).partition("/")
        return n, n, unit, unit if n == 1 else plural
    n = rng.choice((rng.randrange(20, 990), rng.randrange(2, 99) * 50, rng.randrange(1000, 9500)))
    unit, _, plural = rng.choice(goods.KILOS).partition("/")
    return n, n / 1000, unit, plural


def kits_of(d: Draft, name: str) -> tuple[str, Record]:
    """Kits: the number, the noun and its last word as the unit."""
    n = how_many(d.rng)
    text, qualifier = words.hedged(d.rng, n)
    item = _plural(name)
    return f"{text} {item}", {"item": item, "quantity": n, "unit": name.split()[-1]} | qualifier


def load_of(d: Draft, item: str) -> tuple[str, Record]:
    """A weight of something."""
    n, tonnes, unit, written = a_weight(d.rng)
    text, qualifier = words.hedged(d.rng, n)
    record = {"item": item, "quantity": n, "unit": unit, "tonnes": tonnes} | qualifier
    return f"{text} {written} of {item}", record


def liquid_of(d: Draft, item: str) -> tuple[str, Record]:
    """A volume of something."""
    n = how_many(d.rng) * d.rng.choice((1, 10, 100))
    text, qualifier = words.hedged(d.rng, n)
    written = d.rng.choice(("litres", "litres", "cubic metres", "liters"))
    record = {"item": item, "quantity": n, "unit": written.removesuffix("s")}
    if written == "cubic metres":
        record["unit"] = "cubic metre"
    return f"{text} {written} of {item}", record | qualifier


def _portion(d: Draft, unit: str, item: str) -> tuple[str, Record]:
    one, _, many = unit.partition("/")
    n = how_many(d.rng)
    text, qualifier = words.hedged(d.rng, n)
    record = {"item": item, "quantity": n, "unit": one}
    return f"{text} {many or _plural(one)} of {item}", record | qualifier


def _things(d: Draft, item: str) -> tuple[str, Record]:
    n = how_many(d.rng)
    text, qualifier = words.hedged(d.rng, n)
    if d.rng.random() < 0.05 and " of " not in item:
        return f"{text} pieces of {item}", {
            "item": item,
            "quantity": n,
            "unit": "piece",
        } | qualifier
    return f"{text} {item}", {"item": item, "quantity": n} | qualifier


def draw(d: Draft, category: str = "", singles: bool = True) -> tuple[str, Record]:
    """A measured good that the sentence has not used yet: text and values."""
    while True:
        roll = d.rng.random()
        if roll < 0.25:
            kind, name = d.rng.choice(goods.KITS)
            text, record = kits_of(d, name)
        elif roll < 0.45:
            kind, name = d.rng.choice(goods.THINGS)
            text, record = _things(d, name)
        elif roll < 0.65:
            kind, unit, name = d.rng.choice(goods.PORTIONS)
            text, record = _portion(d, unit, name)
        elif roll < 0.93 or not singles:
            kind, name = d.rng.choice(goods.LOADS)
            text, record = load_of(d, name)
        else:
            kind, name = d.rng.choice(goods.LIQUIDS)
            text, record = liquid_of(d, name)
        fits = not category or kind == category
        if fits and name not in d.places and (kind != "mixed" or not d.records):
            break
    d.places.add(name)
    return text, {**record, "category": kind}
