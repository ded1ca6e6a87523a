"""JSON Lines: an object a line, found again by the offset of its line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any, BinaryIO

from extract.errors import ReadError
from extract.formats import SIZE_LIMIT

_BUFFER = 1 << 20


class Table:
    """An open file of JSON lines; `wanted`: the columns that are read. `names`: those that `keys` has met."""

    def __init__(self, file: BinaryIO, wanted: Sequence[str]) -> None:
        # files of other places read a line byte by byte
        self._file = io.BufferedReader(file, _BUFFER)  # type: ignore[type-var]
        self._wanted = wanted
        self._lock = Lock()
        self.names: dict[str, None] = {}

    def keys(self, column: str) -> Iterator[tuple[int, int, Any]]:
        """Of each line that is not blank its number, its offset, and what it has in that column."""
        number = at = 0
        while line := self._file.readline(SIZE_LIMIT + 1):
            number, here = number + 1, at
            at += len(line) + (self._skip_rest() if len(line) > SIZE_LIMIT else 0)
            if line.isspace():
                continue
            try:
                values = _parsed(line)
            except ReadError:  # is told when its turn comes
                values = {}
            self.names.update(dict.fromkeys(values))
            yield number, here, values.get(column)

    def row(self, at: int) -> dict[str, Any]:
        """The line at that offset. Raises `ReadError`."""
        with self._lock:
            self._file.seek(at)
            line = self._file.readline(SIZE_LIMIT + 1)
        values = _parsed(line)
        return {name: values[name] for name in self._wanted if name in values}

    def close(self) -> None:
        self._file.close()

    __del__ = close

    def _skip_rest(self) -> int:
        """The size of what is left of a line."""
        size = 0
        while part := self._file.readline(_BUFFER):
            size += len(part)
            if part.endswith(b"\n"):
                break
        return size


def _parsed(line: bytes) -> dict[str, Any]:
    if len(line) > SIZE_LIMIT:
        raise ReadError(f"is larger than {SIZE_LIMIT // 1_000_000} MB; split it")
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise ReadError(f"is not JSON ({error.msg} at sign {error.pos + 1}); mend it") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, endless numbers, deep nesting
        raise ReadError(f"is not JSON ({type(error).__name__}); mend it") from error
    if not isinstance(values, dict):
        raise ReadError(f"holds a {type(values).__name__}, not an object; mend it")
    return values
