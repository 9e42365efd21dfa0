"""Servers at their worst: each conversation ends in time, in a sentence, and within a size."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from evil_server import (
    IMAP,
    SMTP,
    EvilServer,
    drip,
    flood,
    imap,
    once,
    silent,
    slow,
    smtp,
)
from mail_server import certify
from sample_mail import ADA, MONDAY, Office

from scorecard.delivery.post import post
from scorecard.delivery.sending import SPARE, TTL
from scorecard.errors import MailError
from scorecard.ledger import Ledger
from scorecard.mail.imap_mailbox import ImapBox
from scorecard.mail.mail_url import take_apart
from scorecard.mail.mailbox import FORM, SETTING, open_box
from scorecard.mail.sender import connect
from scorecard.mail.server import Server
from scorecard.mail.smtp_wire import TimeLimits

US = "cards@example.com"
MESSAGE = b"Message-ID: <1@example.com>\r\nSubject: One\r\n\r\nHello.\r\n"
LARGE = MESSAGE + b"0123456789abcdef0123456789abcdef0123456789abcdef\r\n" * 400_000
LIMITS = {"timeout": 0.4, "patience": 0.4}
LONG = 20.0
"""Seconds that no conversation of these tests may take on a busy machine; they ask for one or two."""
CODES = {stage: answer[:3] for stage, answer in SMTP.items()}
EVILS = {
    "lines without end": lambda code: flood(code + b"-and more\r\n"),
    "empty lines without end": lambda code: flood(b"\r\n"),
    "a line now and then": lambda code: drip(code + b"-wait\r\n"),
    "a byte now and then": lambda code: drip(b"2"),
    "a line of ten million bytes": lambda code: once(code + b" " + b"x" * 10_000_000 + b"\r\n"),
    "zeros": lambda code: once(b"\0" * 60 + b"\r\n" + b"\0" * 60 + b"\r\n"),
    "its half closed": lambda code: once(code[:2], close=True),
    "no word": lambda code: silent,
    "no SMTP": lambda code: once(b"HTTP/1.1 418 I'm a teapot\r\n"),
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    certify(folder, "good")
    return folder


def told(url, message=MESSAGE, **limits):
    """The outcome of one message, whether its content began, and the seconds that it took."""
    begun = []
    start = time.monotonic()
    with connect(Server.parse(url), **LIMITS | limits) as sender:
        reply = sender.hand_over(US, ADA, message, lambda: begun.append(1))
    return reply, bool(begun), time.monotonic() - start


# SMTP


@pytest.mark.parametrize("what", EVILS)
def test_whatever_a_server_says_at_whatever_stage_has_an_end(what, certificates):
    def at(stage):
        instead = {"rcpt": b"550 5.1.1 unknown\r\n"} if stage == "rset" else {}
        script = smtp(stage, EVILS[what](CODES.get(stage, b"220")), instead=instead)
        encrypted = stage in ("starttls", "handshake", "auth")
        with EvilServer(script, certificates if encrypted else Path()) as server:
            return stage, *told(server.smtp), server.contents

    stages = [*SMTP, "handshake"]
    with ThreadPoolExecutor(len(stages)) as pool:
        for stage, reply, begun, seconds, contents in pool.map(at, stages):
            expected = {
                "content": {"unsure"},
                "quit": {"accepted"},
                "rset": {"permanent"},
            }.get(stage, {"unreachable"})
            assert (stage, reply.kind) == (stage, expected.copy().pop())
            assert (stage, begun) == (stage, stage in ("content", "quit"))
            assert len(contents) == (1 if begun else 0)
            assert seconds < LONG, stage
            assert reply.text.isprintable() and len(reply.text) < 600 and reply.text[-1] == "."


@pytest.mark.parametrize("evil", [silent, drip(b"")])
def test_a_server_that_never_reads_is_not_written_to_for_ever(evil):
    with EvilServer(smtp("reading", evil)) as server:
        reply, begun, seconds = told(server.smtp, LARGE)
    assert (reply.kind, reply.stage, begun) == ("unreachable", "content", True)
    assert seconds < LONG and server.contents == []


def test_a_server_that_is_always_just_in_time_has_to_be_so_for_the_whole_message():
    """Each answer comes within the limit of one, and together they would take too long."""
    slowly = {stage: slow(SMTP[stage], 0.3) for stage in ("banner", "ehlo", "mail", "rcpt")}

    def script(peer):
        for stage, evil in slowly.items():
            evil(peer)
            if stage != "rcpt":
                peer.hear()
        peer.wait()

    with EvilServer(script) as server:
        reply, begun, seconds = told(server.smtp, timeout=0.6, whole=0.7)
    assert (reply.kind, begun) == ("unreachable", False)
    assert "no answer in time" in reply.text and seconds < LONG


@pytest.mark.parametrize("size", [b"9" * 5000, b"-1", b"1e9", b"\xb2", b"", b"0"])
def test_a_size_that_is_none_is_no_limit(size):
    ehlo = b"250-evil.example\r\n250 SIZE " + size + b"\r\n"
    with EvilServer(smtp("", silent, instead={"ehlo": ehlo})) as server:
        assert told(server.smtp, timeout=LONG, patience=LONG)[0].kind == "accepted"
    assert len(server.contents) == 1


@pytest.mark.parametrize(
    ("stage", "answers"),
    [
        ("banner", b"220 hello\r\n250 to EHLO\r\n250 to MAIL\r\n"),
        ("rcpt", b"250 ok\r\n354 go on\r\n250 taken\r\n"),
        ("data", b"354 go on\r\n250 taken before it came\r\n"),
    ],
)
def test_answers_that_come_before_they_are_asked_for_are_no_answers(stage, answers):
    """Else what a server said about nothing would be what it says of a message: "sent"."""
    with EvilServer(smtp(stage, once(answers))) as server:
        reply, _begun, seconds = told(server.smtp, timeout=2.0, patience=2.0)
    assert reply.kind in ("unreachable", "unsure")
    assert "before it was asked" in reply.text and seconds < LONG


def test_what_was_said_in_the_clear_does_not_pass_for_encrypted(certificates):
    """STARTTLS and, in the same packet, an offer that the server never made."""
    evil = once(b"220 go on\r\n250 AUTH PLAIN\r\n")
    with EvilServer(smtp("starttls", evil), certificates) as server:
        reply, *_ = told(server.smtp)
    assert (reply.kind, reply.stage) == ("unreachable", "connection")
    assert "in the clear after TLS" in reply.text


def test_a_server_that_asks_for_the_password_again_and_again_gets_it_once(certificates):
    heard = []

    def evil(peer):
        for _ in range(9):
            peer.say(b"334 \r\n")
            heard.append(peer.hear())

    with EvilServer(smtp("auth", evil), certificates) as server:
        reply, *_ = told(server.smtp)
    assert (reply.kind, reply.stage) == ("login", "login")
    assert len([line for line in heard if line and not line.startswith((b"RSET", b"QUIT"))]) == 1
    assert "s3cret" not in reply.text


# Sent once


class Fast:
    """A clock that runs so fast that a sender's life of twenty minutes is three seconds."""

    def __init__(self):
        self.began = time.monotonic()

    def __call__(self):
        return MONDAY + (time.monotonic() - self.began) * TTL / 3


@pytest.fixture
def acme(local, tmp_path):
    return Office(tmp_path / "acme", local, 'in_doubt = "ask"')


def both_send(acme, server, **limits):
    """Two senders at the same outbox, the second of which looks again and again."""
    acme.now = Fast()
    acme.queue(ADA)
    env = {"SCORECARD_SMTP": server.smtp}
    address = acme.ledger.where

    def send(holder, until):
        with Ledger.open(address, acme.folder) as ledger:
            while not until():
                post(acme.project, ledger, env, acme.now, holder, **limits)
                time.sleep(0.1)

    first = Thread(target=send, args=("first", lambda: acme.of(ADA).finished_at is not None))
    end = time.monotonic() + 5
    second = Thread(target=send, args=("second", lambda: time.monotonic() > end))
    for each in (first, second):
        each.start()
        time.sleep(0.2)
    for each in (first, second):
        each.join()
    return acme.of(ADA)


def test_a_message_whose_answer_never_ends_is_not_sent_by_another_meanwhile(acme):
    """A line now and then held its sender until another took the message for lost with it."""
    with EvilServer(smtp("content", drip(b"250-wait\r\n"))) as server:
        delivery = both_send(acme, server, timeout=0.5, patience=1.5, whole=0.5)
    assert (delivery.state, len(server.contents)) == ("in doubt", 1)
    assert [each.outcome for each in acme.ledger.attempts(delivery)] == ["in doubt"]


def test_a_message_whose_answer_ends_late_is_sent_once(acme):
    with EvilServer(smtp("content", drip(b"250-wait\r\n", 1.0, b"250 taken\r\n"))) as server:
        delivery = both_send(acme, server, timeout=0.5, patience=1.5, whole=0.5)
    assert (delivery.state, len(server.contents)) == ("sent", 1)
    assert [each.outcome for each in acme.ledger.attempts(delivery)] == ["sent"]


def test_the_longest_conversation_is_shorter_than_a_senders_life(acme):
    """What may pass between taking a message over and writing down what came of it."""
    assert timedelta(seconds=TimeLimits().longest) < TTL - SPARE
    acme.queue(ADA)
    with EvilServer(smtp("", silent)) as server:
        env = {"SCORECARD_SMTP": server.smtp}
        with pytest.raises(MailError, match=r"taken for lost; shorten the limits of time\.$"):
            post(acme.project, acme.ledger, env, acme.now, "sender", timeout=60, patience=900)
    assert (acme.of(ADA).state, server.contents) == ("queued", [])


# IMAP

IMAP_EVILS = {
    "lines without end": flood(b"* OK and more\r\n"),
    "empty lines without end": flood(b"\r\n"),
    "challenges without end": flood(b"+ go on\r\n"),
    "mails without end": flood(b"* 1 FETCH (BODY[] {5}\r\nhello)\r\n"),
    "a line now and then": drip(b"* OK wait\r\n"),
    "a byte now and then": drip(b"*"),
    "a line of ten million bytes": once(b"* SEARCH " + b"1 " * 5_000_000 + b"\r\n"),
    "a literal of ten thousand million bytes": once(b"* 1 FETCH (BODY[] {9999999999}\r\nhello"),
    "a literal of five thousand digits": once(b"* 1 FETCH (BODY[] {" + b"9" * 5000 + b"}\r\n"),
    "a literal that is shorter than it says": once(b"* 1 FETCH (BODY[] {500}\r\nhello)\r\n"),
    "zeros": once(b"\0" * 60 + b"\r\n"),
    "letters beyond ASCII": once(b"* \xfc\xff OK\r\n"),
    "its half closed": once(b"* O", close=True),
    "no word": silent,
}


def looked(url, timeout=0.4):
    """The mails that were read; MailError as in production."""
    with open_box(url, timeout=timeout) as box:
        mails = list(box.waiting())
        for mail in mails:
            box.done(mail)
    return [mail.raw for mail in mails]


def test_a_server_that_is_well_is_read():
    with EvilServer(imap("", silent)) as server:
        assert looked(server.imap, LONG) == [b"Subject: hello\r\n\r\nHello.\r\n"] * 2


@pytest.mark.parametrize("what", IMAP_EVILS)
def test_whatever_a_mailbox_says_at_whatever_stage_has_an_end(what):
    def at(stage):
        start = time.monotonic()
        with EvilServer(imap(stage, IMAP_EVILS[what])) as server:
            try:
                looked(server.imap)
                said = ""
            except MailError as error:
                said = str(error)
            return stage, said, time.monotonic() - start

    with ThreadPoolExecutor(len(IMAP)) as pool:
        for stage, said, seconds in pool.map(at, IMAP):
            assert (stage, bool(said)) == (stage, stage != "logout")
            assert seconds < LONG, stage
            if said:
                assert said.startswith("127.0.0.1, port ") and said[-1] == "."
                assert said.isprintable() and len(said) < 600 and "s3cret" not in said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (b"* SEARCH " + b" ".join(b"%d" % n for n in range(1_000_000)) + b"\r\n", "a line of more"),
        ("* SEARCH 1 ２ 3\r\n".encode(), "finds mails that have no number"),
        (b"* SEARCH 1 2\xff\r\n", "finds mails that have no number"),
        (b"* SEARCH " + b"7" * 5000 + b"\r\n", "finds mails that have no number"),
        (b"* SEARCH 1:*\r\n", "finds mails that have no number"),
    ],
    ids=["a million", "wide digits", "no text", "5000 digits", "a range"],
)
def test_numbers_of_mails_that_are_none(found, said):
    script = imap("", silent, instead={"search": found})
    with EvilServer(script) as server, pytest.raises(MailError, match=said):
        looked(server.imap, LONG)


def test_a_look_into_a_mailbox_ends_though_each_command_is_in_time():
    fetched = []

    def evil(peer):
        fetched.append(1)
        slow(IMAP["fetch"], 0.3)(peer)

    many = b"* SEARCH " + b" ".join(b"%d" % n for n in range(1, 1000)) + b"\r\n"
    with EvilServer(imap("fetch", evil, instead={"search": many})) as server:
        end = take_apart(server.imap, SETTING, FORM, ("tls",))
        box = ImapBox(end, server.port, "INBOX", None, timeout=2.0, whole=3.0)
        assert 0 < len(list(box.waiting())) < 100
        box.close()
    assert 0 < len(fetched) < 100


# What it costs: each of these servers sends as quickly as it can

CLIENT = """
import json, re, sys
from pathlib import Path
from scorecard.errors import MailError
from scorecard.mail.mailbox import open_box
from scorecard.mail.sender import connect
from scorecard.mail.server import Server

def peak():
    # Not getrusage: what it says begins with the peak of the process that started this one.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def use(url):
    if url.startswith("smtp"):
        with connect(Server.parse(url), timeout=20, patience=20) as sender:
            return sender.hand_over("a@example.com", "b@example.com", b"Subject: x\\r\\n", int).text
    try:
        with open_box(url, timeout=20) as box:
            return str(sum(len(mail.raw) for mail in box.waiting()))
    except MailError as error:
        return str(error)

good, *evil = sys.argv[1:]
use(good.partition(" ")[0]), use(good.partition(" ")[2])
before = peak()
print(json.dumps([use(url) for url in evil] + [peak() - before]))
"""
MOST_MEGABYTES = 40
"""Of memory, for any conversation; the first of these servers once took 2,900 in half a minute."""


def test_no_server_fills_the_memory(tmp_path):
    scripts = {
        "smtp": [
            smtp(stage, flood(CODES[stage] + b"-" + b"x" * 500 + b"\r\n"))
            for stage in ("banner", "ehlo", "mail", "rcpt", "data", "content")
        ]
        + [smtp("ehlo", flood(b"250-" + b"x" * 10_000_000))],
        "imap": [
            imap(stage, flood(piece))
            for stage in ("banner", "capability", "search", "fetch")
            for piece in (b"* OK " + b"x" * 500 + b"\r\n", b"* " + b"x" * 10_000_000)
        ]
        + [
            imap("fetch", flood(b"* 1 FETCH (BODY[] {2000000}\r\n" + b"x" * 2_000_000 + b")\r\n")),
            imap("fetch", once(b"* 1 FETCH (BODY[] {9999999999}\r\n" + b"x" * 10_000_000)),
        ],
    }
    servers = [(kind, EvilServer(script)) for kind, group in scripts.items() for script in group]
    good = EvilServer(smtp("", silent)), EvilServer(imap("", silent))
    with ExitStack() as stack:
        for server in (*good, *(each for _, each in servers)):
            stack.enter_context(server)
        urls = [f"{good[0].smtp} {good[1].imap}", *(getattr(each, kind) for kind, each in servers)]
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, *urls], capture_output=True, text=True, check=True
        )
    *said, megabytes = json.loads(done.stdout)
    assert len(said) == len(servers)
    assert all(re.search(r"says .*(more than|literal) ", s) for s in said), said
    assert 1 < megabytes < MOST_MEGABYTES
