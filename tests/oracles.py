"""What engines and the package compute, worked out once more in plain Python, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scorecard.stats.intervals import LEVEL, clopper_pearson
from scorecard.stats.survival import Event, curve
from scorecard.strategy.limits import less

_NOISE = 1e-9


def proves_at(limit: float, n: int, level: float = LEVEL) -> int | None:
    """The smallest x of n that proves a share of at least `limit`; None when not even n does."""
    return next((x for x in range(n + 1) if not less(clopper_pearson(x, n, level)[0], limit)), None)


def disproves_at(limit: float, n: int, level: float = LEVEL) -> int | None:
    """The largest x of n that proves a share below `limit`; None when not even 0 does."""
    return next((x for x in range(n, -1, -1) if less(clopper_pearson(x, n, level)[1], limit)), None)


@dataclass(frozen=True)
class Quantile:
    """A quantile of waiting times; `value` is None where the waits seen so far do not reach it."""

    value: float | None
    n: int


def km_quantile(rows: Iterable[tuple[float, int, int]], q: float) -> Quantile:
    """Quantile q of waits, some of which are not over yet: rows of (time, lost, censored).

    `lost` waits ended at that time, `censored` ones were still open. The value
    is the first time by which a share q had ended, with room for rounding.
    Source: Kaplan and Meier 1958.
    """
    table = sorted(rows)
    n = sum(lost + censored for _, lost, censored in table)
    events: list[Event] = [(0.0, n, 0, 0)]
    events += [(time, 0, lost + censored, lost) for time, lost, censored in table]
    ended = (s.time for s in curve(events) if s.lost and s.survival <= 1 - q + _NOISE)
    return Quantile(next(ended, None), n)
