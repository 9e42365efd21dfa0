"""Kaplan–Meier against the leukaemia trial of the textbooks, and small tables by hand."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import km_quantile

from scorecard.errors import FactsError
from scorecard.stats.intervals import clopper_pearson
from scorecard.stats.survival import curve, survival_at

# Freireich 1963, the 21 patients on 6-MP: (week, relapsed, censored).
LEUKAEMIA = [
    (6, 3, 1),
    (7, 1, 0),
    (9, 0, 1),
    (10, 1, 1),
    (11, 0, 1),
    (13, 1, 0),
    (16, 1, 0),
    (17, 0, 1),
    (19, 0, 1),
    (20, 0, 1),
    (22, 1, 0),
    (23, 1, 0),
    (25, 0, 1),
    (32, 0, 2),
    (34, 0, 1),
    (35, 0, 1),
]
ROWS = [(0.0, 21, 0, 0)] + [(float(t), 0, lost + out, lost) for t, lost, out in LEUKAEMIA]


def test_leukaemia_survival_matches_the_textbooks():
    assert survival_at(ROWS, 6).value == pytest.approx(0.8571, abs=5e-5)
    at_10 = survival_at(ROWS, 10, 0.95)
    assert at_10.value == pytest.approx(0.7529, abs=5e-5)
    assert at_10.at_risk == 15
    at_23 = survival_at(ROWS, 23, 0.95)
    assert at_23.value == pytest.approx(0.4482, abs=5e-5)


def test_the_interval_is_that_of_as_many_watched_to_the_end():
    # Greenwood's se .0963 at .7529 is that of .7529 · .2471 ÷ .0963² = 20.06 customers.
    at_10 = survival_at(ROWS, 10)
    assert (at_10.low, at_10.high) == pytest.approx(
        clopper_pearson(0.7529 * 20.06, 20.06), abs=5e-4
    )


def test_without_censoring_the_interval_is_that_of_a_share():
    found = survival_at([(0, 20, 0, 0), (3, 0, 2, 2), (5, 0, 4, 4)], 12)
    assert (found.low, found.high) == pytest.approx(clopper_pearson(14, 20))


def test_greenwood_of_the_leukaemia_trial():
    at_10 = next(s for s in curve(ROWS) if s.time == 10)
    assert at_10.survival * at_10.greenwood**0.5 == pytest.approx(0.0963, abs=5e-5)


def test_median_of_the_leukaemia_trial_is_23_weeks():
    found = km_quantile([(float(t), a, b) for t, a, b in LEUKAEMIA], 0.5)
    assert (found.value, found.n) == (23, 21)


def test_between_events_the_curve_is_flat():
    assert survival_at(ROWS, 8).value == survival_at(ROWS, 7).value
    assert survival_at(ROWS, 8).at_risk == 16


def test_who_joins_late_is_at_risk_only_from_then():
    # One lost of 4 at 2, of 3 at 3 (the two who enter at 3 are not there yet), of 4 at 4.
    rows = [(0, 4, 0, 0), (2, 0, 1, 1), (3, 2, 1, 1), (4, 0, 1, 1)]
    assert [s.at_risk for s in curve(rows)] == [4, 4, 3, 4]
    assert survival_at(rows, 4).value == pytest.approx(3 / 4 * 2 / 3 * 3 / 4)


def test_rows_of_one_tenure_are_added_in_any_order():
    rows = [(2, 0, 1, 0), (0, 3, 0, 0), (2, 0, 1, 1), (0, 1, 0, 0)]
    assert curve(rows) == curve([(0, 4, 0, 0), (2, 0, 2, 1)])


def test_nobody_lost_is_bounded_as_all_of_those_at_risk():
    rows = [(0, 20, 0, 0), (6, 0, 8, 0), (18, 0, 12, 0)]
    found = survival_at(rows, 12)
    assert (found.value, found.at_risk) == (1.0, 12)
    assert (found.low, found.high) == clopper_pearson(12, 12)


def test_everybody_lost_is_bounded_as_none_of_the_last():
    found = survival_at([(0, 12, 0, 0), (3, 0, 12, 12)], 12)
    assert (found.value, found.at_risk) == (0.0, 0)
    assert (found.low, found.high) == clopper_pearson(0, 12)


def test_a_risk_set_that_empties_has_no_figure():
    rows = [(0, 5, 0, 0), (6, 0, 5, 2)]
    assert survival_at(rows, 12).value is None
    refilled = [*rows, (8, 30, 0, 0)]
    assert survival_at(refilled, 12).value is None
    assert survival_at(rows, 6).value == pytest.approx(3 / 5)
    assert survival_at([], 12).value is None


def test_the_loss_of_the_only_one_watched_says_nothing_of_those_who_were_watched_later():
    rows = [(0, 1, 0, 0), (2, 0, 1, 1), (8, 30, 0, 0)]
    assert survival_at(rows, 12).value is None
    assert survival_at(rows, 6).value == 0  # as long as there was nobody else
    assert survival_at(rows[:2], 12).value == 0


def test_tenure_nobody_was_watched_in_is_said():
    assert survival_at([(4, 10, 0, 0), (6, 0, 1, 1)], 12).since == 4
    assert survival_at(ROWS, 12).since == 0


def test_more_losses_than_customers_are_refused():
    with pytest.raises(FactsError, match="tenure 3"):
        curve([(0, 1, 0, 0), (3, 0, 2, 2)])


def test_someone_lost_on_the_first_day_was_there():
    assert survival_at([(0, 4, 1, 1)], 1).value == pytest.approx(3 / 4)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.sampled_from([0.5, 0.9]))
def test_without_censoring_the_quantile_is_the_order_statistic(waits, q):
    rows = [(float(w), 1, 0) for w in waits]
    assert km_quantile(rows, q).value == sorted(waits)[ceil(len(waits) * q - 1e-9) - 1]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40))
def test_the_interval_holds_the_figure(tenures):
    rows = [(0.0, len(tenures), 0, 0)] + [(float(t), 0, 1, int(lost)) for t, lost in tenures]
    found = survival_at(rows, 12)
    if found.value is not None:
        assert 0 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= 1


def test_a_wait_that_is_mostly_open_has_no_quantile():
    found = km_quantile([(1.0, 1, 0), (2.0, 0, 9)], 0.9)
    assert (found.value, found.n) == (None, 10)
