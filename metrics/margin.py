"""What customers earn the company, after what it takes to win and to serve them."""

from __future__ import annotations

import ibis
from ibis import _

from scorecard import metric, money

SERVE = _.deliver + _.support + _.service
MARGIN = _.revenue - _.acquire - SERVE


@metric(
    label="Customer margin",
    unit="money per customer",
    better="higher",
    kind="total",
    family="margin",
    needs=["transactions.customer_id", "costs"],
    evidence="census",
    section="earned",
    matures=30,
    subject="financial",
    harm="earned less than the limit",
)
def customer_margin(facts, window):
    """Revenue from all transactions less the cost to acquire and to serve, per customer.

    Population  customers here at any time in the period, with or without revenue.
    Formula     (Σ revenue − Σ cost to acquire − Σ cost to serve) ÷ customers; in acquisition
                mode "lifetime", in all margin metrics, everything up to the period's end.
    Empties     a customer without revenue and with cost has a negative margin; overheads
                that no customer causes, and capacity nobody used, stay out. Money of those
                who left before the period is in no figure per customer; it stands apart.
    Source      customer margin as all revenue less cost to acquire and serve; costs by
                driver after Kaplan and Anderson (time-driven activity-based costing).
    """
    return _each(facts, window).select("customer_id", num=MARGIN)


@metric(
    label="Revenue",
    unit="money per customer",
    better="higher",
    kind="total",
    family="margin",
    needs=["transactions.customer_id"],
    evidence="census",
    section="earned",
    matures=30,
    subject="financial",
    harm="bought less than the limit",
)
def customer_revenue(facts, window):
    """Net amounts of all transactions that count in the period, per customer.

    Population  customers here at any time in the period, with or without revenue.
    Formula     Σ net amount ÷ customers. What was paid for known days counts day by day over
                them, all else on its booking day, unless the project has it as invoiced;
                refunds and credits on their booking day, at the latest on the last of their
                contract, or, so set, on the days of their sale.
    Empties     revenue of nobody in particular is shown as unattributed, never spread.
    Source      recognition over time, by time elapsed (IFRS 15, ASC 606).
    """
    return _each(facts, window).select("customer_id", num=_.revenue)


@metric(
    label="Cost to acquire",
    unit="money per customer",
    better="lower",
    kind="total",
    family="margin",
    needs=["costs"],
    evidence="census",
    section="earned",
    role="input",
    subject="financial",
    harm="cost more to win than the limit",
)
def cost_to_acquire(facts, window):
    """Cost of winning customers, in the acquisition mode printed with the margin, per customer.

    Population  customers here at any time in the period.
    Formula     Σ acquisition cost that falls into the period ÷ customers. Spend on
                prospects that did not buy goes to the customers won in the same month, by
                head, channel or first-year revenue, as set; what is not yet written off
                when a customer leaves falls into that month.
    Empties     no acquisition cost is a cost of zero where a costs table is mapped.
    Source      straight line over the amortisation months unless the project says otherwise.
    """
    return _each(facts, window).select("customer_id", num=_.acquire)


@metric(
    label="Cost to serve",
    unit="money per customer",
    better="lower",
    kind="total",
    family="margin",
    needs=["costs"],
    evidence="census",
    section="earned",
    role="input",
    subject="financial",
    harm="cost more to serve than the limit",
)
def cost_to_serve(facts, window):
    """Delivery, support and service cost that customers caused, per customer.

    Population  customers here at any time in the period.
    Formula     Σ (deliver + support + service) ÷ customers; pooled cost is shared out by the
                quantity of its driver each customer used in the month it was booked in.
    Empties     pools without a driver are not spread evenly: they are printed as unallocated.
    Source      Kaplan and Anderson, time-driven activity-based costing.
    """
    return _each(facts, window).select("customer_id", num=SERVE)


@metric(
    label="Customer margin, share of revenue",
    unit="rate",
    better="higher",
    kind="ratio",
    family="margin",
    needs=["transactions.customer_id", "costs"],
    evidence="census",
    section="earned",
    matures=30,
    subject="financial",
    harm="earned less than the limit",
)
def margin_rate(facts, window):
    """Customer margin as a share of revenue.

    Population  customers here at any time in the period.
    Formula     Σ margin ÷ Σ revenue of the tier; never a mean of customers' percentages.
    Empties     undefined where the tier's revenue is not positive; revenue of no known
                customer is in neither sum.
    Source      ratio of sums; a sample of it has no interval, see docs/evidence.md.
    """
    return _attributed(facts, window).select("customer_id", num=MARGIN, den=_.revenue)


@metric(
    label="Customers with negative margin",
    unit="share",
    better="lower",
    kind="proportion",
    family="margin",
    needs=["transactions.customer_id", "costs"],
    evidence="census",
    section="earned",
    matures=30,
    subject="financial",
    places=1,
    harm="cost more than they brought in",
)
def negative_margin_share(facts, window):
    """Share of customers whose margin in the period is below zero.

    Population  customers here at any time in the period.
    Formula     customers with margin < 0 ÷ customers.
    Empties     no customers: no figure.
    Source      complement of "each customer generates profit".
    """
    lost = (MARGIN < 0).cast("int64")
    return _attributed(facts, window).select("customer_id", num=lost, den=ibis.literal(1))


@metric(
    label="Peak of the whale curve, of total margin",
    unit="ratio",
    better="lower",
    kind="ratio",
    family="margin",
    needs=["transactions.customer_id", "costs"],
    evidence="census",
    section="earned",
    matures=30,
    subject="financial",
    harm="took margin away",
)
def whale_peak(facts, window):
    """How far profit would rise above its total without the customers that lose money.

    Population  customers here at any time in the period.
    Formula     Σ max(margin, 0) ÷ Σ margin: the peak of cumulative margin over customers
                sorted from most to least profitable, as a multiple of the total.
    Empties     undefined where the total is not positive.
    Source      Kaplan and Narayanan, whale curve of customer profitability (2001).
    """
    parts = _attributed(facts, window).mutate(margin=MARGIN)
    return parts.select(
        "customer_id", num=ibis.greatest(_.margin, 0), den=_.margin, affected=_.margin < 0
    )


@metric(
    label="Failure-service cost, share of revenue",
    unit="rate",
    better="lower",
    kind="ratio",
    family="margin",
    needs=["transactions.customer_id", "costs"],
    evidence="census",
    section="earned",
    matures=30,
    role="input",
    subject="operational",
    harm="needed more repair than the limit",
)
def failure_service_ratio(facts, window):
    """Cost of service that lies outside the predictable part of the offer, against revenue.

    Population  customers here at any time in the period.
    Formula     Σ service cost ÷ Σ revenue. Support that the offer contains is not in it.
    Empties     undefined where the tier's revenue is not positive; revenue of no known
                customer stays out.
    Source      support is predictable and priced; service is what failed.
    """
    return _attributed(facts, window).select("customer_id", num=_.service, den=_.revenue)


@metric(
    label="Revenue whose margin is known",
    unit="share",
    better="higher",
    kind="ratio",
    family="margin",
    needs=["transactions"],
    evidence="census",
    section="earned",
    role="input",
    subject="financial",
    harm="have revenue but no known cost",
)
def margin_knowledge(facts, window):
    """Share of revenue from customers for whom the cost to serve is known too.

    Population  all revenue of the period, that of nobody in particular included.
    Formula     Σ revenue of customers with at least one cost-to-serve row ÷ Σ revenue; each
                customer's revenue without its sign, so that refunds cannot pass the whole.
    Empties     undefined where there is no revenue; 0 % where no costs are mapped. Where the
                project says that no cost row is a cost of zero, it counts as known.
    Source      a tier under 90 % prints "margin not known".
    """
    parts = money(facts, window).mutate(size=_.revenue.abs())
    known = ((_.known > 0) & _.customer_id.notnull()).ifelse(_.size, 0)
    return parts.select("customer_id", num=known, den=_.size, affected=_.known == 0)


def _each(facts, window):
    """The money of everybody who is here in the window, and what is nobody's in particular."""
    parts = money(facts, window)
    nobody = parts.anti_join(facts.customers, "customer_id")
    return ibis.union(parts.filter(_.here > 0), nobody)


def _attributed(facts, window):
    """The money of customers who are here in the window."""
    return money(facts, window).filter(_.here > 0)
