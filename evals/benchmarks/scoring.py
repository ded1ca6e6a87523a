"""How fast records are scored: python -m evals.benchmarks.scoring

Prints seconds for 200 against 200 records in one document, and for 100,000 against 100,000 in a thousand documents, in
one, and in one whose records are much alike. A tenth of the predictions has a changed number, a tenth is missing and a
tenth is invented.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from evals.gold import Gold, Run
from evals.score import results_of, score
from schemas.describe import Schema
from schemas.load import load

ITEMS = ("wheat flour", "hygiene kits", "tents", "blankets", "drinking water", "school bags")
NAMES = ("Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Heath", "Islet", "Juniper")
Records = list[dict[str, Any]]


def deliveries(number: int, rng: random.Random, places: int) -> Records:
    """Aid to some of as many places; the fewer there are, the more records are alike."""
    return [
        {
            "item": rng.choice(ITEMS),
            "category": "food",
            "quantity": float(rng.randint(1, 5000)),
            "unit": "piece",
            "status": "delivered",
            "place": f"{rng.choice(NAMES)} {rng.choice(NAMES)} {rng.randint(1, places)}",
        }
        for _ in range(number)
    ]


def misread(records: Records, rng: random.Random) -> Records:
    """What a fair extractor would make of them, in the same order."""
    made = []
    for record in records:
        fate = rng.random()
        if fate < 0.1:
            made.append(record | {"quantity": record["quantity"] + 1})
        elif fate < 0.2:
            made += deliveries(1, rng, 1000)
        elif fate > 0.3:
            made.append(dict(record))
    return made


def documents(schema: Schema, number: int, each: int, places: int) -> tuple[Gold, Run]:
    """So many documents of so many records, and a run over them."""
    rng = random.Random(7)  # noqa: S311  # the same load every time
    lines, said = {}, {}
    for at in range(number):
        name = f"d{at:04}"
        empty: dict[str, Any] = {kind.name: [] for kind in schema.kinds} | {
            "document": {"id": name}
        }
        records = deliveries(each, rng, places)
        lines[name] = empty | {"aid_deliveries": records}
        said[name] = empty | {"aid_deliveries": misread(records, rng)}
    return Gold(lines, {}, ""), Run("made", said)


def timings() -> Iterator[tuple[str, float]]:
    """What was measured, and the seconds that it took."""
    crisis = load("crisis")
    kind = crisis.kind("aid_deliveries")
    rng = random.Random(7)  # noqa: S311
    gold = deliveries(200, rng, 1000)
    predicted = misread(gold, rng)
    results_of(kind, gold, predicted)  # imports and caches, once
    other = deliveries(200, rng, 1000)
    yield (
        "200 x 200 in one document",
        _seconds(lambda: results_of(kind, other, misread(other, rng))),
    )
    for what, number, each, places in (
        ("100,000 in 1,000 documents", 1000, 100, 1000),
        ("100,000 in one document", 1, 100_000, 1000),
        ("100,000 in one document, much alike", 1, 100_000, 1),
    ):
        pair = documents(crisis, number, each, places)
        yield what, _seconds(lambda pair=pair: score(crisis, *pair))  # type: ignore[misc]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    for what, seconds in timings():
        print(f"{what:40} {seconds:8.3f} s")
