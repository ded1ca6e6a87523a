"""Turn labels that quote the text into gold that points into it.

    python -m evals.quotes FOLDER [--check]

For every `NAME.txt` in FOLDER with a `NAME.labels.json` beside it, writes `NAME.json`: the contract, with offsets and
hash. A label is a record without nulls, with `"quote"`: a sentence or clause of the text, or a list of them. A quote
that occurs twice is given as `{"text": "...", "nth": 2}`. The labels file is `{"document": {"title":, "published":,
"publisher":}, "facilities": [...], "aid_deliveries": [...], "crossings": [...], "diplomatic_events": [...]}`; a list
left out is empty.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.crisis import Crisis

KINDS = ("facilities", "aid_deliveries", "crossings", "diplomatic_events")


def locate(text: str, quote: str | dict[str, Any]) -> dict[str, int]:
    """The span of a quote. Raises ValueError where it stands nowhere, or more than once with no `nth`."""
    wanted = quote if isinstance(quote, str) else quote["text"]
    starts = [at for at in range(len(text)) if text.startswith(wanted, at)] if wanted else []
    nth = quote.get("nth") if isinstance(quote, dict) else None
    if not starts:
        raise ValueError(f"not in the text: {wanted!r}")
    if nth is None and len(starts) > 1:
        raise ValueError(f"{len(starts)} times in the text, give nth or quote more: {wanted!r}")
    start = starts[(nth or 1) - 1]
    return {"start": start, "end": start + len(wanted)}


def to_gold(name: str, text: str, labels: dict[str, Any]) -> dict[str, Any]:
    """Gold in the contract's form. Raises ValueError that names each label at fault."""
    gold: dict[str, Any] = {
        "document": {"id": name, "sha256": hashlib.sha256(text.encode()).hexdigest()}
        | labels.get("document", {})
    }
    faults = []
    for kind in KINDS:
        gold[kind] = []
        for number, label in enumerate(labels.get(kind, [])):
            quotes = label["quote"] if isinstance(label["quote"], list) else [label["quote"]]
            try:
                spans = [locate(text, quote) for quote in quotes]
            except (ValueError, IndexError) as fault:
                faults.append(f"{name} {kind}[{number}]: {fault}")
                continue
            gold[kind].append(
                {"evidence": spans} | {k: v for k, v in label.items() if k != "quote"}
            )
    if faults:
        raise ValueError("\n".join(faults))
    try:
        return Crisis.model_validate(gold).model_dump()
    except ValidationError as fault:
        raise ValueError(f"{name}: {fault}") from fault


def main(folder: Path, check: bool) -> int:
    """Convert every labelled document of a folder; returns the number that could not be."""
    failed = 0
    for labels in sorted(folder.rglob("*.labels.json")):
        name = labels.name.removesuffix(".labels.json")
        text = labels.with_name(f"{name}.txt").read_text("utf-8")
        try:
            gold = to_gold(name, text, json.loads(labels.read_text("utf-8")))
        except ValueError as fault:
            print(fault, file=sys.stderr)
            failed += 1
            continue
        if not check:
            out = json.dumps(gold, ensure_ascii=False, indent=1)
            labels.with_name(f"{name}.json").write_text(out + "\n", "utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1]), "--check" in sys.argv) else 0)
