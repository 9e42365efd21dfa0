"""Expected runs, leases, the outbox and addresses, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url, text
from test_ledger import claim

from scorecard.ledger import Ledger, NewDelivery, Owed, ReadBack
from scorecard.ledger.store import MIGRATIONS

NOW = datetime(2026, 11, 9, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TTL = timedelta(minutes=2)


def owed(period="2026-10", due=NOW, schedule="packet"):
    return Owed(schedule, period, due, due + 3 * DAY, due + 2 * DAY)


def parcel(recipient="ada@example.com", about="edition-1", **more):
    said = {
        "kind": "document",
        "about": about,
        "channel": "mail",
        "recipient": recipient,
        "name": "Ada",
        "letter": "{}",
        "message_id": f"<{about}.{recipient}>",
    }
    return NewDelivery(**{**said, **more})


def begun(ledger, holder="one", now=NOW):
    ledger.expect("packet", [owed()], now)
    return ledger.begin("packet", "2026-10", holder, now, TTL)


# Expected runs


def test_a_schedule_never_seen_owes_nothing_for_the_time_before(ledger):
    assert ledger.unworked("packet", NOW, 40 * DAY) == NOW
    ledger.expect("packet", [], NOW + DAY)
    assert ledger.unworked("packet", NOW + 2 * DAY, 40 * DAY) == NOW


def test_an_edited_schedule_looks_some_days_back(ledger):
    ledger.unworked("packet", NOW, 40 * DAY)
    ledger.expect("packet", [], NOW + 100 * DAY)
    assert ledger.unworked("packet", NOW + 101 * DAY, 40 * DAY) == NOW + 60 * DAY


def test_a_clock_first_seen_ahead_of_time_does_not_silence_a_schedule(ledger):
    ledger.unworked("packet", NOW + 900 * DAY, 40 * DAY)
    assert ledger.unworked("packet", NOW, 40 * DAY) == NOW
    assert ledger.unworked("packet", NOW + DAY, 40 * DAY) == NOW


def test_a_run_is_owed_once_however_often_it_is_worked_out(ledger):
    assert ledger.expect("packet", [owed()], NOW) == 1
    assert ledger.expect("packet", [owed(due=NOW - DAY), owed("2026-11")], NOW) == 1
    assert [(e.period, e.due_at) for e in ledger.expected_runs()] == [
        ("2026-10", NOW),
        ("2026-11", NOW),
    ]


def test_what_a_clock_ahead_of_time_gave_up_is_owed_again(ledger):
    ahead = NOW + 30 * DAY
    ledger.expect("packet", [owed()], ahead)
    run = ledger.begin("packet", "2026-10", "one", ahead, TTL)
    ledger.conclude(run, "skipped", ahead, reason="30 days late")
    ledger.expect("packet", [owed()], NOW)
    again = ledger.expected_run("packet", "2026-10")
    assert (again.state, again.reason, again.finished_at) == ("expected", "", None)


def test_what_was_done_stays_done_when_the_clock_goes_back(ledger):
    run = begun(ledger, now=NOW + DAY)
    ledger.conclude(run, "done", NOW + DAY)
    ledger.expect("packet", [owed()], NOW)
    assert ledger.due(NOW, TTL) == []


def test_only_one_holder_begins_a_run(ledger):
    assert begun(ledger).tries == 1
    assert ledger.begin("packet", "2026-10", "two", NOW, TTL) is None
    assert ledger.due(NOW, TTL) == []


def test_a_silent_holder_loses_its_run_and_can_no_longer_conclude_it(ledger):
    first = begun(ledger)
    late = NOW + TTL
    assert [e.id for e in ledger.due(late, TTL)] == [first.id]
    second = ledger.begin("packet", "2026-10", "two", late, TTL)
    assert second.tries == 2
    assert not ledger.beat_run(first, late)
    assert not ledger.conclude(first, "done", late)
    assert ledger.conclude(second, "done", late)


def test_a_beating_holder_keeps_its_run(ledger):
    run = begun(ledger)
    assert ledger.beat_run(run, NOW + TTL - timedelta(seconds=1))
    assert ledger.due(NOW + TTL, TTL) == []


def test_a_heart_that_beat_in_the_future_is_that_of_a_clock_set_back(ledger):
    begun(ledger, now=NOW + DAY)
    assert ledger.begin("packet", "2026-10", "two", NOW, TTL) is not None


def test_a_held_run_comes_back_when_its_next_try_is_due(ledger):
    run = begun(ledger)
    ledger.conclude(run, "held", NOW, reason="no costs yet", next_try_at=NOW + HOUR)
    assert ledger.due(NOW, TTL) == []
    held = ledger.due(NOW + HOUR, TTL)[0]
    assert (held.state, held.reason, held.finished_at) == ("held", "no costs yet", None)


@pytest.mark.parametrize("state", ["done", "not issued", "skipped"])
def test_a_run_that_is_over_is_never_begun_again(ledger, state):
    ledger.conclude(begun(ledger), state, NOW)
    assert ledger.begin("packet", "2026-10", "two", NOW + 9 * DAY, TTL) is None
    assert ledger.expected_run("packet", "2026-10").finished_at == NOW


# Leases


def test_one_holder_at_a_time_and_the_next_after_silence(ledger):
    assert ledger.take("clock", "one", NOW, TTL)
    assert not ledger.take("clock", "two", NOW + TTL / 2, TTL)
    assert ledger.take("clock", "one", NOW + TTL / 2, TTL)
    assert not ledger.take("clock", "two", NOW + TTL, TTL)
    assert ledger.take("clock", "two", NOW + 2 * TTL, TTL)
    assert ledger.lease("clock").holder == "two"


def test_a_lease_given_back_is_free_at_once_and_anothers_is_not(ledger):
    ledger.take("clock", "one", NOW, TTL)
    ledger.give_back("clock", "two")
    assert not ledger.take("clock", "two", NOW, TTL)
    ledger.give_back("clock", "one")
    assert ledger.take("clock", "two", NOW, TTL)


# The outbox


def test_a_parcel_is_queued_once(ledger):
    assert ledger.queue([parcel(), parcel("bo@example.com")], NOW) == 2
    assert ledger.queue([parcel(), parcel(about="edition-2")], NOW) == 1
    assert ledger.delivery_counts() == {"queued": 3}


def test_many_parcels_are_queued_and_read_in_pages(ledger):
    many = [parcel(f"p{n:04}@example.com") for n in range(450)]
    assert ledger.queue(iter(many), NOW) == 450
    assert sorted(d.recipient for d in ledger.deliveries()) == [p.recipient for p in many]


def test_one_mailbox_gets_one_mail_however_its_address_is_written(ledger):
    """Two spellings in one batch, the third in another; of folders each is its own."""
    lower, upper = parcel("ada@example.com"), parcel("Ada@Example.com")
    assert ledger.queue([upper, lower], NOW) == 1
    assert ledger.queue([parcel("ADA@EXAMPLE.COM")], NOW + HOUR) == 0
    assert ledger.queue([upper], NOW + HOUR) == 0
    (kept,) = ledger.deliveries()
    assert (kept.recipient, kept.id) == ("Ada@Example.com", lower.id)
    shelves = [parcel(name, channel="folder") for name in ("Shelf", "shelf")]
    assert ledger.queue(shelves, NOW) == 2


def test_a_delivery_goes_out_once_and_keeps_the_servers_words(ledger):
    ledger.queue([parcel()], NOW)
    (taken,) = ledger.take_out("one", NOW, TTL, 10)
    assert ledger.take_out("two", NOW, TTL, 10) == []
    assert ledger.hand_over(taken, NOW, sha256="ab", size=1200)
    assert ledger.settle(taken, "sent", NOW, code=250, reply="2.0.0 Ok: queued as 4F1")
    done = ledger.delivery(taken.id)
    assert (done.state, done.tries, done.reply, done.size, done.doubts) == (
        "sent",
        1,
        "2.0.0 Ok: queued as 4F1",
        1200,
        0,
    )
    assert [(a.outcome, a.code) for a in ledger.attempts(done)] == [("sent", 250)]
    assert ledger.take_out("one", NOW + 99 * DAY, TTL, 10) == []


def test_a_deferred_delivery_waits_for_its_time(ledger):
    ledger.queue([parcel()], NOW)
    (taken,) = ledger.take_out("one", NOW, TTL, 10)
    ledger.settle(taken, "deferred", NOW, code=451, reply="greylisted", next_try_at=NOW + HOUR)
    assert ledger.take_out("one", NOW + HOUR / 2, TTL, 10) == []
    assert len(ledger.take_out("one", NOW + HOUR, TTL, 10)) == 1


def test_what_a_clock_ahead_of_time_queued_is_free_once_it_is_set_back(ledger):
    """20 days ahead; put back untried, it stays free, and from then on it waits like any other."""
    ledger.queue([parcel()], NOW + 20 * DAY)
    assert ledger.waiting_since(NOW - 2 * HOUR) == 1
    (taken,) = ledger.take_out("one", NOW, TTL, 10)
    assert (taken.queued_at, taken.next_try_at) == (NOW, NOW)
    ledger.put_back("one", NOW)
    assert len(ledger.take_out("two", NOW, TTL, 10)) == 1
    assert ledger.waiting_since(NOW) == 0
    assert ledger.waiting_since(NOW + HOUR) == 1


def test_what_a_clock_ahead_of_time_deferred_is_free_once_it_is_set_back(ledger):
    ledger.queue([parcel()], NOW)
    (taken,) = ledger.take_out("one", NOW + 20 * DAY, TTL, 10)
    later = NOW + 20 * DAY + HOUR
    ledger.settle(taken, "deferred", NOW + 20 * DAY, code=451, next_try_at=later)
    (again,) = ledger.take_out("two", NOW, TTL, 10)
    ledger.settle(again, "deferred", NOW, code=451, next_try_at=NOW + HOUR)
    assert ledger.take_out("two", NOW, TTL, 10) == []
    assert len(ledger.take_out("two", NOW + HOUR, TTL, 10)) == 1


def test_a_clock_that_is_ahead_by_less_than_a_senders_patience_is_waited_for(ledger):
    ledger.queue([parcel()], NOW + TTL / 2)
    assert ledger.take_out("one", NOW, TTL, 10) == []
    assert len(ledger.take_out("one", NOW + TTL / 2, TTL, 10)) == 1


def test_what_the_server_keeps_putting_off_waits_since_it_was_queued(ledger):
    ledger.queue([parcel(), parcel("bo@example.com")], NOW)
    ada, bo = ledger.take_out("one", NOW, TTL, 10)
    ledger.settle(ada, "deferred", NOW, code=451, next_try_at=NOW + 4 * HOUR)
    ledger.settle(bo, "sent", NOW, code=250)
    assert ledger.waiting_since(NOW) == 0
    assert ledger.waiting_since(NOW + HOUR) == 1


def test_what_a_lost_sender_had_only_claimed_is_free_without_a_doubt(ledger):
    ledger.queue([parcel()], NOW)
    (lost,) = ledger.take_out("one", NOW, TTL, 10)
    (taken,) = ledger.take_out("two", NOW + TTL, TTL, 10)
    assert taken.doubts == 0
    assert not ledger.hand_over(lost, NOW + TTL)
    assert ledger.hand_over(taken, NOW + TTL)


def test_what_a_lost_sender_had_handed_over_gains_a_doubt(ledger):
    ledger.queue([parcel()], NOW)
    (lost,) = ledger.take_out("one", NOW, TTL, 10)
    ledger.hand_over(lost, NOW)
    (taken,) = ledger.take_out("two", NOW + TTL, TTL, 10)
    assert (taken.doubts, taken.tries) == (1, 1)
    assert ledger.take_out("three", NOW + TTL, TTL, 10) == []
    assert [a.outcome for a in ledger.attempts(taken)] == ["unknown"]
    assert not ledger.settle(lost, "sent", NOW + TTL)


def test_a_doubt_can_be_kept_for_the_operator(ledger):
    ledger.queue([parcel()], NOW)
    (lost,) = ledger.take_out("one", NOW, TTL, 10)
    ledger.hand_over(lost, NOW)
    (ended,) = ledger.take_out("two", NOW + TTL, TTL, 10, doubtful=False)
    assert ended.state == "in doubt"
    assert ledger.take_out("two", NOW + TTL, TTL, 10, doubtful=False) == []
    assert ledger.delivery_counts() == {"in doubt": 1}
    assert ledger.requeue([lost.id], NOW + HOUR, "asked the server's operator") == 1
    assert len(ledger.take_out("two", NOW + HOUR, TTL, 10, doubtful=False)) == 1


def test_only_what_failed_is_queued_again(ledger):
    ledger.queue([parcel(), parcel("bo@example.com")], NOW)
    ada, bo = sorted(ledger.take_out("one", NOW, TTL, 10), key=lambda d: d.recipient)
    ledger.settle(ada, "sent", NOW, code=250)
    ledger.settle(bo, "refused", NOW, code=550, reply="no such user")
    failed = list(ledger.deliveries(states=("refused",)))
    assert [d.recipient for d in failed] == ["bo@example.com"]
    assert ledger.requeue([ada.id, bo.id, "unknown"], NOW + HOUR, "by hand") == 1
    (again,) = ledger.take_out("one", NOW + HOUR, TTL, 10)
    assert (again.recipient, again.message_id) == (bo.recipient, bo.message_id)


def test_what_was_claimed_and_not_handed_over_can_be_put_back(ledger):
    ledger.queue([parcel(), parcel("bo@example.com")], NOW)
    first, _second = ledger.take_out("one", NOW, TTL, 10)
    ledger.hand_over(first, NOW)
    ledger.put_back("one", NOW)
    assert ledger.delivery_counts() == {"handed over": 1, "queued": 1}


def test_deliveries_are_found_by_what_they_are_about(ledger):
    ledger.queue([parcel(schedule="a", period="2026-10"), parcel("bo@x.eu", schedule="b")], NOW)
    assert [d.recipient for d in ledger.deliveries(schedule="b")] == ["bo@x.eu"]
    assert [d.recipient for d in ledger.deliveries(period="2026-10")] == ["ada@example.com"]
    assert list(ledger.deliveries(recipient="ada@example.com", kind="held")) == []
    assert ledger.delivery_counts(schedule="a", period="2026-10") == {"queued": 1}


def test_the_operator_is_told_of_a_failure_once(ledger):
    ledger.queue([parcel(), parcel("bo@example.com")], NOW)
    for taken in ledger.take_out("one", NOW, TTL, 10):
        ledger.settle(taken, "refused", NOW, code=550)
    failed = [d.id for d in ledger.untold()]
    assert len(failed) == 2
    ledger.tell(failed[:1])
    assert [d.id for d in ledger.untold()] == failed[1:]
    ledger.requeue(failed[:1], NOW, "by hand")
    (again,) = ledger.take_out("one", NOW, TTL, 10)
    ledger.settle(again, "refused", NOW, code=550)
    assert sorted(d.id for d in ledger.untold()) == sorted(failed)


def test_a_message_that_came_back_has_bounced(ledger):
    ledger.queue([parcel()], NOW)
    (taken,) = ledger.take_out("one", NOW, TTL, 10)
    ledger.settle(taken, "sent", NOW, code=250, reply="Ok")
    assert ledger.sent_as("<other>") is None
    ledger.bounced(taken, NOW + HOUR, "5.1.1 no such user")
    ledger.bounced(taken, NOW + DAY, "again")
    back = ledger.sent_as(taken.message_id)
    assert (back.state, back.reply) == ("bounced", "5.1.1 no such user")
    assert back == ledger.sent_with("edition-1.ada")
    assert ledger.sent_with("%") is None
    assert [a.outcome for a in ledger.attempts(back)] == ["sent", "bounced"]
    assert [d.id for d in ledger.untold()] == [back.id]


# ReadBack back


def test_what_reading_a_pdf_back_found_is_kept(ledger):
    edition = ledger.freeze("owner-scorecard", "ada", "{}", claim(ledger), NOW)
    assert ledger.reading(edition.id, "ab") is None
    ledger.record_readings(
        [ReadBack(edition.id, "ab", ["page 1 is blank"], {"texts": 9}, "0.1", NOW)]
    )
    ledger.record_readings([ReadBack(edition.id, "ab", [], {"texts": 9}, "0.1", NOW + HOUR)])
    found = ledger.reading(edition.id, "ab")
    assert (found.problems, found.looked_for, found.at) == ([], {"texts": 9}, NOW + HOUR)


# Addresses


def test_the_last_word_on_an_address_counts_and_case_does_not(ledger):
    assert ledger.note_address("Ada@Example.com", "suspended", "5.1.1 no such user", NOW, "mail-1")
    assert not ledger.note_address("ada@example.com", "suspended", "again", NOW + HOUR, "mail-1")
    assert ledger.suppressed()["ada@example.com"].reason == "5.1.1 no such user"
    ledger.note_address("ada@example.com", "reinstated", "box is back", NOW + DAY)
    assert ledger.suppressed() == {}
    assert [e.event for e in ledger.address_events("ADA@example.com")] == [
        "suspended",
        "reinstated",
    ]


# A ledger from before there were deliveries


def test_a_ledger_of_the_first_version_is_brought_up_to_date_with_its_records(new_url, tmp_path):
    (tmp_path / "state").mkdir()
    address = make_url(new_url)
    if address.drivername == "sqlite":
        address = address.set(database=str(tmp_path / "state" / "ledger.db"))
    engine = create_engine(address)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO run (id, period, kind, first, ordinal, inputs, software, step, detail,"
                " as_of, started_at, updated_at) VALUES ('r1', '2026-10', 'month', '2026-10-01', 1,"
                " 'facts', '0.1', 'done', '{}', :at, :at, :at)"
            ).bindparams(at=NOW)
        )
    engine.dispose()
    with Ledger.open(new_url, tmp_path) as ledger:
        assert ledger.run("r1").period == "2026-10"
        assert ledger.queue([parcel()], NOW) == 1
