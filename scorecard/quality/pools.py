"""Rules on cost pools: those that choices name must be in the costs, by the same name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scorecard.base.findings import Finding
from scorecard.errors import did_you_mean
from scorecard.facts.tables import Facts
from scorecard.strategy.model import Stance


def unknown_pools(facts: Facts, stances: Iterable[Stance]) -> Iterator[Finding]:
    """A warning for each pool that a choice names and no cost has, so that nothing is found."""
    named = [(stance, pool) for stance in stances for pool in stance.pool]
    if not named:
        return
    known: set[str] = set()
    if facts.has("costs.pool"):
        costs = facts.known(facts.bound["costs"])
        rows = facts.answer(costs.filter(costs.pool.notnull()).select("pool").distinct())
        known = {row["pool"] for row in rows}
    for stance, pool in named:
        if pool not in known:
            why = f'no cost has the pool "{pool}"' if known else "the costs name no pools"
            yield Finding(
                "pool_unknown",
                "warning",
                f"strategy.toml:{stance.line} (stance {stance.key})",
                f"{why}, so what the choice released or cost is not known.",
                did_you_mean(pool, known).strip() or "Map the column pool of costs.",
            )
