"""Two runs against each other: differences, chance, and what moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from evals.cli import app
from evals.compare import compare, to_json
from evals.compare_text import markdown
from evals.gold import Gold, Run
from evals.interval import COLUMNS, Array
from evals.moves import moves, shown
from evals.permute import DRAWS, EXACT, permutation_test
from evals.score import results_of
from evals.scorecard import HEADLINES, Outcome
from schemas.describe import describe
from schemas.field import Fact
from schemas.load import load

CRISIS = load("crisis")
AID = CRISIS.kind("aid_deliveries")


def _aid(item: str, quantity: float, **values: Any) -> dict[str, Any]:
    made = {"category": "food", "status": "delivered", "unit": "piece", "evidence": []}
    return made | {"item": item, "quantity": quantity} | values


def _line(name: str, *records: dict[str, Any]) -> dict[str, Any]:
    return {"document": {"id": name, "sha256": None}, "aid_deliveries": list(records)}


GOLD = {f"d{at}": _line(f"d{at}", _aid("rice", 10 + at, place="Homs")) for at in range(8)}
LABELS = Gold(GOLD, {}, "h")


def _spoiled(documents: int) -> dict[str, dict[str, Any]]:
    """Gold with the quantity wrong in the first documents."""
    made = dict(GOLD)
    for name in list(GOLD)[:documents]:
        made[name] = _line(name, GOLD[name]["aid_deliveries"][0] | {"quantity": 999})
    return made


def _counts(*right_of: tuple[int, int]) -> Array:
    """A document for each: of so many records in gold, so many right; one value a record."""
    rows = [(right, gold, gold, right, gold, gold, 1, 1) for right, gold in right_of]
    return np.array(rows, float).reshape(-1, len(COLUMNS))


@pytest.mark.parametrize(
    ("a", "b", "p"),
    [
        ([(1, 1)], [(0, 1)], 1.0),  # one document: both ways round are as far apart
        ([(1, 1), (1, 1)], [(0, 1), (0, 1)], 0.5),  # 2 of the 4 ways
        ([(1, 1)] * 3, [(0, 1)] * 3, 0.25),
        ([(1, 1)] * 6, [(0, 1)] * 6, 2 / 64),
        ([(2, 2), (0, 1)], [(0, 2), (1, 1)], 1.0),  # -2 and +1: 1, 3, 3, 1 apart, and 1 was seen
        ([(3, 3), (1, 1), (1, 1)], [(0, 3), (0, 1), (1, 1)], 0.5),  # 4 apart: 2 of the 4 ways
        ([(1, 2)] * 4, [(1, 2)] * 4, 1.0),
    ],
)
def test_few_documents_are_swapped_in_all_ways(
    a: list[tuple[int, int]], b: list[tuple[int, int]], p: float
) -> None:
    """The p is a share of the ways to swap the documents that differ, counted by hand."""
    tests = permutation_test(_counts(*a), _counts(*b))
    assert tests["record_f1"].p == tests["field_f1"].p == p
    assert tests["record_f1"].exact
    assert tests["record_f1"].differ == sum(x != y for x, y in zip(a, b, strict=True))
    assert tests["grounded"].p == 1.0


def test_drawn_swaps_come_near_the_exact_share() -> None:
    """Of one more document than all swaps are tried of; the p is never nothing, and the seed decides."""
    size = EXACT + 1
    a, b = _counts(*[(1, 2)] * size), _counts(*[(2, 2)] * 9, *[(0, 2)] * 4)
    made = permutation_test(a, b)["record_f1"]
    assert not made.exact
    # 9 up and 4 down, a net of 5: by the binomial of 13, 2 * P(X >= 9)
    assert made.p == pytest.approx(2 * (715 + 286 + 78 + 13 + 1) / 2**13, abs=0.015)
    assert made == permutation_test(a, b)["record_f1"]
    all_up = permutation_test(_counts(*[(0, 9)] * 40), _counts(*[(9, 9)] * 40))["record_f1"]
    assert all_up.p == 1 / (DRAWS + 1)


def test_the_permutation_test_holds_its_level() -> None:
    """Of runs that differ by chance alone no more than about one in twenty comes below 5 %."""
    rng = np.random.default_rng(4)
    below = 0
    for _ in range(200):
        right = rng.binomial(5, 0.6, (2, 9))
        a, b = (_counts(*[(int(r), 5) for r in side]) for side in right)
        p = permutation_test(a, b)["record_f1"].p
        below += p is not None and p < 0.05
    assert below <= 18


def test_a_run_does_not_differ_from_itself() -> None:
    """A difference of nothing, p of 1, no smallest difference to be told, nothing moved."""
    run = Run("r", _spoiled(3))
    compared = compare(CRISIS, LABELS, run, run, draws=50)
    assert tuple(compared.differences) == HEADLINES
    for name, d in compared.differences.items():
        if name != "grounded":
            assert (d.value, d.low, d.high, d.p, d.smallest) == (0.0, 0.0, 0.0, 1.0, None)
            assert not d.distinguishable
    assert compared.documents == ()
    assert "cannot be told apart from chance" in markdown(compared)


def test_a_worse_run_is_told_from_chance() -> None:
    """Seven of eight documents spoiled: the value by hand, its p, and a verdict."""
    compared = compare(CRISIS, LABELS, Run("a", GOLD), Run("b", _spoiled(7)))
    d = compared.differences["record_f1"]
    assert d.value == pytest.approx(1 / 8 - 1)
    assert d.p == 2 / 2**7
    assert d.exact
    assert d.distinguishable
    assert d.low is not None
    assert d.high is not None
    assert d.low <= d.value <= d.high < 0
    # of eight documents one has 0 and seven -1: the standard error of their mean, 2.8 times
    assert d.smallest == pytest.approx(2.8 * (7 / 64 / 8) ** 0.5, rel=0.05)
    assert "A is better in record F1, by 0.875" in markdown(compared)
    assert [document.id for document in compared.documents] == list(GOLD)[:7]


def test_the_other_way_round_is_the_other_sign() -> None:
    """Interval and value are mirrored, the p stays."""
    one, two = Run("a", GOLD), Run("b", _spoiled(4))
    ab = compare(CRISIS, LABELS, one, two).differences["field_f1"]
    ba = compare(CRISIS, LABELS, two, one).differences["field_f1"]
    assert ab.value is not None
    assert ba.value == -ab.value
    assert ab.low is not None
    assert ba.high == pytest.approx(-ab.low)
    assert ba.p == ab.p


def test_too_few_documents_are_said_to_be() -> None:
    """Three that differ cannot come below a quarter, however far apart."""
    compared = compare(CRISIS, LABELS, Run("a", GOLD), Run("b", _spoiled(3)))
    assert not compared.differences["record_f1"].testable
    assert not compared.differences["record_f1"].distinguishable
    assert "comes below p 0.25" in markdown(compared)


MOVED = [
    (_aid("rice", 10), _aid("rice", 11), "right", "wrong", ["quantity"]),
    (_aid("rice", 11), _aid("rice", 10), "wrong", "right", ["quantity"]),
    (None, _aid("rice", 10), "missed", "right", []),
    (_aid("rice", 11), None, "wrong", "missed", ["quantity"]),
    (_aid("rice", 10), _aid("rice", 10, donor="WFP"), "right", "right", ["donor"]),
]


@pytest.mark.parametrize(("a", "b", "was", "now", "fields"), MOVED)
def test_a_record_moves_by_its_outcome(
    a: dict[str, Any] | None, b: dict[str, Any] | None, was: str, now: str, fields: list[str]
) -> None:
    """The move names both outcomes and the fields that made it."""
    sides = [results_of(AID, [_aid("rice", 10)], [r] if r else []) for r in (a, b)]
    (move,) = moves([AID], *sides)
    assert (move.a, move.b) == (Outcome(was), Outcome(now))
    assert [field.name for field in move.fields] == fields
    assert move.gist.startswith("rice, 10")


def test_inventions_come_and_go() -> None:
    """One that both runs have has not moved, though its values differ a little."""
    gold = [_aid("rice", 10)]
    tents = _aid("tents", 7, place="Bosra", category="shelter", status="planned", unit="set")
    fuel = _aid("fuel", 90, place="Idlib", category="fuel", status="blocked", unit="litre")
    a = results_of(AID, gold, [*gold, tents])
    b = results_of(AID, gold, [*gold, tents | {"quantity": 8}, fuel])
    (move,) = moves([AID], a, b)
    assert (move.a, move.b, move.at) == (None, Outcome.INVENTED, 2)
    (back,) = moves([AID], b, a)
    assert (back.a, back.b) == (Outcome.INVENTED, None)


class Well(BaseModel):
    """A well."""

    village: Annotated[str, Fact(main=True)]
    depth: Annotated[float, Fact(weight=1.5, main=True)]


def test_own_schemas_are_compared() -> None:
    """By the same code, and in JSON that can be written."""
    schema = describe(Well)
    (kind,) = schema.kinds
    lines = {
        name: {"document": {"id": name}, kind.name: [{"village": name, "depth": depth}]}
        for name, depth in (("Qastal", 40), ("Rima", 12))
    }
    worse = lines | {"Rima": lines["Rima"] | {kind.name: [{"village": "Rima", "depth": 13}]}}
    said = to_json(compare(schema, Gold(lines, {}, "h"), Run("a", lines), Run("b", worse)))
    (document,) = json.loads(json.dumps(said))["documents"]
    assert document["id"] == "Rima"
    assert document["records"][0]["fields"][0]["name"] == "depth"
    assert said["differences"]["record_f1"]["value"] == -0.5


def test_a_document_that_one_run_lacks_is_named() -> None:
    """It counts as missed there, and the problem is said with its side."""
    fewer = {name: line for name, line in GOLD.items() if name != "d3"}
    said = markdown(compare(CRISIS, LABELS, Run("a", GOLD), Run("b", fewer), draws=20))
    assert "B: no prediction: d3" in said
    assert "right → missed" in said


def test_what_is_shown_cannot_steer_a_terminal() -> None:
    """Escape sequences and line breaks become spaces, long values are cut."""
    assert shown("a\x1b[31m\nb") == "a [31m b"
    assert len(shown("x" * 100)) == 40
    assert shown(3600.0) == "3600"


def test_compare_prints_and_writes(tmp_path: Path) -> None:
    """The command: a verdict on the screen, JSON and Markdown on request."""
    for folder, lines in (("a", GOLD), ("b", _spoiled(7))):
        (tmp_path / folder).mkdir()
        text = "".join(json.dumps(line) + "\n" for line in lines.values())
        (tmp_path / folder / "extractions.jsonl").write_text(text)
    (tmp_path / "gold").mkdir()
    for name, line in GOLD.items():
        (tmp_path / "gold" / f"{name}.json").write_text(json.dumps(line))
    asked = ["compare", *(str(tmp_path / side) for side in "ab"), "--gold", str(tmp_path / "gold")]
    asked += ["--json", str(tmp_path / "c.json"), "--markdown", str(tmp_path / "c.md")]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "A is better in record F1" in done.output
    assert "quantity 10 → 999 (gold 10)" in done.output
    said = json.loads((tmp_path / "c.json").read_text())
    assert said["differences"]["record_f1"]["distinguishable"]
    assert len(said["documents"]) == 7
    assert "| records F1 | 1.00 |" in (tmp_path / "c.md").read_text()
