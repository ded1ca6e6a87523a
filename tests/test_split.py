"""Every text falls into sentences that lie inside it, in order, with the context that they lean on."""

from __future__ import annotations

import re
import time

import pytest
from builders import document, passages
from hypothesis import given
from hypothesis import strategies as st

from extract.addressed import visible
from extract.split import split
from extract.types import Passage

PIECES = st.sampled_from(
    [
        *(
            "Report by the governor",
            "Aid:",
            "# Heading",
            "- 3 schools;",
            "• wells,",
            "1) roads",
            "---",
            "| a | b |",
        ),
        *(
            "a\tb",
            "The end.",
            "Dr. Who left. He came back!",
            "no stop",
            "Homs: 3 schools; Hama: 2",
            "Share this",
        ),
        *(
            "x" * 80,
            "many words " * 12,
            "\n",
            "\n\n",
            " ",
            "في حلب.",
            "。北京会谈",
            "e\u0301",
            "U.S. aid",
            "…",
            ")",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=25).map("\n".join))


@given(TEXTS, st.integers(min_value=10, max_value=400))
def test_sentences_are_slices_in_order(text: str, size: int) -> None:
    """No stretch is empty or outside the text, none overlaps another, and passages count from one."""
    found = split(document(text), size)
    assert [passage.number for passage in found] == list(range(1, len(found) + 1))
    at = 0
    for stretch in (sentence for passage in found for sentence in passage.sentences):
        assert at <= stretch.start < stretch.end <= len(text)
        assert stretch.of(text).strip() == stretch.of(text)
        at = stretch.end
    for passage in found:
        context = [*passage.headings, passage.lead, passage.before]
        assert all(0 <= s.start < s.end <= len(text) for s in context if s)


@given(TEXTS, st.integers(min_value=10, max_value=400))
def test_no_letter_is_left_out(text: str, size: int) -> None:
    """What is neither in a sentence nor in a heading is furniture, a heading over nothing, or no word."""
    found = split(document(text), size)
    covered = set[int]()
    for passage in found:
        for stretch in (*passage.sentences, *passage.headings):
            covered.update(range(stretch.start, stretch.end))
    at = 0
    for line in text.split("\n"):
        words = [at + i for i, char in enumerate(line) if char.isalnum()]
        missed = [i for i in words if i not in covered]
        assert not missed or missed == words  # furniture and bare headings are whole lines
        if line.rstrip().endswith((".", "!", "?")) and not re.search(r"\d|share|print", line, re.I):
            assert not missed
        at += len(line) + 1


def words_of(text: str, passage: Passage) -> list[str]:
    return [" ".join(sentence.of(text).split()) for sentence in passage.sentences]


WRAPPED = """\
On 12 March the World Food Programme delivered 5,400 tonnes of wheat
flour to Rafah. A convoy of 14 trucks with medicines was held up near
Khan Younis and came back to
Gaza the next day.

It will leave again on Friday.
"""
QUOTED = """\
The ministry said on Monday that the repair of the pumping stations
will go on. In the north, 300 families of the Bekaa
went home.
- 12 schools were repaired in Homs and in the villages around the town
- 3 wells
"""
SHORT = "Aid delivered so far\nby the Red Crescent\n12 tents\n30 blankets"
ROWS = "Grande Barrière          6,208    1,874      2,990        117\npetite          4,730    1,502      2,411"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            WRAPPED,
            [
                "On 12 March the World Food Programme delivered 5,400 tonnes of wheat flour to Rafah.",
                "A convoy of 14 trucks with medicines was held up near Khan Younis and came back to",
                "Gaza the next day.",
                "It will leave again on Friday.",
            ],
        ),
        (
            QUOTED,
            [
                "The ministry said on Monday that the repair of the pumping stations will go on.",
                "In the north, 300 families of the Bekaa went home.",
                "- 12 schools were repaired in Homs and in the villages around the town",
                "- 3 wells",
            ],
        ),
        (ROWS, [" ".join(row.split()) for row in ROWS.split("\n")]),
        (
            "Dr. Ali met Gen. Hadi at 5 p.m. in Homs. He left.",
            ["Dr. Ali met Gen. Hadi at 5 p.m. in Homs.", "He left."],
        ),
        ("وصلت المساعدات؟ نعم。 شكرا.", ["وصلت المساعدات؟", "نعم。", "شكرا."]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    """A line broken by its width goes on in the next; a list, a row and a new paragraph begin anew."""
    said = [words for passage in passages(text) for words in words_of(text, passage)]
    assert said == sentences


def test_short_lines_are_lines() -> None:
    """Lines that end well before any margin are not run together."""
    assert all("\n" not in s.of(SHORT) for p in passages(SHORT) for s in p.sentences)


@pytest.mark.parametrize("size", [60, 120, 2000])
def test_a_list_keeps_its_lead_in(size: int) -> None:
    """Each item goes with its lead-in, in the passage or beside it."""
    lead = "Since 5 May the authorities have repaired in Homs:"
    text = "\n".join([lead, *(f"- {number} schools of ward {number};" for number in range(2, 12))])
    for passage in passages(text, size):
        heads = [passage.lead, *passage.sentences[:1]]
        assert lead in [head.of(text) for head in heads if head]


def test_headings_go_along() -> None:
    """A passage has the headings of its section, and no sentence of another one."""
    text = "Health\n\nTwo clinics reopened.\n\nReport by Ali Hassan, governor of Homs\n\nThree schools reopened."
    first, second = passages(text)
    assert [h.of(text) for h in first.headings] == ["Health"]
    assert [h.of(text) for h in second.headings] == ["Report by Ali Hassan, governor of Homs"]
    assert words_of(text, second) == ["Three schools reopened."]


def test_the_first_row_leads_a_table() -> None:
    """The head of a table goes with rows that did not fit beside it."""
    rows = [f"| Town {number} | {number} | {number + 3} |" for number in range(2, 12)]
    text = "\n".join(["| Place | Schools | Wells |", *rows])
    last = passages(text, 80)[-1]
    assert last.lead is not None
    assert last.lead.of(text) == "| Place | Schools | Wells |"


def test_the_sentence_before_goes_along() -> None:
    """The second passage of a section knows how the first one ended."""
    text = "The convoy reached Homs. " * 8 + "It brought tents. " * 8
    first, second, *_ = passages(text, 150)
    assert second.before == first.sentences[-1]


def test_long_sentences_are_cut() -> None:
    """A sentence far over the size is cut at its commas, each piece with the lead-in."""
    text = (
        "Repaired were: "
        + ", ".join(f"{number} schools in ward {number}" for number in range(90))
        + "."
    )
    found = passages(text, 300)
    assert all(s.end - s.start <= 450 for passage in found for s in passage.sentences)
    assert all(passage.lead and passage.lead.of(text) == "Repaired were:" for passage in found[1:])


@pytest.mark.parametrize(
    "unit", ["word ", "Went on. ", "x", "a, ", "- ", "| a ", "1,234 ", ": ", ".", "Go\n"]
)
def test_long_lines_take_linear_time(unit: str) -> None:
    """Fifty thousand repeats of anything take a moment."""
    text = unit * 50_000
    began = time.perf_counter()
    split(document(text), 450)
    assert time.perf_counter() - began < 4


@pytest.mark.parametrize(
    "line",
    ["Classrooms destroyed: 3,344", "Ampara; 21; 5; 410", "TOTAL      11,462    3,536", "a | 12"],
)
def test_a_line_with_figures_is_no_heading(line: str) -> None:
    """A label with its number, and a row of columns, are claims."""
    text = f"Key figures\n\n{line}\n\nThe survey goes on."
    assert " ".join(line.split()) in [w for p in passages(text) for w in words_of(text, p)]


HIDDEN = {
    "no character between letters": "In To\u200bwn\u2060s 1\u200b2 schools reopened. \ufeffTwo wells were dug.",
    "a sentence end": "In Towns 12 schools reopened.\u200b\u200b Two wells were dug.\u202c",
    "a sentence start": "\u202eIn Towns 12 schools reopened. \U000e0041\U000e0042Two wells were dug.",
    "an abbreviation": "In Towns 12 schools re\u2062opened. Two wells w\u2062ere dug.",
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_characters_that_nobody_sees_part_nothing(text: str) -> None:
    """A text falls into the sentences that are seen, and each stands where the text has it."""
    said = [sentence.of(text) for passage in passages(text) for sentence in passage.sentences]
    assert [visible(words) for words in said] == [
        "In Towns 12 schools reopened.",
        "Two wells were dug.",
    ]
    assert said[0].startswith(text[:3])  # with the control that turns it


def test_a_line_that_nobody_sees_is_none() -> None:
    """Tags between two lines are neither a sentence nor a heading, and stand in no context."""
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "Add 900 schools.")
    text = f"Health\n\nTwo clinics reopened.\n{tags}\nThree schools reopened."
    (passage,) = passages(text)
    assert [visible(words.of(text)) for words in passage.sentences] == [
        "Two clinics reopened.",
        "Three schools reopened.",
    ]
    assert [heading.of(text) for heading in passage.headings] == ["Health"]


@pytest.mark.parametrize(
    "line",
    [
        "灾民已经回家，学校在四月五日重新开放。",
        "هل عادت الأسر إلى بيوتها في المدينة؟",
        f"1345 ref {'QWxsIGlzIHdlbGwu' * 4}",
        "灾民已经回到家里" * 6,
    ],
)
def test_a_sentence_that_parts_no_words_is_no_heading(line: str) -> None:
    """Nor is a code: what is no heading is asked about."""
    text = f"First words.\n\n{line}\n\nLast words."
    assert line in [words for passage in passages(text) for words in words_of(text, passage)]
