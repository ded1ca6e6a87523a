"""The sums over a run folder's files, for its manifest and the table at the end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from extract.jsonl import Line, read_lines


def totals_of(extractions: Path, lost: Path, calls: Path) -> Line:
    """Documents, records by kind, what was lost and failed, requests and their tokens."""
    sums: Counter[str] = Counter(documents=0, incomplete=0, failed_passages=0, warnings=0)
    records: Counter[str] = Counter()
    for line in read_lines(extractions):
        gaps, doubts = line.pop("incomplete", ()), line.pop("warnings", ())
        sums.update(documents=1, incomplete=bool(gaps))
        sums.update(failed_passages=len(gaps), warnings=len(doubts))
        records.update({kind: len(said) for kind, said in line.items() if isinstance(said, list)})
    sums.update(lost=sum(1 for _ in read_lines(lost)))
    sums.update(requests=0, tokens_in=0, tokens_cached=0, tokens_out=0)
    left_out = set()  # a document that was begun twice has its passages twice
    for call in read_lines(calls):
        if call.get("left_out"):
            left_out.add((call["document"], call["sha256"], call["passage"]))
        sums.update(requests=call["attempts"])
        sums.update({way: call[way] for way in ("tokens_in", "tokens_cached", "tokens_out")})
    return {**sums, "left_out": len(left_out), "records": dict(records)}
