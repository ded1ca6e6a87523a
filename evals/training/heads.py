"""What stands above, between and below the sections: titles, datelines, headings, site furniture."""

from __future__ import annotations

from random import Random

from evals.training.builder import World
from evals.training.words import MONTHS

TOPICS = {
    "facilities": (
        "Infrastructure", "Restoration of infrastructure", "Reconstruction", "Social facilities",
        "State of infrastructure", "Public utilities", "Housing and services", "Recovery works",
        "Critical infrastructure", "Facilities and utilities", "Public works",
    ),
    "aid": (
        "Humanitarian aid", "Relief", "Humanitarian assistance", "Distribution of aid", "Supplies",
        "Assistance to the population", "Aid deliveries", "Humanitarian response", "Logistics",
    ),
    "crossings": (
        "Return of refugees", "Population movements", "Displacement and returns", "Border crossings",
        "Movement of people", "Refugees and displaced persons",
    ),
    "events": (
        "Diplomacy", "Meetings and contacts", "Political developments", "International cooperation",
        "Coordination", "Contacts", "Politics",
    ),
    "noise": (
        "Background", "Other information", "Context", "Other developments", "In brief", "Situation",
        "For reference", "Notes",
    ),
}  # fmt: skip
_TITLES = (
    "Report by {body}", "Bulletin of {body}", "Situation report No. {n}", "Situation Report #{n}",
    "Humanitarian update: {country}", "{country}: situation update", "Daily bulletin", "News digest",
    "Information bulletin on {country}", "Press release of {body}", "Statement by the press service",
    "Flash update No. {n}", "Weekly review", "News from {town}", "{country} humanitarian snapshot",
    "Joint statement of {body} and {body2}", "What happened in {country}", "Field notes from {town}",
    "Recovery continues in {town}", "Rebuilding {town}", "Emergency response: {town}", "Briefing",
)  # fmt: skip
_FURNITURE = (
    "Home | News | Documents | Contacts", "Share on Facebook | Share on X | Print", "Read also:",
    "Subscribe to our newsletter", "© All rights reserved", "Print version", "Tags: aid, recovery",
    "Follow us on Telegram", "Views: {n}", "Rate this article: 1 2 3 4 5 ({k} votes)", "Back to top",
    "Photo: press service", "Skip to main content", "Contact: press@example.org", "Page 1 of {k}",
)  # fmt: skip


def furniture(rng: Random) -> str:
    """A line of a site that says nothing."""
    return rng.choice(_FURNITURE).format(n=rng.randrange(20, 9000), k=rng.randrange(2, 90))


def head(rng: Random, world: World) -> tuple[list[str], dict[str, str | None]]:
    """The lines above the first section, and what they say of the document."""
    body, body2 = rng.sample((*world.bodies, *world.agencies), 2)
    made = rng.choice(_TITLES).format(
        body=body, body2=body2, n=rng.randrange(2, 400), country=world.country,
        town=rng.choice(world.towns),
    )  # fmt: skip
    day, lines = world.today, []
    title = None if rng.random() < 0.15 else made[:1].upper() + made[1:]
    if rng.random() < 0.12:
        lines.append(furniture(rng))
    form = rng.randrange(4) if world.dated else -1
    written = rng.choice(
        (
            f"{day.day} {MONTHS[day.month - 1]} {day.year}",
            f"{MONTHS[day.month - 1]} {day.day}, {day.year}",
            f"{day:%d.%m.%Y}",
            day.isoformat(),
        )
    )
    if title:
        lines.append(f"{title} ({written})" if form == 0 else title)
        title = lines[-1]
    if form == 1 or (form == 0 and not title):
        lines.append(f"{world.capital.upper()}, {written}")
    elif form == 2:
        lines.append(f"{rng.choice(('Published', 'Date', 'Posted', 'Issued'))}: {written}")
    elif form == 3:
        lines.append(written)
    publisher = body if world.dated and rng.random() < 0.3 else None
    if publisher:
        lines.append(f"{rng.choice(('Source', 'Publisher', 'Issued by'))}: {publisher}")
    published = day.isoformat() if world.dated else None
    return lines, {"title": title, "published": published, "publisher": publisher}


def place_heading(rng: Random, world: World) -> tuple[str, str]:
    """A heading that names a place, and the place."""
    town, area, unit = rng.choice(world.towns), rng.choice(world.provinces), world.unit
    return rng.choice(
        (
            (area, area),
            (f"{area} {unit}", area),
            (f"{area} {unit}", area),
            (f"{area} {unit.capitalize()}", area),
            (f"{unit.capitalize()} of {area}", area),
            (f"In {area} {unit}", area),
            (f"Situation in {area}", area),
            (f"{area}:", area),
            (town, town),
            (f"{town} ({area} {unit})", town),
            (f"{town}, {area}", town),
            (f"Recovery in {town}", town),
        )
    )
