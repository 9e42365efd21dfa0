"""Who gets which document, on a day on which somebody has left and somebody is on leave."""

from __future__ import annotations

from datetime import date, time

import pytest

from scorecard.delivery.recipients import recipients
from scorecard.schedules.model import Audience, BusinessDay, Schedule, Subscriber, When
from scorecard.strategy.model import Executive, Owner, Strategy, Team, TierPlan

PACKET, TEAM, OWNER = "executive-packet", "team-review", "owner-scorecard"
DAY = date(2026, 11, 9)
STRATEGY = Strategy(
    plan=TierPlan("declared", ()),
    teams=(Team("care", "Care", lead="ann"), Team("field", "Field", lead="bea"), Team("idle", "I")),
    owners=(
        Owner("ann", "Ann Ito", "Head of care", "care", "", email="ann@x.eu"),
        Owner(
            "bea",
            "Bea Lund",
            "Head of field",
            "field",
            "",
            email="bea@x.eu",
            until=date(2026, 10, 1),
        ),
        Owner(
            "cy",
            "Cy Day",
            "Portal",
            "care",
            "",
            email="cy@x.eu",
            deputy="ann",
            until=date(2026, 11, 1),
        ),
        Owner("dee", "Dee Roe", "Depot", "field", "", email="dee@x.eu"),
        Owner("eve", "Eve Fox", "Nothing yet", "idle", "", email="eve@x.eu"),
    ),
    executives=(
        Executive("coo", "Olu Okoro", "COO", email="olu@x.eu"),
        Executive(
            "cfo", "Pia Vogel", "CFO", email="pia@x.eu", deputy="ann", until=date(2026, 11, 1)
        ),
        Executive("old", "Qi Old", "COO", email="qi@x.eu", until=date(2025, 1, 1)),
    ),
)
HELD = ("ann", "bea", "cy", "dee")


def got(documents, *to, subscribers=(), strategy=STRATEGY, held=HELD):
    schedule = Schedule(
        "s",
        "Monthly",
        documents,
        When(BusinessDay(3), time(7), "Europe/London"),
        tuple(Audience(*each.split(":")) for each in to),
        subscribers=subscribers,
    )
    found = recipients(schedule, strategy, held, DAY)
    return [(r.document, r.scope, r.email) for r in found]


def test_the_packet_goes_to_executives_in_office_and_to_deputies():
    assert got((PACKET,), "executives") == [
        (PACKET, "executives", "olu@x.eu"),
        (PACKET, "executives", "ann@x.eu"),
    ]


def test_a_page_goes_to_its_owner_its_deputy_or_whoever_is_told_of_the_vacancy():
    assert got((OWNER,), "owners") == [
        (OWNER, "ann", "ann@x.eu"),
        (OWNER, "bea", "olu@x.eu"),
        (OWNER, "bea", "ann@x.eu"),
        (OWNER, "cy", "ann@x.eu"),
        (OWNER, "dee", "dee@x.eu"),
    ]


def test_a_review_goes_to_those_who_answer_in_the_team_and_to_its_lead():
    assert got((TEAM,), "teams") == [(TEAM, "care", "ann@x.eu"), (TEAM, "field", "dee@x.eu")]


def test_one_team_or_owner_can_be_named():
    assert got((TEAM, OWNER), "team:field") == [
        (TEAM, "field", "dee@x.eu"),
        (OWNER, "bea", "olu@x.eu"),
        (OWNER, "bea", "ann@x.eu"),
        (OWNER, "dee", "dee@x.eu"),
    ]
    assert got((OWNER,), "owner:dee") == [(OWNER, "dee", "dee@x.eu")]


def test_everybody_gets_each_document_once():
    assert got((PACKET,), "executives", "owners", "teams") == [
        (PACKET, "executives", "olu@x.eu"),
        (PACKET, "executives", "ann@x.eu"),
        (PACKET, "executives", "dee@x.eu"),
    ]


def test_executives_may_be_sent_everything():
    scopes = {(d, s) for d, s, _ in got((TEAM, OWNER), "executives")}
    assert scopes == {
        (TEAM, "care"),
        (TEAM, "field"),
        (OWNER, "ann"),
        (OWNER, "bea"),
        (OWNER, "cy"),
        (OWNER, "dee"),
    }


@pytest.mark.parametrize(
    ("since", "until", "reads"),
    [
        (None, None, True),
        (DAY, None, True),
        (date(2026, 11, 10), None, False),
        (None, DAY, False),
        (None, date(2026, 11, 10), True),
    ],
)
def test_subscribers_read_from_a_day_to_a_day(since, until, reads):
    reader = Subscriber("Una", "una@x.eu", since, until)
    expected = [(PACKET, "executives", "una@x.eu")] if reads else []
    assert got((PACKET,), subscribers=(reader,)) == expected


def test_subscribers_never_get_somebodys_own_page():
    reader = Subscriber("Una", "una@x.eu")
    assert {d for d, _s, _e in got((TEAM, OWNER), subscribers=(reader,))} == {TEAM}


def test_a_vacancy_of_which_nobody_is_told_does_not_vanish():
    alone = Strategy(
        plan=TierPlan("declared", ()), teams=(Team("field", "Field"),), owners=STRATEGY.owners[1:2]
    )
    assert got((OWNER,), "owners", strategy=alone) == [(OWNER, "bea", "")]
