"""The summary of a scorecard as markup: the headline, the tables, and what is wrong with the comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from evals.render import interval, share
from evals.review import Review
from evals.scorecard import Counts, Estimate, FieldCounts, Scorecard
from extract.one_file import counted, label

_COUNTS = ("right", "wrong", "missed", "invented")
_RATES = ("P", "R", "F1")
Cells = Iterable[str]


def summary(card: Scorecard, documents: Sequence[Review], about: str) -> str:
    """The first thing that the page shows. `about`: what was scored, as text."""
    return (
        '<article class="doc summary" id="summary"><section><h2>Headline</h2>'
        f"{_headline(card)}<p>{escape(about)}</p><p>{escape(_took(card))}</p></section>"
        f"{_section('By kind', _kinds(card))}{_section('By field', _fields(card))}"
        f"{_section('Documents', _documents(documents))}"
        f'<section><h2 id="problems">Problems</h2>{_problems(card, documents)}</section></article>\n'
    )


def _section(title: str, table: str) -> str:
    return (
        f'<section><h2>{title}</h2><div class="scroll" tabindex="0" role="region"'
        f' aria-label="{title}">{table}</div></section>'
    )


def _headline(card: Scorecard) -> str:
    rows = "".join(
        f'<tr><th scope="row">{label(name).replace("f1", "F1")}</th><td><b>{share(of.value)}</b></td>'
        f"<td>{_bar(of)}</td><td>{interval(of)}</td><td>{of.n:,}</td></tr>"
        for name, of in card.headline.items()
    )
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("", "value", "", "95 % interval", "n")
    )
    return (
        f'<div class="scroll"><table class="headline"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _bar(of: Estimate) -> str:
    """Where the figure and its interval lie between 0 and 1."""
    if of.value is None:
        return ""
    low, high = (of.value if bound is None else bound for bound in (of.low, of.high))
    return (
        '<svg viewBox="0 0 104 10" width="104" height="10" aria-hidden="true">'
        '<line x1="2" x2="102" y1="5" y2="5" class="scale"/>'
        f'<line x1="{2 + 100 * low:.1f}" x2="{2 + 100 * high:.1f}" y1="5" y2="5" class="bounds"/>'
        f'<circle cx="{2 + 100 * of.value:.1f}" cy="5" r="3"/></svg>'
    )


def _took(card: Scorecard) -> str:
    spent, right = card.spent, card.records.right
    if spent.seconds is None:
        return ""
    tokens = (spent.tokens_in or 0) + (spent.tokens_out or 0)
    said = f"{tokens:,} tokens and {spent.seconds:,.0f} s of requests"
    if right:
        said += (
            f"; for a right record {tokens / right:,.0f} tokens and {spent.seconds / right:,.1f} s"
        )
    return said if spent.cost is None else f"{said}; cost {spent.cost:,.4g}"


def _table(name: str, heads: Sequence[str], rows: Iterable[Cells], last: Cells = ()) -> str:
    """A table that sorts by the column that is clicked; the first cell of a row is its name."""
    titles = "".join(
        f'<th scope="col"><button type="button">{head}</button></th>' for head in heads
    )
    body = "".join(map(_row, rows))
    foot = f"<tfoot>{_row(last)}</tfoot>" if last else ""
    return (
        f'<table class="{name}"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody>{foot}</table>'
    )


def _row(cells: Cells) -> str:
    first, *rest = cells
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'


def _figures(of: Counts | FieldCounts) -> Iterator[str]:
    yield from (f"{getattr(of, name):,}" for name in _COUNTS)
    yield from map(share, (of.precision, of.recall, of.f1))


def _kinds(card: Scorecard) -> str:
    rows = [[_filter(name, name, ""), *_figures(kind.records)] for name, kind in card.kinds.items()]
    return _table("kinds", ["kind", *_COUNTS, *_RATES], rows, ["all", *_figures(card.records)])


def _fields(card: Scorecard) -> str:
    rows = [
        [_filter(name, kind, name), label(kind), *_figures(counts), f"{counts.empty:,}"]
        for kind, of in card.kinds.items()
        for name, counts in of.by_field.items()
        if counts.f1 is not None
    ]
    fields = card.fields
    last = ["all", "", *_figures(fields), f"{fields.empty:,}"]
    return _table("fields", ["field", "kind", *_COUNTS, *_RATES, "rightly empty"], rows, last)


def _filter(name: str, kind: str, field: str) -> str:
    """A name that, where the script runs, shows what is wrong with it."""
    return (
        f'<button type="button" class="only" data-kind="{escape(kind)}" data-field="{escape(field)}">'
        f"{label(name)}</button>"
    )


def _documents(documents: Sequence[Review]) -> str:
    heads = (
        "document",
        "errors",
        *_COUNTS,
        *_RATES,
        "field F1",
        "grounded",
        "lost",
        "warnings",
        "s",
    )
    return _table(
        "documents", heads, [_document(at, review) for at, review in enumerate(documents)]
    )


def _document(at: int, review: Review) -> list[str]:
    score = review.score
    errors = score.records.wrong + score.records.missed + score.records.invented
    grounded = score.grounded / score.checked if score.checked else None
    seconds = "" if score.spent.seconds is None else f"{score.spent.seconds:,.0f}"
    return [
        f'<a href="#d{at}" dir="auto">{escape(score.id)}</a>',
        f"{errors:,}",
        *_figures(score.records),
        share(score.fields.f1),
        share(grounded),
        f"{score.lost:,}",
        f"{score.warnings:,}",
        seconds,
    ]


def _problems(card: Scorecard, documents: Sequence[Review]) -> str:
    places = {review.score.id: at for at, review in enumerate(documents)}
    items = []
    for problem in card.problems:
        name = f'<b dir="auto">{escape(problem.document)}</b>'
        if problem.document in places:
            name = f'<a href="#d{places[problem.document]}">{name}</a>'
        items.append(f"<li>{name} {label(problem.what)}: {escape(problem.says)}</li>")
    warned = [
        f'<li><a href="#d{at}r{item.number}">{escape(review.score.id)} {item.number}</a> {escape(says)}</li>'
        for at, review in enumerate(documents)
        for item in review.items
        for says in item.result.warnings
    ]
    held = f'<ul class="trouble">{"".join(items)}</ul>' if items else "<p>None.</p>"
    if warned:
        title = counted(len(warned), "warning")
        held += f"<details><summary>{title}</summary><ul>{''.join(warned)}</ul></details>"
    return held
