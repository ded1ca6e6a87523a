"""A scorecard: how good an extraction is, with every paired record behind the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

HEADLINES = (
    "record_f1",
    "record_precision",
    "record_recall",
    "field_f1",
    "field_precision",
    "field_recall",
    "grounded",
)
"""Every figure that a scorecard leads with; all are shares, and more is better."""


class Outcome(StrEnum):
    """What became of a record or a field. `empty`, of fields alone: both sides rightly say nothing."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    INVENTED = "invented"
    EMPTY = "empty"


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole records. A wrong one is a false positive and a miss at once."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    invented: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def gold(self) -> int:
        return self.right + self.wrong + self.missed

    @property
    def predicted(self) -> int:
        return self.right + self.wrong + self.invented

    @property
    def precision(self) -> float | None:
        return _share(self.right, self.predicted)

    @property
    def recall(self) -> float | None:
        return _share(self.right, self.gold)

    @property
    def f1(self) -> float | None:
        """None where there is nothing on either side."""
        return _share(2 * self.right, self.gold + self.predicted)


@dataclass(frozen=True, slots=True)
class FieldCounts:
    """Values. `credit`, `due` and `said` are weighted: what was right, what gold holds, what was predicted."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    invented: int = 0
    empty: int = 0
    credit: float = 0.0
    due: float = 0.0
    said: float = 0.0

    def __add__(self, other: FieldCounts) -> FieldCounts:
        return FieldCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def precision(self) -> float | None:
        return _share(self.credit, self.said)

    @property
    def recall(self) -> float | None:
        return _share(self.credit, self.due)

    @property
    def f1(self) -> float | None:
        """None where there is nothing on either side."""
        return _share(2 * self.credit, self.due + self.said)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval. `n`: the records or values that it is a share of.

    `value` is None where there is nothing to take a share of, the bounds with fewer than two documents.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class FieldResult:
    """One value against gold. `credit`: 1 for a right one, between 0 and 1 for one that is partly right."""

    name: str
    outcome: Outcome
    credit: float
    gold: Any
    predicted: Any


@dataclass(frozen=True, slots=True)
class RecordResult:
    """A gold record and the predicted one that it is paired with, or one that stands alone.

    `gold_at`, `predicted_at`: their places in the lists of their kind. `failed`: it was missed, and it
    stands in a passage that got no answer. `fields`: those that are scored, without the empty ones.
    """

    kind: str
    outcome: Outcome
    gold: Mapping[str, Any] | None
    predicted: Mapping[str, Any] | None
    gold_at: int | None
    predicted_at: int | None
    fields: tuple[FieldResult, ...]
    failed: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """What the requests took. None where the run does not say; `cost` in the currency of the price given."""

    requests: int | None = None
    tokens_in: int | None = None
    tokens_cached: int | None = None
    tokens_out: int | None = None
    seconds: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """One document. `missing`: "prediction" where the run has no such document, which counts as all missed.

    `grounded` of the `checked` predicted values stand in the text where the evidence says. `gaps`: passages
    that failed; `lost`: values that the extractor dropped as not borne out; `warnings`: its doubts.
    """

    id: str
    title: str | None = None
    missing: str | None = None
    records: Counts = field(default_factory=Counts)
    fields: FieldCounts = field(default_factory=FieldCounts)
    grounded: int = 0
    checked: int = 0
    lost: int = 0
    warnings: int = 0
    gaps: tuple[Mapping[str, Any], ...] = ()
    spent: Spent = field(default_factory=Spent)
    results: tuple[RecordResult, ...] = ()


@dataclass(frozen=True, slots=True)
class KindScore:
    """One kind of record, with each of its scored fields."""

    records: Counts
    fields: FieldCounts
    by_field: Mapping[str, FieldCounts]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the comparison itself. `what`: no_prediction, no_gold, other_text, gap or unreadable."""

    document: str
    what: str
    says: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A run against gold. `run`: its name and manifest; `gold`: its hash and size; `schema`: name, hash, fields.

    `attacks`: what became of documents that order their reader about, where the gold has any.
    """

    headline: Mapping[str, Estimate]
    kinds: Mapping[str, KindScore]
    documents: tuple[DocumentScore, ...]
    problems: tuple[Problem, ...] = ()
    schema: Mapping[str, Any] = field(default_factory=dict)
    run: Mapping[str, Any] = field(default_factory=dict)
    gold: Mapping[str, Any] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)
    attacks: Mapping[str, Any] | None = None

    @property
    def records(self) -> Counts:
        return sum((d.records for d in self.documents), Counts())

    @property
    def fields(self) -> FieldCounts:
        return sum((d.fields for d in self.documents), FieldCounts())
