"""Whole documents through the whole pipeline, with answers that the embedded model gave and `make record` kept.

Replayed with no network and no model. `make record` starts the engine and asks anew.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vcr.cassette import Cassette

from extract.ask import Asker, Endpoint
from extract.choice import Asked, Choice, answering, choose
from extract.pipeline import Job, run
from extract.progress import Tally
from extract.read import find_inputs
from extract.run_folder import EXTRACTIONS, LOST, RunFolder, read_lines
from schemas.crisis import Crisis
from schemas.describe import Schema
from schemas.load import load

CORPUS = Path(__file__).parent.parent / "evals" / "corpus" / "dev"
CASSETTES = Path(__file__).parent / "cassettes" / "test_cassettes"
DOCUMENTS = (
    "a01-syria-daily-bulletin",
    "a03-skopje-ministry-readout",
    "a04-sudan-convoys",
    "a06-weekend-in-figures",
    "b01-ukraine-power-repairs",
    "b03-rwanda-drc-border-flash",
)


ANSWERED = {"id": "recorded", "created": 0, "model": "embedded"}


def _without_place(request: Any) -> Any:
    """The embedded server's port and key differ from run to run."""
    request.uri = "http://embedded" + request.path
    request.headers = {}
    return request


def _bare(response: dict[str, Any]) -> dict[str, Any]:
    """The answer and its usage; without times, ids and the path of the weights."""
    kept = {k: v for k, v in response["headers"].items() if k.lower() == "content-type"}
    said = json.loads(response["body"]["string"])
    said = {k: v for k, v in said.items() if k in ("choices", "usage", "object")}
    body = {"string": json.dumps(said | ANSWERED, ensure_ascii=False).encode()}
    return response | {"headers": kept, "body": body}


@pytest.fixture(scope="module")
def vcr_config() -> dict[str, Any]:
    return {
        "match_on": ["method", "path", "body"],
        "before_record_request": _without_place,
        "before_record_response": _bare,
        "decode_compressed_response": True,
    }


@pytest.fixture(scope="module")
def schema() -> Schema:
    return load("crisis")


@pytest.fixture(scope="module")
def choice(schema: Schema) -> Choice:
    return choose(Asked(), schema.name)


@pytest.fixture(scope="module")
def endpoint(choice: Choice, record_mode: str) -> Iterator[Endpoint]:
    """The engine while recording; nobody at all while replaying."""
    if record_mode == "none":
        yield Endpoint(choice.name, base_url="http://127.0.0.1:9/v1", retries=0)
    else:
        with answering(choice) as live:
            yield live


@pytest.mark.vcr
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_yields_what_its_text_bears_out(
    name: str,
    schema: Schema,
    choice: Choice,
    endpoint: Endpoint,
    vcr: Cassette,
    record_mode: str,
    tmp_path: Path,
) -> None:
    """The line is by the contract, all numbers stand in the evidence, and every recorded answer was needed."""
    with RunFolder(tmp_path, {}) as folder:
        asyncio.run(_extract(name, schema, choice, endpoint, folder))
    (line,) = read_lines(tmp_path / EXTRACTIONS)
    _refuse_gaps(name, line)
    found = Crisis.model_validate(line)
    gold = Crisis.model_validate_json((CORPUS / f"{name}.json").read_text("utf-8"))
    assert found.document.sha256 == gold.document.sha256
    assert _numbers(found) & _numbers(gold) or not _numbers(gold)
    if record_mode == "none":
        assert vcr.all_played, f"{name}: unplayed answers in its cassette: run `make record`"
    assert all(lost["reason"] for lost in read_lines(tmp_path / LOST))


async def _extract(
    name: str, schema: Schema, choice: Choice, endpoint: Endpoint, folder: RunFolder
) -> None:
    asker = Asker(endpoint, schema, choice.profile)
    try:
        job = Job(schema, choice.profile, asker, folder, Tally(1), choice.workers)
        await run(job, find_inputs([str(CORPUS / f"{name}.txt")]))
    finally:
        await asker.close()


def _refuse_gaps(name: str, line: dict[str, Any]) -> None:
    """A question that no recording answers is a failed passage."""
    for gap in line.get("incomplete", ()):
        pytest.fail(
            f"{name}, passage {gap['passage']}: its prompt or schema is not the recorded one, "
            f"run `make record` ({gap['reason']})"
        )


def _numbers(found: Crisis) -> set[float]:
    main = [f.count for f in found.facilities] + [a.quantity for a in found.aid_deliveries]
    main += [c.people for c in found.crossings]
    return {float(number) for number in main if number is not None}


def test_every_cassette_has_its_document() -> None:
    """A recording that no test plays is removed, not kept."""
    kept = {path.name.split("[")[1].split("]")[0] for path in CASSETTES.glob("*.yaml")}
    assert kept == set(DOCUMENTS)


def test_cassettes_hold_no_header_key_or_port() -> None:
    """What differs from run to run, or must not be told, is not recorded."""
    for path in CASSETTES.glob("*.yaml"):
        text = path.read_text("utf-8").lower()
        for word in ("authorization", "bearer ", "127.0.0.1", "user-agent", "x-stainless", ".gguf"):
            assert word not in text, f"{path.name} holds {word!r}"
        assert "uri: http://embedded/v1/chat/completions" in text
