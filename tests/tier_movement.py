"""Movement between tiers with no true change: run it to print the table of docs/tier-movement.md.

Customers buy at random, each at a rate and for an amount of its own that never change. Whoever
moves then does so by chance: how many do, and how many were foretold, is a fact of the rule.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from cast import ZONE, opened

from scorecard.base.periods import Period
from scorecard.facts.tables import Facts
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers import assignment
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.movement import Movement, movement
from scorecard.tiers.reviews import newest

BEGIN = Period.parse("2022-01", ZONE)
"""The first month of facts."""
RFM = TierPlan(
    "rfm",
    (
        Tier("platinum", "Platinum", boundary=15),
        Tier("gold", "Gold", boundary=12),
        Tier("silver", "Silver", boundary=9),
        Tier("bronze", "Bronze"),
    ),
    history=3,
)
MARGIN = TierPlan(
    "margin_percentile",
    (
        Tier("platinum", "Platinum", share=0.05),
        Tier("gold", "Gold", share=0.15),
        Tier("silver", "Silver", share=0.3),
        Tier("bronze", "Bronze"),
    ),
)
PLANS = {"rfm": RFM, "margin": MARGIN}


@dataclass(frozen=True)
class Month:
    """One month of a company: how its customers moved, and the share of its best tier."""

    key: str
    movement: Movement
    best: float
    promoted: int
    """Customers that came into the best tier from another one."""


def company(folder: Path, customers: int, months: int, seed: int) -> Facts:
    """Facts of customers who buy as often and as much as ever, for so many months."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.8, 1.0, customers)  # purchases a month
    amounts = 40 * rng.lognormal(0, 0.8, customers)
    days = (BEGIN.shift(months).first - BEGIN.first).days
    rows, number = ["txn_id,customer_id,event_on,net_amount"], 0
    for i in range(customers):
        for day in rng.integers(0, days, rng.poisson(rates[i] * months)):
            number += 1
            amount = amounts[i] * rng.lognormal(0, 0.4)
            rows.append(f"{number},c{i:05},{BEGIN.first + timedelta(int(day))},{amount:.2f}")
    people = [f"c{i:05},{date(2019, 1, 1)}" for i in range(customers)]
    texts = {
        "customers": "\n".join(["customer_id,acquired_on", *people]) + "\n",
        "transactions": "\n".join(rows) + "\n",
        "costs": "cost_id,customer_id,event_on,amount,category\n"
        f"1,c00000,{BEGIN.first},1,deliver\n",
    }
    as_of = BEGIN.shift(months).first
    return opened(folder, as_of=f"{as_of}T08:00", written_as=texts, **dict.fromkeys(texts, ""))


@contextmanager
def older_definition():
    """The rule as it was: edges that no score reaches, and boundaries that count for a year
    however few months they were drawn from."""
    ranges, counting = assignment.RANGES, assignment.counting
    assignment.RANGES = {}
    assignment.counting = lambda book, plan, day, _first: newest(book, plan, day)
    try:
        yield
    finally:
        assignment.RANGES, assignment.counting = ranges, counting


def months_of(facts: Facts, plan: TierPlan, folder: Path, months: int, first: int) -> list[Month]:
    """How tiers moved in each month from the `first` of the facts on."""
    tiers = Tiers(facts, plan, folder)
    for _ in tiers.freeze(BEGIN.shift(months)):
        pass
    return [_month(tiers, BEGIN.shift(i)) for i in range(first, months)]


def _month(tiers: Tiers, period: Period) -> Month:
    best = tiers.plan.ids[0]
    before, after = (
        {r["customer_id"]: r["tier"] for r in tiers.snapshot(p)} for p in (period, period.next())
    )
    held = [c for c, tier in after.items() if tier == best]
    promoted = sum(before.get(c) in tiers.plan.ids[1:] for c in held)
    found = movement(tiers, period)
    assert found is not None
    return Month(period.key, found, len(held) / len(after), promoted)


def told(name: str, rule: str, found: list[Month]) -> str:
    """One row of the table: means over the months."""
    each = [m.movement for m in found]
    rated = sum(m.rated for m in each)
    moved, foretold = (
        100 * sum(getattr(m, what) or 0 for m in each) / rated for what in ("moved", "expected")
    )
    near = 100 * sum(m.borderline or 0 for m in each) / sum(m.opened for m in each)
    promoted = sum(m.promoted for m in found)
    return (
        f"| {name} | {rule} | {len(found)} | {rated:,} | {moved:.1f} | {foretold:.1f} "
        f"| {near:.1f} | {100 * found[0].best:.1f} → {100 * found[-1].best:.1f} | {promoted} |"
    )


HEAD = (
    "| tiers | definition | months | customer months | moved, % | foretold, % | borderline, % "
    "| best tier, % of customers | promoted into it |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def simulated(name: str, older: bool, customers: int, months: int, first: int) -> list[Month]:
    """The months of a company with the plan of that name, by the older or the present rule."""
    with ExitStack() as stack:
        stack.enter_context(older_definition() if older else nullcontext())
        place = Path(stack.enter_context(TemporaryDirectory()))
        facts = stack.enter_context(closing(company(place, customers, months, seed=16)))
        return months_of(facts, PLANS[name], place / "tiers", months, first)


def main(customers: int = 2000, months: int = 48) -> None:
    """Write the table: by plan the months while the window fills, and those after it."""
    sys.stdout.write(f"{HEAD}\n")
    for name, older in (("rfm", True), ("rfm", False), ("margin", False)):
        first = PLANS[name].history + 1
        found = simulated(name, older, customers, months, first)
        full = max(0, 13 - first)
        parts = {"while the window fills": found[:full], "later": found[full:]}
        for when, part in parts.items():
            if part:
                rule = "before" if older else "now"
                sys.stdout.write(told(f"{name}, {when}", rule, part) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
