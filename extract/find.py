"""From the arguments of the command to inputs: the files and the rows of tables that they name, an id for each."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, islice
from pathlib import Path

from extract import remote
from extract.errors import NothingToDoError, UsageError
from extract.formats import FORMATS, TABLES
from extract.inputs import Columns, Input, Place, name_of, shown, suffix_of, with_folder
from extract.tables import Joined, Rows, refuse_twins

STDIN = "-"
_KNOWN = " ".join(FORMATS)
_SAID = 5  # inputs with a new name that are listed


def find_inputs(arguments: Sequence[str], columns: Columns | None = None) -> Sequence[Input]:
    """What files, folders, patterns, tables, addresses and `-` name, each once, in order, with an id of its own.

    Raises `UsageError` where one names nothing, `NothingToDoError` where a folder or table has no documents.
    """
    if not arguments:
        raise UsageError("no input: name files, folders, patterns such as 'reports/*.pdf', or -")
    found: dict[str, Place | None] = {}
    for argument in arguments:
        if argument == STDIN:
            found[STDIN] = None
        else:
            for place in _named_by(argument):
                found.setdefault(
                    place if isinstance(place, str) else os.path.realpath(place), place
                )
    return _with_rows(_with_ids(list(found.values())), columns or Columns())


def renamings(inputs: Iterable[Input]) -> list[str]:
    """A line for each reason why inputs have other ids than their names, for the user."""
    said = []
    files = (one for one in inputs if one.renamed and not one.row)
    rows = (one for one in inputs if one.renamed and one.row)
    for why, renamed in (("inputs of one name", files), ("ids that cannot name a file", rows)):
        first = [f"{one.row.key if one.row else one} is {one.id}" for one in islice(renamed, _SAID)]
        rest = sum(1 for _ in renamed)
        if first:
            said.append(f"{why}: {', '.join(first)}" + (f", and {rest:,} more" if rest else ""))
    return said


def _named_by(argument: str) -> Sequence[Place]:
    if remote.is_address(argument) and not os.path.exists(argument):
        return _elsewhere(argument)
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


def _elsewhere(address: str) -> list[str]:
    places, itself = remote.named_by(address)
    by_pattern = glob.has_magic(address)
    known = [
        place
        for place in places
        if itself or suffix_of(place) in FORMATS or (by_pattern and suffix_of(place) in TABLES)
    ]
    if not known:
        raise NothingToDoError(f"nothing at {shown(address)!r} is a document ({_KNOWN})")
    return known


def _of_match(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return _walk(path)
    return [path] if suffix_of(path) in {*FORMATS, *TABLES} else []


def _documents_under(folder: Path) -> list[Path]:
    found = list(_walk(folder))
    if not found:
        raise NothingToDoError(f"the folder {str(folder)!r} has no documents ({_KNOWN}) in it")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    # Tables in a folder are passed by: they may be anything, the results of a run among them.
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and suffix_of(Path(name)) in FORMATS:
                yield Path(parent, name)


def _refuse(error: OSError) -> None:
    raise UsageError(f"the folder {error.filename!r} cannot be opened: {error.strerror}") from error


def _with_ids(places: Sequence[Place | None]) -> list[Input]:
    names = [name_of(place) for place in places]
    shared = {name for name, times in Counter(names).items() if times > 1}
    taken = {name for name in names if name not in shared}
    inputs = []
    for name, place in zip(names, places, strict=True):
        if name in shared:
            name = _untaken(with_folder(name, place), taken)
            taken.add(name)
        inputs.append(Input(name, place))
    return inputs


def _untaken(name: str, taken: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _with_rows(files: Sequence[Input], columns: Columns) -> Sequence[Input]:
    """The same, each table replaced by its rows."""
    if not any(one.path and suffix_of(one.path) in TABLES for one in files):
        return files
    parts: list[Sequence[Input]] = []
    for one in files:
        if one.path and suffix_of(one.path) in TABLES:
            parts.append(Rows(one.id, one.path, columns))
        else:
            parts.append([one])
    inputs = Joined(parts)
    if not inputs:
        raise NothingToDoError("the tables have no rows; name others")
    refuse_twins(inputs)
    return inputs
