"""How fast one endpoint is asked: as many requests at once as it bears, so many a minute, failed ones again.

What a failure means is for the caller to say: its `judge` gives a Setback where the same request may fare better later.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

from aiolimiter import AsyncLimiter
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception
from tenacity.wait import wait_random_exponential

Answered = TypeVar("Answered")

LONGEST_PAUSE = 30.0  # seconds, where the endpoint does not name them
GROWTH = 7  # more requests at once for every answer, until one is refused
PROBE = 16  # answers before the number that was refused is tried again; doubled each time
UNHEARD_RETRIES = 2  # where nothing was ever answered, the address may be wrong


@dataclass(frozen=True, slots=True)
class Limits:
    """`start`: requests at once to begin with. `pause`: seconds before the first retry, then doubled."""

    start: int = 4
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    pause: float = 0.5


@dataclass(frozen=True, slots=True)
class Setback:
    """A failure that may pass. `busy`: the endpoint has too much to do. `wait`: the seconds it asks for.

    `final`: one that meets every request from now on.
    """

    busy: bool = False
    wait: float | None = None
    final: bool = False


Judge = Callable[[Exception], Setback | None]


class Pace:
    """Sends the requests to one endpoint, within one event loop."""

    def __init__(self, limits: Limits, retries: int, timeout: float, judge: Judge) -> None:
        """`timeout`: seconds of one request from its first byte to the answer's last."""
        self._retries, self._timeout, self._judge = retries, timeout, judge
        self._at_once = AtOnce(limits.start)
        # one at a time, evenly: a bucket of a minute's requests would let twice as many through in the first
        each = 60 / limits.requests_per_minute if limits.requests_per_minute else 0.0
        self._requests = AsyncLimiter(1, each) if each else None
        self._tokens = _Tokens(limits.tokens_per_minute) if limits.tokens_per_minute else None
        self._pause = limits.pause
        self._until, self._refusals, self._heard = 0.0, 0, False
        self._ended: Exception | None = None

    async def send(
        self, request: Callable[[], Awaitable[Answered]], retried: Callable[[], None]
    ) -> Answered:
        """The answer, or the last failure. `retried` is told of each time that the request goes out again."""
        backoff = wait_random_exponential(self._pause, LONGEST_PAUSE)

        def wait(state: RetryCallState) -> float:
            setback = self._setback(state.outcome.exception() if state.outcome else None)
            return 0.0 if setback and setback.busy else backoff(state)  # then all wait, at `_due`

        trying = AsyncRetrying(
            retry=retry_if_exception(self._may_pass),
            stop=self._worn_out,
            wait=wait,
            before_sleep=lambda _: retried(),
            reraise=True,
        )
        return await trying(self._once, request)

    def took(self, tokens: int) -> None:
        """Counts what an answer took against the tokens of the minute."""
        if self._tokens:
            self._tokens.owed += tokens

    async def _once(self, request: Callable[[], Awaitable[Answered]]) -> Answered:
        cuts = await self._at_once.enter()
        try:
            await self._due()
            if self._ended:
                raise self._ended
            async with asyncio.timeout(self._timeout):
                answer = await request()
        except Exception as fault:
            if setback := self._judge(fault):
                self._ended = fault if setback.final else self._ended
                await self._slow_down(setback, cuts)
            raise
        else:
            self._refusals, self._heard = 0, True
            self._at_once.answered()
            return answer
        finally:
            self._at_once.leave()

    async def _due(self) -> None:
        if self._requests:
            await self._requests.acquire()
        if self._tokens:
            await self._tokens.pay()
        now = asyncio.get_running_loop().time
        while (wait := self._until - now()) > 0:  # noqa: ASYNC110  # another refusal may put it off
            await asyncio.sleep(wait)

    async def _slow_down(self, setback: Setback, cuts: int) -> None:
        """All requests wait, not only the one that was refused."""
        wait = setback.wait or 0.0
        if setback.busy:
            self._heard = True
            if await self._at_once.refused(cuts) and setback.wait is None:
                longest = min(LONGEST_PAUSE, self._pause * 2**self._refusals)
                wait = random.uniform(longest / 2, longest)  # noqa: S311  # no secret
                self._refusals += 1
        if wait <= self._timeout:
            self._until = max(self._until, asyncio.get_running_loop().time() + wait)

    def _setback(self, fault: BaseException | None) -> Setback | None:
        return self._judge(fault) if isinstance(fault, Exception) else None

    def _may_pass(self, fault: BaseException) -> bool:
        setback = self._setback(fault)
        if setback is None or setback.final:
            return False
        return (setback.wait or 0.0) <= self._timeout

    def _worn_out(self, state: RetryCallState) -> bool:
        retries = self._retries if self._heard else min(self._retries, UNHEARD_RETRIES)
        late = (state.seconds_since_start or 0.0) >= 2 * self._timeout
        return late or state.attempt_number > retries


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that an endpoint asks for: a number of them, of milliseconds, or a date."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1)):
        said = headers.get(name, "")
        try:
            seconds = float(said) * unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(said).timestamp() - time.time()
            except (ValueError, OverflowError):
                continue
        if math.isfinite(seconds):
            return max(seconds, 0.0)
    return None


class AtOnce:
    """Finds how many requests at once an endpoint bears.

    Grows fast until some of a round are refused; then leaves room for half of them, or for those which were not refused
    where they are fewer. Goes up again, by one a round from the half on, and tries the number that was refused more and
    more rarely.
    """

    def __init__(self, start: int) -> None:
        self.limit = start
        self._free = asyncio.Semaphore(start)
        self._inside = 0
        self._withheld = 0  # of those inside, how many may not be replaced
        self._answered = self._cuts = 0
        self._half = self._served = 0  # of the round that was refused
        self._refused_at: float = math.inf
        self._probe = PROBE

    async def enter(self) -> int:
        """Waits for room. Returns what `refused` wants to know."""
        await self._free.acquire()
        self._inside += 1
        return self._cuts

    def leave(self) -> None:
        """Makes room."""
        self._inside -= 1
        self._make_room()

    def _make_room(self) -> None:
        if self._withheld:
            self._withheld -= 1
        else:
            self._free.release()

    def answered(self) -> None:
        """Counts an answer; room that is not used is not widened."""
        self._answered += 1
        if not self._free.locked() or self._answered < self._wanted():
            return
        self._answered = 0
        more = 1 if self._cuts else GROWTH
        self.limit += more
        if self.limit > self._refused_at:
            self._refused_at, self._probe = math.inf, PROBE
        for _ in range(more):
            self._make_room()

    def _wanted(self) -> int:
        if self.limit + 1 >= self._refused_at:
            return self._probe
        return self.limit if self._cuts and self.limit >= self._half else 1

    async def refused(self, cuts: int) -> bool:
        """Cuts the room, unless the request, which saw so many cuts, went out before the last one.

        Returns whether it is the first of its round.
        """
        if first := cuts == self._cuts:
            self._cuts += 1
            self._answered = 0
            if self._inside >= self._refused_at:
                self._probe *= 2
            self._served, self._half = self._inside, self._inside // 2
        if cuts == self._cuts - 1:
            self._served -= 1
            # where all are refused, it is not for their number
            self._refused_at = self._served + 1 if self._served else math.inf
            await self._keep(min(self._half, self._served))
        return first

    async def _keep(self, room: int) -> None:
        while self.limit > max(1, room):
            self.limit -= 1
            if self._free.locked():
                self._withheld += 1
            else:
                await self._free.acquire()


class _Tokens:
    """The tokens of a minute, paid once they are known: what answers took, the next requests wait for."""

    def __init__(self, per_minute: int) -> None:
        self.owed = 0.0
        self._bucket = AsyncLimiter(per_minute / 10, 6)  # a bucket of a minute lets two through
        self._queue = asyncio.Lock()

    async def pay(self) -> None:
        async with self._queue:
            while self.owed > 0:
                part = min(self.owed, self._bucket.max_rate)
                await self._bucket.acquire(part)
                self.owed -= part
