"""Parquet by pyarrow: rows by number, read forward in batches."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import Lock
from typing import Any, BinaryIO

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types

from extract.errors import ReadError

_KEYS_AT_ONCE = 10_000
_ROWS_AT_ONCE = 64
_KEPT = 4  # batches: threads ask for neighbouring rows in any order
_BUFFER = 1 << 20  # else all of a row group is read at once


class Table:
    """An open Parquet file; `wanted`: the columns that are read where it has them."""

    def __init__(self, file: BinaryIO, wanted: Sequence[str]) -> None:
        self._bytes = file
        self._file = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
        self.names: list[str] = self._file.schema_arrow.names
        self._wanted = [name for name in wanted if name in self.names]
        groups = range(self._file.num_row_groups)
        sizes = (self._file.metadata.row_group(group).num_rows for group in groups)
        self._starts = list(accumulate(sizes, initial=0))
        self._kept: deque[tuple[int, Any]] = deque(maxlen=_KEPT)
        self._batches: Iterator[Any] = iter(())
        self._next = self._starts[-1] + 1  # the row that the next batch starts with; none yet
        self._damage: dict[int, int] = {}  # by row group, the row from which it cannot be read
        self._lock = Lock()

    def keys(self, column: str) -> Iterator[tuple[int, int, Any]]:
        """Of each row its number from 1, its place from 0, and what it has in that column."""
        at = 0
        if column not in self.names:
            return
        for batch in self._file.iter_batches(_KEYS_AT_ONCE, columns=[column]):
            for value in batch.column(0):
                yield at + 1, at, _plain(value)
                at += 1

    def row(self, at: int) -> dict[str, Any]:
        """The row at that place. Raises `ReadError`, and what pyarrow raises on damage."""
        with self._lock:
            start, batch = self._batch_with(at)
        return {name: batch.column(name)[at - start].as_py() for name in self._wanted}

    def close(self) -> None:
        self._file.close()
        self._bytes.close()

    def __del__(self) -> None:
        self._bytes.close()

    def _batch_with(self, at: int) -> tuple[int, Any]:
        for start, batch in self._kept:
            if start <= at < start + batch.num_rows:
                return start, batch
        group = self._group_of(at)
        if at >= self._damage.get(group, at + 1):
            raise ReadError("is in a damaged part of the file; save it anew")
        if at < self._next or group != self._group_of(self._next):
            groups = range(group, self._file.num_row_groups)
            self._next = self._starts[group]
            self._batches = self._file.iter_batches(_ROWS_AT_ONCE, groups, columns=self._wanted)
        try:
            for batch in self._batches:
                start, self._next = self._next, self._next + batch.num_rows
                self._kept.append((start, batch))
                if at < self._next:
                    return start, batch
        except Exception:
            self._damage[self._group_of(self._next)] = self._next
            self._next = self._starts[-1] + 1
            raise
        raise ReadError("is not there any more")

    def _group_of(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1


def _plain(value: Any) -> Any:
    try:
        return value.as_py()
    except ValueError:  # text that is no UTF-8
        return None
