"""The verdict rule: regions, gates, words, lean, pooling, and what can be proven at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import comb, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import disproves_at, proves_at
from sample_measures import a_metric

from scorecard.definitions.results import Estimate, Limits, Sums, Verdict
from scorecard.judging.verdict import region, verdict_of
from scorecard.strategy.limits import limits, orient, resolvable
from scorecard.strategy.model import Stance

SHARE = a_metric()
HOURS = a_metric("quantile", "hours", better="lower", q=0.9)


def stance(worst: float | None = 0.8, best: float | None = None, kind="strength", **more) -> Stance:
    return Stance(
        metric="measured",
        tier="gold",
        kind=kind,
        owner="ada",
        at_worst=worst,
        at_best=best,
        importance=1,
        declared=date(2025, 12, 1),
        effective=date(2026, 1, 1),
        approved_by="coo",
        trade_off="One thing for another.",
        **more,
    )


def seen(low, high, value=None, n=100, **more) -> Estimate:
    middle = (low + high) / 2 if value is None else value
    return Estimate(middle, low, high, n=n, customers=n, **more)


GOLDEN = [
    (70, 75, 80, None, "below"),
    (78, 84, 80, None, "straddle"),
    (80, 90, 80, None, "within"),
    (91, 95, 80, 90, "above"),
    (85, 95, 80, 90, "within"),
    (79, 95, 80, 90, "straddle"),
]


@pytest.mark.parametrize(("low", "high", "lower", "upper", "expected"), GOLDEN)
def test_regions_of_the_rule(low, high, lower, upper, expected):
    assert region(low, high, Limits(lower, upper)) == expected


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("strength", 0.7, "not delivered"),
        ("strength", 0.8, "delivered"),
        ("strength", 0.95, "over-served"),
        ("weakness", 0.7, "beyond acceptance"),
        ("weakness", 0.9, "as accepted"),
        ("weakness", 0.95, "over-served"),
    ],
)
def test_only_the_words_differ_between_strength_and_weakness(kind, value, words):
    found = verdict_of(SHARE, Estimate(value, n=3), stance(0.8, 0.9, kind), mode="census")
    assert found.words == words


def test_rounding_does_not_fail_a_limit_that_is_met():
    # 70 * 0.01 is 0.7000000000000001 in binary; seven of ten is 70 %.
    found = verdict_of(SHARE, Estimate(7 / 10, n=10), stance(70 * 0.01), mode="census")
    assert found.words == "delivered"


@given(st.integers(-50, 50), st.integers(0, 50), st.integers(-50, 50), st.integers(1, 50))
def test_exactly_one_region_holds(low, width, lower, gap):
    high, upper = low + width, lower + gap
    holds = {
        "above": low > upper,
        "below": high < lower,
        "within": lower <= low <= upper,
        "straddle": low < lower <= high,
    }
    assert sum(holds.values()) == 1
    assert holds[region(low, high, Limits(lower, upper))]


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 50))
def test_a_counted_tier_never_straddles(value, lower, gap):
    assert region(value, value, Limits(lower, lower + gap)) != "straddle"


@given(
    st.integers(-50, 50),
    st.integers(0, 20),
    st.integers(-50, 50),
    st.integers(1, 50),
    st.sampled_from(["strength", "weakness"]),
    st.sampled_from(["sample", "census"]),
    st.integers(0, 60),
)
def test_turning_the_direction_round_changes_no_verdict(low, width, worst, gap, kind, mode, n):
    up, down = a_metric("mean", "rate"), a_metric("mean", "rate", better="lower")
    found = seen(low, low + width, n=n)
    turned = seen(-low - width, -low, n=n)
    chosen = stance(worst, worst + gap, kind)
    mirrored = replace(chosen, at_worst=-worst, at_best=-worst - gap)
    assert verdict_of(up, found, chosen, mode=mode) == verdict_of(down, turned, mirrored, mode=mode)


def test_at_worst_is_the_lower_limit_in_every_direction():
    assert limits(SHARE, stance(0.8, 0.9)) == Limits(0.8, 0.9)
    assert limits(HOURS, stance(48, 12)) == Limits(-48, -12)
    either = a_metric("ratio", "ratio", better="neither")
    assert limits(either, stance(0.8, 1.25)) == Limits(0.8, 1.25)
    assert limits(HOURS, stance(4, None)) == Limits(-4, None)
    assert orient(HOURS, 4) == -4 and orient(either, 4) == 4


def test_gates_come_in_order_and_say_nothing_else():
    closed = {"unmeasured": "no surveys", "partial": True, "mature": False, "stale": True}
    opened = {"unmeasured": "", "partial": False, "mature": True, "stale": False}
    expected = ["not_measured", "partial_period", "not_mature", "stale"]
    for step, (gate, reason) in enumerate(zip(closed, expected, strict=True)):
        state = dict(closed)
        for earlier in list(closed)[:step]:
            state[earlier] = opened[earlier]
        found = verdict_of(SHARE, seen(0.1, 0.2), stance(), mode="sample", **state)
        assert found == Verdict("too little evidence", None, reason), gate


def test_a_counted_tier_without_a_figure_is_too_little_evidence():
    found = verdict_of(SHARE, Estimate(), stance(), mode="census")
    assert found == Verdict("too little evidence", None, "n_too_small")


def test_a_counted_tier_of_two_customers_has_a_verdict():
    assert verdict_of(SHARE, Estimate(0.5, n=2), stance(), mode="census").words == "not delivered"


def test_a_favourable_verdict_needs_the_minimum():
    assert verdict_of(SHARE, seen(0.85, 1.0, n=30), stance(), mode="sample").words == "delivered"
    found = verdict_of(SHARE, seen(0.85, 1.0, 0.95, n=29), stance(), mode="sample")
    assert found == Verdict("too little evidence", None, "n_too_small", "within")


def test_over_served_needs_the_minimum_too():
    found = verdict_of(SHARE, seen(0.93, 1.0, n=29), stance(0.8, 0.9), mode="sample")
    assert (found.reason, found.lean) == ("n_too_small", "above")


def test_none_of_twelve_is_proof():
    found = verdict_of(SHARE, seen(0.0, 0.184, 0.0, n=12), stance(), mode="sample")
    assert found == Verdict("not delivered", "below")


def test_nine_are_never_proof():
    found = verdict_of(SHARE, seen(0.0, 0.23, 0.0, n=9), stance(), mode="sample")
    assert found == Verdict("too little evidence", None, "n_too_small", "below")


def test_a_stated_minimum_below_ten_is_enough_for_every_verdict():
    small = a_metric(minimum=5)
    assert verdict_of(small, seen(0.0, 0.3, n=5), stance(), mode="sample").words == "not delivered"


def test_survival_counts_those_at_risk_for_the_better_and_all_for_the_worse():
    stays = a_metric("survival")
    good = seen(0.85, 0.99, n=40, at_risk=9)
    assert verdict_of(stays, good, stance(), mode="sample").reason == "n_too_small"
    assert (
        verdict_of(stays, replace(good, at_risk=10), stance(), mode="sample").words == "delivered"
    )
    gone = seen(0.0, 0.18, 0.0, n=12, at_risk=0)
    assert verdict_of(stays, gone, stance(), mode="sample").words == "not delivered"


def test_money_counts_customers_not_rows():
    money = a_metric("total", "money")
    found = Estimate(10, 9, 11, n=900, customers=49)
    assert verdict_of(money, found, stance(5), mode="sample").reason == "n_too_small"
    found = replace(found, customers=50)
    assert verdict_of(money, found, stance(5), mode="sample").words == "delivered"


def test_without_an_interval_a_sample_says_nothing():
    found = verdict_of(SHARE, Estimate(0.9, n=100), stance(), mode="sample")
    assert (found.region, found.reason) == (None, "n_too_small")


def test_a_bound_that_is_not_known_reaches_to_infinity():
    # Waits of which more than a tenth are still open: at least 30 h, nobody knows how long.
    waits = Estimate(None, 30.0, None, n=60, customers=60)
    assert verdict_of(HOURS, waits, stance(24), mode="sample").words == "not delivered"
    found = verdict_of(HOURS, waits, stance(48), mode="sample")
    assert (found.region, found.lean) == ("straddle", "")


def test_a_wait_whose_quantile_is_still_open_proves_what_it_has_waited():
    """Four hours are promised. Forty of a hundred were never answered in six weeks."""
    sums = Sums(n=100, customers=100, num=90, den=100, nn=90, dd=100, nd=90, open=40, beyond=True)
    waits = Estimate(1008.0, 1008.0, None, n=100, customers=100, sums=sums)
    for mode in ("sample", "census"):
        assert verdict_of(HOURS, waits, stance(4), mode=mode).words == "not delivered"
    # Waits that are open since an hour say nothing yet, and lean nowhere.
    young = replace(waits, value=1.0, low=0.5)
    for mode in ("sample", "census"):
        found = verdict_of(HOURS, young, stance(4), mode=mode)
        assert (found.reason, found.lean) == ("straddles_limit", "")


def test_a_straddle_leans_to_where_its_value_lies():
    assert verdict_of(SHARE, seen(0.78, 0.84, 0.79), stance(), mode="sample").lean == "below"
    assert verdict_of(SHARE, seen(0.78, 0.84, 0.81), stance(), mode="sample").lean == "within"
    found = verdict_of(SHARE, seen(0.79, 0.95, 0.92), stance(0.8, 0.9), mode="sample")
    assert (found.region, found.reason, found.lean) == ("straddle", "straddles_limit", "above")


def test_the_third_period_undecided_pools():
    now, together = seen(0.78, 0.84), seen(0.81, 0.83, n=400)
    ask = {"mode": "sample", "pooled": lambda: together}
    second = verdict_of(SHARE, now, stance(), undecided_before=1, **ask)
    assert (second.words, second.periods_undecided) == ("too little evidence", 2)
    third = verdict_of(SHARE, now, stance(), undecided_before=2, **ask)
    assert third == Verdict("delivered", "within", pooled=True, periods_undecided=3)


def test_pooling_may_not_decide_either():
    now, together = seen(0.78, 0.84), seen(0.79, 0.82, n=400)
    found = verdict_of(
        SHARE, now, stance(), mode="sample", undecided_before=2, pooled=lambda: together
    )
    assert found.pooled and found.reason == "straddles_limit" and found.periods_undecided == 3
    alone = verdict_of(SHARE, now, stance(), mode="sample", undecided_before=2)
    assert not alone.pooled and alone.periods_undecided == 3


def test_a_decided_period_ends_the_run():
    found = verdict_of(SHARE, seen(0.85, 0.9), stance(), mode="sample", undecided_before=5)
    assert found.periods_undecided == 0


def test_a_weakness_without_a_floor_is_never_beyond_acceptance():
    found = verdict_of(SHARE, seen(0.0, 0.1), stance(None, 0.5, "weakness"), mode="sample")
    assert found.words == "as accepted"


def test_not_a_number_has_no_region():
    with pytest.raises(ValueError, match="not a number"):
        region(nan, nan, Limits(0.8, None))


PROVES = {
    0.7: (12, 26, 41, 78, 152),
    0.8: (None, 28, 45, 87, 170),
    0.9: (None, 30, 49, 96, 188),
    0.95: (None, None, None, 99, 196),
}


@pytest.mark.parametrize("limit", PROVES)
def test_what_a_sample_can_prove(limit):
    assert tuple(proves_at(limit, n) for n in (12, 30, 50, 100, 200)) == PROVES[limit]


def test_what_a_sample_can_disprove():
    found = tuple(disproves_at(0.8, n) for n in (12, 30, 50, 100, 200))
    assert found == (6, 19, 34, 72, 150)
    assert disproves_at(0.05, 12) is None


@pytest.mark.parametrize(
    ("true", "n", "chance"),
    [
        (0.85, 30, 0.15),
        (0.85, 100, 0.35),
        (0.85, 200, 0.55),
        (0.85, 400, 0.82),
        (0.9, 30, 0.41),
        (0.9, 100, 0.88),
        (0.9, 200, 0.99),
    ],
)
def test_how_often_a_tier_that_delivers_is_said_to(true, n, chance):
    least = proves_at(0.8, n)
    often = sum(comb(n, k) * true**k * (1 - true) ** (n - k) for k in range(least, n + 1))
    assert often == pytest.approx(chance, abs=0.006)


def test_a_limit_must_be_provable_at_the_usual_n():
    assert resolvable(SHARE, stance(0.9), 30)
    assert not resolvable(SHARE, stance(0.95), 50)
    assert resolvable(SHARE, stance(0.95), 100)
    assert not resolvable(SHARE, stance(0.5), 29)  # the minimum of evidence
    assert resolvable(SHARE, stance(0.95, evidence="census"), 3)
    fewer = a_metric(better="lower")
    assert resolvable(fewer, stance(0.1), 30) and not resolvable(fewer, stance(0.05), 50)
    assert resolvable(SHARE, stance(None, 0.5, "weakness"), 30)


def test_nps_and_survival_limits_must_be_provable_too():
    score = a_metric("nps", "points")
    assert resolvable(score, stance(70), 30) and not resolvable(score, stance(99), 30)
    stays = a_metric("survival")
    # Ten of ten prove 0.05^(1/10) = .741.
    assert resolvable(stays, stance(0.74), 10) and not resolvable(stays, stance(0.75), 10)


def test_a_sample_of_amounts_without_bounds_proves_nothing():
    for unbounded in (a_metric("ratio", "rate"), a_metric("total", "money"), a_metric("mean")):
        assert not resolvable(unbounded, stance(0.5), 5000)
        assert resolvable(unbounded, stance(0.5, evidence="census"), 5000)
    assert resolvable(a_metric("ratio", "share"), stance(0.5), 50)
    answers = a_metric("mean", "score", scale=(1, 5))
    # Thirty fives prove 1 + 4 · 0.05^(1/30) = 4.62.
    assert resolvable(answers, stance(4.6), 30) and not resolvable(answers, stance(4.63), 30)


def test_a_verdict_from_sums_to_words():
    from scorecard.stats.estimate import estimate

    sums = Sums(n=50, customers=50, num=45, den=50, nn=45, dd=50, nd=45)
    assert verdict_of(SHARE, estimate(SHARE, sums), stance(), mode="sample").words == "delivered"
    sums = Sums(n=50, customers=50, num=44, den=50, nn=44, dd=50, nd=44)
    assert verdict_of(SHARE, estimate(SHARE, sums), stance(), mode="sample").region == "straddle"
