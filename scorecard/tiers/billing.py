"""Billing: for which billing period of its contract an invoice is.

The rows of one contract_id are one contract: each holds from its first day until the next one's,
and what is booked between two is for the one to come. All that is booked for a contract on a day,
and takes nothing back, is one invoice. It is for the period in which it was booked, or for the next
one where it was booked ahead: where that period has an invoice already, and this one comes in its
second half and within AHEAD days of its end. Both must be full: more than half of the recurring
amount, so that not both can be instalments of one.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.tiers.day_steps import days, later, month

if TYPE_CHECKING:  # metrics are loaded where no facts are opened
    from scorecard.facts.tables import Facts

AHEAD = 92
"""Days before a billing period within which its invoice can be booked: a quarter."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
_EVER, _NEVER = date(1, 1, 1), date(9999, 12, 31)
_DAY = ibis.interval(days=1)
SPAN = ("began", "ended", "stop")
"""The days that a row counts on, and the day from which all of it has counted."""


def billed(facts: Facts, t: ir.Table) -> ir.Table:
    """Transactions with the days of the billing period that they are for in SPAN, which is empty
    where they name no contract, take back (`takes_back`), or come after its last day.

    What comes before a contract is for its first period. What a contract leaves when it ends has
    counted by its last day (`stop`).
    """
    lines = _lines(facts, t)
    early = _ahead(lines).select(of="named", from_="first", on="booked", ahead=ibis.literal(True))
    joined = lines.left_join(early, [("named", "of"), ("first", "from_"), ("event_on", "on")])
    ahead, never = joined.ahead.fill_null(False), ibis.null("date")
    spans = {
        "began": ahead.ifelse(joined.turn, joined.first),
        "ended": ahead.ifelse(joined.next_ended, joined.last_day),
        "stop": ahead.ifelse(joined.next_stop, joined.last_counts),
    }
    return joined.select(
        **{c: joined[c] for c in t.columns if c not in SPAN},
        **{name: joined.known.ifelse(day, never) for name, day in spans.items()},
    )


def invoices(facts: Facts, t: ir.Table) -> ir.Table:
    """The full invoices of contracts: named (contract_id), booked, late (whether it comes so that
    it can be for the next period), ahead (whether it is), began (of the period that it is for)."""
    lines = _lines(facts, t)
    each = _invoices(lines).filter(_.full)
    early = _ahead(lines).select(of="named", from_="first", on="booked", ahead=ibis.literal(True))
    joined = each.left_join(early, [("named", "of"), ("first", "from_"), ("booked", "on")])
    ahead = joined.ahead.fill_null(False)
    began = ahead.ifelse(joined.turn, joined.first)
    return joined.select("named", "booked", "late", ahead=ahead, began=began)


def contract_rows(facts: Facts) -> ir.Table:
    """The rows of each contract_id in order: named, start, last, amount, months; the same of the
    next row, if any (next_start, next_last, next_months); and the booking days [since, till) of
    the invoices that are for it. Rows that begin on one day are left out."""
    k = facts.contracts.filter(_.contract_id.notnull())
    k = k.group_by(named="contract_id", start="start_on").agg(
        many=_.count(),
        last=_.end_on.max(),
        amount=_.recurring_amount.max(),
        every=_.billing_period.fill_null("month").min(),
    )
    k = k.filter(_.many == 1)
    k = k.mutate(months=k.every.cases(*MONTHS.items(), else_=ibis.null("int64")))
    row = ibis.window(group_by="named", order_by="start")
    k = k.mutate(
        before=k.last.lag().over(row),
        begun=k.start.lag().over(row),
        next_start=k.start.lead().over(row),
        next_last=k.last.lead().over(row),
        next_months=k.months.lead().over(row),
    )
    over = (ibis.greatest(k.before, k.begun) + _DAY).cast("date")
    since = ibis.cases(
        (k.begun.isnull(), ibis.literal(_EVER)),
        (k.before.isnull(), k.start),
        else_=ibis.least(k.start, over),
    )
    k = k.mutate(since=since)
    return k.mutate(till=k.since.lead().over(row).fill_null(_NEVER)).drop("before", "begun")


def ends(facts: Facts) -> ir.Table:
    """The contracts that are over, or will be: ended_id, over_on (the last day of the last row)."""
    k = facts.contracts.filter(_.contract_id.notnull()).group_by(ended_id="contract_id")
    k = k.agg(open=_.count(where=_.end_on.isnull()), over_on=_.end_on.max())
    return k.filter(_.open == 0).drop("open")


def _lines(facts: Facts, t: ir.Table) -> ir.Table:
    """Transactions with the billing period that each was booked in (`first` to `last_day`, all of
    which has counted by `last_counts`) and the one after it (`turn` to `next_ended`, by
    `next_stop`; empty where there is none); all hold only where `known`."""
    k = contract_rows(facts)
    joined = t.left_join(
        k, [t.contract_id == k.named, t.event_on >= k.since, t.event_on < k.till]
    ).drop("since", "till")
    joined = joined.mutate(place=_place(joined))
    joined = joined.mutate(
        first=later(joined.start, joined.place, "M"),
        after=later(joined.start, joined.place + joined.months, "M"),
        beyond=later(joined.start, joined.place + joined.months * 2, "M"),
    )
    goes_on = joined.last.isnull() | (joined.last >= joined.after)
    to_next = (
        joined.next_start.notnull() & ((joined.next_start <= joined.after) | ~goes_on)
    ).fill_null(False)
    beyond = to_next.ifelse(later(joined.next_start, joined.next_months, "M"), joined.beyond)
    last_day, next_ended = ((d - _DAY).cast("date") for d in (joined.after, beyond))
    runs = joined.last.isnull() | (joined.last >= ibis.greatest(joined.event_on, joined.first))
    known = ~joined.takes_back & runs & joined.first.notnull() & last_day.notnull()
    never = ibis.null("date")
    return joined.mutate(
        known=known.fill_null(False),
        last_day=last_day,
        last_counts=_earlier(last_day, joined.last),
        turn=to_next.ifelse(joined.next_start, goes_on.ifelse(joined.after, never)),
        next_ended=next_ended,
        next_stop=_earlier(next_ended, to_next.ifelse(joined.next_last, joined.last)),
    )


def _place(joined: ir.Table) -> Any:
    """The months after its row's first day with which the period begins that a booking lies in;
    none of one before it."""
    gone = month(joined.event_on) - month(joined.start)
    place = (gone / joined.months).floor().cast("int64")
    early = later(joined.start, place * joined.months, "M") > joined.event_on
    return ibis.greatest(early.ifelse(place - 1, place), 0) * joined.months


def _invoices(lines: ir.Table) -> ir.Table:
    """The invoices, one a contract and day: named, first, turn, booked, full, late (whether it
    comes so that it can be for the next period)."""
    each = lines.filter(lines.known)
    each = each.group_by("named", "first", "turn", "amount", booked="event_on")
    each = each.agg(net=_.net_amount.sum())
    gone, whole = days(each.first, each.booked), days(each.first, each.turn)
    late = (each.booked >= each.first) & (gone * 2 >= whole) & (whole - gone <= AHEAD)
    full = (each.net > 0) & (each.net * 2 > each.amount)
    return each.mutate(full=full.fill_null(False), late=late.fill_null(False))


def _ahead(lines: ir.Table) -> ir.Table:
    """The invoices that are for the period after the one that they were booked in.

    Of a period that has its invoice already all late ones are, else all but the first of them. It
    has it where one was booked in it that is not late, or where one of the period before is for
    it; so along a run of periods with late ones, from the first on that has another beside.
    """
    each = _invoices(lines).filter(_.full & _.turn.notnull())
    p = each.group_by("named", "first", "turn").agg(
        own=(~_.late).cast("int64").max(), late=_.late.cast("int64").sum()
    )
    p = p.filter(p.late > 0)
    in_order = ibis.window(group_by="named", order_by="first")
    p = p.mutate(follows=(p.turn.lag().over(in_order) == p.first).fill_null(False))
    up_to = ibis.window(group_by="named", order_by="first", preceding=None, following=0)
    p = p.mutate(run=(~p.follows).cast("int64").sum().over(up_to))
    in_run = ibis.window(group_by=["named", "run"], order_by="first", preceding=None, following=0)
    p = p.mutate(passes=((p.own > 0) | (p.late > 1)).cast("int64").max().over(in_run))
    before = (p.passes.lag().over(in_order) > 0).fill_null(False)
    p = p.mutate(has=(p.own > 0) | (p.follows & before))
    p = p.select(of="named", from_="first", has="has")
    place = ibis.row_number().over(ibis.window(group_by=["named", "first"], order_by="booked"))
    late = each.filter(each.late).mutate(place=place)
    late = late.inner_join(p, [("named", "of"), ("first", "from_")])
    return late.filter(late.has | (late.place > 0)).select("named", "first", "booked")


def _earlier(day: Any, last: Any) -> Any:
    return ibis.least(day, ibis.coalesce(last, day))
