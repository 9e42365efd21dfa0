"""Where tiers are written to: a file by the ending of its name, or a table of the facts' database.

What is there and was not written by us is never replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scorecard.base.regular_file import open_regular
from scorecard.errors import ProjectError, did_you_mean

ENDINGS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""Formats by how a file's name ends."""
TABLE = "table:"
"""How a table is told from a file."""
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
FIRST_COLUMN = "customer_id"
MARK = b"scorecard tiers"
"""Stands in the metadata of a Parquet file of ours, as its key."""
HEAD = 65_536
"""Bytes of a file that is there by which it is known for ours."""


@dataclass(frozen=True)
class FileTarget:
    """A file; `format` is one of the values of ENDINGS."""

    path: Path
    format: str


@dataclass(frozen=True)
class TableTarget:
    """A table; without a schema it is the one that the engine takes by itself."""

    name: str
    schema: str = ""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


Target = FileTarget | TableTarget


def read_target(text: str) -> Target:
    """A file or "table:NAME" as it was typed; ProjectError, before anything is computed, where it
    cannot be written to."""
    if text.startswith(TABLE):
        return _table(text)
    path = Path(text)
    format = ENDINGS.get(path.suffix.lower())
    if format is None:
        said = f'not as "{path.suffix}"' if path.suffix else "and the name has no ending"
        near = did_you_mean(path.suffix, ENDINGS) if path.suffix else ""
        raise ProjectError(
            f"{path}: tiers are written as .csv, .parquet or .jsonl, {said}; end the name in one "
            f'of these, or write "{TABLE}NAME" for a table.{near if "mean" in near else ""}'
        )
    if not path.parent.is_dir():
        raise ProjectError(f"{path}: there is no folder {path.parent}; make it first.")
    _refuse_theirs(path, format)
    return FileTarget(path, format)


def _table(text: str) -> TableTarget:
    parts = text.removeprefix(TABLE).split(".")
    if len(parts) > 2 or not all(NAME.fullmatch(part) for part in parts):
        raise ProjectError(
            f'"{text}" names no table; write {TABLE}NAME or {TABLE}SCHEMA.NAME, in small letters, '
            "digits and underscores."
        )
    return TableTarget(parts[-1], parts[0] if len(parts) > 1 else "")


def _refuse_theirs(path: Path, format: str) -> None:
    """ProjectError where something is there that is not an export of tiers; an empty file is."""
    try:
        with open_regular(path) as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ProjectError(f"{path} {error.strerror}; name another file.") from error
    if head and not _is_ours(path, format, head):
        raise ProjectError(
            f"{path} is there, and is no export of tiers; name another file, or remove it first."
        )


def _is_ours(path: Path, format: str, head: bytes) -> bool:
    if format == "parquet":
        import pyarrow.parquet as pq

        try:
            return MARK in (pq.read_schema(path).metadata or {})
        except Exception:  # pyarrow's own kinds: it is no Parquet file
            return False
    first = head.partition(b"\n")[0]
    begins = b'{"%s": ' if format == "jsonl" else b"%s,"
    return first.startswith(begins % FIRST_COLUMN.encode()) and b"tier_label" in first
