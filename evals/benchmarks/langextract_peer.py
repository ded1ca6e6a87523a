"""What LangExtract is asked, drawn from our schema and its examples, and its answers as records of that schema."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from extract.numbers import find_numbers
from extract.split import sentences
from extract.types import Stretch
from schemas.describe import Example, Kind, Schema

RUNNER = Path(__file__).parent / "peers" / "langextract_run.py"
_UNKNOWN = {"", "none", "null", "unknown", "n/a", "not specified"}
Json = dict[str, Any]


def run(python: Path, schema: Schema, texts: Mapping[str, str], server: Json) -> tuple[float, Json]:
    """Seconds, and records by document. `python`: of an environment with LangExtract; `server`: address, key, model."""
    orders = {"prompt": prompt(schema), "examples": examples(schema), "texts": dict(texts)} | server
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.json"
        path.write_text(json.dumps(orders), "utf-8")
        said = subprocess.run(  # noqa: S603
            [str(python), str(RUNNER), str(path)], capture_output=True, text=True, check=True
        )
    made = json.loads(said.stdout)
    return made["seconds"], {
        name: line(schema, name, found) for name, found in made["found"].items()
    }


def prompt(schema: Schema) -> str:
    """The task: every kind with its fields as attributes."""
    lines = [
        f"{schema.description} Extract records in order of appearance. Use exact text for the extraction, "
        "without paraphrase. Give as attributes what the text says, and leave out what it does not."
    ]
    for kind in schema.kinds:
        fields = "; ".join(
            f"{f.name} ({', '.join(f.choices)})" if f.choices else f"{f.name}: {f.description}"
            for f in kind.fields
        )
        lines.append(f"{kind.name}: {kind.description} Attributes: {fields}.")
    return "\n".join(lines)


def examples(schema: Schema) -> list[Json]:
    """The schema's own; each record points at its words, from its number to its name."""
    made = []
    for example in schema.examples:
        found = [
            {
                "class": kind.name,
                "text": _words(kind, example, values),
                "attributes": {k: _plain(v) for k, v in values.items() if k != "at"},
            }
            for kind in schema.kinds
            for values in example.records.get(kind.name, ())
        ]
        if found:  # LangExtract's own check refuses an example with nothing in it
            made.append({"text": example.text, "extractions": found})
    return made


def _plain(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list | tuple) else str(value)


def _words(kind: Kind, example: Example, values: Mapping[str, Any]) -> str:
    parts = list(sentences(example.text, Stretch(0, len(example.text))))
    told = parts[int(values.get("at", 1)) - 1].of(example.text).rstrip(".")
    ends = []
    for field in kind.fields:
        value = values.get(field.name)
        if not (field.fact.main or field.fact.core) or value is None or field.choices:
            continue
        for number in find_numbers(told):
            if number.value == value:
                ends += [number.start, number.end]
        for name in value if isinstance(value, list) else [str(value)]:
            if (at := told.find(name)) >= 0:
                ends += [at, at + len(name)]
    return told[min(ends) : max(ends)] if ends else told


def line(schema: Schema, name: str, found: Sequence[Json]) -> Json:
    """LangExtract's answer about a document as a line of an `extractions.jsonl`, read generously."""
    made: Json = {"document": {"id": name}} | {kind.name: [] for kind in schema.kinds}
    kinds = {kind.name: kind for kind in schema.kinds}
    for of in found:
        if kind := kinds.get(of["class"]):
            said = of["attributes"] or {}
            values = {f.name: _value(f.type, f.many, said.get(f.name)) for f in kind.fields}
            evidence = [{"start": of["start"], "end": of["end"]}]
            made[kind.name].append({"evidence": evidence} | values)
    return made


def _value(type_: str, many: bool, said: Any) -> Any:
    words = said if isinstance(said, list) else str(said if said is not None else "").split(";")
    known = [str(word).strip() for word in words if str(word).strip().lower() not in _UNKNOWN]
    if many:
        return known
    if not known:
        return None
    if type_ in ("integer", "number"):
        return next((number.value for number in find_numbers(known[0])), None)
    return known[0]
