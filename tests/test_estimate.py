"""Estimates from sums, by kind; minima of evidence; the retention cast of five customers."""

from __future__ import annotations

import pytest
from sample_measures import a_metric, sums_of

from scorecard.definitions.results import Estimate, Sums
from scorecard.errors import DefinitionError, FactsError
from scorecard.stats.estimate import estimate, evidence, minimum_n, pooled
from scorecard.stats.intervals import nps, wilson


def test_a_share_is_judged_on_its_effective_n():
    found = estimate(a_metric(), sums_of([(1, 1)] * 24 + [(0, 1)] * 6))
    assert found.value == pytest.approx(0.8)
    assert (found.low, found.high) == pytest.approx((0.6575, 0.8929), abs=6e-5)
    assert (found.n, found.customers) == (30, 30)


def test_three_customers_who_agree_are_three():
    found = estimate(a_metric(), sums_of([(10, 10)] * 3))
    assert (found.value, found.n) == (1.0, 30)
    assert (found.low, found.high) == wilson(3, 3)


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


def test_a_total_says_its_sum_and_the_mean_per_customer():
    # Margins 10, 20, 30: mean 20, standard deviation 10, se 10/√3, t(2) 2.920.
    sums = Sums(n=7, customers=3, num=60, nn=100 + 400 + 900)
    found = estimate(a_metric("total", "money per customer"), sums)
    assert (found.total, found.value) == (60, 20)
    assert found.high - found.value == pytest.approx(2.91999 * 10 / 3**0.5, abs=1e-4)


def test_nps_prints_the_plain_score_with_the_adjusted_interval():
    sums = Sums(n=100, customers=100, num=30, den=100, nn=70, dd=100, nd=30, up=50, down=20)
    found = estimate(a_metric("nps", "points"), sums)
    assert found.value == 30
    assert (found.low, found.high) == pytest.approx((16.47, 41.78), abs=0.01)


def test_nps_of_accounts_that_repeat_themselves_is_wider():
    # Ten accounts of five answers, six all promoters and four all detractors: ten answers' worth
    # by n_eff = 50 · 9/49.
    sums = Sums(n=50, customers=10, num=10, den=50, nn=250, dd=250, nd=50, up=30, down=20)
    found, n = estimate(a_metric("nps", "points"), sums), 50 * 9 / 49
    assert found.value == 20
    expected = nps(0.6 * n, 0.4 * n, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_the_interval_always_holds_the_score():
    found = estimate(a_metric("nps", "points"), Sums(n=1, customers=1, num=-1, down=1))
    assert found.low == found.value == -100


def test_an_interval_stays_inside_what_the_unit_can_be():
    found = estimate(a_metric("ratio", "share"), sums_of([(10, 10), (9, 10), (10, 10)]))
    assert found.high == 1.0


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


def test_pooling_is_the_estimate_of_the_added_sums():
    quarters = [sums_of([(1, 1)] * 6 + [(0, 1)] * 2)] * 4
    together = pooled(a_metric(), quarters)
    assert (together.value, together.n) == (0.75, 32)
    assert (together.low, together.high) == pytest.approx(wilson(24, 32))
    assert pooled(a_metric(), []).value is None


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
    assert evidence(a_metric("proportion"), found) == 500
    assert evidence(a_metric("ratio", "rate"), found) == 40
    assert evidence(a_metric("mean", "money"), found) == 40
    assert evidence(a_metric("survival"), found) == 9
