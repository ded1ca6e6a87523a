"""Score a run against gold, from files alone: pair the records of each kind, judge each field, count, and say how sure.

A document of gold that the run does not have counts as missed, and one that gold does not have is not counted; both are
named as problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evals import attacks
from evals.compare_values import agreement
from evals.evidence import Reading, checked_values, unborne
from evals.gold import Gold, Run, summed
from evals.interval import DRAWS, SEED, estimates
from evals.notes import described, problems, text_of, with_notes
from evals.pair import pair
from evals.scorecard import (
    Counts,
    DocumentScore,
    FieldCounts,
    FieldResult,
    KindScore,
    Outcome,
    RecordResult,
    Scorecard,
    Spent,
)
from evals.similar import Row, rows_of, scored
from extract.output import Line
from schemas.describe import FieldSpec, Kind, Schema

Results = tuple[RecordResult, ...]
Record = Mapping[str, Any]


def score(
    schema: Schema, gold: Gold, run: Run, *, draws: int = DRAWS, seed: int = SEED
) -> Scorecard:
    """The scorecard of a run."""
    documents = []
    totals: dict[str, list[tuple[Results, dict[str, FieldCounts]]]] = {}
    for name in sorted(gold.documents):
        line, predicted = gold.documents[name], run.documents.get(name)
        document, by_kind = _document(schema, line, predicted, text_of(name, gold, run), run)
        documents.append(document)
        for kind, counted in by_kind.items():
            totals.setdefault(kind, []).append(counted)
    return Scorecard(
        headline=estimates(documents, draws, seed),
        kinds={kind.name: _kind_score(kind, totals.get(kind.name, [])) for kind in schema.kinds},
        documents=tuple(documents),
        problems=tuple(problems(gold, run)),
        schema=described(schema),
        run={"name": run.name, **run.manifest},
        gold={"hash": gold.hash, "documents": len(gold.documents)},
        spent=_all_spent(run, gold),
        attacks=attacks.judged(schema, gold, run, documents),
    )


def results_of(kind: Kind, gold: Sequence[Record], predicted: Sequence[Record]) -> Results:
    """Every record of one kind in one document: in the order of gold, and then those that were invented."""
    rows_gold, rows_predicted = rows_of(kind, gold), rows_of(kind, predicted)
    paired = dict(pair(kind, rows_gold, rows_predicted))
    left = set(range(len(predicted))) - set(paired.values())
    fields = scored(kind)
    results = []
    for i, row in enumerate(rows_gold):
        j = paired.get(i)
        if j is None:
            judged = _judged(fields, gold[i], row, {}, None)
            results.append(RecordResult(kind.name, Outcome.MISSED, gold[i], None, i, None, judged))
        else:
            judged = _judged(fields, gold[i], row, predicted[j], rows_predicted[j])
            wrong = {f.name for f in judged if f.credit < 1}
            right = not any(f.fact.core and f.name in wrong for f in fields)
            outcome = Outcome.RIGHT if right else Outcome.WRONG
            results.append(RecordResult(kind.name, outcome, gold[i], predicted[j], i, j, judged))
    for j in sorted(left):
        judged = _judged(fields, {}, None, predicted[j], rows_predicted[j])
        results.append(
            RecordResult(kind.name, Outcome.INVENTED, None, predicted[j], None, j, judged)
        )
    return tuple(results)


def _judged(
    fields: Sequence[FieldSpec],
    gold: Record,
    row: Row | None,
    predicted: Record,
    other: Row | None,
) -> tuple[FieldResult, ...]:
    judged = []
    for at, field in enumerate(fields):
        said, found = row[at] if row else None, other[at] if other else None
        if said is None and found is None:
            continue
        credit = 0.0
        if found is None:
            outcome = Outcome.MISSED
        elif said is None:
            outcome = Outcome.INVENTED
        else:
            credit = agreement(field, said, found)
            outcome = Outcome.RIGHT if credit >= 1 else Outcome.WRONG
        name = field.name
        judged.append(FieldResult(name, outcome, credit, gold.get(name), predicted.get(name)))
    return tuple(judged)


def field_counts(kind: Kind, results: Iterable[RecordResult]) -> dict[str, FieldCounts]:
    """What became of each scored field; a pair's field without a result is empty on both sides."""
    fields = scored(kind)
    number: dict[tuple[str, Outcome], int] = {}
    credit = dict.fromkeys((f.name for f in fields), 0.0)
    seen = dict.fromkeys(credit, 0)
    pairs = 0
    for result in results:
        paired = result.gold is not None and result.predicted is not None
        pairs += paired
        for judged in result.fields:
            key = (judged.name, judged.outcome)
            number[key] = number.get(key, 0) + 1
            credit[judged.name] += judged.credit
            seen[judged.name] += paired
    made = {}
    for field in fields:
        name, weight = field.name, field.fact.weight
        right, wrong, missed, invented = (
            number.get((name, outcome), 0)
            for outcome in (Outcome.RIGHT, Outcome.WRONG, Outcome.MISSED, Outcome.INVENTED)
        )
        made[name] = FieldCounts(
            right,
            wrong,
            missed,
            invented,
            empty=pairs - seen[name],
            credit=weight * credit[name],
            due=weight * (right + wrong + missed),
            said=weight * (right + wrong + invented),
        )
    return made


def record_counts(results: Iterable[RecordResult]) -> Counts:
    """How many records there are of each outcome."""
    number = dict.fromkeys(Outcome, 0)
    for result in results:
        number[result.outcome] += 1
    return Counts(
        number[Outcome.RIGHT],
        number[Outcome.WRONG],
        number[Outcome.MISSED],
        number[Outcome.INVENTED],
    )


def _document(
    schema: Schema, gold: Line, predicted: Line | None, text: str | None, run: Run
) -> tuple[DocumentScore, dict[str, tuple[Results, dict[str, FieldCounts]]]]:
    name = gold["document"]["id"]
    line = predicted or {}
    by_kind = {}
    grounded = checked = 0
    published, title = (gold["document"].get(key) for key in ("published", "title"))
    reading = None if text is None else Reading(text, published, title)
    for kind in schema.kinds:
        said = line.get(kind.name) or []
        results = results_of(kind, gold.get(kind.name) or [], said)
        by_kind[kind.name] = (with_notes(results, line), field_counts(kind, results))
        if reading:
            values = sum(len(checked_values(kind, record)) for record in said)
            checked += values
            grounded += values - sum(len(unborne(kind, record, reading)) for record in said)
    together = tuple(result for results, _ in by_kind.values() for result in results)
    fields = [counts for _, by_field in by_kind.values() for counts in by_field.values()]
    document = DocumentScore(
        id=name,
        title=title,
        missing="prediction" if predicted is None else None,
        records=record_counts(together),
        fields=sum(fields, FieldCounts()),
        grounded=grounded,
        checked=checked,
        lost=len(run.losses.get(name, ())),
        warnings=len(line.get("warnings") or []),
        gaps=tuple(line.get("incomplete") or []),
        spent=run.spent.get(name, Spent()),
        results=together,
    )
    return document, by_kind


def _kind_score(kind: Kind, counted: Sequence[tuple[Results, dict[str, FieldCounts]]]) -> KindScore:
    by_field = {
        field.name: sum((counts[field.name] for _, counts in counted), FieldCounts())
        for field in scored(kind)
    }
    records = sum((record_counts(results) for results, _ in counted), Counts())
    return KindScore(records, sum(by_field.values(), FieldCounts()), by_field)


def _all_spent(run: Run, gold: Gold) -> Spent:
    """Of the documents that are scored."""
    calls = [asdict(spent) for name, spent in run.spent.items() if name in gold.documents]
    calls = [call | {"attempts": call["requests"]} for call in calls]
    return summed(calls) if calls else Spent()
