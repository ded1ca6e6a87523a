"""Limits of a run: where it stops, what is kept, and that it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from builders import CRISIS, document
from conftest import Main
from fake_server import TOKENS_IN, TOKENS_OUT, FakeModel, Reply

from extract.budget import Budget, Caps, Limited, LimitError, seconds_of
from extract.choice import Asked, choose
from extract.errors import AskError, TooLongError, UsageError
from extract.forecast import Counter, Outlook, Past, Sums, usual
from extract.jsonl import Line, read_lines
from extract.prices import Price
from extract.split import split
from extract.types import Answer, Document, Passage, Usage

EACH = TOKENS_IN + TOKENS_OUT
LONG = " ".join(["and the road to the market is open again"] * 40)
PLACES = ("Tarvo", "Belmin", "Corrad", "Delgate")
TEXT = "\n\n".join(f"On Monday 12 schools reopened in {place}, {LONG}." for place in PLACES)
NOTHING_YET: Line = dict.fromkeys(
    ("tokens_in", "tokens_cached", "tokens_out", "seconds", "requests"), 0
)
CHOICE = choose(Asked("fake", "http://127.0.0.1:9/v1"), CRISIS.name)
DOCUMENT = document(TEXT)
PASSAGES = split(DOCUMENT, CHOICE.profile.passage)
COUNTER = Counter(CHOICE, CRISIS)
SAID = Answer((), Usage(1000, 0, 100), 0.1)


@pytest.fixture
def known(main: Main, fake: tuple[str, ...], tmp_path: Path) -> None:
    """A model that an earlier run has asked, so that what a request takes is known; two documents for the next."""
    (tmp_path / "earlier.txt").write_text(TEXT)
    assert main("extract", "earlier.txt", "-q", "-o", "earlier", *fake).code == 0
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(TEXT)


def ids(run: Path) -> list[str]:
    return sorted(line["document"]["id"] for line in read_lines(run / "extractions.jsonl"))


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("workers", [1, 3])
def test_tokens_stop_a_run_and_a_higher_limit_goes_on(
    workers: int, model: FakeModel, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """No request that would pass the limit is made, each answer is kept, and nothing is asked twice."""
    order = ("extract", "a.txt", "b.txt", "-o", "run", "--workers", workers, *fake, "--max-tokens")
    before = len(model.asked)
    ended = main(*order, 5 * EACH + 20)
    assert ended.code == 1
    stop = ended.err.splitlines()[-1]
    assert stop.startswith("stopped: --max-tokens 570: 550 spent in 5 requests")
    assert len(model.asked) - before == 5
    assert len(list(read_lines(tmp_path / "run" / "calls.jsonl"))) == 5
    if workers == 1:
        assert ids(tmp_path / "run") == ["a"]
        assert stop.endswith("(1 of 2 documents are done)")
    again = main(*order, 5 * EACH + 20)  # the limit is of the folder, not of the command
    assert (again.code, len(model.asked) - before) == (1, 5)
    assert main(*order, 8 * EACH + 20).code == 0
    assert len(model.asked) - before == 8
    assert ids(tmp_path / "run") == ["a", "b"]


@pytest.mark.usefixtures("known")
def test_time_stops_a_run_and_a_higher_limit_goes_on(
    model: FakeModel, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """What was under way is waited for and kept."""
    order = ("extract", "a.txt", "b.txt", "-o", "run", "--workers", 1, *fake, "--max-time")
    model.on("schools", Reply({}, delay=0.5))
    before = len(model.asked)
    ended = main(*order, "2s")
    assert ended.code == 1
    assert "stopped: --max-time 2 s: " in ended.err
    asked = len(model.asked) - before
    assert 0 < asked < 8
    assert len(list(read_lines(tmp_path / "run" / "calls.jsonl"))) == asked
    model.on("schools", Reply({}))
    assert main(*order, "1h").code == 0
    assert len(model.asked) - before == 8


def test_a_limit_below_one_request_asks_nothing(
    model: FakeModel, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """One line, and 1."""
    (tmp_path / "a.txt").write_text(TEXT)
    ended = main("extract", "a.txt", "-o", "run", "--max-tokens", 5, *fake)
    assert (ended.code, ended.out, model.asked) == (1, "", [])
    assert ended.err.startswith("communique: --max-tokens 5: 0 spent in 0 requests")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("--max-cost 1 FAKE", 2, "nobody knows the price of fake: use --max-tokens"),
        ("--max-cost 1 --dry-run FAKE", 2, "nobody knows the price of fake"),
        ("--max-cost 0 FAKE", 2, "--max-cost 0: more than 0"),
        ("--max-tokens 0 FAKE", 2, "--max-tokens 0: more than 0"),
        ("--max-time 0 FAKE", 2, "--max-time 0: more than 0"),
        ("--max-time soon FAKE", 2, "--max-time 'soon': give seconds"),
        ("--max-cost 1", 3, "communique models fetch"),  # the embedded model costs nothing
    ],
)
def test_a_limit_that_cannot_be_held_is_refused(
    options: str,
    code: int,
    said: str,
    main: Main,
    model: FakeModel,
    fake: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """Before anything is asked, in one line."""
    (tmp_path / "a.txt").write_text(TEXT)
    words = [part for word in options.split() for part in (fake if word == "FAKE" else [word])]
    ended = main("extract", "a.txt", "-o", "run", *words)
    assert (ended.code, ended.out, model.asked) == (code, "", [])
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("duration", "seconds"), [("90", 90), ("90s", 90), ("45m", 2700), ("1h30m", 5400), ("2h", 7200)]
)
def test_a_duration_is_read(duration: str, seconds: float) -> None:
    """In seconds, minutes and hours."""
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "soon", "-5", "1.5h", "5m1h"])
def test_what_is_no_duration_is_refused(duration: str) -> None:
    """With what would be one."""
    with pytest.raises(UsageError, match="45m"):
        seconds_of(duration)


class FakeAsker:
    """A model that gives the same answers in turn, the last one ever after, once it is let to."""

    def __init__(self, *outcomes: Answer | AskError) -> None:
        self.asked = 0
        self.outcomes: Sequence[Answer | AskError] = outcomes

    def key(self, document: Document, passage: Passage) -> str:
        return f"{document.id} {passage.number}"

    async def ask(self, document: Document, passage: Passage) -> Answer:
        outcome = self.outcomes[min(self.asked, len(self.outcomes) - 1)]
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(outcome, AskError):
            raise outcome
        return outcome


def budget(caps: Caps, *, price: Price | None = None, before: Line = NOTHING_YET) -> Budget:
    """Of a model that takes as much as `SAID` for a passage."""
    work = COUNTER.work(DOCUMENT, PASSAGES[0])
    took = Sums(1, work.counted, work.characters, 1000, 0, 100, 0.1, 1)
    nowhere = Outlook(4, Past((took,), 1), usual(CHOICE, COUNTER.unit), price)
    return Budget(nowhere, caps, before)


def ask(asker: FakeAsker, within: Budget, times: int) -> None:
    """About the first passage, one after the other."""
    limited = within.over(asker, COUNTER)

    async def go() -> None:
        for _ in range(times):
            await limited.ask(DOCUMENT, PASSAGES[0])

    asyncio.run(go())


def test_money_stops_before_the_request_that_would_pass_it() -> None:
    """At the price of the model's provider; what earlier runs on the folder cost counts as well."""
    price = Price("gpt-5-mini", "openai")
    each = price.of(SAID.usage)
    assert each > 0
    asker, within = FakeAsker(SAID), budget(Caps(cost=3.5 * each), price=price)
    with pytest.raises(LimitError, match="3 requests"):
        ask(asker, within, 9)
    assert asker.asked == 3
    assert within.cost == pytest.approx(3 * each)
    asker = FakeAsker(SAID)
    before = NOTHING_YET | {"cost": 2 * each, "requests": 2}
    with pytest.raises(LimitError, match="3 requests"):
        ask(asker, budget(Caps(cost=3.5 * each), price=price, before=before), 9)
    assert asker.asked == 1


def test_earlier_requests_without_a_cost_are_priced_by_their_tokens() -> None:
    """So that a limit holds for folders that were begun before prices were written down."""
    price = Price("gpt-5-mini", "openai")
    before = NOTHING_YET | {"cost": None, "tokens_in": 2000, "tokens_out": 200, "requests": 2}
    asker = FakeAsker(SAID)
    with pytest.raises(LimitError):
        ask(asker, budget(Caps(cost=3.5 * price.of(SAID.usage)), price=price, before=before), 9)
    assert asker.asked == 1


def test_requests_that_take_less_than_was_thought_make_room() -> None:
    """Whoever finds no room waits for those under way before the run is stopped."""
    asker, within = FakeAsker(Answer((), Usage(10, 0, 1), 0.1)), budget(Caps(tokens=2300))
    limited = within.over(asker, COUNTER)

    async def go() -> None:
        await asyncio.gather(*(limited.ask(DOCUMENT, PASSAGES[0]) for _ in range(20)))

    asyncio.run(go())
    assert asker.asked == 20


def test_a_server_that_counts_no_tokens_is_held_to_what_is_likely() -> None:
    """A limit holds all the same, and no price of nothing is told or remembered."""
    asker, within = FakeAsker(Answer((), Usage(), 0.1)), budget(Caps(tokens=2500))
    with pytest.raises(LimitError):
        ask(asker, within, 9)
    assert asker.asked == 2
    assert (within.unreported, within.documents) == (2, {})


def test_a_failed_request_takes_no_room() -> None:
    """Its tokens are those that the server told."""
    failed = AskError("HTTP 500", Answer((), Usage(), 0.1, 4))
    asker, within = FakeAsker(failed, SAID), budget(Caps(tokens=1200))
    limited = within.over(asker, COUNTER)

    async def go() -> None:
        with pytest.raises(AskError):
            await limited.ask(DOCUMENT, PASSAGES[0])
        await limited.ask(DOCUMENT, PASSAGES[0])

    asyncio.run(go())
    assert (within.sums.prompt, within.sums.requests, within.unreported) == (1000, 5, 0)


def test_the_halves_of_a_passage_are_no_passages_of_their_own() -> None:
    """What they took belongs to the passage, as the forecast has it."""
    whole = PASSAGES[0]
    asker = FakeAsker(TooLongError("cut", SAID), SAID)
    within = budget(Caps())
    limited: Limited = within.over(asker, COUNTER)

    async def go() -> None:
        with pytest.raises(TooLongError):
            await limited.ask(DOCUMENT, whole)
        await limited.ask(DOCUMENT, whole)
        await limited.ask(DOCUMENT, PASSAGES[1])

    asyncio.run(go())
    assert (within.sums.passages, within.sums.requests, within.sums.prompt) == (2, 3, 3000)


def test_an_answer_carries_what_it_cost() -> None:
    """Where the price is known and the server counts tokens; so does a failure."""
    price = Price("gpt-5-mini", "openai")
    asker = FakeAsker(SAID, Answer((), Usage(), 0.1), TooLongError("cut", SAID))
    limited = budget(Caps(), price=price).over(asker, COUNTER)

    async def go() -> list[float | None]:
        costs = [(await limited.ask(DOCUMENT, PASSAGES[0])).cost for _ in range(2)]
        with pytest.raises(TooLongError) as failed:
            await limited.ask(DOCUMENT, PASSAGES[0])
        return [*costs, failed.value.spent.cost]

    assert asyncio.run(go()) == [price.of(SAID.usage), None, price.of(SAID.usage)]
