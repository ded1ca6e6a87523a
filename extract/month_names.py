"""The names of the months in the languages that bulletins are written in."""

from __future__ import annotations

_NAMES = """
january jan janvier enero ene января январь январе يناير
february feb février fevrier febrero февраля февраль феврале فبراير شباط
march mar mars marzo марта март марте مارس آذار
april apr avril abril апреля апрель апреле أبريل ابريل نيسان
may mai mayo мая май мае مايو أيار
june jun juin junio июня июнь июне يونيو حزيران
july jul juillet julio июля июль июле يوليو تموز
august aug août aout agosto августа август августе أغسطس اغسطس آب
september sept sep septembre septiembre сентября сентябрь сентябре سبتمبر أيلول
october oct octobre octubre октября октябрь октябре أكتوبر اكتوبر
november nov novembre noviembre ноября ноябрь ноябре نوفمبر
december dec décembre decembre diciembre декабря декабрь декабре ديسمبر
"""
MONTHS = {name: at for at, line in enumerate(_NAMES.split("\n")) for name in line.split()}
"""The number of each month by its names, casefolded."""
# The Levantine names of January and of the last quarter are two words each.
MONTHS |= {"كانون الثاني": 1, "تشرين الأول": 10, "تشرين الثاني": 11, "كانون الأول": 12}

FIRST_WORDS = frozenset(name.split()[0] for name in MONTHS)
"""The words that a month's name can begin with."""

_SHORT_NAMES = "jan feb mar apr jun jul aug sept sep oct nov dec"
SHORT = frozenset(_SHORT_NAMES.split())
ALSO_VERBS = frozenset(["may", "march", "mar"])

_LONG_FIRST = sorted(MONTHS, key=len, reverse=True)
# A full stop belongs to a short name; behind a long one it ends the sentence.
MONTH = (
    rf"(?<![^\W\d_])(?:{'|'.join(name for name in _LONG_FIRST if name not in SHORT)}"
    rf"|(?:{'|'.join(name for name in _LONG_FIRST if name in SHORT)})(?![^\W\d_])\.?)(?![^\W\d_])"
)
"""The pattern of any of the names, for a case-blind match."""
