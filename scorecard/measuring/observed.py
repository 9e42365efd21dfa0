"""Observed: what metrics have seen, with the tiers of the customers, ready to be asked.

What a metric yields and what is asked of it are compiled apart: the first once for every
metric, the second once for each kind. Metrics of one kind are asked together, in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.definitions.metric import Metric
from scorecard.facts.currency import EXACT
from scorecard.facts.statements import Prepared, Statement, Values, slot
from scorecard.facts.tables import Facts

SEEN = "seen"
"""The name under which a question reads what metrics have seen."""
NOBODY = "unattributed"
"""The state of what belongs to no known customer."""
COLUMNS = {
    "sums": {"num": EXACT, "den": EXACT, "squares": EXACT, "up": "int64", "down": "int64"},
    "quantile": {"num": "float64", "censored": "boolean", "q": "float64"},
    "survival": {"entered": "int64", "left": "int64", "lost": "boolean", "end": "int64"},
}
"""The columns that observations of a kind are reduced from, beside metric and customer_id."""
COLUMNS_OF = {
    shape: ibis.schema({"metric": "string", "customer_id": "string", **columns})
    for shape, columns in COLUMNS.items()
}
Question = Callable[..., ir.Table]


@dataclass(frozen=True)
class Seen:
    """What one metric has seen in a period: the statement of its observations, the table of the
    tiers that they count in, and what fills the slots of both."""

    metric: Metric
    prepared: Prepared
    held: ir.Table
    values: Values

    @property
    def shape(self) -> str:
        """By which of COLUMNS its observations are reduced."""
        return self.metric.kind if self.metric.kind in COLUMNS else "sums"

    def reduced(self, facts: Facts, constants: Values) -> Statement:
        """The statement of its observations in the columns of its shape; `constants` are the
        values of `q` and `end`."""
        schema = self.prepared.schema
        key = ("columns", self.shape, schema)
        build = partial(_in_columns, ibis.table(schema, name=SEEN), self.shape)
        named = {"metric": self.metric.name, **constants}
        return (
            facts.statement(key, build).over(SEEN, self.prepared.statement).with_(facts.con, named)
        )

    def placed(self, facts: Facts) -> Prepared:
        """The statement of the observations with each customer's tier and value."""
        observations = partial(placed, ibis.table(self.prepared.schema, name=SEEN), self.held)
        key = ("observations", self.prepared.schema, self.held.op().name)
        statement = facts.statement(key, observations).over(SEEN, self.prepared.statement)
        return Prepared(statement, observations().schema())

    def table(self, facts: Facts) -> ir.Table:
        """The same as a table of the engine that is made when it is first asked for."""
        placed = self.placed(facts)
        version = tuple(str(self.values[name]) for name in sorted(self.values))
        return facts.from_elsewhere(
            (f"observed {self.metric.name}", self.metric.version, self.held.op().name, version),
            placed.schema,
            lambda _values: facts.filled(placed.statement, self.values),
            lambda _values: None,
            copied=True,  # what it reads may by then be that of another period
        )


@dataclass(frozen=True)
class Observations:
    """What metrics of one shape have seen that count in the same tiers: metric, customer_id, tier
    and the columns of the shape."""

    facts: Facts
    shape: str
    statement: Statement
    held: ir.Table
    values: Values
    series: tuple[tuple[str, str], ...]

    @classmethod
    def of(
        cls,
        facts: Facts,
        seen: Sequence[Seen],
        constants: Sequence[Values],
        tiers: Sequence[str],
    ) -> Observations:
        """All of one shape and with the same tiers; `constants` as for `Seen.reduced`, `tiers` all
        tiers and states that may occur."""
        first = seen[0]
        values: dict[str, Any] = {}
        for one in seen:
            values |= one.values
        parts = [s.reduced(facts, c) for s, c in zip(seen, constants, strict=True)]
        statement = Statement.union(parts)
        if first.shape == "quantile":  # asked several times
            statement = facts.kept(("waits", statement.text), statement, COLUMNS_OF[first.shape])
        series = tuple((s.metric.name, tier) for s in seen for tier in tiers)
        return cls(facts, first.shape, statement, first.held, values, series)

    def ask(self, question: Question, *shape: Any, **values: Any) -> list[dict[str, Any]]:
        """The small answer to a question, which is compiled once for each shape that it takes."""
        key = (question, shape, self.shape, self.held.op().name)
        seen = ibis.table(COLUMNS_OF[self.shape], name=SEEN)
        asked = self.facts.statement(key, lambda: question(placed(seen, self.held), *shape))
        return self.facts.asked(asked.over(SEEN, self.statement), {**self.values, **values})


def _in_columns(seen: ir.Table, shape: str) -> ir.Table:
    """Observations in the columns of their shape, and the metric that they are of."""
    columns = {
        "metric": slot("metric", "string"),
        "customer_id": seen.customer_id,
        "up": (seen.num > 0).cast("int64") if shape == "sums" else None,
        "down": (seen.num < 0).cast("int64") if shape == "sums" else None,
        "q": slot("q", "float64"),
        "end": slot("end", "int64"),
    }
    names = ("metric", "customer_id", *COLUMNS[shape])
    types = COLUMNS[shape]
    return seen.select(
        **{n: (c if (c := columns.get(n)) is not None else seen[n].cast(types[n])) for n in names}
    )


def placed(seen: ir.Table, held: ir.Table) -> ir.Table:
    """Observations with each customer's tier and value; what is of nobody known is in NOBODY."""
    joined = seen.left_join(held, "customer_id")
    columns = {c: joined[c] for c in seen.columns}
    if "entered" in columns:
        # Of all together nobody's tier is asked for, so all were watched before they had one.
        columns["watched"] = joined.entered
        # Rated as that day began, so watched from the day before: a loss on it counts.
        rated = joined.first_on.delta(joined.acquired_on, unit="day") - 1
        columns["entered"] = ibis.greatest(joined.entered, rated.fill_null(0))
    return joined.select(**columns, value=joined.value, tier=ibis.coalesce(joined.tier, NOBODY))
