"""Stays: from which day to which each customer is here. Every figure means the same by it.

A customer is here from the day after it came (`acquired_on` is its own first day) until it is
closed. Of one who ever had a contract the contracts tell, and not `closed_on`: it is here while one
is in force. `end_on` is the last day of one, and a renewal that begins the day after, or within the
days of grace, bridges the gap.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _


def in_force(contracts: ir.Table, grace: int) -> ir.Table:
    """Contracts with `until`, the last day on whose morning each is in force; empty while open.

    A contract that is renewed lasts until the renewal takes over, so that exactly one of the two
    is in force on any day. `grace` is how many days may lie between them.
    """
    ended = contracts.filter(_.end_on.notnull()).select("customer_id", "end_on").distinct()
    begun = contracts.select("customer_id", next_on="start_on").distinct()
    latest = ended.end_on + ibis.interval(days=grace + 1)
    renewed = ended.mutate(latest=latest.cast("date")).inner_join(begun, "customer_id")
    renewed = renewed.filter((_.next_on > _.end_on) & (_.next_on <= _.latest))
    renewed = renewed.group_by("customer_id", "end_on").agg(next_on=_.next_on.min())
    joined = contracts.left_join(renewed, ["customer_id", "end_on"])
    return joined.select(
        **{c: joined[c] for c in contracts.columns},
        until=ibis.coalesce(joined.next_on, joined.end_on),
    )


def stays(customers: ir.Table, held: ir.Table | None, closing_known: bool) -> ir.Table:
    """Every stay of every customer: customer_id, since, until, observable.

    held            contracts as `in_force` gives them; None where there are none
    closing_known   whether `closed_on` is mapped

    `until` is empty while the customer is here. A stay is not `observable` where nothing would
    tell that it ended; no loss can be counted of those.
    """
    c = customers.select("customer_id", "acquired_on", "closed_on")
    if held is None:
        return c.select(
            "customer_id",
            since="acquired_on",
            until="closed_on",
            observable=ibis.literal(closing_known),
        )
    under = held.select("customer_id", "start_on", "until").inner_join(c, "customer_id")
    under = under.select(
        "customer_id",
        since=ibis.greatest(under.start_on, under.acquired_on),
        until=under.until,
        observable=ibis.literal(True),
    )
    first = held.group_by("customer_id").agg(first=_.start_on.min())
    bare = c.left_join(first, "customer_id")
    bare = bare.filter(bare.first.isnull() | (bare.acquired_on < bare.first)).select(
        "customer_id",
        since=bare.acquired_on,
        until=earlier(bare.first, bare.closed_on),
        observable=ibis.literal(closing_known),
    )
    return ibis.union(under, bare)


def here_on(stays: ir.Table, day: Any) -> ir.Table:
    """The stays of customers that are here as a day, or a slot for one, begins.

    Who came on the day itself is not here yet, and who is lost on it still is: both belong to
    the period that begins with it.
    """
    return stays.filter((stays.since < day) & (stays.until.isnull() | (stays.until >= day)))


def here_within(stays: ir.Table, first: Any, after: Any) -> ir.Table:
    """The stays of customers that are here on any of the days [first, after)."""
    return stays.filter((stays.since < after) & (stays.until.isnull() | (stays.until >= first)))


def tenures(stays: ir.Table) -> ir.Table:
    """Every customer once: customer_id, acquired_on, left_on, observable. Gaps are passed over;
    `left_on` is empty while the last stay is open."""
    return stays.group_by("customer_id").agg(
        acquired_on=_.since.min(),
        left_on=_.until.isnull().any().ifelse(ibis.null("date"), _.until.max()),
        observable=_.observable.any(),
    )


def earlier(day: Any, other: Any) -> Any:
    """The earlier of two days; where one is empty, the other."""
    return ibis.least(ibis.coalesce(day, other), ibis.coalesce(other, day))
