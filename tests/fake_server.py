"""A fake model behind a real HTTP server on loopback: chat completions with answers scripted by the passage's words."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

TOKENS_IN, TOKENS_CACHED, TOKENS_OUT = 100, 60, 10


@dataclass(frozen=True)
class Reply:
    """One answer: records by kind, or any text. `cut`: off at the token limit; `hang`: never, until the fake closes.

    `retry`: the client may try a failure again.
    """

    says: dict[str, Any] | str = ""
    status: int = 200
    cut: bool = False
    delay: float = 0.0
    hang: bool = False
    retry: bool = False

    @property
    def text(self) -> str:
        return self.says if isinstance(self.says, str) else json.dumps(self.says)


NOTHING = Reply({})
HANG = Reply(hang=True)
FAILS = Reply("out of order", status=500)


@dataclass(frozen=True)
class Asked:
    """A request that came in. `headers`: names in lower case."""

    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def said(self) -> str:
        return "\n".join(str(message["content"]) for message in self.body["messages"])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is no news; anything else is a fault of the fake."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class FakeModel:
    """Listens while it is open; what nothing was scripted for is answered with no records."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.busiest = 0
        self._busy = 0
        self._scripts: list[tuple[str, list[Reply]]] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def on(self, words: str, *replies: Reply) -> None:
        """Questions with these words get these replies in turn, the last one ever after; the latest script counts."""
        self._scripts.insert(0, (words, list(replies)))

    def times(self, words: str) -> int:
        """How often a question with these words came in."""
        return sum(words in asked.said for asked in self.asked)

    def reply(self, asked: Asked) -> Reply:
        """What to answer, once it is due."""
        with self._lock:
            self.asked.append(asked)
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            replies = next((r for words, r in self._scripts if words in asked.said), [NOTHING])
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if reply.hang:
            self._closing.wait()
        time.sleep(reply.delay)
        with self._lock:
            self._busy -= 1
        return reply

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(model: FakeModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = model.reply(Asked(headers, body))
            data = json.dumps(_completion(reply) if reply.status == 200 else _error(reply)).encode()
            try:
                self.send_response(reply.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.send_header("x-should-retry", str(reply.retry).lower())
                self.send_header("retry-after-ms", "1")  # no waiting in tests
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                self.close_connection = True  # whoever asked is gone

        def log_message(self, *_: object) -> None: ...

    return Handler


def _completion(reply: Reply) -> dict[str, Any]:
    return {
        "id": "fake",
        "object": "chat.completion",
        "created": 0,
        "model": "fake",
        "choices": [
            {
                "index": 0,
                "finish_reason": "length" if reply.cut else "stop",
                "message": {"role": "assistant", "content": reply.text},
            }
        ],
        "usage": {
            "prompt_tokens": TOKENS_IN,
            "completion_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
            "prompt_tokens_details": {"cached_tokens": TOKENS_CACHED},
        },
    }


def _error(reply: Reply) -> dict[str, Any]:
    return {"error": {"message": reply.text, "type": "fake", "code": None}}


def texts(asked: Iterable[Asked]) -> list[str]:
    """The last message of each question."""
    return [str(one.body["messages"][-1]["content"]) for one in asked]
