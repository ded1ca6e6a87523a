"""A scorecard as JSON. `from_json` gives back what `to_json` was given, but for records that were left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.scorecard import (
    Counts,
    DocumentScore,
    Estimate,
    FieldCounts,
    FieldResult,
    KindScore,
    Outcome,
    Problem,
    RecordResult,
    Scorecard,
    Spent,
)
from extract.errors import NothingToDoError, UsageError

FORMAT = 1
Json = dict[str, Any]


def to_json(card: Scorecard, *, records: bool = True) -> Json:
    """The scorecard as plain values. `records`: with each paired record; a baseline does without."""
    return {
        "format": FORMAT,
        "headline": {name: asdict(estimate) for name, estimate in card.headline.items()},
        "records": _counts(card.records),
        "fields": _counts(card.fields),
        "kinds": {
            name: {
                "records": _counts(kind.records),
                "fields": _counts(kind.fields),
                "by_field": {field: _counts(counts) for field, counts in kind.by_field.items()},
            }
            for name, kind in card.kinds.items()
        },
        "documents": [_document(document, records) for document in card.documents],
        "problems": [asdict(problem) for problem in card.problems],
        "spent": _spent(card.spent, card.records.right),
        "schema": dict(card.schema),
        "gold": dict(card.gold),
        "run": dict(card.run),
    } | ({"attacks": dict(card.attacks)} if card.attacks else {})


def _counts(counts: Counts | FieldCounts) -> Json:
    rates = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return {k: _round(v) for k, v in (asdict(counts) | rates).items()}


def _spent(spent: Spent, right: int) -> Json:
    known = {k: _round(v) for k, v in asdict(spent).items()}
    each = {
        f"{k}_per_right_record": _round(v / right)
        for k, v in known.items()
        if v is not None and right and k in ("tokens_in", "tokens_out", "seconds", "cost")
    }
    return known | each


def _document(document: DocumentScore, records: bool) -> Json:
    said: Json = {
        "id": document.id,
        "title": document.title,
        "missing": document.missing,
        "records": _counts(document.records),
        "fields": _counts(document.fields),
        "grounded": document.grounded,
        "checked": document.checked,
        "lost": document.lost,
        "warnings": document.warnings,
        "gaps": [dict(gap) for gap in document.gaps],
        "spent": _spent(document.spent, document.records.right),
    }
    if records:
        said["results"] = [_result(result) for result in document.results]
    return said


def _result(result: RecordResult) -> Json:
    return {
        "kind": result.kind,
        "outcome": result.outcome.value,
        "gold_at": result.gold_at,
        "predicted_at": result.predicted_at,
        "gold": None if result.gold is None else dict(result.gold),
        "predicted": None if result.predicted is None else dict(result.predicted),
        "fields": {
            f.name: {"outcome": f.outcome.value, "credit": _round(f.credit)} for f in result.fields
        },
        "failed": result.failed,
        "warnings": list(result.warnings),
    }


def _round(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def from_json(said: Mapping[str, Any]) -> Scorecard:
    """Raises UsageError where it is no scorecard of this format."""
    if said.get("format") != FORMAT:
        raise UsageError(
            f"not a scorecard of format {FORMAT}: write it with communique eval score --json"
        )
    try:
        return Scorecard(
            headline={name: Estimate(**estimate) for name, estimate in said["headline"].items()},
            kinds={name: _kind_from(kind) for name, kind in said["kinds"].items()},
            documents=tuple(_document_from(document) for document in said["documents"]),
            problems=tuple(Problem(**problem) for problem in said["problems"]),
            spent=_known(Spent, said["spent"]),
            schema=said["schema"],
            gold=said["gold"],
            run=said["run"],
            attacks=said.get("attacks"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise UsageError(f"the scorecard is damaged ({type(fault).__name__}: {fault})") from None


def _known(of: type[Any], said: Mapping[str, Any]) -> Any:
    """The dataclass without the figures that follow from it."""
    return of(**{name: said[name] for name in of.__dataclass_fields__ if name in said})


def _kind_from(said: Mapping[str, Any]) -> KindScore:
    by_field = {name: _known(FieldCounts, counts) for name, counts in said["by_field"].items()}
    return KindScore(_known(Counts, said["records"]), _known(FieldCounts, said["fields"]), by_field)


def _document_from(said: Mapping[str, Any]) -> DocumentScore:
    made = {
        "records": _known(Counts, said["records"]),
        "fields": _known(FieldCounts, said["fields"]),
        "gaps": tuple(said["gaps"]),
        "spent": _known(Spent, said["spent"]),
        "results": tuple(_result_from(result) for result in said.get("results", [])),
    }
    document: DocumentScore = _known(DocumentScore, {**said, **made})
    return document


def _result_from(said: Mapping[str, Any]) -> RecordResult:
    gold, predicted = said["gold"] or {}, said["predicted"] or {}
    results = tuple(
        FieldResult(name, Outcome(of["outcome"]), of["credit"], gold.get(name), predicted.get(name))
        for name, of in said["fields"].items()
    )
    made = {
        "outcome": Outcome(said["outcome"]),
        "fields": results,
        "warnings": tuple(said["warnings"]),
    }
    result: RecordResult = _known(RecordResult, {**said, **made})
    return result


def write(card: Scorecard, path: Path, *, records: bool = True) -> None:
    """Raises NothingToDoError where the disk refuses."""
    text = json.dumps(to_json(card, records=records), ensure_ascii=False, indent=1)
    try:
        path.write_text(text + "\n", "utf-8")
    except OSError as fault:
        raise NothingToDoError(f"{path} cannot be written: {fault.strerror or fault}") from None


def read(path: Path) -> Scorecard:
    """Raises UsageError where it cannot be read or is no scorecard."""
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise UsageError(f"{path} is no scorecard: {fault}") from None
    if not isinstance(said, dict):
        raise UsageError(f"{path} is no scorecard: it holds no JSON object")
    return from_json(said)
