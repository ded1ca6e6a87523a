"""Batches against a server that has files and batches, and as files alone: the same results as a live run's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from batch_server import FakeBatches, Way, answered, expired, jsonl
from fake_server import TOKENS_IN, TOKENS_OUT, Asked, FakeModel, Reply
from rich.console import Console

from extract import batch_cli
from extract.batch import Desk, NotAnsweredError
from extract.batch_run import Submitted
from extract.budget import Caps
from extract.choice import Asked as Named
from extract.choice import Choice, choose
from extract.command import Live, Order, Session, execute, foresee
from extract.errors import NothingToDoError, UsageError
from extract.forecast import Counter
from extract.jsonl import read_lines
from extract.profile import LARGE
from extract.read import find_inputs
from extract.run_folder import CALLS, ERRORS, EXTRACTIONS, LOST
from extract.totals import past
from schemas.load import load

PLACES = ("Tarvo", "Belmin", "Corrad", "Delgate")
TEXT = "\n\n".join(f"On Monday 12 schools reopened in {place}." for place in PLACES)
PAIR = "On Monday 12 schools reopened in Tarvo. On Monday 12 schools reopened in Belmin."
PROFILE = replace(LARGE, passage=50, reasks=1)
RETRY = Reply("out of order", status=500)
CANARY = "sk-canary-77aa"


def asked_of(place: str) -> str:
    return f"[1] On Monday 12 schools reopened in {place}."


def school(count: int = 12, **values: object) -> Reply:
    record = {"at": 1, "type": "school", "name": "schools", "count": count, "status": "restored"}
    return Reply({"facilities": [record | values]})


@pytest.fixture
def server() -> Iterator[FakeBatches]:
    with FakeBatches() as fake:
        for place in PLACES:
            fake.on(asked_of(place), school(place=place))
        yield fake


@dataclass
class Runs:
    """Runs over the same documents, live and in batches, each into a folder of its own."""

    folder: Path
    server: FakeModel
    said: list[str] = field(default_factory=list)
    passage: int = 50
    printed: StringIO = field(default_factory=StringIO)
    caps: Caps = field(default_factory=Caps)

    @property
    def choice(self) -> Choice:
        chosen = choose(Named("fake", self.server.url), "crisis")
        return replace(chosen, profile=replace(PROFILE, passage=self.passage))

    def write(self, name: str, text: str = TEXT) -> None:
        (self.folder / "in").mkdir(exist_ok=True)
        (self.folder / "in" / f"{name}.txt").write_text(text)

    def execute(self, name: str, session: Session) -> int:
        inputs = find_inputs([str(self.folder / "in")])
        schema, caps = load("crisis"), self.caps if name == "run" else Caps()
        order = Order(inputs, self.folder / name, schema, self.choice, session=session, caps=caps)
        self.printed = StringIO()
        return execute(order, Console(file=self.printed, width=200))

    def live(self) -> int:
        return self.execute("live", Live(self.choice))

    def batch(self, rounds: int = 8) -> int:
        say = self.said.append
        session = Submitted(self.choice, self.folder / "run", say, rounds, poll=0.01)
        return self.execute("run", session)

    def lines(self, name: str, file: str = EXTRACTIONS) -> list[dict[str, Any]]:
        lines = list(read_lines(self.folder / name / file))
        for line in lines:
            line.pop("seconds", None)
        return sorted(lines, key=lambda line: json.dumps(line, sort_keys=True))

    def same(self) -> bool:
        """Whether batches led to what the live run did, request for request."""
        files = (EXTRACTIONS, LOST, ERRORS, CALLS)
        return all(self.lines("run", file) == self.lines("live", file) for file in files)


@pytest.fixture
def runs(tmp_path: Path, server: FakeBatches, monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.setenv("COMMUNIQUE_API_KEY", CANARY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Runs(tmp_path, server)
    made.write("a")
    made.write("b", TEXT.replace("12", "14"))
    return made


def test_a_batch_gives_what_a_live_run_gives(runs: Runs, server: FakeBatches) -> None:
    """One batch, each request once, each document told of once, the same files in the run folder."""
    assert runs.batch() == 0
    assert runs.printed.getvalue().count(" a: 4 records") == 1
    assert runs.printed.getvalue().count(" a: ") == 1
    assert runs.live() == 0
    assert len(server.batches) == 1
    assert len(server.lines("batch_1")) == 2 * len(PLACES)
    assert len(runs.lines("run")) == 2
    assert runs.same()


@pytest.mark.parametrize(
    ("replies", "batches"),
    [
        pytest.param([Reply("no JSON"), school()], 2, id="re-asked"),
        pytest.param([Reply({"facilities": 7}), school()], 2, id="re-asked, by the schema"),
        pytest.param([Reply("no JSON")], 2, id="unusable to the end"),
        pytest.param([Reply("it is too long", status=400)], 1, id="refused for good"),
    ],
)
def test_answers_that_do_not_fit_are_asked_again_in_the_next_batch(
    runs: Runs, server: FakeBatches, replies: list[Reply], batches: int
) -> None:
    """As in a live run, with the validator's words; what is unusable to the end is a gap in its document."""
    server.on(asked_of("Corrad"), *replies)
    code = runs.batch()
    assert len(server.batches) == batches
    server.on(asked_of("Corrad"), *replies)
    assert runs.live() == code == (1 if len(replies) == 1 else 0)
    for document, alive in zip(runs.lines("run"), runs.lines("live"), strict=True):
        gaps = document.pop("incomplete", [])
        assert [gap["start"] for gap in gaps] == [g["start"] for g in alive.pop("incomplete", [])]
        assert document == alive


def test_an_answer_that_was_cut_off_is_asked_for_by_halves(runs: Runs, server: FakeBatches) -> None:
    """Both halves are in the second batch, and the document has the records of both."""
    runs.passage = 500
    runs.write("a", PAIR)
    runs.write("b", PAIR.replace("12", "14"))
    server.on("[2] On Monday", Reply("{", cut=True))
    assert runs.batch() == runs.live() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [2, 4]
    assert len(runs.lines("run")[0]["facilities"]) == 2
    assert runs.same()


@pytest.mark.parametrize("status", ["expired", "cancelled"])
def test_a_batch_that_ends_early_is_asked_for_the_rest(
    runs: Runs, server: FakeBatches, status: str
) -> None:
    """What was answered is kept; the next batch has the rest alone."""
    server.ways = [Way(status, answered=3), Way(polls=3)]
    assert runs.batch() == runs.live() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [8, 5]
    assert runs.same()


def test_lines_that_failed_are_asked_again(runs: Runs, server: FakeBatches) -> None:
    """A line with HTTP 500 is no answer: its request is in the next batch, and no other."""
    server.on(asked_of("Belmin"), RETRY, school(place="Belmin"))
    assert runs.batch() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [8, 1]
    assert len(runs.lines("run")) == 2
    assert any("1 failed or expired" in words for words in runs.said)


def test_what_gets_no_answer_waits_and_is_neither_done_nor_failed(
    runs: Runs, server: FakeBatches
) -> None:
    """After so many batches the run stops; its document has no line, and the same command asks for the rest alone."""
    server.on("12 schools reopened in Belmin", RETRY)
    assert runs.batch(rounds=2) == 1
    assert [line["document"]["id"] for line in runs.lines("run")] == ["b"]
    assert runs.lines("run", ERRORS) == []
    server.on("12 schools reopened in Belmin", school(place="Belmin"))
    assert runs.batch() == runs.live() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [8, 2, 2]
    assert runs.same()


def test_a_batch_that_fails_stops_the_run_with_its_reason(runs: Runs, server: FakeBatches) -> None:
    """The same command submits its requests again."""
    server.ways = [Way("failed", error="Enqueued token limit reached")]
    assert runs.batch() == 1
    assert runs.lines("run") == []
    assert runs.batch() == runs.live() == 0
    assert len(server.batches) == 2
    assert runs.same()


@pytest.mark.parametrize(
    "way", [Way(polls=3), Way(deaf=True)], ids=["it takes a while", "its id never arrived"]
)
def test_a_batch_is_waited_for_and_found_again(runs: Runs, server: FakeBatches, way: Way) -> None:
    """A batch that was created and not noted is found by its token: nothing is submitted twice."""
    server.ways = [way]
    assert runs.batch() == runs.live() == 0
    assert len(server.batches) == 1
    assert runs.same()


def test_an_endpoint_that_is_down_for_a_while_costs_nothing(
    runs: Runs, server: FakeBatches
) -> None:
    """Files and batches are tried again."""
    server.down = 2
    assert runs.batch() == 0
    assert len(server.batches) == 1


class KilledError(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("at", range(12))
def test_a_run_that_is_killed_at_any_write_submits_nothing_twice(
    runs: Runs, server: FakeBatches, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Killed at the nth time that the state is replaced, before or after it; the same command ends as if it was not."""
    server.on(asked_of("Belmin"), RETRY, school(place="Belmin"))
    real, count = Desk.save, 0

    def save(desk: Desk) -> None:
        nonlocal count
        count += 1
        if count == at // 2 + 1:
            if at % 2:
                real(desk)
            raise KilledError
        real(desk)

    monkeypatch.setattr(Desk, "save", save)
    with pytest.raises(KilledError):
        runs.batch()
    assert runs.batch() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [8, 1]
    server.on(asked_of("Belmin"), school(place="Belmin"))
    assert runs.live() == 0
    assert runs.same()


def test_a_killed_process_goes_on_waiting_for_its_batch(
    runs: Runs, server: FakeBatches, bare_environment: dict[str, str]
) -> None:
    """Killed while it waits; the same command submits nothing, and collects what was answered meanwhile."""
    server.ways = [Way(polls=4)]
    script = f"""
import sys; from dataclasses import replace; from pathlib import Path; from rich.console import Console
from extract.batch_run import Submitted; from extract.choice import Asked, choose
from extract.command import Order, execute; from extract.read import find_inputs; from schemas.load import load
choice = choose(Asked("fake", {server.url!r}), "crisis")
choice = replace(choice, profile=replace(choice.profile, passage=50, reasks=1))
run = Path({str(runs.folder / "run")!r})
session = Submitted(choice, run, lambda words: print(words, flush=True), poll=60)
execute(Order(find_inputs([{str(runs.folder / "in")!r}]), run, load("crisis"), choice, True, session), Console())
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, env=bare_environment, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        assert any("in_progress" in line for line in run.stdout)
        run.kill()
    assert runs.lines("run") == []
    assert runs.batch() == runs.live() == 0
    assert len(server.batches) == 1
    assert runs.same()


def test_what_failed_for_good_is_asked_anew_by_the_next_command(
    runs: Runs, server: FakeBatches
) -> None:
    """As live: the gap's passage alone, and its answer completes the document."""
    server.on(asked_of("Corrad"), Reply("it is too long", status=400), school(place="Corrad"))
    assert runs.batch() == 1
    assert runs.batch() == runs.live() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [8, 1]
    assert runs.lines("run") == runs.lines("live")


def test_what_failed_for_good_is_counted_once(runs: Runs, server: FakeBatches) -> None:
    """A document with a gap is left as it is while others wait, and the exit code tells of it each time."""
    server.on(asked_of("Corrad"), Reply("it is too long", status=400))
    server.on("14 schools reopened in Belmin", RETRY)
    assert runs.batch(rounds=1) == 1
    calls = runs.lines("run", CALLS)
    assert {line["document"] for line in calls} == {"a"}
    server.on("14 schools reopened in Belmin", school(14, place="Belmin"))
    assert runs.batch() == 1
    assert [line for line in runs.lines("run", CALLS) if line["document"] == "a"] == calls
    assert [line["document"]["id"] for line in runs.lines("run")] == ["a", "b"]


EACH = TOKENS_IN + TOKENS_OUT


def test_a_limit_holds_the_next_batch_to_what_is_left(runs: Runs, server: FakeBatches) -> None:
    """What fits goes out, what is finished is kept, nothing is asked twice, and a higher limit goes on."""
    assert runs.live() == 0  # what a request takes is known from now on
    runs.caps = Caps(tokens=5 * EACH + 20)
    for _ in range(2):  # the limit is of the folder, not of the command
        assert runs.batch() == 1
        assert [len(server.lines(batch)) for batch in server.batches] == [5]
        said = runs.printed.getvalue()
        assert "stopped: --max-tokens 570: 550 spent in 5 requests" in said
        assert len(runs.lines("run")) <= 1
    runs.caps = Caps(tokens=8 * EACH + 20)
    assert runs.batch() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [5, 3]
    assert runs.same()


def test_an_answer_that_was_of_no_use_counts(runs: Runs, server: FakeBatches) -> None:
    """Its request is asked again where there is room for both."""
    assert runs.live() == 0
    server.on("14 schools reopened in Corrad", Reply("no JSON"), school(14, place="Corrad"))
    runs.caps = Caps(tokens=8 * EACH + 20)
    assert runs.batch() == 1
    assert [line["document"]["id"] for line in runs.lines("run")] == ["a"]
    runs.caps = Caps(tokens=9 * EACH + 20)
    assert runs.batch() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [8, 1]
    assert "requests, forecast / actual" in runs.printed.getvalue()
    assert "time, forecast" not in runs.printed.getvalue()


def test_a_limit_holds_for_what_was_written_without_one(runs: Runs, server: FakeBatches) -> None:
    """A file of requests that was not uploaded is written anew; one that is out is waited for."""
    assert runs.live() == 0
    server.on("14 schools reopened in Corrad", Reply("no JSON"), school(14, place="Corrad"))
    assert runs.batch(rounds=1) == 1
    assert (runs.folder / "run" / "batch" / "requests-2.jsonl").exists()
    runs.caps = Caps(tokens=8 * EACH + 20)
    assert runs.batch() == 1
    assert [len(server.lines(batch)) for batch in server.batches] == [8]
    runs.caps = Caps(tokens=9 * EACH + 20)
    assert runs.batch() == 0
    assert [len(server.lines(batch)) for batch in server.batches] == [8, 1]


def test_a_forecast_of_batches_asks_and_writes_nothing(runs: Runs, server: FakeBatches) -> None:
    """It names no time; the cache, which batches do without, is not asked."""
    session = Submitted(runs.choice, runs.folder / "run", print)
    inputs, printed = find_inputs([str(runs.folder / "in")]), StringIO()
    order = Order(inputs, runs.folder / "run", load("crisis"), runs.choice, session=session)
    assert foresee(replace(order, cached=True), Console(file=printed, width=200)) == 0
    assert re.search(r"│ passages +│ 8 +│", printed.getvalue())
    assert re.search(r"│ time +│ as the batches take +│", printed.getvalue())
    assert server.asked == []
    assert [path.name for path in runs.folder.iterdir()] == ["in"]


def test_a_batch_teaches_forecasts_of_batches_alone(runs: Runs) -> None:
    """How long it took says nothing of a live run's time."""
    assert runs.batch() == 0
    unit = Counter(runs.choice, load("crisis")).unit
    assert len(past(runs.choice, "", unit, batched=True).documents) == 2
    assert past(runs.choice, "", unit).documents == ()
    assert runs.live() == 0
    assert len(past(runs.choice, "", unit).documents) == 2
    assert past(runs.choice, "", unit, batched=True).runs == 1


def test_no_key_is_written(runs: Runs, server: FakeBatches) -> None:
    """The key is in no file of the run folder."""
    assert runs.batch() == 0
    files = [path for path in (runs.folder / "run").rglob("*") if path.is_file()]
    assert any(path.name == "state.json" for path in files)
    assert not [path for path in files if CANARY in path.read_text()]


def test_files_of_requests_are_split(tmp_path: Path) -> None:
    """At so many requests or bytes, whichever is first; a request is in one file alone."""
    for number, most in enumerate([(2, 10**6), (10**6, 450)]):
        desk = Desk(tmp_path / str(number), most)
        for word in ("a", "b", "c", "b", "d", "e"):
            with pytest.raises(NotAnsweredError):
                desk.send({"messages": word * 50})
        desk.end_pass({"doc"}, {"doc"})
        counts = [part.count for part in desk.state.parts]
        files = [list(read_lines(desk.path / part.requests)) for part in desk.state.parts]
        assert counts == [2, 2, 1] == [len(lines) for lines in files]
        assert len({line["custom_id"] for lines in files for line in lines}) == 5


@pytest.mark.parametrize(
    ("kept", "counts"), [(5, [2, 2, 1]), (4, [2, 2]), (3, [2, 1]), (1, [1]), (0, [])]
)
def test_new_requests_are_taken_back_from_the_end(
    tmp_path: Path, kept: int, counts: list[int]
) -> None:
    """Files hold what is kept and no more; what was taken back is written again when it is asked again."""
    desk = Desk(tmp_path, (2, 10**6))

    def ask() -> None:
        for word in "abcde":
            with pytest.raises(NotAnsweredError):
                desk.send({"messages": word})

    ask()
    desk.keep_first(kept)
    desk.end_pass({"doc"}, {"doc"})
    assert [part.count for part in desk.state.parts] == counts
    files = sorted(desk.path.glob("requests-*"))
    assert [len(list(read_lines(file))) for file in files] == counts
    ask()
    desk.close()
    assert len(desk.fresh) == 5 - kept


def test_a_damaged_state_is_said(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "state.json").write_text('{"parts": [{}]}')
    with pytest.raises(UsageError, match="damaged: remove"):
        Desk(tmp_path)


@pytest.mark.parametrize("model", [None, "anthropic:claude-haiku-4-5"])
def test_only_compatible_endpoints_have_batches(tmp_path: Path, model: str | None) -> None:
    """The embedded model and other providers are refused, with what to do."""
    with pytest.raises(UsageError, match="a batch needs --model"):
        Submitted(choose(Named(model), "crisis"), tmp_path, print)


Batch = Callable[..., int]


@pytest.fixture
def batch(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """`communique batch`, in a folder of its own, with no endpoint."""
    monkeypatch.chdir(runs.folder)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def command(*arguments: object) -> int:
        code = batch_cli.app([*map(str, arguments)], standalone_mode=False)
        assert isinstance(code, int)
        return code

    return command


def outputs(server: FakeBatches, requests: Path) -> list[dict[str, Any]]:
    """What the fake answers to a file of requests."""
    lines = list(read_lines(requests))
    return [answered(line, server.reply(Asked({}, line["body"]))) for line in lines]


def test_two_steps_without_an_endpoint(
    runs: Runs, server: FakeBatches, batch: Batch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Requests are written, answered elsewhere and collected; what is lacking is the next file, until nothing is."""
    at = ("--model", "fake", "--base-url", server.url)
    assert batch("write", "in", "-o", "run", *at) == 0
    said = capfd.readouterr()
    assert "requests-1.jsonl: 2 requests" in said.out
    assert "communique batch collect run OUTPUT" in said.out
    assert server.asked == []
    requests = runs.folder / "run" / "batch" / "requests-1.jsonl"
    first, second = outputs(server, requests)
    other = first | {"custom_id": "elsewhere"}
    data = jsonl([expired({"custom_id": first["custom_id"]}), other, second])
    (runs.folder / "out.jsonl").write_bytes(data + b'{"custom_id": "torn')
    assert batch("collect", "run", "out.jsonl") == 1
    said = capfd.readouterr()
    assert "1 answers; 1 failed or expired" in said.err
    assert "1 that nobody asked for" in said.err
    assert "1 damaged" in said.err
    assert "no line" not in said.err
    assert "requests-2.jsonl: 1 requests" in said.out
    assert "requests-1.jsonl" not in said.out
    assert len(runs.lines("run")) == 1
    (runs.folder / "out.jsonl").write_bytes(jsonl([first]))
    assert batch("collect", "run", "out.jsonl") == 0
    assert "nothing is left" in capfd.readouterr().out
    assert len(runs.lines("run")) == 2


def test_a_file_that_is_still_out_is_not_asked_for_again(
    runs: Runs, server: FakeBatches, batch: Batch
) -> None:
    """Writing again, for more documents, writes what is new alone; collecting one file leaves the other open."""
    at = ("--model", "fake", "--base-url", server.url)
    assert batch("write", "in", "-o", "run", *at) == 0
    runs.write("c", TEXT.replace("12", "16"))
    assert batch("write", "in", "-o", "run", *at) == 0
    folder = runs.folder / "run" / "batch"
    counts = [len(list(read_lines(folder / f"requests-{number}.jsonl"))) for number in (1, 2)]
    assert counts == [2, 1]
    for number, code in ((2, 1), (1, 0)):
        data = jsonl(outputs(server, folder / f"requests-{number}.jsonl"))
        (runs.folder / "out.jsonl").write_bytes(data)
        assert batch("collect", "run", "out.jsonl") == code
    assert len(list(folder.glob("requests-*.jsonl"))) == 2
    assert len(runs.lines("run")) == 3


def test_requests_for_a_hosted_model_are_written_without_a_key(runs: Runs, batch: Batch) -> None:
    """As tools, which such models know best."""
    assert batch("write", "in", "-o", "run", "--model", "openai:gpt-5-mini") == 0
    line = next(read_lines(runs.folder / "run" / "batch" / "requests-1.jsonl"))
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    assert line["body"]["model"] == "gpt-5-mini"
    assert line["body"]["tools"][0]["function"]["name"] == "Answer"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("collect", "none", "out.jsonl"), "holds no batch"),
        (("write", "-", "-o", "run", "--model", "openai:x"), "standard input"),
    ],
)
def test_wrong_use_is_said(batch: Batch, arguments: tuple[str, ...], says: str) -> None:
    """In one line, before anything is written."""
    with pytest.raises(UsageError, match=says):
        batch(*arguments)


def test_error_lines_that_come_later_leave_the_next_file_open(
    runs: Runs, server: FakeBatches, batch: Batch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A batch's second file tells of its own requests, though the next file asks the same again."""
    at = ("--model", "fake", "--base-url", server.url)
    assert batch("write", "in", "-o", "run", *at) == 0
    folder = runs.folder / "run" / "batch"
    first, second = outputs(server, folder / "requests-1.jsonl")
    (runs.folder / "out.jsonl").write_bytes(jsonl([first]))
    assert batch("collect", "run", "out.jsonl") == 1
    assert "1 requests of which there is no line" in capfd.readouterr().err
    (runs.folder / "errors.jsonl").write_bytes(jsonl([expired(second)]))
    assert batch("collect", "run", "errors.jsonl") == 1
    assert not (folder / "requests-3.jsonl").exists()
    (runs.folder / "late.jsonl").write_bytes(jsonl([second]))
    assert batch("collect", "run", "late.jsonl") == 0
    assert len(runs.lines("run")) == 2


def test_requests_that_cannot_be_written_end_the_run(runs: Runs, server: FakeBatches) -> None:
    """They are no failed passages: once there is room, the same command does it all."""
    blocked = runs.folder / "run" / "batch" / "requests-1.jsonl.new"
    blocked.mkdir(parents=True)
    with pytest.raises(NothingToDoError, match="cannot be written"):
        runs.batch()
    assert runs.lines("run", ERRORS) == runs.lines("run", CALLS) == []
    blocked.rmdir()
    assert runs.batch() == 0
