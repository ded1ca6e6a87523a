"""What the README shows can be typed: its commands are parsed by the command itself, or run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import typer
from conftest import Communique
from fake_server import FakeModel, Reply

from evals.cli import app as evals_app
from extract.choice import Asked, choose
from extract.cli import GROUPS, app
from schemas.load import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SHOWN = [
    line.removeprefix("$ ").split("   #")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", README, re.S)
    for line in block.splitlines()
    if line.startswith("$ ")
]
COMMANDS = [line for line in SHOWN if line.startswith("communique ")]
MAKES = [line.split()[1] for line in SHOWN if line.startswith("make ")]


def test_the_readme_shows_commands() -> None:
    """The patterns above find what they are for."""
    assert len(COMMANDS) > 8
    assert {"run", "test", "lint", "record"} <= set(MAKES)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_is_understood(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every word of it is a command or an option that there is; its schema and its model can be had."""
    monkeypatch.chdir(ROOT)
    words = shlex.split(line)[1:]
    if words[0] == "eval":  # registered by its entry point when the command starts
        scoring = typer.main.get_command(evals_app)
        scoring.commands[words[1]].make_context(words[1], words[2:], resilient_parsing=True)  # type: ignore[attr-defined]
        return
    if words[0] in GROUPS:  # loaded when one of its commands is given
        loaded = typer.main.get_command(import_module(GROUPS[words[0]][0]).app)
        assert words[1] in loaded.commands  # type: ignore[attr-defined]
        return
    group = typer.main.get_command(app)
    context = group.make_context("communique", [*words[:1], "--help"], resilient_parsing=True)
    command = group.get_command(context, words[0])  # type: ignore[attr-defined]
    assert command is not None, words[0]
    said = command.make_context(words[0], words[1:]).params
    if words[0] == "extract":
        schema = load(said["schema"])
        choice = choose(Asked(said["model"], said["base_url"], said["profile"]), schema.name)
        assert choice.embedded == ("--model" not in words or "local:" in line)


@pytest.mark.parametrize("target", MAKES)
def test_a_target_of_the_readme_is_in_the_makefile(target: str) -> None:
    """`make` knows every target that the README names."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.M)


def test_the_readmes_own_schema_runs(
    model: FakeModel, communique: Communique, tmp_path: Path
) -> None:
    """Extract, show and the page, as the README has them, with a fake model for the embedded one."""
    model.on("glass kettles", Reply({"recall": [{"product": "glass kettles", "hazard": "injury"}]}))
    recalls = ROOT / "docs" / "recalls"
    extract = ["extract", recalls, "--schema", f"{recalls}/recalls.py:Recall", "-o", "run"]
    ran = communique(*extract, "--model", "fake", "--base-url", model.url)
    assert ran.returncode == 0, ran.stderr
    assert "glass kettles" in communique("show", "run").stdout
    assert communique("show", "run", "--html", "run.html").returncode == 0
    assert "glass kettles" in (tmp_path / "run.html").read_text("utf-8")
    assert "product" in communique("schema", f"{recalls}/recalls.py:Recall").stdout


def _options(group: typer.core.TyperGroup, *path: str) -> Iterator[tuple[str, str]]:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from _options(command, *path, name)
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("--"):
                    yield " ".join((*path, name)), option


def test_every_command_and_option_is_in_the_reference() -> None:
    """Those of `eval` too, which the command has by an entry point."""
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    shown = dict(re.findall(r"\$ communique ([a-z ]+) --help\n(.*?)```", reference, re.S))
    groups = ((typer.main.get_command(app), ()), (typer.main.get_command(evals_app), ("eval",)))
    told = [pair for group, path in groups for pair in _options(group, *path)]  # type: ignore[arg-type]
    assert len(told) > 40
    assert [pair for pair in told if pair[1] not in shown.get(pair[0], "")] == []
