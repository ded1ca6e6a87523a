"""Write a run as one page that needs nothing but itself: the texts with their evidence marked, the records beside."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from extract.errors import NothingToDoError, UsageError
from extract.marks import Marked, colour, mark
from extract.output import Line
from extract.types import Gap
from extract.view import Entry, RunView, Shown, View, open_run
from extract.worded import alike, worded

HERE = "extract"
_DOCUMENTS = "<!-- documents -->"


def write_page(run: Path, page: Path, document: str | None) -> None:
    """The run, or one document of it, as one file, there as a whole or not at all. Raises UsageError."""
    view = open_run(run, document)
    if page.is_dir():
        raise UsageError(f"--html {page} is a folder: name a file in it")
    if not page.parent.is_dir():
        raise UsageError(f"--html {page}: there is no folder {page.parent}, make it first")
    made = page.with_name(f"{page.name}.new")
    try:
        # a lone surrogate in a value cannot be written as UTF-8; as a reference it shows as �
        with made.open("w", encoding="utf-8", errors="xmlcharrefreplace", newline="\n") as file:
            file.writelines(page_parts(view))
        os.replace(made, page)
    except OSError as fault:
        raise NothingToDoError(f"{page} cannot be written: {fault.strerror or fault}") from None
    finally:
        made.unlink(missing_ok=True)


def page_parts(run: RunView) -> Iterator[str]:
    """The page piece by piece, a document at a time."""
    style, script = _asset("page.css"), _asset("page.js")
    head, _, tail = _asset("page.html").partition(_DOCUMENTS)
    yield Template(head).substitute(
        policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        title=escape(_title(run)),
        about=_about(run),
        legend=_legend(run),
        list="".join(_entry(at, entry, run.kinds) for at, entry in enumerate(run.entries)),
        many=" many" if len(run.entries) > 1 else "",
    )
    for at, view in enumerate(run.views()):
        yield _document(view, run.kinds, f"d{at}")
    yield _failures(run.failures)
    yield Template(tail).substitute(script=script)


def _asset(name: str) -> str:
    return files(HERE).joinpath(name).read_text("utf-8")


def _source(inlined: str) -> str:
    digest = hashlib.sha256(inlined.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _title(run: RunView) -> str:
    return run.entries[0].id if len(run.entries) == 1 else run.path.resolve().name


def _about(run: RunView) -> str:
    said = [
        _counted(len(run.entries), "document"),
        _counted(sum(entry.total for entry in run.entries), "record"),
        f"{sum(entry.lost for entry in run.entries):,} lost",
        *(str(run.settings[key]) for key in ("model", "schema") if run.settings.get(key)),
    ]
    return " · ".join(map(escape, said))


def _legend(run: RunView) -> str:
    parts = []
    for at, kind in enumerate(run.kinds):
        total = sum(entry.records.get(kind, 0) for entry in run.entries)
        parts.append(
            f'<label class="k{colour(kind, run.kinds)}"><input type="checkbox" checked value="{at}">'
            f"<i></i>{_label(kind)} <b>{total:,}</b></label>"
        )
    return "".join(parts)


def _entry(at: int, entry: Entry, kinds: Sequence[str]) -> str:
    bars = "".join(
        f'<i class="k{colour(kind, kinds)}" title="{_label(kind)}">{count}</i>'
        for kind in kinds
        if (count := entry.records.get(kind, 0))
    )
    troubles = [f"{entry.lost} lost"] if entry.lost else []
    troubles += [_counted(entry.warnings, "warning")] if entry.warnings else []
    troubles += [f"{entry.gaps} failed"] if entry.gaps else []
    title = f'<span dir="auto">{escape(entry.title)}</span>' if entry.title else ""
    return (
        f'<li><a href="#d{at}"><strong dir="auto">{escape(entry.id)}</strong>{title}'
        f"<small>{bars or 'no records'} <em>{' · '.join(troubles)}</em></small></a></li>"
    )


def _document(view: View, kinds: Sequence[str], prefix: str) -> str:
    marked = mark(view.text, view.records, view.gaps, kinds, prefix)
    heading = view.heading
    about = [str(heading[key]) for key in ("published", "publisher") if heading.get(key)]
    about = [view.id, *about] if heading.get("title") else about
    cards = "".join(_card(record, marked, view, kinds, prefix) for record in view.records)
    notes = [view.trouble] if view.trouble else []
    return (
        f'<article class="doc" id="{prefix}"><header><h2 dir="auto">'
        f"{escape(str(heading.get('title') or view.id))}</h2>"
        f'<p dir="auto">{escape(" · ".join(about))}</p>'
        + "".join(f'<p class="trouble">{escape(note)}</p>' for note in [*notes, *view.doubts])
        + _gaps(view.gaps, prefix)
        + f'</header><div class="text" dir="auto" tabindex="0" role="region" aria-label="Text">'
        f"{marked.html}</div>"
        f'<div class="records" tabindex="0" role="region" aria-label="Records">'
        f"{cards or '<p class=none>No records.</p>'}{_lost(view.lost)}</div></article>\n"
    )


def _card(record: Shown, marked: Marked, view: View, kinds: Sequence[str], prefix: str) -> str:
    quotes = []
    for stretch, page, anchor in zip(
        record.evidence, record.pages, marked.anchors[record.number], strict=True
    ):
        where = f"<b>p. {page:d}</b> " if page is not None else ""
        words = escape(" ".join(stretch.of(view.text).split()))
        quotes.append(
            f'<a href="#{anchor}" dir="auto">{where}{words}</a>'
            if anchor
            else f'<span class="trouble">{stretch.start}–{stretch.end} lies outside the text</span>'
        )
    doubts = "".join(f'<p class="doubt">{escape(doubt)}</p>' for doubt in record.doubts)
    return (
        f'<section class="card k{colour(record.kind, kinds)}" id="{prefix}r{record.number}"'
        f' data-number="{record.number}" data-kinds="{kinds.index(record.kind)}">'
        f"<h3><b>{record.number}</b> {_label(record.kind)}</h3>"
        f"{_fields(record.values)}{doubts}<p class=evidence>{''.join(quotes)}</p></section>"
    )


def _fields(values: Mapping[str, Any]) -> str:
    rows = (
        f"<dt>{_label(name)}</dt><dd dir=auto>{escape(worded(value))}</dd>"
        for name, value in values.items()
        if value not in (None, [], "")
    )
    return f"<dl>{''.join(rows)}</dl>"


def _gaps(gaps: Sequence[Gap], prefix: str) -> str:
    return "".join(
        f'<p class="trouble">Passage {gap.passage} <a href="#{prefix}t{max(gap.start, 0)}">'
        f"({gap.start:,}–{gap.end:,})</a> failed and was not looked at: {escape(gap.reason)}</p>"
        for gap in gaps
    )


def _lost(lost: Sequence[Line]) -> str:
    if not lost:
        return ""
    items = "".join(
        f'<section class="card lost"><h3>{_label(str(line.get("kind")))}'
        + (f": only {_label(str(line['field']))}" if line.get("field") else "")
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


def _label(name: str) -> str:
    return escape(name.replace("_", " "))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
