"""What was promised, answered and proposed since the last packet. All counts were made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sample_material import MATERIAL, view
from test_accountability_page import ASKED, GOAL
from test_owner_records import filed

from scorecard.answering.handed_in import Found
from scorecard.answering.model import Answer, Commitment, CommitmentStep
from scorecard.answering.proposal import Missing
from scorecard.documents.packet import executive_packet
from scorecard.documents.report_data import Answering, LastPacket

DAY = timedelta(days=1)
THEN = datetime(2026, 10, 16, 6, tzinfo=UTC)
"""As of when the packet of September was read; it was frozen an hour later."""
FROZEN, NOW = THEN + timedelta(hours=1), THEN + 30 * DAY
OCTOBER = MATERIAL.period
SEPTEMBER = OCTOBER.previous()
OUTCOMES = ("kept, and it moved", "kept, no effect", "broken", "not shown")


def commitment(number, made_at, *steps, owner="ada"):
    return Commitment(
        number, owner, "A", "do it", GOAL, "2026-12", "2026-06", "", made_at, "desk", steps
    )


def settled(at, outcome="broken"):
    return CommitmentStep("settled", at, outcome=outcome)


def withdrawn(at):
    return CommitmentStep("withdrawn", at, reason="scope")


def moved(at):
    return CommitmentStep("renegotiated", at, reason="scope", due="2027-03")


def known(commitments, by, frozen):
    """The commitments as they were at that moment, with what figures said until it was frozen."""
    found = []
    for c in (c for c in commitments if c.made_at <= by):
        steps = (s for s in c.steps if s.at <= (frozen if s.step == "settled" else by))
        found.append(replace(c, steps=tuple(steps)))
    return found


def packets(commitments=(), answers=None, asked=(), proposals=()):
    """The packets of September and October, of which the later one knows the earlier."""

    def handed(by):
        return [f for f in proposals if f.handed_in[0].at <= by]

    before = Answering(commitments=known(commitments, THEN, FROZEN), now=THEN)
    first = view(period=SEPTEMBER, answering=before, proposals=handed(THEN))
    document = executive_packet(first)
    last = LastPacket(SEPTEMBER, 1, document, (), THEN, FROZEN, asked, answers or {})
    after = Answering(commitments=known(commitments, NOW, NOW), now=NOW)
    return document, executive_packet(view(answering=after, last=last, proposals=handed(NOW)))


def lines(**said):
    return packets(**said)[1].since.answering


def test_nothing_is_said_where_nothing_happened_or_it_is_not_known_since_when():
    assert lines(commitments=[commitment(1, THEN - DAY)]) == ()
    new = Answering(commitments=[commitment(1, NOW)], now=NOW)
    last = LastPacket(SEPTEMBER, 1, executive_packet(view()), ())
    assert executive_packet(view(last=last, answering=new)).since.answering == ()
    assert executive_packet(view(answering=new)).since.answering == ()


def test_commitments_are_counted_with_what_became_of_them():
    """Two were open. Three are made, of which one is withdrawn; one is broken: so three are."""
    made = [
        commitment(1, THEN - 40 * DAY, settled(THEN - DAY)),
        commitment(2, THEN - DAY, settled(THEN + 20 * DAY)),
        commitment(3, THEN - DAY, moved(THEN + DAY)),
        commitment(4, THEN + DAY),
        commitment(5, THEN + DAY, moved(THEN + 2 * DAY), moved(THEN + 3 * DAY)),
        commitment(6, THEN + DAY, withdrawn(THEN + 2 * DAY)),
    ]
    assert lines(commitments=made) == (
        "3 commitments were made and 2 closed (1 broken; 1 withdrawn); 3 commitments were "
        "renegotiated. 3 are open, 2 were then.",
    )


def test_what_figures_said_when_it_was_frozen_was_known_and_what_an_owner_did_then_was_not():
    between = THEN + timedelta(minutes=30)
    assert lines(commitments=[commitment(1, THEN, settled(between))]) == ()
    assert lines(commitments=[commitment(1, THEN, withdrawn(between))]) == (
        "0 commitments were made and 1 closed (1 withdrawn). 0 are open, 1 was then.",
    )


def test_another_outcome_of_what_was_closed_is_told_and_closes_nothing_again():
    twice = commitment(1, THEN - DAY, settled(THEN), settled(NOW, "kept, no effect"))
    assert lines(commitments=[twice]) == (
        "1 outcome was found to be another one. 0 are open, 0 were then.",
    )


@pytest.mark.parametrize("seed", range(12))
def test_opened_less_closed_is_what_the_pages_of_accountability_count_more(seed):
    """Forty commitments of three posts, one of which the strategy has no more, at any moments."""
    chance, made = Random(seed), []
    for number in range(1, 41):
        at = THEN + chance.randrange(-30, 30) * DAY + timedelta(hours=2)
        steps, moment = [], at
        for kind in chance.sample((moved, settled, withdrawn), chance.randrange(3)):
            moment += chance.randrange(1, 25) * DAY
            steps.append(
                settled(moment, chance.choice(OUTCOMES)) if kind is settled else kind(moment)
            )
            if kind is not moved:
                break
        made.append(commitment(number, at, *steps, owner=chance.choice(("ada", "bea", "gone"))))
    first, second = packets(commitments=made)
    (line,) = second.since.answering
    new, closed = counts(line)
    assert new - closed == open_on(second) - open_on(first)
    assert line.endswith(f"{open_on(second)} are open, {open_on(first)} were then.")


def counts(line):
    """Of "3 commitments were made and 2 closed (…)": 3 and 2."""
    made, _, rest = line.partition(" commitments were made and ")
    return int(made), int(rest.split()[0])


def open_on(packet):
    return sum(int(o.open) for o in packet.accountability.owners)


def test_answers_that_came_after_the_packet_are_counted():
    one, two, three = (a.question.id for a in ASKED)
    answer = Answer(one, 1, "Ada", "It rained.", "desk", "e1", THEN - DAY)
    late = replace(answer, question_id=two, said_at=THEN + DAY)
    assert lines(asked=ASKED, answers={one: [answer], two: [late]}) == (
        "1 of 2 questions that had no answer then was answered since.",
    )
    every = {id: [replace(answer, question_id=id)] for id in (one, two, three)}
    assert lines(asked=ASKED, answers=every) == ()


def test_proposals_are_counted_by_what_became_of_them():
    def at(of, moment, **more):
        return replace(of, handed_in=(replace(of.handed_in[0], at=moment, **more),))

    lacking = (Missing("who pays", "Add it."),)
    proposals = [
        at(filed("old", "ada"), THEN - DAY),
        at(filed("back", "ada", lacking), THEN + DAY),
        at(filed("whole", "bea"), THEN + DAY),
        replace(at(filed("gone", "bea"), THEN - DAY), withdrawn=(THEN + DAY, "No.")),
    ]
    assert lines(proposals=proposals) == (
        "2 proposals were handed in, 1 of them was sent back; 1 proposal was taken back.",
    )
    first, second = packets(proposals=proposals)
    assert [p.title for p in second.accountability.proposals] == ["back"]
    assert first.accountability is None


def test_a_review_is_told_once():
    day = datetime(2026, 10, 20, tzinfo=UTC).date()
    found = Found(
        "2026-10", "experience", "reply", "gold", 6.0, 4.0, 4.1, 3.9, 4.3, 9, "as predicted", "r"
    )
    (handed,) = filed("shift", "ada").handed_in
    handed = replace(
        handed, at=THEN - DAY, proposal=replace(handed.proposal, review_on=day), found=(found,)
    )
    of = replace(filed("shift", "ada"), handed_in=(handed,))
    _first, second = packets(proposals=[of])
    assert second.since.answering == ("1 proposal was reviewed.",)
    last = LastPacket(OCTOBER, 1, second, (), NOW, NOW)
    third = executive_packet(view(period=OCTOBER.next(), last=last, proposals=[of]))
    assert third.accountability.proposals[0].kind == "reviewed"
    assert third.since.answering == ()
