"""The state of all bound tables: whether it was one from the first look at them to the last.

Files are looked at again at the end, and so is what queries find; tables of a DuckDB file cannot
change but with the file; all that PostgreSQL is asked in between is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from scorecard.base.findings import Finding
from scorecard.errors import FactsError
from scorecard.facts.binding import Bound, files_of
from scorecard.facts.engine import answer
from scorecard.facts.one_state import begin, content_of, end, is_held, stat_of

AGAIN = "Run again when nobody writes to it."


class State:
    """What tells the state of the facts of one connection from any other."""

    def __init__(self, con: Any, bound: Mapping[str, Bound], folder: Path) -> None:
        self._con, self._bound, self._folder = con, bound, folder
        self._contents: dict[str, str] = {}
        self._databases: dict[Path, tuple[int, ...]] = {}
        self._transaction = ""

    def begin(self) -> None:
        """Look from here on at one state, as far as the engine can."""
        self.end()
        self._contents = {}
        self._databases = _databases(self._con)
        self._transaction = begin(self._con)

    def end(self) -> None:
        """Look at the present state again."""
        if self._transaction:
            self._transaction = ""
            end(self._con)

    def content(self, table: str) -> str:
        """A digest of a table's rows: of files by their bytes, else by the values of those columns
        that are mapped, as they were when it was first asked for."""
        bound = self._bound[table]
        if bound.digests:
            return "".join(bound.digests)
        if table not in self._contents:
            self._contents[table] = self._content_now(bound)
        return self._contents[table]

    @property
    def identity(self) -> str:
        """What tells this state from all others, also from one in between that was put back; empty
        where nothing does."""
        tables = self._bound.values()
        if self._con.name != "duckdb" or any(b.source.is_sql for b in tables):
            return ""
        found = [(b.digests, [f.found for f in b.files]) for b in tables]
        return sha256(f"{found} {self._databases}".encode()).hexdigest()[:32]

    def changed(self) -> list[Finding]:
        """Which tables were not the same all the time since `begin`, files since they were opened;
        blocking findings."""
        if self._transaction:
            if is_held(self._con, self._transaction):
                return []
            return [_changed("facts", "the transaction that reads them ended")]
        found = [
            _changed("facts", f"{path.name} was replaced or written to")
            for path, before in self._databases.items()
            if not path.exists() or stat_of(path) != before
        ]
        return found + [f for bound in self._bound.values() for f in self._changes_of(bound)]

    def _changes_of(self, bound: Bound) -> Iterator[Finding]:
        source, name = bound.source, bound.contract.table
        if bound.files:
            now: list[Path] = []
            with suppress(FactsError):  # which says that there is none
                now = files_of(source, self._folder)
            if now != [file.path for file in bound.files]:
                yield _changed(bound.place, f"the files of {source.of} came to be others")
            elif other := [file.path.name for file in bound.files if not file.holds]:
                yield _changed(bound.place, f"{other[0]} was replaced or written to")
        elif name in self._contents and not self._lies_in_file(bound):
            yield from self._changes_in(bound)

    def _lies_in_file(self, bound: Bound) -> bool:
        return self._con.name == "duckdb" and not bound.source.is_sql

    def _changes_in(self, bound: Bound) -> Iterator[Finding]:
        """Of a table or query, by the content of its rows."""
        try:
            if self._content_now(bound) == self._contents[bound.contract.table]:
                return
        except FactsError as error:
            yield _changed(bound.place, f"it became unreadable ({error})")
            return
        if bound.source.is_sql:
            hint = (
                "Run again when nobody writes to its tables, and let the query find the same rows "
                "each time: without chance, and with rows numbered in an order that it says."
            )
            yield _changed(bound.place, "the rows that the query finds changed", hint)
        else:
            yield _changed(bound.place, f"{bound.source.of} was written to")

    def _content_now(self, bound: Bound) -> str:
        mapped = {name for mapped in bound.columns.values() for name in mapped.of}
        return content_of(self._con, bound.raw.select(*sorted(mapped)))


def _databases(con: Any) -> dict[Path, tuple[int, ...]]:
    """The files of databases that an embedded engine reads, each as it is found."""
    if con.name != "duckdb":
        return {}
    rows = answer(
        con, "SELECT path FROM duckdb_databases() WHERE path IS NOT NULL AND NOT internal"
    )
    return {path: stat_of(path) for row in rows if (path := Path(row["path"])).is_file()}


def _changed(place: str, what: str, hint: str = AGAIN) -> Finding:
    return Finding("facts.changed", "blocking", place, f"{what} while the facts were read.", hint)
