"""What a reviewer goes through: each document with its text, and its paired records in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evals.evidence import spans_of
from evals.gold import Gold, Run
from evals.notes import text_of
from evals.scorecard import DocumentScore, Outcome, RecordResult, Scorecard
from extract.types import Gap, Stretch
from extract.view import Shown

OUTCOMES = tuple(
    outcome.value for outcome in (Outcome.WRONG, Outcome.MISSED, Outcome.INVENTED, Outcome.RIGHT)
)
Pointed = Mapping[Stretch, int | None]
"""Stretches of the text, each with its page."""


@dataclass(frozen=True, slots=True)
class Item:
    """One result. `number`: from 1, in reading order; `gold_at`, `predicted_at`: None where no evidence holds."""

    number: int
    result: RecordResult
    gold_at: Pointed | None
    predicted_at: Pointed | None

    @property
    def shown(self) -> Shown:
        """As it is marked in the text: wherever either side points, in the colour of its outcome."""
        pages = {**(self.gold_at or {}), **(self.predicted_at or {})}
        at = tuple(sorted(pages, key=lambda stretch: (stretch.start, stretch.end)))
        return Shown(self.number, self.result.outcome.value, {}, at, tuple(pages[s] for s in at))

    @property
    def is_error(self) -> bool:
        """Whether the record or a field of it is not right."""
        outcomes = (self.result.outcome, *(of.outcome for of in self.result.fields))
        return any(outcome is not Outcome.RIGHT for outcome in outcomes)


@dataclass(frozen=True, slots=True)
class Review:
    """One document. `text` is empty where it is not at hand; `trouble` says so, and where the run read another."""

    score: DocumentScore
    heading: Mapping[str, Any]
    text: str
    trouble: tuple[str, ...]
    items: tuple[Item, ...]
    gaps: tuple[Gap, ...]


def reviews(card: Scorecard, gold: Gold, run: Run | None) -> Iterator[Review]:
    """The documents of the scorecard. `run`: where a text may lie that gold does not have."""
    bare = Run("", {})
    for score in card.documents:
        says = {p.what: p.says for p in card.problems if p.document == score.id}
        other = "other_text" in says
        text = text_of(score.id, gold, bare if other or run is None else run)
        trouble = [
            says[what] for what in ("no_prediction", "unreadable", "other_text") if what in says
        ]
        if text is None:
            trouble.append("its text is missing, or is not the one that gold was made from")
        yield Review(
            score=score,
            heading=gold.documents[score.id]["document"],
            text=text or "",
            trouble=tuple(trouble),
            items=_items(score, text or "", other),
            gaps=() if other else tuple(map(_gap, score.gaps)),
        )


def _items(score: DocumentScore, text: str, other: bool) -> tuple[Item, ...]:
    placed = []
    for result in score.results:
        gold_at = _pointed(result.gold, text)
        predicted_at = None if other else _pointed(result.predicted, text)
        starts = [s.start for s in (gold_at or predicted_at or {})]
        placed.append((min(starts, default=len(text)), result, gold_at, predicted_at))
    placed.sort(key=lambda item: item[0])
    return tuple(
        Item(number, result, gold_at, predicted_at)
        for number, (_, result, gold_at, predicted_at) in enumerate(placed, 1)
    )


def _pointed(record: Mapping[str, Any] | None, text: str) -> Pointed | None:
    if record is None or (spans := spans_of(record, len(text))) is None:
        return None
    pages = [span.get("page") for span in record["evidence"]]
    return {
        Stretch(*span): page if isinstance(page, int) else None
        for span, page in zip(spans, pages, strict=True)
    }


def _gap(said: Mapping[str, Any]) -> Gap:
    """A prediction's gaps may hold anything."""
    passage, start, end = (
        value if isinstance(value := said.get(key), int) else 0
        for key in ("passage", "start", "end")
    )
    return Gap(passage, start, end, str(said.get("reason")))
