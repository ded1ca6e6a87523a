"""What the slots of the frames about facilities write and label."""
# ruff: noqa: SIM905 -- word lists read better unquoted

from __future__ import annotations

from random import Random

from evals.training import words
from evals.training.facility_nouns import BARE, GROUPS, KINDS, NOUNS, PROPER, SUMS
from evals.training.frames import (
    COMMON,
    Draft,
    Slot,
    Written,
    join,
)

_BIG = {"residential_building", "other"}
_ADJECTIVES = "public private municipal state-run rural large central local old new urban".split()
_DONE = (
    "repaired;rebuilt;restored;reopened;commissioned;put into operation;put back into operation;"
    "overhauled;rehabilitated;renovated;reconstructed;brought back into service;reconnected;"
    "returned to service;made operational again;recommissioned;refurbished;fully restored"
).split(";")
_DOING = (
    "being repaired;under repair;being rebuilt;under reconstruction;being restored;"
    "undergoing repairs;being rehabilitated;being overhauled;under restoration;being renovated"
).split(";")


def plural_of(singular: str) -> str:
    """The plural by the common rule."""
    if singular[-1] == "y" and singular[-2] not in "aeiou":
        return singular[:-1] + "ies"
    return singular + ("es" if singular.endswith(("ch", "sh", "s", "x")) else "s")


def draw(d: Draft, types: str, many: bool) -> tuple[str, str]:
    """A facility type and a noun phrase that the sentence has not used yet."""
    allowed = (
        [t for name in types.split(",") for t in GROUPS.get(name, (name,))] if types else KINDS
    )
    while True:
        kind = d.rng.choice(allowed)
        singular, _, plural = d.rng.choice(NOUNS[kind]).partition("/")
        if singular not in d.places or d.rng.random() < 0.02:
            break
    d.places.add(singular)
    name = (plural or plural_of(singular)) if many else singular
    if d.rng.random() < 0.07:
        name = f"{d.rng.choice(_ADJECTIVES)} {name}"
    d.noun = {"facility_type": kind, "name": name}
    return kind, name


def amount(rng: Random, kind: str) -> int:
    """How many there may be of a type, two at least."""
    top = rng.choice((5, 9, 14, 30, 120) if kind not in _BIG else (9, 40, 200, 1500, 18000))
    return rng.randrange(2, top)


def _article(rng: Random, name: str) -> str:
    if rng.random() < 0.25:
        return f"one {name}"
    vowel = name.startswith(("a", "e", "i", "o", "u", "LPG", "LNG")) and not name.startswith(
        ("uni", "one", "eu")
    )
    return f"{'an' if vowel else 'a'} {name}"


def _one(d: Draft, status: str, types: str) -> Written:
    _, name = draw(d, types, many=False)
    d.plural = len(d.records) > 0
    d.add({**d.noun, "count": 1, "status": status})
    return _article(d.rng, name), {}


def _many(d: Draft, status: str, types: str) -> Written:
    kind, name = draw(d, types, many=True)
    n = amount(d.rng, kind)
    text, qualifier = words.hedged(d.rng, n)
    d.plural = True
    d.add({**d.noun, "count": n, "status": status, **qualifier})
    return f"{text} {name}", {}


def _list(d: Draft, status: str, types: str) -> Written:
    """Two to nine things mostly, with a single one among them now and then."""
    size = d.rng.choice(d.list_sizes)
    if types and len(types.split(",")) == 1 and types not in GROUPS:
        size = min(size, 3)
    parts = []
    for _ in range(size):
        one = d.rng.random() < 0.25
        parts.append((_one if one else _many)(d, status, types)[0])
    d.plural = size > 1 or not one
    return join(d.rng, parts), {}


def _tally(d: Draft, status: str, types: str) -> Written:
    """`schools – 12, bakeries – 3`."""
    shape = d.rng.choice(
        ("{0} – {1}", "{0} - {1}", "{0} ({1})", "{0}: {1}", "{1} ({0})", "{1} {0}")
    )
    parts = []
    for _ in range(d.rng.choice(d.list_sizes)):
        kind, name = draw(d, types, many=True)
        n = amount(d.rng, kind)
        parts.append(shape.format(name, words.write_number(d.rng, n)))
        d.add({**d.noun, "count": n, "status": status})
    d.plural = True
    return d.rng.choice((", ", ", ", "; ")).join(parts), {}


def _few(d: Draft, status: str, types: str, slot: Slot = _list) -> Written:
    """What may stand on one line of a list: seldom more than one thing."""
    d.list_sizes = (1,) if slot is _tally else (1, 1, 2, 3)
    return slot(d, status, types)


def _named(d: Draft, status: str, types: str) -> Written:
    """One thing with a name of its own."""
    _, name = draw(d, types, many=False)
    proper = d.rng.choice(PROPER)
    family = d.rng.choice(d.world.people).split(" ", 1)[-1]
    article, phrase = d.rng.choice(
        (
            ("the ", f"{proper} {name}"),
            ("the ", f"{family} {name}"),
            ("the ", f"{name} named after {family}"),
            ("", f"{name} No. {d.rng.randrange(1, 60)}"),
            ("the ", f"{proper} {name}"),
        )
    )
    d.plural = False
    d.noun["name"] = phrase
    d.add({**d.noun, "count": 1, "status": status})
    return article + phrase, {}


def _bare(d: Draft, status: str, types: str, mass: bool = True) -> Written:
    """A thing without a number."""
    allowed = [t for name in types.split(",") for t in GROUPS.get(name, (name,))]
    kind = d.rng.choice(allowed)
    if mass and d.rng.random() < 0.6 and kind in BARE:
        d.noun = {"facility_type": kind, "name": d.rng.choice(BARE[kind])}
        d.plural = False
    else:
        draw(d, kind, many=True)
        d.plural = True
    d.add({**d.noun, "status": status})
    return d.noun["name"], {}


def _same(d: Draft, status: str, _types: str) -> Written:
    d.add({**d.noun, "status": status})
    return "", {}


def _echo(d: Draft, status: str, _types: str) -> Written:
    d.add({**d.records[-1], "status": status})
    return "", {}


def _more(d: Draft, status: str, _types: str) -> Written:
    n = d.rng.randrange(2, 20)
    d.add({**d.noun, "count": n, "status": status})
    return words.write_number(d.rng, n), {}


def _nouns(d: Draft, _arg: str, types: str) -> Written:
    """The plural of the thing last named, or of a new one."""
    if not d.noun:
        return draw(d, types, many=True)[1], {}
    if d.records[-1].get("count") == 1:
        singular = d.noun["name"]
        rows = [row.split("/") for row in NOUNS[d.noun["facility_type"]]]
        known = {row[0]: row[-1] if len(row) > 1 else plural_of(row[0]) for row in rows}
        stem = next(s for s in sorted(known, key=len, reverse=True) if singular.endswith(s))
        d.noun["name"] = singular.removesuffix(stem) + known[stem]
    return d.noun["name"], {}


def _bare_number(d: Draft, status: str, _types: str) -> Written:
    n = d.rng.randrange(5, 400)
    text, qualifier = words.hedged(d.rng, n, 0.15)
    d.add({**d.noun, "count": n, "status": status, **qualifier})
    return text, {}


def _fraction(d: Draft, status: str, types: str) -> Written:
    kind, name = draw(d, types, many=True)
    whole = amount(d.rng, kind) + 1
    n = d.rng.randrange(1, whole) if whole < 4 else d.rng.randrange(2, whole)
    joint = d.rng.choice((" out of ", " of ", " of the ", " out of the ", " out of a total of "))
    d.plural = n > 1
    d.add({**d.noun, "count": n, "out_of": whole, "status": status})
    return words.write_number(d.rng, n) + joint + f"{words.write_number(d.rng, whole)} {name}", {}


def _whole(d: Draft, _arg: str, types: str) -> Written:
    kind, name = draw(d, types or "public", many=True)
    whole = amount(d.rng, kind) + 6
    d.noun |= {"out_of": whole}
    return f"{words.write_number(d.rng, whole)} {name}", {}


def _part(d: Draft, status: str, _types: str) -> Written:
    taken = sum(record["count"] for record in d.records)
    n = d.rng.randrange(2, max(3, (d.noun["out_of"] - taken) // 2 + 1))
    d.add({**d.noun, "count": n, "status": status})
    return words.write_number(d.rng, n), {}


def _sum(d: Draft, status: str, _types: str) -> Written:
    n, name = d.rng.randrange(20, 900), d.rng.choice(SUMS)
    d.plural = True
    d.add({"facility_type": "other", "name": name, "count": n, "status": status})
    return f"{words.write_number(d.rng, n)} {name}", {}


def _length(d: Draft, _arg: str, _types: str) -> Written:
    unit = d.rng.choice(("km", "kilometres", "metres", "km"))
    return f"{words.write_number(d.rng, d.rng.randrange(2, 240))} {unit}", {}


def _within(d: Draft, _arg: str, types: str) -> Written:
    """A place, a number of settlements, both or neither."""
    roll = d.rng.random()
    if roll < 0.74:
        return COMMON["in"](d, "", types)
    if roll < 0.9 or "settlements" in d.shared:
        return "", {}
    text, found = COMMON["settlements"](d, "", types)
    if roll < 0.95:
        return f"in {text}", found
    area, place = COMMON["province"](d, "", types)
    return f"in {text} {d.rng.choice(('of', 'in'))} {area}", found | place


def _pick(*forms: str) -> Slot:
    return lambda d, _arg, _types: (d.rng.choice(forms), {})


SLOTS: dict[str, Slot] = COMMON | {
    "in": _within,
    "a": _one, "n": _many, "list": _list, "tally": _tally, "few": _few,
    "pair": lambda d, status, types: _few(d, status, types, _tally), "the": _named, "bare": _bare,
    "bare_many": lambda d, status, types: _bare(d, status, types, mass=False),
    "same": _same, "echo": _echo, "more": _more, "nouns": _nouns, "bareno": _bare_number,
    "frac": _fraction, "whole": _whole, "part": _part, "sum": _sum, "length": _length,
    "done": _pick(*_DONE), "doing": _pick(*_DOING), "is_on": _pick("continues", "is under way"),
    "whole_lead": _pick("Of", "Of the", "Out of", "Out of the"),
    "was_last": _pick("were"), "is_last": _pick("are"),
    "was_funds": _pick("were"),
    "year_ahead": lambda d, _a, _t: (
        str(year := d.world.today.year + d.rng.randrange(1, 4)), {"date": str(year)}
    ),
}  # fmt: skip
