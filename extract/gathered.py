"""What became of one input, far from the run folder: told to it later, in the order in which it came about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import methodcaller
from typing import Any, Literal

from extract.errors import CommuniqueError
from extract.jsonl import read_lines
from extract.pipeline import Job
from extract.prices import Price
from extract.run_folder import CALLS, RunFolder
from extract.types import Answer, Document, Draft, Extraction, Passage, Usage
from schemas.describe import Schema


@dataclass(slots=True)
class Known:
    """What a folder knows of a document before it is read. `sha256`: of its text, if the folder has all of it."""

    sha256: str | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    halved: set[str] = field(default_factory=set)


def known_to(folder: RunFolder) -> Callable[[str], Known]:
    """What the folder knows of the document of an id."""

    def complete(name: str) -> str | None:
        return None if name in folder.incomplete else folder.finished.get(name)

    begun: dict[str, Known] = {}
    for line in read_lines(folder.path / CALLS):
        name, key = line["document"], line["key"]
        if key is None or complete(name) == line["sha256"]:
            continue
        known = begun.setdefault(name, Known(complete(name)))
        if line.get("halved"):
            known.halved.add(key)
        elif line["answer"] is not None:
            known.answers[key] = Answer(tuple(Draft(**draft) for draft in line["answer"]))
    return lambda name: begun.get(name) or Known(complete(name))


class Gathered:
    """Stands for folder and watcher while one input is worked on. `fault`: what ended the run there.

    It goes to another process with what it was told, and without what was known. `price`: of the model's tokens.
    """

    def __init__(self, known: Known, price: Price | None = None) -> None:
        self.fault: CommuniqueError | None = None
        self._known, self._price = known, price
        self._extraction: Extraction | None = None
        self._calls: list[tuple[Literal["folder", "watcher"], Callable[[Any], object]]] = []

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_known": Known()}

    def tell(self, job: Job) -> None:
        """All of it, to the job's own folder and watcher. Raises the fault."""
        for who, call in self._calls:
            call(getattr(job, who))
        if self._extraction:
            job.folder.keep(job.schema, self._extraction)
            job.watcher.closed(self._extraction)
        if self.fault:
            raise self.fault

    def has(self, document: Document) -> bool:
        return self._known.sha256 == document.sha256

    def answer(self, key: str) -> Answer | None:
        return self._known.answers.get(key)

    def was_halved(self, key: str) -> bool:
        return key in self._known.halved

    def keep_call(
        self,
        document: Document,
        passage: Passage,
        key: str,
        answer: Answer,
        *,
        error: str | None = None,
        halved: bool = False,
    ) -> None:
        reported = answer.usage.prompt > 0 or (error is not None and not halved)
        if self._price and reported:
            answer = replace(answer, cost=self._price.of(answer.usage))
        self._note(
            "folder", "keep_call", document, passage, key, answer, error=error, halved=halved
        )

    def keep_left_out(self, document: Document, passages: Sequence[Passage]) -> None:
        self._note("folder", "keep_left_out", document, passages)

    def keep(self, schema: Schema, extraction: Extraction) -> None:
        del schema  # its classes cannot go to another process
        self._extraction = extraction

    def keep_unreadable(self, document_id: str, source: str, reason: str) -> None:
        self._note("folder", "keep_unreadable", document_id, source, reason)

    def readable(self, document_id: str) -> None:
        self._note("folder", "readable", document_id)

    def opened(self, passages: int) -> None:
        self._note("watcher", "opened", passages)

    def halved(self, usage: Usage) -> None:
        self._note("watcher", "halved", usage)

    def answered(self, usage: Usage) -> None:
        self._note("watcher", "answered", usage)

    def closed(self, extraction: Extraction) -> None:
        """Told together with the extraction itself."""

    def skipped_document(self) -> None:
        self._note("watcher", "skipped_document")

    def failed(self, reason: str) -> None:
        self._note("watcher", "failed", reason)

    def _note(
        self, who: Literal["folder", "watcher"], method: str, *said: object, **more: object
    ) -> None:
        self._calls.append((who, methodcaller(method, *said, **more)))
