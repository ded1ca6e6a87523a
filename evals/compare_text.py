"""A comparison of two runs as a screen, and as Markdown for a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.compare import LEVEL, Compared, Difference, DocumentMove
from evals.moves import FieldMove, RecordMove, shown
from evals.render import HEAD, escaped, share, table
from evals.scorecard import Outcome

_RECORDS = 20  # that are named on the screen; the JSON has them all
_COLUMNS = ("", "A", "B", "B - A", "95 %", "p", "told apart", "smallest")


def print_compared(compared: Compared, console: Console) -> None:
    """The differences, what they mean, and the first records that moved."""
    head = Table(*_COLUMNS, box=None, pad_edge=False)
    for row in _rows(compared):
        head.add_row(*map(Text, row))
    console.print(head)
    console.print()
    for line in (*_meaning(compared), *_problems(compared)):
        console.print(Text(line))
    left = _RECORDS
    for document in compared.documents:
        if left <= 0:
            break
        console.print()
        console.print(Text(_document(document)))
        for record in document.records[:left]:
            console.print(Text(f"  {_record(record)}"))
        left -= max(1, len(document.records))
    moved = sum(len(document.records) for document in compared.documents)
    if moved > _RECORDS:
        console.print(Text(f"\n{moved} records moved in all: --json has them"))


def markdown(compared: Compared) -> str:
    """The same for GitHub, with every record that moved; what documents say is escaped."""
    parts = [table(_COLUMNS, list(_rows(compared)))]
    lines = (*_meaning(compared), *_problems(compared))
    parts.append("".join(f"- {escaped(line)}\n" for line in lines))
    moved = "".join(
        f"- {escaped(_document(document))}\n"
        + "".join(f"  - {escaped(_record(record))}\n" for record in document.records)
        for document in compared.documents
    )
    if moved:
        parts.append(f"<details><summary>What moved</summary>\n\n{moved}\n</details>\n")
    return "\n".join(parts)


def _rows(compared: Compared) -> Iterator[tuple[str, ...]]:
    for name, d in compared.differences.items():
        bounds = "" if d.low is None or d.high is None else f"{d.low:+.3f} to {d.high:+.3f}"
        value = "–" if d.value is None else f"{d.value:+.3f}"
        smallest = "–" if d.smallest is None else f"{d.smallest:.3f}"
        verdict = "yes" if d.distinguishable else "no"
        sides = (share(d.a), share(d.b))
        yield (HEAD.get(name, name), *sides, value, bounds, _chance(d), verdict, smallest)


def _chance(d: Difference) -> str:
    if d.p is None:
        return "–"
    return f"{d.p:.4f}" if d.p >= 0.0001 else "<0.0001"


def _meaning(compared: Compared) -> Iterator[str]:
    """What the first headline says, in plain words."""
    d = compared.differences["record_f1"]
    all_documents = len(compared.a.documents)
    if d.value is None:
        yield "record F1 cannot be compared: one of the two runs has none"
        return
    if d.distinguishable:
        side = "B is better" if d.value > 0 else "A is better"
        yield f"{side} in record F1, by {abs(d.value):.3f}: more than chance explains (p {_chance(d)})"
    else:
        yield f"in record F1 the two runs cannot be told apart from chance (p {_chance(d)})"
    how = "all swaps tried" if d.exact else "swaps drawn at random"
    yield f"{d.differ} of {all_documents} documents differ in their records; {how}"
    if d.differ and not d.testable:
        least = 2.0 ** (1 - d.differ)
        yield f"so few that no difference, however large, comes below p {least:.2g}: {LEVEL} needs 6"
    if d.smallest is not None:
        yield (
            f"with these {all_documents} documents a true difference of {d.smallest:.3f} in record F1 "
            "would be found four times out of five; smaller ones would mostly go unseen"
        )
    moved = Counter(
        (record.a, record.b)
        for document in compared.documents
        for record in document.records
        if record.a is not record.b
    )
    if moved:
        yield "records: " + ", ".join(f"{n} {_way(*way)}" for way, n in moved.most_common())


def _problems(compared: Compared) -> Iterator[str]:
    for side, card in (("A", compared.a), ("B", compared.b)):
        for problem in card.problems:
            what = problem.what.replace("_", " ")
            yield f"{side}: {what}: {shown(problem.document)}: {problem.says}"


def _document(document: DocumentMove) -> str:
    records, fields = (
        f"{share(was)} → {share(now)}" for was, now in (document.record_f1, document.field_f1)
    )
    return f"{shown(document.id)}: records F1 {records}, fields F1 {fields}"


def _record(record: RecordMove) -> str:
    fields = "; ".join(map(_field, record.fields))
    said = f"{record.kind}[{record.at}] {record.gist}: {_way(record.a, record.b)}"
    return f"{said}: {fields}" if fields else said


def _way(a: Outcome | None, b: Outcome | None) -> str:
    if a is None:
        return "newly invented"
    if b is None:
        return "no longer invented"
    return f"still {a}" if a is b else f"{a} → {b}"


def _field(field: FieldMove) -> str:
    gold, a, b = map(shown, (field.gold, field.said_a, field.said_b))
    return f"{field.name} {a} → {b} (gold {gold})"
