"""The parent's side of the engine: start it, wait until it is healthy, stop it."""

from __future__ import annotations

import http.client
import json
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

from extract.errors import NothingToDoError

STOP_SECONDS = 5.0
_NOT_INSTALLED = 3


@dataclass(frozen=True, slots=True)
class NgramDrafts:
    """Drafts from the text so far: after `size` tokens seen before, the next `draft` are tried."""

    size: int = 12
    draft: int = 48
    min_hits: int = 1


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How to serve. None: `threads` one a core, `log` silent. An adapter is a GGUF and a scale.

    Each slot answers one request at a time and keeps its own last prompt; what a slot has not seen
    it reads in full, so the shared start of all prompts is paid for once a slot.
    """

    slots: int = 4
    context_per_slot: int = 4096
    threads: int | None = None
    adapters: tuple[tuple[Path, float], ...] = ()
    ngram: NgramDrafts | None = None
    cache_ram_mib: int = 0
    log: Path | None = None
    start_seconds: float = 180.0


class Engine:
    """A running engine; leaving the `with` block stops it, and so does the end of this process."""

    def __init__(self, child: subprocess.Popen[bytes], address: str, api_key: str) -> None:
        self._child = child
        self.base_url = f"{address}/v1"
        self.api_key = api_key

    @property
    def pid(self) -> int:
        """Of the child that holds the model."""
        return self._child.pid

    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._child.poll() is None

    def close(self) -> None:
        """Stops the child and waits until it is gone; a second call does nothing."""
        _stop(self._child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class EngineError(NothingToDoError):
    """There is no engine to be had."""


NOT_INSTALLED = "the engine is not installed: run `pip install 'communique[local]'`"


def start(
    model_path: Path,
    settings: EngineSettings | None = None,
    born: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
) -> Engine:
    """Serves the model on loopback, healthy on return; EngineError where it cannot.

    `born`: gets the child before it is waited for, so that another thread may end it.
    """
    settings = settings or EngineSettings()
    deadline = time.monotonic() + settings.start_seconds
    api_key = secrets.token_urlsafe(32)
    log = settings.log.expanduser().resolve() if settings.log else None
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            # -P, since a folder `extract` in the current directory would be run instead
            [sys.executable, "-P", "-m", "extract.engine_server"],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for the parent, which then stops the child
        )
        try:
            born(child)
            _tell(child, _orders(model_path, settings, api_key, log))
            address = _address(child, deadline)
            _wait_until_healthy(child, address, api_key, deadline)
        except _StartError as failure:
            _stop(child)
            raise EngineError(_why(child, model_path, failure, log, errors)) from None
        except BaseException:
            _stop(child)
            raise
    return Engine(child, address, api_key)


class _StartError(Exception):
    """The engine did not come up; the message says in which way."""


def _orders(
    model_path: Path, settings: EngineSettings, api_key: str, log: Path | None
) -> dict[str, object]:
    return asdict(settings) | {
        "model": str(model_path.expanduser().resolve()),
        "api_key": api_key,
        "threads": settings.threads or _cores(),
        "adapters": [(str(path.expanduser().resolve()), by) for path, by in settings.adapters],
        "log": str(log) if log else None,
    }


def _tell(child: subprocess.Popen[bytes], orders: dict[str, object]) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(json.dumps(orders).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        raise _StartError("ended before it started") from None


def _address(child: subprocess.Popen[bytes], deadline: float) -> str:
    lines: queue.Queue[bytes] = queue.Queue()
    assert child.stdout is not None
    read = child.stdout.readline
    threading.Thread(target=lambda: lines.put(read()), daemon=True).start()
    try:
        line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        raise _StartError("was not ready in time") from None
    if not line:
        raise _StartError("ended while it loaded the model")
    return str(json.loads(line)["address"])


def _wait_until_healthy(
    child: subprocess.Popen[bytes], address: str, api_key: str, deadline: float
) -> None:
    while not _healthy(address, api_key):
        if child.poll() is not None:
            raise _StartError("ended before it was healthy")
        if time.monotonic() > deadline:
            raise _StartError("was not healthy in time")
        time.sleep(0.05)


def _healthy(address: str, api_key: str) -> bool:
    place = urlsplit(address)  # http.client, since urllib would ask a configured proxy
    connection = http.client.HTTPConnection(place.hostname or "127.0.0.1", place.port, timeout=5)
    try:
        connection.request("GET", "/health", headers={"Authorization": f"Bearer {api_key}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _why(
    child: subprocess.Popen[bytes],
    model_path: Path,
    failure: _StartError,
    log: Path | None,
    errors: IO[bytes],
) -> str:
    if child.returncode == _NOT_INSTALLED:
        return NOT_INSTALLED
    errors.seek(0)
    written = log.read_bytes() if log and log.is_file() else errors.read()
    last = written.decode("utf-8", "replace").strip().splitlines()[-3:]
    said = " | ".join(line.strip() for line in last) or "it said nothing"
    return f"the engine {failure} with {model_path} (exit {child.returncode}): {said}"


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            with suppress(OSError):
                pipe.close()


def _cores() -> int:
    """The cores that this process may run on; the second thread of a core slows the engine down."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    cpus = os.sched_getaffinity(0)
    places = (Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/core_cpus_list") for cpu in cpus)
    try:
        return len({place.read_text() for place in places})
    except OSError:
        return len(cpus)


def _environment() -> dict[str, str]:
    """With the folder of this package on the path: a checkout that is not installed works too."""
    paths = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
