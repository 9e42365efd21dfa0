"""Handing over to a real server, over real TLS: every outcome, and what it leaves behind."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from hashlib import sha256

import pytest
from mail_server import Behaviour, MailServer

from scorecard.mail.sender import connect
from scorecard.mail.server import Server

US, ADA, BOB = "cards@example.com", "ada@example.org", "bob@example.org"
MESSAGE = b"Message-ID: <1@example.com>\r\nSubject: One\r\n\r\nHello.\r\n.leading dot\r\n.\r\n"
LARGE = MESSAGE + b"0123456789abcdef0123456789abcdef0123456789abcdef\r\n" * 600_000
SHORT = 1.0
"""Seconds to wait for a server that is not going to answer."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A server that behaves, shared by the tests that need no other."""
    with MailServer.start(tmp_path_factory.mktemp("plain"), Behaviour(keep=True)) as server:
        yield server


@pytest.fixture
def serve(tmp_path):
    """Start a server with the given behaviour, and stop it after the test."""
    started = []

    def start(**behaviour):
        started.append(MailServer.start(tmp_path / str(len(started)), Behaviour(**behaviour)))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@contextmanager
def to(server, *, url="", timeout=30.0, patience=30.0):
    with connect(Server.parse(url or server.url()), timeout=timeout, patience=patience) as sender:
        yield sender


def hand_over(sender, recipient=ADA, message=MESSAGE, about_to=lambda: None):
    return sender.hand_over(US, recipient, message, about_to)


def outcome(reply):
    return reply.kind, reply.stage, reply.code


# Accepted


def test_the_server_has_exactly_what_was_handed_over(plain):
    before = len(plain.accepted())
    with to(plain) as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("accepted", "content", 250)
    assert reply.text == f"localhost, port {plain.port}, has it: 250 2.0.0 taken."
    (taken,) = plain.accepted()[before:]
    assert (taken.sender, taken.recipient, taken.message_id) == (US, ADA, "<1@example.com>")
    assert taken.sha256 == sha256(MESSAGE).hexdigest()
    assert plain.messages()[-1] == MESSAGE


def test_one_conversation_serves_many_messages_with_one_recipient_each(plain):
    before = len(plain.accepted())
    recipients = [f"person{n}@example.org" for n in range(50)]
    with to(plain) as sender:
        assert {hand_over(sender, each).kind for each in recipients} == {"accepted"}
    assert [a.recipient for a in plain.accepted()[before:]] == recipients


def test_the_moment_before_the_content_goes_out_is_announced(plain):
    """At that moment the server has accepted the recipient and not got the message."""
    seen = []
    with to(plain) as sender:
        hand_over(sender, about_to=lambda: seen.append(len(plain.accepted())))
    assert seen == [len(plain.accepted()) - 1]


def test_when_the_moment_cannot_be_recorded_nothing_is_sent(plain):
    def fail():
        raise LookupError("the ledger is gone")

    before = len(plain.accepted())
    with to(plain) as sender:
        with pytest.raises(LookupError, match="the ledger is gone"):
            hand_over(sender, about_to=fail)
        assert hand_over(sender, BOB).kind == "accepted"
    assert [a.recipient for a in plain.accepted()[before:]] == [BOB]


def test_tls_from_the_start(serve):
    server = serve(tls="implicit", user="ann", password="p")
    with to(server) as sender:
        assert sender.greet().kind == "accepted"
        assert hand_over(sender).kind == "accepted"


def test_without_tls_to_this_machine_only(serve):
    server = serve(tls="none")
    with to(server) as sender:
        assert hand_over(sender).kind == "accepted"


def test_a_large_message_arrives_whole(plain):
    message = LARGE[:8_000_000] + b"\r\n"
    with to(plain) as sender:
        assert hand_over(sender, message=message).kind == "accepted"
    assert plain.accepted()[-1].sha256 == sha256(message).hexdigest()


def test_a_message_without_a_final_line_end_gets_one(plain):
    with to(plain) as sender:
        assert hand_over(sender, message=MESSAGE + b"end").kind == "accepted"
    assert plain.messages()[-1] == MESSAGE + b"end\r\n"


# Logging in


@pytest.mark.parametrize("auth", ["PLAIN LOGIN", "LOGIN", "GSSAPI login"])
def test_logging_in_with_letters_and_signs_of_any_kind(serve, auth):
    server = serve(user="ann@example.com", password="p ä:/@?#%", auth=auth)
    with to(server) as sender:
        assert (
            sender.greet().text == f"localhost, port {server.port}, answers and lets "
            "ann@example.com in."
        )
        assert hand_over(sender).kind == "accepted"


def test_a_wrong_password_is_told_without_being_shown(serve):
    server = serve(user="ann", password="right")
    with to(server, url=server.url().replace(":right@", ":s3cret@")) as sender:
        for reply in (sender.greet(), hand_over(sender)):
            assert outcome(reply) == ("login", "login", 535)
            assert "does not let ann in: 535 5.7.8" in reply.text
            assert "s3cret" not in reply.text
    assert server.accepted() == []


def test_a_server_that_repeats_what_it_was_told_gives_nothing_away(serve):
    said = "535 no: s3cret czNjcmV0 AGFubgBzM2NyZXQ="  # base64 of the password, and of both
    server = serve(user="ann", password="right", replies={"auth": said})
    with to(server, url=server.url().replace(":right@", ":s3cret@")) as sender:
        assert hand_over(sender).text.endswith("535 no: *** *** ***.")


def test_a_passing_trouble_with_logins_is_no_wrong_password(serve):
    server = serve(user="ann", password="p", replies={"auth": "454 4.7.0 try again"})
    with to(server) as sender:
        assert outcome(hand_over(sender)) == ("unreachable", "login", 454)


def test_a_password_for_a_server_that_offers_no_login(serve):
    server = serve()
    url = server.url().replace("smtp://", "smtp://ann:s3cret@")
    with to(server, url=url) as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("login", "login", 0)
    assert "offers no login" in reply.text


def test_a_way_to_log_in_that_is_not_known_is_named(serve):
    server = serve(user="ann", password="p", auth="XOAUTH2")
    with to(server) as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("login", "login", 0)
    assert "logs in by XOAUTH2 only" in reply.text


def test_a_server_that_wants_a_login_that_was_not_given(serve):
    server = serve(user="ann", password="p")
    with to(server, url=server.url().replace("ann:p@", "")) as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("login", "sender", 530)


# Not reached, and nothing handed over


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ("foreign", "certificate that cannot be trusted: unable to get local issuer"),
        ("misnamed", "certificate is not valid for 'localhost'; write the name that it is for"),
        ("expired", "certificate has expired; have it renewed"),
    ],
)
@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_proves_nothing_ends_the_conversation(serve, certificate, said, tls):
    server = serve(certificate=certificate, tls=tls, user="ann", password="s3cret")
    with to(server) as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("unreachable", "connection", 0)
    assert reply.text.startswith(f"localhost, port {server.port}, has a certificate")
    assert said in reply.text
    assert server.accepted() == []


def test_a_private_authority_is_trusted_only_when_it_is_named(serve):
    server = serve()
    with to(server, url=server.url(ca=False)) as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("unreachable", "connection", 0)
    assert "?ca=" in reply.text


def test_a_server_without_starttls_gets_neither_password_nor_mail(serve):
    server = serve(tls="none", user="ann", password="s3cret")
    with to(server, url=f"smtp://ann:s3cret@localhost:{server.port}") as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("unreachable", "connection", 0)
    assert "offers no STARTTLS" in reply.text
    assert server.accepted() == []


@pytest.mark.parametrize("tls", ["starttls", "none"])
def test_tls_from_the_start_with_a_server_that_begins_without(serve, tls):
    server = serve(tls=tls)
    with to(server, url=server.url().replace("smtp:", "smtps:").partition("?")[0]) as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("unreachable", "connection", 0)
    assert "does not agree on TLS" in reply.text


def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets this port
        url = f"smtp://127.0.0.1:{taken.getsockname()[1]}?tls=none"
        with to(None, url=url) as sender:
            reply = hand_over(sender)
    assert outcome(reply) == ("unreachable", "connection", 0)
    assert reply.text.endswith("cannot be reached: nothing listens there.")


def test_a_host_that_does_not_exist():
    with to(None, url="smtps://nowhere.invalid") as sender:
        reply = hand_over(sender)
    assert outcome(reply) == ("unreachable", "connection", 0)
    assert "nowhere.invalid, port 465, cannot be reached" in reply.text


@pytest.mark.parametrize(
    ("replies", "stage", "code"),
    [
        ({"connect": "421 4.3.2 too busy"}, "connection", 421),
        ({"connect": "554 5.7.1 not you"}, "connection", 554),
        ({"ehlo": "502 what?"}, "connection", 502),
        ({"connect": "HTTP/1.1 400 Bad Request"}, "connection", 0),
        ({"mail": "what?"}, "sender", 0),
        ({"rcpt": "what?"}, "recipient", 0),
        ({"data": "what?"}, "content", 0),
        ({"rcpt": "354 go on"}, "recipient", 0),
    ],
)
def test_a_server_that_does_not_converse(serve, replies, stage, code):
    server = serve(replies=replies)
    called = []
    with to(server) as sender:
        reply = hand_over(sender, about_to=lambda: called.append(1))
    assert outcome(reply) == ("unreachable", stage, code)
    assert called == []


@pytest.mark.parametrize(
    ("stall", "stage"),
    [
        ("connect", "connection"),
        ("ehlo", "connection"),
        ("mail", "sender"),
        ("rcpt", "recipient"),
        ("data", "content"),
    ],
)
def test_a_server_that_falls_silent_before_the_content(serve, stall, stage):
    server = serve(stall=stall, tls="none")
    called = []
    with to(server, timeout=SHORT) as sender:
        reply = hand_over(sender, about_to=lambda: called.append(1))
    assert outcome(reply) == ("unreachable", stage, 0)
    assert "no answer in time" in reply.text
    assert called == []


@pytest.mark.parametrize("behaviour", [{"drop_mid_data": 1.0}, {"stall": "reading"}])
def test_content_that_cannot_be_finished_was_not_handed_over(serve, behaviour):
    """Its end was never sent, so that no server can take it for complete (RFC 5321, 4.1.1.4)."""
    server = serve(**behaviour)
    called = []
    with to(server, timeout=SHORT) as sender:
        reply = hand_over(sender, message=LARGE, about_to=lambda: called.append(1))
    assert outcome(reply) == ("unreachable", "content", 0)
    assert called == [1]
    assert server.accepted() == []


# Unsure: the end of the content was sent, and no answer came


@pytest.mark.parametrize(
    ("behaviour", "taken"),
    [
        ({"drop_accepted": 1.0}, 1),
        ({"drop_mid_data": 1.0}, 0),
        ({"stall": "content"}, 0),
        ({"replies": {"content": "what?"}}, 0),
        ({"replies": {"content": "354 go on"}}, 0),
    ],
)
def test_a_lost_answer_leaves_it_open_whether_the_message_arrived(serve, behaviour, taken):
    server = serve(**behaviour)
    with to(server, patience=SHORT) as sender:
        assert outcome(hand_over(sender)) == ("unsure", "content", 0)
    assert len(server.accepted()) == taken


def test_after_a_lost_answer_the_next_message_is_not_mixed_up_with_it(serve):
    """A late 250 for the first must never be taken for the second's."""
    server = serve(drop_accepted=0.5, seed=3)
    recipients = [f"person{n}@example.org" for n in range(40)]
    with to(server) as sender:
        replies = {each: hand_over(sender, each).kind for each in recipients}
    answered = {a.recipient: a.answered for a in server.accepted()}
    assert replies == {r: "accepted" if answered[r] else "unsure" for r in recipients}
    assert set(replies.values()) == {"accepted", "unsure"}


# Refused


def test_a_recipient_who_does_not_exist(serve):
    server = serve(refuse=[ADA])
    with to(server) as sender:
        reply = hand_over(sender)
        assert outcome(reply) == ("permanent", "recipient", 550)
        assert reply.text == (
            f"localhost, port {server.port}, refuses the recipient {ADA}: "
            f"550 5.1.1 <{ADA}>: no such mailbox."
        )
        assert hand_over(sender, BOB).kind == "accepted"
    assert [a.recipient for a in server.accepted()] == [BOB]


def test_a_greylisted_recipient_is_taken_the_second_time(serve):
    server = serve(greylist=True)
    with to(server) as sender:
        assert outcome(hand_over(sender)) == ("transient", "recipient", 451)
        assert hand_over(sender).kind == "accepted"


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ({"mail": "451 4.3.0 later"}, ("transient", "sender", 451)),
        ({"mail": "553 5.7.1 not your address"}, ("permanent", "sender", 553)),
        ({"mail": "552 5.3.4 too big"}, ("permanent", "content", 552)),
        ({"mail": "530 5.7.0 log in first"}, ("login", "sender", 530)),
        ({"rcpt": "552 5.2.2 mailbox full"}, ("permanent", "recipient", 552)),
        ({"rcpt": "421 4.7.0 goodbye"}, ("transient", "recipient", 421)),
        (
            {"rcpt": "251 will be forwarded", "data": "451 4.3.0 later"},
            ("transient", "content", 451),
        ),
        ({"data": "554 5.5.1 no"}, ("permanent", "content", 554)),
        ({"content": "451 4.3.0 later"}, ("transient", "content", 451)),
        ({"content": "421 4.3.0 shutting down"}, ("transient", "content", 421)),
        ({"content": "554 5.7.1 looks like spam"}, ("permanent", "content", 554)),
    ],
)
def test_a_refusal_is_for_now_or_for_good_as_its_number_says(serve, replies, expected):
    server = serve(replies=replies)
    with to(server) as sender:
        assert outcome(hand_over(sender)) == expected
        assert outcome(hand_over(sender)) == expected
    assert server.accepted() == []


def test_a_message_above_the_announced_size_is_not_sent_at_all(serve):
    server = serve(size_limit=len(MESSAGE))
    called = []
    with to(server) as sender:
        reply = hand_over(sender, message=MESSAGE + b"x\r\n", about_to=lambda: called.append(1))
        assert outcome(reply) == ("permanent", "content", 0)
        has = f"takes messages of {len(MESSAGE)} bytes, and this one has {len(MESSAGE) + 3}."
        assert reply.text.endswith(has)
        assert called == []
        assert hand_over(sender).kind == "accepted"


def test_a_size_that_is_not_announced_is_met_after_the_content(serve):
    server = serve(quiet_limit=100)
    with to(server) as sender:
        assert outcome(hand_over(sender, message=MESSAGE * 9)) == ("permanent", "content", 552)
        assert hand_over(sender).kind == "accepted"


def test_the_servers_words_fit_on_one_plain_line(serve):
    said = "550 no\x1b[31m\u202e " + "x" * 400
    server = serve(replies={"rcpt": said})
    with to(server) as sender:
        text = hand_over(sender).text
    assert text.isprintable() and len(text) < 500


# A conversation that was lost is resumed


@pytest.mark.parametrize("behaviour", [{"goodbye_after": 2}, {"hang_up_after": 2}])
def test_a_server_that_has_enough_is_called_again(serve, behaviour):
    server = serve(**behaviour)
    recipients = [f"person{n}@example.org" for n in range(7)]
    with to(server) as sender:
        assert [hand_over(sender, each).kind for each in recipients] == ["accepted"] * 7
    assert [a.recipient for a in server.accepted()] == recipients


def test_a_server_that_was_restarted_is_called_again(tmp_path):
    first = MailServer.start(tmp_path)
    with to(first) as sender:
        assert hand_over(sender).kind == "accepted"
        first.stop()
        assert hand_over(sender, BOB).kind == "unreachable"
        with MailServer.start(tmp_path, port=first.port) as second:
            assert hand_over(sender, BOB).kind == "accepted"
    assert [a.recipient for a in second.accepted()] == [ADA, BOB]


def test_whether_a_server_answers_is_asked_anew_each_time(tmp_path):
    server = MailServer.start(tmp_path)
    with to(server) as sender:
        assert [sender.greet().kind, sender.greet().kind] == ["accepted", "accepted"]
        server.stop()
        assert sender.greet().kind == "unreachable"


def test_a_server_that_cannot_begin_again_is_called_again(serve):
    server = serve(refuse=[ADA], replies={"rset": "500 never heard of it"})
    with to(server) as sender:
        assert hand_over(sender).kind == "permanent"
        assert hand_over(sender, BOB).kind == "accepted"


# Addresses


def test_an_address_beyond_ascii_goes_to_a_server_that_takes_it(plain):
    with to(plain) as sender:
        assert hand_over(sender, "jörg@bücher.example").kind == "accepted"
    assert plain.accepted()[-1].recipient == "jörg@xn--bcher-kva.example"


def test_only_the_part_before_the_at_sign_needs_such_a_server(serve):
    server = serve(utf8=False)
    with to(server) as sender:
        reply = hand_over(sender, "jörg@example.org")
        assert outcome(reply) == ("permanent", "recipient", 0)
        assert "takes no address with letters beyond ASCII, such as jörg@" in reply.text
        assert hand_over(sender, "ada@bücher.example").kind == "accepted"


@pytest.mark.parametrize("address", ["ada@example.org\r\nDATA", "ada@example.org>\r\n", "ada", ""])
def test_an_address_that_is_none_is_refused_before_the_server_hears_of_it(plain, address):
    before = len(plain.accepted())
    with to(plain) as sender:
        assert outcome(hand_over(sender, address)) == ("permanent", "recipient", 0)
        reply = sender.hand_over(address, ADA, MESSAGE, lambda: None)
        assert outcome(reply) == ("permanent", "sender", 0)
    assert len(plain.accepted()) == before


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\n\r"])
def test_a_message_whose_lines_could_end_it_early_is_refused(plain, line_end):
    smuggled = MESSAGE + line_end + b"." + line_end + b"MAIL FROM:<eve@example.org>\r\n"
    with to(plain) as sender:
        assert outcome(hand_over(sender, message=smuggled)) == ("permanent", "content", 0)


# The folder that stands in for a server


def test_a_folder_takes_messages_as_files(tmp_path):
    with connect(Server.parse("folder:mail", tmp_path)) as sender:
        assert sender.greet().kind == "accepted"
        reply = hand_over(sender)
        assert hand_over(sender).kind == "accepted"
    assert outcome(reply) == ("accepted", "content", 250)
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == "1@example.com.eml"
    assert file.read_bytes() == MESSAGE


def test_a_folder_is_told_the_moment_before_the_file_is_there(tmp_path):
    seen = []
    with connect(Server.parse("folder:.", tmp_path)) as sender:
        hand_over(sender, about_to=lambda: seen.append(list(tmp_path.glob("*.eml"))))
    assert seen == [[]]


def test_a_folder_keeps_nothing_of_a_message_that_could_not_be_announced(tmp_path):
    def fail():
        raise LookupError("the ledger is gone")

    with connect(Server.parse("folder:.", tmp_path)) as sender, pytest.raises(LookupError):
        hand_over(sender, about_to=fail)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("head", [b"Message-ID: <../../etc/a b@x>\r\n", b"Subject: none\r\n"])
def test_a_file_never_leaves_its_folder(tmp_path, head):
    with connect(Server.parse("folder:mail", tmp_path)) as sender:
        assert hand_over(sender, message=head + b"\r\nHello.\r\n").kind == "accepted"
    assert [f.parent for f in tmp_path.rglob("*.eml")] == [tmp_path / "mail"]


def test_a_folder_of_mails_is_for_its_owner_alone_and_no_link_in_it_is_followed(tmp_path):
    (tmp_path / "victim").write_text("ours")
    (tmp_path / "mail").mkdir(mode=0o777)
    for name in ("1@example.com.eml", "1@example.com.partial"):
        (tmp_path / "mail" / name).symlink_to(tmp_path / "victim")
    with connect(Server.parse("folder:mail", tmp_path)) as sender:
        assert hand_over(sender).kind == "accepted"
    mail = tmp_path / "mail" / "1@example.com.eml"
    assert not mail.is_symlink() and mail.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "victim").read_text() == "ours"


def test_a_folder_that_cannot_be_made_is_told():
    with connect(Server.parse("folder:/proc/none/mail")) as sender:
        for reply in (sender.greet(), hand_over(sender)):
            assert reply.kind == "unreachable"
            assert "/proc/none/mail cannot be written to" in reply.text
