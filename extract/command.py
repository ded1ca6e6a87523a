"""What `communique extract` does, from the arguments to the exit code."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extract.ask import Asker, Endpoint
from extract.choice import Choice, answering
from extract.errors import CommuniqueError, NothingToDoError, UsageError
from extract.output import Line
from extract.pipeline import Job, run
from extract.profile import Profile
from extract.progress import Tally, watcher
from extract.prompt import shared
from extract.read import SIZE_LIMIT, Input
from extract.run_folder import RunFolder
from schemas.describe import Schema

_VERSIONED = ("communique", "instructor", "openai", "pydantic", "xllamacpp")
NAMED = 5  # inputs of one name that are listed


class Session(Protocol):
    """Where a run's answers come from: a live model, or what one said before."""

    def settings(self) -> dict[str, Any]:
        """Which model it is."""
        ...

    def answering(self) -> AbstractContextManager[Endpoint]:
        """Whom to ask, while the run lasts."""
        ...

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        """Extracts the inputs into the job's folder."""
        ...


class Live:
    """A model that answers now."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice

    def settings(self) -> dict[str, Any]:
        return self._choice.settings()

    def answering(self) -> AbstractContextManager[Endpoint]:
        return answering(self._choice)

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        await run(job, inputs)


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for. `session`: None asks the model that was chosen."""

    inputs: Sequence[Input]
    output: Path
    schema: Schema
    choice: Choice
    quiet: bool = False
    session: Session | None = None


def execute(order: Order, console: Console) -> int:
    """Runs the order; returns the exit code. Raises CommuniqueError where nothing was done."""
    inputs, session = order.inputs, order.session or Live(order.choice)
    if not order.quiet:
        _say_renamed(inputs, console)
    settings = session.settings() | asked_by(order.schema, order.choice.profile)
    if any(source.path is None for source in inputs):
        _read_stdin()
    with RunFolder(order.output, settings) as folder:
        tally = watcher(len(inputs), console, order.quiet)
        stopped: CommuniqueError | None = None
        try:
            with _terminable(), tally, session.answering() as endpoint:
                _run(order, session, endpoint, folder, tally)
        except CommuniqueError as fault:
            if not tally.worked or isinstance(fault, UsageError):
                raise
            stopped = fault  # what is finished is kept and told
        finally:
            unwritten = _write_manifest(folder, settings, tally)
        stopped = stopped or unwritten
        if not tally.worked:
            return NothingToDoError.exit_code  # each input has had its line
        if not order.quiet:
            console.print(_summary(order, folder.totals(tally.seconds), tally))
        if stopped:
            console.print(f"stopped: {stopped}", markup=False, highlight=False, soft_wrap=True)
        return 0 if tally.all_well and not stopped else 1


def _run(
    order: Order, session: Session, endpoint: Endpoint, folder: RunFolder, tally: Tally
) -> None:
    asker = Asker(endpoint, order.schema, order.choice.profile)
    choice = order.choice
    job = Job(order.schema, choice.profile, asker, folder, tally, choice.workers, choice.sieve)

    async def go() -> None:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await session.run(job, order.inputs)
        finally:
            await asker.close()

    try:
        asyncio.run(go())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does, so that the engine is stopped on the way out."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _read_stdin() -> None:
    """All of it, here: the thread that reads documents could not be interrupted while it waits."""
    sys.stdin = io.TextIOWrapper(io.BytesIO(sys.stdin.buffer.read(SIZE_LIMIT + 1)))


def _say_renamed(inputs: Sequence[Input], console: Console) -> None:
    renamed = [f"{source} is {source.id}" for source in inputs if source.renamed]
    if renamed:
        more = f", and {len(renamed) - NAMED} more" if len(renamed) > NAMED else ""
        said = f"inputs of one name: {', '.join(renamed[:NAMED])}{more}"
        console.print(said, markup=False, highlight=False, soft_wrap=True)


def asked_by(schema: Schema, profile: Profile) -> dict[str, Any]:
    """What the results depend on but for the model: a later run on the folder must have the same."""
    said = json.dumps(shared(schema, profile)).encode()
    return {
        "schema": schema.name,
        "schema_hash": schema.hash,
        "prompt_hash": hashlib.sha256(said).hexdigest()[:16],
        "profile": asdict(profile),
    }


def _write_manifest(
    folder: RunFolder, settings: dict[str, Any], tally: Tally
) -> CommuniqueError | None:
    versions = {name: _version(name) for name in _VERSIONED} | {"python": platform.python_version()}
    try:
        totals = folder.totals(tally.seconds)
        folder.write_manifest({"settings": settings, "versions": versions, "totals": totals})
    except CommuniqueError as fault:
        return fault  # what stopped the run before it comes first
    return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _summary(order: Order, totals: Line, tally: Tally) -> Table:
    title = f"{tally.documents} documents in {tally.seconds:.0f} s"
    table = Table(title=title, show_header=False)
    for kind in order.schema.kinds:
        table.add_row(kind.name.replace("_", " "), f"{totals['records'].get(kind.name, 0):,}")
    table.add_row("lost (said, not borne out)", f"{totals['lost']:,}")
    table.add_row("warnings", f"{totals['warnings']:,}")
    for words, count in (
        ("passages left out, nothing likely in them", totals["left_out"]),
        ("documents done before", tally.skipped),
        ("inputs that cannot be read", totals["unreadable"]),
        ("passages that failed", totals["failed_passages"]),
    ):
        if count:
            table.add_row(words, f"{count:,}")
    tokens = (totals[f"tokens_{way}"] for way in ("in", "cached", "out"))
    table.add_row("tokens in / cached / out", " / ".join(f"{count:,}" for count in tokens))
    table.add_row("run folder", Text(str(order.output), overflow="fold"))
    return table
