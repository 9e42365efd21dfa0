"""What customers buy at a time, and how often."""

from __future__ import annotations

import ibis
from ibis import _

from scorecard import metric

from ._orders import orders


@metric(
    label="Average order value",
    unit="money",
    better="higher",
    kind="mean",
    family="orders",
    needs=["transactions.customer_id"],
    evidence="census",
    section="earned",
    subject="financial",
    harm="bought for less at a time than the limit",
)
def average_order_value(facts, window):
    """What customers buy for at a time, on average over their orders.

    Population  orders of the period: the lines of one order_id or, where these are not known,
                of one customer and day, added up and net of their discounts; refunds and
                credits are no lines of an order.
    Formula     Σ net amount of orders ÷ orders, as booked.
    Empties     an order of nothing is none; no order: no figure.
    Source      average order value of retail and e-commerce.
    """
    return orders(facts, window).select("customer_id", num=_.value, den=ibis.literal(1))


@metric(
    label="Orders of a buyer in 12 months",
    unit="ratio",
    better="higher",
    kind="mean",
    family="orders",
    needs=["transactions.customer_id"],
    evidence="census",
    section="did",
    window=12,
    attribution="event",
    harm="bought less often than the limit",
)
def purchase_frequency(facts, window):
    """How often those who bought at all within twelve months did so.

    Population  customers with an order in the twelve months that end with the period.
    Formula     orders ÷ these customers; orders as for the average order value.
    Empties     nobody bought: no figure. Who bought nothing is in neither.
    Source      purchase frequency of retail and e-commerce.
    """
    own = orders(facts, window).group_by("customer_id").agg(num=_.count())
    return own.select("customer_id", "num", den=ibis.literal(1))
