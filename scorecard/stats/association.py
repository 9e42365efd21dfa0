"""The association of an event with a later figure, among customers who are otherwise alike.

Those hit are held against those not hit of the same activity and the same part by earlier margin
(coarsened exact matching: Iacus, King and Porro, 2012), and what is left of both within these
groups is taken out by regression. Either of the two is enough to be free of bias by activity and
earlier margin, which is what is called doubly robust (Robins, Rotnitzky and Zhao, 1994). What
else tells those hit from the others is not known, so that this is never an effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

LEVEL = 0.95
"""Level of the interval: it excludes zero in one case of twenty where there is no association."""
FEWEST = 30
"""Customers hit, and others worth as many, without which nothing is estimated."""
PARTS = 20
"""Parts of equal size by earlier margin that cells come in."""
CLASSES = (1, 2, 3, 4, 5, 7, 9, 11, 13, 17, 21, 25, 33)
"""Where classes of activity begin."""
GROUPED = ((False, 10), (False, 5), (False, 2), (True, 5), (True, 2), (True, 1))
"""Ways to group cells, the finest first: whether classes of activity from 3 on are put together
by two, and the number of parts. The first that matches enough is taken."""
ENOUGH = 0.9
"""Share of those hit who must find others alike."""


@dataclass(frozen=True)
class Moments:
    """Sums over the customers of a cell: of the outcome y, earlier margin m and activity c, and
    of their products."""

    n: float
    y: float
    m: float
    c: float
    yy: float
    ym: float
    yc: float
    mm: float
    mc: float
    cc: float

    def __add__(self, other: Moments) -> Moments:
        return Moments(*(a + b for a, b in zip(_figures(self), _figures(other), strict=True)))

    def times(self, weight: float) -> Moments:
        return Moments(*(weight * a for a in _figures(self)))


@dataclass(frozen=True)
class Cell:
    """Customers of one class of activity and one part by earlier margin, of 0 to PARTS − 1, who
    were hit or were not."""

    activity: int
    part: int
    hit: bool
    moments: Moments


@dataclass(frozen=True)
class Association:
    """By how much the outcome of those hit differs from that of others alike, in the mean, with
    its interval; of `matched` customers hit, who found others worth `others` customers."""

    mean: float
    low: float
    high: float
    matched: int
    others: float


def association(cells: Sequence[Cell], level: float = LEVEL) -> Association | None:
    """The association; None where fewer than FEWEST were hit and matched, or others are."""
    hit = sum(c.moments.n for c in cells if c.hit)
    for pairs, parts in GROUPED:
        groups = _matched(cells, pairs, parts)
        matched = sum(one.n for one, _other in groups)
        if matched >= max(ENOUGH * hit, FEWEST) and _others(groups) >= FEWEST:
            return _estimated(groups, level)
    return None


Group = tuple[Moments, Moments]
"""Those hit and those not hit of a group in which there are both."""


def _matched(cells: Iterable[Cell], pairs: bool, parts: int) -> list[Group]:
    sides: dict[tuple[int, int], dict[bool, Moments]] = {}
    for cell in cells:
        activity = (cell.activity + 1) // 2 + 1 if pairs and cell.activity >= 3 else cell.activity
        place = sides.setdefault((activity, cell.part * parts // PARTS), {})
        known = place.get(cell.hit)
        place[cell.hit] = known + cell.moments if known else cell.moments
    return [(g[True], g[False]) for _key, g in sorted(sides.items()) if len(g) == 2]


def _others(groups: Sequence[Group]) -> float:
    """How many customers those not hit are worth, by their weights: Kish's effective number."""
    squares = sum((hit.n / other.n) ** 2 * other.n for hit, other in groups)
    return float(sum(hit.n for hit, _other in groups) ** 2 / squares)


def _estimated(groups: Sequence[Group], level: float) -> Association:
    matched, others = sum(hit.n for hit, _other in groups), _others(groups)
    weights = [hit.n / other.n for hit, other in groups]
    one = _sum(hit for hit, _other in groups)
    weighted = _sum(o.times(w) for w, (_hit, o) in zip(weights, groups, strict=True))
    slope = _slopes(weighted)
    means = [_residual_mean(side, slope) for side in (one, weighted)]
    spread = _residual_squares(one, slope, means[0]) / (matched - 1) / matched
    squared = _sum(o.times(w * w) for w, (_hit, o) in zip(weights, groups, strict=True))
    # Two slopes and a mean are estimated from the others.
    other = _residual_squares(squared, slope, means[1]) / matched**2 * others / (others - 3)
    freedom = (spread + other) ** 2 / (spread**2 / (matched - 1) + other**2 / (others - 3) or 1.0)
    from scipy.special import stdtrit  # type: ignore[import-untyped]

    reach = float(stdtrit(max(freedom, 1.0), (1 + level) / 2)) * sqrt(spread + other)
    mean = means[0] - means[1]
    return Association(mean, mean - reach, mean + reach, round(matched), others)


def _slopes(of: Moments) -> tuple[float, float]:
    """The slopes of y on m and c by least squares; zero for what does not vary."""
    mm, cc = of.mm - of.m**2 / of.n, of.cc - of.c**2 / of.n
    mc = of.mc - of.m * of.c / of.n
    ym, yc = of.ym - of.y * of.m / of.n, of.yc - of.y * of.c / of.n
    flat = [mm <= 1e-9 * max(of.mm, 1.0), cc <= 1e-9 * max(of.cc, 1.0)]
    determinant = mm * cc - mc * mc
    if not any(flat) and determinant > 1e-6 * mm * cc:
        return (ym * cc - yc * mc) / determinant, (yc * mm - ym * mc) / determinant
    return (0.0 if flat[0] else ym / mm), (yc / cc if flat[0] and not flat[1] else 0.0)


def _residual_mean(of: Moments, slope: tuple[float, float]) -> float:
    return (of.y - slope[0] * of.m - slope[1] * of.c) / of.n


def _residual_squares(of: Moments, slope: tuple[float, float], mean: float) -> float:
    """The sum of (y − slope·(m, c) − mean)²."""
    a, b = slope
    squares = of.yy + a * a * of.mm + b * b * of.cc - 2 * a * of.ym - 2 * b * of.yc
    squares += 2 * a * b * of.mc
    total = of.y - a * of.m - b * of.c
    return max(0.0, squares - 2 * mean * total + mean * mean * of.n)


def _sum(each: Iterable[Moments]) -> Moments:
    return sum(each, Moments(*([0.0] * 10)))


def _figures(of: Moments) -> tuple[float, ...]:
    return (of.n, of.y, of.m, of.c, of.yy, of.ym, of.yc, of.mm, of.mc, of.cc)
