"""What every record of the contract shares: its terms, its evidence, and what is said of a document as a whole."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.field import Fact, Grounding

_DAY = r"\d{4}(-\d{2}(-\d{2})?)?"
TextDate = Annotated[str, StringConstraints(pattern=rf"^{_DAY}(/{_DAY})?$")]
"""ISO 8601 at the precision the text has: a day, a month, a year, or two of them with a slash between."""

Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0)]
Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]

Period = Literal["past_day", "past_week", "past_month", "past_year", "to_date"]
Qualifier = Literal["at_least", "at_most", "about"]
FacilityType = Literal[
    "residential_building",
    "school",
    "kindergarten",
    "medical_facility",
    "bakery",
    "water_facility",
    "power_facility",
    "oil_gas_facility",
    "industrial_enterprise",
    "place_of_worship",
    "filling_station",
    "road",
    "bridge",
    "communication_line",
    "administrative_building",
    "accommodation_centre",
    "border_crossing",
    "other",
]
FacilityStatus = Literal[
    "restored", "under_repair", "damaged", "destroyed", "operating", "planned", "closed"
]
AidCategory = Literal[
    "food",
    "water",
    "medical",
    "hygiene",
    "clothing",
    "shelter",
    "household",
    "fuel",
    "equipment",
    "cash",
    "mixed",
    "other",
]
EventType = Literal[
    "meeting",
    "summit",
    "conference",
    "visit",
    "negotiation",
    "statement",
    "agreement",
    "appeal",
]


class Span(BaseModel):
    """A stretch of the document's text, in Unicode code points, end exclusive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    page: Annotated[int | None, Field(ge=1, exclude_if=lambda page: page is None)] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a span ends after it starts, not {self.start}..{self.end}")
        return self


class Claim(BaseModel):
    """What every record of the contract has."""

    model_config = ConfigDict(extra="forbid")
    record_scope: ClassVar[str] = "sentence"
    hedge: ClassVar[str] = "qualifier"

    evidence: Annotated[list[Span], Field(min_length=1, description="where the text says it")]
    period: Annotated[
        Period | None,
        Field(description="the stretch that a count covers; to_date is a running total"),
        Fact(export="#meta+period"),
    ] = None
    since: Annotated[
        TextDate | None,
        Field(description="the start of a running total, where the text gives one"),
        Fact(ground=Grounding.DATE, weight=0.5, export="#date+start"),
    ] = None
    date: Annotated[
        TextDate | None,
        Field(description="the day it happened or is to happen, where the text gives one"),
        Fact(ground=Grounding.DATE, export="#date+occurred"),
    ] = None
    qualifier: Annotated[
        Qualifier | None,
        Field(description="the hedge on the main count: more than, up to, some"),
        Fact(weight=0.5, export="#meta+qualifier"),
    ] = None


class Heading(BaseModel):
    """What is known of the document itself."""

    model_config = ConfigDict(extra="forbid")

    id: str
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    title: str | None = None
    published: TextDate | None = None
    publisher: str | None = None


class Doubt(BaseModel):
    """What a reviewer should look at: record `record`, from 0, of its kind; None: the document itself."""

    kind: str
    record: int | None
    says: str


class Gap(BaseModel):
    """A passage that got no usable answer: `text[start:end]` was not looked at."""

    passage: int
    start: int
    end: int
    reason: str
