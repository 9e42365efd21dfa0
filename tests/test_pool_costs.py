"""What each cost pool cost in each tier: every cent once, as worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_choices import chosen
from sample_funding import COSTS, OCTOBER, SEPTEMBER, measuring

from scorecard.measuring.pool_costs import PoolCosts, pool_costs, shares
from scorecard.quality.pools import unknown_pools


@pytest.fixture(scope="module")
def october(tmp_path_factory):
    return pool_costs(measuring(tmp_path_factory.mktemp("pools")), OCTOBER)


def test_a_pool_is_shared_out_by_its_driver_and_what_names_a_customer_is_in_its_tier(october):
    assert october.in_tier == {
        ("desk", "gold"): 300,
        ("desk", "silver"): 200,
        ("desk", "bronze"): 100,
        ("visits", "gold"): 40,
        ("visits", "silver"): 30,
        ("visits", "bronze"): 20,
        ("", "unattributed"): 3,
    }
    assert october.used == {
        ("minutes", "gold"): 30,
        ("minutes", "silver"): 20,
        ("minutes", "bronze"): 10,
    }
    assert october.driver == {"desk": ("minutes",)}


def test_what_no_customer_and_no_driver_caused_is_on_nobody(october):
    assert october.on_nobody == {"idle": 7}
    assert october.pools == {"desk", "visits", "idle", ""}


def test_the_parts_are_the_cost_table_to_the_cent(october):
    assert october.whole == 700
    assert sum(october.in_tier.values()) + sum(october.on_nobody.values()) == october.whole


def test_each_period_is_shared_out_by_its_own_use(tmp_path):
    september = pool_costs(measuring(tmp_path), SEPTEMBER)
    assert september.in_tier == {("desk", "gold"): 125, ("desk", "bronze"): 375}


def test_a_pool_whose_driver_nobody_used_is_on_nobody(tmp_path):
    found = pool_costs(measuring(tmp_path, drivers=""), OCTOBER)
    assert found.on_nobody == {"desk": 600, "idle": 7}
    assert found.whole == sum(found.in_tier.values()) + sum(found.on_nobody.values())


def test_thirds_of_a_pool_add_up_to_it(tmp_path):
    costs = COSTS.replace("600.00", "100.00")
    drivers = """
        driver_id,driver,customer_id,date,qty
        d1,minutes,gil,2026-10-01,1
        d2,minutes,sam,2026-10-02,1
        d3,minutes,bob,2026-10-03,1
    """
    found = pool_costs(measuring(tmp_path, costs=costs, drivers=drivers), OCTOBER).in_tier
    thirds = sorted(found["desk", tier] for tier in ("gold", "silver", "bronze"))
    assert thirds == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]


def test_without_costs_there_are_none(tmp_path):
    assert pool_costs(measuring(tmp_path, costs=""), OCTOBER) == PoolCosts()


def test_a_pool_that_a_choice_names_and_no_cost_has_is_told_with_the_nearest(tmp_path):
    facts = measuring(tmp_path).facts
    right = chosen("reply/gold", "strength", 4.0, pool=("desk", "visits"))
    wrong = chosen("reply/bronze", "weakness", 48.0, pool=("dsek",), line=41)
    (said,) = unknown_pools(facts, [right, wrong])
    assert (said.id, said.severity) == ("pool_unknown", "warning")
    assert said.place == "strategy.toml:41 (stance reply/bronze)"
    assert said.message.startswith('no cost has the pool "dsek"')
    assert said.hint == 'Did you mean "desk"?'


def test_where_costs_name_no_pools_that_is_what_is_told(tmp_path):
    facts = measuring(tmp_path, costs=COSTS.replace(",pool,", ",heap,")).facts
    (said,) = unknown_pools(facts, [chosen("reply/gold", "strength", 4.0, pool=("desk",))])
    assert said.message.startswith("the costs name no pools")


cents = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n) / 100)
uses = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10**6).map(Decimal))


@given(cents, uses)
def test_shares_always_add_up_to_the_amount(amount, used):
    found = shares(amount, used)
    assert set(found) == {tier for tier, qty in used.items() if qty}
    assert not found or sum(found.values()) == amount
