"""Which questions a period raises, by the rules that are written down, on material made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sample_choices import OCTOBER
from sample_material import STANCES, Estimate, Signal, chosen, restanced, result, view, with_results

from scorecard.answering.model import Commitment, CommitmentStep, Goal
from scorecard.answering.rules import MOST_QUESTIONS
from scorecard.definitions.results import Verdict
from scorecard.documents.preread import pre_reads
from scorecard.documents.questions import questions
from scorecard.documents.report_data import Answering
from scorecard.ledger import Expired

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


def asked(found):
    """By owner the trigger and subject of each question."""
    return {o: [(q.trigger, q.about) for q in of] for o, of in questions(found).items()}


def text_of(found, about):
    """The only question about that subject, as it is printed, with plain spaces."""
    (text,) = (q.text for of in questions(found).values() for q in of if q.about == about)
    return text.replace("\u00a0", " ")


def test_what_was_not_kept_is_asked_and_what_is_as_accepted_is_not():
    """Ada's Gold replies were not delivered, and so unusually; her two others were kept. Bea's
    Bronze replies are over-served, Bronze customers leave beyond what was accepted."""
    assert asked(view()) == {
        "ada": [("not delivered, exceptional", "reply/gold")],
        "bea": [("over-served weakness", "reply/bronze"), ("beyond acceptance", "kept/bronze")],
    }


def test_a_question_says_its_figure_and_the_page_that_raised_it():
    (question,) = questions(view())["ada"]
    assert (question.number, question.owner, question.period) == (1, "ada", "2026-10")
    assert question.raised_by == "First reply, 9 of 10 within · Gold"
    assert question.figure.replace("\u00a0", " ") == "5.8 h (5.1–6.6), n 1,204"
    assert (question.page, question.theme) == ("Exceptions", "service")


@pytest.mark.parametrize(
    ("about", "text"),
    [
        (
            "reply/gold",
            "What happened in October 2026, to which of these 14 Gold customers, and what did it "
            "cost them and us?",
        ),
        (
            "reply/bronze",
            "9.0 h is better than we chose to pay for: we accepted 12 h to 48 h. Why do we spend "
            "on what we chose to be bad at, and which strength loses it?",
        ),
        (
            "kept/bronze",
            "69.96 % is worse than these customers were to bear: we accepted 70 % or more. Do we "
            "restore it, or tell them?",
        ),
    ],
)
def test_what_is_asked(about, text):
    assert text_of(view(), about) == text


def test_a_miss_by_the_usual_process_asks_for_the_design():
    usual = result("reply/gold", Estimate(5.8, 5.1, 6.6, 1204, 600), "below")
    assert asked(with_results(usual))["ada"] == [("not delivered, routine", "reply/gold")]
    assert text_of(with_results(usual), "reply/gold") == (
        "The process gives 5.8 h; we promised 4 h or less. Which part of the design changes, or do "
        "we stop promising it?"
    )


def undecided(periods):
    waiting = result("csat/gold", Estimate(0.81, 0.76, 0.86, 212, 200), "straddle")
    verdict = Verdict(
        "too little evidence", "straddle", "straddles_limit", "within", periods_undecided=periods
    )
    return with_results(replace(waiting, verdict=verdict))


def test_the_third_undecided_period_asks_how_we_will_know():
    assert ("undecided", "csat/gold") not in asked(undecided(2))["ada"]
    assert ("undecided", "csat/gold") in asked(undecided(3))["ada"]
    assert text_of(undecided(4), "csat/gold") == (
        "The last 4 periods did not decide it: we promised 80 % or more. How will we know, and by "
        "when?"
    )


@pytest.mark.parametrize(
    ("flow", "text"),
    [
        ("exceptional, favourable", "What did we do in October 2026, will it stay, and what"),
        ("exceptional, unfavourable", "What changed in October 2026, and will it go on?"),
    ],
)
def test_a_kept_strength_that_moved_is_asked_about(flow, text):
    moved = result(
        "csat/gold", Estimate(0.9, 0.85, 0.93, 212, 200), "within", signal=Signal(flow, rule="x")
    )
    assert text_of(with_results(moved), "csat/gold").startswith(text)


def test_an_accepted_weakness_that_moved_within_its_limits_is_not_asked_about():
    moved = result(
        "csat/bronze",
        Estimate(0.66, 0.62, 0.7, 400, 390),
        "within",
        signal=Signal("exceptional, unfavourable", rule="x"),
    )
    assert asked(with_results(moved))["ada"] == [("not delivered, exceptional", "reply/gold")]


def test_a_strength_that_another_tier_gets_as_well_is_asked_about():
    """Gold was promised 4 h and gets 3.9 h, Bronze 3.5 h (3.2–3.8), where 48 h were accepted."""
    found = with_results(
        result("reply/gold", Estimate(3.9, 3.6, 3.99, 1204, 600), "within"),
        result("reply/bronze", Estimate(3.5, 3.2, 3.8, 300, 250), "above"),
    )
    assert asked(found)["ada"] == [("tier gap", "reply/gold")]
    assert text_of(found, "reply/gold") == (
        "Bronze, where we accepted worse, gets 3.5 h, and Gold 3.9 h. What does Gold get that the "
        "others do not?"
    )
    slower = result("reply/bronze", Estimate(3.5, 3.2, 4.1, 300, 250), "above")
    kept = result("reply/gold", Estimate(3.9, 3.6, 3.99, 1204, 600), "within")
    assert asked(with_results(slower, kept))["ada"] == []


def test_a_stance_that_expired_asks_for_a_choice():
    """Nobody renewed what was chosen for Gold first replies, which ended with September."""
    ended = next(s for s in STANCES if s.key == "reply/gold")
    rest = [s for s in STANCES if s is not ended]
    found = restanced(*rest, expired=[Expired(ended, date(2026, 10, 1), "v1")])
    assert asked(found)["ada"] == [("expired stance", "reply/gold")]
    assert text_of(found, "reply/gold") == (
        "What we chose ended before 1 Oct 2026: we promised 4 h or less, and it is 5.8 h. What do we "
        "choose now?"
    )


def commitment(due, *steps):
    goal = Goal("reply", "gold", 4.0, None)
    return Commitment(
        41, "ada", "Ada", "bring Gold to 4 h", goal, due, "2026-07", "", NOW, "desk", steps
    )


def test_a_commitment_that_this_period_broke_is_asked_about():
    broken = CommitmentStep("settled", NOW, outcome="broken", value=5.8)
    found = view(answering=Answering(commitments=[commitment("2026-10", broken)]))
    assert asked(found)["ada"][-1] == ("broken commitment", "commitment/41")
    assert text_of(found, "commitment/41") == (
        "You meant to “bring Gold to 4 h”, and it is 5.8 h. Why, and what do you do instead?"
    )
    for other in (
        commitment("2026-09", broken),
        commitment("2026-10"),
        commitment("2026-10", replace(broken, outcome="kept, no effect")),
    ):
        assert len(asked(view(answering=Answering(commitments=[other])))["ada"]) == 1


def test_what_is_asked_is_known_by_the_same_id_whenever_it_is_asked():
    first, again = questions(view()), questions(view())
    assert first == again
    moved = view(period=OCTOBER.next())
    assert {q.id for of in first.values() for q in of}.isdisjoint(
        q.id for of in questions(moved).values() for q in of
    )


def test_nobody_is_asked_more_than_six_questions_and_the_most_urgent_stay():
    """Nine broken commitments beside a miss: the miss is more urgent than each of them."""
    broken = CommitmentStep("settled", NOW, outcome="broken", value=5.8)
    many = [replace(commitment("2026-10", broken), number=n) for n in range(1, 10)]
    mine = asked(view(answering=Answering(commitments=many)))["ada"]
    assert len(mine) == MOST_QUESTIONS
    assert mine[0] == ("not delivered, exceptional", "reply/gold")
    assert [about for _trigger, about in mine[1:]] == [f"commitment/{n}" for n in range(1, 6)]
    pages = dict(pre_reads(view(answering=Answering(commitments=many))))
    rest = "; ".join(f"Commitment {n}" for n in range(6, 10))
    assert pages["ada"].notes == (f"Raised too, and not asked about here: {rest}.",)
    assert pages["bea"].notes == ()


def test_money_is_not_asked_about_more_often_than_service():
    """Three misses of margin and one of replies, all Ada's: one about money stays beside the one
    about service. Where she has nothing but margins, one of them stays."""
    tiers = ("gold", "bronze")
    margins = [chosen(f"customer_margin/{t}", "strength", 5000.0) for t in tiers]
    below = [
        replace(
            result(f"customer_margin/{t}", Estimate(1204.5, None, None, 40, 40, 48180.0)),
            verdict=Verdict("not delivered", "below"),
            stance=f"customer_margin/{t}",
        )
        for t in tiers
    ]
    replies = next(s for s in STANCES if s.key == "reply/gold")
    both = restanced(replies, *margins)
    both = replace(
        both,
        data=replace(
            both.data, results=dict(both.data.results) | {(r.metric, r.tier): r for r in below}
        ),
    )
    assert [q.theme for q in questions(both)["ada"]] == ["service", "money"]
    alone = restanced(*margins)
    alone = replace(
        alone,
        data=replace(
            alone.data, results=dict(alone.data.results) | {(r.metric, r.tier): r for r in below}
        ),
    )
    assert [q.theme for q in questions(alone)["ada"]] == ["money"]
