"""Fuzzing that goes on by itself, guided by coverage: `pip install atheris`, then

`python tests/fuzz/guided.py numbers -max_total_time=600`, with a name below. A text that crashes is written to a file.
Whatever libFuzzer takes as an option can follow, and so can a folder of texts to start from.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["extract"]):
    from extract.dates import find_dates
    from extract.errors import ReadError, UsageError
    from extract.front import front_matter
    from extract.jsonl import mend, read_lines
    from extract.numbers import find_numbers, plain_digits
    from extract.read import Input, read
    from extract.split import split
    from extract.types import Document
    from extract.words import fold


def _words(text: str) -> None:
    words, _, rest = text.partition("\n")
    fold(rest).find(words, inflected=True)


def _text(text: str) -> None:
    find_numbers(text)
    plain_digits(text)
    find_dates(text)
    front_matter(text)


def _file(suffix: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"any{suffix}")
        path.write_bytes(data)
        with suppress(ReadError, UsageError):
            if suffix == ".jsonl":
                mend(path)
                list(read_lines(path))
            else:
                read(Input("any", path))


_OF_TEXT: dict[str, Callable[[str], object]] = {
    "numbers": _text,
    "words": _words,
    "split": lambda text: split(Document("any", text), 450),
}
_SUFFIXES = ("txt", "html", "pdf", "docx", "jsonl")


def _one(name: str) -> Callable[[bytes], None]:
    def try_out(data: bytes) -> None:
        if name in _OF_TEXT:
            _OF_TEXT[name](data.decode("utf-8", "surrogateescape"))
        else:
            _file(f".{name}", data)

    return try_out


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in (*_OF_TEXT, *_SUFFIXES):
        sys.exit(f"name what to try: {' '.join((*_OF_TEXT, *_SUFFIXES))}")
    atheris.Setup([sys.argv[0], *sys.argv[2:]], _one(sys.argv[1]))
    atheris.Fuzz()
