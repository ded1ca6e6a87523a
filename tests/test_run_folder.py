"""The run folder: what it refuses, what it mends, and that no line is half there."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from extract.errors import NothingToDoError, UsageError
from extract.finished import Finished
from extract.jsonl import append, mend, read_lines, rewrite, write_whole
from extract.run_folder import CALLS, ERRORS, EXTRACTIONS, LOST, MANIFEST, TEXTS, RunFolder
from extract.types import Answer, Document, Draft, Extraction, Gap, Lost, Passage, Stretch, Usage
from schemas.load import load

SETTINGS = {"model": "fake", "profile": {"passage": 450, "output": 700}}
SCHEMA = load("crisis")
PASSAGE = Passage(1, (Stretch(0, 5),))
ANSWER = Answer((Draft("facilities", {"count": 3}, 1, None),), Usage(9, 5, 2), 0.5, 2)
LOSS = Lost("facilities", {"count": 3}, "not in the text", 1)
GAP = Gap(1, 0, 5, "HTTP 500")


def doc(name: str, text: str = "Some words.") -> Document:
    return Document(name, text)


def extraction(document: Document, *, lost: int = 0, gaps: int = 0) -> Extraction:
    return Extraction(document, (), lost=(LOSS,) * lost, gaps=(GAP,) * gaps)


def ids(path: Path) -> list[str]:
    """The documents that a file has lines of."""
    found = (line["document"] for line in read_lines(path))
    return [said["id"] if isinstance(said, dict) else said for said in found]


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file may grow beyond: what a full disk does, for one process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_finished_document_is_known_by_its_text(tmp_path: Path) -> None:
    """The same id with another text is not done."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep(SCHEMA, extraction(doc("a")))
    with RunFolder(tmp_path, SETTINGS) as folder:
        assert folder.has(doc("a"))
        assert not folder.has(doc("a", "Other words."))
        assert not folder.has(doc("b"))
    assert (tmp_path / TEXTS / "a.txt").read_text() == "Some words."


def test_finished_documents_take_no_memory_each() -> None:
    """Fifty thousand of them leave Python's memory as it was, and each is known by its last hash."""
    finished = Finished()
    tracemalloc.start()
    try:
        finished.add((f"d{number}", f"{number:064x}") for number in range(50_000))
        finished.add([("d7", "another")])
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 100_000
    assert [finished.get(name) for name in ("d7", "d49999", "d50000")] == [
        "another",
        f"{49_999:064x}",
        None,
    ]
    assert "d0" in finished
    assert "d" not in finished
    finished.close()


def test_no_room_for_the_table_of_finished_documents_is_said_in_one_line() -> None:
    """It spills to a file beside the run, where there may be none."""
    finished = Finished()
    with file_size_limit(1_000_000), pytest.raises(NothingToDoError, match="SQLITE_TMPDIR"):
        finished.add((f"d{number}", f"{number:064x}") for number in range(200_000))
    finished.close()


def test_a_document_with_a_failed_passage_is_not_done(tmp_path: Path) -> None:
    """When it was asked again its lines give way to the new ones; those of others stay as they are."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep(SCHEMA, extraction(doc("a"), lost=2, gaps=1))
        folder.keep(SCHEMA, extraction(doc("b"), lost=1, gaps=1))
    with RunFolder(tmp_path, SETTINGS) as folder:
        assert not folder.has(doc("a"))
        folder.keep(SCHEMA, extraction(doc("a"), lost=1))
        assert folder.has(doc("a"))
    assert ids(tmp_path / EXTRACTIONS) == ["b", "a"]
    assert ids(tmp_path / LOST) == ["b", "a"]
    assert ids(tmp_path / ERRORS) == ["b"]


@pytest.mark.parametrize("name", [EXTRACTIONS, LOST, ERRORS, CALLS])
def test_a_torn_last_line_is_cut_off(name: str, tmp_path: Path) -> None:
    """The lines before it stay."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep_call(doc("a"), PASSAGE, "k", ANSWER)
        folder.keep(SCHEMA, extraction(doc("a"), lost=1, gaps=1))
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole + b'{"document": "b", "torn')
    with RunFolder(tmp_path, SETTINGS):
        assert (tmp_path / name).read_bytes() == whole


def test_a_line_longer_than_a_block_is_mended_too(tmp_path: Path) -> None:
    """Whatever the length of the torn line or of the one before it."""
    path = tmp_path / "x.jsonl"
    for whole, torn in (
        (b'{"a": 1}\n', b"x" * 200_000),
        (b"", b"x" * 200_000),
        (b'{"a": 1}\n', b""),
    ):
        path.write_bytes(whole + torn)
        mend(path)
        assert path.read_bytes() == whole


def test_a_broken_line_in_the_middle_is_refused_with_its_number(tmp_path: Path) -> None:
    """Nobody but a user makes such a line, and only the user can tell what was meant."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep(SCHEMA, extraction(doc("a")))
    path = tmp_path / EXTRACTIONS
    path.write_bytes(b"not json\n" + path.read_bytes())
    with pytest.raises(UsageError, match=f"{EXTRACTIONS} line 1"):
        RunFolder(tmp_path, SETTINGS)
    path.unlink()
    with RunFolder(tmp_path, SETTINGS):
        pass  # the lock was given back


def test_lines_of_a_document_that_was_killed_halfway_are_dropped(tmp_path: Path) -> None:
    """Its own line is written last: without it the document is done again, and its other lines would be double."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep(SCHEMA, extraction(doc("a"), lost=1, gaps=1))
        folder.keep_unreadable("u", "u.pdf", "u.pdf is damaged")
        folder.keep(SCHEMA, extraction(doc("b"), lost=1, gaps=1))
    lines = list(read_lines(tmp_path / EXTRACTIONS))[:1]
    rewrite(tmp_path / EXTRACTIONS, lambda line: line in lines)
    with RunFolder(tmp_path, SETTINGS) as folder:
        assert ids(tmp_path / LOST) == ["a"]
        assert ids(tmp_path / ERRORS) == ["a", "u"]
        folder.keep(SCHEMA, extraction(doc("b"), lost=1))
    assert ids(tmp_path / LOST) == ["a", "b"]


def test_answers_of_unfinished_documents_are_known_again(tmp_path: Path) -> None:
    """A failed passage has no answer, one that was halved is known as such, those of finished ones are let go."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep_call(doc("a"), PASSAGE, "answered", ANSWER)
        folder.keep_call(doc("a"), PASSAGE, "failed", Answer(()), error="HTTP 500")
        folder.keep_call(doc("a"), PASSAGE, "long", Answer(()), error="cut off", halved=True)
        folder.keep_call(doc("b"), PASSAGE, "done", ANSWER)
        folder.keep(SCHEMA, extraction(doc("b")))
        folder.keep_call(doc("b", "Changed."), PASSAGE, "changed", ANSWER)
    with RunFolder(tmp_path, SETTINGS) as folder:
        known = folder.answer("answered")
        assert known is not None
        assert known.drafts == ANSWER.drafts
        assert folder.answer("failed") is None
        assert folder.was_halved("long")
        assert folder.answer("done") is None
        assert folder.answer("changed") is not None


def test_an_unreadable_input_is_told_once_and_taken_back(tmp_path: Path) -> None:
    """Run after run it is one line; another reason replaces it; when it can be read the line goes."""
    for reason in ("is empty", "is empty", "is damaged"):
        with RunFolder(tmp_path, SETTINGS) as folder:
            folder.keep_unreadable("a", "a.pdf", reason)
        assert [line["error"] for line in read_lines(tmp_path / ERRORS)] == [reason]
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.readable("a")
    assert ids(tmp_path / ERRORS) == []


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    """What differs is named with both values, and nothing else; the folder stays as it is."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep(SCHEMA, extraction(doc("a")))
    other = {"model": "fake", "profile": {"passage": 600, "output": 700}, "weights": "abc"}
    with pytest.raises(UsageError) as told:
        RunFolder(tmp_path, other)
    assert "(profile.passage was 450, now 600; weights was None, now abc)" in str(told.value)
    assert json.loads((tmp_path / MANIFEST).read_text())["settings"] == SETTINGS


def test_a_folder_where_nothing_was_found_yet_takes_other_settings(tmp_path: Path) -> None:
    """A model's name that was mistyped costs no folder."""
    with RunFolder(tmp_path, {"model": "typo"}):
        pass
    with RunFolder(tmp_path, SETTINGS):
        pass
    assert json.loads((tmp_path / MANIFEST).read_text())["settings"] == SETTINGS


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"settings": 3}'])
def test_a_damaged_manifest_is_refused(text: str, tmp_path: Path) -> None:
    """Nobody can tell whether the settings are the same."""
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(UsageError, match="is damaged"):
        RunFolder(tmp_path, SETTINGS)


def test_extractions_without_a_manifest_are_refused(tmp_path: Path) -> None:
    """They are somebody else's."""
    (tmp_path / EXTRACTIONS).write_text("")
    with pytest.raises(UsageError, match=MANIFEST):
        RunFolder(tmp_path, SETTINGS)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Neither is what lies under one."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(UsageError, match="is no folder"):
            RunFolder(path, SETTINGS)


def test_a_second_process_is_refused_and_one_that_died_holds_nothing(tmp_path: Path) -> None:
    """The lock is the kernel's: kill -9 gives it back."""
    hold = (
        "import sys, time; from pathlib import Path; from extract.run_folder import RunFolder\n"
        f"folder = RunFolder(Path({str(tmp_path)!r}), {SETTINGS!r}); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match="in use by another run"):
            RunFolder(tmp_path, SETTINGS)
        other.kill()
    with RunFolder(tmp_path, SETTINGS):
        pass


def test_a_line_that_finds_no_room_leaves_the_file_whole(tmp_path: Path) -> None:
    """What was written of it is taken back, so that another document's line can follow."""
    path = tmp_path / "x.jsonl"
    append(path, [{"a": 1}])
    whole = path.read_bytes()
    with file_size_limit(1000), pytest.raises(NothingToDoError, match="cannot be written"):
        append(path, [{"b": "x" * 2000}])
    assert path.read_bytes() == whole
    append(path, [{"c": 1}])
    assert list(read_lines(path)) == [{"a": 1}, {"c": 1}]


def test_a_file_that_cannot_be_rewritten_stays(tmp_path: Path) -> None:
    """And no half of the new one is left behind."""
    path = tmp_path / "x.jsonl"
    append(path, [{"a": "x" * 500}, {"b": "x" * 300}])
    whole = path.read_bytes()
    with file_size_limit(1000):
        for change in (
            lambda: rewrite(path, lambda line: "b" not in line, [{"c": "x" * 2000}]),
            lambda: write_whole(path, "x" * 2000),
        ):
            with pytest.raises(NothingToDoError, match="cannot be written"):
                change()
    assert path.read_bytes() == whole
    assert [p.name for p in tmp_path.iterdir()] == ["x.jsonl"]


def test_signs_of_every_script_and_half_signs_come_back(tmp_path: Path) -> None:
    """Half of a surrogate pair cannot be written as it is."""
    path = tmp_path / "x.jsonl"
    line = {"a": "Дніпро حلب \u2028 🚚", "b": "\ud83d"}
    append(path, [line])
    assert list(read_lines(path)) == [line]
    assert "Дніпро" in path.read_text("utf-8")


def test_totals_are_those_of_all_runs(tmp_path: Path) -> None:
    """A resumed run counts what the runs before it did; re-asks and failed requests are counted."""
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep_call(doc("a"), PASSAGE, "k", ANSWER)
        folder.keep_call(doc("a"), PASSAGE, "l", Answer((), Usage(4, 0, 1)), error="misfit")
        folder.keep(SCHEMA, extraction(doc("a"), lost=1, gaps=1))
        folder.write_manifest({"settings": SETTINGS, "totals": folder.totals(2.0)})
    with RunFolder(tmp_path, SETTINGS) as folder:
        folder.keep_unreadable("u", "u.pdf", "is damaged")
        totals = folder.totals(1.5)
    kinds = {kind.name: 0 for kind in SCHEMA.kinds}
    assert totals == {
        "documents": 1,
        "incomplete": 1,
        "failed_passages": 1,
        "warnings": 0,
        "lost": 1,
        "left_out": 0,
        "from_cache": 0,
        "requests": 3,
        "reasks": 1,
        "retries": 0,
        "cost": None,
        "tokens_in": 13,
        "tokens_cached": 5,
        "tokens_out": 3,
        "records": kinds,
        "unreadable": 1,
        "seconds": 3.5,
    }
