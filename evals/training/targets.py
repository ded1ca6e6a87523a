"""From labelled documents to what a model is trained on: the prompt of each passage, and the answer it should give.

    python -m evals.training.targets --made 4000 --seed 1 --written evals/training/written -o FILE.jsonl

A line is `{"messages": [...], "answer": "...", "source": "made" | "written"}`. An answer holds only what the project's
own grounding lets through, so that the model is never taught to write what would be lost.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from evals.quotes import to_gold
from evals.training.compose import document as made_document
from extract.dates import find_dates, resolve, year_of
from extract.ground import ground
from extract.profile import ADAPTED
from extract.prompt import lean_values, messages
from extract.split import split
from extract.types import Document, Draft, Found, Passage, Values
from schemas.crisis import Crisis
from schemas.describe import Kind, Schema
from schemas.field import Grounding
from schemas.load import load

SIZES = (300, 450, 600, 600, 600, 800)  # characters of a passage; 600 is what the profile asks with
WRITTEN_WEIGHT = 4  # what people wrote is seen so many times, each time split anew


def pairs(schema: Schema, text: str, gold: dict[str, Any], size: int) -> Iterator[dict[str, Any]]:
    """The prompt and the answer of every passage of a document."""
    about = gold["document"]
    document = Document(
        id=about["id"],
        text=text,
        title=about.get("title"),
        published=about.get("published"),
        publisher=about.get("publisher"),
    )
    year = year_of(text, document.published)
    for passage in split(document, size):
        answer = _answer(schema, document, passage, gold, year)
        yield {
            "messages": messages(schema, ADAPTED, document, passage),
            "answer": json.dumps(answer, ensure_ascii=False, separators=(",", ":")),
        }


def _answer(
    schema: Schema, document: Document, passage: Passage, gold: dict[str, Any], year: int | None
) -> dict[str, list[Values]]:
    sentences = [s.of(document.text) for s in passage.sentences]
    answer: dict[str, list[Values]] = {}
    for kind in schema.kinds:
        placed = []
        for record in gold[kind.name]:
            values = {f.name: v for f in kind.fields if (v := record[f.name]) not in (None, [])}
            if (at := _stands_at(kind, values, record, passage, document, year)) is not None:
                placed.append((at, _position(sentences[at[0] - 1], values), at[1]))
        for at, _, values in sorted(placed, key=lambda p: (p[0][0], p[1])):
            lean = lean_values(kind, ADAPTED, values, sentences, at[0])
            answer.setdefault(kind.name, []).append(lean)
    return answer


def _position(sentence: str, values: Values) -> int:
    """Where in its sentence a record begins, by the first of its words found there."""
    found = [sentence.find(v) for v in values.values() if isinstance(v, str)]
    return min((at for at in found if at >= 0), default=0)


def _stands_at(
    kind: Kind,
    values: Values,
    record: Values,
    passage: Passage,
    document: Document,
    year: int | None,
) -> tuple[int, Values] | None:
    """The sentence, from 1, of the passage that says the record, and its values as the model is to write them."""
    for at, sentence in enumerate(passage.sentences, 1):
        spans = record["evidence"]
        if not any(s["start"] < sentence.end and sentence.start < s["end"] for s in spans):
            continue
        only = Draft(kind.name, values, sentence=at)
        found = ground(kind, only, passage, document, year)
        if isinstance(found, Found) and sentence in found.evidence:
            return at, _as_written(kind, found.values, passage, document, year)
    return None


def _as_written(
    kind: Kind, values: Values, passage: Passage, document: Document, year: int | None
) -> Values:
    """Dates as the text has them; without what follows from the rest by the schema's own rules."""
    lean = dict(values)
    for field in kind.fields:
        if field.ground is Grounding.DATE and field.name in lean:
            lean[field.name] = _date_in_text(lean[field.name], passage, document, year)
    complete = getattr(kind.model, "complete", None)
    if complete is None:
        return lean
    for names in (("tonnes",), ("quantity", "unit")):
        rest = {name: value for name, value in lean.items() if name not in names}
        if complete(rest) == complete(lean):
            lean = rest
    return lean


def _date_in_text(iso: str, passage: Passage, document: Document, year: int | None) -> str:
    context = [*passage.sentences, passage.lead, passage.before, *reversed(passage.headings)]
    for stretch in context:
        words = stretch.of(document.text) if stretch else ""
        for mention in find_dates(words):
            if resolve(mention, year, document.published) == iso:
                return words[mention.start : mention.end]
    return iso


def corpus(schema: Schema, made: int, seed: int, written: Path | None) -> Iterator[dict[str, Any]]:
    """Everything to train on, made-up documents first."""
    rng = Random(seed)  # noqa: S311  # variety, not secrecy
    for index in range(made):
        text, gold = made_document(seed, index)
        for pair in pairs(schema, text, gold, rng.choice(SIZES)):
            yield pair | {"source": "made"}
    for labels in sorted(written.glob("*.labels.json")) if written else ():
        name = labels.name.removesuffix(".labels.json")
        text = labels.with_name(f"{name}.txt").read_text("utf-8")
        gold = to_gold(name, text, json.loads(labels.read_text("utf-8")))
        for _ in range(WRITTEN_WEIGHT):
            for pair in pairs(schema, text, gold, rng.choice(SIZES)):
                yield pair | {"source": "written"}


def main() -> None:
    """Write the training file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--made", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--written", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args()
    schema = load("crisis")
    assert schema.model is Crisis
    with asked.output.open("w", encoding="utf-8") as file:
        for pair in corpus(schema, asked.made, asked.seed, asked.written):
            file.write(json.dumps(pair, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
