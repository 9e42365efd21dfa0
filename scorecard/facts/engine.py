"""The engine: the database that holds the facts, opened so that every kind answers alike.

DuckDB is embedded; PostgreSQL and Spark are reached by their addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import ibis
import ibis.expr.datatypes as dt
from ibis.backends.sql.compilers import PostgresCompiler

from scorecard.base.address import (
    has_controls,
    is_cut_short,
    learn_passwords,
    masked,
    secrets_in,
)
from scorecard.base.files import make_folder
from scorecard.errors import (
    EngineError,
    FactsError,
    ScorecardError,
    StatementError,
    did_you_mean,
)
from scorecard.facts import spark
from scorecard.facts.text_files import told

EXTRAS = {"postgresql": "postgres", "postgres": "postgres", "pyspark": "pyspark"}
"""Extras of ours by the scheme of the address of an engine that is not embedded."""
ENGINES = ("duckdb", *EXTRAS)
ADDRESSES = " An address begins with one of duckdb://, postgresql:// and pyspark://."
UNREADABLE = (
    "facts.connect: the address cannot be read; write postgresql://user@host/name, and what is "
    "special in a password as %2F, %40 or %3A."
)
SPOILT = re.compile(r"No magic bytes|too small to be a Parquet|Failed to read Parquet|CSV Error")
"""What DuckDB says of a file, though it files it under the statement's errors."""
BATCH = 65_536
"""Rows that pass through this process at a time, where they have to."""


class _Postgres(PostgresCompiler):  # type: ignore[misc]
    """PostgreSQL's compiler; booleans are cast to a 4-byte integer first, the only way it knows."""

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        if op.arg.dtype.is_boolean() and to.is_integer():
            arg = self.cast(arg, dt.int32)
        return super().visit_Cast(op, arg=arg, to=to)


@dataclass(frozen=True)
class EngineOptions:
    """How much the embedded engine may take: memory ("2GB") and threads (0: all processors).

    `spill` is the folder for what does not fit, `columns` the one in which text files are
    kept as columns; None: where temporary files lie.
    """

    memory: str = "2GB"
    threads: int = 0
    spill: Path | None = None
    columns: Path | None = None


def connect(url: str, folder: Path, options: EngineOptions | None = None) -> Any:
    """Open the engine that holds the facts; relative paths are relative to `folder`.

    FactsError when the driver is missing or the engine does not answer; a password is not shown.
    """
    learn_passwords(url)
    scheme, found, _ = url.partition("://")
    if has_controls(url):
        raise FactsError(f"facts.connect: the address has a control character in it.{ADDRESSES}")
    if not found or scheme not in ENGINES:
        raise FactsError(
            f"facts.connect: facts are read from files, DuckDB, PostgreSQL and Spark, not from "
            f'"{scheme if found else "***"}"; copy these tables into one of them, or export them '
            f"to Parquet files.{did_you_mean(scheme, ENGINES) if found else ADDRESSES}"
        )
    if is_cut_short(url):
        raise FactsError(UNREADABLE)
    options = options or EngineOptions()
    try:
        if scheme == "duckdb":
            return _duckdb(url.removeprefix("duckdb://"), folder, options)
        if scheme == "pyspark":
            spark.refuse_other_addresses(url)
            return spark.connect(url, options.spill)
        con = ibis.connect(url)
    except FactsError:
        raise
    except ValueError as error:  # its text may have a part of the password
        raise FactsError(UNREADABLE) from error
    except ImportError as error:
        raise FactsError(
            f"facts.connect: the driver is not installed ({said(error)}); "
            f'pip install "deliberate-scorecard[{EXTRAS[scheme]}]".'
        ) from error
    except Exception as error:  # every driver raises its own kind
        raise FactsError(
            f"facts.connect: cannot connect ({_without_secrets(said(error), url)}); check the "
            "address, and that it answers."
        ) from error
    con.compiler = _Postgres()
    _refuse_without_temporary(con)
    return con


def _refuse_without_temporary(con: Any) -> None:
    may = "has_database_privilege(current_database(), 'TEMP')"
    row = answer(con, f"SELECT {may} AS may, current_database() AS here, current_user AS me")[0]
    if not row["may"]:
        con.disconnect()
        raise FactsError(
            "facts.connect: this user may make no temporary tables, which figures are put together "
            f"in; have an administrator run GRANT TEMPORARY ON DATABASE {row['here']} TO "
            f"{row['me']}."
        )


def disconnect(con: Any) -> None:
    """Leave the engine, and nothing of what was kept in it."""
    if con.name == "pyspark":
        spark.disconnect(con)
    else:
        con.disconnect()


def _without_secrets(text: str, url: str) -> str:
    """A driver's message, which may repeat the URL or a secret of it, with these masked."""
    text = text.replace(url, masked(url) if "://" in url else "***") if url else text
    for secret in secrets_in(url):
        # One of a letter or two is hidden only where it stands alone: it may be in any word.
        whole = re.escape(secret) if len(secret) > 2 else rf"(?<!\w){re.escape(secret)}(?!\w)"
        text = re.sub(whole, "***", text)
    return text


def _duckdb(path: str, folder: Path, options: EngineOptions) -> Any:
    if path and not (folder / path).is_file():
        raise FileNotFoundError(f'database file "{path}" does not exist')
    con = ibis.duckdb.connect(str(folder / path) if path else ":memory:", read_only=bool(path))
    con.raw_sql("SET TimeZone = 'UTC'")
    con.raw_sql(f"SET file_search_path = {quoted(str(folder))}")
    con.raw_sql("SET enable_progress_bar = false")
    con.raw_sql("SET preserve_insertion_order = false")  # so that it need not hold rows back
    con.raw_sql(f"SET memory_limit = {quoted(options.memory)}")
    if options.spill:
        make_folder(options.spill)
    con.raw_sql(f"SET temp_directory = {quoted(str(options.spill or gettempdir()))}")
    if options.threads:
        con.raw_sql(f"SET threads = {options.threads}")
    return con


def quoted(text: str) -> str:
    """Text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def answer(con: Any, text: str) -> list[dict[str, Any]]:
    """The small result of a statement as dictionaries; never asked for anything that grows with
    customers.

    EngineError where the engine itself fails, StatementError where it refuses the statement or
    a value in it.
    """
    with guarded():
        # Rows come as the driver has them: Ibis' own way loads pandas to hand over five numbers.
        if con.name == "pyspark":
            return spark.rows(con, text)
        if con.name == "duckdb":
            return _rows(con.raw_sql(text))
        with _in_postgres(con) as cursor:
            return _rows(cursor.execute(text))


@contextmanager
def _in_postgres(con: Any) -> Iterator[Any]:
    """A cursor whose statements are kept together or not at all; within a transaction that is open
    (see `facts.one_state`) they end nothing of it. Ibis' own way takes all of it back."""
    with con.con.transaction(), con.con.cursor() as cursor:
        yield cursor


def _rows(cursor: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def execute(con: Any, *statements: str) -> None:
    """Carry out statements that have no result; errors as for `answer`."""
    with guarded():
        if con.name == "postgres":
            for text in statements:
                with _in_postgres(con) as cursor:
                    cursor.execute(text)
            return
        for text in statements:
            con.raw_sql(text)


def keep_view(con: Any, name: str, text: str) -> None:
    """Name a question, so that others can read what it finds; for this connection only."""
    execute(con, f"CREATE OR REPLACE TEMPORARY VIEW {name} AS\n{text}")


def keep_table(con: Any, name: str, text: str) -> None:
    """Keep what a question finds as a table of this connection, in place of what it held before."""
    if con.name == "duckdb":
        execute(con, f"CREATE OR REPLACE TEMPORARY TABLE {name} AS\n{text}")
    elif con.name == "pyspark":
        with guarded():
            spark.keep_table(con, name, text)
    elif answer(con, f"SELECT to_regclass('pg_temp.{name}') IS NOT NULL AS found")[0]["found"]:
        # Not made anew: in one transaction each table that is made holds locks until its end.
        execute(con, f"TRUNCATE {name}", f"INSERT INTO {name}\n{text}", f"ANALYZE {name}")
    else:
        execute(con, f"CREATE TEMPORARY TABLE {name} AS\n{text}", f"ANALYZE {name}")


def release_table(con: Any, name: str) -> None:
    """Let go of a table that was kept."""
    if con.name == "pyspark":
        with guarded():
            spark.release_table(con, name)
    else:
        execute(con, f"DROP TABLE IF EXISTS {name}")


def write_file(con: Any, text: str, path: Path) -> None:
    """Write what a question finds as a Parquet file that the engine can read; errors as for
    `answer`."""
    with guarded():
        if con.name == "duckdb":
            con.raw_sql(f"COPY (\n{text}\n) TO {quoted(str(path))} (FORMAT parquet)")
        elif con.name == "pyspark":
            spark.write_file(con, text, path)
        else:
            import pyarrow.parquet as pq

            with (
                con.sql(text).to_pyarrow_batches(chunk_size=BATCH) as batches,
                pq.ParquetWriter(path, batches.schema) as file,
            ):
                for batch in batches:
                    file.write_batch(batch)


def hand_over(con: Any, path: Path) -> str:
    """The table that has a Parquet file's rows in an engine that cannot read files of this
    machine; only so many of them are here at a time."""
    import pyarrow.parquet as pq

    changed = path.stat().st_mtime_ns
    name = f"scorecard_file_{sha256(f'{path} {changed}'.encode()).hexdigest()[:12]}"
    if answer(con, f"SELECT to_regclass({quoted(name)}) IS NOT NULL AS found")[0]["found"]:
        return name
    with guarded(), pq.ParquetFile(path) as file, con.con.cursor() as cursor:
        schema = ibis.Schema.from_pyarrow(file.schema_arrow)
        con.create_table(name, schema=schema, temp=True)
        with cursor.copy(f"COPY {name} FROM STDIN") as copied:
            for batch in file.iter_batches(BATCH):
                for row in zip(*batch.to_pydict().values(), strict=True):
                    copied.write_row(row)
    return name


@contextmanager
def guarded() -> Iterator[None]:
    """Whatever an engine raises, as one sentence; all that is asked of one passes through here.

    Drivers share no base class, but those of the Python DB API (PEP 249) name theirs alike:
    operational, interface and internal errors are the engine's own, others the statement's.
    """
    try:
        yield
    except ScorecardError:
        raise
    except Exception as error:  # every engine raises its own kinds
        if _engines_own(error):
            raise EngineError(own_failure(error)) from error
        if SPOILT.search(str(error)):
            raise FactsError(
                f"the facts cannot be read ({said(error)}); mend or replace the file."
            ) from error
        raise StatementError(f"the facts cannot be read ({said(error)}).") from error


def _engines_own(error: Exception) -> bool:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    own = {"OperationalError", "InterfaceError", "InternalError"}
    own |= {"FatalException", "InterruptException"}  # DuckDB's, which it files nowhere
    return isinstance(error, (MemoryError, OSError)) or bool(kinds & own)


def is_starved(error: Exception) -> bool:
    """Whether an engine, or Python itself, had too little memory."""
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower()


def own_failure(error: Exception) -> str:
    """What an engine's own failure is, and what to do about it."""
    text = said(error)
    if is_starved(error):
        return (
            f"The engine that holds the facts ran out of memory ({text}); give the machine more, "
            "or let nothing else run beside it, and run again."
        )
    return (
        f"The engine that holds the facts failed ({text}); see that it runs, that its files are "
        "there and that its disk has room, and run again."
    )


def said(error: Exception) -> str:
    """An engine's error in one line without a full stop; of a text file, which line and why."""
    text = str(error).strip()
    if "CSV Error on Line" in text:  # of a query that reads a text file
        return str(told(text))
    lines = text.splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
