"""The real engine with the smallest weights, through the same code as any run. `SMOKE=0 make test` leaves it out."""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from extract import weights
from extract.choice import Asked, choose
from extract.command import Order, execute
from extract.errors import CommuniqueError
from extract.jsonl import read_lines
from extract.read import find_inputs
from extract.run_folder import CALLS, EXTRACTIONS
from schemas.load import load

RECALLS = Path(__file__).parent.parent / "docs" / "recalls"
MODEL = "local:smollm2-135m"


@pytest.fixture
def _live() -> None:
    if os.environ.get("SMOKE") == "0":
        pytest.skip("SMOKE=0: the live engine is left out")
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("NO ENGINE: run `pip install 'communique[local]'`")
    try:
        weights.find(MODEL)
    except CommuniqueError:
        pytest.skip("NO WEIGHTS: run `communique models fetch smollm2-135m`")


@pytest.mark.usefixtures("_live")
def test_the_embedded_engine_answers_by_the_schema(tmp_path: Path) -> None:
    """A live run ends well; each answer fits the schema, and each record points at its words."""
    schema = load(f"{RECALLS / 'recalls.py'}:Recall")
    choice = choose(Asked(MODEL, workers=2), schema.name)
    brief = replace(choice.profile, records=2, output=300)  # so small a model would never stop
    choice = replace(choice, profile=brief)
    order = Order(
        find_inputs([str(RECALLS / "kettles.txt")]), tmp_path / "run", schema, choice, quiet=True
    )
    assert execute(order, Console(stderr=True)) == 0
    (line,) = read_lines(tmp_path / "run" / EXTRACTIONS)
    text = (tmp_path / "run" / "texts" / "kettles.txt").read_text("utf-8")
    for record in line["recall"]:
        assert record["evidence"], record
        schema.model.model_validate({k: v for k, v in record.items() if k != "evidence"})
        assert all(0 <= e["start"] < e["end"] <= len(text) for e in record["evidence"])
    assert "incomplete" not in line
    answered = [c for c in read_lines(tmp_path / "run" / CALLS) if c["answer"] is not None]
    assert answered
    assert all(call["tokens_out"] > 0 for call in answered)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text("utf-8"))
    assert manifest["settings"]["weights"] == weights.find(MODEL).model.sha256  # type: ignore[union-attr]
