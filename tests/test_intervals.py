"""Intervals against published values and figures worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_measures import sums_of
from scipy import stats

from scorecard.definitions.results import Sums
from scorecard.stats.intervals import effective_n, nps, order_ranks, ratio, wilson


@pytest.mark.parametrize(
    ("x", "n", "level", "low", "high"),
    [
        (7, 50, 0.95, 0.0695, 0.2619),
        (7, 50, 0.90, 0.0777, 0.2392),
        (0, 20, 0.95, 0.0, 0.1611),
        (20, 20, 0.95, 0.8389, 1.0),
        (45, 50, 0.90, 0.8085, 0.9505),
        (24, 30, 0.90, 0.6575, 0.8929),
        (11, 12, 0.90, 0.6988, 0.9812),
        (0, 12, 0.90, 0.0, 0.1840),
    ],
)
def test_wilson_matches_published_values(x, n, level, low, high):
    assert wilson(x, n, level) == pytest.approx((low, high), abs=6e-5)


def test_wilson_of_nothing_knows_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.floats(0, 1), st.floats(0.5, 1e6))
def test_wilson_holds_the_share_and_mirrors(share, n):
    low, high = wilson(share * n, n)
    assert 0 <= low <= share + 1e-12 and share - 1e-12 <= high <= 1
    mirrored = wilson(n - share * n, n)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_one_answer_per_customer_is_worth_exactly_one():
    assert effective_n(sums_of([(1, 1)] * 24 + [(0, 1)] * 6)) == 30


def test_customers_who_repeat_themselves_are_worth_less():
    # Five customers say yes three times, five say no three times. Clustered variance
    # 10/9 · 10 · 1.5² / 30² = 1/36; of independent answers 0.25/29; ratio 29/36 · 4 = 29/9.
    twins = sums_of([(3, 3)] * 5 + [(0, 3)] * 5)
    assert effective_n(twins) == pytest.approx(30 * 9 / 29)


def test_customers_who_differ_within_are_worth_no_more_than_their_answers():
    assert effective_n(sums_of([(1, 2)] * 15)) == 30


def test_where_all_agree_the_customers_are_counted():
    assert effective_n(sums_of([(0, 10)] * 3)) == 3
    assert effective_n(sums_of([(10, 10)] * 3)) == 3


def test_a_single_customer_is_one_answer():
    assert effective_n(sums_of([(6, 10)])) == 1
    assert effective_n(Sums()) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_effective_n_never_exceeds_the_answers(pairs):
    customers = [(float(yes), float(yes + no)) for yes, no in pairs if yes + no]
    if customers:
        sums = sums_of(customers)
        assert 0 < effective_n(sums) <= sums.den


def test_nps_matches_the_published_adjusted_wald():
    found = nps(50, 20, 100, 0.95)
    assert found.centre == pytest.approx(29.126, abs=1e-3)
    assert found.se == pytest.approx(7.692, abs=1e-3)
    assert (found.low, found.high) == pytest.approx((14.05, 44.20), abs=0.01)
    found = nps(50, 20, 100)
    assert (found.low, found.high) == pytest.approx((16.47, 41.78), abs=0.01)
    found = nps(10, 0, 15, 0.95)
    assert (found.low, found.high) == pytest.approx((29.01, 82.10), abs=0.01)


def test_nps_of_five_detractors_is_clipped_but_not_certain():
    found = nps(0, 5, 5)
    assert found.low == -100
    assert found.high == pytest.approx(-24.73, abs=0.01)


def test_ratio_matches_the_hand_worked_delta_method():
    y, d = [10, 0, 5, 20, -5, 8], [100, 10, 40, 150, 30, 70]
    found = ratio(sums_of(list(zip(y, d, strict=True))))
    assert found.centre == pytest.approx(0.095)
    assert found.se == pytest.approx(0.027263, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((0.0401, 0.1499), abs=6e-5)


def test_ratio_needs_a_denominator_and_two_customers():
    assert ratio(sums_of([(3, 5)])) is None
    assert ratio(sums_of([(3, 5), (2, -5)])) is None
    assert ratio(sums_of([(3, -5), (2, -5)])) is None


def test_ratio_of_equal_customers_has_no_width():
    found = ratio(sums_of([(1, 3)] * 7))
    assert found.low == pytest.approx(found.high)


@pytest.mark.parametrize(
    ("n", "q", "level", "ranks"),
    [
        (28, 0.9, 0.90, None),
        (29, 0.9, 0.90, (23, 29)),
        (30, 0.9, 0.90, (24, 30)),
        (100, 0.9, 0.90, (85, 96)),
        (20, 0.5, 0.95, (6, 15)),
        (100, 0.5, 0.95, (40, 61)),
        (0, 0.5, 0.90, None),
    ],
)
def test_order_ranks_match_published_values(n, q, level, ranks):
    assert order_ranks(n, q, level) == ranks


def test_effective_ranks_are_mapped_outwards():
    # floor(58.9) = 58 lacks nothing; 29 of 58 is 23–29 stretched by 59/30: 45.2 → 45, 57.03 → 58.
    assert order_ranks(58, 0.9, effective=29.9) == (45, 58)
    assert order_ranks(58, 0.9, effective=28.9) is None


@given(st.integers(29, 3000), st.floats(0.02, 1))
def test_fewer_effective_values_only_move_the_ranks_apart(n, share):
    full = order_ranks(n, 0.9)
    assert order_ranks(n, 0.9, effective=float(n)) == full
    fewer = order_ranks(n, 0.9, effective=share * n)
    assert fewer is None or (1 <= fewer[0] <= full[0] + 1 and full[1] - 1 <= fewer[1] <= n)


def test_ranks_cover_the_quantile_with_the_promised_chance():
    # P(rank 24 ≤ 0.9-quantile ≤ rank 30) of 30: B(29) − B(23), summed from the binomial itself.
    from math import comb

    chance = sum(comb(30, k) * 0.9**k * 0.1 ** (30 - k) for k in range(24, 30))
    assert chance >= 0.90


@pytest.mark.parametrize("customers", [2, 3, 12, 400, 50_000])
def test_intervals_are_to_the_last_digit_those_of_the_slow_library(customers):
    """`scipy.stats` takes a second to load, so that its distributions are not taken from there."""
    sums = sums_of([(i % 7 + 1.0, i % 3 + 1.0) for i in range(customers)])
    found = ratio(sums)
    reach = float(stats.t.ppf(0.95, customers - 1)) * found.se
    assert (found.low, found.high) == (found.centre - reach, found.centre + reach)


@pytest.mark.parametrize("q", [0.5, 0.9])
@pytest.mark.parametrize("n", [29, 100, 1234, 50_000])
def test_ranks_are_those_of_the_slow_library(n, q):
    low, high = order_ranks(n, q)
    at_most = stats.binom(n, q).cdf
    assert at_most(low - 1) <= 0.05 < at_most(low)
    assert at_most(high - 2) < 0.95 <= at_most(high - 1)
