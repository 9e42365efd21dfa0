"""Intervals against published values and figures worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_measures import sums_of
from scipy import stats

from scorecard.definitions.results import Sums
from scorecard.stats.intervals import (
    as_answers,
    clopper_pearson,
    effective_n,
    kish_n,
    on_scale,
    order_ranks,
    scaled,
    share_n,
)


@pytest.mark.parametrize(
    ("x", "n", "level", "low", "high"),
    [
        (7, 50, 0.95, 0.0582, 0.2674),  # as R's binom.test prints it
        (0, 20, 0.95, 0.0, 0.1684),
        (20, 20, 0.95, 0.8316, 1.0),
        (45, 50, 0.90, 0.8012, 0.9598),
        (24, 30, 0.90, 0.6430, 0.9091),
        (11, 12, 0.90, 0.6613, 0.9957),
        (0, 12, 0.90, 0.0, 0.2209),  # 1 − 0.05^(1/12)
    ],
)
def test_clopper_pearson_matches_published_values(x, n, level, low, high):
    assert clopper_pearson(x, n, level) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(("x", "n"), [(3, 10), (24, 30), (98, 100)])
def test_each_bound_is_where_the_binomial_leaves_a_twentieth(x, n):
    low, high = clopper_pearson(x, n)
    at_least = sum(comb(n, k) * low**k * (1 - low) ** (n - k) for k in range(x, n + 1))
    at_most = sum(comb(n, k) * high**k * (1 - high) ** (n - k) for k in range(x + 1))
    assert (at_least, at_most) == pytest.approx((0.05, 0.05), abs=1e-9)


def test_of_nothing_nothing_is_known():
    assert clopper_pearson(0, 0) == (0.0, 1.0)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(0.05, 1e6))
def test_the_interval_holds_the_share_and_mirrors(share, n):
    low, high = clopper_pearson(share * n, n)
    assert 0 <= low <= share + 1e-9 and share - 1e-9 <= high <= 1
    mirrored = clopper_pearson(n - share * n, n)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-7)


def test_one_answer_per_customer_is_worth_exactly_one():
    assert share_n(sums_of([(1, 1)] * 24 + [(0, 1)] * 6)) == 30
    assert share_n(sums_of([(1, 1)] * 30)) == 30


def test_customers_who_repeat_themselves_are_worth_less():
    # Five customers say yes three times, five no three times: 10/9 · 10 · 1.5² · 29/30 = 24.1667
    # against 30/4. Assumed beside them two customers of three: 6 · (1 + 2 · ½) = 12 against 6.
    # 30 · 13.5/36.1667 = 11.198, times (t(29) 1.69913 ÷ t(9) 1.83311)².
    twins = sums_of([(3, 3)] * 5 + [(0, 3)] * 5)
    assert share_n(twins) == pytest.approx(30 * 13.5 / 36.16667 * 0.859150, rel=1e-4)


def test_customers_who_differ_within_are_worth_no_more_than_their_answers():
    # Each says yes and no, so the clustered variance is 0, and counts as that of 30 answers, 7.5.
    # With two customers of two assumed: (7.5 + 4 · 1.5) ÷ (7.5 + 4); t(29) 1.69913, t(14) 1.76131.
    found = share_n(sums_of([(1, 2)] * 15))
    assert found == pytest.approx(30 * 11.5 / 13.5 * 0.930642, rel=1e-4)


def test_where_all_agree_the_assumption_is_all_there_is():
    # One customer's ten answers are as good as 10 ÷ (1 + 9 · ½); t(29) 1.69913, t(2) 2.91999.
    assert share_n(sums_of([(10, 10)] * 3)) == pytest.approx(30 / 5.5 * 0.338602, rel=1e-4)
    assert share_n(sums_of([(0, 10)] * 3)) == share_n(sums_of([(10, 10)] * 3))


@pytest.mark.parametrize(
    "sizes", [[13] * 4 + [12] * 4, [10] * 30, [2] * 50, [10] * 100, [40] + [3] * 60]
)
def test_agreement_of_all_is_never_worth_less_than_a_dissent(sizes):
    def low(dissents: int) -> float:
        told = [(size - (i < dissents), size) for i, size in enumerate(sizes)]
        sums = sums_of(told)
        n = share_n(sums)
        return clopper_pearson(sums.num / sums.den * n, n)[0]

    found = [low(dissents) for dissents in range(min(8, len(sizes)))]
    assert found == sorted(found, reverse=True)


def test_a_single_customer_is_one_answer():
    assert share_n(sums_of([(6, 10)])) == 1
    assert share_n(Sums()) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_effective_n_never_exceeds_the_answers(pairs):
    customers = [(float(yes), float(yes + no)) for yes, no in pairs if yes + no]
    if customers:
        sums = sums_of(customers)
        assert 0 < share_n(sums) <= sums.den


def test_amounts_weigh_by_their_size():
    # Kish: (1 + 1 + 2)² ÷ (1 + 1 + 4) = 8/3, and the smallest change of unit changes nothing.
    assert kish_n(sums_of([(1, 1), (0, 1), (2, 2)])) <= 8 / 3
    euros, cents = [(900, 1000), (0, 200), (50, 50)], [(90000, 100000), (0, 20000), (5000, 5000)]
    assert kish_n(sums_of(cents)) == pytest.approx(kish_n(sums_of(euros)))
    alike = sums_of([(7, 7)] * 45 + [(0, 7)] * 5)
    assert kish_n(alike) == pytest.approx(50)


def weighed(answers):
    """Sums of (value, weight), one answer of each customer."""
    told = sums_of([(value * weight, weight) for value, weight in answers])
    return replace(told, n=len(answers), squares=sum(weight**2 for _value, weight in answers))


def test_answers_with_weights_are_as_many_as_kish_counts():
    # (5 · 3 + 5 · 1)² ÷ (5 · 9 + 5 · 1) = 8, in any unit; with equal weights all ten.
    one = weighed([(1, 3), (0, 1)] * 5)
    assert as_answers(one).den == pytest.approx(8)
    assert share_n(one) <= 8
    assert share_n(scaled(one, 1000)) == pytest.approx(share_n(one))
    assert share_n(weighed([(1, 7), (0, 7)] * 5)) == pytest.approx(
        share_n(sums_of([(1, 1), (0, 1)] * 5))
    )


def test_where_all_agree_weights_still_make_answers_fewer():
    # Thirty that all say yes, one with weight 30: 59² ÷ 929 = 3.75 answers.
    assert share_n(weighed([(1, 30)] + [(1, 1)] * 29)) <= 59**2 / 929


def test_answers_on_a_scale_become_parts_of_it():
    # 1, 3 and 5 of one customer, 5 of another: 0, ½, 1 and 1 of the way.
    answers = Sums(n=4, customers=2, num=14, den=4, nn=81 + 25, dd=9 + 1, nd=27 + 5)
    parts = on_scale(answers, 1, 5)
    assert (parts.num, parts.den) == (2.5, 4)
    assert (parts.nn, parts.nd, parts.dd) == (1.5**2 + 1, 1.5 * 3 + 1, 10)


def test_answers_nearer_to_each_other_than_yes_and_no_are_worth_more():
    # A hundred customers between 4 and 5 of 1 to 5: mean .875 of the scale; Σ (part − mean)² is
    # 100/64, of yes and no it would be 100 · .875 · .125. Assumed: 2 on both sides.
    parts = on_scale(sums_of([(4, 1)] * 50 + [(5, 1)] * 50), 1, 5)
    assert effective_n(parts) == pytest.approx(100 * (10.9375 + 2) / (1.5625 + 2))


@pytest.mark.parametrize(
    ("n", "q", "level", "ranks"),
    [
        (29, 0.9, 0.90, (23, 29)),
        (30, 0.9, 0.90, (24, 30)),
        (100, 0.9, 0.90, (85, 96)),
        (20, 0.5, 0.95, (6, 15)),
        (100, 0.5, 0.95, (40, 61)),
    ],
)
def test_ranks_are_those_published(n, q, level, ranks):
    assert order_ranks(n, q, level) == ranks


def test_a_rank_is_the_last_that_leaves_a_twentieth_below():
    # Of 100 at q = 0.9: P(at most 84) = .0399 and P(at most 85) = .0726.
    assert order_ranks(100, 0.9)[0] == 85


@pytest.mark.parametrize(("n", "q", "known"), [(28, 0.9, (True, False)), (28, 0.1, (False, True))])
def test_an_end_that_is_not_known_leaves_the_other(n, q, known):
    assert tuple(end is not None for end in order_ranks(n, q)) == known
    assert order_ranks(0, 0.5) == (None, None)


def test_effective_ranks_are_spread_outwards_over_all():
    # Nine of ten of 29 lie between the 23rd and the 29th, and a rank stands for 59/30: 45.2, 57.03.
    assert order_ranks(58, 0.9, effective=29) == (45, 58)
    assert order_ranks(58, 0.9, effective=28)[1] is None


@settings(deadline=None)
@given(st.integers(29, 3000), st.floats(0.02, 1))
def test_fewer_effective_values_only_move_the_ranks_apart(n, share):
    full = order_ranks(n, 0.9)
    assert order_ranks(n, 0.9, effective=float(n)) == full
    low, high = order_ranks(n, 0.9, effective=share * n)
    assert low is None or 1 <= low <= full[0]
    assert high is None or full[1] <= high <= n


@pytest.mark.parametrize("q", [0.5, 0.9])
@pytest.mark.parametrize("n", [29, 100, 1234, 50_000])
def test_ranks_are_those_of_the_slow_library(n, q):
    """`scipy.stats` takes a second to load, so that its distributions are not taken from there."""
    low, high = order_ranks(n, q)
    at_most = stats.binom(n, q).cdf
    assert at_most(low - 1) <= 0.05 < at_most(low)
    assert at_most(high - 2) < 0.95 <= at_most(high - 1)


@settings(deadline=None, max_examples=300)
@given(st.integers(1, 400), st.floats(0.05, 0.95))
def test_a_wait_of_two_humps_is_judged_wrongly_at_most_once_in_twenty(n, q):
    """Waits that are short with the chance q and long otherwise: the limit lies between, and
    whatever is said rests on how many were short. No distribution is worse."""
    low, high = order_ranks(n, q)
    at_most = stats.binom(n, q).cdf
    # Rank `low` is long where fewer than `low` are short; rank `high` is short where as many are.
    assert low is None or at_most(low - 1) <= 0.05 + 1e-9
    assert high is None or 1 - at_most(high - 1) <= 0.05 + 1e-9


@pytest.mark.parametrize("customers", [3, 12, 400])
def test_degrees_of_freedom_are_those_of_the_slow_library(customers):
    n = customers * 10
    factor = (stats.t.ppf(0.95, n - 1) / stats.t.ppf(0.95, customers - 1)) ** 2
    assert share_n(sums_of([(10, 10)] * customers)) == pytest.approx(n / 5.5 * factor, rel=1e-9)
