"""The ledger of funding: planned against found, on amounts that can be checked in the head.

Gold's desk is a strength that was to cost 250 and cost 300. Bronze's desk is a weakness: it cost
180 before, was to release 120, and released 80. Silver's visits cost 50 before, were to release
10, and released 20.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sample_choices import chosen, witnessed
from sample_funding import OCTOBER, SEPTEMBER, ZONE, measuring

from scorecard.base.periods import Period
from scorecard.documents.funding_found import FundingFound, funding_found
from scorecard.documents.funding_ledger import (
    NO_BASELINE,
    NO_COSTS,
    NO_POOL,
    NOT_OVER,
    funding_ledger,
    money,
    planned_of,
)
from scorecard.measuring.pool_costs import pool_costs
from scorecard.strategy.amounts import of_period
from scorecard.strategy.model import Funding

TIERS = ("gold", "silver", "bronze")
GOLD = chosen(
    "reply/gold",
    "strength",
    4.0,
    costs="250 EUR/month",
    pool=("desk",),
    funded_by=(
        Funding("weakness", "reply/bronze", "120 EUR/month"),
        Funding("charge", "care plan", "100 EUR/month"),
    ),
)
BRONZE = chosen(
    "reply/bronze",
    "weakness",
    48.0,
    funds=("reply/gold",),
    releases="120 EUR/month",
    pool=("desk",),
    baseline="180 EUR/month",
)
SILVER = chosen(
    "visit/silver",
    "weakness",
    48.0,
    funds=("reply/gold",),
    releases="10 EUR/month",
    pool=("visits",),
    baseline="50 EUR/month",
)
STANCES = (GOLD, BRONZE, SILVER)


@pytest.fixture(scope="module")
def costs(tmp_path_factory):
    return pool_costs(measuring(tmp_path_factory.mktemp("ledger")), OCTOBER)


def ledger(costs, *stances):
    return funding_ledger(stances or STANCES, FundingFound(costs), OCTOBER, TIERS)


def test_a_weakness_released_what_its_pool_cost_before_less_what_it_costs(costs):
    found = money(BRONZE, OCTOBER, costs)
    assert (found.planned, found.found, found.spent) == (120, 80, 100)


def test_a_strength_cost_what_its_pool_cost_in_its_tier(costs):
    found = money(GOLD, OCTOBER, costs)
    assert (found.planned, found.found) == (250, 300)


def test_of_a_strength_with_a_baseline_only_what_is_above_it_counts(costs):
    found = money(replace(GOLD, baseline="90 EUR/month"), OCTOBER, costs)
    assert found.found == 210


def test_released_less_spent_is_left_planned_and_found(costs):
    found = ledger(costs)
    weak, strong = found.now["weakness"], found.now["strength"]
    assert (weak.planned, weak.found) == (130, 100)
    assert (strong.planned, strong.found) == (250, 300)
    left = weak - strong
    assert (left.planned, left.found) == (-120, -200)
    assert found.others == 100


def test_every_cost_is_in_a_line_or_a_named_remainder_to_the_cent(costs):
    found = ledger(costs)
    assert dict(found.costs) == {
        "pools of strengths in their tiers": 300,
        "pools of weaknesses in theirs": 130,
        "in tiers, of no choice": 260,
        "of customers in no tier": 3,
        "on no customer": 7,
    }
    assert sum(amount for _what, amount in found.costs) == found.booked == 700


@pytest.mark.parametrize(
    ("stance", "why"),
    [
        (replace(BRONZE, pool=(), baseline=""), NO_POOL),
        (replace(BRONZE, baseline=""), NO_BASELINE),
        (replace(BRONZE, pool=("dsek",)), 'no cost of pool "dsek" (did you mean "desk"?)'),
        (replace(BRONZE, pool=("rent",)), 'no cost of pool "rent"'),
        (replace(GOLD, pool=("idle",)), 'a part of pool "idle" is on no customer and no driver'),
    ],
)
def test_what_the_facts_cannot_say_is_not_known_and_in_no_sum(costs, stance, why):
    found = money(stance, OCTOBER, costs)
    assert (found.found, found.unknown) == (None, why)
    sums = ledger(costs, stance).now[stance.kind]
    assert (sums.planned, sums.held, sums.found, sums.unknown) == (found.planned, 0, 0, 1)


def test_nothing_is_found_in_a_period_that_is_not_over_or_without_costs(costs):
    assert money(BRONZE, OCTOBER, costs, over=False).unknown == NOT_OVER
    assert money(BRONZE, OCTOBER, FundingFound().now).unknown == NO_COSTS


def test_a_strength_that_does_not_say_costs_what_its_sources_pay():
    assert planned_of(replace(GOLD, costs=""), OCTOBER) == 220
    silent = (Funding("weakness", "reply/bronze"), Funding("charge", "plan", "100 EUR/month"))
    assert planned_of(replace(GOLD, costs="", funded_by=silent), OCTOBER) is None
    assert planned_of(replace(GOLD, costs="", funded_by=()), OCTOBER) is None


@pytest.mark.parametrize(
    ("text", "key", "amount"),
    [
        ("1,200 EUR/year", "2026-10", "100.00"),
        ("100 EUR/month", "2026-Q4", "300.00"),
        ("100 EUR/quarter", "2026", "400.00"),
        ("100 EUR/month", "2026-W41", "23.01"),
        ("100 EUR/quarter", "2026-10", "33.33"),
    ],
)
def test_an_amount_of_a_period_is_its_part_of_the_year(text, key, amount):
    assert of_period(text, Period.parse(key, "Europe/London")) == Decimal(amount)
    assert of_period("", OCTOBER) is None


def test_what_was_found_is_added_up_since_the_plan_began(tmp_path, local):
    stances = [replace(s, effective=date(2026, 9, 1)) for s in STANCES]
    local.witness(stances, "month", ZONE, datetime(2026, 11, 15, tzinfo=UTC))
    found = funding_found(measuring(tmp_path), local, OCTOBER, witnessed(*stances))
    assert [then.period for then in found.earlier] == [SEPTEMBER]
    made = funding_ledger(stances, found, OCTOBER, TIERS)
    gold, bronze, silver = made.lines
    assert made.first == SEPTEMBER
    # September: the desk cost 125 in gold and 375 in bronze, 195 more than before.
    assert (gold.since.planned, gold.since.found) == (500, 425)
    assert (bronze.since.planned, bronze.since.found) == (240, -115)
    assert silver.since.found is None  # nobody was visited in September: not known, not nothing
    assert silver.since.unknown == 'no cost of pool "visits"'
    assert made.since["weakness"].held == 240


def test_nothing_is_asked_of_the_facts_where_no_choice_names_a_pool(tmp_path, local):
    bare = [replace(s, pool=(), baseline="") for s in STANCES]
    found = funding_found(measuring(tmp_path), local, OCTOBER, witnessed(*bare))
    assert found == FundingFound()
