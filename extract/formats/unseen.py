"""What a page holds and its reader cannot see, by its attributes and the styles of its own elements.

Style sheets are not read: what a class hides is taken for seen.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import html  # type: ignore[import-untyped]  # ships no types

_NEVER_SHOWN = frozenset({"template", "noscript"})
_WHOLE = frozenset({"html", "body", "main", "article"})  # hidden until a script has run
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOTHING = re.compile(r"(?:0+\.?0*|\.0+)(?:%|[a-z]+)?|(?:1|0*\.\d+)px")
_FAR_OFF = re.compile(r"-\d{3,}")
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|rgba?\([^)]*\)|[a-z]+")
_WHITE = re.compile(
    r"#f{3,4}|#(?:f[0-9a-f]){3}(?:ff)?|white|rgba?\((?:\s*25[0-5]\s*,?){3}(?:[,/]\s*1)?\s*\)"
)
_PAINTED = "background", "background-color"


def without_unseen(page: str) -> str:
    """The page without elements that are not shown; as it was where there are none."""
    tree = parsed(page)
    unseen = _unseen(tree)
    for element in unseen:
        element.drop_tree()
    return str(html.tostring(tree, encoding="unicode")) if unseen else page


def parsed(page: str) -> Any:
    """The tree of a page, whatever encoding it declares."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    return html.document_fromstring(page.encode("utf-8"), parser=parser)


def _unseen(tree: Any) -> list[Any]:
    """The outermost elements that are not shown."""
    elements = list(tree.iter(html.etree.Element))
    sizes = _sizes(elements)
    grounds: dict[
        Any, str
    ] = {}  # the colour behind each element that is shown; white where none paints one
    unseen = []
    for element in elements:
        parent = element.getparent()
        if parent is not None and parent not in grounds:
            continue  # goes with it
        style = _style(element)
        ground = next((_colour(style[name]) for name in _PAINTED if name in style), "")
        ground = ground or grounds.get(parent, "white")
        # letters of that colour that are most of a page stand on a ground that a sheet paints
        blank = _is_blank(style, ground) and 2 * sizes[element] < sizes[tree]
        if element.tag not in _WHOLE and (blank or _is_kept_out(element, style)):
            unseen.append(element)
        else:
            grounds[element] = ground
    return unseen


def _sizes(elements: list[Any]) -> dict[Any, int]:
    """The characters in each element; `elements` in the order of the page."""
    sizes: dict[Any, int] = {}
    for element in reversed(elements):
        inner = sum(sizes.get(child, 0) + len(child.tail or "") for child in element)
        sizes[element] = len(element.text or "") + inner
    return sizes


def _is_kept_out(element: Any, style: dict[str, str]) -> bool:
    """Whether nothing is drawn, or only where nobody looks."""
    if element.tag in _NEVER_SHOWN or "hidden" in element.attrib:
        return True
    if element.get("aria-hidden", "").strip().lower() == "true":
        return True
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return True
    if any(_NOTHING.fullmatch(style.get(name, "")) for name in ("font-size", "opacity")):
        return True
    sides = ("left", "top", "margin-left", "text-indent")
    return any(_FAR_OFF.match(style.get(side, "")) for side in sides)


def _is_blank(style: dict[str, str], ground: str) -> bool:
    """Whether its letters have the colour of the ground."""
    colour = _colour(style.get("color", ""))
    return colour in ("transparent", ground) if colour else False


def _colour(value: str) -> str:
    found = _COLOUR.search(value)
    said = found[0] if found else ""
    return "white" if _WHITE.fullmatch(said) else said


def _style(element: Any) -> dict[str, str]:
    """The declarations of an element's own style, and those that old attributes stand for."""
    made = {}
    if element.tag == "font" and element.get("color"):
        made["color"] = element.get("color").strip().lower()
    if element.get("bgcolor"):
        made["background"] = element.get("bgcolor").strip().lower()
    for said in _STYLE_COMMENT.sub("", element.get("style", "")).lower().split(";"):
        name, _, value = said.partition(":")
        made[name.strip()] = value.replace("!important", "").strip()
    made.pop("", None)
    return made
