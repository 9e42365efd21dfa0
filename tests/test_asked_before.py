"""A question that is asked again says for how long, and what was answered or promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sample_choices import OCTOBER
from sample_material import Estimate, result, view, with_results

from scorecard.answering.model import Answer, Asked, Commitment, CommitmentStep, Goal, Question
from scorecard.documents.questions import questions
from scorecard.documents.report_data import Answering, Before

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)
ABOUT = "reply/bronze"
STATE = "9.0 h is better than we chose to pay for: we accepted 12 h to 48 h."
WHY = "Why do we spend on what we chose to be bad at, and which strength loses it?"


def before(months, text="", trigger="over-served weakness", owner="bea"):
    """The same question, so many months before October, with what was answered."""
    period = OCTOBER.shift(-months).key
    question = Question(
        f"q{months}", period, owner, 1, trigger, "service", ABOUT, "…", "…", "…", "Exceptions"
    )
    said = Answer(question.id, 1, "Bea", text, "desk", "e", NOW) if text else None
    return Before(Asked(question, "e", NOW, None), said)


def asked(*earlier, commitments=(), found=None):
    """What Bea is asked about Bronze replies after that."""
    seen = found or view()
    data = replace(seen.data, answering=Answering(before=earlier, commitments=commitments))
    (text,) = (q.text for q in questions(replace(seen, data=data))["bea"] if q.about == ABOUT)
    return text.replace("\u00a0", " ")


def test_what_was_not_asked_the_month_before_is_asked_as_if_for_the_first_time():
    assert asked() == asked(before(2, "It pays.")) == f"{STATE} {WHY}"
    assert asked(before(1, "It pays.", owner="ada")) == f"{STATE} {WHY}"
    assert asked(before(1, "It pays.", trigger="expired stance")) == f"{STATE} {WHY}"


def test_what_was_answered_is_asked_on():
    assert asked(before(1, "Mornings go to Gold from June on.")) == (
        f"{STATE} Asked for the 2nd month running; about September 2026 the answer was “Mornings "
        "go to Gold from June on”. What came of that?"
    )


def test_an_older_answer_of_the_same_run_is_still_the_answer():
    text = asked(before(1), before(2, "Later."), before(3, "First."), before(5, "Before a gap."))
    assert "Asked for the 4th month running; about August 2026 the answer was “Later”" in text


def test_what_nobody_answered_is_asked_in_its_own_words_again():
    assert asked(before(1), before(2)) == (
        f"{STATE} Asked for the 3rd month running, and never answered. {WHY}"
    )


def test_a_long_answer_is_cut_between_words():
    text = asked(before(1, "word " * 60))
    assert "the answer was “word word" in text and "word…”. What came of that?" in text
    assert len(text) < 360


def promise(number, due, *steps, period="2026-08"):
    goal = Goal("reply", "bronze", 48.0, 12.0)
    return Commitment(number, "bea", "Bea", "send mornings to Gold", goal, due, period, "", NOW, "desk", steps)  # fmt: skip


def test_an_open_commitment_about_the_same_choice_is_what_is_asked_about():
    withdrawn = CommitmentStep("withdrawn", NOW, reason="scope")
    known = [
        promise(3, "2027-02"),
        promise(4, "2026-12"),
        promise(5, "2026-11", withdrawn),
        promise(6, "2026-11", period="2026-10"),
    ]
    assert asked(before(1, "It pays."), commitments=known) == (
        f"{STATE} Asked for the 2nd month running; commitment 4 is to move it by the end of December "
        "2026. What of that is done, and does it suffice?"
    )


def test_a_commitment_that_was_broken_before_was_asked_about_the_same_choice():
    """In September its commitment was broken, which was asked about instead."""
    broken = CommitmentStep("settled", NOW, outcome="broken", value=9.0)
    earlier = before(1, "It was too little.", "broken commitment")
    question = replace(earlier.asked.question, about="commitment/4")
    earlier = replace(earlier, asked=replace(earlier.asked, question=question))
    assert asked(earlier, commitments=[promise(4, "2026-09", broken)]) == (
        f"{STATE} Asked for the 2nd month running; about September 2026 the answer was “It was too "
        "little”. What came of that?"
    )
    assert asked(earlier) == f"{STATE} {WHY}"


@pytest.mark.parametrize("trigger", ["not delivered, routine", "not delivered, exceptional"])
def test_a_miss_is_the_same_whether_or_not_it_is_usual(trigger):
    """Ada's Gold replies were missed in October, and unusually so."""
    earlier = before(1, "A shift was short.", trigger, "ada")
    question = replace(earlier.asked.question, about="reply/gold")
    earlier = replace(earlier, asked=replace(earlier.asked, question=question))
    (text,) = (q.text for q in questions(view(answering=Answering(before=(earlier,))))["ada"])
    assert text.replace("\u00a0", " ") == (
        "5.8 h, and unusually so; we promised 4 h or less. Asked for the 2nd month running; about "
        "September 2026 the answer was “A shift was short”. What came of that?"
    )


@pytest.mark.parametrize(
    ("region", "mine"),
    [
        ("above", [("broken commitment", "commitment/4")]),
        ("below", [("beyond acceptance", ABOUT), ("broken commitment", "commitment/4")]),
    ],
)
def test_why_a_commitment_was_broken_is_not_asked_twice(region, mine):
    """Better than was chosen, what broke it is what would be asked; worse, customers bear it."""
    figure = Estimate(9.0, 8.4, 9.6, 300, 250) if region == "above" else Estimate(60, 55, 65, 300, 250)  # fmt: skip
    seen = with_results(result(ABOUT, figure, region))
    broken = promise(4, "2026-10", CommitmentStep("settled", NOW, outcome="broken", value=9.0))
    data = replace(seen.data, answering=Answering(commitments=[broken]))
    found = questions(replace(seen, data=data))["bea"]
    assert [(q.trigger, q.about) for q in found if q.about != "kept/bronze"] == mine
