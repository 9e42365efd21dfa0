"""What was found of what was predicted, by figures worked out by hand, and on the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sample_ledger import found, handed_in
from sample_material import view
from sample_measures import a_metric
from test_ledger import LONDON, NOW, claim, computed, result

from scorecard.answering.handed_in import Decision, Filed, HandedIn, as_known, with_reviews
from scorecard.answering.proposal import Missing, Proposal
from scorecard.base.periods import Period
from scorecard.definitions.results import Estimate
from scorecard.documents.drawing_board import WAITS, drawing_board
from scorecard.documents.drawing_board import board as rows_of
from scorecard.documents.formats import Formats
from scorecard.judging.forecast import outcome_of, reviewed
from scorecard.replies.reviewing import reviews
from scorecard.strategy.model import Owner, Strategy, Team, Tier, TierPlan

DECEMBER = Period.parse("2026-12", LONDON)
LATER = DECEMBER.end + timedelta(days=20)
METRICS = {
    "csat": replace(a_metric(), name="csat", label="Satisfied"),
    "customer_margin": replace(
        a_metric("total", "money per customer"), name="customer_margin", label="Customer margin"
    ),
}
STRATEGY = Strategy(
    TierPlan("declared", (Tier("gold", "Gold"), Tier("bronze", "Bronze"))),
    (Team("north", "North"),),
    (Owner("owner-0", "Ada Berg", "Head", "north", "Reply."),),
)
FORMATS = Formats("en_GB", "EUR")


def seen(value, low, high, n=100):
    return Estimate(value, low, high, n, n)


@pytest.mark.parametrize(
    ("was", "to", "estimate", "outcome"),
    [
        # Waits of 6 h were to come down to 4 h.
        (6.0, 4.0, seen(4.1, 3.8, 4.4), "as predicted"),
        (6.0, 4.0, seen(4.0, 4.0, 4.0), "as predicted"),
        (6.0, 4.0, seen(3.0, 2.6, 3.4), "more than predicted"),
        (6.0, 4.0, seen(5.0, 4.6, 5.4), "less than predicted"),
        (6.0, 4.0, seen(5.8, 5.4, 6.2), "did not move"),
        (6.0, 4.0, seen(7.0, 6.5, 7.5), "moved the other way"),
        (6.0, 4.0, seen(5.0, 3.5, 6.5), "not shown"),
        (6.0, 4.0, Estimate(), "not shown"),
        # Of waits that are not over only the lower end is known: 6.5 h or more, 3 h or more.
        (6.0, 4.0, seen(7.0, 6.5, None), "moved the other way"),
        (6.0, 4.0, seen(4.5, 3.0, None), "not shown"),
        # A share was to fall from 60 % to 40 %, for a weakness is exploited.
        (0.6, 0.4, seen(0.42, 0.38, 0.46), "as predicted"),
        (0.6, 0.4, seen(0.30, 0.26, 0.34), "more than predicted"),
        # Counted, without an interval: 2 % of the change of 10 may be missing.
        (100.0, 110.0, seen(109.9, None, None), "as predicted"),
        (100.0, 110.0, seen(109.7, None, None), "less than predicted"),
        (100.0, 110.0, seen(110.3, None, None), "more than predicted"),
        (100.0, 110.0, seen(100.1, None, None), "did not move"),
        # Margins may be below zero: from −20 to −5, found −12 (−14 to −10).
        (-20.0, -5.0, seen(-12.0, -14.0, -10.0), "less than predicted"),
    ],
)
def test_a_figure_says_what_became_of_a_prediction(was, to, estimate, outcome):
    assert outcome_of(was, to, estimate) == outcome


@pytest.mark.parametrize("shift", [0.0, -50.0, 1000.0])
@pytest.mark.parametrize("scale", [1.0, -1.0, 7.0])
def test_outcomes_are_the_same_in_any_unit_and_direction(shift, scale):
    """Measured from another zero, in another unit or downward, a figure says the same."""
    for low in range(-6, 16):
        for width in (0, 2, 9):
            ends = [scale * (x / 2) + shift for x in (low, low + width)]
            plain = outcome_of(0.0, 5.0, seen(low / 2, low / 2, (low + width) / 2))
            moved = outcome_of(shift, shift + 5 * scale, seen(ends[0], min(ends), max(ends)))
            assert moved == plain


def figures(csat, margin, period=DECEMBER, **more):
    return [
        result("csat", "gold", period, estimate=csat),
        result("customer_margin", "gold", period, estimate=margin, **more),
    ]


def test_margins_are_predicted_from_what_they_were_when_it_was_handed_in():
    """110 then, 4 more a month: 114; found 112 (109.5–114.5), which holds 110 and 114."""
    known = figures(seen(0.75, 0.72, 0.78), seen(112.0, 109.5, 114.5))
    said = reviewed(handed_in(), "2026-12", "month", known, METRICS, lambda _: True, "r9")
    assert [(f.kind, f.was, f.predicted, f.value, f.outcome) for f in said] == [
        ("experience", 0.7, 0.8, 0.75, "less than predicted"),
        ("margin", 110.0, 114.0, 112.0, "not shown"),
    ]
    assert {f.run_id for f in said} == {"r9"}


@pytest.mark.parametrize(
    ("kind", "predicted"), [("month", 114.0), ("quarter", 122.0), ("year", 158.0)]
)
def test_amounts_by_the_month_are_turned_into_those_of_the_period(kind, predicted):
    said = reviewed(handed_in(), "2026", kind, [], METRICS, lambda _: True, "r9")
    assert said[1].predicted == predicted


def test_a_margin_that_was_not_known_then_or_is_not_now_is_not_shown():
    known = figures(seen(0.8, 0.77, 0.83), seen(112.0, 109.0, 115.0))
    _, margin = reviewed(
        handed_in(margins=()), "2026-12", "month", known, METRICS, lambda _: True, "r9"
    )
    assert (margin.was, margin.predicted, margin.outcome) == (None, None, "not shown")
    unknown = figures(seen(0.8, 0.77, 0.83), seen(112.0, 1.0, 2.0), unmeasured="margin known for 3")
    _, margin = reviewed(handed_in(), "2026-12", "month", unknown, METRICS, lambda _: True, "r9")
    assert (margin.value, margin.outcome) == (None, "not shown")


def test_a_confidential_figure_of_few_is_not_shown_here_either():
    metrics = {**METRICS, "csat": replace(METRICS["csat"], confidential=True)}
    few = replace(seen(0.75, 0.72, 0.78), n=3, customers=3)
    satisfied, _ = reviewed(
        handed_in(), "2026-12", "month", figures(few, seen(112.0, 109.0, 115.0)), metrics,
        lambda _: True, "r9",
    )  # fmt: skip
    assert (satisfied.value, satisfied.low, satisfied.n) == (None, None, 0)


def test_nothing_is_said_before_every_figure_is_final():
    final = {"csat": True, "customer_margin": False}
    known = figures(seen(0.8, 0.77, 0.83), seen(112.0, 109.0, 115.0))
    said = reviewed(handed_in(), "2026-12", "month", known, METRICS, lambda m: final[m.name], "r9")
    assert said == ()


# When


def filed_in(ledger, *proposals):
    for each in proposals:
        ledger.hand_in(each, NOW)
    return ledger.proposals()


def due(ledger, period, as_of=LATER):
    """The numbers of those that are reviewed in a run of the period."""
    run = claim(ledger, period, inputs=f"{period}-{as_of}", as_of=as_of)
    known = figures(seen(0.75, 0.72, 0.78), seen(112.0, 109.0, 115.0), period)
    said = reviews(ledger, ledger.proposals(), run, period, known, METRICS, lambda *_: True)
    return {r.number: r.found[0].period for r in said}


def test_a_review_belongs_to_the_period_that_contains_its_date(ledger):
    new_year = date(2027, 1, 1)
    last = handed_in("last-day")
    first = handed_in("first-day")
    first = replace(first, proposal=replace(first.proposal, review_on=new_year))
    filed_in(ledger, last, first)
    assert due(ledger, DECEMBER.previous()) == {}
    assert due(ledger, DECEMBER) == {1: "2026-12"}
    assert due(ledger, DECEMBER.next()) == {2: "2027-01"}  # December was never computed


def test_a_period_that_was_passed_over_is_reviewed_by_its_own_figures(ledger):
    filed_in(ledger, handed_in())
    computed(ledger, DECEMBER, figures(seen(0.8, 0.77, 0.83), seen(114.0, 112.0, 116.0)))
    assert due(ledger, DECEMBER.next()) == {1: "2026-12"}


def test_what_was_sent_back_or_withdrawn_has_no_review_and_an_earlier_promise_has(ledger):
    lacking = Missing("who pays", "Add it.")
    filed_in(ledger, handed_in(), handed_in("second-shift", lacking, hash="b" * 64))
    filed_in(ledger, handed_in("sent-back", lacking), handed_in("withdrawn"))
    ledger.withdraw("withdrawn", "It was declined.", lambda _: [], NOW)
    assert due(ledger, DECEMBER) == {1: "2026-12"}
    filed_in(ledger, handed_in("declined"), handed_in("done"))
    for name, choice in (("declined", "decided against"), ("done", "decided for")):
        ledger.decide(name, Decision(choice, "Di Eder", "So.", NOW), lambda _: [], NOW)
    last = {f.name: f.last.number for f in ledger.proposals()}
    assert due(ledger, DECEMBER) == {1: "2026-12", last["done"]: "2026-12"}
    span = Period.parse("2026-10/2026-12", LONDON)
    assert due(ledger, span) == {}


def test_what_was_found_is_recorded_once_and_reviewed_again_only_in_its_period(ledger):
    filed_in(ledger, handed_in())
    run = claim(ledger, DECEMBER, as_of=LATER)
    known = figures(seen(0.75, 0.72, 0.78), seen(112.0, 109.0, 115.0))
    said = reviews(ledger, ledger.proposals(), run, DECEMBER, known, METRICS, lambda *_: True)
    ledger.note_reviews(said, LATER)
    assert ledger.proposals() == with_reviews(ledger.proposals(), said)
    assert due(ledger, DECEMBER.next()) == {}
    assert due(ledger, DECEMBER) == {1: "2026-12"}


# On the page


@pytest.fixture
def decided():
    """The sample as somebody decided about it."""

    def about(choice):
        return replace(handed_in(), decision=Decision(choice, "Di Eder", "It pays.", NOW))

    return about


def board(*filed, period=DECEMBER):
    return drawing_board(as_known(filed, LATER), period, STRATEGY, METRICS, FORMATS)


def filed(*handed, **more):
    return Filed(handed[0].proposal.name, handed, **more)


def test_what_is_missing_is_listed_once_by_item():
    lacking = [
        Missing("who pays", "Add it."),
        Missing("who pays", "And that."),
        Missing("title", ""),
    ]
    (row,) = board(filed(handed_in("a", *lacking)))
    assert (row.proposal, row.kind, row.by, row.said) == (
        "Second shift",
        "sent back",
        "Ada Berg",
        ("who pays", "title"),
    )


def test_predicted_and_found_are_printed_with_their_intervals():
    """110 was to become 114, and is 113 (101–125): +3 (−9 to 15)."""
    money = replace(found(), kind="margin", metric="customer_margin", was=110.0, predicted=114.0)
    margin = replace(money, value=113.0, low=101.0, high=125.0, outcome="not shown")
    (row,) = board(filed(replace(handed_in(), found=(found(), margin))))
    assert (row.kind, row.said) == (
        "reviewed",
        (
            "Gold satisfied: predicted 80\u00a0% from 70\u00a0%, found 75\u00a0% (72–78), "
            "less than predicted",
            "Gold margin per customer: predicted +€4.00, found +€3.00 (−9.00 to 15.00), "
            "too little evidence",
        ),
    )


def test_rows_come_as_handed_in_and_only_as_far_as_was_known():
    lacking = Missing("who pays", "Add it.")
    late = replace(handed_in("late", lacking), at=LATER + timedelta(days=1))
    gone = filed(handed_in("gone", lacking), withdrawn=(NOW, "Declined."))
    first, second = filed(handed_in("b", lacking)), filed(handed_in("a", lacking))
    assert [r.proposal for r in board(first, second, gone, filed(late))] == ["Second shift"] * 2
    assert board() == ()


def test_a_review_stays_four_periods_and_is_waited_for_before():
    reviewed_once = filed(replace(handed_in(), found=(found(),)))
    for months, kinds in ((-1, []), (0, ["reviewed"]), (3, ["reviewed"]), (4, [])):
        period = DECEMBER.shift(months)
        assert [r.kind for r in board(reviewed_once, period=period)] == kinds
    (row,) = board(filed(handed_in()), period=DECEMBER)
    assert (row.kind, row.said) == ("review waits", (WAITS,))


def test_what_passed_is_to_be_decided_until_somebody_has(decided):
    november = DECEMBER.previous()
    (row,) = board(filed(handed_in()), period=november)
    assert (row.kind, row.said) == ("to be decided", ("accepted for decision on 21 Nov 2026",))
    (row,) = board(filed(decided("decided for")), period=november)
    assert (row.kind, row.said) == ("decided for", ("by Di Eder on 21 Nov 2026: It pays.",))
    against = filed(decided("decided against"))
    assert [r.kind for r in board(against, period=november)] == ["decided against"]
    # It is told for four periods, and nobody waits for its review; what was decided for is waited
    # for, and reviewed.
    kinds = [[r.kind for r in board(against, period=DECEMBER.shift(n))] for n in range(4)]
    assert kinds == [["decided against"]] * 3 + [[]]
    kept = board(filed(decided("decided for")), period=DECEMBER)
    assert [r.kind for r in kept] == ["review waits", "decided for"]
    done = replace(decided("decided for"), found=(found(),))
    assert [r.kind for r in board(filed(done))] == ["reviewed"]


def test_a_decision_of_later_is_not_known_yet(decided):
    of = decided("decided for")
    (then,) = as_known([filed(of)], NOW)
    assert then.last.decision == of.decision
    (then,) = as_known([filed(replace(of, decision=replace(of.decision, at=LATER)))], NOW)
    assert then.last.decision is None


def test_a_proposal_without_a_title_or_an_owner_is_named_by_its_file():
    bare = HandedIn(1, Proposal("draft"), "", (Missing("title", "Add it."),), (), NOW)
    (row,) = board(filed(bare))
    assert (row.proposal, row.by) == ("draft", "nobody")


def test_a_view_has_the_rows_of_its_period():
    (row,) = rows_of(view(proposals=[filed(handed_in("a", Missing("who pays", "Add it.")))]))
    assert (row.by, row.said) == ("owner-0", ("who pays",))  # who is no owner there
