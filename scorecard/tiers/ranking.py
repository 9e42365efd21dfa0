"""Ranking: into which tier each customer falls as a period opens, and by which boundaries.

A customer moves up at once when the score passes a boundary by the buffer, and down
only when it stays below by it at two snapshots in a row: a band around each boundary in which
everybody stays where they are, as index providers keep one around the breakpoints of their size
segments (FTSE Russell, "banding"; MSCI, "buffer zones"). Theirs are drawn over ranks, so that
both edges can always be reached; here both are kept within what a score can be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.facts.statements import Values, slot
from scorecard.facts.stays import here_on
from scorecard.facts.tables import Facts
from scorecard.strategy.model import TierPlan
from scorecard.tiers.known import every_customer, sold_on
from scorecard.tiers.scores import Range, ScoreDay, scores

COLUMNS = {
    "customer_id": "string",
    "tier": "string",
    "score": "float64",
    "value": "float64",
    "falls": "int64",
    "first_tier": "string",
    "first_on": "date",
}
"""Columns of a snapshot. `falls` is 1 where the score is too low for the tier for the first time;
`first_tier` is the first tier that the customer ever had, `first_on` the day of it."""
FEWEST = 20
"""Rated customers without which no boundaries are drawn."""


BUFFERED = ("plain", "up", "down")
"""The boundary itself, and its two edges by the buffer; see `limit_values`."""


@dataclass(frozen=True)
class Ranking:
    """What a snapshot is made of: the facts, the plan, the day, and the snapshot before it.

    on         the day that scores are of
    before     the previous snapshot
    rated      whether the facts are old enough for scores
    limited    whether boundaries are drawn; they are slots, see `limit_values`
    """

    facts: Facts
    plan: TierPlan
    on: ScoreDay
    before: ir.Table
    rated: bool
    limited: bool

    def snapshot(self) -> ir.Table:
        """Every customer that came before the day, with its tier; see COLUMNS."""
        known = self._customers_before()
        if self.plan.method == "declared":
            ranked = self._declared(known)
        elif not self.rated:
            ranked = known.mutate(score=ibis.null("float64"), rank=ibis.null("int64"))
            ranked = ranked.mutate(value=ranked.score, falls=ibis.literal(0, "int64"))
        else:
            ranked = self._ranked(known)
        names, day = list(self.plan.ids), self.on.day
        tier = ranked.rank.cases(*[(i, n) for i, n in enumerate(names)], else_="unrated")
        tier = ranked.gone.ifelse("lost", tier)
        first = ibis.coalesce(ranked.first_tier, tier.isin(names).ifelse(tier, ibis.null("string")))
        since = tier.isin(names).ifelse(day, ibis.null("date"))
        first_on = ibis.coalesce(ranked.first_on, since)
        return ranked.mutate(tier=tier, first_tier=first, first_on=first_on).select(
            **{name: _[name].cast(type) for name, type in COLUMNS.items()}
        )

    def _customers_before(self) -> ir.Table:
        """Customers that came before the day, with their previous snapshot and whether they are
        gone."""
        c, day = every_customer(self.facts), self.on.day
        here = here_on(self.facts.stays(), day).select(present="customer_id").distinct()
        c = c.filter(c.acquired_on < day).left_join(here, [("customer_id", "present")])
        c = c.select("customer_id", gone=_.present.isnull())
        ranks = rank_held(self.before.tier, self.plan.ids)
        before = self.before.group_by("customer_id").agg(
            first_tier=self.before.first_tier.min(),
            first_on=self.before.first_on.min(),
            was=ranks.min(),
            fell=self.before.falls.max(),
        )
        return c.left_join(before, "customer_id").drop("customer_id_right")

    def _declared(self, known: ir.Table) -> ir.Table:
        sold = sold_on(self.facts, self.plan, self.on.day)
        joined = known.left_join(self._scores(), "customer_id").drop("customer_id_right")
        joined = joined.left_join(sold, "customer_id").drop("customer_id_right")
        return joined.mutate(falls=ibis.literal(0, "int64"))

    def _ranked(self, known: ir.Table) -> ir.Table:
        plan = self.plan
        rated = known.left_join(self._scores(), "customer_id").drop("customer_id_right")
        if not self.limited:
            return rated.mutate(rank=ibis.null("int64"), falls=ibis.literal(0, "int64"))
        rank, falls = stepped(rated.score, rated.was, rated.fell, plan.ids)
        return rated.mutate(rank=rank, falls=falls)

    def _scores(self) -> ir.Table:
        """The score and value of customers, each once."""
        worth = scores(self.facts, self.plan.method, self.on)
        return worth.group_by("customer_id").agg(score=_.score.max(), value=_.value.max())

    def boundaries(self) -> ir.Table:
        """How many customers are rated, and by tier the boundary that its share draws, over those
        who are here; none for tiers whose boundary is fixed."""
        known = self._customers_before()
        here = known.filter(~known.gone).select("customer_id")
        rated = self._scores().semi_join(here, "customer_id").filter(_.score.notnull())
        above, wanted = 0.0, {"rated": rated.count()}
        for tier in self.plan.tiers[:-1]:
            above += tier.share or 0.0
            if tier.boundary is None:
                wanted[tier.id] = rated.score.quantile(1 - above)
        return rated.agg(**wanted)


def stepped(score: Any, was: Any, fell: Any, tiers: Sequence[str]) -> tuple[Any, Any]:
    """The rank that a customer has by a score, and whether the score is too low for it for the
    first time, after the rank that it had and whether the score had been too low already.

    Ranks count from 0, the best tier. Only a customer without a tier gets one without buffer.
    """
    plain, up, down = (_rank(score, tiers, way) for way in BUFFERED)
    falling = down > was
    rank = ibis.cases(
        (score.isnull(), ibis.null("int64")),
        (was.isnull(), plain),
        (up < was, up),
        (falling & (fell >= 1), down),
        else_=was,
    )
    return rank, (falling & (fell.fill_null(0) < 1)).fill_null(False).cast("int64")


def rank_held(tier: Any, tiers: Sequence[str]) -> Any:
    """The rank of a tier by its id; empty for states."""
    return tier.cases(*[(n, i) for i, n in enumerate(tiers)], else_=ibis.null("int64"))


def limit_values(
    boundaries: Mapping[str, float], buffer: float, within: Range | None = None
) -> Values:
    """What the slots of boundaries are: plain, and moved up and down by the buffer.

    Where scores have a range the upper edge is no higher than the highest score, so that every
    tier can be reached, and the lower edge no lower than the second lowest, so that every tier
    can be left; neither passes the boundary itself by that.
    """
    values = dict[str, float]()
    for tier, limit in boundaries.items():
        up, down = limit + buffer * abs(limit), limit - buffer * abs(limit)
        if within is not None:
            up = max(limit, min(up, within.highest))
            down = min(limit, max(down, within.lowest + within.step))
        edges = {"plain": limit, "up": up, "down": down}
        values |= {f"limit.{tier}.{way}": float(edge) for way, edge in edges.items()}
    return values


def _rank(score: Any, tiers: Sequence[str], way: str) -> Any:
    steps = [(score >= slot(f"limit.{t}.{way}", "float64"), i) for i, t in enumerate(tiers[:-1])]
    return ibis.cases(*steps, else_=len(steps))
