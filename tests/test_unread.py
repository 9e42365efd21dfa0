"""Which pages nobody acknowledged, from the ledger, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sample_ledger import question
from test_ledger import NOW, OCTOBER, claim
from test_replies import DEADLINE, GOLD, MINUTE, STRATEGY, asking, reply, said_when

from scorecard.answering.model import Promised, Unread
from scorecard.documents.heard import answering, last_packet
from scorecard.documents.kinds import PAGES
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
