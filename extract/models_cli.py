"""`communique models`: the embedded models, and getting their weights onto this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from extract import weights
from extract.errors import NothingToDoError
from extract.models import DEFAULT_MODEL, MODELS, EmbeddedModel, cached, embedded

app = typer.Typer(
    help="List, fetch and check the weights of the embedded models.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="A model that `communique models list` shows.")]


@app.command("list")
def list_models() -> None:
    """Show the embedded models, with size, licence and whether they are on this machine."""
    for model in MODELS.values():
        here = "here" if cached(model).is_file() else "not fetched"
        default = ", default" if model.name == DEFAULT_MODEL else ""
        typer.echo(
            f"{model.name:<20} {model.bytes / 1e6:>7,.0f} MB  {model.licence}  {here}{default}"
        )


@app.command()
def fetch(
    name: Name = DEFAULT_MODEL,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Take this file, if it is the right one, and download nothing."
        ),
    ] = None,
) -> None:
    """Put the weights of a model in the cache, and check them against the pinned hash."""
    model = embedded(name)
    if source is not None:
        typer.echo(weights.adopt(model, source))
        return
    with _drawn(model) as progress:
        path = weights.fetch(model, progress)
    typer.echo(path)


@app.command()
def verify(name: Name = DEFAULT_MODEL) -> None:
    """Hash the weights of a model again and say whether they are what they should be."""
    model = embedded(name)
    path = weights.file_of(model)
    if not weights.verify(model, path, again=True):
        raise NothingToDoError(weights.wrong(model, path))
    typer.echo(f"{path}: sha256 {model.sha256}, as pinned")


@app.command()
def path(name: Name = DEFAULT_MODEL) -> None:
    """Print where the checked weights of a model are."""
    typer.echo(weights.locate(embedded(name)))


@contextmanager
def _drawn(model: EmbeddedModel) -> Iterator[weights.Progress]:
    """A bar on a terminal, a plain line for every tenth elsewhere; both on stderr."""
    if not sys.stderr.isatty():
        yield _tenths(model)
        return
    columns = (TextColumn(model.name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(model.name, total=model.bytes)
        yield lambda done, _total: bar.update(task, completed=done)


def _tenths(model: EmbeddedModel) -> weights.Progress:
    said = -1

    def say(done: int, total: int) -> None:
        nonlocal said
        if done * 10 // total > said:
            said = done * 10 // total
            typer.echo(f"{model.name}: {done:,} of {total:,} bytes", err=True)

    return say
