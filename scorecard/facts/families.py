"""Families: customers for whom another one decides, and what the whole family has in common."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.stays import earlier

GENERATIONS = 8
"""Generations of parents that are followed to the customer that decides."""


def parentage(customers: ir.Table) -> ir.Table:
    """Every customer with a known parent, and who decides at the top: child, decides.

    A customer that names itself, or a parent that is not there, decides alone.
    """
    parents = customers.select(parent="customer_id").distinct()
    own = customers.filter(_.parent_id.notnull() & (_.parent_id != _.customer_id))
    own = own.semi_join(parents, [("parent_id", "parent")])
    up = own.select(child="customer_id", decides="parent_id").view()
    for _generation in range(GENERATIONS.bit_length() - 1):
        above = up.select(between="child", top="decides")
        joined = up.left_join(above, [("decides", "between")])
        up = joined.select("child", decides=ibis.coalesce(joined.top, joined.decides)).view()
    return up


def with_family(customers: ir.Table, family: ir.Table) -> ir.Table:
    """The customers that decide, each for its whole family.

    A family is here from the first day of any member until all are closed. Where the one that
    decides has no tier of its own, it has that of the member that came first.
    """
    members = customers.inner_join(family, [("customer_id", "child")])
    of = members.group_by("decides").agg(
        their_first=_.acquired_on.min(),
        any_open=_.closed_on.isnull().any(),
        their_last=_.closed_on.max(),
    )
    order = ibis.window(group_by="decides", order_by=["acquired_on", "customer_id"])
    tiered = members.filter(_.tier.notnull()).mutate(place=ibis.row_number().over(order))
    tiered = tiered.filter(_.place == 0).select("decides", their_tier="tier")
    whole = of.left_join(tiered, "decides").drop("decides_right")
    top = customers.anti_join(family, [("customer_id", "child")])
    joined = top.left_join(whole, [("customer_id", "decides")])
    open_still = joined.closed_on.isnull() | joined.any_open.fill_null(False)
    last = ibis.greatest(joined.closed_on, ibis.coalesce(joined.their_last, joined.closed_on))
    return joined.mutate(
        acquired_on=earlier(joined.acquired_on, joined.their_first),
        closed_on=open_still.ifelse(ibis.null("date"), last),
        tier=ibis.coalesce(joined.tier, joined.their_tier),
    ).select(customers.columns)


def of_families(held: ir.Table, family: ir.Table) -> ir.Table:
    """Rows with a customer_id, each under the customer that decides for it: `own` tells the
    rows that were that customer's before."""
    joined = held.left_join(family, [("customer_id", "child")])
    columns = {c: joined[c] for c in held.columns if c != "customer_id"}
    return joined.select(
        customer_id=ibis.coalesce(joined.decides, joined.customer_id),
        own=joined.decides.isnull(),
        **columns,
    )
