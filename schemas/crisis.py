"""The records of crisis bulletins: facilities, aid deliveries, crossings and diplomatic events."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.claim import (
    AidCategory,
    Amount,
    Claim,
    Count,
    Doubt,
    EventType,
    FacilityStatus,
    FacilityType,
    Gap,
    Heading,
    Name,
    TextDate,
)
from schemas.describe import Example
from schemas.examples import CRISIS
from schemas.field import Comparison, Fact, Grounding

_WEIGHTS = (("kg", 0.001), ("kilogram", 0.001), ("kilo ", 0.001), ("quintal", 0.1))
_TONNES = {"ton": 1.0, "tonne": 1.0, "metric ton": 1.0, "metric tonne": 1.0, "mt": 1.0, "t": 1.0}
_TONNES |= {"kg": 0.001, "kilogram": 0.001, "kilogramme": 0.001, "kilo": 0.001, "quintal": 0.1}


class Facility(Claim):
    """Buildings and infrastructure, and what happened to them."""

    facility_type: Annotated[
        FacilityType,
        Field(description="what it is"),
        Fact(core=True, short="type", export="#loc+type"),
    ]
    name: Annotated[
        Name,
        Field(description="the noun phrase as written, without its number"),
        Fact(main=True, compare=Comparison.TEXT, export="#loc+name"),
    ]
    count: Annotated[
        Count | None,
        Field(description="how many; 'a school' is 1; left out where the text gives none"),
        Fact(main=True, core=True, counts=True, export="#indicator+num"),
    ] = None
    out_of: Annotated[
        Count | None,
        Field(description="the whole that the count is part of: '6 out of 11' has 11"),
        Fact(export="#indicator+total+num"),
    ] = None
    status: Annotated[
        FacilityStatus,
        Field(
            description="restored is repaired, rebuilt, reopened or put into operation; "
            "operating only where it works and was not repaired; planned takes in money, "
            "contracts and materials for it"
        ),
        Fact(core=True, export="#status"),
    ]
    settlements: Annotated[
        Count | None,
        Field(description="in how many settlements; holds for each item of a list"),
        Fact(export="#loc+settlements+num"),
    ] = None
    place: Annotated[
        Name | None,
        Field(description="the narrowest place named for it, without 'province' and the like"),
        Fact(export="#adm+name"),
    ] = None

    def doubts(self) -> list[str]:
        """What a reviewer should look at; nothing is mended."""
        if self.count is not None and self.out_of is not None and self.count > self.out_of:
            return [f"{self.count:,} are more than the {self.out_of:,} that they are part of"]
        return []


class AidDelivery(Claim):
    """Goods and services handed over, planned or blocked."""

    sole_date: ClassVar[str] = "date"

    item: Annotated[
        Name,
        Field(description="what, as written"),
        Fact(main=True, core=True, export="#item+name"),
    ]
    category: Annotated[AidCategory, Field(description="its kind"), Fact(export="#item+type")]
    quantity: Annotated[
        Amount | None,
        Field(description="how many, in unit"),
        Fact(main=True, core=True, export="#item+num"),
    ] = None
    unit: Annotated[
        Name | None,
        Field(description="singular, as written: set, piece, ton, kit, litre, vehicle, person"),
        Fact(export="#item+unit"),
    ] = None
    tonnes: Annotated[
        Amount | None,
        Field(
            description="the weight in metric tonnes; a weight that is the only measure fills "
            "quantity and unit too"
        ),
        Fact(main=True, core=True, units=_WEIGHTS, export="#item+tonnes+num"),
    ] = None
    actions: Annotated[
        Count | None,
        Field(description="the number of humanitarian actions"),
        Fact(main=True, export="#activity+num"),
    ] = None
    vehicles: Annotated[
        Count | None,
        Field(description="trucks or other vehicles in the convoy"),
        Fact(export="#item+vehicles+num"),
    ] = None
    donor: Annotated[
        Name | None, Field(description="who gave or carried it"), Fact(export="#org+funder")
    ] = None
    status: Annotated[
        Literal["delivered", "planned", "blocked"],
        Field(description="delivered, planned or blocked"),
        Fact(export="#status"),
    ]
    place: Annotated[
        Name | None,
        Field(description="where it went or was to go; of a blocked one, else where it is held"),
        Fact(export="#adm+name"),
    ] = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A weight is given in tonnes too, and the only measure of a delivery is its quantity."""
        values = dict(values)
        factor = _TONNES.get(str(values.get("unit", "")).lower().rstrip("s").rstrip("."))
        if factor and "quantity" in values:
            values.setdefault("tonnes", round(values["quantity"] * factor, 6))
        elif "quantity" not in values and "tonnes" in values:
            values |= {"quantity": values["tonnes"], "unit": values.get("unit") or "ton"}
        elif "quantity" not in values and "vehicles" in values and "actions" not in values:
            values |= {"quantity": values["vehicles"], "unit": "truck"}
        return values

    def doubts(self) -> list[str]:
        """What a reviewer should look at; nothing is mended."""
        factor = _TONNES.get((self.unit or "").lower().rstrip("s").rstrip("."))
        if factor is None or self.quantity is None or self.tonnes is None:
            return []
        if abs(self.quantity * factor - self.tonnes) <= 0.001 * max(1.0, self.tonnes):
            return []
        return [f"{self.quantity:g} {self.unit} are not {self.tonnes:g} tonnes"]

    @model_validator(mode="after")
    def _is_measured(self) -> Self:
        if self.status != "blocked" and (self.quantity, self.tonnes, self.actions) == (None,) * 3:
            raise ValueError("an aid delivery has a quantity, tonnes or actions unless blocked")
        return self


class Crossing(Claim):
    """People who moved, or are to move."""

    sole_date: ClassVar[str] = "date"

    population: Annotated[
        Literal["refugees", "idps", "returnees", "civilians"],
        Field(
            description="who; idps are internally displaced; returnees where refugees and "
            "displaced are summed"
        ),
        Fact(export="#affected+type"),
    ]
    people: Annotated[
        Count | None,
        Field(description="how many"),
        Fact(main=True, core=True, export="#affected+num"),
    ] = None
    women: Annotated[
        Count | None, Field(description="of them"), Fact(core=True, export="#affected+f+num")
    ] = None
    children: Annotated[
        Count | None,
        Field(description="of them"),
        Fact(core=True, export="#affected+children+num"),
    ] = None
    vehicles: Annotated[
        Count | None,
        Field(description="that crossed with them"),
        Fact(main=True, export="#item+vehicles+num"),
    ] = None
    origin: Annotated[
        Name | None, Field(description="from where"), Fact(export="#adm+origin+name")
    ] = None
    destination: Annotated[
        Name | None, Field(description="to where"), Fact(export="#adm+destination+name")
    ] = None
    checkpoints: Annotated[
        list[Name],
        Field(default_factory=list, description="the crossing points used, as written"),
        Fact(export="#loc+checkpoint+name"),
    ]
    status: Annotated[
        Literal["completed", "planned", "blocked"],
        Field(description="completed, planned or blocked"),
        Fact(export="#status"),
    ]

    def doubts(self) -> list[str]:
        """What a reviewer should look at; nothing is mended."""
        parts = (self.women or 0) + (self.children or 0)
        if self.people is None or parts <= self.people:
            return []
        return [f"{parts:,} women and children are more than the {self.people:,} people"]

    @model_validator(mode="after")
    def _is_counted(self) -> Self:
        if self.people is None and self.vehicles is None:
            raise ValueError("a crossing has people or vehicles")
        return self


class DiplomaticEvent(Claim):
    """Officials dealing with one another."""

    sole_date: ClassVar[str] = "date"

    event_type: Annotated[
        EventType,
        Field(
            description="negotiation takes in talks and consultations; appeal is a public call "
            "on a named outside party; statement is a formal declaration or pledge"
        ),
        Fact(core=True, short="type", export="#event+type"),
    ]
    status: Annotated[
        Literal["held", "planned", "postponed", "proposed", "cancelled"],
        Field(description="held, planned, postponed, proposed or cancelled"),
        Fact(export="#status"),
    ]
    participants: Annotated[
        list[Name],
        Field(
            default_factory=list,
            description="states, bodies and persons that take part, as written, without titles",
        ),
        Fact(main=True, core=True, export="#org+participants"),
    ]
    date: Annotated[
        TextDate | None,
        Field(description="the event's own day, where the text gives one"),
        Fact(ground=Grounding.DATE, core=True, export="#date+occurred"),
    ] = None
    topic: Annotated[
        str | None,
        Field(description="in a few words"),
        Fact(ground=Grounding.FREE, weight=0, export="#subject"),
    ] = None
    place: Annotated[
        Name | None, Field(description="where it is held"), Fact(export="#adm+name")
    ] = None


class Crisis(BaseModel):
    """Facts about a crisis: facilities, aid, people on the move, and officials dealing with one another.

    All that one document yields. `warnings` and `incomplete` are there only where they have something to say."""

    model_config = ConfigDict(extra="forbid")
    examples: ClassVar[tuple[Example, ...]] = CRISIS

    document: Heading
    facilities: list[Facility]
    aid_deliveries: list[AidDelivery]
    crossings: list[Crossing]
    diplomatic_events: list[DiplomaticEvent]
    warnings: Annotated[list[Doubt], Field(default_factory=list, exclude_if=lambda v: not v)]
    incomplete: Annotated[list[Gap], Field(default_factory=list, exclude_if=lambda v: not v)]
