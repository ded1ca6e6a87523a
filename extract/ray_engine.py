"""A run on a Ray cluster: its workers take the documents' steps, and this process alone writes the run folder."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from secrets import token_hex
from socket import gethostname
from typing import Any

from extract.ask import Asker, Endpoint
from extract.budget import Budget, Caps, Limited
from extract.cache import Cached
from extract.choice import Choice, answering
from extract.command import Live, asked_by
from extract.errors import CommuniqueError, NothingToDoError, UsageError, first_line
from extract.forecast import Counter, Outlook
from extract.gathered import Gathered, Known, Share, Till, known_to
from extract.pipeline import Job, Model, Slots, run
from extract.read import Input
from extract.run_folder import RunFolder
from schemas.describe import SchemaError
from schemas.load import load

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ENABLE_AUTO_CONNECT": "0",  # a thread that is late would look for another cluster
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
_PREFETCHED = 2  # blocks handed to a worker for each one that it works on
_BLOCK = 16  # documents, at most; each block costs the driver some milliseconds and kilobytes


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker needs to begin. `folder`: where relative paths start; `workers`: requests at once.

    `till`: handle of a Till, where the run has limits, else None. `cached`: whether answers of other runs are used.
    """

    endpoint: Endpoint
    choice: Choice
    schema: str
    schema_hash: str
    folder: Path
    workers: int
    outlook: Outlook
    till: Any
    cached: bool

    def job(self, budget: Budget) -> Job:
        """The job but for its folder and watcher, which each document has its own of. Raises UsageError."""
        with suppress(OSError):  # a node without it can still read addresses and absolute paths
            os.chdir(self.folder)
        try:
            schema = load(self.schema)
        except SchemaError as fault:
            raise UsageError(f"{gethostname()}: {fault}") from None
        if schema.hash != self.schema_hash:
            raise UsageError(f"{gethostname()} has another {self.schema}: bring all nodes in step")
        choice, profile = self.choice, self.choice.profile
        asker = Asker(self.endpoint, schema, profile)
        model: Model = budget.over(asker, Counter(choice, schema))
        if self.cached:
            settings = choice.settings() | asked_by(schema, profile)
            model = Cached(model, settings, say=lambda _: None)  # it asks where it cannot look up
        nobody = Gathered(Known())
        return Job(schema, profile, model, nobody, nobody, self.workers, choice.sieve)


class Worker:
    """One process of the cluster, with its own connections to the endpoint."""

    def __init__(self, setup: Any) -> None:
        """`setup`: reference to a Setup."""
        ray = import_module("ray")
        self._setup: Setup = ray.get(setup)
        # one that is started again in place of another has its name
        name = ray.get_runtime_context().get_actor_id()
        self._budget = Share(self._setup.outlook, self._setup.till, name)
        self._stopped: CommuniqueError | None = None
        self._job: Job | None = None
        self._slots = Slots(self._setup.workers)

    async def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
        """Takes a pickled pair of Input and Known; gives the pickled Gathered."""
        source, known = pickle.loads(row["item"])  # noqa: S301  # from this very program
        gathered = Gathered(known)
        try:
            if self._stopped:
                raise self._stopped
            self._job = self._job or self._setup.job(self._budget)
            job = replace(self._job, folder=gathered, watcher=gathered, workers=1)
            await run(job, [source], self._slots)
        except CommuniqueError as fault:
            gathered.fault = self._stopped = fault
        gathered.took = self._budget.told.pop(source.id, [])
        return {"item": pickle.dumps(gathered)}


class RaySession(Live):
    """Answers from a live model, which the workers of a Ray cluster ask."""

    def __init__(self, choice: Choice, address: str | None = None, cached: bool = False) -> None:
        """`address`: of a cluster that is there; None starts one on this machine. Raises UsageError.

        `cached`: answers of other runs are used and kept, on each node its own.
        """
        if choice.embedded:
            raise UsageError(
                "--engine ray needs a model that all workers can reach: give --base-url or --model provider:NAME; "
                "the embedded one runs with --engine local"
            )
        if find_spec("ray") is None:
            raise UsageError("--engine ray needs Ray: pip install 'communique[ray]'")
        super().__init__(choice)
        self._address, self._cached = address, cached
        self._endpoint: Endpoint | None = None

    @contextmanager
    def answering(self) -> Iterator[Endpoint]:
        """The endpoint, while the cluster is connected."""
        with answering(self._choice) as self._endpoint, _cluster(self._address):
            yield self._endpoint

    async def run(self, job: Job, inputs: Sequence[Input]) -> None:
        """Extracts the inputs into the job's folder. Raises NothingToDoError where going on is no use, LimitError."""
        import ray
        from ray.exceptions import RayError

        if any(source.path is None for source in inputs):
            raise UsageError("--engine ray cannot read standard input: name files or addresses")
        assert isinstance(job.model, Limited)
        budget = job.model.budget
        till: Any = _till(budget, job.workers) if budget.caps != Caps() else None
        stopped: CommuniqueError | None = None
        try:
            results = await asyncio.to_thread(self._results, job, inputs, till)
            while row := await asyncio.to_thread(next, results, None):
                gathered: Gathered = pickle.loads(row["item"])  # noqa: S301  # from this very program
                for said in gathered.took:
                    budget.took(*said)
                gathered.tell(job)
                # to the end, which is near then: Ray Data ends the process where it is left half-way
                stopped = stopped or gathered.fault
            if stopped:
                raise stopped
        except RayError as fault:
            raise NothingToDoError(f"the Ray cluster failed: {first_line(fault)}") from fault
        finally:
            ray.shutdown()  # a thread may still wait for a result

    def _results(self, job: Job, inputs: Sequence[Input], till: Any) -> Iterator[dict[str, bytes]]:
        import ray
        import ray.data

        actors = max(1, min(job.workers, len(inputs), _cpus()))
        share = job.workers // actors
        assert self._endpoint
        assert isinstance(job.model, Limited)
        setup = Setup(
            _shared(self._endpoint, actors),
            self._choice,
            job.schema.name,
            job.schema.hash,
            Path.cwd(),
            share,
            job.model.budget.outlook,
            till,
            self._cached,
        )
        sealed = ray.put(setup)  # it holds the key, and of arguments Ray keeps a record
        assert isinstance(job.folder, RunFolder)
        known = known_to(job.folder)
        items = [{"item": pickle.dumps((source, known(source.id)))} for source in inputs]
        # what a block yields comes back when all of it is done: long ones are for long runs
        block = max(1, min(_BLOCK, len(items) // (50 * job.workers)))
        at_once = ceil(share / block) + (block > 1)
        return iter(
            ray.data.from_items(items, override_num_blocks=ceil(len(items) / block))
            .map(
                Worker,  # type: ignore[arg-type]  # it may be a class
                fn_constructor_args=(sealed,),
                compute=ray.data.ActorPoolStrategy(
                    size=actors,
                    max_tasks_in_flight_per_actor=_PREFETCHED * at_once,
                    max_concurrent_calls_per_actor=at_once,
                ),
            )
            .iter_rows()
        )


def _till(budget: Budget, workers: int) -> Any:
    """The actor that holds the budget from now on."""
    import ray

    before = budget.before | {"seconds": budget.before["seconds"] + budget.seconds}
    at_once = 4 * workers + 1000  # calls: those that wait for room must leave some to the others
    remote: Any = ray.remote
    actor = remote(num_cpus=0, max_concurrency=at_once)(Till)
    return actor.remote(budget.outlook, budget.caps, before)


def _shared(endpoint: Endpoint, actors: int) -> Endpoint:
    """The endpoint with one worker's part of what may be asked in a minute."""
    limits = endpoint.limits
    requests, tokens = limits.requests_per_minute, limits.tokens_per_minute
    limits = replace(
        limits,
        requests_per_minute=requests and max(1, requests // actors),
        tokens_per_minute=tokens and max(1, tokens // actors),
    )
    return replace(endpoint, limits=limits)


def _cpus() -> int:
    import ray

    return int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """Connected to the cluster at the address, or to one of this machine that is gone afterwards."""
    os.environ |= _QUIET  # Ray reads them when it is imported
    if address is None:  # it listens to the network, and would run what anybody sends
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token_hex(32)}
    import ray
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    ray.data.DataContext.get_current().enable_progress_bars = False
    terminated = signal.getsignal(signal.SIGTERM)
    options: dict[str, Any] = {"logging_level": logging.CRITICAL, "log_to_driver": False}
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        if address is None:  # its logs and what it swaps out may quote documents
            options |= {"include_dashboard": False, "_temp_dir": folder}
        try:
            try:
                with _mute():
                    ray.init(address or "local", **options)
            except Exception as fault:  # of many kinds, some with no name of their own
                at = f"at {address}" if address else "on this machine"
                raise NothingToDoError(f"no Ray cluster {at}: {first_line(fault)}") from fault
            finally:
                signal.signal(signal.SIGTERM, terminated)  # Ray takes it for itself
            yield
        finally:
            ray.shutdown()


@contextmanager
def _mute() -> Iterator[None]:
    """Drops what Ray's libraries write to standard error past Python."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
