"""Numbers are read from text as a careful person reads them, and nothing else is read as one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.numbers import (
    Number,
    find_numbers,
    plain_digits,
    read_number,
    same_number,
)

READ = [
    ("5,400 tonnes", [5400]),
    ("5 400 tonnes", [5400]),
    ("5\u202f400 and 5\u00a0400", [5400, 5400]),
    ("1.234.567", [1234567]),
    ("12,34,567", [1234567]),
    ("1'234 or 1’234", [1234, 1234]),
    ("1,234.5 and 1.234,5", [1234.5, 1234.5]),
    ("0.8, .5 and 3,5", [0.8, 0.5, 3.5]),
    ("12.345", [12.345]),
    ("5 000 000,5", [5000000.5]),
    ("5.4 thousand, 1.2 million, 1.2-million", [5400, 1200000, 1200000]),
    ("3bn, 10k, 2 mln", [3000000000, 10000, 2000000]),
    ("1.5m people, $1.5m and 5 m deep", [1500000, 1500000, 5]),
    ("1.1 million", [1100000]),
    ("1 million 200 thousand", [1200000]),
    ("one hundred and five", [105]),
    ("two thousand three hundred", [2300]),
    ("one million two hundred thousand and five", [1200005]),
    ("five hundred thousand", [500000]),
    ("Twenty-five and forty two", [25, 42]),
    ("five thousand two million", [5000, 2000000]),
    ("half a million, half a dozen", [500000, 6]),
    ("three quarters of a million", [750000]),
    ("one and a half million", [1500000]),
    ("two and a half thousand", [2500]),
    ("a million and a half", [1500000]),
    ("a dozen, two dozen, a hundred", [12, 24, 100]),
    ("a couple, a pair", [2, 2]),
    ("a single school", [1, 1]),
    ("zero", [0]),
    ("2½", [2.5]),
    ("10-15", [10, 15]),
    ("between 10 and 15", [10, 15]),
    ("10 to 15 million", [10000000, 15000000]),
    ("two to three hundred", [200, 300]),
    ("from 500 to 2 thousand", [500, 2000]),
    ("55-kilometre road, 12-bed ward", [55, 12]),
    ("800kg in 5km2", [800, 5]),
    ("US$5, USD200", [5, 200]),
    ("12, 345", [12, 345]),
    ("1,2,3", [1, 2, 3]),
    ("2018 300", [2018, 300]),
    ("12 345 2018", [12, 345, 2018]),
    ("On November 5 300 people", [300]),
    ("in May 12 000 people", [12000]),
    ("two first-aid kits", [2]),
    ("6 out of 11", [6, 11]),
    ("2018 residential buildings", [2018]),
    ("٣٬٥٠٠ و ३५० و ２０", [3500, 350, 20]),
    ("300人", [300]),
]

NONE = [
    *("dozens of", "hundreds of thousands of people", "a few thousand", "several hundred"),
    *("a couple of", "a number of", "no one", "first", "2nd", "21st", "twenty-fifth"),
    *("one hundred and fifth", "two thirds", "one third", "once or twice", "1990s"),
    *("UN2720", "G20", "COVID-19", "T4", "S-300", "A/RES/46/182", "resolution 2254", "No. 5"),
    *(
        "12:30",
        "No. 12:30",
        "10.30 a.m.",
        "0630 hrs",
        "24/7",
        "6/11",
        "+963 11 222 3344",
        "555-123-4567",
    ),
    *("3 November 2018", "November 3", "03.11.2018", "2018-11-03", "5-6 November", "in 2018"),
    *("192.168.1.1", "1.2.3", "1,234,56", "Vitamin A is", "1" * 30),
]


@pytest.mark.parametrize(("text", "values"), READ)
def test_numbers_are_read(text: str, values: list[float]) -> None:
    """Each number has the value that the writing stands for, in order."""
    assert [number.value for number in find_numbers(text)] == values


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_not_read(text: str) -> None:
    """Vague words, ordinals, codes, times and dates yield nothing."""
    assert find_numbers(text) == []


def test_an_article_is_told_from_a_number() -> None:
    """The "a" of "a school" counts one, and says that it is only an article."""
    assert find_numbers("a school and 2 wells") == [
        Number(1, 0, 1, article=True),
        Number(2, 13, 14),
    ]


@pytest.mark.parametrize("text", ["45%", "45 per cent", "45 percent", "٤٥٪"])
def test_a_share_is_marked(text: str) -> None:
    """A percentage is a number that says so."""
    assert [(n.value, n.percent) for n in find_numbers(text)] == [(45, True)]


def test_a_wrong_number_is_never_found_in_a_right_one() -> None:
    """No part of a number and no number beside it passes for it."""
    text = (
        "On 12 March WFP delivered 5,400 tonnes of wheat flour to Rafah. "
        "A further 300 tonnes of rice…"
    )
    values = [number.value for number in find_numbers(text) if not number.article]
    assert values == [5400, 300]


def test_a_range_shares_its_percent_sign() -> None:
    """Both ends of "10-15%" are shares."""
    assert [number.percent for number in find_numbers("10-15%")] == [True, True]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (5400, 5400.0, True),
        (0.1 + 0.2, 0.3, True),
        (5400, 4500, False),
        (5400000001, 5400000000, False),
        (10**400, 1.0, False),
    ],
)
def test_same_number(a: float, b: float, same: bool) -> None:
    """Two readings agree to the digit or do not agree."""
    assert same_number(a, b) is same


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("7,000 sets", "7000 sets"),
        ("1 234,5 and 1.234.567", "1234,5 and 1234567"),
        ("3.5 t on 03.11.2018 at 12:30", "3.5 t on 03.11.2018 at 12:30"),
        ("12, 345", "12, 345"),
        ("2018 300", "2018 300"),
        ("", ""),
    ],
)
def test_plain_digits(text: str, plain: str) -> None:
    """Only the separators inside digit groups go."""
    assert plain_digits(text) == plain


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("7,000", 7000),
        ("1.2 million", 1200000),
        (7000, 7000),
        (7000.0, 7000),
        ("7000 sets", 7000),
        ("7000 a day", 7000),
        ("a", None),
        ("a school", 1),
        ("10-15", None),
        ("many", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        ([7000], None),
    ],
)
def test_read_number(value: object, number: float | None) -> None:
    """What a model wrote is a number where exactly one is in it."""
    assert read_number(value) == number


HOSTILE = [
    *("1", "1,", "1 ", "111 ", "111,", "1-", "1:", "1/", "+1 ", "a ", "one ", " "),
    *("hundred ", "one hundred and ", "and a half ", "November ", "2018 "),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_repetition_is_read_to_the_end(piece: str) -> None:
    """A long line of one thing is read through, and the number behind it with it."""
    numbers = find_numbers(piece * 4000 + "\n\nfor 77 people")
    assert numbers[-1].value == 77


def test_what_was_read_is_the_callers_own() -> None:
    """A list that a caller changes does not change what the next caller gets."""
    find_numbers("5 trucks").clear()
    assert [number.value for number in find_numbers("5 trucks")] == [5]


@given(st.text() | st.text("0123456789 .,-/'’½%kmKone hundrdAa\u00a0٣٬"))
def test_any_text_is_read_in_order(text: str) -> None:
    """No text breaks the reading; numbers come in order and do not overlap."""
    numbers = find_numbers(text)
    at = 0
    for number in numbers:
        assert at <= number.start < number.end <= len(text)
        at = number.end
    plain_digits(text)


WORDS = "a one two twenty hundred thousand million and half dozen of 5 12 300 1,234 3.5 10k schools"


@given(st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join))
def test_a_number_reads_the_same_alone(text: str) -> None:
    """What stands at a number's place is, read alone, that number."""
    for number in find_numbers(text):
        if not number.article:
            alone = find_numbers(text[number.start : number.end])
            assert [same_number(one.value, number.value) for one in alone] == [True]


def _in_words(n: int) -> str:
    small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    small += " fifteen sixteen seventeen eighteen nineteen"
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
    if n < 20:
        return small.split()[n]
    if n < 100:
        return tens[n // 10 - 2] + (f"-{_in_words(n % 10)}" if n % 10 else "")
    for size, name in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if n >= size:
            rest = n % size
            joint = " and " if rest < 100 else " "
            head = f"{_in_words(n // size)} {name}"
            return head + (joint + _in_words(rest) if rest else "")
    raise AssertionError


STYLES: list[Callable[[int], str]] = [
    str,
    "{:,}".format,
    lambda n: f"{n:,}".replace(",", " "),
    lambda n: f"{n:,}".replace(",", "\u202f"),
    lambda n: f"{n:,}".replace(",", "'"),
    lambda n: f"{n:,} trucks",
    lambda n: f"({n:,}).",
    lambda n: str(n).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    _in_words,
]


@given(st.integers(0, 999_999_999), st.integers(0, len(STYLES) - 1))
def test_what_is_written_is_read_back(n: int, style: int) -> None:
    """A number written in any style is that number and no other."""
    assert [number.value for number in find_numbers(STYLES[style](n))] == [n]
