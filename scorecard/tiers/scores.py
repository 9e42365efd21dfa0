"""Scores of customers by the method of the strategy, from rows before a day.

    margin_percentile   margin before acquisition of the last window of months, the
                        window before it at half the weight where it is known
    rfm                 recency, frequency and money, each 1–5 by cut points
    declared            no score; `value` only orders customers within a tier

Cost to acquire is left out because it is sunk: what a customer will bring does not
depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period, PeriodKind, shift_months
from scorecard.errors import FactsError
from scorecard.facts.currency import EXACT
from scorecard.facts.statements import Values, slot
from scorecard.facts.stays import here_on
from scorecard.facts.tables import Facts
from scorecard.facts.window import AnyWindow, OpenWindow, Window
from scorecard.tiers.margin import SERVED, book, here

Cuts = dict[str, list[float]]
FIFTHS = (0.2, 0.4, 0.6, 0.8)
PARTS = ("recency", "frequency", "money")


@dataclass(frozen=True)
class Range:
    """The lowest and the highest score that there is, and the step between two scores."""

    lowest: float
    highest: float
    step: float


RANGES = {"rfm": Range(3.0, 15.0, 1.0)}
"""Of the methods whose scores have one; margins have none."""


@dataclass(frozen=True)
class ScoreDay:
    """The day that scores are of, and the windows of months before it that they look at.

    last, before   the last window, and the one before that
    book_first     where the book of margins begins; `book_after` where it ends
    reaches        whether the facts reach back to the beginning of the window before
    cuts           cut points by recency, frequency and money, where scores need them
    """

    day: Any
    last: AnyWindow
    before: AnyWindow
    book_first: Any
    book_after: Any
    reaches: bool
    cuts: Mapping[str, Any]

    @classmethod
    def of(cls, facts: Facts, day: date, months: int, cuts: Cuts | None = None) -> ScoreDay:
        """A day that is known."""
        last, before = _span(day, 0, months), _span(day, months, months)
        reaches = _reaches(facts, before)
        return cls(day, last, before, before.first, last.after, reaches, cuts or {})

    def opened(self) -> ScoreDay:
        """The same with slots in place of days and cut points, so that expressions serve any."""
        kind = self.last.period.kind
        cuts = {
            name: [slot(f"cut.{name}{i}", "float64") for i in range(len(points))]
            for name, points in self.cuts.items()
        }
        last, before = OpenWindow("last", kind), OpenWindow("before", kind)
        book = [slot(f"book.{end}", "date") for end in ("first", "after")]
        return ScoreDay(slot("day", "date"), last, before, book[0], book[1], self.reaches, cuts)

    def values(self, book_first: date | None = None, book_after: date | None = None) -> Values:
        """What the slots are for this day. A book may begin earlier and end later than it needs."""
        found = {
            "day": self.day,
            "book.first": book_first or self.book_first,
            "book.after": book_after or self.book_after,
        }
        for name, points in self.cuts.items():
            found |= {f"cut.{name}{i}": point for i, point in enumerate(points)}
        for name, window in (("last", self.last), ("before", self.before)):
            if isinstance(window, Window):
                found |= OpenWindow(name, window.period.kind).values(window)
        return found


def scores(facts: Facts, method: str, on: ScoreDay) -> ir.Table:
    """The scores of every customer that can be rated as a day begins: customer_id, score, value."""
    if method == "margin_percentile":
        return _margin(facts, on)
    if method == "rfm":
        return _rfm(facts, on)
    return _worth(facts, on).mutate(score=ibis.null("float64"))


def cut_points(facts: Facts, on: ScoreDay) -> Cuts:
    """The four values that part customers into fifths by recency, frequency and money.

    Exact quantiles over customers who are here, with a purchase in the window before the day.
    """
    present = here_on(facts.stays(), on.day)
    bought = _purchases(facts, on).filter(_.frequency > 0).semi_join(present, "customer_id")
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


def _margin(facts: Facts, on: ScoreDay) -> ir.Table:
    if lacking := facts.missing(["transactions", "costs"]):
        raise FactsError(
            f'strategy.toml [tiers]: method "margin_percentile" needs {lacking}, which is not '
            'mapped; map it, or use method "rfm" or "declared".'
        )
    last, before = on.last, on.before
    margins = margins_by_month(facts, on)
    inside = margins.filter((margins.on >= before.first) & (margins.on < last.after))
    summed = inside.group_by("customer_id").agg(
        last=_.margin.sum(where=_.on >= last.first),
        before=_.margin.sum(where=_.on < last.first),
    )
    rated = here(facts, last).left_join(summed, "customer_id")
    now, then = (rated[c].fill_null(0).cast("float64") for c in ("last", "before"))
    whole = (rated.acquired_on <= before.first) & ibis.literal(on.reaches)
    score = smoothed(now, then, whole)
    return rated.select("customer_id", score=score, value=score)


def smoothed(now: Any, then: Any, whole: Any) -> Any:
    """The score by the margins of the last window and of the one before it, where that is known
    as a `whole`: one good year alone does not make a customer of the best tier."""
    return whole.ifelse((2 * now + then) / 3, now)


def margins_by_month(facts: Facts, on: ScoreDay) -> ir.Table:
    """The book of margins; one serves all the days whose windows it spans."""
    first, after, grain = on.book_first, on.book_after, on.last.grain
    return facts.shared(("book", first, after, grain), lambda: book(facts, first, after, grain))


def release_book(facts: Facts, period: Period) -> None:
    """Let the book of margins go, which is as large as all months of all customers."""
    # A span of days has the tiers of months, and those of a day, which are scored by weeks.
    grains = {"week": "W", "days": "WM"}.get(period.kind, "M")
    for grain in grains:
        facts.release(("book", slot("book.first", "date"), slot("book.after", "date"), grain))


def _reaches(facts: Facts, span: Window) -> bool:
    """Whether the facts reach back to the first month or week of a window."""
    if facts.missing(["transactions", "costs"]):
        return False
    step = span.first + timedelta(days=7) if span.grain == "W" else shift_months(span.first, 1)
    for source in (_first_entry, _first_pool):  # the second is only asked where it matters
        asked = partial(source, facts, span.grain)
        first = facts.asked_once(facts.statement((source, span.grain), asked))[0]["first"]
        if first is not None and first < step:
            return True
    return False


def _first_entry(facts: Facts, _grain: str) -> ir.Table:
    """The first day of a transaction, or of cost to serve booked on a customer."""
    c = facts.costs.filter(_.category.isin(SERVED) & _.customer_id.notnull())
    sold = facts.transactions.agg(first=_.event_on.min())
    return ibis.union(sold, c.agg(first=_.event_on.min())).agg(first=_.first.min())


def _first_pool(facts: Facts, grain: str) -> ir.Table:
    """The first day of a pool whose driver somebody used in its month or week."""
    if not facts.has("drivers"):
        return facts.costs.filter(ibis.literal(False)).agg(first=_.event_on.min())
    used = facts.drivers.filter(_.qty > 0).select("driver", on=_.date.truncate(grain))
    pools = facts.costs.filter(_.category.isin(SERVED) & _.customer_id.isnull())
    pools = pools.mutate(on=_.event_on.truncate(grain))
    return pools.semi_join(used.distinct(), ["driver", "on"]).agg(first=_.event_on.min())


def _rfm(facts: Facts, on: ScoreDay) -> ir.Table:
    bought = _purchases(facts, on)
    return bought.select("customer_id", score=fifths(bought, on.cuts), value=bought.money)


def fifths(bought: Any, cuts: Mapping[str, Any]) -> Any:
    """The score by columns recency, frequency and money, and the cut points of each."""
    frequency, money = (_fifth(bought[name], cuts.get(name, [])) for name in PARTS[1:])
    # Few days since the last purchase are better, so that the order of fifths is turned.
    recency = 6 - _fifth(bought.recency, cuts.get("recency", []))
    return (recency + frequency + money).cast("float64")


def _fifth(value: Any, points: list[float]) -> Any:
    """The fifth that a value is in, 1 to 5, by the four cut points between them."""
    place = ibis.literal(1)
    for point in points:
        place = place + (value > point).cast("int64")
    return place


def _purchases(facts: Facts, on: ScoreDay) -> ir.Table:
    """Recency, frequency and money of every customer that ever bought.

    Days since the last purchase; and, in the last window, the days with a purchase and
    the net amount. A line of nothing is no purchase, and amounts below zero are refunds.
    """
    span = on.last
    t = facts.transactions.filter((_.event_on < span.after) & _.customer_id.notnull())
    t = t.mutate(bought=is_bought(t), inside=span.holds(t.event_on))
    own = t.group_by("customer_id").agg(
        newest=_.event_on.max(where=_.bought),
        frequency=_.event_on.nunique(where=_.bought & _.inside),
        money=_.net_amount.cast(EXACT).sum(where=_.inside),
    )
    own = own.filter(own.newest.notnull())
    return own.select(
        "customer_id",
        "frequency",
        recency=-own.newest.delta(on.day, unit="day"),
        money=own.money.fill_null(0).cast("float64"),
    )


def is_bought(transactions: Any) -> Any:
    """Whether a row of transactions is a purchase: neither a refund nor given away."""
    return transactions.net_amount > 0


def _worth(facts: Facts, on: ScoreDay) -> ir.Table:
    """What customers paid in the last window, or pay by contract; only to sort them by.

    Without either, nobody's worth is known, and the table is empty.
    """
    if facts.has("transactions"):
        t = facts.transactions
        t = t.filter(on.last.holds(t.event_on) & t.customer_id.notnull())
        return t.group_by("customer_id").agg(value=t.net_amount.sum().cast("float64"))
    if not facts.has("contracts"):
        nobody = facts.customers.filter(ibis.literal(False))
        return nobody.select("customer_id", value=ibis.null("float64"))
    paying = facts.recurring(on.day, rates_of=on.day)
    return paying.select("customer_id", value=_.amount.cast("float64"))
