"""Statements: expressions compiled once, whose days and limits are filled in each time.

Ibis takes far longer to put an expression into SQL than an engine to answer it, so what is
asked of every period, tier or limit is compiled with slots, and filled as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

from scorecard.errors import ScorecardError

Values = Mapping[str, Any]
"""What is filled into slots, by their names."""
MARK = "⟨{}⟩"
"""How a slot stands in a statement's text."""
DATE_PARTS = ("year", "month", "day", "hour", "minute", "second")


class NeedsValueError(Exception):
    """A slot was asked for a value as Python has it, which it has none of until it is filled."""

    def __init__(self, slot: str) -> None:
        super().__init__(f"{slot} is not known before the statement is filled")


class Slot(ops.ScalarParameter):  # type: ignore[misc]
    """A place in an expression for a value that is filled in later, told apart by its name."""

    slot: str

    def __init__(self, dtype: Any, slot: str, counter: int | None = None) -> None:
        # The counter tells Ibis' own parameters apart; these are told apart by name.
        super(ops.ScalarParameter, self).__init__(dtype=dtype, counter=0, slot=slot)

    @property
    def name(self) -> str:
        return self.slot

    def to_expr(self) -> Any:
        kind = {"date": _DaySlot, "timestamp": _MomentSlot}.get(str(self.dtype))
        return kind(self) if kind else super().to_expr()


class _Part:
    """A part of a day: called it is an expression; to be compared or counted with as a number it
    would have to be known."""

    def __init__(self, slot: str, expression: Callable[[], Any]) -> None:
        self._slot, self._expression = slot, expression

    def __call__(self) -> Any:
        return self._expression()

    def _unknown(self, *_: object) -> Any:
        raise NeedsValueError(self._slot)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _unknown
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _unknown
    __floordiv__ = __truediv__ = __mod__ = _unknown
    __int__ = __index__ = __bool__ = __hash__ = __str__ = __repr__ = _unknown

    def __format__(self, _spec: str) -> str:
        raise NeedsValueError(self._slot)


class _Unspoken:
    """Slots of days and moments, which look like Python's own but cannot be written or counted."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in DATE_PARTS:
            return _Part(super().__getattribute__("op")().name, found)
        return found

    def __format__(self, _spec: str) -> str:
        raise NeedsValueError(self.op().name)

    def __str__(self) -> str:
        raise NeedsValueError(self.op().name)


class _DaySlot(_Unspoken, ir.DateScalar):  # type: ignore[misc]
    pass


class _MomentSlot(_Unspoken, ir.TimestampScalar):  # type: ignore[misc]
    pass


def slot(name: str, type: str) -> Any:
    """An expression of that Ibis type whose value is filled in later. Slots of a name are one."""
    return Slot(dt.dtype(type), name).to_expr()


@dataclass(frozen=True)
class Statement:
    """A compiled question: its text with slots, by name the types of these, and the tables of ours
    that it reads."""

    text: str
    slots: Mapping[str, Any]
    reads: frozenset[str]

    def filled(self, con: Any, values: Values) -> str:
        """The text with every slot filled; KeyError for a value that is not given."""
        return self.with_(con, {name: values[name] for name in self.slots}).text

    def with_(self, con: Any, values: Values) -> Statement:
        """The statement with those of its slots filled that there are values for."""
        text, rest = self.text, dict(self.slots)
        for name in [name for name in rest if name in values]:
            text = text.replace(MARK.format(name), literal(con, values[name], rest.pop(name)))
        return Statement(text, rest, self.reads)

    @classmethod
    def union(cls, parts: Sequence[Statement]) -> Statement:
        """All rows of several statements with the same columns."""
        slots: dict[str, Any] = {}
        for part in parts:
            slots |= part.slots
        reads = frozenset().union(*(part.reads for part in parts))
        return cls("\nUNION ALL\n".join(f"(\n{p.text}\n)" for p in parts), slots, reads)

    def over(self, table: str, other: Statement) -> Statement:
        """This statement, with another one's rows standing for the table of that name."""
        text = f"WITH {table} AS (\n{other.text}\n)\nSELECT * FROM (\n{self.text}\n) AS asked"
        reads = (self.reads - {table}) | other.reads
        return Statement(text, {**self.slots, **other.slots}, reads)

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """The names of its slots, in order."""
        return tuple(sorted(self.slots))


@dataclass(frozen=True)
class Prepared:
    """A statement, and the columns of its rows."""

    statement: Statement
    schema: Any


def compiled(con: Any, table: ir.Table) -> Statement:
    """The statement of an expression, its slots kept open."""
    op = table.op()
    slots = {node.slot: node for node in op.find(Slot)}
    standins = {name: _standin(node.dtype, i) for i, (name, node) in enumerate(slots.items())}
    params = {slots[name].to_expr(): value for name, value in standins.items()}
    text = con.compile(table, params=params, pretty=True)
    for name, node in slots.items():
        text = text.replace(literal(con, standins[name], node.dtype), MARK.format(name))
    if left := [name for name, value in standins.items() if re.search(_trace(value), text)]:
        raise ScorecardError(f"A statement does not show where it has {', '.join(left)}.")
    slots = {name: node for name, node in slots.items() if MARK.format(name) in text}
    reads = {node.name for node in op.find((ops.DatabaseTable, ops.UnboundTable))}
    types = {name: node.dtype for name, node in slots.items()}
    return Statement(text, types, frozenset(reads))


def _standin(type: Any, index: int) -> Any:
    """A value that stands for a slot while Ibis compiles, and that nothing else can be."""
    if type.is_date():
        return date(1601, 1 + index // 28, 1 + index % 28)
    if type.is_timestamp():
        return datetime(1602, 1 + index // 28, 1 + index % 28)  # noqa: DTZ001 - as facts have it
    if type.is_string():
        return f"⟪{index}⟫"
    return 8.251601e300 + index * 1e290 if type.is_floating() else 8_251_601_000_000_000_000 + index


def _trace(standin: Any) -> str:
    """A pattern of what is left in a statement that has a stand-in written in some other way."""
    if isinstance(standin, date):  # a moment is one, too
        return rf"\b{standin.year}\b"
    return standin if isinstance(standin, str) else r"\b8\.?251601"


def literal(con: Any, value: Any, type: Any) -> str:
    """A value as the engine's SQL writes it."""
    op = ops.Literal(value, type)
    node = con.compiler.visit_Literal(op, value=op.value, dtype=op.dtype)
    return str(node.sql(dialect=con.dialect))
