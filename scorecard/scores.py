"""Scores: what a customer is worth by one method, from rows before a day.

    margin_percentile   margin before acquisition of the last twelve months, the
                        twelve before weighing half as much where they are known
    rfm                 recency, frequency and money, each 1–5 by cut points
    declared            no score; `value` only orders customers within a tier

Cost to acquire is left out because it is spent: what a customer will bring does
not depend on it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.errors import FactsError
from scorecard.facts import Facts
from scorecard.money import money
from scorecard.periods import Period, shift_months
from scorecard.window import Window

Cuts = dict[str, list[float]]
FIFTHS = (0.2, 0.4, 0.6, 0.8)


def scores(
    facts: Facts, method: str, day: date, months: int, cuts: Cuts | None = None
) -> ir.Table:
    """customer_id, score, value of every customer that can be rated as `day` begins."""
    if method == "margin_percentile":
        return _margin(facts, day, months)
    if method == "rfm":
        return _rfm(facts, day, months, cuts or {})
    return _worth(facts, day, months).mutate(score=ibis.null("float64"))


def cut_points(facts: Facts, day: date, months: int) -> Cuts:
    """The four values that part customers into fifths by recency, frequency and money.

    Exact quantiles over customers with a purchase in the months before `day`.
    """
    bought = _purchases(facts, day, months)
    wanted = {
        f"{name}{i}": bought[name].quantile(q)
        for name in ("recency", "frequency", "money")
        for i, q in enumerate(FIFTHS)
    }
    row = facts.con.to_pyarrow(bought.agg(**wanted)).to_pylist()[0]
    return {
        name: [float(row[f"{name}{i}"] or 0.0) for i in range(len(FIFTHS))]
        for name in ("recency", "frequency", "money")
    }


def _span(day: date, back: int, months: int) -> Window:
    """The `months` that end `back` months before `day`."""
    after = shift_months(day, -back).replace(day=day.day) if back else day
    first = shift_months(after, -months).replace(day=min(after.day, 28))
    return Window(first, after, Period.containing(day, "month", "UTC"))


def _margin(facts: Facts, day: date, months: int) -> ir.Table:
    if lacking := facts.missing(["transactions", "costs"]):
        raise FactsError(
            f'strategy.toml [tiers]: method "margin_percentile" needs {lacking}, which is not '
            'mapped; map it, or use method "rfm" or "declared".'
        )
    margin = (_.revenue - _.deliver - _.support - _.service).cast("float64")
    last = money(facts, _span(day, 0, months)).select("customer_id", last=margin)
    before = money(facts, _span(day, months, months)).select("customer_id", before=margin)
    joined = last.filter(_.customer_id.notnull()).left_join(before, "customer_id")
    score = ibis.coalesce((2 * joined.last + joined.before) / 3, joined.last)
    return joined.select("customer_id", score=score, value=score)


def _rfm(facts: Facts, day: date, months: int, cuts: Cuts) -> ir.Table:
    bought = _purchases(facts, day, months)
    parts = [_fifth(bought[name], cuts.get(name, [])) for name in ("frequency", "money")]
    recency = 6 - _fifth(bought.recency, cuts.get("recency", []))
    score = (recency + parts[0] + parts[1]).cast("float64")
    return bought.select("customer_id", score=score, value=bought.money)


def _fifth(value: Any, points: list[float]) -> Any:
    """1 to 5: one more than the cut points that lie below the value."""
    place = ibis.literal(1)
    for point in points:
        place = place + (value > point).cast("int64")
    return place


def _purchases(facts: Facts, day: date, months: int) -> ir.Table:
    t = facts.transactions
    span = _span(day, 0, months)
    t = t.filter(span.holds(t.event_on) & t.customer_id.notnull() & (t.net_amount >= 0))
    return t.group_by("customer_id").agg(
        recency=ibis.literal(day).delta(t.event_on.max(), unit="day"),
        frequency=t.event_on.nunique(),
        money=t.net_amount.sum().cast("float64"),
    )


def _worth(facts: Facts, day: date, months: int) -> ir.Table:
    """What customers paid lately, or pay by contract: only to order them."""
    if facts.has("transactions"):
        t = facts.transactions
        t = t.filter(_span(day, 0, months).holds(t.event_on) & t.customer_id.notnull())
        return t.group_by("customer_id").agg(value=t.net_amount.sum().cast("float64"))
    paying = facts.recurring(day, rates_of=day)
    return paying.select("customer_id", value=_.amount.cast("float64"))
