"""Currency: exchange rates as spans of days, and amounts in the company's own."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

RATE_DAYS = 35
"""Days for which a rate is valid at most; the next rate ends it earlier."""
AMOUNT, RATE = "decimal(18,4)", "decimal(28,10)"
EXACT, SQUARED = "decimal(28,6)", "decimal(38,6)"
"""Sums are taken in decimals: those of binary fractions would differ with the order of rows."""


def spans(fx: ir.Table, own: str) -> ir.Table:
    """Rates into the company's currency as spans [valid_from, valid_to).

    Columns rate_from, rate, valid_from, valid_to. Of two rates of one day the higher is
    taken; `inspection` holds a run that has them.
    """
    into = fx.filter(fx.to == own)
    by_day = ibis.window(group_by="from", order_by=["date", "rate"])
    following = into.date.lead().over(by_day)
    longest = (into.date + ibis.interval(days=RATE_DAYS)).cast("date")
    return into.select(
        rate_from=into["from"],
        rate=into.rate,
        valid_from=into.date,
        valid_to=ibis.least(ibis.coalesce(following, longest), longest),
    )


def foreign_days(table: ir.Table, day: str, own: str) -> ir.Table:
    """The distinct pairs (rate_of, rate_on) of foreign currency and day that a table has."""
    foreign = table.filter(table.currency.notnull() & (table.currency != own))
    return foreign.select(rate_of="currency", rate_on=foreign[day].cast("date")).distinct()


def priced(days: ir.Table, rates: ir.Table) -> ir.Table:
    """The rate of each pair, where there is one: rate_of, rate_on, rate."""
    held = (
        (days.rate_of == rates.rate_from)
        & (days.rate_on >= rates.valid_from)
        & (days.rate_on < rates.valid_to)
    )
    return days.join(rates, held).select("rate_of", "rate_on", "rate")


def converted(
    table: ir.Table, rates: ir.Table | None, amounts: Sequence[str], day: str, own: str
) -> ir.Table:
    """The table with its amounts in the company's currency, at the rate of the column `day`.

    A foreign amount without a rate becomes empty, never itself; an empty currency is the
    company's own. Only the distinct days are compared with spans, so size does not matter.
    """
    foreign = _.currency.notnull() & (_.currency != own)
    if rates is None:
        return table.mutate(
            **{a: foreign.ifelse(ibis.null(AMOUNT), _[a].cast(AMOUNT)) for a in amounts}
        )
    known = priced(foreign_days(table, day, own), rates)
    joined = table.left_join(
        known, (table.currency == known.rate_of) & (table[day].cast("date") == known.rate_on)
    )
    changed = {
        a: foreign.ifelse((_[a].cast(AMOUNT) * _.rate.cast(RATE)).cast(AMOUNT), _[a].cast(AMOUNT))
        for a in amounts
    }
    return joined.mutate(**changed).select(table.columns)
