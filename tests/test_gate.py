"""A run held to floors and to a baseline: passed, failed, or could not tell, and what broke it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from evals.cli import app
from evals.gate import Check, Rules, Verdict, gate, junit, verdict_of
from evals.gold import Gold, Run
from evals.score import score
from evals.scorecard import Estimate, Scorecard
from evals.scorecard_file import from_json, to_json
from extract.errors import CommuniqueError, UsageError
from schemas.load import load

CRISIS = load("crisis")


def _aid(item: str, quantity: float, **values: Any) -> dict[str, Any]:
    made = {"category": "food", "status": "delivered", "unit": "piece", "evidence": []}
    return made | {"item": item, "quantity": quantity} | values


def _line(name: str, *records: dict[str, Any]) -> dict[str, Any]:
    return {"document": {"id": name, "sha256": None}, "aid_deliveries": list(records)}


GOLD = {
    "convoy": _line("convoy", _aid("rice", 10), _aid("oil", 20)),
    "school": _line("school", _aid("desks", 5)),
    "silent": _line("silent"),
}
SPOILED = GOLD | {"school": _line("school", _aid("desks", 6))}


def _card(lines: dict[str, Any], gold: str = "h") -> Scorecard:
    return score(CRISIS, Gold(GOLD, {}, gold), Run("r", lines), draws=10)


GOOD, BAD = _card(GOLD), _card(SPOILED)


def _of(checks: tuple[Check, ...], about: str, name: str) -> Check:
    return next(check for check in checks if (check.about, check.name) == (about, name))


def test_a_run_passes_against_itself() -> None:
    """Whatever is asked that it has."""
    checks = gate(GOOD, GOOD, Rules({"record_f1": 1.0}, 0.0, per_document=True))
    assert verdict_of(checks) is Verdict.PASSED
    assert {check.about for check in checks} == {"soundness", "floor", "drop", "document"}


def test_a_spoiled_run_fails_by_document_and_field() -> None:
    """The headline names the document and the field that fell, and the document its field."""
    checks = gate(BAD, GOOD, Rules(per_document=True))
    assert verdict_of(checks) is Verdict.FAILED
    headline = _of(checks, "drop", "record_f1")
    assert headline.verdict is Verdict.FAILED
    assert "0.667, 1.000 in the baseline: fell by 0.333" in headline.says
    assert "documents: school 1.00 → 0.00" in headline.says
    assert "fields: aid_deliveries.quantity 1.00 → 0.67" in headline.says
    school = _of(checks, "document", "school")
    assert school.verdict is Verdict.FAILED
    assert "1 aid_deliveries.quantity wrong" in school.says
    assert _of(checks, "document", "convoy").verdict is Verdict.PASSED
    assert gate(GOOD, BAD, Rules(per_document=True))[-1].verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        (Rules(max_drop=0.34), Verdict.PASSED),
        (Rules(max_drop=0.33), Verdict.FAILED),
        (Rules({"record_f1": 0.66}, 1), Verdict.PASSED),
        (Rules({"record_f1": 0.67}, 1), Verdict.FAILED),
        (Rules({"record_f1": 0.1, "record_recall": 0.7}, 1), Verdict.FAILED),
        (Rules(max_drop=0.34, per_document=True), Verdict.FAILED),
        (Rules({"record_f2": 0.1}, 1), Verdict.UNKNOWN),
        (Rules({"grounded": 0.1}, 1), Verdict.UNKNOWN),
    ],
)
def test_rules_decide(rules: Rules, verdict: Verdict) -> None:
    """Record F1 fell from 1 to 2/3; there is no text, and so no grounded share."""
    assert verdict_of(gate(BAD, GOOD, rules)) is verdict


def test_an_invention_where_there_was_silence_is_a_fall() -> None:
    """A document without records has no F1 until something is invented there."""
    loud = _card(GOLD | {"silent": _line("silent", _aid("rice", 3))})
    check = _of(gate(loud, GOOD, Rules(max_drop=0.5, per_document=True)), "document", "silent")
    assert check.verdict is Verdict.FAILED
    assert "fell by 1.000" in check.says
    assert "invented" in check.says


FEWER = {name: line for name, line in GOLD.items() if name != "school"}


@pytest.mark.parametrize(
    ("card", "baseline", "name", "says"),
    [
        (GOOD, _card(GOLD, "other"), "gold", "another gold (other, now h)"),
        (GOOD, replace(GOOD, gold={}), "gold", "another gold"),
        (GOOD, replace(GOOD, schema={"hash": "x"}), "schema", "another schema (x, now"),
        (_card(FEWER), GOOD, "run", "school (no prediction)"),
        (GOOD, _card(FEWER), "baseline", "school (no prediction)"),
        (GOOD, replace(GOOD, headline={}), "record_f1", "no headline record_f1"),
    ],
)
def test_what_cannot_be_compared_is_not_judged(
    card: Scorecard, baseline: Scorecard, name: str, says: str
) -> None:
    """Other gold, another schema, documents that are missing: could not tell, even where something failed."""
    checks = gate(card, baseline, Rules({"record_f1": 1.0}))
    assert verdict_of(checks) is Verdict.UNKNOWN
    assert any(c.verdict is Verdict.UNKNOWN and c.name == name and says in c.says for c in checks)


def test_a_figure_that_was_lost_is_not_judged() -> None:
    """The baseline has a share of grounded values, the run has none."""
    baseline = replace(GOOD, headline={**GOOD.headline, "grounded": Estimate(0.9, None, None, 9)})
    assert _of(gate(GOOD, baseline, Rules()), "drop", "grounded").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("figure", ["0.5", float("nan"), [1]])
def test_a_baseline_of_no_numbers_is_refused(figure: Any) -> None:
    """In one line, and not with a traceback."""
    said = to_json(GOOD, records=False)
    said["headline"]["record_f1"]["value"] = figure
    with pytest.raises(UsageError, match="damaged"):
        gate(GOOD, from_json(said), Rules())


def test_junit_can_be_read() -> None:
    """What failed is a failure, what could not be told an error, and no name breaks the XML."""
    checks = (
        *gate(BAD, GOOD, Rules(per_document=True)),
        Check("document", 'a<b>&"\x00\x1b', Verdict.FAILED, "fell\x07 ]]>"),
        Check("floor", "record_f2", Verdict.UNKNOWN, "no such headline"),
    )
    root = ElementTree.fromstring(junit(checks))
    (suite,) = root
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) == len(checks)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["errors"]) == len(suite.findall("testcase/error")) == 1
    (school,) = suite.findall("testcase[@name='school']/failure")
    assert "aid_deliveries.quantity wrong" in school.attrib["message"]


def _folders(tmp_path: Path, lines: dict[str, Any]) -> list[str]:
    """What the command is asked: a run of these lines, gold, and the baseline of a good run."""
    for folder in ("run", "gold"):
        (tmp_path / folder).mkdir()
    text = "".join(json.dumps(line) + "\n" for line in lines.values())
    (tmp_path / "run" / "extractions.jsonl").write_text(text)
    for name, line in GOLD.items():
        (tmp_path / "gold" / f"{name}.json").write_text(json.dumps(line))
    good = tmp_path / "good.jsonl"
    good.write_text("".join(json.dumps(line) + "\n" for line in GOLD.values()))
    asked = ["--gold", str(tmp_path / "gold")]
    baseline = str(tmp_path / "baseline.json")
    scored = CliRunner().invoke(app, ["score", str(good), *asked, "--json", baseline])
    assert scored.exit_code == 0, scored.output
    return ["gate", str(tmp_path / "run"), *asked, "--baseline", baseline]


@pytest.mark.parametrize(
    ("lines", "options", "code", "says"),
    [
        (GOLD, ["--min", "record_f1=0.9", "--min", "field_f1=0.9"], 0, "passed: 13 of 13 checks"),
        (SPOILED, ["--per-document"], 1, "failed: document school: record F1 0.000"),
        (SPOILED, ["--max-drop", "0.4"], 0, "passed"),
        (SPOILED, ["--max-drop", "0.4", "--min", "record_f1=0.9"], 1, "failed: floor record_f1"),
        (FEWER, [], 2, "could not tell: soundness run"),
        (GOLD, ["--min", "f1=0.9"], 2, "there is no headline 'f1'"),
    ],
)
def test_gate_exits_by_its_verdict(
    tmp_path: Path, lines: dict[str, Any], options: list[str], code: int, says: str
) -> None:
    """0 passed, 1 failed, 2 could not tell, with the reason on the screen and in JUnit XML."""
    report = tmp_path / "gate.xml"
    asked = [*_folders(tmp_path, lines), *options, "--junit", str(report)]
    done = CliRunner().invoke(app, asked, standalone_mode=False)
    assert done.return_value == code, done.output
    assert says in done.output
    suite = ElementTree.parse(report).getroot()
    broken = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    assert bool(broken) is bool(code)


@pytest.mark.parametrize("floor", ["record_f1", "record_f1=high", "record_f1=60", "record_f1=nan"])
def test_a_floor_is_a_share(tmp_path: Path, floor: str) -> None:
    """Anything else is a wrong call: exit 2."""
    asked = [*_folders(tmp_path, GOLD), "--min", floor]
    done = CliRunner().invoke(app, asked, standalone_mode=False)
    assert isinstance(done.exception, CommuniqueError)
    assert done.exception.exit_code == 2


def test_a_baseline_that_cannot_be_read_cannot_tell(tmp_path: Path) -> None:
    """A file that is not there, or holds something else: exit 2."""
    asked = _folders(tmp_path, GOLD)
    for content in (None, "{}", "no JSON"):
        path = Path(asked[-1])
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content)
        done = CliRunner().invoke(app, asked, standalone_mode=False)
        assert isinstance(done.exception, CommuniqueError)
        assert done.exception.exit_code == 2
