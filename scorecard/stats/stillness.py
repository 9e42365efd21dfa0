"""Figures that mostly stand still, and the least spread that figures of n answers can have.

A whale curve that mostly peaks at its total and a failure cost that is mostly nothing have no
spread of their own until they first move: limits made before that call the first move exceptional.
Figures made of answers have at least the spread that so few answers give them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import floor

from scorecard.stats.process import Point

STANDING = 0.5
"""The part of a baseline's figures that are one and the same from which on it has no limits."""
_DIGITS = 9
"""Decimals, of figures of the size of one, up to which rounding does not make figures differ."""


def stands_still(values: Sequence[float]) -> bool:
    """Whether half or more of these figures are one and the same; False of none."""
    size = max(map(abs, values), default=0.0) or 1.0
    same = Counter(round(value / size, _DIGITS) for value in values)
    return max(same.values(), default=0) >= STANDING * max(len(values), 1)


def answers_variance(points: Sequence[Point], low: float, step: float) -> float:
    """The least variance that one answer can have where answers lie `step` apart from `low` on.

    That of answers of two neighbouring steps with the same mean; half an answer is put on each
    side (Jeffreys), since so many that were alike do not say that all are. 0 where an n is not
    known or the figures are no means of such answers.
    """
    if not points or any(p.n <= 0 for p in points):
        return 0.0
    sums = [(p.value - low) / step * p.n for p in points]
    if any(abs(total - round(total)) > 1e-6 * p.n for total, p in zip(sums, points, strict=True)):
        return 0.0
    of = sum(p.n for p in points)
    mean = sum(map(round, sums)) / of
    part = ((mean - floor(mean)) * of + 0.5) / (of + 1)
    return step**2 * part * (1 - part)
