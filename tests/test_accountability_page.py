"""The packet's page of accountability, from material made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sample_material import view

from scorecard.answering.model import (
    Acknowledgement,
    Answer,
    Asked,
    Commitment,
    CommitmentStep,
    Goal,
)
from scorecard.documents.accountability_page import accountability_page
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.questions import questions
from scorecard.documents.report_data import Answering

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)
DEADLINE = datetime(2026, 11, 19, 18, tzinfo=UTC)
AFTER = datetime(2026, 11, 20, 6, tzinfo=UTC)
GOAL = Goal("reply", "gold", 4.0, None)
ASKED = [
    Asked(q, f"of {owner}", NOW, DEADLINE) for owner, of in questions(view()).items() for q in of
]  # ada's one question, bea's two


def commitment(number, due, *steps, owner="ada"):
    text = f"do {number}"
    return Commitment(number, owner, "Ada", text, GOAL, due, "2026-06", "e0", NOW, "desk", steps)


def settled(outcome):
    return CommitmentStep("settled", NOW, outcome=outcome, value=5.8)


COMMITMENTS = [
    commitment(1, "2025-10", settled("broken")),  # thirteen months ago: over
    commitment(2, "2025-11", settled("broken")),
    commitment(3, "2026-09", settled("kept, and it moved")),
    commitment(4, "2026-10", settled("kept, no effect")),
    commitment(5, "2027-02", CommitmentStep("renegotiated", NOW, reason="staffing", due="2027-03")),
    commitment(6, "2027-01"),
    commitment(7, "2026-12", CommitmentStep("withdrawn", NOW, reason="scope")),
    commitment(8, "2026-10", settled("not shown"), owner="bea"),
]


def said(now=AFTER, **more):
    first = ASKED[0].question.id
    answers = {
        first: [
            Answer(first, 1, "Ada Lindqvist", "It rained.", "desk", "e1", NOW),
            Answer(first, 2, "Ada Lindqvist", "It rained, and the roof leaked.", "form", "e1", NOW),
        ]
    }
    given = {
        "asked": ASKED,
        "answers": answers,
        "acknowledged": [Acknowledgement("a later one", "Ada Lindqvist", "desk", NOW, "ada")],
        "commitments": COMMITMENTS,
        "now": now,
    }
    return view(answering=Answering(**given | more))


def test_where_nothing_was_asked_or_promised_there_is_no_page():
    assert accountability_page(view()) is None


def test_counts_stand_beside_each_owner_in_the_order_of_the_strategy():
    ada, bea = accountability_page(said()).owners
    assert (ada.name, ada.answered, ada.silent) == ("Ada Lindqvist", "1 of 1", "")
    assert (ada.kept_and_moved, ada.kept, ada.broken, ada.not_shown) == ("1", "1", "1", "0")
    # Two are open, of which the sixth is due first; the fifth was renegotiated, the seventh
    # withdrawn.
    assert (ada.open, ada.renegotiated, ada.next, ada.due) == ("2", "1", "do 6", "January 2027")
    # Every commitment of the twelve months stands in one column: 2, 3, 4, 5, 6 and 7.
    counts = (ada.kept_and_moved, ada.kept, ada.broken, ada.not_shown, ada.withdrawn, ada.open)
    assert (ada.withdrawn, sum(map(int, counts))) == ("1", 6)
    assert ada.why == "scope 1, staffing 1"
    assert (bea.answered, bea.not_shown, bea.next) == ("0 of 2", "1", "–")
    assert bea.silent == "No answer by 19 Nov 2026 18:00 Europe/London: 2"


def test_the_sentence_counts_and_grades_nobody():
    """Of the seven within twelve months five are closed: 2, 3, 4, 7 and 8."""
    assert accountability_page(said()).sentence == (
        "1 of 3 questions were answered in time; of 5 closed commitments 1 was kept and moved the "
        "figure, 1 was broken."
    )


def test_the_last_answer_is_printed_and_silence_is_named():
    page = accountability_page(said())
    assert [(a.answer, a.said) for a in page.answers] == [
        ("It rained, and the roof leaked.", "Ada Lindqvist, 16 Nov 2026 06:00 Europe/London")
    ]
    assert {q.said for q in page.questions} == {"No answer by 19 Nov 2026 18:00 Europe/London"}
    assert page.read == "Pages were acknowledged by Ada Lindqvist."


def test_before_the_deadline_and_without_one_nobody_is_silent_yet():
    early = accountability_page(said(now=NOW))
    until = "19 Nov 2026 18:00 Europe/London"
    assert {q.said for q in early.questions} == {f"No answer yet, it is taken until {until}"}
    assert early.sentence.startswith("1 of 3 questions were answered so far; ")
    without = [replace(a, answer_by=None) for a in ASKED]
    assert {q.said for q in accountability_page(said(asked=without)).questions} == {"No answer yet"}


def test_the_record_counts_what_was_renegotiated_in_its_own_periods():
    """July to October are the last four: what was moved in May is in none of them."""
    step = CommitmentStep("renegotiated", NOW, reason="staffing", due="2027-03")
    early = replace(step, at=datetime(2026, 5, 4, 9, tzinfo=UTC))
    for steps, record in (((early,), ""), ((early, step), "1 renegotiated in time")):
        found = said(commitments=[commitment(5, "2027-02", *steps)])
        (ada, _bea) = found.holders
        assert record in owner_scorecard(found, ada).record
        assert bool(record) == bool(owner_scorecard(found, ada).record)


def test_an_owners_page_has_its_own_and_nobody_elses():
    found = said()
    pages = {o.id: owner_scorecard(found, o) for o in found.holders}
    assert [a.answer for a in pages["ada"].asked] == ["It rained, and the roof leaked."]
    assert len(pages["bea"].asked) == 2
    # Open, or closed by or since October: 4, 5, 6 and 7, which was withdrawn in November.
    assert [c.number for c in pages["ada"].commitments] == [4, 5, 6, 7]
    assert [c.number for c in pages["bea"].commitments] == [8]
    assert pages["ada"].record == (
        "Last 4 periods: 1 kept, and it moved; 1 kept, no effect; 1 renegotiated in time. Counts, "
        "never a grade."
    )
    assert pages["ada"].read == "Read by Ada Lindqvist on 16 Nov 2026 06:00 Europe/London"
    assert pages["bea"].read == ""
