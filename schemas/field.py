"""What a schema says of a field beside its type: how it is grounded, compared, weighed and exported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grounding(StrEnum):
    """How a value must be borne out by the text."""

    NUMBER = "number"  # the same number stands in the evidence, however it is written
    DATE = "date"  # a date in the evidence or its context resolves to the value
    NAME = "name"  # the words stand in the evidence, the lead-in or the heading
    ENUM = "enum"  # one of a closed list: nothing to find in the text
    FREE = "free"  # the model's own words: not checked against the text


class Comparison(StrEnum):
    """How a predicted value is compared with gold."""

    EXACT = "exact"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Fact:
    """Metadata of one field, given in `Annotated[...]`; what is left out is inferred from the field's type.

    `main`: a record falls with this value; a value of any other field falls alone.
    `core`: a record counts as right only where all its core fields are right.
    `units`: words that behind a number turn it into the field's unit, with the factor: `("kg", 0.001)` for tonnes.
    `counts`: the number counts what the record names, so that a name in the singular ("the bridge at Mornei") is one.
    `short`: the key that the model writes, where the field's own name is long.
    `compare=None` with `weight=0` leaves the field out of the score.
    """

    ground: Grounding | None = None
    compare: Comparison | None = None
    weight: float = 1.0
    main: bool = False
    core: bool = False
    units: tuple[tuple[str, float], ...] = ()
    counts: bool = False
    short: str | None = None
    export: str | None = None
