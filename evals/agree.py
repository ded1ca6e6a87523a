"""How far two labellers agree, and what is left for them to settle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evals.compare_values import canonical
from evals.evidence import ANY_LENGTH, spans_of
from evals.gold import Gold, Run
from evals.moves import gist
from evals.score import score
from evals.scorecard import Outcome, Problem, RecordResult, Scorecard
from evals.similar import scored
from extract.errors import UsageError
from schemas.describe import FieldSpec, Kind, Schema

_EMPTY = ""


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """One field over paired records. `agreed` of the `pairs` in which somebody says something.

    `alpha`: of enums and truth values, where saying nothing is a value of its own; None for other fields, and where all
    say the same. `f1`: over all records, those that only one labeller has among them.
    """

    pairs: int
    agreed: int
    f1: float | None
    alpha: float | None

    @property
    def share(self) -> float | None:
        return self.agreed / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A record that the labellers hold otherwise. `a`, `b`: its place in each set, None where it is in one alone.

    `start`: where the first evidence begins. `fields`: by name, what each of the two says.
    """

    document: str
    kind: str
    a: int | None
    b: int | None
    gist: str
    start: int | None
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`card`: B scored against A, in which precision and recall are the two ways round of one agreement."""

    card: Scorecard
    fields: Mapping[str, Mapping[str, FieldAgreement]]
    unsettled: tuple[Unsettled, ...]
    problems: tuple[Problem, ...]


def agree(schema: Schema, a: Gold, b: Gold) -> Agreement:
    """Over the documents that both have labelled; the others are problems. Raises UsageError where there are none."""
    both = a.documents.keys() & b.documents.keys()
    if not both:
        raise UsageError("the two sets of gold have no document in common: compare ids")
    one = [
        Problem(name, f"only_in_{side}", "one labeller alone has it: it is not counted")
        for side, mine, theirs in (("a", a, b), ("b", b, a))
        for name in sorted(mine.documents.keys() - theirs.documents.keys())
    ]
    lines = [{name: gold.documents[name] for name in sorted(both)} for gold in (a, b)]
    card = score(schema, Gold(lines[0], {}, a.hash), Run("second labels", lines[1]))
    other = [problem for problem in card.problems if problem.what == "other_text"]
    return Agreement(
        card,
        {kind.name: _fields(kind, card) for kind in schema.kinds},
        tuple(_unsettled(schema, card)),
        (*one, *other),
    )


def _fields(kind: Kind, card: Scorecard) -> dict[str, FieldAgreement]:
    results = [r for d in card.documents for r in d.results if r.kind == kind.name]
    paired = [r for r in results if r.gold is not None and r.predicted is not None]
    made = {}
    for field in scored(kind):
        said = [judged for r in paired for judged in r.fields if judged.name == field.name]
        agreed = sum(judged.outcome is Outcome.RIGHT for judged in said)
        counts = card.kinds[kind.name].by_field[field.name]
        made[field.name] = FieldAgreement(len(said), agreed, counts.f1, _alpha(field, paired))
    return made


def _alpha(field: FieldSpec, paired: Iterable[RecordResult]) -> float | None:
    if field.many or not (field.choices or field.type == "boolean"):
        return None
    sides = [(r.gold or {}, r.predicted or {}) for r in paired]
    units = [[canonical(field, side.get(field.name)) or _EMPTY for side in unit] for unit in sides]
    return krippendorff(units)


def krippendorff(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal values: a row of labels for each thing labelled, None for one not given.

    None where fewer than two labels can be compared, or all of them are the same.
    """
    rows = [[value for value in unit if value is not None] for unit in units]
    rows = [row for row in rows if len(row) > 1]
    number = Counter(value for row in rows for value in row)
    total = number.total()
    apart = sum(
        (len(row) ** 2 - sum(n * n for n in Counter(row).values())) / (len(row) - 1) for row in rows
    )
    expected = total**2 - sum(n * n for n in number.values())
    return 1 - (total - 1) * apart / expected if expected else None


def _unsettled(schema: Schema, card: Scorecard) -> Iterator[Unsettled]:
    for document in card.documents:
        for r in document.results:
            kind = schema.kind(r.kind)
            apart = {f.name: (f.gold, f.predicted) for f in r.fields if f.credit < 1}
            if r.gold is not None and r.predicted is not None and not apart:
                continue
            record = r.gold if r.gold is not None else r.predicted or {}
            alone = r.gold is None or r.predicted is None
            spans = spans_of(record, ANY_LENGTH) or []
            yield Unsettled(
                document.id,
                r.kind,
                r.gold_at,
                r.predicted_at,
                gist(kind, record),
                min((start for start, _ in spans), default=None),
                {} if alone else apart,
            )


def to_json(agreement: Agreement) -> dict[str, Any]:
    """All of it as plain values."""
    return {
        "format": 1,
        "headline": {name: asdict(e) for name, e in agreement.card.headline.items()},
        "kinds": {
            name: {
                "record_f1": agreement.card.kinds[name].records.f1,
                "records": asdict(agreement.card.kinds[name].records),
                "fields": {field: asdict(of) | {"share": of.share} for field, of in fields.items()},
            }
            for name, fields in agreement.fields.items()
        },
        "documents": {d.id: d.records.f1 for d in agreement.card.documents},
        "unsettled": [asdict(record) for record in agreement.unsettled],
        "problems": [asdict(problem) for problem in agreement.problems],
    }
