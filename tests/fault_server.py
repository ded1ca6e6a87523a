"""A fake model that fails in every way that real endpoints do, by the same scripts as the fake that does not fail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from fake_server import Asked, FakeModel, Reply, _completion, _error

REST = 0.02  # seconds between two bytes of a trickle


@dataclass(frozen=True)
class Fault(Reply):
    """`headers`: further ones, such as Retry-After. `change`: what becomes of the completion before it goes out.

    `sent`: so many bytes of the body, and then the connection is closed; `trickle`: a byte now and then, without end.
    `code`: of an error.
    """

    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], object] | None = None
    body: bytes | None = None
    sent: int | None = None
    trickle: bool = False
    code: str | None = None


def _says(**message: Any) -> Callable[[dict[str, Any]], None]:
    return lambda completion: completion["choices"][0]["message"].update(message)


def status(number: int, says: str = "come back later", **known: Any) -> Fault:
    """An error of HTTP."""
    return Fault(says, status=number, **known)


CLOSES = Fault({}, sent=40)
STALLS = Fault({}, hang=True)
TRICKLES = Fault({}, trickle=True)
HALF_A_BODY = Fault(body=b'{"id": "fake", "choices": [{"index": 0, "mess')
NO_JSON = Fault(body=b"<html><body>Bad gateway</body></html>")
NO_CHOICES = Fault(body=b'{"error": {"message": "upstream is gone"}}')
NO_CONTENT = Fault(change=_says(content=None))
EMPTY = Fault("")
REFUSES = Fault(change=_says(content=None, refusal="I cannot help with that."))
FILTERED = Fault(change=lambda said: said["choices"][0].update(finish_reason="content_filter"))


def by(model: str, reply: Reply) -> Fault:
    """The reply, from a model of another name."""
    return Fault(reply.says, change=lambda completion: completion.update(model=model))


class FaultyModel(FakeModel):
    """Serves `at_once` requests and refuses those beyond; the others get the replies of their script."""

    def __init__(self, at_once: int | None = None) -> None:
        super().__init__()
        self.refused = self.early = 0
        self._at_once, self._inside, self._closed_until = at_once, 0, 0.0
        self._door = threading.Lock()
        self._server.RequestHandlerClass = _handler(self)

    @property
    def closing(self) -> bool:
        return self._closing.is_set()

    def reply(self, asked: Asked) -> Reply:
        with self._door:
            self.early += time.monotonic() < self._closed_until
            if self._at_once is not None and self._inside >= self._at_once:
                self.refused += 1
                return status(429, "too many at once")
            self._inside += 1
        try:
            reply = super().reply(asked)
        finally:
            with self._door:
                self._inside -= 1
        if isinstance(reply, Fault) and (seconds := reply.headers.get("retry-after")):
            self._closed_until = time.monotonic() + float(seconds)
        return reply


def _handler(model: FaultyModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = model.reply(Asked(headers, body))
            fault = (
                reply if isinstance(reply, Fault) else Fault(reply.says, reply.status, reply.cut)
            )
            try:
                self._answer(fault)
            except OSError:
                self.close_connection = True  # whoever asked is gone

        def _answer(self, fault: Fault) -> None:
            data = fault.body if fault.body is not None else _body(fault)
            self.send_response(fault.status)
            self.send_header("content-type", "application/json")
            length = 10**9 if fault.trickle else len(data)
            self.send_header("content-length", str(length))
            for name, value in fault.headers.items():
                self.send_header(name, value)
            self.end_headers()
            while fault.trickle and not model.closing:
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(REST)
            self.wfile.write(data[: fault.sent])
            self.close_connection = fault.sent is not None

        def log_message(self, *_: object) -> None: ...

    return Handler


def _body(fault: Fault) -> bytes:
    if fault.status != 200:
        error = _error(fault)
        error["error"]["code"] = fault.code
        return json.dumps(error).encode()
    completion = _completion(fault)
    if fault.change:
        fault.change(completion)
    return json.dumps(completion).encode()
