"""Runs whose answers are kept, and runs that play them: siblings of the live one, a document at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from vcr.errors import CannotOverwriteExistingCassetteException

from evals import cassettes
from evals.gold import RECORDING
from evals.recording import Recorded, Recording
from extract.ask import NO_KEY, Endpoint
from extract.choice import Choice, answering
from extract.command import asked_by
from extract.errors import AskError, UsageError
from extract.pipeline import Job, Model, run
from extract.read import Input, read
from extract.types import Answer, Document, Passage


class Recorder:
    """A live model; its answers go into a cassette a document. What is recorded already is not asked again."""

    def __init__(self, choice: Choice, profile: str | None, folder: Path) -> None:
        self._choice, self._profile, self._folder = choice, profile, folder
        self._model = choice.settings()

    def settings(self) -> dict[str, Any]:
        return self._model

    def answering(self) -> AbstractContextManager[Endpoint]:
        return answering(self._choice)

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        settings = self._model | asked_by(job.schema, job.profile)
        made = self._resumed(Recording.of(self._choice, self._profile, settings))
        for source in inputs:
            before = made.documents.get(source.id)
            timed = _Timed(job.model, before.seconds if before else {})
            try:
                with cassettes.cassette(self._path(source.id), record=True):
                    await run(replace(job, model=timed), [source])
            finally:
                kept = Recorded(read(source).sha256, timed.seconds)
                made = replace(made, documents={**made.documents, source.id: kept})
                made.write(self._folder)
        self._remove_others(made, {source.id for source in inputs})

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{cassettes.SUFFIX}"

    def _resumed(self, made: Recording) -> Recording:
        """With what was recorded before; another model's answers are removed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if (self._folder / RECORDING).exists():
            old = Recording.read(self._folder)
            if old.same_model(made):
                return replace(made, documents=old.documents)
        self._remove_others(made, set())
        return made

    def _remove_others(self, made: Recording, names: set[str]) -> None:
        for path in self._folder.glob(f"*{cassettes.SUFFIX}"):
            if path.stem not in names:
                path.unlink()
        of = {name: made.documents[name] for name in names}
        replace(made, documents=of).write(self._folder)


class _Timed:
    """A model, and what each question took when it was first asked."""

    def __init__(self, model: Model, before: Mapping[str, float]) -> None:
        self._model, self._before = model, before
        self.seconds: dict[str, float] = {}

    def key(self, document: Document, passage: Passage) -> str:
        return self._model.key(document, passage)

    async def ask(self, document: Document, passage: Passage) -> Answer:
        key = self.key(document, passage)
        try:
            answer = await self._model.ask(document, passage)
        except AskError as fault:
            self._took(key, fault.spent)
            raise
        return self._took(key, answer)

    def _took(self, key: str, answer: Answer) -> Answer:
        seconds = self._before.get(key, round(answer.seconds, 2))
        self.seconds[key] = seconds
        return replace(answer, seconds=seconds)


class Player:
    """Answers from cassettes alone. `unplayed`: by document, recorded answers that nobody asked for."""

    def __init__(self, recording: Recording, choice: Choice, folder: Path) -> None:
        self._recording, self._choice, self._folder = recording, choice, folder
        self.unplayed: dict[str, int] = {}

    def settings(self) -> dict[str, Any]:
        return self._recording.model_settings()

    def answering(self) -> AbstractContextManager[Endpoint]:
        address = "http://recorded/v1" if self._choice.embedded or self._choice.base_url else None
        provider = "openai" if self._choice.embedded else self._choice.provider
        return nullcontext(Endpoint(self._choice.name, provider, address, NO_KEY, retries=0))

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        for source in inputs:
            known = _Known(job.model, self._recording.documents[source.id].seconds)
            with cassettes.cassette(self._path(source.id), record=False) as tape:
                await run(replace(job, model=known), [source])
                self.unplayed[source.id] = len(tape) - tape.play_count

    def _path(self, name: str) -> Path:
        path = self._folder / f"{name}{cassettes.SUFFIX}"
        if not path.is_file():
            raise UsageError(f"{path} is missing: record again")
        return path


class _UnknownError(UsageError):
    """A question that was not recorded."""

    def __init__(self, document: Document, passage: Passage) -> None:
        super().__init__(
            f"{document.id}, passage {passage.number}, is asked otherwise than it was recorded: "
            "splitting or prompt changed; record again with communique eval run --record"
        )


class _Known(_Timed):
    """A model that was asked before: other questions are refused before they are asked."""

    async def ask(self, document: Document, passage: Passage) -> Answer:
        if self.key(document, passage) not in self._before:
            raise _UnknownError(document, passage)
        try:
            answer = await super().ask(document, passage)
            return replace(answer, answered_by=None)  # a cassette does not tell
        except AskError as fault:
            if _unanswered(fault):
                raise _UnknownError(document, passage) from None
            raise


def _unanswered(fault: BaseException | None) -> bool:
    """Whether a cassette had no answer; the openai client takes that for a lost connection."""
    while fault:
        if isinstance(fault, CannotOverwriteExistingCassetteException):
            return True
        fault = fault.__cause__ or fault.__context__
    return False
