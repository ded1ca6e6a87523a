"""Split a document into passages small enough for one request, each with the context that its claims lean on.

A list stays with its lead-in: where it is too long for one passage, the lead-in goes along as `Passage.lead`. Headings
and the sentence before go along too, since they carry places, dates and totals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from extract.addressed import visible, visible_places
from extract.numbers import find_numbers
from extract.types import Document, Passage, Stretch

_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'»”’)\]]*+(?=\s)|[。！？؟۔]+")
_INK = re.compile(r"\S")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Mrs?|Ms|Drs?|Prof|Gen|Col|Maj|Capt|Lt|Sgt|Adm|Gov|Sen|Rep|Hon|St|Nos?|Fig|Art|vs|etc|"
    r"approx|incl|e\.g|i\.e|a\.m|p\.m|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|U\.S|U\.N|H\.E)\.$"
)
_BULLET = re.compile(r"(?:[-–—•*▪●◦·‣]|\(?[a-z0-9]{1,2}[).])\s")
_ROW = re.compile(r"\S\s*\|\s*\S|\t")
_SPEAKER = re.compile(
    r"(?:report|speech|statement|address|remarks|briefing)\s+(?:by|of|from)\b", re.I
)
_RULER = re.compile(r"[\W_]*")
_NETWORK = r"(?:facebook|twitter|instagram|youtube|vkontakte|whatsapp|telegram)"
_FURNITURE = re.compile(
    r"post this |share (?:this|on)\b|rate (?:the|this)\b|[\d\s]+$|home\s*[<>»/|]|\w+=\w+|"
    r"(?:print|back to top|read more|subscribe|related)\b.{0,30}$",
    re.I,
)
_WITHIN_FURNITURE = re.compile(
    rf"(?=[sftiyvwnc])(?:site ?map|{_NETWORK}\W++(?:\w*?{_NETWORK}|\w++\W++{_NETWORK})|not voted|cookie)",
    re.I,  # what it can begin with is said first: most characters then need one look, not a dozen
)
_COLUMNS = re.compile(rf"{_ROW.pattern}|\S {{3,}}\S")
_LABELLED = re.compile(r"[:;]\s")  # "Classrooms destroyed: 3,344" is a claim
_MARKED = re.compile(r"[#>]|\d+[.)]\s")
WRAPPED_AT_LEAST, WRAPPED_AT_MOST = 45, 110  # characters of a line that was broken by width
RAGGED = 15
HEADING_WORDS = 14
LONGEST_WORD = 40  # characters, of a heading's; longer are codes, and sentences that part no words
_NO_HEADING_ENDS = ".!?;:,…。！？；：，、؟؛،۔।"
LONGEST_HEADING = 300  # characters; a speaker's name and offices may be long
LONGEST_LEAD = 2000  # characters; each passage of a list carries its lead-in
TITLE_WORDS = 6  # a heading of so many words may itself make a claim


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, a list item or a table row; `opens`: it begins a paragraph of its own."""

    stretch: Stretch
    lead: Stretch | None = None
    opens: bool = False


@dataclass(slots=True)
class _Section:
    headings: tuple[Stretch, ...]
    units: list[_Unit] = field(default_factory=list)


def split(document: Document, size: int) -> list[Passage]:
    """The passages of a document, in order; `size` in characters, exceeded only by a single sentence or item.

    Characters that nobody sees part no sentences and count for nothing.
    """
    seen = visible(document.text)
    if seen == document.text:
        return _split(document, size)
    places = visible_places(document.text)
    return [_placed(passage, places) for passage in _split(replace(document, text=seen), size)]


def _placed(passage: Passage, places: list[int]) -> Passage:
    """The passage with its stretches where they stand in a text that `places` are taken from."""

    def of(stretch: Stretch) -> Stretch:
        # with what is hidden before it: a control of direction turns all that follows
        start = places[stretch.start - 1] + 1 if stretch.start else 0
        return Stretch(start, places[stretch.end - 1] + 1)

    return replace(
        passage,
        sentences=tuple(map(of, passage.sentences)),
        headings=tuple(map(of, passage.headings)),
        lead=passage.lead and of(passage.lead),
        before=passage.before and of(passage.before),
    )


def _split(document: Document, size: int) -> list[Passage]:
    passages: list[Passage] = []
    for section in _sections(document, size):
        previous: Stretch | None = None
        for units in _packed(section.units, size):
            passages.append(
                Passage(
                    number=len(passages) + 1,
                    sentences=tuple(unit.stretch for unit in units),
                    headings=section.headings,
                    lead=_lead_outside(units),
                    before=None if previous == units[0].lead else previous,
                )
            )
            previous = units[-1].stretch
    return passages


def _lead_outside(units: list[_Unit]) -> Stretch | None:
    lead = units[0].lead
    return None if lead is None or any(lead == unit.stretch for unit in units) else lead


def _lines(text: str) -> Iterator[Stretch]:
    """The lines of the text; those that a reader or a mail program broke by width are one again."""
    for block in _blocks(text):
        width = max(line.end - line.start for line in block)
        pairs = [(a.of(text), b.of(text)) for a, b in pairwise(block)]
        broken = [_breaks_off(a, b, width) for a, b in pairs]
        prose = any(off and b[0].islower() for off, (_, b) in zip(broken, pairs, strict=True))
        start = block[0].start
        for (line, following), off in zip(pairwise(block), broken, strict=True):
            if not (off and prose):
                yield Stretch(start, line.end)
                start = following.start
        yield Stretch(start, block[-1].end)


def _blocks(text: str) -> Iterator[list[Stretch]]:
    """Lines with no empty line or ruler between them."""
    at, block = 0, list[Stretch]()
    for line in text.split("\n"):
        bare = line.strip()
        if bare and not _RULER.fullmatch(bare):
            start = at + line.index(bare)
            block.append(Stretch(start, start + len(bare)))
        elif block:
            yield block
            block = []
        at += len(line) + 1
    if block:
        yield block


def _breaks_off(line: str, following: str, width: int) -> bool:
    """Whether a line may end only because the next word did not fit in."""
    if width > WRAPPED_AT_MOST or len(line) < WRAPPED_AT_LEAST or line[-1] in ".!?…:;":
        return False
    if any(mark.match(following) for mark in (_BULLET, _SPEAKER, _MARKED)) or line[0] == "#":
        return False
    if any(_COLUMNS.search(words) or _is_furniture(words) for words in (line, following)):
        return False
    return width - len(line) - len(following.split(maxsplit=1)[0]) <= RAGGED


def _is_furniture(line: str) -> bool:
    return bool(_FURNITURE.match(line) or _WITHIN_FURNITURE.search(line))


def _sections(document: Document, size: int) -> list[_Section]:
    text = document.text
    sections = [_Section(())]
    last_was_heading = False
    lead: Stretch | None = None
    for line in _lines(text):
        words = line.of(text)
        if _is_furniture(words):
            continue
        item = bool(_BULLET.match(words) or _ROW.search(words)) or lead is not None
        if _is_heading(words) and not (item and lead):
            stacked = sections[-1].headings if last_was_heading else ()
            sections.append(_Section((*stacked[-1:], line)))
            if len(words.split()) >= TITLE_WORDS and not _SPEAKER.match(words):
                sections[-1].units.append(_Unit(line, None, True))
            last_was_heading, lead = True, None
            continue
        last_was_heading = False
        units = list(_units(text, line, lead, size))
        sections[-1].units.extend(units)
        heads = line if line.end - line.start <= LONGEST_LEAD else units[-1].stretch
        lead = _next_lead(text, units[-1].stretch, heads, lead)
    return [section for section in sections if section.units]


def _next_lead(text: str, last: Stretch, line: Stretch, lead: Stretch | None) -> Stretch | None:
    """The lead-in of the lines that follow: a line that ends in a colon opens a list, a full stop closes it."""
    words = last.of(text)
    if words.endswith(":"):
        return last
    if _ROW.search(line.of(text)):
        return lead or line  # the first row of a table heads the others
    if words.endswith((",", ";")):
        if lead is None and (colon := words.find(": ")) > 0:
            return Stretch(last.start, last.start + colon + 1)
        return lead
    return lead if _BULLET.match(line.of(text)) else None


def _is_heading(words: str) -> bool:
    if len(words) > LONGEST_HEADING:
        return False
    if words.startswith("#"):
        return True
    if _SPEAKER.match(words):
        return len(list(_END.finditer(words.rstrip(".") + " "))) == 0
    if _BULLET.match(words) and not re.match(r"\d", words):
        return False
    if _COLUMNS.search(words) or (_LABELLED.search(words) and find_numbers(words)):
        return False
    if words[-1] in _NO_HEADING_ENDS or not words[0].isalnum():
        return False
    if any(len(word) > LONGEST_WORD for word in words.split()):
        return False
    return len(words.split()) <= HEADING_WORDS and not words[0].islower()


def _units(text: str, line: Stretch, lead: Stretch | None, size: int) -> Iterator[_Unit]:
    opens = True
    for sentence in sentences(text, line):
        inner = lead
        for piece, head in _pieces(text, sentence, size):
            yield _Unit(piece, head or inner, opens)
            opens = False
        if sentence.of(text).endswith(":"):
            lead = piece


def sentences(text: str, line: Stretch) -> Iterator[Stretch]:
    """The sentences of one line."""
    start = line.start
    for stop in _END.finditer(text, line.start, line.end):
        if stop.end() >= line.end or _ABBREVIATION.search(
            text[max(start, stop.end() - 12) : stop.end()]
        ):
            continue
        following = _INK.search(text, stop.end(), line.end)
        if following is None or following[0].islower():
            continue
        yield Stretch(start, stop.end())
        start = following.start()
    yield Stretch(start, line.end)


def _pieces(text: str, sentence: Stretch, size: int) -> Iterator[tuple[Stretch, Stretch | None]]:
    """A sentence whole, or one that is too long cut at its commas and semicolons, each piece with its lead-in."""
    if sentence.end - sentence.start <= size * 1.5:
        yield sentence, None
        return
    colon = text.find(": ", sentence.start, min(sentence.end, sentence.start + LONGEST_LEAD))
    head = Stretch(sentence.start, colon + 1) if colon > 0 else None
    start = sentence.start
    while sentence.end - start > size:
        cut = max(text.rfind(mark, start + size // 3, start + size) for mark in ("; ", ", "))
        if cut < 0:
            cut = text.rfind(" ", start + 1, start + size)
        if cut < 0:
            cut = start + size - 1
        end = start + len(text[start : cut + 1].rstrip())
        yield Stretch(start, end), head if head and start > head.start else None
        following = _INK.search(text, cut + 1, sentence.end)
        start = following.start() if following else sentence.end
    if start < sentence.end:
        yield Stretch(start, sentence.end), head if head and start > head.start else None


def _packed(units: list[_Unit], size: int) -> Iterator[list[_Unit]]:
    """Units that go into one request: of one list, of one paragraph, or of short paragraphs together."""
    pack: list[_Unit] = []
    for unit in units:
        if pack:
            length = unit.stretch.end - pack[0].stretch.start
            limit = size * 0.6 if unit.opens and unit.lead is None else size
            if length > limit or (pack[0].lead and unit.lead != pack[0].lead):
                yield pack
                pack = []
        pack.append(unit)
    if pack:
        yield pack
