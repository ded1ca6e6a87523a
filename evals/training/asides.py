"""Sentences that stand beside the claims and yield nothing."""

from __future__ import annotations

from random import Random

from evals.training.builder import Sentence, World
from evals.training.frames import COMMON, Slot, render
from evals.training.words import period

_SLOTS: dict[str, Slot] = COMMON | {
    "plain_period": lambda d, _a, _t: (period(d.rng)[0], {}),
}
_FRAMES = (
    "The population of {some_town} is <about|over|> {x.big}.",
    "{some_town} is home to {x.big} people, {percent} of them under 18.",
    "Unemployment in {some_province} <stands at|has reached> {percent}.",
    "<Inflation|The price of bread|The price of fuel> rose by {percent} in {year}.",
    "{official} stressed the need to <speed up|step up> the work.",
    "{official} <thanked|praised> the volunteers for their work.",
    "<The situation|The security situation> in {some_town} remains <tense|difficult|stable|unpredictable>.",
    "{x.small} people were killed and {x.small} wounded in {some_town}.",
    "There are {x} schools in {some_province}.",
    "{some_province} has {x} villages and {x.small} towns.",
    "The district has {x.small} hospitals and {x} pharmacies.",
    "No schools were damaged.",
    "The bridge in {some_town} has not yet been rebuilt.",
    "Repairs to the pumping station in {some_town} have not begun.",
    "No water points were repaired {plain_period}.",
    "No food parcels were distributed {plain_period}.",
    "Not one of the {x.small} planned bakeries has been built.",
    "No humanitarian actions were carried out {plain_period}.",
    "<Schools|Hospitals|Roads> must be rebuilt as soon as possible, {official} said.",
    "Without bridges there can be no trade, {official} added.",
    "Spending on roads rose by {percent} to {money}.",
    "{percent} of the <work|repairs> <has|have> been paid for.",
    "The price of a food parcel has risen to {x} dollars.",
    "{official} <called for|urged> patience.",
    "Water is a daily worry for {x.big} people.",
    "<No|Not a single> <bakery|hospital|bridge> was hit.",
    "No aid <reached|was delivered to> {some_town}.",
    "The territory cleared of mines amounts to {x} hectares.",
    "{x} explosive devices were defused.",
    "{x.big} hectares of farmland have been <sown|inspected|cleared>.",
    "The provincial budget comes to {money}.",
    "{percent} of <households|families> in {some_province} lack clean water.",
    "{percent} of the <funding|appeal> has been received.",
    "<Local councils|Heads of districts> are responsible for the upkeep of public property.",
    "It is the duty of {body} to look after the roads.",
    "Winter temperatures fall to minus {x.small} degrees.",
    "<Much|A great deal> remains to be done.",
    "<Observers|Experts> believe that the needs will grow.",
    "The <ceasefire|truce> was violated {x.small} times.",
    "{x.small} ceasefire violations were <recorded|registered> in {some_province}.",
    "The number of cholera cases rose to {x}.",
    "According to a survey, {percent} of respondents feel safe.",
    "The area covers {x} square kilometres.",
    "{body} employs {x} people.",
    "{official}, {x.small} years in office, declined to comment.",
    "The wheat harvest fell by {percent} against {year}.",
    "<Rain|Snow|Dust> is expected in {some_province}.",
    "A hotline is open around the clock.",
    "{agency} works in {x.small} provinces of the country.",
    "{agency} has {x} staff in {some_town}.",
    "Access to {some_town} <remains|is> <limited|restricted>.",
    "{x.big} people in {some_province} are in need of assistance.",
    "{x.big} people live in the camps.",
    "Rents in {some_town} have gone up {x.small} times since {year}.",
    "“We <lost|have lost> everything,” said a <teacher|farmer|baker> from {some_town}.",
    '"It is <hard|not easy>, but people <help|support> one another," <he|she> said.',
    "The local elections in {some_province} passed quietly.",
    "Teachers have not been paid for {x.small} months.",
    "A school in {some_town} stands by the river.",
    "There is one hospital for every {x.big} people.",
    "The damage was estimated at {money}.",
    "{x} criminal cases were opened.",
    "A litre of petrol costs {x} in {some_town}.",
    "The needs assessment covered {x} households.",
    "Only {percent} of children are vaccinated.",
    "{percent} of schools in {some_province} have no heating.",
    "The information is being verified.",
    "For further information, contact the press service.",
)


def aside(rng: Random, world: World) -> Sentence:
    """A sentence without a record."""
    return Sentence(render(rng, world, rng.choice(_FRAMES), _SLOTS)[0])


def mix(rng: Random, world: World, told: list[Sentence]) -> list[Sentence]:
    """The sentences of a paragraph, in about a third of cases with something beside the point."""
    if rng.random() < 0.35:
        for _ in range(rng.choice((1, 1, 2))):
            told.insert(rng.randrange(len(told) + 1), aside(rng, world))
    return told
