"""Runs whose answers come in files: written for a batch, collected from one, or submitted and waited for."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from extract.ask import NO_KEY, Endpoint
from extract.batch import Collected, Desk, NotAnsweredError, Part
from extract.batch_api import Batch, Batches
from extract.budget import Caps, Limited, LimitError
from extract.choice import Choice, answering
from extract.command import Live
from extract.errors import AskError, CommuniqueError, NothingToDoError, UsageError
from extract.forecast import Sums
from extract.pipeline import Job, run
from extract.read import Input
from extract.types import Answer, Document, Extraction, Passage, Usage

ROUNDS = 8  # batches one after the other, for re-asks, halves, and what failed or expired
POLL, LONGEST_POLL = 5.0, 300.0  # seconds between two looks
ENDED = ("completed", "failed", "expired", "cancelled")
_NOT_YET = Answer((), attempts=0)


class RestError(CommuniqueError):
    """Documents wait for answers; the others are finished."""


Place = tuple[str, int, int]
"""The id of a document, and from where to where in its text."""


class _Later(Limited):
    """A model some of whose answers are not there yet; their documents wait.

    `told`: documents whose answers were added up by an earlier run; `added`: places whose answers were by this one.
    """

    def __init__(
        self, limited: Limited, waiting: set[str], told: Container[str], added: set[Place]
    ) -> None:
        super().__init__(limited.model, limited.counter, limited.budget)
        self._waiting, self._told, self._added = waiting, told, added
        self._open: dict[str, tuple[Sums, Usage]] = {}

    async def ask(self, document: Document, passage: Passage) -> Answer:
        place = document.id, passage.start, passage.end
        again = place in self._added or document.id in self._told
        likely = self.likely(document, passage)
        try:
            spent = await self.model.ask(document, passage)
        except NotAnsweredError as fault:  # the document's other passages are asked about too
            self._waiting.add(document.id)
            if self.budget.caps != Caps():
                self._open[fault.question] = likely, fault.spent.usage
            return _NOT_YET
        except AskError as fault:
            self._added.add(place)
            fault.spent = self.took(document, passage, likely, fault.spent, fault, again=again)
            raise
        self._added.add(place)
        return self.took(document, passage, likely, spent, again=again)

    def fitting(self, fresh: Sequence[str]) -> tuple[int, LimitError | None]:
        """How many of the pass's new requests there is room for, and why there is none for the others."""
        budget, new = self.budget, set(fresh)
        budget.free_all()
        for question, (likely, spent) in self._open.items():
            # what an earlier answer to the question took, which was of no use
            budget.hold((question, 1), Sums(prompt=spent.prompt, output=spent.output))
            if question not in new:
                budget.hold((question, 2), likely)
        for number, question in enumerate(fresh if self._open else ()):
            likely, _ = self._open[question]
            if limit := budget.passed(likely):
                return number, LimitError(budget.says(limit))
            budget.hold((question, 2), likely)
        return len(fresh), None


class _Held:
    """A run folder that gets a document's requests with its line, and nothing of one that waits or is `told`."""

    def __init__(self, folder: Any, waiting: Container[str], told: Container[str]) -> None:
        self._folder, self._waiting, self._told = folder, waiting, told
        self._calls: dict[str, list[Callable[[], None]]] = defaultdict(list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._folder, name)

    def keep_call(self, document: Document, *said: Any, **more: Any) -> None:
        call = partial(self._folder.keep_call, document, *said, **more)
        self._calls[document.id].append(call)

    def keep(self, schema: Any, extraction: Extraction) -> None:
        id = extraction.document.id
        calls = self._calls.pop(id, [])
        if id not in self._waiting and id not in self._told:
            for call in calls:
                call()
            self._folder.keep(schema, extraction)


class _Watching:
    """A watcher that is not told of documents that wait."""

    def __init__(self, watcher: Any, waiting: Container[str]) -> None:
        self._watcher, self._waiting = watcher, waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watcher, name)

    def closed(self, extraction: Extraction) -> None:
        if extraction.document.id not in self._waiting:
            self._watcher.closed(extraction)


class Batched(Live):
    """A session that finishes documents as far as answers were collected."""

    batched = True

    def __init__(self, choice: Choice, run_folder: Path) -> None:
        if choice.embedded or choice.provider != "openai":
            raise UsageError(
                "a batch needs --model openai:NAME, or --model and --base-url of a compatible server"
            )
        super().__init__(choice)
        self._run_folder = run_folder
        self._added: set[Place] = set()
        self.desk: Desk

    def answering(self) -> AbstractContextManager[Endpoint]:
        return nullcontext(self._endpoint())

    def _endpoint(self) -> Endpoint:
        choice = self._choice
        return Endpoint(
            choice.name, "openai", choice.base_url, NO_KEY, retries=0, sender=self._send
        )

    def _send(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.desk.send(request)

    async def _pass(self, job: Job, inputs: Sequence[Input]) -> list[Input]:
        """Finishes what can be finished, writes down what is to be asked, and returns the inputs that wait for it.

        Raises LimitError where there is no room to ask anything, and nothing to wait for.
        """
        folder: Any = job.folder
        before, waiting = set(self.desk.state.waiting), set[str]()
        told = folder.incomplete - before if before else set()  # by the same answers, pass for pass
        held: Any = _Held(folder, waiting, told)
        watcher: Any = _Watching(job.watcher, waiting)
        assert isinstance(job.model, Limited)
        model = _Later(job.model, waiting, told, self._added)
        try:
            await run(replace(job, model=model, folder=held, watcher=watcher), inputs)
        finally:
            self.desk.close()
        fitting, stopped = model.fitting(self.desk.fresh)
        self.desk.keep_first(fitting)
        self.desk.end_pass({source.id for source in inputs}, waiting)
        if stopped and not self.desk.state.open:
            raise stopped
        return [source for source in inputs if source.id in waiting]


class Written(Batched):
    """Writes requests for others to run."""

    def __init__(self, choice: Choice, run_folder: Path, order: dict[str, Any]) -> None:
        super().__init__(choice, run_folder)
        self._order = order

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        self.desk = Desk(self._run_folder)
        self.desk.state.order = self._order
        await self._pass(job, inputs)


class Gathered(Batched):
    """Takes the answers that others got. Its run raises RestError where documents wait for more of them."""

    def __init__(
        self, choice: Choice, run_folder: Path, outputs: Sequence[Path], say: Callable[[str], None]
    ) -> None:
        super().__init__(choice, run_folder)
        self._outputs, self._say = outputs, say

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        self.desk = Desk(self._run_folder)
        self._say(in_words(self.desk.collect(self._outputs)))
        if waiting := await self._pass(job, inputs):
            raise RestError(f"{len(waiting)} of {len(inputs)} documents wait for more answers")


class Submitted(Batched):
    """Submits batches to an endpoint and waits for them, as long as there is something to ask, `rounds` times."""

    def __init__(
        self,
        choice: Choice,
        run_folder: Path,
        say: Callable[[str], None],
        rounds: int = ROUNDS,
        poll: float = POLL,
    ) -> None:
        """`poll`: seconds before a second look, which grow up to LONGEST_POLL."""
        super().__init__(choice, run_folder)
        self._say, self._rounds, self._poll = say, rounds, poll

    @contextmanager
    def answering(self) -> Iterator[Endpoint]:
        with answering(self._choice) as self._real:
            yield self._endpoint()

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        self.desk, batches = Desk(self._run_folder), Batches(self._real)
        assert isinstance(job.model, Limited)
        if job.model.budget.caps != Caps():
            self.desk.withdraw()  # they were written with another limit, or none
        try:
            for _ in range(self._rounds):
                inputs = await self._pass(job, inputs)
                if not inputs:
                    return
                await self._settle(batches)
            if inputs := await self._pass(job, inputs):
                again = (
                    f"after {self._rounds} batches one after the other; the same command goes on"
                )
                raise RestError(f"{len(inputs)} documents still wait for answers {again}")
        finally:
            await batches.close()

    async def _settle(self, batches: Batches) -> None:
        """Submits what was not, and comes back when all has ended. Raises NothingToDoError where a batch failed."""
        for part in self.desk.state.open:
            if part.batch is None:
                await self._submit(batches, part)
        often = f"after {self._poll:g} s, then more rarely, at least every {LONGEST_POLL:g} s"
        self._say(f"waiting for {len(self.desk.state.open)} batches, looking {often}")
        failed: Batch | None = None
        wait = self._poll
        while open := self.desk.state.open:
            for part in open:
                now = await batches.look(part.batch or "")
                if now.status != part.status:
                    self._note(part, now)
                if now.status in ENDED:
                    await self._fetch(batches, part, now)
                    failed = now if now.status == "failed" else failed
            if self.desk.state.open:
                await asyncio.sleep(wait)
                wait = min(wait * 1.5, LONGEST_POLL)
        if failed:
            why = failed.error or "its endpoint does not say why"
            again = "the same command submits its requests again"
            raise NothingToDoError(f"batch {failed.id} failed: {why}; {again}")

    async def _submit(self, batches: Batches, part: Part) -> None:
        if part.file is None:
            part.file = await batches.upload(self.desk.path / part.requests)
            self.desk.save()
        self._note(part, await batches.submit(part.file, part.token))

    def _note(self, part: Part, now: Batch) -> None:
        part.batch, part.status = now.id, now.status
        self.desk.save()
        self._say(f"batch {now.id} of {part.count:,} requests: {now.status}")

    async def _fetch(self, batches: Batches, part: Part, now: Batch) -> None:
        new = self.desk.path / "download.new"
        files = [new.with_name(f"{new.name}.{number}") for number, _ in enumerate(now.files)]
        for file, path in zip(now.files, files, strict=True):
            await batches.download(file, path)
        counts = self.desk.collect(files, part)
        if counts.answered < part.count:
            self._say(in_words(counts))
        for path in files:
            path.unlink()


def in_words(counts: Collected) -> str:
    """The counts in words, nothings left out but for the first."""
    said = [f"{counts.answered:,} answers"]
    for count, words in (
        (counts.failed, "failed or expired, to be asked again"),
        (counts.unknown, "that nobody asked for or that are there already"),
        (counts.damaged, "damaged lines"),
        (counts.missing, "requests of which there is no line, to be asked again"),
    ):
        said += [f"{count:,} {words}"] if count else []
    return "; ".join(said)
