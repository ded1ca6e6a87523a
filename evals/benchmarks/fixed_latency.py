"""A fake endpoint that answers every chat completion with the same JSON after a fixed time: a model of known speed.

    python -m evals.benchmarks.fixed_latency [--milliseconds 200] [--answer '{}'] [--number '']

Where `--number` is a pattern, `$1` in the answer stands for what its group finds in the question. Files and batches
are served as well: a batch is answered whole while it is created. Prints its base URL, and serves until standard
input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Said = dict[str, Any]


class Fake:
    """What is answered to whom. `folder`: where uploaded files and outputs of batches lie."""

    def __init__(self, answer: str, number: str, folder: Path) -> None:
        self._answer, self._folder = answer, folder
        self._number = re.compile(number) if number else None
        self._batches: dict[str, Said] = {}
        self._files = 0

    def completion(self, request: Said) -> Said:
        """The body of the answer."""
        answer = self._answer
        if self._number:
            found = self._number.search(str(request["messages"][-1]["content"]))
            answer = answer.replace("$1", found[1] if found else "")
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        message = {"role": "assistant", "content": answer}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        said = {"id": "fixed", "object": "chat.completion", "created": 0, "model": "fixed"}
        return said | {"choices": [choice], "usage": usage}

    def of_batches(self, method: str, path: str, body: bytes) -> bytes:
        """What the files and batches API says, at a path below `/v1`."""
        said: Said
        match (method, *path.strip("/").split("/")):
            case ["POST", "files"]:
                name = self._keep([_uploaded(body)])
                said = {"id": name, "object": "file", "bytes": len(body), "created_at": 0}
                said |= {"filename": name, "purpose": "batch", "status": "processed"}
            case ["GET", "files", name, "content"]:
                return (self._folder / name).read_bytes()
            case ["POST", "batches"]:
                said = self._done(json.loads(body))
            case ["GET", "batches", name]:
                said = self._batches[name]
            case _:
                said = {"object": "list", "data": [*self._batches.values()], "has_more": False}
        return json.dumps(said).encode()

    def _keep(self, lines: Iterator[bytes] | list[bytes]) -> str:
        self._files += 1
        name = f"file-{self._files}"
        with (self._folder / name).open("wb") as file:
            file.writelines(lines)
        return name

    def _done(self, asked: Said) -> Said:
        name = f"batch-{len(self._batches) + 1}"
        with (self._folder / asked["input_file_id"]).open("rb") as requests:
            output = self._keep(map(self._answered, requests))
        said = {"id": name, "object": "batch", "created_at": 0, "status": "completed"}
        self._batches[name] = asked | said | {"output_file_id": output}
        return self._batches[name]

    def _answered(self, line: bytes) -> bytes:
        request = json.loads(line)
        response = {"status_code": 200, "body": self.completion(request["body"])}
        said = {"id": "fixed", "custom_id": request["custom_id"], "response": response}
        return json.dumps(said).encode() + b"\n"


def _uploaded(form: bytes) -> bytes:
    """The file of a form whose last part it is, or whose next part begins with the same boundary."""
    boundary = b"\r\n" + form.partition(b"\r\n")[0]
    _, _, rest = form.partition(b"filename=")
    return rest.partition(b"\r\n\r\n")[2].partition(boundary)[0]


async def serve(seconds: float, answer: str, number: str = "") -> None:
    """Answers on a free port until standard input ends."""
    with tempfile.TemporaryDirectory() as folder:
        fake = Fake(answer, number, Path(folder))

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    method, target, _ = head.decode().split(" ", 2)
                    length = int((re.findall(rb"content-length: *(\d+)", head) or [b"0"])[0])
                    body = await reader.readexactly(length)
                    path = target.partition("?")[0].removeprefix("/v1/")
                    if path == "chat/completions":
                        said = json.dumps(fake.completion(json.loads(body))).encode()
                        await asyncio.sleep(seconds)
                    else:
                        said = fake.of_batches(method.upper(), path, body)
                    writer.write(_response(said))
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    os._exit(0)  # whoever still waits for an answer has gone


def _response(body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def answering(milliseconds: float, answer: str = "{}", number: str = "") -> Iterator[str]:
    """Such a server in a process of its own, by its base URL."""
    command = [sys.executable, "-m", "evals.benchmarks.fixed_latency", "--number", number]
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
    parser = argparse.ArgumentParser(description="a fake endpoint of known speed")
    parser.add_argument("--milliseconds", type=float, default=200)
    parser.add_argument("--answer", default="{}")
    parser.add_argument("--number", default="")
    options = parser.parse_args()
    asyncio.run(serve(options.milliseconds / 1000, options.answer, options.number))


if __name__ == "__main__":
    main()
