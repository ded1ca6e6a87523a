"""The document that an input holds."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import Any

from extract import remote
from extract.errors import ReadError
from extract.find import STDIN, find_inputs, renamings
from extract.formats import DOCX, FORMATS, HTML, PDF, SIZE_LIMIT, TEXT, Content, Format, even_lines
from extract.front import front_matter
from extract.inputs import Columns, Input, shown, suffix_of
from extract.tables import values_of
from extract.types import Document

__all__ = ["FORMATS", "SIZE_LIMIT", "Columns", "Input", "find_inputs", "read", "renamings"]

_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


def read(source: Input) -> Document:
    """The document that an input holds. Raises `ReadError`, and nothing else."""
    try:
        content = _of_row(source) if source.row else _parse(_bytes_of(source), source)
    except ReadError as error:
        raise ReadError(f"{source} {error}") from error
    text = _UNWRITABLE.sub("\ufffd", content.text)
    if not any(map(str.isalnum, text)):
        raise ReadError(f"{source} has no words in it, only white space or signs; leave it out")
    front = front_matter(text)
    return Document(
        id=source.id,
        text=text,
        title=_one_line(content.title) or front.title,
        published=content.published or front.published,
        publisher=_one_line(content.publisher) or front.publisher,
        pages=content.pages,
        source=shown(source.path) if source.path else STDIN,
    )


def _of_row(source: Input) -> Content:
    assert source.row
    assert source.path
    values = values_of(source.path, source.row)
    text = values[source.row.columns.text]
    if len(text) > SIZE_LIMIT:
        raise ReadError(f"is larger than {SIZE_LIMIT // 1_000_000} MB; split it")
    title, published, publisher = map(values.get, ("title", "published", "publisher"))
    return Content(
        even_lines(text),
        title=title if isinstance(title, str) else None,
        published=_day(published),
        publisher=publisher if isinstance(publisher, str) else None,
    )


def _day(published: Any) -> str | None:
    """ISO 8601 at the precision given, None where it is not a date."""
    if isinstance(published, date):
        return published.isoformat()[:10]
    return front_matter(published).published if isinstance(published, str) else None


def _bytes_of(source: Input) -> bytes:
    try:
        if isinstance(source.path, str):
            data = remote.head(source.path, SIZE_LIMIT + 1)
        elif source.path is None:
            data = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        else:
            with source.path.open("rb") as file:
                data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ReadError(
            f"cannot be opened: {error.strerror}; check that it is still there"
        ) from error
    if len(data) > SIZE_LIMIT:
        raise ReadError(f"is larger than {SIZE_LIMIT // 1_000_000} MB; split it")
    if not data:
        raise ReadError("is empty; leave it out or save it again")
    return data


def _parse(data: bytes, source: Input) -> Content:
    form = FORMATS.get(suffix_of(source.path) if source.path else "") or _form_of(data)
    module = form.load()
    try:
        content: Content = module.read(data)
    except ReadError:
        raise
    except Exception as error:  # whatever the libraries make of broken bytes
        kind = type(error).__name__
        raise ReadError(f"is damaged or not what its suffix says ({kind}); save it anew") from error
    return content


def _form_of(data: bytes) -> Format:
    start = data[:1024].lstrip().lower()
    for sign, form in (
        (b"%pdf-", PDF),
        (b"pk\3\4", DOCX),
        (b"<!doctype html", HTML),
        (b"<html", HTML),
    ):
        if start.startswith(sign):
            return form
    return TEXT


def _one_line(value: str | None) -> str | None:
    return " ".join(_UNWRITABLE.sub("", value or "").split()) or None
