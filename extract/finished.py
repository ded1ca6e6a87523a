"""Which documents of a run are finished, in a table that lies on disk: of ten million, a dict would take gigabytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from extract.errors import NothingToDoError

_PAGES = -8_000  # of the table, in memory at most: kB


class Finished:
    """Hash of the text by id. It is gone with the process: the run folder's lines say the same."""

    def __init__(self) -> None:
        with _usable():
            # "" is a file of SQLite's own; other threads look while the one that opened it waits
            self._table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._table.execute(f"PRAGMA cache_size = {_PAGES}")
            self._table.execute("PRAGMA journal_mode = OFF")
            self._table.execute(
                "CREATE TABLE hashes (id BLOB PRIMARY KEY, hash TEXT) WITHOUT ROWID"
            )

    def add(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Ids and hashes; of two with one id the last one counts."""
        rows = ((_key(name), sha256) for name, sha256 in pairs)
        with _usable():
            self._table.execute("BEGIN")
            self._table.executemany("INSERT OR REPLACE INTO hashes VALUES (?, ?)", rows)
            self._table.execute("COMMIT")

    def get(self, name: str) -> str | None:
        """The hash of the text that was extracted, None where none was."""
        with _usable():
            select = "SELECT hash FROM hashes WHERE id = ?"
            row: tuple[str] | None = self._table.execute(select, (_key(name),)).fetchone()
        return row[0] if row else None

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def close(self) -> None:
        """Removes the table."""
        self._table.close()


def _key(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


@contextmanager
def _usable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise NothingToDoError(
            f"the table of finished documents cannot be kept: {fault}; name a folder with room "
            "in SQLITE_TMPDIR and give the same command again"
        ) from None
