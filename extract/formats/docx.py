"""Word: paragraphs and tables in the order of the document, without what is formatted as hidden."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn

from extract.errors import ReadError
from extract.formats import Content, even_lines

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MOST_UNPACKED = 500_000_000
_PARAGRAPH, _TABLE, _ROW, _CELL = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc"))
_TEXT_BOX = qn("w:txbxContent")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOVED_AWAY = (qn("w:del"), qn("w:moveFrom"))
_STYLE, _BASED_ON, _VANISH = (qn(f"w:{name}") for name in ("style", "basedOn", "vanish"))
_ID, _VALUE = qn("w:styleId"), qn("w:val")
_RUN = qn("w:r")
_OFF = frozenset({"0", "false", "off", "none"})
_SIGNS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}


def read(data: bytes) -> Content:
    """A paragraph or a row of a table to a line, cells joined by ` | `. Raises `ReadError`."""
    if data.startswith(_OLE):
        raise ReadError("is an old .doc or locked with a password; save it as .docx without one")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ReadError("is not a Word document; open it and save it as .docx anew") from error
    if unpacked > _MOST_UNPACKED:
        raise ReadError(f"unpacks to {unpacked // 1_000_000} MB, more than 500 MB; split it")
    document = docx.Document(io.BytesIO(data))
    body = document.element.body
    for run in _hidden_runs(body, _hiding_styles(document)):
        run.getparent().remove(run)
    return Content(even_lines("\n".join(_lines(body))))


def _hiding_styles(document: Any) -> frozenset[str]:
    """The ids of styles whose words are hidden, by themselves or by the style that they are based on."""
    styles = {
        style.get(_ID, ""): (_vanishes(style), style.find(_BASED_ON))
        for style in document.styles.element.iter(_STYLE)
    }
    hiding = {name for name, (vanishes, _) in styles.items() if vanishes}
    for _ in styles:
        based = {
            name
            for name, (vanishes, base) in styles.items()
            if vanishes is None and base is not None and base.get(_VALUE) in hiding
        }
        if based <= hiding:
            break
        hiding |= based
    return frozenset(hiding)


def _hidden_runs(body: Any, hiding: frozenset[str]) -> list[Any]:
    return [run for run in body.iter(_RUN) if _is_hidden(run, hiding)]


def _is_hidden(run: Any, hiding: frozenset[str]) -> bool:
    """By its own word, else by its style or by that of its paragraph."""
    own = _vanishes(run)
    if own is not None or not hiding:
        return bool(own)
    paragraph = next(run.iterancestors(_PARAGRAPH), None)
    styles = [run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")]
    if paragraph is not None:
        styles.append(paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}"))
    return any(style is not None and style.get(_VALUE) in hiding for style in styles)


def _vanishes(element: Any) -> bool | None:
    """What the run, or the style, says of itself; None where it says nothing."""
    mark = element.find(f"{qn('w:rPr')}/{_VANISH}")
    return None if mark is None else mark.get(_VALUE, "1").lower() not in _OFF


def _lines(parent: Any) -> Iterator[str]:
    # By element, since python-docx's own walk passes over content controls and tracked insertions.
    for element in parent:
        if element.tag == _PARAGRAPH:
            yield "".join(_words(element))
            for box in element.iter(_TEXT_BOX):
                if not any(True for _ in box.iterancestors(_FALLBACK)):
                    yield from _lines(box)
        elif element.tag == _TABLE:
            yield from _rows(element)
        elif element.tag not in _MOVED_AWAY:
            yield from _lines(element)


def _rows(table: Any) -> Iterator[str]:
    for row in _own(table, _ROW):
        yield " | ".join(" ".join(" ".join(_lines(cell)).split()) for cell in _own(row, _CELL))


def _own(parent: Any, tag: str) -> Iterator[Any]:
    # Not those of a table within a cell, which the cell gives.
    return (one for one in parent.iter(tag) if next(one.iterancestors(parent.tag)) is parent)


def _words(paragraph: Any) -> Iterator[str]:
    for element in paragraph:
        if element.tag == qn("w:t"):
            yield element.text or ""
        elif element.tag in _SIGNS:
            yield _SIGNS[element.tag]
        elif element.tag not in (*_MOVED_AWAY, _FALLBACK, _TEXT_BOX, qn("w:pPr")):
            yield from _words(element)
