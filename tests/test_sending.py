"""Sending: the outbox worked off over a real mail server, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from conftest import POSTGRES, tell
from mail_server import Behaviour, MailServer
from pypdf import PasswordType, PdfReader
from sample_mail import ADA, BO, CY, NOWHERE, OPS, Office, enclosed, page, read, text_of
from sqlalchemy import make_url

from scorecard.delivery import readers
from scorecard.delivery.operator import tell_operator
from scorecard.delivery.post import message_builder_of, post, send_test
from scorecard.delivery.sending import TTL, OutboxWorker
from scorecard.errors import LedgerError, MailError, ProjectError
from scorecard.ledger import NewDelivery, store
from scorecard.mail.sender import connect
from scorecard.mail.server import Server
from scorecard.project.scaffold import init

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SERVERS = {
    "usual": Behaviour(keep=True, refuse=(BO,)),
    "busy": Behaviour(replies={"rcpt": "451 4.7.1 greylisted, come again"}),
    "locked": Behaviour(user="cards", password="sesame"),
    "wary": Behaviour(replies={"mail": "550 5.7.1 you may not send"}),
    "silent": Behaviour(drop_accepted=1.0),
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Real servers by the name of their manners, each begun when it is first asked for."""
    started = {}

    def server(name):
        if name not in started:
            started[name] = MailServer.start(tmp_path_factory.mktemp(name), SERVERS[name])
        return started[name]

    yield server
    for each in started.values():
        each.stop()


@pytest.fixture
def usual(servers):
    """A server that takes everything except for Bo; `new()` is what it took in this test."""
    server = servers("usual")
    before = len(server.messages())

    class Usual:
        url, port = server.url(), server.port

        @staticmethod
        def new():
            return server.messages()[before:]

        @staticmethod
        def readers():
            return [str(read(m)["To"].addresses[0].addr_spec) for m in Usual.new()]

    return Usual


@pytest.fixture
def acme(ledger, tmp_path):
    return Office(tmp_path / "acme", ledger)


# What the server says


def test_what_the_server_took_is_sent_with_its_own_words(acme, usual):
    (parcel,) = acme.queue(ADA)
    tally = acme.post(usual.url)
    assert (tally.sent, tally.deferred, tally.failed, tally.waiting) == (1, 0, 0, "")
    (message,) = usual.new()
    (name,) = enclosed(message)
    assert name == "Owner scorecard Mikael Lindqvist (head-of-support) 2026-10.pdf"
    assert enclosed(message) == {name: page()}
    sent = acme.of(ADA)
    assert (sent.state, sent.code, sent.tries, sent.finished_at) == ("sent", 250, 1, acme.now())
    assert sent.reply == f"localhost, port {usual.port}, has it: 250 2.0.0 taken."
    assert (sent.sha256, sent.size) == (sha256(page()).hexdigest(), len(message))
    assert read(message)["Message-ID"] == parcel.message_id == sent.message_id
    assert [(a.outcome, a.code) for a in acme.ledger.attempts(sent)] == [("sent", 250)]


def test_what_was_sent_is_never_sent_again(acme, usual):
    acme.queue(ADA)
    acme.post(usual.url)
    acme.now.forward(30 * DAY)
    assert acme.post(usual.url).sent == 0
    assert len(usual.new()) == 1


def test_a_refused_recipient_is_final_and_keeps_nobody_else_waiting(acme, usual):
    acme.queue(BO, ADA, CY)
    tally = acme.post(usual.url)
    assert (tally.failed, acme.states()) == (1, {ADA: "sent", BO: "refused", CY: "sent"})
    refused = acme.of(BO)
    assert (refused.code, refused.finished_at) == (550, acme.now())
    assert refused.reply.endswith(f"refuses the recipient {BO}: 550 5.1.1 <{BO}>: no such mailbox.")
    acme.now.forward(30 * DAY)
    assert acme.post(usual.url).failed == 0
    assert acme.of(BO).tries == 1


def test_what_comes_later_is_tried_again_with_growing_delay_across_restarts(acme, servers):
    """1, 5, 15 minutes, 1, 3 and then 6 hours; the minutes of the tries are their sums."""
    url = servers("busy").url()
    acme.queue(ADA)
    waits = []
    for number in range(8):
        assert acme.post(url, holder=f"process {number}").deferred == 1
        waiting = acme.of(ADA)
        waits.append((waiting.next_try_at - acme.now()) / MINUTE)
        acme.now.at = waiting.next_try_at - MINUTE / 60
        assert acme.post(url).deferred == 0
        acme.now.at = waiting.next_try_at
    assert waits == [1, 5, 15, 60, 180, 360, 360, 360]
    assert (waiting.code, waiting.tries, waiting.finished_at) == (451, 8, None)


def test_what_was_deferred_for_too_long_expires_and_the_operator_is_told(acme, servers, usual):
    url = servers("busy").url()
    acme.queue(ADA)
    began = acme.now()
    while acme.of(ADA).state in ("queued", "deferred"):
        acme.post(url)
        last = acme.now()
        acme.now.at = max(acme.of(ADA).next_try_at, last)
    assert acme.of(ADA).state == "expired"
    assert 3 * DAY < last - began <= 3 * DAY + timedelta(hours=6)
    acme.now.forward(DAY)
    acme.post(usual.url)
    (told,) = usual.new()
    assert read(told)["To"].addresses[0].addr_spec == OPS
    assert f"{ADA}: owner-scorecards 2026-10 document, expired:" in text_of(told)


def test_the_time_to_give_up_counts_from_the_first_try(acme, servers):
    """It lay there for four days, as no server was named; three are allowed."""
    acme.queue(ADA)
    assert "SCORECARD_SMTP is not set" in acme.post().waiting
    acme.now.forward(4 * DAY)
    acme.post(servers("busy").url())
    assert acme.of(ADA).state == "deferred"
    acme.now.forward(3 * DAY + MINUTE)
    acme.post(servers("busy").url())
    assert acme.of(ADA).state == "expired"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("locked", "does not let cards in: 535"),
        ("wary", "refuses the sender cards@example.org: 550 5.7.1 you may not send."),
        ("", "cannot be reached: nothing listens there."),
    ],
)
def test_where_nobody_is_let_in_everything_waits_and_one_try_is_made(
    acme, servers, usual, name, said
):
    url = servers(name).url().replace(":sesame@", ":mellon@") if name else NOWHERE
    acme.queue(ADA, CY, "dee@example.com")
    tally = acme.post(url)
    assert said in tally.waiting and "mellon" not in tally.waiting
    assert (tally.sent, tally.failed) == (0, 0)
    assert Counter(acme.states().values()) == {"deferred": 1, "queued": 2}
    assert sum(d.tries for d in acme.ledger.deliveries()) == 1
    acme.now.forward(MINUTE)
    assert acme.post(usual.url).sent == 3
    assert acme.ledger.untold() == []


def test_without_a_server_mail_waits_and_folders_are_filled(acme):
    edition = acme.edition()
    acme.queue(ADA, edition=edition)
    acme.file(edition)
    tally = acme.post()
    assert (tally.sent, "SCORECARD_SMTP is not set" in tally.waiting) == (1, True)
    assert acme.states() == {ADA: "queued", "shelf": "sent"}


# Doubts


def test_a_lost_answer_is_followed_by_the_same_message_and_the_third_is_left_to_the_operator(
    acme, servers, usual
):
    server = servers("silent")
    before = len(server.accepted())
    (parcel,) = acme.queue(ADA)
    for _ in range(3):
        acme.post(server.url())
        acme.now.forward(DAY)
    taken = [m for m in server.accepted()[before:] if m.recipient == ADA]
    assert len(taken) == 3
    assert {(m.message_id, m.sha256) for m in taken} == {(parcel.message_id, taken[0].sha256)}
    lost = acme.of(ADA)
    assert (lost.state, lost.doubts) == ("in doubt", 3)
    assert "may have the message; its answer is missing" in lost.reply
    acme.post(usual.url)
    assert usual.readers() == [OPS]


def test_a_lost_answer_is_asked_about_where_the_settings_want_that(acme, servers, usual):
    acme.set(f'in_doubt = "ask"\noperator = ["{OPS}"]')
    acme.queue(ADA)
    acme.post(servers("silent").url())
    assert (acme.of(ADA).state, acme.of(ADA).doubts) == ("in doubt", 1)
    acme.now.forward(DAY)
    acme.post(usual.url)
    assert usual.readers() == []
    assert acme.ledger.requeue([acme.of(ADA).id], acme.now(), "it did not arrive") == 1
    acme.post(usual.url)
    assert (acme.of(ADA).state, usual.readers()) == ("sent", [ADA])


def lose_a_sender(acme):
    """A process takes the mail, begins to hand it over, and is killed."""
    (taken,) = acme.ledger.take_out("killed", acme.now(), TTL, 10)
    assert acme.ledger.hand_over(taken, acme.now())
    acme.now.forward(TTL)


def test_what_a_killed_sender_had_in_hand_is_sent_again_by_another(acme, usual):
    acme.queue(ADA)
    lose_a_sender(acme)
    assert acme.post(usual.url).sent == 1
    assert (acme.of(ADA).state, acme.of(ADA).doubts) == ("sent", 1)


def test_a_message_that_three_senders_died_of_is_not_tried_a_fourth_time(acme, usual):
    acme.queue(ADA)
    for _ in range(3):
        lose_a_sender(acme)
    assert acme.post(usual.url).failed == 1
    assert (acme.of(ADA).state, acme.of(ADA).doubts) == ("in doubt", 3)
    assert "ask whether it arrived" in acme.of(ADA).reply
    assert usual.readers() == [OPS]


def test_two_senders_share_an_outbox_and_repeat_nothing(acme, usual):
    """The first has taken everything; the second comes while it still is at it."""
    readers = [f"reader{n:02}@example.com" for n in range(30)]
    acme.queue(*readers)
    taken = acme.ledger.take_out("first", acme.now(), TTL, 20)
    assert acme.post(usual.url, holder="second").sent == 10
    acme.ledger.put_back("first", acme.now())
    assert acme.post(usual.url, holder="third").sent == len(taken) == 20
    assert sorted(usual.readers()) == readers


# A ledger that goes away


@pytest.fixture
def away(acme, url, tmp_path, monkeypatch):
    """`leave()` takes the ledger away from everybody: its file is locked by another process,
    or its server breaks every connection and takes no other. `back()` gives it back."""

    class Locked:
        other = None

        def leave(self):
            monkeypatch.setattr(store, "_BUSY_MS", 10)
            acme.ledger.close()
            self.other = sqlite3.connect(tmp_path / "state" / "ledger.db", isolation_level=None)
            self.other.execute("BEGIN IMMEDIATE")

        def back(self):
            if self.other is not None:
                self.other.close()

    class Gone:
        name = make_url(url).database

        def leave(self):
            tell(POSTGRES, f"ALTER DATABASE {self.name} WITH ALLOW_CONNECTIONS false")
            tell(
                POSTGRES,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{self.name}'",
            )

        def back(self):
            tell(POSTGRES, f"ALTER DATABASE {self.name} WITH ALLOW_CONNECTIONS true")

    ledger = Locked() if url.startswith("sqlite") else Gone()
    yield ledger
    ledger.back()


class Parting:
    """A sender behind whose back something happens once the server has answered for the first
    time."""

    def __init__(self, sender, then):
        self.sender, self.then, self.longest = sender, then, sender.longest

    def hand_over(self, *said):
        reply = self.sender.hand_over(*said)
        self.then, then = lambda: None, self.then
        then()
        return reply


def work_off(acme, url, then, sleep, stopped=lambda: False):
    """Work the outbox off, while `then` happens after the first answer."""
    postman = OutboxWorker(
        acme.ledger,
        message_builder_of(acme.project, {}),
        lambda _: (page(), sha256(page()).hexdigest()),
        acme.folder,
        acme.now,
        "sender",
        stopped=stopped,
        sleep=sleep,
    )
    with connect(Server.parse(url)) as sender:
        return postman.work_off(Parting(sender, then))


class Sleep:
    """Sleeps by putting the clock forward; `then` is called when that took so many seconds."""

    def __init__(self, acme, seconds=0.0, then=lambda: None):
        self.acme, self.seconds, self.then, self.slept = acme, seconds, then, []

    def __call__(self, seconds):
        self.slept.append(seconds)
        self.acme.now.forward(timedelta(seconds=seconds))
        if sum(self.slept) >= self.seconds:
            self.then()


def test_an_answer_is_written_down_when_the_ledger_is_back_and_nothing_goes_out_twice(
    acme, usual, away
):
    """It is away for 20 s; the pauses are 1, 2, 4, 8 and 10 s."""
    acme.queue(ADA, CY)
    sleep = Sleep(acme, 20, away.back)
    tally = work_off(acme, usual.url, away.leave, sleep)
    assert (tally.sent, sleep.slept) == (2, [1, 2, 4, 8, 10])
    assert acme.states() == {ADA: "sent", CY: "sent"}
    acme.now.forward(TTL + 5 * MINUTE)
    assert acme.post(usual.url).sent == 0
    assert sorted(usual.readers()) == [ADA, CY]


def test_a_ledger_that_stays_away_is_waited_for_until_another_sender_may_come(acme, usual, away):
    acme.queue(ADA)
    sleep = Sleep(acme)
    with pytest.raises(LedgerError):
        work_off(acme, usual.url, away.leave, sleep)
    assert TTL - 2 * MINUTE < timedelta(seconds=sum(sleep.slept)) <= TTL - MINUTE
    away.back()
    assert acme.of(ADA).state == "handed over"
    acme.now.forward(TTL)
    assert (acme.post(usual.url).sent, acme.of(ADA).doubts) == (1, 1)


def test_told_to_stop_it_no_longer_waits_for_the_ledger(acme, usual, away):
    acme.queue(ADA)
    sleep = Sleep(acme)
    with pytest.raises(LedgerError):
        work_off(acme, usual.url, away.leave, sleep, lambda: len(sleep.slept) == 3)
    assert sleep.slept == [1, 2, 4]


def test_what_was_written_down_by_a_ledger_that_could_not_say_so_counts_once(
    acme, usual, monkeypatch
):
    settle = acme.ledger.settle

    def broken(*said, **more):
        monkeypatch.setattr(acme.ledger, "settle", settle)
        settle(*said, **more)
        raise LedgerError("The connection broke.")

    acme.queue(ADA)
    monkeypatch.setattr(acme.ledger, "settle", broken)
    assert work_off(acme, usual.url, lambda: None, Sleep(acme)).sent == 1
    assert [a.outcome for a in acme.ledger.attempts(acme.of(ADA))] == ["sent"]


# Being stopped


def test_told_to_stop_it_finishes_the_message_in_hand_and_puts_the_others_back(acme, usual):
    acme.queue(ADA, CY, "dee@example.com")
    assert acme.post(usual.url, stopped=lambda: bool(usual.new())).sent == 1
    assert Counter(acme.states().values()) == {"sent": 1, "queued": 2}


def test_an_interrupted_sender_puts_back_what_it_had_not_handed_over(acme):
    def interrupted(delivery):
        raise KeyboardInterrupt

    acme.file(acme.edition())
    packer = message_builder_of(acme.project, {})
    postman = OutboxWorker(acme.ledger, packer, interrupted, acme.folder, acme.now, "sender")
    with pytest.raises(KeyboardInterrupt):
        postman.work_off(None)
    assert acme.states() == {"shelf": "queued"}


def test_a_letter_of_another_version_is_withheld_and_stops_nobody_else(acme, usual):
    strange = NewDelivery("document", "x", "mail", CY, "Cy", '{"kind": "?"}', "<x@example.org>")
    acme.ledger.queue([strange], acme.now())
    acme.queue(ADA)
    assert acme.post(usual.url).failed == 1
    assert acme.states() == {ADA: "sent", CY: "withheld"}
    assert acme.of(CY).reply.startswith(f"The letter of delivery {strange.id} cannot be read")


# Folders


def test_a_document_is_laid_into_the_schedules_folder(acme):
    edition = acme.edition()
    acme.file(edition)
    acme.post()
    name = "Owner scorecard Mikael Lindqvist (head-of-support) 2026-10.pdf"
    shelf = acme.folder / "shelf" / "2026-10"
    assert {f.name: f.read_bytes() for f in shelf.iterdir()} == {name: page()}
    laid = acme.of("shelf")
    assert (laid.state, laid.code, laid.reply) == ("sent", 250, f"{name} was written to {shelf}.")
    assert (laid.size, laid.sha256) == (len(page()), sha256(page()).hexdigest())


def test_two_posts_of_one_person_are_two_files(acme):
    for owner in ("head-of-support", "head-of-service"):
        acme.file(acme.edition(owner))
    assert acme.post().sent == 2
    assert len(list((acme.folder / "shelf" / "2026-10").iterdir())) == 2


def test_a_folder_that_cannot_be_written_to_is_tried_again(acme):
    acme.file(acme.edition())
    (acme.folder / "shelf").write_text("in the way")
    assert acme.post().deferred == 1
    assert "shelf/2026-10 cannot be written to" in acme.of("shelf").reply
    (acme.folder / "shelf").unlink()
    acme.now.forward(MINUTE)
    assert acme.post().sent == 1


def test_a_file_that_has_a_documents_name_already_is_not_replaced(acme):
    """The project names two posts' pages alike; the first keeps the name."""
    names = acme.folder / "templates" / "mail"
    names.mkdir(parents=True)
    (names / "file_name.j2").write_text("{{ letter.title }} {{ letter.period_key }}")
    acme.file(acme.edition("head-of-support"))
    acme.post()
    acme.file(acme.edition("head-of-service", pdf=page() + b"\n%"))
    assert acme.post().failed == 1
    shelf = acme.folder / "shelf" / "2026-10"
    name = "Owner scorecard 2026-10.pdf"
    assert {f.name: f.read_bytes() for f in shelf.iterdir()} == {name: page()}
    (withheld,) = acme.ledger.deliveries(states=["withheld"])
    assert withheld.reply == (
        f"{name} in {shelf} is something else and was not replaced; "
        "take it away, or name documents apart in templates/mail/file_name.j2."
    )
    (shelf / name).unlink()
    assert acme.ledger.requeue([withheld.id], acme.now(), "by hand") == 1
    assert acme.post().sent == 1


@pytest.mark.parametrize("again", ["the same", "drawn again"])
def test_a_document_that_a_lost_sender_laid_there_is_laid_there_again(acme, again):
    """It was killed before it could say so; the page may be drawn anew since, as other bytes."""
    edition = acme.edition()
    acme.file(edition)
    lose_a_sender(acme)
    shelf = acme.folder / "shelf" / "2026-10"
    shelf.mkdir(parents=True)
    file = shelf / "Owner scorecard Mikael Lindqvist (head-of-support) 2026-10.pdf"
    file.write_bytes(page())
    anew = page() if again == "the same" else page() + b"\n%"
    acme.edition(pdf=anew)
    assert acme.post().sent == 1
    assert (list(shelf.iterdir()), file.read_bytes()) == ([file], anew)


@pytest.mark.parametrize("laid", ["link", "dangling", "pipe", "folder"])
def test_what_somebody_laid_in_a_documents_place_is_neither_followed_nor_replaced(acme, laid):
    acme.file(acme.edition())
    victim, shelf = acme.folder / "victim", acme.folder / "shelf" / "2026-10"
    victim.write_text("ours")
    shelf.mkdir(parents=True)
    place = shelf / "Owner scorecard Mikael Lindqvist (head-of-support) 2026-10.pdf"
    match laid:
        case "link":
            place.symlink_to(victim)
        case "dangling":
            place.symlink_to(acme.folder / "new")
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
    assert acme.post().failed == 1
    assert acme.of("shelf").state == "withheld"
    assert "is something else and was not replaced" in acme.of("shelf").reply
    assert (victim.read_text(), list(shelf.iterdir())) == ("ours", [place])
    assert not (acme.folder / "new").exists()


def test_a_link_in_the_place_of_a_periods_folder_is_not_followed(acme):
    acme.file(acme.edition())
    (acme.folder / "shelf").mkdir()
    (acme.folder / "elsewhere").mkdir()
    (acme.folder / "shelf" / "2026-10").symlink_to(acme.folder / "elsewhere")
    assert acme.post().deferred == 1
    assert "2026-10 on its way is a symbolic link" in acme.of("shelf").reply
    assert list((acme.folder / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(("shared", "modes"), [(False, (0o700, 0o600)), (True, (0o2750, 0o640))])
def test_what_is_laid_into_a_folder_is_for_its_owner_or_on_purpose_for_a_group(acme, shared, modes):
    (acme.folder / "shelf").mkdir(mode=0o755)
    if shared:
        (acme.folder / "shelf").chmod(0o2750)
    acme.file(acme.edition())
    assert acme.post().sent == 1
    (period,) = (acme.folder / "shelf").iterdir()
    (file,) = period.iterdir()
    assert tuple(f.stat().st_mode & 0o7777 for f in (period, file)) == modes


# What is withheld


def test_who_is_not_on_the_list_gets_nothing(acme, usual):
    acme.set(f'allow = ["@example.org", "{CY}"]\noperator = ["{OPS}"]')
    acme.queue(ADA, CY)
    acme.post(usual.url)
    assert acme.states() == {ADA: "withheld", CY: "sent"}
    assert acme.of(ADA).reply == (
        f"{ADA} is not on the list of those who may be written to; "
        "add the address or its domain to allow in [tool.scorecard.mail]."
    )
    assert sorted(usual.readers()) == [CY, OPS]  # the operator needs not be on the list


def test_a_suspended_address_is_a_failure_and_one_that_opted_out_is_none(acme, usual):
    acme.ledger.note_address(ADA, "suspended", "5.1.1 no such user", acme.now())
    acme.ledger.note_address(CY, "opted out", "I look it up myself", acme.now())
    acme.queue(ADA.upper(), CY)
    tally = acme.post(usual.url)
    assert (tally.sent, tally.failed) == (1, 1)  # sent: to the operator
    assert acme.states() == {ADA.upper(): "withheld", CY: "opted out"}
    assert acme.of(CY).reply == (
        f"{CY}: opted out on 2026-11-16 (I look it up myself); "
        f'"scorecard reinstate {CY}" lifts that.'
    )
    (told,) = usual.new()
    assert "5.1.1 no such user" in text_of(told) and CY not in text_of(told)


def test_who_unsubscribed_still_gets_what_they_answer_for(acme, usual):
    """Cy owns a page and subscribed to another: leaving the second is no way out of the first."""
    acme.set('unsubscribe = "mailto:cards@example.org"')
    acme.ledger.note_address(CY, "unsubscribed", "by mail", acme.now())
    own, subscribed = acme.edition("cy"), acme.edition("ada")
    acme.queue(CY, edition=own)
    acme.queue(CY, edition=subscribed, subscriber=True)
    acme.post(usual.url)
    found = {d.edition_id: d.state for d in acme.ledger.deliveries(recipient=CY)}
    assert found == {own[0].id: "sent", subscribed[0].id: "opted out"}
    assert ["List-Unsubscribe" in read(m) for m in usual.new()] == [False]


def test_who_has_no_address_is_reported(acme, usual):
    acme.queue("")
    acme.post(usual.url)
    assert acme.of("").reply == "Reader has no address; add an email to strategy.toml."
    assert usual.readers() == [OPS]


def test_what_is_too_large_after_encoding_is_withheld(acme, usual):
    acme.set('size_limit = "10 KB"')
    acme.queue(ADA)
    acme.post(usual.url)
    assert (acme.of(ADA).state, usual.new()) == ("withheld", [])
    # base64 writes three bytes as four letters, and a line end after each 76 of them
    least = len(page()) * 4 / 3 * 78 / 76 / 1e6
    reply = acme.of(ADA).reply
    said = float(reply.split("would have ")[1].split(" MB")[0])
    assert least < said < least + 0.02
    assert reply.endswith(
        "after encoding, and 0.01 MB is the most; raise size_limit, or set "
        'too_large = "link" and link.'
    )


def test_what_is_too_large_can_be_linked_instead(acme, usual):
    acme.set(
        'size_limit = "20 KB"\ntoo_large = "link"\nlink = "https://host/{period}/{file}?a={b}"'
    )
    acme.queue(ADA)
    acme.post(usual.url)
    (message,) = usual.new()
    assert enclosed(message) == {} and len(message) < 20_000
    name = "Owner%20scorecard%20Mikael%20Lindqvist%20%28head-of-support%29%202026-10.pdf"
    assert f"Here it is: https://host/2026-10/{name}?a={{b}}" in text_of(message)


# Who still gets what was queued


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """A project with a strategy, in which Ada Example is head of service, and schedules."""
    folder = tmp_path_factory.mktemp("pattern") / "acme"
    list(init(folder))
    return folder


@pytest.fixture
def staffed(acme, pattern):
    """The office with that strategy, and the page of the head of service queued for Ada."""
    for name in ("metrics", "schedules"):
        shutil.copytree(pattern / name, acme.folder / name)
    shutil.copy(pattern / "strategy.toml", acme.folder)
    replaced(acme, "schedules/owner-scorecards.toml", 'complete = ["transactions"]', "")
    acme.page = acme.edition("head-of-service")
    acme.queue(ADA, edition=acme.page)
    return acme


def replaced(acme, name, old, new):
    file = acme.folder / name
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_who_no_longer_holds_the_post_gets_no_page_that_was_put_off(staffed, servers, usual):
    """Ada's mail is put off, Cy takes over, and the operator hears who did not get it."""
    assert staffed.post(servers("busy").url()).deferred == 1
    replaced(staffed, "strategy.toml", 'email = "ada@example.com"', f'email = "{CY}"')
    staffed.now.forward(DAY)
    assert staffed.post(usual.url).failed == 1
    withheld = staffed.of(ADA)
    assert (withheld.state, withheld.reply) == (
        "withheld",
        'Reader no longer gets owner-scorecard head-of-service; "scorecard run owner-scorecards '
        '--period 2026-10 --correct WHY" sends it to whoever does.',
    )
    assert usual.readers() == [OPS]
    assert "Reader no longer gets" in text_of(usual.new()[0])
    staffed.queue(CY, edition=staffed.page)
    assert (staffed.post(usual.url).sent, usual.readers()) == (1, [OPS, CY])


def test_who_still_holds_the_post_gets_the_page_however_the_address_is_written(staffed, usual):
    replaced(staffed, "strategy.toml", 'email = "ada@example.com"', 'email = "Ada@Example.COM"')
    staffed.post(usual.url)
    assert usual.readers() == [ADA]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("strategy.toml", "[[owner]]", "[[owner"),
        ("strategy.toml", 'team = "service"', 'team = "sales"'),
        ("schedules/owner-scorecards.toml", "business_day = 16", "business_day = 1600"),
        ("schedules/owner-scorecards.toml", "", None),
    ],
)
def test_where_it_cannot_be_said_who_gets_it_today_it_goes_as_it_was_queued(
    staffed, usual, name, old, new
):
    replaced(staffed, "strategy.toml", 'email = "ada@example.com"', f'email = "{CY}"')
    if new is None:
        (staffed.folder / name).unlink()
    else:
        replaced(staffed, name, old, new)
    staffed.post(usual.url)
    assert usual.readers() == [ADA]


def test_who_gets_what_is_worked_out_once_for_all_that_is_sent(staffed, usual, monkeypatch):
    asked = []
    found = readers.recipients
    monkeypatch.setattr(readers, "recipients", lambda *said: asked.append(said) or found(*said))
    staffed.queue(CY, "dee@example.com", edition=staffed.page)
    tally = staffed.post(usual.url)
    assert (tally.failed, len(asked)) == (2, 1)
    assert sorted(usual.readers()) == [ADA, OPS]


# Passwords


def test_a_pdf_with_a_password_opens_with_it_only(acme, usual):
    acme.set(f'password = "${{PDFS}}"\npasswords = {{ "{CY}" = "for Cy alone" }}')
    acme.queue(ADA, CY)
    env = {"SCORECARD_SMTP": usual.url, "PDFS": "for all others"}
    assert post(acme.project, acme.ledger, env, acme.now, "sender").sent == 2
    keys = {ADA: "for all others", CY: "for Cy alone"}
    for reader, message in zip(usual.readers(), usual.new(), strict=True):
        ((_name, pdf),) = enclosed(message).items()
        (other,) = set(keys.values()) - {keys[reader]}
        for wrong in ("", other):
            assert PdfReader(BytesIO(pdf)).decrypt(wrong) is PasswordType.NOT_DECRYPTED
        opened = PdfReader(BytesIO(pdf))
        assert opened.decrypt(keys[reader]) is not PasswordType.NOT_DECRYPTED
        assert "Mikael Lindqvist" in opened.pages[0].extract_text()
        assert acme.of(reader).sha256 == sha256(page()).hexdigest()


def test_a_password_that_the_environment_lacks_keeps_everything_waiting(acme, usual):
    acme.set('password = "${PDFS}"')
    acme.queue(ADA)
    with pytest.raises(ProjectError, match=r"mail\.password refers to \$\{PDFS\}"):
        acme.post(usual.url)
    assert (acme.states(), usual.new()) == ({ADA: "queued"}, [])


# The operator


def test_the_operator_gets_one_mail_about_all_that_failed(acme, usual):
    acme.ledger.note_address(ADA, "suspended", "5.1.1 no such user", acme.now())
    acme.queue(ADA, BO, CY)
    acme.post(usual.url)
    told = usual.new()[-1]
    assert usual.readers() == [CY, OPS]
    assert read(told)["Subject"] == "Scorecard operator: 2 deliveries did not arrive."
    said = text_of(told)
    assert f"{ADA}: owner-scorecards 2026-10 document, withheld: {ADA}: suspended" in said
    assert f"{BO}: owner-scorecards 2026-10 document, refused: localhost" in said
    assert '"scorecard resend --failed"' in said and CY not in said
    acme.now.forward(DAY)
    acme.post(usual.url)
    assert len(usual.new()) == 2


def test_a_crash_between_writing_to_the_operator_and_marking_it_is_no_second_mail(
    acme, usual, monkeypatch
):
    def killed(_ids):
        raise KeyboardInterrupt

    acme.queue(BO)
    with monkeypatch.context() as patched:
        patched.setattr(acme.ledger, "tell", killed)
        with pytest.raises(KeyboardInterrupt):
            acme.post(usual.url)
    assert [d.recipient for d in acme.ledger.untold()] == [BO]
    acme.now.forward(MINUTE)
    acme.post(usual.url)
    acme.post(usual.url)
    assert (usual.readers(), acme.ledger.untold()) == ([OPS], [])


def test_a_failure_to_reach_the_operator_is_not_reported_to_the_operator(acme, usual):
    acme.set(f'operator = ["{BO}"]')
    acme.queue(BO)
    acme.post(usual.url)
    acme.post(usual.url)
    said = [(d.kind, d.state) for d in acme.ledger.deliveries()]
    assert sorted(said) == [("document", "refused"), ("operator", "refused")]
    assert acme.ledger.untold() == []


def test_many_failures_are_one_short_mail(acme, usual):
    acme.set(f'allow = ["@example.org"]\noperator = ["{OPS}"]')
    acme.queue(*(f"reader{n:02}@example.com" for n in range(45)))
    acme.post(usual.url)
    (told,) = usual.new()
    assert "45 deliveries did not arrive." in text_of(told)
    assert "5 more: scorecard deliveries --failed" in text_of(told)
    assert text_of(told).count("is not on the list") == 40


def test_only_what_failed_is_queued_again_and_a_second_failure_is_told_again(acme, usual):
    acme.queue(ADA, BO)
    acme.post(usual.url)
    acme.now.forward(MINUTE)
    both = [d.id for d in acme.ledger.deliveries(kind="document")]
    assert acme.ledger.requeue(both, acme.now(), "by hand") == 1
    acme.post(usual.url)
    assert usual.readers() == [ADA, OPS, OPS]
    assert acme.of(BO).state == "refused"


def test_where_nobody_is_told_nothing_is_told(acme):
    acme.set("")
    acme.queue(ADA)
    acme.ledger.settle(*acme.ledger.take_out("x", acme.now(), TTL, 1), "refused", acme.now())
    assert tell_operator(acme.project, acme.ledger, acme.now()) == 1
    assert acme.ledger.untold() == []


# Trying the way out


def test_a_trial_goes_out_alone_and_leaves_nothing_behind(acme, usual):
    acme.queue(ADA)
    reply = send_test(acme.project, acme.ledger, {}, Server.parse(usual.url), CY, acme.now())
    assert (reply.kind, usual.readers()) == ("accepted", [CY])
    reply = send_test(acme.project, acme.ledger, {}, Server.parse(NOWHERE), CY, acme.now())
    assert (reply.kind, acme.ledger.delivery_counts()) == ("unreachable", {"queued": 1})


def test_a_trial_keeps_to_the_list(acme, usual):
    acme.set('allow = ["@example.org"]')
    with pytest.raises(MailError, match="is not on the list"):
        send_test(acme.project, acme.ledger, {}, Server.parse(usual.url), CY, acme.now())
    assert usual.new() == []
