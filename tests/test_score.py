"""Comparing, pairing, judging and counting; the scorecard as JSON, as Markdown and on the screen."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from rich.console import Console
from typer.testing import CliRunner

from evals import pair as pairing
from evals.cli import app
from evals.compare_values import agreement, canonical, words_of
from evals.gold import Gold, Run, priced
from evals.pair import pair
from evals.render import markdown, print_scorecard
from evals.score import field_counts, record_counts, results_of, score
from evals.scorecard import Outcome, Scorecard, Spent
from evals.scorecard_file import from_json, read, to_json, write
from evals.similar import dense, rows_of
from extract.errors import UsageError
from schemas.describe import describe
from schemas.field import Comparison, Fact
from schemas.load import load

CRISIS = load("crisis")
AID, FACILITIES = CRISIS.kind("aid_deliveries"), CRISIS.kind("facilities")
CROSSINGS, EVENTS = CRISIS.kind("crossings"), CRISIS.kind("diplomatic_events")
NONE = {"facilities": [], "aid_deliveries": [], "crossings": [], "diplomatic_events": []}


def _aid(item: str, quantity: float | None = None, **values: Any) -> dict[str, Any]:
    made = {"category": "food", "status": "delivered", "unit": "piece", "evidence": []}
    return made | {"item": item, "quantity": quantity} | values


COMPARED = [
    (AID.field("item"), "wheat flour", "Wheat Flour", 1),
    (AID.field("item"), "a food set", "the food sets", 1),
    (AID.field("item"), "bakeries' flour", "bakery flour", 1),
    (AID.field("item"), "wheat flour", "flour", 1),
    (AID.field("item"), "wheat flour", "wheat floor", 1),
    (AID.field("item"), "wheat flour", "rice", 0),
    (AID.field("place"), "Daraa province", "Daraa", 1),
    (AID.field("place"), "Az-Zaʿtarī camp", "az Zatari", 1),
    (AID.field("place"), "Дамаск", "дамаск", 1),
    (AID.field("place"), "Дамаск", "Алеппо", 0),
    (AID.field("place"), "Camp", "Village", 0),
    (AID.field("place"), "highway 14 north", "highway 15 north", 0),
    (AID.field("quantity"), 5400, 5400.0, 1),
    (AID.field("quantity"), 5400, "5400", 1),
    (AID.field("quantity"), 0.1 + 0.2, 0.3, 1),
    (AID.field("quantity"), 5400, 5401, 0),
    (AID.field("quantity"), 1_000_000, 1_000_002, 0),
    (AID.field("quantity"), 0, 0.0, 1),
    (AID.field("quantity"), 5400, "many", 0),
    (AID.field("date"), "2018-11-03", "2018-11-03", 1),
    (AID.field("date"), "2018-11-03", "2018-11-04", 0.5),
    (AID.field("date"), "2018-11-03", "2018-11", 0.5),
    (AID.field("date"), "2018-11-03", "2018-11-03/2018-11-05", 0.5),
    (AID.field("date"), "2018-11-03", "2018-12-03", 0),
    (AID.field("date"), "2018-11", "2018", 0),
    (AID.field("status"), "delivered", "Delivered", 1),
    (AID.field("status"), "delivered", "planned", 0),
    (EVENTS.field("participants"), ["Russia", "Iran", "Turkey"], ["Turkey", "Russia", "Iran"], 1),
    (EVENTS.field("participants"), ["Russia", "Iran", "Turkey"], ["Russia", "Iran"], 1),
    (EVENTS.field("participants"), ["Russia", "Iran", "Turkey"], ["Russia"], 0.5),
    (EVENTS.field("participants"), ["Russia", "Iran"], ["France", "Egypt"], 0),
    (CROSSINGS.field("checkpoints"), ["Nasib", "Jaber"], ["Jaber checkpoint", "Nasib"], 1),
    (CROSSINGS.field("checkpoints"), ["Nasib", "Jaber"], ["Nasib"], 0.5),
]


@pytest.mark.parametrize(("field", "gold", "predicted", "credit"), COMPARED)
def test_values_agree_by_their_comparison(
    field: Any, gold: Any, predicted: Any, credit: float
) -> None:
    """Both ways round, and the table for many values says the same as the rule for two."""
    a, b = canonical(field, gold), canonical(field, predicted)
    assert agreement(field, a, b) == agreement(field, b, a) == credit
    kind = next(k for k in CRISIS.kinds if field in k.fields)
    rows = (rows_of(kind, [{field.name: value}]) for value in (gold, predicted))
    assert dense(kind, *rows)[0, 0] == pytest.approx(credit)


@pytest.mark.parametrize("value", [None, "", "  ", []])
def test_what_says_nothing_is_empty(value: Any) -> None:
    """None, a blank and an empty list are one and the same."""
    assert canonical(AID.field("place"), value) is None


def test_a_text_of_generic_words_keeps_them() -> None:
    """Else every village would be the same as every camp."""
    assert words_of("the village") == ("the", "village")
    assert words_of("the village of Qastal") == ("qastal",)


def test_the_best_pairing_is_not_the_first() -> None:
    """The first gold record leaves its better partner to the one that has no other."""
    gold = [_aid("rice", 10, place="Homs"), _aid("rice", 10, place="Hama")]
    predicted = [_aid("rice", 10, place="Homs"), _aid("rice", 11, place="Homs")]
    assert pair(AID, rows_of(AID, gold), rows_of(AID, predicted)) == [(0, 0), (1, 1)]
    predicted = [_aid("rice", 10, place="Hama"), _aid("rice", 10, place="Homs")]
    assert pair(AID, rows_of(AID, gold), rows_of(AID, predicted)) == [(0, 1), (1, 0)]


def test_what_is_not_alike_is_not_paired() -> None:
    """A miss and an invention, rather than one wrong record."""
    gold = [_aid("rice", 10, place="Homs")]
    predicted = [_aid("tents", 7, place="Bosra", category="shelter", status="planned", unit="set")]
    counts = record_counts(results_of(AID, gold, predicted))
    assert (counts.right, counts.wrong, counts.missed, counts.invented) == (0, 0, 1, 1)


def test_blocks_pair_as_well_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large document only likely pairs are compared, and as many records come out right."""
    rng = random.Random(5)
    items, places = ("rice", "tents", "blankets", "water"), [f"Village {at}" for at in range(40)]
    gold = [
        _aid(rng.choice(items), rng.randint(1, 300), place=rng.choice(places)) for _ in range(300)
    ]
    predicted = [
        record | ({"quantity": 999} if rng.random() < 0.2 else {})
        for record in gold
        if rng.random() < 0.9
    ]
    rng.shuffle(predicted)
    whole = record_counts(results_of(AID, gold, predicted))
    monkeypatch.setattr(pairing, "DENSE", 100)
    blocks = record_counts(results_of(AID, gold, predicted))
    assert whole.right == pytest.approx(blocks.right, abs=2)
    assert whole.missed == pytest.approx(blocks.missed, abs=10)


def test_five_outcomes_of_a_field_are_told_apart() -> None:
    """Right, wrong, missed, invented; and empty on both sides, which is no score."""
    gold = [_aid("rice", 10, place="Homs", donor="WFP")]
    predicted = [_aid("rice", 11, place="Homs", vehicles=3)]
    (result,) = results_of(AID, gold, predicted)
    said = {f.name: f.outcome for f in result.fields}
    assert said["item"] is said["place"] is Outcome.RIGHT
    assert said["quantity"] is Outcome.WRONG
    assert said["donor"] is Outcome.MISSED
    assert said["vehicles"] is Outcome.INVENTED
    counts = field_counts(AID, [result])
    assert counts["tonnes"].empty == 1
    assert counts["tonnes"].f1 is None
    assert result.outcome is Outcome.WRONG


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({}, Outcome.RIGHT),
        ({"place": "Hama", "category": "water"}, Outcome.RIGHT),
        ({"quantity": 11}, Outcome.WRONG),
        ({"quantity": None}, Outcome.WRONG),
        ({"tonnes": 1.0}, Outcome.WRONG),
        ({"item": "tents"}, Outcome.WRONG),
    ],
)
def test_a_record_is_right_by_its_core(values: dict[str, Any], outcome: Outcome) -> None:
    """All core fields are right or rightly empty; other fields fall alone."""
    gold = [_aid("rice", 10, place="Homs")]
    (result,) = results_of(AID, gold, [gold[0] | values])
    assert result.outcome is outcome


def test_half_a_date_is_half_a_field_and_no_record() -> None:
    """The right month of a core date earns half of its field."""
    event = {
        "event_type": "meeting",
        "status": "held",
        "participants": ["UN"],
        "date": "2020-01-05",
    }
    (result,) = results_of(EVENTS, [event], [event | {"date": "2020-01-06"}])
    assert result.outcome is Outcome.WRONG
    assert field_counts(EVENTS, [result])["date"].f1 == 0.5


class Well(BaseModel):
    """A well."""

    village: str
    depth: Annotated[float, Fact(weight=1.5)]
    remark: Annotated[str | None, Fact(compare=Comparison.TEXT, weight=0)] = None


def test_a_field_of_no_weight_is_not_scored() -> None:
    """Whatever it says; and a weight of one and a half counts as that."""
    (kind,) = describe(Well).kinds
    gold = [{"village": "Qastal", "depth": 40, "remark": "dry"}]
    (result,) = results_of(kind, gold, [{"village": "Qastal", "depth": 41, "remark": "full"}])
    assert [f.name for f in result.fields] == ["village", "depth"]
    assert sum(c.due for c in field_counts(kind, [result]).values()) == 2.5


def _line(name: str, **kinds: Any) -> dict[str, Any]:
    return {"document": {"id": name, "sha256": None, "title": f"About {name}"}} | NONE | kinds


def _card() -> Scorecard:
    """Gold of three documents; of a run that knows two of them, failed in one place, and has one of its own."""
    at = [{"start": 0, "end": 9}]
    far = [{"start": 50, "end": 60}]
    gold = {
        "a": _line("a", aid_deliveries=[_aid("rice", 10) | {"evidence": at}]),
        "b": _line("b", aid_deliveries=[_aid("tents", 4) | {"evidence": far}]),
        "c": _line("c", aid_deliveries=[_aid("flour", 5) | {"evidence": at}]),
    }
    warned = {"warnings": [{"kind": "aid_deliveries", "record": 0, "says": "odd"}]}
    failed = {"incomplete": [{"passage": 2, "start": 40, "end": 70, "reason": "timeout"}]}
    said = {"a": gold["a"] | warned, "b": _line("b") | failed, "d": _line("d")}
    return score(CRISIS, Gold(gold, {}, "h"), Run("run", said), draws=20)


def test_what_cannot_be_compared_is_named() -> None:
    """A document that is missing counts as missed, one without gold not at all, and both are said; as are gaps."""
    card = _card()
    assert [(p.document, p.what) for p in card.problems] == [
        ("b", "gap"),
        ("c", "no_prediction"),
        ("d", "no_gold"),
    ]
    assert [d.id for d in card.documents] == ["a", "b", "c"]
    assert (card.records.right, card.records.missed, card.records.invented) == (1, 2, 0)
    assert [r.failed for d in card.documents for r in d.results] == [False, True, False]
    assert card.documents[0].results[0].warnings == ("odd",)
    assert card.headline["grounded"].value is None


def test_another_text_is_a_problem() -> None:
    """Evidence into a text that was not gold's cannot be held against it."""
    gold = _line("a") | {"document": {"id": "a", "sha256": "1" * 64}}
    said = _line("a") | {"document": {"id": "a", "sha256": "2" * 64}}
    card = score(CRISIS, Gold({"a": gold}, {}, "h"), Run("r", {"a": said}), draws=2)
    assert [p.what for p in card.problems] == ["other_text"]


def test_a_scorecard_comes_back_from_json(tmp_path: Path) -> None:
    """With its records, and but for them where they are left out."""
    card = _card()
    write(card, tmp_path / "card.json")
    assert to_json(read(tmp_path / "card.json")) == to_json(card)
    small = to_json(from_json(to_json(card, records=False)), records=False)
    assert small == to_json(card, records=False)
    assert "results" not in small["documents"][0]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 99}'])
def test_what_is_no_scorecard_is_refused(tmp_path: Path, content: str) -> None:
    """In one line, and not with a traceback."""
    (tmp_path / "card.json").write_text(content)
    with pytest.raises(UsageError):
        read(tmp_path / "card.json")


def test_the_screen_is_one_screen() -> None:
    """However many documents and fields there are."""
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as captured:
        print_scorecard(_card(), console)
    assert "records F1" in captured.get()
    assert len(captured.get().splitlines()) < 50


def test_markdown_escapes_what_documents_say() -> None:
    """A name cannot break the table or bring HTML into it."""
    name = "a|b <img src=x> [link](y)"
    gold = {name: _line(name, aid_deliveries=[_aid("rice", 1)])}
    made = markdown(score(CRISIS, Gold(gold, {}, "h"), Run("r", gold), draws=2))
    assert "<img" not in made
    assert "\\|b &lt;img src=x&gt; \\[link\\](y)" in made


def test_score_writes_what_it_is_asked_for(tmp_path: Path) -> None:
    """The screen, JSON with the headline, and Markdown."""
    gold, run = tmp_path / "gold", tmp_path / "run"
    gold.mkdir()
    run.mkdir()
    line = _line("a", aid_deliveries=[_aid("rice", 10)])
    (gold / "a.json").write_text(json.dumps(line))
    (run / "extractions.jsonl").write_text(json.dumps(line) + "\n")
    files = ["--json", str(tmp_path / "s.json"), "--markdown", str(tmp_path / "s.md")]
    done = CliRunner().invoke(app, ["score", str(run), "--gold", str(gold), *files])
    assert done.exit_code == 0, done.output
    headline = json.loads((tmp_path / "s.json").read_text())["headline"]
    assert headline["record_f1"] == {"value": 1.0, "low": None, "high": None, "n": 1}
    assert "records F1" in (tmp_path / "s.md").read_text()


def test_the_order_of_predictions_makes_no_difference() -> None:
    """Shuffled records score as before."""
    rng = random.Random(11)
    items = ("rice", "rice and oil", "tents", "water")
    gold = [_aid(rng.choice(items), rng.randint(1, 9), place=f"P{at % 5}") for at in range(40)]
    predicted = [record | {"quantity": rng.randint(1, 9)} for record in gold[:30]]
    first = record_counts(results_of(AID, gold, predicted))
    rng.shuffle(predicted)
    assert record_counts(results_of(AID, gold, predicted)) == first


def test_tokens_have_a_price() -> None:
    """Per million, of the prompt and of the answer, in all and for each right record."""
    spent = Spent(requests=2, tokens_in=3_000_000, tokens_out=100_000, seconds=9.0)
    gold = {"a": _line("a", aid_deliveries=[_aid("rice", 10), _aid("tents", 4)])}
    run = priced(Run("r", gold, spent={"a": spent}), (0.5, 2.0))
    card = score(CRISIS, Gold(gold, {}, "h"), run, draws=2)
    assert card.spent.cost == pytest.approx(1.7)
    assert to_json(card)["spent"]["cost_per_right_record"] == pytest.approx(0.85)
    assert "a right record 1,550,000 tokens, 4.5 s of requests, cost 0.85" in markdown(card)


WORDS = (
    "wheat",
    "flour",
    "kit",
    "kits",
    "camp",
    "Homs",
    "route 14",
    "route 15",
    "Дамаск",
    "azzatari",
)
DATES = ("2018", "2018-11", "2018-11-02", "2018-11-03", "2018-11-03/2018-11-05", "2018-12-01")


def _any_value(field: Any, rng: random.Random) -> Any:
    if field.many:
        return rng.choices(WORDS, k=rng.randint(1, 5))
    if field.type in ("integer", "number"):
        return rng.choice((0, 1, 2, 1_000_000, 1_000_001, 1_000_002))
    if field.choices:
        return rng.choice(field.choices)
    if field.ground == "date":
        return rng.choice(DATES)
    return " ".join(rng.choices(WORDS, k=rng.randint(1, 3)))


@pytest.mark.parametrize("kind", CRISIS.kinds, ids=lambda kind: kind.name)
@pytest.mark.parametrize("size", [5, 40])
def test_tables_say_what_the_rule_says(kind: Any, size: int) -> None:
    """For one field at a time, few values or many, the table of similarities holds what two values are worth."""
    rng = random.Random(size)
    for field in kind.fields:
        if not field.fact.weight:
            continue
        sides = [[{field.name: _any_value(field, rng)} for _ in range(size)] for _ in range(2)]
        table = dense(kind, rows_of(kind, sides[0]), rows_of(kind, sides[1]))
        for i, gold in enumerate(sides[0]):
            for j, predicted in enumerate(sides[1]):
                a, b = (canonical(field, record[field.name]) for record in (gold, predicted))
                assert table[i, j] == pytest.approx(agreement(field, a, b)), (a, b)
