"""Clean columns: those of a Parquet file in which no value stands for nothing.

To look for placeholders in every value of every statement takes longer than what is asked of
them, so a file is looked through once for each content, and what was found is written down.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import duckdb

from scorecard.base.files import make_folder, write_whole
from scorecard.base.json_text import from_json
from scorecard.base.regular_file import read_bytes
from scorecard.facts.placeholders import NO_KEYS, WORDS

TEXTS, FRACTIONS = ("VARCHAR",), ("FLOAT", "DOUBLE")


def clean_columns(file: Path, digest: str, added: Iterable[str], kept: Path) -> frozenset[str]:
    """The columns of a Parquet file that need not be looked through, by their names in it.

    `digest` tells its content from any other; `added` are the project's own placeholders.
    What is found is kept in the folder `kept`.
    """
    looked_for = _pattern(added)
    known = kept / f"{digest}-{sha256(looked_for.encode()).hexdigest()[:16]}.clean.json"
    clean = _kept(known)
    if clean is None:
        clean = frozenset(_found(file, looked_for))
        make_folder(kept)
        write_whole(known, json.dumps(sorted(clean)) + "\n")
    return clean


def _kept(known: Path) -> frozenset[str] | None:
    """What was written down; None where nothing was, or not as a whole."""
    try:
        read = from_json(read_bytes(known))
    except (OSError, ValueError):
        return None
    sound = isinstance(read, list) and all(isinstance(name, str) for name in read)
    return frozenset(read) if sound else None


def _pattern(added: Iterable[str]) -> str:
    """What stands for nothing in any column at all, blank texts included."""
    words = sorted({*WORDS, *NO_KEYS, *(text.lower() for text in added)})
    alternatives = "|".join(re.escape(word) for word in words)
    return rf"(?i)^\s*({alternatives})?\s*$"


def _found(file: Path, looked_for: str) -> list[str]:
    with closing(duckdb.connect()) as con:
        con.execute("SET enable_progress_bar = false")
        rows = con.read_parquet(str(file), hive_partitioning=False)
        types = dict(zip(rows.columns, map(str, rows.types), strict=True))
        asked = {name: _asked(name, type, looked_for) for name, type in types.items()}
        wanted = {name: text for name, text in asked.items() if text}
        if not wanted:
            return []
        row = rows.aggregate(", ".join(wanted.values())).fetchall()[0]
    return [name for name, dirty in zip(wanted, row, strict=True) if not dirty]


def _asked(name: str, type: str, looked_for: str) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if type in TEXTS:
        return f"bool_or(regexp_matches({column}, '{looked_for.replace(chr(39), chr(39) * 2)}'))"
    if type in FRACTIONS:
        return f"bool_or(isnan({column}) OR isinf({column}))"
    return ""
