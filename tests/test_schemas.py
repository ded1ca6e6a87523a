"""Any Pydantic class is a schema: its fields' types say how they are asked for, grounded and compared."""

from __future__ import annotations

import enum
import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from builders import document
from pydantic import BaseModel, Field, ValidationError

from extract.ground import ground
from extract.split import split
from extract.types import Draft, Found, Lost
from schemas.crisis import Crisis
from schemas.describe import SchemaError, describe
from schemas.field import Comparison, Fact, Grounding
from schemas.load import known, load


class Severity(enum.Enum):
    MILD = "mild"
    GRAVE = "grave"


class DiseaseCluster(BaseModel):
    """Sick people in one place.

    More that no model is told."""

    disease: str
    cases: int
    severity: Severity | None = None
    source: Literal["ministry", "press"] | None = None
    reported: date | None = None
    rate: Decimal | None = None
    districts: Annotated[list[str], Field(description="where\n it was seen")] = []
    confirmed: bool = False
    note: Annotated[str | None, Fact(ground=Grounding.FREE, weight=0, short="n")] = None


class Purchase(BaseModel):
    buyer: str | None = None
    price: float | None = None


class Papers(BaseModel):
    """What the papers say."""

    clusters: list[DiseaseCluster]
    purchases: list[Purchase] = []


@pytest.mark.parametrize(
    ("name", "json_type", "ground", "compare"),
    [
        ("disease", "string", Grounding.NAME, Comparison.TEXT),
        ("cases", "integer", Grounding.NUMBER, Comparison.NUMBER),
        ("severity", "string", Grounding.ENUM, Comparison.EXACT),
        ("source", "string", Grounding.ENUM, Comparison.EXACT),
        ("reported", "string", Grounding.DATE, Comparison.DATE),
        ("rate", "number", Grounding.NUMBER, Comparison.NUMBER),
        ("districts", "string", Grounding.NAME, Comparison.SET),
        ("confirmed", "boolean", Grounding.FREE, Comparison.TEXT),
        ("note", "string", Grounding.FREE, Comparison.TEXT),
    ],
)
def test_a_type_says_how_a_field_is_treated(
    name: str, json_type: str, ground: Grounding, compare: Comparison
) -> None:
    """Text is looked for as a name, numbers and dates by value; metadata overrules the type."""
    field = describe(DiseaseCluster).kinds[0].field(name)
    assert (field.type, field.ground, field.compare) == (json_type, ground, compare)


def test_a_record_class_is_a_schema_of_one_kind() -> None:
    """The kind is named after the class and described by its docstring's first paragraph."""
    schema = describe(DiseaseCluster)
    (kind,) = schema.kinds
    assert (kind.name, kind.description) == ("disease_cluster", "Sick people in one place.")
    assert kind.field("severity").choices == ("mild", "grave")
    assert (kind.field("districts").many, kind.field("districts").description) == (
        True,
        "where it was seen",
    )
    assert (kind.field("note").key, kind.field("disease").key) == ("n", "disease")
    assert {f.name for f in kind.fields if f.required} == {"disease", "cases"}


def test_main_and_core_fields_are_those_that_must_be_there() -> None:
    """Without metadata, required fields that stand in the text carry a record; without any, all count."""
    cluster, purchase = describe(Papers).kinds
    assert (cluster.name, purchase.name) == ("clusters", "purchases")
    assert [f.name for f in cluster.fields if f.fact.main] == ["disease", "cases"]
    assert [f.name for f in cluster.fields if f.fact.core] == ["disease", "cases"]
    assert not [f for f in purchase.fields if f.fact.main]
    assert [f.name for f in purchase.fields if f.fact.core] == ["buyer", "price"]


TEXT = (
    "On 3 May 2021 the ministry reported 1,200 cases of cholera in Beira and 40 of measles in Buzi."
)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        (
            {"disease": "Cholera", "cases": 1200, "districts": ["Beira"], "reported": "3 May 2021"},
            {"disease": "cholera", "cases": 1200, "districts": ["Beira"], "reported": "2021-05-03"},
        ),
        (
            {"disease": "measles", "cases": "40", "districts": ["Beira"]},
            {"disease": "measles", "cases": 40},
        ),
        ({"disease": "cholera", "cases": 40}, None),
        ({"disease": "measles", "cases": 1200}, None),
        ({"disease": "polio", "cases": 40}, None),
        ({"disease": "cholera"}, None),
        ({"disease": "cholera", "cases": 1}, None),
    ],
)
def test_a_users_records_are_grounded(said: dict[str, Any], values: dict[str, Any] | None) -> None:
    """A class from another field gets the same refusals without a line of code."""
    article = document(TEXT)
    kind = describe(Papers).kind("clusters")
    record = ground(kind, Draft("clusters", said), split(article, 900)[0], article, 2021)
    assert (record.values if isinstance(record, Found) else None) == values
    assert values or isinstance(record, Lost)


class Empty(BaseModel):
    evidence: list[int] = []


class Nested(BaseModel):
    buyer: Purchase


class Either(BaseModel):
    price: int | str


class Mixed(BaseModel):
    country: str
    purchases: list[Purchase]


class Hedged(BaseModel):
    """A purchase that is hedged by its price."""

    hedge: ClassVar[str] = "price"
    price: float


class Undated(BaseModel):
    """A purchase that takes its date from its price."""

    sole_date: ClassVar[str] = "price"
    price: float


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Empty, "Empty has no fields"),
        (Nested, "Nested.buyer is a"),
        (Either, "Either.price is a"),
        (Mixed, "Mixed mixes lists of records with plain fields (country)"),
        (Hedged, "Hedged.hedge is 'price': name a field of about, at_least, at_most"),
        (Undated, "Undated.sole_date is 'price': name a field that holds a date"),
        (dict, "is no Pydantic model"),
        ("Purchase", "is no Pydantic model"),
    ],
)
def test_what_cannot_be_a_schema_says_why(model: Any, says: str) -> None:
    """The message names the class, the field and the way out."""
    with pytest.raises(SchemaError) as fault:
        describe(model)
    assert says in str(fault.value)


def test_hash_changes_with_what_is_said() -> None:
    """Another description or another metadata is another schema; the same class is the same."""

    class Other(Purchase):
        buyer: Annotated[str | None, Field(description="who paid")] = None

    first = describe(Purchase, "x").hash
    assert first == describe(Purchase, "x").hash
    assert first != describe(Other, "x").hash


def test_the_built_in_schema() -> None:
    """Four kinds by the contract, and the class takes a whole extraction."""
    schema = load("crisis")
    assert [k.name for k in schema.kinds] == [
        "facilities",
        "aid_deliveries",
        "crossings",
        "diplomatic_events",
    ]
    assert schema.model is Crisis
    assert "crisis" in known()
    own = {"evidence", "document", "warnings", "incomplete"}
    assert not own & {f.name for k in schema.kinds for f in k.fields}


def test_every_example_is_by_the_contract() -> None:
    """What the model is shown would itself pass."""
    schema = load("crisis")
    for example in schema.examples:
        for name, records in example.records.items():
            for values in records:
                fields = {f.name for f in schema.kind(name).fields}
                assert set(values) <= fields | {"at"}


SPAN = [{"start": 0, "end": 5}]
DOCUMENT = {"id": "x", "sha256": "0" * 64}
EMPTY: dict[str, Any] = {k.name: [] for k in load("crisis").kinds} | {"document": DOCUMENT}
AID: dict[str, Any] = {
    "evidence": SPAN,
    "item": "flour",
    "category": "food",
    "status": "delivered",
    "quantity": 3,
}
MOVED: dict[str, Any] = {"evidence": SPAN, "population": "idps", "status": "completed", "people": 3}


def test_the_contract_is_taken_and_given_back() -> None:
    """A line is read and written with nulls, and without the keys that have nothing to say."""
    line = json.loads(Crisis.model_validate(EMPTY | {"aid_deliveries": [AID]}).model_dump_json())
    assert list(line) == ["document", *(kind.name for kind in load("crisis").kinds)]
    assert line["aid_deliveries"][0]["place"] is None
    assert line["aid_deliveries"][0]["evidence"] == SPAN


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        ("aid_deliveries", AID | {"quantity": None}),
        ("aid_deliveries", AID | {"evidence": []}),
        ("aid_deliveries", AID | {"evidence": [{"start": 5, "end": 5}]}),
        ("aid_deliveries", AID | {"quantity": -1}),
        ("aid_deliveries", AID | {"item": " "}),
        ("aid_deliveries", AID | {"date": "3 May"}),
        ("aid_deliveries", AID | {"colour": "red"}),
        ("crossings", MOVED | {"people": None}),
        ("crossings", MOVED | {"population": "tourists"}),
        ("crossings", MOVED | {"people": 2.5}),
    ],
)
def test_the_contract_is_held(kind: str, record: dict[str, Any]) -> None:
    """What the contract does not allow is refused."""
    with pytest.raises(ValidationError):
        Crisis.model_validate(EMPTY | {kind: [record]})


def test_blocked_aid_needs_no_measure() -> None:
    """A convoy that is held up may be of unknown size, and one with trucks alone has them as its quantity."""
    blocked = AID | {"quantity": None, "status": "blocked"}
    assert Crisis.model_validate(EMPTY | {"aid_deliveries": [blocked]})


def test_a_class_in_a_file(tmp_path: Path) -> None:
    """`path/to/file.py:Class` needs no installed package."""
    path = tmp_path / "users_own.py"
    path.write_text(
        "from pydantic import BaseModel\nclass Flood(BaseModel):\n    river: str\n    level: float\n"
    )
    schema = load(f"{path}:Flood")
    assert [f.name for f in schema.kinds[0].fields] == ["river", "level"]
    del sys.modules["users_own"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("crises", "no schema 'crises': name one of crisis"),
        ("schemas.crisis:", "no schema"),
        ("schemas.crisis:Nothing", "schemas.crisis has no class Nothing"),
        ("schemas.claim:Period", "is no Pydantic model"),
        ("no.such.module:Class", "no.such.module cannot be imported: ModuleNotFoundError"),
        ("nowhere.py:Class", "no file nowhere.py"),
    ],
)
def test_what_cannot_be_loaded_says_why(name: str, says: str) -> None:
    """The message says what was looked for and what can be had."""
    with pytest.raises(SchemaError) as fault:
        load(name)
    assert says in str(fault.value)
