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
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extract.ask import Asker, Endpoint
from extract.choice import Choice, answering
from extract.errors import CommuniqueError, NothingToDoError
from extract.output import Line
from extract.pipeline import Job, run
from extract.progress import Tally, watcher
from extract.prompt import shared
from extract.read import SIZE_LIMIT, Input, find_inputs
from extract.run_folder import RunFolder
from schemas.describe import Schema

_VERSIONED = ("communique", "instructor", "openai", "pydantic", "xllamacpp")
NAMED = 5  # inputs of one name that are listed


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for."""

    inputs: Sequence[str]
    output: Path
    schema: Schema
    choice: Choice
    quiet: bool = False


def execute(order: Order, console: Console) -> int:
    """Runs the order; returns the exit code. Raises CommuniqueError where nothing was done."""
    inputs = find_inputs(order.inputs)
    if not order.quiet:
        _say_renamed(inputs, console)
    settings = _settings(order)
    if any(source.path is None for source in inputs):
        _read_stdin()
    with RunFolder(order.output, settings) as folder:
        tally = watcher(len(inputs), console, order.quiet)
        stopped: CommuniqueError | None = None
        try:
            with _terminable(), tally, answering(order.choice) as endpoint:
                _run(order, endpoint, folder, inputs, tally)
        except CommuniqueError as fault:
            if not tally.worked:
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
    order: Order, endpoint: Endpoint, folder: RunFolder, inputs: Sequence[Input], tally: Tally
) -> None:
    asker = Asker(endpoint, order.schema, order.choice.profile)
    job = Job(order.schema, order.choice.profile, asker, folder, tally, order.choice.workers)

    async def go() -> None:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await run(job, inputs)
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


def _settings(order: Order) -> dict[str, Any]:
    """What the results depend on: a later run on the folder must have the same."""
    said = json.dumps(shared(order.schema, order.choice.profile)).encode()
    return {
        **order.choice.settings(),
        "schema": order.schema.name,
        "schema_hash": order.schema.hash,
        "prompt_hash": hashlib.sha256(said).hexdigest()[:16],
        "profile": asdict(order.choice.profile),
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
