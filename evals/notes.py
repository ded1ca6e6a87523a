"""What a scorecard says beside the figures: what is wrong with the comparison, doubts, gaps, the schema's fields."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evals.compare_values import comparison
from evals.evidence import ANY_LENGTH, spans_of
from evals.gold import Gold, Run
from evals.scorecard import Outcome, Problem, RecordResult
from evals.similar import scored
from extract.output import Line
from schemas.describe import Schema


def problems(gold: Gold, run: Run) -> Iterator[Problem]:
    """What keeps the two sides from being compared as they should be."""
    unread = {str(line.get("document")): str(line.get("error")) for line in run.unreadable}
    for name in sorted({*gold.documents, *run.documents, *unread}):
        if name in unread:
            yield Problem(name, "unreadable", f"the run could not read it: {unread[name]}")
        if name not in gold.documents:
            if name in run.documents:
                yield Problem(name, "no_gold", "there is no gold for it: it is not counted")
        elif name not in run.documents:
            says = "the run does not have it: all its records count as missed"
            yield Problem(name, "no_prediction", says)
        else:
            yield from _between(name, gold.documents[name], run.documents[name])


def _between(name: str, gold: Line, predicted: Line) -> Iterator[Problem]:
    theirs, ours = (line["document"].get("sha256") for line in (predicted, gold))
    if theirs and ours and theirs != ours:
        yield Problem(name, "other_text", "the run read another text: its evidence is not gold's")
    for gap in predicted.get("incomplete") or []:
        where = f"passage {gap.get('passage')} ({gap.get('start')} to {gap.get('end')})"
        yield Problem(name, "gap", f"{where} got no answer: {gap.get('reason')}")


def text_of(name: str, gold: Gold, run: Run) -> str | None:
    """The text that the predicted evidence points into; None where it is not there."""
    line = run.documents.get(name) or gold.documents[name]
    wanted = line["document"].get("sha256") or gold.documents[name]["document"].get("sha256")
    for text in (run.texts.get(name), gold.texts.get(name)):
        if text is not None and _sha256(text) == wanted:
            return text
    return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def with_notes(results: Sequence[RecordResult], predicted: Line) -> tuple[RecordResult, ...]:
    """The results with the run's doubts, and with a mark on what was missed in a passage that failed."""
    doubts: dict[tuple[Any, Any], list[str]] = defaultdict(list)
    for doubt in predicted.get("warnings") or []:
        doubts[doubt.get("kind"), doubt.get("record")].append(str(doubt.get("says")))
    gaps = predicted.get("incomplete") or []
    if not doubts and not gaps:
        return tuple(results)
    return tuple(
        replace(
            result,
            warnings=tuple(doubts.get((result.kind, result.predicted_at), ())),
            failed=result.outcome is Outcome.MISSED and _is_in(result.gold or {}, gaps),
        )
        for result in results
    )


def _is_in(record: Mapping[str, Any], gaps: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        start < gap.get("end", 0) and gap.get("start", 0) < end
        for start, end in spans_of(record, ANY_LENGTH) or []
        for gap in gaps
    )


def described(schema: Schema) -> dict[str, Any]:
    """The schema as far as a reader of the scorecard needs it."""
    kinds = {
        kind.name: {
            field.name: {
                "compare": comparison(field).value,
                "weight": field.fact.weight,
                "core": field.fact.core,
            }
            for field in scored(kind)
        }
        for kind in schema.kinds
    }
    return {"name": schema.name, "hash": schema.hash, "kinds": kinds}
