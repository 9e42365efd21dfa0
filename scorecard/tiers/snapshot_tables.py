"""Snapshots of tiers in tables: in a schema of ours, beside facts that lie in PostgreSQL, so that
no customer's row leaves the database."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from scorecard.errors import FactsError, StatementError
from scorecard.facts.engine import answer, execute, quoted
from scorecard.tiers.snapshots import History, SnapshotColumns

BEGIN = "tiers_"
"""What the name of a snapshot's table begins with; its period follows, as in tiers_2026_10."""
TEMPORARY = "pg_temp"
"""The schema whose tables go with the connection."""


class SnapshotTables:
    """Snapshots as tables of a schema, which is made when the first is written; see `Snapshots`.

    Each table says in its comment whose it is: another company's tiers are never taken for ours.
    """

    kind = "table"

    def __init__(self, con: Any, schema: str, company: str) -> None:
        self._con, self._schema, self._company = con, schema, company
        self._columns: dict[str, SnapshotColumns] = {}

    @classmethod
    def passing(cls, con: Any) -> SnapshotTables:
        """Tables that go with the connection."""
        return cls(con, TEMPORARY, "")

    @property
    def where(self) -> str:
        return f"schema {self._schema}"

    def place(self, key: str) -> str:
        return f"{self._schema}.{_name(key)}"

    def periods(self) -> list[str]:
        return sorted(self._known)

    def has(self, key: str) -> bool:
        return key in self._known

    def rows(self, con: Any, key: str) -> str:
        return f"SELECT * FROM {self.place(key)}"

    def write(self, con: Any, key: str, text: str) -> None:
        table = self.place(key)
        made = f"CREATE TABLE {table} AS\n{text}"
        named = f"COMMENT ON TABLE {table} IS {quoted(self._comment)}"
        try:
            if self._lacks_schema():
                execute(con, f"CREATE SCHEMA {self._schema}")
            execute(con, f"{made}\n;\n{named}")  # in one transaction
        except StatementError as error:
            raise FactsError(
                f"tiers_schema: {table} cannot be written ({error}); let this user create tables "
                f"in schema {self._schema}, or leave tiers_schema out to keep tiers in files."
            ) from error
        self._known[key] = self._comment

    def columns(self, key: str) -> SnapshotColumns:
        if key not in self._columns:
            table = self.place(key)
            tiers = answer(self._con, f"SELECT DISTINCT tier FROM {table} WHERE tier IS NOT NULL")
            again = answer(
                self._con,
                f"SELECT min(customer_id) AS again FROM (SELECT customer_id FROM {table} "
                "GROUP BY customer_id HAVING count(*) > 1) AS several",
            )
            found = frozenset(str(row["tier"]) for row in tiers)
            self._columns[key] = SnapshotColumns(found, again[0]["again"])
        return self._columns[key]

    def history(self, customer: str) -> History:
        found: History = []
        for key in self.periods():
            asked = f"SELECT tier, score FROM {self.place(key)} WHERE customer_id = "
            rows = answer(self._con, asked + quoted(customer))
            found += [(key, row["tier"], row["score"]) for row in rows]
        return found

    def _lacks_schema(self) -> bool:
        if self._schema == TEMPORARY:
            return False
        asked = f"SELECT to_regnamespace({quoted(self._schema)}) IS NULL AS lacks"
        return bool(answer(self._con, asked)[0]["lacks"])

    @property
    def _comment(self) -> str:
        return f"scorecard: {self._company}"

    @cached_property
    def _known(self) -> dict[str, str]:
        """The keys of all that are there, each with its comment."""
        if self._schema == TEMPORARY:
            return {}
        rows = answer(
            self._con,
            "SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment "
            "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            f"WHERE n.nspname = {quoted(self._schema)} AND c.relname LIKE '{BEGIN}%'",
        )
        found = {_key(row["name"]): row["comment"] or "" for row in rows}
        self._refuse_others(found)
        return found

    def _refuse_others(self, found: Mapping[str, str]) -> None:
        for key, comment in sorted(found.items()):
            if comment != self._comment:
                raise FactsError(
                    f'{self.place(key)}: its comment is "{comment}", so it may not be of '
                    f"{self._company}; name another tiers_schema, or, if it is, let its comment "
                    f'say "{self._comment}".'
                )


def _name(key: str) -> str:
    return BEGIN + key.replace("-", "_").lower()


def _key(name: str) -> str:
    return name.removeprefix(BEGIN).replace("_", "-").upper()
