"""What a person sees while a run goes on: a bar on a terminal, plain lines elsewhere, errors alone with --quiet."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from extract.types import Extraction, Usage


class Tally:
    """Counts a run, and says what failed. Subclasses show more."""

    def __init__(self, inputs: int, console: Console | None = None) -> None:
        self.inputs = inputs
        self.documents = self.skipped = self.incomplete = self.unreadable = 0
        self.passages = self.settled = self.failed_passages = self.records = 0
        self.usage = Usage()
        self.began = time.monotonic()
        self._console = console

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def all_well(self) -> bool:
        return not (self.incomplete or self.unreadable)

    @property
    def worked(self) -> bool:
        """Whether anything was done, now or before."""
        complete = self.documents > self.incomplete or self.skipped > 0
        return complete or self.settled > self.failed_passages

    def opened(self, passages: int) -> None:
        self.passages += passages

    def halved(self, usage: Usage) -> None:
        self.passages += 1
        self.usage += usage

    def answered(self, usage: Usage) -> None:
        self.settled += 1
        self.usage += usage

    def closed(self, extraction: Extraction) -> None:
        self.documents += 1
        self.records += len(extraction.records)
        if gaps := extraction.gaps:
            self.incomplete += 1
            self.failed_passages += len(gaps)
            failed = f"{len(gaps)} passage{'s' * (len(gaps) > 1)} failed"
            self._say(f"{extraction.document.id}: {failed}: {gaps[0].reason}")

    def skipped_document(self) -> None:
        self.skipped += 1

    def failed(self, reason: str) -> None:
        self.unreadable += 1
        self._say(reason)

    def _say(self, words: str) -> None:
        if self._console:
            self._console.print(words, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Lines(Tally):
    """One plain line a document, for logs."""

    def closed(self, extraction: Extraction) -> None:
        super().closed(extraction)
        if not extraction.gaps:
            found, lost = len(extraction.records), len(extraction.lost)
            self._say(f"{extraction.document.id}: {found} records, {lost} lost")

    def _say(self, words: str) -> None:
        at = self.documents + self.unreadable + self.skipped
        super()._say(f"[{at}/{self.inputs}] {words}")


class Bars(Tally):
    """Documents, passages, tokens a second, time left."""

    def __init__(self, inputs: int, console: Console) -> None:
        super().__init__(inputs, console)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._documents: TaskID = self._progress.add_task("documents", total=inputs, note="")
        self._asked: TaskID = self._progress.add_task("passages", total=0, note="")

    def opened(self, passages: int) -> None:
        super().opened(passages)
        self._progress.update(self._asked, total=self.passages)

    def halved(self, usage: Usage) -> None:
        super().halved(usage)
        self._progress.update(self._asked, total=self.passages)

    def answered(self, usage: Usage) -> None:
        super().answered(usage)
        rate = (self.usage.prompt - self.usage.cached + self.usage.output) / max(self.seconds, 0.1)
        self._progress.update(self._asked, advance=1, note=f"{rate:.0f} tokens/s")

    def closed(self, extraction: Extraction) -> None:
        super().closed(extraction)
        self._progress.update(self._documents, advance=1, note=f"{self.records} records")

    def skipped_document(self) -> None:
        super().skipped_document()
        self._progress.update(self._documents, advance=1)

    def failed(self, reason: str) -> None:
        super().failed(reason)
        self._progress.update(self._documents, advance=1)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()


def watcher(inputs: int, console: Console, quiet: bool) -> Tally:
    """Bars on a terminal, lines elsewhere; with `quiet` only what failed."""
    if quiet:
        return Tally(inputs, console)
    return Bars(inputs, console) if console.is_terminal else Lines(inputs, console)
