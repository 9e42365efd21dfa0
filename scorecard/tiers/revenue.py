"""Revenue: the days that each transaction counts on, and how much of it counts on which.

Most rows count on their booking day. Where it is known which days a row was paid for, it counts on
all of these, day by day in equal parts: by its own service_from and service_to, or by the billing
period of the contract that it names. A credit or refund counts, where the project wants it so, on
the days of the sale that it belongs to.

What a row brought before a day is rounded once for that day, so spans that follow one another add
up to the row, whatever they are.

Source: recognition over time of a stand-ready obligation (IFRS 15 and ASC 606), by time elapsed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.currency import EXACT

if TYPE_CHECKING:  # metrics are loaded where no facts are opened
    from scorecard.facts.tables import Facts

OWN_DAYS = ("transactions.service_from", "transactions.service_to")
OF_CONTRACT = ("transactions.contract_id", "contracts.contract_id")
OF_SALE = ("transactions.txn_id", "transactions.original_txn_id")
MOST_DAYS = 20 * 366
"""Days that a row can be for; a longer span stands for an end that nobody knows."""
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def spreads(facts: Facts) -> bool:
    """Whether rows can say which days they were paid for, and the project wants to know."""
    wanted = facts.options.revenue == "recognised"
    return wanted and (not facts.missing(OWN_DAYS) or not facts.missing(OF_CONTRACT))


def moves_credits(facts: Facts) -> bool:
    """Whether credits and refunds count on the days of their sale."""
    return facts.options.credits == "sale" and not facts.missing(OF_SALE)


def is_as_booked(facts: Facts) -> bool:
    """Whether every row counts on its booking day."""
    return not facts.has("transactions") or not (spreads(facts) or moves_credits(facts))


def revenue(facts: Facts, first: Any, after: Any) -> ir.Table:
    """Revenue of the days [first, after), row by row: customer_id, revenue.

    Either is a day or a slot for one; `first` is None for all time before `after`.
    """
    rows = _on_booking_day(facts, lambda day: _lies_in(day, first, after))
    sold = rows.select("customer_id", revenue=_.net_amount.cast(EXACT))
    if is_as_booked(facts):
        return sold
    moved = elsewhere(facts)
    inside = moved.began < after
    if first is not None:
        inside = inside & (moved.stop >= first)
    part = brought(moved, first, after)
    return ibis.union(sold, moved.filter(inside).select("customer_id", revenue=part))


def by_grain(facts: Facts, first: Any, after: Any, grain: str) -> ir.Table:
    """The same by month (grain "M") or week ("W"), which `first` and `after` begin: customer_id,
    on (its first day), revenue."""
    rows = _on_booking_day(facts, lambda day: _lies_in(day, first, after))
    sold = rows.select("customer_id", on=began(_.event_on, grain), revenue=_.net_amount.cast(EXACT))
    if is_as_booked(facts):
        return sold
    moved = elsewhere(facts)
    moved = moved.filter((moved.began < after) & (moved.stop >= first))
    moved = moved.mutate(on=began(moved.began, grain))
    if grain == "W":
        steps = _days(moved.on, moved.stop) // 7 + 1
    else:
        steps = _month(moved.stop) - _month(moved.on) + 1
    each = moved.mutate(step=ibis.range(0, steps.cast("int64")).unnest())
    each = each.mutate(
        on=_later(each.on, each.step, grain), till=_later(each.on, each.step + 1, grain)
    )
    each = each.filter((each.on >= first) & (each.on < after))
    return ibis.union(
        sold, each.select("customer_id", "on", revenue=brought(each, each.on, each.till))
    )


def elsewhere(facts: Facts) -> ir.Table:
    """Rows that do not count on their booking day alone: customer_id, event_on (that day), amount,
    began and ended (the days that they count on), stop (the day from which all of it has counted:
    `ended`, or the last day of a contract that ended before)."""
    return facts.shared(("elsewhere",), lambda: _elsewhere(facts))


def brought(rows: ir.Table, first: Any, after: Any) -> Any:
    """How much of each of those rows counts on the days [first, after)."""
    up_to = _before(rows, after)
    return up_to if first is None else (up_to - _before(rows, first)).cast(EXACT)


def began(day: Any, grain: str) -> Any:
    """The first day of the month or week of a day."""
    # DuckDB truncates days to moments, of which a day is smaller and quicker to compare.
    return day.truncate(grain).cast("timestamp").cast("date")


def credits_without_sale(facts: Facts, inside: Callable[[Any], Any]) -> ir.Table:
    """Credits and refunds booked on days that are `inside`, and whose sale is not known: named
    (whether they name one), amount."""
    t = _credits(facts.transactions)
    t = t.filter(inside(t.event_on))
    if facts.missing(OF_SALE):
        return t.select(named=ibis.literal(False), amount=t.net_amount.cast(EXACT))
    sales = facts.transactions.filter(_.txn_id.notnull()).select(sale="txn_id").distinct()
    lone = t.anti_join(sales, [("original_txn_id", "sale")])
    return lone.select(named=lone.original_txn_id.notnull(), amount=lone.net_amount.cast(EXACT))


def _lies_in(day: Any, first: Any, after: Any) -> Any:
    return day < after if first is None else (day >= first) & (day < after)


def _on_booking_day(facts: Facts, inside: Callable[[Any], Any]) -> ir.Table:
    """Rows that count on their booking day, of the days that are `inside`."""
    t = facts.transactions
    if is_as_booked(facts):
        return t.filter(inside(t.event_on))
    placed = _placed(facts)
    return placed.filter(inside(placed.event_on) & placed.began.isnull())


def _elsewhere(facts: Facts) -> ir.Table:
    placed = _placed(facts).filter(_.began.notnull())
    return placed.select(
        "customer_id", "event_on", "began", "ended", "stop", amount=placed.net_amount.cast(EXACT)
    )


def _placed(facts: Facts) -> ir.Table:
    """Every transaction with `began`, `ended` and `stop`, which are empty where it counts on its
    booking day."""
    t = _with_days(facts)
    return _at_its_sale(t) if moves_credits(facts) else t


def _with_days(facts: Facts) -> ir.Table:
    """Every transaction with the days that it was paid for, empty where these are not known."""
    t, never = facts.transactions, ibis.null("date")
    t = t.mutate(began=never, ended=never, stop=never)
    if not spreads(facts):
        return t
    if not facts.missing(OF_CONTRACT):
        t = _by_contract(facts, t)
    if facts.missing(OWN_DAYS):
        return t
    own = (t.service_from <= t.service_to) & (_days(t.service_from, t.service_to) < MOST_DAYS)
    own = own.fill_null(False)
    return t.mutate(
        began=own.ifelse(t.service_from, t.began),
        ended=own.ifelse(t.service_to, t.ended),
        stop=own.ifelse(t.service_to, t.stop),
    )


def _by_contract(facts: Facts, t: ir.Table) -> ir.Table:
    """The days of the billing period in which an invoice was booked; one that comes before its
    contract is for the first period. What is booked after the last day counts on its own."""
    k = facts.contracts.filter(_.contract_id.notnull()).group_by(named="contract_id")
    k = k.agg(
        many=_.count(), start=_.start_on.min(), last=_.end_on.max(), every=_.billing_period.min()
    )
    joined = t.left_join(k.filter(_.many == 1), [("contract_id", "named")])
    months = joined.every.fill_null("month").cases(*_MONTHS.items(), else_=ibis.null("int64"))
    joined = joined.mutate(months=months)
    gone = _month(joined.event_on) - _month(joined.start)
    joined = joined.mutate(place=(gone / joined.months).floor().cast("int64"))
    early = _later(joined.start, joined.place * joined.months, "M") > joined.event_on
    joined = joined.mutate(
        place=ibis.greatest(early.ifelse(joined.place - 1, joined.place), 0) * joined.months
    )
    first = _later(joined.start, joined.place, "M")
    after = _later(joined.start, joined.place + joined.months, "M")
    ended = (after - ibis.interval(days=1)).cast("date")
    # A credit may be for any days of a contract, so its booking day is what is known of it.
    bills = (joined.net_amount >= 0) & ~_is_credit(joined)
    runs = joined.last.isnull() | (joined.last >= ibis.greatest(joined.event_on, first))
    known = (bills & runs & first.notnull() & ended.notnull()).fill_null(False)
    stop = ibis.least(ended, ibis.coalesce(joined.last, ended))
    never = ibis.null("date")
    return joined.select(
        **{c: joined[c] for c in t.columns if c not in ("began", "ended", "stop")},
        began=known.ifelse(first, never),
        ended=known.ifelse(ended, never),
        stop=known.ifelse(stop, never),
    )


def _at_its_sale(t: ir.Table) -> ir.Table:
    """Credits and refunds on the days of the sale that they name, where there is one such."""
    sales = t.filter(t.txn_id.notnull()).group_by(sale="txn_id")
    sales = sales.agg(
        many=_.count(),
        sold_on=_.event_on.min(),
        sale_began=_.began.min(),
        sale_ended=_.ended.min(),
        sale_stop=_.stop.min(),
    )
    joined = t.left_join(sales.filter(_.many == 1), [("original_txn_id", "sale")])
    moved = (_is_credit(joined) & joined.sold_on.notnull()).fill_null(False)
    of_sale = {
        "began": ibis.coalesce(joined.sale_began, joined.sold_on),
        "ended": ibis.coalesce(joined.sale_ended, joined.sold_on),
        "stop": ibis.coalesce(joined.sale_stop, joined.sold_on),
    }
    return joined.select(
        **{c: joined[c] for c in t.columns if c not in of_sale},
        **{name: moved.ifelse(days, joined[name]) for name, days in of_sale.items()},
    )


def _credits(t: ir.Table) -> ir.Table:
    return t.filter(_is_credit(t))


def _is_credit(t: Any) -> Any:
    """What takes back: a credit or refund by its kind or, where none is written, by its sign."""
    return t.kind.isin(("credit", "refund")).fill_null(False) | (
        t.kind.isnull() & (t.net_amount < 0)
    )


def _before(rows: ir.Table, day: Any) -> Any:
    """How much of each row has counted before a day."""
    length = (_days(rows.began, rows.ended) + 1).cast("float64")
    part = rows.amount.cast("float64") * (_days(rows.began, day) / length)
    over = rows.stop < day
    nothing = ibis.literal(0).cast(EXACT)
    return (rows.began >= day).ifelse(nothing, over.ifelse(rows.amount, part.cast(EXACT)))


def _days(first: Any, day: Any) -> Any:
    """From one day to another, in days; `first` is a column."""
    return -first.delta(day, unit="day")


def _month(day: Any) -> Any:
    return day.year() * 12 + day.month()


def _later(day: Any, steps: Any, grain: str) -> Any:
    """So many weeks or months after a day, in a shorter month on its last day."""
    span = (steps * 7).as_interval("D") if grain == "W" else steps.as_interval("M")
    # DuckDB makes moments of these days, which Ibis believes to be days already.
    return (day + span).cast("timestamp").cast("date")
