"""Which passages the embedded model is asked about."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from builders import document

from extract.choice import Asked, choose
from extract.models import MODELS
from extract.profile import ADAPTED
from extract.sieve import Sieve, features, sieve
from extract.split import split
from extract.types import Document

CORPUS = Path(__file__).parent.parent / "evals" / "corpus" / "dev"
(FILE,) = {adapter.sieve for model in MODELS.values() for adapter in model.adapters}


def test_the_weights_are_those_that_their_id_names() -> None:
    """What a run folder and a recording call by that id cannot be edited unseen."""
    made = sieve(FILE)
    said = json.dumps([made.weights, made.cut], sort_keys=True)
    assert hashlib.sha256(said.encode()).hexdigest()[:16] == made.id


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Over the past day 14 schools were repaired in the province of Homs.", True),
        ("Some 2,300 refugees returned from Lebanon through the Jousieh crossing.", True),
        ("The foreign ministers of Kenya and Uganda met in Nairobi on Friday.", True),
        ("A convoy brought 60 tonnes of flour to the district.", True),
        ("Subscribe to our newsletter and follow us for more stories like this one.", False),
        ("I should like to thank you all for your patience, and for the tea.", False),
        ("It was a long winter, and nobody in the village remembers a colder one.", False),
    ],
)
def test_what_can_hold_a_record_is_kept(text: str, kept: bool) -> None:
    """Each kind of record is asked for; thanks, markets and furniture are not."""
    of = document(text)
    (passage,) = split(of, ADAPTED.passage)
    assert sieve(FILE).keeps(of, passage) is kept


def test_few_passages_with_records_are_left_out() -> None:
    """Of the texts that it was not made from: at most one in fifty, and a third of the others at least."""
    lost = held = passed = empty = 0
    for path in sorted(CORPUS.glob("*.txt")):
        gold = json.loads(path.with_suffix(".json").read_text("utf-8"))
        records = [record for kind in gold.values() if isinstance(kind, list) for record in kind]
        spans = [(span["start"], span["end"]) for record in records for span in record["evidence"]]
        of = Document(path.stem, path.read_text("utf-8"))
        for passage in split(of, ADAPTED.passage):
            holds = any(a < s.end and s.start < b for a, b in spans for s in passage.sentences)
            kept = sieve(FILE).keeps(of, passage)
            held += holds
            lost += holds and not kept
            empty += not holds
            passed += kept and not holds
    assert held > 90
    assert lost <= held / 50
    assert passed <= empty * 2 / 3


def test_features_are_words_pairs_and_numbers_all_alike() -> None:
    """Case, long endings and the number's value do not count; the lead-in's words are apart."""
    of = document("In Tarvo these were reopened:\n- 12 Bakeries;\n- 1,300 wells.")
    found = features(of, split(of, 20)[-1])
    assert {"0", "wells", "0 wells"} <= found
    assert {"lead:reopene", "lead:tarvo"} <= found
    assert not any("1,300" in feature for feature in found)


def test_only_the_schema_that_it_was_made_for_is_sieved() -> None:
    """Another schema, another model, or the wish to ask everything leave it out."""
    assert choose(Asked(), "crisis").sieve == sieve(FILE)
    assert choose(Asked(every_passage=True), "crisis").sieve is None
    assert choose(Asked(), "recall").sieve is None
    assert choose(Asked("openai:gpt-5-mini"), "crisis").sieve is None
    assert choose(Asked("local:qwen2.5-coder-0.5b"), "crisis").sieve is None


def test_a_sieve_of_ones_own_scores_by_sums() -> None:
    """The bias and the weights of the features that are there, each once."""
    of = document("wells and wells")
    (passage,) = split(of, 100)
    assert Sieve("x", {"wells": 0.5, "tents": 9.0}, 0.25, 0.0).score(of, passage) == 0.75
