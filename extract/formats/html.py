"""HTML by trafilatura: the main text without menus, and what the page says of itself."""

from __future__ import annotations

import logging
import re
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # ships no types
from trafilatura import bare_extraction
from trafilatura.settings import use_config

from extract.formats import Content, even_lines
from extract.formats.text import decode
from extract.formats.unseen import parsed, without_unseen

_CHARSET = re.compile(
    rb"""charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE
)
_HEAD = 4096
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DROPPED = ("head", "script", "style", "noscript", "template", "nav", "svg", "form", "iframe")
_INLINE_TAGS = "a abbr b bdi bdo cite code em font i mark q s small span strong sub sup time u"
_INLINE = frozenset(_INLINE_TAGS.split())

_SETTINGS = use_config()
# By default shorter pages than 250 characters of main text are given whole, with their menus.
_SETTINGS["DEFAULT"]["MIN_EXTRACTED_SIZE"] = "50"

# It logs an error for each page without main text, which is met here by the plain strip.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def read(data: bytes) -> Content:
    """The main text of the page, or all of its text where no main part stands out; what is not shown is left out."""
    declared = _CHARSET.search(data, 0, _HEAD)
    page = without_unseen(decode(data, declared[1].decode("ascii") if declared else None))
    found: Any = bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        config=_SETTINGS,
        # Else the day is guessed from copyright lines and other dates of the page.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if found is None or not (found.text or "").strip():
        return _stripped(page)
    return Content(
        even_lines(found.text),
        title=found.title or None,
        published=found.date if _DAY.fullmatch(found.date or "") else None,
        publisher=found.sitename or None,
    )


def _stripped(page: str) -> Content:
    """The text of all but scripts and menus, a block to a line."""
    tree = parsed(page)
    title = " ".join((tree.findtext(".//title") or "").split()) or None
    pieces: list[str] = []
    etree.strip_elements(tree, *_DROPPED, etree.Comment, with_tail=False)
    for event, element in etree.iterwalk(tree, ("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if element.tag not in _INLINE:
            pieces.append("\n")
        # Line ends within a block are white space in HTML.
        said = element.text if event == "start" else element.tail
        pieces.append(" ".join(f"x{said or ''}x".split())[1:-1])
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return Content("\n".join(line for line in lines if line), title=title)
