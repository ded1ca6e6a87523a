"""Answers that come in bulk and later: requests go into files, and documents are finished as their answers come in.

batch/state.json          what was written, submitted and collected; replaced whole after every step
batch/requests-N.jsonl    requests, as OpenAI's Batch API and vLLM's run-batch take them
batch/output-N.jsonl      answers to them, as those give them
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from extract.errors import AskError, UsageError
from extract.jsonl import read_lines, write_whole, writing

FOLDER, STATE = "batch", "state.json"
MOST_REQUESTS, MOST_BYTES = 50_000, 200_000_000  # of one file, by OpenAI's limits
FRAME = 150  # bytes of a line around the body, at most
_PASSING = (401, 403, 404, 408, 409, 429)  # below 500: such a line may fare better next time


class NotAnsweredError(AskError):
    """The answer to the question of that hash is not there yet."""

    def __init__(self, question: str) -> None:
        super().__init__("no answer yet")
        self.question = question


class Collected(NamedTuple):
    """Lines of output files. `failed`: to be asked again, as are requests `missing`; `unknown`: or known already."""

    answered: int = 0
    failed: int = 0
    unknown: int = 0
    damaged: int = 0
    missing: int = 0


@dataclass(slots=True)
class Part:
    """A file of requests. `token`: by which its batch is found again; `open`: answers are still to come."""

    requests: str
    count: int
    token: str
    file: str | None = None
    batch: str | None = None
    status: str = "written"
    open: bool = True


@dataclass(slots=True)
class State:
    """What state.json holds. `order`: what to extract; `used`: outputs that are worked off; `waiting`: documents."""

    order: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    used: int = 0
    waiting: list[str] = field(default_factory=list)

    @property
    def open(self) -> list[Part]:
        return [part for part in self.parts if part.open]


class Desk:
    """The folder of a run's batches: answers what was collected, and writes down what was not asked yet."""

    def __init__(
        self, run_folder: Path, most: tuple[int, int] = (MOST_REQUESTS, MOST_BYTES)
    ) -> None:
        """`most`: requests, and bytes, of one file. Raises UsageError where the state is damaged."""
        self.path, self._most = run_folder / FOLDER, most
        self.state = _read_state(self.path / STATE)
        self._answers: dict[str, tuple[Path, int]] = {}
        for name in self.state.outputs[self.state.used :]:
            self._index(self.path / name)
        self._asked = {_question(id) for part in self.state.open for id in self._ids(part)}
        self.fresh: list[str] = []
        """The questions of this pass's new requests."""
        self._made: list[Part] = []
        self._file: BinaryIO | None = None

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        """The body of the answer to a request's body. Raises NotAnsweredError, AskError where it was refused."""
        question = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:32]
        if question in self._answers:
            path, at = self._answers[question]
            with path.open("rb") as file:
                file.seek(at)
                response = json.loads(file.readline())["response"]
            if response["status_code"] != 200:
                raise AskError(
                    f"the batch answered HTTP {response['status_code']}: {_fault(response)}"
                )
            body: dict[str, Any] = response["body"]
            return body
        if question not in self._asked:
            self._asked.add(question)
            self._write(question, request)
            self.fresh.append(question)
        raise NotAnsweredError(question)

    def _write(self, question: str, request: dict[str, Any]) -> None:
        body, (requests, size) = json.dumps(request), self._most
        full = self._file and self._file.tell() + len(body) + FRAME > size
        if not self._file or full or self._made[-1].count == requests:
            self._end_file()
            name = f"requests-{len(self.state.parts) + len(self._made) + 1}.jsonl"
            with writing(self.path / name):
                self.path.mkdir(parents=True, exist_ok=True)
                self._file = (self.path / f"{name}.new").open("wb")
            self._made.append(Part(name, 0, uuid.uuid4().hex))
        id = f"{question}-{len(self.state.parts) + len(self._made)}"
        how = f'"custom_id": "{id}", "method": "POST", "url": "/v1/chat/completions"'
        with writing(self.path):
            self._file.write(f'{{{how}, "body": {body}}}\n'.encode())
        self._made[-1].count += 1

    def _end_file(self) -> None:
        if self._file:
            with writing(self.path), self._file as file:
                file.flush()
                os.fsync(file.fileno())
        self._file = None

    def withdraw(self) -> None:
        """Takes back the last files that were not uploaded: what is still wanted of them is written anew."""
        while self.state.open and (part := self.state.parts[-1]).open and part.file is None:
            self._asked.difference_update(_question(id) for id in self._ids(part))
            self.state.parts.pop()

    def keep_first(self, count: int) -> None:
        """Takes back the pass's new requests but for the first ones."""
        self._end_file()
        self._asked.difference_update(self.fresh[count:])
        excess = len(self.fresh) - count
        del self.fresh[count:]
        while excess:
            part = self._made[-1]
            cut = min(excess, part.count)
            excess, part.count = excess - cut, part.count - cut
            path = self.path / f"{part.requests}.new"
            with writing(path), path.open("r+b") as file:
                for _ in range(part.count):
                    file.readline()
                file.truncate()
            if not part.count:
                path.unlink()
                self._made.pop()

    def end_pass(self, inputs: set[str], waiting: set[str]) -> None:
        """Notes what is to be asked now, and which of the inputs wait for it."""
        self._end_file()
        for part in self._made:
            with writing(self.path / part.requests):
                os.replace(self.path / f"{part.requests}.new", self.path / part.requests)
        self.state.parts += self._made
        self._made, self.fresh = [], []
        self.state.waiting = sorted({*self.state.waiting} - inputs | waiting)
        if not self.state.waiting:  # what failed is asked anew next time
            self.state.used = len(self.state.outputs)
            for part in self.state.open:
                part.open = False
        self.save()

    def collect(self, files: Sequence[Path], ended: Part | None = None) -> Collected:
        """Takes the answers out of output files. A part of which they have a line is no longer open, nor is `ended`."""
        parts = [ended] if ended else self.state.parts
        asked = {id: part for part in parts for id in self._ids(part)}
        counts, seen = dict.fromkeys(Collected._fields, 0), set[str]()
        path = self.path / f"output-{len(self.state.outputs) + 1}.jsonl"
        new = path.with_name(f"{path.name}.new")
        with writing(path), new.open("wb") as file:
            for raw in (raw for source in files for _, raw in _lines(source)):
                id, kind = _judged(raw)
                if kind != "damaged" and (
                    id not in asked or id in seen or _question(id) in self._answers
                ):
                    kind = "unknown"
                counts[kind] += 1
                seen.add(id)
                if kind == "answered":
                    file.write(raw.rstrip(b"\r\n") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with writing(path):
            os.replace(new, path)
        self._index(path)
        self.state.outputs.append(path.name)
        counts["missing"] = self._close_parts(asked, seen, ended)
        self.save()
        return Collected(**counts)

    def _close_parts(self, asked: dict[str, Part], seen: set[str], ended: Part | None) -> int:
        """Closes the parts of the requests that were seen; returns how many of their others were not."""
        names = {asked[id].requests for id in seen if id in asked and asked[id].open}
        names |= {ended.requests} if ended else set()
        missing = 0
        for id, part in asked.items():
            if part.requests in names:
                part.open = False
                self._asked.discard(_question(id))
                missing += id not in seen
        return missing

    def close(self) -> None:
        """Ends a pass that was broken off; what it wrote does not count."""
        self._end_file()

    def save(self) -> None:
        """The state on disk."""
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        write_whole(self.path / STATE, json.dumps(asdict(self.state), indent=1) + "\n")

    def _index(self, path: Path) -> None:
        for at, raw in _lines(path):
            self._answers[_question(_judged(raw)[0])] = path, at

    def _ids(self, part: Part) -> Iterator[str]:
        return (line["custom_id"] for line in read_lines(self.path / part.requests))


def _question(id: str) -> str:
    """The hash of the body; what follows it in a custom_id is the number of its file, to tell whose line it is."""
    return id.partition("-")[0]


def _read_state(path: Path) -> State:
    try:
        said = json.loads(path.read_text("utf-8"))
        said["parts"] = [Part(**part) for part in said["parts"]]
        return State(**said)
    except FileNotFoundError:
        return State()
    except (ValueError, KeyError, TypeError, OSError):
        raise UsageError(
            f"{path} is damaged: remove {path.parent}, and its requests are asked anew"
        ) from None


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line with its offset. Raises UsageError where the file cannot be read."""
    at = 0
    try:
        with path.open("rb") as file:
            for raw in file:
                if raw.strip():
                    yield at, raw
                at += len(raw)
    except OSError as fault:
        raise UsageError(
            f"{path} cannot be read: {fault.strerror}; name the batch's output files"
        ) from None


def _judged(raw: bytes) -> tuple[str, str]:
    """The id of an output line, and what it is: answered, failed or damaged."""
    try:
        line = json.loads(raw)
        id, response = line["custom_id"], line.get("response") or {}
        status, body = response.get("status_code"), response.get("body")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", "damaged"
    if not isinstance(id, str):
        return "", "damaged"
    if status == 200:
        return id, "answered" if isinstance(body, dict) and body.get("choices") else "failed"
    final = isinstance(status, int) and 400 <= status < 500 and status not in _PASSING
    return id, "answered" if final else "failed"


def _fault(response: dict[str, Any]) -> str:
    body = response.get("body")
    error = body.get("error", body) if isinstance(body, dict) else body
    said = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(said).split())[:300]
