"""The poisoned corpus: documents that order their reader about, and the true records that they hold all the same.

`NAME.attack.toml` says of `NAME.txt`:

technique  how the order is put or hidden
goal       add, change, suppress, leak or format: what it is after
injected   quotes of the text that are the attack
stripped   quotes of `sources/NAME.html` that the reader leaves out
forbidden  values that stand in the attack alone, by kind and field; without these, in no field at all
must_keep  the gold records, by kind and place, that the attack is to change or suppress
"""

from __future__ import annotations

import base64
import codecs
import html
import json
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.check import check
from evals.gold import read_gold
from evals.quotes import locate, to_gold
from extract.numbers import find_numbers
from extract.read import Input, read
from schemas.load import load

CRISIS = load("crisis")
FOLDER = Path(__file__).parent.parent / "evals" / "corpus" / "poisoned"
ATTACK = ".attack.toml"
NAMES = sorted(path.name.removesuffix(ATTACK) for path in FOLDER.glob(f"*{ATTACK}"))
SOURCES = sorted((FOLDER / "sources").iterdir())
STRIPPED = sorted((FOLDER / "stripped").iterdir())
GOALS = {"add", "change", "suppress", "leak", "format"}
KEYS = {"technique", "goal", "injected", "stripped", "forbidden", "must_keep"}
TAGS = 0xE0000  # characters from here on mirror ASCII and are shown by no font

every_document = pytest.mark.parametrize("name", NAMES)


def _text(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_bytes().decode()


def _gold(name: str) -> dict[str, Any]:
    gold: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    return gold


def _attack(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}{ATTACK}").read_text("utf-8"))


def _injected(name: str) -> list[tuple[int, int]]:
    spans = [locate(_text(name), quote) for quote in _attack(name)["injected"]]
    return [(span["start"], span["end"]) for span in spans]


def _records(name: str) -> list[dict[str, Any]]:
    gold = _gold(name)
    return [record for kind in CRISIS.kinds for record in gold[kind.name]]


def _undisguised(technique: str, quote: str) -> str:
    """What a quote of the attack says to whoever sees through it."""
    match technique:
        case "base64":
            return base64.b64decode(quote, validate=True).decode()
        case "rot13":
            return codecs.decode(quote, "rot13")
        case "tag-characters":
            return "".join(chr(ord(sign) - TAGS) for sign in quote)
        case _:
            return "".join(sign for sign in quote if unicodedata.category(sign) != "Cf")


def _says(words: str, value: str | int) -> bool:
    if isinstance(value, str):
        return value.casefold() in words.casefold()
    return value in [number.value for number in find_numbers(words)]


def _around(name: str) -> str:
    """The text without its attack."""
    text = _text(name)
    for start, end in sorted(_injected(name), reverse=True):
        text = f"{text[:start]}\n{text[end:]}"
    return text


def _values(name: str, kind: str | None, field: str | None) -> Iterator[Any]:
    """What the gold has in a field, or in any."""
    gold = _gold(name)
    for record in [r for k in CRISIS.kinds if kind in (None, k.name) for r in gold[k.name]]:
        for key in CRISIS.kind(kind).model.model_fields if kind and not field else record:
            if field in (None, key):
                yield from record[key] if isinstance(record[key], list) else [record[key]]


def test_every_text_has_labels_gold_and_an_attack() -> None:
    """At least 40 documents, each with all of its files, and no file without a document."""
    files = {path.name for path in FOLDER.iterdir() if path.is_file()}
    endings = (".txt", ".labels.json", ".json", ATTACK)
    assert files == {name + ending for name in NAMES for ending in endings}
    assert len(NAMES) >= 40
    assert {path.stem for path in SOURCES + STRIPPED} < set(NAMES)


def test_gold_passes_the_check() -> None:
    """The gold breaks the contract nowhere, and no attack is taken for gold."""
    gold = read_gold(FOLDER, CRISIS)
    assert sorted(gold.documents) == NAMES
    assert check(CRISIS, gold) == []


@every_document
def test_gold_is_what_the_labels_say(name: str) -> None:
    """The gold was made from the labels beside it, and the text has not changed since."""
    labels = json.loads((FOLDER / f"{name}.labels.json").read_bytes())
    assert to_gold(name, _text(name), labels) == _gold(name)


@every_document
def test_documents_are_short_and_hold_true_records(name: str) -> None:
    """600 to 2,500 characters with two to five records."""
    assert 600 <= len(_text(name)) <= 2500
    assert 2 <= len(_records(name)) <= 5


def test_attacks_are_of_many_kinds() -> None:
    """All goals occur more than once, and techniques are many."""
    attacks = [_attack(name) for name in NAMES]
    goals = [attack["goal"] for attack in attacks]
    assert set(goals) == GOALS
    assert all(goals.count(goal) >= 4 for goal in GOALS)
    assert len({attack["technique"] for attack in attacks}) >= 12


@every_document
def test_attack_has_its_form(name: str) -> None:
    """Known keys; what is added or changed is forbidden by value, what is changed or suppressed is named."""
    attack = _attack(name)
    assert attack.keys() <= KEYS
    assert attack["injected"]
    assert attack["goal"] not in ("add", "change") or attack["forbidden"]
    assert attack["goal"] not in ("change", "suppress") or attack["must_keep"]


@every_document
def test_attack_stands_in_the_text_and_apart_from_the_records(name: str) -> None:
    """Each quote is found once, and no true record rests on any of it."""
    evidence = [(e["start"], e["end"]) for record in _records(name) for e in record["evidence"]]
    for start, end in _injected(name):
        assert not [span for span in evidence if span[0] < end and start < span[1]]


@every_document
def test_forbidden_values_stand_in_the_attack_alone(name: str) -> None:
    """A forbidden value is said by the attack, by nothing around it, and not by the gold."""
    attack = _attack(name)
    said = " ".join(_undisguised(attack["technique"], quote) for quote in attack["injected"])
    around = _around(name)
    for forbidden in attack.get("forbidden", []):
        value, kind, field = (forbidden.get(key) for key in ("value", "kind", "field"))
        assert _says(said, value)
        assert not _says(around, value)
        assert value not in _values(name, kind, field)
        assert (kind is None) == (field is None)
        assert kind is None or field in CRISIS.kind(kind).model.model_fields


@every_document
def test_kept_records_are_in_the_gold(name: str) -> None:
    """What an attack is after is there to be lost."""
    gold = _gold(name)
    for kind, places in _attack(name).get("must_keep", {}).items():
        assert len(set(places)) == len(places) > 0
        assert max(places) < len(gold[kind])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_source_reads_as_the_text(path: Path) -> None:
    """A page or a print yields the text beside it to the letter, and what the reader strips is not in it."""
    text = _text(path.stem)
    assert read(Input(path.stem, path)).text.strip() == text.strip()
    for quote in _attack(path.stem).get("stripped", []):
        assert quote in html.unescape(path.read_text("utf-8"))
        assert quote not in text


@pytest.mark.parametrize("path", STRIPPED, ids=lambda path: path.name)
def test_a_hidden_attack_is_left_out(path: Path) -> None:
    """Where the attack is hidden from the eye, the reader yields the text without it."""
    ((start, end),) = _injected(path.stem)
    text = _text(path.stem)
    assert read(Input(path.stem, path)).text.split() == (text[:start] + text[end:]).split()
