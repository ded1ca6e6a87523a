"""When a predicted value agrees with gold, by the comparison that the field declares.

exact   the same word, whatever its case
number  equal within a millionth
date    the same text; half where year and month are the same
text    the same words, or all words of one in the other, or nearly the same letters and the same digits; case,
        accents, plurals, articles and words such as "province" do not count
set     right where F1 of the items, matched one to one, is 0.6 in a main field and all but 1 in any other; half
        above 0.3: of a list of participants each text names some, of a list of checkpoints all

Values are compared in a canonical form, so that what is equal can be found by hashing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from extract.words import fold
from schemas.describe import FieldSpec
from schemas.field import Comparison, Grounding

Canonical = Hashable
"""A comparable value; None where there is none."""

NUMBER_TOLERANCE = 1e-6
LETTERS_ALIKE = 0.8
MAIN_SET, OTHER_SET, PART_OF_SET = 0.6, 0.99, 0.3
_ARTICLES = frozenset({"the", "a", "an", "of", "and"})
_PLACES = frozenset({"province", "governorate", "district", "region", "city", "town", "village"})
_GENERIC = _ARTICLES | _PLACES | {"camp", "refugee", "checkpoint", "cp", "crossing"}
_PLAIN = re.compile(r"(?:[A-Za-z ,.;:()&/-]|[0-9]++(?![,. ][0-9]))*")  # what folds to itself


@lru_cache(maxsize=1 << 17)
def words_of(text: str) -> tuple[str, ...]:
    """Its folded words in the singular, without the generic ones unless there are no others."""
    folded = text.lower() if _PLAIN.fullmatch(text) else fold(text).text
    words = re.findall(r"[^\W_]+", folded)
    kept = [word for word in words if word not in _GENERIC] or words
    return tuple(_singular(word) for word in kept)


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def is_empty(value: Any) -> bool:
    """Whether the value says nothing."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | tuple | set) and not value)


def comparison(field: FieldSpec) -> Comparison:
    """How the field is compared: a list always as a set."""
    return Comparison.SET if field.many else field.compare


def item_comparison(field: FieldSpec) -> Comparison:
    """How the items of a set are compared."""
    if field.compare is not Comparison.SET:
        return field.compare
    if field.type in ("integer", "number"):
        return Comparison.NUMBER
    exact = field.choices or field.type == "boolean" or field.ground is Grounding.DATE
    return Comparison.EXACT if exact else Comparison.TEXT


def canonical(field: FieldSpec, value: Any) -> Canonical:
    """The value in the form in which it is compared."""
    if is_empty(value):
        return None
    how = comparison(field)
    if how is not Comparison.SET:
        return _canonical(how, value)
    items = value if isinstance(value, list | tuple | set) else [value]
    held = {_canonical(item_comparison(field), item) for item in items if not is_empty(item)}
    return tuple(sorted(held, key=str)) or None


def _canonical(how: Comparison, value: Any) -> Canonical:
    if how is Comparison.NUMBER:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        return number if math.isfinite(number) else str(value).strip()
    if how is Comparison.TEXT:
        return " ".join(words_of(str(value))) or str(value).strip()
    if how is Comparison.DATE:
        return str(value).strip()
    return str(value).strip().casefold()


def agreement(field: FieldSpec, gold: Canonical, predicted: Canonical) -> float:
    """1 where they agree, 0 where they do not, between where they agree in part; both hold something."""
    if gold == predicted:
        return 1.0
    how = comparison(field)
    if how is Comparison.SET and isinstance(gold, tuple) and isinstance(predicted, tuple):
        return set_credit(field, _overlap(item_comparison(field), gold, predicted))
    return item_agreement(how, gold, predicted)


def item_agreement(how: Comparison, gold: Canonical, predicted: Canonical) -> float:
    """What one value, which is no set, is worth by a comparison."""
    if gold == predicted:
        return 1.0
    if how is Comparison.NUMBER:
        return float(same_number(gold, predicted))
    if how is Comparison.TEXT:
        return float(alike(str(gold), str(predicted)))
    if how is Comparison.DATE:
        return 0.5 if month_of(str(gold)) == month_of(str(predicted)) else 0.0
    return 0.0


def same_number(gold: Canonical, predicted: Canonical) -> bool:
    """Whether both are numbers, and equal within a millionth."""
    if not (isinstance(gold, float) and isinstance(predicted, float)):
        return gold == predicted
    return gold == predicted or abs(gold - predicted) <= NUMBER_TOLERANCE * abs(gold)


def month_of(date: str) -> str:
    """Year and month; the whole date where it is not that precise or is a stretch across months."""
    months = {part[:7] for part in date.split("/") if len(part) >= 7}
    return months.pop() if len(months) == 1 else date


def alike(a: str, b: str) -> bool:
    """Whether two canonical texts name one thing."""
    words_a, words_b = set(a.split()), set(b.split())
    if a == b or words_a <= words_b or words_b <= words_a:
        return True
    return digits_of(a) == digits_of(b) and letters_alike(a, b) >= LETTERS_ALIKE


@lru_cache(maxsize=1 << 16)
def digits_of(text: str) -> tuple[str, ...]:
    """Its numbers: edit distance never applies to them."""
    return tuple(re.findall(r"\d+", text))


def letters_alike(a: str, b: str) -> float:
    """Twice the longest common subsequence over the two lengths, by one bit for each letter."""
    places: dict[str, int] = {}
    for at, char in enumerate(a):
        places[char] = places.get(char, 0) | 1 << at
    full = (1 << len(a)) - 1
    row = full
    for char in b:
        hit = row & places.get(char, 0)
        row = ((row + hit) | (row - hit)) & full
    return 2 * (len(a) - row.bit_count()) / (len(a) + len(b))


def set_credit(field: FieldSpec, f1: float) -> float:
    """What a set is worth whose items agree to that F1."""
    enough = MAIN_SET if field.fact.main else OTHER_SET
    return 1.0 if f1 >= enough else 0.5 if f1 > PART_OF_SET else 0.0


def _overlap(how: Comparison, gold: Sequence[Canonical], predicted: Sequence[Canonical]) -> float:
    """F1 of the items under the best one-to-one matching."""
    same = np.array([[item_agreement(how, g, p) for p in predicted] for g in gold])
    rows, columns = linear_sum_assignment(same, maximize=True)
    return float(2 * same[rows, columns].sum() / (len(gold) + len(predicted)))
