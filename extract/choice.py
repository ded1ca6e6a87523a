"""From what the user typed after `--model` to an endpoint that answers; an embedded model gets its engine."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

from extract import engine, weights
from extract.ask import NO_KEY, Asker, Endpoint
from extract.errors import NothingToDoError, UsageError
from extract.models import DEFAULT_MODEL, MODELS, Adapter
from extract.pace import Limits
from extract.profile import ADAPTED, LARGE, SMALL, Profile
from extract.sieve import Sieve, sieve
from extract.types import Answer, Document, Passage
from schemas.describe import Schema

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

    def settings(self, *, checked: bool = True) -> dict[str, Any]:
        """What a run folder holds a later run to. Not `checked`, the weights are taken for those that were pinned."""
        said: dict[str, Any] = {"model": f"{self.provider}:{self.name}", "base_url": self.base_url}
        if self.embedded:
            said["weights"] = self._weights(checked)
            said |= self.trained()
        return said

    def _weights(self, checked: bool) -> str:
        if not checked and self.name in MODELS:
            return MODELS[self.name].sha256
        found = weights.find(self.name)
        own = f"{found.path.name}, {found.path.stat().st_size} bytes"
        return found.model.sha256 if found.model else own

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


def unasked(choice: Choice) -> Endpoint:
    """One that is never called: for the keys of questions, which are the same at the choice's own."""
    hosted = choice.provider == "openai" and choice.base_url is None
    return Endpoint(choice.name, "openai", None if hosted else "http://nowhere.invalid/v1", NO_KEY)


@contextmanager
def answering(choice: Choice) -> Iterator[Endpoint]:
    """The endpoint, up and healthy; an engine started for it is gone afterwards."""
    if choice.embedded:
        with closing(Sleeping(choice)) as sleeping:
            yield sleeping.wake()
        return
    key = os.environ.get(BASE_URL_KEY) if choice.base_url else os.environ.get("OPENAI_API_KEY")
    limits = Limits(
        requests_per_minute=choice.requests_per_minute,
        tokens_per_minute=choice.tokens_per_minute,
    )
    yield Endpoint(choice.name, choice.provider, choice.base_url, key, limits=limits)


class Sleeping:
    """The engine of an embedded model, not started yet."""

    def __init__(self, choice: Choice) -> None:
        """Raises NothingToDoError where what it needs is not there."""
        if find_spec("xllamacpp") is None:
            raise engine.EngineError(engine.NOT_INSTALLED)
        self.choice = choice
        self._path = weights.find(choice.name).path
        adapters = ((weights.adapter_file(choice.adapter), 1.0),) if choice.adapter else ()
        self._settings = engine.EngineSettings(slots=choice.workers, adapters=adapters)
        self._child: subprocess.Popen[bytes] | None = None
        self._running: engine.Engine | None = None
        self._closed = False

    def wake(self) -> Endpoint:
        """Starts it, once. Raises EngineError, also where it is closed meanwhile."""
        self._running = running = engine.start(self._path, self._settings, self._born)
        if self._closed:
            running.close()
        return Endpoint(
            self.choice.name,
            "openai",
            running.base_url,
            running.api_key,
            timeout=1800,
            retries=0,
            limits=Limits(start=self.choice.workers),  # its slots are known
        )

    def _born(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        if self._closed:
            child.kill()

    def close(self) -> None:
        """Stops it, or its start; a second call does nothing."""
        self._closed = True
        if self._running:
            self._running.close()
        elif self._child:
            self._child.kill()


class Waking:
    """The embedded model; its engine is started for the first question that is really asked."""

    def __init__(self, sleeping: Sleeping, schema: Schema) -> None:
        self._engine, self._schema, self._profile = sleeping, schema, sleeping.choice.profile
        self._unasked = Asker(unasked(sleeping.choice), schema, self._profile)
        self._asker: asyncio.Task[Asker] | None = None

    def key(self, document: Document, passage: Passage) -> str:
        return self._unasked.key(document, passage)

    async def ask(self, document: Document, passage: Passage) -> Answer:
        """Raises AskError; NothingToDoError where the engine does not start."""
        if self._asker is None:
            self._asker = asyncio.create_task(self._wake())
        asker = await asyncio.shield(self._asker)  # it is the others' as well
        return await asker.ask(document, passage)

    async def _wake(self) -> Asker:
        return Asker(await asyncio.to_thread(self._engine.wake), self._schema, self._profile)

    async def close(self) -> None:
        """Stops the engine, also while it starts, and closes the connections."""
        self._engine.close()
        await self._unasked.close()
        if self._asker:
            with suppress(NothingToDoError):
                await (await self._asker).close()
