"""What a person sees of a run: a bar on a terminal, plain lines elsewhere, errors alone with --quiet; tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
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
from rich.table import Table

from extract.budget import Budget
from extract.forecast import O200K, Forecast, Outlook, Range
from extract.jsonl import Line
from extract.totals import ToDo
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


def summary(title: str, kinds: Iterable[str], totals: Line, skipped: int) -> Table:
    """What a folder holds at the end of a run."""
    table = Table(title=title, show_header=False)
    for kind in kinds:
        table.add_row(kind.replace("_", " "), f"{totals['records'].get(kind, 0):,}")
    table.add_row("lost (said, not borne out)", f"{totals['lost']:,}")
    table.add_row("warnings", f"{totals['warnings']:,}")
    for words, count in (
        ("passages left out, nothing likely in them", totals["left_out"]),
        ("answers that earlier runs had paid for", totals["from_cache"]),
        ("documents done before", skipped),
        ("inputs that cannot be read", totals["unreadable"]),
        ("passages that failed", totals["failed_passages"]),
        ("requests that were asked again", totals["reasks"]),
        ("requests that were sent again", totals["retries"]),
    ):
        if count:
            table.add_row(words, f"{count:,}")
    tokens = (totals[f"tokens_{way}"] for way in ("in", "cached", "out"))
    table.add_row("tokens in / cached / out", " / ".join(f"{count:,}" for count in tokens))
    return table


def compare(table: Table, said: Forecast, budget: Budget, timed: bool) -> None:
    """Rows of what was forecast for the passages that this run asked about, beside what they took."""
    sums, unreported = budget.sums, budget.unreported
    tokens = sums.prompt + sums.output
    took = "not reported" if unreported else f"{tokens:,.0f}"
    priced = "unknown" if unreported or not said.cost else dollars(budget.cost)
    for words, foreseen, was in (
        ("requests", _range(said.requests), f"{sums.requests:,.0f}"),
        ("tokens", _range(said.tokens), took),
        ("time", _range(said.seconds, duration), duration(budget.seconds)),
        ("money", _range(said.cost, dollars), priced),
    ):
        if timed or words != "time":
            table.add_row(f"{words}, forecast / actual", f"{foreseen} / {was}")


def foreseen(said: Forecast, todo: ToDo, timed: bool) -> Table:
    """A forecast by itself. `timed`: not in batches, of which nobody knows when they are done."""
    table = Table(
        title=f"forecast for {todo.documents} document{'s' * (todo.documents != 1)}",
        show_header=False,
    )
    for words, count in (
        ("documents done before", todo.done),
        ("inputs that cannot be read", todo.unreadable),
        ("passages answered before, free", todo.answered),
        ("passages left out, nothing likely in them", todo.left_out),
    ):
        if count:
            table.add_row(words, f"{count:,}")
    for words, foreseen in (
        ("passages", f"{todo.work.passages:,}"),
        ("requests", _range(said.requests)),
        ("tokens in", _range(said.tokens_in)),
        ("tokens out", _range(said.tokens_out)),
        ("time", _range(said.seconds, duration) if timed else "as the batches take"),
        ("money", _range(said.cost, dollars)),
    ):
        table.add_row(words, foreseen)
    return table


def grounds(outlook: Outlook, model: str, unit: str) -> str:
    """What a forecast stands on, in words."""
    past = outlook.past
    if not past.documents:
        counted = (
            "tokens of prompts are counted"
            if unit == O200K
            else "a token is taken for some 2 to 5 characters"
        )
        return f"{model} has no earlier run here: wide guesses; {counted}"
    documents = f"{len(past.documents)} document{'s' * (len(past.documents) > 1)}"
    runs = f"{past.runs} earlier run{'s' * (past.runs > 1)}"
    other = "" if past.alike else ", with another schema or profile"
    return f"from {documents} of {runs} of {model}{other}; nine times in ten it lies within"


def _range(said: Range | None, show: Callable[[float], str] = "{:,.0f}".format) -> str:
    if said is None:
        return "unknown"
    least, most = show(said.least), show(said.most)
    return least if least == most else f"{least} to {most}"


def duration(seconds: float) -> str:
    """As "42 s", "12 min" or "3.5 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def dollars(amount: float) -> str:
    """With cents, or three figures of less."""
    return f"${amount:,.2f}" if amount >= 1 or not amount else f"${amount:.3g}"
