"""Files that a killed run, a full disk or a second writer leave whole: JSON lines, and texts replaced at once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonlines

from extract.errors import NothingToDoError, UsageError

Line = dict[str, Any]


def read_lines(path: Path) -> Iterator[Line]:
    """The objects of a JSONL file, none where there is no file. Raises UsageError at a line that is none."""
    if not path.exists():
        return
    try:
        with jsonlines.open(path) as reader:
            yield from reader.iter(type=dict, skip_empty=True)
    except (jsonlines.Error, UnicodeDecodeError, RecursionError) as fault:
        where = f" line {fault.lineno}" if isinstance(fault, jsonlines.InvalidLineError) else ""
        raise UsageError(
            f"{path}{where} is not JSON lines: remove the line, or the folder"
        ) from None


def append(path: Path, lines: Iterable[Line], *, sync: bool = True) -> None:
    """All of the lines or none of them; `sync`: on disk on return, so that even a power cut leaves them."""
    if not (data := b"".join(map(_encoded, lines))):
        return
    with writing(path), path.open("ab", buffering=0) as file:
        whole = file.tell()
        try:
            while data:
                data = data[file.write(data) :]
            if sync:
                os.fsync(file.fileno())
        except OSError:
            file.truncate(whole)  # another document's line may follow
            raise


def rewrite(path: Path, keep: Callable[[Line], bool], lines: Iterable[Line] = ()) -> None:
    """The lines to keep and the new ones; the old file stays if they cannot be written."""
    kept = (line for line in read_lines(path) if keep(line))
    _replace(path, (_encoded(line) for part in (kept, lines) for line in part))


def write_whole(path: Path, text: str) -> None:
    """The file as a whole, or as it was."""
    _replace(path, [text.encode("utf-8")])


def mend(path: Path) -> None:
    """Cuts a torn last line off: what it stood for was not done."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        keep, block = size, 1 << 16
        while keep > 0:
            start = max(0, keep - block)
            file.seek(start)
            at = file.read(keep - start).rfind(b"\n")
            if at >= 0:
                keep = start + at + 1
                break
            keep = start
        if keep < size:
            file.truncate(keep)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the disk refuses into one line for the user."""
    try:
        yield
    except OSError as fault:
        raise NothingToDoError(
            f"{path} cannot be written: {fault.strerror or fault}; what is finished is kept, "
            "mend that and give the same command again"
        ) from None


def _replace(path: Path, parts: Iterable[bytes]) -> None:
    made = path.with_name(f"{path.name}.new")
    with writing(path):
        try:
            with made.open("wb") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            os.replace(made, path)
        except OSError:
            made.unlink(missing_ok=True)
            raise


def _encoded(line: Line) -> bytes:
    # half of a surrogate pair cannot be UTF-8; its backslash form is the JSON escape for it
    return (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
