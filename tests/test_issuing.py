"""Issuing what a schedule owes, with the whole pipeline behind it: facts, pages, letters, readers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sample_project import answered_a_day_later, small

from scorecard.base.periods import Period
from scorecard.delivery.issuing import Heartbeat, Issuer
from scorecard.ledger import Ledger, Owed
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.printing.readback import text_of
from scorecard.project.declared import declared
from scorecard.project.settings import Project
from scorecard.project.workspace import open_workspace
from scorecard.schedules.model import Audience, BusinessDay, Hold, Schedule, When

JUNE = Period.parse("2026-06", "Europe/London")
DUE = datetime(2026, 8, 17, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCHEDULE = Schedule(
    "monthly",
    "Monthly papers",
    ("owner-scorecard",),
    When(BusinessDay(11), time(7), "Europe/London"),
    (Audience("owners"),),
    hold=Hold(retry=HOUR, until=DAY, then="not issued"),
)


class Watch:
    def __init__(self, moment: datetime = DUE) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def acme(tmp_path):
    """A project that can mail."""
    return small(tmp_path / "acme")


@pytest.fixture
def memory(acme):
    with Ledger.open(acme.ledger, acme.root) as ledger:
        yield ledger


def issued(acme, ledger, now, schedule=SCHEDULE, holder="me", **how):
    owed = Owed(schedule.id, JUNE.key, DUE, DUE + DAY, DUE + 2 * DAY)
    ledger.expect(schedule.id, [owed], now())
    return Issuer(acme, ledger, now, holder, lambda *_: None).issue(schedule, JUNE, **how)


def mailed(ledger, kind):
    return sorted(d.recipient for d in ledger.deliveries(kind=kind))


def letter(ledger, kind):
    return json.loads(next(iter(ledger.deliveries(kind=kind))).letter)


def cut_june(acme):
    """Take June's last ten days out of the transactions; the function puts them back."""
    file = acme.root / "facts" / "transactions.csv"
    whole = file.read_text()
    head, *rows = whole.splitlines()
    kept = [row for row in rows if not any(f"2026-06-{day}" in row for day in range(21, 31))]
    assert len(kept) < len(rows)
    file.write_text("\n".join([head, *kept]) + "\n")
    return lambda: file.write_text(whole)


def test_pages_are_made_once_and_queued_for_whoever_answers(acme, memory):
    now = Watch()
    became = issued(acme, memory, now)
    assert (became.state, became.tries, became.reason) == ("done", 1, "")
    pages = sorted((acme.output / "2026-06" / "owners").glob("*.pdf"))
    assert pages
    documents = list(memory.deliveries(kind="document"))
    assert {d.period for d in documents} == {"2026-06"}
    assert len(documents) == len({d.edition_id for d in documents}) == len(pages)
    said = json.loads(documents[0].letter)
    assert said["why"] == "You answer for these choices."
    assert said["table"]["rows"] and said["sentence"] and said["period"] == "June 2026"
    # Doing it again, by the clock or by hand, repeats nothing.
    again = issued(acme, memory, now, by_hand=True)
    assert again == became
    assert len(list(memory.deliveries())) == len(documents)
    assert len(memory.runs()) == 1


def test_who_lost_the_run_meanwhile_sends_nothing(acme, memory, monkeypatch):
    """Its machine slept after the pages were made; another made them anew, from other facts."""
    now, made = Watch(), Issuer._made

    def slept(self, *about):
        monkeypatch.setattr(Issuer, "_made", made)
        run = self.ledger.run(Pipeline.run(pipeline(self), JUNE, now()).run.id)
        now.moment += timedelta(minutes=3)
        answered_a_day_later(acme.root, JUNE.key)
        with Ledger.open(acme.ledger, acme.root) as theirs:
            assert issued(acme, theirs, now, holder="another").state == "done"
        assert not self.ledger.computed_by(about[0], run.id, now())
        return run

    def pipeline(issuer):
        work = open_workspace(acme, now())
        return Pipeline(work, issuer.ledger, now, lambda *_: None, RunRequest(SCHEDULE.documents))

    monkeypatch.setattr(Issuer, "_made", slept)
    became = issued(acme, memory, now, holder="sleeper")
    (document,) = memory.deliveries(kind="document")
    assert became.run_id == memory.edition(document.edition_id).run_id
    assert (became.state, became.tries) == ("done", 2)
    assert memory.edition(document.edition_id).number == 2


def test_readers_are_told_that_facts_are_unsound_and_not_whose(acme, memory):
    file = acme.root / "facts" / "customers.csv"
    text = file.read_text()
    row = text.splitlines()[1]
    file.write_text(f"{text}{row}\n")
    now = Watch()
    assert issued(acme, memory, now).state == "held"
    customer = row.split(",")[0]
    assert customer in letter(memory, "operator")["lines"][0]
    assert customer not in json.dumps(letter(memory, "held"))
    assert "The facts are not sound" in letter(memory, "held")["lines"][0]
    # Nor does the document say it that is issued all the same.
    now.moment = DUE + DAY
    schedule = replace(SCHEDULE, hold=replace(SCHEDULE.hold, then="provisional"))
    assert issued(acme, memory, now, schedule).reason == (
        "provisional: the facts are not sound (customers)"
    )
    (page,) = (acme.output / "2026-06" / "owners").glob("*.pdf")
    assert f'"{customer}"' not in text_of(page.read_bytes())


def test_readers_are_told_nothing_of_connections(acme, memory):
    (acme.root / "facts" / "customers.csv").unlink()
    assert issued(acme, memory, Watch()).state == "held"
    assert "customers.csv" in letter(memory, "operator")["lines"][0]
    assert "customers" not in json.dumps(letter(memory, "held"))


def test_a_crash_between_making_and_queueing_makes_nothing_twice(acme, memory, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    now = Watch()
    with monkeypatch.context() as patched:
        patched.setattr(Issuer, "queue", killed)
        with pytest.raises(Killed):
            issued(acme, memory, now)
    assert memory.delivery_counts() == {}
    assert memory.expected_run("monthly", "2026-06").state == "running"
    now.moment += timedelta(minutes=3)
    became = issued(acme, memory, now, holder="another")
    assert (became.state, became.tries) == ("done", 2)
    assert len(memory.runs()) == 1
    assert mailed(memory, "document")


def test_what_is_not_ready_is_held_told_once_and_issued_when_it_is(acme, memory):
    schedule = replace(SCHEDULE, hold=replace(SCHEDULE.hold, complete=("transactions",), slack=8))
    now, mend = Watch(), cut_june(acme)
    for _ in range(3):
        became = issued(acme, memory, now, schedule)
        assert (became.state, became.next_try_at) == ("held", now() + HOUR)
        assert became.reason == "transactions end on 20 Jun 2026"
        now.moment += HOUR
    readers = mailed(memory, "held")
    assert readers and mailed(memory, "operator") == ["operator@example.com"]
    said = letter(memory, "held")
    assert said["sentence"] == "The owner scorecard for June 2026 is held."
    assert said["lines"][0] == "Transactions end on 20 Jun 2026."
    assert "tried again on 17 Aug 2026" in said["lines"][1]
    mend()
    became = issued(acme, memory, now, schedule)
    assert (became.state, became.tries) == ("done", 4)
    assert mailed(memory, "held") == readers
    assert set(mailed(memory, "document")) == set(readers)


def test_after_the_last_try_it_is_issued_as_provisional_where_the_schedule_says_so(acme, memory):
    hold = replace(SCHEDULE.hold, complete=("transactions",), slack=8, then="provisional")
    now, _mend = Watch(DUE + DAY), cut_june(acme)
    became = issued(acme, memory, now, replace(SCHEDULE, hold=hold))
    assert became.state == "done"
    assert became.reason == "provisional: transactions end on 20 Jun 2026"
    assert letter(memory, "document")["stamp"] == "transactions end on 20 Jun 2026"
    page = next((acme.output / "2026-06" / "owners").glob("*.pdf"))
    text = " ".join(text_of(page.read_bytes()).split())
    assert "provisional" in text.lower()
    assert "transactions end on 20 Jun 2026" in text


def test_after_the_last_try_it_is_not_issued_otherwise_and_everybody_is_told(acme, memory):
    hold = replace(SCHEDULE.hold, complete=("transactions",), slack=8)
    now, _mend = Watch(DUE + DAY), cut_june(acme)
    became = issued(acme, memory, now, replace(SCHEDULE, hold=hold))
    assert became.state == "not issued"
    assert not (acme.output / "2026-06").exists()
    assert mailed(memory, "not issued") and mailed(memory, "operator")
    assert mailed(memory, "document") == mailed(memory, "held") == []
    assert issued(acme, memory, now, replace(SCHEDULE, hold=hold)) == became


def test_unsound_facts_hold_it_with_their_finding(acme, memory):
    file = acme.root / "facts" / "customers.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[1]]) + "\n")
    became = issued(acme, memory, Watch())
    assert became.state == "held"
    assert "customer_id" in became.reason
    assert not (acme.output / "2026-06").exists()
    assert [r.step for r in memory.runs()] == ["held"]


def test_an_error_is_for_the_operator_and_not_for_readers(acme, memory):
    template = acme.root / "templates" / "owner.html"
    template.write_text("{{ doc.nothing_of_that_name }}")
    became = issued(acme, memory, Watch())
    assert became.state == "held"
    assert "owner.html" in became.reason
    assert "owner.html" in letter(memory, "operator")["lines"][0]
    said = " ".join(letter(memory, "held")["lines"])
    assert "owner.html" not in said
    assert "whoever runs the scorecards has been told" in said


def test_a_run_that_is_too_late_is_skipped_and_reported_but_a_person_may_have_it(acme, memory):
    now = Watch(DUE + 9 * DAY)
    became = issued(acme, memory, now)
    assert became.state == "skipped"
    assert became.reason == "It was 9 days late, and 2 days is the most that is allowed."
    assert mailed(memory, "operator") == ["operator@example.com"]
    assert mailed(memory, "not issued")
    assert issued(acme, memory, now).state == "skipped"
    assert issued(acme, memory, now, by_hand=True).state == "done"


def test_a_run_that_breaks_off_again_and_again_is_given_up_after_the_last_try(acme, memory):
    now = Watch()
    memory.expect("monthly", [Owed("monthly", JUNE.key, DUE, DUE + DAY, DUE + 2 * DAY)], now())
    for number in range(4):
        begun = memory.begin("monthly", JUNE.key, f"dead-{number}", now(), timedelta(minutes=2))
        assert begun.tries == number + 1
        now.moment += HOUR
    now.moment = DUE + DAY + HOUR
    became = issued(acme, memory, now)
    assert became.state == "not issued"
    assert became.reason == "It broke off 4 times without a word."


def test_an_owner_who_opted_out_keeps_the_page_and_the_page_says_so(acme, memory):
    address = declared(acme).strategy.owners[0].email
    memory.note_address(address, "opted out", "too many mails", DUE - DAY)
    became = issued(acme, memory, Watch())
    assert became.state == "done"
    texts = [text_of(p.read_bytes()) for p in (acme.output / "2026-06" / "owners").glob("*.pdf")]
    assert sum("16 Aug 2026" in " ".join(text.split()) for text in texts) == 1


def test_a_heart_beats_while_its_run_is_worked_on_and_stops_when_it_is_lost(memory):
    memory.expect("monthly", [Owed("monthly", JUNE.key, DUE, DUE + DAY, DUE + 2 * DAY)], DUE)
    now = Watch()
    begun = memory.begin("monthly", JUNE.key, "me", DUE, timedelta(seconds=0.2))
    heart = Heartbeat(memory, begun, now, timedelta(seconds=0.2))
    with heart:
        now.moment += timedelta(seconds=30)
        while memory.expected_run("monthly", JUNE.key).beat_at != now():
            pass
        taken = memory.begin("monthly", JUNE.key, "other", now() + HOUR, timedelta(seconds=1))
        assert taken is not None
        heart._thread.join()
    assert memory.expected_run("monthly", JUNE.key).holder == "other"


def test_facts_that_cannot_be_opened_hold_the_run(acme, memory):
    (acme.root / "facts" / "customers.csv").unlink()
    became = issued(acme, memory, Watch())
    assert became.state == "held"
    assert "customers" in became.reason


def test_a_run_whose_failure_cannot_be_mailed_is_held_all_the_same(acme, memory):
    file = acme.root / "pyproject.toml"
    text = file.read_text()
    sender = next(line for line in text.splitlines() if line.startswith("from = "))
    file.write_text(text.replace(sender, ""))
    (acme.root / "facts" / "customers.csv").unlink()
    became = issued(Project.at(acme.root, {}), memory, Watch())
    assert became.state == "held"
    assert "customers" in became.reason
    assert list(memory.deliveries()) == []
