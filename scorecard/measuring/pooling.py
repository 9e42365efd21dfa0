"""Pooling: one metric over several periods together, every customer being one customer in all.

Who answered in October and again in November is one customer whose answers are alike, and not two.
The sums of single periods cannot tell, so the observations are read again and summed by customer
first. Each one counts in the tier that it had in its own period.

That several periods are asked, where one was undecided, is a second look, and every look can be
wrong. So their interval is wider: what both looks say is wrong as seldom as a single one, see
docs/evidence.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate
from scorecard.errors import DefinitionError, ScorecardError, StatementError
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.measuring.aggregate import read_sums, sums_by_tier
from scorecard.measuring.observe import failed, observe
from scorecard.measuring.observed import COLUMNS, placed
from scorecard.stats.estimate import can_pool, estimate
from scorecard.strategy.model import ALL
from scorecard.tiers.assignment import Tiers

SECOND_LOOK = 0.97
"""The level of an interval over several periods; either side is wrong at most 1.5 times in 100."""


def pooled(
    facts: Facts, tiers: Tiers, metric: Metric, periods: Sequence[Period]
) -> dict[str, Estimate]:
    """The estimate over all these periods by tier, state and "all", from the facts as they are
    known now; its interval is one of SECOND_LOOK.

    A customer that changed tiers is one in each of them, and one in all. DefinitionError when the
    metric's function fails or cannot be pooled.
    """
    if not can_pool(metric):
        raise DefinitionError(
            f'Metric "{metric.name}" cannot be pooled: its periods share rows, or it has no '
            "interval; judge it by census."
        )
    try:
        seen = ibis.union(*[_seen(facts, tiers, metric, p) for p in periods], distinct=False)
        both = ibis.union(seen, seen.mutate(tier=ibis.literal(ALL)))
        rows = facts.answer(sums_by_tier(both))
    except StatementError as error:
        raise DefinitionError(failed(metric, error.__cause__ or error)) from error
    except ScorecardError:
        raise
    except Exception as error:  # columns that cannot be put together as an expression
        raise DefinitionError(failed(metric, error)) from error
    return {row["tier"]: estimate(metric, read_sums(row), SECOND_LOOK) for row in rows}


def _seen(facts: Facts, tiers: Tiers, metric: Metric, period: Period) -> ir.Table:
    """What the metric sees in one period: metric, tier, customer_id and the columns of sums."""
    seen = observe(metric, facts, Window.of(period, metric.window))
    types = COLUMNS["sums"]
    columns = seen.select(
        "customer_id",
        metric=ibis.literal(metric.name),
        num=_.num.cast(types["num"]),
        den=_.den.cast(types["den"]),
        squares=_.squares.cast(types["squares"]),
        up=(_.num > 0).cast("int64"),
        down=(_.num < 0).cast("int64"),
    )
    held = tiers.assigned(period, metric.attribution)
    return placed(columns, held).select("metric", "tier", "customer_id", *types)
