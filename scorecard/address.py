"""Addresses: of people, and of servers whose passwords are never shown."""

from __future__ import annotations

import re
import unicodedata

from scorecard.errors import MailError

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
"""Octets, by RFC 5321, 4.5.3.1."""
_ATOM = r"[^@\s,:;<>()\[\]\\\".]+"
_LABEL = r"[^\W_](?:[^\W_]|-(?!\.|$))*"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_TURNING = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def is_address(text: str) -> bool:
    """Whether it is an e-mail address such as "ada@example.com".

    Quoted local parts ("a b"@example.com) and address literals (ada@[192.0.2.1])
    are none here; letters beyond ASCII may be in both halves.
    """
    local, _, _ = text.rpartition("@")
    return (
        _ADDRESS.fullmatch(text) is not None
        and not any(unicodedata.category(c)[0] == "C" for c in text)
        and len(text.encode()) <= LONGEST_ADDRESS
        and len(local.encode()) <= LONGEST_LOCAL_PART
    )


def checked_address(text: str) -> str:
    """The address unchanged: nothing is trimmed or mended. MailError where it is none."""
    if not is_address(text):
        shown = "".join(" " if has_controls(c) else c for c in text)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}…"
        raise MailError(f'"{shown}" is not an e-mail address; write one such as "ada@example.com".')
    return text


def wire_address(address: str) -> str:
    """A checked address as a mail server takes it: a domain beyond ASCII in its xn-- form.

    Still beyond ASCII where the local part is, or where the domain has letters
    that the older rules for such names would turn into others (ß, ς).
    """
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        coded = domain.encode("idna").decode("ascii")
        same = coded.encode("ascii").decode("idna") == unicodedata.normalize("NFC", domain.lower())
    except UnicodeError:
        return address
    return f"{local}@{coded}" if same else address


def has_controls(text: str) -> bool:
    """Whether a character ends a line, turns the direction of others, or is no text at all."""
    return any(c in _TURNING or unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text)


def masked(url: str) -> str:
    """The address without its passwords, also when it cannot be parsed."""
    hidden = re.sub(r"^((?:[^:/@]*://)?[^:]*):.*@", r"\1:***@", url)
    return re.sub(r"(password=)[^&\s]*", r"\1***", hidden)
