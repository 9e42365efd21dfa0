"""The loop of asking, answering and settling with the whole pipeline behind it, and its commands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from command import refused, scorecard
from sample_project import small

from scorecard.answering.model import Promised, Reply
from scorecard.base.periods import Period
from scorecard.delivery.correction import restate
from scorecard.delivery.issuing import Issuer
from scorecard.documents.grammar import plural
from scorecard.documents.kinds import read_document
from scorecard.errors import LedgerError, ReplyError
from scorecard.ledger import Ledger, Owed
from scorecard.printing.readback import text_of
from scorecard.project.declared import declared
from scorecard.replies.door import Door
from scorecard.schedules.model import Answers, Audience, BusinessDay, LastTry, Schedule, When

ZONE = "Europe/London"
MAY = Period.parse("2026-05", ZONE)
JUNE = MAY.next()
DAY = timedelta(days=1)
ASKED_ON = datetime(2026, 6, 15, 6, tzinfo=UTC)
DEADLINE = datetime(2026, 6, 18, 17, tzinfo=UTC)
"""Business day 14 of June, 18:00 in London."""
PRE_READ = Schedule(
    "pre-reads",
    "Pre-reads",
    ("pre-read",),
    When(BusinessDay(11), time(7), ZONE),
    (Audience("owners"),),
    answers=Answers(LastTry(BusinessDay(14), time(18))),
)
PACKET = replace(PRE_READ, id="packet", documents=("executive-packet",), answers=None)
OWNERS = replace(PACKET, id="owners", documents=("owner-scorecard",))
TEAMS = replace(PACKET, id="teams", documents=("team-review",))


def issue(acme, ledger, schedule, period, moment):
    """What a schedule issues at a moment: its documents, by scope."""
    owed = Owed(schedule.id, period.key, moment, moment + DAY, moment + 2 * DAY)
    ledger.expect(schedule.id, [owed], moment)
    done = Issuer(acme, ledger, lambda: moment, "me", lambda *_: None).issue(schedule, period)
    assert done.state == "done", done.reason
    editions = [ledger.edition(id) for id in ledger.run(done.run_id).detail["editions"]]
    return {e.scope: (e, read_document(e.document, e.content)) for e in editions}


@pytest.fixture
def acme(tmp_path):
    return small(tmp_path / "acme")


@pytest.fixture
def memory(acme):
    with Ledger.open(acme.ledger, acme.root) as ledger:
        yield ledger


def door(acme, ledger):
    said = lambda moment: acme.formats.moment(moment, ZONE)  # noqa: E731
    return Door(ledger, declared(acme).strategy, ZONE, said)


def test_a_period_is_asked_about_answered_and_settled(acme, memory):
    """May is asked about in June; somebody answers one question and commits to June, and nobody
    answers the others. June's figures settle the commitment, and the packets print all of it."""
    found = issue(acme, memory, PRE_READ, MAY, ASKED_ON)
    asked = memory.asked(MAY)
    assert asked and {a.answer_by for a in asked} == {DEADLINE}
    for edition, document in found.values():
        mine = [a for a in asked if a.question.owner == edition.scope]
        assert [q.question for q in document.questions] == [a.question for a in mine]
        assert {a.edition_id for a in mine} <= {edition.id}
        assert document.answer_by == "18 Jun 2026 18:00 Europe/London"

    first = asked[0].question
    edition, document = found[first.owner]
    strategy = declared(acme).strategy
    person = strategy.owner(first.owner).name
    entrance = door(acme, memory)
    goal = entrance.goal(first.owner, first.about, ASKED_ON)
    reply = Reply(
        first.owner,
        person,
        edition.id,
        "desk",
        (
            (
                first.id,
                "The night shift was one short, because the intake that Grace Example knows of slipped, and Alder Tooling was called.",
            ),
        ),
        (Promised("fill the night shift", goal, MAY.key),),
        read=True,
    )
    with pytest.raises(ReplyError, match="2026-05 is over"):
        entrance.receive(reply, ASKED_ON + DAY)
    later = replace(reply, promised=(replace(reply.promised[0], due=JUNE.key),))
    entrance.receive(later, ASKED_ON + DAY)
    with pytest.raises(ReplyError, match="answers were taken until 18 Jun 2026 18:00"):
        late = replace(reply, answers=((first.id, "Somebody was ill."),), promised=())
        entrance.receive(late, DEADLINE + DAY)
    # The same form again, as from a page that was left open, says nothing new and is no fault.
    again = entrance.receive(later, DEADLINE + DAY)
    assert (again.answered, again.promised, len(again.known)) == ((), (), 3)

    packet = issue(acme, memory, PACKET, MAY, DEADLINE + DAY)["executives"][1]
    page = packet.accountability
    said = {r.text: r for r in (*page.questions, *page.answers)}
    assert said[first.text].answer.startswith("The night shift was one short")
    assert said[first.text].said == f"{person}, 16 Jun 2026 07:00 {ZONE}"
    silent = [r for r in page.questions]
    assert {r.said for r in silent} <= {f"No answer by 18 Jun 2026 18:00 {ZONE}"}
    assert len(silent) == len(asked) - 1
    assert page.sentence.startswith(f"1 of {len(asked)} question")
    assert page.read == f"Pages were acknowledged by {person}."

    own = issue(acme, memory, OWNERS, MAY, DEADLINE + DAY)[first.owner][1]
    assert [a.answer for a in own.asked if a.answer] == [said[first.text].answer]
    assert {a.said for a in own.asked if not a.answer} <= {r.said for r in silent}
    assert [(c.text, c.outcome) for c in own.commitments] == [("fill the night shift", "open")]
    assert own.read == f"Read by {person} on 16 Jun 2026 07:00 {ZONE}"

    june = issue(acme, memory, PACKET, JUNE, datetime(2026, 7, 20, 6, tzinfo=UTC))["executives"][1]
    (commitment,) = memory.commitments()
    assert commitment.last is not None and commitment.last.step == "settled"
    results = {f"{r.metric}/{r.tier}": r for r in memory.results(JUNE)}
    due = results[goal.key]
    assert (commitment.last.value, commitment.last.n) == (due.estimate.value, due.estimate.n)
    kept = due.verdict.region == "within"
    assert commitment.last.outcome.startswith("kept") == kept
    closed, *late = june.since.answering
    assert closed == (
        f"0 commitments were made and 1 closed (1 {commitment.last.outcome}). 0 are open, 1 was "
        "then."
    )
    open_then, open_now = (
        sum(int(o.open) for o in p.accountability.owners) for p in (packet, june)
    )
    assert (open_then, open_now) == (1, 0)
    of = len(silent)
    assert late == (
        [f"0 of {of} {plural(of, 'question')} that had no answer then were answered since."]
        if of
        else []
    )


def test_what_nobody_answered_or_acknowledged_is_named_with_who_is_told(acme, memory):
    """The pre-read of May asks the head of service, who says nothing; the team's lead is told."""
    issue(acme, memory, PRE_READ, MAY, ASKED_ON)
    of = len(memory.asked(MAY))
    packet = issue(acme, memory, PACKET, MAY, DEADLINE + DAY)["executives"][1]
    review = issue(acme, memory, TEAMS, MAY, DEADLINE + DAY)["service"][1]
    page = issue(acme, memory, OWNERS, MAY, DEADLINE + DAY)["head-of-service"][1]
    for record in (packet.accountability, review.record):
        (row,) = record.unread
        assert (row.owner, row.pages) == ("Ada Example", "pre-read of May 2026")
        assert row.told == "Grace Example, lead of Service"
        (owner,) = (o for o in record.owners if o.name == "Ada Example")
        assert owner.answered == f"0 of {of}"
        assert owner.silent == f"No answer by 18 Jun 2026 18:00 {ZONE}: {of}"
    assert page.notes[0] == (
        "Nobody acknowledged the pre-read of May 2026; told of it: Grace Example, lead of Service."
    )
    assert packet.accountability.sentence.endswith("; 1 owner did not acknowledge their page.")


def test_the_same_questions_are_asked_once_and_keep_their_deadline(acme, memory):
    issue(acme, memory, PRE_READ, MAY, ASKED_ON)
    before = memory.asked(MAY)
    again = replace(PRE_READ, id="again", answers=Answers(LastTry(BusinessDay(15), time(18))))
    issue(acme, memory, again, MAY, ASKED_ON + DAY)
    assert memory.asked(MAY) == before


def test_what_is_asked_late_leaves_as_much_time_and_is_not_asked_anew_when_that_is_over(
    acme, memory
):
    """By hand, a month after its own deadline; and a correction later still."""
    late = DEADLINE + 30 * DAY
    owed = Owed(PRE_READ.id, MAY.key, ASKED_ON, ASKED_ON + DAY, ASKED_ON + 2 * DAY)
    memory.expect(PRE_READ.id, [owed], late)
    moments = [late]
    issuer = Issuer(acme, memory, lambda: moments[-1], "me", lambda *_: None)
    assert issuer.issue(PRE_READ, MAY, by_hand=True).state == "done"
    until = late + (DEADLINE - ASKED_ON)
    asked = memory.asked(MAY)
    assert asked and {a.answer_by for a in asked} == {until}
    said = f"answers until {acme.formats.moment(until, ZONE)}"
    (file,) = (acme.output / MAY.key / "pre-reads").glob("*.pdf")
    assert said in " ".join(text_of(file.read_bytes()).split())
    moments.append(until + DAY)
    with pytest.raises(LedgerError, match="Nothing was made for 2026-05 but pre-reads"):
        restate(issuer, {PRE_READ.id: PRE_READ}, MAY, "Late.")
    assert memory.asked(MAY) == asked


def test_the_commands_answer_commit_and_print(acme, memory):
    issue(acme, memory, PRE_READ, MAY, ASKED_ON)
    first = memory.asked(MAY)[0]
    # The commands go by the machine's clock, which is long after the deadline.
    sentence = refused(
        "answer", first.question.owner, first.question.number, "It rained.", cwd=acme.root
    )
    assert "answers were taken until 18 Jun 2026 18:00" in sentence
    ended, out, _ = scorecard("questions", "--json", cwd=acme.root)
    listed = json.loads(out)
    assert (ended, len(listed)) == (0, len(memory.asked(MAY)))
    assert listed[0]["text"] == first.question.text and listed[0]["answers"] == []
    ended, out, _ = scorecard("questions", first.question.owner, cwd=acme.root)
    assert "No answer by 18 Jun 2026 18:00" in out
    words = (
        "commit",
        first.question.owner,
        "fill the night shift",
        "--moves",
        first.question.about,
    )
    sentence = refused(*words, "--due", "2026-05", cwd=acme.root)
    assert "2026-05 is over" in sentence
    assert refused("commit", "nobody", "x", "--moves", "a/b", "--due", "2099-01", cwd=acme.root)
    ended, out, _ = scorecard(*words, "--due", "2099-01", cwd=acme.root)
    assert (ended, out.split(" recorded")[0]) == (0, "Commitment 1")
    ended, out, _ = scorecard("commitments", "--json", cwd=acme.root)
    assert [c["text"] for c in json.loads(out)] == ["fill the night shift"]
    owner = first.question.owner
    ended, out, _ = scorecard(
        "renegotiate", owner, "1", "--due", "2099-02", "--because", "staffing", cwd=acme.root
    )
    assert (ended, out.split(" (")[0]) == (0, "Commitment 1 renegotiated")
    assert 'Did you mean "staffing"?' in refused(
        "withdraw", owner, "1", "--because", "stafing", cwd=acme.root
    )
    ended, out, _ = scorecard("withdraw", owner, "1", "--because", "scope", cwd=acme.root)
    assert (ended, out.split(" (")[0]) == (0, "Commitment 1 withdrawn")
    ended, out, _ = scorecard("commitments", "--all", cwd=acme.root)
    assert "withdrawn (scope)" in out
    ended, out, _ = scorecard("acknowledge", owner, cwd=acme.root)
    assert ended == 0 and out.startswith("Recorded that it was read")
