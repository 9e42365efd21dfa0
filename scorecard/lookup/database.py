"""Tiers as a table of the database that holds the facts: a DuckDB file, or PostgreSQL.

All of it is replaced at once, and only where its comment says that it is ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scorecard.errors import EngineError, FactsError, StatementError
from scorecard.facts.engine import answer, execute, guarded, quoted, said
from scorecard.lookup.rows import KIND
from scorecard.lookup.target import TABLE, TableTarget
from scorecard.lookup.written import Content

DUCKDB = "duckdb://"


def comment_of(project: str) -> str:
    """What the table's comment says, by which it is known for that project's."""
    return f"scorecard tiers of {project}"


def refuse_target(con: Any, connect: str, target: TableTarget, comment: str, kept: str) -> None:
    """FactsError where the facts' engine has no database that the table can be written to, or
    something that is not ours has its name. `kept` is the schema of the frozen tiers."""
    if con.name == "pyspark":
        raise FactsError(
            f"{TABLE}{target}: tables are written to DuckDB files and PostgreSQL, and the facts "
            "lie in Spark; write a .parquet file, which Spark reads."
        )
    if con.name == "duckdb" and connect == DUCKDB:
        raise FactsError(
            f"{TABLE}{target}: the facts are read from files, and there is no database to write "
            "to; write a .csv, .parquet or .jsonl file."
        )
    if kept and target.schema == kept:
        raise FactsError(
            f"{TABLE}{target}: schema {kept} has the frozen tiers and nothing else; name another."
        )
    found = _found(con, target)
    if found is not None and found != comment:
        raise FactsError(
            f"{TABLE}{target} is there, and is not ours by its comment; name another table, or "
            "have that one dropped."
        )


def write_postgres(
    con: Any, rows: str, target: TableTarget, content: Content, comment: str
) -> None:
    """Write the rows that the statement finds, with their cards, inside the database and in one
    transaction; whoever reads meanwhile has the table as it was."""
    table, columns = _quoted(target), content.columns
    joined = (
        f"SELECT {_selected(content)} FROM (\n{rows}\n) AS r JOIN {_values(content)} USING ({KIND})"
    )
    there = _columns(con, target)
    if there == columns:  # rights on it, and what reads it, stay
        steps = [f"DELETE FROM {table}", f"INSERT INTO {table} {joined}"]
    else:
        drop = [f"DROP TABLE {table}"] if there else []
        steps = [*drop, f"CREATE TABLE {table} AS {joined}"]
    steps.append(f"COMMENT ON TABLE {table} IS {quoted(comment)}")
    try:
        execute(con, "\n;\n".join(steps))
    except FactsError as error:
        raise _refused(target, error) from error


def _refused(target: TableTarget, error: FactsError) -> FactsError:
    """What PostgreSQL said and what to do; the error itself where the engine failed."""
    from psycopg.errors import DependentObjectsStillExist

    cause = error.__cause__
    why = said(cause if isinstance(cause, Exception) else error)
    if isinstance(cause, DependentObjectsStillExist):
        return FactsError(
            f"{TABLE}{target} cannot get other columns ({why}); write the columns that it has, "
            "with or without --names, or drop what reads it first."
        )
    if isinstance(error, StatementError):
        return FactsError(
            f"{TABLE}{target} cannot be written ({why}); let this user make tables there, or name "
            "another schema."
        )
    return error


def write_duckdb(file: Path, rows: Path, target: TableTarget, comment: str) -> None:
    """Write a Parquet file's rows into the DuckDB file, which nobody else may have open."""
    import duckdb

    table = _quoted(target)
    try:
        con = duckdb.connect(str(file))
    except duckdb.IOException as error:
        raise EngineError(
            f"{TABLE}{target} cannot be written ({said(error)}); let this user write to "
            f"{file.name}, and run it when no other process has {file.name} open."
        ) from error
    with con, guarded():
        con.begin()
        if target.schema:
            con.execute(f'CREATE SCHEMA IF NOT EXISTS "{target.schema}"')
        con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM read_parquet({quoted(str(rows))})")
        con.execute(f"COMMENT ON TABLE {table} IS {quoted(comment)}")
        con.commit()


def _found(con: Any, target: TableTarget) -> str | None:
    """The comment of what has that name, "" where it has none; None where nothing has it."""
    if con.name == "postgres":
        rows = answer(
            con,
            "SELECT obj_description(oid, 'pg_class') AS comment FROM pg_class "
            f"WHERE oid = to_regclass({quoted(_quoted(target))})",
        )
    else:
        named = f"= {quoted(target.name)} AND schema_name = {quoted(target.schema or 'main')}"
        named += " AND database_name = current_database() AND NOT temporary"
        rows = answer(
            con,
            f"SELECT comment FROM duckdb_tables() WHERE table_name {named} "
            f"UNION ALL SELECT '' FROM duckdb_views() WHERE view_name {named}",
        )
    return (rows[0]["comment"] or "") if rows else None


def _columns(con: Any, target: TableTarget) -> list[str]:
    """The names of a PostgreSQL table's columns; none where there is no table."""
    rows = answer(
        con,
        "SELECT attname AS name FROM pg_attribute WHERE NOT attisdropped AND attnum > 0 "
        f"AND attrelid = to_regclass({quoted(_quoted(target))}) ORDER BY attnum",
    )
    return [row["name"] for row in rows]


def _quoted(target: TableTarget) -> str:
    parts = [target.schema, target.name] if target.schema else [target.name]
    return ".".join(f'"{part}"' for part in parts)


def _selected(content: Content) -> str:
    own = {"customer_id", "name", "since"}
    return ", ".join(f'{"r" if c in own else "c"}."{c}"' for c in content.columns)


def _values(content: Content) -> str:
    """The cards as rows of a table of their own."""
    names = [n for n in content.columns if n not in ("customer_id", "name", "since")]
    rows = []
    for kind in content.cards:
        values = content.values(kind)
        cells = (f"DATE {quoted(values[n])}" if n == "as_of" else _text(values[n]) for n in names)
        rows.append(f"({', '.join([quoted(kind), *cells])})")
    listed = ", ".join(f'"{n}"' for n in (KIND, *names))
    return f"(VALUES {', '.join(rows)}) AS c ({listed})"


def _text(text: str) -> str:
    return f"CAST({quoted(text) if text else 'NULL'} AS text)"
