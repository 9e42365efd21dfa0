"""A process with a centre and a spread of its own: natural limits of one figure and of a few.

The limits are those of a prediction: they allow for what the baseline itself does not know. The
spread is the standard deviation of the baseline, not the mean move between neighbours, which is
too small where neighbours are alike. Where they are, the spread, the centre and its uncertainty
allow for it. Figures that lean to one side get a farther limit there.

Sources: Montgomery, Introduction to Statistical Quality Control (Shewhart charts; charts of
autocorrelated data); Hahn and Meeker, Statistical Intervals (limits of a prediction); Marriott and
Pope 1954 (bias of the autocorrelation); Cornish and Fisher 1938 (quantiles of skewed figures).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, log, sqrt
from statistics import NormalDist

from scorecard.stats import season

ALONE, TOGETHER = 0.003, 0.01
"""The chance of a false alarm that limits of one figure, and of several together, are made for."""
ALIKE = 0.3
"""The correlation of neighbours from which on a few together say nothing more than each alone."""
_MOST_ALIKE = 0.8
_SKEWED, _SKEW_HIDDEN = 0.5, 1.6
"""Standard errors from which on a skewness is believed, and by how much so few points hide it."""
Triple = tuple[float, float, float]
"""Lower limit, centre, upper limit."""


@dataclass(frozen=True)
class Point:
    """A figure with the number of observations behind it (0: not known), and the place of its
    period in the year."""

    value: float
    n: int = 0
    place: int = 0


@dataclass(frozen=True)
class Process:
    """What a baseline says of the figures to come; in logarithms where `logs`.

    centres    one, or one for each place in the year
    behind     how many figures each centre is the mean of
    spread     standard deviation of one figure, at least that of its answers; `freedom` its degrees
               of freedom
    alike      correlation of neighbours, 0 where they are not alike
    skew       by which the limits lean; 0 where there is none to be seen
    usual_n    harmonic mean of the observations behind a figure; 0 where that does not matter
    """

    centres: tuple[float, ...]
    behind: tuple[int, ...]
    spread: float
    freedom: float
    alike: float
    skew: float
    logs: bool
    usual_n: float

    def natural(self, place: int = 0, n: int = 0) -> Triple:
        """The limits of a figure in a place of the year; `n` observations, where few, widen them.

        They do not narrow where there are more than usual: how much of the variation is the
        answers' own, and not the period's, is not known.
        """
        point = Point(0.0, n, place)
        below, above = self._reach([point])
        centre = self._centre(point)
        return self._shown(centre - below), self._shown(centre), self._shown(centre + above)

    def side(self, points: Sequence[Point]) -> int:
        """1 where these neighbours together lie above their limits, −1 below, 0 within.

        Of several, none counts for more than its own natural limit, so that one figure far away
        is not told of again in those after it; and the newest has to lie on that side itself.
        """
        away = [self._away(point) for point in points]
        if len(points) > 1:
            away = [self._held(d, p) for d, p in zip(away, points, strict=True)]
        below, above = self._reach(points)
        noise = self._noise
        mean = sum(away) / len(away)
        side = (mean > above + noise) - (mean < -below - noise)
        return side if len(points) == 1 or side * away[-1] > self.spread / 2 else 0

    def _reach(self, points: Sequence[Point]) -> tuple[float, float]:
        """How far below and above the centre the mean of these neighbours may lie."""
        from scipy.special import stdtrit  # type: ignore[import-untyped]

        count, chance = len(points), ALONE if len(points) == 1 else TOGETHER
        own = mean_variance(count, self.alike)
        if len(self.centres) == 1:
            of_centre = mean_variance(self.behind[0], self.alike)
        else:
            of_centre = sum(1 / self.behind[p.place] for p in points) / count**2
        fewer = sum(self._fewer(p) for p in points) / count
        unit = self.spread * sqrt(own * fewer + of_centre)
        wide = float(stdtrit(self.freedom, 1 - chance / 2))
        normal = NormalDist().inv_cdf(1 - chance / 2)
        leaning = self.skew / sqrt(count) * (normal**2 - 1) / 6
        return unit * (wide + max(-leaning, 0.0)), unit * (wide + max(leaning, 0.0))

    def _fewer(self, point: Point) -> float:
        """By how much the variance of a figure grows that fewer observations are behind."""
        return max(1.0, self.usual_n / point.n) if point.n and self.usual_n else 1.0

    def _away(self, point: Point) -> float:
        value = point.value
        if self.logs:
            value = log(value) if value > 0 else -inf
        away = value - self._centre(point)
        # On a series that stands still, rounding is no move.
        return away if abs(away) > self._noise else 0.0

    def _held(self, away: float, point: Point) -> float:
        below, above = self._reach([point])
        return min(max(away, -below), above)

    def _centre(self, point: Point) -> float:
        return self.centres[point.place if len(self.centres) > 1 else 0]

    @property
    def _noise(self) -> float:
        return 1e-9 * max(1.0, *map(abs, self.centres))

    def _shown(self, value: float) -> float:
        return exp(value) if self.logs else value


def fit(
    points: Sequence[Point],
    *,
    seasonal: bool = False,
    positive: bool = False,
    weigh: bool = False,
    answers: float = 0.0,
) -> Process:
    """The process of a baseline of three or more figures, oldest first.

    `seasonal` takes the mean of each place out; then every place has two figures or more.
    `positive` says that figures are amounts or times that cannot be below zero: where they lean to
    the right, they are judged in logarithms. `weigh` says that observations are the answers whose
    number decides how a figure varies; `answers` is then the least variance of one, 0 where it is
    not known: a figure varies at least by what its answers do.
    """
    values, places = [p.value for p in points], [p.place for p in points]
    logs = positive and min(values) > 0 and _skew(values) > 0
    if logs:
        values = [log(value) for value in values]
    centres = season.means(values, places) if seasonal else [sum(values) / len(values)]
    behind = [places.count(at) for at in range(len(centres))] if seasonal else [len(values)]
    rest = [v - centres[at if seasonal else 0] for v, at in zip(values, places, strict=True)]
    alike = neighbours(rest)
    squares, free = sum(r * r for r in rest), len(rest) - len(centres)
    # A mean follows figures that are alike, so that they seem to vary less around it.
    lost = 1 / len(rest) if seasonal else mean_variance(len(rest), alike)
    variance = squares / free if seasonal else squares / len(rest) / (1 - lost)
    telling = (1 - alike**2) / (1 + alike**2)
    ns = [p.n for p in points if p.n]
    usual_n = len(ns) / sum(1 / n for n in ns) if weigh and len(ns) == len(points) else 0.0
    if usual_n and not logs:
        variance = max(variance, answers / usual_n)
    return Process(
        tuple(centres),
        tuple(behind),
        sqrt(variance),
        max((len(rest) if not seasonal else free) * telling - (not seasonal), 2.0),
        alike,
        _skew(rest) * _SKEW_HIDDEN,
        logs,
        usual_n,
    )


def neighbours(values: Sequence[float]) -> float:
    """The correlation of neighbours, 0–0.8, made up for what so few points hide of it."""
    centre = sum(values) / len(values)
    away = [v - centre for v in values]
    squares = sum(a * a for a in away)
    if squares <= 0:
        return 0.0
    seen = sum(a * b for a, b in pairwise(away)) / squares
    return min(max(seen + (1 + 4 * seen) / len(values), 0.0), _MOST_ALIKE)


def mean_variance(count: int, alike: float) -> float:
    """The variance of the mean of that many neighbours, in that of one: 1 ÷ count if not alike."""
    if alike == 0:
        return 1 / count
    pairs = sum((count - apart) * alike**apart for apart in range(1, count))
    return (count + 2 * pairs) / count**2


def _skew(values: Sequence[float]) -> float:
    """The skewness, 0 where it is not larger than chance makes it."""
    count = len(values)
    centre = sum(values) / count
    second = sum((v - centre) ** 2 for v in values) / count
    if count < 3 or second <= 0:
        return 0.0
    third = sum((v - centre) ** 3 for v in values) / count
    skew = third / second**1.5 * sqrt(count * (count - 1)) / (count - 2)
    error = sqrt(6 * count * (count - 1) / ((count - 2) * (count + 1) * (count + 3)))
    return skew if abs(skew) > _SKEWED * error else 0.0
