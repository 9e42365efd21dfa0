"""What the facts say of customers that tiers need: since when they are known, and what was sold."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.families import of_families
from scorecard.facts.tables import Facts
from scorecard.strategy.model import TierPlan

TIER_HISTORY = "tier_history"
"""The table that says from which day each customer was in which tier."""


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
    dated = facts.table(TIER_HISTORY)
    return _one(dated.filter(dated["from"] <= day), plan, ibis.desc("from"))


def sold_first(facts: Facts, plan: TierPlan) -> ir.Table:
    """The first tier that was sold to each customer; as `sold_on`."""
    if not facts.has(TIER_HISTORY):
        c = every_customer(facts)
        return c.select("customer_id", rank=rank_of(c.tier, plan))
    return _one(facts.table(TIER_HISTORY), plan, ibis.asc("from"))


def _one(dated: ir.Table, plan: TierPlan, order: Any) -> ir.Table:
    """Of each customer's dated tiers the first in this order."""
    place = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=[order, "tier"]))
    only = dated.mutate(place=place).filter(_.place == 0)
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
