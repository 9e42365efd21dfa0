"""Ticks: round values for the axis of a chart."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10


def nice_ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    """About `count` round values (1, 2, 2.5 or 5 times a power of ten) that cover low–high.

    ValueError when a bound is not finite or low exceeds high; equal bounds
    are widened by one on both sides.
    """
    if not (isfinite(low) and isfinite(high)) or low > high or count < 1:
        raise ValueError(f"No ticks from {low} to {high} with {count} steps.")
    if low == high:
        low, high = low - 1, high + 1
    raw = (high - low) / count
    power = 10.0 ** floor(log10(raw))
    # The 1e-9 absorbs rounding: 0.3 / 0.1 is 2.9999999999999996.
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9))
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return tuple(round(i * step, 10) + 0.0 for i in range(first, last + 1))


def ticks_within(low: float, high: float, count: int) -> tuple[float, ...]:
    """About `count` round values from low to high, at least two where there is any room."""
    for steps in range(count, 4 * count):
        found = tuple(t for t in nice_ticks(low, high, steps) if low <= t <= high)
        if len(found) >= 2:
            return found
    return (low,) if low == high else (low, high)
