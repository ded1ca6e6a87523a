"""Two labellers: agreement by kind and field, alpha, and what they have to settle."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.agree import agree, krippendorff
from evals.cli import app
from evals.gold import Gold
from extract.errors import UsageError
from schemas.load import load

CRISIS = load("crisis")


def _rows(*coders: str) -> list[list[Hashable]]:
    """A row for each thing labelled; a dot where the coder gave no label."""
    return [
        [None if label == "." else label for label in labels]
        for labels in zip(*coders, strict=True)
    ]


@pytest.mark.parametrize(
    ("units", "alpha"),
    [
        # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: examples A, B and C, nominal
        (_rows("0100000010", "1110010000"), 0.095),
        (_rows("aabbdcccedda", "babbbccceddd"), 0.692),
        (_rows("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
        # by hand: 2 of 4 apart, n 8 with 4 of each: 1 - 7 * 4 / (64 - 32)
        (_rows("xxyy", "xyxy"), 1 - 28 / 32),
        (_rows("xyz", "xyz"), 1.0),
        (_rows("xy", "yx"), -0.5),
    ],
)
def test_alpha_is_that_of_the_literature(units: Sequence[Sequence[Hashable]], alpha: float) -> None:
    """For two labellers and for more, with labels that were not given."""
    assert krippendorff(units) == pytest.approx(alpha, abs=0.0005)


@pytest.mark.parametrize("units", [[], _rows("x", "."), _rows("xxx", "xxx")])
def test_alpha_needs_values_that_differ(units: Sequence[Sequence[Hashable]]) -> None:
    """Where nothing can be compared, or all labels are the same, there is none rather than 0 or 1."""
    assert krippendorff(units) is None


def _facility(name: str, **values: Any) -> dict[str, Any]:
    made = {"facility_type": "school", "name": name, "count": 1, "status": "restored"}
    return made | {"evidence": [{"start": 5, "end": 9}]} | values


def _gold(**documents: list[dict[str, Any]]) -> Gold:
    lines = {
        name: {"document": {"id": name, "sha256": None}, "facilities": records}
        for name, records in documents.items()
    }
    return Gold(lines, {}, "h")


ONE = _gold(
    a=[_facility("north school", count=4), _facility("bridge", facility_type="bridge")],
    b=[_facility("bakery", facility_type="bakery", status="damaged")],
)


def test_labellers_who_say_the_same_agree() -> None:
    """F1 and alpha of 1, nothing to settle."""
    agreement = agree(CRISIS, ONE, ONE)
    assert agreement.card.headline["record_f1"].value == 1
    assert agreement.fields["facilities"]["status"].alpha == 1
    assert agreement.unsettled == agreement.problems == ()


def test_agreement_is_counted_by_field() -> None:
    """One status of three differs: its share, F1 and alpha by hand, and the record in the list."""
    other = _gold(
        a=[_facility("north school", count=4), _facility("bridge", facility_type="bridge")],
        b=[_facility("bakery", facility_type="bakery", status="destroyed")],
    )
    agreement = agree(CRISIS, ONE, other)
    status = agreement.fields["facilities"]["status"]
    assert (status.pairs, status.agreed, status.f1) == (3, 2, pytest.approx(2 / 3))
    # n 6: restored 4, damaged 1, destroyed 1; one of three units apart: 1 - 5 * 2 / (36 - 18)
    assert status.alpha == pytest.approx(1 - 10 / 18)
    assert agreement.fields["facilities"]["count"].alpha is None
    assert agreement.card.kinds["facilities"].records.f1 == pytest.approx(2 / 3)
    (record,) = agreement.unsettled
    assert (record.document, record.a, record.b, record.start) == ("b", 0, 0, 5)
    assert record.fields == {"status": ("damaged", "destroyed")}


def test_saying_nothing_is_a_value_of_an_enum() -> None:
    """A hedge that one labeller saw and the other did not is disagreement."""
    hedged = _gold(a=[_facility("north school", qualifier="about"), _facility("south mill")])
    plain = _gold(a=[_facility("north school"), _facility("south mill")])
    qualifier = agree(CRISIS, hedged, plain).fields["facilities"]["qualifier"]
    assert (qualifier.pairs, qualifier.agreed) == (1, 0)
    assert qualifier.alpha == pytest.approx(1 - 3 * 2 / (16 - 10))


def test_agreement_is_the_same_both_ways() -> None:
    """Precision and recall change places, the rest stays."""
    other = _gold(a=[_facility("north school", count=5)], b=ONE.documents["b"]["facilities"])
    ab, ba = agree(CRISIS, ONE, other), agree(CRISIS, other, ONE)
    assert ab.fields == ba.fields
    assert ab.card.headline["record_f1"] == ba.card.headline["record_f1"]
    assert ab.card.records.precision == ba.card.records.recall
    alone = [record for record in ab.unsettled if record.b is None]
    assert [record.gist.split(",")[1].strip() for record in alone] == ["bridge"]


def test_documents_of_one_labeller_are_named_and_not_counted() -> None:
    """Agreement is over what both have seen; with nothing in common there is none."""
    agreement = agree(CRISIS, ONE, _gold(a=ONE.documents["a"]["facilities"], z=[]))
    assert [(p.document, p.what) for p in agreement.problems] == [
        ("b", "only_in_a"),
        ("z", "only_in_b"),
    ]
    assert agreement.card.headline["record_f1"].value == 1
    with pytest.raises(UsageError, match="no document in common"):
        agree(CRISIS, ONE, _gold(z=[]))


def test_agree_prints_what_to_settle(tmp_path: Path) -> None:
    """The command: the table by field, and every difference; JSON on request."""
    other = _gold(**{n: line["facilities"] for n, line in ONE.documents.items()} | {"b": []})
    for folder, gold in (("one", ONE), ("two", other)):
        (tmp_path / folder).mkdir()
        for name, line in gold.documents.items():
            (tmp_path / folder / f"{name}.json").write_text(json.dumps(line))
    folders = [str(tmp_path / folder) for folder in ("one", "two")]
    done = CliRunner().invoke(app, ["agree", *folders, "--json", str(tmp_path / "a.json")])
    assert done.exit_code == 0, done.output
    assert "records F1 0.80" in done.output
    assert "b at 5: facilities 1, bakery, bakery: A[0] alone" in done.output
    said = json.loads((tmp_path / "a.json").read_text())
    assert said["kinds"]["facilities"]["record_f1"] == pytest.approx(0.8)
    assert len(said["unsettled"]) == 1
