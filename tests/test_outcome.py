"""What became of commitments, by figures worked out by hand."""

from __future__ import annotations

import pytest
from sample_measures import a_metric

from scorecard.answering.model import Goal
from scorecard.definitions.results import Estimate, Result, Signal, Sums
from scorecard.judging.outcome import outcome_of

SHARE = a_metric()
HOURS = a_metric("quantile", "hours", better="lower", q=0.9)
AT_LEAST = Goal("measured", "gold", 0.8, None)
BETWEEN = Goal("measured", "gold", 0.5, 0.66)
WITHIN_4_H = Goal("measured", "gold", 4, None)


def seen(value, low, high, mode="sample", n=100, **more):
    sums = Sums(n=n, customers=n, num=value * n, den=n, nn=value * n, dd=n, nd=value * n)
    found = Estimate(value, low, high, n, n, sums=sums)
    return Result("measured", "v1", "gold", "2026-10", found, mode, **more)


@pytest.mark.parametrize(
    ("made", "due", "outcome"),
    [
        # 80 % or more was promised at 72 % (68–76).
        (seen(0.72, 0.68, 0.76), seen(0.86, 0.82, 0.89), "kept, and it moved"),
        (seen(0.72, 0.68, 0.76), seen(0.74, 0.70, 0.78), "broken"),
        (seen(0.72, 0.68, 0.76), seen(0.80, 0.76, 0.84), "not shown"),
        # It was kept already, and is not to be told from what it was.
        (seen(0.86, 0.82, 0.89), seen(0.87, 0.83, 0.90), "kept, no effect"),
        # It was kept already, and is better by more than both intervals.
        (seen(0.84, 0.81, 0.87), seen(0.93, 0.90, 0.95), "kept, and it moved"),
        # Where it lay was not shown, and it is not better for sure.
        (seen(0.80, 0.76, 0.84), seen(0.86, 0.82, 0.89), "kept, no effect"),
        (None, seen(0.86, 0.82, 0.89), "kept, no effect"),
        (seen(0.72, 0.68, 0.76), None, "not shown"),
        (seen(0.72, 0.68, 0.76), seen(0.9, 0.6, 1.0, n=8), "not shown"),
        (seen(0.72, 0.68, 0.76), seen(0.86, 0.82, 0.89, unmeasured="no surveys"), "not shown"),
        # All were counted: the value alone tells.
        (seen(0.79, None, None, "census"), seen(0.81, None, None, "census"), "kept, and it moved"),
        (seen(0.79, None, None, "census"), seen(0.79, None, None, "census"), "broken"),
        (seen(0.85, None, None, "census"), seen(0.95, None, None, "census"), "kept, no effect"),
    ],
)
def test_the_figure_says_what_became_of_it(made, due, outcome):
    assert outcome_of(SHARE, AT_LEAST, made, due) == outcome


def test_more_than_was_chosen_is_not_kept():
    """50 to 66 % was to be held: 71 % (69–72) is over it, as it was."""
    over = seen(0.71, 0.69, 0.72)
    assert outcome_of(SHARE, BETWEEN, over, over) == "broken"
    assert outcome_of(SHARE, BETWEEN, over, seen(0.6, 0.57, 0.63)) == "kept, and it moved"


def test_an_exceptionally_good_figure_moved():
    signal = Signal("exceptional, favourable")
    due = seen(0.86, 0.82, 0.89, signal=signal)
    assert outcome_of(SHARE, AT_LEAST, seen(0.85, 0.81, 0.88), due) == "kept, and it moved"


def test_where_less_is_better():
    """Four hours: 5.8 (5.1–6.6) before, 3.2 (2.9–3.6) now; and 3.9 (3.7–3.98) before."""
    now = seen(3.2, 2.9, 3.6)
    assert outcome_of(HOURS, WITHIN_4_H, seen(5.8, 5.1, 6.6), now) == "kept, and it moved"
    assert outcome_of(HOURS, WITHIN_4_H, seen(3.9, 3.7, 3.98), now) == "kept, and it moved"
    assert outcome_of(HOURS, WITHIN_4_H, seen(3.4, 3.1, 3.8), now) == "kept, no effect"
    assert outcome_of(HOURS, WITHIN_4_H, now, seen(5.8, 5.1, 6.6)) == "broken"
