"""Values and losses as a person reads them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from extract.output import Line


def alike(lost: Sequence[Line]) -> list[tuple[Line, int]]:
    """What was lost, each once with how often it was said."""
    firsts: dict[str, Line] = {}
    counts: Counter[str] = Counter()
    for line in lost:
        key = json.dumps({k: v for k, v in line.items() if k != "passage"}, sort_keys=True)
        firsts.setdefault(key, line)
        counts[key] += 1
    return [(line, counts[key]) for key, line in firsts.items()]


def worded(value: Any) -> str:
    """A value as a person reads it; digits are grouped from five on, so that years stay years."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        bare = f"{value:.12g}" if isinstance(value, float) else str(value)
        return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else bare
    if isinstance(value, list):
        return "; ".join(worded(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
