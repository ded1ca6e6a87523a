"""How fast claims are found, against LangExtract's aligner: python -m evals.benchmarks.grounding VENV/bin/python

For texts of 1,000 to 20,000 tokens with 20 claims each, at random: characters of text a second of processor time. Ours
splits the text and grounds 20 records (number, noun, sentence), as after an answer; theirs tokenises it and aligns 20
phrases of six tokens. Both are told true claims, and then claims whose number is changed and which are to be refused:
printed is how many were located.
VENV is an environment with `langextract`.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

from extract.ground import ground
from extract.split import split
from extract.types import Document, Draft, Found
from schemas.load import load

RUNNER = Path(__file__).parent / "peers" / "langextract_align.py"
TOKENS = (1_000, 5_000, 20_000)
CLAIMS = 20
NOUNS = ("schools", "bakeries", "hospitals", "bridges", "power stations", "water pumps", "mosques")
TOWNS = ("Tarvo", "Belmin", "Corrad", "Delgate", "Estrin", "Falmer", "Gorvin", "Hadley", "Istova")
SENTENCE = (
    "A total of {number:,} {noun} of the town of {town} were repaired and opened again {when}."
)
WHENS = ("on Monday", "after the floods", "by the province's engineers", "with money of the fund")
PER_SENTENCE = 16  # tokens, about
KIND = load("crisis").kind("facilities")
Claim = tuple[str, str, int]
"""The noun, the town and the number that a sentence tells."""


def made(tokens: int, rng: random.Random) -> tuple[str, list[Claim]]:
    """A text of about so many tokens, and what its sentences claim. No number occurs twice."""
    numbers = rng.sample(range(1_000, 9_000_000), tokens // PER_SENTENCE)
    claims = [(rng.choice(NOUNS), rng.choice(TOWNS), number) for number in numbers]
    said = [
        SENTENCE.format(noun=noun, town=town, number=number, when=rng.choice(WHENS))
        for noun, town, number in claims
    ]
    return " ".join(said), claims


def best(text: str, claims: list[Claim]) -> tuple[float, int]:
    """The fastest of three, as of theirs."""
    return min(ours(text, claims) for _ in range(3))


def ours(text: str, claims: list[Claim]) -> tuple[float, int]:
    """Seconds of processor time, and how many claims were grounded."""
    began = time.process_time()
    document = Document("made", text)
    (passage,) = split(document, len(text) + 1)
    located = 0
    for noun, town, number in claims:
        values = {"facility_type": "other", "status": "restored"}
        drawn = Draft(
            KIND.name,
            values | {"name": noun, "count": number, "place": town},
            quote=f"A total of {number:,} {noun}",
        )
        located += isinstance(ground(KIND, drawn, passage, document, None), Found)
    return time.process_time() - began, located


def theirs(python: str, jobs: list[tuple[str, list[str]]]) -> list[tuple[float, int]]:
    """The same of LangExtract, for each text with its phrases."""
    said = subprocess.run(  # noqa: S603
        [python, str(RUNNER)], input=json.dumps(jobs), capture_output=True, text=True, check=True
    )
    return [(seconds, located) for seconds, located in json.loads(said.stdout)]


def main() -> None:
    rng = random.Random(5)  # noqa: S311  # the same load every time
    texts = [made(tokens, rng) for tokens in TOKENS]
    chosen = [rng.sample(claims, CLAIMS) for _, claims in texts]
    wrong = [[(noun, town, number + 1) for noun, town, number in claims] for claims in chosen]
    jobs = [
        (text, [f"total of {number:,} {noun} of the" for noun, town, number in claims])
        for of in (chosen, wrong)
        for (text, _), claims in zip(texts, of, strict=True)
    ]
    ours(*made(200, rng))  # imports and caches, once
    peers = theirs(sys.argv[1], jobs) if len(sys.argv) > 1 else [(0.0, 0)] * len(jobs)
    for at, ((text, _), true, false) in enumerate(zip(texts, chosen, wrong, strict=True)):
        for name, (seconds, located), (_, taken) in (
            ("communique ", mine := best(text, true), best(text, false)),
            ("LangExtract", peers[at], peers[at + len(texts)]),
        ):
            speed = f"{len(text) / seconds:12,.0f} characters/s" if seconds else "  not run"
            found = f"{located} of {CLAIMS} true and {taken} of {CLAIMS} changed located"
            print(f"{TOKENS[at]:6} tokens  {name} {speed}, {found}")
        if peers[at][0]:
            print(f"              {peers[at][0] / mine[0]:.0f} times as fast")


if __name__ == "__main__":
    main()
