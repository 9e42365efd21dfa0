"""The ledger's database: opened, migrated, and used in short transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlmodel import Session

from scorecard.base.address import has_controls, is_cut_short, learn_passwords, masked
from scorecard.base.files import make_folder, touch_private
from scorecard.base.json_text import from_json
from scorecard.base.regular_file import refuse_irregular
from scorecard.errors import LedgerError
from scorecard.ledger.journal import JournalSession, begin_journal, write_entry
from scorecard.ledger.schema import refuse_strange

HEAD = "0009"
"""The newest migration; a test compares it with the folder."""
VERSION_TABLE = "ledger_version"
MIGRATIONS = Path(__file__).parent / "migrations"
_FORMS = "sqlite:///.scorecard/ledger.db or postgresql+psycopg://user@host/database"
_BUSY_MS = 30_000
"""How long a statement waits for another process's lock on a SQLite file."""
_POSTGRES_TIMEOUTS = {
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""In seconds, `tcp_user_timeout` in milliseconds: a server that vanished without closing the
connection is noticed within a minute; by default Linux sends the first keepalive after two hours.
"""
_ATTEMPTS = 20
"""Tries of a transaction that keeps losing races; more hint at a fault, not at a rush."""
_MIGRATION_LOCK = 7_263_415  # any number that no one else locks in the same PostgreSQL database
T = TypeVar("T")


class Store:
    """An open ledger. Close it, or use it as a context manager."""

    is_copy = False
    """Whether it is thrown away with all that is written into it: see `copying`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(ledger_writes=True)

    @classmethod
    def open(cls, url: str, folder: Path) -> Self:
        """Open the ledger at `url`, creating and migrating it where needed.

        A relative SQLite path starts at `folder`. Raises LedgerError for an
        address that cannot be reached or written, and for a ledger written by
        a newer version of this software.
        """
        address = _address(url, folder)
        try:
            store = cls(_engine(address))
        except (ArgumentError, ValueError, TypeError) as error:
            raise LedgerError(_no_address(url)) from error
        _make_folder(address)
        try:
            with store._naming_errors("opened"):
                _bring_up_to_date(store)
                with store._engine.connect() as connection:
                    refuse_strange(connection, store.where)
        except BaseException:
            store.close()
            raise
        return store

    @property
    def where(self) -> str:
        """The address, passwords masked."""
        return _shown(self._engine.url)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self._naming_errors("read"), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self, now: datetime | None = None) -> Iterator[Session]:
        """One transaction, committed on leaving; SQLite locks for writing from its start.

        What it wrote gets an entry in the journal, dated `now` where that is given.
        """
        opened = JournalSession(self._writer, self.where)
        with self._naming_errors("written"), opened as session, session.begin():
            yield session
            write_entry(session, now)

    def _in_turn(self, work: Callable[[Session], T], now: datetime | None = None) -> T:
        """Run `work` in a writing transaction, and again after an IntegrityError.

        Of two processes that race to insert a row, the loser breaks a uniqueness
        constraint; its next try finds the row that the winner wrote.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._writing(now) as session:
                    return work(session)
            except IntegrityError as error:
                lost = error
        raise LedgerError(
            f"Ledger {self.where} refused the same record {_ATTEMPTS} times: {_first_line(lost)}."
        ) from lost

    @contextmanager
    def _naming_errors(self, done: str) -> Iterator[None]:
        """Turns errors of the database into LedgerError; IntegrityError is left to `_in_turn`."""
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise LedgerError(
                f"Ledger {self.where} could not be {done}: {_first_line(error)}; "
                f"{_advice(self._engine.url)}."
            ) from error
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            # In these blocks rows become values, and nothing else is done.
            raise LedgerError(damaged(self.where, error)) from error


def damaged(where: str, error: Exception) -> str:
    """What to say of a record that is not what this software writes."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return (
        f"Ledger {where} has a record that cannot be read ({said[:200]}); it was changed by "
        "something else: restore it from a backup."
    )


def _shown(url: URL) -> str:
    return masked(url.render_as_string(hide_password=True))


def _address(url: str, folder: Path) -> URL:
    learn_passwords(url)
    if has_controls(url):
        raise LedgerError(f"The ledger's address has a control character in it; write {_FORMS}.")
    if is_cut_short(url):
        raise LedgerError(
            f'Ledger "{masked(url)}": user or password have a sign that ends them; write @ : / ? # '
            "in them as %40 %3A %2F %3F %23."
        )
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise LedgerError(_no_address(url)) from error
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise LedgerError(
            f'Ledger "{_shown(address)}" is neither SQLite nor PostgreSQL; write {_FORMS}.'
        )
    if _is_file(address):
        address = address.set(database=str(folder / str(address.database)))
    return address


def _no_address(url: str) -> str:
    return f'Ledger "{masked(url)}" is not an address; write {_FORMS}.'


def _is_file(address: URL) -> bool:
    return address.drivername == "sqlite" and address.database not in {None, "", ":memory:"}


def _make_folder(address: URL) -> None:
    if not _is_file(address):
        return
    file = Path(str(address.database))
    folder = file.parent
    try:
        if file.exists():
            refuse_irregular(file)  # SQLite would wait for whoever writes into a pipe
    except OSError as error:
        raise LedgerError(
            f"Ledger {file} {error.strerror}; set `ledger` to another place."
        ) from error
    try:
        make_folder(folder)
        if not file.name.startswith("file:"):
            touch_private(file)  # SQLite gives the files beside it the same mode
    except OSError as error:
        raise LedgerError(
            f"Ledger folder {folder} cannot be created: {error.strerror}; "
            "make it writable, or set `ledger` to another place."
        ) from error


def _engine(address: URL) -> Engine:
    if address.drivername != "sqlite":
        return create_engine(
            address,
            pool_pre_ping=True,
            connect_args=_POSTGRES_TIMEOUTS,
            json_deserializer=from_json,
        )
    engine = create_engine(address, json_deserializer=from_json)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    # Else sqlite3 begins a transaction only before the first write: `_begin_sqlite` does it.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails with SQLITE_BUSY, without waiting,
    # when another wrote meanwhile. IMMEDIATE takes the write lock at the start, and waits for it.
    writes = connection.get_execution_options().get("ledger_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(store: Store) -> None:
    with store._engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    # Looked at again under the lock: another process may have migrated meanwhile. SQLite's
    # write lock does what the advisory lock does on PostgreSQL.
    with store._writer.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        if (revision := _revision(connection)) != HEAD:
            _migrate(connection, revision, store.where)
            begin_journal(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def _migrate(connection: Connection, revision: str | None, where: str) -> None:
    """Upgrade within the transaction of `connection`: a migration takes effect whole or not."""
    # Imported here, since opening a ledger that is up to date needs none of it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    # Alembic reads its options with configparser, to which a % is special.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise LedgerError(
            f"Ledger {where} was written by a newer version of scorecard (revision {revision}, "
            f"this one knows up to {HEAD}); install that version or a later one."
        )
    command.upgrade(config, "head")


def _first_line(error: SQLAlchemyError) -> str:
    """The database driver's message, without SQLAlchemy's statement and parameters."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")


def _advice(url: URL) -> str:
    if url.drivername == "sqlite":
        return "check that the file is a ledger, and that it and its folder can be written"
    return "check that the server is running, lets this user in, and keeps a database for it alone"
