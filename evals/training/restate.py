"""A claim said twice: as a headline above, or again further down; one record with two spans."""

from __future__ import annotations

from random import Random

from evals.training.builder import Record, Sentence
from evals.training.frames import tidy
from evals.training.words import write_number

_SAID = {
    "restored": ("{} repaired", "{} back in service", "{} have been restored"),
    "under_repair": ("{} under repair", "{} are being repaired", "work on {} goes on"),
    "damaged": ("{} damaged", "{} were damaged"),
    "destroyed": ("{} destroyed", "{} lie in ruins"),
    "operating": ("{} operating", "{} are working"),
    "planned": ("{} planned", "{} to come"),
    "closed": ("{} closed", "{} are shut"),
    "delivered": ("{} delivered", "{} handed out", "{} have been handed over"),
    "blocked": ("{} held up", "{} have not got through"),
}
_LEADS = ("As noted above,", "To recap:", "In short,", "Once again:", "To sum up,", "In brief:")


def restate(rng: Random, told: Sentence) -> tuple[Sentence, bool] | None:
    """The same claim in other words and whether it is a headline; None where it cannot be put so."""
    if len(told.records) != 1 or told.leads:
        return None
    record = told.records[0][1]
    thing = _counted(rng, record)
    if thing is None:
        return None
    said = rng.choice(_SAID[record["status"]]).format(thing)
    place = record.get("place")
    if place and rng.random() < 0.6:
        said += f" in {place}"
    headline = rng.random() < 0.6
    again = Sentence(tidy(said) if headline else f"{rng.choice(_LEADS)} {said}.")
    told.leads.append(again)
    return again, headline


def _counted(rng: Random, record: Record) -> str | None:
    """The number and the noun, where they make up the claim."""
    if record.get("count", 0) > 1 and "out_of" not in record:
        return f"{write_number(rng, record['count'])} {record['name']}"
    unit = record.get("unit", "")
    if record.get("quantity", 0) > 1 and (not unit or record["item"].endswith(f"{unit}s")):
        return f"{write_number(rng, record['quantity'])} {record['item']}"
    return None


def twice(rng: Random, told: Sentence) -> list[list[Sentence]]:
    """Paragraphs with the claim and what says it again."""
    found = restate(rng, told)
    if found is None:
        return [[told]]
    again, headline = found
    return [[again], [told]] if headline else [[told], [again]]
