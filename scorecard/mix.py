"""Mix: how much of a company figure's change is its tiers' rates, and how much their sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A change in three figures of one unit; `rate` and `mix` add up to `total`."""

    total: float
    rate: float
    mix: float


def kitagawa(
    w0: Sequence[float], w1: Sequence[float], r0: Sequence[float], r1: Sequence[float]
) -> Change:
    """Split Σ w1·r1 − Σ w0·r0 into what rates changed and what shares of tiers changed.

    `w0`, `w1` are each tier's share of the population before and after (they
    sum to 1), `r0`, `r1` its rates. Midpoint weights leave no residual.
    ValueError when the lengths differ. Source: Kitagawa 1955.
    """
    rows = list(zip(w0, w1, r0, r1, strict=True))
    rate = sum((a + b) / 2 * (d - c) for a, b, c, d in rows)
    mix = sum((c + d) / 2 * (b - a) for a, b, c, d in rows)
    return Change(rate + mix, rate, mix)
