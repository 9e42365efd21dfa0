"""Which goals a commitment may have: the limit of its stance, or a better one in its unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sample_material import view
from sample_measures import a_metric
from test_ledger import stance

from scorecard.answering.goals import better_goal, own_goal, stance_of, wrong_goal
from scorecard.answering.model import Commitment, Goal
from scorecard.documents.committed import shown
from scorecard.documents.report_data import Answering
from scorecard.errors import ProjectError
from scorecard.strategy.model import Strategy, TierPlan

SHARE = a_metric()
HOURS = a_metric("quantile", "hours", better="lower", q=0.9)
NEITHER = a_metric("mean", "score", better="neither")
MONEY = a_metric("total", "money")
PROMISED = stance(metric="measured", written=("80 %", ""))
WITHIN_4_H = stance(at_worst=4.0, metric="measured", written=("4 h", ""))
ACCEPTED = stance(
    at_worst=48.0, at_best=12.0, metric="measured", kind="weakness", written=("48 h", "12 h")
)


def refused(of, metric, to):
    with pytest.raises(ProjectError) as error:
        better_goal(of, metric, to, "EUR")
    return str(error.value)


@pytest.mark.parametrize(
    ("of", "metric", "to", "goal"),
    [
        (PROMISED, SHARE, "85 %", 0.85),
        (PROMISED, SHARE, "80 %", 0.8),
        (WITHIN_4_H, HOURS, "3 h", 3.0),
        (WITHIN_4_H, HOURS, "150 min", 2.5),
        (ACCEPTED, HOURS, "12 h", 12.0),
        (stance(at_worst=1000.0, metric="measured"), MONEY, "1,200 EUR", 1200.0),
        # Where neither direction is better the lower limit can be raised.
        (stance(at_worst=2.0, at_best=4.0, metric="measured"), NEITHER, 3, 3.0),
        # Where there is only the other limit, any goal on this side of it is one.
        (stance(at_worst=None, at_best=12.0, metric="measured"), HOURS, "20 h", 20.0),
    ],
)
def test_a_goal_is_the_limit_or_a_better_one(of, metric, to, goal):
    assert better_goal(of, metric, to, "EUR") == replace(own_goal(of), at_worst=goal)


@pytest.mark.parametrize(
    ("of", "metric", "to", "said"),
    [
        (PROMISED, SHARE, "79 %", 'The goal "79 %" is worse than the limit that was chosen, 80 %;'),
        (WITHIN_4_H, HOURS, "5 h", 'The goal "5 h" is worse than the limit that was chosen, 4 h;'),
        (WITHIN_4_H, HOURS, "0.2 d", 'The goal "0.2 d" is worse'),
        (ACCEPTED, HOURS, "11 h", "is better than what was chosen to be paid for, 12 h;"),
        (stance(at_worst=2.0, at_best=4.0, metric="measured"), NEITHER, 1, "chosen, 2;"),
        (WITHIN_4_H, HOURS, "3", 'The goal "3" does not say its unit as hours is written'),
        (WITHIN_4_H, HOURS, "85 %", 'The goal "85 %" does not say its unit as hours is written'),
        (WITHIN_4_H, HOURS, "soon", 'The goal "soon" is not a number with a unit'),
        (PROMISED, SHARE, "101 %", 'The goal "101 %" is outside what share can be'),
        (stance(metric="measured"), MONEY, "90 USD", 'The goal "90 USD" does not say its unit'),
        (PROMISED, SHARE, True, 'The goal "True" is not a limit'),
        (PROMISED, None, "85 %", '"measured" is no metric here'),
    ],
)
def test_what_is_no_goal_is_refused_in_a_sentence(of, metric, to, said):
    assert said in refused(of, metric, to)
    assert "\n" not in refused(of, metric, to)


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (Goal("measured", "gold", 5.0, None), 'The goal "5" is worse'),
        (Goal("measured", "gold", None, None), 'The goal "none" is worse'),
        (Goal("measured", "gold", 3.0, 1.0), "another second limit"),
    ],
)
def test_a_goal_that_somebody_else_made_is_held_against_the_limit_too(goal, said):
    (sentence,) = wrong_goal(goal, WITHIN_4_H, HOURS)
    assert said in sentence


def test_the_limit_itself_is_a_goal_also_where_the_metric_is_not_known():
    assert list(wrong_goal(own_goal(WITHIN_4_H), WITHIN_4_H, None)) == []


def test_a_commitment_moves_a_stance_of_its_own_post_that_is_in_force():
    strategy = Strategy(plan=TierPlan("declared", ("gold",)), stances=(WITHIN_4_H,))
    day = date(2026, 11, 1)
    assert stance_of(strategy, "head-of-support", "measured/gold", day) == WITHIN_4_H
    for owner, key, on in (
        ("field", "measured/gold", day),
        ("head-of-support", "measured/golt", day),
        ("head-of-support", "measured/gold", date(2025, 12, 31)),
    ):
        with pytest.raises(ProjectError, match="in force"):
            stance_of(strategy, owner, key, on)


@pytest.mark.parametrize(
    ("at_worst", "said"),
    [
        (4.0, "Gold first reply"),
        (3.0, "Gold first reply to 3 h"),
        (2.5, "Gold first reply to 2.5 h"),
    ],
)
def test_a_better_goal_is_printed_beside_what_it_moves(at_worst, said):
    """Else a commitment would be printed as broken by a figure that is inside of the limit."""
    made = Commitment(
        1,
        "ada",
        "Ada Berg",
        "bring it down",
        Goal("reply", "gold", at_worst, None),
        "2026-12",
        "2026-10",
        "",
        datetime(2026, 11, 16, 6, tzinfo=UTC),
        "command",
    )
    found = view()
    data = replace(found.data, answering=Answering(commitments=[made]))
    (line,) = shown(replace(found, data=data), "ada")
    assert line.moves.replace("\u00a0", " ") == said
