"""Credits: what takes back, what only lowers the price of an order, and where each counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.tiers.billing import SPAN, ends

if TYPE_CHECKING:  # metrics are loaded where no facts are opened
    from scorecard.facts.tables import Facts

OF_SALE = ("transactions.txn_id", "transactions.original_txn_id")
OF_ORDER = ("transactions.order_id",)
_SAME = [(f"own_{part}", f"sold_{part}") for part in ("order", "to", "on")]
"""The columns of `_order` by which rows are joined with those of their order."""


def told_apart(facts: Facts) -> ir.Table:
    """Every transaction with `takes_back`: whether it is a credit or refund by its kind or, where
    none is written, by its sign.

    A row without a kind that is below zero is a discount, and takes nothing back, where its order
    has a sale above zero that the customer booked on the same day.
    """
    t = facts.transactions
    said = t.kind.isin(("credit", "refund")).fill_null(False)
    below = t.kind.isnull() & (t.net_amount < 0)
    if facts.missing(OF_ORDER):
        return t.mutate(takes_back=said | below)
    sold = t.filter(t.order_id.notnull() & ~said & (t.net_amount > 0))
    sold = sold.select(**_order(sold, "sold"), sold=ibis.literal(True)).distinct()
    joined = _with_order(t).left_join(sold, _SAME)
    back = said | (below & joined.sold.isnull())
    return joined.select(**{c: joined[c] for c in t.columns}, takes_back=back)


def with_their_order(t: ir.Table) -> ir.Table:
    """Transactions with the days of their order for its discounts: rows below zero that take
    nothing back and have no days of their own.

    The order's days are those of its sales of the same customer and booking day, where all that
    have days have the same; else the discount counts on its booking day.
    """
    spread = t.filter(t.order_id.notnull() & t.began.notnull() & (t.net_amount > 0))
    spread = spread.filter(~spread.takes_back)
    spread = spread.group_by(**_order(spread, "sold")).agg(
        **{f"sold_{c}": spread[c].min() for c in SPAN},
        one=ibis.and_(*[spread[c].min() == spread[c].max() for c in SPAN]),
    )
    spread = spread.filter(spread.one)
    joined = _with_order(t).left_join(spread, _SAME)
    lowers = (joined.net_amount < 0) & ~joined.takes_back & joined.began.isnull()
    return joined.select(
        **{c: joined[c] for c in t.columns if c not in SPAN},
        **{c: lowers.ifelse(joined[f"sold_{c}"], joined[c]) for c in SPAN},
    )


def _order(rows: ir.Table, prefix: str) -> dict[str, Any]:
    """The columns by which the rows of one order and booking day are told, by their names."""
    return {
        f"{prefix}_order": rows.order_id,
        f"{prefix}_to": rows.customer_id.fill_null(""),
        f"{prefix}_on": rows.event_on,
    }


def _with_order(t: ir.Table) -> ir.Table:
    return t.mutate(**_order(t, "own"))


def on_last_day(facts: Facts, t: ir.Table, own_days: Any) -> ir.Table:
    """Transactions, of which those that lower revenue and were booked after the end of their
    contract count on its last day, when the rest of what was paid for it did.

    Their contract is the one that they name or, of a credit that names none, that of its sale,
    unless the sale has `own_days`.
    """
    joined, contract = t, t.contract_id
    if not facts.missing(OF_SALE):
        sales = t.filter(t.txn_id.notnull()).mutate(own=own_days.cast("int64"))
        sales = sales.group_by(sale="txn_id").agg(
            many=_.count(), sold_for=_.contract_id.min(), own=_.own.max()
        )
        sales = sales.filter((_.many == 1) & (_.own == 0)).drop("many", "own")
        joined = t.left_join(sales, [("original_txn_id", "sale")])
        contract = ibis.coalesce(joined.contract_id, joined.sold_for)
    joined = joined.mutate(of_contract=contract)
    over = ends(facts)
    joined = joined.left_join(over, [("of_contract", "ended_id")])
    lowers = joined.takes_back | (joined.net_amount < 0)
    late = lowers & joined.began.isnull() & (joined.event_on > joined.over_on)
    late = late.fill_null(False)
    return joined.select(
        **{c: joined[c] for c in t.columns if c not in SPAN},
        **{c: late.ifelse(joined.over_on, joined[c]) for c in SPAN},
    )


def at_its_sale(t: ir.Table) -> ir.Table:
    """Credits and refunds on the days of the sale that they name, where there is one such."""
    sales = t.filter(t.txn_id.notnull()).group_by(sale="txn_id")
    sales = sales.agg(
        many=_.count(),
        sold_on=_.event_on.min(),
        **{f"sale_{c}": t[c].min() for c in SPAN},
    )
    joined = t.left_join(sales.filter(_.many == 1), [("original_txn_id", "sale")])
    moved = (joined.takes_back & joined.sold_on.notnull()).fill_null(False)
    of_sale = {c: ibis.coalesce(joined[f"sale_{c}"], joined.sold_on) for c in SPAN}
    return joined.select(
        **{c: joined[c] for c in t.columns if c not in of_sale},
        **{name: moved.ifelse(days, joined[name]) for name, days in of_sale.items()},
    )
