"""The way of a document: split, ask, ground, merge, check. And many documents at once, one model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from extract.check import check
from extract.dates import year_of
from extract.errors import AskError, NothingToDoError, ReadError, TooLongError
from extract.ground import ground
from extract.merge import merge
from extract.profile import Profile
from extract.read import Input, read
from extract.sieve import Sieve
from extract.split import split
from extract.types import Answer, Document, Extraction, Found, Gap, Lost, Passage, Usage
from schemas.describe import Schema

GIVE_UP = 20  # passages that fail one after the other before the run stops


class Model(Protocol):
    """Whoever answers questions about passages."""

    def key(self, document: Document, passage: Passage) -> str:
        """The same for the same question."""
        ...

    async def ask(self, document: Document, passage: Passage) -> Answer:
        """Raises AskError."""
        ...


class Folder(Protocol):
    """Where it is kept what became of each input, and what was answered before."""

    def has(self, document: Document) -> bool: ...
    def answer(self, key: str) -> Answer | None: ...
    def was_halved(self, key: str) -> bool: ...
    def keep_call(
        self,
        document: Document,
        passage: Passage,
        key: str,
        answer: Answer,
        *,
        error: str | None = None,
        halved: bool = False,
    ) -> None: ...
    def keep_left_out(self, document: Document, passages: Sequence[Passage]) -> None: ...
    def keep(self, schema: Schema, extraction: Extraction) -> object: ...
    def keep_unreadable(self, document_id: str, source: str, reason: str) -> None: ...
    def readable(self, document_id: str) -> None: ...


class Watcher(Protocol):
    """Who is told how the run goes."""

    def opened(self, passages: int) -> None: ...
    def halved(self, usage: Usage) -> None: ...
    def answered(self, usage: Usage) -> None: ...
    def closed(self, extraction: Extraction) -> None: ...
    def skipped_document(self) -> None: ...
    def failed(self, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """What a run needs: one schema, one model, one folder. `sieve`: which passages are asked about; None: all."""

    schema: Schema
    profile: Profile
    model: Model
    folder: Folder
    watcher: Watcher
    workers: int
    sieve: Sieve | None = None


async def run(job: Job, inputs: Sequence[Input], slots: Slots | None = None) -> None:
    """Extracts every input that the folder does not have yet. Raises NothingToDoError where going on is no use.

    `slots`: those of other inputs, where they are run apart; None: its own.
    """
    waiting = iter(inputs)
    slots = slots or Slots(job.workers)

    async def work() -> None:
        for source in waiting:
            await _one_input(job, slots, source)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(job.workers):
                group.create_task(work())
    except BaseExceptionGroup as faults:
        raise _first(faults) from None


def _first(faults: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one to tell: where several fail at once, they fail alike."""
    fault = faults.exceptions[0]
    return _first(fault) if isinstance(fault, BaseExceptionGroup) else fault


async def _one_input(job: Job, slots: Slots, source: Input) -> None:
    try:
        document = await asyncio.to_thread(read, source)
    except ReadError as fault:
        job.folder.keep_unreadable(source.id, str(source) if source.path else "-", str(fault))
        job.watcher.failed(str(fault))
        return
    job.folder.readable(document.id)
    if job.folder.has(document):
        job.watcher.skipped_document()
        return
    extraction = await extract(job, slots, document)
    job.folder.keep(job.schema, extraction)
    job.watcher.closed(extraction)


async def extract(job: Job, slots: Slots, document: Document) -> Extraction:
    """One document: its passages asked at once, as far as there are slots, and its records put together."""
    whole = job.schema.told_in_sentences
    passages = split(document, job.profile.passage if whole else job.profile.wide_passage)
    if job.sieve:
        left_out = [passage for passage in passages if not job.sieve.keeps(document, passage)]
        job.folder.keep_left_out(document, left_out)
        passages = [passage for passage in passages if passage not in left_out]
    job.watcher.opened(len(passages))
    year = year_of(document.text, document.published)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(slots.ask(job, document, passage)) for passage in passages]
    found: list[Found] = []
    lost: list[Lost] = []
    gaps: list[Gap] = []
    for passage, outcome in (pair for task in asked for pair in task.result()):
        if isinstance(outcome, str):
            gaps.append(Gap(passage.number, passage.start, passage.end, outcome))
            continue
        for draft in outcome.drafts:
            record = ground(job.schema.kind(draft.kind), draft, passage, document, year)
            (found if isinstance(record, Found) else lost).append(record)  # type: ignore[arg-type]
    records = merge(job.schema, found)
    lost += [side for record in records for side in record.dropped]
    return Extraction(
        document=document,
        records=tuple(records),
        lost=tuple(lost),
        doubts=tuple(check(job.schema, records, document)),
        gaps=tuple(gaps),
    )


class Slots:
    """Keeps the number of requests in flight to what the model serves at once."""

    def __init__(self, workers: int) -> None:
        self._free = asyncio.Semaphore(workers)
        self._failures = 0

    async def ask(
        self, job: Job, document: Document, passage: Passage
    ) -> list[tuple[Passage, Answer | str]]:
        """Each part of the passage that was asked about, with the answer or why there is none."""
        key = job.model.key(document, passage)
        if (known := job.folder.answer(key)) is not None:
            job.watcher.answered(Usage())
            return [(passage, known)]
        if job.folder.was_halved(key):
            return await self._by_halves(job, document, passage)
        try:
            async with self._free:
                answer = await job.model.ask(document, passage)
        except AskError as fault:
            if isinstance(fault, TooLongError) and len(passage.sentences) > 1:
                job.folder.keep_call(
                    document, passage, key, fault.spent, error=str(fault), halved=True
                )
                job.watcher.halved(fault.spent.usage)
                return await self._by_halves(job, document, passage)
            return [(passage, self._failed(job, document, passage, key, fault))]
        self._failures = 0
        job.folder.keep_call(document, passage, key, answer)
        job.watcher.answered(answer.usage)
        return [(passage, answer)]

    async def _by_halves(
        self, job: Job, document: Document, passage: Passage
    ) -> list[tuple[Passage, Answer | str]]:
        return [pair for half in _halves(passage) for pair in await self.ask(job, document, half)]

    def _failed(
        self, job: Job, document: Document, passage: Passage, key: str, fault: AskError
    ) -> str:
        job.folder.keep_call(document, passage, key, fault.spent, error=str(fault))
        job.watcher.answered(fault.spent.usage)
        self._failures += 1
        if self._failures >= GIVE_UP:
            raise NothingToDoError(f"{GIVE_UP} passages failed in a row, the last one: {fault}")
        return str(fault)


def _halves(passage: Passage) -> tuple[Passage, Passage]:
    middle = len(passage.sentences) // 2
    return (
        replace(passage, sentences=passage.sentences[:middle]),
        replace(
            passage,
            sentences=passage.sentences[middle:],
            before=passage.sentences[middle - 1],
        ),
    )
