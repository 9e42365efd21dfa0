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
from scorecard.stats.control_chart import (
    BEYOND,
    SHIFTED,
    STILL,
    Measured,
    Start,
    natural_limits,
    signal,
)

UP = a_metric("mean", "rate")
DOWN = a_metric("mean", "rate", better="lower")
EITHER = a_metric("mean", "rate", better="neither")
SHARE, HOURS = a_metric(), a_metric("quantile", "hours", better="lower")
CONTACTS = a_metric("ratio", "ratio", counts=True)
# Centre 11, figures 1.4 and .2 away from it on both sides: of four Σ squares is 4, of all 24, so
# that the variance is 24/23. Neighbours are unlike, and so are the two years of each month, so that
# there is no season.
STEADY = [9.6, 12.4, 10.8, 11.2] * 3 + [12.4, 9.6, 11.2, 10.8] * 3


def series(values, kind="2020-01", n=0):
    first = Period.parse(kind, "UTC")
    return [Measured(first.shift(i), v, n) for i, v in enumerate(values)]


def judged(values, current, metric=UP, kind="2020-01", n=0, start=None):
    *earlier, newest = series([*values, current], kind, n)
    return signal(earlier, newest, metric, start)


def half_width(count, variance, chance=0.003):
    """Of a prediction of one more figure: t · s · √(1 + 1/count)."""
    return stats.t.ppf(1 - chance / 2, count - 1) * sqrt(variance * (1 + 1 / count))


def test_limits_are_those_of_a_prediction():
    found = judged(STEADY, 11.0)
    half = half_width(24, 24 / 23)
    assert (found.centre, found.points) == (11.0, 24)
    assert (found.lower, found.upper) == pytest.approx((11 - half, 11 + half))
    assert half == pytest.approx(3.46, abs=0.01)


def test_a_point_beyond_the_limits_is_exceptional_in_its_direction():
    assert judged(STEADY, 14.4).flow == "routine"
    assert judged(STEADY, 14.5).flow == "exceptional, favourable"
    assert judged(STEADY, 14.5, DOWN).flow == "exceptional, unfavourable"
    assert judged(STEADY, 7.5).flow == "exceptional, unfavourable"
    assert judged(STEADY, 7.5, EITHER).flow == "exceptional"
    assert judged(STEADY, 14.5).rule == BEYOND


def test_a_move_however_far_decides_nothing_inside_the_limits():
    """From 8 to 14 in one month, where moves are of 2: both lie inside 7.54 and 14.46."""
    assert judged([*STEADY, 8.0], 14.0).flow == "routine"


def test_four_together_have_nearer_limits_than_one():
    """Their mean is √(1/4 + 1/24) of one figure's spread from the centre: 1.549 at 1 %."""
    reach = float(stats.t.ppf(1 - 0.01 / 2, 23)) * sqrt(24 / 23 * (1 / 4 + 1 / 24))
    assert reach == pytest.approx(1.549, abs=0.001)
    found = judged([*STEADY, 11.0, *[11 + reach * 4 / 3 + 0.01] * 2], 11 + reach * 4 / 3 + 0.01)
    assert (found.flow, found.rule) == ("exceptional, favourable", SHIFTED)
    assert judged([*STEADY, *[11 + reach - 0.01] * 3], 11 + reach - 0.01).flow == "routine"


def test_four_together_are_not_told_of_when_the_newest_is_back():
    assert judged([*STEADY, 14.0, 14.0, 14.0], 11.4).flow == "routine"


def test_a_shift_that_lasts_is_told_of_once():
    """From 11 to 13: with 10.8 before them three lie (3 · 2 − .2)/4 = 1.45 away, four 2, of which
    more than 1.549 is beyond."""
    told = [judged([*STEADY, *[13.0] * months], 13.0).flow for months in range(8)]
    assert told == ["routine"] * 3 + ["exceptional, favourable"] + ["routine"] * 4
    # Back in between, and then there again: that is told of anew.
    again = [*STEADY, *[13.0] * 4, *[11.0] * 3, *[13.0] * 3]
    assert judged(again, 13.0).flow == "exceptional, favourable"
    # What goes beyond its own limits is told of each time.
    assert judged([*STEADY, *[13.0] * 4], 15.0).rule == BEYOND


def test_a_shift_down_is_told_of_after_one_up():
    up = [*STEADY, 13.0, 13.0, 13.0, 13.0]
    assert judged(up[:-1], 13.0).rule == SHIFTED
    assert judged([*up, 7.0], 7.0).rule == BEYOND


def test_one_figure_far_away_is_told_of_once():
    """It counts for no more than its limit: with 100, 11, 11, 12 the mean of four is 11 + 1.09."""
    assert judged(STEADY, 100.0).rule == BEYOND
    for after in ([100.0], [100.0, 11.0], [100.0, 11.0, 11.0]):
        assert judged([*STEADY, *after], 12.0).flow == "routine"


def test_where_neighbours_are_alike_four_together_decide_nothing_and_limits_are_wider():
    slow = [v - 0.01 * i for v in (9.0, 13.0, 9.1) for i in range(8)]
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
    """Six figures, four of them 1.4 and two .2 from 11: Σ squares 7.92, five degrees of freedom."""
    found = judged(STEADY[:6], 11.0)
    assert found.upper == pytest.approx(11 + half_width(6, 7.92 / 5))


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
    """Of twelve figures around 40 after it, and none before: variance 12/11."""
    anew = [v + 29 for v in STEADY[:12]]
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
    Jeffreys' prior: 6 or more in less than .15 % of months, so that 5 (83 %) is still routine."""
    values = [29 / 30] * 24
    more = stats.betabinom(30, 24.5, 696.5)
    assert more.sf(5) < 0.0015 < more.sf(4)
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
    """Of 120 answers 12 or more are missed in under .5 % of four months, 11 more often."""
    values = [29 / 30] * 24
    four = stats.betabinom(120, 24.5, 696.5)
    assert four.sf(11) < 0.005 < four.sf(10)
    assert judged([*values, *[27 / 30] * 3], 27 / 30, SHARE, n=30).rule == SHIFTED
    assert judged([*values, 28 / 30, 27 / 30, 27 / 30], 27 / 30, SHARE, n=30).flow == "routine"


def test_months_without_a_miss_are_no_reason_to_call_the_first_exceptional():
    assert judged([1.0] * 24, 29 / 30, SHARE, n=30).flow == "routine"


def test_shares_that_vary_more_than_counting_have_wider_limits():
    """Of 1,000 answers 1 % is the standard deviation by counting at 90 %; these vary by 4 %."""
    values = [0.9 + 0.04 * (v - 11) for v in STEADY]
    found = judged(values, 0.9, SHARE, n=1000)
    assert found.lower == pytest.approx(0.9 - half_width(24, 0.0016 * 24 / 23))
    assert found.upper == 1.0


def test_fewer_answers_than_usual_widen_the_limits_and_more_do_not_narrow_them():
    *earlier, newest = series([*STEADY, 11.0], n=100)
    few, many = Measured(newest.period, 11.0, 25), Measured(newest.period, 11.0, 400)
    usual = signal(earlier, newest, UP)
    assert signal(earlier, many, UP).upper == usual.upper
    # A quarter of the answers: four times the variance of the figure, not of the centre.
    scale = stats.t.ppf(0.9985, 23) * sqrt(24 / 23)
    assert signal(earlier, few, UP).upper == pytest.approx(11 + scale * sqrt(4 + 1 / 24))


def test_waits_that_lean_to_the_right_are_judged_in_logarithms():
    """Powers of two, twice 1 to 64 around 8: limits lie as many times above 8 as below it."""
    values = [2.0**k for k in (3, 0, 5, 2, 6, 3, 1, 4, 3, 2, 4, 3)]
    months = series(values)
    ((lower, centre, upper),) = natural_limits(months, HOURS, months[-1:])
    assert centre == pytest.approx(8)
    assert upper / centre == pytest.approx(centre / lower)
    logs = [log(v) for v in values]
    variance = sum((x - log(8)) ** 2 for x in logs) / 11
    assert upper == pytest.approx(8 * exp(half_width(12, variance)))


def test_a_season_is_not_known_before_two_years():
    assert judged(STEADY[:23], 11.0).baseline.season == "not known yet"
    assert judged(STEADY, 11.0).baseline.season == "none found"


WAVE = [0, 1, 2, 3, 2, 1, 0, -1, -2, -3, -2, -1]


def test_a_season_is_taken_out_of_two_years():
    """Each month is 10 times the wave, 1 more in one year and 1 less in the other: its mean is the
    wave. Twelve pairs leave Σ squares 24 with 12 degrees of freedom; each mean is of two."""
    first = [10 * w + (-1) ** i for i, w in enumerate(WAVE)]
    second = [10 * w - (-1) ** i for i, w in enumerate(WAVE)]
    found = judged([*first, *second], 1.0)
    half = stats.t.ppf(0.9985, 12) * sqrt(24 / 12 * (1 + 1 / 2))
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


def yearly(period):
    """Far apart by month and week, and one more or less by the year."""
    return 50.0 * ((period.first.month - 1) // 3) + (-1) ** period.first.year


def season_of(first, periods, without=()):
    """What is known of a season after so many periods, but those that have no figure."""
    start = Period.parse(first, "UTC")
    each = [start.shift(i) for i in range(periods + 1)]
    known = [Measured(p, yearly(p)) for p in each[:-1] if p.key not in without]
    return signal(known, Measured(each[-1], yearly(each[-1])), UP).baseline


def test_a_baseline_waits_for_the_month_that_had_no_figure():
    """March 2020 has none, so that the second March is of 2022, the 27th month."""
    assert season_of("2020-01", 26, ["2020-03"]).season == "not known yet"
    found = season_of("2020-01", 27, ["2020-03"])
    assert (found.season, found.last, found.points) == ("taken out", "2022-03", 26)
    # It is locked then.
    assert season_of("2020-01", 40, ["2020-03"]) == found


@pytest.mark.parametrize("month", range(1, 13))
def test_a_ledger_may_begin_in_any_month(month):
    found = season_of(f"2020-{month:02}", 30)
    assert (found.season, found.points) == ("taken out", 24)
    assert season_of(f"2020-{month:02}", 23).season == "not known yet"


def test_a_month_that_never_has_a_figure_ends_the_wait_after_three_years():
    never = [f"{year}-08" for year in range(2020, 2030)]
    found = season_of("2020-01", 60, never)
    assert (found.season, found.last, found.points) == ("not known yet", "2022-12", 33)


def test_after_three_years_with_few_figures_the_baseline_has_24_all_the_same():
    """Of every second month: the 24th figure is of the 47th month."""
    odd = [Period.parse("2020-02", "UTC").shift(2 * i).key for i in range(40)]
    found = season_of("2020-01", 70, odd)
    assert (found.last, found.points) == ("2023-11", 24)


WEEKS = {
    "2019-W01": ("2020-W52", 104),
    "2020-W01": ("2021-W51", 104),
    "2020-W20": ("2022-W19", 105),
    "2020-W53": ("2022-W51", 104),
    "2026-W18": ("2028-W17", 105),
}


@pytest.mark.parametrize("first", WEEKS)
def test_weeks_of_a_year_with_53_have_their_season(first):
    """104 weeks from 2020-W20 on reach 2022-W18, the 53rd week counted: weeks 17 to 20 are
    2020-W20, four of 2021, and 2022-W17 and W18: seven, and the 105th is the eighth."""
    found = season_of(first, 110)
    assert found.season == "taken out"
    assert (found.last, found.points) == WEEKS[first]


def test_years_have_no_season():
    assert judged(STEADY, 11.0, kind="2000").baseline.season == ""


def test_limits_stay_inside_what_the_unit_can_be():
    found = judged([0.95 + 0.035 * (v - 11) for v in STEADY[:12]], 0.95, SHARE)
    assert found.upper == 1.0
    assert found.lower == pytest.approx(0.95 - half_width(12, 0.035**2 * 12 / 11))
    score = a_metric("mean", "score", scale=(1, 5))
    assert judged([4.4 + 0.3 * (v - 11) for v in STEADY], 4.5, score).upper == 5.0


@pytest.mark.parametrize(
    "values", [[0.3] * 24, [0.3, 0.1 + 0.2] * 6, [0.0] * 6, [1.0, 2.0, 1.0, 3.0, 1.0, 4.0]]
)
def test_figures_that_mostly_stand_still_have_no_limits(values):
    found = judged(values, 0.29)
    assert (found.flow, found.rule, found.centre, found.upper) == ("", STILL, None, None)
    assert (found.points, found.baseline.points) == (len(values), len(values))


def test_half_of_the_figures_must_be_the_same():
    assert judged([1.0, 2.0, 1.0, 3.0, 1.0, 4.0, 5.0], 1.0).flow == "routine"


def test_figures_that_move_later_keep_a_baseline_that_stood_still():
    """It is locked; only a declared day makes limits of what came after."""
    later = [*[1.0] * 24, *[2 * v for v in STEADY[:12]]]
    assert judged(later, 22.0).rule == STILL
    assert judged(later, 22.0, start=Start(date(2022, 1, 1), "a new tariff")).flow == "routine"


def test_answers_vary_at_least_by_their_number():
    """Twelve months of 20 answers, none, one and two of them passive in turn: 12 of 240. With half
    an answer more on each side one has the variance 100² · 12.5/241 · 228.5/241 = 491.8, and the
    NPS of twenty 24.6; that of the twelve figures is 8 · 25/11 = 18.2."""
    months = [100.0, 95.0, 90.0] * 4
    least = 100**2 * 12.5 / 241 * 228.5 / 241 / 20
    assert least == pytest.approx(24.59, abs=0.01)
    found = judged(months, 90.0, a_metric("nps", "points"), n=20)
    assert (found.centre, found.lower) == pytest.approx((95.0, 95 - half_width(12, least)))
    # The same on a scale of 1 to 5, on which one answer in twenty is a step of .05.
    score = a_metric("mean", "score", scale=(1, 5))
    found = judged([v / 100 + 4 for v in months], 4.9, score, n=20)
    assert found.lower == pytest.approx(4.95 - half_width(12, least / 100**2))


def test_answers_between_the_steps_of_a_scale_have_no_least_spread():
    """Of 20 answers of whole numbers no mean is 4.93."""
    score = a_metric("mean", "score", scale=(1, 5))
    months = [4.99, 4.96, 4.93] * 4
    found = judged(months, 4.93, score, n=20)
    assert found.lower == pytest.approx(4.96 - half_width(12, 8 * 0.03**2 / 11))


TENTHS = [0.08, 0.12, 0.1, 0.06, 0.14, 0.1] * 2 + [0.12, 0.08, 0.1, 0.14, 0.06, 0.1] * 2


def test_events_of_so_many_customers_have_the_limits_of_counting():
    """120 events of 24 × 50 customers. Of 50 more the negative binomial with Jeffreys' prior:
    more than 13 in less than .15 % of months, more than 12 in more."""
    values = TENTHS
    more = stats.nbinom(120.5, 1200 / 1250)
    most = next(k for k in range(40) if more.sf(k) < 0.0015)
    assert more.sf(most) < 0.0015 < more.sf(most - 1)
    found = judged(values, most / 50, CONTACTS, n=50)
    assert (found.flow, found.centre) == ("routine", pytest.approx(0.1))
    assert found.upper == pytest.approx(most / 50)
    assert judged(values, (most + 1) / 50, CONTACTS, n=50).flow == "exceptional, favourable"
    # None at all is .7 % of months by chance; 5 of 200 in four months are far less.
    assert judged(values, 0.0, CONTACTS, n=50).flow == "routine"
    assert judged([*values, 0.1, 0.0, 0.0], 0.0, CONTACTS, n=50).rule == SHIFTED


def test_limits_of_events_follow_the_number_of_customers():
    *earlier, newest = series([*TENTHS, 0.2], n=50)
    assert signal(earlier, newest, CONTACTS).flow == "routine"
    many = Measured(newest.period, 0.2, 500)
    assert signal(earlier, many, CONTACTS).flow == "exceptional, favourable"


def test_many_events_are_as_good_as_normal():
    """240 of each 100 customers for two years; of 200 more, by the negative binomial itself."""
    values = [2.3, 2.5, 2.45, 2.35] * 3 + [2.5, 2.3, 2.35, 2.45] * 3
    found = judged(values, 2.4, CONTACTS, n=100)
    wide = stats.nbinom(5760.5, 2400 / 2500)
    low, high = wide.ppf(0.0015), wide.ppf(0.9985)
    assert found.lower == pytest.approx(low / 100, abs=0.012)
    assert found.upper == pytest.approx(high / 100, abs=0.012)


def test_events_that_vary_more_than_counting_have_the_limits_of_their_own_spread():
    values = [1 + 0.3 * (v - 11) for v in STEADY]
    found = judged(values, 1.0, CONTACTS, n=1000)
    assert found.upper == pytest.approx(1 + half_width(24, 0.09 * 24 / 23))


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
