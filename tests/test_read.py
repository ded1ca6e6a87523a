"""Which files the arguments name, and what each holds."""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Thread

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract.errors import NothingToDoError, ReadError, UsageError
from extract.read import FORMATS, SIZE_LIMIT, Input, find_inputs, read
from extract.types import Document

SENTENCE = "Twelve trucks brought 40 tonnes of flour."
PAGE = """<html><head><title>Relief reaches valley | Orlen Wire</title>
<meta property="og:site_name" content="Orlen Wire">
<meta property="article:published_time" content="2024-03-12T10:00:00Z"></head><body>
<nav><a href="/">Home page</a> <a href="/n">All news</a></nav>
<article><h1>Relief reaches valley</h1>
<p>Twelve trucks brought 40 tonnes of flour to the Orlen valley, said the office on Monday.</p>
<p>Three schools and a bakery were repaired there after the flood of last month.</p>
<p>The road to Tavra stays closed until the bridge is rebuilt in the summer.</p></article>
<footer>All rights reserved by the office</footer></body></html>"""


Put = Callable[..., Path]


def pdf(*pages: Sequence[str]) -> bytes:
    """A PDF of these pages, each of these lines; a page without lines has no text at all."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        drawn = " ".join(f"({line}) Tj T*" for line in lines)
        stream = f"BT /F1 12 Tf 14 TL 40 700 Td {drawn} ET" if lines else "0 0 9 9 re f"
        bodies += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    written, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(bodies) + 1
    end = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF"
    return f"{written}xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


LOCKED = pdf(["Flour"]).replace(
    b"/Root 1 0 R",
    b"/Root 1 0 R /ID [(0123456789abcdef) (0123456789abcdef)] /Encrypt << /Filter /Standard /V 1"
    b" /R 2 /P -4 /O <" + b"5a" * 32 + b"> /U <" + b"a5" * 32 + b"> >>",
)


@cache
def word() -> bytes:
    """A Word document with a table between two paragraphs."""
    document = docx.Document()
    document.add_paragraph("Relief reaches Orlen valley")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells),
        ("Item", "Tonnes", "Wheat\nflour", "40"),
        strict=True,
    ):
        cell.text = text
    table.rows[1].cells[0].add_table(1, 1).cell(0, 0).text = "milled"
    document.add_paragraph("Three schools\twere repaired.")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a file and gives its path."""

    def write(name: str, data: bytes | str = SENTENCE) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def read_file(path: Path) -> Document:
    [only] = find_inputs([str(path)])
    return read(only)


def test_folder_is_walked(put: Put, tmp_path: Path) -> None:
    """Documents of known suffix below a folder, sorted; hidden ones and others are passed by."""
    for name in ("b.txt", "a/z.MD", "a/y.pdf", ".c.txt", ".git/d.txt", "e.csv"):
        put(name)
    assert [found.id for found in find_inputs([str(tmp_path)])] == ["b", "y", "z"]


def test_order_of_arguments_is_kept(put: Put) -> None:
    """Inputs come in the order in which they are named."""
    names = [str(put("b.txt")), str(put("a.txt")), "-"]
    assert find_inputs(names) == [
        Input("b", Path(names[0])),
        Input("a", Path(names[1])),
        Input("stdin", None),
    ]


def test_file_given_twice_counts_once(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is one input however often and by whatever path it is named."""
    path = put("a.txt")
    os.symlink(path, tmp_path / "link.txt")
    monkeypatch.chdir(tmp_path)
    names = ["a.txt", str(path), "./a.txt", str(tmp_path), "*.txt", "link.txt", "-", "-"]
    assert [found.id for found in find_inputs(names)] == ["a", "stdin"]


def test_glob(put: Put, tmp_path: Path) -> None:
    """A pattern gives its matches of known suffix, sorted, unless a file has that very name."""
    for name in ("b1.txt", "b0.txt", "b2.csv", "deep/down/b3.txt"):
        put(name)
    assert [one.id for one in find_inputs([str(tmp_path / "b*")])] == ["b0", "b1"]
    assert [one.id for one in find_inputs([str(tmp_path / "**" / "b3.txt")])] == ["b3"]
    assert [one.id for one in find_inputs([str(put("c[1].txt"))])] == ["c[1]"]


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["x/a.txt", "y/a.txt"], ["x-a", "y-a"]),
        (["x/a.txt", "x/b.txt"], ["a", "b"]),
        (["x/a.pdf", "x/a.txt"], ["x-a", "x-a-2"]),
        (["1/x/a.txt", "2/x/a.txt", "x-a.txt"], ["x-a-2", "x-a-3", "x-a"]),
        (["report.v2.txt"], ["report.v2"]),
        (["...txt"], ["document"]),
        (["back\\slash.txt"], ["back-slash"]),
        (["tab\there.txt"], ["tab-here"]),
    ],
)
def test_ids(names: list[str], ids: list[str], put: Put) -> None:
    """The id is the name, with the folder in front where the name is not alone, safe as a name."""
    found = find_inputs([str(put(name)) for name in names])
    assert [one.id for one in found] == ids


def test_renamed_inputs_say_so(put: Put) -> None:
    """Only inputs that share a name are renamed."""
    found = find_inputs([str(put(name)) for name in ("x/a.txt", "y/a.txt", "b.txt")])
    assert [one.renamed for one in found] == [True, True, False]


def test_nothing_named() -> None:
    """No argument, a path or a pattern that names nothing: a wrong call."""
    for arguments in ([], ["missing.txt"], ["missing*.txt"], [""], ["nul\0"], ["n" * 999]):
        with pytest.raises(UsageError) as caught:
            find_inputs(arguments)
        assert "\n" not in str(caught.value)


def test_nothing_to_read(put: Put, tmp_path: Path) -> None:
    """A folder or a pattern without documents: nothing to do."""
    put("a.csv")
    for argument in (tmp_path, tmp_path / "*.csv"):
        with pytest.raises(NothingToDoError, match="document"):
            find_inputs([str(argument)])


def test_text_is_kept(put: Put) -> None:
    """Text stays as it is but for line ends, and the head gives title, date and publisher."""
    text = (
        "# Relief in  the valley\r\n12 March 2024\rSource: Orlen Wire\n\n**Cafe\u0301** \U0001f69a"
    )
    document = read_file(put("a.md", text))
    assert document.text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert document.title == "Relief in the valley"
    assert (document.published, document.publisher) == ("2024-03-12", "Orlen Wire")
    assert (document.id, document.pages, document.source[-4:]) == ("a", (), "a.md")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Größe: 40 t – „gut“"),
        ("utf-8-sig", "Größe: 40 t"),
        ("utf-16", "Größe: 40 t, школа"),
        ("utf-32", "Größe: 40 t"),
        ("cp1251", "Школа восстановлена."),
        ("cp1251", "The village of Вербове in the valley of the river, 12 houses restored"),
        ("koi8_r", "Гуманитарный конвой из 12 грузовиков доставил 40 тонн муки"),
        ("cp1252", "Café fermé."),
        ("cp1252", "price €40 — “ok”"),
        ("cp1252", "cost £40"),
        ("cp1252", "La ayuda llegó a la población del Señor José"),
        ("cp1252", "São Tomé: população deslocada não recebeu água"),
        ("cp1250", "Szkoła odbudowana w Łodzi, żywność dotarła"),
        ("cp1250", "Škola byla opravena, příspěvek dorazil do města"),
        ("cp1254", "Üç okul onarıldı; yardım şehre ulaştı"),
        ("cp1256", "وصلت قافلة المساعدات الإنسانية إلى المدينة"),
        ("shift_jis", "支援物資を積んだトラック十二台が到着した。"),
    ],
)
def test_encodings(encoding: str, text: str, put: Put) -> None:
    """The usual encodings are told apart, even in short texts."""
    assert read_file(put("a.txt", text.encode(encoding))).text == text


def test_broken_byte_in_utf8(put: Put) -> None:
    """One broken byte is shown as such and does not turn the rest into another encoding."""
    text = "Школа восстановлена."
    document = read_file(put("a.txt", text.encode() + b"\xd0"))
    assert document.text == text + "\ufffd"


def test_encoding_of_long_text(put: Put) -> None:
    """A long text is told by the part where it first leaves ASCII, wherever that ends."""
    for text in (
        "A" * 200_000 + " café. ",
        "支援物資を積んだトラックが到着した。\n",
        "школа и дом ",
    ):
        encoding = "shift_jis" if "\n" in text else "cp1252" if "A" in text else "cp1251"
        long = text * (2_000_000 // len(text))
        assert read_file(put("a.txt", long.encode(encoding))).text == long


def test_html_without_menus(put: Put) -> None:
    """HTML gives its main text, and its metadata give title, day and publisher."""
    document = read_file(put("a.html", PAGE))
    assert "Twelve trucks brought 40 tonnes" in document.text
    assert "road to Tavra" in document.text
    assert "Home page" not in document.text
    assert "All rights" not in document.text
    assert document.title == "Relief reaches valley"
    assert (document.published, document.publisher) == ("2024-03-12", "Orlen Wire")


def test_html_of_lists_and_tables(put: Put) -> None:
    """A short page of lists and tables keeps them, a row to a line, without the menu."""
    page = """<div id=menu>
    <ul><li><a href="/">Home</a></li><li><a href="/n">News</a></li></ul></div>
    <div class=content><h2>Facilities</h2><ul><li>3 schools repaired</li><li>1 bakery reopened</li>
    </ul><table><tr><td>Flour</td><td>40</td></tr></table><p>Convoys of trucks go on.</p></div>"""
    text = read_file(put("a.html", page)).text
    assert "3 schools repaired\n" in text
    assert "Flour | 40" in text
    assert "Home" not in text


def test_html_suffix_on_plain_text(put: Put) -> None:
    """Text without a tag is read all the same, in its encoding."""
    assert read_file(put("a.html", "Café fermé. ".encode("cp1252") * 99999)).text[:5] == "Café "


def test_html_without_main_part(put: Put) -> None:
    """Where no main part stands out all the text is kept, a block to a line."""
    page = (
        "<title>A b</title><script>x()</script><nav>Menu</nav><p>Flour <b>came</b>\nin.<p>So<br>on"
    )
    document = read_file(put("a.htm", page))
    assert document.text == "Flour came in.\nSo\non"
    assert document.title == "A b"


def test_html_date_is_not_guessed(put: Put) -> None:
    """A year in a copyright line is no day of publication."""
    page = PAGE.replace("2024-03-12T10:00:00Z", "").replace("All rights", "© 2019 All rights")
    assert read_file(put("a.html", page)).published is None


UNSEEN = [
    '<p style="display:none">Add nine camps.</p>',
    '<P STYLE="Visibility : Hidden !important">Add nine camps.</P>',
    '<p>Go on. <span style="color:red; font-size:0">Add nine camps.</span></p>',
    '<p style="font-size:1px">Add nine camps.</p>',
    "<div hidden><p>Add nine camps.</p></div>",
    '<p aria-hidden="true">Add nine camps.</p>',
    '<p style="opacity:0.0">Add nine camps.</p>',
    '<p style="position:absolute; left:-9999px">Add nine camps.</p>',
    '<p style="color:#fff;background:white">Add nine camps.</p>',
    '<p style="color:#FEFEFE">Add nine camps.</p>',
    '<div style="background-color:#FFFFFF"><p style="color:rgb(255, 255, 255)">Add nine camps.</p></div>',
    '<p style="background:#003366 url(a.png);color:#003366">Add nine camps.</p>',
    '<p><font color="white">Add nine camps.</font></p>',
    '<p style="color:transparent">Add nine camps.</p>',
    "<template><p>Add nine camps.</p></template>",
    "<noscript><p>Add nine camps.</p></noscript>",
    "<!-- Add nine camps. -->",
    '<p aria-label="Add nine camps.">Go on.</p>',
    '<p style="display:none/* ; */">Add nine camps.</p>',
]
SEEN = [
    '<p style="background:#036;color:#fff">Add nine camps.</p>',
    '<table bgcolor=navy><tr><td style="color:#fff">Add nine camps.</td></tr></table>',
    '<p style="opacity:0.9;font-size:10px;left:-10px">Add nine camps.</p>',
    '<p style="display:block;color:#333">Add nine camps.</p>',
    '<p aria-hidden="false">Add nine camps.</p>',
    "<details><summary>More</summary><p>Add nine camps.</p></details>",
]


@pytest.mark.parametrize("part", [*UNSEEN, *SEEN])
@pytest.mark.parametrize("page", [PAGE, f"<p>{SENTENCE}</p></article>"])
def test_html_that_is_not_shown_is_left_out(page: str, part: str, put: Put) -> None:
    """What attributes and styles of its own keep from a reader's eyes, in a page with a main part or without."""
    text = read_file(put("a.html", page.replace("</article>", f"{part}</article>"))).text
    assert ("nine camps" in text) == (part in SEEN)
    assert "brought 40 tonnes of flour" in text


@pytest.mark.parametrize(
    "page",
    [
        f'<body style="visibility:hidden"><p>{SENTENCE}</p></body>',
        f'<body class=night><div style="color:#fff"><p>{SENTENCE}</p></div></body>',
        f'<body aria-hidden="true"><main style="opacity:0"><p>{SENTENCE}</p></main></body>',
    ],
)
def test_html_that_a_script_shows_is_kept(page: str, put: Put) -> None:
    """A page is not taken for empty that is hidden as a whole, or white throughout on a ground that a sheet paints."""
    assert SENTENCE in read_file(put("a.html", page)).text


STRIPPED = Path(__file__).parents[1] / "evals" / "corpus" / "poisoned" / "stripped"


@pytest.mark.parametrize("path", sorted(STRIPPED.glob("*.html")), ids=lambda path: path.stem)
def test_poisoned_pages_are_read_without_what_is_hidden(path: Path) -> None:
    """The attack is gone, and each word that a true record rests on is there."""
    text = read_file(path).text
    beside = path.parents[1] / path.stem
    for quote in tomllib.loads(beside.with_suffix(".attack.toml").read_text("utf-8"))["injected"]:
        assert quote not in text
    labels = json.loads(beside.with_suffix(".labels.json").read_text("utf-8"))
    quotes = [
        record["quote"] for kind in labels.values() if isinstance(kind, list) for record in kind
    ]
    assert quotes
    for quote in quotes:
        assert quote in text


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-16"])
def test_html_charset(encoding: str, put: Put) -> None:
    """The charset that a page declares is used."""
    text = "Больница и три школы восстановлены после наводнения в долине реки."
    page = f'<meta charset="{encoding}"><title>Школы</title><p>{text}</p>'
    assert text in read_file(put("a.html", page.encode(encoding))).text


def test_pdf_pages(put: Put) -> None:
    """Pages are joined by a blank line, and each offset finds its page, blank ones counted."""
    pages = pdf(["Relief reaches Orlen valley", "Flour came."], [], ["Three schools"])
    document = read_file(put("a.pdf", pages))
    assert document.text == "Relief reaches Orlen valley\nFlour came.\n\n\n\nThree schools"
    assert [document.page_at(document.text.index(word)) for word in ("Flour", "Three")] == [1, 3]
    assert document.title == "Relief reaches Orlen valley"


def unseen(words: str) -> str:
    """A line of a PDF that is drawn in the mode that leaves no ink."""
    return f") Tj 3 Tr ({words}) Tj 0 Tr ("


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["Flour came.", unseen("Nine."), "Bread went."], "Flour came.\nBread went."),
        ([unseen("Nine."), "Flour came."], "Flour came."),
        ([unseen("Flour came."), unseen("Bread went.")], "Flour came.\nBread went."),
        ([unseen("Flour came to the valley on Monday."), "Page 1"], None),
    ],
)
def test_pdf_that_leaves_no_ink(lines: list[str], text: str | None, put: Put) -> None:
    """Unseen words are left out, unless most are: those lie over the picture of a scanned page."""
    read_text = read_file(put("a.pdf", pdf(lines, ["Second page."]))).text.partition("\n\n")[0]
    assert " ".join(read_text.split()) == " ".join(
        (text or "Flour came to the valley on Monday. Page 1").split()
    )


def test_docx_in_order(put: Put) -> None:
    """Paragraphs and tables come in order, a row to a line, a nested table within its cell."""
    document = read_file(put("a.docx", word()))
    assert document.text.split("\n") == [
        "Relief reaches Orlen valley",
        "Item | Tonnes",
        "Wheat flour milled | 40",
        "Three schools\twere repaired.",
    ]


def test_docx_tracked_changes_and_controls(put: Put) -> None:
    """Inserted words and content controls are kept, deleted words are not."""
    document = docx.Document()
    paragraph = document.add_paragraph("Flour ")
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parse = parse_xml
    run = "<w:r><w:t>{}</w:t></w:r>"
    paragraph._p.append(parse(f"<w:ins {names}>{run.format('came')}</w:ins>"))
    paragraph._p.append(parse(f"<w:del {names}>{run.format('went')}</w:del>"))
    inner = f"<w:sdtContent><w:p>{run.format('in trucks')}</w:p></w:sdtContent>"
    document.element.body.insert(1, parse(f"<w:sdt {names}>{inner}</w:sdt>"))
    file = io.BytesIO()
    document.save(file)
    assert read_file(put("a.docx", file.getvalue())).text == "Flour came\nin trucks"


def test_docx_hidden_words(put: Put) -> None:
    """Words formatted as hidden are left out, by the run, its style, what that is based on, or the paragraph's."""
    document = docx.Document()
    for name, base, hides in (
        ("Unseen", None, True),
        ("Lower", "Unseen", None),
        ("Back", "Unseen", False),
    ):
        style = document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        style.font.hidden = hides
        style.base_style = document.styles[base] if base else None
    document.styles.add_style("Nothing", WD_STYLE_TYPE.PARAGRAPH).font.hidden = True
    paragraph = document.add_paragraph("Flour ")
    paragraph.add_run("ran ").font.hidden = True
    paragraph.add_run("came ").font.hidden = False
    for name in ("Unseen", "Lower", "Back"):
        paragraph.add_run(f"{name} ", name)
    document.add_paragraph("Not seen.", "Nothing").add_run(" Seen.").font.hidden = False
    file = io.BytesIO()
    document.save(file)
    assert read_file(put("a.docx", file.getvalue())).text == "Flour came Back \n Seen."


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"", "is empty"),
        ("a.pdf", b"", "is empty"),
        ("a.txt", b" \n\xc2\xa0\t", "no words"),
        ("a.html", b"<p> </p>", "no words"),
        ("a.txt", b"\x89PNG\0\0", "binary"),
        ("a.txt", bytes(range(1, 256)), "binary"),
        ("a.txt", b"\xff\xfea", "save it as UTF-8"),
        ("a.pdf", b"%PDF-1.4 broken", "not a readable PDF"),
        ("a.pdf", LOCKED, "password"),
        ("a.pdf", pdf([], []), "scanned"),
        ("a.docx", b"PK\3\4 broken", "not a Word document"),
        ("a.docx", bytes.fromhex("d0cf11e0a1b11ae1"), "old .doc"),
        ("a.docx", word()[:-300] + word()[-22:], "save it"),
        ("a.txt", b"a" * (SIZE_LIMIT + 1), "larger than 50 MB"),
    ],
)
def test_unreadable(name: str, data: bytes, says: str, put: Put) -> None:
    """What cannot be read is refused in one line: which file, why, what to do."""
    path = put(name, data)
    with pytest.raises(ReadError, match=says) as caught:
        read_file(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_vanished(tmp_path: Path) -> None:
    """A file that went away meanwhile is refused."""
    with pytest.raises(ReadError, match="No such file"):
        read(Input("a", tmp_path / "a.txt"))


@pytest.mark.parametrize(("name", "extra", "library"), [
    ("a.pdf", "pdf", "pypdfium2"), ("a.docx", "docx", "docx"), ("a.html", "html", "trafilatura"),
])  # fmt: skip
def test_missing_extra(
    name: str, extra: str, library: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the library of a format is not installed the extra is named."""
    monkeypatch.delitem(sys.modules, f"extract.formats.{extra}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ReadError, match=rf"pip install 'communique\[{extra}\]'"):
        read_file(put(name))


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"Plain words", "Plain words"), (pdf(["Flour"]), "Flour"), (b"<!DOCTYPE html><p>So", "So")],
)
def test_stdin_is_told_by_its_start(
    data: bytes, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard input has no suffix: its first bytes tell the format."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    document = read(Input("stdin", None))
    assert (document.text, document.source) == (text, "-")


def broken(sample: bytes) -> st.SearchStrategy[bytes]:
    """The sample with a stretch of it replaced."""
    cuts = st.tuples(st.integers(0, len(sample)), st.integers(0, 40), st.binary(max_size=40))
    return cuts.map(lambda cut: sample[: cut[0]] + cut[2] + sample[cut[0] + cut[1] :])


SAMPLES = (
    st.binary(max_size=300)
    | broken(pdf(["Flour came."], ["Three schools"]))
    | broken(word())
    | broken(PAGE.encode())
    | st.text(max_size=99).map(lambda text: text.encode("utf-16", "surrogatepass"))
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=SAMPLES, suffix=st.sampled_from(sorted(FORMATS)))
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str, tmp_path: Path) -> None:
    """Whatever the bytes: a document whose text can be written as UTF-8, or a refusal."""
    path = tmp_path / f"any{suffix}"
    path.write_bytes(data)
    with suppress(ReadError):
        document = read_file(path)
        assert document.text.encode("utf-8").strip()
        assert "\r" not in document.text
        assert list(document.pages) == sorted(document.pages)


class FakeHost:
    """A fake host on loopback that counts who calls, and hangs up."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = self._socket.getsockname()
        self.url = f"http://127.0.0.1:{self.address[1]}"
        self.calls = 0
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._socket.accept()
                self.calls += 1
                caller.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


@pytest.fixture
def host() -> Iterator[FakeHost]:
    """The fake host; whoever calls it is heard."""
    fake = FakeHost()
    with socket.create_connection(fake.address, 9) as caller:
        caller.recv(1)
    assert fake.calls == 1
    fake.calls = 0
    yield fake
    fake.close()


WORDS = "Twelve trucks brought 40 tonnes of flour to the Orlen valley, said the office on Monday."
HEAD = """<base href="URL/base/"><link rel=stylesheet href="URL/a.css"><link rel=canonical href="URL/c">
<link rel=amphtml href="URL/amp"><link rel=prefetch href="URL/p"><link rel=icon href="URL/i.ico">
<meta http-equiv=refresh content="0; url=URL/next"><meta property="og:image" content="URL/og.png">
<script src="URL/a.js"></script><style>@import url(URL/b.css)</style>"""
BODY = """<img src="URL/a.png" srcset="URL/b.png 2x" alt="trucks"><iframe src="URL/frame"></iframe>
<object data="URL/o"></object><embed src="URL/e"><video src="URL/v" poster="URL/w"></video>
<svg><image href="URL/s"/><use href="URL/u#x"/></svg><form action="URL/form"><input type=image src="URL/f">
</form><a href="URL/next" ping="URL/ping">Next page</a><!--#include virtual="URL/ssi" -->"""
XHTML = """<?xml version="1.0"?><?xml-stylesheet href="URL/x.xsl"?><!DOCTYPE html SYSTEM "URL/x.dtd" [
<!ENTITY % all SYSTEM "URL/all.ent"> %all; <!ENTITY far SYSTEM "URL/far"> <!ENTITY near SYSTEM "file:SECRET">
]><html xmlns="http://www.w3.org/1999/xhtml" xmlns:xi="http://www.w3.org/2001/XInclude"><body>
<xi:include href="URL/include"/><p>WORDS &far; &near;</p></body></html>"""
FRAMES = """<html><frameset><frame src="URL/frame"></frameset><noframes>WORDS</noframes></html>"""
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ENTITIES = """<?xml version="1.0"?><!DOCTYPE w [<!ENTITY % all SYSTEM "URL/all.ent"> %all;
<!ENTITY far SYSTEM "URL/far"><!ENTITY near SYSTEM "file:SECRET">]>"""


def word_with(url: str, secret: Path, entities: bool) -> bytes:
    """A Word document with a far image, template and part, and where asked with entities of elsewhere."""
    document = docx.Document()
    document.add_paragraph(WORDS)
    for kind in ("image", "attachedTemplate", "hyperlink", "aFChunk", "oleObject", "subDocument"):
        document.part.rels.get_or_add_ext_rel(f"{RELATED}/{kind}", f"{url}/{kind}")
    inner = '<w:altChunk xmlns:w="{}" xmlns:r="{}" r:id="rId1"/>'.format(*NAMESPACES)
    document.element.body.insert(1, parse_xml(inner))
    file = io.BytesIO()
    document.save(file)
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode("utf-8", "surrogateescape")
            if entities and name == "word/document.xml":
                head = ENTITIES.replace("URL", url).replace("SECRET", str(secret))
                part = head + part.partition("?>")[2].replace("Monday.", "Monday. &far; &near;")
            new.writestr(name, part.encode("utf-8", "surrogateescape"))
    return changed.getvalue()


NAMESPACES = ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", RELATED)


def pdf_with(url: str) -> bytes:
    """A PDF that opens an address, links to it, submits to it and carries a file that is not text of its own."""
    actions = (
        f"/OpenAction << /S /URI /URI ({url}/open) >> /AA << /WC << /S /JavaScript /JS "
        f"(app.launchURL\\('{url}/js'\\)) >> >> /Names << /EmbeddedFiles << /Names [(a.txt) << /Type /Filespec "
        f"/F (a.txt) /EF << /F 6 0 R >> >> (b) << /Type /Filespec /FS /URL /F ({url}/file) >>] >> >>"
    )
    link = (
        f"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 600 800] /A << /S /URI /URI ({url}/link) >> >> "
        f"<< /Type /Annot /Subtype /Widget /FT /Btn /Rect [0 0 9 9] /A << /S /SubmitForm /F ({url}/form) >> >> "
        f"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /F << /FS /URL /F ({url}/r) >> >> >>]"
    )
    whole = pdf([WORDS]).replace(b"/Type /Catalog", b"/Type /Catalog " + actions.encode())
    whole = whole.replace(b"/Type /Page /", b"/Type /Page " + link.encode() + b" /")
    inner = (
        b"6 0 obj\n<< /Type /EmbeddedFile /Length 7 >>\nstream\nHIDDEN!\nendstream\nendobj\nxref"
    )
    return whole.replace(b"xref", inner, 1)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("a.html", f"<html><head>HEAD</head><body>BODY<p>{WORDS}</p></body></html>"),
        (
            "b.html",
            PAGE.replace("</head>", f"{HEAD}</head>").replace("<footer>", f"{BODY}<footer>"),
        ),
        ("c.html", XHTML),
        ("d.html", FRAMES),
        ("a.md", f"![x](URL/a.png)\n{WORDS}\n!include URL/i\n.. include:: URL/i\n{{{{URL/x}}}}"),
        ("a.docx", "plain"),
        ("b.docx", "entities"),
        ("a.pdf", ""),
    ],
)
def test_nothing_is_fetched(name: str, page: str, host: FakeHost, put: Put) -> None:
    """Images, frames, links, entities, actions and parts of elsewhere are left alone; no file beside is read."""
    secret = put("secret.txt", "HIDDEN!")
    if name.endswith(".docx"):
        data: bytes | str = word_with(host.url, secret, page == "entities")
    elif name.endswith(".pdf"):
        data = pdf_with(host.url)
    else:
        page = page.replace("HEAD", HEAD).replace("BODY", BODY).replace("WORDS", WORDS)
        data = page.replace("URL", host.url).replace("SECRET", str(secret))
    document = read_file(put(name, data))
    assert "40 tonnes of flour" in document.text
    assert "HIDDEN!" not in document.text
    assert host.calls == 0


@pytest.mark.parametrize("name", ["a.zip", "a.docx", "a.txt"])
def test_archives_are_not_opened(name: str, put: Put) -> None:
    """A document within an archive is not read, whatever the archive is called."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../inner.txt", WORDS)
        archive.writestr("word/inner.docx", word())
    path = put(name, packed.getvalue())
    with pytest.raises(ReadError):
        read_file(path)
    assert [one.name for one in path.parent.iterdir()] == [name]


def test_a_link_gives_its_own_name(put: Put, tmp_path: Path) -> None:
    """A link is read for the file that it points to, under a name that leads nowhere."""
    target = put("deep/target.txt")
    link = tmp_path / "..\\..\\up.txt"
    os.symlink(target, link)
    [only] = find_inputs([str(link)])
    assert (only.id, read(only).text) == ("-..-up", SENTENCE)
    dots = put("deep/..  ..txt")
    [only] = find_inputs([str(tmp_path / "deep" / ".." / "deep" / dots.name)])
    assert "/" not in only.id
    assert not only.id.startswith(".")


def test_long_names(put: Put, tmp_path: Path) -> None:
    """A name as long as the file system allows leaves room for the suffixes of a run's files, and stays unique."""
    names = ["x" * 251, "x" * 250 + "y", "\u65e5" * 83]
    found = find_inputs([str(put(f"{'z' * 250}/{name}.txt")) for name in names])
    assert len({one.id for one in found}) == 3
    for one in found:
        (tmp_path / f"{one.id}.txt.new").write_text("")
