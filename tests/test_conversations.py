"""A fuzzer of all that comes by mail: reports, addresses, addresses of servers, and whole
conversations in SMTP and IMAP, each answer of which may be anything."""

from __future__ import annotations

import re
import socket
from collections import Counter
from itertools import islice
from random import Random
from typing import get_args

import pytest
from evil_server import IMAP, SMTP
from fuzzing import fuzz, mutated
from mail_server import certify
from sizes import sizes

from scorecard import secrets
from scorecard.base.address import (
    LONGEST_ADDRESS,
    checked_address,
    has_controls,
    is_address,
    masked,
    named_address,
    same_mailbox,
    secrets_in,
    wire_address,
)
from scorecard.mail.bounces import MOST_RECIPIENTS, Bounce, Unsubscribe, read_mail
from scorecard.mail.imap_mailbox import ImapBox
from scorecard.mail.mail_url import Endpoint, take_apart
from scorecard.mail.mailbox import FORM, SETTING, open_box
from scorecard.mail.reply import ReplyKind
from scorecard.mail.sender import SmtpSender
from scorecard.mail.server import Server
from scorecard.mail.smtp_session import SmtpSession
from scorecard.mail.smtp_wire import TimeLimits
from scorecard.mail.wire import Deadline, Wire

US, ADA = "cards@example.com", "ada@example.org"
SECRET = "s3cret-pa55"
LIMIT = 5.0
"""Seconds that one conversation of a fuzzer may take; nobody keeps it waiting."""


# Mails

REPORT = b"""\
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r
To: cards@example.com\r
Subject: =?utf-8?q?Undelivered_Mail?= Returned\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"\r
\r
--b1\r
Content-Type: text/plain; charset=us-ascii\r
\r
Your message could not be delivered.\r
\r
--b1\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.org\r
\r
Original-Recipient: rfc822; ada@example.org\r
Final-Recipient: rfc822; a17@inner.example\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: no such\r
    mailbox here\r
\r
--b1\r
Content-Type: message/rfc822\r
\r
From: cards@example.com\r
Message-ID: <4f2a@example.com>\r
\r
--b1--\r
"""
MAILS = (
    REPORT,
    REPORT.replace(b"message/rfc822", b"text/rfc822-headers"),
    REPORT.replace(b"Reporting-MTA", b"Content-Transfer-Encoding: base64\r\n\r\nUmVwb3J0aW5n"),
    b"X-Failed-Recipients: ada@example.org, bo@example.org\r\nIn-Reply-To: <4f2a@x>\r\n\r\nExim.\r\n",
    b"From: Ada <ada@example.org>\r\nSubject: unsubscribe 0123456789abcdef.0123\r\n\r\n",
    b"Subject: I am away\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nUntil May.\r\n",
)
MAIL_TOKENS = (
    *(b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b"\xff", b"\xed\xa0\x80", b"--b1\r\n", b"--b1--"),
    *(b"=?x-none?b?//?=", b"=?utf-8?q?=ff=00?=", b"=?utf-16?b?2AA=?=", b"=?idna?q?x?=", b"=?"),
    *(b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: multipart/x; boundary=b1\r\n\r\n"),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n"),
    *(b'; charset="\xff"', b"; charset*=x''%ff", b"; boundary*0=b; boundary*1=1", b"; boundary="),
    *(b"Status: 5.1.1\r\n", b"Action: \r\n", b"Final-Recipient: ;;\r\n", b"Message-ID: <<>>\r\n"),
    *(b"9" * 5000, b"(" * 500, b"<" * 500, b'"' * 9, b", " * 500, b"a@b.c, " * 80, b"\xc2\x85"),
)


def read(raw: bytes) -> None:
    found = read_mail(raw)
    if isinstance(found, Unsubscribe):
        assert found.token.isascii() and len(found.token) <= 200
        return
    assert found is None or len(found) <= MOST_RECIPIENTS
    for bounce in found or ():
        assert isinstance(bounce, Bounce) and is_address(bounce.recipient)
        assert bounce.diagnostic.isprintable() and len(bounce.diagnostic) <= 300
        assert bounce.status[0] in "245" and (bounce.final or not bounce.permanent)
        assert not has_controls(bounce.message_id) and len(bounce.message_id) <= 302


@pytest.mark.parametrize("count", sizes(400, 40_000))
def test_a_mail_that_came_is_read_or_set_aside(count, record_property):
    chance = Random(1)
    inputs = (mutated(chance, MAILS, MAIL_TOKENS) for _ in range(count))
    fuzz("mails that came back", inputs, read, record_property)


# Addresses

ADDRESSES = tuple(
    text.encode()
    for text in (
        "ada@example.org",
        "jörg@bücher.example",
        "Ada Lovelace <ada@example.org>",
        '"Lovelace, Ada" <ada.l+x@xn--bcher-kva.example>',
        f"postgresql://ann:{SECRET}@db.example.com:5432/facts?sslmode=require&password=x",
        f"https://example.com/ping?token={SECRET}",
    )
)
ADDRESS_TOKENS = (
    *(
        b"@",
        b"@@",
        b".",
        b"..",
        b" ",
        b"<",
        b">",
        b",",
        b";",
        b":",
        b"\\",
        b'"',
        b"(",
        b"%00",
        b"?",
    ),
    *(
        "ß".encode(),
        "ς".encode(),
        "İ".encode(),
        "\u200d".encode(),
        "\u202e".encode(),
        b"\0",
        b"\xff",
    ),
    *(
        b"xn--",
        b"xn--a",
        "。".encode(),
        "𝒶".encode(),
        b"[::1]",
        b"\r\n",
        b"x" * 300,
        b"-",
        b"#",
        b"/",
    ),
)


def address(raw: bytes) -> None:
    text = raw.decode("utf-8", "surrogateescape")
    _name, found = named_address(text)
    for each in filter(None, (text if is_address(text) else "", found)):
        assert checked_address(each) == each and len(each.encode()) <= LONGEST_ADDRESS
        assert not has_controls(each) and wire_address(wire_address(each)) == wire_address(each)
        assert same_mailbox(each) == same_mailbox(wire_address(each))
        assert not any(c in wire_address(each) for c in "<>\r\n ")
    assert not has_controls(found)
    masked(text), secrets_in(text)
    checked_address(text)


@pytest.mark.parametrize("count", sizes(400, 40_000))
def test_a_text_is_an_address_or_is_refused(count, record_property):
    chance = Random(2)
    inputs = (mutated(chance, ADDRESSES, ADDRESS_TOKENS, 3) for _ in range(count))
    fuzz("addresses", inputs, address, record_property)


URLS = tuple(
    text.encode()
    for text in (
        f"smtp://ann:{SECRET}@mail.example.com:587",
        f"smtps://ann:{SECRET}@mail.example.com?name=scorecard.example.com",
        "smtp://127.0.0.1:2525?tls=none",
        f"smtp://ann:{SECRET}@[::1]:25?tls=none",
        f"imaps://ann:{SECRET}@imap.example.com/INBOX",
        f"imaps://ann:{SECRET}@bücher.example:993/INBOX?ca=none.pem",
        "folder:output/mail",
    )
)
URL_TOKENS = (
    *(b"@", b":", b"/", b"//", b"?", b"#", b"%", b"%zz", b"%00", b"%0d%0a", b"[", b"]", b"&", b"="),
    *(b"?tls=none", b"&name=", b"?ca=", b"tls=", b":99999999999", b":-1", b":0", "٣".encode()),
    *("ß".encode(), "。".encode(), b"xn--", b"\0", b"\xff", b" ", b"\t", b"x" * 300, b"localhost"),
)


@pytest.mark.parametrize("count", sizes(200, 20_000))
def test_an_address_of_a_server_is_understood_or_refused_without_its_password(
    count, record_property, tmp_path
):
    def understand(raw: bytes) -> None:
        text = raw.decode("utf-8", "surrogateescape")
        secrets.forget()  # else each password would be looked for in all that follow
        try:
            if text.startswith("imap"):
                take_apart(text, SETTING, FORM, ("tls", "ca"))
                if chance.random() < 0.05:  # each opening loads the system's certificates
                    with open_box(text, tmp_path, dial=refuse):
                        pass
                return
            server = Server.parse(text, tmp_path)
            assert server.folder or (server.host.isascii() and 0 < server.port < 65536)
        except Exception as error:
            assert SECRET not in str(error)
            raise

    def refuse(host: str, port: int, deadline: Deadline) -> Wire:
        raise ConnectionRefusedError(111, "refused")

    chance = Random(3)
    inputs = (mutated(chance, URLS, URL_TOKENS, 3) for _ in range(count))
    fuzz("addresses of servers", inputs, understand, record_property)


# Conversations


class Fed(Wire):
    """A wire to a server that gives its next answer whenever it is waited for, and then hangs up."""

    def __init__(self, answers: list[bytes]) -> None:
        ours, self.theirs = socket.socketpair()
        self.theirs.setblocking(False)
        self.answers, self.on_the_way, self.heard = iter(answers), 0, bytearray()
        super().__init__(ours)

    def _send(self, data: bytes) -> None:
        super()._send(data)
        self.heard += self.theirs.recv(1 << 20)

    def _receive_raw(self) -> bytes:
        while self.on_the_way <= 0:
            answer = next(self.answers, None)
            if answer is None:
                self.theirs.shutdown(socket.SHUT_WR)
                break
            self.on_the_way = self.theirs.send(self.tagged(answer)[: 1 << 15])
        raw = super()._receive_raw()
        self.on_the_way -= len(raw)
        return raw

    def tagged(self, answer: bytes) -> bytes:
        """The answer with the tag of the last command, which IMAP asks for."""
        tags = re.findall(rb"(?m)^([A-Z]{4}\d+) ", self.heard)
        return answer.replace(b"%TAG", tags[-1] if tags else b"x")

    def close(self) -> None:
        super().close()
        self.theirs.close()


def conversation(
    chance: Random, good: list[bytes], tokens: tuple[bytes, ...], every: list[bytes]
) -> list[bytes]:
    """The answers of a server that is well, but for some of them."""
    answers = [
        mutated(chance, [each], tokens, 2) if chance.random() < 0.3 else each for each in good
    ]
    for _ in range(chance.choice((0, 0, 1, 2))):
        at = chance.randint(0, len(answers))
        match chance.randrange(4):
            case 0:
                answers[at:at] = [chance.choice(every)]
            case 1:
                del answers[at:]
            case 2:
                answers[at:at] = [mutated(chance, every, tokens)] * chance.choice((1, 200))
            case _:
                answers[at : at + 1] = [b"".join(answers[at : at + 2])]
    return answers


SMTP_ANSWERS = [
    *SMTP.values(),
    *(b"421 busy\r\n", b"451 later\r\n", b"550 5.1.1 no\r\n", b"552 big\r\n", b"530 log in\r\n"),
    *(b"250-a\r\n250-b\r\n250 c\r\n", b"334 \r\n", b"999 what\r\n", b"250-\r\n", b"\r\n", b"2"),
]
SMTP_TOKENS = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"250 ",
        b"250-",
        b"354 ",
        b"550 ",
        b"-",
        b" ",
        b"\x15\x03",
    ),
    *(
        b"SIZE ",
        b"SIZE 9" + b"9" * 4999,
        b"SIZE \xb2",
        b"AUTH",
        b"AUTH=PLAIN",
        b"SMTPUTF8",
        b"STARTTLS",
    ),
    *(b"x" * 9000, b"250-x\r\n" * 200, b"\r\n" * 300, SECRET.encode(), b"\x1b[2J", b"\xe2\x80\xae"),
)
MESSAGE = b"Message-ID: <1@example.com>\r\nSubject: One\r\n\r\nHello.\r\n.dot\r\n"


class FedSender(SmtpSender):
    """A sender of which each session gets the answers that are left."""

    def __init__(self, server: Server, answers: list[bytes]) -> None:
        super().__init__(server, TimeLimits(LIMIT, LIMIT, LIMIT))
        self.answers, self.wires = answers, list[Fed]()

    def _open(self, whole: Deadline) -> SmtpSession:
        def dial(server: Server, deadline: Deadline) -> Wire:
            answers = self.answers if not self.wires else self.answers[len(self.answers) // 2 :]
            self.wires.append(Fed(answers))
            return self.wires[-1]

        return SmtpSession(self._server, self._limits, whole, dial)


@pytest.mark.parametrize("count", sizes(600, 15_000))
def test_a_conversation_in_smtp_ends_in_an_outcome(count, record_property, tmp_path):
    certify(tmp_path, "good")
    servers = [
        (Server("127.0.0.1", 25, "none", "ann", SECRET, None, "client.example"), "auth"),
        (Server("127.0.0.1", 25, "none", name="client.example"), ""),
        (
            Server("localhost", 587, "starttls", "ann", SECRET, tmp_path / "ca.pem", "c.example"),
            "tls",
        ),
    ]

    outcomes = Counter[str]()

    def converse(given: tuple[Server, list[bytes]]) -> None:
        server, answers = given
        sender, begun = FedSender(server, answers), []
        for recipient in (ADA, "jörg@example.org"):
            before, said = len(begun), sum(MESSAGE[:27] in w.heard for w in sender.wires)
            reply = sender.hand_over(US, recipient, MESSAGE, lambda: begun.append(1))
            outcomes[reply.kind] += 1
            text = reply.text
            assert text.isprintable() and text.endswith(".") and len(text) < 700, text
            assert not server.password or SECRET not in text
            assert reply.kind != "accepted" or 200 <= reply.code < 300
            # Content goes out when that was announced, and only then.
            sent = sum(MESSAGE[:27] in w.heard for w in sender.wires) - said
            assert (sent > 0) <= (len(begun) > before)
            assert reply.kind not in ("accepted", "unsure") or len(begun) > before
        sender.close()

    def inputs():
        chance = Random(4)
        for _ in range(count):
            server, kind = chance.choices(servers, (10, 10, 1))[0]
            good = [SMTP["banner"], SMTP["ehlo"]]
            good += {"auth": [SMTP["auth"]], "tls": [SMTP["starttls"]]}.get(kind, [])
            good += [SMTP[stage] for stage in ("mail", "rcpt", "data", "content")] * 2
            yield server, conversation(chance, good, SMTP_TOKENS, SMTP_ANSWERS)

    fuzz("conversations in SMTP", inputs(), converse, record_property)
    assert min(outcomes[kind] for kind in get_args(ReplyKind)) > count / 1000, outcomes


DONE = b"%TAG OK done\r\n"
IMAP_ANSWERS = [
    *(each + DONE for each in IMAP.values()),
    *(
        b"%TAG NO no\r\n",
        b"%TAG BAD what\r\n",
        b"* BYE\r\n",
        b"+ \r\n",
        b"* 3 EXPUNGE\r\n",
        b"\r\n",
    ),
    *(b"* LIST () NIL x\r\n", b"* 1 FETCH (FLAGS (\\Seen))\r\n" + DONE, b"* PREAUTH hi\r\n"),
]
IMAP_TOKENS = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"* ",
        b"+ ",
        b"%TAG ",
        b"OK",
        b"NO",
        b"(",
        b")",
        b" ",
    ),
    *(
        b"{5}\r\n",
        b"{0}\r\n",
        b"{99999999999}\r\n",
        b"{" + b"9" * 5000 + b"}\r\n",
        b"{-1}\r\n",
        b"{",
    ),
    *(
        b"* SEARCH\r\n",
        b"* SEARCH 1 2 x\r\n",
        b"* CAPABILITY\r\n",
        b"[READ-ONLY]",
        b"* OK [UIDNEXT\r\n",
    ),
    *(
        "* SEARCH １\r\n".encode(),
        b"* 1 FETCH (UID\r\n",
        SECRET.encode(),
        b"x" * 9000,
        b"* OK\r\n" * 500,
    ),
)


@pytest.mark.parametrize("count", sizes(100, 10_000))
def test_a_conversation_in_imap_ends_in_mails_or_a_sentence(count, record_property):
    marked = []

    def converse(answers: list[bytes]) -> None:
        wires = []

        def dial(host: str, port: int, deadline: Deadline) -> Wire:
            wires.append(Fed(answers))
            return wires[0]

        end = Endpoint("imap", "127.0.0.1", 143, "ann", SECRET, "/INBOX", {})
        try:
            box = ImapBox(end, 143, "INBOX", None, LIMIT, 2 * LIMIT, dial)
            try:
                for mail in islice(box.waiting(), 20):
                    assert isinstance(mail.raw, bytes) and mail.key.isdigit()
                    box.done(mail)
                    marked.append(mail.key)
            finally:
                box.close()
        except Exception as error:
            said = str(error)
            assert SECRET not in said and said.isprintable() and len(said) < 700, said
            raise
        finally:
            for wire in wires:
                wire.close()

    def inputs():
        chance = Random(5)
        good = [IMAP["banner"], IMAP["capability"] + DONE, IMAP["authenticate"], DONE]
        good += [IMAP[s] + DONE for s in ("select", "search", "fetch", "store", "fetch", "store")]
        good += [IMAP["logout"] + DONE]
        for _ in range(count):
            yield conversation(chance, good, IMAP_TOKENS, IMAP_ANSWERS)

    fuzz("conversations in IMAP", inputs(), converse, record_property)
    assert len(marked) > count / 10
