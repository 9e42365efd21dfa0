"""Conservation: every row, customer and euro is in a figure or in a named remainder.

Each balance counts a whole where it enters, and its parts where the figures have them. A balance
that does not hold means that something was lost or counted twice on the way: its run is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.facts.binding import Bound, typed_columns
from scorecard.facts.contracts import PLANNED
from scorecard.facts.currency import EXACT
from scorecard.facts.stays import here_on
from scorecard.facts.tables import Facts
from scorecard.facts.values import day_of
from scorecard.facts.window import OpenWindow, Window
from scorecard.measuring.customer_flow import GONE, Account, Move
from scorecard.measuring.earnings import Earned, Unattributed
from scorecard.measuring.measure import Measuring
from scorecard.measuring.recognition import recognition
from scorecard.strategy.model import ALL
from scorecard.tiers.acquisition import acquisition, unwon
from scorecard.tiers.margin import SERVED, booked
from scorecard.tiers.revenue import is_as_booked
from scorecard.tiers.revenue import revenue as sold

CENT = Decimal("0.01")
"""Amounts may differ by what shares of pooled cost are rounded to, less than a cent in all."""
LEFT = "of customers who left"
"""The part of a period's customers and revenue that is in no closing figure."""
ELSEWHERE = "recognised in other periods"
"""What was booked in the period and counts in others."""
BROUGHT = "booked in other periods"
"""Less what was booked in other periods and counts in this one."""
OPENING = "customers here a year before the period's end"
BARE = "without any contract"
"""The customers of whom nothing recurs, so that no rate of revenue kept has them."""
Of = Literal["rows", "customers", "observations", "money"]


@dataclass(frozen=True)
class Balance:
    """A whole, and by name the parts that have to make it up."""

    what: str
    of: Of
    whole: Decimal
    parts: Mapping[str, Decimal]

    @property
    def difference(self) -> Decimal:
        """What the whole has more than its parts."""
        return self.whole - sum(self.parts.values(), Decimal(0))

    @property
    def holds(self) -> bool:
        return abs(self.difference) < (CENT if self.of == "money" else 1)


@dataclass(frozen=True)
class Flow:
    """The customer math of a period: its moves, and the accounts made of them."""

    moves: Sequence[Move]
    counts: Sequence[Account]
    money: Sequence[Account]


@dataclass(frozen=True)
class RowsRead:
    """The rows of one table: those of the source, and where each of them went.

    inside, before, later   used, and dated in the period, before it, and after it
    undated   used, and without a day
    unknown   left out: they became known after the moment of the run
    ahead     left out: they lie after that moment
    merged    of customers that others decide for, whose rows count as those of the others
    """

    table: str
    rows: int
    inside: int = 0
    before: int = 0
    later: int = 0
    undated: int = 0
    unknown: int = 0
    ahead: int = 0
    merged: int = 0
    newest: date | None = None

    @property
    def balance(self) -> Balance:
        parts = {
            "in the period": self.inside,
            "before it": self.before,
            "after it": self.later,
            "without a day": self.undated,
            "not known yet": self.unknown,
            "still ahead": self.ahead,
            "under the customer that decides": self.merged,
        }
        return _balance(f"rows of {self.table}", "rows", self.rows, parts)


def unbalanced(balances: Iterable[Balance]) -> list[Finding]:
    """A blocking finding for every balance that does not hold, which says by how much."""
    return [
        Finding(
            "facts.unbalanced",
            "blocking",
            "facts",
            f"{b.what}: {b.whole:,} were read and {b.whole - b.difference:,} are in figures and "
            f"remainders ({_told(b)}), so that {b.difference:,} would be lost or counted twice.",
            "Look for a customer or row that stands twice; if there is none, report this.",
        )
        for b in balances
        if not b.holds
    ]


def _told(balance: Balance) -> str:
    return ", ".join(f"{name} {amount:,}" for name, amount in balance.parts.items() if amount)


def _balance(what: str, of: Of, whole: Any, parts: Mapping[str, Any]) -> Balance:
    exact = {name: Decimal(str(amount or 0)) for name, amount in parts.items()}
    return Balance(what, of, Decimal(str(whole or 0)), exact)


def rows_read(facts: Facts, period: Period) -> list[RowsRead]:
    """The rows of every mapped table."""
    return [_rows_of(facts, name, period) for name in sorted(facts.bound)]


def _rows_of(facts: Facts, name: str, period: Period) -> RowsRead:
    bound, days = facts.bound[name], OpenWindow("period", period.kind)
    read = facts.statement(("rows read", name), lambda: _left_out(facts, bound))
    used = facts.statement(("rows used", name, days), lambda: _used(facts, bound, days))
    values = days.values(Window.of(period, 0))
    out = facts.asked(read, values)[0]
    kept = facts.asked(used, values)[0]
    return RowsRead(
        name,
        **{n: int(out[n] or 0) for n in ("rows", "unknown", "ahead", "merged")},
        **{n: int(kept[n] or 0) for n in ("inside", "before", "later", "undated")},
        newest=facts.newest(name, period.after) if bound.contract.event else None,
    )


def _left_out(facts: Facts, bound: Bound) -> ir.Table:
    """How many rows the source has, and how many of them no figure can have, by reason."""
    event, merging = bound.contract.event, False
    needed = {event, "loaded_at"} & bound.columns.keys()
    if bound.contract.table == "customers" and facts.has("customers.parent_id"):
        needed, merging = needed | {"customer_id"}, True
    if not needed:
        nothing = {part: ibis.literal(0) for part in ("unknown", "ahead", "merged")}
        return bound.raw.agg(rows=bound.raw.count()).mutate(**nothing)
    typed = typed_columns(bound, facts.options.zones)
    t = bound.raw.select(**{name: typed[name] for name in sorted(needed)})
    unknown: Any = ibis.literal(False)
    if "loaded_at" in bound.columns:
        unknown = (t.loaded_at > facts.known_until).fill_null(False)
    ahead: Any = ibis.literal(False)
    if event and bound.contract.table not in PLANNED:
        limit = facts.known_until
        day = t[event].type().is_date()
        ahead = (t[event] > (day_of(limit, facts.options.zones) if day else limit)).fill_null(False)
    t = t.mutate(unknown=unknown, ahead=ahead & ~unknown, merged=ibis.literal(False))
    if merging:
        family = facts.family().select(below="child").distinct()
        t = t.left_join(family, [("customer_id", "below")])
        t = t.mutate(merged=t.below.notnull() & ~t.unknown)
    return t.agg(
        rows=t.count(),
        unknown=t.unknown.cast("int64").sum(),
        ahead=t.ahead.cast("int64").sum(),
        merged=t.merged.cast("int64").sum(),
    )


def _used(facts: Facts, bound: Bound, days: OpenWindow) -> ir.Table:
    """How many rows figures are made of, by where they lie to the period."""
    t = facts.table(bound.contract.table)
    event = bound.contract.event
    if not event:
        counted = t.agg(undated=t.count())
        return counted.mutate(**{part: ibis.literal(0) for part in ("inside", "before", "later")})
    day = t[event].type().is_date()
    first, after = (days.first, days.after) if day else (days.start, days.end)
    return t.agg(
        inside=t.count(where=days.holds(t[event])),
        before=t.count(where=t[event] < first),
        later=t.count(where=t[event] >= after),
        undated=t.count(where=t[event].isnull()),
    )


def customers(measuring: Measuring, period: Period, sizes: Mapping[str, int]) -> Balance:
    """Everybody in `customers`, by the tier or state that they count in."""
    facts = measuring.facts
    c = facts.customers
    days = OpenWindow("period", period.kind)
    asked = facts.statement(
        ("customers read", days),
        lambda: c.agg(
            whole=c.customer_id.nunique(),
            later=c.customer_id.nunique(where=c.acquired_on >= days.after),
        ),
    )
    row = facts.asked(asked, days.values(Window.of(period, 0)))[0]
    parts = {**dict(sizes), "came later": row["later"]}
    return _balance("customers", "customers", row["whole"], parts)


def observations(
    measuring: Measuring, metrics: Mapping[str, Metric], results: Sequence[Result], period: Period
) -> list[Balance]:
    """What each metric has seen, counted before anybody is put into a tier, by tier and state.

    Survival is left out: it watches each customer only for a time, so has no count of its own.
    """
    by_metric: dict[str, dict[str, int]] = {}
    for result in results:
        counted = metrics[result.metric].kind != "survival" and result.tier != ALL
        if counted and (result.estimate.n or not result.unmeasured):
            by_metric.setdefault(result.metric, {})[result.tier] = result.estimate.n
    seen = measuring.counts([metrics[name] for name in by_metric], period)
    return [
        _balance(f"observations of {name}", "observations", seen.get(name, 0), parts)
        for name, parts in by_metric.items()
    ]


def customer_math(facts: Facts, period: Period, flow: Flow) -> list[Balance]:
    """Customers and their money, counted in their tables, and as the moves have them: by the tier
    in which the period leaves them, or of those who left."""
    c = facts.customers
    c = c.filter(c.acquired_on < period.after)  # of others no move can tell yet
    came = facts.answer(c.agg(n=c.customer_id.nunique()))[0]["n"]
    found = [_moved("customer math", "customers", came, flow.moves)]
    if flow.money and facts.has("contracts"):
        paid = facts.recurring(period.after, rates_of=period.first)
        paid = paid.semi_join(c, "customer_id")
        whole = facts.answer(paid.agg(a=paid.amount.cast(EXACT).sum()))[0]["a"]
        found.append(_moved("recurring amount in the customer math", "money", whole, flow.moves))
    elif flow.money:
        span = Window.of(period, 0)
        theirs = sold(facts, span.first, span.after).semi_join(c, "customer_id")
        whole = facts.answer(theirs.agg(a=_.revenue.sum()))[0]["a"]
        found.append(_moved("revenue in the customer math", "money", whole, flow.moves))
    return found


def recurring(facts: Facts, period: Period, day: date) -> Balance:
    """The customers here as the window of a year opened, by what of them recurs: those of no
    recurring amount are in no rate of revenue kept."""
    days = facts.stays()
    here = here_on(days, day).select("customer_id").distinct()
    paid = facts.recurring(day, rates_of=day).select("customer_id").distinct()
    every = ibis.union(here, paid.semi_join(facts.customers, "customer_id"), distinct=True)
    bound = facts.contracts.select("customer_id").distinct()
    counted = {
        "with a recurring amount": every.semi_join(paid, "customer_id"),
        BARE: every.anti_join(bound, "customer_id"),
        "with none in force": every.semi_join(bound, "customer_id").anti_join(paid, "customer_id"),
    }
    whole = facts.answer(every.agg(n=every.count()))[0]["n"]
    parts = {name: facts.answer(t.agg(n=t.count()))[0]["n"] for name, t in counted.items()}
    return _balance(OPENING, "customers", whole, parts)


def _moved(what: str, of: Of, whole: Any, moves: Sequence[Move]) -> Balance:
    parts: dict[str, float] = {}
    for move in moves:
        gone = move.after if move.starts_in in GONE and of == "customers" else LEFT
        name = gone if move.after in GONE else move.after
        amount = move.customers if of == "customers" else move.closing
        parts[name] = parts.get(name, 0) + amount
    return _balance(what, of, whole, parts)


def revenue(facts: Facts, period: Period, earned: Mapping[str, Earned]) -> Balance:
    """Revenue as booked, and as the margins of tiers and states have it, with what counts in other
    periods."""
    t = facts.transactions
    whole = _booked(facts, t, t.net_amount, ibis.literal(True), period)
    parts = {tier: own.revenue for tier, own in earned.items() if tier != ALL}
    moved = recognition(facts, period)
    parts |= {ELSEWHERE: moved.left, BROUGHT: -moved.entered}
    return _balance("revenue", "money", whole, {n: a for n, a in parts.items() if a or n in earned})


def revenue_of_all_time(facts: Facts, period: Period) -> Balance:
    """All that was ever booked, by whether it counts before the period, in it, or after it."""
    t, span = facts.transactions, Window.of(period, 0)
    spans = {
        "before the period": (None, span.first),
        "in it": (span.first, span.after),
        "after it": (span.after, date.max),
    }
    parts = {
        name: facts.answer(sold(facts, *days).agg(a=_.revenue.sum()))[0]["a"]
        for name, days in spans.items()
    }
    whole = facts.answer(t.agg(a=t.net_amount.cast(EXACT).sum()))[0]["a"]
    return _balance("revenue, of all time", "money", whole, parts)


def costs(
    facts: Facts, period: Period, earned: Mapping[str, Earned], outside: Unattributed
) -> list[Balance]:
    """Costs as booked, and as margins have them, with what stays outside of all margins."""
    c = facts.costs
    served = _booked(facts, c, c.amount, c.category.isin(SERVED), period)
    parts = {
        tier: sum(getattr(own, part) for part in SERVED)
        for tier, own in earned.items()
        if tier != ALL
    }
    parts["on no customer"] = outside.unallocated
    return [_balance("cost to serve", "money", served, parts), _acquired(facts)]


def _acquired(facts: Facts) -> Balance:
    """All that was ever spent on winning customers, and on whom it was put, whenever it counts."""
    c = facts.costs.filter(_.category == "acquire")
    whole, put, alone = (
        facts.answer(table.agg(a=table.amount.cast(EXACT).sum()))[0]["a"]
        for table in (c, acquisition(facts), unwon(facts))
    )
    parts = {"on customers": put, "in months in which nobody was won": alone}
    return _balance("cost to acquire, of all time", "money", whole, parts)


def _booked(facts: Facts, table: ir.Table, amount: Any, which: Any, period: Period) -> Any:
    """The sum of amounts booked in the period; in mode "lifetime" by its end."""
    inside = booked(facts, Window.of(period, 0))(table.event_on)
    return facts.answer(table.agg(a=amount.cast(EXACT).sum(where=inside & which)))[0]["a"]


def balances(
    measuring: Measuring,
    metrics: Mapping[str, Metric],
    results: Sequence[Result],
    period: Period,
    *,
    tables: Sequence[RowsRead],
    sizes: Mapping[str, int],
    earned: Mapping[str, Earned],
    outside: Unattributed | None,
    flow: Flow | None = None,
) -> list[Balance]:
    """Every balance of a period: of rows, customers, observations, and money where there is any."""
    found = [t.balance for t in tables]
    found.append(customers(measuring, period, sizes))
    found += observations(measuring, metrics, results, period)
    if earned:
        found.append(revenue(measuring.facts, period, earned))
        if not is_as_booked(measuring.facts):
            found.append(revenue_of_all_time(measuring.facts, period))
    if outside is not None and measuring.facts.has("costs"):
        found += costs(measuring.facts, period, earned, outside)
    if measuring.facts.has("contracts"):
        found.append(recurring(measuring.facts, period, Window.of(period, 12).first))
    if flow is not None:
        found += customer_math(measuring.facts, period, flow)
    return found
