"""A proxy before an OpenAI-compatible server that adds up what its answers say they took."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Tokens = Counter[str]


@contextmanager
def counted(base_url: str) -> Iterator[tuple[str, Tokens]]:
    """The proxy's base URL, and its sums: requests, failed, in, cached, out."""
    sums: Tokens = Counter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(base_url).netloc, sums))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", sums
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(place: str, sums: Tokens) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {
                name: self.headers[name]
                for name in ("content-type", "authorization")
                if name in self.headers
            }
            connection = http.client.HTTPConnection(place)
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
            connection.close()
            with lock:
                sums.update(_took(answer.status, data))
            self.send_response(answer.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Nothing: the figures are printed at the end."""

    return Handler


def _took(status: int, data: bytes) -> dict[str, int]:
    if status != http.client.OK:
        return {"requests": 1, "failed": 1}
    usage = json.loads(data).get("usage") or {}
    details = usage.get("prompt_tokens_details") or {}
    return {
        "requests": 1,
        "in": usage.get("prompt_tokens", 0),
        "cached": details.get("cached_tokens", 0),
        "out": usage.get("completion_tokens", 0),
    }
