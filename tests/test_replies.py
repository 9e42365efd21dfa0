"""The door through which everything that owners write is recorded, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sample_ledger import question
from sample_measures import a_metric
from test_ledger import NOW, OCTOBER, claim, stance

from scorecard.answering.model import Goal, Promised, Renegotiated, Reply, Withdrawn
from scorecard.base.periods import Period
from scorecard.errors import AlteredError, ProjectError, ReplyError
from scorecard.ledger import Ledger
from scorecard.replies.door import Door
from scorecard.strategy.model import Executive, Owner, Strategy, Team, TierPlan

MINUTE = timedelta(minutes=1)
DEADLINE = NOW + timedelta(days=2)
GOLD = Goal("csat", "gold", 0.8, None)
STRATEGY = Strategy(
    plan=TierPlan("declared", ("gold", "bronze")),
    teams=(Team("north", "Team North", "ada"),),
    owners=(
        Owner("support", "Ada Berg", "Head of support", "north", "Reply.", deputy="field"),
        Owner("field", "Bo Carr", "Field service", "north", "Mend.", since=date(2026, 1, 1)),
        Owner("sales", "Cy Dahl", "Sales", "north", "Sell.", until=date(2026, 9, 1)),
    ),
    executives=(Executive("coo", "Di Eder", "COO"),),
    stances=(stance(owner="support"), stance("bronze", 0.5, owner="field")),
)


def said_when(moment: datetime) -> str:
    return f"{moment:%d %b %Y, %H:%M}"


@pytest.fixture
def door(ledger):
    return Door(ledger, STRATEGY, "Europe/London", said_when)


@pytest.fixture
def edition(ledger):
    return asking(ledger)


def asking(ledger):
    """Ada's page of October, which asks two questions."""
    run = claim(ledger)
    frozen = ledger.freeze("pre-read", "support", "{}", run, NOW)
    asked = [question(owner="support"), question("q2", 2, "support")]
    ledger.ask(asked, frozen.id, DEADLINE, NOW)
    return frozen


def reply(edition, *answers, **more):
    given = {"owner": "support", "person": "Ada Berg", "source": "command", **more}
    return Reply(edition_id=edition.id, answers=answers, **given)


def refused(door, said, now=NOW):
    """What speaks against a reply, of which nothing was recorded."""
    before = _all(door.ledger)
    with pytest.raises(ReplyError) as error:
        door.receive(said, now)
    assert _all(door.ledger) == before
    return error.value.said


def _all(ledger):
    return (ledger.answers(OCTOBER), ledger.commitments(), ledger.acknowledgements(OCTOBER))


def test_a_reply_is_recorded_with_who_said_it_when_and_how(door, edition):
    said = reply(
        edition,
        ("q1", "Two posts were  vacant,\nbecause the intake slipped."),
        promised=(Promised("bring Gold to 80 %", GOLD, "2026-12"),),
        read=True,
    )
    receipt = door.receive(said, NOW + MINUTE)
    assert (receipt.answered, receipt.promised, receipt.read, receipt.known) == (
        (1,),
        (1,),
        True,
        (),
    )
    ((answer,),) = door.ledger.answers(OCTOBER).values()
    assert answer.text == "Two posts were vacant, because the intake slipped."
    assert (answer.person, answer.source, answer.said_at) == ("Ada Berg", "command", NOW + MINUTE)
    (commitment,) = door.ledger.commitments("support")
    assert (commitment.due_now, commitment.is_open, commitment.period) == (
        "2026-12",
        True,
        "2026-10",
    )
    (read,) = door.ledger.acknowledgements(OCTOBER)
    assert (read.edition_id, read.person) == (edition.id, "Ada Berg")


def test_the_same_reply_again_is_recorded_once(door, edition):
    said = reply(
        edition,
        ("q1", "It rained."),
        promised=(Promised("bring Gold to 80 %", GOLD, "2026-12"),),
        read=True,
    )
    door.receive(said, NOW)
    again = door.receive(said, NOW + MINUTE)
    assert (again.answered, again.promised, again.read) == ((), (), False)
    assert len(again.known) == 3
    assert len(door.ledger.commitments()) == 1


def test_a_later_answer_is_added_and_nothing_is_overwritten(door, edition):
    door.receive(reply(edition, ("q1", "It rained.")), NOW)
    door.receive(
        reply(edition, ("q1", "It rained, and the roof leaked."), source="desk"), NOW + MINUTE
    )
    first, second = door.ledger.answers(OCTOBER)["q1"]
    assert (first.number, first.text, first.source) == (1, "It rained.", "command")
    assert (second.number, second.source) == (2, "desk")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("word " * 61, "61 words"),
        ("字" * 601, "601 signs"),
    ],
)
def test_an_answer_has_one_to_sixty_words(door, edition, text, said):
    (sentence,) = refused(door, reply(edition, ("q1", text)))
    assert sentence.startswith("Question 1: the answer") and said in sentence
    assert door.receive(reply(edition, ("q1", "word " * 60)), NOW).answered == (1,)


def test_answers_are_taken_until_the_deadline_and_not_after(door, edition):
    assert door.receive(reply(edition, ("q1", "In time.")), DEADLINE).answered == (1,)
    (sentence,) = refused(door, reply(edition, ("q2", "Late.")), DEADLINE + timedelta(seconds=1))
    assert "until 23 Nov 2026, 09:30" in sentence


def test_all_that_is_wrong_is_said_and_nothing_is_recorded(door, edition):
    said = reply(
        edition,
        ("q1", "Fine."),
        ("q9", "What?"),
        promised=(
            Promised("", GOLD, "2026-09"),
            Promised("x", replace(GOLD, tier="bronze"), "2026-12"),
        ),
        withdrawn=(Withdrawn(7, "other"),),
    )
    sentences = refused(door, said)
    assert [s.split(";")[0] for s in sentences] == [
        'Question "q9" was not asked of "support" in that period. Known: q1, q2.',
        "The commitment is empty",
        "2026-09 is over",
        '"support" has no stance "csat/bronze" in force',
        "There is no commitment 7 of this post. It has none yet.",
    ]


@pytest.mark.parametrize(
    ("owner", "person", "sentence"),
    [
        ("suport", "Ada Berg", 'There is no owner "suport". Did you mean "support"?'),
        ("support", "Bo Carr", 'Bo Carr does not answer for "support"; today Ada Berg does.'),
        ("field", "Bo Carr", "is no edition of a page of"),
        ("sales", "Cy Dahl", 'Cy Dahl does not answer for "sales"; today Di Eder does.'),
    ],
)
def test_only_who_answers_for_a_post_speaks_for_it(door, edition, owner, person, sentence):
    said = refused(door, reply(edition, ("q1", "Fine."), owner=owner, person=person))
    assert sentence in " ".join(said)


def test_a_deputy_answers_once_the_owner_has_left(door, edition):
    gone = replace(STRATEGY.owners[0], until=date(2026, 11, 1))
    left = replace(STRATEGY, owners=(gone, *STRATEGY.owners[1:]))
    standing_in = replace(door, strategy=left)
    assert "today Bo Carr does" in " ".join(refused(standing_in, reply(edition, ("q1", "Fine."))))
    assert standing_in.receive(reply(edition, ("q1", "Fine."), person="Bo Carr"), NOW).answered == (
        1,
    )


def test_an_edition_that_was_replaced_is_not_answered(door, edition):
    run = door.ledger.run(edition.run_id)
    newer = door.ledger.freeze("pre-read", "support", '{"n": 2}', run, NOW)
    (sentence,) = refused(door, reply(edition, ("q1", "Fine.")))
    assert sentence.startswith("Edition 1 of 2026-10 was replaced by edition 2")
    assert door.receive(reply(newer, ("q1", "Fine.")), NOW).answered == (1,)


def test_an_unknown_edition_and_an_empty_reply_are_refused(door, edition):
    (sentence,) = refused(door, replace(reply(edition, ("q1", "Fine.")), edition_id="nowhere"))
    assert '"nowhere" is no edition' in sentence
    assert refused(door, reply(edition))[0].startswith("The reply says nothing")


def test_five_commitments_may_be_open(door, edition):
    five = tuple(Promised(f"do {n}", GOLD, "2026-12") for n in range(5))
    door.receive(reply(edition, promised=five), NOW)
    (sentence,) = refused(door, reply(edition, promised=(Promised("do 6", GOLD, "2026-12"),)))
    assert sentence.startswith("5 commitments are open (1, 2, 3, 4, 5), and 5 are the most")
    # One that is withdrawn in the same reply makes room.
    both = reply(
        edition,
        promised=(Promised("do 6", GOLD, "2026-12"),),
        withdrawn=(Withdrawn(2, "scope", "The line was sold."),),
    )
    assert door.receive(both, NOW).promised == (6,)
    assert [c.number for c in door.ledger.commitments() if c.is_open] == [1, 3, 4, 5, 6]


def test_six_at_once_are_too_many(door, edition):
    six = tuple(Promised(f"do {n}", GOLD, "2026-12") for n in range(6))
    (sentence,) = refused(door, reply(edition, promised=six))
    assert sentence.startswith("5 commitments are open (all new)")


def test_two_who_promise_at_once_do_not_make_six(door, edition):
    four = tuple(Promised(f"do {n}", GOLD, "2026-12") for n in range(4))
    door.receive(reply(edition, promised=four), NOW)
    both, outcomes = Barrier(2), []

    def promise(what):
        both.wait()
        try:
            door.receive(reply(edition, promised=(Promised(what, GOLD, "2026-12"),)), NOW)
            outcomes.append("made")
        except ReplyError:
            outcomes.append("refused")

    threads = [Thread(target=promise, args=(what,)) for what in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused"]
    assert len(door.ledger.commitments()) == 5


def test_a_commitment_is_renegotiated_before_it_is_due_and_to_a_later_period(door, edition):
    door.receive(reply(edition, promised=(Promised("do it", GOLD, "2026-12"),)), NOW)
    for due, said in (
        ("2026-12", "later period"),
        ("2026-11", "later period"),
        ("2026-Q4", "quarter"),
    ):
        moved = reply(edition, renegotiated=(Renegotiated(1, due, "staffing"),))
        assert said in " ".join(refused(door, moved))
    moved = reply(
        edition, renegotiated=(Renegotiated(1, "2027-02", "staffing", "Hired in January"),)
    )
    assert door.receive(moved, NOW).renegotiated == (1,)
    (commitment,) = door.ledger.commitments()
    assert (commitment.due, commitment.due_now, commitment.is_open) == ("2026-12", "2027-02", True)
    late = datetime.fromisoformat("2027-03-01T00:00+00:00")
    moved = reply(edition, renegotiated=(Renegotiated(1, "2027-05", "staffing"),))
    assert "which is over" in " ".join(refused(door, moved, late))


def test_what_is_closed_stays_closed_and_reasons_are_counted_ones(door, edition):
    door.receive(reply(edition, promised=(Promised("do it", GOLD, "2026-12"),)), NOW)
    said = refused(door, reply(edition, withdrawn=(Withdrawn(1, "stafing"),)))
    assert said[0].endswith('Did you mean "staffing"?')
    door.receive(reply(edition, withdrawn=(Withdrawn(1, "money"),)), NOW)
    (sentence,) = refused(door, reply(edition, withdrawn=(Withdrawn(1, "scope"),)))
    assert sentence == "Commitment 1 is closed (withdrawn); it cannot be withdrawn any more."


@pytest.mark.parametrize(
    "said",
    [
        {"withdrawn": (Withdrawn(1, "money", "The  line was sold."),)},
        {"renegotiated": (Renegotiated(1, "2027-02", "staffing"),)},
    ],
)
def test_a_step_that_comes_twice_is_taken_once_and_is_no_fault(door, edition, said):
    door.receive(reply(edition, promised=(Promised("do it", GOLD, "2026-12"),)), NOW)
    first = door.receive(reply(edition, **said), NOW)
    assert (first.withdrawn or first.renegotiated) == (1,) and first.known == ()
    again = door.receive(reply(edition, **said), NOW + MINUTE)
    assert (again.withdrawn, again.renegotiated) == ((), ())
    (known,) = again.known
    assert known.startswith("Commitment 1 was ") and known.endswith("in these words before.")
    (commitment,) = door.ledger.commitments()
    assert len(commitment.steps) == 1
    # In other words it is another step, and of a closed one there is none.
    other = {k: tuple(replace(s, reason="scope") for s in v) for k, v in said.items()}
    (sentence,) = refused(door, reply(edition, **other))
    assert "is closed (withdrawn)" in sentence or "renegotiate it to a later period" in sentence


def test_two_who_withdraw_at_once_withdraw_once_and_both_are_told_so(url, tmp_path):
    """Two processes with a ledger each, as two desks behind one proxy."""
    with Ledger.open(url, tmp_path) as one, Ledger.open(url, tmp_path) as other:
        edition = asking(one)
        doors = [Door(ledger, STRATEGY, "Europe/London", said_when) for ledger in (one, other)]
        promised = (Promised("do it", GOLD, "2026-12"),)
        doors[0].receive(reply(edition, promised=promised), NOW)
        both, got = Barrier(2), []

        def withdraw(door):
            both.wait()
            said = reply(edition, withdrawn=(Withdrawn(1, "money"),))
            got.append(door.receive(said, NOW))

        threads = [Thread(target=withdraw, args=(door,)) for door in doors]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(receipt.withdrawn for receipt in got) == [(), (1,)]
        (commitment,) = one.commitments()
        assert [step.step for step in commitment.steps] == ["withdrawn"]


def test_the_same_answer_again_is_no_fault_after_the_deadline(door, edition):
    door.receive(reply(edition, ("q1", "It rained.")), DEADLINE)
    late = DEADLINE + MINUTE
    again = door.receive(reply(edition, ("q1", "It  rained.")), late)
    assert again.known == ("Question 1 was answered in these words before.",)
    assert "answers were taken" in refused(door, reply(edition, ("q1", "It poured.")), late)[0]


def test_without_keeping_the_receipt_says_what_would_be_and_nothing_is(door, edition):
    said = reply(
        edition,
        ("q1", "It rained."),
        promised=(Promised("do it", GOLD, "2026-12"),),
        read=True,
    )
    before = door.ledger.head()
    tried = door.receive(said, NOW, keep=False)
    assert (tried.answered, tried.promised, tried.read) == ((1,), (1,), True)
    assert _all(door.ledger) == ({}, [], []) and door.ledger.head() == before
    with pytest.raises(ReplyError, match="says nothing"):
        door.receive(reply(edition), NOW, keep=False)
    assert door.receive(said, NOW) == tried


def test_a_commitment_has_the_limit_or_a_better_goal_whoever_hands_it_in(door, edition):
    knowing = replace(door, metrics={"csat": replace(a_metric(), name="csat")})
    for at_worst, at in ((0.7, knowing), (None, knowing), (0.9, door)):
        promised = Promised("bring it up", replace(GOLD, at_worst=at_worst), "2026-12")
        (sentence,) = refused(at, reply(edition, promised=(promised,)))
        assert sentence.startswith("The goal ")
    better = knowing.goal("support", "csat/gold", NOW, "90 %")
    promised = Promised("bring it up", better, "2026-12")
    assert knowing.receive(reply(edition, promised=(promised,)), NOW).promised == (1,)
    assert door.ledger.commitments()[0].goal == replace(GOLD, at_worst=0.9)


def page_of(ledger, period):
    """Ada's page about a period, given by its key."""
    run = claim(ledger, Period.parse(period, "Europe/London"))
    return ledger.freeze("owner-scorecard", "support", "{}", run, NOW)


@pytest.mark.parametrize("due", ["2026-12", "2026-11_2027-04", "2026-11/2027-04", "2027-Q1"])
@pytest.mark.parametrize("span", ["2026-05/2026-10", "2026-10-05/2026-10-23"])
def test_what_is_promised_is_judged_by_periods_and_not_by_spans(door, span, due):
    """The figure of a span is made once, by hand: nothing would ever settle what it is to show."""
    page = page_of(door.ledger, span)
    (sentence,) = refused(door, reply(page, promised=(Promised("do it", GOLD, due),)))
    assert sentence == (
        f"The commitment answers a page about {span}, which is a span, and what is promised is "
        "judged by regular periods; make it on the page of one of these."
    )
    assert door.receive(reply(page, read=True), NOW).read


def test_on_a_spans_page_what_is_open_can_be_moved_and_withdrawn(door, edition):
    for what in ("do it", "do more"):
        door.receive(reply(edition, promised=(Promised(what, GOLD, "2026-12"),)), NOW)
    page = page_of(door.ledger, "2026-05/2026-10")
    moved = reply(
        page,
        renegotiated=(Renegotiated(1, "2027-02", "staffing"),),
        withdrawn=(Withdrawn(2, "scope"),),
    )
    assert door.receive(moved, NOW).renegotiated == (1,)
    (sentence,) = refused(
        door, reply(page, renegotiated=(Renegotiated(1, "2026-11_2027-04", "scope"),))
    )
    assert "is a span, and the figure is made by the month; name a month" in sentence


def test_a_company_of_quarters_commits_to_quarters(door):
    page = page_of(door.ledger, "2026-Q3")
    for due, said in (
        ("2026-12", "2026-12 is a month, and the figure is made by the quarter; name a quarter,"),
        ("2026-09_2027-02", "2026-09/2027-02 is a span, and the figure is made by the quarter;"),
        ("2026-Q3", "2026-Q3 is over"),
    ):
        (sentence,) = refused(door, reply(page, promised=(Promised("do it", GOLD, due),)))
        assert sentence.startswith(said), sentence
    made = door.receive(reply(page, promised=(Promised("do it", GOLD, "2026-Q4"),)), NOW)
    assert made.promised == (1,)
    moved = reply(page, renegotiated=(Renegotiated(1, "2027-Q2", "staffing"),))
    assert door.receive(moved, NOW).renegotiated == (1,)
    (commitment,) = door.ledger.commitments()
    assert (commitment.period, commitment.due, commitment.due_now) == (
        "2026-Q3",
        "2026-Q4",
        "2027-Q2",
    )


def test_the_goal_is_the_limit_of_an_own_stance_in_force(door):
    assert door.goal("support", "csat/gold", NOW) == GOLD
    with pytest.raises(ProjectError, match=r'no stance "csat/golt" .*Did you mean "csat/gold"'):
        door.goal("support", "csat/golt", NOW)
    with pytest.raises(ProjectError, match="in force"):
        door.goal("support", "csat/gold", datetime.fromisoformat("2025-12-31T00:00+00:00"))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE answer SET text = 'All is well.'",
        "UPDATE question SET answer_by = NULL",
        "UPDATE commitment SET due = '2030-12'",
    ],
)
def test_what_was_said_and_then_altered_is_named(url, tmp_path, change):
    with Ledger.open(url, tmp_path) as ledger:
        edition = asking(ledger)
        said = reply(edition, ("q1", "It rained."), promised=(Promised("do it", GOLD, "2026-12"),))
        Door(ledger, STRATEGY, "Europe/London", said_when).receive(said, NOW)
        with ledger._engine.begin() as connection:
            connection.exec_driver_sql(change)
        with pytest.raises(AlteredError, match=change.split()[1]):
            ledger.asked(OCTOBER)
            ledger.answers(OCTOBER)
            ledger.commitments()
