"""How often the association of being affected with later margin errs: run it for the table of
docs/affected.md.

Companies are drawn of which it is known whether being affected does anything. What is held in
question is only which customers are affected: those with more contacts, as everywhere.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from math import sqrt

import numpy as np

from scorecard.stats.association import CLASSES, FEWEST, PARTS, Cell, Moments, association
from scorecard.stats.intervals import z

MONTHS, HIT, SINCE = 14, 12, 13
"""Months of a company: a year, the month in which some are hit, and the one after it."""
CASES = {
    "margin has nothing to do with contacts": (False, 0.0),
    "each contact costs €15": (False, 15.0),
    "contacts follow orders and cost €15": (True, 15.0),
}
"""By what they are called: whether contacts follow orders, and what a contact costs."""


@dataclass(frozen=True)
class Company:
    """One tier's customers: margin by month and customer, and of the month in which some were hit
    contacts and whether a customer was. Customers without a contact are not seen."""

    margin: np.ndarray
    contacts: np.ndarray
    hit: np.ndarray


def company(
    rng: np.random.Generator, customers: int, case: str, effect: float, missed: float = 0.15
) -> Company:
    """A company in which each contact goes wrong with the chance `missed`, and being hit moves the
    next month's margin by `effect`."""
    follow, cost = CASES[case]
    size = rng.lognormal(4, 0.6, customers)  # of an order, or of a month's revenue
    busy = rng.gamma(1.0, 1.0, customers)
    if follow:
        orders = rng.poisson(busy * size / 66 + 0.3, (MONTHS, customers))
        contacts = rng.binomial(orders + 1, 0.5)
        revenue = orders * size / 2
    else:
        contacts = rng.poisson(busy, (MONTHS, customers))
        revenue = size * rng.lognormal(0, 0.3, (MONTHS, customers))
    margin = np.round(revenue - cost * contacts, 2)
    now = contacts[HIT]
    hit = rng.random(customers) < 1 - (1 - missed) ** now
    margin[SINCE] += effect * hit
    return Company(margin[:, now > 0], now[now > 0], hit[now > 0])


def cells_of(of: Company) -> list[Cell]:
    """The cells that the facts engine makes of a company, whose contacts are all seen."""
    m, y = of.margin[:HIT].sum(0).round(4), of.margin[SINCE]
    count, c = len(m), 2.0 * of.contacts  # each contact is seen, and is a contact
    part = np.empty(count, int)
    part[np.lexsort((np.arange(count), m))] = _tiles(count)
    activity = np.searchsorted(CLASSES, c, side="right")
    keys, place = np.unique((activity * PARTS + part) * 2 + of.hit, return_inverse=True)
    each = (np.ones(count), y, m, c, y * y, y * m, y * c, m * m, m * c, c * c)
    sums = np.array([np.bincount(place, figures) for figures in each]).T
    return [
        Cell(int(k) // (2 * PARTS), int(k) // 2 % PARTS, bool(k % 2), Moments(*map(float, row)))
        for k, row in zip(keys, sums, strict=True)
    ]


def _tiles(count: int) -> np.ndarray:
    """As SQL's ntile: the first parts have one more where the number is not divisible."""
    size, more = divmod(count, PARTS)
    return np.repeat(np.arange(PARTS), [size + (i < more) for i in range(PARTS)])


def changes(of: Company) -> tuple[float, float, float] | None:
    """What was printed before: by how much the margin of the month itself changed for those hit
    more than for others, with its 90 % interval."""
    change = of.margin[HIT] - of.margin[HIT - 1]
    sides = [change[of.hit], change[~of.hit]]
    if min(map(len, sides)) < FEWEST:
        return None
    mean = sides[0].mean() - sides[1].mean()
    reach = z(0.90) * sqrt(sum(s.var(ddof=1) / len(s) for s in sides))
    return mean, mean - reach, mean + reach


@dataclass(frozen=True)
class Rates:
    """Of many companies of a kind: how many were estimated, the mean estimate less the truth,
    the spread of estimates, and the shares of intervals that exclude zero and hold the truth."""

    given: int
    bias: float
    spread: float
    excludes: float
    holds: float
    matched: float


def rates(
    case: str, customers: int, effect: float, runs: int, seed: int, before: bool = False
) -> Rates | None:
    """The rates of `runs` companies; None where under a tenth of them was estimated."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(runs):
        drawn = company(rng, customers, case, effect)
        if before:
            told = changes(drawn)
            found += [(*told, drawn.hit.sum())] if told else []
        elif one := association(cells_of(drawn)):
            found.append((one.mean, one.low, one.high, one.matched))
    if len(found) < runs / 10:
        return None
    mean, low, high, matched = np.array(found, float).T
    return Rates(
        given=len(found),
        bias=float(mean.mean() - effect),
        spread=float(mean.std()),
        excludes=float(((low > 0) | (high < 0)).mean()),
        holds=float(((low <= effect) & (effect <= high)).mean()),
        matched=float(matched.mean()),
    )


HEAD = (
    "| company | customers | truth, € | figure | given | affected | mean − truth, € | spread, € "
    "| excludes zero, % | holds the truth, % |\n|---|---|---|---|---|---|---|---|---|---|"
)


def told(case: str, customers: int, effect: float, runs: int, before: bool) -> str:
    """One row of the table."""
    name = "change (before)" if before else "association"
    begin = f"| {case} | {customers:,} | {effect:g} | {name} |"
    found = rates(case, customers, effect, runs, 15, before)
    if found is None:
        return f"{begin} refused | | | | | |"
    return (
        f"{begin} {found.given} of {runs} | {found.matched:.0f} | {found.bias:.1f} "
        f"| {found.spread:.1f} | {100 * found.excludes:.1f} | {100 * found.holds:.1f} |"
    )


def main(runs: int = 1000) -> None:
    """Write the table."""
    sys.stdout.write(f"{HEAD}\n")
    for case in CASES:
        for customers in (300, 1000, 4000):
            truths = [(0.0, True), (0.0, False), (-5.0, False), (-10.0, False), (-20.0, False)]
            for effect, before in truths:
                sys.stdout.write(told(case, customers, effect, runs, before) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
