"""URLs of mail servers, parsed and checked before anything is connected.

Errors never quote the URL: where it cannot be parsed, any part of it may be the
password.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from scorecard.base.address import has_controls, learn_passwords
from scorecard.base.regular_file import refuse_irregular
from scorecard.errors import MailError, did_you_mean

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]|\.(?!\.))*")


@dataclass(frozen=True)
class Endpoint:
    """The parts of a URL such as "smtps://ann:secret@mail.example.com:465/path?ca=our.pem".

    `port` is 0 where none is given; `host` is in its ASCII form (IDNA), IPv6 without brackets.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    path: str
    options: Mapping[str, str]

    @property
    def is_loopback(self) -> bool:
        """Whether the host can only be this machine."""
        return self.host == "localhost" or (_is_ip(self.host) and ip_address(self.host).is_loopback)


def take_apart(url: str, setting: str, form: str, options: tuple[str, ...]) -> Endpoint:
    """Parse a URL; `form` is an example for the error, `options` are the names allowed after ?.

    MailError begins with `setting` and never shows user or password.
    """
    learn_passwords(url)
    if has_controls(url) or url != url.strip():
        raise MailError(f"{setting} has a control character, or a space at an end; write {form}.")
    try:
        parts = urlsplit(url)
        port = parts.port or 0
        user = unquote(parts.username or "", errors="strict")
        password = unquote(parts.password or "", errors="strict")
    except ValueError:
        raise MailError(_unparsable(setting, form)) from None  # the cause quotes the password
    # A stray @ or # means a password that was not percent-encoded and was cut in two.
    if "@" in f"{parts.path}{parts.query}{parts.fragment}" or parts.fragment:
        raise MailError(_unparsable(setting, form))
    if has_controls(user + password):
        raise MailError(f"{setting} has a control character in its user or password.")
    if bool(user) != bool(password):
        lacking = "password" if user else "user"
        raise MailError(f"{setting} gives no {lacking}; write {form}, or leave out both.")
    host = _host(parts, setting, form)
    given = _options(parts.query, setting, options)
    return Endpoint(parts.scheme, host, port, user, password, unquote(parts.path), given)


def must_verify(endpoint: Endpoint, setting: str) -> bool:
    """Whether TLS is used and verified: always, except for ?tls=none on a loopback address."""
    said = endpoint.options.get("tls")
    if said is None:
        return True
    if said != "none":
        raise MailError(f'{setting} has tls={said}; the only other choice is "tls=none".')
    if not endpoint.is_loopback:
        raise MailError(
            f"{setting} has tls=none for {endpoint.host}; mail goes unencrypted to this machine "
            "(127.0.0.1, ::1, localhost) only, so leave it out."
        )
    return False


def ca_file(endpoint: Endpoint, root: Path, setting: str) -> Path | None:
    """The file named by ?ca=, relative to `root`; MailError unless it holds certificates."""
    if "ca" not in endpoint.options:
        return None
    file = root / endpoint.options["ca"]
    try:
        refuse_irregular(file)
        ssl.create_default_context(cafile=file)
    except ssl.SSLError as error:
        raise MailError(f"{setting}: {file} holds no certificate in PEM form.") from error
    except OSError as error:
        raise MailError(f"{setting}: {file} cannot be read ({error.strerror}).") from error
    return file


def tls(ca: Path | None) -> ssl.SSLContext:
    """A context that verifies certificate and host name, trusting only `ca` where it is given."""
    context = ssl.create_default_context(cafile=ca)
    context.options |= ssl.OP_NO_RENEGOTIATION  # it would let a server ask for work without end
    return context


def _unparsable(setting: str, form: str) -> str:
    return (
        f"{setting} cannot be taken apart; write {form}, with the signs @ : / ? # % of a user or "
        "password as %40 %3A %2F %3F %23 %25."
    )


def _host(parts: SplitResult, setting: str, form: str) -> str:
    host = parts.hostname or ""
    if not host:
        raise MailError(f"{setting} names no host; write {form}.")
    if _is_ip(host):
        return host
    try:
        coded = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise MailError(_unparsable(setting, form)) from None
    if not _HOST.fullmatch(coded):
        raise MailError(_unparsable(setting, form))
    return coded


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _options(query: str, setting: str, known: tuple[str, ...]) -> dict[str, str]:
    given = [part.partition("=") for part in query.split("&") if part]
    for name, _, value in given:
        if name not in known:
            raise MailError(f'{setting} has the option "{name}".{did_you_mean(name, known)}')
        if not value:
            raise MailError(f"{setting} has the option {name} without a value.")
        if has_controls(unquote(value)):
            raise MailError(f"{setting} has a control character in its option {name}.")
    return {name: unquote(value) for name, _, value in given}
