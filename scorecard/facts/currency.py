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


def daily_rates(fx: ir.Table, own: str) -> ir.Table:
    """The rate of each currency and day that one holds for: rate_of, rate_on, rate."""
    held = spans(fx, own)
    later = ibis.range(0, RATE_DAYS).unnest().name("later").as_table()
    each = held.cross_join(later)
    each = each.mutate(rate_on=(each.valid_from + each.later.as_interval("D")).cast("date"))
    return each.filter(_.rate_on < _.valid_to).select(
        rate_of="rate_from", rate_on="rate_on", rate="rate"
    )


def foreign_days(table: ir.Table, day: str, own: str) -> ir.Table:
    """The distinct pairs (rate_of, rate_on) of foreign currency and day that a table has."""
    foreign = table.filter(table.currency.notnull() & (table.currency != own))
    return foreign.select(rate_of="currency", rate_on=foreign[day].cast("date")).distinct()


def converted(
    table: ir.Table, rates: ir.Table | None, amounts: Sequence[str], day: str, own: str
) -> ir.Table:
    """The table with its amounts in the company's currency, at the rate of the column `day`.

    A foreign amount without a rate becomes empty, never itself; an empty currency is the
    company's own. `rates` are those of `daily_rates`.
    """
    foreign = _.currency.notnull() & (_.currency != own)
    if rates is None:
        return table.mutate(
            **{a: foreign.ifelse(ibis.null(AMOUNT), _[a].cast(AMOUNT)) for a in amounts}
        )
    joined = table.left_join(
        rates, (table.currency == rates.rate_of) & (table[day].cast("date") == rates.rate_on)
    )
    changed = {
        a: foreign.ifelse((_[a].cast(AMOUNT) * _.rate.cast(RATE)).cast(AMOUNT), _[a].cast(AMOUNT))
        for a in amounts
    }
    return joined.mutate(**changed).select(table.columns)
