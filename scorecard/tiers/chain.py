"""The chain of snapshots: which one continues which, and what the first is made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from scorecard.base.periods import OLDEST, Period
from scorecard.errors import FactsError
from scorecard.facts.contracts import CONTRACTS, DATED, PAYING
from scorecard.facts.tables import Facts
from scorecard.facts.values import day_of


def opening_of(period: Period) -> Period:
    """The period whose snapshot has the tiers of a period's first day; see `Period.opened`."""
    return period.opened(period.first)


def before(step: Period) -> Period:
    """The period whose snapshot comes before one in the chain; of a single day, its month."""
    return in_chain(step, step.first) if step.is_span else step.previous()


def in_chain(period: Period, day: date) -> Period:
    """The period that holds a day, in the chain that a period's snapshot continues: of its kind,
    and of a span, of months."""
    if period.is_span:
        return Period.containing(day, "month", period.tz)
    return period.opened(day)


def first_fact(facts: Facts, declared: bool) -> date:
    """The day of the first fact that tiers can be made of; implausible days do not count.

    What was sold is known from the first row of any table on; scores are made of money, from the
    first transaction or contract on, where there is any. Without rows it is the day of the first
    customer; FactsError without one.
    """
    for tables in (DATED,) if declared else (PAYING, DATED):
        mapped = [(t, CONTRACTS[t].event) for t in tables if facts.has(t)]
        if found := [day for t, c in mapped if (day := _oldest(facts, t, c))]:
            return min(found)
    if day := _oldest(facts, "customers", "acquired_on"):
        return day
    raise FactsError(
        "facts.customers: there is no row to put customers into tiers from; check the file "
        "and its mapping."
    )


def _oldest(facts: Facts, table: str, column: str) -> date | None:
    """The company's day of a table's oldest row; None where it has none."""
    when = facts.table(table)[column]
    oldest = OLDEST if when.type().is_date() else datetime.combine(OLDEST, time.min)
    first = when.min(where=when >= oldest).name("first").as_table()
    found = facts.answer(first)[0]["first"]
    return None if found is None else day_of(found, facts.options.zones)


def in_order(keys: Iterable[str]) -> list[str]:
    """The keys of snapshots in the order of their days, in which they are built on one another."""
    return sorted(keys, key=lambda key: (Period.parse(key, "UTC").first, key))
