"""`communique eval compare`, `gate` and `agree`: runs against each other and against a baseline, labellers too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from evals.cli_options import GoldFolder, SchemaName, Texts, chosen_schema, write_text
from extract.errors import UsageError
from schemas.load import DEFAULT

app = typer.Typer()


@app.command("compare")
def compare_runs(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="The run before.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="The run after.")],
    gold: GoldFolder,
    schema: SchemaName = DEFAULT,
    texts: Texts = None,
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all that moved.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it for a pull request.")
    ] = None,
) -> None:
    """Compare two runs: each headline's difference, whether chance explains it, and what moved."""
    from rich.console import Console

    from evals import compare_text as text  # the extra's packages, which other commands do without
    from evals import gold as files
    from evals.compare import compare, to_json

    chosen = chosen_schema(schema)
    labels = files.read_gold(gold, chosen, texts)
    compared = compare(chosen, labels, files.read_run(run_a, chosen), files.read_run(run_b, chosen))
    text.print_compared(compared, Console())
    if as_json:
        write_text(as_json, json.dumps(to_json(compared), ensure_ascii=False, indent=1) + "\n")
    if markdown:
        write_text(markdown, text.markdown(compared))


@app.command("gate")
def gate_run(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder, or any with extractions.jsonl.")
    ],
    gold: GoldFolder,
    baseline: Annotated[
        Path, typer.Option(metavar="FILE", help="A scorecard written by eval score --json.")
    ],
    least: Annotated[
        list[str] | None,
        typer.Option("--min", metavar="NAME=VALUE", help="A headline's floor: record_f1=0.6."),
    ] = None,
    max_drop: Annotated[
        float, typer.Option(min=0, max=1, help="What a headline may lose against the baseline.")
    ] = 0.02,
    per_document: Annotated[
        bool, typer.Option("--per-document", help="Hold each document's record F1 to it too.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the checks as JUnit XML.")
    ] = None,
    schema: SchemaName = DEFAULT,
    texts: Texts = None,
) -> int:
    """Pass or fail a run: exit 0 passed, 1 failed, 2 could not tell."""
    from evals import gate as gates  # the extra's packages, which other commands do without
    from evals import gold as files
    from evals import scorecard_file
    from evals.score import score

    rules = gates.Rules(dict(map(_floor, least or [])), max_drop, per_document)
    chosen = chosen_schema(schema)
    before = scorecard_file.read(baseline)
    labels = files.read_gold(gold, chosen, texts)
    checks = gates.gate(score(chosen, labels, files.read_run(run, chosen)), before, rules)
    for line in gates.told(checks):  # first: a report that cannot be written hides no verdict
        typer.echo(line)
    if junit:
        write_text(junit, gates.junit(checks))
    return gates.verdict_of(checks).exit_code


def _floor(said: str) -> tuple[str, float]:
    name, _, value = said.partition("=")
    try:
        least = float(value)
    except ValueError:
        least = -1.0
    if not 0 <= least <= 1:
        raise UsageError(f"--min {said}: give a headline and a share, such as record_f1=0.6")
    return name.strip(), least


@app.command("agree")
def agree_gold(
    gold_a: Annotated[Path, typer.Argument(metavar="GOLD_A", help="One labeller's gold.")],
    gold_b: Annotated[Path, typer.Argument(metavar="GOLD_B", help="The other's.")],
    schema: SchemaName = DEFAULT,
    as_json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the agreement.")
    ] = None,
) -> None:
    """Hold two labellers' gold against each other: agreement by kind and field, and what to settle."""
    from rich.console import Console

    from evals import gold as files  # the extra's packages, which other commands do without
    from evals.agree import agree, to_json
    from evals.agree_text import print_agreement

    chosen = chosen_schema(schema)
    agreement = agree(chosen, *(files.read_gold(folder, chosen) for folder in (gold_a, gold_b)))
    print_agreement(agreement, Console())
    if as_json:
        write_text(as_json, json.dumps(to_json(agreement), ensure_ascii=False, indent=1) + "\n")
