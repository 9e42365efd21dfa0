"""Revenue: the days that each transaction counts on, and how much of it counts on which.

Most rows count on their booking day. Where it is known which days a row was paid for, it counts on
all of these, day by day in equal parts: by its own service_from and service_to, by the billing
period of the contract that it names, or, of a discount, by the days of its order. A credit or
refund counts, where the project wants it so, on the days of the sale that it belongs to; one that
is booked after the end of its contract on the last day of that.

What a row brought before a day is rounded once for that day, so spans that follow one another add
up to the row, whatever they are.

Source: recognition over time of a stand-ready obligation (IFRS 15 and ASC 606), by time elapsed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.currency import EXACT
from scorecard.tiers.billing import SPAN, billed, invoices
from scorecard.tiers.credits import (
    OF_ORDER,
    OF_SALE,
    at_its_sale,
    on_last_day,
    told_apart,
    with_their_order,
)
from scorecard.tiers.day_steps import began, days, later, month

if TYPE_CHECKING:  # metrics are loaded where no facts are opened
    from scorecard.facts.tables import Facts

OWN_DAYS = ("transactions.service_from", "transactions.service_to")
OF_CONTRACT = ("transactions.contract_id", "contracts.contract_id")
MOST_DAYS = 20 * 366
"""Days that a row can be for; a longer span stands for an end that nobody knows."""


def spreads(facts: Facts) -> bool:
    """Whether rows can say which days they were paid for, and the project wants to know."""
    wanted = facts.options.revenue == "recognised"
    return wanted and (not facts.missing(OWN_DAYS) or not facts.missing(OF_CONTRACT))


def moves_credits(facts: Facts) -> bool:
    """Whether credits and refunds count on the days of their sale."""
    return facts.options.credits == "sale" and not facts.missing(OF_SALE)


def is_as_booked(facts: Facts) -> bool:
    """Whether every row counts on its booking day."""
    return not facts.has("transactions") or not (spreads(facts) or moves_credits(facts))


def revenue(facts: Facts, first: Any, after: Any) -> ir.Table:
    """Revenue of the days [first, after), row by row: customer_id, revenue.

    Either is a day or a slot for one; `first` is None for all time before `after`.
    """
    rows = _on_booking_day(facts, lambda day: _lies_in(day, first, after))
    sold = rows.select("customer_id", revenue=_.net_amount.cast(EXACT))
    if is_as_booked(facts):
        return sold
    moved = elsewhere(facts)
    inside = moved.began < after
    if first is not None:
        inside = inside & (moved.stop >= first)
    part = brought(moved, first, after)
    return ibis.union(sold, moved.filter(inside).select("customer_id", revenue=part))


def by_grain(facts: Facts, first: Any, after: Any, grain: str) -> ir.Table:
    """The same by month (grain "M") or week ("W"), which `first` and `after` begin: customer_id,
    on (its first day), revenue."""
    rows = _on_booking_day(facts, lambda day: _lies_in(day, first, after))
    sold = rows.select("customer_id", on=began(_.event_on, grain), revenue=_.net_amount.cast(EXACT))
    if is_as_booked(facts):
        return sold
    moved = elsewhere(facts)
    moved = moved.filter((moved.began < after) & (moved.stop >= first))
    moved = moved.mutate(on=began(moved.began, grain))
    if grain == "W":
        steps = days(moved.on, moved.stop) // 7 + 1
    else:
        steps = month(moved.stop) - month(moved.on) + 1
    each = moved.mutate(step=ibis.range(0, steps.cast("int64")).unnest())
    each = each.mutate(
        on=later(each.on, each.step, grain), till=later(each.on, each.step + 1, grain)
    )
    each = each.filter((each.on >= first) & (each.on < after))
    return ibis.union(
        sold, each.select("customer_id", "on", revenue=brought(each, each.on, each.till))
    )


def elsewhere(facts: Facts) -> ir.Table:
    """Rows that do not count on their booking day alone: customer_id, event_on (that day), amount,
    began and ended (the days that they count on), stop (the day from which all of it has counted:
    `ended`, or the last day of a contract that ended before)."""
    return facts.shared(("elsewhere",), lambda: _elsewhere(facts))


def brought(rows: ir.Table, first: Any, after: Any) -> Any:
    """How much of each of those rows counts on the days [first, after)."""
    up_to = _before(rows, after)
    return up_to if first is None else (up_to - _before(rows, first)).cast(EXACT)


def credits_without_sale(facts: Facts, inside: Callable[[Any], Any]) -> ir.Table:
    """Credits and refunds booked on days that are `inside` and counted on them, since their sale
    is not known: named (whether they name one), amount."""
    t = _placed(facts)
    t = t.filter(inside(t.event_on) & t.takes_back & t.began.isnull())
    named = ibis.literal(False) if facts.missing(OF_SALE) else t.original_txn_id.notnull()
    return t.select(named=named, amount=t.net_amount.cast(EXACT))


def invoices_of_contracts(facts: Facts) -> ir.Table | None:
    """The full invoices of contracts whose rows do not say their days themselves, and the billing
    periods that they are for; see `tiers.billing`. None where no row says its contract, or all
    count as invoiced."""
    if not spreads(facts) or facts.missing(OF_CONTRACT):
        return None
    t = told_apart(facts)
    every = invoices(facts, t)
    own = t.filter(_has_own_days(t)).select(of="contract_id", on="event_on").distinct()
    return every.anti_join(own, [("named", "of"), ("booked", "on")])


def _lies_in(day: Any, first: Any, after: Any) -> Any:
    return day < after if first is None else (day >= first) & (day < after)


def _on_booking_day(facts: Facts, inside: Callable[[Any], Any]) -> ir.Table:
    """Rows that count on their booking day, of the days that are `inside`."""
    t = facts.transactions
    if is_as_booked(facts):
        return t.filter(inside(t.event_on))
    rows = facts.shared(("at once",), lambda: _at_once(facts))
    return rows.filter(inside(rows.event_on))


def _elsewhere(facts: Facts) -> ir.Table:
    placed = _placed(facts).filter(_.began.notnull())
    return placed.select(
        "customer_id", "event_on", "began", "ended", "stop", amount=placed.net_amount.cast(EXACT)
    )


def _at_once(facts: Facts) -> ir.Table:
    """Rows that count on their booking day where not all do: customer_id, event_on, net_amount."""
    placed = _placed(facts)
    return placed.filter(placed.began.isnull()).select("customer_id", "event_on", "net_amount")


def _placed(facts: Facts) -> ir.Table:
    """Every transaction with `takes_back`, and with SPAN, which is empty where it counts on its
    booking day."""
    t = _with_days(facts)
    return at_its_sale(t) if moves_credits(facts) else t


def _with_days(facts: Facts) -> ir.Table:
    """Every transaction with the days that it was paid for, empty where these are not known."""
    t = told_apart(facts).mutate(**dict.fromkeys(SPAN, ibis.null("date")))
    if not spreads(facts):
        return t
    if not facts.missing(OF_CONTRACT):
        t = billed(facts, t)
    if not facts.missing(OWN_DAYS):
        own = _has_own_days(t)
        days_of = dict(zip(SPAN, (t.service_from, t.service_to, t.service_to), strict=True))
        t = t.mutate(**{c: own.ifelse(day, t[c]) for c, day in days_of.items()})
    if not facts.missing(OF_ORDER):
        t = with_their_order(t)
    if not facts.missing(OF_CONTRACT):
        t = on_last_day(facts, t, _has_own_days(t))
    return t


def _has_own_days(t: ir.Table) -> Any:
    own = (t.service_from <= t.service_to) & (days(t.service_from, t.service_to) < MOST_DAYS)
    return own.fill_null(False)


def _before(rows: ir.Table, day: Any) -> Any:
    """How much of each row has counted before a day."""
    length = (days(rows.began, rows.ended) + 1).cast("float64")
    part = rows.amount.cast("float64") * (days(rows.began, day) / length)
    over = rows.stop < day
    nothing = ibis.literal(0).cast(EXACT)
    return (rows.began >= day).ifelse(nothing, over.ifelse(rows.amount, part.cast(EXACT)))
