"""A number belongs to the noun that it counts, and not to its neighbour's."""

from __future__ import annotations

import pytest

from extract.bind import bound
from extract.numbers import find_numbers, same_number
from extract.words import fold

BARLEY = "barley - 310 tons, meal kits (rice, lentils) - 120 tons, bedding - 8,000 sets"
WFP = "WFP delivered 5,400 tonnes of wheat flour to Rafah and 300 tonnes of rice to Gaza"
PARTS = "nine bakeries were reopened: four in Al-Mayadin, three in Al-Bukamal and two in Hajin."
WHOLE = "Of the 27 schools in the district, 19 were damaged and three were destroyed."
REPAIR = "Izium saw the repair of 61 apartment buildings, 340 private houses and two bridges."
GIFT = "The province was given a mobile bakery, 40 school desks and a bus."
OUT_OF = "Nine out of eleven hospitals and 5 of the 8 clinics are closed."
SEMICOLON = "5,400 tonnes of wheat flour; 300 tonnes of rice; 12 trucks"


def binds(sentence: str, name: str, value: float) -> bool:
    numbers = [n for n in find_numbers(sentence) if not n.percent]
    mentions = [n for n in numbers if same_number(n.value, value)]
    others = [n for n in numbers if n not in mentions]
    return bool(bound(sentence, mentions, fold(sentence).find(name, inflected=True), others))


@pytest.mark.parametrize(
    ("sentence", "name", "value"),
    [
        *((BARLEY, "barley", 310), (BARLEY, "meal kits", 120), (BARLEY, "bedding", 8000)),
        *((WFP, "wheat flour", 5400), (WFP, "rice", 300)),
        *((SEMICOLON, "wheat flour", 5400), (SEMICOLON, "rice", 300), (SEMICOLON, "trucks", 12)),
        *((PARTS, "bakeries", value) for value in (9, 4, 3, 2)),
        *((WHOLE, "schools", value) for value in (27, 19, 3)),
        *((REPAIR, "apartment buildings", 61), (REPAIR, "private houses", 340)),
        *((GIFT, "mobile bakery", 1), (GIFT, "school desks", 40), (GIFT, "bus", 1)),
        *((OUT_OF, "hospitals", 9), (OUT_OF, "clinics", 5)),
        ("112 schools, 83 of them in Aleppo and 29 in Daraa", "schools", 29),
        ("Houses, shops and schools, 60 in all, were repaired", "shops", 60),
        ("Houses: 53,815 destroyed and 83,770 damaged in Sindh", "Houses", 83770),
        ("cell sites - 31 restored, 44 being repaired", "cell sites", 44),
        ("| Bakeries | 2 | 0 | 1 |", "Bakeries", 1),
    ],
)
def test_a_number_goes_with_its_noun(sentence: str, name: str, value: float) -> None:
    """Every true pairing is let through, however far apart the two stand."""
    assert binds(sentence, name, value)


@pytest.mark.parametrize(
    ("sentence", "name", "value"),
    [
        *((BARLEY, "barley", value) for value in (120, 8000)),
        *((BARLEY, "meal kits", value) for value in (310, 8000)),
        *((BARLEY, "bedding", value) for value in (310, 120)),
        *((WFP, "wheat flour", 300), (WFP, "rice", 5400)),
        *((SEMICOLON, "wheat flour", 300), (SEMICOLON, "rice", 12), (SEMICOLON, "rice", 5400)),
        *((REPAIR, "apartment buildings", 340), (REPAIR, "bridges", 340)),
        *((GIFT, "mobile bakery", 40), (GIFT, "bus", 40), (GIFT, "school desks", 1)),
        *(
            (OUT_OF, "hospitals", 11),
            (OUT_OF, "clinics", 8),
            (OUT_OF, "hospitals", 5),
            (OUT_OF, "clinics", 9),
        ),
        *(("schools: 12; hospitals: 5", "schools", 5), ("schools - 12, clinics - 5", "schools", 5)),
        *((WHOLE, "schools", 12), (PARTS, "bakeries", 5)),
    ],
)
def test_a_number_does_not_go_with_its_neighbour(sentence: str, name: str, value: float) -> None:
    """Every shifted pairing is refused, and so is a number that is not there."""
    assert not binds(sentence, name, value)
