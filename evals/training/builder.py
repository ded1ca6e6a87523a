"""How a made-up document is put together so that each record points at the sentences that say it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from schemas.crisis import Crisis

Record = dict[str, Any]
_MARKS = ("- ", "• ", "– ", "* ", "— ", "|")  # lines that stand close to the one above
KINDS = ("facilities", "aid_deliveries", "crossings", "diplomatic_events")


@dataclass(eq=False)
class Sentence:
    """One sentence, or one line of a list, and what it says.

    `records`: pairs of kind and values, nulls left out, evidence left out. `leads`: sentences that the records rest on
    too (the lead-in of a list, the heading's total): they become further evidence, in the order of the text.
    """

    text: str
    records: list[tuple[str, Record]] = field(default_factory=list)
    leads: list[Sentence] = field(default_factory=list)


@dataclass
class Section:
    """A heading, or None, and paragraphs; a paragraph is sentences, set on one line with spaces between.

    A list broken over lines is a paragraph for its lead-in and one for each item.
    """

    heading: str | None
    paragraphs: list[list[Sentence]]


@dataclass(frozen=True)
class World:
    """The names that one document draws on; all of one country and its surroundings, so that they fit together."""

    country: str
    neighbours: tuple[str, ...]
    capital: str
    provinces: tuple[str, ...]
    towns: tuple[str, ...]
    camps: tuple[str, ...]
    checkpoints: tuple[str, ...]
    agencies: tuple[str, ...]
    bodies: tuple[str, ...]  # ministries, headquarters, councils of the country
    states: tuple[str, ...]  # other states and blocs that deal with it
    people: tuple[str, ...]  # names of officials, without titles
    today: date  # the document's own date
    dated: bool  # whether the document says its date
    unit: str = "province"  # what the country calls its provinces


def assemble(
    doc_id: str, head: list[str], about: dict[str, str | None], sections: list[Section], rng: Random
) -> tuple[str, dict[str, Any]]:
    """The text and its gold by the contract. `head`: lines above the first section; `about`: title, published…"""
    gap = rng.choice(("\n", "\n\n", "\n\n"))
    tight = rng.random() < 0.75
    text = "".join(line + gap for line in head)
    spans: dict[int, dict[str, int]] = {}
    for section in sections:
        text += section.heading + gap if section.heading else ""
        for at, paragraph in enumerate(section.paragraphs):
            if tight and at and paragraph[0].text.startswith(_MARKS):
                text = text.rstrip("\n") + "\n"
            for sentence in paragraph:
                spans[id(sentence)] = {"start": len(text), "end": len(text) + len(sentence.text)}
                text += sentence.text + " "
            text = text.removesuffix(" ") + gap
    text = text.rstrip("\n") + "\n"
    sentences = [s for section in sections for p in section.paragraphs for s in p]
    return text, _gold(doc_id, text, about, sentences, spans)


def _gold(
    doc_id: str,
    text: str,
    about: dict[str, str | None],
    sentences: list[Sentence],
    spans: dict[int, dict[str, int]],
) -> dict[str, Any]:
    gold: dict[str, Any] = {
        "document": {"id": doc_id, "sha256": hashlib.sha256(text.encode()).hexdigest()} | about
    }
    gold |= {kind: [] for kind in KINDS}
    for sentence in sentences:
        evidence = sorted(
            (spans[id(s)] for s in [*sentence.leads, sentence]), key=lambda span: span["start"]
        )
        for kind, values in sentence.records:
            gold[kind].append({"evidence": evidence} | values)
    return Crisis.model_validate(gold).model_dump()
