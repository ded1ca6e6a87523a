"""The vocabulary: what each step takes and gives. Offsets are Unicode code points into `Document.text`."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]
"""The fields of one record by name."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was read, and what is known of it. `pages`: offset at which each page starts, if it has pages."""

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    pages: tuple[int, ...] = ()
    source: str = ""

    @property
    def sha256(self) -> str:
        """Of the UTF-8 bytes of the text, lower-case hex."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def page_at(self, offset: int) -> int | None:
        """The page, from 1, that holds the offset; None where the format has no pages."""
        return bisect_right(self.pages, offset) if self.pages else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the text: `text[start:end]`, never empty."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words that it points at."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Passage:
    """What one request asks about: sentences of the text, and the stretches that give their context."""

    number: int
    sentences: tuple[Stretch, ...]
    headings: tuple[Stretch, ...] = ()
    lead: Stretch | None = None
    before: Stretch | None = None

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end


@dataclass(frozen=True, slots=True)
class Draft:
    """One record as the model wrote it, not yet checked. `sentence`: from 1, in its passage."""

    kind: str
    values: Values
    sentence: int | None = None
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A record that the text bears out, and the side values that it does not."""

    kind: str
    values: Values
    evidence: tuple[Stretch, ...]
    dropped: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """What the model said and the text does not bear out. `field` is None where the whole record fell."""

    kind: str
    values: Values
    reason: str
    passage: int
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request; `cached` are those of `prompt` that the server had already seen."""

    prompt: int = 0
    cached: int = 0
    output: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt, self.cached + other.cached, self.output + other.output
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said of one passage. `attempts`: requests made for it, re-asks and retries among them.

    `retries`: requests that went out again because the endpoint failed, not the answer.
    `answered_by`: the name that the endpoint gave, where it is another than the one that was asked.
    `cost`: dollars, None where nobody knows the price.
    """

    drafts: tuple[Draft, ...]
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    attempts: int = 1
    retries: int = 0
    answered_by: str | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a reviewer should look at: record `record`, from 0, of its kind; None: the document itself."""

    kind: str
    record: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A passage that got no usable answer."""

    passage: int
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one document yielded. `gaps`: passages that failed; the records of the others are kept."""

    document: Document
    records: tuple[Found, ...]
    lost: tuple[Lost, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    gaps: tuple[Gap, ...] = ()
