"""Who answered, who does now, and who is told: on the owner's page and in the packet.

October 2026 is reported on as of 16 November. Ada's stances include gold's reply, an exception.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sample_material import ADA, BEA, MATERIAL, everything, view

from scorecard.documents.cells import short
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.view import ReportView
from scorecard.strategy.model import Executive, Owner, Team

MAX = Executive("max", "Max Osei", "Managing director")
NIA = Executive("nia", "Nia Sato", "Finance director")
LEFT, LEFT_SINCE = date(2026, 10, 1), date(2026, 11, 5)


def at(ada: Owner = ADA, bea: Owner = BEA, lead: str = "", **more) -> ReportView:
    """The view with these owners, two executives, and a lead of their team."""
    strategy = replace(
        MATERIAL.strategy,
        owners=(ada, bea),
        executives=(MAX, NIA),
        teams=(Team("care", "Customer care", lead),),
    )
    return view(strategy=strategy, **more)


def owners_of_reply(on: ReportView) -> tuple[str, str]:
    """In the map's row of the reply, and at gold's exception."""
    packet = executive_packet(on)
    (row,) = [r for s in packet.sections for r in s.rows if r.metric == "reply"]
    return row.owners, packet.exceptions[0].owner


def test_an_owner_in_office_is_named_and_nothing_more_is_said():
    page = owner_scorecard(at(), ADA)
    assert (page.name, page.role, page.standing) == ("Ada Lindqvist", "Head of support", "")
    assert page.allowed == ("Ada Lindqvist",)
    assert owners_of_reply(at()) == ("A. Lindqvist, B. Tsukada", "Ada Lindqvist")
    assert executive_packet(at()).evidence.standing == ()


def test_a_deputy_is_named_as_one_and_says_for_whom():
    left = replace(ADA, until=LEFT, deputy="bea")
    page = owner_scorecard(at(left), left)
    assert page.name == "Bea Tsukada"
    assert page.role == "Deputy since 1 Oct 2026 for Ada Lindqvist, Head of support"
    assert (page.standing, page.allowed) == ("", ("Ada Lindqvist", "Bea Tsukada"))
    assert owners_of_reply(at(left)) == (
        "B. Tsukada (deputy), B. Tsukada",
        "Bea Tsukada (deputy)",
    )
    assert executive_packet(at(left)).evidence.standing == (
        "Head of support: Bea Tsukada (deputy); the owner is Ada Lindqvist.",
    )


def test_a_vacant_post_is_headed_by_its_role_and_goes_to_the_lead():
    left = replace(ADA, until=LEFT)
    page = owner_scorecard(at(left, lead="bea"), left)
    assert (page.name, page.role, page.team) == ("Head of support", "", "Customer care")
    said = "o owner since 1 Oct 2026; goes to Bea Tsukada, lead of Customer care"
    assert page.standing == f"N{said}"
    assert page.allowed == ("Ada Lindqvist", "Bea Tsukada")
    assert page.strengths and page.weaknesses
    assert executive_packet(at(left, lead="bea")).evidence.standing == (
        f"Head of support: n{said}.",
    )
    assert owners_of_reply(at(left)) == (
        "no owner since 1 Oct 2026, B. Tsukada",
        "no owner since 1 Oct 2026",
    )


@pytest.mark.parametrize("lead", ["", "ada"])
def test_without_a_lead_in_office_a_vacancy_goes_to_the_executives(lead):
    left = replace(ADA, until=LEFT)
    page = owner_scorecard(at(left, lead=lead), left)
    assert page.standing.endswith("goes to Max Osei and Nia Sato, executives")
    assert page.allowed == ("Ada Lindqvist", "Max Osei", "Nia Sato")


def test_a_vacancy_that_goes_to_nobody_says_what_to_do():
    left = replace(ADA, until=LEFT)
    strategy = replace(MATERIAL.strategy, owners=(left, BEA))
    page = owner_scorecard(view(strategy=strategy), left)
    assert page.standing.endswith("goes to nobody: name a lead of the team, or executives")


def test_who_left_after_the_periods_end_is_named_with_who_answers_since():
    left = replace(ADA, until=LEFT_SINCE, deputy="bea")
    page = owner_scorecard(at(left), left)
    assert (page.name, page.role) == ("Ada Lindqvist", "Head of support")
    assert page.standing == "Since 5 Nov 2026 answered by Bea Tsukada (deputy)"
    assert page.allowed == ("Ada Lindqvist", "Bea Tsukada")
    assert owners_of_reply(at(left)) == (
        "A. Lindqvist, B. Tsukada",
        "Ada Lindqvist; since 5 Nov 2026 Bea Tsukada (deputy)",
    )
    assert executive_packet(at(left)).evidence.standing == (
        "Head of support: Ada Lindqvist; since 5 Nov 2026 Bea Tsukada (deputy).",
    )


def test_a_post_that_fell_vacant_after_the_periods_end_says_both():
    left = replace(ADA, until=LEFT_SINCE)
    page = owner_scorecard(at(left, lead="bea"), left)
    assert page.name == "Ada Lindqvist"
    assert page.standing == (
        "No owner since 5 Nov 2026; goes to Bea Tsukada, lead of Customer care"
    )


def test_an_owner_who_came_after_the_periods_end_takes_over_a_vacancy():
    """Nobody answered in October, and nobody is told any more."""
    new = replace(ADA, since=LEFT_SINCE)
    page = owner_scorecard(at(new), new)
    assert page.name == "Head of support"
    assert page.standing == (
        "No owner before 5 Nov 2026; since 5 Nov 2026 answered by Ada Lindqvist"
    )
    assert page.allowed == ("Ada Lindqvist",)


def test_a_period_that_is_not_over_counts_who_answers_today():
    """As of 20 October, with ada leaving on the 25th: she answers."""
    left = replace(ADA, until=date(2026, 10, 25), deputy="bea")
    assert owner_scorecard(at(left, day=date(2026, 10, 20)), left).name == "Ada Lindqvist"
    assert owner_scorecard(at(left, day=date(2026, 10, 28)), left).name == "Bea Tsukada"


def test_the_day_itself_is_in_no_document():
    """Two runs on different days freeze the same content while the same people answer."""
    days = [date(2026, 11, 16), date(2026, 12, 24)]
    assert executive_packet(at(day=days[0])) == executive_packet(at(day=days[1]))
    assert owner_scorecard(at(day=days[0]), ADA) == owner_scorecard(at(day=days[1]), ADA)


def test_who_asked_not_to_be_sent_anything_is_printed():
    asked = {"ada": date(2026, 11, 3), "nia": date(2026, 10, 30), "gone": date(2026, 1, 1)}
    on = at(opted_out=asked)
    assert owner_scorecard(on, ADA).notes == (
        "Ada Lindqvist asked on 3 Nov 2026 not to be sent this page.",
    )
    assert owner_scorecard(on, BEA).notes == ()
    assert executive_packet(on).evidence.standing == (
        "Ada Lindqvist asked on 3 Nov 2026 not to be sent their page.",
        "Nia Sato asked on 30 Oct 2026 not to be sent this packet.",
    )


def test_a_deputy_who_opted_out_is_told_on_the_page_they_answer_for():
    left = replace(ADA, until=LEFT, deputy="bea")
    page = owner_scorecard(at(left, opted_out={"bea": date(2026, 11, 3)}), left)
    assert page.notes == ("Bea Tsukada asked on 3 Nov 2026 not to be sent this page.",)


def test_a_provisional_edition_says_why():
    on = at(stamp="transactions end on 28 October 2026")
    assert executive_packet(on).heading.stamp == "transactions end on 28 October 2026"
    assert owner_scorecard(on, ADA).heading.stamp == "transactions end on 28 October 2026"
    assert owner_scorecard(at(), ADA).heading.stamp == ""


def test_a_page_names_nobody_whom_it_does_not_allow():
    left = replace(ADA, until=LEFT)
    page = owner_scorecard(at(left, lead="max", opted_out={"nia": LEFT}), left)
    texts = everything(replace(page, allowed=()))
    names = [n for n in ("Bea", "Tsukada", "Nia", "Sato", "Max") if any(n in t for t in texts)]
    assert (names, page.allowed) == (["Max"], ("Ada Lindqvist", "Max Osei"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bea Tsukada", "B. Tsukada"),
        ("Bea Tsukada (deputy)", "B. Tsukada (deputy)"),
        ("no owner since 1 Oct 2026", "no owner since 1 Oct 2026"),
        ("no owner (ghost)", "no owner (ghost)"),
        ("山田 花子 (deputy)", "山田 花子 (deputy)"),
    ],
)
def test_a_short_name_keeps_what_stands_behind_it(name, shown):
    assert short(name) == shown
