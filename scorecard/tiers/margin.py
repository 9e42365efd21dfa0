"""Customer margin: what each customer brought in and cost within a window.

    from scorecard.tiers.margin import money

    money(facts, window)     customer_id, revenue, acquire, deliver, support, service, known, here

The margin family and the tiers are built on it, so that both mean the same margin.
Months add up: a pool is shared out by the use of its driver in the month it is
booked in (in weekly projects, the week), however long the window is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.currency import EXACT
from scorecard.facts.stays import here_within
from scorecard.tiers.acquisition import acquired
from scorecard.tiers.day_steps import began
from scorecard.tiers.revenue import by_grain, revenue

if TYPE_CHECKING:  # metrics are loaded where no facts are opened, with `money` in hand
    from scorecard.facts.tables import Facts
    from scorecard.facts.window import AnyWindow

PARTS = ("revenue", "acquire", "deliver", "support", "service")
SERVED = ("deliver", "support", "service")
COSTS = ("acquire", *SERVED)


def money(facts: Facts, window: AnyWindow) -> ir.Table:
    """One row per customer: revenue, acquire, deliver, support, service, known, here.

    Population  customers here at any time in the window (`here` is 1), and those who
                have revenue or cost in it and left before, or came later (0); what is
                attributed to nobody has an empty customer_id. `known` is 1 where any
                cost to serve is known, or where none means that there was none.
    Revenue     on the days that it was paid for, where these are known: see `tiers.revenue`.
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
        sold = by_grain(facts, first, after, grain)
        rows.append(sold.select("customer_id", "on", margin=_.revenue))
    if facts.has("costs"):
        served = _served(facts, inside)
        rows.append(served.select("customer_id", on=began(_.day, grain), margin=-_.amount))
    if facts.has("costs") and facts.has("drivers"):
        spread = _shared_out(facts, inside, grain)
        rows.append(spread.select("customer_id", "on", margin=-(_.deliver + _.support + _.service)))
    entries = ibis.union(*rows) if len(rows) > 1 else rows[0]
    return entries.group_by("customer_id", "on").agg(margin=_.margin.sum().cast(EXACT))


def booked(facts: Facts, window: AnyWindow) -> Callable[[Any], Any]:
    """The condition that a booking day counts in a window: lies in it, or in mode "lifetime" at
    any time before its end."""
    return _between(None if is_lifetime(facts) else window.first, window.after)


def is_lifetime(facts: Facts) -> bool:
    """Whether all amounts count that were booked before a window's end."""
    return facts.options.acquisition == "lifetime"


def _between(first: Any, after: Any) -> Callable[[Any], Any]:
    """The condition that a day lies in [first, after); `first` is None for all time."""
    return lambda day: day < after if first is None else (day >= first) & (day < after)


def _money(facts: Facts, window: AnyWindow) -> ir.Table:
    inside = booked(facts, window)
    costless = int(facts.options.costless and facts.has("costs"))
    rows = [_row(here(facts, window), known=costless, here=1)]
    if facts.has("transactions") or not facts.has("costs"):
        first = None if is_lifetime(facts) else window.first
        rows.append(_row(revenue(facts, first, window.after), "revenue", known=costless))
    if facts.has("costs"):
        served = _served(facts, inside)
        parts = {p: (served.category == p).ifelse(served.amount, 0) for p in SERVED}
        rows.append(_row(served.mutate(**parts), *SERVED, known=1))
        rows.append(_row(acquired(facts, window), "acquire"))
    if facts.has("costs") and facts.has("drivers"):
        shared = _shared_out(facts, inside, window.grain, window.broken)
        rows.append(_row(shared, *SERVED, known=1))
    summed = ibis.union(*rows).group_by("customer_id")
    sums = {p: _[p].sum().cast(EXACT) for p in PARTS}
    return summed.agg(**sums, known=_.known.max(), here=_.here.max())


def _row(table: ir.Table, *named: str, known: int = 0, here: int = 0) -> ir.Table:
    """A source's amounts in the columns that all sources share, zero where it has none."""
    return table.select(
        "customer_id",
        **{p: (_[p] if p in named else ibis.literal(0)).cast(EXACT) for p in PARTS},
        known=ibis.literal(known, "int64"),
        here=ibis.literal(here, "int64"),
    )


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
    pools = pools.group_by("driver", on=began(pools.event_on, grain)).agg(
        **{p: _.amount.cast(EXACT).sum(where=_.category == p) for p in SERVED}
    )
    used = d if broken else d.filter(inside(d.date))
    used = used.group_by("driver", "customer_id", on=began(_.date, grain))
    used = used.agg(qty=_.qty.cast(EXACT).sum())
    whole = used.group_by("driver", "on").agg(whole=_.qty.sum()).view()
    spread = used.join(whole, ["driver", "on"]).join(pools, ["driver", "on"]).filter(_.whole > 0)
    share = spread.qty.cast("float64") / spread.whole.cast("float64")
    return spread.select(
        "customer_id",
        "on",
        **{p: (spread[p].cast("float64") * share).cast(EXACT).fill_null(0) for p in SERVED},
    )
