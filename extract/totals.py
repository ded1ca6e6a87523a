"""What runs took, and what is left: a run folder's sums, the history that forecasts learn from, passages to ask."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter as Counts
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from extract.cache import keyed, place
from extract.choice import Choice
from extract.errors import CommuniqueError, UsageError
from extract.forecast import MOST, Counter, Past, Sums
from extract.jsonl import Line, read_lines, write_whole
from extract.models import cache_folder
from extract.pipeline import Model
from extract.split import split
from extract.types import Document, Passage

EXTRACTIONS, CALLS = "extractions.jsonl", "calls.jsonl"
HISTORY = "history.jsonl"
RUNS_KEPT = 200


def totals_of(extractions: Path, lost: Path, calls: Path) -> Line:
    """Documents, records by kind, what was lost and failed, requests and their tokens."""
    sums: Counts[str] = Counts(documents=0, incomplete=0, failed_passages=0, warnings=0)
    records: Counts[str] = Counts()
    for line in read_lines(extractions):
        gaps, doubts = line.pop("incomplete", ()), line.pop("warnings", ())
        sums.update(documents=1, incomplete=bool(gaps))
        sums.update(failed_passages=len(gaps), warnings=len(doubts))
        records.update({kind: len(said) for kind, said in line.items() if isinstance(said, list)})
    sums.update(lost=sum(1 for _ in read_lines(lost)))
    sums.update(
        from_cache=0, requests=0, reasks=0, retries=0, tokens_in=0, tokens_cached=0, tokens_out=0
    )
    cost, priced = 0.0, True
    left_out = set()  # a document that was begun twice has its passages twice
    for call in read_lines(calls):
        if call.get("left_out"):
            left_out.add((call["document"], call["sha256"], call["passage"]))
        requests, retries = call["attempts"], call.get("retries", 0)
        sums.update(from_cache=not requests and bool(call.get("key")) and "error" not in call)
        reasks = max(0, requests - 1 - retries)
        sums.update(requests=requests, reasks=reasks, retries=retries)
        cost += call.get("cost") or 0.0
        priced &= call.get("cost") is not None or not requests
        sums.update({way: call[way] for way in ("tokens_in", "tokens_cached", "tokens_out")})
    return {
        **sums,
        "cost": cost if priced else None,
        "left_out": len(left_out),
        "records": dict(records),
    }


def remember(
    choice: Choice, asked: str, unit: str, stretch: float | None, documents: Sequence[Sums]
) -> None:
    """Adds a run to the history: numbers, the model, and no word of a text.

    `asked`: hash of the prompt. `stretch`: seconds by the clock for each that the requests should have taken; None of
    a run in batches, whose time tells nothing of the model's.
    """
    line = _model(choice) | {
        "asked": asked,
        "unit": unit,
        "workers": choice.workers,
        "stretch": round(stretch or 1.0, 3),
        "batched": stretch is None,
        "documents": [[round(number, 3) for number in astuple(took)] for took in documents],
    }
    path = cache_folder() / HISTORY
    with suppress(OSError, Timeout, CommuniqueError):  # a forecast is not worth a run
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=5):
            kept = [*_lines(path), line][-RUNS_KEPT:]
            write_whole(path, "".join(json.dumps(one) + "\n" for one in kept))


def past(choice: Choice, asked: str, unit: str, batched: bool = False) -> Past:
    """What earlier runs of the model took, those with this prompt if there are any; seconds as of today's workers.

    `batched`: those in batches first; else they do not count, since nobody knows what time they took.
    """
    ours = _model(choice).items()
    runs = [r for r in _lines(cache_folder() / HISTORY) if ours <= r.items() and r["unit"] == unit]
    batches, live = ([r for r in runs if r.get("batched", False) == said] for said in (True, False))
    runs = (batched and batches) or live
    alike = [run for run in runs if run["asked"] == asked]
    documents: list[Sums] = []
    by_clock = 0.0
    for run in alike or runs:
        # requests at once share the machine that the model runs on, and nothing elsewhere
        slower = choice.workers / run["workers"] if choice.embedded else 1.0
        took = [Sums(*numbers) for numbers in run["documents"]]
        documents += [replace(one, seconds=one.seconds * slower) for one in took]
        by_clock += sum(one.seconds for one in took) * slower * run["stretch"]
    seconds = sum(one.seconds for one in documents)
    stretch = by_clock / seconds if seconds else 1.0
    return Past(tuple(documents[-MOST:]), len(alike or runs), bool(alike) or not runs, stretch)


def _model(choice: Choice) -> Line:
    return {"model": f"{choice.provider}:{choice.name}", "base_url": choice.base_url}


def _lines(path: Path) -> list[Line]:
    """The runs of the history; what is damaged is none."""
    found = []
    with suppress(OSError, UnicodeDecodeError):
        for line in path.read_text("utf-8").splitlines():
            with suppress(ValueError, TypeError, KeyError):
                run = json.loads(line)
                [Sums(*map(float, numbers)) for numbers in run["documents"]]
                run["stretch"] / run["workers"], run["asked"], run["unit"]
                found.append(run)
    return found


class Before:
    """What a run folder has, read without a trace: nothing is made, locked or mended."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Raises UsageError where the folder belongs to other settings, of those that are given."""
        self._finished: dict[str, str] = {}
        self._answered: set[tuple[str, str, int, int]] = set()
        for line in _whole_lines(folder / EXTRACTIONS):
            said = line["document"]
            self._finished[said["id"]] = "" if line.get("incomplete") else said["sha256"]
        for line in _whole_lines(folder / CALLS):
            place = (line["document"], line["sha256"], line["start"], line["end"])
            if line.get("halved") or line["answer"] is not None:  # of the halves nothing is known
                self._answered.add(place)
        if self._finished or self._answered:
            _hold_to(folder, settings)

    def has(self, document: Document) -> bool:
        return self._finished.get(document.id) == document.sha256

    def answered(self, document: Document, passage: Passage) -> bool:
        return (document.id, document.sha256, passage.start, passage.end) in self._answered


class Kept:
    """Which answers of other runs are kept, read without a trace: nothing is made, locked or written."""

    def __init__(self, model: Model, settings: Mapping[str, Any]) -> None:
        """`settings`: as those of a run."""
        self._model, self._key = model, keyed(settings)
        self._cache: sqlite3.Connection | None = None
        file = place().absolute()
        if file.is_file():
            # one that nobody has open is left as it is; of another it must be seen what is written
            how = "mode=ro" if Path(f"{file}-wal").exists() else "immutable=1"
            with suppress(sqlite3.Error):
                self._cache = sqlite3.connect(f"{file.as_uri()}?{how}", uri=True)

    def has(self, document: Document, passage: Passage) -> bool:
        """False where it cannot be told."""
        if self._cache is None:
            return False
        key = self._key(self._model.key(document, passage))
        try:
            select = "SELECT 1 FROM answers WHERE key = ?"
            return self._cache.execute(select, (key,)).fetchone() is not None
        except sqlite3.Error:
            self.close()
            return False

    def close(self) -> None:
        if self._cache:
            self._cache.close()
        self._cache = None


def _hold_to(folder: Path, settings: Mapping[str, Any]) -> None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        old = json.loads((folder / "manifest.json").read_text("utf-8"))["settings"]
        new = json.loads(json.dumps(settings))
        differ = ", ".join(name for name in new if old[name] != new[name])
        if differ:
            raise UsageError(
                f"{folder} holds a run with other settings ({differ}): name another folder"
            )


def _whole_lines(path: Path) -> Iterator[Line]:
    """The lines of a file, without what a killed run left at its end."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                yield json.loads(line)
            except ValueError:
                raise UsageError(f"{path} is not JSON lines: remove the folder") from None


@dataclass(slots=True)
class ToDo:
    """What a run has still to ask. `done`: documents that it need not; `answered` and `left_out`: passages."""

    work: Sums = field(default_factory=Sums)
    documents: int = 0
    done: int = 0
    answered: int = 0
    left_out: int = 0
    unreadable: int = 0

    def add(self, counter: Counter, document: Document, folder: Before, kept: Kept | None) -> None:
        """One more document, split as the run would split it."""
        if folder.has(document):
            self.done += 1
            return
        self.documents += 1
        choice, profile = counter.choice, counter.choice.profile
        size = profile.passage if counter.schema.told_in_sentences else profile.wide_passage
        for passage in split(document, size):
            if choice.sieve and not choice.sieve.keeps(document, passage):
                self.left_out += 1
            elif folder.answered(document, passage) or (kept and kept.has(document, passage)):
                self.answered += 1
            else:
                self.work += counter.work(document, passage)
