"""The files and batches of one endpoint, by OpenAI's Batch API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import openai
from openai.types import Batch as OpenAIBatch

from extract.ask import Endpoint
from extract.errors import NothingToDoError, first_line
from extract.openai_client import UnusableError, as_ours, client, setback
from extract.pace import Pace
from extract.types import Answer

_MARK = "communique"  # in a batch's metadata: the token that it was submitted with
T = TypeVar("T")


class Batch(NamedTuple):
    """What an endpoint says of a batch. `files`: what was answered, and what failed; `error`: why all of it failed."""

    id: str
    status: str
    files: tuple[str, ...] = ()
    error: str | None = None


class Batches:
    """The files and batches of one endpoint. Every method raises NothingToDoError, after retries."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint, self._client = endpoint, client(endpoint)
        self._pace = Pace(endpoint.limits, endpoint.retries, endpoint.timeout, setback)

    async def upload(self, path: Path) -> str:
        """The id of the file there."""

        async def once() -> str:
            with path.open("rb") as file:  # of a path openai keeps copies of the whole in memory
                return (await self._client.files.create(file=file, purpose="batch")).id

        return await self._sent(once)

    async def submit(self, file: str, token: str) -> Batch:
        """A batch of that file; the one that has the token already, if there is one."""

        async def once() -> Batch:
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(_MARK) == token:
                    return _told(batch)
            made = await self._client.batches.create(
                input_file_id=file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={_MARK: token},
            )
            return _told(made)

        return await self._sent(once)

    async def look(self, batch: str) -> Batch:
        """How the batch of that id is getting on."""

        async def once() -> Batch:
            return _told(await self._client.batches.retrieve(batch))

        return await self._sent(once)

    async def download(self, file: str, path: Path) -> None:
        """The file of that id, whole."""

        async def once() -> None:
            async with self._client.files.with_streaming_response.content(file) as content:
                await content.stream_to_file(path)

        await self._sent(once)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _sent(self, request: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._pace.send(request, lambda: None)
        except openai.NotFoundError as fault:
            said = f"{self._endpoint.address} has no batches, or no longer this one (HTTP 404)"
            raise NothingToDoError(f"{said}: {first_line(fault.message)}") from fault
        except (openai.OpenAIError, TimeoutError, UnusableError) as fault:
            said = str(as_ours(fault, self._endpoint, Answer(())))
            raise NothingToDoError(f"{said}; the same command goes on from here") from fault


def _told(batch: Any) -> Batch:
    if not isinstance(batch, OpenAIBatch):  # openai checks nothing of what it reads
        raise UnusableError("nor a batch")
    files = (batch.output_file_id, batch.error_file_id)
    errors = (batch.errors and batch.errors.data) or []
    error = first_line(errors[0].message) if errors else None
    return Batch(batch.id, batch.status, tuple(file for file in files if file), error)
