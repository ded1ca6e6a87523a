"""The answer cache: real files, real processes, and runs against a fake model over HTTP."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fake_server import FAILS, TOKENS_IN, FakeModel, Reply

from extract import cache_cli
from extract.ask import Asker, Endpoint
from extract.cache import Cache, Cached, identity, place
from extract.errors import CommuniqueError, NothingToDoError, UsageError
from extract.pipeline import Job, run
from extract.profile import LARGE
from extract.progress import Tally
from extract.read import find_inputs
from extract.run_folder import CALLS, EXTRACTIONS, RunFolder, read_lines
from extract.types import Answer, Document, Draft, Passage, Stretch, Usage
from schemas.load import load

SCHEMA = load("crisis")
PROFILE = replace(LARGE, passage=50, reasks=0)
CANARY = "sk-canary-51fe"
PLACES = ("Tarvo", "Belmin", "Corrad", "Delgate")
TEXT = "\n\n".join(f"On Monday 12 schools reopened in {where}." for where in PLACES)
SCHOOL = Reply({"facilities": [{"at": 1, "type": "school", "count": 12, "status": "restored"}]})
SETTINGS: dict[str, Any] = {
    "model": "openai:fake",
    "base_url": "http://127.0.0.1:8000/v1",
    "weights": "aa",
    "adapter": "bb",
    "sieve": "cc",
    "schema_hash": "dd",
    "profile": {"mode": "json_schema"},
}
ANSWER = Answer(
    (Draft("facilities", {"name": "école \ud800", "count": 12}, 1, "12 schools"),),
    Usage(100, 60, 10),
    1.25,
    2,
)


@dataclass
class Runs:
    """Runs with one fake model and one cache, each into a run folder of its own."""

    folder: Path
    model: FakeModel
    path: Path
    said: list[str] = field(default_factory=list)
    count: int = 0

    def run(self, *, repeat: int = 1, **settings: Any) -> Path:
        source = self.folder / "a.txt"
        source.write_text(TEXT)
        self.count += 1
        output = self.folder / f"run{self.count}"

        async def go(folder: RunFolder) -> None:
            endpoint = Endpoint("fake", base_url=self.model.url, api_key=CANARY, retries=0)
            asker = Asker(endpoint, SCHEMA, PROFILE)

            def opened() -> Cache:
                return Cache(self.path, wait=0.05)

            cached = Cached(asker, SETTINGS | settings, self.said.append, opened, repeat)
            try:
                job = Job(SCHEMA, PROFILE, cached, folder, Tally(1), workers=4)
                await run(job, find_inputs([str(source)]))
            finally:
                cached.close()
                await asker.close()

        with RunFolder(output, {}) as folder:
            asyncio.run(go(folder))
        return output


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "answers.sqlite"


@pytest.fixture
def runs(tmp_path: Path, model: FakeModel, path: Path) -> Runs:
    model.on("schools", SCHOOL)
    return Runs(tmp_path, model, path)


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(read_lines(folder / name))


def kept(path: Path) -> int:
    with closing(Cache(path)) as cache:
        return sum(share.answers for share in cache.shares())


def files(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}*"))


def process(code: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Another process that has `keep(NUMBER)` for the cache that the first argument names."""
    begin = """
        import sys
        from pathlib import Path
        from extract.cache import Cache
        from extract.types import Answer, Draft
        cache = Cache(Path(sys.argv[1]), wait=30)
        def keep(number):
            draft = Draft("facilities", {"count": number, "name": "x" * 3000})
            cache.keep(f"{number}", "openai:fake", Answer((draft,)))
    """
    script = textwrap.dedent(begin) + textwrap.dedent(code)
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes, **options)


def test_an_answer_is_paid_for_once_in_all_runs(runs: Runs) -> None:
    """A second run, in a folder of its own, finds the same, asks nothing, and its requests and tokens are none."""
    first = runs.run()
    asked = len(runs.model.asked)
    second = runs.run()
    assert asked == len(runs.model.asked) == len(PLACES)
    assert lines(second, EXTRACTIONS) == lines(first, EXTRACTIONS)
    calls = lines(second, CALLS)
    assert [(c["attempts"], c["tokens_in"], c["tokens_out"]) for c in calls] == [(0, 0, 0)] * 4
    assert all(call["answer"] for call in calls)
    assert [call["tokens_in"] for call in lines(first, CALLS)] == [TOKENS_IN] * 4
    assert runs.said == []


def test_who_answered_is_said_of_a_kept_answer_too(runs: Runs) -> None:
    """Where it is another model than the one that was asked; what it took then is not taken again."""

    class FakeOther:
        """A fake endpoint that says that another model answered, after a retry."""

        def key(self, document: Document, passage: Passage) -> str:
            return "a"

        async def ask(self, document: Document, passage: Passage) -> Answer:
            return replace(ANSWER, retries=1, answered_by="other")

    text, passage = Document("a", "12 schools"), Passage(1, (Stretch(0, 10),))
    opened = Cached(FakeOther(), SETTINGS, runs.said.append, lambda: Cache(runs.path))
    with closing(opened) as cached:
        asked = [asyncio.run(cached.ask(text, passage)) for _ in range(2)]
    assert asked[0] == replace(ANSWER, retries=1, answered_by="other")
    assert asked[1] == Answer(ANSWER.drafts, attempts=0, answered_by="other")


def test_what_an_answer_took_is_kept_with_it(path: Path) -> None:
    """Whatever characters the model wrote; a later answer to the same question takes its place."""
    with closing(Cache(path)) as cache:
        assert cache.get("a") is None
        cache.keep("a", "openai:fake", Answer(()))
        cache.keep("a", "openai:fake", ANSWER)
    with closing(Cache(path)) as cache:
        assert cache.get("a") == ANSWER


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"model": "openai:other"}, False),
        ({"base_url": "http://127.0.0.1:8001/v1"}, False),
        ({"base_url": "http://127.0.0.1:8000/v2"}, False),
        ({"base_url": "https://127.0.0.1:8000/v1"}, False),
        ({"base_url": None}, False),
        ({"weights": "a0"}, False),
        ({"adapter": None}, False),
        ({"schema_hash": "d0"}, False),
        ({"profile": {"mode": "tools"}}, False),
        ({"repeat": 2}, False),
        ({"sieve": None}, True),
        ({"base_url": "http://127.0.0.1:8000/v1/"}, True),
        ({"base_url": f"http://user:{CANARY}@127.0.0.1:8000/v1?key={CANARY}"}, True),
    ],
)
def test_an_answer_holds_for_the_same_model_asked_the_same_way(
    changed: dict[str, Any], same: bool, runs: Runs
) -> None:
    """Whatever could make it another answer makes it another question."""
    runs.run()
    asked = len(runs.model.asked)
    runs.run(**changed)
    assert len(runs.model.asked) == (asked if same else 2 * asked)


def test_a_file_of_weights_that_changed_is_another_model(tmp_path: Path) -> None:
    """Though its name and size are what they were."""
    own = tmp_path / "own.gguf"
    own.write_bytes(b"before")
    os.utime(own, ns=(1, 1))
    settings = SETTINGS | {"model": f"local:{own}"}
    before = identity(settings)
    assert identity(settings) == before
    os.utime(own, ns=(2, 2))
    assert identity(settings) != before


@pytest.mark.parametrize("failure", [FAILS, Reply("not json"), Reply("{", cut=True)])
def test_failures_are_never_kept(failure: Reply, runs: Runs) -> None:
    """The next run asks again about what failed, and about nothing else."""
    runs.model.on("[1] On Monday 12 schools reopened in Corrad", failure)
    assert "incomplete" in lines(runs.run(), EXTRACTIONS)[0]
    assert kept(runs.path) == len(PLACES) - 1
    runs.model.on("[1] On Monday 12 schools reopened in Corrad", SCHOOL)
    asked = len(runs.model.asked)
    assert "incomplete" not in lines(runs.run(), EXTRACTIONS)[0]
    assert len(runs.model.asked) == asked + 1


def test_no_key_is_in_the_cache(runs: Runs) -> None:
    """Neither the one that requests carry, nor one in an address, nor one that a server repeats in an error."""
    echo = Reply(f"no room for {CANARY}", status=500)
    runs.model.on("[1] On Monday 12 schools reopened in Corrad", echo)
    runs.run(base_url=f"http://user:{CANARY}@127.0.0.1:8000/v1?key={CANARY}")
    assert all(CANARY in asked.headers["authorization"] for asked in runs.model.asked)
    with closing(Cache(runs.path)):  # while it is open its log is there too
        assert len(files(runs.path)) > 1
        assert kept(runs.path) == 3
        for file in files(runs.path):
            assert CANARY.encode() not in file.read_bytes()


def test_nobody_else_may_read_it(path: Path) -> None:
    """Its log and its lock are no more open than itself, whatever the umask allows."""
    before = os.umask(0)
    try:
        with closing(Cache(path)) as cache:
            cache.keep("a", "openai:fake", ANSWER)
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files(path)}
    finally:
        os.umask(before)
    assert len(modes) == 4
    assert set(modes.values()) == {0o600}


def test_several_processes_write_at_once(path: Path) -> None:
    """They start on no file together, and nothing of any is lost."""
    code = "for number in range(int(sys.argv[2]), int(sys.argv[2]) + 100): keep(number)"
    writers = [process(code, path, begin) for begin in (0, 100, 200)]
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [""] * 3
    with closing(Cache(path)) as cache:
        answers = [cache.get(f"{number}") for number in range(300)]
    assert [a and a.drafts[0].values["count"] for a in answers] == list(range(300))


def test_a_writer_that_is_killed_leaves_all_that_it_had_kept(path: Path) -> None:
    """And a file that is whole and can be written."""
    code = "for number in range(10**6): keep(number); print(number, flush=True)"
    writer = process(code, path)
    assert writer.stdout is not None
    told = [int(writer.stdout.readline()) for _ in range(50)]
    writer.send_signal(signal.SIGKILL)
    told += [int(line) for line in writer.communicate(timeout=60)[0].splitlines()]
    assert told == list(range(len(told)))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(Cache(path)) as cache:
        assert all(cache.get(f"{number}") for number in told)
        cache.keep("a", "openai:fake", ANSWER)
        assert cache.get("a") == ANSWER


def test_a_full_disk_costs_the_new_answer_only(path: Path) -> None:
    """It is told as one line; what was kept before can be read."""
    code = """
        from extract.errors import CommuniqueError
        for number in range(10**6):
            try:
                keep(number)
            except CommuniqueError as fault:
                print(number, fault)
                break
    """

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    out, err = process(code, path, preexec_fn=little_room).communicate(timeout=60)
    assert err == ""
    (line,) = out.splitlines()
    number, _, said = line.partition(" ")
    assert said.startswith(f"the answer cache {path} cannot be used: ")
    assert int(number) > 5
    with closing(Cache(path)) as cache:
        assert all(cache.get(f"{known}") for known in range(int(number)))
        assert cache.get(number) is None


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database at all, " * 1000)


def _folder(path: Path) -> None:
    path.mkdir()


def _beneath_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("no folder")


def _another_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE accounts (name)")


def _torn(path: Path) -> None:
    """Half of its pages are of zeros, the first is not."""
    with closing(Cache(path)) as cache:
        for number in range(100):
            cache.keep(f"{number}", "openai:fake", replace(ANSWER, drafts=ANSWER.drafts * 30))
    with path.open("rb+") as file:
        file.seek(4096)
        file.write(bytes(path.stat().st_size // 2))


BROKEN = [
    (_garbage, "damaged or something else: remove it"),
    (_folder, "Is a directory"),
    (_beneath_a_file, "exists"),
    (_another_database, "a database of something else"),
    (_torn, "it is damaged: remove it"),
]


@pytest.mark.parametrize(("broken", "said"), BROKEN)
def test_a_cache_that_cannot_be_used_is_told_once_and_the_run_goes_on(
    broken: Callable[[Path], None], said: str, runs: Runs
) -> None:
    """With its name and what to do; every passage is asked."""
    runs.path.parent.mkdir()
    broken(runs.path)
    before = runs.path.read_bytes() if runs.path.is_file() else None
    assert "incomplete" not in lines(runs.run(), EXTRACTIONS)[0]
    assert len(runs.model.asked) == len(PLACES)
    (line,) = runs.said
    assert str(runs.path) in line
    assert said in line
    assert line.endswith("; the run goes on without it")
    assert "\n" not in line
    assert (runs.path.read_bytes() if runs.path.is_file() else None) == before


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_cache_that_another_program_holds_is_gone_without(begin: str, runs: Runs) -> None:
    """Once its patience is over, and it is told once."""
    Cache(runs.path).close()
    with closing(sqlite3.connect(runs.path, isolation_level=None)) as holder:
        holder.execute(begin)
        assert "incomplete" not in lines(runs.run(), EXTRACTIONS)[0]
    (line,) = runs.said
    assert "another program holds it" in line
    assert len(runs.model.asked) == len(PLACES)


def test_a_cache_that_is_removed_while_it_is_open_costs_nothing(path: Path) -> None:
    """Whoever has it open goes on with it; who opens it next has an empty one."""
    with closing(Cache(path)) as cache:
        cache.keep("a", "openai:fake", ANSWER)
        for file in files(path):
            file.unlink()
        cache.keep("b", "openai:fake", ANSWER)
        with closing(Cache(path)) as other:
            assert other.get("a") is None
            other.keep("c", "openai:fake", ANSWER)
        assert cache.get("a") == cache.get("b") == ANSWER
    assert kept(path) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE answers SET answer = replace(CAST(answer AS TEXT), '12', '13')",
        "UPDATE answers SET answer = CAST(replace(CAST(answer AS TEXT), '12', '13') AS BLOB)",
        "UPDATE answers SET answer = x'7b'",
        "UPDATE answers SET checksum = checksum + 1",
    ],
)
def test_an_answer_that_the_disk_changed_is_asked_for_again(spoil: str, runs: Runs) -> None:
    """And kept anew."""
    first = runs.run()
    with closing(sqlite3.connect(runs.path, isolation_level=None)) as connection:
        connection.execute(spoil)
    assert lines(runs.run(), EXTRACTIONS) == lines(first, EXTRACTIONS)
    assert len(runs.model.asked) == 2 * len(PLACES)
    runs.run()
    assert len(runs.model.asked) == 2 * len(PLACES)
    assert runs.said == []


class FakeClock:
    """Goes on by a day whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 86400
        return self.now


def test_it_stays_within_its_limit_and_the_oldest_use_goes_first(path: Path) -> None:
    """Of a thousand answers the last stay, and the one that was used all along."""
    limit = 400_000
    with closing(Cache(path, limit, clock=FakeClock())) as cache:
        for number in range(1000):
            cache.keep(f"{number}", "openai:fake", replace(ANSWER, drafts=ANSWER.drafts * 10))
            assert cache.get("0")
        there = [number for number in range(1, 1000) if cache.get(f"{number}")]
    assert there == list(range(there[0], 1000))
    assert 100 < len(there) < 500
    assert limit / 2 < path.stat().st_size <= limit


def test_an_answer_larger_than_the_cache_is_said(path: Path) -> None:
    """It cannot be kept, and the file stays within its limit."""
    with closing(Cache(path, 100_000)) as cache:
        large = Answer((Draft("facilities", {"name": "x" * 200_000}),))
        with pytest.raises(NothingToDoError, match="full"):
            cache.keep("a", "openai:fake", large)
        cache.keep("b", "openai:fake", ANSWER)
    assert path.stat().st_size <= 100_000


@pytest.mark.parametrize(
    ("environment", "where"),
    [
        ({"COMMUNIQUE_CACHE": "~/c.sqlite", "COMMUNIQUE_HOME": "/there"}, "/home/me/c.sqlite"),
        ({"COMMUNIQUE_HOME": "/there"}, "/there/answers.sqlite"),
    ],
)
def test_its_place_is_the_users_choice(
    environment: dict[str, str], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or beside the models."""
    monkeypatch.delenv("COMMUNIQUE_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert place() == Path(where)


Command = Callable[..., str]


@pytest.fixture
def command(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """`communique cache` in this process; gives what it prints."""
    monkeypatch.setenv("COMMUNIQUE_CACHE", str(path))

    def called(*arguments: str) -> str:
        cache_cli.app(arguments, standalone_mode=False)
        return capsys.readouterr().out

    return called


@pytest.fixture
def filled(path: Path) -> Path:
    """Three answers of one model, two of another; two of all were used long ago."""
    for days, name, model in (
        (0, "a", "openai:fake"),
        (40, "b", "openai:fake"),
        (0, "c", "openai:fake"),
        (0, "d", "local:other"),
        (40, "e", "local:other"),
    ):
        clock = FakeClock()
        clock.now = 86400.0 * (10**5 - days)
        with closing(Cache(path, clock=clock)) as cache:
            cache.keep(name, model, ANSWER)
    return path


def test_the_command_shows_place_size_and_models(command: Command, filled: Path) -> None:
    """In that order."""
    head, total, *models = command().splitlines()
    assert head == str(filled)
    assert total.startswith("answers: 5, 0.0 MB on disk of at most 2,000 MB")
    assert [model.split()[:2] for model in models] == [["openai:fake", "3"], ["local:other", "2"]]


def test_the_command_makes_no_cache(command: Command, path: Path) -> None:
    """Where there is none."""
    assert command().splitlines() == [str(path), "no answers yet"]
    assert command("clear") == "answers removed: 0\n"
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ("", ""),
        ("--model openai:fake", "de"),
        ("--model fake", "de"),
    ],
)
def test_answers_are_cleared(arguments: str, left: str, command: Command, filled: Path) -> None:
    """All of them, or those of one model; how many is said."""
    assert command("clear", *arguments.split()) == f"answers removed: {5 - len(left)}\n"
    with closing(Cache(filled)) as cache:
        assert "".join(name for name in "abcde" if cache.get(name)) == left


@pytest.mark.parametrize(("model", "left"), [(None, "acd"), ("other", "abcd")])
def test_answers_that_were_not_used_of_late_are_cleared(
    model: str | None, left: str, filled: Path
) -> None:
    """Those of all models, or of one."""
    clock = FakeClock()
    clock.now = 86400.0 * 10**5
    with closing(Cache(filled, clock=clock)) as cache:
        assert cache.clear(model, days=30) == 5 - len(left)
        assert "".join(name for name in "abcde" if cache.get(name)) == left


def test_the_command_clears_by_age(command: Command, filled: Path) -> None:
    """By the clock of today, to which answers of a far future are young."""
    with closing(Cache(filled)) as cache:
        cache.keep("a", "openai:fake", ANSWER)
    assert command("clear", "--older-than", "1") == "answers removed: 0\n"
    assert command("clear", "--older-than", "0", "--model", "fake") == "answers removed: 1\n"


def test_what_is_cleared_is_off_the_disk(path: Path) -> None:
    """The file shrinks, also while another process has it open."""
    with closing(Cache(path)), closing(Cache(path)) as cache:
        for number in range(300):
            cache.keep(f"{number}", "openai:fake", replace(ANSWER, drafts=ANSWER.drafts * 30))
        before = cache.bytes
        cache.clear()
        assert cache.bytes < before / 10
    assert b"12 schools" not in path.read_bytes()


@pytest.mark.parametrize("arguments", [(), ("clear",)])
@pytest.mark.parametrize(("broken", "said"), BROKEN)
def test_the_command_says_what_is_wrong_with_the_file(
    broken: Callable[[Path], None],
    said: str,
    arguments: tuple[str, ...],
    command: Command,
    path: Path,
) -> None:
    """As one error; a file that is no cache is left as it is."""
    path.parent.mkdir()
    broken(path)
    if path.parent.is_file():
        assert "no answers yet" in command()  # nothing can be there
        return
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(CommuniqueError, match=said) as ended:
        command(*arguments)
    assert ended.value.exit_code == 3
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_model_without_answers_is_said(command: Command, filled: Path) -> None:
    """With those that have some."""
    with pytest.raises(UsageError, match=r"--model nobody: .*openai:fake, local:other"):
        command("clear", "--model", "nobody")
