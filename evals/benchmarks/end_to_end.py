"""communique and LangExtract over the same texts with the same model on the same server.

    python -m evals.benchmarks.end_to_end --texts DIR --gold DIR --peer-python VENV/bin/python

The embedded model is served once; our adapter is switched off while LangExtract asks, which gets the schema's task and
examples. Printed for each: record and field F1 by `communique eval score`, seconds, requests, and tokens in, cached and
out. VENV is an environment with `langextract[openai]`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.benchmarks import langextract_peer
from evals.benchmarks.counting import Tokens, counted
from evals.gold import Gold, Run, read_gold, read_run
from evals.render import interval, share
from evals.score import score
from extract import engine, weights
from extract.ask import Endpoint
from extract.choice import Asked, Choice, choose
from extract.command import Live, Order, execute
from extract.read import Input
from schemas.describe import Schema
from schemas.load import load

SLOTS = 4


class At(Live):
    """A live model behind an address that is up already."""

    def __init__(self, choice: Choice, endpoint: Endpoint) -> None:
        super().__init__(choice)
        self._endpoint = endpoint

    @contextmanager
    def answering(self) -> Iterator[Endpoint]:
        yield self._endpoint


def ours(schema: Schema, choice: Choice, gold: Gold, server: dict[str, str]) -> tuple[float, Run]:
    """Seconds of `communique extract`, and the run."""
    inputs = [Input(name, path) for name, path in gold.files.items()]
    endpoint = Endpoint(
        choice.name, base_url=server["base_url"], api_key=server["api_key"], timeout=1800, retries=0
    )
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "communique"
        order = Order(inputs, output, schema, choice, session=At(choice, endpoint))
        execute(order, Console(stderr=True))
        run = read_run(output, schema)
    return float(run.manifest["totals"]["seconds"]), run


def theirs(schema: Schema, gold: Gold, server: dict[str, str], python: Path) -> tuple[float, Run]:
    """Seconds of LangExtract, and the run."""
    seconds, lines = langextract_peer.run(python, schema, gold.texts, server)
    return seconds, Run("LangExtract", lines, gold.texts)


def _switch(running: engine.Engine, scale: float) -> None:
    """How much of the adapter counts from now on."""
    request = urllib.request.Request(  # noqa: S310  # loopback
        running.base_url.removesuffix("/v1") + "/lora-adapters",
        json.dumps([{"id": 0, "scale": scale}]).encode(),
        {"Authorization": f"Bearer {running.api_key}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).close()  # noqa: S310


def row(name: str, schema: Schema, gold: Gold, told: tuple[float, Run], sums: Tokens) -> list[str]:
    """The figures of one tool."""
    seconds, run = told
    card = score(schema, gold, run)
    estimates = [card.headline[name] for name in ("record_f1", "field_f1")]
    f1 = [f"{share(of.value)} {interval(of)}" for of in estimates]
    tokens = [f"{sums[name]:,}" for name in ("requests", "in", "cached", "out")]
    each = f"{sums['out'] / card.records.right:.0f}" if card.records.right else "–"
    return [name, *f1, f"{seconds:.0f}", *tokens, each]


def main() -> None:
    parser = argparse.ArgumentParser(description="communique and LangExtract, end to end")
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--peer-python", type=Path, help="leave out to measure communique alone")
    options = parser.parse_args()
    schema = load("crisis")
    choice = choose(Asked(), schema.name)
    gold = read_gold(options.gold, schema, options.texts)
    assert choice.adapter is not None
    adapters = ((weights.adapter_file(choice.adapter), 1.0),)
    settings = engine.EngineSettings(slots=SLOTS, adapters=adapters)
    table = Table(
        "", "records F1", "fields F1", "s", "requests", "in", "cached", "out", "out a right record"
    )
    with engine.start(weights.find(choice.name).path, settings) as running:
        server: dict[str, Any] = {"api_key": running.api_key, "model": choice.name}
        with counted(running.base_url) as (url, sums):
            told = ours(schema, choice, gold, server | {"base_url": url})
            table.add_row(*row("communique", schema, gold, told, sums))
        if options.peer_python:
            _switch(running, 0.0)
            with counted(running.base_url) as (url, sums):
                peer = theirs(schema, gold, server | {"base_url": url}, options.peer_python)
                table.add_row(*row("LangExtract", schema, gold, peer, sums))
    Console(width=120).print(table)
    if options.peer_python:
        print(f"LangExtract took {peer[0] / told[0]:.1f} times as long")


if __name__ == "__main__":
    main()
