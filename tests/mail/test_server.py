"""SCORECARD_SMTP: what may be written there, and what is said of everything else."""

from __future__ import annotations

from pathlib import Path

import pytest
import trustme

from scorecard.errors import MailError
from scorecard.mail.server import Server


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", Server("mail.example.com", 587)),
        ("smtp://mail.example.com:2525", Server("mail.example.com", 2525)),
        ("smtps://mail.example.com", Server("mail.example.com", 465, "tls")),
        (
            "smtp://ann:pw@mail.example.com:587",
            Server("mail.example.com", 587, user="ann", password="pw"),
        ),
        (
            "smtps://ann%40example.com:p%3A%2F%40%3F%23%25%C3%A4@mail.example.com",
            Server("mail.example.com", 465, "tls", "ann@example.com", "p:/@?#%ä"),
        ),
        ("smtp://[2001:db8::7]:25", Server("2001:db8::7", 25)),
        ("smtp://[::1]:25?tls=none", Server("::1", 25, "none")),
        ("smtp://127.0.0.1:2525?tls=none", Server("127.0.0.1", 2525, "none")),
        ("smtp://127.8.9.1:2525?tls=none", Server("127.8.9.1", 2525, "none")),
        ("smtp://localhost?tls=none", Server("localhost", 587, "none")),
        ("smtp://MAIL.Example.com", Server("mail.example.com", 587)),
        ("smtp://bücher.example", Server("xn--bcher-kva.example", 587)),
        (
            "smtp://mail.example.com?name=scorecard.example.com",
            Server("mail.example.com", 587, name="scorecard.example.com"),
        ),
        ("folder:output/mail", Server(folder=Path("/project/output/mail"), security="none")),
        ("folder:/var/mail", Server(folder=Path("/var/mail"), security="none")),
    ],
)
def test_an_address_says_where_and_how(url, server):
    assert Server.parse(url, Path("/project")) == server


def test_a_certificate_authority_is_found_beside_the_project(tmp_path):
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "our+ca.pem"))
    server = Server.parse("smtps://mail.example.com?ca=our+ca.pem", tmp_path)
    assert server.ca == tmp_path / "our+ca.pem"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "does not begin with smtp:"),
        ("mail.example.com:587", "does not begin with smtp:"),
        ("http://mail.example.com", "does not begin with smtp:"),
        ("ann:s3cret@mail.example.com", "does not begin with smtp:"),
        ("smtp:", "names no host"),
        ("smtp://:25", "names no host"),
        ("smtp://ann:s3cret", "cannot be taken apart"),
        ("smtp://ann:s3cret:587", "cannot be taken apart"),
        ("smtp://ann:s3/cret@mail.example.com", "cannot be taken apart"),
        ("smtp://ann:s3#cret@mail.example.com", "cannot be taken apart"),
        ("smtp://ann:s3?cret@mail.example.com", "cannot be taken apart"),
        ("smtp://ann:s3cret@[::1", "cannot be taken apart"),
        ("smtp://ann:s3cret@mail.example.com:99999", "cannot be taken apart"),
        ("smtp://ann:s3cret@mail..example.com", "cannot be taken apart"),
        ("smtp://ann:s3cret@mail example.com", "cannot be taken apart"),
        ("smtp://ann:%ffs3cret@mail.example.com", "cannot be taken apart"),
        (
            "smtp://ann:s3cret%0d%0aQUIT@mail.example.com",
            "control character in its user or password",
        ),
        ("smtp://ann:s3cret@mail.example.com\n", "has a control character, or a space at an end"),
        ("smtp://ann@mail.example.com", "gives no password"),
        ("smtp://:s3cret@mail.example.com", "gives no user"),
        ("smtp://ann:s3cret@mail.example.com/inbox", "has a path after the host"),
        ("smtp://ann:s3cret@mail.example.com?tls=none", "mail goes unencrypted to this machine"),
        ("smtp://ann:s3cret@128.0.0.1?tls=none", "mail goes unencrypted to this machine"),
        ("smtp://ann:s3cret@127.0.0.1.example.com?tls=none", "unencrypted to this machine"),
        ("smtp://ann:s3cret@mail.example.com?tls=maybe", 'the only other choice is "tls=none"'),
        ("smtps://ann:s3cret@127.0.0.1?tls=none", "decide for one of them"),
        ("smtp://ann:s3cret@mail.example.com?tsl=none", 'Did you mean "tls"?'),
        ("smtp://ann:s3cret@mail.example.com?ca=", "the option ca without a value"),
        ("smtp://ann:s3cret@mail.example.com?ca=nowhere.pem", "nowhere.pem cannot be read"),
        ("smtp://ann:s3cret@mail.example.com?name=a%20b", "no host name"),
        ("folder:", "names no folder"),
    ],
)
def test_a_fault_is_told_in_one_sentence_without_the_password(url, said, tmp_path):
    with pytest.raises(MailError) as caught:
        Server.parse(url, tmp_path)
    text = str(caught.value)
    assert text.startswith("SCORECARD_SMTP")
    assert said in text
    assert "s3" not in text and "cret" not in text
    assert "\n" not in text
    assert "cret" not in str(caught.value.__cause__ or "")


def test_a_file_that_holds_no_certificate_is_no_authority(tmp_path):
    (tmp_path / "ca.pem").write_text("-----BEGIN NOTHING-----\n")
    with pytest.raises(MailError, match=r"ca\.pem holds no certificate in PEM form"):
        Server.parse("smtp://mail.example.com?ca=ca.pem", tmp_path)


def test_a_server_never_shows_its_password():
    server = Server.parse("smtp://ann:s3cret@mail.example.com")
    assert "s3cret" not in f"{server!r} {server} {server.where}"
    assert server.where == "mail.example.com, port 587"
