"""`communique eval run` and `cassettes`: the corpus extracted and scored in one go, live or from recorded answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evals.cli_options import (
    AsJson,
    Brief,
    GoldFolder,
    Html,
    Markdown,
    Price,
    Report,
    SchemaName,
    Texts,
    chosen_schema,
)
from extract.errors import UsageError
from schemas.load import DEFAULT

app = typer.Typer()
Cassettes = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Recorded answers. Default: GOLD/cassettes.")
]


@app.command("run")
def run_evaluation(
    gold: GoldFolder,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="RUN", help="Run folder; a live run must have one."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="As for extract --model.")] = None,
    base_url: Annotated[str | None, typer.Option(help="As for extract --base-url.")] = None,
    profile: Annotated[str | None, typer.Option(help="As for extract --profile.")] = None,
    workers: Annotated[int | None, typer.Option(help="Requests at once.")] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Keep the answers; ask only what is not kept yet.")
    ] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Play kept answers: no network, no model.")
    ] = False,
    cassettes: Cassettes = None,
    schema: SchemaName = DEFAULT,
    texts: Texts = None,
    price: Price = None,
    as_json: AsJson = None,
    markdown: Markdown = None,
    html: Html = None,
    brief: Brief = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the scorecard only.")] = False,
) -> int:
    """Extract the gold's texts and score them: exit 1 where passages failed, 2 where a recording does not fit."""
    from rich.console import Console

    from evals import evaluate  # the extra's packages, which other commands do without
    from evals import gold as files
    from evals.report import report
    from extract.choice import Asked, choose

    chosen = chosen_schema(schema)
    asked = Asked(model, base_url, profile, workers)
    if record and replay:
        raise UsageError("--record and --replay at once: choose one")
    if replay and asked != Asked():
        raise UsageError("--replay plays the model that was recorded: leave model and workers out")
    labels = files.read_gold(gold, chosen, texts)
    with _folder(output, fresh=record or replay) as run:
        of = evaluate.Evaluation(chosen, labels, run, cassettes or gold / "cassettes")
        if replay:
            evaluate.replay(of)
            code = 0
        else:
            choice = choose(asked, chosen.name)
            code = evaluate.live(of, choice, Console(stderr=True, quiet=quiet), profile, record)
        report(
            chosen,
            labels,
            files.read_run(run, chosen),
            Report(price, as_json, markdown, html, brief),
        )
    return code


@app.command("cassettes")
def check_cassettes(
    gold: GoldFolder,
    cassettes: Cassettes = None,
    schema: SchemaName = DEFAULT,
    texts: Texts = None,
) -> int:
    """Check recorded answers: stale, orphaned, unplayed, secrets. Exit 1 where there is any."""
    from evals import gold as files  # the extra's packages, which other commands do without
    from evals.lint import lint

    chosen = chosen_schema(schema)
    labels = files.read_gold(gold, chosen, texts)
    folder = cassettes or gold / "cassettes"
    faults = list(lint(chosen, labels, folder))
    for fault in faults:
        typer.echo(fault)
    count = len(list(folder.glob("*.yaml")))
    typer.echo(f"{count} cassettes, {len(faults)} faults")
    return 1 if faults else 0


@contextmanager
def _folder(output: Path | None, *, fresh: bool) -> Iterator[Path]:
    """Where the run goes. `fresh`: into a folder of its own, since it resumes from its cassettes."""
    if output is None:
        if not fresh:
            raise UsageError("a live run needs a run folder: give -o RUN")
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "run"
        return
    if fresh and output.exists():
        raise UsageError(f"{output} is there already: with --record and --replay name a new folder")
    yield output
