"""Earnings: what tiers earned in March 2026 (worked out in metrics/test_margin.py), and whales."""

from __future__ import annotations

import pytest
from cast import COSTS, MARCH, MONEY, TRANSACTIONS, opened, stage

from scorecard.base.periods import Period
from scorecard.measuring.earnings import Earned, Unattributed, earned, outside, whale
from scorecard.tiers.margin import PARTS


@pytest.fixture(scope="module")
def march(tmp_path_factory):
    return stage(tmp_path_factory.mktemp("march"), **MONEY)


def test_each_tier_has_its_bridge_from_revenue_to_margin(march):
    found = earned(march, MARCH)
    assert found == {
        #                         revenue acquire deliver support service, at a loss
        "platinum": Earned("platinum", 1, 1000, 0, 300, 60, 0, 0),
        "gold": Earned("gold", 2, 600, 20, 150, 30, 30, 0),
        "silver": Earned("silver", 3, 30, 120, 30, 30, 15, 3),
        "bronze": Earned("bronze", 4, 220, 6, 100, 0, 0, 1),
        "unrated": Earned("unrated", 1, 70, 0, 0, 0, 0, 0),
        "unattributed": Earned("unattributed", 0, 25, 0, 0, 0, 0, 0),
        "all": Earned("all", 11, 1945, 146, 580, 120, 45, 4),
    }
    assert found["silver"].margin == -165
    assert found["all"].margin == 1054


def test_the_whole_is_the_sum_of_its_parts(march):
    found = earned(march, MARCH)
    whole = found.pop("all")
    for part in ("customers", "negative", *PARTS):
        assert sum(getattr(e, part) for e in found.values()) == getattr(whole, part)


def test_what_belongs_to_nobody_counts_nobody(march):
    """A row without a customer, and one of a customer that is not in customers, are amounts."""
    found = earned(march, MARCH)["unattributed"]
    assert (found.customers, found.revenue) == (0, 25)


def test_amounts_outside_the_margins_are_told(march):
    # 25 of revenue without customer; of costs the 77 without driver, and the visits' 50
    # whose driver nobody used in March; 500 of unused capacity; 40 discretionary.
    assert outside(march.facts, MARCH) == Unattributed(25, 127, 0, 500, 40)


def test_pools_without_any_driver_table_are_outside(tmp_path):
    facts = opened(tmp_path, transactions=TRANSACTIONS, costs=COSTS, fx=MONEY["fx"])
    assert outside(facts, MARCH).unallocated == 77 + 50 + 120


def test_revenue_of_a_customer_nobody_knows_is_outside(tmp_path):
    more = TRANSACTIONS + "17     zoe         2026-03-12 3          -\n"
    facts = opened(tmp_path, transactions=more, fx=MONEY["fx"])
    assert outside(facts, MARCH) == Unattributed(28, 0, 0, 0, 0)


NAMES = "abcdefgh"
MARGINS = (500, 300, 200, 50, 0, -50, -200, -300)


def eight(folder, *, margins=MARGINS):
    """A customer per margin: revenue where it is positive, a delivery cost where negative."""
    customers = "customer_id acquired_on tier\n"
    customers += "".join(f"{n} 2025-01-01 gold\n" for n in NAMES)
    sales = "txn_id customer_id event_on net_amount\n"
    costs = "cost_id event_on amount category customer_id\n"
    for name, margin in zip(NAMES, margins, strict=True):
        if margin > 0:
            sales += f"t{name} {name} 2026-03-10 {margin}\n"
        if margin < 0:
            costs += f"c{name} 2026-03-10 {-margin} deliver {name}\n"
    return stage(folder, customers=customers, transactions=sales, costs=costs)


def test_the_whale_curve_rises_to_the_profitable_and_falls_to_the_total(tmp_path):
    curve = whale(eight(tmp_path), MARCH)
    assert (curve.total, curve.top, curve.lost) == (500, 1050, -550)
    assert (curve.profitable, curve.customers) == (4, 8)
    assert curve.top / curve.total == pytest.approx(2.10)  # the peak ratio
    assert -curve.lost / curve.top == pytest.approx(0.5238, abs=1e-4)  # the drag
    assert curve.points == (
        (0.0, 0.0),
        (0.125, 500),
        (0.25, 800),
        (0.375, 1000),
        (0.5, 1050),
        (0.625, 1050),
        (0.75, 1000),
        (0.875, 800),
        (1.0, 500),
    )


def test_the_whale_curve_leaves_out_what_belongs_to_nobody(march):
    curve = whale(march, MARCH)
    # 640, 270, 100, 74, 70, 50, 0, −10, −40, −50, −75; the nameless 25 is no customer's.
    assert (curve.top, curve.lost, curve.customers, curve.profitable) == (1204, -175, 11, 6)
    assert curve.points[-1] == (1.0, 1029)


def test_there_is_no_whale_curve_without_customers(tmp_path):
    staged = stage(tmp_path, transactions=TRANSACTIONS, fx=MONEY["fx"])
    assert whale(staged, Period.parse("2023-05", MARCH.tz)) is None


def test_every_margin_alike_is_a_straight_line(tmp_path):
    curve = whale(eight(tmp_path, margins=(10,) * 8), MARCH)
    assert curve.points == ((0.0, 0.0), (1.0, 80))
