"""Observed: a metric's observations with the tiers of their customers, ready to be asked.

What the metric yields and what is asked of it are compiled apart: the first once for every
metric, the second once for all metrics whose observations look alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.facts.statements import Prepared, Statement, Values, compiled
from scorecard.facts.tables import Facts

SEEN = "seen"
"""The name under which a question reads what a metric has seen."""
NOBODY = "unattributed"
"""The state of what belongs to no known customer."""


@dataclass(frozen=True)
class TieredObservations:
    """What a metric has seen, and the table of its customers' tiers; with the values of one period.

    seen    the statement of the metric's own observations
    held    customer_id, tier, value, acquired_on, first_on
    """

    facts: Facts
    seen: Prepared
    held: ir.Table
    values: Values

    def ask(
        self, question: Callable[..., ir.Table], *shape: Any, **values: Any
    ) -> list[dict[str, Any]]:
        """The small answer to a question, which is compiled once for each shape that it takes."""
        statement = self._statement(question, shape).over(SEEN, self.seen.statement)
        return self.facts.asked(statement, {**self.values, **values})

    def table(self) -> ir.Table:
        """The observations as a table of the engine, made when it is first asked for."""
        text = self.facts.statement(("observations", self.seen.schema, self.held.op().name), self._placed)
        statement = text.over(SEEN, self.seen.statement)
        held = {name: self.values[name] for name in sorted(statement.slots)}
        return self.facts.from_elsewhere(
            ("observed", statement.text, tuple(held.items())),
            self._placed().schema(),
            lambda _values: self.facts.filled(statement, self.values),
            lambda _values: None,
        )

    def _statement(self, question: Callable[..., ir.Table], shape: tuple[Any, ...]) -> Statement:
        key = (question, shape, self.seen.schema, self.held.op().name)
        return self.facts.statement(key, lambda: question(self._placed(), *shape))

    def _placed(self) -> ir.Table:
        """The observations with each customer's tier and value; of nobody known, in NOBODY."""
        seen = ibis.table(self.seen.schema, name=SEEN)
        joined = seen.left_join(self.held, "customer_id")
        columns = {c: joined[c] for c in seen.columns}
        if "entered" in columns:
            # Rated as that day began, so watched from the day before: a loss on it counts.
            rated = joined.first_on.delta(joined.acquired_on, unit="day") - 1
            columns["entered"] = ibis.greatest(joined.entered, rated.fill_null(0))
        return joined.select(**columns, value=joined.value, tier=ibis.coalesce(joined.tier, NOBODY))


@dataclass(frozen=True)
class TableOfObservations:
    """Observations that have their tiers already, as a table that can be read as it is."""

    facts: Facts
    observations: ir.Table

    def ask(
        self, question: Callable[..., ir.Table], *shape: Any, **values: Any
    ) -> list[dict[str, Any]]:
        """The small answer to a question."""
        statement = compiled(self.facts.con, question(self.observations, *shape))
        return self.facts.asked(statement, values)
