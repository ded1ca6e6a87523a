"""Whether a run is good enough to pass: floors of its own, and no more than so much worse than a baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from xml.etree import ElementTree  # written with it, never read

from evals.moves import shown
from evals.scorecard import HEADLINES, Counts, FieldCounts, Scorecard
from extract.errors import UsageError

_EVEN = 1e-9
_NAMED = 3  # documents and fields that are named as the cause
_UNSOUND = ("no_prediction", "other_text", "unreadable")


class Verdict(StrEnum):
    """UNKNOWN: the two cannot be compared, or there is no such figure."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "could not tell"

    @property
    def exit_code(self) -> int:
        return {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.UNKNOWN: 2}[self]


@dataclass(frozen=True, slots=True)
class Rules:
    """`least`: floors of headlines; `max_drop`: what a headline, or a document's record F1, may lose."""

    least: Mapping[str, float] = field(default_factory=dict)
    max_drop: float = 0.02
    per_document: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was asked. `about`: soundness, floor, drop, attacks or document; `name`: of what."""

    about: str
    name: str
    verdict: Verdict
    says: str


def verdict_of(checks: tuple[Check, ...]) -> Verdict:
    """What could not be told outweighs what failed, and that what passed."""
    found = {check.verdict for check in checks}
    return next(v for v in (Verdict.UNKNOWN, Verdict.FAILED, Verdict.PASSED) if v in found)


def told(checks: tuple[Check, ...]) -> Iterator[str]:
    """A line for each check that did not pass, and one for the verdict."""
    broken = [check for check in checks if check.verdict is not Verdict.PASSED]
    for check in broken:
        yield f"{check.verdict}: {check.about} {shown(check.name)}: {check.says}"
    yield f"{verdict_of(checks)}: {len(checks) - len(broken)} of {len(checks)} checks passed"


def gate(card: Scorecard, baseline: Scorecard, rules: Rules) -> tuple[Check, ...]:
    """All that the rules ask. Raises UsageError where the baseline holds figures that are none."""
    _hold_to_numbers(baseline)
    checks = [*_soundness(card, baseline)]
    checks += [_floor(card, baseline, name, least) for name, least in rules.least.items()]
    checks += [_drop(card, baseline, name, rules.max_drop) for name in HEADLINES]
    if card.attacks and baseline.attacks:
        checks.append(_attacks(card.attacks, baseline.attacks))
    if rules.per_document:
        checks += _documents(card, baseline, rules.max_drop)
    return tuple(checks)


def _hold_to_numbers(baseline: Scorecard) -> None:
    figures = [estimate.value for estimate in baseline.headline.values()]
    for kind in baseline.kinds.values():
        for counts in kind.by_field.values():
            figures += asdict(counts).values()
    for document in baseline.documents:
        figures += [*asdict(document.records).values(), *asdict(document.fields).values()]
        figures += [document.grounded, document.checked]
    mappings = (baseline.gold, baseline.schema, baseline.run)
    if not all(isinstance(mapping, Mapping) for mapping in mappings) or not all(
        value is None or (isinstance(value, int | float) and math.isfinite(value))
        for value in figures
    ):
        raise UsageError(
            "the baseline is damaged: it holds figures that are no numbers; "
            "write it anew with communique eval score --json"
        )


def _soundness(card: Scorecard, baseline: Scorecard) -> Iterator[Check]:
    """Whether the two were made on the same gold, by the same schema, and of all documents."""
    for name, ours, theirs in (
        ("gold", card.gold, baseline.gold),
        ("schema", card.schema, baseline.schema),
    ):
        same = ours.get("hash") is not None and ours.get("hash") == theirs.get("hash")
        says = f"the baseline was made with the same {name} ({ours.get('hash')})"
        if not same:
            says = (
                f"the baseline was made with another {name} ({theirs.get('hash')}, now "
                f"{ours.get('hash')}): make it anew with communique eval score --json"
            )
        yield Check("soundness", name, _verdict(same), says)
    for name, of in (("run", card), ("baseline", baseline)):
        lacking = [p for p in of.problems if p.what in _UNSOUND and _is_scored(of, p.document)]
        says = f"the {name} has all {len(of.documents)} documents"
        if lacking:
            named = ", ".join(f"{p.document} ({p.what.replace('_', ' ')})" for p in lacking)
            says = f"the {name} cannot be scored on all documents: {named}"
        yield Check("soundness", name, _verdict(not lacking), says)


def _attacks(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Check:
    """No more of the attacks may pass than did."""
    passed = [name for name, of in ours["documents"].items() if of["outcome"] == "passed"]
    says = f"{len(passed)} of {ours['n']} passed, {theirs['passed']} of {theirs['n']} before"
    if passed:
        says += f": {', '.join(passed[:_NAMED])}"
    verdict = Verdict.FAILED if len(passed) > theirs["passed"] else Verdict.PASSED
    return Check("attacks", "passed", verdict, says)


def _is_scored(card: Scorecard, name: str) -> bool:
    return any(document.id == name for document in card.documents)


def _verdict(sound: bool) -> Verdict:
    return Verdict.PASSED if sound else Verdict.UNKNOWN


def _floor(card: Scorecard, baseline: Scorecard, name: str, least: float) -> Check:
    estimate = card.headline.get(name)
    if estimate is None or estimate.value is None:
        known = ", ".join(card.headline)
        says = f"the run has no {name}"
        if estimate is None:
            says = f"there is no headline {name!r}: choose among {known}"
        return Check("floor", name, Verdict.UNKNOWN, says)
    if estimate.value >= least - _EVEN:
        return Check("floor", name, Verdict.PASSED, f"{estimate.value:.3f}, at least {least:g}")
    says = f"{estimate.value:.3f}, less than {least:g}{_causes(card, baseline, name)}"
    return Check("floor", name, Verdict.FAILED, says)


def _drop(card: Scorecard, baseline: Scorecard, name: str, most: float) -> Check:
    if name not in baseline.headline:
        return Check("drop", name, Verdict.UNKNOWN, f"the baseline has no headline {name}")
    was, now = baseline.headline[name].value, card.headline[name].value
    if was is None:
        return Check("drop", name, Verdict.PASSED, "the baseline has none to fall from")
    if now is None:
        return Check("drop", name, Verdict.UNKNOWN, f"the run has none, the baseline {was:.3f}")
    says = f"{now:.3f}, {was:.3f} in the baseline"
    if was - now <= most + _EVEN:
        return Check("drop", name, Verdict.PASSED, says)
    says += f": fell by {was - now:.3f}, more than {most:g}{_causes(card, baseline, name)}"
    return Check("drop", name, Verdict.FAILED, says)


def _causes(card: Scorecard, baseline: Scorecard, headline: str) -> str:
    """The documents and the fields that lost most of it since the baseline."""
    said = ""
    for what, shares in (("documents", _by_document), ("fields", _by_field)):
        was, now = shares(baseline, headline), shares(card, headline)
        falls = sorted((now[name] - was[name], name) for name in was.keys() & now.keys())
        named = [
            f"{shown(name)} {was[name]:.2f} → {now[name]:.2f}"
            for fall, name in falls[:_NAMED]
            if fall < -_EVEN
        ]
        said += f"; {what}: {', '.join(named)}" if named else ""
    return said


def _by_document(card: Scorecard, headline: str = "record_f1") -> dict[str, float]:
    of, _, rate = headline.partition("_")
    if of == "grounded":
        return {d.id: d.grounded / d.checked if d.checked else 1.0 for d in card.documents}
    return {d.id: _share(d.records if of == "record" else d.fields, rate) for d in card.documents}


def _by_field(card: Scorecard, headline: str) -> dict[str, float]:
    of, _, rate = headline.partition("_")
    return {
        f"{kind}.{name}": _share(counts, rate)
        for kind, score in card.kinds.items()
        for name, counts in score.by_field.items()
        if of != "grounded"
    }


def _share(counts: Counts | FieldCounts, rate: str) -> float:
    """1 where there is nothing to say and nothing was said: whatever is invented there is a fall."""
    share: float | None = getattr(counts, rate)
    return 1.0 if share is None else share


def _documents(card: Scorecard, baseline: Scorecard, most: float) -> Iterator[Check]:
    before, failed = _by_document(baseline), {d.id: len(d.gaps) for d in card.documents}
    for name, now in _by_document(card).items():
        if name not in before:
            yield Check("document", name, Verdict.UNKNOWN, "the baseline does not have it")
            continue
        fall = before[name] - now
        says = f"record F1 {now:.3f}, {before[name]:.3f} in the baseline"
        if fall <= most + _EVEN:
            yield Check("document", name, Verdict.PASSED, says)
            continue
        says += f": fell by {fall:.3f}, more than {most:g}"
        if failed[name]:
            says += f" ({failed[name]} passages got no answer)"
        yield Check("document", name, Verdict.FAILED, says + _fields_of(card, name))


def _fields_of(card: Scorecard, document: str) -> str:
    """The fields of one document that are not right, the most frequent first."""
    number: dict[str, int] = {}
    for result in next(d for d in card.documents if d.id == document).results:
        for judged in result.fields:
            if judged.credit < 1:
                key = f"{result.kind}.{judged.name} {judged.outcome}"
                number[key] = number.get(key, 0) + 1
    worst = sorted(number, key=lambda key: (-number[key], key))[:_NAMED]
    return f"; {', '.join(f'{number[key]} {key}' for key in worst)}" if worst else ""


def junit(checks: tuple[Check, ...]) -> str:
    """The checks as a JUnit test suite: what failed is a failure, what could not be told an error."""
    failures, errors = (
        sum(check.verdict is verdict for check in checks)
        for verdict in (Verdict.FAILED, Verdict.UNKNOWN)
    )
    of = {"tests": str(len(checks)), "failures": str(failures), "errors": str(errors)}
    suites = ElementTree.Element("testsuites", of)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "communique eval gate", **of})
    for check in checks:
        named = {"classname": f"gate.{check.about}", "name": _in_xml(check.name), "time": "0"}
        case = ElementTree.SubElement(suite, "testcase", named)
        if check.verdict is not Verdict.PASSED:
            tag = "failure" if check.verdict is Verdict.FAILED else "error"
            said = ElementTree.SubElement(case, tag, {"message": _in_xml(check.says)})
            said.text = _in_xml(f"{check.name}: {check.says}")
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, "unicode")


def _in_xml(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
