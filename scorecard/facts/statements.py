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
MARKED = re.compile(r"⟨[^⟨⟩]+⟩")
DATE_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
SAID = ("strftime", "date", "time")
"""What a day of Python says of itself, and an expression would say as another expression."""


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
    """Slots of days and moments, and these moved by a span: they look like Python's own but cannot
    be written or counted with."""

    def _unknown(self, *_: object) -> Any:
        raise NeedsValueError(self.op().name)

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in DATE_PARTS:
            return _Part(super().__getattribute__("op")().name, found)
        if name in SAID:
            raise NeedsValueError(super().__getattribute__("op")().name)
        return found

    def __add__(self, other: Any) -> Any:
        return _unspoken(super().__add__(other))  # type: ignore[misc]

    def __radd__(self, other: Any) -> Any:
        return _unspoken(super().__radd__(other))  # type: ignore[misc]

    def __sub__(self, other: Any) -> Any:
        found = super().__sub__(other)  # type: ignore[misc]
        return self._unknown() if isinstance(found, ir.IntervalScalar) else _unspoken(found)

    def __rsub__(self, other: Any) -> Any:
        found = super().__rsub__(other)  # type: ignore[misc]
        return self._unknown() if isinstance(found, ir.IntervalScalar) else found

    __format__ = __str__ = __repr__ = _unknown


class _DaySlot(_Unspoken, ir.DateScalar):  # type: ignore[misc]
    pass


class _MomentSlot(_Unspoken, ir.TimestampScalar):  # type: ignore[misc]
    pass


def _unspoken(found: Any) -> Any:
    """A day or moment reckoned from a slot, which can be said no more than the slot itself."""
    kinds = ((ir.DateScalar, _DaySlot), (ir.TimestampScalar, _MomentSlot))
    kind = next((kind for plain, kind in kinds if isinstance(found, plain)), None)
    return kind(found.op()) if kind else found


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
        rest = {name: type for name, type in self.slots.items() if name not in values}
        given = {
            MARK.format(name): literal(con, values[name], type)
            for name, type in self.slots.items()
            if name in values
        }
        # At once, so that a value that looks like a slot stays as it is.
        text = MARKED.sub(lambda found: given.get(found[0], found[0]), self.text)
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
    # Rows and functions of this process that it reads (`ibis.memtable`, `ibis.udf`).
    con._run_pre_execute_hooks(table)
    op = table.op()
    slots = {node.slot: node for node in op.find(Slot)}
    standins = {name: _standin(node.dtype, i) for i, (name, node) in enumerate(slots.items())}
    plain = text = _sql(con, table, slots, standins)
    types = {}
    for name, node in slots.items():
        written = literal(con, standins[name], node.dtype)
        if written in plain:
            text, types[name] = text.replace(written, MARK.format(name)), node.dtype
        elif plain != _sql(con, table, slots, {**standins, name: _standin(node.dtype, len(slots))}):
            raise ScorecardError(f'The slot "{name}" is not found in a statement.')
        # Otherwise Ibis left out the column that it is in, which nothing reads.
    reads = {node.name for node in op.find((ops.DatabaseTable, ops.UnboundTable))}
    return Statement(text, types, frozenset(reads))


def _sql(con: Any, table: ir.Table, slots: Mapping[str, Slot], values: Values) -> str:
    params = {ops.Value.to_expr(slots[name]): value for name, value in values.items()}
    return str(con.compile(table, params=params, pretty=True))


def _standin(type: Any, index: int) -> Any:
    """A value that stands for a slot while Ibis compiles, and that nothing else can be."""
    if type.is_date():
        return date(1601, 1 + index // 28, 1 + index % 28)
    if type.is_timestamp():
        return datetime(1602, 1 + index // 28, 1 + index % 28)  # noqa: DTZ001 - as facts have it
    if type.is_string():
        return f"⟪{index}⟫"
    return 8.251601e300 + index * 1e290 if type.is_floating() else 8_251_601_000_000_000_000 + index


def literal(con: Any, value: Any, type: Any) -> str:
    """A value as the engine's SQL writes it."""
    op = ops.Literal(value, type)
    node = con.compiler.visit_Literal(op, value=op.value, dtype=op.dtype)
    return str(node.sql(dialect=con.dialect))
