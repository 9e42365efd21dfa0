"""Scores by each method, for customers whose sums fit on a page."""

from __future__ import annotations

from datetime import date

import pytest
from cast import opened

from scorecard.errors import FactsError
from scorecard.tiers.scores import ScoreDay, cut_points, scores

DAY = date(2026, 1, 1)
MONDAY = date(2026, 1, 12)


def answered(facts, method, day=DAY, months=12, cuts=None):
    return facts.answer(scores(facts, method, ScoreDay.of(facts, day, months, cuts)))


def scored(facts, method, day=DAY, months=12, cuts=None):
    rows = answered(facts, method, day, months, cuts)
    return {r["customer_id"]: r["score"] for r in rows}


MARGIN = {
    "customers": """
customer_id acquired_on closed_on
old         2020-01-01  -
young       2024-06-01  -
idle        2021-01-01  -
gone        2021-01-01  2025-06-30
past        2021-01-01  2024-12-31
next        2026-01-01  -
""",
    "transactions": """
customer_id event_on   net_amount
first       2023-12-15 1
old         2024-01-01 300
old         2024-12-31 90
old         2025-01-01 600
old         2025-12-31 100
old         2026-01-01 9999
young       2024-07-01 500
young       2025-07-01 800
gone        2025-02-01 50
past        2024-05-05 70
""",
    "costs": """
customer_id event_on   amount category
old         2025-03-01 40     deliver
old         2025-03-01 30     support
old         2025-03-01 30     service
old         2025-03-01 5000   acquire
old         2025-03-01 5000   discretionary
young       2025-03-01 900    deliver
""",
}


@pytest.fixture(scope="module")
def margins(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("margins"), **MARGIN)


def test_margin_is_that_of_twelve_months_and_half_that_of_the_twelve_before(margins):
    """old: 600 + 100 − 100 = 600 last, 390 before: (1200 + 390) / 3 = 530. young came within the
    year before, so only 800 − 900 counts. gone, 50 and 0 before, left within the last year, past
    before it; next is not here yet; and first is nobody's name."""
    assert scored(margins, "margin_percentile") == {
        "old": 530,
        "young": -100,
        "idle": 0,
        "gone": pytest.approx(100 / 3),
    }


def test_the_year_before_does_not_count_while_the_books_do_not_reach_it(margins):
    # As 2025 begins the last year is 390 for old; the books reach no further than December 2023.
    found = scored(margins, "margin_percentile", date(2025, 1, 1))
    assert (found["old"], found["young"], found["past"]) == (390, 500, 70)


def test_the_window_is_as_long_as_the_plan_says(margins):
    # Six months: July to December 100 for old; January to June 2025 600 − 100.
    found = scored(margins, "margin_percentile", months=6)
    assert found["old"] == pytest.approx((2 * 100 + 500) / 3)


def test_in_weekly_projects_windows_are_whole_weeks(margins):
    # 52 weeks before Monday 12 January 2026 is Monday 6 January 2025: 600 lies before it. The 52
    # before that reach to 8 January 2024: only 90 of 390.
    found = scored(margins, "margin_percentile", MONDAY)
    assert found["old"] == pytest.approx((2 * (100 + 9999 - 100) + 690) / 3)


def test_margin_needs_costs(tmp_path):
    facts = opened(tmp_path, transactions=MARGIN["transactions"])
    with pytest.raises(FactsError, match=r'"margin_percentile" needs costs, which is not mapped'):
        scored(facts, "margin_percentile")


SALES = """
customer_id event_on   net_amount
a           2025-12-31 10
a           2025-12-31 15
a           2025-12-22 75
a           2025-12-23 -50
b           2025-12-12 200
c           2025-10-03 5
c           2025-10-04 -5
d           2024-12-31 900
e           2025-11-11 -5
f           2026-01-01 900
g           2025-12-12 0
-           2025-12-12 900
"""


def test_rfm_adds_three_fifths_each_read_from_cut_points(tmp_path):
    """Days since the last purchase, days with one, net amount: a 1 2 50 · b 20 1 200 · c 90 1 0.

    Recency, better when small: a lies above no cut point (5), b above 10 (4), c above all (1).
    d bought longer ago: the lowest in each. e only gave back; f has not bought yet;
    and a line of nothing, as g's, is no purchase.
    """
    facts = opened(tmp_path, transactions=SALES)
    cuts = {"recency": [10, 20, 30, 40], "frequency": [0, 1, 2, 3], "money": [0, 40, 100, 200]}
    assert scored(facts, "rfm", cuts=cuts) == {
        "a": 5 + 3 + 3,
        "b": 4 + 2 + 4,
        "c": 1 + 2 + 1,
        "d": 1 + 1 + 1,
    }


def test_cut_points_part_buyers_into_fifths(tmp_path):
    """Six buyers of 10 to 60 a year: fifths of equal size lie at 20, 30, 40 and 50. Who left
    draws none of them, however much it bought."""
    rows = [f"c{i} 2025-12-{20 + i} {10 * i}" for i in range(1, 7)]
    rows += ["old 2023-01-01 9999", "c1 2024-01-01 9999", "left 2025-12-30 9999"]
    people = [f"c{i} 2023-01-01 -" for i in range(1, 7)]
    people += ["old 2023-01-01 -", "left 2023-01-01 2025-12-31"]
    facts = opened(
        tmp_path,
        customers="\n".join(["customer_id acquired_on closed_on", *people]),
        transactions="\n".join(["customer_id event_on net_amount", *rows]),
    )
    cuts = cut_points(facts, ScoreDay.of(facts, DAY, 12))
    assert cuts["money"] == pytest.approx([20, 30, 40, 50])
    assert cuts["recency"] == pytest.approx([7, 8, 9, 10])
    assert cuts["frequency"] == [1, 1, 1, 1]


def test_declared_tiers_have_no_score_and_are_ordered_by_what_customers_pay(tmp_path):
    facts = opened(tmp_path / "a", transactions=MARGIN["transactions"])
    rows = answered(facts, "declared")
    found = {r["customer_id"]: (r["score"], r["value"]) for r in rows}
    assert found == {"old": (None, 700), "young": (None, 800), "gone": (None, 50)}
    contracts = "customer_id start_on recurring_amount billing_period\npia 2025-01-01 1200 year"
    facts = opened(tmp_path / "b", contracts=contracts)
    rows = answered(facts, "declared")
    assert [(r["customer_id"], r["value"]) for r in rows] == [("pia", 100)]
