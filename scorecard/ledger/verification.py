"""The ledger read through, entry by entry and row by row, to be compared with its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, literal_column, select

from scorecard.ledger.chain import Entry, Head, Walk, Wrong, edition_fault
from scorecard.ledger.identity import Identity
from scorecard.ledger.journal import head_of, raw, sealed_rows, sealed_tables
from scorecard.ledger.models import LedgerTable

Progress = Callable[[str, int, int], None]
Known = tuple[Head, str]
"""An entry that is known from elsewhere, and from where."""
READ_AT_ONCE = 1000
_JOURNAL: Table = LedgerTable.metadata.tables["journal"]
_SEAL: Table = LedgerTable.metadata.tables["seal"]
_EDITION: Table = LedgerTable.metadata.tables["edition"]
_IDENTITY: Table = LedgerTable.metadata.tables["ledger_identity"]


class Verifiable(Identity):
    """The ledger's own proof."""

    def head(self) -> Head:
        """The newest entry of the journal."""
        with self._reading() as session:
            return head_of(session.connection())

    def entry_known(self, number: int) -> Head | None:
        """The entry of that number; None where there is none."""
        query = select(_JOURNAL.c.number, _JOURNAL.c.hash).where(_JOURNAL.c.number == number)
        with self._reading() as session:
            row = session.execute(query).first()
            return Head(*row) if row else None

    def newest_moment(self) -> str:
        """When the newest dated entry was written, as `chain.instant` has it; empty: never."""
        query = (
            select(_JOURNAL.c.at)
            .where(_JOURNAL.c.at != "")
            .order_by(_JOURNAL.c.number.desc())
            .limit(1)
        )
        with self._reading() as session:
            return str(session.execute(query).scalar() or "")

    def walked(self, known: Sequence[Known], progress: Progress) -> Walk:
        """Read everything, in one state, and compare it; see `chain.Walk`."""
        with self._one_state() as connection:
            id = connection.execute(select(_IDENTITY.c.id).limit(1)).scalar()
            walk = Walk.of(str(id), (head.number for head, _ in known))
            total = head_of(connection).number
            _entries(connection, walk, lambda done: progress("journal", done, total))
            for head, where in known:
                walk.known(head, where)
            tables = sealed_tables()
            walk.records(_records(connection, progress, [t.name for t in tables]))
            named = {wrong.name for wrong in walk.wrong}
            walk.wrong += [w for w in _editions(connection, walk) if w.name not in named]
        return walk

    @contextmanager
    def _one_state(self) -> Iterator[Connection]:
        """A connection that sees the ledger as it is at one moment, whatever is written meanwhile;
        bytes that are no text are read as something that no text is."""
        with self._naming_errors("read"), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    yield connection
                return
            driver: Any = connection.connection.dbapi_connection
            driver.text_factory = lambda found: found.decode(errors="surrogateescape")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.text_factory = str


def _entries(connection: Connection, walk: Walk, progress: Callable[[int], None]) -> None:
    entries = [
        Entry(*row)
        for row in connection.execute(
            select(_JOURNAL.c.number, _JOURNAL.c.at, _JOURNAL.c.hash).order_by(_JOURNAL.c.number)
        )
    ]
    rows = connection.execution_options(yield_per=READ_AT_ONCE).execute(
        select(_SEAL.c.entry, _SEAL.c.record, _SEAL.c.hash).order_by(_SEAL.c.entry)
    )
    enter(walk, entries, ((e, str(r), str(h)) for e, r, h in rows), progress)


def enter(
    walk: Walk,
    entries: Sequence[Entry],
    seals: Iterable[tuple[Any, str, str]],
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Walk along entries, by number, with (entry, record, seal) by entry."""
    place = 0
    for number, group in groupby(seals, key=itemgetter(0)):
        found: Mapping[str, str] = {record: hashed for _, record, hashed in group}
        at_home = isinstance(number, int)
        while at_home and place < len(entries) and entries[place].number < number:
            walk.entry(entries[place], {})
            place += 1
        if at_home and place < len(entries) and entries[place].number == number:
            walk.entry(entries[place], found)
            place += 1
            progress(place)
        else:
            walk.stray(found, number if at_home else 0)
    for entry in entries[place:]:
        walk.entry(entry, {})


def _records(
    connection: Connection, progress: Progress, names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for done, table in enumerate(sealed_tables()):
        progress(names[done], done, len(names))
        rows = connection.execution_options(yield_per=READ_AT_ONCE).execute(
            raw(table, connection.dialect.name)
        )
        yield from sealed_rows(table, (tuple(row) for row in rows))
    progress("rows", len(names), len(names))


def _editions(connection: Connection, walk: Walk) -> Iterator[Wrong]:
    """Editions whose content is not that of their hash, or whose id is another's."""
    names = ("id", "document", "scope", "period", "number", "content_hash", "content")
    columns: list[Any] = [literal_column(f"edition.{name}") for name in names]
    query = select(*columns).select_from(_EDITION)
    for row in connection.execution_options(yield_per=100).execute(query):
        *parts, content = map(str, row)
        id, *said, hashed = parts
        if why := edition_fault(id, said, hashed, content):
            record = f"edition/{id}"
            yield Wrong("record", record, why, walk.sealed.get(record, ("", 0))[1])
