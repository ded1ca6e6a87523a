"""A document's answers on disk, as a vcrpy cassette: what was asked in short, and what the model said.

No address, header or key is kept. Of a request, what is the same in every one (the prompt's head, the schema of the
answer) is kept as its hash: it makes nine tenths of the bytes, and the code that made it is beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import vcr
import yaml
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode
from vcr.request import Request

from extract.errors import UsageError, first_line

PLACE = "http://recorded"  # in place of the server that answered
SUFFIX = ".yaml"
_HASHED = ("response_format", "tools")
_KEPT = ("choices", "object", "usage")
_CONSTANT = {
    "id": "recorded",
    "created": 0,
    "model": "recorded",
}  # openai wants them; they tell nothing
_OK = 200


@contextmanager
def cassette(path: Path, *, record: bool) -> Iterator[Cassette]:
    """Plays the answers in the file; `record`: asks for those that it lacks, and drops those that nobody asked for.

    Raises UsageError where the file is no cassette.
    """
    mode = RecordMode.NEW_EPISODES if record else RecordMode.NONE
    context = _VCR.use_cassette(str(path), record_mode=mode, drop_unused_requests=record)
    with ExitStack() as open_tapes:
        try:
            tape = open_tapes.enter_context(context)
        except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise UsageError(f"{path} is damaged ({first_line(fault)}): record again") from None
        yield tape


def short(request: Request) -> Request:
    """The request as it is kept. A second time it changes nothing."""
    request.uri = PLACE + request.path
    request.headers = {}
    try:
        body = json.loads(request.body)
    except (TypeError, ValueError):
        return request
    body |= {key: _hash(body[key]) for key in _HASHED if isinstance(body.get(key), dict | list)}
    messages = body.get("messages")
    if isinstance(messages, list) and len(messages) > 1 and not isinstance(messages[0], str):
        body["messages"] = [_hash(messages[:-1]), messages[-1]]
    request.body = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    return request


def bare(response: dict[str, Any]) -> dict[str, Any] | None:
    """The answer and what it took, without times, ids and paths. Failures are not kept: they are tried again."""
    if response["status"]["code"] != _OK:
        return None
    kept = {k: v for k, v in response["headers"].items() if k.lower() == "content-type"}
    said = json.loads(response["body"]["string"])
    if "choices" in said:
        said = {key: said[key] for key in _KEPT if key in said} | _CONSTANT
    body = {"string": json.dumps(said, ensure_ascii=False).encode()}
    return response | {"headers": kept, "body": body}


def _hash(said: Any) -> str:
    text = said if isinstance(said, str) else json.dumps(said, sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:16]


_VCR = vcr.VCR(
    match_on=("method", "path", "body"),
    before_record_request=short,
    before_record_response=bare,
    decode_compressed_response=True,
)
