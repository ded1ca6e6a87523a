"""Reading gold and runs, and holding gold to the contract."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.check import Fault, check
from evals.cli import app
from evals.gold import Gold, read_gold, read_run
from extract.errors import UsageError
from schemas.load import load

CRISIS = load("crisis")
CORPUS = Path(__file__).parent.parent / "evals" / "corpus"
TEXT = (
    "On 3 May 2021 the ministry reopened 12 schools and a bakery in Homs. "
    "WFP delivered 800 kg of rice to Homs. "
    "A convoy of 14 trucks left. "
    "Of 120 refugees, 60 were women and 40 children. "
    "Six out of 11 bridges were repaired."
)


def _span(words: str) -> dict[str, int]:
    start = TEXT.index(words)
    return {"start": start, "end": TEXT.index(".", start) + 1}


def _line() -> dict[str, Any]:
    """Gold for the text, without a fault."""
    school = {"facility_type": "school", "name": "schools", "count": 12, "status": "restored"}
    bakery = {"facility_type": "bakery", "name": "bakery", "count": 1, "status": "restored"}
    bridge = {"facility_type": "bridge", "name": "bridges", "count": 6, "status": "restored"}
    opened = {"evidence": [_span("On 3 May")], "place": "Homs", "date": "2021-05-03"}
    rice = {"item": "rice", "category": "food", "status": "delivered", "place": "Homs"}
    convoy = {"item": "convoy", "category": "other", "status": "blocked"}
    people = {"population": "refugees", "people": 120, "women": 60, "children": 40}
    return {
        "document": {"id": "a", "sha256": hashlib.sha256(TEXT.encode()).hexdigest()},
        "facilities": [
            opened | school,
            opened | bakery,
            {"evidence": [_span("Six out")], "out_of": 11} | bridge,
        ],
        "aid_deliveries": [
            {"evidence": [_span("WFP")], "quantity": 800, "unit": "kg", "tonnes": 0.8} | rice,
            {"evidence": [_span("A convoy")], "vehicles": 14, "quantity": 14, "unit": "truck"}
            | convoy,
        ],
        "crossings": [
            {"evidence": [_span("Of 120")], "status": "completed", "checkpoints": []} | people
        ],
        "diplomatic_events": [],
    }


def _faults(line: dict[str, Any], text: str | None = TEXT) -> list[Fault]:
    return check(CRISIS, Gold({"a": line}, {} if text is None else {"a": text}, "h"))


def test_good_gold_has_no_fault() -> None:
    """A number may be a word, a singular noun, a weight in another unit, or follow from another field."""
    assert _faults(_line()) == []


def _set(kind: str, at: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda line: line[kind][at].update(values)


FAULTS: list[tuple[Callable[[dict[str, Any]], Any], str, str, bool]] = [
    (_set("facilities", 0, count=13), "facilities[0]", "count 13 does not stand", False),
    (_set("facilities", 2, count=1), "facilities[2]", "count 1 does not stand", False),
    (_set("facilities", 2, out_of=5), "facilities[2]", "out_of 5 does not stand", False),
    (_set("facilities", 2, count=11, out_of=6), "facilities[2]", "11 are more than the 6", True),
    (_set("facilities", 0, facility_type="castle"), "facilities[0]", "facility_type", False),
    (_set("facilities", 0, place="Aleppo"), "facilities[0]", "place 'Aleppo'", False),
    (_set("facilities", 0, date="2021-05-04"), "facilities[0]", "date '2021-05-04'", True),
    (_set("facilities", 0, evidence=[]), "facilities[0]", "evidence", False),
    (_set("facilities", 0, colour="red"), "facilities[0]", "colour", False),
    (
        _set("facilities", 0, evidence=[{"start": 0, "end": 9999}]),
        "facilities[0]",
        "outside",
        False,
    ),
    (_set("aid_deliveries", 0, tonnes=800), "aid_deliveries[0]", "are not 800 tonnes", True),
    (
        _set("aid_deliveries", 0, tonnes=0.9),
        "aid_deliveries[0]",
        "tonnes 0.9 does not stand",
        False,
    ),
    (_set("aid_deliveries", 1, quantity=15), "aid_deliveries[1]", "quantity 15 does not", False),
    (_set("crossings", 0, people=60, women=120), "crossings[0]", "are more than the 60", True),
    (lambda line: line["facilities"].append(line["facilities"][0]), "facilities[3]", "same", False),
    (lambda line: line.pop("crossings"), "crossings", "never missing", False),
    (lambda line: line.update(visits=[]), "visits", "no such kind", False),
    (
        lambda line: line["document"].update(sha256="0" * 64),
        "document",
        "not that of the text",
        False,
    ),
    (lambda line: line["document"].update(author="me"), "document", "author", False),
]


@pytest.mark.parametrize(("spoil", "where", "says", "doubt"), FAULTS)
def test_each_breach_is_named(
    spoil: Callable[[dict[str, Any]], Any], where: str, says: str, doubt: bool
) -> None:
    """A breach is an error at its place; what the text itself may say is a doubt."""
    line = copy.deepcopy(_line())
    spoil(line)
    assert any(f.where == where and says in f.says and f.doubt == doubt for f in _faults(line)), (
        _faults(line)
    )


def test_gold_without_its_text_is_an_error() -> None:
    """Offsets into nothing cannot be held."""
    assert [fault.says for fault in _faults(_line(), None)] == [
        "its text is missing: there is no a.txt"
    ]


def test_the_corpus_keeps_the_contract() -> None:
    """No error in any document."""
    faults = check(CRISIS, read_gold(CORPUS, CRISIS))
    assert [fault for fault in faults if not fault.doubt] == []


def _write(folder: Path, line: dict[str, Any], name: str = "a") -> None:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / f"{name}.json").write_text(json.dumps(line))
    (folder / f"{name}.txt").write_bytes(TEXT.encode())


def test_gold_is_read_with_its_texts(tmp_path: Path) -> None:
    """Below the folder too; what labellers wrote is passed over, and the hash is that of the records."""
    _write(tmp_path / "dev", _line())
    (tmp_path / "dev" / "a.labels.json").write_text("{}")
    gold = read_gold(tmp_path, CRISIS)
    assert list(gold.documents) == ["a"]
    assert gold.texts == {"a": TEXT}
    changed = _line()
    changed["facilities"].pop()
    _write(tmp_path / "dev", changed)
    assert read_gold(tmp_path, CRISIS).hash != gold.hash


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is not JSON"),
        ("[]", 'no "document"'),
        ('{"document": {}}', 'no "document" with an "id"'),
        ('{"document": {"id": "a"}, "facilities": [1]}', "facilities is no list of records"),
    ],
)
def test_what_is_no_gold_is_refused(tmp_path: Path, content: str, says: str) -> None:
    """The message names the file."""
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(UsageError, match=says):
        read_gold(tmp_path, CRISIS)


def test_a_folder_without_gold_is_refused(tmp_path: Path) -> None:
    """As are one that is none, and a document that stands twice."""
    with pytest.raises(UsageError, match="holds no gold"):
        read_gold(tmp_path, CRISIS)
    with pytest.raises(UsageError, match="is no folder"):
        read_gold(tmp_path / "none", CRISIS)
    _write(tmp_path / "one", _line())
    _write(tmp_path / "two", _line())
    with pytest.raises(UsageError, match="twice"):
        read_gold(tmp_path, CRISIS)


def test_a_bare_list_of_extractions_is_a_run(tmp_path: Path) -> None:
    """Of another tool there may be no manifest, calls or texts."""
    (tmp_path / "extractions.jsonl").write_text(json.dumps(_line()) + "\n")
    run = read_run(tmp_path, CRISIS)
    assert list(run.documents) == ["a"]
    assert (run.manifest, run.spent, run.losses, run.texts) == ({}, {}, {}, {})
    assert read_run(tmp_path / "extractions.jsonl", CRISIS).documents == run.documents


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    """A document that stands twice, too."""
    with pytest.raises(UsageError, match="is no run"):
        read_run(tmp_path, CRISIS)
    (tmp_path / "extractions.jsonl").write_text(2 * (json.dumps(_line()) + "\n"))
    with pytest.raises(UsageError, match="twice"):
        read_run(tmp_path, CRISIS)


def test_calls_and_losses_are_counted_by_document(tmp_path: Path) -> None:
    """Tokens and seconds add up, re-asks count as requests."""
    (tmp_path / "extractions.jsonl").write_text(json.dumps(_line()) + "\n")
    call = {"document": "a", "tokens_in": 100, "tokens_out": 7, "seconds": 1.5, "attempts": 2}
    (tmp_path / "calls.jsonl").write_text(2 * (json.dumps(call) + "\n"))
    (tmp_path / "lost.jsonl").write_text('{"document": "a"}\n')
    run = read_run(tmp_path, CRISIS)
    spent = run.spent["a"]
    assert (spent.requests, spent.tokens_in, spent.tokens_out, spent.seconds) == (4, 200, 14, 3.0)
    assert {name: len(lines) for name, lines in run.losses.items()} == {"a": 1}


def test_check_exits_by_what_it_found(tmp_path: Path) -> None:
    """0 with doubts alone, 1 with an error; every finding is a line."""
    line = _line()
    line["facilities"][0]["date"] = "2021-05-04"
    _write(tmp_path, line)
    good = CliRunner().invoke(app, ["check", str(tmp_path)], standalone_mode=False)
    assert good.return_value == 0
    assert "1 documents, 0 errors, 1 doubts" in good.output
    line["facilities"][0]["count"] = 13
    _write(tmp_path, line)
    bad = CliRunner().invoke(app, ["check", str(tmp_path)], standalone_mode=False)
    assert bad.return_value == 1
    assert "error: a: facilities[0]: count 13" in bad.output
