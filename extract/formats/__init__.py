"""The formats a document comes in: a module each with `read(data) -> Content`, imported if met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds. `pages`: offset in `text` at which each page starts, if it has pages."""

    text: str
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    pages: tuple[int, ...] = ()


def even_lines(text: str) -> str:
    """The text with every line end a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
