"""What is wrong with recorded answers: stale, orphaned, unplayed, or holding what must not be told."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from evals.cassettes import PLACE, SUFFIX
from evals.evaluate import Evaluation, replay
from evals.gold import Gold
from evals.recording import Recording
from extract.errors import CommuniqueError, UsageError
from schemas.describe import Schema

SECRETS = {
    "an OpenAI-like key": r"\bsk-[\w-]{16,}",
    "a GitHub token": r"\bgh[opsu]_\w{20,}|\bgithub_pat_\w{20,}",
    "a GitLab token": r"\bglpat-[\w-]{16,}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a Google API key": r"\bAIza[\w-]{30,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{20,}",
    "a Slack token": r"\bxox[abeprs]-[\w-]{10,}",
    "a JSON web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a bearer token": r"(?i)\bbearer\s+[\w.~+/-]{12,}",
    "a named key": r"""(?i)\b(?:api[_-]?key|secret|password|access[_-]?token)["']?\s*[:=]\s*["']?[\w-]{12,}""",
}
"""What keys look like, by what they are."""

_HEADERS = {"content-type"}
_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.I)
_SHORTEST = 12  # characters of a variable that may be a secret


def lint(schema: Schema, gold: Gold, folder: Path) -> Iterator[str]:
    """A line a fault. Raises UsageError where there is no recording."""
    recording = Recording.read(folder)
    kept = {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}
    for name in sorted({*kept, *recording.documents} - {*gold.documents}):
        yield f"orphaned: {name}: there is no gold for it"
    for name in sorted({*kept} ^ {*recording.documents}):
        lacks = "cassette" if name in recording.documents else "entry in recording.json"
        yield f"orphaned: {name}: it has no {lacks}"
    yield from _replayed(schema, gold, folder)
    for name, path in kept.items():
        for fault in secrets(path):
            yield f"secret: {name}: {fault}"


def _replayed(schema: Schema, gold: Gold, folder: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as run:
        try:
            unplayed = replay(Evaluation(schema, gold, Path(run) / "run", folder))
        except CommuniqueError as fault:
            yield f"stale: {fault}"
            return
    for name, count in unplayed.items():
        if count:
            yield f"unplayed: {name}: {count} recorded answers that nobody asks for"


def secrets(path: Path) -> Iterator[str]:
    """What must not be told in addresses, headers and bodies. Raises UsageError where it is no cassette."""
    try:
        interactions = yaml.safe_load(path.read_text("utf-8"))["interactions"]
        parts = [(n, *part) for n, of in enumerate(interactions, 1) for part in _parts(of)]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as fault:
        raise UsageError(f"{path} is no cassette ({fault}): record again") from None
    for number, where, text in parts:
        for what in _told(where, text):
            yield f"answer {number}, {where}: {what}"


def _parts(interaction: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    request, response = interaction["request"], interaction["response"]
    yield "address", str(request["uri"])
    for name, headers in (
        ("request's headers", request["headers"]),
        ("answer's headers", response["headers"]),
    ):
        for header, values in headers.items():
            yield name, f"{header}: {values}"
    yield "question", _words(request["body"])
    yield "answer", _words(response["body"]["string"])


def _words(body: Any) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")


def _told(where: str, text: str) -> Iterator[str]:
    """Never the secret itself: a report is read by more people than a cassette."""
    if where == "address":
        place = urlsplit(text)
        if f"{place.scheme}://{place.netloc}" != PLACE or place.query:
            yield "more of the server's address than its path"
    if where.endswith("headers") and text.partition(":")[0].lower() not in _HEADERS:
        yield f"the header {text.partition(':')[0]}"
    for what, shape in SECRETS.items():
        if re.search(shape, text):
            yield what
    for name, value in os.environ.items():
        if _NAMES.search(name) and len(value) >= _SHORTEST and value in text:
            yield f"the value of {name}"
