"""Bounces: what the usual servers report, and what is no report at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.errors import MailError
from scorecard.mail.bounces import Bounce, Unsubscribe, read_mail

OURS = "<4f2a@example.com>"
RETURNED = f"From: cards@example.com\nTo: ada@example.org\nMessage-ID: {OURS}\nSubject: Packet\n"


def report(status, returned=RETURNED, how="message/rfc822", heads=""):
    """A report as RFC 3464 has it: words for people, fields for programs, the message."""
    text = f"""\
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: cards@example.com
Subject: Undelivered Mail Returned to Sender
{heads}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered.

--b1
Content-Type: message/delivery-status

{status}
--b1
Content-Type: {how}

{returned}
--b1--
"""
    return text.replace("\n", "\r\n").encode()


PER_MESSAGE = "Reporting-MTA: dns; mx.example.org\nArrival-Date: Mon, 16 Nov 2026 06:05:00 +0000\n"
UNKNOWN = """\
Final-Recipient: rfc822; ada@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx2.example.org
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.org>: no such
    mailbox here
"""


def block(**fields):
    return "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())


def test_a_report_names_the_recipient_the_reason_and_the_message():
    assert read_mail(report(f"{PER_MESSAGE}\n{UNKNOWN}")) == (
        Bounce(
            "ada@example.org",
            True,
            True,
            "5.1.1",
            "550 5.1.1 <ada@example.org>: no such mailbox here",
            OURS,
        ),
    )


def test_the_message_is_known_when_only_its_head_came_back():
    (bounce,) = read_mail(report(f"{PER_MESSAGE}\n{UNKNOWN}", how="text/rfc822-headers"))
    assert bounce.message_id == OURS


@pytest.mark.parametrize("name", ["X-Original-Message-ID", "In-Reply-To"])
def test_the_message_is_known_when_only_the_report_names_it(name):
    raw = report(f"{PER_MESSAGE}\n{UNKNOWN}", "gone", "text/plain", f"{name}: {OURS}\n")
    assert read_mail(raw)[0].message_id == OURS


def test_a_report_without_a_trace_of_the_message_still_names_the_recipient():
    (bounce,) = read_mail(report(f"{PER_MESSAGE}\n{UNKNOWN}", "gone", "text/plain"))
    assert (bounce.recipient, bounce.message_id) == ("ada@example.org", "")


@pytest.mark.parametrize(
    ("fields", "permanent", "final", "status"),
    [
        ({"Action": "failed", "Status": "5.2.1"}, True, True, "5.2.1"),
        ({"Action": "failed", "Status": "4.4.7"}, False, True, "4.4.7"),
        ({"Action": "delayed", "Status": "4.4.1"}, False, False, "4.4.1"),
        ({"Action": "Failed", "Status": "5.0.0 (unknown)"}, True, True, "5.0.0"),
        ({"Status": "5.1.1"}, True, True, "5.1.1"),
        ({"Action": "failed", "Diagnostic-Code": "smtp; 550 no"}, True, True, "5.0.0"),
        ({"Action": "failed", "Diagnostic-Code": "smtp; 452 4.2.2 full"}, False, True, "4.2.2"),
        ({"Action": "failed"}, False, True, "4.0.0"),
    ],
)
def test_only_what_failed_with_a_five_is_for_good(fields, permanent, final, status):
    said = block(**{"Final-Recipient": "rfc822;ada@example.org"}, **fields)
    (bounce,) = read_mail(report(f"{PER_MESSAGE}\n{said}"))
    assert (bounce.permanent, bounce.final, bounce.status) == (permanent, final, status)


def test_each_recipient_of_a_report_counts():
    other = UNKNOWN.replace("ada@", "bob@")
    bounces = read_mail(report(f"{PER_MESSAGE}\n{UNKNOWN}\n{other}"))
    assert [b.recipient for b in bounces] == ["ada@example.org", "bob@example.org"]


def test_whom_we_wrote_to_counts_and_not_where_it_was_forwarded():
    said = block(
        Original_Recipient="rfc822;ada@example.org",
        Final_Recipient="rfc822;<a17@inner.example>",
        Action="failed",
        Status="5.1.1",
    )
    assert read_mail(report(f"{PER_MESSAGE}\n{said}"))[0].recipient == "ada@example.org"


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_success_is_no_bounce(action):
    said = block(Final_Recipient="rfc822;ada@example.org", Action=action, Status="2.0.0")
    assert read_mail(report(f"{PER_MESSAGE}\n{said}")) == ()


def test_what_exim_says_in_a_head_of_its_own_is_understood():
    raw = (
        "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\r\n"
        "To: cards@example.com\r\nX-Failed-Recipients: ada@example.org,\r\n bob@example.org\r\n"
        f"In-Reply-To: {OURS}\r\nSubject: Mail delivery failed\r\n\r\nA message could not …\r\n"
    ).encode()
    assert read_mail(raw) == (
        Bounce("ada@example.org", True, True, "5.0.0", "", OURS),
        Bounce("bob@example.org", True, True, "5.0.0", "", OURS),
    )


@pytest.mark.parametrize(
    "status",
    [
        "",
        PER_MESSAGE,
        f"{PER_MESSAGE}\n{block(Action='failed', Status='5.1.1')}",
        f"{PER_MESSAGE}\n{block(Final_Recipient='x400; /S=ada/', Action='failed')}",
    ],
)
def test_a_report_on_nobody_is_an_error_and_not_overlooked(status):
    with pytest.raises(MailError, match="reports on a delivery"):
        read_mail(report(status))


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\nhello", b"\x00\xff\xfe" * 100, b"no head at all"])
def test_what_is_no_mail_is_an_error(raw):
    with pytest.raises(MailError, match="no head"):
        read_mail(raw)


def mail(subject, sender="Ada Lovelace <ada@example.org>", more=""):
    return f"From: {sender}\r\nSubject: {subject}\r\n{more}\r\nHello.\r\n".encode()


@pytest.mark.parametrize(
    "subject",
    [
        "unsubscribe ab12-CD_34",
        "UNSUBSCRIBE  ab12-CD_34 ",
        "=?utf-8?b?dW5zdWJzY3JpYmUgYWIxMi1DRF8zNA==?=",
    ],
)
def test_a_request_to_get_no_more_carries_its_token(subject):
    assert read_mail(mail(subject)) == Unsubscribe("ab12-CD_34", "ada@example.org")


@pytest.mark.parametrize(
    "raw",
    [
        mail("unsubscribe"),
        mail("Re: Executive packet"),
        mail("please unsubscribe ab12"),
        mail("unsubscribe ab12 now"),
        mail("Out of office", more="Auto-Submitted: auto-replied\r\n"),
        b"From: x\r\n\r\n" + b"\xff" * 100,
    ],
)
def test_any_other_mail_is_neither(raw):
    assert read_mail(raw) is None


@pytest.mark.parametrize("depth", [50, 5_000])
def test_a_mail_folded_into_itself_without_end_stops_nothing(depth):
    raw = b"Content-Type: message/rfc822\r\n\r\n" * depth + b"Subject: x\r\n\r\n"
    try:
        assert read_mail(raw) is None
    except MailError as error:
        assert "cannot be read" in str(error)


PIECES = st.sampled_from(
    [
        b"Content-Type: ",
        b"message/delivery-status",
        b"multipart/report; boundary=b1",
        b"\r\n",
        b"\r\n\r\n",
        b"--b1",
        b"--b1--",
        b"Final-Recipient: ",
        b"rfc822;",
        b"ada@example.org",
        b"Action: failed",
        b"=?utf-8?b?////?=",
        b"=?nothing?q?x?=",
        b"Subject: unsubscribe ",
        b"\xff",
        b"X-Failed-Recipients: ",
        b"Content-Transfer-Encoding: base64",
        b"message/rfc822",
        b"; =",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=20), max_size=30))
def test_no_mail_whatever_it_holds_stops_the_reading(pieces):
    try:
        found = read_mail(b"".join(pieces))
    except MailError as error:
        assert "\n" not in str(error)
    else:
        assert found is None or isinstance(found, (tuple, Unsubscribe))
