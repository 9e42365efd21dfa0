"""What engines and the package compute, worked out once more in plain Python, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scorecard.stats.intervals import LEVEL, wilson
from scorecard.stats.survival import Event, KaplanMeierStep, _interval, curve
from scorecard.strategy.limits import less

_NOISE = 1e-9


def proves_at(limit: float, n: int, level: float = LEVEL) -> int | None:
    """The smallest x of n that proves a share of at least `limit`; None when not even n does."""
    return next((x for x in range(n + 1) if not less(wilson(x, n, level)[0], limit)), None)


def disproves_at(limit: float, n: int, level: float = LEVEL) -> int | None:
    """The largest x of n that proves a share below `limit`; None when not even 0 does."""
    return next((x for x in range(n, -1, -1) if less(wilson(x, n, level)[1], limit)), None)


@dataclass(frozen=True)
class Quantile:
    """A quantile of waiting times; None where the waits seen so far do not reach it."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def km_quantile(rows: Iterable[tuple[float, int, int]], q: float, level: float = LEVEL) -> Quantile:
    """Quantile q of waits, some of which are not over yet: rows of (time, lost, censored).

    `lost` waits ended at that time, `censored` ones were still open. The value
    is the first time by which a share q had ended; its bounds are where the
    curve's log-log band has.
    Source: Brookmeyer and Crowley 1982.
    """
    table = sorted(rows)
    n = sum(lost + censored for _, lost, censored in table)
    events: list[Event] = [(0.0, n, 0, 0)]
    events += [(time, 0, lost + censored, lost) for time, lost, censored in table]
    steps = [s for s in curve(events) if s.lost]
    bands = [_interval(s, s.at_risk, level) for s in steps]
    return Quantile(
        _first(steps, [s.survival for s in steps], q),
        _first(steps, [low for low, _ in bands], q),
        _first(steps, [high for _, high in bands], q),
        n,
    )


def _first(steps: Sequence[KaplanMeierStep], shares: Sequence[float], q: float) -> float | None:
    """The first time at which a share q has ended, with room for rounding."""
    reached = (s.time for s, share in zip(steps, shares, strict=True) if share <= 1 - q + _NOISE)
    return next(reached, None)
