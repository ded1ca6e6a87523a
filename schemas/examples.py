"""Texts of our own with the records they yield, shown to a model that was not trained on the schema."""

from __future__ import annotations

from schemas.describe import Example

CRISIS = (
    Example(
        "Over the past day 12 schools and a bakery were reopened in Homs. Engineers are repairing 3 of 7 hospitals.",
        {
            "facilities": [
                {
                    "facility_type": "school",
                    "name": "schools",
                    "count": 12,
                    "status": "restored",
                    "place": "Homs",
                    "period": "past_day",
                },
                {
                    "facility_type": "bakery",
                    "name": "bakery",
                    "count": 1,
                    "status": "restored",
                    "place": "Homs",
                    "period": "past_day",
                },
                {
                    "facility_type": "medical_facility",
                    "name": "hospitals",
                    "count": 3,
                    "out_of": 7,
                    "status": "under_repair",
                    "at": 2,
                },
            ]
        },
    ),
    Example(
        "We must go on with this work and thank our colleagues for it. The district has 80,000 inhabitants.",
        {},
        "Section: Report by the deputy governor",
    ),
    Example(
        "A convoy of 14 trucks reached Nawa. It brought 3.5 tons of flour and 2,200 blankets from the Red Crescent.",
        {
            "aid_deliveries": [
                {
                    "item": "flour",
                    "category": "food",
                    "quantity": 3.5,
                    "unit": "ton",
                    "donor": "Red Crescent",
                    "status": "delivered",
                    "place": "Nawa",
                    "at": 2,
                },
                {
                    "item": "blankets",
                    "category": "household",
                    "quantity": 2200,
                    "donor": "Red Crescent",
                    "status": "delivered",
                    "place": "Nawa",
                    "at": 2,
                },
            ]
        },
    ),
    Example(
        "Since 4 May 9,120 refugees came home, 120 of them (36 women and 61 children) through the Rabia checkpoint.",
        {
            "crossings": [
                {
                    "population": "refugees",
                    "people": 9120,
                    "status": "completed",
                    "period": "to_date",
                    "since": "4 May",
                },
                {
                    "population": "refugees",
                    "people": 120,
                    "women": 36,
                    "children": 61,
                    "checkpoints": ["Rabia"],
                    "status": "completed",
                    "period": "to_date",
                    "since": "4 May",
                },
            ]
        },
        "Section: Returns from Iraq",
    ),
    Example(
        "On June 3 the ambassador of Italy met the Minister of Health in Beirut. UNICEF talks were put off to June 9.",
        {
            "diplomatic_events": [
                {
                    "event_type": "meeting",
                    "status": "held",
                    "participants": ["ambassador of Italy", "Minister of Health"],
                    "date": "June 3",
                    "place": "Beirut",
                },
                {
                    "event_type": "negotiation",
                    "status": "postponed",
                    "participants": ["UNICEF"],
                    "date": "June 9",
                    "at": 2,
                },
            ]
        },
    ),
    Example(
        "Work is under way with our partners on a common approach. No refugees came back on Friday.",
        {},
    ),
)
