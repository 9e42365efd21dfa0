"""Funding found: the costs that stances are held against, in a period and since the plan began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scorecard.base.periods import Period
from scorecard.measuring.pool_costs import PoolCosts, pool_costs
from scorecard.strategy.model import Stance

if TYPE_CHECKING:  # the ledger is not loaded to compose
    from scorecard.ledger import Ledger, Witnessed
    from scorecard.measuring.measure import Measuring

MOST_PERIODS = 60
"""Earlier periods that are looked back on at most."""


@dataclass(frozen=True)
class CostsThen:
    """A period with the stances that were in force in it, and its costs."""

    period: Period
    stances: Sequence[Stance]
    costs: PoolCosts


@dataclass(frozen=True)
class FundingFound:
    """The costs of the period that is reported, and of those before it back to the day on which
    the first stance with money took effect, the oldest first."""

    now: PoolCosts = field(default_factory=PoolCosts)
    earlier: Sequence[CostsThen] = ()


def declares_money(stance: Stance) -> bool:
    """Whether a stance says an amount: what it releases, costs, or is paid."""
    return bool(stance.releases or stance.costs or any(f.amount for f in stance.funded_by))


def funding_found(
    measuring: Measuring, ledger: Ledger, period: Period, stances: Sequence[Witnessed]
) -> FundingFound:
    """What the facts say of the money of these stances; nothing where none names a cost pool.

    A span has no history, and before the first frozen tiers nobody is in one.
    """
    held = [w.stance for w in stances if w.stance.pool and declares_money(w.stance)]
    if not held or not measuring.facts.has("costs"):
        return FundingFound()
    now = pool_costs(measuring, period)
    if period.is_span:
        return FundingFound(now)
    begin = max(min(s.effective for s in held), measuring.tiers.begins(period).first)
    before, step = list[Period](), period.previous()
    while step.first >= begin and len(before) < MOST_PERIODS:
        before.append(step)
        step = step.previous()
    then = ledger.stances_over(before)
    return FundingFound(
        now,
        tuple(
            CostsThen(p, [w.stance for w in then[p.key]], pool_costs(measuring, p))
            for p in reversed(before)
        ),
    )
