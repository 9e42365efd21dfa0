"""One state: what tells the facts that are read from those of any other moment.

A file is told by its content, and by where and when it was written, which a copy that is put back
does not have. What a table or query finds is told by sums of hashes of its rows, which the engine
that holds them computes: they are the same in whatever order and session the rows are read. In
PostgreSQL all statements between `begin` and `end` are one transaction, which reads one state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from scorecard.errors import ChangedError
from scorecard.facts.engine import answer, guarded
from scorecard.facts.text_files import digest_of

AGAIN = "run again when nobody writes to it"
HASHES = {
    "duckdb": ("hash({columns})", "hash(h, {seed})"),
    "postgres": ("hash_record_extended(ROW({columns}), 0)", "hashint8extended(h, {seed})"),
    "pyspark": ("xxhash64({columns})", "CAST(xxhash64(h, {seed}) AS DECIMAL(20, 0))"),
}
"""By engine a row's hash of 64 bits, and how it is hashed again. What is summed is the second: some
rows' are sums of their columns', in which values of two rows could change places."""
SEEDS = (1, 2)


@dataclass(frozen=True)
class FileState:
    """A file as it was found: its place on the disk, when it was written, and its content."""

    path: Path
    found: tuple[int, ...]
    digest: str

    @classmethod
    def of(cls, path: Path) -> FileState:
        """The file's state now; ChangedError where it is written to meanwhile."""
        found = stat_of(path)
        state = cls(path, found, digest_of(path))
        if stat_of(path) != found:
            raise ChangedError(f"{path.name} is being written to; {AGAIN}.")
        return state

    @property
    def holds(self) -> bool:
        """Whether the file is the same, and was no other one in between."""
        try:
            return stat_of(self.path) == self.found and digest_of(self.path) == self.digest
        except OSError:
            return False


def stat_of(path: Path) -> tuple[int, ...]:
    """What a file has of its own: the system changes the last of these at every write, and lets
    nobody set it."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def content_of(con: Any, table: ir.Table) -> str:
    """A digest of a table's rows, whatever their order; errors as for `engine.answer`."""
    names = {f"c{place}": name for place, name in enumerate(sorted(table.columns))}
    with guarded():
        text = con.compile(table.select(**{ours: table[name] for ours, name in names.items()}))
    of_row, again = HASHES[con.name]
    hashed = of_row.format(columns=_columns(con, table, names))
    sums = ", ".join(f"sum({again.format(seed=seed)}) AS h{seed}" for seed in SEEDS)
    # An offset, so that PostgreSQL hashes a row once and not for each sum.
    once = " OFFSET 0" if con.name == "postgres" else ""
    rows = f"SELECT {hashed} AS h FROM (\n{text}\n) AS found{once}"
    row = answer(con, f"SELECT count(*) AS n, {sums} FROM ({rows}) AS hashed")[0]
    # As texts: engines give sums as different kinds of numbers.
    summed = [f"{row[name]}" for name in ("n", *(f"h{seed}" for seed in SEEDS))]
    return sha256(f"{table.schema()}\n{summed}".encode()).hexdigest()[:32]


def _columns(con: Any, table: ir.Table, names: dict[str, str]) -> str:
    columns: Sequence[str] = list(names)
    if con.name == "pyspark":  # whose hash passes over what is empty, wherever it stands
        columns = [part for c in columns for part in (f"{c} IS NULL", c)]
    if con.name == "postgres":  # which has no hash of some kinds, such as JSON
        columns = [
            c if _is_plain(table[name].type()) else f"{c}::text" for c, name in names.items()
        ]
    return ", ".join(columns)


def _is_plain(kind: Any) -> bool:
    plain = (kind.is_string(), kind.is_boolean(), kind.is_numeric(), kind.is_temporal())
    return any(plain) or kind.is_uuid() or kind.is_binary() or kind.is_interval()


def begin(con: Any) -> str:
    """Read one state from here on, where the engine can; what tells this transaction from any
    other, empty where there is none."""
    if con.name != "postgres":
        return ""
    with guarded():
        # Not READ ONLY, which would allow no temporary tables, and what figures are put together
        # in are such.
        con.con.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    return _transaction(con)


def is_held(con: Any, begun: str) -> bool:
    """Whether that transaction is still going on."""
    return _transaction(con) == begun


def end(con: Any) -> None:
    """Let the engine's present state be read again."""
    with guarded():
        con.con.commit()


def _transaction(con: Any) -> str:
    return str(answer(con, "SELECT pg_current_xact_id()::text AS id")[0]["id"])
