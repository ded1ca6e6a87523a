"""What the text does not bear out is lost or dropped, and told; what it bears out is found with its words."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from builders import document, evidence, found, said
from hypothesis import given
from hypothesis import strategies as st

from extract.ground import ground
from extract.split import split
from extract.types import Draft, Found, Lost
from extract.words import stands_in
from schemas.load import load

FIRST = "On 12 March WFP delivered 5,400 tonnes of wheat flour to Rafah"
SECOND = "a further 300 tonnes of rice went to Khan Younis"
TWO = f"{FIRST}. A{SECOND[1:]}."
TEXTS = [TWO, f"{FIRST} and {SECOND}.", f"{FIRST}; {SECOND}.", f"{FIRST}, {SECOND}."]
LIST = (
    "Delivered were barley - 310 tons, meal kits (rice, lentils) - 120 tons, bedding - 8,000 sets."
)
ITEMS = [("barley", 310), ("meal kits", 120), ("bedding", 8000)]
BUILT = "Workers repaired 149 residential buildings, 2 schools and a bakery in Homs."
BUILT_ITEMS = [("residential buildings", 149), ("schools", 2), ("bakery", 1)]
WAYS = "2,156 people entered through Jaydet-Yabous and 3,085 through Nasib."
LEAD = "As of 5 May, in 387 settlements of Homs province the authorities have repaired:"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("number", [4500, 9400, 9999, 300, 400, 54, "4,500", "9,999", "300"])
def test_a_number_that_is_not_the_items_is_lost(text: str, number: object) -> None:
    """A wrong digit, a part of the number and the neighbour's number are all refused."""
    record = said("aid_deliveries", text, item="wheat flour", quantity=number, unit="tonne")
    assert isinstance(record, Lost)
    assert str(number).replace(",", "") in record.reason.replace(",", "")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("number", [5400, 5400.0, "5400", "5,400", "5 400", "5.4 thousand"])
def test_the_true_number_is_found(text: str, number: object) -> None:
    """However the number is written, it is found, and the sentence is its evidence."""
    record = found(
        "aid_deliveries", text, item="wheat flour", quantity=number, unit="tonne", place="Rafah"
    )
    assert (record.values["quantity"], record.values["tonnes"]) == (5400, 5400)
    assert record.values["place"] == "Rafah"
    assert "5,400 tonnes of wheat flour" in evidence(record, text)[0]
    assert not record.dropped


@pytest.mark.parametrize("text", TEXTS)
def test_tonnes_must_be_the_items_too(text: str) -> None:
    """A weight of the neighbour is refused where it is the only measure."""
    assert isinstance(said("aid_deliveries", text, item="rice", tonnes=5400), Lost)
    assert found("aid_deliveries", text, item="rice", tonnes=300).values["quantity"] == 300


@pytest.mark.parametrize(
    ("kind", "text", "name", "number", "items"),
    [
        ("aid_deliveries", LIST, "item", "quantity", ITEMS),
        ("facilities", BUILT, "name", "count", BUILT_ITEMS),
    ],
)
def test_shifted_pairs_are_lost(
    kind: str, text: str, name: str, number: str, items: list[tuple[str, int]]
) -> None:
    """In a list every true pair is found, and every other one is lost."""
    for noun, value in items:
        assert isinstance(said(kind, text, **{name: noun, number: value}), Found)
    for (noun, _), (_, value) in permutations(items, 2):
        assert isinstance(said(kind, text, **{name: noun, number: value}), Lost), (noun, value)


@pytest.mark.parametrize(
    ("people", "checkpoint", "stays"),
    [
        *((2156, "Jaydet-Yabous", True), (3085, "Nasib", True)),
        *((2156, "Nasib", False), (3085, "Jaydet-Yabous", False)),
    ],
)
@pytest.mark.parametrize("joint", [" and ", ", and ", "; ", " while "])
def test_a_way_of_another_group_is_dropped(
    people: int, checkpoint: str, stays: bool, joint: str
) -> None:
    """A checkpoint of the other group falls, is told, and leaves the people."""
    text = WAYS.replace(" and ", joint)
    record = found("crossings", text, people=people, checkpoints=[checkpoint])
    assert (record.values.get("checkpoints") == [checkpoint]) is stays
    assert [lost.field for lost in record.dropped] == ([] if stays else ["checkpoints"])


@pytest.mark.parametrize(
    ("text", "people", "values"),
    [
        (
            "302 people (91 women and 154 children) entered from Lebanon through the Jdeidet Yabous and Tell "
            "Kalakh checkpoints, and 785 from Jordan through Nasib.",
            302,
            {"checkpoints": ["Jdeidet Yabous", "Tell Kalakh"], "women": 91, "origin": "Lebanon"},
        ),
        (
            "4,870 refugees crossed from Darfur into Chad: 3,912 through Adré and 958 through Tiné.",
            958,
            {"origin": "Darfur", "destination": "Chad", "checkpoints": ["Tiné"]},
        ),
        ("In Homs, 12 refugees and 7 guards entered.", 7, {"destination": "Homs"}),
        (
            "Returned to Hama were 40 people, 12 of them over the past day.",
            12,
            {"destination": "Hama"},
        ),
    ],
)
def test_what_several_groups_share_is_kept(text: str, people: int, values: dict[str, Any]) -> None:
    """A place stays where the group has none of its own of that sort."""
    record = found("crossings", text, people=people, **values)
    assert record.values.items() >= values.items()
    assert not record.dropped


@pytest.mark.parametrize("joint", ["; ", ", and ", " while "])
def test_day_and_place_of_another_meeting_are_dropped(joint: str) -> None:
    """A meeting keeps its own day and place, and not those of the other one in the sentence."""
    text = f"Egypt met Sudan in Cairo on 3 May{joint}Chad met Niger in Abuja on 7 May."
    there: dict[str, Any] = {"participants": ["Egypt", "Sudan"]}
    own = found("diplomatic_events", text, date="3 May", place="Cairo", **there)
    assert (own.values["date"], own.values["place"], own.dropped) == ("2021-05-03", "Cairo", ())
    other = found("diplomatic_events", text, date="7 May", place="Abuja", **there)
    assert {lost.field for lost in other.dropped} == {"date", "place"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Workers rebuilt a school.", {"name": "school", "count": 1}),
        ("The bridge at Mornei was rebuilt.", {"name": "bridge at Mornei", "count": 1}),
        ("A dozen wells were repaired.", {"name": "wells", "count": 12}),
        ("Twenty-one schools reopened.", {"name": "schools", "count": 21}),
        ("6 out of 11 stations work.", {"name": "stations", "count": 6, "out_of": 11}),
        ("6 out of 11 stations work.", {"name": "stations", "count": 6}),
        ("Of the 11 stations, 6 were repaired.", {"name": "stations", "count": 6, "out_of": 11}),
        ("About 5.4 thousand houses were rebuilt.", {"name": "houses", "count": 5400}),
        ("| Schools | 12 | 3 |", {"name": "Schools", "count": 3}),
    ],
)
def test_counts_that_the_text_gives(text: str, values: dict[str, Any]) -> None:
    """Words, articles, parts of a whole and cells are numbers."""
    assert found("facilities", text, **values).values.items() >= values.items()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A governor saw 12 schools.", {"name": "schools", "count": 1}),
        ("A new road to the schools was opened.", {"name": "schools", "count": 1}),
        ("Some 40% of the schools reopened.", {"name": "schools", "count": 40}),
        ("Forty per cent of schools reopened.", {"name": "schools", "count": 40}),
        ("Dozens of schools reopened.", {"name": "schools", "count": 12}),
        ("All schools reopened. The district has 12 towns.", {"name": "schools", "count": 12}),
        (
            "Twelve schools\n\nAll schools in the district reopened.",
            {"name": "schools", "count": 12},
        ),
        ("A tobacco store was lost, and 140 farmhouses.", {"name": "tobacco store", "count": 140}),
        ("12 schools were repaired.", {"name": "hospitals", "count": 12}),
        ("12 schools were repaired.", {"name": "schools", "count": "many"}),
        ("2.5 schools were repaired.", {"name": "schools", "count": 2.5}),
    ],
)
def test_counts_that_the_text_does_not_give(text: str, values: dict[str, Any]) -> None:
    """Another noun's article, a share, a vague word and a number elsewhere bear out nothing."""
    assert isinstance(said("facilities", text, **values), Lost)


@pytest.mark.parametrize(
    ("text", "tonnes"),
    [("They brought 800 kg of flour.", 0.8), ("They brought 3 quintals of flour.", 0.3)],
)
def test_weights_are_turned_into_tonnes(text: str, tonnes: float) -> None:
    """Kilograms and quintals bear out tonnes."""
    assert found("aid_deliveries", text, item="flour", tonnes=tonnes).values["tonnes"] == tonnes


@pytest.mark.parametrize("mark", ["- ", "• ", "1) "])
def test_a_lead_in_holds_for_each_item(mark: str) -> None:
    """Settlements, place and day of a list's lead-in are each item's, and it is evidence with it."""
    text = f"{LEAD}\n{mark}27 bakeries;\n{mark}117 pumping stations."
    values = {"count": 117, "settlements": 387, "place": "Homs", "date": "5 May"}
    record = found("facilities", text, name="pumping stations", at=3, **values)
    assert record.values.items() >= (values | {"date": "2021-05-05"}).items()
    assert evidence(record, text)[0] == LEAD
    assert "117 pumping stations" in evidence(record, text)[-1]


@pytest.mark.parametrize(
    ("written", "date"),
    [("3 May", "2021-05-03"), ("2021-05-03", "2021-05-03"), ("May 3", "2021-05-03")],
)
def test_dates_are_resolved_by_the_text(written: str, date: str) -> None:
    """A day is found as the text or as ISO writes it, with the document's year."""
    record = found(
        "facilities", "On 3 May 2 schools reopened.", name="schools", count=2, date=written
    )
    assert record.values["date"] == date


@pytest.mark.parametrize("written", ["2021-05-04", "2020-05-03", "4 May", "soon", "2021-06-03"])
def test_dates_without_a_mention_are_dropped(written: str) -> None:
    """The record stays, and the day is told as dropped."""
    record = found(
        "facilities", "On 3 May 2 schools reopened.", name="schools", count=2, date=written
    )
    assert "date" not in record.values
    assert [(lost.field, lost.values) for lost in record.dropped] == [("date", {"date": written})]


@pytest.mark.parametrize(
    ("place", "written"),
    [
        ("Deir ez-Zor", "Deir-ez-Zor"),
        ("Kupiansk", "Kup’iansk"),
        ("Adiyaman", None),
        ("SKOCIVIR", "Skočivir"),
        ("Paris", None),
    ],
)
def test_names_are_given_as_written(place: str, written: str | None) -> None:
    """Accents, quotes, dashes and case do not matter, and the text's own writing is kept."""
    text = "2 schools reopened near Deir-ez-Zor, Kup’iansk and Skočivir."
    record = found("facilities", text, name="schools", count=2, place=place)
    assert record.values.get("place") == written
    assert [lost.field for lost in record.dropped] == ([] if written else ["place"])


def test_items_of_a_list_fall_alone() -> None:
    """Of several participants only the one who is not in the text is dropped."""
    record = found("diplomatic_events", "Egypt met Sudan.", participants=["Egypt", "Peru", "Sudan"])
    assert record.values["participants"] == ["Egypt", "Sudan"]
    assert [lost.values for lost in record.dropped] == [{"participants": "Peru"}]


@pytest.mark.parametrize("at", [None, 1, 2, 3, 99])
def test_a_wrong_pointer_is_mended(at: int | None) -> None:
    """The sentence that bears a record out is its evidence, whatever the model points at."""
    text = "It rained all day. In Homs 12 schools reopened. Nobody was hurt."
    record = found("facilities", text, name="schools", count=12, at=at)
    assert evidence(record, text) == ["In Homs 12 schools reopened."]


def test_a_quote_points_too() -> None:
    """Of two sentences that bear the record out, the quoted one is the evidence."""
    text = "In Homs 12 schools reopened. In Hama 12 schools reopened."
    record = found("facilities", text, name="schools", count=12, quote="In Hama 12")
    assert evidence(record, text) == ["In Hama 12 schools reopened."]


def test_a_record_against_the_schema_is_lost() -> None:
    """What the schema does not take is lost with its reason."""
    record = said("aid_deliveries", "WFP delivered wheat flour.", item="wheat flour")
    assert isinstance(record, Lost)
    assert "quantity, tonnes or actions" in record.reason


NOUNS = ["Homs", "Hama", "WFP", "schools", "wells", "flour", "tons", "3 May", "12", "7", "1,200"]
JOINTS = ["of", "in", "and", ",", ";", ":", ".", "the", "a", "repaired", "were", "to"]
WORDS = st.sampled_from(NOUNS + JOINTS)


@given(
    st.lists(WORDS, min_size=1, max_size=40).map(" ".join),
    st.sampled_from(["schools", "wells"]),
    st.sampled_from([1, 3, 7, 12, 200, 1200]),
    st.sampled_from(["Homs", "Hama", "WFP"]),
    st.integers(min_value=1, max_value=5),
)
def test_evidence_holds_what_was_located(
    text: str, name: str, count: int, place: str, at: int
) -> None:
    """The evidence of whatever is found holds its name and its number, and the text its place."""
    article = document(text)
    values = {"facility_type": "school", "status": "restored", "name": name, "count": count}
    for passage in split(article, 100):
        draft = Draft("facilities", values | {"place": place}, at)
        kind = load("crisis").kind("facilities")
        record = ground(kind, draft, passage, article, 2021)
        if isinstance(record, Found):
            words = " ".join(evidence(record, text))
            assert all(0 <= s.start < s.end <= len(text) for s in record.evidence)
            assert stands_in(name, words, inflected=True)
            assert count == 1 or f"{count:,}" in words
            assert stands_in(record.values.get("place", place), text) or record.dropped


def test_a_number_of_the_sentence_before_is_evidence_too() -> None:
    """A side number that stands in the context alone brings its sentence along."""
    text = "The works cover 12 settlements. In Nawa 40 schools are being repaired."
    article = document(text)
    values = {
        "facility_type": "school",
        "name": "schools",
        "count": 40,
        "settlements": 12,
        "status": "under_repair",
    }
    kind = load("crisis").kind("facilities")
    record = ground(kind, Draft("facilities", values, 2), split(article, 900)[0], article, None)
    assert isinstance(record, Found)
    assert record.values["settlements"] == 12
    assert "12 settlements" in " ".join(s.of(text) for s in record.evidence)


TALKS = "The Houthis met Dr. Mansour al-Zindani in Muscat; Gambia and Zambia looked on."


@pytest.mark.parametrize(
    ("said_as", "written"),
    [
        ("Houthies", "Houthis"),
        ("Mansur al-Zindani", "Mansour al-Zindani"),
        ("Zambi", None),  # five letters are not enough
        ("Houhtis", None),  # nor may two be wrong
        ("Lambia", None),  # the first letter is never wrong
        ("looced", None),  # only names are respelt
    ],
)
def test_a_name_with_one_letter_wrong_is_the_texts_own(said_as: str, written: str | None) -> None:
    """A slip of the model's spelling is mended by the one name that stands there, and by no other."""
    record = found("diplomatic_events", TALKS, participants=["Gambia", said_as])
    assert record.values["participants"] == ["Gambia", *([written] if written else [])]


def test_a_slip_between_two_names_is_nobodys() -> None:
    """Where two names are as near, neither is taken."""
    text = "Farouk Hamdan and Farouq Hamdan met."
    assert isinstance(said("diplomatic_events", text, participants=["Farouc Hamdan"]), Lost)


@pytest.mark.parametrize(
    ("words", "hedge"),
    [
        ("more than 1,200 people", "at_least"),
        ("no fewer than 1,200 people", "at_least"),
        ("just over 1,200 people", "at_least"),
        ("1,200 people or more", None),
        ("1,200 or more people", "at_least"),
        ("up to 1,200 people", "at_most"),
        ("not more than 1,200 people", "at_most"),
        ("fewer than 1,200 people", "at_most"),
        ("some 1,200 people", "about"),
        ("just under 1,200 people", "about"),
        ("under 1,200 people", "at_most"),
        ("an estimated total of 1,200 people", "about"),
        ("1,200 or so people", "about"),
        ("a group of 1,200 people", None),
        ("nearly half of all: 1,200 people", None),
    ],
)
@pytest.mark.parametrize("claimed", [None, "at_least", "about"])
def test_the_hedge_is_the_one_at_the_number(
    words: str, hedge: str | None, claimed: str | None
) -> None:
    """A hedge of the model's that the text does not have is dropped and told; one that the text has is taken."""
    text = f"On 3 May {words} crossed to Chad with more than 90 trucks."
    given = {"qualifier": claimed} if claimed else {}
    record = found("crossings", text, people=1200, destination="Chad", **given)
    assert record.values.get("qualifier") == hedge
    wrong = claimed is not None and claimed != hedge
    assert [lost.field for lost in record.dropped] == (["qualifier"] if wrong else [])


@pytest.mark.parametrize(
    "text",
    ["Plus de 1 200 personnes sont passées au Tchad.", "Adré | 1,200 | 400"],
)
def test_a_hedge_stands_where_the_words_are_not_known(text: str) -> None:
    """Of another language, or of a table, the model is believed."""
    record = found("crossings", text, people=1200, qualifier="at_least")
    assert record.values["qualifier"] == "at_least"


def test_what_is_handed_over_is_no_hedge() -> None:
    """The "over" of a verb belongs to the verb."""
    text = "The Red Crescent handed over 30 tons of flour."
    assert "qualifier" not in found("aid_deliveries", text, **TRUCKS).values


TRUCKS: dict[str, Any] = {"item": "flour", "quantity": 30, "unit": "ton"}


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("On 12 March 30 tons of flour reached Rafah.", "2021-03-12"),
        ("30 tons of flour for Rafah are promised for June.", "2021-06"),
        (
            "In the week of 3 to 9 May the partners gave:\n- 30 tons of flour;",
            "2021-05-03/2021-05-09",
        ),
        ("30 tons of flour reached Rafah on 12 March, and 20 of rice on 13 March.", None),
        ("Since 12 March 30 tons of flour have waited at the gate.", None),
        ("30 tons of flour are to reach Rafah by 1 June.", None),
        ("30 tons of flour reached Rafah; the envoy came on 12 March.", None),
        ("Peru sent fuel on 12 March, and Chile is to send 30 tons of flour.", None),
    ],
)
def test_the_only_date_of_a_sentence_is_the_records(text: str, date: str | None) -> None:
    """A date that the model left out is taken where the text leaves no choice, and never where it bounds something."""
    assert found("aid_deliveries", text, **TRUCKS).values.get("date") == date


@pytest.mark.parametrize("known", [{"period": "past_day"}, {"since": "2021-03-12"}])
def test_a_stretch_takes_no_date(known: dict[str, str]) -> None:
    """What is counted over a stretch happened on no one day."""
    text = "On 12 March it was said that 30 tons of flour had been given."
    assert "date" not in found("aid_deliveries", text, **TRUCKS, **known).values


@pytest.mark.parametrize("name", ["glass works", "water works at Warrar", "old barracks"])
def test_a_name_in_s_may_be_one(name: str) -> None:
    """Some nouns in the singular end as plurals do, and a thing that is named so is one without a number."""
    text = f"In Ramadi the {name} runs again."
    assert found("facilities", text, name=name, count=1).values["count"] == 1


def test_a_facility_takes_no_date_that_the_model_left_out() -> None:
    """Its sentence often dates something else of it: what was destroyed in 2017 is to be rebuilt."""
    text = "The bridge, blown up on 12 March, will be rebuilt."
    assert "date" not in found("facilities", text, name="bridge", count=1, status="planned").values
