"""Which engine carries a run out, and what is refused before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Main
from fake_server import FakeModel, Reply

from extract.jsonl import read_lines

TEXT = "On Monday 12 schools reopened in Tarvo."


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--engine", "spark"), "no engine 'spark': choose local, ray, batch"),
        (("--ray-address", "10.0.0.1:6379"), "--ray-address needs --engine ray"),
        (("--engine", "ray", "--max-tokens", "5"), "do not hold for --engine ray"),
        (("--engine", "batch", "--max-time", "1h"), "do not hold for --engine batch"),
    ],
)
def test_what_an_engine_cannot_do_is_refused(
    main: Main, fake: tuple[str, ...], model: FakeModel, options: tuple[str, ...], says: str
) -> None:
    """With exit 2, one line, and no request."""
    Path("a.txt").write_text(TEXT)
    ended = main("extract", "a.txt", "-o", "run", *fake, *options)
    assert ended.code == 2
    assert says in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not model.asked


def test_ray_and_the_embedded_model_are_refused(main: Main) -> None:
    """No worker elsewhere could reach it."""
    Path("a.txt").write_text(TEXT)
    ended = main("extract", "a.txt", "-o", "run", "--engine", "ray")
    assert ended.code == 2
    assert "--base-url" in ended.err


def test_a_table_is_extracted_by_its_columns(
    main: Main, fake: tuple[str, ...], model: FakeModel
) -> None:
    """The ids are the documents', and the texts' records are there."""
    said = {"at": 1, "type": "school", "name": "schools", "count": 12, "status": "restored"}
    model.on("Tarvo", Reply({"facilities": [said]}))
    Path("t.jsonl").write_text(f'{{"key": "x1", "body": "{TEXT}"}}\n{{"key": "x2", "body": ""}}\n')
    columns = ("--id-column", "key", "--text-column", "body")
    ended = main("extract", "t.jsonl", "-o", "run", *fake, *columns)
    assert ended.code == 1, ended.err
    (line,) = read_lines(Path("run") / "extractions.jsonl")
    assert line["document"]["id"] == "x1"
    assert [record["count"] for record in line["facilities"]] == [12]
    assert "t.jsonl line 2 has an empty string" in ended.err


def test_the_second_run_is_answered_by_the_cache(
    main: Main, model: FakeModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In another folder too; `--no-cache` asks again."""
    monkeypatch.setenv("COMMUNIQUE_CACHE", str(tmp_path / "answers.sqlite"))
    Path("a.txt").write_text(TEXT)
    asked = []
    for run, more in (("one", ()), ("two", ()), ("three", ("--no-cache",))):
        fake = ("--model", "fake", "--base-url", model.url)
        assert main("extract", "a.txt", "-o", run, *fake, *more).code == 0
        asked.append(len(model.asked))
    assert asked == [1, 1, 2]
