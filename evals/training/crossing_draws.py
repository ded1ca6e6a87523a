"""What stands in the slots of frames about people who cross."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from evals.training.builder import World
from evals.training.slots import (
    Drawn,
    a_day,
    with_article,
    write_day,
    write_number,
    write_when,
)

WHO = {
    "ref": ("refugees", ("refugees",) * 5 + ("returning refugees", "repatriated refugees")),
    "idp": (
        "idps",
        (
            "internally displaced persons",
            "internally displaced people",
            "IDPs",
            "displaced persons",
            "displaced people",
            "temporarily displaced persons",
            "internally displaced residents",
            "forcibly displaced people",
        ),
    ),
    "civ": (
        "civilians",
        ("civilians",) * 3 + ("people", "residents", "local residents", "persons"),
    ),
    "ret": (
        "returnees",
        (
            "refugees and internally displaced persons",
            "refugees and IDPs",
            "returnees",
            "refugees and displaced people",
        ),
    ),
}
_HEDGES = {
    "at_least": "more than|over|at least|no fewer than|no less than|upwards of|in excess of",
    "at_most": "up to|at most|no more than|fewer than|less than|not more than",
    "about": "some|about|around|approximately|roughly|an estimated|nearly|almost|close to",
}
_PERIODS = {
    "past_day": "over the past 24 hours|during the past day|in the last 24 hours|over the past day|"
    "within the last day|during the past 24 hours",
    "past_week": "over the past week|in the past seven days|last week|during the past week",
    "past_month": "over the past month|in the last 30 days|last month|during the past month",
    "past_year": "over the past year|in the last twelve months|last year",
}


class CrossingDraws:
    """Draws the slots of one frame so that its parts add up to its total."""

    def __init__(self, world: World, rng: Random, template: str, tags: Iterable[str] = ()) -> None:
        self.world = world
        self.rng = rng
        self.words = "|" not in template and "\t" not in template
        self.hedged: set[str] = set()
        self.pools: dict[str, list[str]] = {}
        self.counts = self._counts(template, frozenset(tags))

    def _counts(self, template: str, tags: frozenset[str]) -> dict[str, int]:
        rng = self.rng
        top = rng.choice((40, 300, 2500, 9000, 9000, 90_000))
        if "{since" in template:
            top = rng.choice((9000, 90_000, 700_000))
        counts = {digit: rng.randint(12, top) for digit in "123"}
        parts = [digit for digit in "123" if f"{{n{digit}}}" in template]
        counts[""] = sum(counts[digit] for digit in parts) if parts else rng.randint(12, top)
        if "loose" in tags or (parts and rng.random() < 0.05):
            counts[""] += rng.randint(1, 400)
        if "up" in tags:
            counts[""] = rng.randint(12, 900)
            counts["1"] = rng.randint(9000, 400_000)
        for digit in ("", "1", "2", "3"):
            counts["v" + digit] = max(2, min(900, counts[digit] // rng.randint(4, 40)))
        for kind, low, high in (("w", 0.2, 0.35), ("c", 0.4, 0.55)):
            for digit in "123":
                share = int(counts[digit] * rng.uniform(low, high))
                counts[kind + digit] = max(2, share)
            summed = sum(counts[kind + d] for d in parts if f"{{{kind}{d}}}" in template)
            counts[kind] = summed or max(2, int(counts[""] * rng.uniform(low, high)))
        return counts

    def __call__(self, kind: str, digit: str) -> Drawn:
        rng = self.rng
        if kind in ("n", "w", "c", "v"):
            return self._number(kind, digit)
        if kind == "q":
            name = rng.choice(list(_HEDGES))
            self.hedged.add(digit)
            return Drawn(rng.choice(_HEDGES[name].split("|")), name)
        if kind == "per":
            name = rng.choice(("past_day",) * 5 + ("past_week",) * 3 + ("past_month", "past_year"))
            return Drawn(rng.choice(_PERIODS[name].split("|")), name)
        if kind == "since":
            day = a_day(self.world, rng, reach=(20, 200, 500, 1300))
            lead = rng.choice(("since", "since", "starting from", "as from"))
            return Drawn(f"{lead} {write_day(day, self.world, rng)}", day.isoformat())
        if kind == "when":
            return write_when(self.world, rng)
        if kind == "plan":
            if rng.random() < 0.3:
                return Drawn(rng.choice(("soon", "in the coming days", "next week")), None)
            return write_when(self.world, rng, future=True)
        if kind in WHO:
            return self._who(kind)
        if kind.startswith("x"):
            return self._other(kind, digit)
        return self._place(kind)

    def _number(self, kind: str, digit: str) -> Drawn:
        count = self.counts[kind.removeprefix("n") + digit]
        if digit in self.hedged and kind == "n" and count > 100:
            step = 10 ** (len(str(count)) - 2)
            count -= count % step
        return Drawn(write_number(count, self.rng, words=self.words), count)

    def _who(self, kind: str) -> Drawn:
        name, nouns = WHO[kind]
        noun = self.rng.choice(nouns)
        return Drawn(noun, "returnees" if noun == "returnees" else name)

    def _take(self, pool: str) -> str:
        left = self.pools.get(pool)
        if not left:
            others = self.world.states if pool == "neighbours" and left is not None else ()
            left = list(others or dict.fromkeys(getattr(self.world, pool)))
            self.rng.shuffle(left)
            self.pools[pool] = left
        return left.pop()

    def _place(self, kind: str) -> Drawn:
        rng = self.rng
        if kind == "k":
            return self._checkpoints()
        if kind == "kk":
            name = _crossing_name(self._take("checkpoints"))
            return Drawn(name, [name])
        scope = kind[1]
        if scope == "h":
            country = self.world.country
            return Drawn(with_article(country), country.removeprefix("the "))
        if scope == "n":
            name = self._take("neighbours")
            return Drawn(with_article(name), name.removeprefix("the "))
        if scope == "c":
            name = self._take("camps").removesuffix(" camp")
            return Drawn(rng.choice((f"the {name} camp", f"{name} camp")), name)
        if scope == "p":
            name, unit = self._take("provinces"), self.world.unit
            forms = (f"{name} {unit}", f"the {unit} of {name}", name)
            return Drawn(rng.choice(forms), name)
        name = self._take("towns")
        return Drawn(name, name)

    def _checkpoints(self) -> Drawn:
        rng = self.rng
        first = _crossing_name(self._take("checkpoints"))
        if len(self.world.checkpoints) > 3 and rng.random() < 0.25:
            second = _crossing_name(self._take("checkpoints"))
            forms = (
                f"the {first} and {second} checkpoints",
                f"the checkpoints of {first} and {second}",
                f"the {first} and {second} crossings",
            )
            return Drawn(rng.choice(forms), [first, second])
        single = (
            f"the {first} checkpoint",
            f"the {first} checkpoint",
            f"the {first} border crossing",
            f"the {first} crossing point",
            f"the checkpoint of {first}",
            f'the "{first}" checkpoint',
        )
        return Drawn(rng.choice(single), [first])

    def _other(self, kind: str, digit: str) -> Drawn:
        rng = self.rng
        if kind == "xn":
            most = 900 if rng.random() < 0.7 else 60_000
            number = rng.randint(2, 19) if digit else rng.randint(20, most)
            return Drawn(write_number(number, rng), None)
        if kind == "xm":
            return Drawn(write_number(int(self.counts[""] * rng.uniform(1.2, 4)), rng), None)
        if kind == "xe":
            return Drawn(write_day(a_day(self.world, rng, reach=(5,)), self.world, rng), None)
        if kind == "xday":
            return Drawn(f"on {write_day(a_day(self.world, rng), self.world, rng)}", None)
        if kind == "xpct":
            return Drawn(str(rng.randint(20, 80)), None)
        if kind == "xpop":
            return self("civ" if rng.random() < 0.5 else "idp", "")
        if kind in ("xref", "xper"):
            return self(kind[1:], "")
        if kind in ("xb", "xg"):
            return Drawn(with_article(self._take("bodies" if kind == "xb" else "agencies")), None)
        drawn = self("k" if kind == "xk" else "o" + {"o": "n"}.get(kind[1], kind[1]), "")
        return Drawn(drawn.text, None)


def _crossing_name(name: str) -> str:
    for noun in (" border crossing", " crossing point", " checkpoint", " crossing"):
        name = name.removesuffix(noun)
    return name
