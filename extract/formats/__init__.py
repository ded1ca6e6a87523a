"""The formats of documents: a module each with `read(data) -> Content`, or with a `Table` of rows; imported if met."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

from extract.errors import ReadError

SIZE_LIMIT = 50_000_000
"""Of a file, or of a row of a table, in bytes."""


class Format(NamedTuple):
    """The module that reads it, and the optional extra that the module needs."""

    module: str
    extra: str | None = None

    def load(self) -> Any:
        """The module. Raises `ReadError` where its extra is not installed."""
        try:
            return import_module(self.module)
        except ImportError as error:
            said = f"needs more to be read: pip install 'communique[{self.extra}]'"
            raise ReadError(said) from error


TEXT = Format("extract.formats.text")
HTML = Format("extract.formats.html", "html")
PDF = Format("extract.formats.pdf", "pdf")
DOCX = Format("extract.formats.docx", "docx")
_JSONL = Format("extract.formats.jsonl")

FORMATS = {".txt": TEXT, ".md": TEXT, ".html": HTML, ".htm": HTML, ".pdf": PDF, ".docx": DOCX}
"""By suffix, in lower case."""

TABLES = {
    ".jsonl": _JSONL,
    ".ndjson": _JSONL,
    ".parquet": Format("extract.formats.parquet", "tables"),
}
"""Files whose rows are documents, by suffix."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds. `pages`: offset in `text` at which each page starts, if it has pages."""

    text: str
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    pages: tuple[int, ...] = ()


def even_lines(text: str) -> str:
    """The text with every line end a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
