"""`communique batch`: requests written for a batch that runs elsewhere, and its answers collected."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from extract.batch import Desk
from extract.batch_run import Batched, Gathered, Written
from extract.choice import Asked, Choice, choose
from extract.command import Order, execute
from extract.errors import UsageError
from extract.read import Columns, find_inputs
from schemas.describe import SchemaError
from schemas.load import DEFAULT, load

app = typer.Typer(
    help="Write requests for a batch that runs elsewhere, and collect the answers.",
    no_args_is_help=True,
)


@app.command()
def write(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT…", help="Files, folders, patterns such as 'in/*.pdf'."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="RUN", help="Run folder; resumed if it is there."),
    ],
    model: Annotated[str, typer.Option(help="openai:NAME, or as the server of --base-url has it.")],
    schema: Annotated[
        str, typer.Option(help="A schema's name, package.module:Class or file.py:Class.")
    ] = DEFAULT,
    base_url: Annotated[
        str | None,
        typer.Option(help="Address of another server than OpenAI's; it is not called."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="How the model is asked: small or large. Default: large.")
    ] = None,
    id_column: Annotated[str, typer.Option(help="Column of a table that has the ids.")] = "id",
    text_column: Annotated[
        str, typer.Option(help="Column of a table that has the texts.")
    ] = "text",
) -> int:
    """Write the requests of a run as files for a batch, and say what to do with them."""
    if "-" in inputs:
        raise UsageError("standard input cannot be read again when answers come: save it as a file")
    file, _, name = schema.rpartition(":")
    order = {
        "inputs": [one if "://" in one else str(Path(one).absolute()) for one in inputs],
        "schema": f"{Path(file).absolute()}:{name}" if file.endswith(".py") else schema,
        "model": model,
        "base_url": base_url,
        "profile": profile,
        "columns": [id_column, text_column],
    }
    session = Written(_choice(order), output, order)
    code = execute(_order(order, output, session, quiet=True), Console(stderr=True))
    _say_next(session, output)
    return code


@app.command()
def collect(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder of `batch write`.")],
    outputs: Annotated[
        list[Path], typer.Argument(metavar="OUTPUT…", help="Output and error files of the batch.")
    ],
) -> int:
    """Finish what has its answers; the rest becomes the next file of requests. Exit code 1 while there is a rest."""
    order = Desk(run).state.order
    if not order:
        raise UsageError(f"{run} holds no batch: name a folder that `communique batch write` made")
    session = Gathered(_choice(order), run, outputs, lambda words: typer.echo(words, err=True))
    code = execute(_order(order, run, session), Console(stderr=True))
    _say_next(session, run)
    return code


def _choice(order: dict[str, Any]) -> Choice:
    return choose(Asked(order["model"], order["base_url"], order["profile"]), order["schema"])


def _order(order: dict[str, Any], output: Path, session: Any, quiet: bool = False) -> Order:
    try:
        schema = load(order["schema"])
    except SchemaError as fault:
        raise UsageError(f"--schema {order['schema']}: {fault}") from None
    inputs = find_inputs(order["inputs"], Columns(*order["columns"]))
    return Order(inputs, output, schema, _choice(order), quiet, session)


def _say_next(session: Batched, run_folder: Path) -> None:
    parts = session.desk.state.open
    if not parts:
        typer.echo("nothing is left to be asked")
        return
    for part in parts:
        typer.echo(f"{session.desk.path / part.requests}: {part.count:,} requests")
    typer.echo(
        "next, with each file:\n"
        '  OpenAI: upload it for "batch", create a batch for /v1/chat/completions, download its files\n'
        "  vLLM:   python -m vllm.entrypoints.openai.run_batch -i REQUESTS -o OUTPUT --model MODEL\n"
        f"then:     communique batch collect {run_folder} OUTPUT…"
    )
