"""Movement between tiers: how many moved, how many would have with no true change, and how many
stand so near to a boundary that chance alone may move them.

A score is made of what a customer happened to buy and cost in a window of months, so that scores
move though nobody changes. How often they cross a boundary by that is told from the customers
themselves: were the new period like one of the customer's own earlier periods of the window, each
equally likely, where would the customer be? The mean of that over these periods, summed over
customers, is the number expected to move by chance; it is the bootstrap of a customer's periods
(Efron, 1979) with all its draws counted out, so that it needs no seed. A season counts as chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.facts.currency import EXACT
from scorecard.facts.statements import Values, slot
from scorecard.facts.tables import Facts
from scorecard.strategy.model import TierPlan
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.known import every_customer
from scorecard.tiers.ranking import limit_values, rank_held, stepped
from scorecard.tiers.reviews import Review
from scorecard.tiers.scores import (
    RANGES,
    ScoreDay,
    fifths,
    is_bought,
    margins_by_month,
    release_book,
    smoothed,
)

STEPS = {"week": 1, "month": 1, "quarter": 3}
"""Kinds of periods for which a window has several, with their weeks or months. A window has one
year, which tells nothing of how years differ."""


@dataclass(frozen=True)
class Movement:
    """Customers in a tier as a period opened and as it closed, and how many of them moved.

    rated        in a tier at both ends
    moved        of these, in another tier as it closed
    expected     of these, would have moved with no true change; None where that is not known
    borderline   of all in a tier as it opened (`opened`), those whose score lies within the
                 buffer of a boundary; None where no boundary is drawn
    """

    rated: int
    moved: int
    opened: int
    expected: float | None
    borderline: int | None


def movement(tiers: Tiers, period: Period) -> Movement | None:
    """The movement over a period, from its snapshot and the next one's; None where tiers are
    declared, whose moves are sales, and where nobody is in one."""
    plan = tiers.plan
    if plan.method == "declared" or period.is_span:
        return None
    now, then = tiers.review(period), tiers.review(period.next())
    step = STEPS.get(period.kind, 0) if now and then else 0
    on = ScoreDay.of(tiers.facts, period.after, plan.window, (then or {}).get("cuts"))
    blocks = _blocks(period, plan, step)
    asked = _Asked(tiers.facts, plan, on.opened(), period.kind == "week", step, blocks)
    key = ("movement", bool(now), blocks, step, on.reaches, bool(on.cuts), period.kind)
    statement = tiers.facts.statement(key, lambda: asked.counts(tiers, bool(now)))
    found = tiers.facts.asked(statement, _values(tiers, period, on, now, then))[0]
    release_book(tiers.facts, period)
    if not found["opened"]:
        return None
    expected = found["expected"]
    return Movement(
        int(found["rated"]),
        int(found["moved"]),
        int(found["opened"]),
        None if expected is None else float(expected),
        int(found["borderline"]) if now else None,
    )


def _blocks(period: Period, plan: TierPlan, step: int) -> int:
    """How many periods lie in the window before a period; 0 where that is less than two."""
    if not step:
        return 0
    if period.kind == "week":
        count = (period.first - period.previous().trailing(plan.window)).days // 7
    else:
        count = plan.window // step
    return count if count > 1 else 0


def _values(
    tiers: Tiers, period: Period, on: ScoreDay, now: Review | None, then: Review | None
) -> Values:
    plan, within = tiers.plan, RANGES.get(tiers.plan.method)
    return {
        **on.values(),
        **tiers.opening_values("opens", period),
        **tiers.opening_values("closes", period.next()),
        "opens.day": period.first,
        "facts.first": tiers.first_fact,
        **limit_values((then or {}).get("boundaries", {}), plan.buffer, within),
        **{f"line.{tier}": float(b) for tier, b in (now or {}).get("boundaries", {}).items()},
    }


@dataclass(frozen=True)
class _Asked:
    """What the question is made of: `on` is the day at which the period closes, `step` and
    `blocks` the length and number of the earlier periods that it may be like, in months or, where
    it is `weekly`, in weeks."""

    facts: Facts
    plan: TierPlan
    on: ScoreDay
    weekly: bool
    step: int
    blocks: int

    def counts(self, tiers: Tiers, limited: bool) -> ir.Table:
        """One row: opened, rated, moved, expected, borderline."""
        opened, closed = tiers.held("opens"), tiers.held("closes")
        ids = self.plan.ids
        both = opened.select("customer_id", "score", fell="falls", was=rank_held(_.tier, ids))
        both = both.filter(_.was.notnull())
        after = closed.select("customer_id", now=rank_held(_.tier, ids)).filter(_.now.notnull())
        both = both.left_join(after, "customer_id").drop("customer_id_right")
        if not self.blocks:
            both = both.mutate(chance=ibis.null("float64"))
        else:
            chances = self._chances(both.filter(_.now.notnull()))
            both = both.left_join(chances, "customer_id").drop("customer_id_right")
        near = self._near(both.score) if limited else ibis.literal(False)
        return both.mutate(near=near).agg(
            opened=_.count(),
            rated=_.now.count(),
            moved=_.count(where=_.now != _.was),
            expected=_.chance.cast(EXACT).sum(),
            borderline=_.count(where=_.near),
        )

    def _near(self, score: Any) -> Any:
        """Whether a score lies within the buffer of one of the boundaries of the opening."""
        lines = [slot(f"line.{tier}", "float64") for tier in self.plan.ids[:-1]]
        near = [(score - line).abs() <= self.plan.buffer * line.abs() for line in lines]
        return ibis.or_(*near).fill_null(False) if near else ibis.literal(False)

    def _chances(self, rated: ir.Table) -> ir.Table:
        """The share of a customer's earlier periods like which the period would have moved it:
        customer_id, chance."""
        came = every_customer(self.facts).select("customer_id", "acquired_on")
        each = rated.inner_join(came, "customer_id")
        each = each.select("customer_id", "was", "fell", "acquired_on")
        scored = self._margins(each) if self.plan.method != "rfm" else self._purchases(each)
        rank, _falls = stepped(scored.score, scored.was, scored.fell, self.plan.ids)
        scored = scored.mutate(moves=(rank != scored.was).fill_null(False).ifelse(1.0, 0.0))
        return scored.group_by("customer_id").agg(chance=_.moves.mean().round(6))

    def _margins(self, each: ir.Table) -> ir.Table:
        """Customers by earlier period, with the score that another such period would make."""
        last, before = self.on.last, self.on.before
        booked = margins_by_month(self.facts, self.on)
        booked = booked.filter((booked.on >= before.first) & (booked.on < self._day))
        kept = booked.group_by("customer_id").agg(
            now=_.margin.sum(where=_.on >= last.first), then=_.margin.sum(where=_.on < last.first)
        )
        own = booked.mutate(block=self._block(booked.on)).group_by("customer_id", "block")
        pairs = self._paired(each, kept, own.agg(again=_.margin.sum()))
        now = (pairs.now.fill_null(0) + pairs.again.fill_null(0)).cast("float64")
        whole = (pairs.acquired_on <= before.first) & ibis.literal(self.on.reaches)
        return pairs.mutate(score=smoothed(now, pairs.then.fill_null(0).cast("float64"), whole))

    def _purchases(self, each: ir.Table) -> ir.Table:
        """As `_margins`, of recency, frequency and money."""
        t = self.facts.transactions
        t = t.filter((t.event_on < self._day) & t.customer_id.notnull())
        t = t.mutate(bought=is_bought(t), block=self._block(t.event_on))
        inside = t.event_on >= self.on.last.first
        kept = (
            t.mutate(inside=inside)
            .group_by("customer_id")
            .agg(
                newest=_.event_on.max(where=_.bought),
                days=_.event_on.nunique(where=_.bought & _.inside),
                paid=_.net_amount.cast(EXACT).sum(where=_.inside),
            )
        )
        own = t.group_by("customer_id", "block").agg(
            latest=_.event_on.max(where=_.bought),
            often=_.event_on.nunique(where=_.bought),
            again=_.net_amount.cast(EXACT).sum(),
        )
        pairs = self._paired(each, kept, own)
        # Days from the last purchase of the earlier period to the end of that period.
        ends = self._day - ibis.interval(months=1) * (pairs.block * self.step)
        if self.weekly:
            ends = self._day - ibis.interval(days=7) * pairs.block
        gap = -pairs.latest.delta(ends.cast("date"), unit="day")
        waited = -pairs.newest.delta(self.on.day, unit="day")
        again = (pairs.often.fill_null(0) > 0) & (gap >= 0)
        bought = pairs.mutate(
            recency=again.ifelse(gap, waited),
            frequency=pairs.days.fill_null(0) + pairs.often.fill_null(0),
            money=(pairs.paid.fill_null(0) + pairs.again.fill_null(0)).cast("float64"),
        )
        return bought.mutate(score=fifths(bought, self.on.cuts))

    def _paired(self, each: ir.Table, kept: ir.Table, own: ir.Table) -> ir.Table:
        """Every customer with each earlier period that it and the facts were there for as a whole,
        or else the last; what it keeps from the window; and what it had in that period."""
        blocks = ibis.range(0, self.blocks).unnest().name("block").as_table()
        blocks = blocks.select(block=_.block.cast("int64"))
        pairs = each.cross_join(blocks)
        since = ibis.greatest(pairs.acquired_on, slot("facts.first", "date"))
        ago = (self._ago(since) - 1) // self.step
        pairs = pairs.filter(pairs.block < ibis.greatest(ago, 1))
        pairs = pairs.left_join(kept, "customer_id").drop("customer_id_right")
        pairs = pairs.left_join(own, ["customer_id", "block"])
        return pairs.drop("customer_id_right", "block_right")

    @property
    def _day(self) -> Any:
        return slot("opens.day", "date")

    def _ago(self, day: Any) -> Any:
        """How many weeks or months before the period's first day the one of a day began."""
        if self.weekly:
            return (self._day.delta(day.truncate("W").cast("date"), unit="day") // 7).cast("int64")
        months = (self._day.year() - day.year()) * 12 + self._day.month() - day.month()
        return months.cast("int64")

    def _block(self, day: Any) -> Any:
        """Which earlier period a day before it lies in: 0 is the one that ended as it began."""
        return ((self._ago(day) - 1) // self.step).cast("int64")
