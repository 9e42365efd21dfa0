"""E-mail addresses, checked and compared; and URLs of servers, shown without their secrets."""

from __future__ import annotations

import re
import unicodedata
from email.utils import getaddresses
from urllib.parse import unquote

from scorecard.errors import MailError
from scorecard.secrets import ANYWHERE, MASK, assigned, hide, learn

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
"""Octets, by RFC 5321, 4.5.3.1."""
LONGEST_LABEL = 63
"""Octets of a domain's part, by RFC 1035, 2.3.4."""
# An atom of RFC 5322 that may have letters beyond ASCII (RFC 6531). The last label is never all
# digits (RFC 3696, 2), so that ada@192.0.2.1 is not taken for an address.
_ATOM = r"[^@\s,:;<>()\[\]\\\".]+"
_LABEL = r"[^\W_](?:[^\W_]|-(?!\.|$))*"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_HARMLESS_PARAMETERS = {
    "sslmode",
    "application_name",
    "connect_timeout",
    "host",
    "port",
    "user",
    "dbname",
}
_FILES = ("sqlite:", "duckdb:", "folder:", "file:")
"""Beginnings of addresses of files, which have no password, and may have an @ anywhere."""
_SPECIAL = re.compile(r"[@/?#\[\]]")
"""What must not stand in a user or password as it is (RFC 3986, 3.2.1)."""
_URL = re.compile(
    r"(?P<scheme>[^:/?#@]*://)?(?P<who>[^/?#]*@)?(?P<place>[^?#@]*)(?P<query>\?.*)?", re.DOTALL
)
_BIDI_CONTROLS = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


def is_address(text: str) -> bool:
    """Whether the text is an e-mail address such as "ada@example.com".

    Letters beyond ASCII may be in both halves. Quoted local parts ("a b"@example.com)
    and address literals (ada@[192.0.2.1]) are refused.
    """
    local, _, _ = text.rpartition("@")
    return (
        _ADDRESS.fullmatch(text) is not None
        and not any(unicodedata.category(c)[0] == "C" for c in text)
        and len(text.encode()) <= LONGEST_ADDRESS
        and len(local.encode()) <= LONGEST_LOCAL_PART
    )


def checked_address(text: str) -> str:
    """The address itself, neither trimmed nor mended; MailError where it is not one."""
    if not is_address(text):
        shown = "".join(" " if has_controls(c) else c for c in text)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}…"
        raise MailError(f'"{shown}" is not an e-mail address; write one such as "ada@example.com".')
    return text


def wire_address(address: str) -> str:
    """A checked address as it is given to a mail server: its domain in ASCII, by IDNA (xn--).

    The address is not ASCII where its local part is not, and unchanged where
    IDNA would turn letters of the domain into others.
    """
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        labels = unicodedata.normalize("NFC", domain.lower()).split(".")
        coded = ".".join(_idna_label(label) for label in labels)
    except UnicodeError:
        return address
    return f"{local}@{coded}"


def same_mailbox(address: str) -> str:
    """The form in which two spellings of one address are equal: the wire form in lower case.

    Unlike `casefold` it keeps ß apart from ss: straße.example and strasse.example
    are two domains, which may have two owners.
    """
    return unicodedata.normalize("NFC", wire_address(address).lower())


def named_address(text: str) -> tuple[str, str]:
    """Name and address of "Ada <ada@example.com>"; both empty where it is not exactly one."""
    found = getaddresses([text])
    return found[0] if len(found) == 1 and is_address(found[0][1]) else ("", "")


def _idna_label(label: str) -> str:
    """One label of a domain in its xn-- form; UnicodeError where it has none.

    Python's codec follows IDNA 2003, which maps ß to ss and ς to σ. IDNA 2008
    keeps both letters, so the label is encoded without the codec where it has one.
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
    """Whether the text has line ends, control or bidirectional characters, or lone surrogates."""
    return any(
        c in _BIDI_CONTROLS or unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text
    )


def masked(url: str) -> str:
    """The URL without its passwords, also when it cannot be parsed, or is no URL.

    Of its query only parameters that are known to be harmless are shown.
    """
    scheme, who, place, query = _url_parts(hide(url))
    user, colon, _ = who.partition(":")
    shown = "" if not who else f"{user}:***@" if colon else "***@"
    parameters = re.sub(r"[^?&]+", lambda part: _masked_parameter(part[0]), query)
    whole = f"{scheme}{shown}{place}{parameters}"
    for secret in passwords_in(url):  # where it is no URL, as in "host=db password=sesame"
        whole = whole.replace(secret, MASK) if len(secret) >= ANYWHERE else whole
    return whole


def secrets_in(url: str) -> list[str]:
    """The secrets that `masked` hides in a URL, as written and percent-decoded, longest first."""
    found = [_url_parts(url)[1].removesuffix("@").partition(":")[2]]
    for part in re.findall(r"[^?&]+", url.partition("?")[2]):
        if _masked_parameter(part) != part:
            found.append(part.partition("=")[2] or part)
    # Longest first, so that a secret is replaced before another that is a part of it.
    return sorted({f for text in found for f in (text, unquote(text)) if f}, key=len, reverse=True)


def passwords_in(url: str) -> list[str]:
    """The passwords of a URL, as written and percent-decoded, even where it is malformed.

    Where signs in one are not encoded, also the pieces into which a reader of URLs may cut it.
    """
    if url.startswith(_FILES):
        return []
    password = _url_parts(url)[1].removesuffix("@").partition(":")[2]
    pieces = _SPECIAL.split(password) if _SPECIAL.search(password) else []
    pieces = [piece for piece in pieces if len(piece) >= 4]
    found = [password, *pieces, *assigned(url.replace("?", " ").replace("&", " "))]
    return [text for text in dict.fromkeys((*found, *map(unquote, found))) if text]


def learn_passwords(url: str) -> None:
    """Have the passwords of a URL hidden from now on, whoever repeats them."""
    learn(*passwords_in(url))


def is_cut_short(url: str) -> bool:
    """Whether user or password of a URL have a sign in them that ends them for whoever reads it,
    so that a part of the password would be taken for the host, and shown as that."""
    who = _url_parts(url)[1].removesuffix("@")
    return not url.startswith(_FILES) and _SPECIAL.search(who) is not None


def _url_parts(url: str) -> tuple[str, str, str, str]:
    """Scheme, credentials, host with path, and query of a URL; joined, they are the URL.

    A password whose special characters are not encoded reaches to the last @. Where that @
    may as well lie in the query, everything after it is left out.
    """
    if plain := _URL.fullmatch(url):
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


def _masked_parameter(part: str) -> str:
    """One "name=value" of a query, its value masked unless it is harmless."""
    name, equals, value = part.partition("=")
    if name.lower() in _HARMLESS_PARAMETERS and re.fullmatch(r"[\w.,/-]*", value):
        return part
    return f"{name}=***" if equals else "***"
