"""Which engine carries a run out, and what is refused before anything is asked."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from builders import CRISIS
from conftest import Main
from fake_server import FakeModel, Reply

from extract.ask import Asker
from extract.cache import Cache, keyed, place
from extract.choice import Asked, Choice, choose, unasked
from extract.command import asked_by
from extract.jsonl import read_lines
from extract.read import find_inputs, read
from extract.split import split
from extract.types import Answer

TEXT = "On Monday 12 schools reopened in Tarvo."


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--engine", "spark"), "no engine 'spark': choose local, ray, batch"),
        (("--ray-address", "10.0.0.1:6379"), "--ray-address needs --engine ray"),
        (("--engine", "batch", "--max-time", "1h"), "does not hold for --engine batch"),
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


needs_engine = pytest.mark.skipif(
    find_spec("xllamacpp") is None, reason="NO ENGINE: run `pip install 'communique[local]'`"
)
BROKEN = "broken.gguf"


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Choice:
    """A model that no engine can load; the cache has its answers about `TEXT`."""
    (tmp_path / BROKEN).write_bytes(b"GGUF and nothing else")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMMUNIQUE_CACHE", str(tmp_path / "answers" / "answers.sqlite"))
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text(TEXT.replace("12", "14"))
    choice = choose(Asked(f"local:{BROKEN}"), CRISIS.name)
    settings = choice.settings() | asked_by(CRISIS, choice.profile)
    document = read(find_inputs(["a.txt"])[0])
    (passage,) = split(document, choice.profile.passage)
    key = keyed(settings)(Asker(unasked(choice), CRISIS, choice.profile).key(document, passage))
    with closing(Cache(place())) as cache:
        cache.keep(key, settings["model"], Answer(()))
    return choice


@needs_engine
def test_the_engine_is_started_for_the_first_question_that_is_asked(
    main: Main, broken: Choice
) -> None:
    """Not where all is answered or done; where it does not start, that is the run's one line, and 3."""
    model = ("--model", f"local:{broken.name}")
    assert main("extract", "a.txt", "-o", "run", "-q", *model) == (0, "", "")
    ended = main("extract", "a.txt", "b.txt", "-o", "run", "--workers", 3, *model)
    assert (ended.code, ended.out) == (3, "")
    assert "the engine ended while it loaded the model" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert [line["document"]["id"] for line in read_lines(Path("run/extractions.jsonl"))] == ["a"]
    assert main("extract", "a.txt", "-o", "run", "-q", "--no-cache", *model) == (0, "", "")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_run_is_stopped_while_its_engine_starts(
    stop: signal.Signals, broken: Choice, bare_environment: dict[str, str], tmp_path: Path
) -> None:
    """The engine, here one that takes for ever, is gone with it."""
    fake = "import os, time\nopen('loading', 'w').write(f'{os.getpid()}.')\ntime.sleep(600)\n"
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "xllamacpp.py").write_text(fake)
    command = ["extract", "b.txt", "-o", "run", "--model", f"local:{broken.name}"]
    run = subprocess.Popen(
        [sys.executable, "-m", "extract", *command],
        env=bare_environment | {"PYTHONPATH": str(tmp_path / "fake")},
        stderr=subprocess.PIPE,
        text=True,
    )
    with run:
        loading, until = tmp_path / "loading", time.monotonic() + 60
        while not (loading.exists() and loading.read_text().endswith(".")):
            assert run.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        run.send_signal(stop)
        _, err = run.communicate(timeout=30)
    assert (run.returncode, err.count("\n")) == (130, 1)
    with pytest.raises(ProcessLookupError):
        os.kill(int(loading.read_text().rstrip(".")), 0)


def test_a_forecast_knows_the_answers_of_other_runs(
    main: Main, broken: Choice, tmp_path: Path
) -> None:
    """They are told apart and take nothing; nothing is written for it, and `--no-cache` does without."""

    def seen() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}

    before = seen()
    order = ("extract", "a.txt", "b.txt", "-o", "run", "--model", f"local:{broken.name}")
    for options, passages, free in (((), "1", "1"), (("--no-cache",), "2", None)):
        ended = main(*order, "--dry-run", *options)
        assert (ended.code, ended.err) == (0, "")
        assert re.search(rf"│ passages +│ {passages} +│", ended.out)
        row = re.search(r"│ passages answered before, free +│ (\d+) +│", ended.out)
        assert (row and row[1]) == free
    assert seen() == before
