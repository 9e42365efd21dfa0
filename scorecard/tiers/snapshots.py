"""Snapshots of tiers: the files that keep them, and the reviews of their boundaries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from scorecard.errors import EngineError, FactsError
from scorecard.facts.engine import is_starved, own_failure, quoted, said, table_exists


def rows_of(con: Any, path: Path) -> str:
    """The statement that reads a snapshot in the engine. FactsError where the file cannot be
    read."""
    try:
        if con.name == "duckdb":
            text = f"SELECT * FROM read_parquet({quoted(str(path))})"
            con.raw_sql(f"{text} LIMIT 0")
            return text
        if con.name == "pyspark":
            return f"SELECT * FROM parquet.`{path}`"
        return f"SELECT * FROM {_handed_over(con, path)}"
    except Exception as error:  # every engine raises its own kinds
        raise _unreadable(path, error) from error


def _handed_over(con: Any, path: Path) -> str:
    """The table that has a snapshot's rows in an engine that cannot read files of this machine."""
    import pyarrow.parquet as pq

    changed = path.stat().st_mtime_ns
    name = f"scorecard_tiers_{sha256(f'{path} {changed}'.encode()).hexdigest()[:12]}"
    if not table_exists(con, name):
        con.create_table(name, pq.read_table(path), temp=True)
    return name


@dataclass(frozen=True)
class SnapshotColumns:
    """What a snapshot says of itself: the tiers and states in it, and a customer that it has more
    than once."""

    tiers: frozenset[str]
    repeated: str | None


def columns_of(path: Path) -> SnapshotColumns:
    """What a snapshot's columns say, read without the engine; a file is read once while it stays
    the same. FactsError where it cannot be read."""
    state = path.stat()
    return _columns_of(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _columns_of(path: Path, _changed: int, _size: int) -> SnapshotColumns:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, read_dictionary=["tier"]) as file:
            table = file.read(columns=["customer_id", "tier"])
        tiers = frozenset(t for t in table["tier"].unique().to_pylist() if t is not None)
        column = table["customer_id"].combine_chunks()
        again = column[1:].filter(pc.equal(column[1:], column[:-1]))  # rows are sorted by customer
    except Exception as error:  # pyarrow's own kinds, and those of the file system
        raise _unreadable(path, error) from error
    return SnapshotColumns(tiers, str(again[0]) if len(again) else None)


def histories(paths: Sequence[Path], customer: str) -> list[tuple[str, str, float | None]]:
    """(period, tier, score) of one customer in each of these snapshots, in their order."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found = []
    for path in paths:
        try:
            # Neither `read_table` nor `equal` to a text: both load pandas, which takes longer.
            with pq.ParquetFile(path) as file:
                table = file.read(columns=["customer_id", "tier", "score"])
            near = table.filter(pc.starts_with(table["customer_id"], pattern=customer))
            rows = [row for row in near.to_pylist() if row["customer_id"] == customer]
        except Exception as error:  # pyarrow's own kinds, and those of the file system
            raise _unreadable(path, error) from error
        found += [(path.stem, row["tier"], row["score"]) for row in rows]
    return found


def reviews_in(file: Path) -> list[dict[str, Any]]:
    """Every review of the boundaries, oldest first; none where there is no file."""
    if not file.is_file():
        return []
    try:
        book: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise FactsError(
            f"{file}: the reviewed boundaries cannot be read ({error}); restore the "
            "file from a backup, or delete it to draw them again."
        ) from error
    return book


def _unreadable(path: Path, error: Exception) -> FactsError:
    if is_starved(error):  # no reason to doubt the file, let alone to delete it
        return EngineError(own_failure(error))
    return FactsError(
        f"{path}: the frozen tiers cannot be read ({said(error)}); restore the file from "
        "a backup, or delete it and every later one: they are frozen again from today's facts."
    )
