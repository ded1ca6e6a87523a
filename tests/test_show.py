"""A run in the terminal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extract.errors import UsageError
from extract.show import print_run
from extract.worded import alike, worded

Line = dict[str, Any]


def make_run(folder: Path, documents: int) -> Path:
    """A run of small documents; the first one has something lost, a warning and a gap."""
    (folder / "texts").mkdir(parents=True)
    lines = []
    for at in range(documents):
        text = "In May 27 bakeries were reopened in Homs, and 3 more in Hama. " * 3
        (folder / "texts" / f"doc{at}.txt").write_text(text)
        first: Line = {"name": "bakeries", "count": 27, "out_of": None, "place": "Homs"}
        second: Line = {"name": "bakeries", "count": 3, "out_of": None, "place": None}
        spans = [{"start": 0, "end": 61, "page": 2}]
        records = [{"evidence": spans, **first}, {"evidence": spans, **second}]
        line: Line = {"document": {"id": f"doc{at}", "title": f"Title {at}", "published": "2019"}}
        lines.append(line | {"bakeries_seen": records, "nothing": []})
    lines[0]["warnings"] = [{"kind": "bakeries_seen", "record": 1, "says": "looks odd"}]
    lines[0]["incomplete"] = [{"passage": 4, "start": 62, "end": 90, "reason": "cut off"}]
    lost = {"document": "doc0", "kind": "bakeries_seen", "values": {"count": 9}, "passage": 1}
    (folder / "extractions.jsonl").write_text("".join(json.dumps(x) + "\n" for x in lines))
    (folder / "lost.jsonl").write_text(
        json.dumps(lost | {"field": "count", "reason": "no 9 there"}) + "\n"
    )
    (folder / "errors.jsonl").write_text(
        json.dumps({"document": "x", "source": "x.pdf", "error": "x.pdf holds no text"})
        + "\n"
        + json.dumps({"document": "doc0", "passage": 4, "error": "cut off"})
        + "\n"
    )
    return folder


def printed(run: Path, document: str | None = None, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_run(run, document, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
def test_few_documents_are_shown_whole(tmp_path: Path, width: int) -> None:
    """Records, what was lost and why, warnings and passages that failed, at any width."""
    said = " ".join(printed(make_run(tmp_path / "run", 2), width=width).split())
    for words in (
        "doc0 · Title 0 · 2019",
        "doc1 · Title 1",
        "bakeries seen (2)",
        "27",
        "Homs",
        "lost bakeries_seen.count (count 9): no 9 there",
        "warning: bakeries_seen #2: looks odd",
        "passage 4 (62-90) failed: cut off",
        "cannot be read: x.pdf holds no text",
    ):
        assert words in said
    assert "p. 2: In May 27" in said


def test_columns_with_no_value_are_left_out(tmp_path: Path) -> None:
    """A field that no record of the table fills takes no room, nor does a kind without records."""
    said = printed(make_run(tmp_path / "run", 1), width=160)
    assert "place" in said
    assert "out_of" not in said
    assert "nothing" not in said


def test_many_documents_are_a_summary(tmp_path: Path) -> None:
    """A row each, with counts and sums; naming one shows all of it."""
    run = make_run(tmp_path / "run", 7)
    said = printed(run)
    assert "Homs" not in said
    assert all(f"doc{at}" in said for at in range(7))
    assert "7 documents" in said
    assert "14" in said
    one = printed(run, "doc3")
    assert "Homs" in one
    assert "doc2" not in one


def test_a_document_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Escape sequences, markup and direction marks of a text are printed as plain words."""
    run = make_run(tmp_path / "run", 1)
    text = (run / "extractions.jsonl").read_text()
    evil = json.dumps("\x1b]0;owned\x07[red]Homs[/red]\u202e")[1:-1]
    (run / "extractions.jsonl").write_text(text.replace("Homs", evil))
    said = printed(run)
    assert "[red]Homs[/red]" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_an_unknown_document_names_those_there_are(tmp_path: Path) -> None:
    """One line, with the ids to choose from."""
    with pytest.raises(UsageError, match=r"no document 'doc9': it has doc0, doc1$"):
        printed(make_run(tmp_path / "run", 2), "doc9")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (None, "does not exist"),
        ([], "is no run folder: it has no extractions.jsonl; it holds nothing"),
        (["a.txt", "b.txt"], "it holds a.txt, b.txt"),
        (["manifest.json"], "has no finished document yet"),
    ],
)
def test_what_is_no_run_folder(tmp_path: Path, files: list[str] | None, said: str) -> None:
    """One line that names what is there."""
    run = tmp_path / "run"
    if files is not None:
        run.mkdir()
        for name in files:
            (run / name).write_text("{}")
    with pytest.raises(UsageError, match=said) as fault:
        printed(run)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (2019, "2019"),
        (151480, "151,480"),
        (0.8, "0.8"),
        (3323.3, "3323.3"),
        (True, "yes"),
        (["a", 2], "a; 2"),
        ("as_is", "as_is"),
        ({"deep": 1}, '{"deep": 1}'),
    ],
)
def test_values_as_a_person_reads_them(value: Any, said: str) -> None:
    """Digits are grouped from five on, lists are joined, and words stay as they are."""
    assert worded(value) == said


def test_what_was_lost_again_and_again_is_said_once() -> None:
    """Losses that differ in their passage alone are one, with how many they are."""
    lost = [{"kind": "a", "values": {"n": n}, "passage": p} for n, p in ((1, 1), (2, 1), (1, 2))]
    assert [(line["values"]["n"], times) for line, times in alike(lost)] == [(1, 2), (2, 1)]
