"""The yearly season: the place of a period in its year, and whether figures depend on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import fdtrc

from scorecard.base.periods import Period

PLACES = {"month": 12, "quarter": 4, "week": 13}
"""Places in a year, by the kind of period; a place of weeks is four of them."""
YEARS = 2
"""Figures that each place needs before a season is known."""
SURE = 0.05
"""A season is taken out where figures so unlike by place would come by chance less often."""


def place(period: Period) -> int | None:
    """The place in the year, from 0 on; None of a year and of a span, which have none."""
    if period.kind == "month":
        return period.first.month - 1
    if period.kind == "quarter":
        return (period.first.month - 1) // 3
    if period.kind == "week":
        # A 53rd week belongs to the last place.
        return min((period.first.isocalendar().week - 1) // 4, PLACES["week"] - 1)
    return None


def known(places: Sequence[int], count: int) -> bool:
    """Whether each of `count` places has the figures that it needs; two years of weeks have eight
    for each."""
    needed = YEARS * 4 if count == PLACES["week"] else YEARS
    return all(places.count(each) >= needed for each in range(count))


def seasonal(values: Sequence[float], places: Sequence[int], count: int) -> bool:
    """Whether values differ by place more than chance lets them: the F test of one-way analysis
    of variance. False of values that do not differ at all."""
    x, at = np.asarray(values), np.asarray(places)
    means = np.bincount(at, x, count) / np.bincount(at, minlength=count)
    between, within = (
        float(((means[at] - x.mean()) ** 2).sum()),
        float(((x - means[at]) ** 2).sum()),
    )
    rest = len(x) - count
    if between <= 1e-12 * float((x**2).sum()):
        return False
    if within <= 1e-12 * between:
        return True
    return bool(fdtrc(count - 1, rest, between / (count - 1) / (within / rest)) < SURE)
