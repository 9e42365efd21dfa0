"""The outcome of a commitment: what its figure says at the period in which it is due.

Nobody sets it by hand. A commitment is broken where the figure is not where it was to be, and
kept where it is; then the figure of the period in which it was made says whether it moved.
"""

from __future__ import annotations

from scorecard.answering.model import Goal, Outcome
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.judging.verdict import oriented, place_of
from scorecard.strategy.limits import less, limits


def outcome_of(metric: Metric, goal: Goal, made: Result | None, due: Result | None) -> Outcome:
    """What became of a commitment, from the results of the periods in which it was made and due.

    Both are to be final. One that is None was not measured.

        broken              the figure lies outside of the goal: worse, or better than was chosen
        kept, and it moved  it lies inside, and lay outside when the commitment was made, or its
                            interval is all better than that was, or it is exceptionally good
        kept, no effect     it lies inside, and is not to be told from what it was
        not shown           the evidence does not decide, or there is no figure
    """
    place = _place(metric, goal, due)
    if due is None or place is None:
        return "not shown"
    if place != "within":
        return "broken"
    return "kept, and it moved" if _moved(metric, goal, made, due) else "kept, no effect"


def _place(metric: Metric, goal: Goal, found: Result | None) -> str | None:
    """Where a figure is shown to lie; None where it is not."""
    if found is None or found.unmeasured:
        return None
    place = place_of(metric, found.estimate, limits(metric, goal), found.mode)
    return None if place == "straddle" else place


def _moved(metric: Metric, goal: Goal, made: Result | None, due: Result) -> bool:
    """Whether a figure that is where it was to be was not there, or was worse by all it is."""
    if due.signal.flow == "exceptional, favourable":
        return True
    if _place(metric, goal, made) in ("below", "above"):
        return True
    if made is None or made.unmeasured or "census" in (made.mode, due.mode):
        return False
    before, after = oriented(metric, made.estimate), oriented(metric, due.estimate)
    return less(before[1], after[0])
