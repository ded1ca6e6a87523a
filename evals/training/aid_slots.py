"""What the slots of the frames about aid write and label."""

from __future__ import annotations

from collections.abc import Callable

from evals.training import aid_goods as goods
from evals.training import words
from evals.training.aid_measures import a_weight, draw, how_many, kits_of, liquid_of, load_of
from evals.training.builder import Record
from evals.training.frames import (
    COMMON,
    Draft,
    Slot,
    Written,
    join,
)


def _good(d: Draft, status: str, category: str) -> Written:
    text, record = draw(d, category)
    d.plural = True
    d.noun = record
    d.add({**record, "status": status})
    return text, {}


def _goods(d: Draft, status: str, category: str) -> Written:
    size = d.rng.choice((1, 2, 2, 3, 3, 4, 5, 7))
    return join(d.rng, [_good(d, status, category)[0] for _ in range(size)]), {}


def _parts(d: Draft, status: str, category: str) -> Written:
    size = d.rng.choice((2, 2, 3, 4))
    return join(d.rng, [_good(d, status, category)[0] for _ in range(size)]), {}


def _tally(d: Draft, status: str, _category: str) -> Written:
    """Item first: `food sets – 1,200`, `wheat flour: 450 tons`."""
    shape = d.rng.choice(("{0} – {1}", "{0} - {1}", "{0}: {1}", "{0} ({1})"))
    parts = []
    for _ in range(d.rng.choice((1, 2, 2, 3, 4, 6))):
        text, record = draw(d)
        item = record["item"]
        measure = text.removesuffix(item).strip().removesuffix(" of")
        parts.append(shape.format(item, measure))
        d.add({**record, "status": status})
    d.plural = True
    return d.rng.choice((", ", "; ")).join(parts), {}


def _heavy(d: Draft, status: str, _category: str) -> Written:
    """Kits with their weight."""
    kind, name = d.rng.choice(goods.KITS)
    text, record = kits_of(d, name)
    tonnes = round(record["quantity"] * d.rng.uniform(2, 30) / 1000, 2)
    n: float = tonnes
    written = d.rng.choice(goods.TONS).partition("/")[2]
    if tonnes < 0.5:
        n = max(round(tonnes * 1000), 1)
        tonnes, written = n / 1000, d.rng.choice(goods.KILOS).partition("/")[2]
    d.plural = True
    d.add({**record, "tonnes": tonnes, "category": kind, "status": status})
    form = d.rng.choice(
        (
            "{0} with a total weight of {1} {2}",
            "{0} weighing {1} {2}",
            "{0} ({1} {2})",
            "{0} with the total weight of {1} {2}",
            "{0} (total weight {1} {2})",
            "{0} weighing a total of {1} {2}",
        )
    )
    return form.format(text, words.write_number(d.rng, n), written), {}


def _from(pool: list[tuple[str, str]], write: Callable[[Draft, str], tuple[str, Record]]) -> Slot:
    """A slot that draws from one table of goods."""

    def slot(d: Draft, status: str, _category: str) -> Written:
        kind, item = d.rng.choice([r for r in pool if r[1] not in d.places] or pool)
        d.places.add(item)
        text, record = write(d, item)
        d.plural = record["quantity"] != 1
        d.add({**record, "category": kind, "status": status})
        return text, {}

    return slot


def _trucks(d: Draft, _arg: str, _types: str) -> Written:
    """The vehicles of a convoy whose load is measured besides."""
    n = d.rng.randrange(2, 60)
    _, _, many = d.rng.choice(goods.TRUCKS).partition("/")
    return f"{words.write_number(d.rng, n)} {many}", {"vehicles": n}


def _truckload(d: Draft, status: str, _arg: str, mixed: bool = False) -> Written:
    """Vehicles as the only measure of their load."""
    n = d.rng.randrange(2, 60)
    one, _, many = d.rng.choice(goods.TRUCKS).partition("/")
    kind, item = d.rng.choice(goods.MIXED if mixed else goods.LOADS)
    text, qualifier = words.hedged(d.rng, n)
    record = {"item": item, "category": kind, "quantity": n, "unit": one, "vehicles": n}
    d.plural = True
    d.places.add(item)
    d.add({**record, **qualifier, "status": status})
    return f"{text} {many} {d.rng.choice(('with', 'carrying', 'of', 'loaded with'))} {item}", {}


def _unmeasured(d: Draft, status: str, _arg: str) -> Written:
    """A load with no measure of its own."""
    kind, item = d.rng.choice(goods.LOADS)
    d.plural = False
    d.add({"item": item, "category": kind, "status": status})
    return item, {}


def _cargo_first(d: Draft, status: str, _arg: str) -> Written:
    kind, item = d.rng.choice(goods.MIXED)
    d.add({"item": item, "category": kind, "status": status})
    return item, {}


def _its_weight(d: Draft, _arg: str, _types: str) -> Written:
    """The weight of the last record."""
    n, tonnes, unit, written = a_weight(d.rng)
    d.records[-1].update(quantity=n, unit=unit, tonnes=tonnes)
    return f"{words.write_number(d.rng, n)} {written}", {}


def _equipment(d: Draft, status: str, _arg: str) -> Written:
    item = d.pick(tuple(goods.ENGINES))
    n = d.rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 34, 60, 110))
    text, qualifier = words.hedged(d.rng, n)
    d.plural = True
    record = {"item": item, "category": "equipment", "quantity": n, "status": status}
    d.add(record | qualifier)
    return f"{text} {item}", {}


def _service(d: Draft, _arg: str, _types: str) -> Written:
    """A service; it names the item of the record whose clients stand before or after it."""
    kind, item = d.rng.choice(goods.SERVICES)
    if d.records:
        d.records[-1].update(item=item, category=kind)
    else:
        d.noun = {"item": item, "category": kind}
    return item, {}


def _clients(d: Draft, status: str, _types: str) -> Written:
    one, _, many = d.rng.choice(goods.CLIENTS).partition("/")
    n = how_many(d.rng)
    text, qualifier = words.hedged(d.rng, n)
    d.plural = True
    d.add({**d.noun, "quantity": n, "unit": one, "status": status, **qualifier})
    return f"{text} {many}", {}


def _more(d: Draft, status: str, _types: str) -> Written:
    """A bare number of the thing last named."""
    n = how_many(d.rng)
    record = {k: v for k, v in d.noun.items() if k in ("item", "unit", "category")}
    if "tonnes" in d.noun:
        factor = 1 if d.noun["tonnes"] == d.noun["quantity"] else 1000
        record["tonnes"] = n / factor if factor > 1 else n
    d.add({**record, "quantity": n, "status": status})
    return words.write_number(d.rng, n), {}


def _actions(d: Draft, arg: str, _types: str) -> Written:
    n = d.rng.randrange(300, 4000) if arg == "big" else d.rng.choice((1, 1, 2, 3, 4, 5, 6, 7))
    kind = d.rng.choice(
        ("humanitarian action", "humanitarian action", "aid action", "relief action")
    )
    d.plural = n > 1
    text = "a" if n == 1 and d.rng.random() < 0.2 else words.write_number(d.rng, n)
    if text == "a" and kind.startswith("a"):
        text = "an"
    return f"{text} {kind}{'s' if n > 1 else ''}", {"actions": n}


def _donor(d: Draft, arg: str, _types: str) -> Written:
    pool = (*d.world.agencies, *d.world.agencies, *d.world.states[:6], *d.world.bodies[:2])
    name = d.pick(pool)
    if arg == "bare":
        return name, {"donor": name}
    return words.with_article(name), {"donor": name.removeprefix("the ")}


def _own_body(d: Draft, _arg: str, _types: str) -> Written:
    """A body of the state that gives to its own services."""
    name = d.pick(d.world.bodies)
    return words.with_article(name), {"donor": name}


def _to(d: Draft, arg: str, _types: str) -> Written:
    """Where it went."""
    town, unit, area = d.pick(d.world.towns), d.world.unit, d.pick(d.world.provinces)
    lead = arg or d.rng.choice(
        ("to", "to", "to", "to the residents of", "to the people of", "to the town of",
         "to the village of", "for the population of", "for")
    )  # fmt: skip
    if not arg and d.rng.random() < 0.15:
        return "", {}
    roll = d.rng.random()
    if roll < 0.5:
        return f"{lead} {town}", {"place": town}
    if roll < 0.65:
        return f"{lead} {town} ({area} {unit})", {"place": town}
    if arg or roll < 0.75:
        return f"{arg or 'to'} {town} in {area} {unit}", {"place": town}
    if roll < 0.9 or not d.world.camps:
        return f"to {d.rng.choice((f'{area} {unit}', f'the {unit} of {area}', area))}", {
            "place": area
        }
    camp = d.pick(d.world.camps)
    return f"to {d.rng.choice(('the ', 'residents of the '))}{camp} camp", {"place": camp}


def _among(d: Draft, _arg: str, _types: str) -> Written:
    whom = d.rng.choice(("the residents of", "families in", "displaced people in", "people in",
                         "the population of", "vulnerable households in"))  # fmt: skip
    return _to(d, f"{d.rng.choice(('among', 'to'))} {whom}", "")


def _held(d: Draft, _arg: str, _types: str) -> Written:
    name = d.pick(d.world.checkpoints)
    kind = d.rng.choice(("crossing", "checkpoint", "border crossing", "crossing point"))
    return f"at the {name} {kind}", {"place": name}


SLOTS: dict[str, Slot] = COMMON | {
    "g": _good, "goods": _goods, "parts": _parts, "tally": _tally, "heavy": _heavy,
    "cargo": _from(goods.MIXED, load_of), "mass": _from(goods.LOADS[:19], load_of),
    "volume": _from(goods.LIQUIDS[:4], liquid_of), "one_good": _from(goods.LOADS, load_of),
    "medical": lambda d, status, _t: _good(d, status, "medical"),
    "school": _from([row for row in goods.KITS if row[0] == "other"], kits_of),
    "trucks": _trucks, "truckload": _truckload,
    "load": lambda d, status, _t: _truckload(d, status, "", mixed=True),
    "loose": _unmeasured, "loose_cap": _unmeasured, "cargo_first": _cargo_first,
    "weight": _its_weight, "equip": _equipment, "service": _service, "service_cap": _service,
    "clients": _clients, "more": _more, "actions": _actions, "donor": _donor,
    "donor_bare": lambda d, _a, _t: _donor(d, "bare", ""), "to": _to, "among": _among,
    "own_body": _own_body,
    "held": _held, "in_planned": COMMON["in"],
    "was_a": lambda d, _a, _t: ("were" if d.plural else "was", {}),
    "province_adj": lambda d, _a, _t: _named_area(d),
}  # fmt: skip


def _named_area(d: Draft) -> Written:
    area = d.pick(d.world.provinces)
    return area, {"place": area}
