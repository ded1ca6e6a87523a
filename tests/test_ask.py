"""One passage, one model, over HTTP: what is asked, what comes back, and what each failure is called."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from builders import document, passages
from fake_server import FAILS, HANG, TOKENS_CACHED, TOKENS_IN, TOKENS_OUT, FakeModel, Reply, texts

from extract.ask import Asker, Endpoint
from extract.errors import AskError, CommuniqueError, NothingToDoError, TooLongError, UsageError
from extract.profile import LARGE
from extract.types import Answer, Usage
from schemas.load import load

TEXT = "On Monday 12 schools reopened in Tarvo. Two bakeries are still closed."
SCHOOLS = {
    "at": 1,
    "type": "school",
    "name": "schools",
    "count": 12,
    "status": "restored",
    "place": "Tarvo",
}
FITS = Reply({"facilities": [SCHOOLS]})
CANARY = "sk-canary-3c19"


def ask(endpoint: Endpoint, **profile: Any) -> Answer:
    """What the endpoint says of the text."""

    async def go() -> Answer:
        asker = Asker(endpoint, load("crisis"), replace(LARGE, **profile))
        try:
            return await asker.ask(document(TEXT), passages(TEXT)[0])
        finally:
            await asker.close()

    return asyncio.run(go())


def endpoint(model: FakeModel, **known: Any) -> Endpoint:
    return Endpoint("fake", base_url=model.url, retries=0, **known)


def test_an_answer_comes_as_drafts_with_what_it_took(model: FakeModel) -> None:
    """One request; its tokens, the cached among them, are counted once."""
    model.on("Tarvo", FITS)
    answer = ask(endpoint(model))
    (draft,) = answer.drafts
    assert (draft.kind, draft.sentence, draft.values["count"]) == ("facilities", 1, 12)
    assert answer.usage == Usage(TOKENS_IN, TOKENS_CACHED, TOKENS_OUT)
    assert answer.attempts == 1
    assert model.asked[0].body["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "misfit",
    [
        Reply("no JSON at all"),
        Reply({"facilities": [SCHOOLS | {"status": "blue"}]}),
        Reply({"facilities": "none"}),
    ],
)
def test_an_answer_that_breaks_the_schema_is_asked_for_again(
    misfit: Reply, model: FakeModel
) -> None:
    """The second request says what was wrong; attempts and tokens are those of both."""
    model.on("Tarvo", misfit, FITS)
    answer = ask(endpoint(model))
    assert len(answer.drafts) == 1
    assert (answer.attempts, answer.retries) == (2, 0)
    assert answer.usage == Usage(2 * TOKENS_IN, 2 * TOKENS_CACHED, 2 * TOKENS_OUT)
    assert len(model.asked[1].body["messages"]) > len(model.asked[0].body["messages"])
    assert texts(model.asked)[0] != texts(model.asked)[1]


def test_a_model_that_never_fits_fails_after_its_reasks(model: FakeModel) -> None:
    """The error says what does not fit, and carries the tokens of all that was tried."""
    model.on("Tarvo", Reply({"facilities": [SCHOOLS | {"status": "blue"}]}))
    with pytest.raises(AskError, match=r"does not fit the schema: facilities\.0\.status") as told:
        ask(endpoint(model), reasks=2)
    assert len(model.asked) == told.value.spent.attempts == 3
    assert told.value.spent.usage.prompt == 3 * TOKENS_IN


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (FAILS, AskError, "answered HTTP 500"),
        (Reply("slow down", status=429), AskError, "HTTP 429"),
        (Reply("bad request", status=400), AskError, "HTTP 400"),
        (Reply("who are you", status=401), NothingToDoError, "refused the key"),
        (Reply("not you", status=403), NothingToDoError, "refused the key"),
        (Reply("no such model", status=404), NothingToDoError, "has no model 'fake'"),
        (Reply({}, cut=True), TooLongError, "cut off"),
        (HANG, AskError, "did not answer within 0.3 s"),
    ],
)
def test_each_failure_is_one_line_that_names_it(
    reply: Reply, kind: type[CommuniqueError], said: str, model: FakeModel
) -> None:
    """What may pass is an AskError; a refused key or model ends the run."""
    model.on("Tarvo", reply)
    with pytest.raises(kind, match=said) as told:
        ask(endpoint(model, timeout=0.3))
    assert "\n" not in str(told.value)


def test_an_address_where_nobody_listens_is_named() -> None:
    """The error gives the address."""
    with pytest.raises(AskError, match=r"http://127\.0\.0\.1:9/v1 cannot be reached"):
        ask(Endpoint("fake", base_url="http://127.0.0.1:9/v1", retries=0))


def test_a_passing_failure_is_tried_again(model: FakeModel) -> None:
    """A server that answers after one refusal costs no passage; the retry is counted as one."""
    model.on("Tarvo", Reply("busy", status=503, retry=True), FITS)
    answer = ask(replace(endpoint(model), retries=1))
    assert len(answer.drafts) == 1
    assert (answer.attempts, answer.retries) == (2, 1)
    assert answer.usage == Usage(TOKENS_IN, TOKENS_CACHED, TOKENS_OUT)


def test_what_the_environment_holds_for_openai_goes_to_no_other_server(
    model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its keys, nor its organization and project, nor its headers; nor is a proxy asked for loopback."""
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", CANARY)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"x-gateway: {CANARY}")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    ask(endpoint(model))
    assert CANARY not in str(model.asked)
    assert model.asked[0].headers["authorization"] == "Bearer none"


def test_a_key_that_the_server_repeats_is_not_passed_on(model: FakeModel) -> None:
    """Error messages go into files."""
    model.on("Tarvo", Reply(f"your key {CANARY} has no credit", status=402))
    with pytest.raises(AskError) as told:
        ask(endpoint(model, api_key=CANARY))
    assert model.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in str(told.value)
    assert CANARY not in repr(endpoint(model, api_key=CANARY))


def test_openai_without_a_key_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_ADMIN_KEY", raising=False)
    with pytest.raises(NothingToDoError, match="set OPENAI_API_KEY"):
        ask(Endpoint("gpt-x"))


def test_a_provider_that_nobody_knows_is_refused() -> None:
    """The name is given back as it was typed."""
    with pytest.raises(UsageError, match="no model nobody:x"):
        ask(Endpoint("x", provider="nobody"))


def test_libraries_write_nothing_to_the_terminal(
    model: FakeModel, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What instructor logs is in the error already."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    model.on("Tarvo", FAILS)
    with pytest.raises(AskError):
        ask(endpoint(model))
    assert capfd.readouterr() == ("", "")
