"""What `communique extract` does, from the arguments to the exit code."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import io
import json
import platform
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from extract.ask import Asker, Endpoint
from extract.budget import Budget, Caps, LimitError
from extract.cache import Cached
from extract.choice import Choice, Sleeping, Waking, answering, unasked
from extract.engine import EngineError
from extract.errors import CommuniqueError, NothingToDoError, ReadError, UsageError
from extract.forecast import Counter, Outlook, clock, usual
from extract.pipeline import Job, Model, run
from extract.prices import price_of
from extract.profile import Profile
from extract.progress import Tally, compare, foreseen, grounds, summary, watcher
from extract.prompt import shared
from extract.read import SIZE_LIMIT, Input, read, renamings
from extract.run_folder import RunFolder
from extract.totals import Before, Kept, ToDo, past, remember
from schemas.describe import Schema

_VERSIONED = ("communique", "instructor", "openai", "pydantic", "ray", "xllamacpp")


class Session(Protocol):
    """Where a run's answers come from: a live model, or what one said before."""

    def settings(self) -> dict[str, Any]:
        """Which model it is."""
        ...

    def answering(self) -> AbstractContextManager[Endpoint | Sleeping]:
        """Whom to ask, while the run lasts."""
        ...

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        """Extracts the inputs into the job's folder."""
        ...


class Live:
    """A model that is asked anew, so that what it takes is held to limits, compared with its forecast and remembered.

    `say`: told where answers of other runs cannot be had; None: none are wanted. `batched`: it answers in batches.
    """

    batched = False

    def __init__(self, choice: Choice, say: Callable[[str], None] | None = None) -> None:
        self._choice, self._warn = choice, say

    def settings(self) -> dict[str, Any]:
        return self._choice.settings()

    def answering(self) -> AbstractContextManager[Endpoint | Sleeping]:
        return closing(Sleeping(self._choice)) if self._choice.embedded else answering(self._choice)

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        if self._warn is None:
            await run(job, inputs)
            return
        settings = self.settings() | asked_by(job.schema, job.profile)
        with closing(Cached(job.model, settings, self._warn)) as model:
            await run(replace(job, model=model), inputs)


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for. `session`: None asks the model that was chosen. `caps`: where it stops."""

    inputs: Sequence[Input]
    output: Path
    schema: Schema
    choice: Choice
    quiet: bool = False
    session: Session | None = None
    cached: bool = False
    caps: Caps = field(default_factory=Caps)


def execute(order: Order, console: Console) -> int:
    """Runs the order; returns the exit code. Raises CommuniqueError where nothing was done."""
    inputs, session = order.inputs, order.session or _live(order, console)
    outlook, counter = _outlook(order)
    order.caps.hold(outlook.price, order.choice.name)
    if not order.quiet:
        for said in renamings(inputs):
            console.print(said, markup=False, highlight=False, soft_wrap=True)
    settings = session.settings() | asked_by(order.schema, order.choice.profile)
    _read_stdin(inputs)
    gc.freeze()  # the libraries' objects stay; walking through them took a fifth of a run's own time
    with RunFolder(order.output, settings) as folder:
        tally = watcher(len(inputs), console, order.quiet)
        budget = Budget(outlook, order.caps, folder.totals(0))
        stopped: CommuniqueError | None = None
        try:
            with _terminable(), tally, session.answering() as endpoint:
                asker = _asker(endpoint, order)
                _run(order, session, asker, budget.over(asker, counter), folder, tally)
        except CommuniqueError as fault:
            if not tally.worked or isinstance(fault, UsageError | EngineError):
                raise
            stopped = fault  # what is finished is kept and told
        finally:
            unwritten = _write_manifest(folder, settings, tally)
            if isinstance(session, Live):
                _remember(order, counter, budget, session.batched)
        stopped = stopped or unwritten
        if not tally.worked:
            return NothingToDoError.exit_code  # each input has had its line
        if not order.quiet:
            _tell(order, session, console, folder, tally, budget)
        if stopped:
            _say_stopped(stopped, console, tally)
        return 0 if tally.all_well and not stopped else 1


def foresee(order: Order, console: Console) -> int:
    """Prints what the order would take. Asks nobody, and writes nothing into the run folder."""
    outlook, counter = _outlook(order)
    order.caps.hold(outlook.price, order.choice.name)
    _read_stdin(order.inputs)
    choice, todo = order.choice, ToDo()
    name = f"{choice.provider}:{choice.name}"
    model = {"model": name, "base_url": choice.base_url}
    before = Before(order.output, model | asked_by(order.schema, choice.profile))
    with _kept(order) as kept:
        for source in order.inputs:
            try:
                todo.add(counter, read(source), before, kept)
            except ReadError as fault:
                todo.unreadable += 1
                console.print(str(fault), markup=False, highlight=False, soft_wrap=True)
    timed = not _batched(order)
    console.print(foreseen(outlook.forecast(todo.work, todo.documents), todo, timed))
    console.print(grounds(outlook, name, counter.unit), soft_wrap=True, highlight=False)
    return 0


def _outlook(order: Order) -> tuple[Outlook, Counter]:
    """What is known beforehand of what the order will take, and what counts its prompts."""
    counter = Counter(order.choice, order.schema)
    batched = _batched(order)
    known = past(order.choice, _asked(order), counter.unit, batched)
    bounds = usual(order.choice, counter.unit)
    return Outlook(order.choice.workers, known, bounds, price_of(order.choice, batched)), counter


def _batched(order: Order) -> bool:
    return isinstance(order.session, Live) and order.session.batched


def _kept(order: Order) -> AbstractContextManager[Kept | None]:
    """The answers of other runs that the order would use; None: it uses none."""
    if not order.cached or _batched(order):
        return nullcontext()
    try:
        settings = order.choice.settings(checked=False)
    except CommuniqueError:  # of a file that is not there
        return nullcontext()
    profile = order.choice.profile
    model = Asker(unasked(order.choice), order.schema, profile)
    return closing(Kept(model, settings | asked_by(order.schema, profile)))


def _asked(order: Order) -> str:
    said = json.dumps(asked_by(order.schema, order.choice.profile))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _remember(order: Order, counter: Counter, budget: Budget, batched: bool) -> None:
    documents, sums = list(budget.documents.values()), budget.sums
    if documents and sums.seconds:
        stretch = None if batched else budget.seconds / clock(sums, order.choice.workers)
        remember(order.choice, _asked(order), counter.unit, stretch, documents)


def _asker(at: Endpoint | Sleeping, order: Order) -> Asker | Waking:
    if isinstance(at, Sleeping):
        return Waking(at, order.schema)
    return Asker(at, order.schema, order.choice.profile)


def _run(
    order: Order,
    session: Session,
    asker: Asker | Waking,
    model: Model,
    folder: RunFolder,
    tally: Tally,
) -> None:
    choice = order.choice
    job = Job(order.schema, choice.profile, model, folder, tally, choice.workers, choice.sieve)

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


def _live(order: Order, console: Console) -> Live:
    def say(words: str) -> None:
        console.print(words, markup=False, highlight=False, soft_wrap=True)

    return Live(order.choice, say if order.cached else None)


def _read_stdin(inputs: Sequence[Input]) -> None:
    """All of it, here: the thread that reads documents could not be interrupted while it waits."""
    if any(source.path is None for source in inputs):
        sys.stdin = io.TextIOWrapper(io.BytesIO(sys.stdin.buffer.read(SIZE_LIMIT + 1)))


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


def _tell(
    order: Order,
    session: Session,
    console: Console,
    folder: RunFolder,
    tally: Tally,
    budget: Budget,
) -> None:
    title = f"{tally.documents} documents in {tally.seconds:.0f} s"
    kinds = [kind.name for kind in order.schema.kinds]
    table = summary(title, kinds, folder.totals(tally.seconds), tally.skipped)
    if budget.sums.passages and isinstance(session, Live):
        said = budget.outlook.forecast(budget.sums, tally.documents)
        compare(table, said, budget, timed=not session.batched)
    table.add_row("run folder", Text(str(order.output), overflow="fold"))
    console.print(table)


def _say_stopped(fault: CommuniqueError, console: Console, tally: Tally) -> None:
    done = tally.documents + tally.skipped
    far = f" ({done} of {tally.inputs} documents are done)" if isinstance(fault, LimitError) else ""
    console.print(f"stopped: {fault}{far}", markup=False, highlight=False, soft_wrap=True)
