"""Documents in the rows of tables, and files at addresses: in turn, under safe ids, each fault told by its row."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Main
from fake_server import FakeModel

from extract.errors import NothingToDoError, ReadError, UsageError
from extract.read import SIZE_LIMIT, Columns, Input, find_inputs, read, renamings
from extract.run_folder import RunFolder, read_lines
from extract.types import Document, Extraction
from schemas.load import load

SENTENCE = "Twelve trucks brought 40 tonnes of flour."
ROWS = [{"id": f"doc-{number}", "text": f"{SENTENCE} {number}"} for number in range(7)]
PLAIN, COLUMNS = Columns(), Columns("doc_id", "body")

Make = Callable[[Path, Sequence[dict[str, Any]]], Path]


def jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A file of JSON lines."""
    path = path.with_suffix(".jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def parquet(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A Parquet file of row groups of three."""
    path = path.with_suffix(".parquet")
    pq.write_table(pa.Table.from_pylist(list(rows)), path, row_group_size=3)
    return path


both = pytest.mark.parametrize("make", [jsonl, parquet])


def lines(path: Path, *raw: str | bytes) -> Path:
    """A file of these lines, whatever they hold."""
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in raw))
    return path


def refusals(inputs: Sequence[Input]) -> list[str]:
    """Why inputs cannot be read; those that can be are passed by."""
    said = []
    for one in inputs:
        try:
            read(one)
        except ReadError as error:
            said.append(str(error))
    return said


@both
def test_rows_are_documents(make: Make, tmp_path: Path) -> None:
    """Each row is a document with its own id and text, in the table's order."""
    path = make(tmp_path / "corpus", ROWS)
    documents = [read(one) for one in find_inputs([str(path)])]
    assert [(one.id, one.text) for one in documents] == [(r["id"], r["text"]) for r in ROWS]
    assert {one.source for one in documents} == {str(path)}


@both
def test_rows_are_read_in_any_order(make: Make, tmp_path: Path) -> None:
    """A row is found by itself, whichever was read before it."""
    rows = [{"id": str(number), "text": f"{SENTENCE} {number}"} for number in range(700)]
    inputs = find_inputs([str(make(tmp_path / "corpus", rows))])
    for at in (699, 0, 350, 349, 2, 3, 698, 130, 1):
        assert read(inputs[at]).text == f"{SENTENCE} {at}"
    assert [one.id for one in inputs[-2:]] == ["698", "699"]


@both
def test_columns_can_be_named(make: Make, tmp_path: Path) -> None:
    """The columns of id and text are those that were asked for; an id may be a whole number."""
    path = make(tmp_path / "corpus", [{"doc_id": 17, "body": SENTENCE, "id": "x", "text": "y"}])
    [only] = find_inputs([str(path)], COLUMNS)
    assert (read(only).id, read(only).text) == ("17", SENTENCE)


@both
@pytest.mark.parametrize("columns", [COLUMNS, Columns("id", "body"), Columns("doc_id", "text")])
def test_missing_column(columns: Columns, make: Make, tmp_path: Path) -> None:
    """A table without the column is refused as a whole, with the columns that it has and the option that helps."""
    path = make(tmp_path / "corpus", ROWS)
    with pytest.raises(UsageError) as caught:
        find_inputs([str(path)], columns)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert [f"{name!r}" in said for name in columns] == [name not in PLAIN for name in columns]
    assert "its columns are: id, text" in said
    assert "--id-column" in said


@both
@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("2024-03-12", "2024-03-12"),
        ("2024-03-12T10:00:00Z", "2024-03-12"),
        ("12 March 2024", "2024-03-12"),
        ("March 2024", "2024-03"),
        ("last week", None),
        (None, None),
    ],
)
def test_what_is_known_of_a_row(
    published: str | None, day: str | None, make: Make, tmp_path: Path
) -> None:
    """Title, date and publisher are taken from columns of these names."""
    row = {"title": " Relief\nreaches valley", "published": published, "publisher": "Orlen Wire"}
    [only] = find_inputs([str(make(tmp_path / "corpus", [ROWS[0] | row]))])
    document = read(only)
    assert (document.title, document.publisher) == ("Relief reaches valley", "Orlen Wire")
    assert document.published == day


@pytest.mark.parametrize(
    "when", [dt.date(2024, 3, 12), dt.datetime(2024, 3, 12, 23, tzinfo=dt.UTC)]
)
def test_dates_of_parquet(when: dt.date, tmp_path: Path) -> None:
    """A date or a time of Parquet's own gives its day."""
    [only] = find_inputs([str(parquet(tmp_path / "corpus", [ROWS[0] | {"published": when}]))])
    assert read(only).published == "2024-03-12"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "b", "text": "Flour', "not JSON"),
        (b'{"id": "b", "text": "\xff\xfe"}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"id": ' + "9" * 5000 + "}", "not JSON"),
        ("[1, 2]", "holds a list"),
        ('"text"', "holds a str"),
        ('{"id": "b"}', "nothing for a text in 'text'"),
        ('{"id": "b", "text": null}', "nothing for a text in 'text'"),
        ('{"id": "b", "text": ""}', "an empty string for a text"),
        ('{"id": "b", "text": " \\n "}', "no words"),
        ('{"id": "b", "text": 12}', "type int for a text"),
        ('{"id": "b", "text": ["Flour came."]}', "type list for a text"),
        ('{"text": "Flour came."}', "nothing for an id in 'id'"),
        ('{"id": null, "text": "Flour came."}', "nothing for an id"),
        ('{"id": "", "text": "Flour came."}', "an empty string for an id"),
        ('{"id": 1.5, "text": "Flour came."}', "type float for an id"),
        ('{"id": true, "text": "Flour came."}', "type bool for an id"),
        ('{"id": "b", "text": "' + "a" * SIZE_LIMIT + '"}', "larger than 50 MB"),
    ],
    ids=range(18),
)
def test_a_bad_line_is_told_and_the_others_go_on(
    line: str | bytes, says: str, tmp_path: Path
) -> None:
    """A damaged line, no text, no id, a wrong type: refused by file, line and fault, alone."""
    good = json.dumps(ROWS[0])
    path = lines(tmp_path / "corpus.jsonl", good, "", line, json.dumps(ROWS[1]))
    inputs = find_inputs([str(path)])
    assert len(inputs) == 3
    [said] = refusals(inputs)
    assert said.startswith(f"{path} line 3 ")
    assert says in said
    assert "\n" not in said
    assert read(inputs[2]).text == ROWS[1]["text"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"id": ["a", None, "c"], "text": [SENTENCE] * 3}, "row 2 has nothing for an id"),
        ({"id": ["a", "b", "c"], "text": [SENTENCE, None, SENTENCE]}, "row 2 has nothing for a t"),
        ({"id": ["a", "b", "c"], "text": [SENTENCE, "", SENTENCE]}, "row 2 has an empty string"),
        (
            {"id": [1, 2], "text": pa.array([[SENTENCE], None])},
            "row 1 has a value of type list for a text",
        ),
    ],
)
def test_a_bad_row_of_parquet(columns: dict[str, Any], said: str, tmp_path: Path) -> None:
    """A null, an empty text or a wrong type in Parquet is told by its row."""
    path = tmp_path / "corpus.parquet"
    pq.write_table(pa.table(columns), path)
    assert refusals(find_inputs([str(path)]))[0].startswith(f"{path} {said}")


def test_a_damaged_page_of_parquet(tmp_path: Path) -> None:
    """Damage among the texts is told by its rows; rows of other groups are read."""
    path = parquet(tmp_path / "corpus", [row | {"text": row["text"] + "!" * 99} for row in ROWS])
    data = bytearray(path.read_bytes())
    place = pq.ParquetFile(path).metadata.row_group(0).column(1)
    begin = place.dictionary_page_offset or place.data_page_offset
    data[begin : begin + place.total_compressed_size] = b"\xff" * place.total_compressed_size
    path.write_bytes(data)
    inputs = find_inputs([str(path)])
    said = refusals(inputs)
    assert [re.match(r".* row \d+", one)[0] for one in said] == [
        f"{path} row {number}" for number in (1, 2, 3)
    ]
    assert "damaged" in said[2]
    assert [read(one).id for one in inputs[3:]] == ["doc-3", "doc-4", "doc-5", "doc-6"]


@pytest.mark.parametrize(("name", "data"), [
    ("a.parquet", b"PAR1 broken"), ("a.parquet", b""), ("a.jsonl", b"\x89PNG\0\0"), ("a.jsonl", b"text\n"),
])  # fmt: skip
def test_no_table_at_all(name: str, data: bytes, tmp_path: Path) -> None:
    """A file that is no table is refused in one line before anything is read."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        find_inputs([str(path)])
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_no_rows(tmp_path: Path) -> None:
    """A table without rows is nothing to do."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": pa.array([], pa.string()), "text": []}), path)
    with pytest.raises(NothingToDoError, match="no rows"):
        find_inputs([str(path)])


HOSTILE = [
    "../../escaped", "/etc/passwd", "..", ".", "...", "a/b", "a-b", "a\\b", "a\0b", "a\nb", " a", "a ",
    "x" * 300, "x" * 301, "\u65e5" * 300, "e\u0301", "\u00e9", "\ud800", "\u202etxt.exe", "a\u200bb",
    "a\u200cb", "-rf", "con", "C:\\x", "\u2024\u2024\u2215etc", "\U0001f69a" * 99, "~", "$(id)",
]  # fmt: skip


def test_hostile_ids_name_files_in_the_run_folder(tmp_path: Path) -> None:
    """Whatever an id is, its text is one file in RUN/texts, and no two ids share it."""
    path = jsonl(tmp_path / "corpus", [{"id": one, "text": SENTENCE} for one in HOSTILE])
    inputs = find_inputs([str(path)])
    assert len({one.id for one in inputs}) == len(HOSTILE)
    run = tmp_path / "in" / "run"
    outside = set(tmp_path.iterdir()) | {tmp_path / "in"}
    with RunFolder(run, {}) as folder:
        for one in inputs:
            folder.keep(load("crisis"), Extraction(read(one), ()))
    assert {one.stem for one in (run / "texts").iterdir()} == {one.id for one in inputs}
    assert set(tmp_path.iterdir()) == outside
    assert [one.name for one in (tmp_path / "in").iterdir()] == ["run"]


@pytest.mark.parametrize(
    ("key", "id_"),
    [
        ("doc-1", r"doc-1"),
        ("Ünïcode no 1.2", r"Ünïcode no 1\.2"),
        ("OCHA/2024/17", r"OCHA-2024-17-[0-9a-f]{12}"),
        ("../x", r"-x-[0-9a-f]{12}"),
        ("..", r"document-[0-9a-f]{12}"),
        ("x" * 300, r"x{180}-[0-9a-f]{12}"),
    ],
)
def test_ids_of_rows(key: str, id_: str, tmp_path: Path) -> None:
    """An id stays as it is where it can name a file, else it carries a mark of its own, whatever is beside it."""
    alone, _ = find_inputs([str(jsonl(tmp_path / "a", [{"id": key, "text": ""}, ROWS[0]]))])
    _, beside = find_inputs([str(jsonl(tmp_path / "b", [ROWS[0], {"id": key, "text": ""}]))])
    assert re.fullmatch(id_, alone.id)
    assert beside.id == alone.id


def test_renamed_rows_are_said(tmp_path: Path) -> None:
    """Ids that were made safe are said, a few of them by name."""
    rows = [ROWS[0], *({"id": f"a/{number}", "text": SENTENCE} for number in range(7))]
    [said] = renamings(find_inputs([str(jsonl(tmp_path / "corpus", rows))]))
    assert said.startswith("ids that cannot name a file: a/0 is a-0-")
    assert said.endswith(", and 2 more")


@both
def test_an_id_given_twice(make: Make, tmp_path: Path) -> None:
    """Two rows of one id are refused before anything is read, both named."""
    path = make(tmp_path / "corpus", [*ROWS, {"id": "doc-2", "text": "other"}])
    unit = "row" if make is parquet else "line"
    with pytest.raises(UsageError, match=rf"{unit} 3 and \S+ {unit} 8 have the same id 'doc-2'"):
        find_inputs([str(path)])


def test_an_id_given_twice_in_two_inputs(tmp_path: Path) -> None:
    """Ids are held apart between tables, and between a table and a file."""
    first, second = jsonl(tmp_path / "a", ROWS[:3]), parquet(tmp_path / "b", ROWS[2:])
    with pytest.raises(UsageError, match=r"a\.jsonl line 3 and .*b\.parquet row 1 have"):
        find_inputs([str(first), str(second)])
    (tmp_path / "doc-0.txt").write_text(SENTENCE)
    with pytest.raises(UsageError, match=r"doc-0\.txt and .*a\.jsonl line 1 have"):
        find_inputs([str(tmp_path / "doc-0.txt"), str(first)])


def test_tables_and_files_together(tmp_path: Path) -> None:
    """Tables and files keep the order in which they are named; a table given twice counts once."""
    (tmp_path / "a.txt").write_text(SENTENCE)
    (tmp_path / "z.txt").write_text(SENTENCE)
    table = str(jsonl(tmp_path / "m", ROWS[:2]))
    inputs = find_inputs([str(tmp_path / "z.txt"), table, str(tmp_path / "a.txt"), table])
    assert [one.id for one in inputs] == ["z", "doc-0", "doc-1", "a"]
    assert [inputs[at].id for at in (0, 1, 3, -2)] == ["z", "doc-0", "a", "doc-1"]


def test_tables_in_folders(tmp_path: Path) -> None:
    """A pattern takes the tables that it matches; a folder gives its documents alone."""
    (tmp_path / "a.txt").write_text(SENTENCE)
    jsonl(tmp_path / "m", ROWS[:2])
    assert [one.id for one in find_inputs([str(tmp_path)])] == ["a"]
    assert [one.id for one in find_inputs([str(tmp_path / "*")])] == ["a", "doc-0", "doc-1"]


@both
def test_a_table_that_changed(make: Make, tmp_path: Path) -> None:
    """Rows that moved since the run began are refused, not taken for others."""
    path = make(tmp_path / "corpus", ROWS)
    inputs = find_inputs([str(path)])
    make(tmp_path / "corpus", [row | {"id": row["id"] + "x"} for row in ROWS])
    os.utime(path, ns=(1, 1))
    assert len(refusals(inputs)) == len(ROWS)
    path.unlink()
    assert "No such file" in refusals(inputs)[0]


def test_lines_are_not_held_in_memory(tmp_path: Path) -> None:
    """Finding and reading the rows of a table takes a small part of its size."""
    rows = ({"id": str(number), "text": SENTENCE * 100} for number in range(5_000))
    path = jsonl(tmp_path / "corpus", list(rows))
    tracemalloc.start()
    try:
        inputs = find_inputs([str(path)])
        for one in inputs:
            read(one)
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 4
    finally:
        tracemalloc.stop()


def test_row_groups_are_not_held_in_memory(tmp_path: Path) -> None:
    """A row of Parquet takes a small part of its group."""
    rows = [{"id": str(number), "text": f"{number} " + SENTENCE * 100} for number in range(10_000)]
    path = tmp_path / "corpus.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, use_dictionary=False)
    size = sum(len(row["text"]) for row in rows)
    del rows
    inputs = find_inputs([str(path)])
    before = pa.total_allocated_bytes()
    for at in (0, 5_000):
        read(inputs[at])
        assert pa.total_allocated_bytes() - before < size / 4


@pytest.mark.parametrize(
    ("name", "library", "says"),
    [
        ("a.parquet", "pyarrow.parquet", r"communique\[tables\]"),
        ("memory://a.txt", "fsspec.core", r"communique\[remote\]"),
    ],
)  # fmt: skip
def test_missing_extra(
    name: str, library: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a library is not installed the extra is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.parquet").write_bytes(b"")
    monkeypatch.delitem(sys.modules, "extract.formats.parquet", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=says) as caught:
        find_inputs([name])
    assert str(caught.value).startswith(name)


def test_the_command_takes_tables(
    main: Main, model: FakeModel, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """A run over a table has a line a good row, the bad one among the errors, and goes on where it stopped."""
    good = map(json.dumps, ROWS[:3])
    lines(tmp_path / "corpus.jsonl", *good, '{"id": "bad", "text": null}')
    for _ in range(2):
        assert main("extract", "corpus.jsonl", "-o", "run", *fake).code == 1
    done = [line["document"]["id"] for line in read_lines(tmp_path / "run" / "extractions.jsonl")]
    assert sorted(done) == ["doc-0", "doc-1", "doc-2"]
    [error] = read_lines(tmp_path / "run" / "errors.jsonl")
    assert error["document"] == "bad"
    assert "corpus.jsonl line 4" in error["error"]
    assert (tmp_path / "run" / "texts" / "doc-1.txt").read_text() == ROWS[1]["text"]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[str]:
    """The address of a folder in fsspec's memory, with a copy of what is put beside it."""
    address = f"memory://{uuid4().hex}"
    yield address
    fsspec.filesystem("memory").rm(address, recursive=True)


def upload(address: str, data: bytes | str) -> str:
    with fsspec.open(address, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return address


def test_files_at_addresses(memory: str) -> None:
    """A file, a folder and a pattern at an address give documents, as they do here."""
    for name in ("b.txt", "deep/a.MD", "deep/c.csv", "t.jsonl"):
        upload(f"{memory}/{name}", SENTENCE)
    assert [one.id for one in find_inputs([memory])] == ["b", "a"]
    assert [one.id for one in find_inputs([f"{memory}/*.txt"])] == ["b"]
    [only] = find_inputs([f"{memory}/deep/a.MD", f"{memory}/deep"])
    assert read(only) == Document("a", SENTENCE, source=memory.replace("//", "///") + "/deep/a.MD")


@both
def test_tables_at_addresses(make: Make, memory: str, tmp_path: Path) -> None:
    """A table at an address is read as one here, also by pattern."""
    path = make(tmp_path / "corpus", ROWS)
    upload(f"{memory}/x/{path.name}", path.read_bytes())
    for named in (path.name, f"*{path.suffix}"):
        inputs = find_inputs([f"{memory}/x/{named}"])
        assert [read(inputs[at]).text for at in (6, 0, 3)] == [ROWS[at]["text"] for at in (6, 0, 3)]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("memory://nothing-here/a.txt", "names no file"),
        ("memory://nothing-here/*.txt", "names no file"),
        ("nowhere://a/b.txt", "no known kind"),
        ("zip://a.txt::memory://a.zip", "chain"),
    ],
)
def test_addresses_that_name_nothing(address: str, says: str) -> None:
    """An address that names nothing, or in no known way, is a wrong call."""
    with pytest.raises(UsageError, match=says) as caught:
        find_inputs([address])
    assert "\n" not in str(caught.value)


class FakeSite(ThreadingHTTPServer):
    """A fake web site over a folder. `asked`: the paths of the requests so far; `parts`: whether it gives parts."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.parts = True
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(SimpleHTTPRequestHandler):
    server: FakeSite

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if not (wanted and self.server.parts and path.is_file()):
            return super().do_GET()
        data = path.read_bytes()
        first, last = int(wanted[1]), min(int(wanted[2]), len(data) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(data[first : last + 1])
        return None

    def end_headers(self) -> None:
        self.send_header("Accept-Ranges", "bytes" if self.server.parts else "none")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FakeSite]:
    """The fake site, listening."""
    folder = tmp_path / "site"
    folder.mkdir()
    with FakeSite(folder) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("parts", [True, False])
def test_files_of_a_site(parts: bool, site: FakeSite, tmp_path: Path) -> None:
    """A document is fetched from a site, whether or not it gives parts of files; what is missing is told."""
    site.parts = parts
    (tmp_path / "site" / "a b.txt").write_text(SENTENCE * 5_000)
    found, missing = find_inputs([f"{site.url}/a%20b.txt?x=1", f"{site.url}/c.txt"])
    assert (found.id, read(found).text) == ("a b", SENTENCE * 5_000)
    with pytest.raises(ReadError, match=r"/c\.txt cannot be fetched \(there is no such file\)"):
        read(missing)


@both
def test_tables_of_a_site(make: Make, site: FakeSite, tmp_path: Path) -> None:
    """A table is read from a site that gives parts of files, and refused from one that does not."""
    path = make(tmp_path / "site" / "corpus", ROWS)
    inputs = find_inputs([f"{site.url}/{path.name}"])
    assert [read(inputs[at]).id for at in (5, 0)] == ["doc-5", "doc-0"]
    site.parts = False
    with pytest.raises(UsageError, match="no parts of a file"):
        find_inputs([f"{site.url}/{path.name}?fresh"])


def test_secrets_in_addresses_are_not_shown(site: FakeSite) -> None:
    """Neither a password nor a signature in an address is told or kept."""
    address = site.url.replace("://", "://user:canary@") + "/a.txt?signature=canary"
    [only] = find_inputs([address])
    with pytest.raises(ReadError) as caught:
        read(only)
    assert "canary" not in f"{caught.value} {only} {only.id}"
    assert "/a.txt" in str(only)
    with pytest.raises(UsageError, match=r"ftp://127\.0\.0\.1:1/a\.txt cannot") as refused:
        find_inputs(["ftp://user:canary@127.0.0.1:1/a.txt"])
    assert "canary" not in str(refused.value)
