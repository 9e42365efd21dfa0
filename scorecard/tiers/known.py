"""What the facts say of customers that tiers need: since when they are known, and what was sold."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.families import of_families
from scorecard.facts.tables import Facts
from scorecard.strategy.model import TierPlan
from scorecard.tiers.revenue import is_as_booked

SOLD_FROM = ("customers", "tier_history", "contracts")
COMPUTED_FROM = (*SOLD_FROM, "transactions", "costs", "drivers")
"""Tables that tiers are made of, by method."""
TIER_HISTORY = "tier_history"
"""The table that says from which day each customer was in which tier."""


def reading_of(facts: Facts, plan: TierPlan) -> str:
    """A digest of how the facts are read that tiers are made of: their columns, how they write
    values, what counts as a renewal, and on which days revenue counts; not of their rows, nor of
    where they lie."""
    tables = SOLD_FROM if plan.method == "declared" else COMPUTED_FROM
    sources = [replace(facts.bound[t].source, of="") for t in tables if t in facts.bound]
    options = facts.options
    said: tuple[object, ...] = (sources, options.renewal_grace, options.placeholders, plan.method)
    if plan.method == "margin_percentile" and not is_as_booked(facts):
        said += (options.revenue, options.credits)
    return sha256(repr(said).encode()).hexdigest()[:12]


def every_customer(facts: Facts) -> ir.Table:
    """Every customer once, even where the facts repeat one: customer_id, acquired_on, tier."""
    c = facts.customers
    return c.group_by("customer_id").agg(acquired_on=c.acquired_on.min(), tier=c.tier.min())


def sold_on(facts: Facts, plan: TierPlan, day: Any) -> ir.Table:
    """The tier that was sold to each customer, as a day begins or a slot for one: customer_id,
    rank (0 is the best; empty where it is none of the plan's).

    By the dated table of tiers, where there is one; else by the tier that `customers` has today.
    """
    if not facts.has(TIER_HISTORY):
        c = every_customer(facts)
        return c.select("customer_id", rank=rank_of(c.tier, plan))
    dated = dated_tiers(facts)
    return _one(dated.filter(dated["from"] <= day), plan, _.own.desc(), ibis.desc("from"))


def sold_first(facts: Facts, plan: TierPlan) -> ir.Table:
    """The tier that was sold to each customer on the day it came, or else the first one after
    it; as `sold_on`."""
    if not facts.has(TIER_HISTORY):
        c = every_customer(facts)
        return c.select("customer_id", rank=rank_of(c.tier, plan))
    came = every_customer(facts).select("customer_id", "acquired_on")
    dated = dated_tiers(facts).inner_join(came, "customer_id")
    dated = dated.mutate(
        held=dated["from"] <= dated.acquired_on,
        days=dated["from"].delta(dated.acquired_on, unit="day").abs(),
    )
    return _one(dated, plan, _.held.desc(), _.own.desc(), _.days)


def dated_tiers(facts: Facts) -> ir.Table:
    """The dated table of tiers, a family's under the customer that decides: customer_id, tier,
    from, own (whether the row is that customer's, and not a member's, which counts less)."""
    return facts.shared(("dated tiers",), lambda: _dated_tiers(facts))


def _dated_tiers(facts: Facts) -> ir.Table:
    dated = facts.known(facts.bound[TIER_HISTORY]).select("customer_id", "tier", "from")
    if not facts.has("customers.parent_id"):
        return dated.mutate(own=ibis.literal(True))
    return of_families(dated, facts.family())


def _one(dated: ir.Table, plan: TierPlan, *order: Any) -> ir.Table:
    """Of each customer's dated tiers the first in this order."""
    first = ibis.window(group_by="customer_id", order_by=[*order, "tier"])
    only = dated.mutate(place=ibis.row_number().over(first)).filter(_.place == 0)
    return only.select("customer_id", rank=rank_of(only.tier, plan))


def rank_of(tier: Any, plan: TierPlan) -> Any:
    """The place of a tier as people write it, by its id or label; empty where it is none."""
    names: dict[str, int] = {}
    for index, known in enumerate(plan.tiers):
        names |= {name.lower(): index for name in (known.id, known.label)}
    return tier.strip().lower().cases(*names.items(), else_=ibis.null("int64"))


def named(rank: Any, plan: TierPlan, otherwise: Any) -> Any:
    """The tier of a rank."""
    return rank.cases(*enumerate(plan.ids), else_=otherwise)


def by_family(frozen: ir.Table, family: ir.Table, plan: TierPlan) -> ir.Table:
    """A snapshot by the customers that decide today.

    One that was in the snapshot itself keeps what it was; else a family has the best tier that
    one of its members was in, and is lost only where all of them were. Values add up.
    """
    rows = of_families(frozen, family)
    states = {"unrated": len(plan.ids), "lost": len(plan.ids) + 1}
    places = {name: i for i, name in enumerate(plan.ids)} | states
    rows = rows.mutate(
        place=rows.own.ifelse(-1, rows.tier.cases(*places.items(), else_=len(plan.ids)))
    )
    order = ibis.window(group_by="customer_id", order_by=["place", "first_on", "tier"])
    whole = ibis.window(group_by="customer_id")
    rows = rows.mutate(
        turn=ibis.row_number().over(order),
        value=rows.value.sum().over(whole),
        first_on=rows.first_on.min().over(whole),
    )
    return rows.filter(_.turn == 0).select(frozen.columns)
