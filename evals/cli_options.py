"""What the commands of `communique eval` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from extract.errors import NothingToDoError, UsageError
from schemas.describe import Schema, SchemaError
from schemas.load import load

GoldFolder = Annotated[Path, typer.Option(metavar="DIR", help="Gold: a JSON file a document.")]
SchemaName = Annotated[str, typer.Option(help="As for extract --schema.")]
Texts = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Where the texts lie, if not beside gold.")
]

Price = Annotated[
    tuple[float, float] | None,
    typer.Option(metavar="IN OUT", help="Of a million tokens of prompts and of answers."),
]
AsJson = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the scorecard.")]
Brief = Annotated[
    bool, typer.Option("--brief", help="Leave the single records out of the JSON: for a baseline.")
]
Markdown = Annotated[Path | None, typer.Option(metavar="FILE", help="Write it for a pull request.")]
Html = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page for reviewing.")]


@dataclass(frozen=True, slots=True)
class Report:
    """Where a scorecard goes, beside the terminal."""

    price: tuple[float, float] | None = None
    json: Path | None = None
    markdown: Path | None = None
    html: Path | None = None
    brief: bool = False


def chosen_schema(name: str) -> Schema:
    """Raises UsageError where there is none."""
    try:
        return load(name)
    except SchemaError as fault:
        raise UsageError(f"--schema {name}: {fault}") from None


def write_text(path: Path, text: str) -> None:
    """Raises NothingToDoError where the disk refuses."""
    try:
        path.write_text(text, "utf-8")
    except OSError as fault:
        raise NothingToDoError(f"{path} cannot be written: {fault.strerror or fault}") from None
