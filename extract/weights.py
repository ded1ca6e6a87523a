"""Where the weights of the embedded models are, how they get there, and the check before use."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from extract.errors import NothingToDoError, UsageError
from extract.models import Adapter, EmbeddedModel, Obtain, cached, embedded, opened, pip_wheel

OVERRIDE = "COMMUNIQUE_MODEL_PATH"
"""Environment variable: a file to use for the embedded model that is asked for, if it is that."""

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Weights:
    """A GGUF file to serve. `model` is None for a user's own file, whose hash nobody pinned."""

    path: Path
    model: EmbeddedModel | None

    @property
    def note(self) -> str:
        """What is known of the file, for the user."""
        if self.model is None:
            return f"{self.path}: a file of your own, not checked against any known hash"
        return f"{self.path}: {self.model.name}, {self.model.licence}, hash checked"


def find(name: str) -> Weights:
    """The checked file for `NAME` or `local:NAME`, or the one at `local:/path/to/file.gguf`."""
    bare = name.removeprefix("local:")
    if bare.endswith(".gguf") or os.sep in bare:
        return Weights(_own_file(Path(bare).expanduser()), None)
    model = embedded(bare)
    return Weights(locate(model), model)


def adapter_file(adapter: Adapter) -> Path:
    """The adapter's file in this package; NothingToDoError where it is not the one that was pinned."""
    path = Path(__file__).parent / "adapters" / adapter.file
    if not path.is_file() or _sha256(path) != adapter.sha256:
        raise NothingToDoError(
            f"{path} is missing or not the adapter that was pinned: install communique again"
        )
    return path


def locate(model: EmbeddedModel) -> Path:
    """The checked file of the model, override or cache; NothingToDoError where there is none."""
    path = file_of(model)
    if not verify(model, path):
        raise NothingToDoError(wrong(model, path))
    return path


def file_of(model: EmbeddedModel) -> Path:
    """The file that stands for the model, unchecked; NothingToDoError where there is none."""
    given = os.environ.get(OVERRIDE)
    path = Path(given).expanduser() if given else cached(model)
    if not path.is_file():
        missing = f"{OVERRIDE} names {path}, which is not there" if given else "it is not there yet"
        raise NothingToDoError(
            f"no weights of {model.name}, {missing}: run `{_fetch_command(model)}`"
        )
    return path


def wrong(model: EmbeddedModel, path: Path) -> str:
    """What to say, and to do, about a file that is not the model's."""
    cure = f"run `{_fetch_command(model)}`"
    if path != cached(model):
        cure = f"unset {OVERRIDE} and {cure}, or use the file as local:{path}"
    return f"{path} is not the file of {model.name} (wrong size or sha256): {cure}"


def verify(model: EmbeddedModel, path: Path, *, again: bool = False) -> bool:
    """Whether the file has the model's hash, which is taken anew if the file changed or `again`."""
    if not again and _read_json(_stamp_of(model)) == _facts(model, path):
        return True
    _stamp_of(model).unlink(missing_ok=True)
    if path.stat().st_size != model.bytes or _sha256(path) != model.sha256:
        return False
    _stamp(model, path)
    return True


def adopt(model: EmbeddedModel, source: Path) -> Path:
    """Takes a user's file into the cache, hard-linked if possible; refused on a wrong hash."""
    if not source.is_file():
        raise UsageError(f"no file at {source}")
    if source.stat().st_size != model.bytes or _sha256(source) != model.sha256:
        raise NothingToDoError(
            f"{source} is not the file of {model.name} (wrong size or sha256):"
            f" take {model.publisher}"
        )
    target = cached(model)
    _make_folder(target.parent)
    with FileLock(f"{target}.lock"):
        if target.exists() and target.samefile(source):
            return target
        incoming = target.with_suffix(".gguf.incoming")
        incoming.unlink(missing_ok=True)
        try:
            os.link(source.resolve(), incoming)
        except OSError:
            _require_space(target.parent, model.bytes, model)
            shutil.copyfile(source, incoming)
        incoming.replace(target)
    verify(model, target)
    return target


def fetch(
    model: EmbeddedModel, progress: Progress | None = None, obtain: Obtain | None = None
) -> Path:
    """Joins the model's parts in the cache and checks the hash; goes on where it was cut off."""
    target = cached(model)
    _make_folder(target.parent)
    lock = FileLock(f"{target}.lock", timeout=0)
    try:
        with lock:
            if not (target.is_file() and verify(model, target)):
                _join(model, target, progress or _silent, obtain or pip_wheel)
    except Timeout:
        raise NothingToDoError(f"{model.name} is being fetched by another process") from None
    except OSError as error:
        raise NothingToDoError(f"could not write {target}: {error.strerror}") from None
    return target


def _join(model: EmbeddedModel, target: Path, progress: Progress, obtain: Obtain) -> None:
    partial, ledger = target.with_suffix(".gguf.partial"), target.with_suffix(".gguf.partial.json")
    parts, size = _resume(model, partial, ledger)
    _require_space(target.parent, model.bytes - size + 2 * model.part_bytes, model)
    digest = hashlib.sha256()
    with partial.open("r+b") as out:
        out.truncate(size)
        while chunk := out.read(_CHUNK):
            digest.update(chunk)
        progress(size, model.bytes)
        for number, part in enumerate(model.parts[parts:], start=parts + 1):
            with opened(part, target.parent, obtain) as source:
                while size <= model.bytes and (chunk := source.read(_CHUNK)):
                    digest.update(chunk)
                    out.write(chunk)
                    size += len(chunk)
                    progress(min(size, model.bytes), model.bytes)
            out.flush()
            os.fsync(out.fileno())
            _write_json(ledger, {"sha256": model.sha256, "parts": number, "bytes": size})
            if size > model.bytes:
                break
    ledger.unlink()
    if digest.hexdigest() != model.sha256 or size != model.bytes:
        partial.unlink()
        raise NothingToDoError(
            f"the parts of {model.name} do not give the file that is pinned (wrong sha256) and"
            f" were thrown away: take {model.publisher}, then run"
            f" `{_fetch_command(model)} --from FILE`"
        )
    partial.replace(target)
    _stamp(model, target)


def _resume(model: EmbeddedModel, partial: Path, ledger: Path) -> tuple[int, int]:
    """Parts and bytes that an earlier fetch left in `partial`, which exists afterwards."""
    done = _read_json(ledger)
    ours = done is not None and done["sha256"] == model.sha256 and partial.is_file()
    if done and ours and partial.stat().st_size >= done["bytes"]:
        return int(done["parts"]), int(done["bytes"])
    partial.write_bytes(b"")
    return 0, 0


def _stamp_of(model: EmbeddedModel) -> Path:
    return cached(model).with_suffix(".gguf.ok")


def _facts(model: EmbeddedModel, path: Path) -> dict[str, Any]:
    seen = path.stat()
    return {
        "path": str(path.resolve()),
        "sha256": model.sha256,
        "bytes": seen.st_size,
        "mtime_ns": seen.st_mtime_ns,
    }


def _stamp(model: EmbeddedModel, path: Path) -> None:
    stamp = _stamp_of(model)
    with suppress(OSError):  # a cache that cannot be written costs one hashing a run, no more
        stamp.parent.mkdir(parents=True, exist_ok=True)
        _write_json(stamp, _facts(model, path))


def _fetch_command(model: EmbeddedModel) -> str:
    return f"communique models fetch {model.name}"


def _own_file(path: Path) -> Path:
    if not path.is_file():
        raise NothingToDoError(f"no file at {path}")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise UsageError(f"{path} is not a GGUF file")
    return path


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NothingToDoError(
            f"cannot make {folder} ({error.strerror}): set COMMUNIQUE_HOME to a folder of yours"
        ) from None


def _require_space(folder: Path, needed: int, model: EmbeddedModel) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NothingToDoError(
            f"{model.name} needs {needed / 1e9:.1f} GB in {folder}, where {free / 1e9:.1f} GB are"
            " free: make room, or set COMMUNIQUE_HOME to a folder elsewhere"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write_json(path: Path, value: dict[str, Any]) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(value), encoding="utf-8")
    fresh.replace(path)


def _silent(_done: int, _total: int) -> None:
    """No progress wanted."""
