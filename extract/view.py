"""A run folder as a reader sees it: each document with its text, its records in reading order, and what was lost."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extract.errors import UsageError
from extract.output import Line
from extract.run_folder import ERRORS, EXTRACTIONS, LOST, MANIFEST, TEXTS, read_lines
from extract.types import Gap, Stretch
from schemas.describe import OWN

NAMED = 8  # how many names an error lists


@dataclass(frozen=True, slots=True)
class Shown:
    """One record. `number`: from 1, in reading order; `values`: those that have something to say."""

    number: int
    kind: str
    values: Mapping[str, Any]
    evidence: tuple[Stretch, ...]
    pages: tuple[int | None, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One document in the list of documents. `records`: how many by kind."""

    id: str
    title: str | None
    records: Mapping[str, int]
    lost: int
    warnings: int
    gaps: int

    @property
    def total(self) -> int:
        return sum(self.records.values())


@dataclass(frozen=True, slots=True)
class View:
    """One document. `trouble`: why its text or its marks cannot be relied on; `doubts`: those of no record."""

    heading: Mapping[str, Any]
    text: str
    trouble: str | None
    records: tuple[Shown, ...]
    lost: tuple[Line, ...]
    gaps: tuple[Gap, ...]
    doubts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return str(self.heading["id"])


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, or one document of it. `failures`: inputs that could not be read."""

    path: Path
    kinds: tuple[str, ...]
    entries: tuple[Entry, ...]
    failures: tuple[Line, ...]
    settings: Mapping[str, Any]
    _lost: Mapping[str, list[Line]] = field(repr=False)

    def views(self) -> Iterator[View]:
        """The documents one by one, in the order of the run."""
        wanted = {entry.id for entry in self.entries}
        for line in _extractions(self.path):
            document_id = str(line["document"]["id"])
            if document_id in wanted:
                with _by_contract(self.path, document_id):
                    view = _view(self.path, line, self._lost.get(document_id, []))
                yield view


def open_run(run: Path, document: str | None = None) -> RunView:
    """Reads all but the texts. Raises UsageError where it is no run folder or has no such document."""
    if not any((run / name).exists() for name in (EXTRACTIONS, ERRORS)):
        raise UsageError(_no_run(run))
    lost: dict[str, list[Line]] = defaultdict(list)
    for line in read_lines(run / LOST):
        lost[str(line.get("document"))].append(line)
    kinds: dict[str, None] = {}
    entries = []
    for line in _extractions(run):
        found = kinds_of(line)
        kinds |= dict.fromkeys(found)
        with _by_contract(run, str(line["document"]["id"])):
            entries.append(_entry(line, found, lost))
    chosen = [entry for entry in entries if document in (None, entry.id)]
    if document is not None and not chosen:
        raise UsageError(
            f"{run} has no document {document!r}: it has {_names([e.id for e in entries])}"
        )
    failures = [line for line in read_lines(run / ERRORS) if "passage" not in line]
    return RunView(
        path=run,
        kinds=tuple(kinds),
        entries=tuple(chosen),
        failures=tuple(failures if document is None else ()),
        settings=_settings(run),
        _lost=lost,
    )


def kinds_of(line: Line) -> tuple[str, ...]:
    """The keys that hold records, whatever the schema."""
    return tuple(
        key
        for key, value in line.items()
        if key not in OWN
        and isinstance(value, list)
        and all(isinstance(item, dict) and "evidence" in item for item in value)
    )


def _extractions(run: Path) -> Iterator[Line]:
    for line in read_lines(run / EXTRACTIONS):
        if not isinstance(line.get("document"), dict) or "id" not in line["document"]:
            raise UsageError(f"{run / EXTRACTIONS} has a line without a document: remove the line")
        yield line


@contextmanager
def _by_contract(run: Path, document_id: str) -> Iterator[None]:
    """Turns a line that somebody has changed by hand into one line for the user."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise UsageError(
            f"{run / EXTRACTIONS}: the line of {document_id} is not by the contract "
            f"({type(fault).__name__}: {fault}): mend it, or remove it and extract again"
        ) from None


def _entry(line: Line, kinds: tuple[str, ...], lost: Mapping[str, list[Line]]) -> Entry:
    heading = line["document"]
    return Entry(
        id=str(heading["id"]),
        title=str(heading["title"]) if heading.get("title") else None,
        records={kind: len(line[kind]) for kind in kinds},
        lost=len(lost.get(str(heading["id"]), [])),
        warnings=len(line.get("warnings", [])),
        gaps=len(line.get("incomplete", [])),
    )


def _view(run: Path, line: Line, lost: list[Line]) -> View:
    text, trouble = _text(run, line["document"])
    doubts: dict[tuple[str, int], list[str]] = defaultdict(list)
    for doubt in line.get("warnings", []):
        doubts[doubt["kind"], doubt["record"]].append(doubt["says"])
    order = {kind: at for at, kind in enumerate(kinds_of(line))}
    found = [(kind, at, values) for kind in order for at, values in enumerate(line[kind])]
    found.sort(key=lambda item: (_place(item[2]), order[item[0]], item[1]))
    records = tuple(
        _shown(number, kind, values, tuple(doubts.pop((kind, at), ())))
        for number, (kind, at, values) in enumerate(found, 1)
    )
    return View(
        heading=line["document"],
        text=text,
        trouble=trouble,
        records=records,
        lost=tuple(lost),
        gaps=tuple(Gap(**gap) for gap in line.get("incomplete", [])),
        doubts=tuple(f"{kind}: {says}" for (kind, _), all_ in doubts.items() for says in all_),
    )


def _place(record: Line) -> tuple[int, int]:
    spans = record["evidence"]
    return min(((span["start"], span["end"]) for span in spans), default=(0, 0))


def _shown(number: int, kind: str, record: Line, doubts: tuple[str, ...]) -> Shown:
    spans = sorted(record["evidence"], key=lambda span: (span["start"], span["end"]))
    return Shown(
        number=number,
        kind=kind,
        values={k: v for k, v in record.items() if k != "evidence" and v not in (None, [], "")},
        evidence=tuple(Stretch(int(span["start"]), int(span["end"])) for span in spans),
        pages=tuple(int(span["page"]) if span.get("page") else None for span in spans),
        doubts=doubts,
    )


def _text(run: Path, heading: Mapping[str, Any]) -> tuple[str, str | None]:
    """The text of a document, byte for byte, and what is wrong with it."""
    name = f"{heading['id']}.txt"
    path = run / TEXTS / name
    if Path(name).name != name or not path.is_file():
        return "", f"its text is missing: there is no {TEXTS}/{name} in the run folder"
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() == heading.get("sha256"):
        return raw.decode("utf-8", "surrogatepass"), None
    return raw.decode("utf-8", "replace"), (
        f"{TEXTS}/{name} is not the text that was read (its hash differs): the marks may be off"
    )


def _settings(run: Path) -> Mapping[str, Any]:
    """What the run was made with, as far as the manifest says it."""
    try:
        settings = json.loads((run / MANIFEST).read_text("utf-8"))["settings"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _no_run(run: Path) -> str:
    if not run.exists():
        return f"{run} does not exist: give the folder that extract wrote with --output"
    if not run.is_dir():
        return f"{run} is a file: give the folder that extract wrote with --output"
    if (run / MANIFEST).exists():
        return f"{run} has no finished document yet: give the same extract command again"
    held = _names(sorted(path.name for path in run.iterdir()))
    return f"{run} is no run folder: it has no {EXTRACTIONS}; it holds {held}"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (", ".join(names[:NAMED]) + more) or "nothing"
