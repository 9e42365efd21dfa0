"""The page "What pays for what", from material made by hand: gold and bronze, in October 2026.

Bronze's reply was to release 900 and released 500, and is over-served; gold's reply was to cost 800
and cost 1,000. Bronze's satisfaction names no pool, and gold's is paid by a charge besides.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from sample_choices import chosen, witnessed
from sample_material import restanced, spaced, view

from scorecard.documents.funding import found, said
from scorecard.documents.funding_found import FundingFound
from scorecard.documents.funding_map import MOST_ROWS
from scorecard.documents.funding_page import funding_page, left_out
from scorecard.documents.packet import executive_packet
from scorecard.measuring.pool_costs import PoolCosts
from scorecard.printing.funding_chart import funding_shape
from scorecard.strategy.model import Funding

GOLD = chosen(
    "reply/gold",
    "strength",
    4.0,
    costs="800 EUR/month",
    pool=("desk",),
    funded_by=(Funding("weakness", "reply/bronze", "900 EUR/month"),),
)
BRONZE = chosen(
    "reply/bronze",
    "weakness",
    48.0,
    12.0,
    owner="bea",
    funds=("reply/gold",),
    releases="900 EUR/month",
    pool=("desk",),
    baseline="2000 EUR/month",
)
SATISFIED = chosen("csat/bronze", "weakness", 0.6, funds=("csat/gold",), releases="1200 EUR/year")
PLEASED = chosen(
    "csat/gold",
    "strength",
    0.8,
    funded_by=(
        Funding("weakness", "csat/bronze", "100 EUR/month"),
        Funding("charge", "care plan", "300 EUR/month"),
    ),
)
CHOICES = (PLEASED, SATISFIED, GOLD, BRONZE)
COSTS = PoolCosts(
    whole=Decimal("2700.05"),
    in_tier={
        ("desk", "gold"): Decimal(1000),
        ("desk", "bronze"): Decimal(1500),
        ("visits", "gold"): Decimal("100.03"),
        ("desk", "new"): Decimal(60),
    },
    on_nobody={"idle": Decimal("40.02")},
    used={("minutes", "gold"): Decimal(400), ("minutes", "bronze"): Decimal(30000)},
    driver={"desk": ("minutes",)},
)


def at(*stances, costs=COSTS, **more):
    kept = witnessed(*(stances or CHOICES))
    return view(stances=kept, funding=FundingFound(costs), **more)


def page(*stances, **more):
    return funding_page(at(*stances, **more))


def test_each_side_stands_as_on_the_stance_map_and_has_what_was_planned_and_found():
    made = page()
    assert [(r.tier, r.choice, r.planned, r.found, r.told) for r in made.weaknesses] == [
        ("Bronze", "First reply", "900", "500", "400 did not arrive"),
        ("Bronze", "Satisfied", "100", "not known", "no cost pool is named"),
    ]
    assert [(r.tier, r.choice, r.planned, r.found, r.told, r.unpaid) for r in made.strengths] == [
        ("Gold", "First reply", "800", "1,000", "200 over plan; weaknesses pay 500", "100 unpaid"),
        ("Gold", "Satisfied", "400", "not known", "no cost pool is named", ""),
    ]


def test_a_band_is_what_was_planned_and_how_much_of_it_was_found():
    known, unknown = page().bands
    assert (unknown.planned, unknown.found, unknown.found_text) == (100, None, "100 not known")
    assert (known.planned, known.found) == (900, 500)
    assert (known.found_text, known.missing_text) == ("500 found", "400 not found")
    assert [(o.strength, o.text, o.planned) for o in page().others] == [(1, "a charge 300", 300)]


def test_the_sentence_says_what_came_what_was_spent_and_what_is_held_back():
    assert spaced(page().sentence) == (
        "Weaknesses released €500 of €900 planned (€100 more is not known); strengths cost €1,000, "
        "€200 more than planned; over-served choices hold back €400."
    )


def test_the_ledger_adds_up():
    rows = [row[1:] for row in page().sums.rows]
    assert rows == [
        ("1,000", "900", "500", "−400"),
        ("1,200", "800", "1,000", "200"),
        ("−200", "100", "−500", "−600"),
    ]


def test_every_cost_is_named_to_the_cent():
    assert page().costs == (
        "All costs booked: 2,700.05 = pools of strengths in their tiers 1,000.00 + pools of "
        "weaknesses in theirs 1,500.00 + in tiers, of no choice 100.03 + of customers in no tier "
        "60.00 + on no customer 40.02."
    )


def test_an_over_served_weakness_leaks_and_is_held_beside_the_tier_above_by_its_driver():
    notes = [spaced(note) for note in page().notes]
    assert notes[0] == (
        "Bronze first reply, over-served, leaks €400: 15 minutes a customer, served like Gold (10)."
    )


def test_one_below_the_tier_above_is_not_said_to_be_served_like_it():
    less = replace(COSTS, used={**COSTS.used, ("minutes", "bronze"): Decimal(6000)})
    note = spaced(page(costs=less).notes[0])
    assert note.endswith("leaks €400: 3.0 minutes a customer, Gold 10.0.")


def test_a_leak_that_no_cost_tells_is_not_known():
    bare = replace(BRONZE, pool=(), baseline="")
    assert page(GOLD, bare).notes[0] == (
        "Bronze first reply, over-served, may leak; how much is not known: no cost pool is named."
    )


def test_what_nothing_pays_for_and_what_pays_for_nothing_are_named():
    alone = chosen("kept/gold", "strength", 0.9)
    idle = chosen("kept/bronze", "weakness", 0.7)
    notes = page(GOLD, BRONZE, alone, idle).notes
    assert "Nothing pays for Gold customers kept." in notes
    assert "Pays for nothing: Bronze customers kept." in notes


def test_a_release_that_turned_into_a_cost_says_so():
    dearer = replace(BRONZE, baseline="1000 EUR/month")
    made = page(GOLD, dearer)
    assert made.weaknesses[0].found == "−500"
    assert made.weaknesses[0].told == "costs 500 more than before"
    assert made.bands[0].found == 0
    assert "were to release €900 and cost €500 more" in made.sentence


def test_where_no_pool_is_named_what_was_found_is_not_known():
    bare = (replace(GOLD, pool=()), replace(BRONZE, pool=(), baseline=""))
    made = page(*bare, costs=PoolCosts())
    assert spaced(made.sentence) == (
        "€900 is to be released for strengths of €800; what was found is not known: no choice "
        "names the pool of its costs."
    )
    assert made.costs == ""


def test_without_money_the_page_is_left_out_and_said_to_be():
    bare = restanced(chosen("reply/gold", "strength", 4.0))
    assert funding_page(bare) is None
    packet = executive_packet(bare)
    assert packet.funding is None
    assert left_out(bare) in packet.left_out
    assert executive_packet(at()).funding is not None


def many(count):
    """Gold's reply paid for by so many weaknesses of one metric, in tiers of their own."""
    named = [f"t{i}" for i in range(count)]
    weak = [
        chosen(
            f"reply/{tier}", "weakness", 48.0, funds=("reply/gold",), releases=f"{i}00 EUR/month"
        )
        for i, tier in enumerate(named, 1)
    ]
    return (replace(GOLD, pool=(), funded_by=()), *weak)


def test_of_more_than_find_room_the_smallest_are_one_row_and_nothing_is_lost():
    made = page(*many(MOST_ROWS + 3))
    assert len(made.weaknesses) == MOST_ROWS
    rest = made.weaknesses[-1]
    assert (rest.mark, rest.choice, rest.planned) == ("", "4 more weaknesses", "1,000")
    assert sum(r.amount for r in made.weaknesses) == sum(b.planned for b in made.bands) == 7800


@pytest.mark.parametrize("room", [60.0, 240.0, 600.0])
def test_bands_leave_and_reach_bars_within_them(room):
    shape = funding_shape(page(), 190.0, room)
    for flow in shape.flows:
        begin, end = shape.left[flow.band.weakness], shape.right[flow.band.strength]
        assert begin.top <= flow.left <= flow.left + flow.thick <= begin.top + begin.bar + 0.9
        assert end.top <= flow.right <= flow.right + flow.thick <= end.top + end.bar + 0.9
    for side in (shape.left, shape.right):
        for one, other in pairwise(side):
            assert one.top + one.height < other.top
        assert side[-1].top + side[-1].height <= shape.height + 0.01


def test_equal_amounts_are_equally_high_on_both_sides():
    shape = funding_shape(page(), 190.0, 240.0)
    (flow, _unknown) = shape.flows
    assert flow.found == pytest.approx(flow.thick * 500 / 900)
    per_euro = shape.left[0].bar / 900
    assert shape.right[0].bar == pytest.approx(1000 * per_euro)


def test_owners_read_what_was_found_beside_what_they_release_and_cost():
    here = at()
    assert spaced(said(here, BRONZE)) == (
        "pays for Gold first reply, releases €900 a month, €500 found in October 2026"
    )
    assert spaced(said(here, GOLD)) == (
        "paid by Bronze first reply; costs €800 a month, €1,000 found in October 2026"
    )
    assert found(here, SATISFIED) == ""
    assert found(here, replace(BRONZE, pool=("dsek",))) == (
        ', found is not known: no cost of pool "dsek" (did you mean "desk"?)'
    )
