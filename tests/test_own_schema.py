"""A class of the user's own, from another field, is all that a run needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Communique
from fake_server import FakeModel, Reply

from extract.jsonl import read_lines

RECALLS = Path(__file__).parent.parent / "docs" / "recalls"
SCHEMA = f"{RECALLS / 'recalls.py'}:Recall"
KETTLES = {
    "at": 1,
    "product": "glass kettles",
    "maker": "Harrow & Pell",
    "units": 12400,
    "hazard": "injury",
    "date": "2024-03-14",
    "countries": ["Ireland", "Portugal"],
}
TRAINS = {"at": 1, "product": "wooden trains", "units": 860, "hazard": "choking"}


def test_records_of_an_own_class_come_with_their_evidence(
    model: FakeModel, communique: Communique, tmp_path: Path
) -> None:
    """Three notices, a class and a prompt example yield records; what the text does not say is lost."""
    model.on("12,400 glass kettles", Reply({"recall": [KETTLES]}))
    model.on("860 wooden trains", Reply({"recall": [TRAINS, TRAINS | {"units": 99}]}))
    ran = communique(
        "extract",
        RECALLS,
        "-o",
        "run",
        "--schema",
        SCHEMA,
        "--model",
        "fake",
        "--base-url",
        model.url,
    )
    assert ran.returncode == 0, ran.stderr
    lines = {
        line["document"]["id"]: line for line in read_lines(tmp_path / "run/extractions.jsonl")
    }
    assert set(lines) == {"kettles", "notice", "toys"}
    assert lines["notice"]["recall"] == []
    (kettles,) = lines["kettles"]["recall"]
    text = (tmp_path / "run/texts/kettles.txt").read_text("utf-8")
    span = kettles["evidence"][0]
    assert "12,400 glass kettles" in text[span["start"] : span["end"]]
    assert {k: kettles[k] for k in KETTLES if k != "at"} == {
        k: v for k, v in KETTLES.items() if k != "at"
    }


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class Recall: pass", "is no Pydantic model"),
        ("Recall = 3", "is no Pydantic model"),
        ("x = 1", "has no class Recall"),
        ("import nothing_of_that_name", "cannot be imported"),
        ("class (", "cannot be imported"),
        (
            "from pydantic import BaseModel\nclass Recall(BaseModel):\n x: dict[str, int]",
            "Recall.x",
        ),
        ("from pydantic import BaseModel\nclass Recall(BaseModel): pass", "no fields"),
        (
            "from pydantic import BaseModel\nclass Recall(BaseModel):\n x: object()",
            "cannot be imported",
        ),
    ],
)
def test_a_class_that_cannot_serve_is_refused_in_one_line(
    source: str, said: str, communique: Communique, tmp_path: Path
) -> None:
    """Exit code 2, what is wrong, and nothing written."""
    (tmp_path / "own.py").write_text(source)
    (tmp_path / "a.txt").write_text("Some words.")
    ran = communique("extract", "a.txt", "-o", "run", "--schema", "own.py:Recall")
    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()
