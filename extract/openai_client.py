"""openai's client for one endpoint, and what its failures mean."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import openai
from pydantic import ValidationError

from extract.ask import NO_KEY, Endpoint
from extract.errors import AskError, CommuniqueError, NothingToDoError, first_line
from extract.pace import Setback, retry_after
from extract.types import Answer

_BUSY = (429, 503, 529)
_FINAL = (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)


class UnusableError(Exception):
    """HTTP 200, and not what was asked for."""


class RefusedError(Exception):
    """The model will not answer."""


def client(endpoint: Endpoint) -> openai.AsyncOpenAI:
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


def setback(fault: BaseException | None) -> Setback | None:
    """None where the same request would fare no better."""
    if not isinstance(fault, openai.APIStatusError):
        passing = isinstance(fault, TimeoutError | openai.APIConnectionError | UnusableError)
        return Setback() if passing else None
    if _no_credit(fault) or isinstance(fault, _FINAL):
        return Setback(final=True)
    status, headers = fault.status_code, fault.response.headers
    told = headers.get("x-should-retry")
    again = status in (408, 409, 429) or status >= 500
    if told == "false" or not (again or told == "true"):
        return None
    return Setback(status in _BUSY, retry_after(headers))


def _no_credit(fault: openai.APIStatusError) -> bool:
    return fault.code == "insufficient_quota"


def as_ours(fault: BaseException | None, endpoint: Endpoint, spent: Answer) -> Exception:
    """The one-line error for what went wrong; a key or model that is refused ends the run."""
    at = endpoint.address
    if isinstance(fault, CommuniqueError):  # the sender's
        if isinstance(fault, AskError):
            fault.spent = spent
        return fault
    if isinstance(fault, openai.AuthenticationError | openai.PermissionDeniedError):
        return NothingToDoError(f"{at} refused the key (HTTP {fault.status_code}): check it")
    if isinstance(fault, openai.NotFoundError):
        return NothingToDoError(f"{at} has no model {endpoint.model!r} (HTTP 404): check its name")
    if isinstance(fault, openai.APIStatusError) and _no_credit(fault):
        return NothingToDoError(f"{at} says that the key has no credit left (HTTP 429): top it up")
    said = _said(fault, endpoint, at)
    if endpoint.api_key:
        said = said.replace(endpoint.api_key, "***")  # some servers repeat what they were sent
    return AskError(said, spent)


def _said(fault: BaseException | None, endpoint: Endpoint, at: str) -> str:
    match fault:
        case openai.APIStatusError():
            return f"{at} answered HTTP {fault.status_code}: {first_line(fault.message)}"
        case openai.APITimeoutError() | TimeoutError():
            return f"{at} did not answer within {endpoint.timeout:g} s"
        case openai.APIConnectionError():
            return f"{at} cannot be reached: {first_line(fault.__cause__ or fault)}"
        case ValidationError():
            return f"the answer does not fit the schema: {_first_fault(fault)}"
        case UnusableError():
            return f"{at} sent no chat completion: {first_line(fault)}"
        case RefusedError():
            return f"the model refused to answer: {first_line(fault)}"
    return f"no usable answer: {type(fault).__name__}: {first_line(fault)}"


def _first_fault(fault: ValidationError) -> str:
    first = fault.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'answer'}: {first['msg']}"
