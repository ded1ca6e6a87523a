"""The command `communique`. Other packages add theirs under the entry-point group `communique.commands`."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from extract.errors import CommuniqueError, UsageError
from schemas.describe import Schema, SchemaError
from schemas.load import DEFAULT, known, load

COMMANDS = "communique.commands"
GROUPS = {
    "models": (
        "extract.models_cli",
        "List, fetch and check the weights of the embedded models.",
    ),
    "cache": ("extract.cache_cli", "Show or clear the answers that are kept for later runs."),
    "batch": (
        "extract.batch_cli",
        "Write requests for a batch that runs elsewhere, and collect the answers.",
    ),
}
"""The module of each group of commands, and what the help says of it."""
INTERRUPTED = 130
WrongUse: Any = typer.BadParameter.__mro__[2]  # Click's base class, which Typer bundles unnamed


app = typer.Typer(
    name="communique",
    help="Records from documents, each with the words that bear it out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"communique {version('communique')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Records from documents, each with the words that bear it out."""


@app.command()
def extract(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT…",
            help="Files, folders, patterns, .jsonl and .parquet tables, addresses such as s3://…, or -.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="RUN", help="Run folder; resumed if it is there."),
    ],
    schema: Annotated[
        str, typer.Option(help="A schema's name, package.module:Class or file.py:Class.")
    ] = DEFAULT,
    model: Annotated[
        str | None,
        typer.Option(help="local:NAME, openai:NAME, provider:NAME. Default: the embedded model."),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="Address of an OpenAI-compatible server: vLLM, Ollama, llama.cpp."),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Requests at once.")] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="How the model is asked: small or large. Default: by the model."),
    ] = None,
    every_passage: Annotated[
        bool, typer.Option("--every-passage", help="Ask about unlikely passages too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what it would take, as a range; ask nobody.")
    ] = False,
    max_cost: Annotated[
        float | None,
        typer.Option(metavar="DOLLARS", help="Stop before all runs on RUN cost more."),
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(help="Stop before they take more tokens, in and out.")
    ] = None,
    max_time: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Stop before they take longer: 90s, 45m, 1h30m."),
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(help="Requests a minute at most, of all workers.")
    ] = None,
    tokens_per_minute: Annotated[
        int | None, typer.Option(help="Tokens a minute at most, in and out.")
    ] = None,
    engine: Annotated[
        str,
        typer.Option(help="local, ray: a cluster, or batch: files of requests, cheaper and later."),
    ] = "local",
    ray_address: Annotated[
        str | None, typer.Option(help="Of a Ray cluster that is there. Default: one of its own.")
    ] = None,
    id_column: Annotated[str, typer.Option(help="Column of a table that has the ids.")] = "id",
    text_column: Annotated[
        str, typer.Option(help="Column of a table that has the texts.")
    ] = "text",
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither use nor keep answers of other runs.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> int:
    """Extract records from documents into a run folder."""
    from rich.console import Console  # these take a second, which no other command should wait

    from extract.budget import Caps, seconds_of
    from extract.choice import Asked, choose
    from extract.command import Order, execute, foresee
    from extract.engines import session_of
    from extract.read import Columns, find_inputs

    chosen = _schema(schema)
    each_minute = (requests_per_minute, tokens_per_minute)
    asked = Asked(model, base_url, profile, workers, every_passage, *each_minute)
    choice = choose(asked, chosen.name)
    caps = Caps(max_cost, max_tokens, seconds_of(max_time) if max_time is not None else None)
    found = find_inputs(inputs, Columns(id_column, text_column))
    order = Order(found, output, chosen, choice, quiet, caps=caps, cached=not no_cache)
    console = Console(stderr=True)
    order = replace(order, session=session_of(engine, order, console, ray_address))
    return foresee(order, Console()) if dry_run else execute(order, console)


@app.command("show")
def show_run(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    document: Annotated[
        str | None, typer.Argument(metavar="[DOC]", help="One document's id.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one self-contained page instead.")
    ] = None,
) -> None:
    """Print a run as tables, or write it as a page with the evidence marked in the text."""
    if html:
        from extract.page import write_page

        write_page(run, html, document)
        return
    from rich.console import Console

    from extract.show import print_run

    print_run(run, document, Console())


@app.command("schema")
def print_schema(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="As for extract --schema.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON Schema.")] = False,
) -> None:
    """Print the fields of a schema, or the names of those that can be had by name."""
    if name is None and not as_json:
        for known_name, target in known().items():
            typer.echo(f"{known_name}\t{target}")
        return
    from rich.console import Console

    from extract.schema_page import fields_table, json_schema

    schema = _schema(name or DEFAULT)
    if as_json:
        typer.echo(json_schema(schema))
    else:
        Console().print(fields_table(schema))


def _schema(name: str) -> Schema:
    try:
        return load(name)
    except SchemaError as fault:
        raise UsageError(f"--schema {name}: {fault}") from None


def main() -> None:
    """The entry point: an error is one line, and its exit code is documented."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries log what they raise as well
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    try:
        _add_groups(next((word for word in sys.argv[1:] if not word.startswith("-")), None))
        code = app(standalone_mode=False, prog_name="communique")
        sys.stdout.flush()
        if code == INTERRUPTED:  # what Typer makes of Ctrl-C
            raise KeyboardInterrupt
    except CommuniqueError as fault:
        _end(str(fault), fault.exit_code)
    except WrongUse as fault:
        if "\n" in fault.format_message():  # the help, where a command of a group is missing
            typer.echo(fault.format_message(), err=True)
            sys.exit(UsageError.exit_code)
        command = fault.ctx.command_path if getattr(fault, "ctx", None) else "communique"
        _end(f"{fault.format_message()} (see {command} --help)", UsageError.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _end("stopped; the same command goes on from here", INTERRUPTED)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _add_groups(given: str | None) -> None:
    """Every group of commands; the modules of those that are not given take their time to import and are left out."""
    for name, (module, told) in GROUPS.items():
        group = import_module(module).app if name == given else typer.Typer(help=told)
        app.add_typer(group, name=name)
    for point in entry_points(group=COMMANDS):
        if given in (None, point.name):
            app.add_typer(point.load(), name=point.name)


def _end(message: str, code: int) -> NoReturn:
    typer.echo(f"communique: {' '.join(message.split())}", err=True)
    sys.exit(code)
