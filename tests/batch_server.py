"""A fake of the files and batches API on loopback: each line of a batch is answered by the fake model's scripts."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any

from fake_server import Asked, FakeModel, Reply, _completion, _error

PAGE = 2  # batches of one page of the list


@dataclass(frozen=True)
class Way:
    """How a batch goes. `polls`: looks before it ends; `answered`: its first lines that are, None: all of them.

    `status`: at its end; `deaf`: it is created, and the answer to that never arrives.
    """

    status: str = "completed"
    polls: int = 0
    answered: int | None = None
    error: str | None = None
    deaf: bool = False


COMPLETES = Way()


@dataclass
class _Batch:
    way: Way
    looks: int = 0
    says: dict[str, Any] = field(default_factory=dict)


class FakeBatches(FakeModel):
    """Serves files and batches, and chat completions as well. Batches take the `ways` in turn, then complete."""

    def __init__(self) -> None:
        super().__init__()
        self.ways: list[Way] = []
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, _Batch] = {}
        self.down = 0
        """So many requests from now on are answered with HTTP 503."""
        self._door = threading.Lock()
        self._server.RequestHandlerClass = _handler(self, self._server.RequestHandlerClass)

    def lines(self, batch: str) -> list[dict[str, Any]]:
        """The requests of a batch."""
        data = self.files[self.batches[batch].says["input_file_id"]]
        return [json.loads(line) for line in data.splitlines()]

    def upload(self, data: bytes) -> dict[str, Any]:
        id = f"file-{len(self.files) + 1}"
        self.files[id] = data
        known = {"created_at": 0, "filename": "requests.jsonl", "purpose": "batch"}
        return {"id": id, "object": "file", "bytes": len(data), "status": "processed", **known}

    def create(self, asked: dict[str, Any]) -> tuple[_Batch, dict[str, Any]]:
        batch = _Batch(self.ways.pop(0) if self.ways else COMPLETES)
        id = f"batch_{len(self.batches) + 1}"
        known = {"id": id, "object": "batch", "created_at": 0, "status": "validating"}
        batch.says = asked | known
        self.batches[id] = batch
        return batch, batch.says

    def look(self, id: str) -> dict[str, Any]:
        batch = self.batches[id]
        if batch.looks >= batch.way.polls and batch.says["status"] != batch.way.status:
            self._end(id, batch)
        elif batch.looks < batch.way.polls:
            batch.says["status"] = "in_progress"
        batch.looks += 1
        return batch.says

    def page(self, after: str | None) -> dict[str, Any]:
        newest = list(reversed(self.batches))
        start = newest.index(after) + 1 if after else 0
        ids = newest[start : start + PAGE]
        more = start + PAGE < len(newest)
        data = [self.batches[id].says for id in ids]
        ends = {"first_id": ids[0], "last_id": ids[-1]} if ids else {}
        return {"object": "list", "data": data, "has_more": more, **ends}

    def _end(self, id: str, batch: _Batch) -> None:
        way = batch.way
        batch.says["status"] = way.status
        if way.error:
            error = {"code": "fake", "message": way.error, "line": None, "param": None}
            batch.says["errors"] = {"object": "list", "data": [error]}
            return
        good: list[dict[str, Any]] = []
        bad: list[dict[str, Any]] = []
        for number, line in enumerate(self.lines(id)):
            if way.answered is not None and number >= way.answered:
                bad.append(expired(line))
                continue
            reply = self.reply(Asked({}, line["body"]))
            (good if reply.status == 200 else bad).append(answered(line, reply))
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            if lines:
                batch.says[name] = self.upload(jsonl(lines))["id"]


def answered(line: dict[str, Any], reply: Reply) -> dict[str, Any]:
    """The output line of a request."""
    body = _completion(reply) if reply.status == 200 else _error(reply)
    response = {"status_code": reply.status, "request_id": "fake", "body": body}
    return {"id": "fake", "custom_id": line["custom_id"], "response": response, "error": None}


def expired(line: dict[str, Any]) -> dict[str, Any]:
    """The error line of a request that no time was left for."""
    error = {"code": "batch_expired", "message": "This request could not be executed in time."}
    return {"id": "fake", "custom_id": line["custom_id"], "response": None, "error": error}


def jsonl(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def _handler(server: FakeBatches, completions: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self._down():
                return
            path, _, query = self.path.partition("?")
            parts = path.split("/")[2:]
            with server._door:
                match parts:
                    case ["batches"]:
                        asked = dict(pair.split("=") for pair in query.split("&") if pair)
                        self._answer(server.page(asked.get("after")))
                    case ["batches", id] if id in server.batches:
                        self._answer(server.look(id))
                    case ["files", id, "content"] if id in server.files:
                        self._send(200, server.files[id])
                    case _:
                        self._answer({"error": {"message": "no such thing"}}, 404)

        def do_POST(self) -> None:
            if self.path.endswith("/chat/completions"):
                completions.do_POST(self)
                return
            data = self.rfile.read(int(self.headers["content-length"]))
            if self._down():
                return
            with server._door:
                if self.path.endswith("/files"):
                    self._answer(server.upload(_uploaded(self.headers["content-type"], data)))
                    return
                batch, says = server.create(json.loads(data))
            if batch.way.deaf:
                self.close_connection = True
                return
            self._answer(says)

        def _down(self) -> bool:
            if server.down:
                server.down -= 1
                self._answer({"error": {"message": "come back later"}}, 503)
                return True
            return False

        def _answer(self, says: dict[str, Any], status: int = 200) -> None:
            self._send(status, json.dumps(says).encode())

        def _send(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.send_header("retry-after-ms", "1")  # no waiting in tests
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None: ...

    return Handler


def _uploaded(content_type: str, data: bytes) -> bytes:
    """The file of a form."""
    form = BytesParser(policy=HTTP).parsebytes(
        b"content-type: " + content_type.encode() + b"\r\n\r\n" + data
    )
    for part in form.iter_parts():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return content
    raise AssertionError("no file in the form")
