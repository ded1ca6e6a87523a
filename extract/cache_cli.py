"""`communique cache`: what the answer cache holds, and clearing it."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from extract.cache import Cache, place
from extract.errors import UsageError

app = typer.Typer(
    help="Show or clear the answers that are kept for later runs.", invoke_without_command=True
)


@app.callback()
def show(context: typer.Context) -> None:
    """Show or clear the answers that are kept for later runs."""
    if context.invoked_subcommand:
        return
    typer.echo(place())
    if not place().exists():
        typer.echo("no answers yet")
        return
    with closing(Cache(place())) as cache:
        shares = cache.shares()
        answers = sum(share.answers for share in shares)
        size, limit = cache.bytes / 1e6, cache.limit / 1e6
        typer.echo(f"answers: {answers:,}, {size:,.1f} MB on disk of at most {limit:,.0f} MB")
        for share in shares:
            typer.echo(f"{share.model:<30} {share.answers:>9,} {share.bytes / 1e6:>9,.1f} MB")


@app.command()
def clear(
    model: Annotated[
        str | None, typer.Option(help="Only this model's, as `communique cache` shows it.")
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="Only those unused for so many days."),
    ] = None,
) -> None:
    """Remove answers; later runs ask for them again."""
    if not place().exists():
        typer.echo("answers removed: 0")
        return
    with closing(Cache(place())) as cache:
        names = [share.model for share in cache.shares()]
        if model and not any(model in (name, name.partition(":")[2]) for name in names):
            had = f"there are those of {', '.join(names)}" if names else "there are none at all"
            raise UsageError(f"--model {model}: no answers of it are kept; {had}")
        typer.echo(f"answers removed: {cache.clear(model, older_than):,}")
