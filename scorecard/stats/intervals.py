"""Intervals: Clopper and Pearson's on an effective sample size, two-sided at 90 % by default.

Each side of a 90 % interval is wrong at most one time in twenty, which is what
lets one side alone prove a claim. Customers, not rows, are independent: thirty
answers from three customers are worth little more than three. Measured coverage
and errors are in docs/evidence.md.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import ceil, floor
from statistics import NormalDist

from scorecard.definitions.results import Sums

LEVEL = 0.90
Interval = tuple[float, float]
PRIOR_CUSTOMERS = 2.0
"""Customers of average size whose answers are assumed beside those observed."""
PRIOR_LIKENESS = 0.5
"""How alike the answers of one customer are among those assumed (intra-class correlation)."""
_NOISE = 1e-9


def z(level: float) -> float:
    """The normal quantile that leaves (1 − level) / 2 on each side; 1.645 for 0.90."""
    return NormalDist().inv_cdf((1 + level) / 2)


def clopper_pearson(x: float, n: float, level: float = LEVEL) -> Interval:
    """The exact interval for x of n, as shares: each bound is wrong at most (1 − level) / 2.

    Both may be fractions (effective counts). With n of 0 nothing is known: (0, 1).
    Source: Clopper and Pearson 1934; on effective counts Korn and Graubard 1998.
    """
    if n <= 0:
        return 0.0, 1.0
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    tail, x = (1 - level) / 2, min(max(x, 0.0), n)
    low = 0.0 if x <= _NOISE * n else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if n - x <= _NOISE * n else float(betaincinv(x + 1, n - x, 1 - tail))
    return low, high


def effective_n(sums: Sums, within: float | None = None, level: float = LEVEL) -> float:
    """The effective sample size: how many independent yes-or-no answers clustered ones are worth.

    `sums` are of values between 0 and 1: `den` counts answers, `num` of them adds up their
    values. `within` is Σ (value − mean)² over the answers, where it is known: the clustered
    variance is then no smaller, so that answers that only chance made unlike count for no
    more than independent ones. A share's own is used by `share_n`. Values between 0 and 1
    that vary less than yes and no are worth more than their number.

    The design effect is the variance with customers as clusters over that of independent
    yes-or-no answers, after the answers of PRIOR_CUSTOMERS are added to both. Of few
    customers, and where all agree, the data cannot say how alike one customer's answers
    are; the assumption carries it then, and fades as customers are added. One rule holds
    for all, so agreement never counts for less than a single dissent. Then degrees of
    freedom: n · (t of n − 1 ÷ t of customers − 1)², customers being Kish's number
    (Σ size)² ÷ Σ size². One customer is one answer; 0 without answers or customers.
    Source: Kish 1965; Korn and Graubard 1998; the assumption is this software's.
    """
    n, k = sums.den, sums.clusters
    if n <= 0 or k < 1:
        return 0.0
    if k == 1 or n <= 1:
        return min(1.0, n)
    mean, size = sums.num / n, sums.dd / n
    clustered = k / (k - 1) * _residual(sums, mean) * (n - 1) / n
    assumed = PRIOR_CUSTOMERS * size
    spread = max(clustered, within or 0.0) + assumed * (1 + (size - 1) * PRIOR_LIKENESS)
    design = spread / (n * mean * (1 - mean) + assumed)
    worth = n if abs(design - 1) < _NOISE else n / design
    return worth * _freedom(n, n / size, level)


def as_answers(sums: Sums) -> Sums:
    """Sums of answers with weights in a unit in which `den` is how many they are worth.

    That is Kish's number, (Σ weight)² ÷ Σ weight²; without weights nothing changes. The unit of
    the weights, and how large they are in other tiers, does not matter.
    """
    return scaled(sums, sums.den / sums.squares) if sums.squares > 0 else sums


def share_n(sums: Sums, level: float = LEVEL) -> float:
    """The effective n of a share; never more than there are answers, nor than Kish's number."""
    if sums.den <= 0:
        return 0.0
    sums = as_answers(sums)
    mean = sums.num / sums.den
    return effective_n(sums, sums.den * mean * (1 - mean), level)


def kish_n(sums: Sums, level: float = LEVEL) -> float:
    """The effective n of a share of amounts, such as revenue kept: each customer weighs by `den`.

    At most Kish's (Σ den)² ÷ Σ den², as if each customer kept all or nothing.
    """
    if sums.den <= 0 or sums.dd <= 0:
        return 0.0
    unit = sums.dd / sums.den
    return share_n(replace(scaled(sums, 1 / unit), squares=0.0), level)


def scaled(sums: Sums, factor: float) -> Sums:
    """The same sums in another unit of both numerator and denominator."""
    square = factor * factor
    return replace(
        sums,
        num=sums.num * factor,
        den=sums.den * factor,
        nn=sums.nn * square,
        dd=sums.dd * square,
        nd=sums.nd * square,
        squares=sums.squares * square,
    )


def on_scale(sums: Sums, lowest: float, highest: float) -> Sums:
    """Sums of answers on a scale turned into parts of it, from 0 for its lowest to 1."""
    width = highest - lowest
    return replace(
        sums,
        num=(sums.num - lowest * sums.den) / width,
        nd=(sums.nd - lowest * sums.dd) / width,
        nn=(sums.nn - 2 * lowest * sums.nd + lowest**2 * sums.dd) / width**2,
    )


Ranks = tuple[int | None, int | None]
"""Ranks in sorted observations, 1 the smallest. None where an end is not known."""


def order_ranks(n: int, q: float, level: float = LEVEL, effective: float | None = None) -> Ranks:
    """The ranks (1 is the smallest of n) between which quantile q lies, whatever the distribution.

    Each side is wrong at most (1 − level) / 2 of the time. They are whole ranks: between two of
    them a value could be interpolated only by supposing that waits lie evenly, and those of today
    and of after the weekend do not. An end is None where n is too small for it, as 28 is for the
    upper end of q = 0.9 at 90 %; the other end holds all the same. With `effective` fewer
    independent observations the ranks are taken among these and spread outwards over the n.
    Source: Hahn and Meeker, Statistical Intervals.
    """
    low, high = _ranks(float(n), q, level)
    if effective is None or effective >= n:
        return low, high
    low_few, high_few = _ranks(effective, q, level)
    stretch = (n + 1) / (effective + 1)
    return (
        None if low_few is None or low is None else max(1, min(low, floor(low_few * stretch))),
        None if high_few is None or high is None else min(n, max(high, ceil(high_few * stretch))),
    )


@lru_cache(maxsize=1024)
def _ranks(m: float, q: float, level: float) -> Ranks:
    if m < 1:
        return None, None
    from scipy.special import bdtrik

    # Below rank k lies quantile q with the chance of at most k − 1 of m.
    tail = (1 - level) / 2
    low = 1 + floor(float(bdtrik(tail, m, q)) + _NOISE) if (1 - q) ** m <= tail else None
    high = 1 + ceil(float(bdtrik(1 - tail, m, q)) - _NOISE) if q**m <= tail else None
    return low, high


def _freedom(n: float, customers: float, level: float) -> float:
    """Korn and Graubard's factor for a variance that few customers had to tell; at most 1."""
    from scipy.special import stdtrit

    if customers >= n - _NOISE:
        return 1.0
    least = 0.5  # between one degree of freedom and none, where no variance is known
    side = (1 + level) / 2
    have, known = (float(stdtrit(max(d - 1, least), side)) for d in (n, customers))
    return min(1.0, (have / known) ** 2)


def _residual(sums: Sums, value: float) -> float:
    """Σ over customers of (num − value · den)²; rounding below zero is zero."""
    return max(0.0, sums.nn - 2 * value * sums.nd + value**2 * sums.dd)
