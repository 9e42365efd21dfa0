"""Returns: reports and requests in a folder, and what they change, on both kinds of ledger."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import timedelta
from email.message import EmailMessage
from getpass import getuser
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from socket import gethostname

import pytest
from mail_server import Behaviour, MailServer
from sample_mail import (
    ADA,
    BO,
    CY,
    MONDAY,
    OPS,
    SCHEDULE,
    Office,
    enclosed,
    page,
    read,
    text_of,
)
from sizes import sizes
from typer.testing import CliRunner

from scorecard.cli.app import app
from scorecard.delivery import bounce_processing
from scorecard.delivery.bounce_processing import (
    BELIEVED,
    MOST_MAILS,
    MOST_SAID,
    OLD_TOKENS,
    REMEMBERED,
    BounceTally,
    process_bounces,
)
from scorecard.delivery.new_deliveries import CONTENT, NewDeliveries, token_for
from scorecard.delivery.recipients import Recipient
from scorecard.delivery.sending import TTL
from scorecard.documents.formats import Formats
from scorecard.errors import MailError, ScorecardError
from scorecard.ledger import Ledger
from scorecard.mail.bounces import MOST_RECIPIENTS, read_mail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNKNOWN = "5.1.1", "550 5.1.1 <x>: no such mailbox"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with MailServer.start(tmp_path_factory.mktemp("server"), Behaviour(keep=True)) as started:
        yield started


@pytest.fixture
def local_office(local, tmp_path):
    office = Office(tmp_path / "office", local)
    (office.folder / "box").mkdir()
    return office


@pytest.fixture
def acme(ledger, tmp_path):
    office = Office(tmp_path / "acme", ledger)
    (office.folder / "box").mkdir()
    return office


def sent(acme, server, *readers, **more):
    """Queue the page and send it; the message as the last reader has it."""
    acme.queue(*readers, **more)
    acme.post(server.url())
    return server.messages()[-1]


def sent_to(acme, server, reader, **more):
    """The same, as that reader has it, whatever the operator is told meanwhile."""
    sent(acme, server, reader, **more)
    return next(
        m for m in server.messages()[::-1] if read(m)["To"].addresses[0].addr_spec == reader
    )


def lay(acme, mail, name="1.eml"):
    (acme.folder / "box" / name).write_bytes(mail if isinstance(mail, bytes) else mail.as_bytes())


def looked(acme):
    """Look into the box; what came of it, without what is 0."""
    found = process_bounces(acme.project, acme.ledger, "folder:box", acme.now())
    return {name: n for name, n in asdict(found).items() if n}


def report(about: bytes, status=UNKNOWN[0], said=UNKNOWN[1], action="failed", of=ADA):
    """What a mail server writes when it gives up (RFC 3464), with the heads of the message."""
    heads = about.partition(b"\r\n\r\n")[0].decode()
    return f"""\
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: cards@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {of}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b1
Content-Type: text/rfc822-headers

{heads.replace(chr(13), "")}

--b1--
""".replace("\n", "\r\n").encode()


def unsubscribing(token, sender=ADA):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "cards@example.org", f"unsubscribe {token}"
    mail.set_content("")
    return mail


def token(message: bytes):
    """What a request to get no more has to name."""
    offered = "".join(read(message)["List-Unsubscribe"].split())
    return offered.strip("<>").rpartition("%20")[2]


def local(message: bytes):
    """The Message-ID up to its @."""
    return read(message)["Message-ID"].strip("<>").partition("@")[0]


# Bounces


def test_a_message_that_came_back_has_bounced_and_its_address_gets_no_more(acme, server):
    message = sent(acme, server, ADA)
    lay(acme, report(message))
    assert looked(acme) == {"bounced": 1, "suspended": 1}
    assert (acme.of(ADA).state, acme.of(ADA).reply) == ("bounced", " ".join(UNKNOWN))
    event = acme.ledger.suppressed()[ADA]
    assert (event.event, event.reason, event.at) == ("suspended", " ".join(UNKNOWN), acme.now())
    assert [f.name for f in (acme.folder / "box" / "done").iterdir()] == ["1.eml"]
    told = sent(acme, server, CY, edition=acme.edition("another"))  # and the next is on its way
    assert read(told)["To"].addresses[0].addr_spec == OPS
    assert f"{ADA}: owner-scorecards 2026-10 document, bounced: 5.1.1" in text_of(told)


def test_reading_twice_counts_once(acme, server):
    """The process was killed after recording, and before it moved the mail away."""
    message = sent(acme, server, ADA)
    for name in ("1.eml", "2.eml"):
        lay(acme, report(message), name)
        looked(acme)
    lay(acme, report(message), "3.eml")
    assert looked(acme) == {}
    assert len(acme.ledger.address_events(ADA)) == 1
    assert [a.outcome for a in acme.ledger.attempts(acme.of(ADA))] == ["sent", "bounced"]


def test_once_reinstated_an_old_report_read_again_suspends_nobody(acme, server):
    message = sent(acme, server, ADA)
    lay(acme, report(message))
    looked(acme)
    acme.ledger.note_address(ADA, "reinstated", "the box is back", acme.now())
    acme.ledger.requeue([acme.of(ADA).id], acme.now(), "by hand")
    lay(acme, report(message))
    assert looked(acme) == {"other": 1}
    assert (acme.of(ADA).state, acme.ledger.suppressed()) == ("queued", {})


def test_a_second_bounce_after_reinstating_suspends_again(acme, server):
    first = sent(acme, server, ADA)
    lay(acme, report(first))
    looked(acme)
    acme.ledger.note_address(ADA, "reinstated", "the box is back", acme.now())
    second = sent_to(acme, server, ADA, edition=acme.edition("another"))
    lay(acme, report(second))
    assert looked(acme) == {"bounced": 1, "suspended": 1}


def test_an_address_that_it_was_forwarded_to_suspends_nobody(acme, server):
    """Ada's own address may be well; her forward is hers to mend, and the operator is told."""
    message = sent(acme, server, ADA)
    lay(acme, report(message, of="a17@inner.example"))
    assert looked(acme) == {"bounced": 1}
    assert (acme.of(ADA).state, acme.ledger.suppressed()) == ("bounced", {})


def test_an_address_is_the_same_in_another_spelling(acme, server):
    lay(acme, report(sent(acme, server, ADA), of=ADA.upper()))
    assert looked(acme) == {"bounced": 1, "suspended": 1}


UNCLEAR = "5.0.0", "550 no"


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"])
def test_one_bounce_suspends_an_address_that_there_is_not(acme, server, status):
    lay(acme, report(sent(acme, server, ADA), status, f"550 {status} no"))
    assert looked(acme) == {"bounced": 1, "suspended": 1}


@pytest.mark.parametrize("status", ["5.0.0", "5.1.0", "5.2.1", "5.4.4", "5.1.100"])
def test_one_bounce_for_another_reason_suspends_nobody_and_a_second_one_does(acme, server, status):
    for n, expected in enumerate(({"bounced": 1}, {"bounced": 1, "suspended": 1})):
        message = sent_to(acme, server, ADA, edition=acme.edition(f"edition {n}"))
        lay(acme, report(message, status, f"550 {status} no"))
        assert looked(acme) == expected
        acme.now.forward(DAY)
    assert acme.ledger.suppressed()[ADA].event == "suspended"


def test_bounces_of_one_day_or_of_one_message_are_one(acme, server):
    """A server that has a bad day refuses three documents, and says of one of them so twice."""
    messages = [sent(acme, server, ADA, edition=acme.edition(f"edition {n}")) for n in range(3)]
    for message in messages:
        lay(acme, report(message, *UNCLEAR))
        looked(acme)
    acme.now.forward(DAY)
    lay(acme, report(messages[0], *UNCLEAR) + b"again")
    looked(acme)
    assert acme.ledger.suppressed() == {}


@pytest.mark.parametrize("meanwhile", ["reinstated", "long ago"])
def test_a_first_bounce_is_forgotten(acme, server, meanwhile):
    lay(acme, report(sent(acme, server, ADA), *UNCLEAR))
    looked(acme)
    acme.now.forward(REMEMBERED if meanwhile == "long ago" else DAY)
    if meanwhile == "reinstated":
        acme.ledger.note_address(ADA, "reinstated", "it is mended", acme.now())
    second = sent_to(acme, server, ADA, edition=acme.edition("another"))
    lay(acme, report(second, *UNCLEAR))
    assert looked(acme) == {"bounced": 1}
    assert acme.ledger.suppressed() == {}


@pytest.mark.parametrize(
    ("after", "found"), [(-DAY, {"bounced": 1, "suspended": 1}), (HOUR, {"other": 1})]
)
def test_a_bounce_is_believed_for_a_month(acme, server, after, found):
    message = sent(acme, server, ADA)
    acme.now.forward(BELIEVED + after)
    lay(acme, report(message))
    assert looked(acme) == found


def test_a_bounce_of_what_has_not_left_yet_is_forged(acme):
    (parcel,) = acme.queue(ADA)
    lay(acme, report(f"Message-ID: {parcel.message_id}\r\n\r\n".encode()))
    assert looked(acme) == {"other": 1}
    assert (acme.of(ADA).state, acme.ledger.suppressed()) == ("queued", {})


# Forged mails


def test_what_a_reader_has_names_no_other_readers_message(acme, server):
    """The PDF shows the document's hash, and the message its own ids: all that Ada has."""
    acme.set('unsubscribe = "mailto:cards@example.org"')
    edition = acme.edition()
    hers = sent(acme, server, ADA, subscriber=True, edition=edition)
    his = sent(acme, server, BO, subscriber=True, edition=edition)
    known = [hers, *enclosed(hers).values(), page()]
    for secret in (local(his), token(his).partition(".")[2], local(his)[:12]):
        assert not any(secret.encode() in each for each in known)
    # As ids were made before, from what can be known or guessed: kind, edition, channel, reader.
    delivery = acme.of(BO)
    parts = delivery.kind, delivery.about, delivery.channel, BO
    guesses = [
        sha256(json.dumps(parts).encode()).hexdigest()[:40],
        delivery.id,
        *(
            hmac(key.encode(), delivery.id.encode(), "sha256").hexdigest()[:40]
            for key in (local(hers), token(hers), "")
        ),
    ]
    for n, guess in enumerate(guesses):
        lay(acme, report(his.replace(local(his).encode(), guess.encode()), of=BO), f"{n}.eml")
        lay(acme, unsubscribing(guess, BO), f"{n}-u.eml")
        lay(acme, unsubscribing(f"{delivery.id}.{guess}", BO), f"{n}-v.eml")
    for n, own in enumerate(
        (
            local(hers),
            local(his),
            token(hers).replace(acme.of(ADA).id, delivery.id),
            token(his)[:-1],
        )
    ):
        lay(acme, unsubscribing(own, BO), f"w{n}.eml")
    assert looked(acme) == {"other": 3 * len(guesses) + 4}
    assert (acme.ledger.suppressed(), acme.states()) == ({}, {ADA: "sent", BO: "sent"})


def test_ids_are_the_same_again_and_another_ledgers_are_others(acme, tmp_path):
    acme.set('unsubscribe = "mailto:cards@example.org"')
    edition, document = acme.edition()
    reader = Recipient(edition.document, edition.scope, "Reader", ADA, "Why.", True)

    def made(keyed):
        desk = NewDeliveries(acme.project, Formats("en_GB", "EUR"), acme.now(), keyed)
        return desk.enclosing(edition, document, reader, SCHEDULE)

    first = made(acme.ledger.keyed)
    acme.now.forward(DAY)
    again = made(acme.ledger.keyed)
    with Ledger.open("sqlite:///other.db", tmp_path) as ledger:
        other = made(ledger.keyed)
    assert (again.id, again.message_id) == (first.id, first.message_id)
    assert (other.id, other.message_id == first.message_id) == (first.id, False)
    unsubscribe = [CONTENT.validate_json(each.letter).unsubscribe for each in (first, again, other)]
    assert unsubscribe[0] == unsubscribe[1] != unsubscribe[2]


def test_a_token_is_compared_in_a_time_that_tells_nothing(acme, server, monkeypatch):
    acme.set('unsubscribe = "mailto:cards@example.org"')
    right = token(sent(acme, server, ADA, subscriber=True))
    seen = []
    monkeypatch.setattr(
        bounce_processing,
        "compare_digest",
        lambda *both: seen.append(both) or compare_digest(*both),
    )
    wrong = f"{right[:-1]}{'0' if right[-1] != '0' else '1'}"
    lay(acme, unsubscribing(wrong))
    assert looked(acme) == {"other": 1}
    assert seen == [(wrong.encode(), right.encode())]


def test_messages_of_an_earlier_version_come_back_and_are_unsubscribed_from_as_before(acme, server):
    """Their Message-IDs, which are their tokens, were made from what can be known."""
    acme.set('unsubscribe = "mailto:cards@example.org"')
    edition, document = acme.edition()
    old = []
    for address in (ADA, BO, CY):
        reader = Recipient(edition.document, edition.scope, "Reader", address, "Why.", True)
        new = acme.desk.enclosing(edition, document, reader, SCHEDULE)
        digest = sha256(address.encode()).hexdigest()[:40]
        letter = CONTENT.validate_json(new.letter)
        letter = replace(
            letter,
            message_id=f"<{digest}@example.org>",
            unsubscribe=f"mailto:cards@example.org?subject=unsubscribe%20{digest}",
        )
        old.append(
            replace(new, letter=CONTENT.dump_json(letter).decode(), message_id=letter.message_id)
        )
    acme.ledger.queue(old, acme.now())
    acme.post(server.url())
    hers, his, cys = server.messages()[-3:]
    lay(acme, report(hers, of=read(hers)["To"].addresses[0].addr_spec), "1.eml")
    lay(acme, unsubscribing(token(his)), "2.eml")
    assert looked(acme) == {"bounced": 1, "suspended": 1, "unsubscribed": 1}
    acme.now.forward(OLD_TOKENS + HOUR)
    lay(acme, unsubscribing(token(cys)))
    assert looked(acme) == {"other": 1}


@pytest.mark.parametrize("count", sizes(300, 10_000))
def test_a_flood_of_forged_mails_suspends_nobody_and_holds_nothing_up(
    local_office, server, caplog, count
):
    acme = local_office
    message = sent(acme, server, ADA, CY)
    recipient = read(message)["To"].addresses[0].addr_spec
    forged = report(message, of=recipient)
    for n in range(count):
        guess = sha256(f"{n}".encode()).hexdigest()[:40].encode()
        kind = n % 4
        if kind == 0:
            mail = forged.replace(local(message).encode(), guess)
        elif kind == 1:
            mail = unsubscribing(guess.decode()).as_bytes()
        elif kind == 2:
            mail = b"\0 no mail %d" % n
        else:
            mail = b"Subject: hello %d\r\n\r\n" % n
        lay(acme, mail, f"{n:05}.eml")
    real = report(message, of=recipient)
    lay(acme, real, "99999.eml")
    looks = 0
    with caplog.at_level("INFO", logger="scorecard"):
        while left := len(list((acme.folder / "box").glob("*.eml"))):
            looked(acme)
            looks += 1
            assert len(list((acme.folder / "box").glob("*.eml"))) == max(0, left - MOST_MAILS)
            acme.queue(BO, edition=acme.edition(f"look {looks}"))  # and the outbox goes on
            assert acme.post(server.url()).sent >= 1
    assert looks == -(-(count + 1) // MOST_MAILS)
    assert len(caplog.records) <= looks * (4 * (MOST_SAID + 1) + 10)
    assert set(acme.ledger.suppressed()) == {recipient}  # by the real one, at the end


def test_a_report_about_more_people_than_a_message_has_is_read_as_far_as_it_can_be_ours():
    block = "\r\n\r\nFinal-Recipient: rfc822; a{}@example.com\r\nAction: failed\r\nStatus: 5.1.1"
    blocks = "".join(block.format(n) for n in range(1000))
    head = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x"
    assert len(read_mail(head + blocks.encode() + b"\r\n")) == MOST_RECIPIENTS
    exim = "X-Failed-Recipients: " + ", ".join(f"a{n}@example.com" for n in range(1000))
    assert len(read_mail(f"{exim}\r\n\r\n".encode())) == MOST_RECIPIENTS


def test_no_header_tells_of_this_machine_or_its_ledger(acme, server):
    """Only what a reader may know: the sender, the company, and ids that mean nothing to them."""
    acme.set('unsubscribe = "mailto:cards@example.org"')
    message = sent(acme, server, ADA, subscriber=True)
    head = message.partition(b"\r\n\r\n")[0].decode()
    fields = re.sub(r"\r\n[ \t]", " ", head).split("\r\n")
    assert {field.partition(":")[0] for field in fields} == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "List-Unsubscribe",
        "Content-Language",
        "Content-Type",
        "MIME-Version",
    }
    heads = "\n".join(f"{n}: {v}" for part in read(message).walk() for n, v in part.items())
    secret = acme.ledger._known_identity().secret
    internal = [acme.folder, acme.folder.name, acme.ledger.where, gethostname(), getuser(), secret]
    for each in (*map(str, internal), acme.of(ADA).edition_id, "scorecard ", "python"):
        assert not re.search(rf"(?i)(?<!\w){re.escape(each)}(?!\w)", head + heads), each


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("4.4.7", "delivery time expired"),
        ("5.2.2", "552 5.2.2 mailbox full"),
        ("5.3.4", "552 5.3.4 message too big"),
        ("5.7.1", "550 5.7.1 looks like spam"),
    ],
)
def test_what_is_not_the_addresss_fault_bounces_and_suspends_nobody(acme, server, status, said):
    lay(acme, report(sent(acme, server, ADA), status, said))
    assert looked(acme) == {"bounced": 1}
    assert (acme.of(ADA).state, acme.ledger.suppressed()) == ("bounced", {})


def test_what_is_only_late_changes_nothing(acme, server):
    lay(acme, report(sent(acme, server, ADA), "4.4.1", "still trying", "delayed"))
    assert looked(acme) == {"other": 1}
    assert acme.of(ADA).state == "sent"


def test_a_report_on_a_message_that_nobody_sent_suspends_nobody(acme, server):
    """Anybody can write one; nobody can guess what a message is called."""
    message = sent(acme, server, ADA)
    forged = message.replace(local(message).encode(), b"0123456789abcdef")
    lay(acme, report(forged))
    assert looked(acme) == {"other": 1}
    assert (acme.of(ADA).state, acme.ledger.suppressed()) == ("sent", {})


def test_a_report_on_a_message_whose_answer_was_lost_settles_the_doubt(acme, server):
    """Its sender was killed while handing over, so that nobody knew that the server had it."""
    (parcel,) = acme.queue(ADA)
    (taken,) = acme.ledger.take_out("killed", acme.now(), TTL, 1)
    acme.ledger.hand_over(taken, acme.now())
    acme.now.forward(HOUR)
    lay(acme, report(f"Message-ID: {parcel.message_id}\r\n\r\n".encode()))
    assert looked(acme) == {"bounced": 1, "suspended": 1}
    acme.post(server.url())
    assert acme.of(ADA).state == "bounced"


def test_what_nobody_understands_is_set_aside(acme, server):
    message = sent(acme, server, ADA)
    lay(acme, report(message).replace(b"Final-Recipient", b"Recipient-To-Be"))
    lay(acme, b"\x00\x01 no mail", "2.eml")
    assert looked(acme) == {"unclear": 2}
    assert len(list((acme.folder / "box" / "unclear").iterdir())) == 2
    assert looked(acme) == {}


def test_an_absence_note_is_some_other_mail(acme):
    lay(acme, b"From: ada@example.com\r\nSubject: I am away\r\n\r\nUntil May.\r\n")
    assert looked(acme) == {"other": 1}


# Asking for no more


def test_a_subscriber_who_asks_gets_no_more(acme, server):
    acme.set('unsubscribe = "mailto:cards@example.org"')
    message = sent(acme, server, ADA, subscriber=True)
    asked = f"mailto:cards@example.org?subject=unsubscribe%20{token(message)}"
    offered = read(message)["List-Unsubscribe"]
    assert "".join(offered.split()) == f"<{asked}>"
    assert f"To get no more of these: {asked}" in text_of(message)
    lay(acme, unsubscribing(token(message), "private@example.net"))
    assert looked(acme) == {"unsubscribed": 1}
    assert acme.ledger.suppressed()[ADA].event == "unsubscribed"
    acme.queue(ADA, subscriber=True, edition=acme.edition("another"))
    assert acme.post(server.url()).sent == 0
    lay(acme, unsubscribing(token(message), "private@example.net"))
    assert looked(acme) == {}


def test_who_answers_for_a_page_cannot_leave_by_this_door(acme, server):
    """Their page offers no way out, though its message has a name like any other."""
    acme.set('unsubscribe = "mailto:cards@example.org"')
    message = sent(acme, server, BO)
    assert read(message)["List-Unsubscribe"] is None
    lay(acme, unsubscribing(local(message), BO))
    lay(acme, unsubscribing(token_for(acme.of(BO).id, acme.ledger.keyed), BO), "2.eml")
    assert looked(acme) == {"other": 2}
    assert acme.ledger.suppressed() == {}


@pytest.mark.parametrize("guess", ["%", "a", "0" * 40])
def test_a_guess_is_no_request(acme, server, guess):
    acme.set('unsubscribe = "mailto:cards@example.org"')
    sent(acme, server, ADA, subscriber=True)
    lay(acme, unsubscribing(guess))
    assert looked(acme) == {"other": 1}
    assert acme.ledger.suppressed() == {}


# Several states at once


def events(acme):
    """The states that Ada's address is in."""
    found = acme.ledger.suppressed().get(ADA)
    return [state.event for state in found.states] if found else []


@pytest.mark.parametrize(("first", "ends"), [("opted out", "opted out"), ("suspended", "withheld")])
def test_who_unsubscribes_lifts_nothing_that_came_before(acme, server, first, ends):
    acme.set('unsubscribe = "mailto:cards@example.org"')
    message = sent(acme, server, ADA, subscriber=True)
    acme.ledger.note_address(ADA, first, "before", acme.now())
    lay(acme, unsubscribing(token(message)))
    assert looked(acme) == {"unsubscribed": 1}
    assert events(acme) == [first, "unsubscribed"]
    own = acme.edition("another")
    acme.queue(ADA, edition=own)  # the page that she answers for
    acme.post(server.url())
    (page,) = (d for d in acme.ledger.deliveries(recipient=ADA) if d.edition_id == own[0].id)
    assert (page.state, page.reply.partition(" on ")[0]) == (ends, f"{ADA}: {first}")


def test_a_bounce_does_not_lift_what_she_asked_for(acme, server):
    message = sent(acme, server, ADA)
    acme.ledger.note_address(ADA, "opted out", "before", acme.now())
    lay(acme, report(message))
    looked(acme)
    assert events(acme) == ["opted out", "suspended"]
    assert acme.ledger.suppressed()[ADA].event == "opted out"  # her page says so


def test_who_is_reinstated_still_gets_none_of_what_they_unsubscribed_from(acme, server):
    acme.set('unsubscribe = "mailto:cards@example.org"')
    message = sent(acme, server, ADA, subscriber=True)
    lay(acme, unsubscribing(token(message)))
    looked(acme)
    acme.ledger.note_address(ADA, "suspended", "5.1.1", acme.now())
    acme.ledger.note_address(ADA, "reinstated", "by hand", acme.now())
    assert events(acme) == ["unsubscribed"]
    again, own = acme.edition("again"), acme.edition("own")
    acme.queue(ADA, subscriber=True, edition=again)
    acme.queue(ADA, edition=own)
    acme.post(server.url())
    found = {d.edition_id: d for d in acme.ledger.deliveries(recipient=ADA)}
    assert (found[again[0].id].state, found[own[0].id].state) == ("opted out", "sent")
    lifts = f'"scorecard reinstate {ADA} --subscriptions" lifts that.'
    assert found[again[0].id].reply.endswith(lifts)
    acme.ledger.note_address(ADA, "subscribed again", "by hand", acme.now())
    assert (events(acme), acme.ledger.suppressed()) == ([], {})


def test_an_address_is_silenced_however_it_is_spelt_and_no_other_is(ledger):
    for address in ("Ada@Straße.example", "bo@bücher.example"):
        ledger.note_address(address, "opted out", "asked", MONDAY, "mail-1")
    silenced = ledger.suppressed()
    assert [a in silenced for a in ("ada@straße.example", "ada@strasse.example")] == [True, False]
    assert silenced["BO@xn--bcher-kva.example"].address == "bo@bücher.example"
    assert not ledger.note_address("bo@xn--bcher-kva.example", "opted out", "", MONDAY, "mail-1")
    assert len(ledger.address_events("BO@BÜCHER.example")) == 1
    ledger.note_address("ada@strasse.example", "reinstated", "another", MONDAY)
    assert silenced.get("ada@straße.example") == ledger.suppressed().get("ada@straße.example")


# By hand


@pytest.fixture
def command(acme, url, monkeypatch):
    """Run a command in that project, on its ledger: exit code and what it says."""

    def run(*words):
        folder = acme.ledger.where if url.startswith("sqlite") else ""
        address = folder or url
        text = (acme.folder / "pyproject.toml").read_text()
        setting = f'ledger = "{address}"\n[tool.scorecard.mail]'
        if "ledger =" not in text:
            text = text.replace("[tool.scorecard.mail]", setting, 1)
            (acme.folder / "pyproject.toml").write_text(text)
        done = CliRunner().invoke(app, [*words, "--project", str(acme.folder)])
        said = str(done.exception) if isinstance(done.exception, ScorecardError) else done.output
        return done.exit_code, said

    return run


def test_reinstating_says_what_it_lifts_and_what_stays(acme, command):
    for n, event in enumerate(("suspended", "opted out", "unsubscribed")):
        acme.ledger.note_address(ADA, event, f"why {n}", acme.now())
    _, said = command("addresses")
    assert [line.split("  ")[2] for line in said.splitlines()[1::2]] == [
        "opted out",
        "suspended",
        "unsubscribed",
    ]
    lifts = f'"scorecard reinstate {ADA} --subscriptions" lifts that.'
    stays = f"unsubscribed, and sent no subscription; {lifts}"
    assert command("reinstate", ADA) == (
        0,
        f"{ADA}: no longer opted out or suspended\n{ADA}: still {stays}\n",
    )
    assert events(acme) == ["unsubscribed"]
    assert command("reinstate", ADA) == (1, f"{ADA} is {stays}")
    assert command("reinstate", ADA, "--subscriptions") == (
        0,
        f"{ADA}: no longer unsubscribed\n",
    )
    assert events(acme) == []
    assert command("reinstate", ADA) == (1, f"{ADA} is written to already.")


@pytest.mark.parametrize(
    "words",
    [
        ("opt-out", ADA, "--reason", "\udcff"),
        ("opt-out", "\udcff", "--reason", "asked"),
        ("reinstate", "\udcff"),
        ("reinstate", ADA, "--reason", "\udcff"),
        ("deliveries", "--recipient", "\udcff"),
        ("deliveries", "--schedule", "\udcff"),
        ("deliveries", "--state", "\udcff"),
        ("deliveries", "\udcff"),
        ("resend", "--failed", "--period", "\udcff"),
        ("resend", "--id", "\udcff"),
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(acme, command, words):
    """The shell hands over bytes that are not UTF-8 as halves of characters."""
    acme.ledger.note_address(ADA, "suspended", "so that it can be reinstated", acme.now())
    code, said = command(*words)
    assert (code, "it has bytes that are not UTF-8; type it again." in said) == (2, True)
    assert len(acme.ledger.address_events()) == 1


# The box


def test_what_came_of_it_is_said_in_a_line():
    assert str(BounceTally(1, 2, 3, 4, 5)) == (
        "bounced: 1, addresses suspended: 2, unsubscribed: 3, other mails: 4, "
        "set aside as unclear: 5"
    )


def test_a_box_that_is_not_there_is_an_error(acme):
    with pytest.raises(MailError, match=r"bounces in \[tool.scorecard.mail\]: .*nowhere is not"):
        process_bounces(acme.project, acme.ledger, "folder:nowhere", acme.now())
