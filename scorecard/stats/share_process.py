"""A process of shares whose only variation is that of counting: limits from their distribution.

With 30 answers a share near 97 % is one of a few steps, and leans far to the left: limits that are
as far above the centre as below it call a usual month exceptional. What a new period may count is
the beta-binomial distribution: it allows for the baseline being counted, too. Shares that vary
more than counting explains are a `process` like any other.

Sources: Laney 2002 (p′ charts: shares vary more than counting explains); Spiegelhalter 2005
(funnel plots: how to tell); Brown, Cai and DasGupta 2001 (Jeffreys' prior).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, sqrt
from statistics import NormalDist

from scorecard.stats.process import ALONE, TOGETHER, Point, Triple, mean_variance, neighbours

_MANY = 50.0
"""Expected cases on each side from which on the distribution is as good as normal."""
_MORE = 0.3
"""Variation that counting makes less often than this is not taken for counting alone: so few
periods seldom show it more clearly."""


@dataclass(frozen=True)
class ShareProcess:
    """What a baseline of shares says of those to come: `hits` of `of` in all of its periods."""

    hits: float
    of: int
    alike: float = 0.0

    def natural(self, place: int = 0, n: int = 0) -> Triple:
        """The least and the largest share that n answers may have by counting alone, and the share
        of the baseline. 0 to 1 where n is not known."""
        if n <= 0:
            return 0.0, self._share, 1.0
        low, high = _counts(self.hits, self.of, n, ALONE)
        return low / n, self._share, high / n

    def side(self, points: Sequence[Point]) -> int:
        """1 where the answers of these neighbours together lie above their limits, −1 below."""
        if not all(p.n for p in points):
            return 0
        # Answers of neighbours who are alike tell less than as many of others.
        telling = 1 / len(points) / mean_variance(len(points), self.alike)
        n = max(round(sum(p.n for p in points) * telling), 1)
        share = sum(p.value * p.n for p in points) / sum(p.n for p in points)
        low, high = _counts(self.hits, self.of, n, ALONE if len(points) == 1 else TOGETHER)
        side = (share * n > high + 1e-6) - (share * n < low - 1e-6)
        share = (self.hits + 0.5) / (self.of + 1)
        half = sqrt(share * (1 - share) / points[-1].n) / 2
        newest = points[-1].value - self._share
        return side if len(points) == 1 or side * newest > half else 0

    @property
    def _share(self) -> float:
        return self.hits / self.of


def counted(points: Sequence[Point]) -> ShareProcess | None:
    """The process of a baseline of shares; None where they vary more than counting explains, or
    an n is not known."""
    from scipy.special import chdtrc  # type: ignore[import-untyped]

    if any(p.n <= 0 or not 0 <= p.value <= 1 for p in points):
        return None
    hits, of = sum(p.value * p.n for p in points), sum(p.n for p in points)
    share = hits / of
    if 0 < share < 1:
        unit = share * (1 - share)
        away = [(p.value - share) / sqrt(unit / p.n) for p in points]
        if chdtrc(len(away) - 1, sum(z * z for z in away)) < _MORE:
            return None
        return ShareProcess(hits, of, neighbours(away))
    return ShareProcess(hits, of)


@lru_cache(maxsize=4096)
def _counts(hits: float, of: int, n: int, chance: float) -> tuple[float, float]:
    """The least and the most hits of n answers that do not lie in a tail of chance ÷ 2."""
    a, b = hits + 0.5, of - hits + 0.5  # Jeffreys' prior
    share = a / (a + b)
    if n * min(share, 1 - share) > _MANY:
        return _normal_counts(share, a + b, n, chance)
    if share > 0.5:  # the rarer of the two has fewer counts to go through
        fewest, most = _counts(of - hits, of, n, chance)
        return n - most, n - fewest
    start = lgamma(n + 1) + lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(n + a + b)
    low, count, below = -1, 0, 0.0
    while True:
        ways = lgamma(count + 1) + lgamma(n - count + 1)
        below += exp(start - ways + lgamma(count + a) + lgamma(n - count + b))
        if low < 0 and below > chance / 2:
            low = count
        if 1 - below <= chance / 2 or count == n:
            return max(low, 0), count
        count += 1


def _normal_counts(share: float, of: float, n: int, chance: float) -> tuple[float, float]:
    """As `_counts`, for so many that their distribution is normal but for its leaning."""
    normal = NormalDist().inv_cdf(1 - chance / 2)
    unit = n * sqrt(share * (1 - share) * (1 / n + 1 / of))
    leaning = (1 - 2 * share) / sqrt(n * share * (1 - share)) * (normal**2 - 1) / 6
    return n * share - unit * (normal - leaning), n * share + unit * (normal + leaning)
