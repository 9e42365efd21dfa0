"""The yearly season: the place of a period in its year, and whether figures depend on it."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.base.periods import Period

PLACES = {"month": 12, "quarter": 4, "week": 13}
"""Places in a year, by the kind of period; a place of weeks is four of them."""
NEEDED = {"month": 2, "quarter": 2, "week": 8}
"""Figures that each place needs before a season is known: those of two years."""
SURE = 0.01
"""A season is taken out where figures so unlike by place would come by chance less often."""


def place(period: Period) -> int:
    """The place in the year, from 0 on; 0 of a year and of a span, which have no others."""
    if period.kind == "month":
        return period.first.month - 1
    if period.kind == "quarter":
        return (period.first.month - 1) // 3
    if period.kind == "week":
        # A 53rd week belongs to the last place.
        return min((period.first.isocalendar().week - 1) // 4, PLACES["week"] - 1)
    return 0


def known(kind: str, places: Sequence[int]) -> bool:
    """Whether each place of the year has the figures that it needs."""
    return all(places.count(each) >= NEEDED[kind] for each in range(PLACES[kind]))


def means(values: Sequence[float], places: Sequence[int]) -> list[float]:
    """The mean value of each place, from place 0 on; every place has a value."""
    grouped: list[list[float]] = [[] for _ in range(max(places) + 1)]
    for value, at in zip(values, places, strict=True):
        grouped[at].append(value)
    return [sum(group) / len(group) for group in grouped]


def found(values: Sequence[float], places: Sequence[int]) -> bool:
    """Whether values differ by place more than chance lets them: the F test of a one-way analysis
    of variance. False of values that do not differ at all."""
    from scipy.special import fdtrc  # type: ignore[import-untyped]

    of_place, centre = means(values, places), sum(values) / len(values)
    between = sum((of_place[at] - centre) ** 2 for at in places)
    within = sum((x - of_place[at]) ** 2 for x, at in zip(values, places, strict=True))
    if between <= 1e-12 * sum(x * x for x in values):
        return False
    if within <= 1e-12 * between:
        return True
    free, rest = len(of_place) - 1, len(values) - len(of_place)
    return bool(fdtrc(free, rest, between / free / (within / rest)) < SURE)
