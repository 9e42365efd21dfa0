"""Snapshots of tiers in tables: in a schema of ours, beside facts that lie in PostgreSQL, so that
no customer's row leaves the database."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from scorecard.base.files import make_folder, write_new
from scorecard.base.json_text import texts_from_json
from scorecard.base.regular_file import read_bytes
from scorecard.errors import FactsError, StatementError
from scorecard.facts.engine import answer, execute, quoted, said
from scorecard.tiers.snapshots import History, SnapshotColumns, SnapshotFiles

BEGIN = "tiers_"
"""What the name of a snapshot's table begins with; its period follows, as in tiers_2026_10."""
NAMED = f"^{BEGIN}[0-9]{{4}}(_[a-z]?[0-9]{{1,2}}){{0,2}}$"
"""How the names of such tables look; others in the schema are nobody's business."""
TEMPORARY = "pg_temp"
"""The schema whose tables go with the connection."""
MARK = "tables.json"
"""The file beside the snapshots that says which schema has them, and whose they are there."""


def schema_in_use(folder: Path) -> str:
    """The schema that has snapshots of the project whose tiers lie in that folder; empty: none."""
    return _mark(folder).get("schema", "")


def _mark(folder: Path) -> dict[str, str]:
    try:
        return texts_from_json(read_bytes(folder / MARK))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FactsError(
            f"{folder / MARK}: cannot be read ({error}); restore the file from a backup."
        ) from error


class SnapshotTables:
    """Snapshots as tables of a schema, which is made when the first is written; see `Snapshots`.

    Those that were frozen into files of the folder before are read from there. Each table
    says in its comment which project it is of, and a file in the folder which project this
    is: another one's tiers are never taken for ours.
    """

    def __init__(self, con: Any, schema: str, folder: Path | None) -> None:
        self._con, self._schema, self._folder = con, schema, folder
        self._files = SnapshotFiles(folder) if folder else None
        self._columns: dict[str, SnapshotColumns] = {}

    @classmethod
    def passing(cls, con: Any) -> SnapshotTables:
        """Tables that go with the connection."""
        return cls(con, TEMPORARY, None)

    @property
    def where(self) -> str:
        schema = f"schema {self._schema}"
        filed = self._files is not None and self._files.periods()
        return f"{schema} and {self._folder}" if filed else schema

    def place(self, key: str) -> str:
        if self._files and self._filed(key):
            return self._files.place(key)
        return f"{self._schema}.{_name(key)}"

    def periods(self) -> list[str]:
        return sorted({*self._known, *(self._files.periods() if self._files else ())})

    def look_again(self) -> None:
        """See what other processes have frozen since."""
        self.__dict__.pop("_known", None)

    def has(self, key: str) -> bool:
        return key in self._known or self._filed(key)

    def rows(self, con: Any, key: str) -> str:
        if self._files and self._filed(key):
            return self._files.rows(con, key)
        return f"SELECT * FROM {self._table(key)}"

    def write(self, con: Any, key: str, text: str) -> None:
        self._claim()
        table = self._table(key)
        made = f"CREATE TABLE {table} AS\n{text}"
        named = f"COMMENT ON TABLE {table} IS {quoted(self._comment)}"
        before = f"DROP TABLE IF EXISTS {table}\n;\n" if self._schema == TEMPORARY else ""
        try:
            if self._lacks_schema():
                execute(con, f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')
            execute(con, f"{before}{made}\n;\n{named}")  # in one transaction
        except StatementError as error:
            if key not in self._found():  # else another process was faster: its table stands
                why = _told(error)
                raise FactsError(
                    f"tiers_schema: {self.place(key)} cannot be written ({why}); {self._grant()}."
                ) from error
        self._known.add(key)

    def take(self, key: str, other: SnapshotTables) -> None:
        self.write(self._con, key, f"SELECT * FROM {other._table(key)} ORDER BY customer_id")

    def is_same(self, key: str, other: SnapshotTables) -> bool:
        if self._files and self._filed(key):
            return False
        ours, theirs = f"SELECT * FROM {self._table(key)}", f"SELECT * FROM {other._table(key)}"
        differing = f"({ours} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {ours})"
        return not self._asked(f"SELECT count(*) AS n FROM ({differing}) AS differing")[0]["n"]

    def columns(self, key: str) -> SnapshotColumns:
        if self._files and self._filed(key):
            return self._files.columns(key)
        if key not in self._columns:
            table = self._table(key)
            tiers = self._asked(f"SELECT DISTINCT tier FROM {table} WHERE tier IS NOT NULL")
            again = self._asked(
                f"SELECT min(customer_id) AS again FROM (SELECT customer_id FROM {table} "
                "GROUP BY customer_id HAVING count(*) > 1) AS several",
            )
            found = frozenset(str(row["tier"]) for row in tiers)
            self._columns[key] = SnapshotColumns(found, again[0]["again"])
        return self._columns[key]

    def digest(self, key: str) -> str:
        """Of a table: of its rows as text, by customer; what the engine says of each is the same
        wherever it is asked."""
        if self._files and self._filed(key):
            return self._files.digest(key)
        rows = f"SELECT CAST(t AS text) AS said FROM {self._table(key)} AS t"
        joined = 'string_agg(said, chr(10) ORDER BY said COLLATE "C")'
        hashed = f"encode(sha256(convert_to(coalesce({joined}, ''), 'UTF8')), 'hex')"
        return str(self._asked(f"SELECT {hashed} AS hashed FROM ({rows}) AS rows")[0]["hashed"])

    def history(self, customer: str) -> History:
        found = self._files.history(customer) if self._files else []
        found = [row for row in found if self._filed(row[0])]
        for key in sorted(self._known):
            asked = f"SELECT tier, score FROM {self._table(key)} WHERE customer_id = "
            rows = self._asked(asked + quoted(customer))
            found += [(key, row["tier"], row["score"]) for row in rows]
        return sorted(found, key=lambda row: row[0])

    def forbidden(self) -> str:
        """Why nothing can be written, and what would allow it; empty where it can."""
        asked = f"has_schema_privilege({quoted(self._schema)}, 'CREATE')"
        if self._lacks_schema():
            asked = "has_database_privilege(current_database(), 'CREATE')"
        allowed = bool(self._asked(f"SELECT {asked} AS may")[0]["may"])
        return "" if allowed else f"this user may not make tables in it; {self._grant()}"

    def _grant(self) -> str:
        return (
            f"have an administrator run CREATE SCHEMA IF NOT EXISTS {self._schema} and GRANT "
            f"CREATE, USAGE ON SCHEMA {self._schema} to it, or leave tiers_schema out to keep "
            "tiers in files"
        )

    def _table(self, key: str) -> str:
        return f'"{self._schema}".{_name(key)}'

    def _filed(self, key: str) -> bool:
        return key not in self._known and self._files is not None and self._files.has(key)

    def _lacks_schema(self) -> bool:
        if self._schema == TEMPORARY:
            return False
        asked = f"SELECT to_regnamespace({quoted(self._schema)}) IS NULL AS lacks"
        return bool(answer(self._con, asked)[0]["lacks"])

    @property
    def _comment(self) -> str:
        project = _mark(self._folder).get("project", "") if self._folder else "none"
        return f"scorecard project {project}"

    def _claim(self) -> None:
        """Write down, once, which schema has this project's tiers, and a name for the project."""
        if self._folder is None or schema_in_use(self._folder):
            return
        make_folder(self._folder)
        mark = json.dumps({"schema": self._schema, "project": uuid4().hex}, indent=2)
        with suppress(FileExistsError):  # another process was faster; its mark counts
            write_new(self._folder / MARK, mark + "\n")

    @cached_property
    def _known(self) -> set[str]:
        return self._found()

    def _found(self) -> set[str]:
        """The keys of all tables that are there. FactsError where some are not of this project."""
        if self._schema == TEMPORARY:
            return set()
        rows = self._asked(
            "SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment "
            "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            f"WHERE n.nspname = {quoted(self._schema)} AND c.relkind = 'r' "
            f"AND c.relname ~ '{NAMED}'",
        )
        others = sorted(row["name"] for row in rows if row["comment"] != self._comment)
        if others:
            raise FactsError(
                f"tiers_schema: {self._schema}.{others[0]} is not of this project, by its comment; "
                f"name a schema of its own for each project, or restore the project's {MARK} "
                "beside its tiers."
            )
        return {_key(row["name"]) for row in rows}

    def _asked(self, text: str) -> list[dict[str, Any]]:
        try:
            return answer(self._con, text)
        except StatementError as error:
            raise FactsError(
                f"tiers_schema: frozen tiers in {self.where} cannot be read "
                f"({_told(error)}); let this user use the schema and read its "
                "tables."
            ) from error


def _told(error: StatementError) -> str:
    """What the engine said of it."""
    cause = error.__cause__
    return said(cause if isinstance(cause, Exception) else error)


def _name(key: str) -> str:
    return BEGIN + key.replace("-", "_").lower()


def _key(name: str) -> str:
    return name.removeprefix(BEGIN).replace("_", "-").upper()
