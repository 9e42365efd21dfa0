"""Survival: which share of customers stays how long, estimated as by Kaplan and Meier.

Of customers who are still here it is known only that they stayed this long (right
censoring); customers who joined before the data begin are watched only from the
tenure they had then (left truncation). Both count only while they are watched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from scorecard.errors import FactsError
from scorecard.stats.intervals import LEVEL, Interval, clopper_pearson

Event = tuple[float, int, int, int]
"""A tenure, and how many entered the risk set, left it (lost or not), and were lost at it."""

_NOISE = 1e-9


@dataclass(frozen=True)
class KaplanMeierStep:
    """One step of a survival curve: the curve from one tenure to the next.

    at_risk   watched just before `time`; `after` just after it
    survival  share still there after it
    greenwood Greenwood's sum Σ lost ÷ (at_risk · (at_risk − lost)); infinite once nobody is left
    fewest    the smallest risk set met so far
    """

    time: float
    at_risk: int
    lost: int
    after: int
    survival: float
    greenwood: float
    fewest: int


@dataclass(frozen=True)
class Survival:
    """Survival to a horizon. `value` is None where nobody was watched on the way there.

    `at_risk` are those watched at the horizon; `since` is the first tenure at which
    anybody was watched: above 0 the figure holds only for customers who reached it.
    """

    value: float | None
    low: float | None
    high: float | None
    at_risk: int
    since: float = 0.0


def curve(rows: Iterable[Event]) -> list[KaplanMeierStep]:
    """The Kaplan–Meier curve, one step per tenure, in order.

    At a tenure those are at risk who entered strictly before it and did not
    leave before it; entering at 0 is entering before everything. FactsError
    when more leave, or are lost, than could be there: a customer who enters
    and leaves at one tenure was never watched and must not be counted.
    """
    steps: list[KaplanMeierStep] = []
    watched, survival, greenwood, fewest = 0, 1.0, 0.0, 0
    for time, entered, left, lost in _by_time(rows):
        at_risk = watched + (entered if time <= 0 else 0)
        watched += entered - left
        if lost > min(left, at_risk) or watched < 0:
            raise FactsError(
                f"Survival: {left} left and {lost} were lost at tenure {time:g}, where "
                f"{at_risk} were watched; leave out who enters and leaves at the same tenure."
            )
        if lost:
            survival *= 1 - lost / at_risk
            greenwood += lost / (at_risk * (at_risk - lost)) if lost < at_risk else inf
        fewest = min(fewest or at_risk, at_risk) if at_risk else fewest
        steps.append(KaplanMeierStep(time, at_risk, lost, watched, survival, greenwood, fewest))
    return steps


def survival_at(rows: Iterable[Event], horizon: float, level: float = LEVEL) -> Survival:
    """Share of customers who stay beyond `horizon`, with its interval.

    No value when the risk set was empty somewhere on the way (after the first
    entry) while customers could still be lost, or when nobody entered; nor after
    a loss of the only ones watched, where others were watched later on. The
    interval is Clopper and Pearson's on the effective n, as many customers watched
    to the end as would have Greenwood's variance; where none, or all, were lost
    that of the smallest risk set on the way.
    Source: Kaplan and Meier 1958; Greenwood 1926; Cutler and Ederer 1958.
    """
    steps = [s for s in curve(rows) if s.time <= horizon]
    if not steps:
        return Survival(None, None, None, 0)
    last, since = steps[-1], max(0.0, steps[0].time)
    at_risk = last.at_risk if last.time == horizon else last.after
    gap = at_risk == 0 or any(s.after == 0 for s in steps if s.time < horizon)
    again = any(one.after == 0 and later.after > 0 for one, later in pairwise(steps))
    if gap and (again or last.survival > _NOISE):
        return Survival(None, None, None, at_risk, since)
    smallest = min(filter(None, (last.fewest, at_risk)), default=0)
    low, high = _interval(last, smallest, level)
    return Survival(last.survival, low, high, at_risk, since)


def _interval(step: KaplanMeierStep, smallest: int, level: float) -> Interval:
    if step.survival <= _NOISE or step.greenwood == 0:
        n = float(smallest)
    else:
        n = (1 - step.survival) / (step.survival * step.greenwood)
    return clopper_pearson(step.survival * n, n, level)


def _by_time(rows: Iterable[Event]) -> list[Event]:
    """The rows sorted by tenure, those of one tenure added up; negative tenures count as 0."""
    table: dict[float, list[int]] = {}
    for time, *counts in rows:
        known = table.setdefault(max(0.0, time), [0, 0, 0])
        table[max(0.0, time)] = [a + b for a, b in zip(known, counts, strict=True)]
    return [(time, c[0], c[1], c[2]) for time, c in sorted(table.items())]
