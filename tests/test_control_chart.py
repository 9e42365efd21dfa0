"""Natural limits and rules, against scipy's distributions and sums that can be followed by hand."""

from __future__ import annotations

from datetime import date
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_measures import a_metric
from scipy import stats

from scorecard.base.periods import Period
from scorecard.stats.control_chart import BEYOND, SHIFTED, Measured, Start, natural_limits, signal

UP = a_metric("mean", "rate")
DOWN = a_metric("mean", "rate", better="lower")
EITHER = a_metric("mean", "rate", better="neither")
SHARE, HOURS = a_metric(), a_metric("quantile", "hours", better="lower")
# Centre 11, each figure 1 away from it: Σ squares 24, so that the variance is 24/23. Neighbours are
# unlike, and so are the two years of each month, so that there is no season.
STEADY = [10.0, 12.0] * 6 + [12.0, 10.0] * 6


def series(values, kind="2020-01", n=0):
    first = Period.parse(kind, "UTC")
    return [Measured(first.shift(i), v, n) for i, v in enumerate(values)]


def judged(values, current, metric=UP, kind="2020-01", n=0, start=None):
    *earlier, newest = series([*values, current], kind, n)
    return signal(earlier, newest, metric, start)


def half_width(count, variance, chance=0.004):
    """Of a prediction of one more figure: t · s · √(1 + 1/count)."""
    return stats.t.ppf(1 - chance / 2, count - 1) * sqrt(variance * (1 + 1 / count))


def test_limits_are_those_of_a_prediction():
    found = judged(STEADY, 11.0)
    half = half_width(24, 24 / 23)
    assert (found.centre, found.points) == (11.0, 24)
    assert (found.lower, found.upper) == pytest.approx((11 - half, 11 + half))
    assert half == pytest.approx(3.34, abs=0.01)


def test_a_point_beyond_the_limits_is_exceptional_in_its_direction():
    assert judged(STEADY, 14.3).flow == "routine"
    assert judged(STEADY, 14.4).flow == "exceptional, favourable"
    assert judged(STEADY, 14.4, DOWN).flow == "exceptional, unfavourable"
    assert judged(STEADY, 7.6).flow == "exceptional, unfavourable"
    assert judged(STEADY, 7.6, EITHER).flow == "exceptional"
    assert judged(STEADY, 14.4).rule == BEYOND


def test_a_move_however_far_decides_nothing_inside_the_limits():
    """From 8 to 14 in one month, where moves are of 2: both lie inside 7.66 and 14.34."""
    assert judged([*STEADY, 8.0], 14.0).flow == "routine"


def test_four_together_have_nearer_limits_than_one():
    """Their mean is √(1/4 + 1/24) of one figure's spread from the centre: 1.712 at 0.5 %."""
    reach = float(stats.t.ppf(1 - 0.005 / 2, 23)) * sqrt(24 / 23 * (1 / 4 + 1 / 24))
    assert reach == pytest.approx(1.712, abs=0.001)
    found = judged([*STEADY, *[11 + reach + 0.01] * 3], 11 + reach + 0.01)
    assert (found.flow, found.rule) == ("exceptional, favourable", SHIFTED)
    assert judged([*STEADY, *[11 + reach - 0.01] * 3], 11 + reach - 0.01).flow == "routine"


def test_four_together_are_not_told_of_when_the_newest_is_back():
    assert judged([*STEADY, 14.0, 14.0, 14.0], 11.4).flow == "routine"


def test_one_figure_far_away_is_told_of_once():
    """It counts for no more than its limit: with 100, 11, 11, 12 the mean of four is 11 + 1.09."""
    assert judged(STEADY, 100.0).rule == BEYOND
    for after in ([100.0], [100.0, 11.0], [100.0, 11.0, 11.0]):
        assert judged([*STEADY, *after], 12.0).flow == "routine"


def test_where_neighbours_are_alike_four_together_decide_nothing_and_limits_are_wider():
    slow = [9.0] * 8 + [13.0] * 8 + [9.0] * 8
    found = judged([*slow, *[14.5] * 3], 14.5)
    assert found.flow == "routine"
    centre = sum(slow) / 24
    plain = sum((x - centre) ** 2 for x in slow) / 23
    assert found.upper - found.centre > 1.2 * half_width(24, plain)


def test_points_needed():
    assert judged(STEADY[:5], 99.0).flow == ""
    assert judged(STEADY[:5], 99.0).centre is None
    assert judged(STEADY[:6], 11.0).provisional
    assert judged(STEADY[:11], 11.0).provisional
    assert not judged(STEADY[:12], 11.0).provisional


def test_few_points_have_wide_limits():
    """Six figures 1 away from 11: variance 6/5, five degrees of freedom."""
    found = judged(STEADY[:6], 11.0)
    assert found.upper == pytest.approx(11 + half_width(6, 6 / 5))


def test_periods_without_a_figure_are_passed_over():
    gappy = [p for point in STEADY[:12] for p in (None, point)]
    found, whole = judged(gappy, 14.9), judged(STEADY[:12], 14.9)
    assert (found.flow, found.upper, found.points) == (whole.flow, whole.upper, 12)
    assert (found.baseline.first, found.baseline.last) == ("2020-02", "2021-12")


def test_without_a_newest_point_there_are_limits_but_no_flow():
    found = judged(STEADY, None)
    assert (found.flow, found.centre) == ("", 11.0)


def test_the_baseline_is_locked_at_twenty_four():
    found = judged([*STEADY, *[40.0] * 10], 11.0)
    assert (found.centre, found.points) == (11.0, 34)
    base = found.baseline
    assert (base.first, base.last, base.points) == ("2020-01", "2021-12", 24)
    assert (base.since, base.reason) == (None, "")


def test_the_baseline_moves_with_a_declared_day_and_nothing_else():
    """Of twelve figures at 40 ± 1 after it, and none before: variance 12/11."""
    anew = [39.0, 41.0] * 6
    start = Start(date(2022, 1, 1), "a new tariff")
    found = judged([*STEADY, *anew], 40.0, start=start)
    assert judged([*STEADY, *anew], 40.0).rule == BEYOND
    assert (found.flow, found.centre, found.points) == ("routine", 40.0, 12)
    assert found.upper == pytest.approx(40 + half_width(12, 12 / 11))
    assert (found.baseline.first, found.baseline.since) == ("2022-01", start.day)
    assert found.baseline.reason == "a new tariff"


def test_a_period_that_began_before_the_declared_day_does_not_count():
    found = judged([*STEADY, *[40.0] * 6], 40.0, start=Start(date(2022, 1, 2), "a new tariff"))
    assert (found.flow, found.points) == ("", 5)


def test_shares_have_the_limits_of_counting():
    """All misses of 24 × 30 answers are 24. What 30 more may miss, by the beta-binomial with
    Jeffreys' prior: 6 or more in less than .2 % of months, so that 5 (83 %) is still routine."""
    values = [29 / 30] * 24
    more = stats.betabinom(30, 24.5, 696.5)
    assert more.sf(5) < 0.002 < more.sf(4)
    assert judged(values, 25 / 30, SHARE, n=30).flow == "routine"
    found = judged(values, 24 / 30, SHARE, n=30)
    assert (found.flow, found.rule) == ("exceptional, unfavourable", BEYOND)
    assert (found.lower, found.upper) == pytest.approx((25 / 30, 1.0))


def test_limits_of_shares_follow_the_number_of_answers():
    *earlier, newest = series([29 / 30] * 24 + [0.9], n=30)
    assert signal(earlier, newest, SHARE).flow == "routine"
    many = Measured(newest.period, 0.9, 600)  # 20 misses are usual of 600; 60 are not
    assert signal(earlier, many, SHARE).flow == "exceptional, unfavourable"


def test_shares_of_several_months_are_judged_together():
    """Four months of 4 misses in 30: of 120 answers more than 11 are missed in under .25 %."""
    values = [29 / 30] * 24
    found = judged([*values, *[26 / 30] * 3], 26 / 30, SHARE, n=30)
    assert stats.betabinom(120, 24.5, 696.5).sf(15) < 0.0025
    assert found.rule == SHIFTED


def test_months_without_a_miss_are_no_reason_to_call_the_first_exceptional():
    assert judged([1.0] * 24, 29 / 30, SHARE, n=30).flow == "routine"


def test_shares_that_vary_more_than_counting_have_wider_limits():
    """Of 1,000 answers 1 % is the standard deviation by counting at 90 %; these vary by 4 %."""
    values = [0.86, 0.94] * 6 + [0.94, 0.86] * 6
    found = judged(values, 0.9, SHARE, n=1000)
    assert found.lower == pytest.approx(0.9 - half_width(24, 0.0016 * 24 / 23))
    assert found.upper == 1.0


def test_fewer_answers_than_usual_widen_the_limits_and_more_do_not_narrow_them():
    *earlier, newest = series([*STEADY, 11.0], n=100)
    few, many = Measured(newest.period, 11.0, 25), Measured(newest.period, 11.0, 400)
    usual = signal(earlier, newest, UP)
    assert signal(earlier, many, UP).upper == usual.upper
    # A quarter of the answers: four times the variance of the figure, not of the centre.
    scale = stats.t.ppf(0.998, 23) * sqrt(24 / 23)
    assert signal(earlier, few, UP).upper == pytest.approx(11 + scale * sqrt(4 + 1 / 24))


def test_waits_that_lean_to_the_right_are_judged_in_logarithms():
    """Powers of two, twice 1 to 64 around 8: limits lie as many times above 8 as below it."""
    values = [2.0**k for k in (3, 0, 5, 2, 6, 3, 1, 4, 3, 2, 4, 3)]
    lower, centre, upper = natural_limits(series(values), HOURS)
    assert centre == pytest.approx(8)
    assert upper / centre == pytest.approx(centre / lower)
    logs = [log(v) for v in values]
    variance = sum((x - log(8)) ** 2 for x in logs) / 11
    assert upper == pytest.approx(8 * exp(half_width(12, variance)))


def test_a_season_is_not_known_before_two_years():
    assert judged(STEADY[:23], 11.0).baseline.season == "not known yet"
    assert judged(STEADY, 11.0).baseline.season == "none found"
    gap = [*STEADY[:12], None, *STEADY[13:]]
    assert judged(gap, 11.0).baseline.season == "not known yet"


WAVE = [0, 1, 2, 3, 2, 1, 0, -1, -2, -3, -2, -1]


def test_a_season_is_taken_out_of_two_years():
    """Each month is 10 times the wave, 1 more in one year and 1 less in the other: its mean is the
    wave. Twelve pairs leave Σ squares 24 with 12 degrees of freedom; each mean is of two."""
    first = [10 * w + (-1) ** i for i, w in enumerate(WAVE)]
    second = [10 * w - (-1) ** i for i, w in enumerate(WAVE)]
    found = judged([*first, *second], 1.0)
    half = stats.t.ppf(0.998, 12) * sqrt(24 / 12 * (1 + 1 / 2))
    assert found.baseline.season == "taken out"
    assert (found.centre, found.upper) == pytest.approx((0.0, half))
    assert found.baseline.by_season == tuple(
        pytest.approx((10 * w - half, 10 * w, 10 * w + half)) for w in WAVE
    )
    assert found.flow == "routine"
    # 31 is far above all that was ever seen in a January, and usual in April.
    assert judged([*first, *second], 31.0).flow == "exceptional, favourable"
    assert judged([*first, *second, 0.0, 10.0, 20.0], 31.0).flow == "routine"


@pytest.mark.parametrize(
    ("first", "periods", "places"), [("2020-Q1", 8, 4), ("2020-W01", 104, 13), ("2020-01", 24, 12)]
)
def test_each_kind_of_period_has_its_season(first, periods, places):
    def value(period):
        quarter = (period.first.month - 1) // 3
        return 50.0 * quarter + (-1) ** (period.first.toordinal() // 7 + period.first.year)

    start = Period.parse(first, "UTC")
    earlier = [Measured(start.shift(i), value(start.shift(i))) for i in range(periods)]
    newest = Measured(start.shift(periods), value(start.shift(periods)))
    assert signal(earlier[:-1], newest, UP).baseline.season == "not known yet"
    found = signal(earlier, newest, UP)
    assert (found.baseline.season, len(found.baseline.by_season)) == ("taken out", places)


def test_years_have_no_season():
    assert judged(STEADY, 11.0, kind="2000").baseline.season == ""


def test_limits_stay_inside_what_the_unit_can_be():
    found = judged([0.9, 1.0] * 6, 0.95, SHARE)
    assert found.upper == 1.0
    assert found.lower == pytest.approx(0.95 - half_width(12, 0.0025 * 12 / 11))


def test_a_series_that_stands_still_does_not_signal_on_rounding():
    assert judged([0.3] * 12, 0.1 + 0.2, SHARE).flow == "routine"
    assert judged([0.1 + 0.2] * 24, 0.3, SHARE).flow == "routine"
    assert judged([0.3] * 12, 0.29, SHARE).flow == "exceptional, unfavourable"


def test_a_figure_that_falls_to_nothing_is_beyond_limits_in_logarithms():
    values = [2.0**k for k in (3, 0, 5, 2, 6, 3, 1, 4, 3, 2, 4, 3)]
    assert judged(values, 0.0, HOURS).rule == BEYOND


@given(st.lists(st.integers(-99, 99), min_size=6, max_size=40), st.integers(-99, 99))
def test_turning_the_direction_round_changes_no_signal(points, current):
    rate = a_metric("mean", "points")
    fall = a_metric("mean", "points", better="lower")
    turned = judged([-float(p) for p in points], -float(current), fall)
    found = judged([float(p) for p in points], float(current), rate)
    assert (found.flow, found.rule) == (turned.flow, turned.rule)
