"""What asking takes, held to limits while a run goes on."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from extract.errors import AskError, CommuniqueError, TooLongError, UsageError
from extract.forecast import Counter, Outlook, Rates, Sums
from extract.jsonl import Line
from extract.pipeline import Model
from extract.prices import Price
from extract.types import Answer, Document, Passage, Usage

DOCUMENTS_KEPT = 50  # of a run, for the history
ENOUGH = 5  # requests of this run, from which on they alone say what the next will take
SETTLE = 0.2  # seconds for documents that have all their answers to be written
LOST = 3600.0  # seconds in which no request has ended, so that those under way are taken for lost
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


class LimitError(CommuniqueError):
    """A limit of the user's was reached; what is finished is kept."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What all runs on a folder may take together: dollars, tokens in and out, seconds. None: as much as it takes."""

    cost: float | None = None
    tokens: int | None = None
    seconds: float | None = None

    def hold(self, price: Price | None, model: str) -> None:
        """Raises UsageError where a limit cannot be held to."""
        for name, limit in (("cost", self.cost), ("tokens", self.tokens), ("time", self.seconds)):
            if limit is not None and limit <= 0:
                raise UsageError(f"--max-{name} {limit:g}: more than 0")
        if self.cost is not None and price is None:
            raise UsageError(f"--max-cost: nobody knows the price of {model}: use --max-tokens")


def seconds_of(duration: str) -> float:
    """Of "90", "90s", "45m", "2h" or "1h30m". Raises UsageError."""
    found = _DURATION.fullmatch(duration)
    if not duration or not found:
        raise UsageError(f"--max-time {duration!r}: give seconds, or a time such as 45m or 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600.0 + minutes * 60 + seconds


class Budget:
    """Adds up what a run takes. `before`: the totals of earlier runs on its folder."""

    def __init__(self, outlook: Outlook, caps: Caps, before: Line) -> None:
        self.outlook, self.caps, self.before = outlook, caps, before
        self.sums, self.cost = Sums(), 0.0
        self.unreported = 0
        """Answers whose server did not say how many tokens they took."""
        self.documents: dict[str, Sums] = {}
        """The first of the run, by id."""
        self.stopped: LimitError | None = None
        self._cost_before = _cost(before, outlook.price)
        self._began = time.monotonic()
        self._reserved: dict[Hashable, tuple[float, float]] = {}
        self._freed = asyncio.Event()

    def over(self, model: Model, counter: Counter) -> Limited:
        """The model, asked within the caps."""
        return Limited(model, counter, self)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def expected(self, work: Sums) -> Sums:
        """What the next request will take: as the ones before it, or as in earlier runs."""
        own = self.sums.passages >= ENOUGH
        return (Rates.of(self.sums) if own else self.outlook.middle()).times(work)

    async def reserve(self, request: Hashable, likely: Sums) -> None:
        """Room for the request, once there is; LimitError where there will be none."""
        while not self.stopped and (limit := self.passed(likely)):
            if not self._reserved or await self._in_vain():
                self.stopped = self.stopped or LimitError(self.says(limit))
        if self.stopped:
            await asyncio.sleep(SETTLE)
            raise self.stopped
        self.hold(request, likely)

    async def _in_vain(self) -> bool:
        """Waits for a request to end, since it may take less than was thought; says whether none has."""
        self._freed.clear()
        try:
            await asyncio.wait_for(self._freed.wait(), LOST)
        except TimeoutError:
            return True
        return False

    def hold(self, request: Hashable, likely: Sums) -> None:
        """Room for the request, whether there is or not."""
        self._reserved[request] = (likely.prompt + likely.output, self._priced(likely))

    def free(self, request: Hashable) -> None:
        """The request has ended."""
        del self._reserved[request]
        self._freed.set()

    def free_all(self) -> None:
        """No request is under way."""
        self._reserved.clear()

    def lose(self, which: Callable[[Any], bool]) -> None:
        """Nobody will tell what those requests took: just what was likely."""
        for request in [request for request in self._reserved if which(request)]:
            tokens, cost = self._reserved[request]
            self.sums += Sums(prompt=tokens, requests=1)
            self.cost += cost
            self.free(request)

    def took(self, document: str, took: Sums, reported: bool) -> None:
        """Adds what a request took. `reported`: by the server, not guessed."""
        self.sums += took
        self.cost += self._priced(took)
        self.unreported += not reported
        if reported and (document in self.documents or len(self.documents) < DOCUMENTS_KEPT):
            self.documents[document] = self.documents.get(document, Sums()) + took

    def passed(self, likely: Sums) -> str | None:
        """The name of the limit that one more request would pass."""
        caps, waiting = self.caps, self._reserved.values()
        if caps.cost is not None:
            spent = self._cost_before + self.cost + sum(cost for _, cost in waiting)
            if spent + self._priced(likely) > caps.cost:
                return "cost"
        if caps.tokens is not None:
            spent = self._tokens() + sum(tokens for tokens, _ in waiting)
            if spent + likely.prompt + likely.output > caps.tokens:
                return "tokens"
        if caps.seconds is not None and self._time() + likely.seconds > caps.seconds:
            return "time"
        return None

    def _priced(self, took: Sums) -> float:
        return self.outlook.price.of(took.usage) if self.outlook.price else 0.0

    def _tokens(self) -> float:
        before: float = self.before["tokens_in"] + self.before["tokens_out"]
        return before + self.sums.prompt + self.sums.output

    def _time(self) -> float:
        return float(self.before["seconds"]) + self.seconds

    def says(self, limit: str) -> str:
        """What to tell of a limit that one more request would pass."""
        caps = self.caps
        spent, of = {
            "cost": (f"${self._cost_before + self.cost:.4f}", f"${caps.cost or 0:g}"),
            "tokens": (f"{self._tokens():,.0f}", f"{caps.tokens or 0:,}"),
            "time": (f"{self._time():.0f} s", f"{caps.seconds or 0:g} s"),
        }[limit]
        asked = self.before["requests"] + self.sums.requests
        return (
            f"--max-{limit} {of}: {spent} spent in {asked:,.0f} requests, and the next one would pass it; "
            "the same command with a higher limit goes on"
        )


class Limited:
    """A model that is asked as long as there is room in the budget."""

    def __init__(self, model: Model, counter: Counter, budget: Budget) -> None:
        self.model, self.counter, self.budget = model, counter, budget
        self._halved: list[tuple[str, int, int]] = []

    def key(self, document: Document, passage: Passage) -> str:
        return self.model.key(document, passage)

    async def ask(self, document: Document, passage: Passage) -> Answer:
        """Raises AskError; LimitError where it was not asked."""
        likely, request = self.likely(document, passage), object()
        await self.budget.reserve(request, likely)
        try:
            return self.took(document, passage, likely, await self.model.ask(document, passage))
        except AskError as fault:
            fault.spent = self.took(document, passage, likely, fault.spent, fault)
            raise
        finally:
            self.budget.free(request)

    def likely(self, document: Document, passage: Passage) -> Sums:
        """What asking about the passage will take, with what is known of it beforehand."""
        return self.budget.expected(self.counter.work(document, passage))

    def took(
        self,
        document: Document,
        passage: Passage,
        likely: Sums,
        spent: Answer,
        fault: AskError | None = None,
        *,
        again: bool = False,
    ) -> Answer:
        """Adds up what was spent, and prices it. `again`: it was added up before.

        A server that counts no tokens is taken to have used what was likely, unless it failed.
        """
        cut, part = isinstance(fault, TooLongError), self._is_part(document, passage)
        if cut:
            self._halved.append((document.id, passage.start, passage.end))
        usage, known = spent.usage, spent.usage.prompt > 0 or bool(fault and not cut)
        if not known:
            usage = likely.usage
        took = replace(
            Sums() if part else likely,  # a part was counted with the whole
            prompt=usage.prompt,
            cached=usage.cached,
            output=usage.output,
            seconds=spent.seconds,
            requests=spent.attempts,
        )
        if not again:
            self.budget.took(document.id, took, known)
        price = self.budget.outlook.price
        return replace(spent, cost=price.of(usage) if price and known else None)

    def _is_part(self, document: Document, passage: Passage) -> bool:
        return any(
            name == document.id and start <= passage.start and passage.end <= end
            for name, start, end in self._halved
        )


def _cost(totals: Line, price: Price | None) -> float:
    """What the requests of a folder cost; at today's price where that was not written down."""
    if totals.get("cost") is not None:
        return float(totals["cost"])
    used = Usage(totals["tokens_in"], totals["tokens_cached"], totals["tokens_out"])
    return price.of(used) if price else 0.0
