"""A run's scorecard, everywhere that it was asked for."""

from __future__ import annotations

from rich.console import Console

from evals import render, scorecard_file
from evals.cli_options import Report, write_text
from evals.gold import Gold, Run, priced
from evals.page import write_scorecard
from evals.score import score
from schemas.describe import Schema


def report(schema: Schema, labels: Gold, predicted: Run, to: Report) -> None:
    """Scores, writes and prints. Raises NothingToDoError where the disk refuses."""
    if to.price:
        predicted = priced(predicted, to.price)
    card = score(schema, labels, predicted)
    if to.json:
        scorecard_file.write(card, to.json, records=not to.brief)
    if to.markdown:
        write_text(to.markdown, render.markdown(card))
    if to.html:
        write_scorecard(card, labels, to.html, predicted)
    render.print_scorecard(card, Console())  # last: who reads it may close the pipe
