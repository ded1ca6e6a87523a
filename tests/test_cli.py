"""The command as users meet it: exit codes, one line for what is wrong, and runs that are stopped and go on."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import Communique, Main
from fake_server import FAILS, HANG, FakeModel, Reply

from extract.cli import GROUPS
from extract.jsonl import read_lines

PLACES = ("Tarvo", "Belmin", "Corrad")
LONG = " ".join(["and the road to the market is open again"] * 40)
TEXT = "\n\n".join(f"On Monday 12 schools reopened in {place}, {LONG}." for place in PLACES)
CANARY = "sk-canary-77ab"


def write(folder: Path, *names: str, text: str = TEXT) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def ids(run: Path) -> list[str]:
    return sorted(line["document"]["id"] for line in read_lines(run / "extractions.jsonl"))


@pytest.mark.parametrize(
    "command",
    [
        "",
        "extract",
        "show",
        "schema",
        "models",
        "models list",
        "models fetch",
        "models verify",
        "models path",
    ],
)
def test_every_command_has_help(command: str, main: Main) -> None:
    """On standard output, under the command's own name."""
    ended = main(*command.split(), "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: communique {command}".rstrip())
    assert ended.err == ""


def test_the_version_is_told(main: Main) -> None:
    """By --version alone."""
    ended = main("--version")
    assert (ended.code, ended.out.split()[0]) == (0, "communique")


@pytest.mark.parametrize("command", ["--version", "--help", "schema crisis", "models list"])
def test_what_asks_no_model_imports_no_client(
    command: str, bare_environment: dict[str, str]
) -> None:
    """The libraries that talk to models take longer to import than these commands to run."""
    timed = [sys.executable, "-X", "importtime", "-m", "extract", *command.split()]
    ended = subprocess.run(timed, env=bare_environment, capture_output=True, text=True, timeout=60)
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert ended.returncode == 0
    assert "extract.cli" in imported
    assert imported.isdisjoint({"openai", "instructor", "numpy", "extract.ask"})


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_told_of_as_it_tells_of_itself(group: str, main: Main) -> None:
    """In the list of commands, where its module is not imported, and under its own name."""
    told = GROUPS[group][1]
    assert told in main(group, "--help").out
    assert told[:40] in main("--help").out  # a long line is cut


@pytest.mark.parametrize("command", ["", "models"])
def test_a_command_without_its_command_gets_the_help(command: str, main: Main) -> None:
    """As wrong use, with its lines as they are."""
    ended = main(*command.split())
    assert ended.code == 2
    assert len(ended.err.splitlines()) > 5


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("frob", 2, "No such command 'frob'"),
        ("extract", 2, "Missing argument"),
        ("extract a.txt", 2, "Missing option '--output' / '-o'. (see communique extract --help)"),
        ("models frob", 2, "No such command 'frob'. (see communique models --help)"),
        ("extract a.txt -o run --frob", 2, "No such option: --frob"),
        ("extract a.txt -o run --workers many FAKE", 2, "'--workers'"),
        ("extract a.txt -o run --workers 0 FAKE", 2, "--workers 0"),
        ("extract a.txt -o run --profile huge FAKE", 2, "no profile 'huge'"),
        ("extract a.txt -o run --schema frob FAKE", 2, "no schema 'frob'"),
        ("extract a.txt -o run --schema json:JSONDecoder FAKE", 2, "is no Pydantic model"),
        ("extract a.txt -o run --schema nowhere:Frob FAKE", 2, "cannot be imported"),
        ("extract a.txt -o run --schema frob.py:Frob FAKE", 2, "no file frob.py"),
        ("extract a.txt -o run --model frob", 2, "no model 'frob'"),
        ("extract a.txt -o run --model local:frob", 2, "frob"),
        ("extract a.txt -o run --model nobody:frob", 2, "no model nobody:frob"),
        ("extract a.txt -o run --model openai:frob", 3, "set OPENAI_API_KEY"),
        ("extract a.txt -o run --base-url http://127.0.0.1:9", 2, "--base-url needs --model"),
        ("extract a.txt -o run --model m --base-url frob", 2, "no http or https address"),
        ("extract a.txt -o run", 3, "communique models fetch"),
        ("extract nowhere.txt -o run FAKE", 2, "'nowhere.txt' names no file"),
        ("extract in/*.pdf -o run FAKE", 2, "'in/*.pdf' names no file"),
        ("extract folder -o run FAKE", 3, "has no documents"),
        ("extract empty.txt -o run FAKE", 3, "empty.txt is empty"),
        ("extract empty.txt -q -o run FAKE", 3, "empty.txt is empty"),
        ("extract binary.txt -o run FAKE", 3, "binary.txt"),
        ("extract broken.pdf -o run FAKE", 3, "broken.pdf"),
        ("extract broken.docx -o run FAKE", 3, "broken.docx"),
        ("extract a.txt -o a.txt FAKE", 2, "a.txt is no folder"),
        ("extract a.txt -o a.txt/run FAKE", 2, "is no folder"),
        (
            "extract a.txt -o run --model m --base-url http://127.0.0.1:9/v1 -q",
            3,
            "cannot be reached",
        ),
        ("show nowhere", 2, "nowhere does not exist"),
        ("show folder", 2, "is no run folder"),
        ("schema frob", 2, "no schema 'frob'"),
        ("models fetch frob", 2, "frob"),
        ("models path", 3, "communique models fetch"),
    ],
)
def test_what_is_wrong_is_one_line_and_a_documented_code(
    arguments: str, code: int, said: str, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """With the value that is wrong; no traceback, nothing on standard output."""
    write(tmp_path, "a.txt", text="On Monday 12 schools reopened in Tarvo.")
    write(tmp_path, "empty.txt", text="")
    write(tmp_path, "folder/picture.png")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    (tmp_path / "broken.docx").write_bytes(b"PK\3\4nothing more")
    words = [part for word in arguments.split() for part in (fake if word == "FAKE" else [word])]
    ended = main(*words)
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert said in ended.err
    assert len(ended.err.strip().splitlines()) == 1, ended.err


@pytest.mark.parametrize("status", [401, 404])
def test_a_refused_key_or_model_runs_nothing(
    status: int, model: FakeModel, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """One line, and the folder takes the right name afterwards."""
    write(tmp_path, "a.txt", "b.txt")
    model.on("schools", Reply("no", status=status))
    ended = main("extract", "a.txt", "b.txt", "-o", "run", *fake)
    assert ended.code == 3
    assert f"HTTP {status}" in ended.err
    assert len(ended.err.splitlines()) == 1
    model.on("schools", Reply({}))
    assert main("extract", "a.txt", "b.txt", "-o", "run", "--model", "right", *fake[2:]).code == 0


def test_a_run_logs_plain_lines_and_ends_with_a_table(
    main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """A line a document, the new names of inputs of one name once, and the totals."""
    write(tmp_path, "x/a.txt", "y/a.txt", "b.txt")
    ended = main("extract", "x", "y", "b.txt", "-o", "run", "--workers", 1, *fake)
    lines = ended.err.splitlines()
    assert ended.code == 0
    assert lines[0] == "inputs of one name: x/a.txt is x-a, y/a.txt is y-a"
    assert [line.split(":")[0] for line in lines[1:4]] == ["[1/3] x-a", "[2/3] y-a", "[3/3] b"]
    assert "3 documents in" in ended.err
    assert "tokens in / cached / out" in ended.err
    assert "\x1b" not in ended.err


def test_quiet_says_what_failed_and_nothing_else(
    model: FakeModel, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """A run in which all goes well is silent; one in which some fails exits with 1."""
    write(tmp_path, "a.txt", "b.txt")
    assert main("extract", "a.txt", "-q", "-o", "run", *fake) == (0, "", "")
    write(tmp_path, "empty.txt", text="")
    model.on("[1] On Monday 12 schools reopened in Tarvo", FAILS)
    ended = main("extract", "a.txt", "b.txt", "empty.txt", "-q", "-o", "run", *fake)
    assert ended.code == 1
    first, second = sorted(ended.err.splitlines())
    assert first.startswith("b: 1 passage failed: http://127.0.0.1")
    assert second.startswith("empty.txt is empty")


def test_the_manifest_holds_settings_versions_and_totals(
    main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """After the second run the totals are those of both."""
    write(tmp_path, "a.txt", "b.txt")
    main("extract", "a.txt", "-o", "run", *fake)
    main("extract", "a.txt", "b.txt", "-o", "run", *fake)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["settings"]["model"] == "openai:fake"
    assert {"schema_hash", "prompt_hash", "profile", "base_url"} <= set(manifest["settings"])
    assert set(manifest["versions"]) >= {"communique", "instructor", "openai", "pydantic", "python"}
    assert manifest["totals"]["documents"] == 2
    calls = list(read_lines(tmp_path / "run" / "calls.jsonl"))
    assert manifest["totals"]["requests"] == len(calls)
    assert manifest["totals"]["tokens_in"] == sum(call["tokens_in"] for call in calls)


def test_no_key_is_in_a_file_or_on_the_screen(
    model: FakeModel,
    main: Main,
    fake: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even where the server repeats it; OpenAI's key does not leave the machine."""
    openai_key = f"{CANARY}-openai"
    monkeypatch.setenv("OPENAI_API_KEY", openai_key)
    monkeypatch.setenv("COMMUNIQUE_API_KEY", CANARY)
    write(tmp_path, "a.txt")
    model.on(
        "[1] On Monday 12 schools reopened in Tarvo", Reply(f"{CANARY} has no credit", status=402)
    )
    ended = main("extract", "a.txt", "-o", "run", *fake)
    assert ended.code == 1
    assert model.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    assert openai_key not in str(model.asked)
    kept = b"".join(p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file())
    assert CANARY not in ended.out + ended.err + kept.decode()


def test_a_key_for_openai_does_not_choose_openai(
    main: Main, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --model it is the embedded one, whose weights are missing here."""
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    write(tmp_path, "a.txt")
    ended = main("extract", "a.txt", "-o", "run")
    assert ended.code == 3
    assert "communique models fetch" in ended.err


def test_other_settings_and_another_schema_are_refused(
    main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """With the difference named, in one line."""
    write(tmp_path, "a.txt")
    main("extract", "a.txt", "-o", "run", *fake)
    ended = main("extract", "a.txt", "-o", "run", "--profile", "small", *fake)
    assert ended.code == 2
    assert "profile.passage was 1500, now 450" in ended.err
    assert len(ended.err.splitlines()) == 1


# From here on in processes of their own, which can be stopped and killed.


@contextmanager
def started(
    folder: Path, environment: dict[str, str], *arguments: object, **more: object
) -> Iterator[subprocess.Popen[str]]:
    """The command while it runs; killed at the end if it still does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "extract", *map(str, arguments)],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answered(run: Path) -> int:
    path = run / "calls.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_goes_on_where_it_was(
    stop: signal.Signals,
    model: FakeModel,
    communique: Communique,
    bare_environment: dict[str, str],
    fake: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """Only what has no answer is asked about, and each document is there once; a signal is one line and 130."""
    write(tmp_path, "a.txt", "b.txt")
    order = ("extract", "a.txt", "b.txt", "-o", "run", "--workers", "2", *fake)
    model.on("[1] On Monday 12 schools reopened in Corrad", HANG)
    with started(tmp_path, bare_environment, *order) as process:
        wait_for(lambda: answered(tmp_path / "run") >= 4 and len(model.asked) >= 6)
        second = communique(*order)
        assert second.returncode == 2
        assert "in use by another run" in second.stderr
        process.send_signal(stop)
        _, err = process.communicate(timeout=20)
    assert process.returncode == (-9 if stop is signal.SIGKILL else 130)
    if stop is not signal.SIGKILL:
        assert err.strip() == "communique: stopped; the same command goes on from here"
    assert ids(tmp_path / "run") == []
    known = answered(tmp_path / "run")
    asked = len(model.asked)
    model.on("[1] On Monday 12 schools reopened in Corrad", Reply({}))
    resumed = communique(*order)
    assert resumed.returncode == 0, resumed.stderr
    assert ids(tmp_path / "run") == ["a", "b"]
    assert known == 4
    assert len(model.asked) == asked + 2


def test_a_run_that_waits_for_standard_input_can_be_stopped(
    bare_environment: dict[str, str], fake: tuple[str, ...], tmp_path: Path
) -> None:
    """One Ctrl-C is enough."""
    order = ("extract", "-", "-o", "run", *fake)
    with started(tmp_path, bare_environment, *order, stdin=subprocess.PIPE) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
    assert process.returncode == 130


def test_a_full_disk_is_one_line_and_costs_nothing_finished(
    model: FakeModel,
    communique: Communique,
    bare_environment: dict[str, str],
    fake: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """What is finished is whole; with room again the same command goes on."""
    names = [f"d{number:02}.txt" for number in range(12)]
    write(tmp_path, *names)
    order = ("extract", *names, "-o", "run", "--workers", "3", *fake)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    with started(tmp_path, bare_environment, *order, "-q", preexec_fn=little_room) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "calls.jsonl cannot be written: File too large; what is finished is kept" in err
    assert len(err.splitlines()) == 1
    before = ids(tmp_path / "run")
    assert 0 < len(before) < 12
    asked = len(model.asked)
    resumed = communique(*order)
    assert resumed.returncode == 0, resumed.stderr
    assert ids(tmp_path / "run") == sorted(name.removesuffix(".txt") for name in names)
    assert len(model.asked) - asked <= 3 * (12 - len(before))


def test_the_installed_command_is_the_same_and_bears_a_closed_pipe(
    bare_environment: dict[str, str], tmp_path: Path
) -> None:
    """`communique ... | head` ends without a word."""
    installed = Path(sys.executable).parent / "communique"
    if not installed.exists():
        pytest.skip("the package is not installed here")
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {installed} schema --json | head -c 1"],
        cwd=tmp_path,
        env=bare_environment,
        capture_output=True,
        text=True,
    )
    assert (ran.stdout, ran.stderr) == ("{", "")
