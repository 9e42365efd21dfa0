"""Rows: who is in which tier or state, and since when, asked of the engine that holds the facts."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.facts.tables import Facts
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.chain import opening_of

KIND = "kind"
"""The column that has the id of the tier, or the state; the key of a card."""


def rows_of(tiers: Tiers, period: Period, *, names: bool) -> str:
    """The statement that finds every customer that is known today, by its id: customer_id, name
    (with `names`), kind, since.

    Members of a family are in the tier of the customer that decides. `since` is the first day of
    the unbroken stay in the tier or state, as snapshots know it; of those who came after the
    period opened, the day on which they came; empty where neither is known.
    """
    facts = tiers.facts
    now = tiers.assigned(period, "event")
    held = now.left_join(_since(tiers, period, now), "customer_id").drop("customer_id_right")
    came = (held.acquired_on >= period.first).ifelse(held.acquired_on, ibis.null("date"))
    held = held.select(
        unit="customer_id", kind="tier", since=ibis.coalesce(held.frozen_since, came)
    )
    known = _everybody(facts).inner_join(held, [("decides", "unit")])
    columns = ["customer_id", *(["name"] if names else []), KIND, "since"]
    text = facts.filled(facts.prepare(known.select(*columns)).statement, {})
    collated = ' COLLATE "C"' if facts.con.name == "postgres" else ""  # else by bytes anyway
    return f"SELECT * FROM (\n{text}\n) AS t ORDER BY customer_id{collated}"


def counts_of(tiers: Tiers, period: Period) -> dict[str, int]:
    """How many customers are in each tier and state, by its id."""
    now = tiers.assigned(period, "event").select(unit="customer_id", kind="tier")
    each = _everybody(tiers.facts).inner_join(now, [("decides", "unit")])
    found = tiers.facts.answer(each.group_by(KIND).agg(n=_.count()))
    return {row[KIND]: int(row["n"]) for row in found}


def snapshots_upto(tiers: Tiers, period: Period) -> list[Period]:
    """The frozen periods of a period's kind up to it, oldest first."""
    found = (Period.parse(key, period.tz) for key in tiers.kept.periods())
    return sorted(p for p in found if p.kind == period.kind and p.first <= period.first)


def _since(tiers: Tiers, period: Period, now: ir.Table) -> ir.Table:
    """Since when each customer is, without a break, what it is: customer_id, frozen_since."""
    chain = snapshots_upto(tiers, period)
    each = [
        tiers.held(opening_of(step)).select("customer_id", "tier", place=ibis.literal(place))
        for place, step in enumerate(chain)
    ]
    then = ibis.union(*each) if len(each) > 1 else each[0]
    joined = then.inner_join(now.select("customer_id", today="tier"), "customer_id")
    stays = joined.group_by("customer_id").agg(
        other=_.place.max(where=_.tier != _.today), first=_.place.min()
    )
    begin = ibis.coalesce(stays.other + 1, stays.first)
    days: Any = [(place, ibis.literal(step.first)) for place, step in enumerate(chain)]
    return stays.select("customer_id", frozen_since=begin.cases(*days, else_=ibis.null("date")))


def _everybody(facts: Facts) -> ir.Table:
    """Every customer once, members of families too: customer_id, name, decides."""
    each = facts.known(facts.bound["customers"])
    each = each.filter(each.customer_id.notnull()).group_by("customer_id").agg(name=_.name.min())
    if not facts.has("customers.parent_id"):
        return each.mutate(decides=each.customer_id).view()
    joined = each.left_join(facts.family(), [("customer_id", "child")])
    decides = ibis.coalesce(joined.decides, joined.customer_id)
    return joined.select("customer_id", "name", decides=decides).view()
