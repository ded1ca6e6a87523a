"""The one seam to a model: a passage goes out, an answer comes back. Nothing else imports openai or instructor."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import instructor
import openai
from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException
from instructor.core.hooks import HookName, Hooks
from openai.types import Batch as OpenAIBatch
from openai.types.chat import ChatCompletion
from pydantic import ValidationError

from extract import wire
from extract.errors import (
    AskError,
    CommuniqueError,
    NothingToDoError,
    TooLongError,
    UsageError,
    first_line,
)
from extract.numbers import find_numbers
from extract.pace import Limits, Pace, Setback, retry_after
from extract.profile import Profile
from extract.prompt import messages
from extract.spent import Spent, usage_of
from extract.types import Answer, Document, Passage
from schemas.describe import Schema

logging.getLogger("instructor").addHandler(logging.NullHandler())  # what it logs, it raises too

_BUSY = (429, 503, 529)
_FINAL = (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)
NO_KEY = "none"  # what servers on one's own machine are sent; openai insists on a key
_MODES = {
    "json_schema": instructor.Mode.JSON_SCHEMA,
    "tools": instructor.Mode.TOOLS,
    "json": instructor.Mode.JSON,
}
_MARK = "communique"  # in a batch's metadata: the token that it was submitted with
T = TypeVar("T")
Sender = Callable[[dict[str, Any]], dict[str, Any]]
"""From the body of a request to the body of its answer. Raises AskError."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. `provider`: one of instructor's, where it is no OpenAI-compatible `base_url`.

    `timeout`: seconds of one request in all. `retries`: of one request, where the endpoint fails.
    `sender`: has the answers, in place of the address.
    """

    model: str
    provider: str = "openai"
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 600.0
    retries: int = 8
    limits: Limits = field(default_factory=Limits)
    sender: Sender | None = field(default=None, repr=False)


class Asker:
    """Asks one model, by one schema, about passages."""

    def __init__(self, endpoint: Endpoint, schema: Schema, profile: Profile) -> None:
        self._endpoint, self._schema, self._profile = endpoint, schema, profile
        self._pace = Pace(endpoint.limits, endpoint.retries, endpoint.timeout, _setback)
        self._client = _client(endpoint, profile, self._pace)

    def key(self, document: Document, passage: Passage) -> str:
        """Of the canonical request: the same key, the same question to the same model."""
        body = self._request(document, passage)
        body["schema"] = self._answer_model(passage, document).model_json_schema()
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24]

    async def ask(self, document: Document, passage: Passage) -> Answer:
        """What the model says of the passage. Raises AskError; NothingToDoError where no passage can fare better."""
        spent = Spent(self._endpoint.model)
        ask = partial(
            self._client.create,
            response_model=_response(
                self._answer_model(passage, document), self._profile.mode == "tools"
            ),
            max_retries=self._profile.reasks,
            strict=False,
            **self._request(document, passage),
        )
        try:
            if self._endpoint.provider == "openai":
                _SPENT.set(spent)
                said = await ask()
            else:  # nobody else lets us at the single request
                said = await self._pace.send(partial(ask, hooks=_hooks(spent)), spent.again)
        except IncompleteOutputException as fault:
            cut = "the answer was cut off at the token limit"
            raise TooLongError(cut, spent.answer()) from fault
        except (InstructorRetryException, openai.OpenAIError, TimeoutError) as fault:
            raise _as_ours(fault, self._endpoint, spent.answer()) from fault
        return spent.answer(wire.drafts(self._schema, said))

    async def close(self) -> None:
        """Close the connections."""
        raw = getattr(self._client, "client", None)
        if isinstance(raw, openai.AsyncOpenAI):
            await raw.close()

    def _answer_model(self, passage: Passage, document: Document) -> type[wire.Wire]:
        numbers: tuple[int | float, ...] = ()
        if self._profile.legal_numbers:
            stretches = [*passage.sentences, *([passage.lead] if passage.lead else [])]
            words = (s.of(document.text) for s in stretches)
            numbers = tuple(dict.fromkeys(n.value for w in words for n in find_numbers(w)))
        return wire.answer_model(self._schema, self._profile, len(passage.sentences), numbers)

    def _request(self, document: Document, passage: Passage) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": messages(self._schema, self._profile, document, passage),
        }
        hosted = self._endpoint.base_url is None and self._endpoint.provider == "openai"
        request["max_completion_tokens" if hosted else "max_tokens"] = self._profile.output
        if self._profile.temperature is not None:
            request["temperature"] = self._profile.temperature
        return request


@lru_cache(maxsize=256)
def _response(answer: type[wire.Wire], titled: bool) -> type[wire.Wire]:
    """The class as instructor makes it of any that it is given, for every request anew. A tool's must be `titled`."""
    made: type[wire.Wire] = instructor.openai_schema(answer)
    if titled:
        made.json_schema = {"title": answer.__name__, **answer.json_schema}
    return made


def _hooks(spent: Spent) -> Hooks:
    hooks = Hooks()
    hooks.on(HookName.COMPLETION_KWARGS, spent.asked)
    hooks.on(HookName.COMPLETION_RESPONSE, spent.responded)
    return hooks


_SPENT: ContextVar[Spent] = ContextVar("spent")  # of the question that a request belongs to


def _client(endpoint: Endpoint, profile: Profile, pace: Pace) -> instructor.AsyncInstructor:
    try:
        if endpoint.provider == "openai":
            raw = _openai(endpoint)
            _send_as_it_is(raw, pace, endpoint.sender)
            return instructor.from_openai(raw, mode=_MODES[profile.mode])
        name = f"{endpoint.provider}/{endpoint.model}"
        client = instructor.from_provider(name, async_client=True)
    except openai.OpenAIError as fault:
        raise NothingToDoError(f"{endpoint.model} needs a key: set OPENAI_API_KEY") from fault
    except (
        Exception
    ) as fault:  # instructor raises many kinds for a provider that is unknown or not installed
        said = first_line(fault)
        raise UsageError(f"no model {endpoint.provider}:{endpoint.model}: {said}") from fault
    assert isinstance(client, instructor.AsyncInstructor)
    return client


def _send_as_it_is(client: openai.AsyncOpenAI, pace: Pace, sender: Sender | None) -> None:
    """openai looks through all messages and schemas for what it might rewrite: most of its time, for nothing."""
    completions: Any = client.chat.completions

    @wraps(completions.create)
    async def sent(**request: Any) -> ChatCompletion:
        spent = _SPENT.get()

        async def once() -> ChatCompletion:
            spent.asked()
            try:
                if sender:
                    said = ChatCompletion.construct(**sender(request))
                else:
                    path = "/chat/completions"
                    said = await client.post(path, cast_to=ChatCompletion, body=request)
            except ValueError as fault:
                raise _UnusableError(f"no JSON: {first_line(fault)}") from fault
            spent.responded(said)
            pace.took((took := usage_of(said)).prompt + took.output)
            return _checked(said)

        return await pace.send(once, spent.again)

    completions.create = sent


class _UnusableError(Exception):
    """HTTP 200, and no chat completion."""


class _RefusedError(Exception):
    """The model will not answer."""


def _checked(said: Any) -> ChatCompletion:
    choices = getattr(said, "choices", None)  # openai checks nothing of what it reads
    first = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(first, "message", None)
    if message is None:
        raise _UnusableError("no choices in it")
    if refusal := getattr(message, "refusal", None):
        raise _RefusedError(refusal)
    if getattr(first, "finish_reason", None) == "content_filter":
        raise _RefusedError("its content filter cut the answer off")
    completion: ChatCompletion = said
    return completion


def _openai(endpoint: Endpoint) -> openai.AsyncOpenAI:
    """OpenAI's client; what the environment holds for OpenAI goes to no other server."""
    if endpoint.base_url is None:
        return openai.AsyncOpenAI(api_key=endpoint.api_key, timeout=endpoint.timeout, max_retries=0)
    said = os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    private = ["OpenAI-Organization", "OpenAI-Project", *(h.partition(":")[0] for h in said)]
    headers: Any = {name.strip(): openai.Omit() for name in private if name.strip()}
    near = urlsplit(endpoint.base_url).hostname in ("localhost", "127.0.0.1", "::1")
    return openai.AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or NO_KEY,
        admin_api_key="",
        timeout=endpoint.timeout,
        max_retries=0,
        default_headers=headers,
        # a proxy cannot reach this machine's own servers, and should not see what they are sent
        http_client=openai.DefaultAsyncHttpxClient(trust_env=False) if near else None,
    )


def _cause(fault: Exception) -> BaseException | None:
    return fault.__cause__ if isinstance(fault, InstructorRetryException) else fault


def _setback(fault: Exception) -> Setback | None:
    """None where the same request would fare no better."""
    cause = _cause(fault)
    if not isinstance(cause, openai.APIStatusError):
        passing = isinstance(cause, TimeoutError | openai.APIConnectionError | _UnusableError)
        return Setback() if passing else None
    if _no_credit(cause) or isinstance(cause, _FINAL):
        return Setback(final=True)
    status, headers = cause.status_code, cause.response.headers
    told = headers.get("x-should-retry")
    again = status in (408, 409, 429) or status >= 500
    if told == "false" or not (again or told == "true"):
        return None
    return Setback(status in _BUSY, retry_after(headers))


def _no_credit(cause: openai.APIStatusError) -> bool:
    return cause.code == "insufficient_quota"


def _as_ours(fault: Exception, endpoint: Endpoint, spent: Answer) -> Exception:
    """The one-line error for what went wrong; a key or model that is refused ends the run."""
    cause, at = _cause(fault), endpoint.base_url or endpoint.provider
    if isinstance(cause, CommuniqueError):  # the sender's
        if isinstance(cause, AskError):
            cause.spent = spent
        return cause
    if isinstance(cause, openai.AuthenticationError | openai.PermissionDeniedError):
        return NothingToDoError(f"{at} refused the key (HTTP {cause.status_code}): check it")
    if isinstance(cause, openai.NotFoundError):
        return NothingToDoError(f"{at} has no model {endpoint.model!r} (HTTP 404): check its name")
    if isinstance(cause, openai.APIStatusError) and _no_credit(cause):
        return NothingToDoError(f"{at} says that the key has no credit left (HTTP 429): top it up")
    said = _said(cause, endpoint, at)
    if endpoint.api_key:
        said = said.replace(endpoint.api_key, "***")  # some servers repeat what they were sent
    return AskError(said, spent)


def _said(cause: BaseException | None, endpoint: Endpoint, at: str) -> str:
    match cause:
        case openai.APIStatusError():
            return f"{at} answered HTTP {cause.status_code}: {first_line(cause.message)}"
        case openai.APITimeoutError() | TimeoutError():
            return f"{at} did not answer within {endpoint.timeout:g} s"
        case openai.APIConnectionError():
            return f"{at} cannot be reached: {first_line(cause.__cause__ or cause)}"
        case ValidationError():
            return f"the answer does not fit the schema: {_first_fault(cause)}"
        case _UnusableError():
            return f"{at} sent no chat completion: {first_line(cause)}"
        case _RefusedError():
            return f"the model refused to answer: {first_line(cause)}"
    return f"no usable answer: {type(cause).__name__}: {first_line(cause)}"


def _first_fault(fault: ValidationError) -> str:
    first = fault.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'answer'}: {first['msg']}"


class Batch(NamedTuple):
    """What an endpoint says of a batch. `files`: what was answered, and what failed; `error`: why all of it failed."""

    id: str
    status: str
    files: tuple[str, ...] = ()
    error: str | None = None


class Batches:
    """The files and batches of one endpoint. Every method raises NothingToDoError, after retries."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint, self._client = endpoint, _openai(endpoint)
        self._pace = Pace(endpoint.limits, endpoint.retries, endpoint.timeout, _setback)

    async def upload(self, path: Path) -> str:
        """The id of the file there."""
        file = await self._sent(lambda: self._client.files.create(file=path, purpose="batch"))
        return file.id

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
            at = self._endpoint.base_url or self._endpoint.provider
            said = f"{at} has no batches, or no longer this one (HTTP 404)"
            raise NothingToDoError(f"{said}: {first_line(fault.message)}") from fault
        except (openai.OpenAIError, TimeoutError, _UnusableError) as fault:
            said = str(_as_ours(fault, self._endpoint, Answer(())))
            raise NothingToDoError(f"{said}; the same command goes on from here") from fault


def _told(batch: Any) -> Batch:
    if not isinstance(batch, OpenAIBatch):  # openai checks nothing of what it reads
        raise _UnusableError("nor a batch")
    files = (batch.output_file_id, batch.error_file_id)
    errors = (batch.errors and batch.errors.data) or []
    error = first_line(errors[0].message) if errors else None
    return Batch(batch.id, batch.status, tuple(file for file in files if file), error)
