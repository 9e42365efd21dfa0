"""Derived tables: what several questions need, put together once and kept by the engine.

A derived table is declared as an expression and made when something that reads it is asked.
One that has slots is made again when other values are filled in; so one table serves every
period, and the engine holds one period's rows of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir

from scorecard.facts.engine import keep_table, keep_view, release_table
from scorecard.facts.statements import Statement, Values, compiled

OURS = "scorecard_"
"""What every table of ours begins with in the engine, so that it hides none of the company's."""
KEPT = 32
"""Derived tables of days that are no slots, kept at a time; the one unused longest goes first."""
Key = tuple[Any, ...]
_FACTS = object()
"""Tells the keys of the facts' own tables from all others."""


@dataclass
class _Derived:
    """One table: its name in the engine, how its rows are asked for, and what it now holds."""

    name: str
    schema: Any
    text: Callable[[Values], str]
    version: Callable[[Values], Hashable]
    statement: Callable[[], Statement] | None = None
    copied: Callable[[], bool] = lambda: False
    from_sources: bool = False
    held: Hashable = None

    @property
    def reads(self) -> Iterable[str]:
        return self.statement().reads if self.statement else ()


@dataclass(frozen=True)
class Definition:
    """How a table is read: its statement, and the tables of ours that it reads.

    One that is read `from_sources` says what the company's own tables, queries and columns are
    called, and whatever else is written there.
    """

    text: str
    reads: frozenset[str]
    from_sources: bool = False


class DerivedTables:
    """The derived tables of one connection."""

    def __init__(self, con: Any) -> None:
        self._con = con
        self._by_name: dict[str, _Derived] = {}
        self._tables: dict[Key, ir.Table] = {}
        self._lasting: OrderedDict[str, None] = OrderedDict()
        self._pinned: set[str] = set()
        self._making = 0

    def table(self, key: Key, build: Callable[[], ir.Table]) -> ir.Table:
        """The table of that key, whose first part names it; `build` says how it is derived."""
        if key not in self._tables:
            expression = build()
            asked = cache(lambda: compiled(self._con, expression))
            theirs = reads_sources(expression)
            self._declare_asked(key, expression.schema(), asked, from_sources=theirs)
        return self._tables[key]

    def of_facts(
        self, name: str, build: Callable[[], ir.Table], copied: Callable[[], bool]
    ) -> ir.Table:
        """The table of facts of that name, which is kept while the connection is open.

        Where it is not `copied` it is a view, and its source is read by each statement.
        """
        key = (name, _FACTS)
        if key not in self._tables:
            expression = build()
            asked = cache(lambda: compiled(self._con, expression))
            self._declare_asked(key, expression.schema(), asked, copied, from_sources=True)
            self._pinned.add(self._tables[key].op().name)
        return self._tables[key]

    def of_statement(self, key: Key, statement: Statement, schema: Any) -> ir.Table:
        """The table of what a statement finds."""
        if key not in self._tables:
            self._declare_asked(key, schema, lambda: statement)
        return self._tables[key]

    def _declare_asked(
        self,
        key: Key,
        schema: Any,
        asked: Callable[[], Statement],
        copied: Callable[[], bool] = lambda: True,
        from_sources: bool = False,
    ) -> None:
        self._declare(
            key,
            schema,
            lambda values: asked().filled(self._con, values),
            lambda values: tuple(values[name] for name in asked().wanted),
            asked,
            copied,
            from_sources,
        )

    def source(
        self,
        key: Key,
        schema: Any,
        text: Callable[[Values], str],
        version: Callable[[Values], Hashable],
        copied: bool = False,
    ) -> ir.Table:
        """A table whose rows come from elsewhere: `text` asks for them, `version` tells them
        apart. Where it is not `copied`, they are looked up by each statement."""
        if key not in self._tables:
            self._declare(key, schema, text, version, copied=lambda: copied)
        return self._tables[key]

    def _declare(
        self,
        key: Key,
        schema: Any,
        text: Callable[[Values], str],
        version: Callable[[Values], Hashable],
        statement: Callable[[], Statement] | None = None,
        copied: Callable[[], bool] = lambda: False,
        from_sources: bool = False,
    ) -> None:
        name = self._free_name(str(key[0]))
        self._by_name[name] = _Derived(name, schema, text, version, statement, copied, from_sources)
        self._tables[key] = named_table(self._con, name, schema)

    def _free_name(self, title: str) -> str:
        # Letters, digits and underscores need no quotes, which engines write differently.
        plain = OURS + "".join(c if c.isascii() and c.isalnum() else "_" for c in title.lower())
        name, number = plain, 2
        while name in self._by_name:
            name, number = f"{plain}_{number}", number + 1
        return name

    def ready(self, reads: Iterable[str], values: Values) -> Hashable:
        """Make every derived table among these, and what each of them reads, for these values;
        what tells their rows from those for other values, None where nothing does."""
        if not self._making:  # afterwards all that is asked for is there, however many
            self._let_go()
        self._making += 1
        try:
            return tuple(v for name in sorted(reads) if (v := self._made(name, values))) or None
        finally:
            self._making -= 1

    def _made(self, name: str, values: Values) -> Hashable:
        derived = self._by_name.get(name)
        if derived is None:
            return None
        if name in self._pinned:  # a view needs what it reads for as long as it is there
            self._pinned.update(derived.reads)
        below, own = self.ready(derived.reads, values), derived.version(values)
        version = (own, below) if own or below else None
        if derived.held != (version,):
            keep, text = keep_table if derived.copied() else keep_view, derived.text(values)
            derived.held = None  # until it is there: some engines drop what it held first
            keep(self._con, name, text)
            derived.held = (version,)
        if version is None and name not in self._pinned and derived.copied():
            self._lasting[name] = None
            self._lasting.move_to_end(name)
        return version

    def forget(self) -> None:
        """Make every table anew when it is next asked for: what it was made of may have changed."""
        for derived in self._by_name.values():
            derived.held = None

    def release(self, key: Key) -> None:
        """Let the rows of a table go, if it has any."""
        if key in self._tables:
            self._release(self._tables[key].op().name)

    def close(self) -> None:
        """Let all rows go that do not go with the connection."""
        for name, derived in self._by_name.items():
            if derived.held is not None and self._con.name == "pyspark":
                release_table(self._con, name)
                derived.held = None

    def _let_go(self) -> None:
        """Release the tables without slots that were not used for longest."""
        while len(self._lasting) > KEPT:
            oldest, _ = self._lasting.popitem(last=False)
            if oldest not in self._pinned:
                self._release(oldest)

    def _release(self, name: str) -> None:
        if self._by_name[name].held is not None:
            release_table(self._con, name)
            self._by_name[name].held = None

    def definitions(self, values: Values) -> dict[str, Definition]:
        """How each table that is derived by an expression is derived for these values, by its name
        in the engine; those whose slots they do not fill are left out."""
        found = {}
        for name, derived in self._by_name.items():
            statement = derived.statement and derived.statement()
            if statement and statement.slots.keys() <= values.keys():
                text = statement.filled(self._con, values)
                found[name] = Definition(text, statement.reads, derived.from_sources)
        return found


def reads_sources(expression: ir.Table) -> bool:
    """Whether an expression reads anything but tables of ours."""
    return any(
        not (isinstance(node, ops.DatabaseTable) and node.name.startswith(OURS))
        for node in expression.op().find(ops.Relation)
        if not any(isinstance(each, ops.Relation) for each in node.__children__)
    )


def named_table(con: Any, name: str, schema: Any) -> ir.Table:
    """A table of the engine as an expression, whether or not it is there yet."""
    return ops.DatabaseTable(name, schema, con, ops.Namespace()).to_expr()
