"""What a person sees while a run goes on: a bar on a terminal, plain lines elsewhere, nothing with --quiet."""

from __future__ import annotations

import time
from collections import Counter
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

from extract.read import Input
from extract.types import Document, Extraction, Usage


class Tally:
    """Counts a run. Subclasses show it."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.records: Counter[str] = Counter()
        self.documents = self.skipped = self.incomplete = self.unreadable = 0
        self.requests = self.lost = self.doubts = self.passages = self.failed_passages = 0
        self.usage = Usage()
        self.began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def all_well(self) -> bool:
        return not (self.incomplete or self.unreadable)

    def opened(self, document: Document, passages: int) -> None:
        self.passages += passages

    def answered(self, usage: Usage) -> None:
        self.requests += 1
        self.usage += usage

    def closed(self, extraction: Extraction) -> None:
        self.documents += 1
        self.records.update(record.kind for record in extraction.records)
        self.lost += len(extraction.lost)
        self.doubts += len(extraction.doubts)
        self.incomplete += bool(extraction.gaps)
        self.failed_passages += len(extraction.gaps)

    def skipped_document(self) -> None:
        self.skipped += 1

    def failed(self, source: Input, reason: str) -> None:
        self.unreadable += 1

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

    def __init__(self, inputs: int, console: Console) -> None:
        super().__init__(inputs)
        self._console = console

    def closed(self, extraction: Extraction) -> None:
        super().closed(extraction)
        gaps = f", {len(extraction.gaps)} passages failed" if extraction.gaps else ""
        self._say(
            f"{extraction.document.id}: {len(extraction.records)} records, "
            f"{len(extraction.lost)} lost{gaps}"
        )

    def failed(self, source: Input, reason: str) -> None:
        super().failed(source, reason)
        self._say(reason)

    def _say(self, words: str) -> None:
        at = self.documents + self.unreadable + self.skipped
        self._console.print(
            f"[{at}/{self.inputs}] {words}", markup=False, highlight=False, soft_wrap=True
        )


class Bars(Tally):
    """Documents, passages, tokens a second, time left."""

    def __init__(self, inputs: int, console: Console) -> None:
        super().__init__(inputs)
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

    def opened(self, document: Document, passages: int) -> None:
        super().opened(document, passages)
        self._progress.update(self._asked, total=self.passages)

    def answered(self, usage: Usage) -> None:
        super().answered(usage)
        rate = (self.usage.prompt - self.usage.cached + self.usage.output) / max(self.seconds, 0.1)
        self._progress.update(self._asked, advance=1, note=f"{rate:.0f} tokens/s")

    def closed(self, extraction: Extraction) -> None:
        super().closed(extraction)
        note = f"{sum(self.records.values())} records"
        self._progress.update(self._documents, advance=1, note=note)

    def skipped_document(self) -> None:
        super().skipped_document()
        self._progress.update(self._documents, advance=1)

    def failed(self, source: Input, reason: str) -> None:
        super().failed(source, reason)
        self._progress.console.print(reason, markup=False, highlight=False, soft_wrap=True)
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
    """Bars on a terminal, lines elsewhere, a silent count with `quiet`."""
    if quiet:
        return Tally(inputs)
    return Bars(inputs, console) if console.is_terminal else Lines(inputs, console)
