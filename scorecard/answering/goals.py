"""Goals: what a commitment has to reach, the limits of its stance or a better one.

A goal that is worse than the limit would be a promise to miss it, and one beyond the other limit
could not be kept: both are refused, whichever way a commitment comes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from scorecard.answering.model import Goal
from scorecard.definitions.metric import Metric
from scorecard.definitions.units import read_limit
from scorecard.errors import ProjectError, StrategyError, did_you_mean
from scorecard.strategy.limits import less, limits
from scorecard.strategy.model import Stance, Strategy


def stance_of(strategy: Strategy, owner: str, key: str, today: date) -> Stance:
    """A post's stance "metric/tier" in force today; ProjectError where it has none."""
    own = {s.key: s for s in strategy.stances if s.owner == owner and s.holds_on(today)}
    if key not in own:
        raise ProjectError(
            f'"{owner}" has no stance "{key}" in force; a commitment moves one of its own '
            f"stances.{did_you_mean(key, own)}"
        )
    return own[key]


def own_goal(stance: Stance) -> Goal:
    """The limits of a stance as a goal."""
    return Goal(stance.metric, stance.tier, stance.at_worst, stance.at_best)


def better_goal(stance: Stance, metric: Metric | None, to: object, currency: str) -> Goal:
    """The goal of a stance with `to`, as it was written, in place of its limit.

    ProjectError where that is not in the metric's unit, or no goal; see `wrong_goal`.
    """
    if metric is None:
        raise ProjectError(_not_declared(stance))
    try:
        value = read_limit(to, metric.unit, currency)
    except StrategyError as error:
        raise ProjectError(f"The goal {error}") from error
    goal = replace(own_goal(stance), at_worst=value)
    for said in wrong_goal(goal, stance, metric, str(to).strip()):
        raise ProjectError(said)
    return goal


def wrong_goal(
    goal: Goal, stance: Stance, metric: Metric | None, written: str = ""
) -> Iterator[str]:
    """What speaks against a goal: it is the stance's limits, or better than the first of them.

    `written` is the goal as somebody wrote it; without it, it is told in the metric's base unit.
    """
    own = own_goal(stance)
    if goal == own:
        return
    if metric is None:
        yield _not_declared(stance)
        return
    said = written or ("none" if goal.at_worst is None else f"{goal.at_worst:g}")
    wanted, chosen = limits(metric, goal), limits(metric, own)
    if goal.at_best != own.at_best:
        yield f"The goal of {stance.key} has another second limit than its stance; leave it out."
    elif chosen.lower is not None and (wanted.lower is None or less(wanted.lower, chosen.lower)):
        yield (
            f'The goal "{said}" is worse than the limit that was chosen, {_limit(stance, 0)}; '
            "write a better one, or none, and that limit is the goal."
        )
    elif wanted.lower is not None and chosen.upper is not None and less(chosen.upper, wanted.lower):
        yield (
            f'The goal "{said}" is better than what was chosen to be paid for, '
            f"{_limit(stance, 1)}; write one that is not, or none."
        )


def _limit(stance: Stance, which: int) -> str:
    """A limit as the strategy has it, else in the metric's base unit."""
    values = (stance.at_worst, stance.at_best)
    return stance.written[which] or f"{values[which]:g}"


def _not_declared(stance: Stance) -> str:
    return (
        f'The goal of {stance.key} cannot be compared with its limit, since "{stance.metric}" is '
        "no metric here; leave it out, and that limit is the goal."
    )
