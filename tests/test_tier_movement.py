"""Tiers can be reached and left, and a move is printed beside the moves that chance makes."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import pytest
from cast import ZONE, opened
from sizes import sizes
from tier_movement import RFM, company, months_of, older_definition, simulated

from scorecard.base.periods import Period
from scorecard.quality.tiering import defined_otherwise
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.movement import Movement, movement
from scorecard.tiers.ranking import limit_values
from scorecard.tiers.reviews import definition_of
from scorecard.tiers.scores import RANGES

APRIL = Period.parse("2025-04", ZONE)


def test_the_best_tier_asks_for_no_more_than_the_highest_score():
    """A boundary of 15 with a buffer of 5 % asked for 15.75 of 15."""
    limits = limit_values({"platinum": 15.0, "gold": 9.0}, 0.05, RANGES["rfm"])
    assert limits == {
        "limit.platinum.plain": 15.0,
        "limit.platinum.up": 15.0,
        "limit.platinum.down": 14.25,
        "limit.gold.plain": 9.0,
        "limit.gold.up": pytest.approx(9.45),
        "limit.gold.down": pytest.approx(8.55),
    }


@pytest.mark.parametrize("buffer", [0.0, 0.05, 0.3, 1.0])
def test_every_tier_can_be_reached_and_left_by_some_score(buffer):
    scores = range(3, 16)
    for boundary in range(4, 16):
        limits = limit_values({"gold": float(boundary)}, buffer, RANGES["rfm"])
        assert any(score >= limits["limit.gold.up"] for score in scores)
        assert any(score < limits["limit.gold.down"] for score in scores)
        assert limits["limit.gold.down"] <= boundary <= limits["limit.gold.up"]


def test_money_has_no_range_and_keeps_its_whole_buffer():
    assert limit_values({"gold": -100.0}, 0.05)["limit.gold.up"] == -95.0


@pytest.mark.parametrize("size", sizes((300, 16), (1000, 30)))
def test_no_tier_closes_and_no_more_move_than_foretold(size):
    """Nobody changes: by the older rule nobody was ever promoted, and the best tier ran empty."""
    older, now = (simulated("rfm", older, *size, 4) for older in (True, False))
    assert sum(m.promoted for m in older) == 0
    assert older[-1].best < older[0].best / 3
    assert sum(m.promoted for m in now) >= 20
    assert 0.7 < now[-1].best / now[0].best < 1.5
    moved = sum(m.movement.moved for m in now)
    foretold = sum(m.movement.expected or 0 for m in now)
    assert abs(moved - foretold) < 3 * sqrt(foretold) + 0.1 * foretold


def test_margins_move_as_often_as_foretold():
    found = simulated("margin", False, 300, 22, 13)
    moved = sum(m.movement.moved for m in found)
    foretold = sum(m.movement.expected or 0 for m in found)
    assert abs(moved - foretold) < 3 * sqrt(foretold)


QUARTER = """
customer_id acquired_on
rich        2024-12-15
poor        2024-12-15
near        2024-12-15
young       2025-03-05
gone        2024-12-15
"""
SALES = """
customer_id event_on   net_amount
nobody      2024-06-01 1
rich        2025-01-10 120
rich        2025-03-10 90
rich        2025-04-10 150
poor        2025-01-10 100
poor        2025-02-10 50
near        2025-02-10 100
near        2025-03-10 90
near        2025-04-10 50
young       2025-03-20 150
young       2025-04-20 10
gone        2025-03-10 195
"""
COSTS = "customer_id event_on amount category\nnobody 2024-06-01 1 deliver"
THREE = TierPlan(
    "margin_percentile",
    (Tier("gold", "Gold", boundary=200.0), Tier("tin", "Tin")),
    window=3,
    history=3,
    since="2025-04",
)


def test_what_chance_moves_is_each_customers_own_earlier_months(tmp_path):
    """Boundary 200, edges 190 and 210, scores of three months, which nobody has twice.

    rich   210, gold; keeps March's 90: with another January, February or March 210, 90 or 180,
           twice too low, but for the first time: no move
    poor   150, tin; keeps 50: 150, 100, 50: none
    near   190, tin; keeps 190: 190, 290, 280: two of three
    young  150, tin, came in March: 150 + 150, one of one
    gone   195, tin, and leaves in April: in no move
    April itself takes near to 240, and nobody else over an edge. Of the five that open, rich,
    near and gone are within 10 of the boundary.
    """
    people = QUARTER.replace("acquired_on", "acquired_on closed_on").replace("-15\n", "-15 -\n")
    people = people.replace("-05\n", "-05 -\n").replace(
        "gone        2024-12-15 -", "gone 2024-12-15 2025-04-20"
    )
    facts = opened(tmp_path, customers=people, transactions=SALES, costs=COSTS)
    tiers = Tiers(facts, THREE, tmp_path / "tiers")
    list(tiers.freeze(APRIL.next()))
    assert movement(tiers, APRIL) == Movement(4, 1, 5, pytest.approx(5 / 3, abs=1e-5), 3)


def test_declared_tiers_move_by_sale_and_not_by_chance(tmp_path):
    facts = opened(tmp_path, customers=QUARTER, transactions=SALES, costs=COSTS)
    declared = Tiers(facts, replace(THREE, method="declared"), tmp_path / "tiers")
    assert movement(declared, APRIL) is None


def test_a_year_tells_nothing_of_how_years_differ(tmp_path):
    facts = opened(tmp_path, customers=QUARTER, transactions=SALES, costs=COSTS)
    tiers = Tiers(facts, replace(THREE, window=12, history=1, since="2024-01"), tmp_path / "tiers")
    year = Period.parse("2025", ZONE)
    list(tiers.freeze(year.next()))
    found = movement(tiers, year)
    assert found is None or found.expected is None


def test_a_line_of_nothing_is_no_purchase_and_who_left_draws_no_cut_point(tmp_path):
    """Cut points are those of the 21 that are here: fifths of 1 … 21, without the 10 that left."""
    rows, people = ["customer_id event_on net_amount"], ["customer_id acquired_on closed_on"]
    for i in range(1, 22):
        people.append(f"c{i:02} 2024-01-01 -")
        rows += [f"c{i:02} 2024-12-{day:02} 10" for day in range(1, i + 1)]
        rows += [f"c{i:02} 2024-12-{day:02} 0" for day in range(22, 29)]
    for i in range(10):
        people.append(f"left{i} 2024-01-01 2024-12-25")
        rows += [f"left{i} 2024-12-{day:02} 999" for day in range(1, 25)]
    facts = opened(tmp_path, customers="\n".join(people), transactions="\n".join(rows))
    tiers = Tiers(facts, replace(RFM, history=1, since="2025-01"), tmp_path / "tiers")
    january = Period.parse("2025-01", ZONE)
    list(tiers.freeze(january))
    review = tiers.review(january)
    assert review is not None
    assert review["cuts"]["frequency"] == [5, 9, 13, 17]
    assert review["cuts"]["recency"] == [15, 19, 23, 27]


def test_boundaries_are_drawn_again_until_the_window_is_full(tmp_path):
    """Facts begin in January 2022: the window of twelve months is full in January 2023."""
    facts = company(tmp_path, 60, 16, 1)
    months_of(facts, RFM, tmp_path / "tiers", 16, 15)
    tiers = Tiers(facts, RFM, tmp_path / "tiers")
    drawn = [r["on"] for r in tiers._all_reviews()]
    assert drawn == [f"2022-{month:02}-01" for month in range(4, 13)] + ["2023-01-01"]


def test_tiers_of_an_older_definition_stay_and_are_told(tmp_path):
    folder = tmp_path / "tiers"
    with older_definition():
        older = Tiers(company(tmp_path, 60, 8, 1), RFM, folder)
        list(older.freeze(Period.parse("2022-06", ZONE)))
    (folder / "definitions.json").unlink()  # which nobody wrote then
    before = {f.name: f.read_bytes() for f in folder.glob("*.parquet")}
    now = Tiers(company(tmp_path, 60, 8, 1), RFM, folder)
    list(now.freeze(Period.parse("2022-08", ZONE)))
    assert {name: (folder / name).read_bytes() for name in before} == before
    (told,) = defined_otherwise(now)
    assert told.severity == "warning"
    assert f"{len(before)} periods were frozen (2022-02 to 2022-06)" in told.message


@pytest.mark.parametrize(
    ("plan", "version"),
    [
        (RFM, "2"),
        (replace(THREE, history=1), "2"),
        (THREE, "1"),
        (replace(RFM, method="declared"), "1"),
    ],
)
def test_only_tiers_that_a_new_definition_changes_have_its_version(plan, version):
    assert definition_of(plan) == version
