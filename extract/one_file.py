"""A page that is one file: what stands around the documents, what it admits, and its writing as a whole."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from extract.errors import NothingToDoError, UsageError

_DOCUMENTS = "<!-- documents -->"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the documents. `title`, `step` and `legend_name` are text, the rest is markup.

    `step`: what the keys go to, one after another; `tools` stand beside the legend, `sorting` above the list.
    """

    title: str
    about: str
    legend: str
    legend_name: str
    entries: str
    classes: str = ""
    step: str = "record"
    tools: str = ""
    sorting: str = ""


def framed(frame: Frame, style: str, script: str, articles: Iterable[str]) -> Iterator[str]:
    """The page piece by piece. Its policy admits this style and script, and nothing else."""
    head, _, tail = asset("extract", "page.html").partition(_DOCUMENTS)
    yield Template(head).substitute(
        policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        title=escape(frame.title),
        about=frame.about,
        legend=frame.legend,
        legend_name=escape(frame.legend_name),
        entries=frame.entries,
        classes=frame.classes,
        step=escape(frame.step),
        tools=frame.tools,
        sorting=frame.sorting,
    )
    yield from articles
    yield Template(tail).substitute(script=script)


def write_whole(page: Path, parts: Iterable[str]) -> None:
    """The page is there as a whole or as it was before. Raises UsageError, NothingToDoError."""
    if page.is_dir():
        raise UsageError(f"--html {page} is a folder: name a file in it")
    if not page.parent.is_dir():
        raise UsageError(f"--html {page}: there is no folder {page.parent}, make it first")
    made = page.with_name(f"{page.name}.new")
    try:
        # a lone surrogate in a value cannot be written as UTF-8; as a reference it shows as �
        with made.open("w", encoding="utf-8", errors="xmlcharrefreplace", newline="\n") as file:
            file.writelines(parts)
        os.replace(made, page)
    except OSError as fault:
        raise NothingToDoError(f"{page} cannot be written: {fault.strerror or fault}") from None
    finally:
        made.unlink(missing_ok=True)


def article(
    prefix: str, heading: Mapping[str, Any], notes: str, text: str, records: tuple[str, str]
) -> str:
    """One document as markup; `records`: what that side is called, and its markup."""
    about = [str(heading[key]) for key in ("published", "publisher") if heading.get(key)]
    about = [str(heading["id"]), *about] if heading.get("title") else about
    return (
        f'<article class="doc" id="{prefix}"><header><h2 dir="auto">'
        f"{escape(str(heading.get('title') or heading['id']))}</h2>"
        f'<p dir="auto">{escape(" · ".join(about))}</p>{notes}</header>'
        f'<div class="text" dir="auto" tabindex="0" role="region" aria-label="Text">{text}</div>'
        f'<div class="records" tabindex="0" role="region" aria-label="{escape(records[0])}">'
        f"{records[1]}</div></article>\n"
    )


def trouble(says: str) -> str:
    """A paragraph that says what is wrong."""
    return f'<p class="trouble">{escape(says)}</p>'


def label(name: str) -> str:
    """A name of the schema as a person reads it, as markup."""
    return escape(name.replace("_", " "))


def counted(count: int, noun: str) -> str:
    """A number and its noun, as text."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def asset(package: str, name: str) -> str:
    """A file that lies beside a package's code."""
    return files(package).joinpath(name).read_text("utf-8")


def _source(inlined: str) -> str:
    digest = hashlib.sha256(inlined.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
