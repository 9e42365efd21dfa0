"""Addresses: what is one, how it goes over the wire, and passwords that are never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.base.address import (
    checked_address,
    has_controls,
    is_address,
    masked,
    named_address,
    same_mailbox,
    secrets_in,
    wire_address,
)
from scorecard.errors import MailError

LONG_LOCAL_PART = "a" * 64


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com",
        "a.b+c=d@x-y.example",
        "o'brien@mail.example.co.uk",
        "1@2.example",
        "jörg@example.com",
        "ada@bücher.example",
        f"{LONG_LOCAL_PART}@example.com",
    ],
)
def test_an_address_is_given_back_unchanged(text):
    assert is_address(text)
    assert checked_address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@@example.com",
        "a b@example.com",
        " ada@example.com",
        "ada@example.com ",
        "ada@example.com.",
        "ada@.example.com",
        "ada..l@example.com",
        ".ada@example.com",
        "ada@-x.example",
        "ada@x-.example",
        "ada@192.0.2.1",
        "ada@[192.0.2.1]",
        '"a b"@example.com',
        "<ada@example.com>",
        "Ada <ada@example.com>",
        "ada@example.com, bob@example.com",
        "ada@example.com\r\n",
        "ada@example.com\nBcc: eve@example.org",
        "ada@example.com\0",
        "ada\u200b@example.com",
        "ada\u202e@example.com",
        "ada\ud800@example.com",
        f"a{LONG_LOCAL_PART}@example.com",
        f"ada@{'a.' * 130}com",
    ],
)
def test_what_is_no_single_plain_address_is_refused_in_one_line(text):
    assert not is_address(text)
    with pytest.raises(MailError, match="is not an e-mail address; write one such as") as caught:
        checked_address(text)
    assert not has_controls(str(caught.value))
    assert len(str(caught.value)) < 200


@given(st.text(max_size=60))
def test_nothing_that_is_taken_for_an_address_ends_a_line_or_a_bracket(text):
    for candidate in (text, f"{text}@example.com", f"ada@{text}.com"):
        if is_address(candidate):
            assert not set(candidate) & set(' \t\r\n<>,;:"()[]\\\0')
            assert candidate.count("@") == 1


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
        ("jörg@example.com", "jörg@example.com"),
        # RFC 5894, 7.2: not fass.example, which is another domain
        ("ada@faß.example", "ada@xn--fa-hia.example"),
        ("ada@βόλος.example", "ada@xn--nxasmm1c.example"),
        ("ada@Bücher.EXAMPLE", "ada@xn--bcher-kva.example"),
        ("ada@ｅxample.com", "ada@ｅxample.com"),  # must not become example.com
        (f"ada@{'ß' * 70}.example", f"ada@{'ß' * 70}.example"),  # no label is that long
    ],
)
def test_a_domain_beyond_ascii_goes_over_the_wire_in_ascii(address, wire):
    assert wire_address(address) == wire


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ada@Example.com", "ada@example.COM", True),
        ("ada@bücher.example", "ADA@XN--BCHER-KVA.example", True),
        ("JÖRG@example.com", "jo\u0308rg@example.com", True),
        ("ada@straße.example", "ada@strasse.example", False),
        ("strauß@example.com", "strauss@example.com", False),
        ("ada@ｅxample.com", "ada@example.com", False),
    ],
)
def test_two_spellings_of_a_mailbox_are_one_and_two_domains_are_two(one, other, same):
    assert (same_mailbox(one) == same_mailbox(other)) is same


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Support <support@example.com>", ("Support", "support@example.com")),
        ('"Support, Inc" <support@example.com>', ("Support, Inc", "support@example.com")),
        ("support@example.com", ("", "support@example.com")),
        ("Support, Inc <support@example.com>", ("", "")),
        ("Ada <ada@example.com>, Bo <bo@example.com>", ("", "")),
        ("ada@example.com <bo@example.com>", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_name_is_taken_from_exactly_one_address(text, found):
    assert named_address(text) == found


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("smtp://ann:s3cret@mail.example.com:587", "smtp://ann:***@mail.example.com:587"),
        ("smtp://ann@example.com:s3cret@mail", "smtp://ann@example.com:***@mail"),
        ("smtp://ann:s3c/r?et#@mail", "smtp://ann:***@mail"),
        ("smtp://ann:s3c@ret@mail", "smtp://ann:***@mail"),
        ("ann:s3cret@mail", "ann:***@mail"),
        ("smtp://mail.example.com:587", "smtp://mail.example.com:587"),
        (
            "postgresql://host/x?user=a&password=p&b=c",
            "postgresql://host/x?user=a&password=***&b=***",
        ),
        (
            "postgresql://host/x?foo=S3CRET&sslmode=require&connect_timeout=3&application_name=a.b",
            "postgresql://host/x?foo=***&sslmode=require&connect_timeout=3&application_name=a.b",
        ),
        ("postgresql://host/x?sslmode=require;foo=S3CRET", "postgresql://host/x?sslmode=***"),
        ("postgresql://host/x?S3CRET", "postgresql://host/x?***"),
        ("postgresql+psycopg://ann@host:5432/x", "postgresql+psycopg://***@host:5432/x"),
        ("postgresql://host/x?foo=S3C@RET", "postgresql://host/x?foo=***"),
        ("postgresql://host:1/x?foo=S3C@RET", "postgresql://host:***@"),
        ("postgresql://ann:s3/c@host:1/x?foo=S3C@RET", "postgresql://ann:***@"),
        ("sqlite:///a/b.db", "sqlite:///a/b.db"),
    ],
)
def test_a_password_in_an_address_is_masked(url, shown):
    assert masked(url) == shown


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (
            "postgres://ann:s3c%40ret@[bad/x?foo=K3Y&sslmode=require",
            ["s3c%40ret", "s3c@ret", "K3Y"],
        ),
        ("postgres://ann@host:5432/x", []),
        ("smtp://ann@example.com:s3cret@mail", ["s3cret"]),
    ],
)
def test_what_is_secret_in_an_address_is_known_as_written_and_as_meant(url, found):
    assert secrets_in(url) == found
