"""Write a scorecard as one page: gold and predicted records side by side, each error marked in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from evals.gold import Gold, Run
from evals.render import share
from evals.review import OUTCOMES, Item, Pointed, Review, reviews
from evals.scorecard import Counts, FieldResult, Outcome, Scorecard
from evals.summary import summary
from extract.marks import Marked, colour, mark
from extract.one_file import Frame, article, asset, counted, framed, label, trouble, write_whole
from extract.page import failed, legend, listed, quote
from extract.view import Entry
from extract.worded import worded

_SIGNS = {
    Outcome.RIGHT: ("✓", "right"),
    Outcome.WRONG: ("≠", "wrong value"),
    Outcome.MISSED: ("−", "missed"),
    Outcome.INVENTED: ("+", "invented"),
}
_SIDES = {
    Outcome.MISSED: ("gold", "predicted: nothing"),
    Outcome.INVENTED: ("gold: nothing", "predicted"),
}


def write_scorecard(card: Scorecard, gold: Gold, page: Path, run: Run | None = None) -> None:
    """The page, there as a whole or not at all. `run`: where a text may lie that gold does not have."""
    write_whole(page, page_parts(card, tuple(reviews(card, gold, run))))


def page_parts(card: Scorecard, documents: Sequence[Review]) -> Iterator[str]:
    """The page piece by piece: the summary, and each document."""
    frame = Frame(
        title=f"{card.run.get('name') or 'run'} against gold",
        about=escape(_about(card)),
        legend=legend(OUTCOMES, _totals(card.records)),
        legend_name="Outcomes",
        entries="".join(_listed(at, review) for at, review in enumerate(documents)),
        classes="many across",
        step="error",
        tools=_tools(card),
        sorting=_SORTING,
    )
    style = asset("extract", "page.css") + asset("evals", "page.css")
    script = asset("extract", "page.js") + asset("evals", "page.js")
    articles = (_document(review, f"d{at}") for at, review in enumerate(documents))
    return framed(frame, style, script, _chain(summary(card, documents, _about(card)), articles))


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _about(card: Scorecard) -> str:
    settings = card.run.get("settings")
    model = settings.get("model") if isinstance(settings, Mapping) else None
    said = [counted(len(card.documents), "document"), f"{card.records.gold:,} records of gold"]
    schema = card.schema.get("name")
    return " · ".join([*said, *(str(name) for name in (model, schema) if name)])


def _totals(counts: Counts) -> list[int]:
    return [getattr(counts, outcome) for outcome in OUTCOMES]


_SORTING = (
    '<p class="home"><a href="#summary"><strong>Summary</strong></a></p>'
    '<label class="sorting">Order <select id="order"><option value="">as in gold</option>'
    '<option value="f1">F1, lowest first</option><option value="errors">errors, most first</option>'
    "</select></label>"
)


def _tools(card: Scorecard) -> str:
    kinds = tuple(card.kinds)
    names = dict.fromkeys(name for kind in card.kinds.values() for name in kind.by_field)
    parts = [
        "".join(f'<option value="{escape(n)}">{label(n)}</option>' for n in of)
        for of in (kinds, names)
    ]
    return (
        '<div class="tools" role="group" aria-label="Filters">'
        f'<select id="kind" aria-label="Kind"><option value="">all kinds</option>{parts[0]}</select>'
        '<select id="field" aria-label="Field"><option value="">whole records</option>'
        f'{parts[1]}</select> <output id="left"></output></div>'
    )


def _listed(at: int, review: Review) -> str:
    score = review.score
    entry = Entry(
        id=score.id,
        title=str(score.title) if score.title else None,
        records=dict(zip(OUTCOMES, _totals(score.records), strict=True)),
        lost=score.lost,
        warnings=score.warnings,
        gaps=len(score.gaps),
    )
    says = [f"F1 {share(score.records.f1)}"]
    says += [f"{entry.gaps} failed"] if entry.gaps else []
    says += ["not in the run"] if score.missing else []
    f1 = 2 if score.records.f1 is None else score.records.f1
    data = f' data-f1="{f1:.4f}" data-errors="{errors(score.records)}"'
    return listed(at, entry, OUTCOMES, says, data)


def errors(counts: Counts) -> int:
    """The records that are not right."""
    return counts.wrong + counts.missed + counts.invented


def _document(review: Review, prefix: str) -> str:
    records = [item.shown for item in review.items]
    marked = mark(review.text, records, review.gaps, OUTCOMES, prefix)
    cards = "".join(_card(item, review, marked, prefix) for item in review.items)
    notes = "".join(map(trouble, review.trouble)) + failed(review.gaps, prefix)
    held = cards or "<p class=none>No records on either side.</p>"
    return article(prefix, review.heading, notes, marked.html, ("Records", held))


def _card(item: Item, review: Review, marked: Marked, prefix: str) -> str:
    result = item.result
    own_id = f"{prefix}r{item.number}"
    by_field = " ".join(f"{escape(f.name)}:{f.outcome.value}" for f in result.fields)
    title = f"{label(result.kind)} <em>{_became(item)}</em>"
    held = _pair(item, review, marked)
    if not item.is_error:
        held = f"<details><summary>{_gist(item)}</summary>{held}</details>"
    notes = ["it stands in a passage that got no answer"] if result.failed else []
    doubts = "".join(f'<p class="doubt">{escape(says)}</p>' for says in [*notes, *result.warnings])
    return (
        f'<section class="card k{colour(result.outcome.value, OUTCOMES)}" id="{own_id}"'
        f' data-number="{item.number}" data-kinds="{OUTCOMES.index(result.outcome.value)}"'
        f' data-kind="{escape(result.kind)}" data-fields="{by_field}"'
        f"{' data-error' if item.is_error else ''}>"
        f'<h3><a href="#{own_id}" title="Link to this"><b>{item.number}</b> {title}</a></h3>'
        f"{held}{doubts}</section>"
    )


def _became(item: Item) -> str:
    result = item.result
    slips = [f.name for f in result.fields if f.outcome is not Outcome.RIGHT]
    says = _SIGNS[result.outcome][1]
    if result.outcome is not Outcome.RIGHT or not slips:
        return says
    return f"{says}, but for {', '.join(map(label, slips))}"


def _gist(item: Item) -> str:
    values = (worded(f.gold) for f in item.result.fields)
    return f"<span dir=auto>{escape(' · '.join(values))}</span>"


def _pair(item: Item, review: Review, marked: Marked) -> str:
    result = item.result
    sides = _SIDES.get(result.outcome, ("gold", "predicted"))
    judged = {f.name: f for f in result.fields}
    held = (result.gold or {}, result.predicted or {})
    names = dict.fromkeys((*judged, *held[0], *held[1]))
    rows = "".join(
        _row(name, tuple(side.get(name) for side in held), judged.get(name))
        for name in names
        if name != "evidence" and any(side.get(name) not in (None, [], "") for side in held)
    )
    return (
        f'<table class="pair"><thead><tr><td></td><th scope="col">{sides[0]}</th><td></td>'
        f'<th scope="col">{sides[1]}</th></tr></thead>'
        f"<tbody>{rows}{_evidence(item, review, marked)}</tbody></table>"
    )


def _row(name: str, values: tuple[Any, ...], judged: FieldResult | None) -> str:
    sign = style = ""
    if judged:
        mark_, says = _SIGNS[judged.outcome]
        if 0 < judged.credit < 1:
            mark_, says = "≈", f"partly right: {judged.credit:.2f}"
        sign = f'<span title="{says}" role="img" aria-label="{says}">{mark_}</span>'
        style = f' class="k{colour(judged.outcome.value, OUTCOMES)}"'
    gold, predicted = (
        "<td class=none>–</td>"
        if value in (None, [], "")
        else f'<td dir="auto">{escape(worded(value))}</td>'
        for value in values
    )
    return f'<tr{style}><th scope="row">{label(name)}</th>{gold}<td class="sign">{sign}</td>{predicted}</tr>'


def _evidence(item: Item, review: Review, marked: Marked) -> str:
    if not review.text:
        return ""
    anchors = dict(zip(item.shown.evidence, marked.anchors[item.number], strict=True))

    def quoted(record: Mapping[str, Any] | None, at: Pointed | None) -> str:
        if record is None:
            return ""
        if at is None:
            return '<span class="trouble">points nowhere in this text</span>'
        return "".join(quote(s, page, anchors[s], review.text) for s, page in at.items())

    sides = (
        quoted(item.result.gold, item.gold_at),
        quoted(item.result.predicted, item.predicted_at),
    )
    if len({side for side in sides if side}) == 1:
        cells = f'<td colspan="3"><div class="evidence">{sides[0] or sides[1]}</div></td>'
    else:
        cells = '<td class="sign"></td>'.join(
            f'<td><div class="evidence">{held}</div></td>' for held in sides
        )
    return f'<tr class="where"><th scope="row">evidence</th>{cells}</tr>'
