"""A process of counts whose only variation is that of counting: limits from their distribution.

Shares count of how many answers something was true, rates how often something happened to so many
customers. With 30 answers a share near 97 % is one of a few steps, and leans far to the left:
limits that are as far above the centre as below it call a usual month exceptional. What a new
period may count is the beta-binomial distribution of shares and the negative binomial of rates:
they allow for the baseline being counted, too. Figures that vary more than counting explains are a
`process` like any other.

Sources: Laney 2002 (p′ and u′ charts: counts vary more than counting explains); Spiegelhalter 2005
(funnel plots: how to tell); Brown, Cai and DasGupta 2001 (Jeffreys' prior).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

from scorecard.stats.process import ALONE, TOGETHER, Point, Triple, mean_variance, neighbours

_MANY = 50.0
"""Expected cases on each side from which on the distribution is as good as normal."""
_MORE = 0.3
"""Variation that counting makes less often than this is not taken for counting alone: so few
periods seldom show it more clearly."""
_WHOLE = 1e-6
"""How far from a whole number a count may be by rounding, of its n."""


@dataclass(frozen=True)
class CountProcess:
    """What a baseline of counts says of those to come: `hits` of `of` in all of its periods.

    `shares` says that of n at most n can be counted; of rates there is no most.
    """

    hits: float
    of: int
    alike: float = 0.0
    shares: bool = True

    def natural(self, place: int = 0, n: int = 0) -> Triple:
        """The least and the largest figure that n may give by counting alone, and that of the
        baseline between them. Where n is not known those of one customer, or every share."""
        if n <= 0 and self.shares:
            return 0.0, self._figure, 1.0
        n = max(n, 1)
        low, high = self._counts(n, ALONE)
        return low / n, self._figure, high / n

    def side(self, points: Sequence[Point]) -> int:
        """1 where what these neighbours count together lies above their limits, −1 below."""
        if not all(p.n for p in points):
            return 0
        # Answers of neighbours who are alike tell less than as many of others.
        telling = 1 / len(points) / mean_variance(len(points), self.alike)
        n = max(round(sum(p.n for p in points) * telling), 1)
        figure = sum(p.value * p.n for p in points) / sum(p.n for p in points)
        low, high = self._counts(n, ALONE if len(points) == 1 else TOGETHER)
        side = (figure * n > high + 1e-6) - (figure * n < low - 1e-6)
        expected = (self.hits + 0.5) / (self.of + self.shares)
        half = sqrt(_unit(expected, self.shares) / points[-1].n) / 2
        newest = points[-1].value - self._figure
        return side if len(points) == 1 or side * newest > half else 0

    def _counts(self, n: int, chance: float) -> tuple[float, float]:
        return (_hits if self.shares else _events)(self.hits, self.of, n, chance)

    @property
    def _figure(self) -> float:
        return self.hits / self.of


def counted(points: Sequence[Point], *, shares: bool = True) -> CountProcess | None:
    """The process of a baseline of shares, or of rates of events; None where they vary more than
    counting explains, an n is not known, or they are no counts of it."""
    from scipy.special import chdtrc  # type: ignore[import-untyped]

    if any(p.n <= 0 or p.value < 0 or (shares and p.value > 1) for p in points):
        return None
    if not shares and not all(
        abs(p.value * p.n - round(p.value * p.n)) < _WHOLE * p.n for p in points
    ):
        return None
    hits, of = sum(p.value * p.n for p in points), sum(p.n for p in points)
    unit = _unit(hits / of, shares)
    if unit <= 0:
        return CountProcess(hits, of, shares=shares)
    away = [(p.value - hits / of) / sqrt(unit / p.n) for p in points]
    if chdtrc(len(away) - 1, sum(z * z for z in away)) < _MORE:
        return None
    return CountProcess(hits, of, neighbours(away), shares)


def _unit(figure: float, shares: bool) -> float:
    """The variance of one count."""
    return max(figure * (1 - figure), 0.0) if shares else figure


@lru_cache(maxsize=4096)
def _hits(hits: float, of: int, n: int, chance: float) -> tuple[float, float]:
    """The least and the most hits of n answers that do not lie in a tail of chance ÷ 2."""
    a, b = hits + 0.5, of - hits + 0.5  # Jeffreys' prior
    share = a / (a + b)
    if n * min(share, 1 - share) > _MANY:
        variance = n * n * share * (1 - share) * (1 / n + 1 / (a + b))
        return _normal(n * share, variance, (1 - 2 * share) / sqrt(n * share * (1 - share)), chance)
    if share > 0.5:  # the rarer of the two has fewer counts to go through
        fewest, most = _hits(of - hits, of, n, chance)
        return n - most, n - fewest
    start = lgamma(n + 1) + lgamma(a + b) - lgamma(a) - lgamma(b) - lgamma(n + a + b)

    def chance_of(count: int) -> float:
        ways = lgamma(count + 1) + lgamma(n - count + 1)
        return exp(start - ways + lgamma(count + a) + lgamma(n - count + b))

    return _between(chance_of, chance, n)


@lru_cache(maxsize=4096)
def _events(events: float, of: int, n: int, chance: float) -> tuple[float, float]:
    """The fewest and the most events of n customers that do not lie in a tail of chance ÷ 2."""
    a, part = events + 0.5, n / (of + n)  # Jeffreys' prior
    expected = n * a / of
    if expected > _MANY:
        variance = expected * (1 + n / of)
        return _normal(expected, variance, (1 + part) / sqrt(a * part), chance)
    start, step = a * log(1 - part) - lgamma(a), log(part)

    def chance_of(count: int) -> float:
        return exp(start + lgamma(count + a) - lgamma(count + 1) + count * step)

    return _between(chance_of, chance, None)


def _between(
    chance_of: Callable[[int], float], chance: float, most: int | None
) -> tuple[float, float]:
    """The counts from the first one above the lower tail to the last one below the upper tail."""
    low, count, below = -1, 0, 0.0
    while True:
        below += chance_of(count)
        if low < 0 and below > chance / 2:
            low = count
        if 1 - below <= chance / 2 or count == most:
            return max(low, 0), count
        count += 1


def _normal(expected: float, variance: float, skew: float, chance: float) -> tuple[float, float]:
    """As `_between`, for so many that their distribution is normal but for its leaning."""
    normal = NormalDist().inv_cdf(1 - chance / 2)
    leaning = skew * (normal**2 - 1) / 6
    unit = sqrt(variance)
    return expected - unit * (normal - leaning), expected + unit * (normal + leaning)
