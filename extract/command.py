"""What `communique extract` does, from the arguments to the exit code."""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from extract.ask import Asker
from extract.choice import Choice, answering
from extract.errors import CommuniqueError
from extract.pipeline import Job, run
from extract.progress import Tally, watcher
from extract.prompt import shared
from extract.read import Input, find_inputs
from extract.run_folder import RunFolder
from schemas.describe import Schema

_VERSIONED = ("communique", "instructor", "openai", "pydantic", "xllamacpp")


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
    for source in inputs:
        if source.renamed:
            console.print(f"{source} is called {source.id} here", markup=False, highlight=False)
    settings = _settings(order)
    with RunFolder(order.output, settings) as folder:
        tally = watcher(len(inputs), console, order.quiet)
        stopped = None
        try:
            with tally:
                asyncio.run(_extract_all(order, folder, inputs, tally))
        except CommuniqueError as fault:
            if not tally.documents:
                raise
            stopped = fault  # what is finished is kept and told
        finally:
            folder.write_manifest(_manifest(settings, tally))
        if not order.quiet:
            console.print(_summary(order, tally))
        if stopped:
            console.print(f"stopped: {stopped}", markup=False, highlight=False, soft_wrap=True)
        return 0 if tally.all_well and not stopped else 1


async def _extract_all(
    order: Order, folder: RunFolder, inputs: Sequence[Input], tally: Tally
) -> None:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(
        signal.SIGTERM, task.cancel
    )  # so that the engine is stopped on the way out
    with answering(order.choice) as endpoint:
        asker = Asker(endpoint, order.schema, order.choice.profile)
        try:
            job = Job(
                order.schema, order.choice.profile, asker, folder, tally, order.choice.workers
            )
            await run(job, inputs)
        finally:
            await asker.close()
            loop.remove_signal_handler(signal.SIGTERM)


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


def _manifest(settings: dict[str, Any], tally: Tally) -> dict[str, Any]:
    return {
        "settings": settings,
        "versions": {name: _version(name) for name in _VERSIONED}
        | {"python": platform.python_version()},
        "totals": {
            "documents": tally.documents,
            "skipped": tally.skipped,
            "incomplete": tally.incomplete,
            "unreadable": tally.unreadable,
            "records": dict(tally.records),
            "lost": tally.lost,
            "warnings": tally.doubts,
            "passages": tally.passages,
            "requests": tally.requests,
            "tokens_in": tally.usage.prompt,
            "tokens_cached": tally.usage.cached,
            "tokens_out": tally.usage.output,
            "seconds": round(tally.seconds, 1),
        },
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _summary(order: Order, tally: Tally) -> Table:
    table = Table(title=f"{tally.documents} documents in {tally.seconds:.0f} s", show_header=False)
    for kind in order.schema.kinds:
        table.add_row(kind.name.replace("_", " "), f"{tally.records[kind.name]:,}")
    table.add_row("lost (said, not borne out)", f"{tally.lost:,}")
    table.add_row("warnings", f"{tally.doubts:,}")
    if tally.skipped:
        table.add_row("documents done before", f"{tally.skipped:,}")
    if tally.unreadable:
        table.add_row("inputs that cannot be read", f"{tally.unreadable:,}")
    if tally.failed_passages:
        table.add_row("passages that failed", f"{tally.failed_passages:,}")
    usage = tally.usage
    table.add_row(
        "tokens in / cached / out", f"{usage.prompt:,} / {usage.cached:,} / {usage.output:,}"
    )
    table.add_row("run folder", str(order.output))
    return table
