"""Snapshots of tiers in files: where they are kept, and how they are read again."""

from __future__ import annotations

from dataclasses import dataclass
from filecmp import cmp
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path
from typing import Any, Protocol

from scorecard.base.files import drafting, link_or_copy
from scorecard.base.regular_file import open_regular, refuse_irregular
from scorecard.errors import EngineError, FactsError
from scorecard.facts.engine import hand_over, is_starved, own_failure, quoted, said, write_file

History = list[tuple[str, str, float | None]]
"""Period, tier and score of one customer, oldest first."""


@dataclass(frozen=True)
class SnapshotColumns:
    """What a snapshot says of itself: the tiers and states in it, and a customer that it has more
    than once."""

    tiers: frozenset[str]
    repeated: str | None


class Snapshots(Protocol):
    """Where snapshots are kept, each under the key of its period; one is written once.

    `where` is how people name the place of all: a folder, or a schema. FactsError where one
    cannot be read.
    """

    @property
    def where(self) -> str: ...

    def place(self, key: str) -> str:
        """How a finding names the snapshot."""

    def periods(self) -> list[str]:
        """The keys of all that are there, in order."""

    def has(self, key: str) -> bool: ...

    def rows(self, con: Any, key: str) -> str:
        """The statement that reads the snapshot in the engine."""

    def write(self, con: Any, key: str, text: str) -> None:
        """Keep what the statement finds, all or nothing."""

    def look_again(self) -> None:
        """See what other processes have written meanwhile."""

    def take(self, key: str, other: Any) -> None:
        """Keep a snapshot that another place of the same kind has, all or nothing."""

    def is_same(self, key: str, other: Any) -> bool:
        """Whether that other place has the same snapshot."""

    def columns(self, key: str) -> SnapshotColumns: ...

    def digest(self, key: str) -> str:
        """The hash of all that the snapshot says."""

    def history(self, customer: str) -> History: ...


class SnapshotFiles:
    """Snapshots as Parquet files in a folder; see `Snapshots`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def where(self) -> str:
        return str(self._folder)

    def place(self, key: str) -> str:
        return f"tiers/{key}.parquet"

    def periods(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.parquet"))

    def has(self, key: str) -> bool:
        path = self._path(key)
        try:
            refuse_irregular(path)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _unreadable(path, error) from error
        return True

    def rows(self, con: Any, key: str) -> str:
        path = self._path(key)
        try:
            if con.name == "duckdb":
                text = f"SELECT * FROM read_parquet({quoted(str(path))})"
                con.raw_sql(f"{text} LIMIT 0")
                return text
            if con.name == "pyspark":
                return f"SELECT * FROM parquet.`{path}`"
            return f"SELECT * FROM {hand_over(con, path)}"
        except Exception as error:  # every engine raises its own kinds
            raise _unreadable(path, error) from error

    def write(self, con: Any, key: str, text: str) -> None:
        with drafting(self._path(key)) as partial:
            write_file(con, text, partial)

    def look_again(self) -> None:
        """Files are looked for each time."""

    def take(self, key: str, other: SnapshotFiles) -> None:
        """The file itself, under its name here; one that is there already stays."""
        link_or_copy(other._path(key), self._path(key))

    def is_same(self, key: str, other: SnapshotFiles) -> bool:
        return cmp(self._path(key), other._path(key), shallow=False)

    def columns(self, key: str) -> SnapshotColumns:
        """Read without the engine, once while the file stays the same."""
        path = self._path(key)
        state = path.stat()
        return _columns_of(path, state.st_mtime_ns, state.st_size)

    def digest(self, key: str) -> str:
        path = self._path(key)
        try:
            with open_regular(path) as file:
                return file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unreadable(path, error) from error

    def history(self, customer: str) -> History:
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        found: History = []
        for key in self.periods():
            path = self._path(key)
            try:
                refuse_irregular(path)
                # Neither `read_table` nor `equal` to a text: both load pandas, which takes longer.
                with pq.ParquetFile(path) as file:
                    table = file.read(columns=["customer_id", "tier", "score"])
                near = table.filter(pc.starts_with(table["customer_id"], pattern=customer))
                rows = [row for row in near.to_pylist() if row["customer_id"] == customer]
                found += [(key, row["tier"], row["score"]) for row in rows]
            except Exception as error:  # pyarrow's own kinds, and those of the file system
                raise _unreadable(path, error) from error
        return found

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.parquet"


@lru_cache(maxsize=512)
def _columns_of(path: Path, _changed: int, _size: int) -> SnapshotColumns:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        refuse_irregular(path)
        with pq.ParquetFile(path, read_dictionary=["tier"]) as file:
            table = file.read(columns=["customer_id", "tier"])
        tiers = frozenset(t for t in table["tier"].unique().to_pylist() if t is not None)
        column = table["customer_id"].combine_chunks()
        again = column[1:].filter(pc.equal(column[1:], column[:-1]))  # rows are sorted by customer
    except Exception as error:  # pyarrow's own kinds, and those of the file system
        raise _unreadable(path, error) from error
    return SnapshotColumns(tiers, str(again[0]) if len(again) else None)


def _unreadable(path: Path, error: Exception) -> FactsError:
    if is_starved(error):  # no reason to doubt the file, let alone to delete it
        return EngineError(own_failure(error))
    return FactsError(
        f"{path}: the frozen tiers cannot be read ({said(error)}); restore the file from "
        "a backup, or delete it and every later one, and have them frozen again from today's "
        'facts: "scorecard accept tiers".'
    )
