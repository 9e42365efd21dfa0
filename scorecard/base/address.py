"""Addresses: of people, and of servers whose passwords are never shown."""

from __future__ import annotations

import re
import unicodedata
from email.utils import getaddresses
from urllib.parse import unquote

from scorecard.errors import MailError

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
"""Octets, by RFC 5321, 4.5.3.1."""
LONGEST_LABEL = 63
"""Octets of a domain's part, by RFC 1035, 2.3.4."""
_ATOM = r"[^@\s,:;<>()\[\]\\\".]+"
_LABEL = r"[^\W_](?:[^\W_]|-(?!\.|$))*"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_HARMLESS = {
    "sslmode",
    "application_name",
    "connect_timeout",
    "host",
    "port",
    "user",
    "dbname",
}
_PLAIN = re.compile(
    r"(?P<scheme>[^:/?#@]*://)?(?P<who>[^/?#]*@)?(?P<place>[^?#@]*)(?P<query>\?.*)?", re.DOTALL
)
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
    that the rules for such names would turn into others.
    """
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        labels = unicodedata.normalize("NFC", domain.lower()).split(".")
        coded = ".".join(_coded(label) for label in labels)
    except UnicodeError:
        return address
    return f"{local}@{coded}"


def same_mailbox(address: str) -> str:
    """What two spellings of one address have in common, by which addresses are compared.

    It is the wire form in lower case. Unlike `casefold`, it keeps ß apart from ss:
    straße.example and strasse.example are two domains, and may be two owners'.
    """
    return unicodedata.normalize("NFC", wire_address(address).lower())


def named_address(text: str) -> tuple[str, str]:
    """Name and address of "Ada <ada@example.com>"; both empty where it is not exactly one."""
    found = getaddresses([text])
    return found[0] if len(found) == 1 and is_address(found[0][1]) else ("", "")


def _coded(label: str) -> str:
    """One part of a domain in its xn-- form; UnicodeError where it has none.

    The codec knows the rules of 2003, which write ß as ss and ς as σ; those of
    2008 keep them, so that they name another domain.
    """
    if label.isascii():
        return label
    plain = label.replace("ß", "ss").replace("ς", "σ")
    coded = plain.encode("idna")
    if coded.decode("idna") != plain:
        raise UnicodeError(f"{label} would become another name")
    if plain != label:
        coded = b"xn--" + label.encode("punycode")
    if len(coded) > LONGEST_LABEL:
        raise UnicodeError(f"{label} is too long")
    return coded.decode("ascii")


def has_controls(text: str) -> bool:
    """Whether a character ends a line, turns the direction of others, or is no text at all."""
    return any(c in _TURNING or unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text)


def masked(url: str) -> str:
    """The address without its passwords, also when it cannot be parsed.

    Of what stands behind the question mark, only what is known to be harmless is shown.
    """
    scheme, who, place, query = _parts(url)
    user, colon, _ = who.partition(":")
    shown = "" if not who else f"{user}:***@" if colon else "***@"
    return f"{scheme}{shown}{place}{re.sub(r'[^?&]+', lambda part: _hidden(part[0]), query)}"


def secrets_in(url: str) -> list[str]:
    """What `masked` hides of an address, as it is written and as it is meant, longest first."""
    found = [_parts(url)[1].removesuffix("@").partition(":")[2]]
    for part in re.findall(r"[^?&]+", url.partition("?")[2]):
        if _hidden(part) != part:
            found.append(part.partition("=")[2] or part)
    return sorted({f for text in found for f in (text, unquote(text)) if f}, key=len, reverse=True)


def _parts(url: str) -> tuple[str, str, str, str]:
    """Scheme, user and password, what they open, and the query; put together, the address.

    Where a password has letters that it must not have, it reaches to the last @; where that
    may also lie in the query, what follows it is left out.
    """
    if plain := _PLAIN.fullmatch(url):
        scheme, who, place, query = (part or "" for part in plain.groups())
        if not ("@" in query and ":" in place):
            return scheme, who, place, query
    scheme, mark, rest = url.partition("://")
    scheme, rest = (f"{scheme}{mark}", rest) if mark and "@" not in scheme else ("", url)
    who, at, place = rest.rpartition("@")
    if re.search(r"\?[^?=]*=", who):
        return scheme, f"{who}{at}", "", ""
    place, mark, query = place.partition("?")
    return scheme, f"{who}{at}", place, f"{mark}{query}"


def _hidden(part: str) -> str:
    """One "name=value" of a query, without the value unless it is harmless."""
    name, equals, value = part.partition("=")
    if name.lower() in _HARMLESS and re.fullmatch(r"[\w.,/-]*", value):
        return part
    return f"{name}=***" if equals else "***"
