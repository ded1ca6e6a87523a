"""`communique eval`: how good an extraction is, from files alone."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from evals import cli_compare, cli_run
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
from extract.errors import NothingToDoError
from schemas.load import DEFAULT

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(cli_run.app)
app.add_typer(cli_compare.app)


@app.callback()
def needs_extra() -> None:
    """Score extractions against gold, and hold gold to the contract."""
    missing = [name for name in ("numpy", "scipy", "vcr", "yaml") if find_spec(name) is None]
    if missing:
        raise NothingToDoError(
            f"communique eval needs {' and '.join(missing)}: pip install 'communique[evals]'"
        )


@app.command("score")
def score_run(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder, or any with extractions.jsonl.")
    ],
    gold: GoldFolder,
    schema: SchemaName = DEFAULT,
    texts: Texts = None,
    price: Price = None,
    as_json: AsJson = None,
    markdown: Markdown = None,
    html: Html = None,
    brief: Brief = False,
) -> None:
    """Score a run: whole records and fields, with intervals, by kind, field and document."""
    from evals import gold as files  # the extra's packages, which other commands do without
    from evals.report import report

    chosen = chosen_schema(schema)
    labels = files.read_gold(gold, chosen, texts)
    predicted = files.read_run(run, chosen)
    report(chosen, labels, predicted, Report(price, as_json, markdown, html, brief))


@app.command("check")
def check_gold(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Gold: a JSON file a document.")],
    schema: SchemaName = DEFAULT,
    texts: Texts = None,
) -> int:
    """Hold gold to the contract: exit 1 where it breaks it."""
    from evals import gold as files
    from evals.check import check

    chosen = chosen_schema(schema)
    labels = files.read_gold(folder, chosen, texts)
    faults = check(chosen, labels)
    for fault in faults:
        grade = "doubt" if fault.doubt else "error"
        typer.echo(f"{grade}: {fault.document}: {fault.where}: {fault.says}")
    errors = sum(not fault.doubt for fault in faults)
    doubts = len(faults) - errors
    typer.echo(f"{len(labels.documents)} documents, {errors} errors, {doubts} doubts")
    return 1 if errors else 0
