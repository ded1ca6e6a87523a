"""Sentence templates: choices in [a|b], slots in {kind digit}, sentences apart by " // "."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from evals.training.builder import World

SLOT = re.compile(r"\{([a-z]+)(\d?)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ORG_WORDS = frozenset(
    [
        "Ministry",
        "Minister",
        "President",
        "Department",
        "Office",
        "Council",
        "Headquarters",
        "Committee",
        "Commission",
        "Government",
        "Directorate",
        "Administration",
        "Authority",
        "Union",
        "League",
        "Programme",
        "Fund",
        "Organization",
        "Organisation",
        "Agency",
        "Centre",
        "Center",
        "Crescent",
        "Cross",
        "Federation",
        "Secretariat",
        "Parliament",
        "Assembly",
        "Staff",
        "Service",
        "Bureau",
        "Society",
        "Foundation",
        "Chamber",
        "Emirates",
        "States",
        "Kingdom",
        "Nations",
        "Republic",
        "Netherlands",
        "Mission",
        "Embassy",
        "Forces",
        "Command",
        "Board",
        "Cabinet",
        "Bank",
        "Court",
        "Presidency",
        "Establishment",
        "Unit",
        "Company",
        "Institute",
        "Corporation",
    ]
)
_ORG_ACRONYMS = frozenset({"UN", "EU", "US", "USA", "UAE", "ICRC", "OSCE", "UK", "OPCW", "OIC"})
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905


class Drawn(NamedTuple):
    """What a slot puts into the text, and the value that a record takes from it."""

    text: str
    value: Any


class Filled(NamedTuple):
    """One sentence of a filled template with its slots in the order of the text."""

    text: str
    slots: list[tuple[str, str, Any]]  # kind, digit, value


Draw = Callable[[str, str], Drawn]


def choose(template: str, rng: Random) -> str:
    """The template with each choice made, the innermost first."""
    while match := _CHOICE.search(template):
        option = rng.choice(match[1].split("|"))
        template = template[: match.start()] + option + template[match.end() :]
    return template


def fill(template: str, draw: Draw) -> list[Filled]:
    """The sentences of a template without choices; a slot named twice reads the same twice."""
    known: dict[str, Drawn] = {}
    filled = []
    for part in template.split(" // "):
        slots = []
        pieces = []
        at = 0
        for match in SLOT.finditer(part):
            if match[0] not in known:
                known[match[0]] = draw(match[1], match[2])
            drawn = known[match[0]]
            slots.append((match[1], match[2], drawn.value))
            pieces += [part[at : match.start()], drawn.text]
            at = match.end()
        filled.append(Filled(tidy("".join([*pieces, part[at:]])), slots))
    return [part for part in filled if part.text]


def tidy(text: str) -> str:
    """The text with single spaces, none before a comma, and a capital at its head."""
    text = re.sub(r" {2,}", " ", text).strip()
    text = re.sub(r" ([,.;:)])", r"\1", text).replace(",,", ",")
    text = re.sub(r",(?=[.;:)?!])", "", text)
    text = re.sub(r"(?<!\.)\.\.(?!\.)", ".", text)
    text = re.sub(r"\bthe the\b", "the", text, flags=re.IGNORECASE)
    text = text.replace("-the ", "-")
    return text[:1].upper() + text[1:]


def with_article(name: str) -> str:
    """The name as it stands within a sentence: "the United States", "Norway", "UNICEF"."""
    words = name.split()
    if words[0].lower() == "the" or "'s" in name:
        return name
    if name in _ORG_ACRONYMS or (len(words) > 1 and not _ORG_WORDS.isdisjoint(words)):
        return f"the {name}"
    return name


def words_of(number: int) -> str:
    """The number in words, below a thousand."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {words_of(rest)}" if rest else "")


def write_number(number: int, rng: Random, *, words: bool = True) -> str:
    """The number in one of the ways that bulletins write it."""
    if number <= 12:
        return words_of(number) if words and rng.random() < 0.4 else str(number)
    if number < 1000:
        in_words = words and number % 10 == 0 and rng.random() < 0.12
        return words_of(number) if in_words else str(number)
    if number % 100_000 == 0 and number >= 1_000_000 and rng.random() < 0.6:
        return f"{number / 1_000_000:g} million"
    if words and number % 1000 == 0 and rng.random() < 0.3:
        return f"{number // 1000} thousand"
    return rng.choice(
        (f"{number:,}",) * 5 + (str(number),) * 3 + (f"{number:,}".replace(",", " "),)
    )


def a_day(
    world: World, rng: Random, *, future: bool = False, reach: tuple[int, ...] = (3, 10, 40, 200)
) -> date:
    """A day before the document's own, or after it, within one of the reaches in days."""
    back = rng.choice(reach)
    days = rng.randint(1, back)
    return world.today + timedelta(days=days if future else -days)


def write_day(day: date, world: World, rng: Random) -> str:
    """A day as written, without its preposition; with its year wherever it cannot do without."""
    month = _MONTHS[day.month - 1]
    if world.dated and day.year == world.today.year and rng.random() < 0.5:
        return rng.choice(
            (f"{month} {day.day}", f"{day.day} {month}", f"the {_nth(day.day)} of {month}")
        )
    forms = [
        f"{month} {day.day}, {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        f"{day.day} {month} {day.year}",
        f"{day:%A}, {day.day} {month} {day.year}",
        f"{day:%d.%m.%Y}",
        day.isoformat(),
        f"the {_nth(day.day)} of {month} {day.year}",
        f"{month[:3]}. {day.day}, {day.year}"
        if len(month) > 5
        else f"{day.day} {month} {day.year}",
    ]
    return rng.choice(forms)


def write_when(
    world: World, rng: Random, *, future: bool = False, reach: tuple[int, ...] = (3, 10, 40, 200)
) -> Drawn:
    """A date with its preposition: mostly a day, else two or three days, or a month."""
    day = a_day(world, rng, future=future, reach=reach)
    month = _MONTHS[day.month - 1]
    luck = rng.random()
    last = day + timedelta(days=rng.randint(1, 2))
    if luck < 0.12 and day.day < 26 and (future or last <= world.today):
        text = rng.choice(
            (
                f"on {month} {day.day}-{last.day}, {day.year}",
                f"on {day.day}–{last.day} {month} {day.year}",
                f"from {day.day} to {last.day} {month} {day.year}",
                f"on {month} {day.day} and {last.day}, {day.year}"
                if (last - day).days == 1
                else f"between {month} {day.day} and {last.day}, {day.year}",
            )
        )
        return Drawn(text, f"{day.isoformat()}/{last.isoformat()}")
    if luck < 0.2:
        return Drawn(f"in {month} {day.year}", f"{day:%Y-%m}")
    written = write_day(day, world, rng)
    return Drawn(f"on {written}", day.isoformat())


def _nth(number: int) -> str:
    if number in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
