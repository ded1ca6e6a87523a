"""From the options to a model: which one, how it is asked, and what is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from extract.choice import Asked, answering, choose
from extract.errors import CommuniqueError, UsageError
from extract.models import DEFAULT_MODEL, MODELS
from extract.profile import LARGE, SMALL

URL = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("asked", "provider", "name"),
    [
        (Asked(), "local", DEFAULT_MODEL),
        (Asked(DEFAULT_MODEL), "local", DEFAULT_MODEL),
        (Asked(f"local:{DEFAULT_MODEL}"), "local", DEFAULT_MODEL),
        (Asked("openai:some-model"), "openai", "some-model"),
        (Asked("anthropic:some-model"), "anthropic", "some-model"),
        (Asked("team/model:7b", URL), "openai", "team/model:7b"),
        (Asked("openai:some-model", URL), "openai", "some-model"),
    ],
)
def test_a_model_is_where_its_name_says(asked: Asked, provider: str, name: str) -> None:
    """With an address, the name is the server's own."""
    choice = choose(asked, "crisis")
    assert (choice.provider, choice.name) == (provider, name)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked("some-model"), "no model 'some-model'"),
        (Asked(":"), "no model ':'"),
        (Asked(base_url=URL), "--base-url needs --model"),
        (Asked("m", "127.0.0.1:80"), "no http or https address"),
        (Asked("m", "http://me:secret@host/v1"), "must hold no key"),
        (Asked("m", "http://host/v1?key=secret"), "must hold no key"),
        (Asked(profile="huge"), "no profile 'huge'"),
        (Asked(workers=0), "--workers 0"),
    ],
)
def test_wrong_options_are_refused_with_their_value(asked: Asked, said: str) -> None:
    """And with no secret in the message."""
    with pytest.raises(UsageError, match=said) as told:
        choose(asked, "crisis")
    assert "secret" not in str(told.value)


def test_a_key_for_openai_alone_sends_nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --model it is the embedded one, whatever the environment holds."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("OPENAI_BASE_URL", URL)
    assert choose(Asked(), "crisis").embedded


def test_each_server_gets_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """OPENAI_API_KEY is for OpenAI, COMMUNIQUE_API_KEY for --base-url."""
    monkeypatch.setenv("OPENAI_API_KEY", "for-openai")
    with answering(choose(Asked("m", URL), "crisis")) as endpoint:
        assert endpoint.api_key is None
    monkeypatch.setenv("COMMUNIQUE_API_KEY", "for-the-server")
    with answering(choose(Asked("m", URL), "crisis")) as endpoint:
        assert endpoint.api_key == "for-the-server"
    with answering(choose(Asked("openai:m"), "crisis")) as endpoint:
        assert endpoint.api_key == "for-openai"


def test_a_profile_is_the_models_unless_it_is_named() -> None:
    """Hosted models choose their temperature themselves; an adapter is for its schema only."""
    assert choose(Asked("m", URL), "crisis").profile == LARGE
    assert choose(Asked("m", URL, profile="small"), "crisis").profile == SMALL
    assert choose(Asked("openai:m"), "crisis").profile.temperature is None
    assert choose(Asked(), "no-such-schema").adapter is None


def test_workers_are_what_the_model_serves_at_once() -> None:
    """Unless the user says otherwise."""
    assert choose(Asked(), "crisis").workers == MODELS[DEFAULT_MODEL].slots
    assert choose(Asked(workers=3), "crisis").workers == 3


def test_weights_that_are_not_there_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message says how to get them."""
    monkeypatch.setenv("COMMUNIQUE_HOME", str(tmp_path))
    with pytest.raises(CommuniqueError, match="communique models fetch"):
        choose(Asked(), "crisis").settings()
