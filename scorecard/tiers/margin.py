"""Customer margin: what each customer brought in and cost within a window.

    from scorecard.tiers.margin import money

    money(facts, window)     customer_id, revenue, acquire, deliver, support, service, known

The margin family and the tiers are built on it, so that both mean the same margin.
Months add up: a pool is shared out by the use of its driver in the month it is
booked in (in weekly projects, the week), however long the window is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.currency import EXACT
from scorecard.facts.tables import Facts
from scorecard.facts.window import AnyWindow

PARTS = ("revenue", "acquire", "deliver", "support", "service")
SERVED = ("deliver", "support", "service")
COSTS = ("acquire", *SERVED)


def money(facts: Facts, window: AnyWindow) -> ir.Table:
    """One row per customer: revenue, acquire, deliver, support, service, known.

    Population  customers here at any time in the window, and those who have
                revenue or cost in it; what is attributed to nobody has an empty
                customer_id. `known` is 1 where any cost to serve is known.
    In mode "lifetime" all amounts are those from the first day to the window's end.
    """
    return facts.shared(("money", window), lambda: _money(facts, window))


def margin_of(amounts: Any, costs: Sequence[str] = COSTS) -> Any:
    """Revenue less those costs: of a table's columns, or of a value with these attributes."""
    margin = amounts.revenue
    for cost in costs:
        margin = margin - getattr(amounts, cost)
    return margin


def here(facts: Facts, window: AnyWindow) -> ir.Table:
    """Customers that were here at any time in the window (customer_id, acquired_on)."""
    c = facts.customers
    return c.filter(
        (c.acquired_on < window.after) & (c.closed_on.isnull() | (c.closed_on >= window.first))
    ).select("customer_id", "acquired_on")


def booked(facts: Facts, first: Any, after: Any, grain: str) -> ir.Table:
    """Revenue and cost to serve of the days [first, after), by customer and month (grain "M") or
    week ("W"); `first` begins one, or is None for all time.

    Columns customer_id, `on` (the first day of the month or week), revenue,
    deliver, support, service, known. Pools whose driver nobody used are left out.
    """

    def inside(day: Any) -> Any:
        return day < after if first is None else (day >= first) & (day < after)

    rows = []
    if facts.has("transactions") or not facts.has("costs"):
        t = facts.transactions
        t = t.filter(inside(t.event_on))
        sold = t.group_by("customer_id", on=t.event_on.truncate(grain))
        rows.append(_entry(sold.agg(revenue=_.net_amount.cast(EXACT).sum()), known=0))
    if facts.has("costs"):
        c = facts.costs.filter(lambda c: inside(c.event_on) & c.category.isin(SERVED))
        c = c.mutate(on=_.event_on.truncate(grain))
        direct = (
            c.filter(_.customer_id.notnull())
            .group_by("customer_id", "on")
            .agg(**_sums_by_category(c))
        )
        rows.append(_entry(direct, known=1))
        if facts.has("drivers"):
            pools = c.filter(_.customer_id.isnull() & _.driver.notnull())
            pools = pools.group_by("driver", "on").agg(**_sums_by_category(c))
            d = facts.drivers
            used = d.filter(inside(d.date)).mutate(on=_.date.truncate(grain))
            rows.append(_entry(_allocated(used, pools), known=1))
    entries = ibis.union(*rows) if len(rows) > 1 else rows[0]
    sums = {p: _[p].sum().cast(EXACT) for p in ("revenue", *SERVED)}
    return entries.group_by("customer_id", "on").agg(**sums, known=_.known.max())


def _money(facts: Facts, window: AnyWindow) -> ir.Table:
    first = None if facts.options.acquisition == "lifetime" else window.first
    rows = [
        _row(here(facts, window)),
        _row(booked(facts, first, window.after, window.grain), *SERVED, "revenue"),
    ]
    if facts.has("costs"):
        rows.append(_row(_acquired(facts, window), "acquire"))
    summed = ibis.union(*rows).group_by("customer_id")
    return summed.agg(**{p: _[p].sum().cast(EXACT) for p in PARTS}, known=_.known.max())


def _row(table: ir.Table, *named: str) -> ir.Table:
    """A source's amounts in the columns that all sources share, zero where it has none."""
    return table.select(
        "customer_id",
        **{p: (_[p] if p in named else ibis.literal(0)).cast(EXACT) for p in PARTS},
        known=_.known if "known" in table.columns else ibis.literal(0, "int64"),
    )


def _sums_by_category(costs: ir.Table) -> dict[str, Any]:
    """The sum of each category's amounts."""
    return {p: costs.amount.cast(EXACT).sum(where=costs.category == p) for p in SERVED}


def _entry(table: ir.Table, known: int) -> ir.Table:
    """Amounts by customer and month in the columns of the book, zero where the table has none."""
    zero = ibis.literal(0)
    amounts = {
        p: (_[p].fill_null(zero) if p in table.columns else zero).cast(EXACT)
        for p in ("revenue", *SERVED)
    }
    return table.select("customer_id", "on", **amounts, known=ibis.literal(known, "int64"))


def _allocated(drivers: ir.Table, pools: ir.Table) -> ir.Table:
    """Cost pools allocated to customers, by how much each used of the pool's driver."""
    used = drivers.group_by("driver", "on", "customer_id").agg(qty=_.qty.cast(EXACT).sum())
    whole = used.group_by("driver", "on").agg(whole=_.qty.sum()).view()
    spread = used.join(whole, ["driver", "on"]).join(pools, ["driver", "on"]).filter(_.whole > 0)
    share = spread.qty.cast("float64") / spread.whole.cast("float64")
    return spread.select(
        "customer_id", "on", **{p: (spread[p].cast("float64") * share).cast(EXACT) for p in SERVED}
    )


def _acquired(facts: Facts, window: AnyWindow) -> ir.Table:
    """Cost to acquire that falls into the window, by the company's mode (customer_id, acquire)."""
    spent = facts.shared(("acquisition",), lambda: _acquisition(facts))
    mode = facts.options.acquisition
    if mode == "period":
        return spent.filter(window.holds(spent.event_on)).select("customer_id", acquire=_.amount)
    if mode == "lifetime":
        return spent.filter(_.event_on < window.after).select("customer_id", acquire=_.amount)
    return _amortised(spent, window, facts.options.amortise_months)


def _acquisition(facts: Facts) -> ir.Table:
    """Every cost to acquire, with its customer and the day on which that customer left, if any.

    Spend that names no customer is shared by the customers won in the same month.
    """
    c = facts.costs.filter(_.category == "acquire")
    direct = c.filter(_.customer_id.notnull()).select(
        "customer_id", "event_on", amount=_.amount.cast(EXACT)
    )
    pools = c.filter(_.customer_id.isnull()).group_by(month=_.event_on.truncate("M"))
    pools = pools.agg(pool=_.amount.cast(EXACT).sum())
    won = facts.customers.select("customer_id", month=_.acquired_on.truncate("M"))
    spread = won.join(won.group_by("month").agg(won=_.count()), "month").join(pools, "month")
    shares = spread.select(
        "customer_id",
        event_on=spread.month,
        amount=(spread.pool.cast("float64") / spread.won).cast(EXACT),
    )
    ends = facts.customers.select("customer_id", "closed_on")
    spent = ibis.union(direct, shares).left_join(ends, "customer_id")
    return spent.select("customer_id", "event_on", "amount", "closed_on")


def _amortised(spent: ir.Table, window: AnyWindow, months: int) -> ir.Table:
    """Amortisation on a straight line over `months`; the rest is due when the customer leaves."""
    begin = _month_number(spent.event_on)
    end = begin + months
    stop = ibis.greatest(begin, ibis.least(end, ibis.coalesce(_month_number(spent.closed_on), end)))
    if window.grain == "W":
        current = _month_number(window.first)
        # A week is 7 of the 30.4375 days that a month has on average.
        steady = ((begin <= current) & (current < stop)).ifelse(7 / 30.4375, 0.0)
        left = window.holds(ibis.greatest(spent.closed_on, spent.event_on))
    else:
        first, after = _month_number(window.first), _month_number(window.after)
        overlap = ibis.least(stop, after) - ibis.greatest(begin, first)
        steady = ibis.greatest(overlap, 0)
        left = (stop >= first) & (stop < after)
    rest = (left & (stop < end)).ifelse(end - stop, 0)
    falls = spent.mutate(part=((steady + rest) / months).cast("float64")).filter(_.part > 0)
    return falls.select("customer_id", acquire=(_.amount.cast("float64") * _.part).cast(EXACT))


def _month_number(day: Any) -> Any:
    """Months since year 0, by which months can be subtracted."""
    return day.year * 12 + day.month if isinstance(day, date) else day.year() * 12 + day.month()
