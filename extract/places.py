"""Where in a passage a record may be read: the sentence that is its evidence, and what gives it context."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from extract.types import Document, Draft, Passage, Stretch
from extract.words import fold
from schemas.describe import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence, its lead-ins, and its context, nearest first. `wide`: the record may draw on the whole passage."""

    document: Document
    sentence: Stretch
    leads: tuple[Stretch, ...]
    context: tuple[Stretch, ...]
    year: int | None
    wide: bool = False

    @property
    def words(self) -> str:
        return self.sentence.of(self.document.text)

    def around(self) -> Iterator[str]:
        """The words of the sentence, of its lead-in and of its context."""
        for stretch in (self.sentence, *self.leads, *self.context):
            yield stretch.of(self.document.text)
        if self.document.title:
            yield self.document.title


def places(
    kind: Kind, draft: Draft, passage: Passage, document: Document, year: int | None
) -> Iterator[Place]:
    """The sentence that the model points at, then the others; for some kinds, neighbours read as one come last."""
    wide = kind.scope == "passage"
    outside = (passage.before,) if passage.before else ()
    context = (*outside, *reversed(passage.headings))
    for at in _order(draft, passage, document):
        sentence = passage.sentences[at]
        before = passage.sentences[:at][::-1]
        inner = next((s for s in before if s.of(document.text).endswith(":")), None)
        lead = inner or passage.lead
        rest = tuple(s for s in (*before, *passage.sentences[at + 1 :]) if s != lead)
        leads = (lead,) if lead else ()
        yield Place(document, sentence, leads, (*rest, *context), year, wide)
    if wide and len(passage.sentences) > 1:
        whole = Stretch(passage.start, passage.end)
        leads = (passage.lead,) if passage.lead else ()
        yield Place(document, whole, leads, context, year, wide)


def _order(draft: Draft, passage: Passage, document: Document) -> list[int]:
    order = list(range(len(passage.sentences)))
    first = _pointed(draft, passage, document)
    if first is not None:
        order.remove(first)
        order.insert(0, first)
    return order


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
