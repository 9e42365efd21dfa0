"""Confidence intervals of shares, ratios, NPS and quantiles, two-sided at 90 % by default.

Each side of a 90 % interval is wrong at most one time in twenty, which is what
lets one side alone prove a claim. Customers, not rows, are independent: thirty
answers from three customers are worth little more than three.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, sqrt
from statistics import NormalDist

from scorecard.definitions.results import Sums

LEVEL = 0.90
Interval = tuple[float, float]


@dataclass(frozen=True)
class Spread:
    """A centre with its standard error and interval, all in the figure's own unit."""

    centre: float
    se: float
    low: float
    high: float


def z(level: float) -> float:
    """The normal quantile that leaves (1 − level) / 2 on each side; 1.645 for 0.90."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(x: float, n: float, level: float = LEVEL) -> Interval:
    """Wilson's score interval for x of n, as shares.

    Both counts may be fractions (effective counts). With n of 0 nothing is
    known: (0, 1). Source: Wilson 1927; Brown, Cai and DasGupta 2001.
    """
    if n <= 0:
        return 0.0, 1.0
    share, zz = x / n, z(level) ** 2
    centre = (share + zz / (2 * n)) / (1 + zz / n)
    half = sqrt(zz * (share * (1 - share) / n + zz / (4 * n * n))) / (1 + zz / n)
    # At the ends rounding would leave a bound a hair inside of 0 or 1.
    low = 0.0 if x <= 0 else max(0.0, centre - half)
    high = 1.0 if x >= n else min(1.0, centre + half)
    return low, high


def effective_n(sums: Sums, variance: float | None = None) -> float:
    """The effective sample size: how many independent answers clustered ones are worth.

    It is `sums.den` divided by the design effect, which is at least 1: the
    variance of the mean with customers as clusters over that of independent
    answers (`variance` of one answer; a share's p(1 − p) unless given). Where all
    answers agree there is no variance, and it is the number of customers. 0
    without observations.
    """
    n, customers = sums.den, sums.customers
    if n <= 0 or customers < 1:
        return 0.0
    mean = sums.num / n
    single = mean * (1 - mean) if variance is None else variance
    if customers == 1 or n <= 1 or single <= 1e-12:
        return min(float(customers), n)
    clustered = customers / (customers - 1) * _residual(sums, mean) / n**2
    # n − 1 on both sides, so that one answer per customer has a design effect of exactly 1.
    design = max(1.0, clustered / (single / (n - 1)))
    return n if design < 1 + 1e-9 else n / design


def nps(up: float, down: float, n: float, level: float = LEVEL) -> Spread:
    """Adjusted Wald interval of a Net Promoter Score, in points, clipped to ±100.

    `up` promoters and `down` detractors of `n` answers, fractions allowed; the
    centre is the adjusted one, not the printed score. Three answers are added,
    three quarters of one at each end, so that agreement of all is no certainty.
    Source: Rocks 2016.
    """
    m = n + 3
    promoters, detractors = (up + 0.75) / m, (down + 0.75) / m
    centre = promoters - detractors
    se = sqrt((promoters + detractors - centre**2) / m)
    reach = z(level) * se
    low, high = max(-1.0, centre - reach), min(1.0, centre + reach)
    return Spread(100 * centre, 100 * se, 100 * low, 100 * high)


def ratio(sums: Sums, level: float = LEVEL) -> Spread | None:
    """The delta-method interval of Σ num ÷ Σ den with customers as clusters.

    Student's t with one degree of freedom less than there are customers. None
    when the denominator is not positive or fewer than two customers are there.
    """
    k = sums.customers
    if sums.den <= 0 or k < 2:
        return None
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    value = sums.num / sums.den
    se = sqrt(k / (k - 1) * _residual(sums, value)) / sums.den
    reach = float(stdtrit(k - 1, (1 + level) / 2)) * se
    return Spread(value, se, value - reach, value + reach)


def order_ranks(
    n: int, q: float, level: float = LEVEL, effective: float | None = None
) -> tuple[int, int] | None:
    """The ranks (1 is the smallest of n) between which quantile q lies, whatever the distribution.

    Each side is wrong at most (1 − level) / 2. None when n is too small for
    such ranks, as 28 is for q = 0.9 at 90 %. With `effective` fewer independent
    values the ranks are taken there and mapped outwards to n, so they only
    move apart. Source: Hahn and Meeker, Statistical Intervals.
    """
    m = n if effective is None else min(n, floor(effective + 1e-9))
    ranks = _ranks(m, q, level)
    if ranks is None or m == n:
        return ranks
    stretch = (n + 1) / (m + 1)
    return max(1, floor(ranks[0] * stretch)), min(n, ceil(ranks[1] * stretch))


@lru_cache(maxsize=1024)
def _ranks(n: int, q: float, level: float) -> tuple[int, int] | None:
    if n < 1:
        return None
    from scipy.special import bdtr

    def at_most(k: int) -> float:
        return float(bdtr(k, n, q))

    # Below the k-th smallest value lies quantile q with probability at_most(k − 1).
    tail = (1 - level) / 2
    low = bisect_right(range(n), tail, key=at_most)
    high = 1 + bisect_left(range(n), 1 - tail, key=at_most)
    return (low, high) if low >= 1 and high <= n else None


def _residual(sums: Sums, value: float) -> float:
    """Σ over customers of (num − value · den)²; rounding below zero is zero."""
    return max(0.0, sums.nn - 2 * value * sums.nd + value**2 * sums.dd)
