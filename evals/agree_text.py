"""The agreement of two labellers on the screen."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.agree import Agreement, Unsettled
from evals.moves import shown
from evals.render import interval, share

_HEADLINES = {"record_f1": "records F1", "field_f1": "fields F1"}


def print_agreement(agreement: Agreement, console: Console) -> None:
    """Problems first, then the agreement by kind and field, then all that is to be settled."""
    for problem in agreement.problems:
        what = problem.what.replace("_", " ")
        console.print(Text(f"{what}: {shown(problem.document)}: {problem.says}"))
    card = agreement.card
    console.print(Text(f"{len(card.documents)} documents that both have labelled"))
    for name, label in _HEADLINES.items():
        estimate = card.headline[name]
        bounds = f", 95 % {interval(estimate)}" if interval(estimate) else ""
        console.print(Text(f"{label} {share(estimate.value)}{bounds}, n {estimate.n:,}"))
    table = Table("", "A", "B", "pairs", "agreed", "F1", "alpha", box=None, pad_edge=False)
    for kind, fields in agreement.fields.items():
        records = card.kinds[kind].records
        paired = records.right + records.wrong
        if not records.gold and not records.predicted:
            continue
        sizes = (str(records.gold), str(records.predicted), str(paired), str(records.right))
        table.add_row(Text(kind), *sizes, share(records.f1), "")
        for name, of in fields.items():
            if of.f1 is None:
                continue
            alpha = "" if of.alpha is None else f"{of.alpha:.3f}"
            counts = (str(of.pairs), str(of.agreed))
            table.add_row(Text(f"  {name}"), "", "", *counts, share(of.f1), alpha)
    console.print(table)
    console.print(Text(f"\n{len(agreement.unsettled)} records to settle"))
    for record in agreement.unsettled:
        console.print(Text(_line(record)), soft_wrap=True)


def _line(record: Unsettled) -> str:
    at = "" if record.start is None else f" at {record.start}"
    said = f"{shown(record.document)}{at}: {record.kind} {record.gist}: "
    if record.b is None:
        return f"{said}A[{record.a}] alone"
    if record.a is None:
        return f"{said}B[{record.b}] alone"
    apart = "; ".join(f"{name} {shown(a)} or {shown(b)}" for name, (a, b) in record.fields.items())
    return f"{said}A[{record.a}], B[{record.b}]: {apart}"
