"""The model is held to a lean schema made of the records' own, and its answer is read under the fields' full names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from builders import CRISIS
from pydantic import ValidationError

from extract.profile import LARGE, SMALL, Profile
from extract.types import Draft
from extract.wire import answer_model, drafts, lean_schema

NUMBERS = (12, 5400, 2.5)


def items(profile: Profile, kind: str, sentences: int = 3) -> dict[str, Any]:
    schema = lean_schema(CRISIS, profile, sentences, NUMBERS)
    found: dict[str, Any] = schema["properties"][kind]["items"]
    return found


def answered(text: str, profile: Profile = LARGE) -> tuple[Draft, ...]:
    model = answer_model(CRISIS, profile, 3, NUMBERS)
    return drafts(CRISIS, model.model_validate_json(text))


def test_every_kind_may_be_left_out() -> None:
    """An answer with nothing to say is an empty object."""
    schema = lean_schema(CRISIS, LARGE, 3, NUMBERS)
    assert list(schema["properties"]) == [kind.name for kind in CRISIS.kinds]
    assert schema["required"] == []
    assert answered("{}") == ()


@pytest.mark.parametrize("kind", [kind.name for kind in CRISIS.kinds])
@pytest.mark.parametrize("profile", [LARGE, SMALL])
def test_required_fields_come_first(kind: str, profile: Profile) -> None:
    """Grammars that keep an order meet the fields that must be there before those that may be."""
    record = items(profile, kind)
    assert list(record["properties"])[: len(record["required"])] == record["required"]
    assert not {"evidence", "document"} & set(record["properties"])
    assert record["additionalProperties"] is False


def test_pointer() -> None:
    """One of several sentences is named by its number, a quote stands first, one sentence needs neither."""
    assert items(LARGE, "crossings")["properties"]["at"]["maximum"] == 3
    assert "at" not in items(LARGE, "crossings", 1)["properties"]
    assert next(iter(items(replace(LARGE, pointer="quote"), "crossings")["properties"])) == "quote"


def test_small_models_choose_among_the_passages_numbers() -> None:
    """A count is one of the whole numbers of the passage, or one ("the bridge"), an amount any of them."""
    assert items(SMALL, "facilities")["properties"]["count"] == {"enum": [12, 5400, 1]}
    assert items(SMALL, "aid_deliveries")["properties"]["tonnes"] == {"enum": [12, 5400, 2.5]}
    none = lean_schema(CRISIS, SMALL, 3, ())["properties"]["facilities"]["items"]
    assert none["properties"]["count"] == {"enum": [1]}


def test_free_text_is_asked_of_large_models_only() -> None:
    """A topic, which nobody scores, is left out where output is dear."""
    assert "topic" in items(LARGE, "diplomatic_events")["properties"]
    assert "topic" not in items(SMALL, "diplomatic_events")["properties"]


def test_an_answer_is_read_under_full_names() -> None:
    """Short keys become the fields' names; nulls, blanks and empty lists become nothing."""
    said = {
        "at": 2,
        "type": "school",
        "status": "restored",
        "name": "schools",
        "count": "5,400",
        "place": "",
    }
    (draft,) = answered(json.dumps({"facilities": [said | {"since": None}]}))
    values = {"facility_type": "school", "status": "restored", "name": "schools", "count": "5,400"}
    assert draft == Draft("facilities", values, 2, None)


@pytest.mark.parametrize(
    "record",
    [
        {"type": "castle", "status": "restored", "name": "x"},
        {"type": "school", "status": "gone", "name": "x"},
        {"type": "school", "name": "x"},
        {"type": "school", "status": "restored", "name": ["x"]},
    ],
)
def test_an_answer_outside_the_schema_is_refused(record: dict[str, Any]) -> None:
    """A value off its list, a missing choice or a wrong type is for the model to write again."""
    with pytest.raises(ValidationError):
        answered(json.dumps({"facilities": [record]}))


def test_a_record_without_its_name_is_let_through() -> None:
    """What lacks a required text is lost later, with its reason, and not asked again."""
    (draft,) = answered('{"facilities": [{"type": "school", "status": "restored", "count": 3}]}')
    assert "name" not in draft.values


def test_the_same_question_has_the_same_class() -> None:
    """Classes are made once for each kind of passage, and each holds its own schema."""
    assert answer_model(CRISIS, LARGE, 3, NUMBERS) is answer_model(CRISIS, LARGE, 3, NUMBERS)
    other = answer_model(CRISIS, LARGE, 9, NUMBERS)
    assert other.model_json_schema() == lean_schema(CRISIS, LARGE, 9, NUMBERS)
