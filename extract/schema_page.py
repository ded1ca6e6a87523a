"""A schema for people and for programs."""

from __future__ import annotations

import json

from rich.console import Group, RenderableType
from rich.table import Table

from schemas.describe import FieldSpec, Schema


def json_schema(schema: Schema) -> str:
    """The JSON Schema of one line of output's records, indented."""
    return json.dumps(schema.model.model_json_schema(), indent=2, ensure_ascii=False)


def fields_table(schema: Schema) -> RenderableType:
    """A table for each kind."""
    tables: list[RenderableType] = []
    for kind in schema.kinds:
        table = Table(
            "field", "type", "grounded as", "meaning", title=f"{kind.name}: {kind.description}"
        )
        for field in kind.fields:
            table.add_row(*row(field))
        tables.append(table)
    return Group(*tables)


def row(field: FieldSpec) -> tuple[str, str, str, str]:
    """Name, type, grounding and meaning of a field, as the reference shows them."""
    kind = "one of " + ", ".join(field.choices) if field.choices else field.type
    name = field.name if not field.fact.main else f"{field.name} *"
    return name, f"list of {kind}" if field.many else kind, field.ground.value, field.description
