"""Money: whose row exists, what is known, and that months add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from cast import ZONE, opened
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.base.periods import Period
from scorecard.errors import FactsError
from scorecard.facts.window import Window
from scorecard.tiers.margin import PARTS, here, money

MARCH = Window.of(Period.parse("2026-03", ZONE), 0)
CUSTOMERS = """
customer_id acquired_on closed_on
here        2024-01-01  -
gone        2024-01-01  2026-02-28
going       2024-01-01  2026-03-01
coming      2026-03-31  -
later       2026-04-01  -
"""
SALES = "customer_id event_on net_amount\ngone 2026-03-02 7\nstranger 2026-03-02 8\n- 2026-03-02 9"


def rows(facts, window=MARCH):
    found = facts.answer(money(facts, window))
    return {r["customer_id"]: r for r in found}


def test_a_row_for_everybody_here_and_for_whoever_has_money_in_the_window(tmp_path):
    facts = opened(tmp_path, customers=CUSTOMERS, transactions=SALES)
    assert {c: r["revenue"] for c, r in rows(facts).items()} == {
        "here": 0,
        "going": 0,
        "coming": 0,
        "gone": 7,
        "stranger": 8,
        None: 9,
    }
    found = facts.answer(here(facts, MARCH))
    assert sorted(row["customer_id"] for row in found) == ["coming", "going", "here"]


def test_without_costs_nothing_is_known_and_nothing_costs(tmp_path):
    facts = opened(tmp_path, customers=CUSTOMERS, transactions=SALES)
    assert all(r["known"] == 0 for r in rows(facts).values())
    assert {r[p] for r in rows(facts).values() for p in PARTS[1:]} == {0}


def test_some_cost_to_serve_makes_margin_known_and_cost_to_acquire_does_not(tmp_path):
    costs = """
customer_id event_on   amount category driver
here        2026-03-01 0      service  -
going       2026-03-01 5      acquire  -
-           2026-03-01 10     support  calls
"""
    drivers = "driver customer_id date qty\ncalls coming 2026-03-31 1\ncalls gone 2026-03-31 0"
    facts = opened(tmp_path, customers=CUSTOMERS, transactions=SALES, costs=costs, drivers=drivers)
    assert {c: r["known"] for c, r in rows(facts).items()} == {
        "here": 1,
        "going": 0,
        "coming": 1,
        "gone": 1,
        "stranger": 0,
        None: 0,
    }


def test_money_needs_transactions_or_costs(tmp_path):
    facts = opened(tmp_path, contracts="customer_id start_on recurring_amount\npia 2024-01-01 5")
    with pytest.raises(FactsError, match=r"facts.transactions: not mapped"):
        money(facts, MARCH)


def test_costs_alone_are_enough(tmp_path):
    facts = opened(tmp_path, costs="customer_id event_on amount category\npia 2026-03-01 5 deliver")
    assert rows(facts)["pia"]["deliver"] == 5


def test_pools_are_shared_out_exactly_and_in_any_order(tmp_path):
    """100 by thirds: 33.333333 each, whichever row comes first."""
    costs = "event_on amount category driver\n2026-03-31 100 deliver d"
    lines = [f"d {c} 2026-03-0{i} 0.1" for i, c in enumerate(["a", "b", "c"] * 3, start=1)]
    found = []
    for name, order in (("one", lines), ("two", lines[::-1])):
        drivers = "\n".join(["driver customer_id date qty", *order])
        facts = opened(tmp_path / name, costs=costs, drivers=drivers)
        found.append({c: rows(facts)[c]["deliver"] for c in "abc"})
    assert found[0] == found[1] == dict.fromkeys("abc", Decimal("33.333333"))


amounts = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "-"]),
        st.integers(1, 12),
        st.integers(1, 28),
        st.integers(-999, 999),
        st.sampled_from(["deliver", "support", "service", "acquire"]),
        st.sampled_from(["d", "e", "-"]),
    ),
    min_size=1,
    max_size=15,
)


@settings(max_examples=3, deadline=None)
@given(amounts)
def test_the_months_of_a_year_add_up_to_it(tmp_path_factory, given_amounts):
    lines = [
        f"{c} 2025-{m:02}-{d:02} {x} {category} {driver if c == '-' else '-'}"
        for c, m, d, x, category, driver in given_amounts
    ]
    uses = [f"d {c} 2025-{m:02}-15 {m + len(c)}" for c in "ab" for m in range(1, 13)]
    facts = opened(
        tmp_path_factory.mktemp("year"),
        acquisition="period",
        customers="customer_id acquired_on\na 2024-01-01\nb 2025-03-03",
        transactions="\n".join(
            [
                "customer_id event_on net_amount",
                *(f"{c} 2025-{m:02}-{d:02} {x}" for c, m, d, x, _k, _d in given_amounts),
            ]
        ),
        costs="\n".join(["customer_id event_on amount category driver", *lines]),
        drivers="\n".join(["driver customer_id date qty", *uses]),
    )
    year = rows(facts, Window.of(Period.parse("2025", ZONE), 0))
    quarters = [rows(facts, Window.of(Period.parse(f"2025-Q{q}", ZONE), 0)) for q in range(1, 5)]
    for customer, whole in year.items():
        for part in PARTS:
            assert whole[part] == sum(q[customer][part] for q in quarters if customer in q)
