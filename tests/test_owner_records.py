"""What a team's review and the packet say of its owners' answers, promises and proposals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sample_material import ADA, BEA, MATERIAL, everything, view
from test_accountability_page import COMMITMENTS, DEADLINE, NOW, commitment, said, settled

from scorecard.answering.handed_in import Decision, Filed, HandedIn
from scorecard.answering.model import Unread
from scorecard.answering.proposal import Missing, Proposal
from scorecard.documents.accountability_page import accountability_page
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.report_data import Answering
from scorecard.documents.team import team_review
from scorecard.printing.allowed_names import team_names
from scorecard.strategy.model import Executive, Owner, Team

CYD = Owner("cyd", "Cyd Ito", "Head of portal", "care", "Nobody has to ask.")
MAX = Executive("max", "Max Osei", "Managing director")
UNREAD = (
    Unread("bea", "owner-scorecard", "2026-09", 1),
    Unread("bea", "pre-read", "2026-10", 2, DEADLINE),
)


def at(*owners: Owner, lead: str = "max", **more):
    """The material of test_accountability_page in a team of these owners, led by Max."""
    strategy = replace(
        MATERIAL.strategy,
        owners=owners or (ADA, BEA, CYD),
        teams=(Team("care", "Customer care", lead), Team("shop", "Shop")),
        executives=(MAX,),
    )
    return view(strategy=strategy, answering=said(**more).data.answering)


def review(of):
    return team_review(of, of.data.strategy.teams[0])


def test_where_nothing_was_asked_a_review_has_no_such_part():
    assert team_review(view(), MATERIAL.strategy.teams[0]).record is None


def test_every_owner_of_the_team_stands_there_also_who_was_asked_nothing():
    ada, bea, cyd = review(at()).record.owners
    assert (ada.name, ada.answered, ada.kept_and_moved, ada.open) == (
        "Ada Lindqvist",
        "1 of 1",
        "1",
        "2",
    )
    assert (bea.answered, bea.not_shown) == ("0 of 2", "1")
    assert bea.silent == "No answer by 19 Nov 2026 18:00 Europe/London: 2"
    assert (cyd.name, cyd.answered, cyd.open, cyd.why) == ("Cyd Ito", "–", "0", "–")


def test_it_has_the_same_counts_as_the_packet_and_nobody_of_another_team():
    of = at(ADA, replace(BEA, team="shop"))
    packet = {o.name: o for o in accountability_page(of).owners}
    record = review(of).record
    assert record.owners == (packet["Ada Lindqvist"],)
    assert not any("Tsukada" in text for text in everything(record))


def test_a_post_that_the_strategy_has_no_more_stays_in_the_packet():
    """The sentence counts its promises, so its row is there as well."""
    gone = commitment(9, "2026-10", settled("broken"), owner="dot")
    page = accountability_page(at(commitments=[*COMMITMENTS, gone]))
    assert [o.name for o in page.owners] == ["Ada Lindqvist", "Bea Tsukada", "no owner (dot)"]
    assert sum(int(o.broken) for o in page.owners) == 2
    assert "2 were broken" in page.sentence


def filed(name: str, owner: str, missing=()) -> Filed:
    return Filed(name, (HandedIn(1, Proposal(name, owner=owner), "a" * 64, missing, (), NOW),))


@pytest.mark.parametrize(
    ("owners", "lead", "told"),
    [
        ((ADA, BEA), "max", "Max Osei, lead of Customer care"),
        ((ADA, BEA), "ada", "Ada Lindqvist, lead of Customer care"),
        # Who did not read is not told that they did not.
        ((ADA, BEA), "bea", "Max Osei, executive"),
        ((ADA, BEA), "", "Max Osei, executive"),
    ],
)
def test_what_was_not_acknowledged_is_named_with_who_is_told(owners, lead, told):
    of = at(*owners, lead=lead, unread=UNREAD)
    pages = "page of September 2026 and pre-read of October 2026"
    for page in (accountability_page(of), review(of).record):
        (row,) = page.unread
        assert (row.owner, row.pages, row.told) == ("Bea Tsukada", pages, told)
        assert [o.unread for o in page.owners] == ["", pages]
    ada, bea = (owner_scorecard(of, o) for o in owners)
    assert bea.notes[0] == f"Nobody acknowledged the {pages}; told of it: {told}."
    assert told.split(",")[0] in bea.allowed
    assert not any("acknowledged" in note for note in ada.notes)
    assert accountability_page(of).sentence.endswith("; 1 owner did not acknowledge their page.")


def test_where_nobody_else_is_in_office_that_is_said():
    alone = at(BEA, lead="bea", unread=UNREAD)
    strategy = replace(alone.data.strategy, executives=())
    of = view(strategy=strategy, answering=alone.data.answering)
    (row,) = accountability_page(of).unread
    assert row.told == "nobody: name a lead of the team, or executives"


def test_a_page_not_read_is_reason_enough_for_the_page_of_accountability():
    only = view(answering=Answering(unread=UNREAD[:1]))
    page = accountability_page(only)
    assert page.sentence == "1 owner did not acknowledge their page."
    assert [o.name for o in page.owners] == ["Bea Tsukada"]


def test_a_review_may_name_who_decided_and_whom_an_owner_named():
    of = at(ADA, replace(BEA, team="shop"), CYD, lead="")
    handed = filed("day", "ada").last
    handed = replace(
        handed,
        proposal=replace(handed.proposal, review_on=date(2027, 3, 1)),
        decision=Decision("decided for", "Max Osei", "It pays.", NOW),
    )
    proposals = [Filed("day", (handed,))]
    with_bea = replace(commitment(6, "2026-12"), text="ask Bea Tsukada")
    data = {**vars(of.data), "proposals": proposals}
    data["answering"] = said(commitments=[with_bea]).data.answering
    page = review(view(**data))
    (row,) = page.record.proposals
    assert (row.kind, row.said) == ("decided for", "by Max Osei on 16 Nov 2026: It pays.")
    allowed = team_names(page, of.data.strategy, (), ()).people
    assert {"Max Osei", "Bea Tsukada"} <= allowed
    bare = review(at(ADA, replace(BEA, team="shop"), CYD, lead="", commitments=[]))
    assert not {"Max Osei", "Bea Tsukada"} & team_names(bare, of.data.strategy, (), ()).people


def test_proposals_sent_back_are_counted_beside_who_brought_them():
    of = at()
    lacking = (Missing("who pays", "Add it."),)
    sent = [filed("night", "bea", lacking), filed("day", "ada"), filed("shop", "dot", lacking)]
    record = review(view(**{**vars(of.data), "proposals": sent})).record
    assert [o.sent_back for o in record.owners] == ["0", "1", "0"]
    (row,) = record.proposals
    assert (row.title, row.kind, row.by) == ("night", "sent back", "Bea Tsukada")
    # Where nothing was asked or promised, there are no counts, and the proposal is named.
    only = review(view(proposals=sent)).record
    assert (only.owners, [p.title for p in only.proposals]) == ((), ["night"])
