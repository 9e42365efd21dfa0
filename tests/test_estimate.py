"""Estimates from sums, by kind; minima of evidence; the retention cast of five customers."""

from __future__ import annotations

import pytest
from sample_measures import a_metric, sums_of

from scorecard.definitions.results import Estimate, Sums
from scorecard.errors import DefinitionError, FactsError
from scorecard.stats.estimate import bounded, estimate, evidence, minimum_n
from scorecard.stats.intervals import clopper_pearson, effective_n, kish_n, share_n


def test_a_share_is_judged_on_its_effective_n():
    found = estimate(a_metric(), sums_of([(1, 1)] * 24 + [(0, 1)] * 6))
    assert found.value == pytest.approx(0.8)
    assert (found.low, found.high) == pytest.approx((0.6430, 0.9091), abs=6e-5)
    assert (found.n, found.customers) == (30, 30)


def test_three_customers_who_agree_are_few():
    sums = sums_of([(10, 10)] * 3)
    found = estimate(a_metric(), sums)
    assert (found.value, found.n) == (1.0, 30)
    assert (found.low, found.high) == clopper_pearson(share_n(sums), share_n(sums))
    assert found.low < 0.21


def test_a_perfect_month_is_judged_no_worse_than_a_flawed_one():
    """A hundred issues of eight customers: none of a hundred came back, or one."""
    eight = [(13, 13)] * 4 + [(12, 12)] * 4
    perfect, flawed = (estimate(a_metric(), sums_of(c)) for c in (eight, [(12, 13), *eight[1:]]))
    assert perfect.low > flawed.low
    assert evidence(a_metric(), perfect) == evidence(a_metric(), flawed) == 11


def test_no_observations_is_no_figure():
    for kind in ("proportion", "mean", "ratio", "total", "nps"):
        found = estimate(a_metric(kind, "rate"), Sums())
        assert found == Estimate(sums=Sums())


def test_a_ratio_without_a_positive_denominator_has_no_figure():
    found = estimate(a_metric("ratio", "rate"), sums_of([(5, 0), (3, 0)]))
    assert found.value is None and found.low is None


def test_one_customer_has_a_figure_but_no_interval():
    found = estimate(a_metric("ratio", "rate"), sums_of([(5, 10)]))
    assert (found.value, found.low, found.high) == (0.5, None, None)


def test_a_total_says_its_sum_and_the_mean_per_customer_and_has_no_interval():
    sums = Sums(n=7, customers=3, num=60, nn=100 + 400 + 900)
    found = estimate(a_metric("total", "money per customer"), sums)
    assert (found.total, found.value) == (60, 20)
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize(
    ("kind", "unit"), [("total", "money"), ("ratio", "rate"), ("mean", "hours")]
)
def test_amounts_without_bounds_have_no_interval(kind, unit):
    found = estimate(a_metric(kind, unit), sums_of([(float(i), 1.0) for i in range(400)]))
    assert found.value is not None and not bounded(a_metric(kind, unit))
    assert (found.low, found.high) == (None, None)


def test_nps_lies_on_a_scale():
    # Fifty promoters, thirty passives, twenty detractors: .65 of the way from −100 to 100. Their
    # Σ (part − mean)² is (70 − 100 · .09) ÷ 4 = 15.25, against 22.75 of yes and no; 2 assumed.
    sums = Sums(n=100, customers=100, num=30, den=100, nn=70, dd=100, nd=30, up=50, down=20)
    found, n = estimate(a_metric("nps", "points"), sums), 100 * 24.75 / 17.25
    assert found.value == 30
    low, high = clopper_pearson(0.65 * n, n)
    assert (found.low, found.high) == pytest.approx((200 * low - 100, 200 * high - 100))
    assert (found.low, found.high) == pytest.approx((15.8, 43.2), abs=0.1)


def test_nps_of_accounts_that_repeat_themselves_is_wider():
    # Ten accounts of five answers, six all promoters and four all detractors.
    sums = Sums(n=50, customers=10, num=10, den=50, nn=250, dd=250, nd=50, up=30, down=20)
    shares = sums_of([(5.0, 5.0)] * 6 + [(0.0, 5.0)] * 4)
    found, n = estimate(a_metric("nps", "points"), sums), share_n(shares)
    assert found.value == 20
    low, high = clopper_pearson(0.6 * n, n)
    assert (found.low, found.high) == pytest.approx((200 * low - 100, 200 * high - 100))


def test_the_interval_always_holds_the_score():
    found = estimate(a_metric("nps", "points"), Sums(n=1, customers=1, num=-1, down=1))
    assert found.low == found.value == -100


def test_a_mean_on_a_scale_stays_on_it():
    fives = a_metric("mean", "score", scale=(1, 5))
    found = estimate(fives, sums_of([(5, 1)] * 12))
    assert (found.value, found.high) == (5, 5)
    assert found.low == pytest.approx(1 + 4 * 0.05 ** (1 / 12))
    some = sums_of([(5, 1)] * 10 + [(4, 1)] * 2)
    found, parts = estimate(fives, some), sums_of([(1, 1)] * 10 + [(0.75, 1)] * 2)
    low, high = clopper_pearson(11.5 / 12 * effective_n(parts), effective_n(parts))
    assert (found.low, found.high) == pytest.approx((1 + 4 * low, 1 + 4 * high))
    assert estimate(fives, sums_of([(6, 1)] * 12)).low is None  # 6 is on no such scale


@pytest.mark.parametrize("scale", [(5, 1), (1,), [1, 5], "1-5", (1, None)])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(DefinitionError, match=r"as \(1, 5\)"):
        a_metric("mean", "score", scale=scale)


@pytest.mark.parametrize(("kind", "counts"), [("ratio", "yes"), ("ratio", 1), ("mean", True)])
def test_only_a_ratio_says_that_it_counts_events(kind, counts):
    with pytest.raises(DefinitionError, match="only a ratio can say counts=True"):
        a_metric(kind, "ratio", counts=counts)


def test_revenue_kept_is_judged_by_how_many_customers_carry_it():
    kept = a_metric("ratio", "share")
    equal = sums_of([(100, 100)] * 45 + [(0, 100)] * 5)
    found = estimate(kept, equal)
    assert (found.low, found.high) == pytest.approx((0.8012, 0.9598), abs=6e-5)  # 45 of 50
    assert evidence(kept, found) == 50
    # One with half of the revenue: 9800² ÷ (49 · 100² + 4900²) = 3.92 customers' worth.
    large = sums_of([(4900, 4900)] + [(100, 100)] * 44 + [(0, 100)] * 5)
    found = estimate(kept, large)
    assert kish_n(large) <= 3.921 and evidence(kept, found) == 3
    assert found.low < 0.5
    # Amounts outside of 0 and the whole are no shares of it.
    assert estimate(kept, sums_of([(150, 100), (50, 100)])).low is None


def test_kinds_that_need_a_table_say_so():
    with pytest.raises(DefinitionError, match="survival"):
        estimate(a_metric("survival"), Sums(n=1))


def test_sums_that_are_not_numbers_are_refused():
    with pytest.raises(FactsError, match="NaN"):
        estimate(a_metric("total", "money"), Sums(n=3, customers=3, num=float("nan")))


RETENTION = [(100, 120), (200, 150), (50, 0), (80, 80), (0, 60)]


def test_retention_of_the_five_customers():
    cohort = [(start, end) for start, end in RETENTION if start > 0]
    logo = sums_of([(float(end > 0), 1) for _, end in cohort])
    gross = sums_of([(min(start, end), start) for start, end in cohort])
    net = sums_of([(end, start) for start, end in cohort])
    assert estimate(a_metric(), logo).value == 3 / 4
    assert estimate(a_metric("ratio"), gross).value == pytest.approx(0.76744, abs=5e-6)
    assert estimate(a_metric("ratio", "rate"), net).value == pytest.approx(0.81395, abs=5e-6)


@pytest.mark.parametrize(
    ("kind", "unit", "more", "least"),
    [
        ("proportion", "share", {}, 30),
        ("nps", "points", {}, 30),
        ("mean", "score", {}, 30),
        ("mean", "money", {}, 50),
        ("ratio", "rate", {}, 50),
        ("total", "money", {}, 50),
        ("survival", "share", {}, 10),
        ("quantile", "hours", {"q": 0.5}, 20),
        ("quantile", "hours", {"q": 0.9}, 29),
        ("quantile", "hours", {"q": 0.1}, 29),
        ("quantile", "hours", {"q": 0.95}, 59),  # 0.95^59 = 0.0485, 0.95^58 = 0.0510
        ("proportion", "share", {"minimum": 12}, 12),
    ],
)
def test_minimum_of_evidence_by_kind(kind, unit, more, least):
    assert minimum_n(a_metric(kind, unit, **more)) == least


def test_money_counts_customers_and_survival_those_at_risk():
    found = Estimate(n=500, customers=40, at_risk=9)
    assert evidence(a_metric("ratio", "rate"), found) == 40
    assert evidence(a_metric("mean", "money"), found) == 40
    assert evidence(a_metric("survival"), found) == 9


def test_answers_count_as_customers_or_as_what_they_are_worth():
    share = a_metric()
    many = estimate(share, sums_of([(6, 10)] * 20 + [(4, 10)] * 20))
    assert many.n == 400 and 200 < evidence(share, many) < 400
    few = estimate(share, sums_of([(30, 30)] * 3 + [(0, 30)] * 2))
    assert few.n == 150 and evidence(share, few) == 5
    for kind, more in (("nps", {}), ("mean", {"scale": (-1, 1)})):
        metric = a_metric(kind, "points", **more)
        sums = Sums(150, 5, 30, 150, 4500, 4500, 900, 90, 60)
        assert evidence(metric, estimate(metric, sums)) == 5
