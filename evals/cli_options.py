"""What the commands of `communique eval` have in common."""

from __future__ import annotations

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
