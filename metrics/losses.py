"""Who was lost in the period itself, and whether anybody wrote down why."""

from __future__ import annotations

import ibis
from ibis import _

from scorecard import metric

LOSSES = "customers.closed_on or contracts.end_on"


@metric(
    label="Customers lost in the period",
    unit="share",
    better="lower",
    kind="proportion",
    family="losses",
    needs=[LOSSES],
    evidence="census",
    section="did",
    attribution="opening",
    places=1,
    harm="left",
)
def churn_rate(facts, window):
    """Share of the customers here as the period opened that were not here as it ended.

    Population  customers here when the period opened, in the tier they then had.
    Formula     lost ÷ here at the opening; who came within the period is in neither.
    Empties     nobody here at the opening: no figure. Left and came back counts as kept.
    Source      customer churn rate of a closed cohort: one less logo retention of the period.
    """
    opening, lost = facts.active(window.first), _lost(facts, window)
    joined = opening.left_join(lost.mutate(lost=ibis.literal(1)), "customer_id")
    return joined.select("customer_id", num=joined.lost.fill_null(0), den=ibis.literal(1))


@metric(
    label="Losses with a reason written down",
    unit="share",
    better="higher",
    kind="proportion",
    family="losses",
    needs=[LOSSES, "customers.closed_reason or contracts.reason"],
    evidence="census",
    section="did",
    attribution="opening",
    role="input",
    subject="operational",
    harm="left, and nobody wrote down why",
)
def losses_explained(facts, window):
    """Share of the customers lost in the period of whom a reason is written down.

    Population  customers here when the period opened that were not here as it ended.
    Formula     lost with a reason ÷ lost: the customer's own, or that of its last contract.
    Empties     nobody was lost: no figure.
    Source      reasons are worth counting only as far as they are known.
    """
    lost = _lost(facts, window)
    c = facts.customers.group_by("customer_id").agg(why=_.closed_reason.max())
    joined = lost.left_join(c, "customer_id")
    seen = joined.select("customer_id", told=joined.why.notnull())
    if not facts.missing(["contracts.end_on"]):
        k = facts.contracts.filter(_.end_on.notnull() & (_.end_on < window.after))
        last = k.group_by("customer_id").agg(last=_.end_on.max())
        ended = k.join(last, [k.customer_id == last.customer_id, k.end_on == last.last])
        ended = ended.group_by("customer_id").agg(of_contract=_.reason.max())
        joined = seen.left_join(ended, "customer_id")
        seen = joined.select("customer_id", told=joined.told | joined.of_contract.notnull())
    return seen.select("customer_id", num=_.told.cast("int64"), den=ibis.literal(1))


def _lost(facts, window):
    opening, closing = facts.active(window.first), facts.active(window.after)
    return opening.anti_join(closing, "customer_id")
