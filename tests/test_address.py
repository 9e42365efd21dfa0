"""Addresses: what is one, how it goes over the wire, and passwords that are never shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.address import checked_address, has_controls, is_address, masked, wire_address
from scorecard.errors import MailError

LONG_LOCAL_PART = "a" * 64


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com", "a.b+c=d@x-y.example", "o'brien@mail.example.co.uk", "1@2.example",
        "jörg@example.com", "ada@bücher.example", f"{LONG_LOCAL_PART}@example.com",
    ],
)  # fmt: skip
def test_an_address_is_given_back_unchanged(text):
    assert is_address(text)
    assert checked_address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "ada@", "@example.com", "ada@example", "ada@@example.com", "a b@example.com",
        " ada@example.com", "ada@example.com ", "ada@example.com.", "ada@.example.com",
        "ada..l@example.com", ".ada@example.com", "ada@-x.example", "ada@x-.example",
        "ada@192.0.2.1", "ada@[192.0.2.1]", '"a b"@example.com', "<ada@example.com>",
        "Ada <ada@example.com>", "ada@example.com, bob@example.com", "ada@example.com\r\n",
        "ada@example.com\nBcc: eve@example.org", "ada@example.com\0", "ada\u200b@example.com",
        "ada\u202e@example.com", "ada\ud800@example.com", f"a{LONG_LOCAL_PART}@example.com",
        f"ada@{'a.' * 130}com",
    ],
)  # fmt: skip
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
        ("ada@faß.example", "ada@faß.example"),  # must not become fass.example, another domain
    ],
)
def test_a_domain_beyond_ascii_goes_over_the_wire_in_ascii(address, wire):
    assert wire_address(address) == wire


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
            "postgresql://host/x?user=a&password=***&b=c",
        ),
    ],
)
def test_a_password_in_an_address_is_masked(url, shown):
    assert masked(url) == shown
