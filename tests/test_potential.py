"""What customers will bring: fitted models against published figures, and against companies whose
parameters are known because they were made with them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from scorecard.potential.fitting import NotFittedError
from scorecard.potential.histories import Histories
from scorecard.potential.purchases import PurchaseModel
from scorecard.potential.renewals import RenewalModel, Terms
from scorecard.potential.spend import SpendModel, Spent

CDNOW = Path(__file__).parent / "data" / "cdnow"
WEEKS = 39
"""Weeks of calibration, and of the holdout after them."""


@pytest.fixture(scope="module")
def shop():
    """The published sample of 2,357 customers: repeats, last, watched, later purchases, spend."""
    return duckdb.sql(
        f"""
        with days as (
            select customer_id, purchased_on, sum(dollars) as dollars
            from '{CDNOW / "cdnow_master.parquet"}'
            semi join read_csv('{CDNOW / "sample_customers.csv"}', all_varchar = true)
                using (customer_id)
            group by all
        ), since as (
            select *, min(purchased_on) over (partition by customer_id) as first,
                purchased_on <= '1997-09-30' as seen
            from days
        )
        select count(*) filter (seen) - 1.0 as x,
            (max(purchased_on) filter (seen) - any_value(first)) / 7.0 as last,
            (date '1997-09-30' - any_value(first)) / 7.0 as watched,
            count(*) filter (not seen) * 1.0 as later,
            coalesce(avg(dollars) filter (seen and purchased_on > first), 0)::double as spent
        from since group by customer_id
        """
    ).fetchnumpy()


@pytest.fixture(scope="module")
def seen(shop):
    return Histories.of(shop["x"], shop["last"], shop["watched"])


def alone(x, last, watched):
    return Histories(*(np.array([float(each)]) for each in (x, last, watched, 1)))


def test_bg_nbd_on_cdnow_is_what_was_published(seen):
    """Fader, Hardie and Lee 2005, table 2."""
    model = PurchaseModel.fit("BG/NBD", seen)
    found = (model.r, model.alpha, model.a, model.b)
    assert found == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=0.0006)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_histories_that_are_alike_are_counted_once(seen):
    assert (len(seen.repeats), seen.count) == (1016, 2357)


def test_mbg_nbd_on_cdnow_is_what_was_published(seen):
    """The vignette of BTYDplus, by Platzer, on the same sample."""
    model = PurchaseModel.fit("MBG/NBD", seen)
    found = (model.r, model.alpha, model.a, model.b)
    assert found == pytest.approx((0.525, 6.183, 0.891, 1.614), abs=0.0006)
    assert PurchaseModel.better(seen).kind == "MBG/NBD"


def test_one_customer_is_expected_to_buy_as_published():
    """Fader, Hardie and Lee 2005, note on the implementation in Excel."""
    model = PurchaseModel("BG/NBD", 0.243, 4.414, 0.793, 2.426, 0.0)
    assert model.expected(alone(2, 30.43, 38.86), WEEKS)[0] == pytest.approx(1.226, abs=0.0005)
    assert model.alive(alone(2, 30.43, 38.86))[0] == pytest.approx(0.7266, abs=0.0001)
    assert model.expected(alone(0, 0, 38.86), WEEKS)[0] == pytest.approx(0.1951, abs=0.0001)
    assert model.alive(alone(0, 0, 38.86))[0] == 1


def test_the_models_find_what_cdnow_sold_afterwards(shop, seen):
    """1,882 repeat purchases came in the 39 weeks that nobody had looked at."""
    assert shop["later"].sum() == 1882
    for kind, off in (("BG/NBD", 0.13), ("MBG/NBD", 0.17)):
        total = (PurchaseModel.fit(kind, seen).expected(seen, WEEKS) * seen.customers).sum()
        assert abs(total / 1882 - 1) < off


def test_gamma_gamma_on_cdnow_is_what_was_published(shop):
    """Fader and Hardie 2013: 946 customers with a repeat purchase."""
    again = shop["x"] > 0
    assert again.sum() == 946
    paid = again & (shop["spent"] > 0)
    spent = Spent(shop["x"][paid], shop["spent"][paid], np.ones(int(paid.sum())))
    model = SpendModel.fit(spent)
    assert (model.p, model.q, model.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.006)
    assert model.average == pytest.approx(35.17, abs=0.01)
    assert model.expected(np.array([0.0]), np.array([0.0]))[0] == pytest.approx(model.average)
    assert spent.tied == pytest.approx(0.114, abs=0.001)


@pytest.mark.parametrize(
    ("there", "alpha", "beta"),
    [
        ([1000, 869, 743, 653, 593, 551, 517, 491], 0.668, 3.806),
        ([1000, 631, 468, 382, 326, 289, 262, 241], 0.704, 1.182),
    ],
    ids=["high end", "regular"],
)
def test_renewals_are_what_was_published(there, alpha, beta):
    """Fader and Hardie 2007, "How to project customer retention", seven years of both cohorts."""
    model = RenewalModel.fit(Terms.of_cohort(np.array(there, float)))
    assert (model.alpha, model.beta) == pytest.approx((alpha, beta), abs=0.0006)


def test_renewals_worked_out_by_hand():
    """alpha 1, beta 1: the chances to leave are spread evenly, and S(t) is 1 / (t + 1)."""
    model = RenewalModel(1.0, 1.0, 0.0)
    assert model.there(np.array([0.0, 1, 2, 3])) == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert model.renews(np.array([0.0, 1, 2])) == pytest.approx([1 / 2, 2 / 3, 3 / 4])
    # A customer after one renewal: 2/3 stay another term, 2/4 two; at 10 % a term.
    value = model.expected(np.array([1.0]), 2, 0.1)
    assert value[0] == pytest.approx((2 / 3) / 1.1 + (1 / 2) / 1.21)


def test_who_came_into_sight_late_counts_from_there():
    """Customers of whom the first terms were never seen do not make all look faithful."""
    made = np.random.default_rng(5)
    leaves = made.beta(0.8, 3.0, 40_000)
    age = made.geometric(leaves)
    entered = made.integers(0, 3, 40_000)
    watched = age > entered
    end, left = np.minimum(age[watched], 8), (age[watched] <= 8) & (age[watched] > 0)
    end = np.where(left, end, 8)
    terms = Terms(
        entered[watched].astype(float),
        end.astype(float),
        left.astype(float),
        np.ones(int(watched.sum())),
    )
    model = RenewalModel.fit(terms)
    assert (model.alpha, model.beta) == pytest.approx((0.8, 3.0), rel=0.08)


@pytest.mark.parametrize("kind", ["BG/NBD", "MBG/NBD"])
def test_a_company_that_was_made_by_the_model_is_recovered(kind):
    """30,000 customers over two years; what they buy in the year after is expected to 3 %."""
    r, alpha, a, b = 0.6, 8.0, 0.9, 2.5
    x, last, watched, later = made_company(kind, (r, alpha, a, b), 30_000, 104.0, 52.0)
    model = PurchaseModel.fit(kind, seen := Histories.of(x, last, watched))
    assert (model.r, model.alpha) == pytest.approx((r, alpha), rel=0.06)
    assert model.a / (model.a + model.b) == pytest.approx(a / (a + b), rel=0.08)
    expected = (model.expected(seen, 52.0) * seen.customers).sum()
    assert expected == pytest.approx(later.sum(), rel=0.03)
    assert model.of_newcomers(watched).mean() == pytest.approx(x.mean(), rel=0.03)


def made_company(kind, parameters, count, weeks, after):
    """Customers who buy and stop as the model says: x, last, watched, and what comes after."""
    r, alpha, a, b = parameters
    made = np.random.default_rng(11)
    rate, stop = made.gamma(r, 1 / alpha, count), made.beta(a, b, count)
    watched = weeks - made.uniform(0, 26, count)
    x, last, later = np.zeros(count), np.zeros(count), np.zeros(count)
    here = np.ones(count, bool)
    if kind == "MBG/NBD":
        here = made.random(count) >= stop
    at = np.zeros(count)
    while here.any():
        at[here] += made.exponential(1 / rate[here])
        here &= at <= watched + after
        inside = here & (at <= watched)
        x[inside] += 1
        last[inside] = at[inside]
        later[here & ~inside] += 1
        here &= made.random(count) >= stop
    return x, last, watched, later


def test_discounting_takes_off_what_comes_late(seen):
    model = PurchaseModel("BG/NBD", 0.243, 4.414, 0.793, 2.426, 0.0)
    one = alone(2, 30.43, 38.86)
    plain = model.discounted(one, 3, 13.0, 0.0)[0]
    assert plain == pytest.approx(model.expected(one, 39.0)[0])
    parts = [model.expected(one, 13.0 * n)[0] for n in (0, 1, 2, 3)]
    by_hand = sum((parts[n] - parts[n - 1]) / 1.05**n for n in (1, 2, 3))
    assert model.discounted(one, 3, 13.0, 0.05)[0] == pytest.approx(by_hand)


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(NotFittedError, match="nobody bought a second time"):
        PurchaseModel.fit("BG/NBD", alone(0, 0, 10))
    with pytest.raises(NotFittedError, match="nobody left"):
        RenewalModel.fit(Terms.of_cohort(np.array([10.0, 10.0, 10.0])))
    with pytest.raises(NotFittedError, match="does not tell the customers apart"):
        RenewalModel.fit(Terms.of_cohort(np.array([1000.0, 500, 250, 125])))
    with pytest.raises(ValueError, match="last purchase after it was looked at"):
        alone(1, 11, 10)
    with pytest.raises(ValueError, match="last purchase after it was looked at"):
        alone(0, 3, 10)
    with pytest.raises(ValueError, match="above nothing"):
        Spent(*(np.array([1.0]) for _ in range(2)), np.array([0.0]))
    with pytest.raises(ValueError, match="ends before it came into sight"):
        Terms(*(np.array([each]) for each in (2.0, 2.0, 1.0, 1.0)))


def test_the_same_data_give_the_same_parameters(seen):
    assert PurchaseModel.fit("BG/NBD", seen) == PurchaseModel.fit("BG/NBD", seen)
