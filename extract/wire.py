"""The lean form that a model is asked to write, derived from the schema: no nulls, no offsets, short keys.

    {"facilities": [{"at": 2, "type": "school", "name": "schools", "status": "restored", "count": 12}]}

A kind with nothing to say is left out, and so is a field. `at` is the number of the sentence that says it; with
quotes instead, `quote` holds its first words. Fields that must be there come first: the grammars that some servers
make of a JSON Schema allow no other order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema

from extract.profile import Profile
from extract.types import Draft
from schemas.describe import FieldSpec, Kind, Schema
from schemas.field import Grounding

AT = "at"
QUOTE = "quote"
_PYTHON: dict[str, Any] = {
    "string": str,
    "integer": int | float | str,  # what is no number is lost with its reason, not asked again
    "number": int | float | str,
    "boolean": bool,
}


class Wire(BaseModel):
    """An answer. Subclasses have a list for each kind; `json_schema` is what the model is held to."""

    model_config = ConfigDict(extra="ignore")
    json_schema: ClassVar[dict[str, Any]] = {}

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        """The lean schema instead of Pydantic's own."""
        return cls.json_schema


@lru_cache(maxsize=256)  # making a class takes milliseconds, and most passages are alike
def answer_model(
    schema: Schema, profile: Profile, sentences: int, numbers: tuple[int | float, ...]
) -> type[Wire]:
    """The class of the answer about one passage of so many sentences that holds these numbers."""
    lists: dict[str, Any] = {
        kind.name: (_plainly(list[_record(kind)]), Field(default_factory=list))  # type: ignore[misc]
        for kind in schema.kinds
    }
    made = create_model("Answer", __base__=Wire, **lists)
    made.json_schema = lean_schema(schema, profile, sentences, numbers)
    return made


@dataclass(frozen=True, slots=True)
class _HeldTo:
    """Validates as the type does."""

    type_: Any

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(self.type_)


def _plainly(type_: Any) -> Any:
    """The type under a plain annotation: instructor walks all annotations below a class, four times a request."""
    return Annotated[Any, _HeldTo(type_)]


@cache
def _record(kind: Kind) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for field in kind.fields:
        inner = Literal[field.choices] if field.choices else _PYTHON[field.type]
        if field.required and field.choices:
            fields[field.key] = (inner, ...)
        else:
            fields[field.key] = ((list[inner] if field.many else inner) | None, None)  # type: ignore[valid-type]
    fields[AT] = (int | None, None)
    fields[QUOTE] = (str | None, None)
    return create_model(kind.name, __config__=ConfigDict(extra="ignore"), **fields)


def lean_schema(
    schema: Schema, profile: Profile, sentences: int, numbers: Sequence[int | float]
) -> dict[str, Any]:
    """The JSON Schema of one answer."""
    return {
        "type": "object",
        "properties": {
            kind.name: {
                "type": "array",
                "items": _lean_record(kind, profile, sentences, numbers),
                "minItems": 1,
                "maxItems": profile.records,
            }
            for kind in schema.kinds
        },
        "required": [],
        "additionalProperties": False,
    }


def wire_fields(kind: Kind, profile: Profile) -> list[FieldSpec]:
    """The fields that the model writes, those that must be there first."""
    asked = [f for f in kind.fields if profile.free_text or f.fact.weight or f.fact.main]
    return sorted(asked, key=lambda field: not field.required)


def _lean_record(
    kind: Kind, profile: Profile, sentences: int, numbers: Sequence[int | float]
) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if profile.pointer == QUOTE:
        properties[QUOTE] = {"type": "string"}
    elif sentences > 1:
        properties[AT] = {"type": "integer", "minimum": 1, "maximum": sentences}
    required = list(properties)
    for field in wire_fields(kind, profile):
        if (lean := _lean_field(field, profile, numbers)) is not None:
            properties[field.key] = lean
            required += [field.key] if field.required else []
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _lean_field(
    field: FieldSpec, profile: Profile, numbers: Sequence[int | float]
) -> dict[str, Any] | None:
    if field.choices:
        lean: dict[str, Any] = {"enum": list(field.choices)}
    elif field.ground is Grounding.NUMBER and profile.legal_numbers:
        if field.type == "number":
            legal = list(numbers)
        else:  # "the bridge" is one, with no number in sight
            legal = list(dict.fromkeys([*(n for n in numbers if isinstance(n, int)), 1]))
        if not legal:
            return None
        lean = {"enum": legal}
    else:
        lean = {"type": field.type}
    return {"type": "array", "items": lean, "maxItems": 8} if field.many else lean


def drafts(schema: Schema, answer: Wire) -> tuple[Draft, ...]:
    """The records of an answer, under the schema's own field names, nulls left out."""
    found = []
    for kind in schema.kinds:
        for record in cast(Sequence[BaseModel], getattr(answer, kind.name)):
            values = {}
            for field in kind.fields:
                value = getattr(record, field.key)
                if value is not None and value != "" and value != []:
                    values[field.name] = value
            found.append(
                Draft(kind.name, values, getattr(record, AT), getattr(record, QUOTE) or None)
            )
    return tuple(found)
