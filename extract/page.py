"""Write a run as one page that needs nothing but itself: the texts with their evidence marked, the records beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from extract.marks import Marked, colour, mark
from extract.one_file import Frame, article, asset, counted, framed, label, trouble, write_whole
from extract.output import Line
from extract.types import Gap, Stretch
from extract.view import Entry, RunView, Shown, View, open_run
from extract.worded import alike, worded


def write_page(run: Path, page: Path, document: str | None) -> None:
    """The run, or one document of it, as one file, there as a whole or not at all. Raises UsageError."""
    write_whole(page, page_parts(open_run(run, document)))


def page_parts(run: RunView) -> Iterator[str]:
    """The page piece by piece, a document at a time."""
    frame = Frame(
        title=_title(run),
        about=_about(run),
        legend=legend(
            run.kinds, [sum(e.records.get(k, 0) for e in run.entries) for k in run.kinds]
        ),
        legend_name="Kinds of record",
        entries="".join(
            listed(at, entry, run.kinds, _troubles(entry)) for at, entry in enumerate(run.entries)
        ),
        classes="many" if len(run.entries) > 1 else "",
    )
    return framed(frame, asset("extract", "page.css"), asset("extract", "page.js"), _articles(run))


def _articles(run: RunView) -> Iterator[str]:
    for at, view in enumerate(run.views()):
        yield _document(view, run.kinds, f"d{at}")
    yield _failures(run.failures)


def _title(run: RunView) -> str:
    return run.entries[0].id if len(run.entries) == 1 else run.path.resolve().name


def _about(run: RunView) -> str:
    said = [
        counted(len(run.entries), "document"),
        counted(sum(entry.total for entry in run.entries), "record"),
        f"{sum(entry.lost for entry in run.entries):,} lost",
        *(str(run.settings[key]) for key in ("model", "schema") if run.settings.get(key)),
    ]
    return " · ".join(map(escape, said))


def legend(kinds: Sequence[str], totals: Sequence[int]) -> str:
    """A box for each kind, in its colour, with how many there are."""
    return "".join(
        f'<label class="k{colour(kind, kinds)}"><input type="checkbox" checked value="{at}">'
        f"<i></i>{label(kind)} <b>{total:,}</b></label>"
        for at, (kind, total) in enumerate(zip(kinds, totals, strict=True))
    )


def listed(
    at: int, entry: Entry, kinds: Sequence[str], says: Sequence[str], attributes: str = ""
) -> str:
    """A document in the list of documents; `attributes` is markup."""
    bars = "".join(
        f'<i class="k{colour(kind, kinds)}" title="{label(kind)}">{count}</i>'
        for kind in kinds
        if (count := entry.records.get(kind, 0))
    )
    title = f'<span dir="auto">{escape(entry.title)}</span>' if entry.title else ""
    return (
        f'<li{attributes}><a href="#d{at}"><strong dir="auto">{escape(entry.id)}</strong>{title}'
        f"<small>{bars or 'no records'} <em>{escape(' · '.join(says))}</em></small></a></li>"
    )


def _troubles(entry: Entry) -> list[str]:
    troubles = [f"{entry.lost} lost"] if entry.lost else []
    troubles += [counted(entry.warnings, "warning")] if entry.warnings else []
    return troubles + ([f"{entry.gaps} failed"] if entry.gaps else [])


def _document(view: View, kinds: Sequence[str], prefix: str) -> str:
    marked = mark(view.text, view.records, view.gaps, kinds, prefix)
    cards = "".join(_card(record, marked, view, kinds, prefix) for record in view.records)
    said = [*([view.trouble] if view.trouble else []), *view.doubts]
    notes = "".join(map(trouble, said)) + failed(view.gaps, prefix)
    records = f"{cards or '<p class=none>No records.</p>'}{_lost(view.lost)}"
    return article(prefix, view.heading, notes, marked.html, ("Records", records))


def _card(record: Shown, marked: Marked, view: View, kinds: Sequence[str], prefix: str) -> str:
    quotes = "".join(
        quote(stretch, page, anchor, view.text)
        for stretch, page, anchor in zip(
            record.evidence, record.pages, marked.anchors[record.number], strict=True
        )
    )
    doubts = "".join(f'<p class="doubt">{escape(doubt)}</p>' for doubt in record.doubts)
    return (
        f'<section class="card k{colour(record.kind, kinds)}" id="{prefix}r{record.number}"'
        f' data-number="{record.number}" data-kinds="{kinds.index(record.kind)}">'
        f"<h3><b>{record.number}</b> {label(record.kind)}</h3>"
        f"{_fields(record.values)}{doubts}<p class=evidence>{quotes}</p></section>"
    )


def quote(stretch: Stretch, page: int | None, anchor: str | None, text: str) -> str:
    """The words of a stretch, a link to where they stand."""
    if anchor is None:
        return f'<span class="trouble">{stretch.start}–{stretch.end} lies outside the text</span>'
    where = f"<b>p. {page:d}</b> " if page is not None else ""
    words = escape(" ".join(stretch.of(text).split()))
    return f'<a href="#{anchor}" dir="auto">{where}{words}</a>'


def _fields(values: Mapping[str, Any]) -> str:
    rows = (
        f"<dt>{label(name)}</dt><dd dir=auto>{escape(worded(value))}</dd>"
        for name, value in values.items()
        if value not in (None, [], "")
    )
    return f"<dl>{''.join(rows)}</dl>"


def failed(gaps: Sequence[Gap], prefix: str) -> str:
    """The passages that got no answer, each with a link to where it stands."""
    return "".join(
        f'<p class="trouble">Passage {gap.passage} <a href="#{prefix}t{max(gap.start, 0)}">'
        f"({gap.start:,}–{gap.end:,})</a> failed and was not looked at: {escape(gap.reason)}</p>"
        for gap in gaps
    )


def _lost(lost: Sequence[Line]) -> str:
    if not lost:
        return ""
    items = "".join(
        f'<section class="card lost"><h3>{label(str(line.get("kind")))}'
        + (f": only {label(str(line['field']))}" if line.get("field") else "")
        + (f" <i>{times} times</i>" if times > 1 else "")
        + f'</h3><p class="doubt">{escape(str(line.get("reason")))}</p>'
        + f"{_fields(line.get('values') or {})}</section>"
        for line, times in alike(lost)
    )
    return (
        f"<details class=lost><summary>Lost: {len(lost):,} that the text does not bear out"
        f"</summary>{items}</details>"
    )


def _failures(failures: Sequence[Line]) -> str:
    if not failures:
        return ""
    items = "".join(
        f"<li><b>{escape(str(line.get('document')))}</b>: {escape(str(line.get('error')))}</li>"
        for line in failures
    )
    return f'<aside class="failures"><h2>Could not be read</h2><ul>{items}</ul></aside>'
