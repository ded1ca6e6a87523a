"""Read what is compared: a folder of gold, and a run folder or any folder with an `extractions.jsonl`.

Gold is a JSON file for each document, by the contract, with its text in a file of the same name that ends in `.txt`.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evals.scorecard import Spent
from extract.errors import UsageError
from extract.output import Line
from extract.run_folder import CALLS, ERRORS, EXTRACTIONS, LOST, MANIFEST, TEXTS, read_lines
from schemas.describe import Schema

LABELS = ".labels.json"  # what a labeller wrote, from which gold is made
RECORDING = "recording.json"  # of a model's answers, which may lie in a folder below


@dataclass(frozen=True, slots=True)
class Gold:
    """Documents by id. `texts`: those that were found, in `files`."""

    documents: Mapping[str, Line]
    texts: Mapping[str, str]
    hash: str
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """What was predicted, by document, and what is known of how."""

    name: str
    documents: Mapping[str, Line]
    texts: Mapping[str, str] = field(default_factory=dict)
    manifest: Mapping[str, Any] = field(default_factory=dict)
    spent: Mapping[str, Spent] = field(default_factory=dict)
    losses: Mapping[str, Sequence[Line]] = field(default_factory=dict)
    unreadable: tuple[Line, ...] = ()


def read_gold(folder: Path, schema: Schema, texts: Path | None = None) -> Gold:
    """All gold in the folder and below it. `texts`: where else texts may lie. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: give one that holds gold, a JSON file a document")
    documents: dict[str, Line] = {}
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.json")):
        if path.name.endswith(LABELS) or path.name == RECORDING:
            continue
        line = _gold_line(path, schema)
        name = line["document"]["id"]
        if name in documents:
            raise UsageError(f"{folder} has gold for {name!r} twice: remove one of the two")
        documents[name] = line
        if file := _file([path.parent, *([texts] if texts else [])], path.stem):
            files[name] = file
    if not documents:
        raise UsageError(f"{folder} holds no gold: there is no JSON file in it")
    found = {name: _text(file) for name, file in files.items()}
    return Gold(documents, found, _hash(documents), files)


def _gold_line(path: Path, schema: Schema) -> Line:
    try:
        line = json.loads(path.read_bytes())
    except (OSError, ValueError) as fault:
        raise UsageError(f"{path} is not JSON: {fault}") from None
    _hold_to_form(line, str(path), schema)
    made: Line = line
    return made


def _hold_to_form(line: Any, where: str, schema: Schema) -> None:
    """Raises UsageError unless it is an object with a document's id, and lists of objects for the kinds."""
    document = line.get("document") if isinstance(line, dict) else None
    if not isinstance(document, dict) or not isinstance(document.get("id"), str):
        raise UsageError(f'{where} has no "document" with an "id": write it by the contract')
    for name in (*(kind.name for kind in schema.kinds), "warnings", "incomplete"):
        records = line.get(name) or []
        if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
            raise UsageError(f"{where}: {name} is no list of records")


def _file(folders: Sequence[Path], name: str) -> Path | None:
    paths = (folder / f"{name}.txt" for folder in folders if Path(name).name == name)
    return next((path for path in paths if path.is_file()), None)


def _text(file: Path) -> str:
    """The text, byte for byte as its hash was taken."""
    return file.read_bytes().decode("utf-8", "surrogatepass")


def _hash(documents: Mapping[str, Line]) -> str:
    said = json.dumps(documents, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_run(path: Path, schema: Schema) -> Run:
    """A run folder, a folder with an `extractions.jsonl`, or such a file. Raises UsageError."""
    folder = path if path.is_dir() else path.parent
    file = path / EXTRACTIONS if path.is_dir() else path
    if not file.is_file():
        raise UsageError(f"{path} is no run: there is no {EXTRACTIONS} in it")
    documents: dict[str, Line] = {}
    losses: dict[str, list[Line]] = defaultdict(list)
    for lost in read_lines(folder / LOST):
        losses[_document_of(lost)].append(lost)
    for number, line in enumerate(read_lines(file), 1):
        _hold_to_form(line, f"{file} line {number}", schema)
        name = line["document"]["id"]
        if name in documents:
            raise UsageError(f"{file} has {name!r} twice: remove one of the two lines")
        documents[name] = line
    files = {name: _file([folder / TEXTS], name) for name in documents}
    return Run(
        name=path.resolve().name,
        documents=documents,
        texts={name: _text(file) for name, file in files.items() if file},
        manifest=_manifest(folder),
        spent=_spent(folder),
        losses=losses,
        unreadable=tuple(line for line in read_lines(folder / ERRORS) if "passage" not in line),
    )


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as fault:
        raise UsageError(f"{folder / MANIFEST} is damaged: {fault}") from None
    return said if isinstance(said, dict) else {}


def _document_of(line: Line) -> str:
    said = line.get("document")
    return str(said.get("id") if isinstance(said, dict) else said)


def _spent(folder: Path) -> dict[str, Spent]:
    """What the requests for each document took; seconds of requests at once are counted one after another."""
    calls: dict[str, list[Line]] = defaultdict(list)
    for line in read_lines(folder / CALLS):
        calls[_document_of(line)].append(line)
    return {name: summed(calls[name]) for name in calls}


def summed(calls: Sequence[Mapping[str, Any]]) -> Spent:
    """What several requests took together."""

    def total(key: str) -> float:
        return sum(call.get(key) or 0 for call in calls)

    priced = any(call.get("cost") is not None for call in calls)
    return Spent(
        requests=int(sum(call.get("attempts", 1) or 0 for call in calls)),
        tokens_in=int(total("tokens_in")),
        tokens_cached=int(total("tokens_cached")),
        tokens_out=int(total("tokens_out")),
        seconds=round(total("seconds"), 3),
        cost=total("cost") if priced else None,
    )


def priced(run: Run, price: tuple[float, float]) -> Run:
    """The run with what it cost, at so much for a million tokens of the prompt and of the answer."""
    spent = {
        name: replace(
            s, cost=((s.tokens_in or 0) * price[0] + (s.tokens_out or 0) * price[1]) / 1e6
        )
        for name, s in run.spent.items()
    }
    return replace(run, spent=spent)
