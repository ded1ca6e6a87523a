"""What is to be read: a file, or a row of a table; light, and made without reading a text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

Place = Path | str
"""A file here, or the address of one elsewhere."""

_WEB = re.compile(r"https?://", re.I)
_USER = re.compile(r"(?<=://)[^/]*@")
_PLAIN = re.compile(r"\w[\w.-]{0,99}", re.ASCII)
_LONGEST = 180  # bytes of an id, whose file has suffixes; file systems allow 255
_LONGEST_FOLDER = 40


class Columns(NamedTuple):
    """The columns of a table that a document needs."""

    id: str = "id"
    text: str = "text"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number from 1, where it starts, and its id as it stands there, if it has one."""

    number: int
    at: int
    key: str | None
    columns: Columns


@dataclass(frozen=True, slots=True)
class Input:
    """A file to be read, or a row of one; `path` is None for standard input, a `str` for an address."""

    id: str
    path: Place | None
    row: Row | None = None

    @property
    def renamed(self) -> bool:
        """Whether the id is more than the name: another input has it, or it could not name a file."""
        if self.row:
            return self.row.key not in (None, self.id)
        return self.id != name_of(self.path)

    def __str__(self) -> str:
        if self.path is None:
            return "standard input"
        if not self.row:
            return shown(self.path)
        unit = "row" if suffix_of(self.path) == ".parquet" else "line"
        return f"{shown(self.path)} {unit} {self.row.number}"


def shown(place: Place) -> str:
    """The path or address, without what may let somebody in: a name, a password, a signature."""
    if isinstance(place, Path):
        return str(place)
    bare = _USER.sub("", place)
    return bare.partition("?")[0] if _WEB.match(place) else bare


def pure(place: Place) -> PurePath:
    """The path alone, to take its parts from."""
    if isinstance(place, Path):
        return place
    web = _WEB.match(place)
    return PurePosixPath(unquote(urlsplit(place).path) if web else place.partition("://")[2])


def suffix_of(place: Place) -> str:
    """In lower case."""
    return pure(place).suffix.lower()


def name_of(place: Place | None) -> str:
    """The id of a file that is alone in having it."""
    return "stdin" if place is None else safe(pure(place).stem) or "document"


def with_folder(name: str, place: Place | None) -> str:
    """The name with that of its folder in front."""
    if place is None:
        return name
    folder = pure(place.resolve() if isinstance(place, Path) else place).parent.name
    folder = safe(folder, _LONGEST_FOLDER)
    return f"{folder}-{name}" if folder else name


def id_of(key: str) -> str:
    """The key of a row, as it stands or else with a mark that is its own: as a file's name it stays in its folder."""
    name = key if _PLAIN.fullmatch(key) else safe(unicodedata.normalize("NFC", key))
    if name == key:
        return key
    mark = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{name or 'document'}-{mark}"


def safe(name: str, longest: int = _LONGEST) -> str:
    """What of a name can be a file's, wherever it came from; may be empty."""
    kept = "".join(sign if sign.isprintable() and sign not in "/\\" else "-" for sign in name)
    kept = kept.strip().lstrip(".")
    return kept.encode()[:longest].decode("utf-8", "ignore").rstrip()
