"""Tables whose rows are documents: where each row stands is known from one pass, its text is read in its turn."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from pathlib import Path
from typing import Any, Protocol, overload
from uuid import UUID

from extract import remote
from extract.errors import CommuniqueError, ReadError, UsageError
from extract.formats import TABLES
from extract.inputs import Columns, Input, Place, Row, id_of, shown, suffix_of

KNOWN = ("title", "published", "publisher")
"""Columns that are used where a table has them."""

_NAMED = 30  # columns that an error lists


class _Table(Protocol):
    names: Sequence[str]

    def keys(self, column: str) -> Iterator[tuple[int, int, Any]]: ...
    def row(self, at: int) -> dict[str, Any]: ...
    def close(self) -> None: ...


class _Lazy(Sequence[Input]):
    """Inputs that are made when they are asked for."""

    def _one(self, index: int) -> Input:
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> Input: ...
    @overload
    def __getitem__(self, index: slice) -> list[Input]: ...
    def __getitem__(self, index: int | slice) -> Input | list[Input]:
        if isinstance(index, slice):
            return [self._one(one) for one in range(*index.indices(len(self)))]
        return self._one(range(len(self))[index])


class Rows(_Lazy):
    """The rows of a table, in order; some 25 bytes a row beside its id."""

    def __init__(self, name: str, place: Place, columns: Columns) -> None:
        """Passes over the table once. Raises `UsageError` where it is none, or lacks a column."""
        self._name, self._place, self._columns = name, place, columns
        self._numbers, self._at, self._ends = array("Q"), array("Q"), array("Q", [0])
        self._keys = bytearray()  # end to end, since a million strings take four times as much
        try:
            table = _opened(place, columns)
        except CommuniqueError as error:
            raise UsageError(f"{shown(place)} {error}") from error
        except Exception as error:
            raise UsageError(
                f"{shown(place)} is no table that can be read ({_why(error)})"
            ) from error
        try:
            self._pass_over(table)
        except Exception as error:
            raise UsageError(f"{shown(place)} cannot be read to its end ({_why(error)})") from error
        finally:
            table.close()
        _check_columns(place, columns, table.names)

    def _pass_over(self, table: _Table) -> None:
        for number, at, value in table.keys(self._columns.id):
            self._numbers.append(number)
            self._at.append(at)
            self._keys += (key_of(value) or "").encode("utf-8", "surrogatepass")
            self._ends.append(len(self._keys))

    def __len__(self) -> int:
        return len(self._at)

    def _one(self, index: int) -> Input:
        key = self._keys[self._ends[index] : self._ends[index + 1]].decode("utf-8", "surrogatepass")
        row = Row(self._numbers[index], self._at[index], key or None, self._columns)
        return Input(id_of(key) if key else f"{self._name}-{row.number}", self._place, row)


class Joined(_Lazy):
    """Inputs one after the other."""

    def __init__(self, parts: Sequence[Sequence[Input]]) -> None:
        self._parts = parts
        self._starts = list(accumulate(map(len, parts), initial=0))

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[Input]:
        return chain.from_iterable(self._parts)

    def _one(self, index: int) -> Input:
        part = bisect_right(self._starts, index) - 1
        return self._parts[part][index - self._starts[part]]


def refuse_twins(inputs: Sequence[Input]) -> None:
    """Raises `UsageError` where two have the same id, which a table's user would take for one document."""
    hashes = array("q", (hash(one.id) for one in inputs))
    twice = {one for one, other in pairwise(sorted(hashes)) if one == other}
    met: dict[str, Input] = {}
    for one in inputs if twice else ():
        if hash(one.id) in twice and (first := met.setdefault(one.id, one)) != one:
            raise UsageError(
                f"{first} and {one} have the same id {one.id!r}: leave one out, or name a column "
                "without repeats with --id-column"
            )


def values_of(place: Place, row: Row) -> dict[str, Any]:
    """The row's values by column. Raises `ReadError`."""
    try:
        stamp = place.stat().st_mtime_ns if isinstance(place, Path) else 0
        values = _kept(place, row.columns, stamp).row(row.at)
    except ReadError:
        raise
    except Exception as error:  # whatever the libraries make of broken bytes and connections
        if isinstance(place, str):
            _kept.cache_clear()  # the connection may be broken
        raise ReadError(f"cannot be read ({_why(error)})") from error
    found = values.get(row.columns.id)
    if key_of(found) != row.key:
        raise ReadError("is not what it was when the run began; start it again")
    if row.key is None:
        raise ReadError(f"has {_kind(found)} for an id in {row.columns.id!r}; give it one")
    text = values.get(row.columns.text)
    if not isinstance(text, str) or not text:
        raise ReadError(f"has {_kind(text)} for a text in {row.columns.text!r}; leave it out")
    return values


def key_of(value: Any) -> str | None:
    """The id that a value gives."""
    if isinstance(value, int | UUID) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _opened(place: Place, columns: Columns) -> _Table:
    module = TABLES[suffix_of(place)].load()
    file = place.open("rb") if isinstance(place, Path) else remote.opened(place)
    try:
        table: _Table = module.Table(file, tuple(dict.fromkeys((*columns, *KNOWN))))
    except BaseException:
        file.close()
        raise
    return table


_kept = lru_cache(maxsize=8)(lambda place, columns, _stamp: _opened(place, columns))


def _check_columns(place: Place, columns: Columns, names: Sequence[str]) -> None:
    missing = [
        f"{name!r} for the {use}" for use, name in columns._asdict().items() if name not in names
    ]
    if missing:
        there = ", ".join([*names][:_NAMED]) or "none"
        raise UsageError(
            f"{shown(place)} has no column {' and '.join(missing)}; its columns are: {there} "
            "(see --id-column and --text-column)"
        )


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return "an empty string" if value == "" else f"a value of type {type(value).__name__}"


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
