"""A server that answers every chat completion with the same JSON after a fixed time: a model of known speed.

    python -m evals.benchmarks.fixed_latency [--milliseconds 200] [--answer '{}']

Prints its base URL, and serves until its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def _response(answer: str) -> bytes:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    message = {"role": "assistant", "content": answer}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    said = {"id": "fixed", "object": "chat.completion", "created": 0, "model": "fixed"}
    body = json.dumps(said | {"choices": [choice], "usage": usage}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def serve(seconds: float, answer: str) -> None:
    """Answers on a free port until standard input ends."""
    response = _response(answer)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
                await asyncio.sleep(seconds)
                writer.write(response)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # whoever still waits for an answer has gone


@contextmanager
def answering(milliseconds: float, answer: str = "{}") -> Iterator[str]:
    """Such a server in a process of its own, by its base URL."""
    command = [sys.executable, "-m", "evals.benchmarks.fixed_latency"]
    command += ["--milliseconds", str(milliseconds), "--answer", answer]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as server:  # noqa: S603
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="a model of known speed")
    parser.add_argument("--milliseconds", type=float, default=200)
    parser.add_argument("--answer", default="{}")
    options = parser.parse_args()
    asyncio.run(serve(options.milliseconds / 1000, options.answer))


if __name__ == "__main__":
    main()
