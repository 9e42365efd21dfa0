"""Scores of customers by the method of the strategy, from rows before a day.

    margin_percentile   margin before acquisition of the last window of months, the
                        window before it at half the weight where it is known
    rfm                 recency, frequency and money, each 1–5 by cut points
    declared            no score; `value` only orders customers within a tier

Cost to acquire is left out because it is sunk: what a customer will bring does not
depend on it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period, PeriodKind
from scorecard.errors import FactsError
from scorecard.facts.currency import EXACT
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.tiers.margin import SERVED, booked, here, margin_of

Cuts = dict[str, list[float]]
FIFTHS = (0.2, 0.4, 0.6, 0.8)
PARTS = ("recency", "frequency", "money")


def scores(facts: Facts, method: str, day: date, months: int, cuts: Cuts | None = None) -> ir.Table:
    """The scores of every customer that can be rated as `day` begins: customer_id, score, value."""
    if method == "margin_percentile":
        return _margin(facts, day, months)
    if method == "rfm":
        return _rfm(facts, day, months, cuts or {})
    return _worth(facts, day, months).mutate(score=ibis.null("float64"))


def cut_points(facts: Facts, day: date, months: int) -> Cuts:
    """The four values that part customers into fifths by recency, frequency and money.

    Exact quantiles over customers with a purchase in the months before `day`.
    """
    bought = _purchases(facts, day, months).filter(_.frequency > 0)
    wanted = {
        f"{name}{i}": bought[name].quantile(q) for name in PARTS for i, q in enumerate(FIFTHS)
    }
    row = facts.answer(bought.agg(**wanted))[0]
    return {name: [float(row[f"{name}{i}"] or 0.0) for i in range(len(FIFTHS))] for name in PARTS}


def _span(day: date, back: int, months: int) -> Window:
    """The `months` that end `back` months before `day`; whole weeks where a week begins on it."""
    # Which kind of period begins is told by the day alone: the first of a month begins a month.
    kind: PeriodKind = "month" if day.day == 1 else "week"
    before = Period.containing(day, kind, "UTC").previous()
    return Window(before.trailing(back + months), before.trailing(back), before)


def _margin(facts: Facts, day: date, months: int) -> ir.Table:
    if lacking := facts.missing(["transactions", "costs"]):
        raise FactsError(
            f'strategy.toml [tiers]: method "margin_percentile" needs {lacking}, which is not '
            'mapped; map it, or use method "rfm" or "declared".'
        )
    last, before = _span(day, 0, months), _span(day, months, months)
    book = booked(facts, last.grain)
    margin = margin_of(_, SERVED)
    inside = book.filter((book.on >= before.first) & (book.on < last.after))
    summed = (
        inside.mutate(margin=margin)
        .group_by("customer_id")
        .agg(
            last=_.margin.sum(where=_.on >= last.first),
            before=_.margin.sum(where=_.on < last.first),
        )
    )
    rated = here(facts, last).left_join(summed, "customer_id")
    now, then = (rated[c].fill_null(0).cast("float64") for c in ("last", "before"))
    whole = (rated.acquired_on <= before.first) & ibis.literal(_reaches(facts, before))
    # Two years smooth the score: one good year alone does not make a customer of the best tier.
    score = whole.ifelse((2 * now + then) / 3, now)
    return rated.select("customer_id", score=score, value=score)


def _reaches(facts: Facts, span: Window) -> bool:
    """Whether the facts reach back to the beginning of a window."""
    book = booked(facts, span.grain)
    begins = facts.answer(book.agg(first=book.on.min()))[0]["first"]
    return begins is not None and begins <= span.first


def _rfm(facts: Facts, day: date, months: int, cuts: Cuts) -> ir.Table:
    bought = _purchases(facts, day, months)
    frequency, money = (_fifth(bought[name], cuts.get(name, [])) for name in PARTS[1:])
    # Few days since the last purchase are better, so that the order of fifths is turned.
    recency = 6 - _fifth(bought.recency, cuts.get("recency", []))
    score = (recency + frequency + money).cast("float64")
    return bought.select("customer_id", score=score, value=bought.money)


def _fifth(value: Any, points: list[float]) -> Any:
    """The fifth that a value is in, 1 to 5, by the four cut points between them."""
    place = ibis.literal(1)
    for point in points:
        place = place + (value > point).cast("int64")
    return place


def _purchases(facts: Facts, day: date, months: int) -> ir.Table:
    """Recency, frequency and money of every customer that ever bought.

    Days since the last purchase; and, in the months before `day`, the days with a purchase and
    the net amount. Amounts below zero are refunds and no purchases.
    """
    span = _span(day, 0, months)
    t = facts.transactions.filter((_.event_on < span.after) & _.customer_id.notnull())
    t = t.mutate(bought=_.net_amount >= 0, inside=span.holds(t.event_on))
    own = t.group_by("customer_id").agg(
        newest=_.event_on.max(where=_.bought),
        frequency=_.event_on.nunique(where=_.bought & _.inside),
        money=_.net_amount.cast(EXACT).sum(where=_.inside),
    )
    own = own.filter(own.newest.notnull())
    return own.select(
        "customer_id",
        "frequency",
        recency=ibis.literal(day).delta(own.newest, unit="day"),
        money=own.money.fill_null(0).cast("float64"),
    )


def _worth(facts: Facts, day: date, months: int) -> ir.Table:
    """What customers paid in the months before `day`, or pay by contract; only to sort them by."""
    if facts.has("transactions"):
        t = facts.transactions
        t = t.filter(_span(day, 0, months).holds(t.event_on) & t.customer_id.notnull())
        return t.group_by("customer_id").agg(value=t.net_amount.sum().cast("float64"))
    paying = facts.recurring(day, rates_of=day)
    return paying.select("customer_id", value=_.amount.cast("float64"))
