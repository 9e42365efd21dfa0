"""Who answers on a day. Ada left on 1 October and Ben stands in for her until the 20th."""

from __future__ import annotations

from datetime import date

import pytest

from scorecard.strategy.accountability import (
    accountable,
    escalation,
    executives,
    lead,
    members,
    posts,
    team_of,
    valid,
)
from scorecard.strategy.model import Executive, Owner, Strategy, Team, TierPlan


def day(number: int, month: int = 10) -> date:
    return date(2026, month, number)


ADA = Owner("ada", "Ada", "Head", "care", "", deputy="ben", until=day(1))
BEN = Owner("ben", "Ben", "Desk", "care", "", deputy="cyd", since=day(1, 3), until=day(20))
CYD = Owner("cyd", "Cyd", "Shop", "shop", "")
DOT = Owner("dot", "Dot", "Till", "shop", "", since=day(5, 11))
EVE = Owner("eve", "Eve", "Hall", "hall", "", deputy="dot", since=day(1, 12))
MAX = Executive("max", "Max", "Managing director", deputy="cyd", until=day(10))
NIA = Executive("nia", "Nia", "Finance director", deputy="max")
CARE, SHOP, HALL = Team("care", "Care", "max"), Team("shop", "Shop", "ada"), Team("hall", "Hall")
STRATEGY = Strategy(
    TierPlan("declared", ()), (CARE, SHOP, HALL), (ADA, BEN, CYD, DOT, EVE), executives=(MAX, NIA)
)


@pytest.mark.parametrize(
    ("id", "on", "name", "by", "since"),
    [
        ("ada", day(30, 9), "Ada", "owner", None),
        ("ada", day(1), "Ben", "deputy", day(1)),  # on `until` she no longer answers
        ("ada", day(19), "Ben", "deputy", day(1)),
        ("ada", day(20), None, "nobody", day(20)),  # vacant since the deputy left
        ("ada", day(1, 1), "Ada", "owner", None),
        ("ben", day(1, 3), "Ben", "owner", day(1, 3)),
        ("ben", day(1, 2), "Cyd", "deputy", None),  # before he began
        ("ben", day(20), "Cyd", "deputy", day(20)),
        ("dot", day(4, 11), None, "nobody", None),  # nobody yet, and nobody before
        ("dot", day(5, 11), "Dot", "owner", day(5, 11)),
        ("eve", day(4, 11), None, "nobody", None),  # her deputy has not begun either
        ("eve", day(5, 11), "Dot", "deputy", day(5, 11)),
    ],
)
def test_who_answers(id, on, name, by, since):
    found = accountable(STRATEGY, id, on)
    assert found.owner == STRATEGY.owner(id)
    assert (found.person.name if found.person else None, found.by) == (name, by)
    assert found.since == since


def test_the_deputy_of_a_deputy_is_not_followed():
    """Ben is ada's deputy and cyd is ben's: after ben left, nobody answers for ada."""
    assert accountable(STRATEGY, "ada", day(21)).by == "nobody"


def test_a_post_is_vacant_from_its_owners_end_when_the_deputy_left_before():
    ada = Owner("ada", "Ada", "", "care", "", deputy="ben", until=day(15))
    ben = Owner("ben", "Ben", "", "care", "", until=day(2))
    strategy = Strategy(TierPlan("declared", ()), (CARE,), (ada, ben))
    found = accountable(strategy, "ada", day(20))
    assert (found.by, found.since) == ("nobody", day(15))


def test_an_owner_who_is_not_declared_has_nobody():
    found = accountable(STRATEGY, "ghost", day(1))
    assert (found.owner, found.by, found.since) == (None, "nobody", None)
    assert team_of(STRATEGY, "ghost") is None


def test_teams_have_posts_and_members():
    assert team_of(STRATEGY, "ben") == CARE
    assert [p.by for p in posts(STRATEGY, CARE, day(1))] == ["deputy", "owner"]
    assert members(STRATEGY, CARE, day(30, 9)) == (ADA, BEN)
    assert members(STRATEGY, CARE, day(1)) == (BEN,)  # for two posts, and once
    assert members(STRATEGY, CARE, day(20)) == (CYD,)
    assert members(STRATEGY, SHOP, day(4, 11)) == (CYD,)


def test_the_packet_goes_to_executives_in_office_or_their_deputies():
    assert executives(STRATEGY, day(9)) == (MAX, NIA)
    assert executives(STRATEGY, day(10)) == (CYD, NIA)
    assert executives(Strategy(TierPlan("declared", ())), day(1)) == ()


def test_a_deputy_who_is_an_executive_too_gets_the_packet_once():
    gone = Executive("old", "Old", "", deputy="nia", until=day(1))
    strategy = Strategy(TierPlan("declared", ()), executives=(gone, NIA))
    assert executives(strategy, day(2)) == (NIA,)


def test_a_vacancy_goes_to_the_lead_in_office_and_to_the_executives_otherwise():
    assert lead(STRATEGY, CARE, day(9)) == MAX
    assert escalation(STRATEGY, "ada", day(9)) == (MAX,)
    assert lead(STRATEGY, CARE, day(10)) is None
    assert escalation(STRATEGY, "ada", day(20)) == (CYD, NIA)
    assert escalation(STRATEGY, "dot", day(30, 9)) == (ADA,)  # an owner can lead a team
    assert escalation(STRATEGY, "eve", day(1)) == (MAX, NIA)  # no lead is named
    assert escalation(STRATEGY, "ghost", day(1)) == (MAX, NIA)


def test_in_office_is_from_since_on_and_before_until():
    assert [valid(BEN, on) for on in (day(28, 2), day(1, 3), day(19), day(20))] == [
        False,
        True,
        True,
        False,
    ]
