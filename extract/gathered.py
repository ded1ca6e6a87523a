"""What becomes of inputs far from the run folder: how much it may take, and what is told to the folder later."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any, Literal

from extract.budget import Budget, Caps, LimitError
from extract.errors import CommuniqueError
from extract.forecast import Outlook, Sums
from extract.jsonl import Line, read_lines
from extract.pipeline import Job
from extract.run_folder import CALLS, RunFolder
from extract.types import Answer, Document, Draft, Extraction, Passage, Usage
from schemas.describe import Schema

Took = tuple[str, Sums, bool]
"""What a request about the document of that id took, and whether the server told it."""


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


class Till:
    """The budget of a run with limits, in a process of its own: all workers ask it for room."""

    def __init__(self, outlook: Outlook, caps: Caps, before: Line) -> None:
        self._budget = Budget(outlook, caps, before)

    async def reserve(self, worker: str, request: int, likely: Sums) -> LimitError | None:
        """Room for the request, once there is; why there will be none."""
        try:
            await self._budget.reserve((worker, request), likely)
        except LimitError as fault:
            return fault
        return None

    async def forget(self, worker: str) -> None:
        """The worker of that name has died, with the requests that it had under way."""
        self._budget.lose(lambda request: request[0] == worker)

    async def took(self, took: Sums) -> None:
        self._budget.took("", took, reported=False)

    async def free(self, worker: str, request: int) -> None:
        """The request has ended."""
        self._budget.free((worker, request))


class Share(Budget):
    """A worker's own sums, kept until its documents are told; room is the till's to give."""

    def __init__(self, outlook: Outlook, till: Any, name: str) -> None:
        """`till`: handle of a Till; None: there is room for all."""
        super().__init__(outlook, Caps(), {"tokens_in": 0, "tokens_cached": 0, "tokens_out": 0})
        self.told: dict[str, list[Took]] = {}
        """What requests took, by document."""
        self._till, self._name = till, name
        if till:
            till.forget.remote(name)

    async def reserve(self, request: Hashable, likely: Sums) -> None:
        if self._till and (
            fault := await self._till.reserve.remote(self._name, id(request), likely)
        ):
            raise fault

    def free(self, request: Hashable) -> None:
        if self._till:
            self._till.free.remote(self._name, id(request))

    def took(self, document: str, took: Sums, reported: bool) -> None:
        super().took(document, took, reported)
        self.told.setdefault(document, []).append((document, took, reported))
        if self._till:
            self._till.took.remote(took)


class Gathered:
    """Stands for folder and watcher while one input is worked on. `fault`: what ended the run there.

    It goes to another process with what it was told, and without what was known. `took`: for its budget.
    """

    def __init__(self, known: Known) -> None:
        self.fault: CommuniqueError | None = None
        self.took: Sequence[Took] = ()
        self._known = known
        self._extraction: Extraction | None = None
        self._calls: list[tuple[Literal["folder", "watcher"], Callable[[Any], object]]] = []

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_known": Known()}

    def tell(self, job: Job) -> None:
        """All of it, to the job's own folder and watcher."""
        for who, call in self._calls:
            call(getattr(job, who))
        if self._extraction:
            job.folder.keep(job.schema, self._extraction)
            job.watcher.closed(self._extraction)

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
