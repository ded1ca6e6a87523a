"""The scorer is scored: each way of spoiling a perfect prediction moves each headline the way it should."""

from __future__ import annotations

import copy
import hashlib
import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from evals.gold import Gold, Run, read_gold
from evals.score import score
from evals.scorecard import HEADLINES
from schemas.describe import Kind, Schema, describe
from schemas.field import Comparison
from schemas.load import load

Lines = dict[str, Any]
CORPUS = Path(__file__).parent.parent / "evals" / "corpus" / "dev"


class Gauge(BaseModel):
    """The level of a river at a gauge."""

    river: str
    level: int
    measured: date
    remark: str | None = None


class Floods(BaseModel):
    """What gauges say."""

    gauges: list[Gauge]


def floods() -> Gold:
    """Three documents of three gauges, by a schema that the project does not know."""
    rivers = ("Oder", "Neisse", "Bober", "Elbe", "Mulde", "Saale", "Isar", "Inn", "Ilz")
    texts, documents = {}, {}
    for at in range(3):
        text, records = "", []
        for k, river in enumerate(rivers[3 * at : 3 * at + 3]):
            level, day = 310 + 40 * at + 7 * k, 11 + 5 * at + k
            said = f"The {river} stood at {level} cm on {day} July 2024, the highest this year. "
            span = {"start": len(text), "end": len(text) + len(said) - 1}
            when = f"2024-07-{day}"
            records.append(
                {"evidence": [span], "river": river, "level": level, "measured": when}
                | {"remark": "the highest this year"}
            )
            text += said
        name = f"week{at}"
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        heading = {"id": name, "sha256": sha256, "published": f"2024-07-{12 + 5 * at}"}
        documents[name] = {"document": heading, "gauges": records}
        texts[name] = text
    return Gold(documents, texts, "floods")


CRISIS = load("crisis")
OWN = describe(Floods)
CASES = {"crisis": (CRISIS, read_gold(CORPUS, CRISIS)), "own": (OWN, floods())}


def _core(kind: Kind, how: Comparison) -> str | None:
    return next((f.name for f in kind.fields if f.fact.core and f.compare is how), None)


def _pick(
    schema: Schema, lines: Lines, rng: random.Random, how: Comparison | None = None
) -> tuple[list[Any], int, str]:
    """A record of a kind with such a core field, which it fills: its list, its place and the field."""
    held = [
        (line[kind.name], at, field or "")
        for line in lines.values()
        for kind in schema.kinds
        if (field := _core(kind, how) if how else "") is not None
        for at, record in enumerate(line[kind.name])
        if not how or record.get(field)
    ]
    return rng.choice(held)


def drop(schema: Schema, lines: Lines, rng: random.Random) -> None:
    records, at, _ = _pick(schema, lines, rng)
    del records[at]


def duplicate(schema: Schema, lines: Lines, rng: random.Random) -> None:
    records, at, _ = _pick(schema, lines, rng)
    records.append(copy.deepcopy(records[at]))


def invent(schema: Schema, lines: Lines, rng: random.Random) -> None:
    records, at, field = _pick(schema, lines, rng, Comparison.NUMBER)
    made = copy.deepcopy(records[at])
    for name, value in made.items():
        if isinstance(value, str):
            made[name] = f"Atlantis {value}"
    records.append(made | {field: 987_654})


def change_digit(schema: Schema, lines: Lines, rng: random.Random) -> None:
    records, at, field = _pick(schema, lines, rng, Comparison.NUMBER)
    records[at][field] += 400_000


def shift_date(schema: Schema, lines: Lines, rng: random.Random) -> None:
    while True:
        records, at, field = _pick(schema, lines, rng, Comparison.DATE)
        if len(records[at][field]) == 10:
            break
    day = date.fromisoformat(records[at][field])
    records[at][field] = str(day + timedelta(days=3 * 365))


def swap(schema: Schema, lines: Lines, rng: random.Random) -> None:
    while True:
        records, at, field = _pick(schema, lines, rng, Comparison.NUMBER)
        kind = next(k for k in schema.kinds if any(records is x[k.name] for x in lines.values()))
        names = [f.name for f in kind.fields if f.fact.core and f.name != field]
        others = [r for r in records if r[field] and r[field] != records[at][field]]
        others = [r for r in others if all(r[n] != records[at][n] for n in names if r[n])]
        others = [r for r in others if r["evidence"] != records[at]["evidence"]]
        if others and records[at]["evidence"]:
            break
    other = rng.choice(others)
    records[at][field], other[field] = other[field], records[at][field]


LESS, SAME = "less", "same"
_BOTH = dict.fromkeys(HEADLINES, LESS)
_PRECISION = _BOTH | {"record_recall": SAME, "field_recall": SAME}
EXPECTED: dict[Callable[..., None], dict[str, str]] = {
    drop: _BOTH | {"record_precision": SAME, "field_precision": SAME, "grounded": SAME},
    duplicate: _PRECISION | {"grounded": SAME},
    invent: _PRECISION,
    change_digit: _BOTH,
    swap: _BOTH,
    shift_date: _BOTH,
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("mutate", EXPECTED, ids=lambda f: f.__name__)
@pytest.mark.parametrize("case", CASES)
def test_each_way_of_spoiling_moves_each_headline(
    case: str, mutate: Callable[..., None], seed: int
) -> None:
    """What is lost shows in recall, what is made up in precision, what is misread in both and in the grounding."""
    schema, gold = CASES[case]
    lines = copy.deepcopy(dict(gold.documents))
    before = score(schema, gold, Run("gold", lines), draws=20)
    mutate(schema, lines, random.Random(seed))
    after = score(schema, gold, Run("spoiled", lines), draws=20)
    for name, expected in EXPECTED[mutate].items():
        old, new = before.headline[name].value, after.headline[name].value
        assert old is not None
        assert new is not None
        if expected == LESS:
            assert new < old, name
        else:
            assert new == pytest.approx(old, abs=1e-3), name


@pytest.mark.parametrize("case", CASES)
def test_gold_against_itself_is_perfect(case: str) -> None:
    """Every record and field is right, and all but dates that only a reader can tell are grounded."""
    schema, gold = CASES[case]
    card = score(schema, gold, Run("gold", gold.documents), draws=20)
    perfect = [card.headline[name].value for name in HEADLINES if name != "grounded"]
    assert perfect == [1.0] * 6
    assert (card.headline["grounded"].value or 0) > 0.99


@pytest.mark.parametrize("mutate", [drop, change_digit, swap, invent], ids=lambda f: f.__name__)
def test_more_of_the_same_is_worse(mutate: Callable[..., None]) -> None:
    """Record F1 falls with every further mutation."""
    schema, gold = CASES["crisis"]
    lines, rng = copy.deepcopy(dict(gold.documents)), random.Random(3)
    seen = [1.0]
    for _ in range(4):
        for _ in range(5):
            mutate(schema, lines, rng)
        seen.append(
            score(schema, gold, Run("spoiled", lines), draws=2).headline["record_f1"].value or 0
        )
    assert all(later < earlier for earlier, later in pairwise(seen))
