"""Read a Pydantic class as a schema: its kinds of record, and of each field its type, words and rules."""

from __future__ import annotations

import enum
import hashlib
import inspect
import json
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from schemas.field import Comparison, Fact, Grounding

OWN = frozenset(
    {"evidence", "document", "warnings", "incomplete"}
)  # written by the program, never asked of a model

HEDGES = frozenset({"at_least", "at_most", "about"})


class SchemaError(ValueError):
    """A class cannot serve as a schema; the message says which field and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A text and what it yields, shown to the model. `records`: lists of values by kind, none for a text with nothing.

    `before`: lines of context as the model sees them, such as `Section: Report of the governor`.
    """

    text: str
    records: Mapping[str, Sequence[Mapping[str, Any]]]
    context: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a kind. `type`: the JSON type of one value; `many`: whether it holds a list of them."""

    name: str
    type: Literal["string", "integer", "number", "boolean"]
    description: str
    required: bool
    many: bool
    choices: tuple[str, ...]
    fact: Fact

    @property
    def key(self) -> str:
        """The key that the model writes."""
        return self.fact.short or self.name

    @property
    def ground(self) -> Grounding:
        return self.fact.ground or Grounding.FREE

    @property
    def compare(self) -> Comparison:
        return self.fact.compare or Comparison.EXACT


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: the key it stands under, its class and its fields in the order that the model writes them.

    `scope`: what must hold a record's names and main number. A class says `record_scope: ClassVar = "sentence"` where
    one sentence makes one claim; elsewhere a record may be told over a whole passage. `sole_date`: the field that takes
    the only date of a record's sentence where the model gave none; a class names it: `sole_date: ClassVar = "date"`.
    `hedge`: the field that says how the main number is hedged, one of HEDGES, as English words tell it.
    """

    name: str
    model: type[BaseModel]
    description: str
    fields: tuple[FieldSpec, ...]
    scope: Literal["sentence", "passage"] = "passage"
    sole_date: str | None = None
    hedge: str | None = None

    def field(self, name: str) -> FieldSpec:
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """What a document can say."""

    name: str
    model: type[BaseModel]
    description: str
    kinds: tuple[Kind, ...]
    examples: tuple[Example, ...] = ()

    def kind(self, name: str) -> Kind:
        return next(kind for kind in self.kinds if kind.name == name)

    @property
    def told_in_sentences(self) -> bool:
        """Whether short passages hold whole records."""
        return all(kind.scope == "sentence" for kind in self.kinds)

    @property
    def hash(self) -> str:
        """Changes with anything that the model or the scorer would notice."""
        said = [(k.name, k.description, k.scope, [repr(f) for f in k.fields]) for k in self.kinds]
        shown = [[e.text, e.context, e.records] for e in self.examples]
        text = json.dumps([self.name, self.description, said, shown])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def describe(model: type[BaseModel], name: str | None = None) -> Schema:
    """A class that holds lists of records, or a record class. Raises SchemaError."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise SchemaError(f"{model!r} is no Pydantic model: give a class derived from BaseModel")
    lists = {n: _record_class(f) for n, f in model.model_fields.items() if n not in OWN}
    if any(lists.values()):
        odd = sorted(n for n, record in lists.items() if record is None)
        if odd:
            raise SchemaError(
                f"{model.__name__} mixes lists of records with plain fields ({', '.join(odd)}): "
                "put the plain fields into a record class of their own"
            )
        kinds = tuple(_kind(n, record) for n, record in lists.items() if record is not None)
    else:
        kinds = (_kind(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", model.__name__).lower(), model),)
    return Schema(
        name=name or f"{model.__module__}:{model.__name__}",
        model=model,
        description=_words(model),
        kinds=kinds,
        examples=tuple(getattr(model, "examples", ())),
    )


def _words(model: type[BaseModel]) -> str:
    return " ".join((inspect.cleandoc(model.__doc__ or "")).split("\n\n")[0].split())


def _record_class(info: FieldInfo) -> type[BaseModel] | None:
    kind = _bare(info.annotation)[0]
    if get_origin(kind) in (list, tuple):
        inner = _bare(get_args(kind)[0])[0]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None


def _kind(name: str, model: type[BaseModel]) -> Kind:
    own = [n for n in vars(model).get("__annotations__", {}) if n in model.model_fields]
    order = own + [n for n in model.model_fields if n not in own]  # its own fields come first
    fields = [_field(model, n) for n in order if n not in OWN]
    if not fields:
        raise SchemaError(f"{model.__name__} has no fields to extract")
    if not any(f.fact.main for f in fields):
        fields = [
            replace(f, fact=replace(f.fact, main=f.required and f.ground not in _UNGROUNDED))
            for f in fields
        ]
    if not any(f.fact.core for f in fields):
        some = any(f.fact.main for f in fields)
        fields = [
            replace(f, fact=replace(f.fact, core=f.fact.main if some else f.fact.weight > 0))
            for f in fields
        ]
    sole = getattr(model, "sole_date", None)
    if sole and not any(f.name == sole and f.ground is Grounding.DATE for f in fields):
        raise SchemaError(f"{model.__name__}.sole_date is {sole!r}: name a field that holds a date")
    hedge = getattr(model, "hedge", None)
    if hedge and not any(f.name == hedge and set(f.choices or ()) == HEDGES for f in fields):
        raise SchemaError(
            f"{model.__name__}.hedge is {hedge!r}: name a field of {', '.join(sorted(HEDGES))}"
        )
    return Kind(name, model, _words(model), tuple(fields), _scope(model), sole, hedge)


def _scope(model: type[BaseModel]) -> Literal["sentence", "passage"]:
    match getattr(model, "record_scope", "passage"):
        case "sentence":
            return "sentence"
        case "passage":
            return "passage"
        case other:
            raise SchemaError(f"{model.__name__}.record_scope is {other!r}: sentence or passage")


_UNGROUNDED = (Grounding.ENUM, Grounding.FREE)


def _bare(annotation: Any) -> tuple[Any, bool]:
    """The type without `Annotated`, `Optional` and the like; and whether None is allowed."""
    optional = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            rest = [a for a in get_args(annotation) if a is not type(None)]
            optional = optional or len(rest) < len(get_args(annotation))
            if len(rest) != 1:
                return annotation, optional
            annotation = rest[0]
        else:
            return annotation, optional


def _field(model: type[BaseModel], name: str) -> FieldSpec:
    info = model.model_fields[name]
    kind, _ = _bare(info.annotation)
    many = get_origin(kind) in (list, tuple, set, frozenset)
    if many:
        kind, _ = _bare(get_args(kind)[0])
    choices: tuple[str, ...] = ()
    if get_origin(kind) is Literal:
        choices, json_type, ground = tuple(map(str, get_args(kind))), "string", Grounding.ENUM
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        choices = tuple(str(member.value) for member in kind)
        json_type, ground = "string", Grounding.ENUM
    else:
        json_type, ground = _plain(model, name, kind)
    fact = next((m for m in info.metadata if isinstance(m, Fact)), Fact())
    ground = fact.ground or ground
    compare = fact.compare or (Comparison.SET if many else _COMPARED[ground])
    return FieldSpec(
        name=name,
        type=json_type,  # type: ignore[arg-type]  # one of the four, by the table below
        description=" ".join((info.description or name.replace("_", " ")).split()),
        required=info.is_required(),
        many=many,
        choices=choices,
        fact=replace(fact, ground=ground, compare=compare),
    )


_COMPARED = {
    Grounding.NUMBER: Comparison.NUMBER,
    Grounding.DATE: Comparison.DATE,
    Grounding.NAME: Comparison.TEXT,
    Grounding.ENUM: Comparison.EXACT,
    Grounding.FREE: Comparison.TEXT,
}


def _plain(model: type[BaseModel], name: str, kind: Any) -> tuple[str, Grounding]:
    if kind is bool:
        return "boolean", Grounding.FREE
    if isinstance(kind, type):
        for base, json_type, ground in (
            (int, "integer", Grounding.NUMBER),
            (float, "number", Grounding.NUMBER),
            (Decimal, "number", Grounding.NUMBER),
            (datetime, "string", Grounding.DATE),
            (date, "string", Grounding.DATE),
            (str, "string", Grounding.NAME),
        ):
            if issubclass(kind, base):
                return json_type, ground
    raise SchemaError(
        f"{model.__name__}.{name} is a {kind}: a field is text, a number, a date, a truth value, an enum, "
        "or a list of one of these; for records inside records make a class that holds lists of records"
    )
