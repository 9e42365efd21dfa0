"""Acquisition: what it cost to win customers, on whom it is put, and in which periods it counts.

What names a customer is that customer's. Spend in general, on prospects who did not buy included,
is shared by the customers won in the month that it was booked in: by head, by the channel they came
from, or by the revenue of their first year.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.currency import EXACT

if TYPE_CHECKING:  # metrics are loaded where no facts are opened
    from scorecard.facts.tables import Facts
    from scorecard.facts.window import AnyWindow

YEAR = 12
"""Months from the day a customer came in which its revenue is that of the first year."""


def acquired(facts: Facts, window: AnyWindow) -> ir.Table:
    """Cost to acquire that falls into the window, by the company's mode (customer_id, acquire)."""
    spent = acquisition(facts)
    mode = facts.options.acquisition
    if mode == "period":
        return spent.filter(window.holds(spent.event_on)).select("customer_id", acquire=_.amount)
    if mode == "lifetime":
        return spent.filter(_.event_on < window.after).select("customer_id", acquire=_.amount)
    return _amortised(spent, window, facts.options.amortise_months)


def acquisition(facts: Facts) -> ir.Table:
    """Every cost to acquire that is put on a customer: customer_id, event_on, amount, left_on."""
    return facts.shared(("acquisition",), lambda: _acquisition(facts))


def _acquisition(facts: Facts) -> ir.Table:
    """Every cost to acquire, with its customer and the day on which that customer left, if any."""
    direct = facts.costs.filter((_.category == "acquire") & _.customer_id.notnull()).select(
        "customer_id", "event_on", amount=_.amount.cast(EXACT)
    )
    shares = _pools(facts).join(_weights(facts), ["month", "channel"])
    shares = shares.select(
        "customer_id",
        event_on=shares.month,
        amount=(shares.pool.cast("float64") * shares.share).cast(EXACT),
    )
    ends = facts.tenures().select("customer_id", "left_on")
    spent = ibis.union(direct, shares).left_join(ends, "customer_id")
    return spent.select("customer_id", "event_on", "amount", "left_on")


def unwon(facts: Facts, inside: Callable[[Any], Any] | None = None) -> ir.Table:
    """Cost to acquire that names no customer and that nobody can share, since nobody was won in
    its month, or by its channel: event_on, amount; of the days that are `inside`, if given."""
    spent = _spent_in_general(facts)
    if inside is not None:
        spent = spent.filter(inside(spent.event_on))
    return spent.anti_join(_weights(facts), ["month", "channel"]).select("event_on", "amount")


def _spent_in_general(facts: Facts) -> ir.Table:
    """Cost to acquire that names no customer: month, channel, event_on, amount. The channel is
    empty where spend is not shared by it, or names none."""
    c = facts.costs.filter((_.category == "acquire") & _.customer_id.isnull())
    channel = c.channel.fill_null("") if _by_channel(facts) else ibis.literal("")
    return c.select(
        "event_on", month=c.event_on.truncate("M"), channel=channel, amount=c.amount.cast(EXACT)
    )


def _pools(facts: Facts) -> ir.Table:
    spent = _spent_in_general(facts)
    return spent.group_by("month", "channel").agg(pool=_.amount.sum())


def _weights(facts: Facts) -> ir.Table:
    """Who shares what was spent in a month, and by which parts: month, channel, customer_id, share.

    What names no channel is shared by all who were won in the month.
    """
    c = facts.customers
    won = c.select("customer_id", "acquired_on", "channel", month=_.acquired_on.truncate("M"))
    weighed = won.mutate(weight=ibis.literal(1).cast(EXACT))
    if facts.options.acquisition_by == "revenue" and facts.has("transactions"):
        weighed = _by_first_year(facts, won)
    every = weighed.mutate(channel=ibis.literal(""))
    if _by_channel(facts):
        own = weighed.filter(weighed.channel.notnull() & (weighed.channel != ""))
        every = ibis.union(every, own.select(every.columns))
    whole = ibis.window(group_by=["month", "channel"])
    shared = every.mutate(whole=every.weight.sum().over(whole), heads=every.count().over(whole))
    part = shared.weight.cast("float64") / shared.whole.cast("float64").nullif(0)
    share = (shared.whole > 0).ifelse(part, 1 / shared.heads)
    return shared.select("month", "channel", "customer_id", share=share)


def _by_channel(facts: Facts) -> bool:
    return facts.options.acquisition_by == "channel"


def _by_first_year(facts: Facts, won: ir.Table) -> ir.Table:
    """The customers won, each with what was booked on it in its first year, as far as is known;
    less than nothing weighs nothing, and where all weigh nothing they share by head."""
    t = facts.transactions.select("customer_id", "event_on", "net_amount")
    mine = won.join(t, "customer_id")
    until = (mine.acquired_on + ibis.interval(months=YEAR)).cast("date")
    mine = mine.filter((mine.event_on >= mine.acquired_on) & (mine.event_on < until))
    sums = mine.group_by("customer_id").agg(brought=_.net_amount.cast(EXACT).sum())
    joined = won.left_join(sums, "customer_id")
    weight = ibis.greatest(joined.brought.fill_null(0), 0).cast(EXACT)
    return joined.select(*won.columns, weight=weight)


def _amortised(spent: ir.Table, window: AnyWindow, months: int) -> ir.Table:
    """Amortisation on a straight line over `months`; the rest is due when the customer leaves."""
    begin = _month_number(spent.event_on)
    end = begin + months
    stop = ibis.greatest(begin, ibis.least(end, ibis.coalesce(_month_number(spent.left_on), end)))
    if window.grain == "W":
        current = _month_number(window.first)
        # A week is 7 of the 30.4375 days that a month has on average.
        steady = ((begin <= current) & (current < stop)).ifelse(7 / 30.4375, 0.0)
        left = window.holds(ibis.greatest(spent.left_on, spent.event_on))
    elif window.broken:
        first, after = _month_reached(window.first), _month_reached(window.after)
        steady = ibis.greatest(ibis.least(stop, after) - ibis.greatest(begin, first), 0)
        left = window.holds(ibis.greatest(spent.left_on, spent.event_on))
    else:
        first, after = _month_number(window.first), _month_number(window.after)
        overlap = ibis.least(stop, after) - ibis.greatest(begin, first)
        steady = ibis.greatest(overlap, 0)
        left = (stop >= first) & (stop < after)
    rest = (left & (stop < end)).ifelse(end - stop, 0)
    falls = spent.mutate(part=((steady + rest) / months).cast("float64")).filter(_.part > 0)
    return falls.select("customer_id", acquire=(_.amount.cast("float64") * _.part).cast(EXACT))


def _month_number(day: Any) -> Any:
    """Months since year 0, by which months can be subtracted."""
    return day.year * 12 + day.month if isinstance(day, date) else day.year() * 12 + day.month()


def _month_reached(day: Any) -> Any:
    """Months since year 0 up to the beginning of a day, with the part of its month that is over;
    29 February counts as over."""
    if isinstance(day, date):
        return _month_number(day) + min((day.day - 1) / _LENGTHS.get(day.month, 31), 1.0)
    length = day.month().cases(*_LENGTHS.items(), else_=31)
    return _month_number(day) + ibis.least((day.day() - 1) / length, 1.0)


_LENGTHS = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}
"""Days of the months that have not 31."""
