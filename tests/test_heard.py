"""What owners said by the moment as of which a run reads, from the ledger, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sample_ledger import question
from sample_material import view
from test_ledger import NOW, OCTOBER, claim
from test_replies import DEADLINE, GOLD, MINUTE, STRATEGY, asking, reply, said_when

from scorecard.answering.model import Promised, Unread, Withdrawn
from scorecard.documents.heard import answering, last_packet
from scorecard.documents.kinds import EXECUTIVES, KINDS, PACKET, PAGES
from scorecard.documents.packet import executive_packet
from scorecard.ledger import ReplyLink
from scorecard.replies.door import Door

NOVEMBER = OCTOBER.next()
LATE = DEADLINE + timedelta(days=20)
PRE_READ = Unread("support", "pre-read", "2026-10", 1, DEADLINE)


def door(ledger):
    return Door(ledger, STRATEGY, "Europe/London", said_when)


def unread(ledger, as_of=LATE):
    return ledger.unread(OCTOBER, PAGES, as_of)


def linked(ledger, edition, at=NOW):
    """The page's link is given out."""
    link = ReplyLink("l1", "page", "support", "Ada Berg", "", edition.id, at, LATE)
    ledger.issue_link(link)


def test_a_pre_read_asks_to_be_read_by_its_questions(ledger):
    asking(ledger)
    assert unread(ledger) == [PRE_READ]


@pytest.mark.parametrize(
    "more",
    [
        {"read": True},
        {"answers": (("q1", "It rained."),)},
        {"promised": (Promised("bring Gold to 80 %", GOLD, "2026-12"),)},
    ],
    ids=["acknowledged", "answered", "promised"],
)
def test_whoever_says_anything_to_it_has_read_it_from_then_on(ledger, more):
    given = dict(more)
    said = reply(asking(ledger), *given.pop("answers", ()), **given)
    door(ledger).receive(said, NOW + MINUTE)
    assert unread(ledger, NOW) == [PRE_READ]
    assert unread(ledger, NOW + MINUTE) == []


def test_an_owners_page_asks_where_its_link_was_given_out(ledger):
    run = claim(ledger)
    page = ledger.freeze("owner-scorecard", "support", "{}", run, NOW)
    assert unread(ledger) == []
    linked(ledger, page, NOW + MINUTE)
    assert unread(ledger, NOW) == []
    assert unread(ledger) == [Unread("support", "owner-scorecard", "2026-10", 1)]


def test_of_several_editions_one_that_was_read_is_enough(ledger):
    """Who has read the first is told by the correction what is new; it is not held against them."""
    first = asking(ledger)
    door(ledger).receive(reply(first, read=True), NOW)
    again = claim(ledger, inputs="again")
    second = ledger.freeze("pre-read", "support", '{"b": 2}', again, NOW)
    assert (second.number, unread(ledger)) == (2, [])
    other = ledger.freeze("pre-read", "field", "{}", again, NOW)
    ledger.ask([question("q9", owner="field")], other.id, None, NOW)
    assert unread(ledger) == [Unread("field", "pre-read", "2026-10", 1)]


def test_a_pre_read_is_named_after_its_deadline_and_an_owners_page_with_the_next_period(ledger):
    asking(ledger)
    run = claim(ledger, inputs="page")
    linked(ledger, ledger.freeze("owner-scorecard", "support", "{}", run, NOW))

    def named(period, as_of, inputs):
        of = claim(ledger, period, inputs=inputs, as_of=as_of)
        last = last_packet(ledger, of, period)
        return [(u.document, u.period) for u in answering(ledger, of, period, last).unread]

    assert named(OCTOBER, DEADLINE, "early") == []
    assert named(OCTOBER, LATE, "late") == [("pre-read", "2026-10")]
    # No packet of October was issued, so none has named its pre-read yet.
    assert named(NOVEMBER, LATE, "next") == [
        ("owner-scorecard", "2026-10"),
        ("pre-read", "2026-10"),
    ]


def test_what_an_owner_does_later_is_not_known_yet(ledger):
    edition, at = asking(ledger), door(ledger)
    at.receive(reply(edition, promised=(Promised("bring Gold to 80 %", GOLD, "2026-12"),)), NOW)
    at.receive(reply(edition, withdrawn=(Withdrawn(1, "scope"),)), NOW + 2 * MINUTE)

    def open_ones(as_of):
        of = claim(ledger, inputs=f"{as_of}", as_of=as_of)
        return [c.is_open for c in answering(ledger, of, OCTOBER, None).commitments]

    assert open_ones(NOW - MINUTE) == []
    assert open_ones(NOW + MINUTE) == [True]
    assert open_ones(NOW + 2 * MINUTE) == [False]


def test_the_last_packet_brings_its_questions_and_what_was_answered_since(ledger):
    edition = asking(ledger)
    run = claim(ledger, inputs="packet")
    content = KINDS[PACKET].model.dump_json(executive_packet(view())).decode()
    packet = ledger.freeze(PACKET, EXECUTIVES, content, run, NOW)
    ledger.advance(run, "done", NOW, editions=[packet.id])
    door(ledger).receive(reply(edition, ("q1", "It rained.")), NOW + MINUTE)
    last = last_packet(ledger, claim(ledger, NOVEMBER, as_of=LATE), NOVEMBER)
    assert (last.period, last.as_of, last.made_at) == (OCTOBER, NOW, NOW)
    assert [a.question.id for a in last.asked] == ["q1", "q2"]
    assert list(last.answers) == ["q1"]
    early = last_packet(ledger, claim(ledger, NOVEMBER, inputs="early", as_of=NOW), NOVEMBER)
    assert list(early.answers) == []
