"""Print a run as tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from extract.page import write_page
from extract.view import RunView, Shown, View, open_run
from extract.worded import alike, worded

__all__ = ["print_run", "write_page"]

MANY = 5  # documents: beyond, a table of them says more than all their records
QUOTED = 70  # characters of an evidence sentence
ID_WIDTH = 24  # room that the ids of documents should have
WRAPPED = 18  # a cell is broken between words beyond
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def print_run(run: Path, document: str | None, console: Console) -> None:
    """Every document of the run, a summary of many, or one. Raises UsageError."""
    view = open_run(run, document)
    if len(view.entries) > MANY:
        console.print(_summary(view, console.width))
        _say(console, f"communique show {run} DOC prints the records of one", "dim")
    else:
        for each in view.views():
            _print_document(console, view, each)
    for failure in view.failures:
        _say(console, f"cannot be read: {failure.get('error')}", "red")
    if not view.entries and not view.failures:
        _say(console, "no documents", "dim")


def _summary(view: RunView, width: int) -> Table:
    """A row for each document; what no document has gets no column."""
    columns = [(kind, [e.records.get(kind, 0) for e in view.entries]) for kind in view.kinds]
    troubles = [
        ("lost", [entry.lost for entry in view.entries]),
        ("warnings", [entry.warnings for entry in view.entries]),
        ("failed", [entry.gaps for entry in view.entries]),
    ]
    columns += [(name, counts) for name, counts in troubles if any(counts)]
    heads = [_plain(name.replace("_", " ")) for name, _ in columns]
    needed = [max(map(len, head.split()), default=1) for head in heads]
    spare = width - sum(needed) - len(needed)
    table = Table(
        box=SIMPLE_HEAD,
        show_footer=True,
        padding=(0, 1 if spare > ID_WIDTH + len(needed) else 0, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("document", footer=f"{len(view.entries)} documents", overflow="fold")
    for head, wide, (_, counts) in zip(heads, needed, columns, strict=True):
        least = wide if spare > ID_WIDTH // 2 else None
        table.add_column(Text(head), f"{sum(counts):,}", justify="right", min_width=least)
    for entry, *row in zip(view.entries, *(counts for _, counts in columns), strict=True):
        cells = (Text(str(n or "·"), "" if n else "dim") for n in row)
        table.add_row(Text(_plain(entry.id)), *cells)
    return table


def _print_document(console: Console, run: RunView, view: View) -> None:
    heading = view.heading
    about = [str(heading[key]) for key in ("title", "published", "publisher") if heading.get(key)]
    line = Text(_plain(view.id), "bold")
    console.print(line.append(_plain(" · ".join(["", *about])), "not bold"), soft_wrap=True)
    if view.trouble:
        _say(console, f"  {view.trouble}", "red")
    for kind in run.kinds:
        if records := [record for record in view.records if record.kind == kind]:
            console.print(_table(kind, records, view.text, console.width))
    if not view.records:
        _say(console, "  no records", "dim")
    _print_troubles(console, view)
    console.print()


def _table(kind: str, records: Sequence[Shown], text: str, width: int) -> Table:
    """A column for each field that has a value; where they do not fit side by side, the record in one."""
    names = list(dict.fromkeys(name for record in records for name in record.values))
    rows = [[_plain(worded(r.values[n])) if n in r.values else "" for n in names] for r in records]
    table = Table(
        title=Text(f"{_plain(kind.replace('_', ' '))} ({len(records)})", "bold"),
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("#", justify="right", style="dim", no_wrap=True)
    needed = [_width(column) for column in zip(map(_plain, names), *rows, strict=True)]
    if sum(needed) + 2 * len(needed) + QUOTED // 2 > width:
        table.show_header = False
        table.add_column()
        for record in records:
            table.add_row(str(record.number), _stacked(record, text))
        return table
    for name, wide in zip(names, needed, strict=True):
        numbers = all(isinstance(r.values.get(name, 0), int | float) for r in records)
        side: JustifyMethod = "right" if numbers else "left"
        table.add_column(Text(_plain(name)), justify=side, min_width=wide, overflow="fold")
    table.add_column("evidence", style="dim", overflow="ellipsis")
    for record, cells in zip(records, rows, strict=True):
        table.add_row(str(record.number), *map(Text, cells), Text(_quote(record, text)))
    return table


def _width(column: Sequence[str]) -> int:
    """What a column needs so that no word of it is broken and no cell is taller than a few lines."""
    longest = max(len(cell) for cell in column)
    return min(longest, max([len(word) for cell in column for word in cell.split()] + [WRAPPED]))


def _stacked(record: Shown, text: str) -> Text:
    words = Text()
    for name, value in record.values.items():
        words.append(f"{_plain(name)} ", "dim").append(f"{_plain(worded(value))}  ")
    return words.append(f"\n{_quote(record, text)}", "dim italic")


def _quote(record: Shown, text: str) -> str:
    words = _plain(" … ".join(stretch.of(text) for stretch in record.evidence))
    words = words if len(words) <= QUOTED else words[: QUOTED - 1].rstrip() + "…"
    page = next((page for page in record.pages if page is not None), None)
    return f"p. {page}: {words}" if page is not None else words


def _print_troubles(console: Console, view: View) -> None:
    for lost, times in alike(view.lost):
        again = f" ({times} times)" if times > 1 else ""
        said = fields(lost.get("values") or {})
        what = f"{lost.get('kind')}.{lost['field']}" if lost.get("field") else lost.get("kind")
        _say(console, f"  lost {what} ({said}): {lost.get('reason')}{again}", "yellow")
    for record in view.records:
        for doubt in record.doubts:
            _say(console, f"  warning: {record.kind} #{record.number}: {doubt}", "yellow")
    for doubt in view.doubts:
        _say(console, f"  warning: {doubt}", "yellow")
    for gap in view.gaps:
        words = f"passage {gap.passage} ({gap.start}-{gap.end}) failed: {gap.reason}"
        _say(console, f"  {words}", "red")


def fields(values: dict[str, Any]) -> str:
    """`name value, name value`, those that have something to say."""
    return ", ".join(f"{k} {worded(v)}" for k, v in values.items() if v not in (None, [], ""))


def _plain(words: str) -> str:
    """One line that cannot steer the terminal."""
    return _CONTROL.sub(" ", words).rstrip()


def _say(console: Console, words: str, style: str) -> None:
    indent = words[: len(words) - len(words.lstrip())]
    console.print(Text(indent + _plain(words.lstrip()), style), soft_wrap=True)
