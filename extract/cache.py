"""Answers of models, on disk and shared by all runs: what was answered once is not asked and paid for again."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from filelock import FileLock

from extract.errors import CommuniqueError, NothingToDoError
from extract.models import cache_folder
from extract.pipeline import Model
from extract.types import Answer, Document, Draft, Passage, Usage

PLACE = "COMMUNIQUE_CACHE"
"""Environment variable: the file, where it is not to lie beside the models."""
LIMIT = 2_000_000_000  # bytes
WAIT = 5.0  # seconds for another process to finish writing
_HOUR = 3600.0  # a use within one of the last is not noted: readers would wait for each other
_EVICTED = 16  # answers at a time
_FORMAT = 1  # of an answer; a new one leaves the old answers to age
_ID = 0x636D7161  # marks an SQLite file as an answer cache
_TABLES = f"""
BEGIN;
CREATE TABLE answers (
  key TEXT PRIMARY KEY, model TEXT NOT NULL, used REAL NOT NULL,
  checksum INTEGER NOT NULL, answer BLOB NOT NULL);
CREATE INDEX answers_by_use ON answers (used);
PRAGMA application_id = {_ID};
COMMIT;
"""
_SAYS = {
    sqlite3.SQLITE_CORRUPT: "it is damaged: remove it",
    sqlite3.SQLITE_NOTADB: f"it is damaged or something else: remove it, or set {PLACE}",
    sqlite3.SQLITE_BUSY: "another program holds it: wait for that to end",
}
Settings = Mapping[str, Any]
T = TypeVar("T")


def place() -> Path:
    """Where the cache is, there or not."""
    given = os.environ.get(PLACE)
    return Path(given).expanduser() if given else cache_folder() / "answers.sqlite"


class Share(NamedTuple):
    """What one model has of a cache."""

    model: str
    answers: int
    bytes: int


class Cache:
    """An open cache file. Every method raises NothingToDoError where the file cannot be used."""

    def __init__(
        self,
        path: Path,
        limit: int = LIMIT,
        wait: float = WAIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Makes the file if there is none. `limit`: bytes; `wait`: seconds for others who write."""
        self.path, self.limit, self._clock = path, limit, clock
        with _usable(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # answers quote documents: nobody else may read them; SQLite's own files get the same mode
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
            try:
                # two processes that turn a new file into a cache at once would refuse each other
                with FileLock(f"{path}.lock", timeout=wait, mode=0o600):
                    self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        (mark,) = self._connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if mark != _ID and (mark or tables):
            raise NothingToDoError(f"{self.path} is a database of something else: set {PLACE}")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost answers
        if mark != _ID:
            self._connection.executescript(_TABLES)
        (page,) = self._connection.execute("PRAGMA page_size").fetchone()
        self._connection.execute(f"PRAGMA max_page_count = {self.limit // page}")

    def get(self, key: str) -> Answer | None:
        """The answer of that key, with what it took when it was asked for, if there is one."""
        with _usable(self.path):
            select = "SELECT used, checksum, answer FROM answers WHERE key = ?"
            row = self._connection.execute(select, (key,)).fetchone()
            answer = row and _decoded(row[2], row[1])
            if answer and row[0] < self._clock() - _HOUR:
                self._write("UPDATE answers SET used = ? WHERE key = ?", self._clock(), key)
            return answer

    def keep(self, key: str, model: str, answer: Answer) -> None:
        """The answer on disk; where the cache is full, those that were not used for longest make room."""
        data = json.dumps(asdict(answer)).encode()
        insert = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)"
        with _usable(self.path):
            self._write(insert, key, model, self._clock(), zlib.crc32(data), data)

    def _write(self, statement: str, *values: Any) -> None:
        oldest = "SELECT key FROM answers ORDER BY used LIMIT ?"
        evict = f"DELETE FROM answers WHERE key IN ({oldest})"  # noqa: S608 - two constants
        while True:
            try:
                self._connection.execute(statement, values)
                return
            except sqlite3.OperationalError as fault:
                full = _code(fault) == sqlite3.SQLITE_FULL
                if not full or not self._connection.execute(evict, (_EVICTED,)).rowcount:
                    raise

    def clear(self, model: str | None = None, days: float | None = None) -> int:
        """Removes what fits: of the model, with or without its provider; unused for so many days. Says how many."""
        before = float("inf") if days is None else self._clock() - days * 86400
        fits = ":model IN (model, substr(model, instr(model, ':') + 1))"
        delete = f"DELETE FROM answers WHERE (:model IS NULL OR {fits}) AND used < :before"  # noqa: S608
        with _usable(self.path):
            removed = self._connection.execute(delete, {"model": model, "before": before}).rowcount
            with suppress(sqlite3.OperationalError):  # in use, or no room to do it in
                self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return removed

    def shares(self) -> list[Share]:
        """What each model has of it, the largest first."""
        sums = "SELECT model, count(*), sum(length(answer)) FROM answers GROUP BY model"
        with _usable(self.path):
            return [Share(*row) for row in self._connection.execute(f"{sums} ORDER BY 3 DESC")]

    @property
    def bytes(self) -> int:
        """What it takes of the disk."""
        files = (self.path, Path(f"{self.path}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        with suppress(sqlite3.Error):  # what was kept is on disk already
            self._connection.close()


class Cached:
    """A model whose answers are kept. One that was kept costs no request and no token: `attempts` is 0.

    `settings`: a run's, which its answers depend on. `say`: told once where the cache cannot be used; the model is
    asked all the same. `repeat`: which of several answers to the same question.
    """

    def __init__(
        self,
        model: Model,
        settings: Settings,
        say: Callable[[str], None],
        cache: Callable[[], Cache] = lambda: Cache(place()),
        repeat: int = 1,
    ) -> None:
        self._model, self._name, self._say = model, str(settings["model"]), say
        self._key = keyed(settings, repeat)
        self._cache: Cache | None = None
        try:
            self._cache = cache()
        except CommuniqueError as fault:
            self._go_without(fault)

    def key(self, document: Document, passage: Passage) -> str:
        return self._model.key(document, passage)

    async def ask(self, document: Document, passage: Passage) -> Answer:
        """Raises AskError, and keeps nothing then."""
        key = self._key(self.key(document, passage))
        if known := self._tried(lambda cache: cache.get(key)):
            return Answer(known.drafts, attempts=0, answered_by=known.answered_by)
        answer = await self._model.ask(document, passage)
        self._tried(lambda cache: cache.keep(key, self._name, answer))
        return answer

    def _tried(self, use: Callable[[Cache], T]) -> T | None:
        try:
            return use(self._cache) if self._cache else None
        except CommuniqueError as fault:
            self._go_without(fault)
            return None

    def _go_without(self, fault: CommuniqueError) -> None:
        self.close()
        self._say(f"{fault}; the run goes on without it")

    def close(self) -> None:
        if self._cache:
            self._cache.close()
        self._cache = None


def keyed(settings: Settings, repeat: int = 1) -> Callable[[str], str]:
    """From a question's key to that of its answer."""
    same = [_FORMAT, identity(settings), repeat]
    return lambda key: _hash([*same, key])


def identity(settings: Settings) -> str:
    """A hash of all of a run's settings that an answer depends on beside its question."""
    said = {name: value for name, value in settings.items() if name != "sieve"}
    if url := said.get("base_url"):
        parts = urlsplit(url)  # without user, password and query, which may hold a key
        said["base_url"] = [parts.scheme, parts.hostname, parts.port, parts.path.rstrip("/")]
    own = Path(str(said["model"]).removeprefix("local:")).expanduser()
    if str(said["model"]).startswith("local:") and own.is_file():
        said["changed"] = own.stat().st_mtime_ns  # its hash is not known, and its size says little
    return _hash(said)


def _hash(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _decoded(data: Any, checksum: Any) -> Answer | None:
    """None where the disk has lost a bit, or another version wrote it."""
    try:
        if zlib.crc32(data) != checksum:
            return None
        said = json.loads(data)
        said["drafts"] = tuple(Draft(**draft) for draft in said["drafts"])
        said["usage"] = Usage(**said["usage"])
        return Answer(**said)
    except (ValueError, KeyError, TypeError):
        return None


def _code(fault: sqlite3.Error) -> int:
    return getattr(fault, "sqlite_errorcode", 0) & 0xFF  # the rest tells variants apart


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        says = _SAYS.get(_code(fault), str(fault))
        raise NothingToDoError(f"the answer cache {path} cannot be used: {says}") from None
    except OSError as fault:
        says = fault.strerror or str(fault)
        raise NothingToDoError(f"the answer cache {path} cannot be used: {says}") from None
