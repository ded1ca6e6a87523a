"""Print a run as tables."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from extract.errors import UsageError
from extract.run_folder import EXTRACTIONS, read_lines


def print_run(run: Path, document: str | None, console: Console) -> None:
    """Every document of the run, or one."""
    for line in _chosen(run, document):
        console.print(line)


def write_page(run: Path, page: Path, document: str | None) -> None:
    """One self-contained page."""
    raise UsageError("not yet")


def _chosen(run: Path, document: str | None) -> list[dict[str, object]]:
    return list(read_lines(run / EXTRACTIONS))
