"""Whether customers stay, and what of their revenue stays with them."""

from __future__ import annotations

import ibis
from ibis import _

from scorecard import metric

from ._orders import orders


@metric(
    label="Customers kept, 12 months",
    unit="share",
    better="higher",
    kind="proportion",
    family="retention",
    needs=["customers.closed_on or contracts.end_on"],
    evidence="census",
    section="did",
    window=12,
    attribution="opening",
    places=1,
    harm="left within the year",
)
def logo_retention(facts, window):
    """Share of the customers here twelve months ago that are still here.

    Population  customers here when the window opened, in the tier they then had.
    Formula     here at both ends ÷ here at the opening; new customers are in neither.
    Empties     nobody here at the opening: no figure. Left and came back counts as kept.
    Source      logo retention of a closed cohort (SaaS Metrics Standards Board).
    """
    return _kept(facts, window)


def _kept(facts, window):
    opening, closing = facts.active(window.first), facts.active(window.after)
    still = closing.select("customer_id", still=ibis.literal(1))
    joined = opening.left_join(still, "customer_id")
    return joined.select("customer_id", num=joined.still.fill_null(0), den=ibis.literal(1))


@metric(
    label="Revenue kept, without growth",
    unit="share",
    better="higher",
    kind="ratio",
    family="retention",
    needs=["contracts.end_on"],
    evidence="census",
    section="did",
    window=12,
    attribution="opening",
    places=1,
    harm="pay less than a year ago",
)
def gross_revenue_retention(facts, window):
    """Recurring revenue of twelve months ago that is still there, growth not counted.

    Population  customers with recurring revenue when the window opened.
    Formula     Σ min(start, end) ÷ Σ start, per customer, so never above 100 %.
    Empties     no recurring revenue at the opening: no figure.
    Source      gross revenue retention (SaaS Metrics Standards Board); constant currency.
    """
    ends = _both_ends(facts, window)
    return ends.select(
        "customer_id", num=ibis.least(_.start, _.end), den=_.start, affected=_.end < _.start
    )


@metric(
    label="Revenue kept, with growth",
    unit="rate",
    better="higher",
    kind="ratio",
    family="retention",
    needs=["contracts.end_on"],
    evidence="census",
    section="did",
    window=12,
    attribution="opening",
    harm="pay less than a year ago",
)
def net_revenue_retention(facts, window):
    """Recurring revenue now of the customers of twelve months ago, against theirs then.

    Population  customers with recurring revenue when the window opened.
    Formula     Σ end ÷ Σ start over the same customers; expansion, cross-sale and price
                included, new customers not.
    Empties     no recurring revenue at the opening: no figure.
    Source      net revenue retention of a closed cohort; constant currency.
    """
    ends = _both_ends(facts, window)
    return ends.select("customer_id", num=_.end, den=_.start, affected=_.end < _.start)


def _both_ends(facts, window):
    return facts.shared(("ends", window), lambda: _start_and_end(facts, window))


def _start_and_end(facts, window):
    start = facts.recurring(window.first, rates_of=window.first).rename(start="amount")
    end = facts.recurring(window.after, rates_of=window.first).rename(end="amount")
    joined = start.left_join(end, "customer_id")
    return joined.select("customer_id", "start", end=joined.end.fill_null(0))


@metric(
    label="Still a customer after 12 months",
    unit="share",
    better="higher",
    kind="survival",
    family="retention",
    needs=["customers.closed_on or contracts.end_on"],
    evidence="sample",
    section="did",
    window=24,
    attribution="first",
    horizon=12,
    places=1,
    harm="left",
)
def survival_12(facts, window):
    """Share of customers that would still be here 12 months after they came.

    Population  everybody here in the last 24 months, in the first tier they ever had.
    Formula     Kaplan–Meier by tenure; whoever came earlier enters at the tenure they had,
                whoever is still here leaves at today's. In a tier customers are watched from
                the day they were rated, in all from the day they came.
    Empties     fewer than ten at risk at the horizon: no verdict.
    Source      Kaplan and Meier (1958); exact interval on Greenwood's effective number.
    """
    return _tenures(facts, window)


@metric(
    label="Still a customer after 24 months",
    unit="share",
    better="higher",
    kind="survival",
    family="retention",
    needs=["customers.closed_on or contracts.end_on"],
    evidence="sample",
    section="did",
    window=24,
    attribution="first",
    horizon=24,
    places=1,
    harm="left",
)
def survival_24(facts, window):
    """Share of customers that would still be here 24 months after they came.

    Population  everybody here in the last 24 months, in the first tier they ever had.
    Formula     Kaplan–Meier by tenure; whoever came earlier enters at the tenure they had,
                whoever is still here leaves at today's. In a tier customers are watched from
                the day they were rated, in all from the day they came.
    Empties     fewer than ten at risk at the horizon: no verdict.
    Source      Kaplan and Meier (1958); exact interval on Greenwood's effective number.
    """
    return _tenures(facts, window)


def _tenures(facts, window):
    t = facts.tenures().filter(_.observable)
    seen = t.filter(
        (t.acquired_on < window.after) & (t.left_on.isnull() | (t.left_on >= window.first))
    )
    lost = seen.left_on.notnull() & (seen.left_on < window.after)
    last = lost.ifelse(seen.left_on, window.after)
    # Here as the first day begins, so watched from the day before: a loss on it counts.
    before = -seen.acquired_on.delta(window.first, unit="day") - 1
    return seen.select(
        "customer_id",
        entered=ibis.greatest(before, 0),
        left=last.delta(seen.acquired_on, unit="day"),
        lost=lost,
    )


@metric(
    label="Bought again in the next period",
    unit="share",
    better="higher",
    kind="proportion",
    family="retention",
    needs=["transactions.customer_id"],
    evidence="census",
    section="did",
    attribution="opening",
    places=1,
    harm="bought in the period before and not in this one",
)
def repeat_purchase(facts, window):
    """Share of the customers who bought in the period before that bought again in this one.

    Population  customers with an order above zero, net of its discounts, in the period before;
                neither a refund nor a free line is one.
    Formula     bought in both ÷ bought in the first of two periods of the same length.
    Empties     nobody bought in the period before: no figure.
    Source      repeat-purchase retention, for customers whose loss cannot be observed.
    """
    first = orders(facts, window.earlier()).select("customer_id").distinct()
    again = orders(facts, window).select("customer_id").distinct()
    again = again.mutate(again=ibis.literal(1))
    joined = first.left_join(again, "customer_id")
    return joined.select("customer_id", num=joined.again.fill_null(0), den=ibis.literal(1))
