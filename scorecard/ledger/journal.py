"""The journal: every transaction adds an entry with the seals of the rows that it wrote.

A row that is about to be changed is compared with its seal first: what somebody else wrote into
the ledger is not taken over in silence. Columns of heartbeats are sealed nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, literal_column, select, tuple_
from sqlalchemy.orm import InstanceState
from sqlmodel import Session

from scorecard.errors import AlteredError
from scorecard.ledger.chain import (
    GONE,
    Head,
    Policy,
    compared,
    entry_hash,
    instant,
    record_name,
    seal,
)
from scorecard.ledger.models import IdentityRow, LedgerTable, UtcDateTime

LOCK = 7_263_416
"""Any number that no one else locks in the same PostgreSQL database."""
UNSEALED = {"journal", "seal", "lease"}
"""Tables whose rows have no seal: the journal itself, and who works at the moment."""
FLEETING = {"delivery": {"beat_at"}, "expected_run": {"beat_at"}}
"""Columns that no seal covers: signs of life, which come every half a minute."""
LATER = {"result": ("baseline",), "rendering": ("drawn_with",), "proposal": ("person",)}
"""Columns that a table got when it had sealed rows already, in the order in which they came. They
are sealed from the last one on that is not empty, so that older rows keep their seals."""
AT_ONCE = 500
"""Rows read with one statement."""
Key = tuple[Any, ...]


class JournalSession(Session):
    """A session of a transaction that writes: what it flushes is noted for the journal."""

    def __init__(self, bind: Any, where: str) -> None:
        super().__init__(bind)
        self.where = where
        self.touched: dict[sa.Table, dict[Key, None]] = {}
        self.left: set[str] = set()
        self.gone: set[str] = set()

    def touch(self, table: sa.Table, keys: Iterable[Key]) -> None:
        """Note rows that were written."""
        self.touched.setdefault(table, {}).update(dict.fromkeys(keys))

    def leave(self, record: str) -> None:
        """Never seal what is written to a record: it was altered, and stays named as that."""
        self.left.add(record)

    def seals_it(self, table: sa.Table, key: Key) -> bool:
        return record_name(table.name, key) not in self.left

    def fresh(self, table: sa.Table, keys: Iterable[Key]) -> list[Key]:
        """Those that this transaction has not written yet."""
        done = self.touched.get(table, {})
        return [key for key in keys if key not in done]


@event.listens_for(JournalSession, "before_flush")
def _look_before(session: JournalSession, _context: Any, _instances: Any) -> None:
    """Rows about to be changed have to be what was sealed; those of heartbeats alone are not."""
    changed: dict[sa.Table, list[Key]] = {}
    for row in (*session.dirty, *session.deleted):
        table = _table(type(row))
        if _sealed_changes(session, row, table):
            changed.setdefault(table, []).append(_key(row))
    for table, keys in changed.items():
        known = [k for k in session.fresh(table, keys) if session.seals_it(table, k)]
        refuse_altered(session, table, known, session.where)
        session.touch(table, keys)


@event.listens_for(JournalSession, "after_flush")
def _note_new(session: JournalSession, _context: Any) -> None:
    for row in session.new:
        table = _table(type(row))
        if table.name not in UNSEALED:
            session.touch(table, [_key(row)])


def _sealed_changes(session: JournalSession, row: Any, table: sa.Table) -> bool:
    if table.name in UNSEALED:
        return False
    if row in session.deleted:
        return True
    state: InstanceState[Any] = sa.inspect(row)
    fleeting = FLEETING.get(table.name, set())
    return any(
        state.attrs[column.name].history.has_changes()
        for column in table.columns
        if column.name not in fleeting
    )


def change(
    session: Session, kind: type[LedgerTable], where: Any, *, altered: Policy = "refuse", **to: Any
) -> int:
    """Update the rows of a table with one primary key where a condition holds; how many.

    What only notes a heartbeat is not entered in the journal.
    """
    table = _table(kind)
    statement = sa.update(table).values(**to)
    if to.keys() <= FLEETING.get(table.name, set()):
        return int(session.connection().execute(statement.where(where)).rowcount)
    keys = _found(session, table, where, altered)
    for some in _batches(keys):
        session.connection().execute(statement.where(_among(table, some), where))
    return len(keys)


def remove(session: Session, kind: type[LedgerTable], where: Any) -> None:
    """Delete the rows of a table where a condition holds."""
    table = _table(kind)
    if _found(session, table, where, "refuse"):
        session.connection().execute(sa.delete(table).where(where))


def wrote(session: Session, kind: type[LedgerTable], keys: Iterable[Key]) -> None:
    """Note rows that a statement inserted."""
    assert isinstance(session, JournalSession)
    session.touch(_table(kind), keys)


def tolerate(session: Session, kind: type[LedgerTable], keys: Sequence[Key]) -> set[Key]:
    """The keys of rows that are not what was sealed last: what is written to these is not sealed,
    so that they stay named as altered."""
    assert isinstance(session, JournalSession)
    table = _table(kind)
    names = {record_name(table.name, key): key for key in keys}
    found = _seals_of_rows(session, table, keys)
    altered = [record for record, _entry in compared(found, _last_seals(session, list(names)))]
    for record in altered:
        session.leave(record)
    return {names[record] for record in altered}


def refuse_altered(
    session: Session, kind: type[LedgerTable] | sa.Table, keys: Sequence[Key], where: str
) -> None:
    """AlteredError where one of the rows is not what was sealed last."""
    table = kind if isinstance(kind, sa.Table) else _table(kind)
    for some in _batches(keys):
        names = [record_name(table.name, key) for key in some]
        found = _seals_of_rows(session, table, some)
        for record, entry in compared(found, _last_seals(session, names)):
            raise AlteredError(said_altered(where, record, entry))


def said_altered(where: str, record: str, entry: int) -> str:
    last = f"not what journal entry {entry:,} wrote" if entry else "in no entry of its journal"
    return (
        f'Ledger {where}: {record} is {last}, so it was altered; see "scorecard verify", and '
        'restore the ledger from a backup, or go on with it as it is: "scorecard accept ledger".'
    )


def seal_anew(session: JournalSession, records: Iterable[str]) -> None:
    """Have records sealed as they are, whatever was sealed before; also those that are gone."""
    wanted = set(records)
    connection = session.connection()
    for table in sealed_tables():
        width = len(table.primary_key.columns)
        for row in connection.execute(raw(table, connection.dialect.name)):
            key = tuple(row[:width])
            if record_name(table.name, key) in wanted:
                session.touch(table, [key])
                wanted.discard(record_name(table.name, key))
    session.gone |= wanted


def write_entry(session: JournalSession, now: datetime | None) -> None:
    """Seal everything that the transaction wrote; called last, for it locks the journal."""
    session.flush()
    if not session.touched and not session.gone:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        # Taken last by all, whatever rows they hold by then: nobody who has it waits for others.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    seals: dict[str, str] = dict.fromkeys(session.gone, GONE)
    for table, keys in session.touched.items():
        for some in _batches(list(keys)):
            gone = {record_name(table.name, key): GONE for key in some}
            seals |= gone | _seals_of_rows(session, table, some)
    for record in session.left & seals.keys():
        del seals[record]
    if seals:
        add_entry(connection, seals, instant(now))


def add_entry(connection: sa.Connection, seals: Mapping[str, str], at: str) -> Head:
    """Add an entry with these seals, under a lock that keeps others from doing so."""
    head = head_of(connection)
    before = (
        head.hash if head.number else connection.execute(select(_table(IdentityRow).c.id)).scalar()
    )
    number = head.number + 1
    hashed = entry_hash(str(before), number, at, seals)
    sign = _placeholder(connection)
    entry = f"INSERT INTO journal (number, at, hash) VALUES ({sign}, {sign}, {sign})"
    connection.exec_driver_sql(entry, (number, at, hashed))
    sealed = f"INSERT INTO seal (record, entry, hash) VALUES ({sign}, {sign}, {sign})"
    connection.exec_driver_sql(sealed, [(r, number, h) for r, h in sorted(seals.items())])
    return Head(number, hashed)


def begin_journal(connection: sa.Connection) -> None:
    """Seal everything that is there with the first entry, if there is none yet."""
    if head_of(connection).number:
        return
    seals: dict[str, str] = {}
    for table in sealed_tables():
        rows = connection.execute(raw(table, connection.dialect.name))
        seals.update(sealed_rows(table, rows))
    add_entry(connection, seals, "")


def head_of(connection: sa.Connection) -> Head:
    """The newest entry; number 0 before the first."""
    query = "SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1"
    row = connection.exec_driver_sql(query).first()
    return Head(*row) if row else Head(0, "")


def raw(table: sa.Table, dialect: str) -> sa.Select[Any]:
    """The statement that reads a table's rows as they are stored: first the key, then all that is
    sealed. No text in them, however broken, is anything but text."""
    keys, values = _columns(table, dialect)
    return select(*keys, *values).select_from(table)


def sealed_rows(table: sa.Table, rows: Iterable[Sequence[Any]]) -> Iterable[tuple[str, str]]:
    """(record, seal) of the rows that a `raw` statement found."""
    width = len(table.primary_key.columns)
    return (
        (record_name(table.name, row[:width]), seal_of(table.name, row[width:])) for row in rows
    )


def seal_of(table: str, values: Sequence[Any]) -> str:
    """The seal of a row's stored values, without columns that came LATER and are empty."""
    kept = list(values)
    for _ in LATER.get(table, ()):
        if kept[-1] is not None:
            break
        kept.pop()
    return seal(tuple(kept))


def sealed_tables() -> list[sa.Table]:
    return [t for t in LedgerTable.metadata.sorted_tables if t.name not in UNSEALED]


def _found(session: Session, table: sa.Table, where: Any, altered: Policy) -> list[Key]:
    """The keys of the rows where a condition holds, locked, compared with their seals and noted."""
    assert isinstance(session, JournalSession)
    session.flush()
    query = select(*table.primary_key.columns).where(where).with_for_update()
    keys = [tuple(row) for row in session.connection().execute(query)]
    for some in _batches(session.fresh(table, keys)):
        found = _seals_of_rows(session, table, some)
        for record, entry in compared(found, _last_seals(session, list(found))):
            if altered == "refuse":
                raise AlteredError(said_altered(session.where, record, entry))
            session.leave(record)
    session.touch(table, keys)
    return keys


def _seals_of_rows(session: Session, table: sa.Table, keys: Sequence[Key]) -> dict[str, str]:
    """By record the seal of what the rows with these keys are now; missing rows are missing."""
    if not keys:
        return {}
    connection = session.connection()
    text, width = _raw_text(table, connection.dialect.name), len(table.primary_key.columns)
    sign = _placeholder(connection)
    if width == 1:
        these = f"({', '.join([sign] * len(keys))})"
    else:
        each = f"({', '.join([sign] * width)})"
        these = f"(VALUES {', '.join([each] * len(keys))})"
    given = tuple(part for key in keys for part in key)
    return dict(sealed_rows(table, connection.exec_driver_sql(f"{text} IN {these}", given)))


def _last_seals(session: Session, records: Sequence[str]) -> dict[str, tuple[str, int]]:
    """By record the seal that counts, and the entry that it is from."""
    if not records:
        return {}
    connection = session.connection()
    signs = ", ".join([_placeholder(connection)] * len(records))
    query = f"SELECT record, hash, entry FROM seal WHERE record IN ({signs}) ORDER BY entry"
    return {r: (h, e) for r, h, e in connection.exec_driver_sql(query, tuple(records))}


def _among(table: sa.Table, keys: Sequence[Key]) -> Any:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _placeholder(connection: sa.Connection) -> str:
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


@lru_cache(maxsize=64)
def _raw_text(table: sa.Table, dialect: str) -> str:
    """The statement of `raw`, up to where it says which keys. As text, because these statements
    stand in every transaction, and SQLAlchemy takes longer to put them together than to run them.
    """
    keys, values = _columns(table, dialect)
    columns = ", ".join(str(column) for column in (*keys, *values))
    which = ", ".join(str(column) for column in keys)
    return f"SELECT {columns} FROM {table.name} WHERE ({which})"


@lru_cache(maxsize=64)
def _columns(table: sa.Table, dialect: str) -> tuple[list[Any], list[Any]]:
    fleeting = FLEETING.get(table.name, set())
    later = LATER.get(table.name, ())
    named = sorted(c.name for c in table.columns if c.name not in {*fleeting, *later})
    stored = {c.name: _stored(c, dialect) for c in table.columns}
    keys: list[Any] = [
        literal_column(f'{table.name}."{c.name}"') for c in table.primary_key.columns
    ]
    return keys, [stored[name] for name in (*named, *later)]


def _stored(column: sa.Column[Any], dialect: str) -> Any:
    """A column as SQL, in a form in which nothing is lost and nothing can be misread."""
    name = f'{column.table.name}."{column.name}"'
    if dialect == "postgresql":
        kind = column.type
        if isinstance(kind, sa.JSON):
            return literal_column(f"CAST({name} AS text)")
        if isinstance(kind, sa.Date):
            return literal_column(f"to_char({name}, 'YYYY-MM-DD')")
        if isinstance(kind, UtcDateTime):  # its text depends on the session
            return literal_column(f"CAST(extract(epoch FROM {name}) AS text)")
    return literal_column(name)


def _table(kind: type[Any]) -> sa.Table:
    table: sa.Table = kind.__table__
    return table


def _key(row: Any) -> Key:
    return tuple(sa.inspect(row).mapper.primary_key_from_instance(row))


def _batches(items: Sequence[Any]) -> Iterable[list[Any]]:
    return (list(items[start : start + AT_ONCE]) for start in range(0, len(items), AT_ONCE))
