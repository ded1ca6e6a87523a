"""The title, date and publisher of invented texts."""

from __future__ import annotations

import time

import pytest

from extract.front import Front, front_matter

BODY = "\n\nTwelve trucks brought 40 tonnes of flour to the valley.\n"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("Relief convoys reach Orlen valley", "Relief convoys reach Orlen valley"),
        ("Home < News < More\n\nThree schools reopen in Tavra", "Three schools reopen in Tavra"),
        ("Site Map Facebook Twitter\nThree schools reopen", "Three schools reopen"),
        ("Home » Three schools reopen\nFlood bulletin number four", "Flood bulletin number four"),
        ("29.01.2020 (10:00)\nBulletin of the relief office", "Bulletin of the relief office"),
        ("Tuesday, 12 March 2024\nThree schools reopen", "Three schools reopen"),
        ("GENEVA, 12 March 2024\nThree schools reopen", "Three schools reopen"),
        ("Source: Orlen Relief Office\nThree schools reopen", "Three schools reopen"),
        ("Published by Orlen Relief Office\nThree schools reopen", "Three schools reopen"),
        ("https://relief.example/news today\nThree schools reopen", "Three schools reopen"),
        ("# Three schools **reopen** in Tavra", "Three schools reopen in Tavra"),
        ("Title: Three schools reopen", "Three schools reopen"),
        ("Situation report | Flood in Orlen valley", "Situation report | Flood in Orlen valley"),
        ("Flood report", None),
        ("The office opened. Then it closed", None),
        ("Конвой дошёл до долины", "Конвой дошёл до долины"),
    ],
)
def test_title_is_first_line_that_reads_like_headline(head: str, title: str | None) -> None:
    """The first headline near the top; menus, dates, labels and sentences are passed by."""
    assert front_matter(head + BODY).title == title


def test_title_far_down_is_none() -> None:
    """A headline below the first twelve lines that hold something is not the title."""
    assert front_matter("menu\n\n" * 12 + "Three schools reopen").title is None


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("29.01.2020 (10:00)", "2020-01-29"),
        ("12 March 2024", "2024-03-12"),
        ("12th of March 2024", "2024-03-12"),
        ("March 12, 2024", "2024-03-12"),
        ("Sept. 3, 2024", "2024-09-03"),
        ("Tue, 12 Mar 2024", "2024-03-12"),
        ("Tuesday, 12 March 2024, 10:00", "2024-03-12"),
        ("2024-03-12", "2024-03-12"),
        ("2024-03-12T10:00:00Z", "2024-03-12"),
        ("2024-03", "2024-03"),
        ("2024/3/2", "2024-03-02"),
        ("05/03/2024", "2024-03-05"),
        ("03/25/2024", "2024-03-25"),
        ("March 2024", "2024-03"),
        ("**12 March 2024**", "2024-03-12"),
        ("Date: 12 March 2024", "2024-03-12"),
        ("Published 12/03/2024 at 10:00", "2024-03-12"),
        ("Published on: 10:00, 12 March 2024", "2024-03-12"),
        ("Flood bulletin | Date: March 2024", "2024-03"),
        ("Last updated: 2024-03-12 10:00", "2024-03-12"),
        ("Flood bulletin No. 4 (as of 12 March 2024)", "2024-03-12"),
        ("Flood bulletin as of 12 March 2024", "2024-03-12"),
        ("GENEVA, 12 March 2024 – Twelve trucks came.", "2024-03-12"),
        ("New Orlen (March 12, 2024) - Twelve trucks came.", "2024-03-12"),
        ("TAVRA, 12 March 2024 (Orlen Wire) — Twelve trucks came.", "2024-03-12"),
        ("Tavra, 12 March 2024", "2024-03-12"),
        ("Flood bulletin No. 4 (12 March 2024)", "2024-03-12"),
        ("Orlen Relief Office | 12 March 2024", "2024-03-12"),
        ("Orlen Relief Office | Tuesday, 12 March 2024 | No. 4", "2024-03-12"),
        ("12 March 2024 · 412 views · Share", "2024-03-12"),
        ("12 March 2024, data as of 08:00", "2024-03-12"),
        ("Period covered: 4 to 10 March 2024 Issued: 12 March 2024", "2024-03-12"),
        ("Orlen Relief Office Tavra, 12 March 2024", "2024-03-12"),
        ("Reporting period: 4–10 March 2024", None),
        ("Period covered: 4 to 10 March 2024", None),
        ("The bridge fell on 12 March 2024 and three trucks with it.", None),
        ("In the valley, 12 March 2024 was a day of rain.", None),
        ("31.02.2024", None),
        ("2024", None),
        ("12.03.20245", None),
        ("Tel. 0123-45-67", None),
        ("No date at all", None),
    ],
)
def test_published(line: str, published: str | None) -> None:
    """A date counts where it stands alone, after a label or in a dateline, at its own precision."""
    assert front_matter(f"Relief convoys reach valley\n{line}\n{BODY}").published == published


def test_published_before_updated() -> None:
    """The day of publication goes before the day of an update, wherever the two stand."""
    text = "Updated: 14 March 2024\nPublished: 12 March 2024"
    assert front_matter(text).published == "2024-03-12"


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("Source: Orlen Relief Office", "Orlen Relief Office"),
        ("Publisher: Orlen Relief Office.", "Orlen Relief Office"),
        ("Published by Orlen Relief Office on 12 March 2024", "Orlen Relief Office"),
        ("Issued by: Orlen Relief Office | Bulletin 4", "Orlen Relief Office"),
        ("**Source:** Orlen Relief Office", "Orlen Relief Office"),
        ("Source: https://relief.example", None),
        ("Orlen Relief Office", None),
        ("Published by hand in the valley", None),
    ],
)
def test_publisher_only_after_label(line: str, publisher: str | None) -> None:
    """Nobody is the publisher whom no label names."""
    assert front_matter(f"{line}\n{BODY}").publisher == publisher


def test_all_three() -> None:
    """A head of several lines gives all three."""
    head = "Home > News\nThree schools reopen in Tavra\n12 March 2024\nSource: Orlen Wire"
    assert front_matter(head + BODY) == Front(
        "Three schools reopen in Tavra", "2024-03-12", "Orlen Wire"
    )


@pytest.mark.parametrize(
    "unit", ["a", " ", "A, ", "1.", "12 March ", "| ", "(", "*", "\n", "Date: "]
)
def test_long_line_is_quick(unit: str) -> None:
    """A line of 5 MB is looked at no longer than a short one."""
    text = "A" + unit * (5_000_000 // len(unit))
    start = time.perf_counter()
    front_matter(text)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("text", ["", "\n", "ǅ", "|", "-", "*", "Source:", "Date:"])
def test_nothing_there(text: str) -> None:
    """A text that says nothing of itself gives nothing."""
    assert front_matter(text) == Front()
