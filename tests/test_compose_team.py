"""Compose, the team review. Ada (care) and Bea (shop) as in sample_material; Cyd joins care."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sample_choices import chosen, witnessed
from sample_material import ADA, BEA, MATERIAL, RESULTS, STANCES, everything, spaced, view

from scorecard.definitions.results import Verdict
from scorecard.documents.team import team_review
from scorecard.documents.team_model import TeamReview
from scorecard.documents.view import ReportView
from scorecard.ledger import StanceChange
from scorecard.strategy.model import Executive, Owner, Team

CARE, SHOP = Team("care", "Customer care", "max"), Team("shop", "Shop and renewals")
CYD = Owner("cyd", "Cyd Ito", "Head of portal", "care", "Nobody has to ask.")
MAX = Executive("max", "Max Osei", "Managing director")


def at(*owners: Owner, stances=STANCES, **more) -> ReportView:
    """The view with two teams: ada's, and bea's unless other owners are given."""
    people = owners or (ADA, replace(BEA, team="shop"))
    strategy = replace(
        MATERIAL.strategy, owners=people, teams=(CARE, SHOP), executives=(MAX,), stances=stances
    )
    return view(strategy=strategy, stances=witnessed(*stances), **more)


def review(on: ReportView, team: Team = CARE) -> TeamReview:
    found = team_review(on, team)
    assert found is not None
    return found


def test_a_team_has_its_owners_in_the_order_of_the_strategy_and_stances_in_that_of_the_map():
    stances = (replace(STANCES[1], owner="cyd"), STANCES[2], STANCES[0])
    page = review(at(CYD, ADA, stances=stances))
    assert [(m.name, m.role, m.purpose) for m in page.members] == [
        ("Cyd Ito", "Head of portal", "Nobody has to ask."),
        ("Ada Lindqvist", "Head of support", "People know when we reply."),
    ]
    assert [[h.key for h in m.held] for m in page.members] == [
        ["csat/bronze"],
        ["reply/gold", "csat/gold"],
    ]
    reply = page.members[1].held[0]
    assert (reply.cell.text, reply.cell.range, reply.cell.n) == ("5.8", "5.1–6.6", "n 1,204")
    assert (reply.cell.words, reply.cell.region) == ("not delivered", "below")
    assert reply.cell.signal == "exceptional, unfavourable"
    assert (spaced(reply.limits), reply.tier) == ("promised: 4 h or less", "Gold")
    assert (page.name, page.lead) == ("Customer care", "Max Osei, Managing director")


def test_the_title_says_how_the_teams_choices_went():
    assert review(at()).sentence == (
        "2 of 3 choices went as chosen. Not delivered: Gold first reply."
    )
    assert review(at(), SHOP).sentence == (
        "1 of 3 choices went as chosen. Beyond acceptance: Bronze customers kept. "
        "Over-served: Bronze first reply."
    )


def test_what_waits_for_evidence_is_counted_and_not_named():
    waiting = replace(RESULTS[2], verdict=Verdict("too little evidence", "straddle"))
    at_ = dict(MATERIAL.results) | {("csat", "gold"): waiting}
    assert review(at(results=at_)).sentence == (
        "1 of 3 choices went as chosen. Not delivered: Gold first reply. 1 choice lacks evidence."
    )


def test_a_team_that_holds_nothing_has_no_review():
    assert team_review(at(), Team("none", "Nobody")) is None
    assert team_review(at(stances=STANCES[:3]), SHOP) is None


def test_the_customers_affected_are_told_with_who_answers():
    (row,) = review(at()).reached
    assert (row.label, row.tier, row.words, row.loud) == (
        "First reply, 9 of 10 within",
        "Gold",
        "not delivered",
        True,
    )
    assert (row.answers, row.count) == ("Ada Lindqvist", "14 of 600")
    assert row.names == "Aldous Marine; Petra Foods; Kite Rail and 11 more"
    assert spaced(row.how) == "waited longer than the limit of 4 h"
    assert row.outcome.startswith("−€18,400 (−€27,900 to −€9,100, 95 %)")
    assert [r.tier for r in review(at(), SHOP).reached] == ["Bronze", "Bronze"]


def paid(page: TeamReview) -> list[tuple[str, str, str, list[tuple[str, str, str, str]]]]:
    return [
        (
            p.strength.name,
            p.strength.words,
            p.strength.answers,
            [(s.end.name, s.end.words, s.end.answers, s.amount) for s in p.sources],
        )
        for p in page.paid
    ]


def test_both_ends_of_what_pays_are_told_and_another_teams_by_metric_and_tier():
    assert paid(review(at())) == [
        (
            "Gold first reply",
            "not delivered",
            "A. Lindqvist",
            [
                ("Bronze first reply", "over-served", "", ""),
            ],
        ),
        (
            "Gold satisfied",
            "delivered",
            "A. Lindqvist",
            [
                ("Bronze satisfied", "as accepted", "A. Lindqvist", ""),
                ("Care plan", "a charge", "", "€38,000 a month"),
            ],
        ),
    ]
    assert paid(review(at(), SHOP)) == [
        (
            "Gold first reply",
            "not delivered",
            "",
            [
                ("Bronze first reply", "over-served", "B. Tsukada", ""),
            ],
        ),
    ]


def test_a_weakness_that_alone_says_what_it_pays_for_is_told_with_what_it_releases():
    lone = replace(STANCES[3], funds=("kept/gold",), releases="900 EUR/year")
    unpaid = replace(STANCES[2], funded_by=())
    page = review(at(stances=(unpaid, lone, *STANCES[4:])), SHOP)
    assert paid(page) == [
        (
            "Gold customers kept",
            "delivered",
            "B. Tsukada",
            [
                ("Bronze first reply", "over-served", "B. Tsukada", "€900 a year"),
            ],
        ),
    ]


def test_a_weakness_that_is_not_in_force_any_more_pays_nothing_and_says_so():
    page = review(at(stances=(STANCES[2],)))
    assert paid(page)[0][3] == [("Bronze first reply", "no stance in force", "", "")]


@pytest.mark.parametrize(("team", "foreign"), [(CARE, BEA), (SHOP, ADA)])
def test_a_review_names_no_other_team_and_nobody_of_it(team, foreign):
    page = review(at(), team)
    other = SHOP if team is CARE else CARE
    texts = everything(page)
    assert not [t for t in texts if foreign.name in t or foreign.name.split()[1] in t]
    assert not [t for t in texts if other.name in t]


def test_scores_come_with_the_tiers_margin():
    assert review(at()).margins == (("Gold", "€1,205"), ("Bronze", "−€21"))
    unknown = review(at(margin_unknown="no costs"))
    assert unknown.margins == (("Gold", "–"), ("Bronze", "–"))
    assert unknown.notes == ("Customer margin is not known: no costs.",)


def test_on_few_customers_is_told_without_their_names():
    (kept,) = [h for m in review(at(), SHOP).members for h in m.held if h.key == "kept/gold"]
    assert kept.cell.note == "rests on 2 customers"


def test_vacancies_deputies_and_who_opted_out_are_told():
    gone = replace(CYD, until=date(2026, 10, 1))
    stances = (STANCES[0], replace(STANCES[2], owner="cyd"))
    page = review(at(ADA, gone, stances=stances, opted_out={"ada": date(2026, 11, 3)}))
    assert page.sentence.endswith(" Nobody answers for 1 of the choices.")
    vacant = page.members[1]
    assert (vacant.name, vacant.role) == ("Head of portal", "")
    assert vacant.standing == ("No owner since 1 Oct 2026; goes to Max Osei, lead of Customer care")
    assert page.standing == (
        "Head of portal: no owner since 1 Oct 2026; goes to Max Osei, lead of Customer care.",
        "Ada Lindqvist asked on 3 Nov 2026 not to be sent this review.",
    )
    assert page.reached[0].answers == "no owner since 1 Oct 2026"
    assert page.allowed == ("Ada Lindqvist", "Cyd Ito", "Max Osei")


def test_a_team_of_vacancies_says_that_nobody_answers():
    gone = replace(ADA, until=date(2026, 10, 1))
    assert review(at(gone)).sentence.endswith(" Nobody answers for any of the choices.")


def test_a_deputy_of_another_team_is_allowed_where_they_stand_in():
    left = replace(ADA, until=date(2026, 10, 1), deputy="bea")
    page = review(at(left, replace(BEA, team="shop")))
    assert page.members[0].name == "Bea Tsukada"
    assert page.allowed == ("Ada Lindqvist", "Bea Tsukada", "Max Osei")


def test_changes_of_the_teams_stances_are_told_and_of_no_others():
    changes = [
        StanceChange(
            "changed",
            key,
            chosen(key, "strength", now, owner=owner),
            chosen(key, "strength", 0.9, owner=owner),
            "v",
            datetime(2026, 8, 9, tzinfo=UTC),
            date(2026, 9, 1),
            "",
        )
        for key, now, owner in (("csat/gold", 0.8, "ada"), ("kept/gold", 0.85, "bea"))
    ]
    (said,) = review(at(changes=changes)).changes
    assert spaced(said).startswith("Gold satisfied: promised 80 % or more, before that")
    (said,) = review(at(changes=changes), SHOP).changes
    assert said.startswith("Gold customers kept")


def test_a_period_that_is_not_over_judges_nothing():
    waiting = {
        key: replace(
            r, verdict=r.verdict and Verdict("too little evidence", None, "partial_period")
        )
        for key, r in MATERIAL.results.items()
    }
    assert review(at(results=waiting)).sentence == (
        "The period is not over: none of its 3 choices is judged yet."
    )
