"""Snapshots of tiers: reading the files that keep them, and the reviews of their boundaries."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from ibis.backends import BaseBackend

from scorecard.errors import EngineError, FactsError
from scorecard.facts.engine import is_starved, own_failure, said


def open_frozen(con: BaseBackend, path: Path) -> ir.Table:
    """A snapshot as a table of the engine. FactsError where the file cannot be read."""
    try:
        if con.name == "duckdb":
            return con.read_parquet(str(path))
        import pyarrow.parquet as pq

        # Other engines cannot read files of this machine, so that they are handed the rows.
        name = f"tiers_{sha256(str(path).encode()).hexdigest()[:12]}"
        return con.create_table(name, pq.read_table(path), temp=True, overwrite=True)
    except Exception as error:  # every engine raises its own kinds
        raise _unreadable(path, error) from error


def column_of(path: Path, name: str, **how: Any) -> Any:
    """One column of a snapshot, read without the engine. FactsError where it cannot be read."""
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=[name], **how)[name]
    except Exception as error:  # pyarrow's own kinds, and those of the file system
        raise _unreadable(path, error) from error


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
