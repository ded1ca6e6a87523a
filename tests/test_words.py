"""Words are found as the text writes them, and the spans point into the text as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.words import content_words, fold, stands_in

FOUND = [
    ("Daraa", "in Dar'a’a town", "Dar'a’a"),
    ("al-Hasakah", "near Al Ḥasakah.", "Al Ḥasakah"),
    ("Deir ez-Zor", "to Deir  ez–Zor", "Deir  ez–Zor"),
    ("Zaatari", "the Zaʿatari camp", "Zaʿatari"),
    ("7000 sets", "gave 7,000 sets", "7,000 sets"),
    ("7,000 sets", "gave 7000 sets", "7000 sets"),
    ("Syria", "Syria's envoy", "Syria"),
    ("Oronte", "sur l’Oronte", "Oronte"),
    ("STRASSE", "die Straße", "Straße"),
    ("école", "une e\u0301cole", "e\u0301cole"),
    ("بيروت", "في بيروت اليوم", "بيروت"),
    ("मदद", "यह मदद है", "मदद"),
    ("北京", "在北京会谈", "北京"),
    ("Алеппо", "в АЛЕППО.", "АЛЕППО"),
]


@pytest.mark.parametrize(("words", "text", "span"), FOUND)
def test_words_are_found_as_written(words: str, text: str, span: str) -> None:
    """Case, accents, quotes, dashes, spaces and separators make no difference."""
    assert [text[start:end] for start, end in fold(text).find(words)] == [span]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        *(("Dara", "in Daraya"), ("well", "wells"), ("400", "5,400"), ("Ham", "Hama"), ("a", "")),
        *(("", "text"), ("...", "text..."), ("s", "Straße"), ("बच", "बच्चा")),
    ],
)
def test_parts_of_words_are_not_found(words: str, text: str) -> None:
    """Words stand on word boundaries or they do not stand there."""
    assert not stands_in(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("bakery", "two bakeries"),
        ("wells", "a well"),
        ("water pump", "water-pumps"),
        ("churches", "a church"),
        ("school", "schools"),
        ("houses", "the house"),
    ],
)
def test_singular_and_plural_are_found_when_asked(words: str, text: str) -> None:
    """The number of a noun makes no difference where the caller says so."""
    assert stands_in(words, text, inflected=True)
    assert not stands_in(words, text)


def test_an_inflected_word_is_still_whole() -> None:
    """A plural is no licence to find part of another word."""
    assert not stands_in("well", "wellness", inflected=True)


def test_find_keeps_to_the_stretch() -> None:
    """Only words that lie wholly within start and end are found."""
    text = "Homs, Ḥoms and Homs"
    assert fold(text).find("homs", 4, 10) == [(6, 10)]
    assert fold(text).find("homs", 4, 9) == []


def test_content_words() -> None:
    """Function words and numbers fall away."""
    text = "The 149 residential buildings and two schools in Dar'a"
    assert content_words(text) == ("residential", "buildings", "schools", "dara")


@pytest.mark.parametrize("piece", ["1", ",", "1,", "111,", " ", "é", "-", "x"])
def test_a_long_line_is_folded_to_the_end(piece: str) -> None:
    """However long a line of one thing is, the words behind it are found."""
    text = piece * (100_000 // len(piece)) + " Homs"
    assert fold(text).find("homs") == [(len(text) - 4, len(text))]


TEXTS = st.text() | st.text("abAé e\u0301'’-–1,0 2ßsʿ\u00a0ﬁ가कि")


@given(TEXTS)
def test_offsets_run_along_the_text(text: str) -> None:
    """Each folded character comes from a place in the text, in order."""
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)
    pairs = zip(folded.starts, folded.ends, strict=True)
    assert all(0 <= start < end <= len(text) for start, end in pairs)


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_found_folds_to_what_was_sought(before: str, words: str, after: str) -> None:
    """The text at a span that was found folds to the folded words."""
    text = f"{before} {words} {after}"
    for start, end in fold(text).find(words):
        assert fold(text[start:end]).text.strip() == fold(words).text.strip()
