"""The engine: it starts, answers within the schema, and never outlives its parent."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from extract import weights
from extract.engine import Engine, EngineSettings, start
from extract.errors import CommuniqueError, NothingToDoError

ROOT = Path(__file__).resolve().parents[1]
SMALL = EngineSettings(slots=2, context_per_slot=512)
ENGINE_IS_HERE = importlib.util.find_spec("xllamacpp") is not None

needs_engine = pytest.mark.skipif(
    not ENGINE_IS_HERE, reason="NO ENGINE: run `pip install 'communique[local]'`"
)


@pytest.fixture
def small_model() -> Path:
    """The smallest weights, if they are on this machine."""
    try:
        return weights.find("smollm2-135m").path
    except CommuniqueError:
        pytest.skip("NO WEIGHTS: run `communique models fetch smollm2-135m`")


def post(engine: Engine, body: dict[str, Any], key: str) -> tuple[int, Any]:
    place = urlsplit(engine.base_url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", f"{place.path}/chat/completions", json.dumps(body), headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def is_there(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody waits for does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_there(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@needs_engine
def test_it_answers_within_the_schema_and_is_gone_when_closed(small_model: Path) -> None:
    """The answer keeps to the schema, a repeat comes from the cache, a wrong key is refused."""
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}, "count": {"enum": [125, 72]}},
        "required": ["city", "count"],
        "additionalProperties": False,
    }
    body = {
        "model": "any",
        "messages": [{"role": "user", "content": "In Homs 125 wells were repaired."}],
        "temperature": 0,
        "seed": 1,
        "max_tokens": 80,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "record", "schema": schema},
        },
    }
    with start(small_model, SMALL) as engine:
        assert engine.alive()
        status, said = post(engine, body, engine.api_key)
        assert status == http.client.OK
        record = json.loads(said["choices"][0]["message"]["content"])
        assert set(record) == {"city", "count"}
        assert record["count"] in {125, 72}
        again = post(engine, body, engine.api_key)[1]["usage"]
        assert again["prompt_tokens_details"]["cached_tokens"] > 0
        assert post(engine, body, "wrong")[0] == http.client.UNAUTHORIZED
    assert not engine.alive()
    engine.close()


@needs_engine
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc")
def test_the_key_is_neither_on_the_command_line_nor_in_the_environment(small_model: Path) -> None:
    """What other users of the machine may see of the child does not hold the key."""
    with start(small_model, SMALL) as engine:
        for name in ("cmdline", "environ"):
            assert engine.api_key.encode() not in Path(f"/proc/{engine.pid}/{name}").read_bytes()


@needs_engine
def test_the_log_goes_where_it_is_wanted(small_model: Path, tmp_path: Path) -> None:
    """A log file is written if one is named."""
    log = tmp_path / "engine.log"
    with start(small_model, EngineSettings(slots=1, context_per_slot=256, log=log)):
        pass
    assert log.stat().st_size > 0


@needs_engine
def test_a_file_that_is_no_model_is_refused_with_the_engines_own_words(tmp_path: Path) -> None:
    """The last lines of the engine are in the message."""
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing else")
    with pytest.raises(NothingToDoError, match="failed to load model"):
        start(broken, SMALL)


@needs_engine
def test_a_start_that_takes_too_long_is_given_up(small_model: Path) -> None:
    """The deadline holds while the model loads."""
    with pytest.raises(NothingToDoError, match="in time"):
        start(small_model, EngineSettings(start_seconds=0.0))


def test_a_missing_engine_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without xllamacpp the message holds the command to run."""
    hidden = "raise ModuleNotFoundError(\"No module named 'xllamacpp'\", name='xllamacpp')"
    (tmp_path / "xllamacpp.py").write_text(hidden)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(NothingToDoError, match=r"communique\[local\]"):
        start(tmp_path / "any.gguf", SMALL)


PARENT = """
import subprocess, sys, time
from pathlib import Path
from extract import engine
from extract.engine import EngineSettings
spawn = subprocess.Popen
def told(*args, **kwargs):
    child = spawn(*args, **kwargs)
    print(child.pid, flush=True)
    return child
engine.subprocess.Popen = told
with engine.start(Path(sys.argv[1]), EngineSettings(slots=1, context_per_slot=256)):
    print("healthy", flush=True)
    time.sleep(60)
"""


@needs_engine
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("while_loading", [False, True], ids=["serving", "loading"])
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=str)
def test_the_child_goes_with_its_parent(
    small_model: Path, by: signal.Signals, while_loading: bool
) -> None:
    """However the parent ends, and whenever, the child is gone within seconds."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(small_model)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        if not while_loading:
            assert parent.stdout.readline() == "healthy\n"
            assert is_there(child)
        os.kill(parent.pid, by)
        assert parent.wait(10) != 0
        assert gone_within(child, 5)
