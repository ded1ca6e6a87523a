"""What helps a model of a certain size: settings that its entry chooses. None changes what a record must earn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Profile:
    """How a model is asked.

    `passage`: characters of text in one request, for records that one sentence tells; `wide_passage`: for others.
    `pointer`: how the model says where it read a fact.
    `plain_digits`: thousands separators are left out of what the model sees (a small model stops at them).
    `legal_numbers`: the JSON schema names the passage's own numbers as the only legal ones.
    `trained`: the model knows the schema by an adapter, and needs neither its description nor its examples.
    `free_text`: whether fields that nobody scores, such as a topic, are asked for.
    `records`: at most so many of one kind in one answer. `output`: tokens of one answer.
    `reasks`: further requests after an answer that does not fit the schema.
    `temperature`: None leaves it to the server, as some hosted models demand.
    `mode`: how instructor asks for structure.
    """

    passage: int = 1500
    wide_passage: int = 6000
    pointer: Literal["sentence", "quote"] = "sentence"
    plain_digits: bool = False
    legal_numbers: bool = False
    trained: bool = False
    free_text: bool = True
    records: int = 60
    output: int = 4096
    reasks: int = 2
    temperature: float | None = 0.0
    mode: Literal["json_schema", "tools", "json"] = "json_schema"


LARGE = Profile()
SMALL = Profile(
    passage=450,
    wide_passage=1200,
    pointer="quote",  # half the tokens of sentence numbers, and fewer records lost
    plain_digits=True,
    legal_numbers=True,
    free_text=False,
    records=14,
    output=700,
    reasks=1,
)
ADAPTED = replace(SMALL, trained=True, pointer="sentence", passage=600, records=24, output=1400)
