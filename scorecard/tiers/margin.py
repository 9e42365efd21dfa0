"""Customer margin: what each customer brought in and cost within a window.

    from scorecard.tiers.margin import money

    money(facts, window)     customer_id, revenue, acquire, deliver, support, service, known

The margin family and the tiers are built on it, so that both mean the same margin.
Months add up: a pool is shared out by the use of its driver in the month it is
booked in (in weekly projects, the week), however long the window is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.currency import EXACT
from scorecard.facts.stays import here_within

if TYPE_CHECKING:  # metrics are loaded where no facts are opened, with `money` in hand
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
    """Customers that were here at any time in the window, each once (customer_id, acquired_on)."""
    present = here_within(facts.stays(), window.first, window.after)
    return facts.tenures().semi_join(present, "customer_id").select("customer_id", "acquired_on")


def book(facts: Facts, first: Any, after: Any, grain: str) -> ir.Table:
    """Revenue less cost to serve of the days [first, after), by customer and month (grain "M") or
    week ("W"), which `first` begins: customer_id, on (its first day), margin."""
    inside = _between(first, after)
    rows = []
    if facts.has("transactions"):
        sold = _sold(facts, inside)
        rows.append(sold.select("customer_id", on=_began(_.day, grain), margin=_.revenue))
    if facts.has("costs"):
        served = _served(facts, inside)
        rows.append(served.select("customer_id", on=_began(_.day, grain), margin=-_.amount))
    if facts.has("costs") and facts.has("drivers"):
        spread = _shared_out(facts, inside, grain)
        rows.append(spread.select("customer_id", "on", margin=-(_.deliver + _.support + _.service)))
    entries = ibis.union(*rows) if len(rows) > 1 else rows[0]
    return entries.group_by("customer_id", "on").agg(margin=_.margin.sum().cast(EXACT))


def booked(facts: Facts, window: AnyWindow) -> Callable[[Any], Any]:
    """The condition that a booking day counts in a window: lies in it, or in mode "lifetime" at
    any time before its end."""
    lifetime = facts.options.acquisition == "lifetime"
    return _between(None if lifetime else window.first, window.after)


def _between(first: Any, after: Any) -> Callable[[Any], Any]:
    """The condition that a day lies in [first, after); `first` is None for all time."""
    return lambda day: day < after if first is None else (day >= first) & (day < after)


def _began(day: Any, grain: str) -> Any:
    """The first day of the month or week of a day."""
    # DuckDB truncates days to moments, of which a day is smaller and quicker to compare.
    return day.truncate(grain).cast("timestamp").cast("date")


def _money(facts: Facts, window: AnyWindow) -> ir.Table:
    inside = booked(facts, window)
    rows = [_row(here(facts, window))]
    if facts.has("transactions") or not facts.has("costs"):
        rows.append(_row(_sold(facts, inside), "revenue"))
    if facts.has("costs"):
        served = _served(facts, inside)
        parts = {p: (served.category == p).ifelse(served.amount, 0) for p in SERVED}
        rows.append(_row(served.mutate(**parts), *SERVED, known=1))
        rows.append(_row(_acquired(facts, window), "acquire"))
    if facts.has("costs") and facts.has("drivers"):
        shared = _shared_out(facts, inside, window.grain, window.broken)
        rows.append(_row(shared, *SERVED, known=1))
    summed = ibis.union(*rows).group_by("customer_id")
    return summed.agg(**{p: _[p].sum().cast(EXACT) for p in PARTS}, known=_.known.max())


def _row(table: ir.Table, *named: str, known: int = 0) -> ir.Table:
    """A source's amounts in the columns that all sources share, zero where it has none."""
    return table.select(
        "customer_id",
        **{p: (_[p] if p in named else ibis.literal(0)).cast(EXACT) for p in PARTS},
        known=ibis.literal(known, "int64"),
    )


def _sold(facts: Facts, inside: Callable[[Any], Any]) -> ir.Table:
    """Revenue row by row: customer_id, day, revenue."""
    t = facts.transactions
    t = t.filter(inside(t.event_on))
    return t.select("customer_id", day=t.event_on, revenue=t.net_amount.cast(EXACT))


def _served(facts: Facts, inside: Callable[[Any], Any]) -> ir.Table:
    """Cost to serve booked on customers, row by row: customer_id, day, category, amount."""
    c = facts.costs
    c = c.filter(inside(c.event_on) & c.category.isin(SERVED) & c.customer_id.notnull())
    return c.select("customer_id", "category", day=c.event_on, amount=c.amount.cast(EXACT))


def _shared_out(
    facts: Facts, inside: Callable[[Any], Any], grain: str, broken: bool = False
) -> ir.Table:
    """Pools of cost to serve shared out to customers, by how much each used of the pool's driver
    in the month or week: customer_id, on, deliver, support, service.

    All of it counts, also where the days that are `inside` are a part of it (`broken`).
    """
    c, d = facts.costs, facts.drivers
    pooled = c.customer_id.isnull() & c.driver.notnull() & c.category.isin(SERVED)
    pools = c.filter(inside(c.event_on) & pooled)
    pools = pools.group_by("driver", on=_began(pools.event_on, grain)).agg(
        **{p: _.amount.cast(EXACT).sum(where=_.category == p) for p in SERVED}
    )
    used = d if broken else d.filter(inside(d.date))
    used = used.group_by("driver", "customer_id", on=_began(_.date, grain))
    used = used.agg(qty=_.qty.cast(EXACT).sum())
    whole = used.group_by("driver", "on").agg(whole=_.qty.sum()).view()
    spread = used.join(whole, ["driver", "on"]).join(pools, ["driver", "on"]).filter(_.whole > 0)
    share = spread.qty.cast("float64") / spread.whole.cast("float64")
    return spread.select(
        "customer_id",
        "on",
        **{p: (spread[p].cast("float64") * share).cast(EXACT).fill_null(0) for p in SERVED},
    )


def _acquired(facts: Facts, window: AnyWindow) -> ir.Table:
    """Cost to acquire that falls into the window, by the company's mode (customer_id, acquire)."""
    spent = acquisition(facts)
    mode = facts.options.acquisition
    if mode == "period":
        return spent.filter(window.holds(spent.event_on)).select("customer_id", acquire=_.amount)
    if mode == "lifetime":
        return spent.filter(_.event_on < window.after).select("customer_id", acquire=_.amount)
    return _amortised(spent, window, facts.options.amortise_months)


def acquisition(facts: Facts) -> ir.Table:
    """Every cost to acquire that is put on a customer: customer_id, event_on, amount, left_on."""
    return facts.shared(("acquisition",), lambda: _acquisition(facts))


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
    ends = facts.tenures().select("customer_id", "left_on")
    spent = ibis.union(direct, shares).left_join(ends, "customer_id")
    return spent.select("customer_id", "event_on", "amount", "left_on")


def _amortised(spent: ir.Table, window: AnyWindow, months: int) -> ir.Table:
    """Amortisation on a straight line over `months`; the rest is due when the customer leaves."""
    begin = _month_number(spent.event_on)
    end = begin + months
    stop = ibis.greatest(begin, ibis.least(end, ibis.coalesce(_month_number(spent.left_on), end)))
    if window.grain == "W":
        current = _month_number(window.first)
        # A week is 7 of the 30.4375 days that a month has on average.
        steady = ((begin <= current) & (current < stop)).ifelse(7 / 30.4375, 0.0)
        left = window.holds(ibis.greatest(spent.left_on, spent.event_on))
    elif window.broken:
        first, after = _month_reached(window.first), _month_reached(window.after)
        steady = ibis.greatest(ibis.least(stop, after) - ibis.greatest(begin, first), 0)
        left = window.holds(ibis.greatest(spent.left_on, spent.event_on))
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


def _month_reached(day: Any) -> Any:
    """Months since year 0 up to the beginning of a day, with the part of its month that is over;
    29 February counts as over."""
    if isinstance(day, date):
        return _month_number(day) + min((day.day - 1) / _LENGTHS.get(day.month, 31), 1.0)
    length = day.month().cases(*_LENGTHS.items(), else_=31)
    return _month_number(day) + ibis.least((day.day() - 1) / length, 1.0)


_LENGTHS = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}
"""Days of the months that have not 31."""
