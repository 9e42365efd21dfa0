"""XmR limits and rules: a published series, and one that can be followed in the head."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_measures import a_metric

from scorecard.stats.control_chart import limits, signal

# The 38 monthly counts of the public documentation of spc-plotly (MIT).
COUNTS = [
    2478,
    2350,
    2485,
    2296,
    2359,
    2567,
    3089,
    2668,
    1788,
    2854,
    2365,
    1883,
    1959,
    1927,
    2640,
    2626,
    2144,
    2409,
    4412,
    3287,
    3049,
    3364,
    3078,
    2972,
    3415,
    2753,
    3102,
    2191,
    3693,
    4385,
    4699,
    3031,
    2659,
    3885,
    2628,
    2621,
    3071,
    2002,
]
UP = a_metric("mean", "rate")
DOWN = a_metric("mean", "rate", better="lower")
EITHER = a_metric("mean", "rate", better="neither")
# Centre 11, every move 2: natural limits 5.68 and 16.32, halfway 8.34 and 13.66, move limit 6.54.
STEADY = [10.0, 12.0] * 12


def test_limits_match_the_published_series():
    found = limits(COUNTS)
    assert found.centre == pytest.approx(2820.6316, abs=5e-5)
    assert found.mean_range == pytest.approx(571.8919, abs=5e-5)
    assert found.upper == pytest.approx(4341.8640, abs=5e-5)
    assert found.lower == pytest.approx(1299.3991, abs=5e-5)
    assert found.range_limit == pytest.approx(1870.09, abs=5e-3)


def test_one_point_has_no_limits():
    with pytest.raises(ValueError, match="two points"):
        limits([1.0])


def test_a_point_beyond_the_limits_is_exceptional_in_its_direction():
    assert signal(STEADY, 16.3, UP).flow == "routine"
    assert signal(STEADY, 16.4, UP).flow == "exceptional, favourable"
    assert signal(STEADY, 16.4, DOWN).flow == "exceptional, unfavourable"
    assert signal(STEADY, 5.6, UP).flow == "exceptional, unfavourable"
    assert signal(STEADY, 5.6, EITHER).flow == "exceptional"
    assert signal(STEADY, 16.4, UP).rule == "beyond the natural limits"


def test_a_move_too_far_is_exceptional_inside_the_limits():
    found = signal([*STEADY, 6.0], 13.0, UP)  # a move of 7
    assert found.rule == "moved further than the process does"
    assert found.flow == "exceptional, favourable"
    assert signal([*STEADY, 6.0], 12.5, UP).flow == "routine"  # a move of 6.5


def test_three_of_four_near_a_limit_with_the_newest_among_them():
    found = signal([*STEADY, 14.0, 11.0, 14.0], 14.0, UP)
    assert found.rule == "three of four nearer a limit than the centre"
    assert signal([*STEADY, 14.0, 14.0, 14.0], 11.5, UP).flow == "routine"
    assert signal([*STEADY, 14.0, 8.0, 14.0], 11.5, UP).flow == "routine"


def test_three_of_four_must_be_on_one_side():
    assert signal([*STEADY, 14.0, 11.0, 8.0], 14.0, UP).flow == "routine"


def test_eight_in_a_row_on_one_side():
    # STEADY ends with 12, the first of the run.
    found = signal([*STEADY, *[11.5] * 6], 11.5, UP)
    assert found.rule == "eight in a row on one side of the centre"
    assert found.flow == "exceptional, favourable"
    assert signal([*STEADY, *[11.5] * 5], 11.5, UP).flow == "routine"
    assert signal([*STEADY, *[11.5] * 3, 11.0, *[11.5] * 3], 11.5, UP).flow == "routine"


def test_points_needed():
    assert signal(STEADY[:5], 99.0, UP).flow == ""
    assert signal(STEADY[:5], 99.0, UP).centre is None
    assert signal(STEADY[:6], 11.0, UP).provisional
    assert signal(STEADY[:11], 11.0, UP).provisional
    assert not signal(STEADY[:12], 11.0, UP).provisional


def test_periods_without_a_figure_are_passed_over():
    gappy = [p for point in STEADY for p in (None, point)]
    assert signal(gappy, 16.4, UP) == signal(STEADY, 16.4, UP)


def test_without_a_newest_point_there_are_limits_but_no_flow():
    found = signal(STEADY, None, UP)
    assert (found.flow, found.centre) == ("", 11.0)


def test_the_baseline_is_locked_at_twenty_four():
    found = signal([*STEADY, *[40.0] * 10], 11.0, UP)
    assert (found.centre, found.points) == (11.0, 34)


def test_limits_stay_inside_what_the_unit_can_be():
    found = signal([0.9, 1.0] * 6, 0.95, a_metric())
    assert found.upper == 1.0
    assert found.lower == pytest.approx(0.95 - 0.266)


def test_a_series_that_stands_still_does_not_signal_on_rounding():
    assert signal([0.3] * 12, 0.1 + 0.2, a_metric()).flow == "routine"
    assert signal([0.1 + 0.2] * 24, 0.3, a_metric()).flow == "routine"
    assert signal([0.3] * 12, 0.29, a_metric()).flow == "exceptional, unfavourable"


@given(st.lists(st.integers(-99, 99), min_size=6, max_size=40), st.integers(-99, 99))
def test_turning_the_direction_round_changes_no_signal(points, current):
    turned = signal([-float(p) for p in points], -float(current), DOWN)
    found = signal([float(p) for p in points], float(current), UP)
    assert (found.flow, found.rule) == (turned.flow, turned.rule)
