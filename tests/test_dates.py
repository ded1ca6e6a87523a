"""Dates are read at the precision of the text, and no date is read that the text does not bear out."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.dates import find_dates, read_date, resolve, year_of

RESOLVED = [
    *(("November 3", "2018-11-03"), ("3 November", "2018-11-03"), ("Nov. 3, 2017", "2017-11-03")),
    *(("3rd of November 2017", "2017-11-03"), ("2017-11-03", "2017-11-03")),
    *(("03.11.2017", "2017-11-03"), ("03/11/2017", "2017-11-03"), ("11/25/2017", "2017-11-25")),
    *(("November 2017", "2017-11"), ("in 2017", "2017"), ("in November", "2018-11")),
    *(("5-6 November", "2018-11-05/2018-11-06"), ("November 5–6, 2017", "2017-11-05/2017-11-06")),
    ("from 5 to 6 November 2017", "2017-11-05/2017-11-06"),
    ("between 3 and 9 March", "2018-03-03/2018-03-09"),
    ("on 5 and 6 November", "2018-11-05/2018-11-06"),
    ("30 October - 2 November", "2018-10-30/2018-11-02"),
    ("1 Oct 2017 to 3 Oct 2017", "2017-10-01/2017-10-03"),
    ("30 December - 2 January 2019", "2018-12-30/2019-01-02"),
    ("2017-2019", "2017/2019"),
    *(("end of November", "2018-11"), ("by the end of the year", "2018")),
    *(("today", "2018-11-10"), ("Yesterday", "2018-11-09"), ("tomorrow", "2018-11-11")),
    *(("3 ноября 2017 года", "2017-11-03"), ("في 3 نوفمبر", "2018-11-03")),
    *(("1er mars", "2018-03-01"), ("5 de noviembre de 2017", "2017-11-05")),
    *(("On November 3, 2018 refugees returned", "2018-11-03"), ("in May 300 people", "2018-05")),
    ("12 and 6 May", "2018-05-06"),
    *(("15/16 November", "2018-11-15/2018-11-16"), ("the first of March", "2018-03-01")),
    ("postponed from 10 to 17 February", "2018-02-17"),
    ("put off from 30 January to 6 February", "2018-02-06"),
]
FROM_PUBLICATION = [  # which is a Saturday
    *(
        ("this morning", "2018-11-10"),
        ("last night", "2018-11-09"),
        ("three days ago", "2018-11-07"),
    ),
    *(("the day before yesterday", "2018-11-08"), ("the day after tomorrow", "2018-11-12")),
    *(("this month", "2018-11"), ("by the end of the month", "2018-11"), ("last month", "2018-10")),
    *(("next month", "2018-12"), ("last March", "2018-03"), ("since last December", "2017-12")),
    *(("next March", "2019-03"), ("next December", "2018-12")),
    *(("in March last year", "2017-03"), ("on 3 May of this year", "2018-05-03")),
    *(("from 5 to 6 May of last year", "2017-05-05/2017-05-06"), ("May next year", "2019-05")),
    *(("the first of January of last year", "2017-01-01"), ("in the spring.", "2018")),
    *(("On Tuesday 12 schools reopened", "2018-11-06"), ("on Saturday", "2018-11-10")),
    *(("last Saturday", "2018-11-03"), ("last Friday", "2018-11-09")),
    *(("next Monday", "2018-11-12"), ("next Saturday", "2018-11-17")),
    ("trucks will come, the mayor said on Tuesday", "2018-11-06"),
]


@pytest.mark.parametrize(("text", "iso"), RESOLVED + FROM_PUBLICATION)
def test_dates_resolve(text: str, iso: str) -> None:
    """Each writing stands for one date, with the document's year where it has none."""
    assert [resolve(at, 2018, "2018-11-10") for at in find_dates(text)] == [iso]


@pytest.mark.parametrize(
    "text",
    [
        "2,018",
        "$2018",
        "In 2018 refugees",
        "they may 5",
        "Theresa May said",
        "3-5 thousand",
        "v1.2.2018",
        "UN2018",
        "12:30",
        "march on",
        "45.13.2018",
        "every Monday",
        "from Monday to Friday",
        "Friday/Saturday",
        "on Easter Monday",
        "Sunday's prayers",
        "this month's figures",
        "spring wheat",
        "in spring wheat",
    ],
)
def test_what_is_no_date_is_not_read(text: str) -> None:
    """Counts, verbs, names and codes yield no date."""
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("31 February 2018", 2018),
        ("3 November", None),
        ("6 May - 3 April 2018", 2018),
        ("today", 2018),
        ("29 February", 2018),
    ],
)
def test_a_day_that_cannot_be_had_is_none(text: str, year: int | None) -> None:
    """No year, no such day, a stretch that ends before it starts: no date is made up."""
    assert resolve(find_dates(text)[0], year) is None


@pytest.mark.parametrize("published", [None, "2018", "2018-11"])
@pytest.mark.parametrize("text", ["yesterday", "on Tuesday", "two days ago", "next Monday"])
def test_a_day_told_from_the_publication_needs_its_day(text: str, published: str | None) -> None:
    """A year or a month of publication, or none, bears out no day."""
    assert [resolve(at, 2018, published) for at in find_dates(text)] == [None]


def test_a_month_told_from_the_publication_needs_its_month() -> None:
    """The month of publication is enough for it, its year is not."""
    last = find_dates("last March")[0]
    assert [resolve(last, 2018, published) for published in ("2018-02", "2018")] == [
        "2017-03",
        None,
    ]


@pytest.mark.parametrize(
    "text", ["Tuesday, 7 June", "Tuesday (June 7)", "7 June, Tuesday", "Tuesday 7.6.2018"]
)
def test_a_weekday_of_a_date_is_no_day_of_its_own(text: str) -> None:
    """What says the day in full is the only date."""
    assert [resolve(at, 2018, "2018-11-10") for at in find_dates(text)] == ["2018-06-07"]


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("2018-11-06", "2018-11-06"),
        ("2018-11-13", "2018-11-13"),
        ("2018-11-20", None),
        ("Tuesday", None),
    ],
)
def test_a_weekday_of_a_plan_is_a_day_beside_the_publication(value: str, iso: str | None) -> None:
    """The one before it or the one after it, where what was written says which."""
    mentions = find_dates("The convoy will reach the valley on Tuesday.")
    assert read_date(value, mentions, 2018, "2018-11-10") == iso


@pytest.mark.parametrize(
    ("value", "text", "iso"),
    [
        ("3 and 9 March", "Between 3 and 9 March,", "2018-03-03/2018-03-09"),
        ("3 and 9 March", "On 9 March", None),
        ("March", "a round in March", "2018-03"),
        ("March", "the march on the town", None),
        ("10 to 17 February", "delayed from 10 to 17 February", "2018-02-17"),
        ("spring", "brought in spring, and kept", "2018"),
        ("1st of January", "since the first of January of last year", "2017-01-01"),
        ("tuesday", "On Tuesday it rained", "2018-11-06"),
    ],
)
def test_the_words_of_a_date_are_that_date(value: str, text: str, iso: str | None) -> None:
    """However little they say without the words around them."""
    assert read_date(value, find_dates(text), 2018, "2018-11-10") == iso


def test_a_bare_year_is_weak() -> None:
    """A year alone may be something else; one behind "in" may not."""
    assert [at.weak for at in find_dates("2017 was hard, and in 2018 it was over")] == [True, False]


def test_offsets_hold_the_words() -> None:
    """A mention points at its own words."""
    text = "As of 18 July 2018, and again on 5-6 November. On Feb. 3 they met in March."
    words = [text[at.start : at.end] for at in find_dates(text)]
    assert words == ["18 July 2018", "5-6 November", "Feb. 3", "March"]


TEXT = "On 31 October the road reopened. Talks are set for 5-6 November; a summit in March 2019."


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        *(("October 31", "2018-10-31"), ("2018-10-31", "2018-10-31"), ("31/10", "2018-10-31")),
        *(("31 october", "2018-10-31"), ("2018-10-31T00:00:00", "2018-10-31")),
        *(("2018-10", "2018-10-31"), ("2019-03", "2019-03"), ("March 2019", "2019-03")),
        ("2018-11-05/2018-11-06", "2018-11-05/2018-11-06"),
        *(("2017-10-31", None), ("2018-10-30", None), ("2018-11-05", None), ("2019-03-01", None)),
        *(("2020", None), ("soon", None), ("", None), ("today", None)),
    ],
)
def test_read_date(value: str, iso: str | None) -> None:
    """What a model wrote is a date where one mention bears it out, and else nothing."""
    assert read_date(value, find_dates(TEXT), 2018) == iso


def test_a_month_that_two_dates_share_is_no_date() -> None:
    """A month alone does not choose between two days of it."""
    assert read_date("2018-10", find_dates("3 October and 7 October"), 2018) is None


@pytest.mark.parametrize(
    ("text", "published", "year"),
    [
        ("3 May 2017, 4 May 2018, 5 May 2018", None, 2018),
        ("3 May 2017, 4 May 2018", None, 2017),
        ("3 May 2017", "2019-01-01", 2019),
        ("2016 was hard", None, None),
    ],
)
def test_year_of(text: str, published: str | None, year: int | None) -> None:
    """The year is the publication's, else the one that full dates use most, the first on a tie."""
    assert year_of(text, published) == year


@pytest.mark.parametrize("piece", ["1", "1 ", "May ", "5 May - ", "2018 ", "in ", "between 5 to "])
def test_repetition_is_read_to_the_end(piece: str) -> None:
    """A long line of one thing is read through, and the date behind it with it."""
    assert resolve(find_dates(piece * 4000 + "\n\n. On 3 June")[-1], 2018) == "2018-06-03"


@given(st.text() | st.text("0123456789 .-/MayJunde,"), st.dates())
def test_any_text_is_read(text: str, published: object) -> None:
    """No text and no value breaks the reading."""
    mentions = find_dates(text)
    for at in mentions:
        assert 0 <= at.start < at.end <= len(text)
        resolve(at, 2018, str(published))
    read_date(text, mentions, None, str(published))


FORMS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d %B %Y", "%B %d, %Y", "%d %b %Y"]


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)), st.sampled_from(FORMS))
def test_what_is_written_is_read_back(day: datetime.date, form: str) -> None:
    """A day written in any form is that day."""
    text = f"On {day.strftime(form)} they met."
    assert [resolve(at, None) for at in find_dates(text)] == [day.isoformat()]
