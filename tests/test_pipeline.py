"""Many documents through the pipeline, with a fake model over HTTP: what is asked, how often, and what is kept."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fake_server import FAILS, TOKENS_IN, FakeModel, Reply

from extract import pipeline
from extract.ask import Asker, Endpoint
from extract.errors import NothingToDoError
from extract.pipeline import GIVE_UP, Job, run
from extract.profile import LARGE, Profile
from extract.progress import Tally
from extract.read import find_inputs
from extract.run_folder import CALLS, ERRORS, EXTRACTIONS, LOST, RunFolder, read_lines
from extract.sieve import Sieve
from extract.types import Document, Extraction, Usage
from schemas.load import load

SCHEMA = load("crisis")
PLACES = ("Tarvo", "Belmin", "Corrad", "Delgate")
TEXT = "\n\n".join(f"On Monday 12 schools reopened in {place}." for place in PLACES)
ASKED = "[1] On Monday 12 schools reopened in "  # a passage, and not the context of the next
PROFILE = replace(LARGE, passage=50, reasks=1)


def school(count: int = 12, **values: object) -> Reply:
    record = {"at": 1, "type": "school", "name": "schools", "count": count, "status": "restored"}
    return Reply({"facilities": [record | values]})


@dataclass
class Runs:
    """Runs on one folder with one fake model."""

    folder: Path
    model: FakeModel
    inputs: list[Path] = field(default_factory=list)
    profile: Profile = PROFILE
    sieve: Sieve | None = None

    def write(self, name: str, text: str = TEXT) -> Path:
        path = self.folder.parent / f"{name}.txt"
        path.write_text(text)
        if path not in self.inputs:
            self.inputs.append(path)
        return path

    def run(self, workers: int = 4, tally: Tally | None = None) -> Tally:
        tally = tally or Tally(len(self.inputs))

        async def go(folder: RunFolder) -> None:
            endpoint = Endpoint("fake", base_url=self.model.url, retries=0)
            asker = Asker(endpoint, SCHEMA, self.profile)
            try:
                found = find_inputs(list(map(str, self.inputs)))
                job = Job(SCHEMA, self.profile, asker, folder, tally, workers, self.sieve)
                await run(job, found)
            finally:
                await asker.close()

        with RunFolder(self.folder, {}) as folder:
            asyncio.run(go(folder))
        return tally

    def lines(self, name: str = EXTRACTIONS) -> list[dict[str, object]]:
        return list(read_lines(self.folder / name))

    def ids(self) -> list[str]:
        return sorted(line["document"]["id"] for line in read_lines(self.folder / EXTRACTIONS))


@pytest.fixture
def runs(tmp_path: Path, model: FakeModel) -> Runs:
    return Runs(tmp_path / "run", model)


def test_a_finished_document_is_not_asked_about_again(runs: Runs) -> None:
    """The same run once more asks nothing and changes nothing."""
    runs.model.on("Tarvo", school())
    runs.write("a")
    assert runs.run().documents == 1
    asked, lines = len(runs.model.asked), runs.lines()
    assert len(lines[0]["facilities"]) == 1  # type: ignore[arg-type]
    assert asked == len(PLACES)
    again = runs.run()
    assert (again.documents, again.skipped, again.all_well) == (0, 1, True)
    assert len(runs.model.asked) == asked
    assert runs.lines() == lines


def test_a_failed_passage_costs_its_passage_and_is_asked_again(runs: Runs) -> None:
    """The line names it and keeps the rest; the next run asks about that passage alone and replaces the lines."""
    runs.model.on(ASKED + "Tarvo", school(99))
    runs.model.on(ASKED + "Belmin", school(place="Belmin"))
    runs.model.on(ASKED + "Corrad", FAILS)
    runs.write("a")
    first = runs.run()
    (line,) = runs.lines()
    assert not first.all_well
    (gap,) = line["incomplete"]  # type: ignore[misc]
    assert TEXT[gap["start"] : gap["end"]] == "On Monday 12 schools reopened in Corrad."
    assert "HTTP 500" in gap["reason"]
    assert len(line["facilities"]) == 1  # type: ignore[arg-type]
    assert len(runs.lines(LOST)) == len(runs.lines(ERRORS)) == 1
    asked = len(runs.model.asked)
    runs.model.on(ASKED + "Corrad", school(place="Corrad"))
    assert runs.run().all_well
    assert len(runs.model.asked) == asked + 1
    (line,) = runs.lines()
    assert "incomplete" not in line
    assert len(line["facilities"]) == 2  # type: ignore[arg-type]
    assert (len(runs.lines(LOST)), len(runs.lines(ERRORS))) == (1, 0)
    assert [call["attempts"] for call in runs.lines(CALLS)] == [1] * 5


def test_a_changed_input_is_extracted_again(runs: Runs) -> None:
    """There is one line a document, of its newest text."""
    runs.write("a", "Nothing was said of Tarvo.")
    runs.write("b", "Nothing was said of Belmin.")
    runs.run()
    runs.write("a", "On Monday 12 schools reopened in Corrad.")
    runs.model.on("Corrad", school())
    again = runs.run()
    assert (again.documents, again.skipped) == (1, 1)
    assert runs.ids() == ["a", "b"]
    text = (runs.folder / "texts" / "a.txt").read_text()
    assert text == "On Monday 12 schools reopened in Corrad."


def test_a_reask_counts_as_an_attempt_with_its_tokens(runs: Runs) -> None:
    """In the journal and in the totals."""
    runs.model.on("Tarvo", Reply("not json"), school())
    runs.write("a", "On Monday 12 schools reopened in Tarvo.")
    tally = runs.run()
    (call,) = runs.lines(CALLS)
    assert (call["attempts"], call["tokens_in"]) == (2, 2 * TOKENS_IN)
    assert tally.usage.prompt == 2 * TOKENS_IN


def test_a_passage_whose_answer_is_cut_off_is_halved(runs: Runs) -> None:
    """Halves are asked for until they fit; what the long ones took is counted, and they are not tried again."""
    text = "In Tarvo 3 schools reopened. In Belmin 4 schools reopened."
    runs.write("a", text)
    runs.model.on("[1] In Tarvo", school(3))
    runs.model.on("[1] In Belmin", school(4))
    runs.model.on("[2] In Belmin", Reply("{", cut=True))
    runs.profile = replace(PROFILE, passage=200)
    tally = runs.run()
    (line,) = runs.lines()
    assert [f["count"] for f in line["facilities"]] == [3, 4]  # type: ignore[attr-defined]
    assert [call.get("halved", False) for call in runs.lines(CALLS)] == [True, False, False]
    assert tally.usage.prompt == 3 * TOKENS_IN
    (runs.folder / EXTRACTIONS).write_text("")  # as if it had been killed before its line
    runs.run()
    assert len(runs.model.asked) == 3


def test_a_sentence_whose_answer_is_cut_off_fails(runs: Runs) -> None:
    """It cannot be halved."""
    runs.model.on("Tarvo", Reply("{", cut=True))
    runs.write("a", "On Monday 12 schools reopened in Tarvo.")
    runs.run()
    (line,) = runs.lines()
    assert "cut off" in line["incomplete"][0]["reason"]  # type: ignore[index]


def test_failures_in_a_row_stop_the_run(runs: Runs) -> None:
    """What is finished is kept; a run after the repair asks about the rest."""
    runs.write("a", "On Monday 12 schools reopened in Belmin.")
    for number in range(GIVE_UP + 10):
        runs.write(f"z{number}", f"On Monday {number} schools reopened in Tarvo.")
    runs.model.on("Tarvo", FAILS)
    with pytest.raises(NothingToDoError, match=f"{GIVE_UP} passages failed in a row.*HTTP 500"):
        runs.run(workers=1)
    assert runs.model.times("reopened in Tarvo") == GIVE_UP
    assert runs.ids()[0] == "a"
    runs.model.on("Tarvo", Reply({}))
    assert runs.run().all_well
    assert len(runs.ids()) == len(set(runs.ids())) == GIVE_UP + 11


def test_a_success_between_failures_keeps_the_run_going(runs: Runs) -> None:
    """Only failures in a row say that the model is gone."""
    for number in range(GIVE_UP + 5):
        place = "Belmin" if number % 10 == 9 else "Tarvo"
        runs.write(f"a{number:02}", f"On Monday {number} schools reopened in {place}.")
    runs.model.on("Tarvo", FAILS)
    assert runs.run(workers=1).documents == GIVE_UP + 5


@pytest.mark.parametrize("status", [401, 404])
def test_a_refused_key_or_model_stops_the_run_at_once(status: int, runs: Runs) -> None:
    """As one plain error, however many requests were under way."""
    for number in range(12):
        runs.write(f"a{number}")
    runs.model.on("schools", Reply("no", status=status))
    with pytest.raises(NothingToDoError, match=f"HTTP {status}"):
        runs.run(workers=3)
    assert len(runs.model.asked) <= 6


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_requests_are_under_way_than_workers(workers: int, runs: Runs) -> None:
    """Though every document has several passages."""
    for number in range(6):
        runs.write(f"a{number}")
    runs.model.on("schools", Reply({}, delay=0.1))
    runs.run(workers)
    assert runs.model.busiest == workers
    assert len(runs.ids()) == 6


class _Open(Tally):
    """Counts the documents that are in memory when one is closed."""

    def __init__(self, alive: weakref.WeakSet[_Weak]) -> None:
        super().__init__(0)
        self.most, self._alive = 0, alive

    def closed(self, extraction: Extraction) -> None:
        super().closed(extraction)
        gc.collect()
        self.most = max(self.most, len(self._alive))


class _Weak(str):
    """A text that can be counted."""

    __slots__ = ("__weakref__",)


def test_documents_are_let_go_when_they_are_done(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory holds as many as there are workers, however many there are."""
    alive: weakref.WeakSet[_Weak] = weakref.WeakSet()
    real = pipeline.read

    def read(source: object) -> Document:
        document = real(source)  # type: ignore[arg-type]
        text = _Weak(document.text)
        alive.add(text)
        return replace(document, text=text)

    monkeypatch.setattr(pipeline, "read", read)
    for number in range(20):
        runs.write(f"a{number}", f"On Monday {number} schools reopened. {'They are open. ' * 200}")
    runs.profile = replace(PROFILE, passage=5000)
    tally = _Open(alive)
    runs.run(workers=2, tally=tally)
    assert tally.documents == 20
    assert tally.most <= 4


def test_an_unreadable_input_costs_itself_only(runs: Runs) -> None:
    """It has a line in errors.jsonl as long as it cannot be read."""
    runs.write("a")
    runs.write("empty", "")
    tally = runs.run()
    assert (tally.documents, tally.unreadable) == (1, 1)
    assert [line["document"] for line in runs.lines(ERRORS)] == ["empty"]
    runs.write("empty", "Now there are words.")
    assert runs.run().all_well
    assert runs.lines(ERRORS) == []


def test_a_bug_is_raised_as_it_is(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as a group of exceptions."""

    def broken(*_: object) -> Sequence[object]:
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "merge", broken)
    runs.write("a")
    with pytest.raises(ZeroDivisionError):
        runs.run()


def test_known_answers_take_nothing(runs: Runs) -> None:
    """A passage that was answered before the run was killed costs no tokens again."""
    runs.write("a")
    runs.run()
    (runs.folder / EXTRACTIONS).write_text("")  # as if it had been killed before its line
    tally = runs.run()
    assert tally.usage == Usage()
    assert runs.ids() == ["a"]
    assert len(runs.model.asked) == len(PLACES)


def test_a_passage_that_the_sieve_leaves_out_is_not_asked_about_and_is_told(runs: Runs) -> None:
    """It stands among the requests without one, once, and the others are asked as ever."""
    runs.model.on("Tarvo", school())
    runs.write("a")
    runs.sieve = Sieve("only Tarvo", {"tarvo": 2.0}, -1.0, 0.0)
    runs.run()
    assert [asked.said.count("[1]") > 0 for asked in runs.model.asked] == [True]
    assert len(runs.lines()[0]["facilities"]) == 1  # type: ignore[arg-type]
    left_out = [line for line in runs.lines(CALLS) if line.get("left_out")]
    assert (
        [TEXT[line["start"] : line["end"]] for line in left_out]
        == [  # type: ignore[index]
            f"On Monday 12 schools reopened in {place}." for place in PLACES[1:]
        ]
    )
    with RunFolder(runs.folder, {}) as folder:
        folder.keep_left_out(Document("a", TEXT), [])
        totals = folder.totals(0.0)
    assert (totals["left_out"], totals["requests"]) == (3, 1)
