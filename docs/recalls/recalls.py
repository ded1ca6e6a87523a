"""Product recalls, a schema of another field: `communique extract ... --schema docs/recalls/recalls.py:Recall`."""

import datetime as dt
from typing import ClassVar, Literal

from pydantic import BaseModel, Field

from schemas.describe import Example


class Recall(BaseModel):
    """A product that its maker or an authority takes back from buyers."""

    product: str = Field(description="what is recalled, as named")
    maker: str | None = Field(None, description="company that made or sold it")
    units: int | None = Field(None, description="how many are recalled")
    hazard: Literal["fire", "injury", "choking", "contamination", "other"]
    date: dt.date | None = Field(None, description="day of the recall, YYYY-MM-DD")
    countries: list[str] = Field(default_factory=list, description="countries where it was sold")

    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            "On 3 May 2021 Brightwell recalled 4,300 desk lamps that may overheat, sold in Norway and Chile.",
            {
                "recall": [
                    {
                        "product": "desk lamps",
                        "maker": "Brightwell",
                        "units": 4300,
                        "hazard": "fire",
                        "date": "2021-05-03",
                        "countries": ["Norway", "Chile"],
                    }
                ]
            },
        ),
    )
