"""An endpoint that fails, over HTTP, through whole runs: what is tried again, what is told, and what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fake_server import NOTHING, TOKENS_IN, TOKENS_OUT, Reply, texts
from fault_server import (
    CLOSES,
    EMPTY,
    FILTERED,
    HALF_A_BODY,
    NO_CHOICES,
    NO_CONTENT,
    NO_JSON,
    REFUSES,
    STALLS,
    TRICKLES,
    FaultyModel,
    by,
    status,
)

from extract.ask import Asker, Endpoint
from extract.choice import Asked, answering, choose
from extract.errors import NothingToDoError, UsageError
from extract.pace import PROBE, AtOnce, Limits, retry_after
from extract.pipeline import Job, run
from extract.profile import Profile
from extract.progress import Tally
from extract.read import find_inputs
from extract.run_folder import CALLS, ERRORS, EXTRACTIONS, RunFolder, read_lines
from schemas.load import load

SCHEMA = load("crisis")
GOOD, BAD = "Belmin", "Tarvo"
SCHOOL = {"at": 1, "type": "school", "name": "schools", "count": 12, "status": "restored"}
SCHOOLS = Reply({"facilities": [SCHOOL]})
MISFIT = Reply({"facilities": [SCHOOL | {"status": "blue"}]})
QUICK = Limits(pause=0.001)
RETRIES = 3


@dataclass
class Runs:
    """Runs on one folder with one endpoint that fails: a document about a place."""

    folder: Path
    model: FaultyModel
    limits: Limits = QUICK
    timeout: float = 5.0
    inputs: list[str] = field(default_factory=list)

    def write(self, *places: str) -> None:
        for place in places:
            path = self.folder.parent / f"{place}.txt"
            path.write_text(f"On Monday 12 schools reopened in {place}.")
            self.inputs.append(str(path))

    def run(self, workers: int = 4) -> Tally:
        tally = Tally(len(self.inputs))
        with RunFolder(self.folder, {}) as folder:
            asyncio.run(self._go(folder, tally, workers))
        return tally

    async def _go(self, folder: RunFolder, tally: Tally, workers: int) -> None:
        profile = Profile(reasks=1)
        asker = Asker(self._endpoint(), SCHEMA, profile)
        try:
            job = Job(SCHEMA, profile, asker, folder, tally, workers)
            await run(job, find_inputs(self.inputs))
        finally:
            await asker.close()

    def _endpoint(self) -> Endpoint:
        url = self.model.url
        return Endpoint(
            "fake", base_url=url, timeout=self.timeout, retries=RETRIES, limits=self.limits
        )

    def documents(self) -> dict[str, dict[str, Any]]:
        lines = list(read_lines(self.folder / EXTRACTIONS))
        named = {line["document"]["id"]: line for line in lines}
        assert len(named) == len(lines)
        return named

    def calls(self, place: str) -> list[dict[str, Any]]:
        return [line for line in read_lines(self.folder / CALLS) if line["document"] == place]


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with FaultyModel() as model:
        model.on("schools reopened", SCHOOLS)
        yield Runs(tmp_path / "run", model)


PASSING = {
    "429 with Retry-After": status(429, headers={"retry-after": "0.05"}),
    "429 without": status(429),
    "503": status(503, headers={"retry-after": "0"}),
    "500": status(500),
    "502": status(502),
    "408": status(408),
    "409": status(409),
    "closes mid-body": CLOSES,
    "half a body": HALF_A_BODY,
    "a page of HTML": NO_JSON,
    "no choices": NO_CHOICES,
    "stalls": STALLS,
    "trickles": TRICKLES,
}
MISFITS = {
    "no JSON": (Reply("Certainly! Here you are."), "Invalid JSON"),
    "half of it": (Reply('{"facilities": [{"at": 1, "type": "scho'), "EOF while parsing"),
    "empty": (EMPTY, "EOF while parsing"),
    "nothing": (NO_CONTENT, "EOF while parsing"),
    "breaks the schema": (MISFIT, "Input should be"),
}


def table(rows: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows.values(), ids=rows.keys())


@table(PASSING)
def test_a_failure_that_passes_costs_a_retry(row: Reply, runs: Runs) -> None:
    """The very same question goes out again, is counted as a retry, and the record is there."""
    runs.timeout = 0.4
    runs.model.on(BAD, row, SCHOOLS)
    runs.write(BAD)
    assert runs.run().all_well
    assert len(runs.documents()[BAD]["facilities"]) == 1
    first, second = runs.model.asked
    assert first.body == second.body
    assert runs.model.early == 0


@table(PASSING)
def test_a_failure_that_stays_costs_its_passage_alone(row: Reply, runs: Runs) -> None:
    """After the retries it is told in one line; other documents are whole, and the next run asks that passage again."""
    runs.timeout = 0.2
    runs.model.on(BAD, row)
    runs.write(GOOD, BAD)
    assert not runs.run(workers=1).all_well
    documents = runs.documents()
    assert len(documents[GOOD]["facilities"]) == 1
    assert "facilities" not in documents[BAD] or documents[BAD]["facilities"] == []
    (gap,) = documents[BAD]["incomplete"]
    assert runs.model.url in gap["reason"]
    assert "\n" not in gap["reason"]
    (error,) = read_lines(runs.folder / ERRORS)
    assert (error["document"], error["error"]) == (BAD, gap["reason"])
    assert 2 <= runs.model.times(BAD) <= RETRIES + 1
    asked_of_good = runs.model.times(GOOD)
    runs.model.on(BAD, SCHOOLS)
    assert runs.run().all_well
    assert runs.model.times(GOOD) == asked_of_good


@pytest.mark.parametrize("row", [400, 413, 422])
def test_what_no_retry_can_mend_is_asked_once(row: int, runs: Runs) -> None:
    """A request that the endpoint calls wrong stays wrong."""
    runs.model.on(BAD, status(row, "bad request"))
    runs.write(GOOD, BAD)
    runs.run(workers=1)
    assert f"HTTP {row}: " in runs.documents()[BAD]["incomplete"][0]["reason"]
    assert runs.model.times(BAD) == 1
    assert "incomplete" not in runs.documents()[GOOD]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(401), "refused the key"),
        (status(403), "refused the key"),
        (status(404), "has no model 'fake'"),
        (status(429, code="insufficient_quota"), "no credit left"),
    ],
)
def test_what_no_passage_can_mend_ends_the_run(fault: Reply, said: str, runs: Runs) -> None:
    """After one request, though others waited for their turn, and with all that was finished kept."""
    runs.write(GOOD)
    runs.run()
    runs.limits = Limits(start=1)
    runs.model.on("schools reopened", fault)
    runs.write(BAD, *(f"Place{number}" for number in range(6)))
    with pytest.raises(NothingToDoError, match=said):
        runs.run(workers=4)
    assert len(runs.model.asked) == 2
    assert list(runs.documents()) == [GOOD]


@table(MISFITS)
def test_an_answer_that_does_not_fit_is_asked_again_with_the_reason(
    row: tuple[Reply, str], runs: Runs
) -> None:
    """In the validator's own sentence; a re-ask is no retry, and both answers are paid for."""
    misfit, said = row
    runs.model.on(BAD, misfit, SCHOOLS)
    runs.write(BAD)
    assert runs.run().all_well
    assert len(runs.documents()[BAD]["facilities"]) == 1
    assert said in texts(runs.model.asked)[1]
    (call,) = runs.calls(BAD)
    assert (call["attempts"], call["tokens_in"]) == (2, 2 * TOKENS_IN)


@table(MISFITS)
def test_an_answer_that_never_fits_costs_its_passage_alone(
    row: tuple[Reply, str], runs: Runs
) -> None:
    """Nothing of it becomes a record."""
    misfit, said = row
    runs.model.on(BAD, misfit)
    runs.write(GOOD, BAD)
    runs.run()
    line = runs.documents()[BAD]
    assert said in line["incomplete"][0]["reason"]
    assert not line.get("facilities")
    assert runs.model.times(BAD) == 2
    assert len(runs.documents()[GOOD]["facilities"]) == 1


@pytest.mark.parametrize("row", [REFUSES, FILTERED])
def test_a_refusal_is_told_and_not_argued_with(row: Reply, runs: Runs) -> None:
    """What it cost is counted all the same."""
    runs.model.on(BAD, row)
    runs.write(BAD)
    runs.run()
    assert "the model refused to answer: " in runs.documents()[BAD]["incomplete"][0]["reason"]
    (call,) = runs.calls(BAD)
    assert (call["attempts"], call["tokens_in"]) == (1, TOKENS_IN)


def test_a_failure_of_the_reask_does_not_cost_the_first_answer(runs: Runs) -> None:
    """The re-ask alone goes out again."""
    runs.model.on(BAD, MISFIT, status(500), SCHOOLS)
    runs.write(BAD)
    assert runs.run().all_well
    (call,) = runs.calls(BAD)
    assert (call["attempts"], call["tokens_in"]) == (3, 2 * TOKENS_IN)


def test_an_answer_that_is_cut_off_is_asked_for_in_halves(runs: Runs) -> None:
    """Each half yields its record."""
    runs.write(BAD)
    Path(runs.inputs[0]).write_text("In Tarvo 3 schools reopened. In Belmin 4 schools reopened.")
    runs.model.on("[1] In Tarvo", Reply({"facilities": [SCHOOL | {"count": 3}]}))
    runs.model.on("[1] In Belmin", Reply({"facilities": [SCHOOL | {"count": 4}]}))
    runs.model.on("[2] In Belmin", Reply('{"facilities": [', cut=True))
    assert runs.run().all_well
    assert [found["count"] for found in runs.documents()[BAD]["facilities"]] == [3, 4]
    assert [call.get("halved", False) for call in runs.calls(BAD)] == [True, False, False]


@pytest.mark.parametrize(
    ("named", "told"), [("other-7b", "other-7b"), ("fake-2025-08-07", None), ("fake", None)]
)
def test_an_answer_of_another_model_carries_its_name(
    named: str, told: str | None, runs: Runs
) -> None:
    """Servers have aliases, so it counts; a dated name is the model's own."""
    runs.model.on(BAD, by(named, SCHOOLS))
    runs.write(BAD)
    answers = []

    class Noting(Asker):
        async def ask(self, *question: Any) -> Any:
            answers.append(await super().ask(*question))
            return answers[-1]

    async def go() -> None:
        asker = Noting(runs._endpoint(), SCHEMA, Profile())
        with RunFolder(runs.folder, {}) as folder:
            await run(Job(SCHEMA, Profile(), asker, folder, Tally(1), 1), find_inputs(runs.inputs))
        await asker.close()

    asyncio.run(go())
    assert [answer.answered_by for answer in answers] == [told]
    assert len(runs.documents()[BAD]["facilities"]) == 1


@pytest.mark.parametrize(("at_once", "documents"), [(1, 80), (3, 80), (8, 120)])
def test_an_endpoint_that_serves_so_many_at_once_refuses_few(
    at_once: int, documents: int, tmp_path: Path
) -> None:
    """The run is complete, the endpoint kept busy, and fewer than one request in ten is refused."""
    with FaultyModel(at_once) as model:
        model.on("schools reopened", Reply({"facilities": [SCHOOL]}, delay=0.01 * at_once))
        runs = Runs(tmp_path / "run", model)
        runs.write(*(f"Place{number}" for number in range(documents)))
        assert runs.run(workers=16).all_well
        assert len(runs.documents()) == documents
        assert model.busiest == at_once
        assert 1 <= model.refused < 0.1 * len(model.asked)


def test_an_endpoint_that_refuses_nobody_is_asked_by_all_workers(runs: Runs) -> None:
    """The number grows to all of them, and no further."""
    workers = 4 * Limits().start
    runs.model.on("schools reopened", Reply({}, delay=0.2))
    runs.write(*(f"Place{number}" for number in range(3 * workers)))
    assert runs.run(workers).all_well
    assert runs.model.busiest == workers


def test_all_wait_for_as_long_as_one_was_told(runs: Runs) -> None:
    """Requests that were not refused do not go on knocking."""
    runs.model.on("schools reopened", Reply({}, delay=0.4))
    runs.model.on(BAD, status(429, headers={"retry-after": "0.5"}, delay=0.3), NOTHING)
    runs.write(BAD, *(f"Place{number}" for number in range(6)))
    assert runs.run().all_well
    assert runs.model.early == 0
    assert runs.model.times(BAD) == 2


def test_an_endpoint_that_asks_for_longer_than_a_request_may_take_is_not_waited_for(
    runs: Runs,
) -> None:
    """The passage is for a later run."""
    runs.model.on(BAD, status(429, headers={"retry-after": "3600"}))
    runs.write(BAD, GOOD)
    runs.run(workers=1)
    assert runs.model.times(BAD) == 1
    assert len(runs.documents()[GOOD]["facilities"]) == 1


@pytest.mark.parametrize(
    "limits",
    [
        Limits(start=1, requests_per_minute=1),
        Limits(start=1, tokens_per_minute=TOKENS_IN + TOKENS_OUT),
    ],
)
def test_what_a_minute_allows_is_not_exceeded(limits: Limits, runs: Runs) -> None:
    """The second question waits for its minute; what was answered is on disk when the run is stopped."""
    runs.limits = limits
    runs.write(GOOD, BAD)

    async def stopped() -> None:
        with RunFolder(runs.folder, {}) as folder:
            await asyncio.wait_for(runs._go(folder, Tally(2), 2), 1.0)

    with pytest.raises(TimeoutError):
        asyncio.run(stopped())
    assert len(runs.model.asked) == len(runs.documents()) == 1


def test_a_run_that_waits_for_an_endpoint_can_be_stopped(runs: Runs) -> None:
    """At once, with what is finished on disk; the next run does the rest."""
    runs.timeout = 600
    runs.model.on(BAD, STALLS)
    runs.write(GOOD, BAD)

    async def stopped() -> None:
        with RunFolder(runs.folder, {}) as folder:
            going = asyncio.create_task(runs._go(folder, Tally(2), 2))
            while not (runs.model.times(BAD) and folder.finished):  # noqa: ASYNC110  # a server of threads
                await asyncio.sleep(0.01)
            going.cancel()
            await going

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(asyncio.wait_for(stopped(), 30))
    assert list(runs.documents()) == [GOOD]
    runs.model.on(BAD, SCHOOLS)
    assert runs.run().all_well
    assert runs.model.times(GOOD) == 1


@pytest.mark.parametrize(("served", "room"), [(9, 5), (5, 5), (3, 3), (1, 1), (0, 1)])
def test_a_round_some_of_which_are_refused_leaves_room_for_those_that_are_not(
    served: int, room: int
) -> None:
    """At most for half; a refusal of an earlier round is no news."""

    async def left() -> int:
        at_once = AtOnce(10)
        seen = [await at_once.enter() for _ in range(10)]
        firsts = [await at_once.refused(cuts) for cuts in seen[served:]]
        assert firsts == [True] + [False] * (9 - served)
        for _ in seen:
            at_once.leave()
        limit = at_once.limit
        assert await at_once.refused(await at_once.enter())
        late = at_once.limit
        assert not await at_once.refused(seen[0])
        assert at_once.limit == late
        return limit

    assert asyncio.run(left()) == room


def test_the_number_that_was_refused_is_tried_ever_more_rarely() -> None:
    """An endpoint that serves three at once: each refusal doubles the answers before the next."""

    async def refusals(answers: int) -> list[int]:
        at_once, refused = AtOnce(2), []
        for number in range(answers):
            seen = [await at_once.enter() for _ in range(at_once.limit)]
            for cuts in seen[3:]:
                await at_once.refused(cuts)
            if seen[3:]:
                refused.append(number)
            else:
                at_once.answered()
            for _ in seen:
                at_once.leave()
        return refused

    refused = asyncio.run(refusals(2000))
    gaps = [after - before for before, after in pairwise(refused)]
    assert gaps[0] < 2 * PROBE
    assert all(after > 1.5 * before for before, after in pairwise(gaps))


def test_the_limits_of_the_options_reach_the_endpoint() -> None:
    """Where the endpoint is not our own."""
    asked = Asked("m", "http://127.0.0.1:9/v1", requests_per_minute=7, tokens_per_minute=900)
    with answering(choose(asked, "crisis")) as endpoint:
        assert endpoint.limits == Limits(requests_per_minute=7, tokens_per_minute=900)
    with pytest.raises(UsageError, match="--requests-per-minute 0: at least 1"):
        choose(replace(asked, requests_per_minute=0), "crisis")
    with pytest.raises(UsageError, match="--tokens-per-minute -1: at least 1"):
        choose(replace(asked, tokens_per_minute=-1), "crisis")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_what_an_endpoint_asks_for_is_read(headers: dict[str, str], seconds: float | None) -> None:
    """In each form of the header; nonsense is none."""
    assert retry_after(headers) == seconds
