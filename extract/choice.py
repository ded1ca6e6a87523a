"""From what the user typed after `--model` to an endpoint that answers; an embedded model gets its engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from extract import engine, weights
from extract.ask import Endpoint
from extract.errors import UsageError
from extract.models import DEFAULT_MODEL, MODELS, Adapter
from extract.pace import Limits
from extract.profile import ADAPTED, LARGE, SMALL, Profile
from extract.sieve import Sieve, sieve

BASE_URL_KEY = (
    "COMMUNIQUE_API_KEY"  # not OPENAI_API_KEY: that one is for OpenAI, whoever else is asked
)
PROFILES = {"small": SMALL, "large": LARGE}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that was named, and how it is asked. `workers`: requests at once, at most."""

    provider: str
    name: str
    base_url: str | None
    profile: Profile
    workers: int
    adapter: Adapter | None = None
    every_passage: bool = False
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    @property
    def sieve(self) -> Sieve | None:
        """What decides which passages are asked about; None: all are."""
        return sieve(self.adapter.sieve) if self.adapter and not self.every_passage else None

    @property
    def embedded(self) -> bool:
        return self.provider == "local"

    def settings(self) -> dict[str, Any]:
        """What a run folder holds a later run to."""
        said: dict[str, Any] = {"model": f"{self.provider}:{self.name}", "base_url": self.base_url}
        if self.embedded:
            found = weights.find(self.name)
            own = f"{found.path.name}, {found.path.stat().st_size} bytes"
            said["weights"] = found.model.sha256 if found.model else own
            said |= self.trained()
        return said

    def trained(self) -> dict[str, Any]:
        """What the model was taught, by hash."""
        adapter, sieve = self.adapter, self.sieve
        return {
            "adapter": adapter.sha256 if adapter else None,
            "sieve": sieve.id if sieve else None,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that say which model, as the user gave them."""

    model: str | None = None
    base_url: str | None = None
    profile: str | None = None
    workers: int | None = None
    every_passage: bool = False
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


def choose(asked: Asked, schema: str) -> Choice:
    """The model for a schema of that name. Checks the names only. Raises UsageError."""
    model, base_url, profile, workers = asked.model, asked.base_url, asked.profile, asked.workers
    if profile is not None and profile not in PROFILES:
        raise UsageError(f"no profile {profile!r}: choose small or large")
    for option in ("workers", "requests_per_minute", "tokens_per_minute"):
        number = getattr(asked, option)
        if number is not None and number < 1:
            raise UsageError(f"--{option.replace('_', '-')} {number}: at least 1")
    if base_url and not base_url.startswith(("http://", "https://")):
        raise UsageError(f"--base-url {base_url!r} is no http or https address")
    if base_url and ("@" in base_url or "?" in base_url):
        raise UsageError(f"--base-url must hold no key: put it into {BASE_URL_KEY}")
    if base_url and model is None:
        raise UsageError("--base-url needs --model: the name of the model that the server serves")
    provider, name = _parts(model, base_url)
    small = provider == "local"
    adapter = MODELS[name].adapter(schema) if small and name in MODELS and not profile else None
    how = PROFILES[profile] if profile else SMALL if small else LARGE
    if adapter:
        how = ADAPTED
    if base_url is None and not small:
        how = replace(how, mode="tools", temperature=None)
    slots = MODELS[name].slots if small and name in MODELS else 4
    workers = workers or (slots if small else 8)
    return Choice(
        provider,
        name,
        base_url,
        how,
        workers,
        adapter,
        asked.every_passage,
        asked.requests_per_minute,
        asked.tokens_per_minute,
    )


def _parts(model: str | None, base_url: str | None) -> tuple[str, str]:
    if model is None:
        return "local", DEFAULT_MODEL
    if base_url:
        return "openai", model.removeprefix("openai:")
    provider, colon, name = model.partition(":")
    if colon and provider and name:
        return provider, name
    if model in MODELS:
        return "local", model
    raise UsageError(
        f"no model {model!r}: give local:NAME (communique models list), openai:NAME, provider:NAME, "
        "or the server's name for it with --base-url"
    )


@contextmanager
def answering(choice: Choice) -> Iterator[Endpoint]:
    """The endpoint, up and healthy; an engine started for it is gone afterwards."""
    if not choice.embedded:
        key = os.environ.get(BASE_URL_KEY) if choice.base_url else os.environ.get("OPENAI_API_KEY")
        limits = Limits(
            requests_per_minute=choice.requests_per_minute,
            tokens_per_minute=choice.tokens_per_minute,
        )
        yield Endpoint(choice.name, choice.provider, choice.base_url, key, limits=limits)
        return
    found = weights.find(choice.name)
    adapters = ((weights.adapter_file(choice.adapter), 1.0),) if choice.adapter else ()
    settings = engine.EngineSettings(slots=choice.workers, adapters=adapters)
    with engine.start(found.path, settings) as running:
        yield Endpoint(
            choice.name,
            "openai",
            running.base_url,
            running.api_key,
            timeout=1800,
            retries=0,
            limits=Limits(start=choice.workers),  # its slots are known
        )
