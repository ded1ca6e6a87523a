"""Whatever is read, nothing crashes, hangs or says what the text does not: texts made of what trips readers.

A few seconds in all; `COMMUNIQUE_FUZZ=5000 python -m pytest tests/test_fuzz.py` tries so many texts for each property.
`tests/fuzz/long_lines.py` measures long lines, `tests/fuzz/guided.py` goes on by itself, guided by coverage.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from builders import CRISIS, document
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extract.addressed import visible_places
from extract.dates import find_dates, read_date, resolve, year_of
from extract.errors import ReadError, UsageError
from extract.front import front_matter
from extract.ground import ground
from extract.jsonl import append, mend, read_lines
from extract.numbers import find_numbers, plain_digits, read_number, same_number
from extract.read import FORMATS, Input, read
from extract.split import split
from extract.types import Draft, Found, Lost
from extract.words import content_words, fold

ROOT = Path(__file__).parents[1]
fuzz = settings(max_examples=int(os.environ.get("COMMUNIQUE_FUZZ", "60")), deadline=None)
thorough = settings(fuzz, max_examples=3 * fuzz.max_examples)

WORDS = """
0 1 2 5 12 31 007 300 2,156 1.234.567 1,2 1,23,456 12.5 100 000 ½ 1½ ٣ ५ ५,०६७ ²
+963 5:30 5/6 10-15 1-2-3 2021 2021-05-05 05.05.2021 $5m 5M 5kg 5th A4 № #5 no. 5%
a an one two three twenty thirty-five hundred thousand million dozen half third quarter and single both
January May may march Sept. today yesterday last night end of this year 30 February 99 May
the of in at from to through between until since Homs Nasib Rafah flour rice tonnes tons kg people
schools bridge bakery bakeries women children Syria's l'Oronte E\u0301 e\u0301 ß İ ﬁ ﷺ 漢 。 سوريا كانون
. , ; : - – — … ! ? ( ) [ ] | || # ## > * • ' ’ " “ ” _ __ / \\ & = @ % ~ ^ ` < >
Share print facebook twitter Report Delivered: were: repaired delivered entered
"""
SIGNS = "\n \n\n \t \0 \ud800 \u200b \u200d \u202e \U000e0041 \u00ad \u0301 \ufeff \x85 \u2028"
PIECES = [*WORDS.split(), *SIGNS.split(" "), "   "]
SPACED = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)
TEXTS = SPACED | st.lists(st.sampled_from([*PIECES, " "]), max_size=30).map("".join) | st.text()


def in_order(spans: list[tuple[int, int]], text: str) -> bool:
    """Whether none is empty or outside the text, and none overlaps the one before."""
    inside = all(0 <= start < end <= len(text) for start, end in spans)
    return inside and all(first[1] <= second[0] for first, second in pairwise(spans))


SCALES = (1, 12, 100, 10**3, 10**5, 10**6, 10**7, 10**9, 10**12)


@thorough
@given(TEXTS)
def test_numbers_are_stretches_that_read_the_same_alone(text: str) -> None:
    """Numbers stand in the text in order; what stands there is that number again, save what neighbours make of it."""
    numbers = find_numbers(text)
    assert in_order([(number.start, number.end) for number in numbers], text)
    for number in numbers:
        words = text[number.start : number.end]
        assert math.isfinite(number.value)
        if number.article or re.search(r"\dm\b", words, re.I):
            continue  # an "a" takes a noun behind it, and the "m" of millions what is counted
        (again,) = find_numbers(words)
        # The lower bound of a range takes the scale of the upper one.
        assert any(same_number(again.value * scale, number.value) for scale in SCALES)
    read_number(text)


@thorough
@given(TEXTS)
def test_plain_digits_change_no_number(text: str) -> None:
    """Without thousands separators only separators are gone."""
    plain = plain_digits(text)
    kept = iter(text)
    assert all(char in kept for char in plain)  # what is left stands in the text, in order
    assert sum(map(str.isalnum, plain)) == sum(map(str.isalnum, text))


@thorough
@given(TEXTS, st.none() | st.integers(1, 9999), st.sampled_from([None, "2021", "2021-05-30"]))
def test_dates_are_stretches_of_the_text(
    text: str, year: int | None, published: str | None
) -> None:
    """Dates stand in the text in order; what a day resolves to is borne out by it."""
    dates = find_dates(text)
    assert in_order([(date.start, date.end) for date in dates], text)
    for date in dates:
        iso = resolve(date, year, published)
        assert iso is None or read_date(iso, [date], year, published) == iso
    assert read_date(text, dates, year, published) is None or dates
    year_of(text, published)
    front_matter(text)


@fuzz
@given(TEXTS, TEXTS)
def test_words_that_are_found_stand_there(text: str, words: str) -> None:
    """Where words are found, what stands there folds to them."""
    spans = fold(text).find(words)
    assert in_order(spans, text)
    for start, end in spans:
        assert content_words(text[start:end]) == content_words(words.strip())
    fold(text).find(words, inflected=True)


@fuzz
@given(TEXTS, st.sampled_from([40, 450, 1500]))
def test_no_character_is_split_off(text: str, size: int) -> None:
    """Of each line all that is seen stands in one sentence or heading, or none of it."""
    passages = split(document(text), size)
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    assert in_order([(sentence.start, sentence.end) for sentence in sentences], text)
    held = {at for s in sentences for at in range(s.start, s.end)}
    held |= {at for p in passages for h in p.headings for at in range(h.start, h.end)}
    seen, start = {*visible_places(text)}, 0
    for line in text.split("\n"):
        ink = {
            at for at in range(start, start + len(line)) if at in seen and not text[at].isspace()
        }
        assert ink <= held or not ink & held
        start += len(line) + 1


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([1, 2, 5, 12, 300, 2156, 10**400])
    | st.floats()
    | st.sampled_from([*PIECES, "2021-05-05", "2021-05-05/2021-05-06", "9" * 5000])
    | SPACED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=1),
    max_leaves=4,
)
CLAIMS: dict[str, tuple[str, dict[str, Any]]] = {
    "facilities": (
        "repaired {} schools in {} settlements of Homs",
        {"facility_type": "school", "status": "restored", "name": "schools", "place": "Homs"},
    ),
    "aid_deliveries": (
        "brought {} kg of flour and {} sets to Rafah",
        {"category": "food", "status": "delivered", "item": "flour", "place": "Rafah"},
    ),
    "crossings": (
        "{} people and {} children came through Nasib",
        {"population": "refugees", "status": "completed", "checkpoints": ["Nasib"]},
    ),
    "diplomatic_events": (
        "{} of {} met in Homs",
        {"event_type": "meeting", "status": "held", "participants": ["Homs"]},
    ),
}
"""Words that bear a record out, with room for two numbers, and what such a record says."""
SOUP = st.lists(st.sampled_from([*PIECES, *map(str, range(9))]), max_size=9).map(" ".join)


@st.composite
def told(draw: st.DrawFn) -> tuple[str, Draft]:
    """A text with a claim in it, and a record as a model may draw from it, with some values wrong."""
    kind = draw(st.sampled_from(CRISIS.kinds))
    claim, values = CLAIMS[kind.name]
    numbers = st.sampled_from(["2", "5", "12", "300", "a", "two", "2 hundred", "1,200", "7-9"])
    claim = claim.format(draw(numbers), draw(numbers))
    text = f"{draw(SOUP)} {claim}{draw(st.sampled_from(' .,;:'))} {draw(SOUP)}"
    counted = [field.name for field in kind.fields if field.ground == "number"]
    names = st.sampled_from([field.name for field in kind.fields])
    values = values | draw(st.dictionaries(names, VALUES, max_size=1))
    if counted:
        counts = st.sampled_from([*2 * [n.value for n in find_numbers(text)], 1, 3, 10**400])
        values |= draw(st.dictionaries(st.sampled_from(counted), counts, min_size=1, max_size=3))
    pointer = draw(st.none() | st.integers(-1, 9)), draw(st.none() | SOUP)
    return text, Draft(kind.name, values, *pointer)


FACTORS = (1, 0.001, 0.1, 1000, 10)  # kilograms, quintals and tonnes


@thorough
@given(told(), st.sampled_from([60, 450]))
@example(("Twelve came.", Draft("crossings", {"people": 10**400})), 450)
def test_a_record_has_its_numbers_in_its_evidence(said: tuple[str, Draft], size: int) -> None:
    """Any record is found or lost; a number of a found one stands in its evidence or counts a thing in the singular."""
    text, draft = said
    article = document(text, published="2021-05-30")
    kind = CRISIS.kind(draft.kind)
    for passage in split(article, size):
        record = ground(kind, draft, passage, article, 2021)
        assert isinstance(record, Found | Lost)
        if isinstance(record, Lost):
            assert record.reason
            continue
        assert all(in_order([(s.start, s.end)], text) for s in record.evidence)
        assert [*record.evidence] == sorted({*record.evidence}, key=lambda s: s.start)
        for field in (f for f in kind.fields if f.ground == "number" and f.name in record.values):
            value = record.values[field.name]
            held = [n.value for s in record.evidence for n in find_numbers(s.of(text))]
            stands = any(same_number(value, number * by) for number in held for by in FACTORS)
            assert stands or (field.fact.counts and value == 1)


LINES = st.lists(
    st.dictionaries(st.text(), st.integers() | st.text() | st.none() | st.lists(st.text())),
    max_size=5,
)
ODD = b'{ } [ ] "a" : , 1 NaN \n \r \0 \xff \xef\xbb\xbf \x85'.split(b" ")


@fuzz
@given(
    st.binary()
    | st.lists(st.sampled_from([*ODD, b'{"a": 1}\n']), max_size=20).map(b"".join)
    | st.sampled_from(ODD).map(lambda sign: b'{"a":' + sign * 10**5 + b"}\n")
)
@example(b"[" * 10**5)
def test_any_bytes_are_lines_or_refused(data: bytes) -> None:
    """A file of any bytes gives objects, or one line that says where it is damaged."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any.jsonl")
        path.write_bytes(data)
        with suppress(UsageError):
            assert all(isinstance(line, dict) for line in read_lines(path))


@fuzz
@given(LINES, st.data())
def test_a_torn_file_keeps_its_whole_lines(
    lines: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Cut anywhere, a file has after mending the lines that were whole, and takes others."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "torn.jsonl")
        path.touch()
        append(path, lines, sync=False)
        whole = path.read_bytes()
        cut = whole[: data.draw(st.integers(0, len(whole)))]
        path.write_bytes(cut)
        mend(path)
        append(path, [{"last": True}], sync=False)
        assert list(read_lines(path)) == [*lines[: cut.count(b"\n")], {"last": True}]


PARTS = {
    ".pdf": b"%PDF-1.7 \n 1_0_obj endobj << >> /Type /Pages /Kids [1_0_R] /Count_1 stream endstream xref trailer "
    b"/Root_1_0_R %%EOF",
    ".docx": b"PK\3\4 PK\1\2 PK\5\6 \0\0\0\0 word/document.xml [Content_Types].xml \x14\0 <w:p> <w:t>",
    ".html": b"<html> <body> <p> </p> <div> </div> <table> <td> <!-- --> <![CDATA[ ]]> <script> &#0; &#xd800; "
    b"&amp <a_href= <meta_charset=utf-7> \xff\xfe < > Three_schools 12",
}  # fmt: skip


@fuzz
@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_file_of_fragments_is_read_or_refused(suffix: str, data: st.DataObject) -> None:
    """Fragments of its format in any order: a document that can be written and split, or a refusal."""
    words = PARTS.get(suffix, PARTS[".html"]).split(b" ")
    parts = [word.replace(b"_", b" ") for word in words]
    fragments = st.lists(st.sampled_from(parts) | st.binary(max_size=9), max_size=30)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"any{suffix}")
        path.write_bytes(data.draw(fragments.map(b"".join)))
        with suppress(ReadError):
            found = read(Input("any", path))
            json.dumps(found.text, ensure_ascii=False).encode()
            for passage in split(found, 450):
                assert 0 <= passage.start < passage.end <= len(found.text)


def test_no_long_line_hangs() -> None:
    """Lines of one sign, of digits, of names without end are read in time that grows no faster than they."""
    ended = subprocess.run(
        [sys.executable, "tests/fuzz/long_lines.py", "100000"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) > 300
