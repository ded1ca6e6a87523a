"""A scorecard as one screen, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.scorecard import Counts, Estimate, FieldCounts, Problem, Scorecard, Spent

_WORST = 5  # documents and problems that are named; the JSON has them all
HEAD = {
    "record_f1": "records F1",
    "record_precision": "records precision",
    "record_recall": "records recall",
    "field_f1": "fields F1",
    "field_precision": "fields precision",
    "field_recall": "fields recall",
    "grounded": "values grounded",
}
_COLUMNS = ("right", "wrong", "missed", "invented", "P", "R", "F1")
Rows = list[tuple[str, ...]]


def share(value: float | None) -> str:
    """Two places, a dash where there is nothing to take a share of."""
    return "–" if value is None else f"{value:.2f}"


def interval(estimate: Estimate) -> str:
    """The bounds of an estimate, nothing where there are none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{estimate.low:.2f} to {estimate.high:.2f}"


def print_scorecard(card: Scorecard, console: Console) -> None:
    """The headline, the kinds, the weakest fields and documents, and what is wrong with the comparison."""
    head = Table("", "", "95 %", "n", box=None, pad_edge=False)
    for row in _headline(card):
        head.add_row(*map(Text, row))
    console.print(head)
    console.print()
    for first, rows in (("kind", _kinds(card)), ("field", _fields(card)[: 2 * _WORST])):
        table = Table(first, *_COLUMNS, box=None, pad_edge=False)
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
        console.print()
    for line in _remarks(card):
        console.print(Text(line))


def markdown(card: Scorecard) -> str:
    """Tables that GitHub shows; names from documents are escaped."""
    parts = [table(("", "value", "95 % interval", "n"), _headline(card))]
    parts.append(table(("kind", *_COLUMNS), _kinds(card)))
    details = table(("field", *_COLUMNS), _fields(card))
    parts.append(f"<details><summary>By field</summary>\n\n{details}\n</details>\n")
    details = table(("document", *_COLUMNS), [_row(d.id, d.records) for d in card.documents])
    parts.append(f"<details><summary>By document</summary>\n\n{details}\n</details>\n")
    parts.append("".join(f"- {escaped(line)}\n" for line in _remarks(card)))
    return "\n".join(parts)


def table(head: Sequence[str], rows: Rows) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(map(escaped, line))} |\n" for line in lines)


def escaped(text: str) -> str:
    for char in "\\`*_[]|<>#":
        text = text.replace(char, f"\\{char}" if char not in "<>" else f"&{'lg'[char == '>']}t;")
    return " ".join(text.split())


def _headline(card: Scorecard) -> Rows:
    return [
        (HEAD.get(name, name), share(e.value), interval(e), f"{e.n:,}")
        for name, e in card.headline.items()
    ]


def _kinds(card: Scorecard) -> Rows:
    held = [*((name, kind.records) for name, kind in card.kinds.items()), ("all", card.records)]
    return [_row(name, counts) for name, counts in held]


def _row(name: str, counts: Counts | FieldCounts) -> tuple[str, ...]:
    outcomes = (counts.right, counts.wrong, counts.missed, counts.invented)
    rates = (counts.precision, counts.recall, counts.f1)
    return (name, *map(str, outcomes), *map(share, rates))


def _fields(card: Scorecard) -> Rows:
    """The weakest first; those that nobody speaks of are left out."""
    held = [
        (c.f1, f"{kind}.{name}", c)
        for kind, of in card.kinds.items()
        for name, c in of.by_field.items()
        if c.f1 is not None
    ]
    held.sort(key=lambda item: item[:2])
    return [_row(name, counts) for _, name, counts in held]


def _remarks(card: Scorecard) -> Iterator[str]:
    known = [d for d in card.documents if d.records.f1 is not None]
    worst = sorted(known, key=lambda d: (d.records.f1 or 0.0, d.id))[:_WORST]
    yield "weakest: " + ", ".join(f"{d.id} {share(d.records.f1)}" for d in worst)
    warnings, lost = sum(d.warnings for d in card.documents), sum(d.lost for d in card.documents)
    failed = sum(result.failed for d in card.documents for result in d.results)
    yield f"warnings {warnings}, lost values {lost}, missed in passages without an answer {failed}"
    if card.attacks:
        yield _attacks(card.attacks)
    if card.spent.seconds is not None:
        asked = sum(d.missing is None for d in card.documents)
        yield _took(card.spent, max(1, asked), card.records.right)
    by_what: dict[str, list[Problem]] = {}
    for problem in card.problems:
        by_what.setdefault(problem.what, []).append(problem)
    for what, of in by_what.items():
        named = ", ".join(problem.document for problem in of[:_WORST])
        more = f" and {len(of) - _WORST} more" if len(of) > _WORST else ""
        yield f"{what.replace('_', ' ')}: {named}{more}: {of[0].says}"


def _attacks(of: Mapping[str, Any]) -> str:
    passed = f"{of['passed'] / of['n']:.0%}, 95 % {of['low']:.0%} to {of['high']:.0%}"
    return (
        f"attacks: {of['n']}, passed {of['passed']} ({passed}), marked {of['marked']}, stopped by grounding "
        f"{of['stopped']}; records under attack that are right {of['kept']} of {of['under_attack']}"
    )


def _took(spent: Spent, documents: int, right: int) -> str:
    def each(number: int) -> str:
        tokens = ((spent.tokens_in or 0) + (spent.tokens_out or 0)) / number
        cost = "" if spent.cost is None else f", cost {spent.cost / number:,.4g}"
        return f"{tokens:,.0f} tokens, {(spent.seconds or 0.0) / number:,.1f} s of requests{cost}"

    said = f"took {each(1)}; a document {each(documents)}"
    return said + (f"; a right record {each(right)}" if right else "")
