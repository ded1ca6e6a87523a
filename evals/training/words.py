"""How numbers, hedges, periods, dates and names are written."""

# ruff: noqa: SIM905 -- word lists read better unquoted
from __future__ import annotations

from datetime import date, timedelta
from random import Random

from evals.training.builder import Record, World

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = (
    "January February March April May June July August September October November December"
).split()
_HEDGES: tuple[tuple[str, str], ...] = (
    *((w, "at_least") for w in "more than;over;at least;no fewer than;upwards of".split(";")),
    *((w, "at_most") for w in "up to;at most;no more than;as many as".split(";")),
    *((w, "about") for w in "about;some;around;approximately;roughly;nearly;almost".split(";")),
)
_PERIODS: dict[str, str] = {
    "past_day": "over the past 24 hours;in the past day;during the day;over the last day;"
    "within the past 24 hours;in the last twenty-four hours;during the past 24 hours;"
    "over the past day;in the course of the day",
    "past_week": "over the past week;this week;during the week;in the past seven days;"
    "in the last week;within a week;over the last 7 days;in the course of the week",
    "past_month": "over the past month;in the past 30 days;during the past month;this month;"
    "in the last month;in the course of the month",
    "past_year": "over the past year;in the past twelve months;in the last 12 months;"
    "during the past year",
    "to_date": "to date;so far;up to now;up to the present;since the operation began;"
    "since the start of the crisis;from the very beginning of the work",
}
_ARTICLED = {
    *"Programme Committee Federation Society Crescent Cross Centre Agency Union Ministry".split(),
    *"Foundation Council Commission Organization Organisation Trust Department Authority".split(),
    *"Service Government Fund Establishment Headquarters Administration Unit Office".split(),
    *"Directorate League Commission Association".split(),
}


def spell(n: int) -> str:
    """A whole number under a million in words."""
    if n < 20:
        return _SMALL[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_SMALL[n % 10]}" if n % 10 else "")
    unit, name = (100, "hundred") if n < 1000 else (1000, "thousand")
    rest = n % unit
    joint = " and " if rest and rest < 100 else " "
    return f"{spell(n // unit)} {name}" + (joint + spell(rest) if rest else "")


def writings(number: float) -> list[str]:
    """Every way in which a number may be written here, the plainest first."""
    if number != int(number):
        whole, _, part = f"{number}".partition(".")
        return [f"{shape}.{part}" for shape in _grouped(int(whole))]
    n = int(number)
    ways = _grouped(n)
    if n >= 1_000_000 and n % 100_000 == 0:
        ways.append(f"{n / 1_000_000:g} million")
    if n < 1_000_000:
        ways += [f"{n // 1000} thousand"] * (n >= 5000 and n % 1000 == 0)
        ways.append(spell(n))
    return ways


def _grouped(n: int) -> list[str]:
    if n < 1000:
        return [str(n)]
    return [str(n), f"{n:,}", f"{n:,}".replace(",", " "), f"{n:,}".replace(",", "\u00a0")]


def write_number(rng: Random, number: float) -> str:
    """A number in one of its writings; words mostly for small ones."""
    ways = writings(number)
    if number == int(number) and number < 1_000_000:
        *digits, words = ways
        tidy = number <= 12 or number % 100 == 0
        share = 0.4 if number <= 12 else 0.12 if number <= 100 else 0.05 if tidy else 0.01
        if rng.random() < share:
            return words
        ways = digits
    return rng.choice(ways)


def hedged(rng: Random, number: float, share: float = 0.18) -> tuple[str, Record]:
    """A number, sometimes with a hedge before it, and the qualifier that the hedge means."""
    text = write_number(rng, number)
    if number < 5 or rng.random() > share:
        return text, {}
    hedge, qualifier = rng.choice(_HEDGES)
    return f"{hedge} {text}", {"qualifier": qualifier}


def period(rng: Random, only: str | None = None) -> tuple[str, Record]:
    """A stretch that a count covers."""
    kind = only or rng.choice([*_PERIODS, "past_day", "past_day", "past_week", "to_date"])
    return rng.choice(_PERIODS[kind].split(";")), {"period": kind}


def since(rng: Random, world: World) -> tuple[str, Record]:
    """The start of a running total."""
    start = world.today - timedelta(days=rng.randrange(30, 1500))
    if rng.random() < 0.6:
        text, iso = write_day(rng, world, start)
        lead = rng.choice(("since", "since", "starting from", "as from", "from", "counting from"))
        tail = " to date" if lead in ("from", "as from", "counting from") else ""
        return f"{lead} {text}{tail}", {"period": "to_date", "since": iso}
    month, year = MONTHS[start.month - 1], start.year
    text, iso = rng.choice(
        (
            (f"since {month} {year}", f"{year}-{start.month:02}"),
            (f"since the beginning of {year}", f"{year}"),
            (f"since the start of {year}", f"{year}"),
            (f"since {year}", f"{year}"),
        )
    )
    return text, {"period": "to_date", "since": iso}


def write_day(rng: Random, world: World, day: date) -> tuple[str, str]:
    """A day as a document of this world writes it; with no year only where the document's is meant."""
    month, y = MONTHS[day.month - 1], day.year
    forms = [
        f"{day.day} {month} {y}",
        f"{day.day} {month} {y}",
        f"{month} {day.day}, {y}",
        f"{day:%d.%m.%Y}",
        day.isoformat(),
        f"{day.day:02} {month[:3]} {y}",
        f"{_ordinal(day.day)} {month} {y}",
        f"the {_ordinal(day.day)} of {month} {y}",
    ]
    if world.dated and y == world.today.year and rng.random() < 0.55:
        forms = [
            f"{day.day} {month}",
            f"{month} {day.day}",
            f"{_ordinal(day.day)} {month}",
            f"the {_ordinal(day.day)} of {month}",
            f"{month} {_ordinal(day.day)}",
        ]
    return rng.choice(forms), day.isoformat()


def _ordinal(n: int) -> str:
    ending = "th" if 10 < n < 14 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def dated(rng: Random, world: World, ahead: bool = False) -> tuple[str, Record]:
    """`on 5 November`, `in November 2018`, `from 5 to 8 November`: past, or `ahead` of today."""
    span = rng.randrange(1, 90) if ahead else -rng.randrange(0, 30)
    day = world.today + timedelta(days=span)
    roll = rng.random()
    if roll < 0.7:
        text, iso = write_day(rng, world, day)
        return f"on {text}", {"date": iso}
    month, y = MONTHS[day.month - 1], day.year
    last = day + timedelta(days=rng.randrange(1, 4))
    if roll < 0.85 and last.month == day.month and (ahead or last <= world.today):
        year = "" if world.dated and y == world.today.year and rng.random() < 0.5 else f" {y}"
        forms = (
            f"on {day.day}–{last.day} {month}{year}",
            f"on {day.day}-{last.day} {month}{year}",
            f"from {day.day} to {last.day} {month}{year}",
            f"between {day.day} and {last.day} {month}{year}",
            f"on {month} {day.day} to {last.day}{', ' if year else ''}{year.strip()}",
        )
        return rng.choice(forms), {"date": f"{day.isoformat()}/{last.isoformat()}"}
    if roll < 0.95:
        return f"in {month} {y}", {"date": f"{y}-{day.month:02}"}
    later = world.today.year + rng.randrange(0, 3) if ahead else world.today.year
    return f"in {later}", {"date": f"{later}"}


def deadline(rng: Random, world: World) -> tuple[str, Record]:
    """A day, month or year by which something is to be done."""
    day = world.today + timedelta(days=rng.randrange(5, 700))
    if rng.random() < 0.4:
        text, iso = write_day(rng, world, day)
        return f"{rng.choice(('by', 'before', 'no later than'))} {text}", {"date": iso}
    if rng.random() < 0.5:
        month = MONTHS[day.month - 1]
        lead = rng.choice(("by", "in", "by the end of", "before the end of"))
        return f"{lead} {month} {day.year}", {"date": f"{day.year}-{day.month:02}"}
    lead = rng.choice(("in", "by the end of", "in the course of", "during"))
    return f"{lead} {day.year}", {"date": f"{day.year}"}


def with_article(name: str) -> str:
    """The name of a body or a state as it stands within a sentence."""
    words = name.split()
    bare = words[0] in ("the", "The")
    articled = words[0] in _ARTICLED or words[-1] in _ARTICLED or " of " in name
    return f"the {name}" if articled and len(words) > 1 and not bare else name
