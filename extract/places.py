"""Where in a passage a record may be read: the sentence that is its evidence, and what gives it context."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from extract.types import Document, Draft, Passage, Stretch
from extract.words import fold
from schemas.describe import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence and its lead-ins. `at`: its number in the passage, from 0; None: it is the whole passage.

    `wide`: the record may draw on the whole passage.
    """

    document: Document
    passage: Passage
    at: int | None
    sentence: Stretch
    leads: tuple[Stretch, ...]
    year: int | None
    wide: bool = False

    @property
    def words(self) -> str:
        return self.sentence.of(self.document.text)

    def context(self) -> Iterator[Stretch]:
        """What else the record may be read by, nearest first."""
        if self.at is not None:
            sentences = self.passage.sentences
            yield from (s for s in reversed(sentences[: self.at]) if s not in self.leads)
            yield from (s for s in sentences[self.at + 1 :] if s not in self.leads)
        if self.passage.before:
            yield self.passage.before
        yield from reversed(self.passage.headings)

    def around(self) -> Iterator[str]:
        """The words of the sentence, of its lead-in and of its context."""
        for stretch in chain((self.sentence, *self.leads), self.context()):
            yield stretch.of(self.document.text)
        if self.document.title:
            yield self.document.title


def places(
    kind: Kind, draft: Draft, passage: Passage, document: Document, year: int | None
) -> Iterator[Place]:
    """The sentence that the model points at, then the others; for some kinds, neighbours read as one come last."""
    wide = kind.scope == "passage"
    for at in _order(draft, passage, document):
        lead = _inner_lead(passage, at, document.text) or passage.lead
        leads = (lead,) if lead else ()
        yield Place(document, passage, at, passage.sentences[at], leads, year, wide)
    if wide and len(passage.sentences) > 1:
        whole = Stretch(passage.start, passage.end)
        leads = (passage.lead,) if passage.lead else ()
        yield Place(document, passage, None, whole, leads, year, wide)


def _inner_lead(passage: Passage, at: int, text: str) -> Stretch | None:
    """The last sentence before, of those of the passage, that leads in what follows."""
    before = reversed(passage.sentences[:at])
    return next((sentence for sentence in before if text[sentence.end - 1] == ":"), None)


def _order(draft: Draft, passage: Passage, document: Document) -> Iterator[int]:
    first = _pointed(draft, passage, document)
    if first is not None:
        yield first
    yield from (at for at in range(len(passage.sentences)) if at != first)


def _pointed(draft: Draft, passage: Passage, document: Document) -> int | None:
    if draft.quote:
        if (at := _verbatim(draft.quote, passage, document)) is not None:
            return at
        for at, sentence in enumerate(passage.sentences):
            if fold(sentence.of(document.text)).find(draft.quote):
                return at
    if draft.sentence and 1 <= draft.sentence <= len(passage.sentences):
        return draft.sentence - 1
    return None


def _verbatim(quote: str, passage: Passage, document: Document) -> int | None:
    """The sentence that holds the quote to the letter, as most do; what else is said of it takes far longer to find."""
    start = document.text.find(quote, passage.start, passage.end)
    if start < 0:
        return None
    at = bisect_right(passage.sentences, start, key=lambda sentence: sentence.start) - 1
    found = fold(passage.sentences[at].of(document.text)).find(quote)
    return at if found else None
