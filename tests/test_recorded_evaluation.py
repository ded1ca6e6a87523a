"""The embedded model's recorded answers over the whole of `dev`, played through the whole pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.evaluate import Evaluation, replay
from evals.gold import Gold, Run, read_gold, read_run
from evals.lint import lint
from evals.score import score
from evals.scorecard_file import read
from extract.jsonl import read_lines
from extract.run_folder import LOST
from schemas.crisis import Crisis
from schemas.load import load

EVALS = Path(__file__).parent.parent / "evals"
DEV = EVALS / "corpus" / "dev"
SCHEMA = load("crisis")


@pytest.fixture(scope="module")
def gold() -> Gold:
    return read_gold(DEV, SCHEMA)


@pytest.fixture(scope="module")
def folder(gold: Gold, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the replay."""
    run = tmp_path_factory.mktemp("replay") / "run"
    unplayed = replay(Evaluation(SCHEMA, gold, run, DEV / "cassettes"))
    assert unplayed.keys() == gold.documents.keys()
    assert not any(unplayed.values()), "answers that nobody asks for: run `make record`"
    return run


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return read_run(folder, SCHEMA)


def test_every_line_is_by_the_contract(run: Run) -> None:
    """Each document has its line, and no passage failed."""
    assert len(run.documents) == 16
    for line in run.documents.values():
        found = Crisis.model_validate(dict(line))
        assert not found.incomplete


def test_no_value_is_one_that_its_evidence_does_not_bear_out(run: Run, gold: Gold) -> None:
    """The scorer's own reading of the evidence finds every number, date and name there."""
    card = score(SCHEMA, gold, run, draws=10)
    assert card.headline["grounded"].n > 1000
    assert card.headline["grounded"].value == 1.0


def test_what_was_lost_has_its_reason(folder: Path) -> None:
    """The model said it, the text does not, and the reader is told why."""
    lost = list(read_lines(folder / LOST))
    assert lost
    assert all(line["reason"] for line in lost)


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_committed_scorecard_is_of_the_gold_and_the_recording_beside_it(split: str) -> None:
    """It was made from this gold by this model; what it says of quality is held to by `make evaluate`."""
    card = read(EVALS / "scorecards" / f"{split}.json")
    of = read_gold(EVALS / "corpus" / split, SCHEMA)
    recording = json.loads((EVALS / "corpus" / split / "cassettes" / "recording.json").read_text())
    assert card.gold["hash"] == of.hash
    assert card.schema["hash"] == SCHEMA.hash
    made: dict[str, Any] = dict(card.run)
    assert made["settings"]["adapter"] == recording["settings"]["adapter"]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_the_recordings_hold_nothing_that_must_not_be_told(split: str) -> None:
    """Nor anything stale, orphaned or unplayed."""
    of = read_gold(EVALS / "corpus" / split, SCHEMA)
    assert list(lint(SCHEMA, of, EVALS / "corpus" / split / "cassettes")) == []
