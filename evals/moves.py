"""Which records of a document came out otherwise in another run, and in which field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.pair import pair
from evals.scorecard import FieldResult, Outcome, RecordResult
from evals.similar import rows_of, scored
from schemas.describe import Kind

_WORDS = 3  # values that name a record
_LONG = 40


@dataclass(frozen=True, slots=True)
class FieldMove:
    """A field that came out otherwise: what gold holds, and what each run said."""

    name: str
    a: Outcome
    b: Outcome
    gold: Any
    said_a: Any
    said_b: Any


@dataclass(frozen=True, slots=True)
class RecordMove:
    """A record that came out otherwise. `a`, `b`: None in the run that does not invent it.

    `at`: its place in gold, or in the run that invents it. `fields`: those that moved; of a record that one run missed,
    those that the other got wrong.
    """

    kind: str
    at: int
    gist: str
    a: Outcome | None
    b: Outcome | None
    fields: tuple[FieldMove, ...] = ()


def moves(
    kinds: Iterable[Kind], a: Sequence[RecordResult], b: Sequence[RecordResult]
) -> tuple[RecordMove, ...]:
    """The records of one document that moved from run A to run B, by kind and place."""
    found: list[RecordMove] = []
    for kind in kinds:
        of_a, of_b = ([r for r in results if r.kind == kind.name] for results in (a, b))
        then = {r.gold_at: r for r in of_a if r.gold is not None}
        pairs = [(then[r.gold_at], r) for r in of_b if r.gold is not None]
        found += [move for was, now in pairs if (move := _moved(kind, was, now))]
        found += _inventions(kind, of_a, of_b)
    return tuple(found)


def _moved(kind: Kind, a: RecordResult, b: RecordResult) -> RecordMove | None:
    of_a, of_b = ({f.name: f for f in result.fields} for result in (a, b))
    both = a.predicted is not None and b.predicted is not None
    changed = []
    for field in scored(kind):
        name = field.name
        was, now = of_a.get(name), of_b.get(name)
        if both:
            differs = _judgement(was) != _judgement(now)
        else:
            differs = any(f and f.outcome in (Outcome.WRONG, Outcome.INVENTED) for f in (was, now))
        if differs:
            said = [(result.predicted or {}).get(name) for result in (a, b)]
            gold = (a.gold or {}).get(name)
            changed.append(
                FieldMove(name, _judgement(was)[0], _judgement(now)[0], gold, said[0], said[1])
            )
    if a.outcome is b.outcome and (not changed or not both):
        return None
    gist_of = gist(kind, a.gold or {})
    return RecordMove(kind.name, a.gold_at or 0, gist_of, a.outcome, b.outcome, tuple(changed))


def _judgement(field: FieldResult | None) -> tuple[Outcome, float]:
    return (field.outcome, field.credit) if field else (Outcome.EMPTY, 0.0)


def _inventions(
    kind: Kind, a: Sequence[RecordResult], b: Sequence[RecordResult]
) -> list[RecordMove]:
    """Those that one run has and the other has nothing like."""
    only = [[r for r in results if r.outcome is Outcome.INVENTED] for results in (a, b)]
    rows = [rows_of(kind, [r.predicted or {} for r in results]) for results in only]
    paired = pair(kind, rows[0], rows[1])
    made = []
    for side, results in enumerate(only):
        outcomes = (Outcome.INVENTED, None) if side == 0 else (None, Outcome.INVENTED)
        known = {places[side] for places in paired}
        made += [
            RecordMove(kind.name, r.predicted_at or 0, gist(kind, r.predicted or {}), *outcomes)
            for at, r in enumerate(results)
            if at not in known
        ]
    return made


def gist(kind: Kind, record: Mapping[str, Any]) -> str:
    """A few words by which a reader knows the record: its main and core values."""
    fields = sorted(scored(kind), key=lambda field: (not field.fact.main, not field.fact.core))
    values = [record.get(field.name) for field in fields]
    named = [value for value in values if value not in (None, "", [])]
    return ", ".join(shown(value) for value in named[:_WORDS])


def shown(value: Any) -> str:
    """A value on one short line, without what would steer a terminal."""
    if isinstance(value, float):
        value = f"{value:.12g}"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return "–" if value is None else text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
