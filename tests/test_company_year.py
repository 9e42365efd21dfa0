"""A year of the demonstration company, lived through by clock, mail, desk and command line.

Half a year, in which all of it happens, in `make test`; a whole one in `make prove`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from conftest import schema
from mail_server import Behaviour, MailServer
from sample_mail import read
from sample_story import (
    DEPUTY,
    HALF,
    LATE,
    LEAVER,
    MISSED,
    YEAR,
    Calendar,
    Foretold,
    Story,
    live,
    month,
)
from sample_year import ZONE, Year, company
from sizes import sizes

from scorecard.documents.kinds import EXECUTIVES
from scorecard.ledger import Ledger
from scorecard.printing.readback import text_of
from scorecard.project.declared import declared
from scorecard.verify import verified

BEGUN = datetime(2025, 12, 1, 9, tzinfo=UTC)
POSTS = ("key-accounts", "renewals")


@dataclass(frozen=True)
class Lived:
    """The company after its months, and what was planned for them."""

    year: Year
    story: Story

    @property
    def calendar(self) -> Calendar:
        return self.story.calendar

    def packets(self, n):
        """The editions of a month's packet."""
        return self.year.documents("executive-packet")[month(n).key, EXECUTIVES]

    def page(self, n, owner, kind="owner-scorecard"):
        """The first edition of an owner's page of a month."""
        return self.year.documents(kind)[month(n).key, owner][0]

    def commitment(self, name):
        """A commitment as it stands now, by the name that it has in the story."""
        number = self.story.numbers[name]
        return next(c for c in self.year.ledger.commitments() if c.number == number)


@contextmanager
def living(folder, calendar, foretold, ledger=""):
    project = company(folder / "meridian", ledger)
    mails = Behaviour(tls="none", keep=True)
    with (
        MailServer.start(folder / "mails", mails) as server,
        Ledger.open(project.ledger, project.root) as opened,
    ):
        lived = Lived(Year(project, opened, server, BEGUN), Story(foretold, calendar))
        live(lived.year, lived.story)
        yield lived


@pytest.fixture(scope="module", params=sizes(HALF, YEAR))
def lived(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("year")
    foretold = Foretold.of(company(folder / "beside"), request.param.months)
    with living(folder, request.param, foretold) as found:
        yield found


def spaced(text):
    return text.replace("\u00a0", " ")


def test_every_owner_is_asked_by_mail_each_month_and_told_until_when(lived):
    subjects = Counter((str(read(m)["To"]), str(read(m)["Subject"])) for m in lived.year.mails())
    assert set(subjects.values()) == {1}  # nobody got anything twice
    for n in range(lived.calendar.months):
        asked = lived.year.asked(month(n).key)
        assert {a.question.owner for a in asked} == set(POSTS)
        until = {a.answer_by.astimezone(ZoneInfo(ZONE)) for a in asked}
        assert {(u.hour, u.minute) for u in until} == {(18, 0)} and len(until) == 1
        pages = [lived.page(n, owner, "pre-read") for owner in POSTS]
        assert [q.question for p in pages for q in p.questions] == [a.question for a in asked]
        named = f"{month(n).first:%B %Y}"
        mailed = [s for _to, s in subjects if s.startswith("Pre-read,") and named in s]
        assert len(mailed) == len(POSTS)


def test_what_was_said_is_printed_and_so_is_silence(lived):
    for n in range(lived.calendar.months):
        page, said = lived.packets(n)[0].accountability, {}
        for owner in POSTS:
            said |= lived.story.answers.get((n, owner), {})
        asked = {a.question.id: a.question for a in lived.year.asked(month(n).key)}
        assert {r.text: r.answer for r in page.answers} == {
            asked[i].text: t for i, t in said.items()
        }
        silent = [q for i, q in asked.items() if i not in said]
        assert [r.text for r in page.questions] == [q.text for q in silent]
        assert all(r.said.startswith("No answer by ") for r in page.questions)
        assert bool(silent) == (n == lived.calendar.silent)
        for owner in POSTS:
            own = {a.line.question.id: a.answer for a in lived.page(n, owner).asked}
            assert own == {i: said.get(i, "") for i, q in asked.items() if q.owner == owner}


def test_all_three_ways_were_taken_and_who_read_a_page_is_printed(lived):
    months = [lived.year.project.period(month(n).key) for n in range(lived.calendar.months)]
    answers = [a for m in months for of in lived.year.ledger.answers(m).values() for a in of]
    assert {a.source for a in answers} == {"desk", "command", "form"}
    for (n, owner), name in lived.story.speakers.items():
        assert name in lived.packets(n)[0].accountability.read
        assert name in lived.page(n, owner).read


def test_no_question_is_asked_twice_and_what_comes_again_says_what_was_answered(lived):
    texts, again = defaultdict[tuple[str, str], list[int]](list), 0
    promised = {f"commitment/{c.number}": c.goal.key for c in lived.year.ledger.commitments()}
    for n in range(lived.calendar.months):
        asked = lived.year.asked(month(n).key)
        for each in (a.question for a in asked):
            texts[each.owner, each.text].append(n)
        last = [a.question for a in lived.year.asked(month(n - 1).key)]
        before = {(q.owner, promised.get(q.about, q.about)) for q in last}
        for each in (a.question for a in asked):
            running = "Asked for the " in each.text
            assert not running or (each.owner, each.about) in before
            again += running
    # The same words may fit again when the figure is the same after months without a question.
    close = {said: at for said, at in texts.items() if any(b - a < 2 for a, b in pairwise(at))}
    assert close == {}
    assert again > lived.calendar.months


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("moved", "kept, and it moved"),
        ("same", "kept, no effect"),
        ("broken", "broken"),
        ("unclear", "not shown"),
    ],
)
def test_the_figure_says_what_became_of_a_commitment(lived, name, outcome):
    key, _made, due = lived.story.promised[name]
    found = lived.commitment(name)
    assert (found.last.outcome, found.goal.key) == (outcome, key)
    (line,) = (c for c in lived.page(due, found.owner).commitments if c.number == found.number)
    assert line.outcome.startswith(outcome)
    assert line.loud == (outcome == "broken")


def test_why_a_commitment_was_broken_is_asked_in_the_packet_that_says_so(lived):
    _key, _made, due = lived.story.promised["broken"]
    found = lived.commitment("broken")
    about = f"commitment/{found.number}"
    (question,) = (q for a in lived.year.asked(month(due).key) if (q := a.question).about == about)
    assert (question.trigger, question.owner) == ("broken commitment", found.owner)
    assert found.text in question.text


def test_a_commitment_is_moved_in_time_or_withdrawn_with_its_reason(lived):
    later, dropped = lived.commitment("later"), lived.commitment("dropped")
    assert [s.step for s in later.steps] == ["renegotiated", "settled"]
    assert later.due_now == month(lived.calendar.later).key
    assert [(s.step, s.reason) for s in dropped.steps] == [("withdrawn", "scope")]
    page = lived.page(2, later.owner)
    said = {c.number: c.outcome for c in page.commitments}
    assert said[later.number] == "open, renegotiated: staffing"
    said = {c.number: c.outcome for c in lived.page(2, dropped.owner).commitments}
    assert said[dropped.number] == "withdrawn: scope"
    (row,) = (
        o
        for o in lived.packets(2)[0].accountability.owners
        if o.role == declared(lived.year.project).strategy.owner(later.owner).role
    )
    assert row.renegotiated == "1"


def test_a_strength_that_was_made_a_weakness_after_a_miss_says_what_it_would_have_said(lived):
    first = lived.calendar.eased
    changes = {n: changes_of(lived.packets(n)[0]) for n in (first - 1, first)}
    assert not any("would have said" in text for text in changes[first - 1])
    (said,) = (text for text in changes[first] if "would have said" in text)
    assert "The old stance would have said not delivered." in said
    assert "Made a weakness after “not delivered” in" in said
    metric, tier = MISSED.split("/")
    verdicts = [
        (r.verdict.words, r.verdict.region)
        for r in lived.year.ledger.results(month(first))
        if (r.metric, r.tier) == (metric, tier)
    ]
    assert verdicts == [("as accepted", "within")]


def changes_of(packet):
    return [spaced(c) for c in packet.evidence.changes]


def test_the_deputy_speaks_for_whoever_left_and_the_history_stays_with_the_post(lived):
    strategy, first = declared(lived.year.project).strategy, lived.calendar.left
    leaver, deputy = strategy.owner(LEAVER), strategy.owner(DEPUTY)
    assert lived.page(first - 1, LEAVER, "pre-read").name == leaver.name
    page = lived.page(first, LEAVER, "pre-read")
    assert deputy.name in page.name + page.standing
    assert lived.story.speakers[first, LEAVER] == deputy.name
    names = {c.person for c in lived.year.ledger.commitments(LEAVER)}
    assert leaver.name in names
    told = [
        str(read(m)["To"])
        for m in lived.year.mails()
        if f"{month(first).first:%B %Y}" in str(read(m)["Subject"])
        and "Pre-read" in str(read(m)["Subject"])
        and read(m)["In-Reply-To"] is None
    ]
    assert len(told) == 2 and all(deputy.email in to for to in told)


def test_a_late_invoice_flips_a_verdict_and_what_it_settled(lived):
    n = lived.calendar.restated
    _first, second = lived.packets(n)
    assert second.restated[0] == f"This replaces edition 1, because: {LATE}"
    flipped = [
        spaced(s)
        for s in second.restated
        if s.startswith("Bought again in the next period · Silver")
    ]
    assert len(flipped) == 1
    assert "not delivered; now" in flipped[0] and flipped[0].endswith(", delivered.")
    steps = lived.commitment("flipped").steps
    assert [s.step for s in steps] == ["settled", "settled"]
    assert steps[0].outcome == "broken" and steps[1].outcome.startswith("kept")
    mails = Counter(
        str(read(m)["To"])
        for m in lived.year.mails()
        if f"{month(n).first:%B %Y}" in str(read(m)["Subject"])
        and str(read(m)["Subject"]).startswith("Executive packet")
    )
    assert all(str(to) for to in mails) and len(mails) >= 3


def test_a_proposal_goes_back_comes_again_and_is_held_to_what_it_said(lived):
    (filed,) = lived.year.ledger.proposals()
    assert len(filed.handed_in) == 2
    kinds = {
        n: [(p.kind, p.title) for p in lived.packets(n)[0].accountability.proposals]
        for n in range(4)
    }
    title = "Reminders for Silver"
    assert kinds[0] == []
    assert kinds[1] == [("sent back", title)]
    assert kinds[2] == [("to be decided", title)]
    assert kinds[3] == [("reviewed", title)]


def test_every_document_of_the_year_is_what_was_made(lived):
    """And two packets, drawn again, are the same to the byte."""
    of = lived.calendar
    drawn = [f"{month(n).key}/1" for n in (of.eased, of.restated)]
    found = verified(lived.year.project, (), lived.year.at, lambda *_: None, drawn)
    assert found.good, (found.wrong, found.proofs)
    assert (found.missing, found.strange, found.unfound) == ((), (), "")
    made = {(e.document, e.scope, e.period) for e in lived.year.ledger.edition_list()}
    assert len(found.proofs) == 2 and found.documents == len(made)


def test_the_last_packet_says_on_paper_what_it_holds(lived):
    n = lived.calendar.months - 1
    file = lived.year.project.output / month(n).key / "executive-packet.pdf"
    text = " ".join(text_of(file.read_bytes()).split())
    page = lived.packets(n)[-1].accountability
    assert page.sentence in text and page.owners[0].role in text
    assert all(r.answer in text for r in page.answers)


def test_postgresql_remembers_the_same(lived, database, tmp_path_factory):
    """The first two months once more, with a ledger in PostgreSQL: everything says the same."""
    folder, address = tmp_path_factory.mktemp("both"), schema(database, "year")
    calendar = replace(lived.calendar, months=2)
    with living(folder, calendar, lived.story.foretold, address) as other:
        for kind in ("pre-read", "owner-scorecard", "executive-packet"):
            here, there = lived.year.documents(kind), other.year.documents(kind)
            assert len(there) == 2 * (1 if kind == "executive-packet" else len(POSTS))
            assert {key: here[key] for key in there} == there
        known = [_without_runs(c) for c in lived.year.ledger.commitments()]
        assert [c for c in map(_without_runs, other.year.ledger.commitments())] == [
            c for c in known if c.made_at < other.year.at
        ]
        found = verified(other.year.project, (), other.year.at, lambda *_: None)
        assert found.good and found.documents == len(other.year.ledger.edition_list())


def _without_runs(commitment):
    """A commitment as it was after two months, without the ids that each ledger draws."""
    steps = tuple(replace(s, run_id="") for s in commitment.steps if s.at < month(3).start)
    return replace(commitment, made_in="", steps=steps)
