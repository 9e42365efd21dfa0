"""Incidents: what went wrong and when, and how many customers of each tier it touched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ibis import _

from scorecard.base.periods import Period
from scorecard.facts.tables import Facts
from scorecard.tiers.assignment import Tiers

TABLES = ("incidents", "incident_customers")


@dataclass(frozen=True)
class Incident:
    """An incident as it touched the customers who are in one tier now; `cause` may be empty."""

    id: str
    began: date
    cause: str
    tier: str
    customers: int


def incidents(facts: Facts, tiers: Tiers, period: Period, since: date) -> list[Incident]:
    """The incidents that began from `since` to the period's end, oldest first, once for each tier
    that they touched.

    Population  customers named in incident_customers, by the tier they hold in the period.
    Formula     distinct customers.
    Empties     none where a project has no such tables; an incident that touched nobody is none.
    """
    if any(facts.missing([table]) for table in TABLES):
        return []
    began = facts.incidents.filter(
        facts.incidents["from"] >= since, facts.incidents["from"] < period.after
    )
    held = tiers.assigned(period, "event").select("customer_id", "tier")
    joined = facts.incident_customers.join(began, "incident_id").join(held, "customer_id")
    keys = {"incident_id": joined.incident_id, "began": joined["from"], "cause": joined.cause}
    counted = joined.group_by(**keys, tier=joined.tier).agg(customers=_.customer_id.nunique())
    found = [
        Incident(r["incident_id"], r["began"], r["cause"] or "", r["tier"], int(r["customers"]))
        for r in facts.answer(counted)
    ]
    return sorted(found, key=lambda i: (i.began, i.id, i.tier))
