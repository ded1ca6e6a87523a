"""Make one record of a claim that is met twice, with the evidence of both."""

from __future__ import annotations

from extract.types import Found, Stretch
from schemas.describe import Kind, Schema


def merge(schema: Schema, found: list[Found]) -> list[Found]:
    """The records without repeats, in the order in which the text first says them.

    Two are one claim where they agree in all core fields and no other field contradicts; what one leaves open, the
    other fills in. A record without a number or a name of its own to tell it apart is only ever merged with its equal.
    """
    kept: list[Found] = []
    for record in sorted(found, key=lambda f: f.evidence[0].start):
        kind = schema.kind(record.kind)
        for at, earlier in enumerate(kept):
            if earlier.kind == record.kind and _same(kind, earlier, record):
                kept[at] = _joined(earlier, record)
                break
        else:
            kept.append(record)
    return kept


def _same(kind: Kind, a: Found, b: Found) -> bool:
    if a.values == b.values:
        return True
    if _overlap(a, b) and _contradicts(kind, a, b):
        return False
    core = [f.name for f in kind.fields if f.fact.core]
    told_apart = any(isinstance(a.values.get(name), int | float) for name in core)
    if not told_apart or any(_key(a, name) != _key(b, name) for name in core):
        return False
    return not _contradicts(kind, a, b)


def _key(record: Found, name: str) -> object:
    value = record.values.get(name)
    return sorted(map(str.casefold, value)) if isinstance(value, list) else _plain(value)


def _plain(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _contradicts(kind: Kind, a: Found, b: Found) -> bool:
    shared = [f for f in kind.fields if f.name in a.values and f.name in b.values]
    return any(_key(a, f.name) != _key(b, f.name) for f in shared if f.ground != "free")


def _overlap(a: Found, b: Found) -> bool:
    return any(s.start < t.end and t.start < s.end for s in a.evidence for t in b.evidence)


def _joined(a: Found, b: Found) -> Found:
    spans: list[Stretch] = list(a.evidence)
    spans += [s for s in b.evidence if not any(s.start < t.end and t.start < s.end for t in spans)]
    return Found(
        a.kind,
        b.values | a.values,
        tuple(sorted(spans, key=lambda s: s.start)),
        a.dropped + b.dropped,
    )
