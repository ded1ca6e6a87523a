"""From the arguments of the command to documents: the files they name, the text of each."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from extract.errors import NothingToDoError, ReadError, UsageError
from extract.formats import Content
from extract.front import front_matter
from extract.types import Document

STDIN = "-"
SIZE_LIMIT = 50_000_000


class Format(NamedTuple):
    """The module that reads it, and the optional extra that the module needs."""

    module: str
    extra: str | None = None


_TEXT = Format("extract.formats.text")
_HTML = Format("extract.formats.html", "html")
_PDF = Format("extract.formats.pdf", "pdf")
_DOCX = Format("extract.formats.docx", "docx")

FORMATS = {
    ".txt": _TEXT,
    ".md": _TEXT,
    ".html": _HTML,
    ".htm": _HTML,
    ".pdf": _PDF,
    ".docx": _DOCX,
}
"""By suffix, in lower case."""

_KNOWN = " ".join(FORMATS)
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be read; `path` is None for standard input."""

    id: str
    path: Path | None

    @property
    def renamed(self) -> bool:
        """Whether another input has the same name, so that the id is more than the name."""
        return self.id != _name_of(self.path)

    def __str__(self) -> str:
        return str(self.path) if self.path else "standard input"


def find_inputs(arguments: Sequence[str]) -> list[Input]:
    """What files, folders, patterns and `-` name, each once, in order, with an id of its own.

    Raises `UsageError` where one names nothing, `NothingToDoError` where a folder has no documents.
    """
    if not arguments:
        raise UsageError("no input: name files, folders, patterns such as 'reports/*.pdf', or -")
    found: dict[str, Path | None] = {}
    for argument in arguments:
        if argument == STDIN:
            found[STDIN] = None
        else:
            for path in _named_by(argument):
                found.setdefault(os.path.realpath(path), path)
    return _with_ids(list(found.values()))


def read(source: Input) -> Document:
    """The document that an input holds. Raises `ReadError`, and nothing else."""
    try:
        content = _parse(_bytes_of(source), source)
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
        source=str(source.path) if source.path else STDIN,
    )


def _named_by(argument: str) -> list[Path]:
    path = Path(argument)
    if argument and os.path.isdir(path):
        return _documents_under(path)
    if argument and os.path.exists(path):
        return [path]
    matches = sorted(glob.glob(argument, recursive=True)) if glob.has_magic(argument) else []
    if not matches:
        raise UsageError(f"{argument!r} names no file or folder; check the path and its spelling")
    found = [path for match in matches for path in _of_match(Path(match))]
    if not found:
        raise NothingToDoError(f"nothing that {argument!r} matches is a document ({_KNOWN})")
    return found


def _of_match(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return _walk(path)
    return [path] if path.suffix.lower() in FORMATS else []


def _documents_under(folder: Path) -> list[Path]:
    found = list(_walk(folder))
    if not found:
        raise NothingToDoError(f"the folder {str(folder)!r} has no documents ({_KNOWN}) in it")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in FORMATS:
                yield Path(parent, name)


def _refuse(error: OSError) -> None:
    raise UsageError(f"the folder {error.filename!r} cannot be opened: {error.strerror}") from error


def _name_of(path: Path | None) -> str:
    return "stdin" if path is None else _safe(path.stem) or "document"


def _safe(name: str) -> str:
    kept = "".join(sign if sign.isprintable() and sign not in "/\\" else "-" for sign in name)
    return kept.strip().lstrip(".")


def _with_ids(paths: Sequence[Path | None]) -> list[Input]:
    names = [_name_of(path) for path in paths]
    shared = {name for name, times in Counter(names).items() if times > 1}
    taken = {name for name in names if name not in shared}
    inputs = []
    for name, path in zip(names, paths, strict=True):
        if name in shared:
            name = _untaken(_with_folder(name, path), taken)
            taken.add(name)
        inputs.append(Input(name, path))
    return inputs


def _with_folder(name: str, path: Path | None) -> str:
    folder = _safe(path.resolve().parent.name) if path else ""
    return f"{folder}-{name}" if folder else name


def _untaken(name: str, taken: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _bytes_of(source: Input) -> bytes:
    try:
        if source.path is None:
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
    suffix = source.path.suffix.lower() if source.path else ""
    form = FORMATS.get(suffix) or _form_of(data)
    try:
        module = import_module(form.module)
    except ImportError as error:
        raise ReadError(f"needs more to be read: pip install 'communique[{form.extra}]'") from error
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
        (b"%pdf-", _PDF),
        (b"pk\3\4", _DOCX),
        (b"<!doctype html", _HTML),
        (b"<html", _HTML),
    ):
        if start.startswith(sign):
            return form
    return _TEXT


def _one_line(value: str | None) -> str | None:
    return " ".join(_UNWRITABLE.sub("", value or "").split()) or None
