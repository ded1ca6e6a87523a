"""Chat completions of one endpoint, sent by openai and held to a class by instructor."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any

import instructor
import openai
from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException
from instructor.core.hooks import HookName, Hooks
from openai.types.chat import ChatCompletion

from extract.ask import Endpoint, Sender
from extract.errors import NothingToDoError, TooLongError, UsageError, first_line
from extract.openai_client import RefusedError, UnusableError, as_ours, client, setback
from extract.pace import Pace
from extract.profile import Profile
from extract.spent import Spent, usage_of
from extract.wire import Wire

logging.getLogger("instructor").addHandler(logging.NullHandler())  # what it logs, it raises too

_MODES = {
    "json_schema": instructor.Mode.JSON_SCHEMA,
    "tools": instructor.Mode.TOOLS,
    "json": instructor.Mode.JSON,
}
_SPENT: ContextVar[Spent] = ContextVar("spent")  # of the question that a request belongs to
_Create = Callable[..., Awaitable[Any]]


class Chat:
    """One model, as a profile asks it."""

    def __init__(self, endpoint: Endpoint, profile: Profile) -> None:
        """Raises NothingToDoError without a key, UsageError where there is no such model."""
        self._endpoint, self._profile = endpoint, profile
        self._pace = Pace(
            endpoint.limits,
            endpoint.retries,
            endpoint.timeout,
            lambda fault: setback(_cause(fault)),
        )
        self._client: Any
        try:
            if endpoint.provider == "openai":
                self._client = client(endpoint)
                sent = _sent(self._client, self._pace, endpoint.sender)
                self._create: _Create = instructor.patch(create=sent, mode=_MODES[profile.mode])
            else:
                name = f"{endpoint.provider}/{endpoint.model}"
                asking = instructor.from_provider(name, async_client=True)
                self._client, self._create = asking.client, asking.create
        except openai.OpenAIError as fault:
            raise NothingToDoError(f"{endpoint.model} needs a key: set OPENAI_API_KEY") from fault
        except (
            Exception
        ) as fault:  # instructor raises many kinds for a provider that is unknown or not installed
            said = first_line(fault)
            raise UsageError(f"no model {endpoint.provider}:{endpoint.model}: {said}") from fault

    async def create(self, model: type[Wire], request: dict[str, Any]) -> tuple[Any, Spent]:
        """An instance of the class, and what it took. Raises AskError, and NothingToDoError as `Asker.ask` does."""
        spent = Spent(self._endpoint.model)
        ask = partial(
            self._create,
            response_model=_response(model, self._profile.mode == "tools"),
            max_retries=self._profile.reasks,
            strict=False,
            **request,
        )
        try:
            if self._endpoint.provider == "openai":
                _SPENT.set(spent)
                return await ask(), spent
            # nobody else lets us at the single request
            return await self._pace.send(partial(ask, hooks=_hooks(spent)), spent.again), spent
        except IncompleteOutputException as fault:
            cut = "the answer was cut off at the token limit"
            raise TooLongError(cut, spent.answer()) from fault
        except (InstructorRetryException, openai.OpenAIError, TimeoutError) as fault:
            raise as_ours(_cause(fault), self._endpoint, spent.answer()) from fault

    async def close(self) -> None:
        """Close the connections."""
        if isinstance(self._client, openai.AsyncOpenAI):
            await self._client.close()


def _cause(fault: Exception) -> BaseException | None:
    return fault.__cause__ if isinstance(fault, InstructorRetryException) else fault


@lru_cache(maxsize=256)
def _response(answer: type[Wire], titled: bool) -> type[Wire]:
    """The class as instructor makes it of any that it is given, for every request anew. A tool's must be `titled`."""
    made: type[Wire] = instructor.openai_schema(answer)
    if titled:
        made.json_schema = {"title": answer.__name__, **answer.json_schema}
    return made


def _hooks(spent: Spent) -> Hooks:
    hooks = Hooks()
    hooks.on(HookName.COMPLETION_KWARGS, spent.asked)
    hooks.on(HookName.COMPLETION_RESPONSE, spent.responded)
    return hooks


def _sent(raw: openai.AsyncOpenAI, pace: Pace, sender: Sender | None) -> _Create:
    """What sends a request as it is.

    openai's own looks through all messages and schemas for what it might rewrite, most of its time, for nothing; and to
    load it takes a third of a second.
    """

    async def sent(**request: Any) -> ChatCompletion:
        spent = _SPENT.get()

        async def once() -> ChatCompletion:
            spent.asked()
            try:
                if sender:
                    said = ChatCompletion.construct(**sender(request))
                else:
                    path = "/chat/completions"
                    said = await raw.post(path, cast_to=ChatCompletion, body=request)
            except ValueError as fault:
                raise UnusableError(f"no JSON: {first_line(fault)}") from fault
            spent.responded(said)
            pace.took((took := usage_of(said)).prompt + took.output)
            return _checked(said)

        return await pace.send(once, spent.again)

    return sent


def _checked(said: Any) -> ChatCompletion:
    choices = getattr(said, "choices", None)  # openai checks nothing of what it reads
    first = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(first, "message", None)
    if message is None:
        raise UnusableError("no choices in it")
    if refusal := getattr(message, "refusal", None):
        raise RefusedError(refusal)
    if getattr(first, "finish_reason", None) == "content_filter":
        raise RefusedError("its content filter cut the answer off")
    completion: ChatCompletion = said
    return completion
