"""A text with the evidence of its records marked, as HTML: overlapping stretches are cut into pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise

from extract.types import Gap, Stretch
from extract.view import Shown

COLOURS = 8  # as many as page.css has; a ninth kind shares the first one's


@dataclass(frozen=True, slots=True)
class Marked:
    """`html`: the text. `anchors`: by record, the id of the piece at which each of its stretches begins."""

    html: str
    anchors: Mapping[int, tuple[str | None, ...]]


def mark(
    text: str, records: Sequence[Shown], gaps: Sequence[Gap], kinds: Sequence[str], prefix: str
) -> Marked:
    """`prefix`: what the ids of this document begin with. A stretch outside the text has no anchor."""
    spans = [
        (record, stretch)
        for record in records
        for stretch in record.evidence
        if _is_inside(stretch, text)
    ]
    failed = [Stretch(max(gap.start, 0), min(gap.end, len(text))) for gap in gaps]
    stretches = [*(stretch for _, stretch in spans), *failed]
    edges = sorted({0, len(text), *(s.start for s in stretches), *(s.end for s in stretches)})
    opens: dict[int, list[Shown]] = {}
    closes: dict[int, list[Shown]] = {}
    for record, stretch in spans:
        opens.setdefault(stretch.start, []).append(record)
        closes.setdefault(stretch.end, []).append(record)
    active: list[Shown] = []
    parts: list[str] = []
    for start, end in pairwise(edges):
        active += opens.get(start, [])
        broken = any(gap.start <= start and end <= gap.end for gap in failed)
        parts.append(_piece(text[start:end], active, broken, kinds, f"{prefix}t{start}"))
        for record in closes.get(end, []):
            active.remove(record)
        parts.append(_references(closes.get(end, []), kinds, prefix))
    return Marked(
        "".join(parts),
        {
            r.number: tuple(
                f"{prefix}t{s.start}" if _is_inside(s, text) else None for s in r.evidence
            )
            for r in records
        },
    )


def _is_inside(stretch: Stretch, text: str) -> bool:
    return 0 <= stretch.start < stretch.end <= len(text)


def colour(kind: str, kinds: Sequence[str]) -> int:
    """The number of a kind's colour."""
    return kinds.index(kind) % COLOURS


def _piece(
    words: str, active: Sequence[Shown], broken: bool, kinds: Sequence[str], own_id: str
) -> str:
    inner = escape(words)
    if active:
        shades = sorted({colour(record.kind, kinds) for record in active})
        classes = [f"k{shades[0]}", *(f"u{shade}" for shade in shades[1:2])]
        numbers = " ".join(str(n) for n in sorted({record.number for record in active}))
        inner = (
            f'<mark id="{own_id}" class="{" ".join(classes)}" data-records="{numbers}">'
            f"{inner}</mark>"
        )
    if broken:
        gap_id = f' id="{own_id}"' if not active else ""
        inner = f'<span class="gap"{gap_id}>{inner}</span>'
    return inner


def _references(closed: Sequence[Shown], kinds: Sequence[str], prefix: str) -> str:
    """Small numbers after a stretch, links to its cards; three and more of one kind in a row are a range."""
    parts = []
    ordered = sorted({record.number: record for record in closed}.values(), key=lambda r: r.number)
    for (kind, _), run in groupby(
        enumerate(ordered), key=lambda pair: (pair[1].kind, pair[1].number - pair[0])
    ):
        numbers = [record.number for _, record in run]
        pairs = [(str(n), str(n)) for n in numbers]
        if len(numbers) > 2:
            pairs = [(" ".join(map(str, numbers)), f"{numbers[0]}–{numbers[-1]}")]
        parts += [
            f'<a class="ref k{colour(kind, kinds)}" data-records="{held}"'
            f' href="#{prefix}r{held.split()[0]}">{words}</a>'
            for held, words in pairs
        ]
    return "".join(parts)
