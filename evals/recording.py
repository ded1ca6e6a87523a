"""What is known of a recording: which model answered, what its answers depend on, and what each question took.

`recording.json` lies beside the cassettes. What it says is held against the code, the schema and the texts of today
before a single answer is played.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from evals.gold import RECORDING
from extract.choice import Asked, Choice, choose
from extract.errors import NothingToDoError, UsageError
from extract.models import MODELS
from extract.read import Input, read
from schemas.describe import Schema

FORMAT = 1
_MODEL = ("model", "weights", "adapter", "sieve")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A document. `seconds`: what each question took, by the key of the question."""

    sha256: str
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recording:
    """`model`: as it was asked for; `served`: at an address of the user's; `settings`: as in a run's manifest."""

    model: str
    profile: str | None
    served: bool
    settings: Mapping[str, Any]
    documents: Mapping[str, Recorded] = field(default_factory=dict)

    @classmethod
    def of(cls, choice: Choice, profile: str | None, settings: Mapping[str, Any]) -> Self:
        """Of a model that is about to answer. Its address is nobody's business."""
        kept = {key: value for key, value in settings.items() if key != "base_url"}
        return cls(f"{choice.provider}:{choice.name}", profile, choice.base_url is not None, kept)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises UsageError where there is none, or none of this format."""
        path = folder / RECORDING
        try:
            said = json.loads(path.read_text("utf-8"))
            if said.pop("format") != FORMAT:
                raise ValueError(f"it is not of format {FORMAT}")
            documents = {name: Recorded(**of) for name, of in said.pop("documents").items()}
            return cls(**said, documents=documents)
        except FileNotFoundError:
            raise UsageError(
                f"{folder} holds no recording: make one with communique eval run --record"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise UsageError(f"{path} is damaged ({fault}): record again") from None

    def write(self, folder: Path) -> None:
        """Raises NothingToDoError where the disk refuses."""
        documents = {name: asdict(self.documents[name]) for name in sorted(self.documents)}
        said = {"format": FORMAT} | asdict(replace(self, documents={})) | {"documents": documents}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / RECORDING).write_text(json.dumps(said, indent=1) + "\n", "utf-8")
        except OSError as fault:
            raise NothingToDoError(
                f"{folder} cannot be written: {fault.strerror or fault}"
            ) from None

    def choice(self, schema: Schema) -> Choice:
        """The model as it would be asked today."""
        address = "http://recorded/v1" if self.served else None
        return choose(Asked(self.model, address, self.profile), schema.name)

    def model_settings(self) -> dict[str, Any]:
        """Those that say which model answered."""
        return {key: self.settings.get(key) for key in _MODEL if key in self.settings}

    def same_model(self, other: Recording) -> bool:
        """Whether the answers of one could be the other's. A sieve asks fewer questions, and no others."""
        ours, theirs = self.model_settings(), other.model_settings()
        return ours | {"sieve": None} == theirs | {"sieve": None}

    def stale(self, choice: Choice, asked_by: Mapping[str, Any]) -> Iterator[str]:
        """What of model, prompt, schema and settings is not as it was."""
        now = self.model_settings() | dict(asked_by)
        if choice.embedded and choice.name in MODELS:
            now["weights"] = MODELS[choice.name].sha256
            now |= choice.trained()
        old, new = _flat(self.settings), _flat(now)
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield f"the {_WORDS.get(key, key)} changed (was {old.get(key)}, now {new.get(key)})"

    def strange(self, inputs: Mapping[str, Input]) -> Iterator[tuple[str, str]]:
        """Documents that are not what was recorded, each with why."""
        for name, source in inputs.items():
            if name not in self.documents:
                yield name, "is not recorded"
            elif read(source).sha256 != self.documents[name].sha256:
                yield name, "its text changed"


_WORDS = {"prompt_hash": "prompt", "schema_hash": "schema"}


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    profile = settings.get("profile") or {}
    return {key: value for key, value in settings.items() if key != "profile"} | {
        f"profile's {key}": value for key, value in profile.items()
    }
