"""Judging: verdicts and signals of a period, from its own figures and from earlier ones.

The limit is 80 % in most of these. Clopper and Pearson's 90 % interval is .643–.909 for
24 of 30, .801–.960 for 45 of 50 and .068–.247 for 7 of 50 (see test_intervals.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sample_choices import LATER, OCTOBER, chosen, earlier, witnessed
from sample_measures import a_metric

from scorecard.definitions.results import Estimate, Result, Signal, Sums
from scorecard.judging.judge import Circumstances, judge_results
from scorecard.stats.estimate import estimate
from scorecard.strategy.model import BaselineStart

SHARE = replace(a_metric(), name="csat", version="v1", matures=14, needs=("surveys",))
SERIES = ("csat", "v1", "gold")


def shares(hits: int, of: int) -> Sums:
    """Every answer from another customer."""
    return Sums(of, of, hits, of, hits, of, hits)


def result(hits: int = 0, of: int = 0, metric=SHARE, tier: str = "gold", unmeasured: str = ""):
    found = estimate(metric, shares(hits, of)) if of else Estimate()
    return Result("csat", "v1", tier, "2026-10", found, metric.evidence, unmeasured)


def under(metric=SHARE, **more) -> Circumstances:
    stances = more.pop("stances", [chosen("csat/gold", "strength", 0.8)])
    given = dict(
        period=OCTOBER,
        as_of=LATER,
        metrics={"csat": metric},
        stances=witnessed(*stances),
        matures=lambda m: m.matures,
        stale=frozenset(),
        histories={},
    )
    return Circumstances(**(given | more))


def verdict(found: Result, circumstances: Circumstances):
    (one,) = judge_results([found], circumstances)
    return one.verdict


def test_a_figure_is_held_against_the_stance_on_its_metric_and_tier():
    delivered, unchosen = judge_results([result(45, 50), result(45, 50, tier="bronze")], under())
    assert (delivered.verdict.words, delivered.stance) == ("delivered", "csat/gold")
    assert (unchosen.verdict, unchosen.stance) == (None, "")


def test_what_the_interval_does_not_decide_is_too_little_evidence():
    found = verdict(result(24, 30), under())
    assert (found.words, found.reason, found.periods_undecided) == (
        "too little evidence",
        "straddles_limit",
        1,
    )


def test_the_stances_own_evidence_is_stronger_than_the_metrics():
    counted = chosen("csat/gold", "strength", 0.8, evidence="census")
    (found,) = judge_results([result(24, 30)], under(stances=[counted]))
    assert (found.mode, found.verdict.words) == ("census", "delivered")  # 24 of 30 is 80 %


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        (datetime(2026, 10, 31, 23, 59, tzinfo=UTC), "partial_period"),
        (datetime(2026, 11, 1, 0, 0, tzinfo=UTC), "not_mature"),
        (datetime(2026, 11, 14, 23, 59, tzinfo=UTC), "not_mature"),
        (datetime(2026, 11, 15, 0, 0, tzinfo=UTC), ""),
    ],
)
def test_nothing_is_judged_before_the_period_is_over_and_mature(as_of, reason):
    found = verdict(result(45, 50), under(as_of=as_of))
    assert found.reason == reason
    assert (found.region is None) == bool(reason)


def test_maturity_is_counted_in_local_days_through_the_change_of_clocks():
    """A figure of February that needs 35 days is final from midnight of 5 April, summer time."""
    february = OCTOBER.parse("2026-02", "Europe/London")
    slow = replace(SHARE, matures=35)
    midnight = datetime(2026, 4, 4, 23, 0, tzinfo=UTC)
    final = under(slow, period=february, as_of=midnight)
    early = under(slow, period=february, as_of=midnight - timedelta(minutes=1))
    assert (final.mature(slow), early.mature(slow)) == (True, False)


def test_stale_facts_withhold_the_verdict():
    found = verdict(result(45, 50), under(stale=frozenset({"surveys"})))
    assert (found.words, found.reason) == ("too little evidence", "stale")
    assert verdict(result(45, 50), under(stale=frozenset({"costs"}))).words == "delivered"


def test_a_column_that_is_needed_makes_its_table_needed():
    column = replace(SHARE, needs=("customers.closed_on",))
    assert under(column, stale=frozenset({"customers"})).is_stale(column)


def test_what_cannot_be_measured_says_why():
    found = verdict(result(unmeasured="no surveys"), under())
    assert (found.words, found.reason) == ("too little evidence", "not_measured")


# 72 of 90 straddles 80 % by itself; with three periods of 85 of 90 it is 327 of 360.
STRADDLING = result(72, 90)
TOGETHER = estimate(SHARE, shares(327, 360))


def three(metric, periods):
    """What this period and the three before it say together."""
    assert [p.key for p in periods][-1] == "2026-10"
    return {"gold": TOGETHER}


def test_four_periods_decide_together_after_three_undecided_ones():
    third = under(histories={SERIES: earlier(0.8, 0.8, undecided=2)}, pool=three)
    found = verdict(STRADDLING, third)
    assert (found.words, found.pooled, found.periods_undecided) == ("delivered", True, 3)


def test_two_undecided_periods_decide_nothing_together():
    second = under(histories={SERIES: earlier(0.8, undecided=1)}, pool=three)
    found = verdict(STRADDLING, second)
    assert (found.words, found.pooled, found.periods_undecided) == (
        "too little evidence",
        False,
        2,
    )


def test_a_period_that_was_decided_together_still_counts_as_undecided():
    """The count is of the periods' own intervals, so the fourth is pooled as the third was."""
    pooled = [replace(p, reason="") for p in earlier(0.8, undecided=3, words="delivered")]
    found = verdict(STRADDLING, under(histories={SERIES: pooled}, pool=three))
    assert (found.words, found.pooled, found.periods_undecided) == ("delivered", True, 4)


def test_a_gap_ends_the_run_of_undecided_periods():
    gone = earlier(0.8, undecided=5, last=OCTOBER.previous())
    assert verdict(STRADDLING, under(histories={SERIES: gone}, pool=three)).periods_undecided == 1


def test_a_new_limit_begins_a_new_run():
    moved = chosen("csat/gold", "strength", 0.8, effective=date(2026, 9, 1))
    found = under(stances=[moved], histories={SERIES: earlier(0.8, undecided=5)}, pool=three)
    assert verdict(STRADDLING, found).periods_undecided == 2


def test_trailing_windows_are_never_pooled():
    """Their neighbours share rows, which would be counted several times."""
    trailing = replace(SHARE, window=12)
    third = under(trailing, histories={SERIES: earlier(0.8, 0.8, undecided=2)}, pool=three)
    found = verdict(STRADDLING, third)
    assert (found.words, found.pooled, found.periods_undecided) == (
        "too little evidence",
        False,
        3,
    )


# Of six periods of 50 or 40 answers 71 %: by counting alone 25 to 45 of 50 more, by the
# beta-binomial distribution with Jeffreys' prior at .2 % on each side.
STEADY = (0.70, 0.72, 0.70, 0.72, 0.70, 0.72)


def signalled(found: Result, circumstances: Circumstances) -> Signal:
    (one,) = judge_results([found], circumstances)
    return one.signal


def test_a_signal_comes_from_the_figures_own_history():
    found = signalled(result(46, 50), under(histories={SERIES: earlier(*STEADY)}))
    assert (found.flow, found.provisional, found.points) == ("exceptional, favourable", True, 6)
    assert (found.lower, found.upper) == (0.5, 0.9)
    assert signalled(result(45, 50), under(histories={SERIES: earlier(*STEADY)})).flow == "routine"


def test_limits_begin_anew_from_a_declared_day_for_their_metric_and_tier():
    """October is judged by its own series; the newest day up to its end counts."""

    def points(*declared):
        history = {SERIES: earlier(*STEADY, *STEADY)}
        return signalled(result(45, 50), under(histories=history, baselines=declared)).points

    anew = BaselineStart("csat", "gold", date(2026, 4, 1), "a new tariff", "coo")
    assert points() == 12
    assert points(anew) == 6
    assert points(replace(anew, tier="")) == 6
    assert points(replace(anew, tier="bronze"), replace(anew, metric="nps")) == 12
    assert points(replace(anew, day=date(2026, 11, 1))) == 12
    assert points(replace(anew, day=date(2026, 2, 1)), anew) == 6


def test_limits_are_made_of_no_figure_that_was_not_shown():
    """A mean of twelve of which eleven are printed would tell the twelfth."""
    private = replace(SHARE, confidential=True)
    points = earlier(*STEADY)
    many = [replace(p, customers=50, n=50) for p in points]
    few = [*many[:-1], replace(many[-1], customers=3, n=9, value=0.1)]
    without = signalled(result(45, 50, private), under(private, histories={SERIES: many[:-1]}))
    found = signalled(result(45, 50, private), under(private, histories={SERIES: few}))
    assert found == without
    assert signalled(result(45, 50, private), under(private, histories={SERIES: many})) != found


def test_a_figure_without_a_stance_has_a_signal_all_the_same():
    history = {("csat", "v1", "bronze"): earlier(*STEADY)}
    found = signalled(result(36, 50, tier="bronze"), under(histories=history))
    assert found.flow == "routine"


def test_figures_of_another_version_are_another_history():
    history = {("csat", "v0", "gold"): earlier(*STEADY)}
    assert signalled(result(45, 50), under(histories=history)) == Signal()


def test_trailing_windows_have_no_process_limits():
    trailing = replace(SHARE, window=12)
    found = under(trailing, histories={SERIES: earlier(*STEADY)})
    assert signalled(result(45, 50), found) == Signal()


def test_nothing_is_signalled_before_the_figure_is_mature():
    early = under(as_of=datetime(2026, 11, 14, tzinfo=UTC), histories={SERIES: earlier(*STEADY)})
    assert signalled(result(45, 50), early) == Signal()


def test_an_earlier_figure_that_was_not_yet_mature_gives_no_limits():
    """It was taken on 1 October, when September's answers were still coming in."""
    history = earlier(*STEADY)
    history[-1] = replace(history[-1], as_of=datetime(2026, 10, 1, tzinfo=UTC))
    found = signalled(result(45, 50), under(histories={SERIES: history}))
    assert (found.flow, found.points) == ("", 5)
