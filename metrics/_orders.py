"""Orders of customers. Shared by the metrics about buying."""

from __future__ import annotations

import ibis
from ibis import _


def orders(facts, window):
    """The orders of known customers booked in the window: customer_id, value (above zero).

    An order is the lines of one order_id or, where these are not known, of one customer and day,
    added up with its discounts: lines of kind "sale" below zero, and such without a kind that
    stand beside a sale of the same order_id and day. Refunds and credits are no lines of it.
    """
    t = facts.transactions
    t = t.filter(window.holds(t.event_on) & t.customer_id.notnull())
    t = t.filter(t.kind.isnull() | (t.kind == "sale"))
    lowers = t.kind.isnull() & (t.net_amount < 0)
    each = t.group_by("customer_id", "order_id", on="event_on").agg(
        sold=t.net_amount.sum(where=~lowers),
        lowered=t.net_amount.sum(where=lowers),
        most=t.net_amount.max(),
    )
    beside = each.order_id.notnull() & (each.most > 0)
    net = each.sold.fill_null(0) + beside.ifelse(each.lowered.fill_null(0), 0)
    day = each.order_id.isnull().ifelse(each.on, ibis.null("date"))
    each = each.select("customer_id", "order_id", day=day, net=net)
    whole = each.group_by("customer_id", "order_id", "day").agg(value=_.net.sum())
    return whole.filter(_.value > 0)
