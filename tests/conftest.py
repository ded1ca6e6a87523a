"""What tests of several modules share: a fake model, and the command as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from fake_server import FakeModel

from extract import cli

Communique = Callable[..., "subprocess.CompletedProcess[str]"]
_OTHERS = ("OPENAI_", "COMMUNIQUE_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture
def model() -> Iterator[FakeModel]:
    """A fake model, listening."""
    with FakeModel() as fake:
        yield fake


@pytest.fixture
def bare_environment(tmp_path: Path) -> dict[str, str]:
    """The environment without keys, proxies and fetched weights."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(_OTHERS)}
    return kept | {"XDG_CACHE_HOME": str(tmp_path / "no-cache"), "COLUMNS": "200"}


@pytest.fixture
def communique(tmp_path: Path, bare_environment: dict[str, str]) -> Communique:
    """Runs the command in a folder of its own, to its end."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "extract", *map(str, arguments)],
            cwd=tmp_path,
            env=bare_environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


class Ended(NamedTuple):
    code: int
    out: str
    err: str


Main = Callable[..., Ended]


@pytest.fixture
def main(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Main:
    """The entry point in a folder of its own, to its end, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMMUNIQUE_HOME", str(tmp_path / "no-weights"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in list(os.environ):
        if name.startswith("OPENAI_") or name in ("COMMUNIQUE_API_KEY", "COMMUNIQUE_CACHE"):
            monkeypatch.delenv(name)

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["communique", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *capfd.readouterr())

    return run


@pytest.fixture
def fake(model: FakeModel) -> tuple[str, ...]:
    """The options that name the fake model."""
    return ("--model", "fake", "--base-url", model.url, "--no-cache")
