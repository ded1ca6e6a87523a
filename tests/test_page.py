"""The page of a run: it holds everything, runs nothing that the documents say, and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from extract.errors import CommuniqueError, UsageError
from extract.marks import mark
from extract.page import write_page
from extract.types import Gap, Stretch
from extract.view import Shown

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&amp;"
VOID = {"meta", "input", "br", "img", "link"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
Line = dict[str, Any]


class Seen(HTMLParser):
    """What a browser would make of the page: tags, attributes, text by tag, and whether tags nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.inlined: dict[str, list[str]] = {"style": [], "script": []}
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag in self.inlined:
            self.inlined[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.inlined:
            self.inlined[self.open[-1]][-1] += data
        else:
            self.words.append(data)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _, _ in self.attributes}

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def seen(page: Path) -> Seen:
    parser = Seen()
    parser.feed(page.read_text("utf-8"))
    parser.close()
    assert not parser.open
    return parser


def make_run(folder: Path, lines: Sequence[tuple[Line, str]], lost: Sequence[Line] = ()) -> Path:
    """A run folder of lines and the texts that they point into."""
    (folder / "texts").mkdir(parents=True)
    for line, text in lines:
        line["document"].setdefault("sha256", hashlib.sha256(text.encode()).hexdigest())
        if "/" not in line["document"]["id"]:
            (folder / "texts" / f"{line['document']['id']}.txt").write_bytes(text.encode())
    for name, said in (("extractions.jsonl", [line for line, _ in lines]), ("lost.jsonl", lost)):
        (folder / name).write_text("".join(json.dumps(each) + "\n" for each in said))
    return folder


def record(start: int, end: int, **values: Any) -> Line:
    return {"evidence": [{"start": start, "end": end}], **values}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A run in which every string that somebody else wrote tries to break out."""
    text = f"Über 5 Brücken 🌉: {HOSTILE} end."
    name = HOSTILE.replace("/", "")
    line = {
        "document": {"id": name, "title": HOSTILE, "published": HOSTILE, "publisher": HOSTILE},
        "bridges": [record(0, len(text), name=HOSTILE, notes=[HOSTILE, HOSTILE])],
        f"odd {HOSTILE}": [record(3, 9, **{HOSTILE: HOSTILE})],
        "warnings": [{"kind": "bridges", "record": 0, "says": HOSTILE}],
        "incomplete": [{"passage": 1, "start": 2, "end": 12, "reason": HOSTILE}],
    }
    lost = [
        {"document": name, "kind": HOSTILE, "values": {HOSTILE: HOSTILE}, "reason": HOSTILE}
        | {"passage": 1, "field": HOSTILE}
    ]
    run = make_run(tmp_path / "run", [(line, text)], lost)
    (run / "errors.jsonl").write_text(
        json.dumps({"document": HOSTILE, "source": HOSTILE, "error": HOSTILE}) + "\n"
    )
    (run / "manifest.json").write_text(json.dumps({"settings": {"model": HOSTILE}}))
    return run


def test_nothing_that_a_document_says_becomes_markup(hostile: Path, tmp_path: Path) -> None:
    """Hostile texts, values, field names, kinds, ids and reasons stand in the page as words."""
    write_page(hostile, tmp_path / "page.html", None)
    page = seen(tmp_path / "page.html")
    assert "img" not in page.tags
    assert len(page.inlined["script"]) == 1
    assert "owned" not in page.inlined["script"][0]
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert sum(words.count(HOSTILE) for words in page.words) >= 12


def test_the_text_stands_whole_and_its_ids_are_unique(hostile: Path, tmp_path: Path) -> None:
    """Marks and references cut the text, and leave each of its characters in its place."""
    write_page(hostile, tmp_path / "page.html", None)
    page = seen(tmp_path / "page.html")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = {value[1:] for _, name, value in page.attributes if name == "href"}
    assert targets <= set(ids)


def test_the_page_asks_nobody_for_anything(hostile: Path, tmp_path: Path) -> None:
    """Links stay in the page, and style and script name no address."""
    write_page(hostile, tmp_path / "page.html", None)
    page = seen(tmp_path / "page.html")
    assert not {"link", "iframe", "object", "base", "form"} & page.tags
    assert not page.values("src")
    assert all(value.startswith("#") for value in page.values("href"))
    own = "".join(page.inlined["style"] + page.inlined["script"])
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|eval\(|innerHTML", own)
    assert not page.values("style")


def test_the_policy_admits_the_inlined_style_and_script_alone(
    hostile: Path, tmp_path: Path
) -> None:
    """Their hashes are what the policy lists, and nothing is let in wholesale."""
    write_page(hostile, tmp_path / "page.html", None)
    page = seen(tmp_path / "page.html")
    policy = next(value for value in page.values("content") if "default-src" in value)
    for tag in ("style", "script"):
        (inlined,) = page.inlined[tag]
        digest = base64.b64encode(hashlib.sha256(inlined.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_every_record_of_a_schema_nobody_knows_stands_in_the_page(tmp_path: Path) -> None:
    """Kinds and fields come from the lines; nothing is known of them beforehand."""
    text = "Ana sold 3 boats. Ben bought 12500 nets."
    lines = [
        (
            {
                "document": {"id": f"doc{at}", "title": None},
                "sales": [record(0, 17, seller="Ana", boats=3, cheap=True, when=None)],
                "purchases": [record(18, 40, buyer=f"Ben {at}", nets=12500, tags=["x", "y"])],
                "nothing": [],
            },
            text,
        )
        for at in range(30)
    ]
    write_page(make_run(tmp_path / "run", lines), tmp_path / "page.html", None)
    page = seen(tmp_path / "page.html")
    said = "\n".join(page.words)
    assert all(f"Ben {at}\n" in said for at in range(30))
    assert len([v for v in page.values("class") if v.startswith("card ")]) == 60
    assert {"12,500", "yes", "x; y", "sales", "nothing"} <= {words.strip() for words in page.words}
    assert "when" not in said


def test_one_document_alone(tmp_path: Path) -> None:
    """Where a document is named, the page holds that one."""
    lines = [({"document": {"id": name}, "things": []}, name) for name in ("one", "two")]
    write_page(make_run(tmp_path / "run", lines), tmp_path / "page.html", "two")
    said = seen(tmp_path / "page.html").words
    assert "two" in said
    assert "one" not in said


def shown(number: int, kind: str, *spans: tuple[int, int]) -> Shown:
    evidence = tuple(Stretch(*span) for span in spans)
    return Shown(number, kind, {}, evidence, (None,) * len(evidence))


@pytest.mark.parametrize(
    ("spans", "pieces"),
    [
        ([[(0, 4)]], [("abcd", "1")]),
        ([[(0, 4)], [(0, 4)]], [("abcd", "1 2")]),
        ([[(0, 6)], [(2, 4)]], [("ab", "1"), ("cd", "1 2"), ("ef", "1")]),
        ([[(0, 4)], [(2, 6)]], [("ab", "1"), ("cd", "1 2"), ("ef", "2")]),
        ([[(0, 2), (4, 6)], [(1, 5)]], [("a", "1"), ("b", "1 2"), ("cd", "2"), ("e", "1 2")]),
        ([[(0, 4), (2, 6)]], [("ab", "1"), ("cd", "1"), ("ef", "1")]),
        ([[(1, 2)], [(5, 99)], [(4, 4)]], [("b", "1")]),
    ],
)
def test_overlapping_evidence(
    spans: list[list[tuple[int, int]]], pieces: list[tuple[str, str]]
) -> None:
    """Each piece of the text knows all the records that it bears out; a stretch outside is left alone."""
    records = [shown(number, "things", *each) for number, each in enumerate(spans, 1)]
    html = mark("abcdefgh", records, (), ["things"], "d0").html
    found = re.findall(r'data-records="([\d ]+)"[^>]*>([^<]*)</mark>', html)
    assert [(words, numbers) for numbers, words in found][: len(pieces)] == pieces
    bare = re.sub(r"<a [^>]*>.*?</a>|<[^>]+>", "", html)
    assert bare == "abcdefgh"


def test_kinds_on_one_stretch_and_ranges_of_references() -> None:
    """Two kinds give two colours; three records of a kind in a row share one reference."""
    kinds = ["a", "b"]
    records = [shown(n, "a", (0, 4)) for n in (1, 2, 3)] + [shown(4, "b", (0, 4))]
    html = mark("abcd", records, (), kinds, "d0").html
    assert 'class="k0 u1"' in html
    assert 'href="#d0r1">1–3</a>' in html
    assert 'href="#d0r4">4</a>' in html


def test_a_failed_passage_is_marked() -> None:
    """What was not looked at can be seen in the text, evidence in it too."""
    html = mark("abcdef", [shown(1, "a", (2, 3))], [Gap(1, 1, 5, "no answer")], ["a"], "d0").html
    assert html.count('<span class="gap"') == 3
    assert html.startswith("a<span")


def test_a_text_that_is_missing_or_changed_is_said(tmp_path: Path) -> None:
    """Records are shown all the same; an id cannot point out of the folder."""
    (tmp_path / "secret.txt").write_text("a secret")
    lines = [
        ({"document": {"id": "../../secret"}, "things": [record(0, 3, name="stays")]}, ""),
        ({"document": {"id": "doc", "sha256": "0" * 64}, "things": [record(0, 3)]}, "abcdef"),
    ]
    write_page(make_run(tmp_path / "run", lines), tmp_path / "page.html", None)
    said = " ".join(seen(tmp_path / "page.html").words)
    assert "a secret" not in said
    assert "stays" in said
    assert "its text is missing" in said
    assert "the marks may be off" in said


def test_pages_of_the_document_and_lone_surrogates(tmp_path: Path) -> None:
    """The page of a PDF stands with its evidence; what UTF-8 cannot hold breaks nothing."""
    evidence = [{"start": 0, "end": 3, "page": 7}]
    line = {"document": {"id": "doc"}, "things": [{"evidence": evidence, "name": "a\ud800b"}]}
    write_page(make_run(tmp_path / "run", [(line, "abcdef")]), tmp_path / "page.html", None)
    assert "p. 7" in seen(tmp_path / "page.html").words


def test_a_page_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """A line that is not by the contract leaves the page of before as it was, and no rest."""
    lines = [({"document": {"id": "doc"}, "things": [record(0, 3)]}, "abcdef")]
    run = make_run(tmp_path / "run", lines)
    write_page(run, tmp_path / "page.html", None)
    before = (tmp_path / "page.html").read_bytes()
    bad = {"document": {"id": "bad"}, "things": [{"evidence": [{"start": "x"}]}]}
    with (run / "extractions.jsonl").open("a") as file:
        file.write(json.dumps(bad) + "\n")
    with pytest.raises(UsageError, match="the line of bad is not by the contract"):
        write_page(run, tmp_path / "page.html", None)
    assert (tmp_path / "page.html").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "run"]


@pytest.mark.parametrize(
    ("where", "said"), [("none/page.html", "there is no folder"), (".", "is a folder")]
)
def test_where_no_page_can_be_written(tmp_path: Path, where: str, said: str) -> None:
    """One line says what to do."""
    run = make_run(tmp_path / "run", [({"document": {"id": "doc"}, "things": []}, "abc")])
    with pytest.raises(CommuniqueError, match=said) as fault:
        write_page(run, tmp_path / where, None)
    assert "\n" not in str(fault.value)


@pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium to run the page in it")
def test_a_browser_runs_the_script_of_the_page_and_no_other(hostile: Path, tmp_path: Path) -> None:
    """The policy admits our script, which chooses the record that the address names; the text's own stays text."""
    write_page(hostile, tmp_path / "page.html", None)
    flags = (
        "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --dump-dom"
    )
    done = subprocess.run(
        [
            str(CHROMIUM),
            *flags.split(),
            f"--user-data-dir={tmp_path / 'profile'}",
            f"file://{tmp_path / 'page.html'}#d0r2",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert '<html lang="en" class="js">' in done.stdout
    assert re.search(r'<section class="card k1 chosen[^"]*" id="d0r2"', done.stdout)
    assert "<title>owned" not in done.stdout
