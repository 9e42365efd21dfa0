"""A pre-read that is made again: who is mailed another one, and what becomes of its questions."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from command import scorecard
from sample_project import small
from test_answering import ASKED_ON, DAY, DEADLINE, MAY, PACKET, PRE_READ, door, issue

from scorecard.answering.model import Promised, Renegotiated, Reply, Withdrawn
from scorecard.delivery.correction import correct, restate
from scorecard.delivery.issuing import Issuer
from scorecard.documents.asked_model import CommitmentLine
from scorecard.documents.kinds import read_document
from scorecard.documents.preread import as_told_before
from scorecard.documents.still_asked import still_asked
from scorecard.errors import ReplyError
from scorecard.ledger import Ledger
from scorecard.project.settings import Project

OWNER, PERSON = "head-of-service", "Ada Example"
GOLD, BRONZE = "first_reply_p90/gold", "first_reply_p90/bronze"
WHY = "A late file came in."


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The small company with the first edition of May's pre-read, which asks about Gold's reply."""
    acme = small(tmp_path_factory.mktemp("again") / "acme")
    with Ledger.open(acme.ledger, acme.root) as ledger:
        ((_, document),) = issue(acme, ledger, PRE_READ, MAY, ASKED_ON).values()
    assert [line.question.about for line in document.questions] == [GOLD]
    return acme.root


@pytest.fixture
def acme(printed, tmp_path):
    shutil.copytree(printed, tmp_path / "acme")
    return Project.at(tmp_path / "acme", {})


@pytest.fixture
def memory(acme):
    with Ledger.open(acme.ledger, acme.root) as ledger:
        yield ledger


@pytest.fixture
def first(memory):
    return memory.newest_edition("pre-read", OWNER, MAY.key)


def say(acme, ledger, edition, at=ASKED_ON + DAY, **said):
    return door(acme, ledger).receive(Reply(OWNER, PERSON, edition.id, "desk", **said), at)


def promise(acme, ledger, what="fill the night shift", due="2026-07"):
    return Promised(what, door(acme, ledger).goal(OWNER, GOLD, ASKED_ON), due)


def corrected(acme, ledger, at):
    made = correct(Issuer(acme, ledger, lambda: at, "me", lambda *_: None), PRE_READ, MAY, WHY)
    edition = ledger.newest_edition("pre-read", OWNER, MAY.key)
    return made, edition, read_document("pre-read", edition.content)


def mailed(ledger):
    listed = ledger.deliveries(schedule=PRE_READ.id, kind="document")
    return [(each.recipient, ledger.edition(each.edition_id).number) for each in listed]


def replied_within(folder, hours):
    """Correct May's interactions: every first reply, and its end, came so many hours after."""
    file = folder / "facts" / "interactions.csv"
    with file.open(newline="") as read_from:
        rows = list(csv.DictReader(read_from))
    for row in rows:
        if row["opened_at"].startswith("2026-05") and row["first_human_reply_at"]:
            moment = datetime.fromisoformat(row["opened_at"]) + timedelta(hours=hours)
            row["first_human_reply_at"] = row["resolved_at"] = moment.isoformat(sep=" ")
    with file.open("w", newline="") as written:
        writer = csv.DictWriter(written, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_what_its_owner_said_since_is_no_reason_for_another_one(acme, memory, first):
    """Somebody commits, withdraws and commits anew. A correction, asked for because of somebody
    else's figures, mails them nothing, and the page that they have open still takes answers."""
    assert mailed(memory) == [("ada@example.com", 1)]
    say(acme, memory, first, promised=(promise(acme, memory),))
    say(acme, memory, first, promised=(promise(acme, memory, "train two people"),))
    say(acme, memory, first, withdrawn=(Withdrawn(1, "scope"),))
    say(acme, memory, first, renegotiated=(Renegotiated(2, "2026-09", "staffing"),))
    made, newest, _ = corrected(acme, memory, ASKED_ON + 2 * DAY)
    assert (made.documents, made.differing, made.queued) == (1, 0, 0)
    issuer = Issuer(acme, memory, lambda: ASKED_ON + 2 * DAY, "me", lambda *_: None)
    again = restate(issuer, {PRE_READ.id: PRE_READ}, MAY, WHY)
    assert (again.replaced, again.queued) == ((), 0)
    assert (newest.id, mailed(memory)) == (first.id, [("ada@example.com", 1)])
    (asked,) = memory.asked(MAY)
    late = ASKED_ON + 2 * DAY
    assert say(acme, memory, first, late, answers=((asked.question.id, "Rain."),)).answered == (1,)


def test_where_figures_differ_another_one_is_mailed_with_all_that_was_said(acme, memory, first):
    say(acme, memory, first, promised=(promise(acme, memory),))
    replied_within(acme.root, 9)
    made, newest, document = corrected(acme, memory, ASKED_ON + 2 * DAY)
    assert (made.differing, made.queued, newest.number) == (1, 1, 2)
    assert mailed(memory) == [("ada@example.com", 1), ("ada@example.com", 2)]
    assert [(c.text, c.outcome) for c in document.commitments] == [("fill the night shift", "open")]
    # What is asked still is asked with the figure that it has now.
    (put,), (stands,), (line,) = (
        [a for a in of if a.question.about == GOLD]
        for of in (memory.asked(MAY), still_asked(memory, MAY), document.questions)
    )
    assert put.question.id == stands.question.id and put.question.text != stands.question.text
    assert stands.question == line.question and "9.0\u00a0h" in stands.question.text
    assert document.restated[0] == f"This replaces edition 1, because: {WHY}"


def test_what_a_figure_settled_is_told_and_what_an_owner_said_is_not(acme, memory, first):
    before = read_document("pre-read", memory.edition(first.id).content)
    line = CommitmentLine(1, "do it", "First reply", "4 May 2026", "July 2026", "open")
    said = replace(before, commitments=(line,), record="Last 4 periods: 1 withdrawn.")
    assert as_told_before(said, before) == before
    for outcome in ("broken: 5.8 h", "kept, and it moved: 3.9 h", "not shown"):
        settled = replace(said, commitments=(replace(line, outcome=outcome),))
        assert as_told_before(settled, before) == settled
        assert as_told_before(settled, said) == settled
    # A question that says otherwise what its owner did, and periods that have begun since, are no
    # news; another figure is.
    (asked,) = before.questions
    again = replace(asked, question=replace(asked.question, text="Commitment 1 is to move it."))
    assert as_told_before(replace(before, questions=(again,), dues=()), before) == before
    other = replace(asked, question=replace(asked.question, figure="9.0 h, all 4 customers"))
    assert as_told_before(replace(before, questions=(other,)), before).questions == (other,)
    # Of two that say the same of what was settled, only the owner's own words differ.
    kept = replace(line, number=2, outcome="kept, no effect: 3.9 h")
    was = replace(before, commitments=(line, kept))
    now = replace(before, commitments=(replace(line, outcome="withdrawn: scope"), kept))
    assert as_told_before(now, was) == was


def test_a_question_that_a_correction_takes_back_stands_no_more(acme, memory, first):
    """Gold waited an hour only, and so did Bronze, for whom up to twelve was accepted: nobody has
    to say why Gold waited, and a question about Bronze comes after it, with its own number."""
    replied_within(acme.root, 1)
    _, newest, document = corrected(acme, memory, ASKED_ON + 2 * DAY)
    asked = {a.question.about: a.question for a in memory.asked(MAY)}
    assert (asked[GOLD].number, asked[BRONZE].number) == (1, 2)
    lines = {line.question.about: line.question.number for line in document.questions}
    assert GOLD not in lines and lines[BRONZE] == 2
    assert {a.question.about for a in still_asked(memory, MAY)} == set(lines)
    # The number that is printed is the one by which it is answered.
    (bronze,) = (a for a in still_asked(memory, MAY, OWNER) if a.question.about == BRONZE)
    said = ((bronze.question.id, "Nobody waited."),)
    assert say(acme, memory, newest, ASKED_ON + 2 * DAY, answers=said).answered == (2,)
    # Nobody is printed as silent about what is asked no more.
    packet = issue(acme, memory, PACKET, MAY, DEADLINE + DAY)["executives"][1]
    page = packet.accountability
    named = [r.text for r in (*page.questions, *page.answers)]
    assert asked[GOLD].text not in named and asked[BRONZE].text in named
    _, printed, _ = scorecard("questions", OWNER, "--period", "2026-05", cwd=acme.root)
    assert "2. " in printed and asked[GOLD].text not in printed


def test_what_was_answered_stays_though_it_is_asked_no_more(acme, memory, first):
    (asked,) = memory.asked(MAY)
    say(acme, memory, first, answers=((asked.question.id, "Two posts were vacant."),))
    replied_within(acme.root, 1)
    corrected(acme, memory, ASKED_ON + 2 * DAY)
    assert asked in still_asked(memory, MAY)


def test_the_same_question_keeps_number_and_deadline_and_a_later_one_has_none_that_is_over(
    acme, memory, first
):
    """The correction comes after the deadline: Gold's question is over, whatever became of it, and
    Bronze's can be answered, for nobody could have done so before."""
    replied_within(acme.root, 100)  # Bronze, too, waited longer than was accepted
    _, newest, document = corrected(acme, memory, DEADLINE + DAY)
    by = {a.question.about: a for a in memory.asked(MAY)}
    assert (by[GOLD].question.number, by[GOLD].answer_by) == (1, DEADLINE)
    assert by[BRONZE].answer_by is None
    numbers = [line.question.number for line in document.questions]
    assert numbers == sorted(numbers) and len(set(numbers)) == len(numbers)
    late = DEADLINE + DAY
    with pytest.raises(ReplyError, match="answers were taken until"):
        say(acme, memory, newest, late, answers=((by[GOLD].question.id, "Rain."),))
    said = say(acme, memory, newest, late, answers=((by[BRONZE].question.id, "Rain."),))
    assert said.answered == (by[BRONZE].question.number,)
