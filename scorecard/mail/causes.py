"""Causes of a failed connection to a mail server, in words that say what to do about them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable

from scorecard.mail.reply import own_words
from scorecard.mail.wire import HungUp, TooMuch

_MISNAMED = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH of OpenSSL."""
_UNTIMELY = (9, 10)
"""X509_V_ERR_CERT_NOT_YET_VALID and _CERT_HAS_EXPIRED of OpenSSL."""


def why_lost(error: OSError, *, connected: bool) -> str:
    """Why a connection was lost, or could not be made; continues "host, port 25, …"."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"has a certificate that cannot be trusted: {_distrust(error)}"
    if isinstance(error, ssl.SSLError):
        return (
            f"does not agree on TLS ({reason(error)}); smtps: and imaps: are for servers that "
            "begin with it, smtp: for those with STARTTLS"
        )
    if isinstance(error, TooMuch):
        return f"says {error}, and is not listened to any longer"
    if connected:
        return f"broke off before it had the message: {reason(error)}"
    return f"cannot be reached: {reason(error)}"


def reason(error: OSError) -> str:
    """The cause in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "no such host is known"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, ssl.SSLError):
        return str(error.reason or "cut off").replace("_", " ").lower()
    if isinstance(error, TooMuch):
        return f"it says {error}"
    if isinstance(error, HungUp):
        return "it hung up"
    return (error.strerror or str(error) or "cut off").lower()


def babble(words: bytes | str, secrets: Iterable[str]) -> str:
    """Words for an answer that is not SMTP; continues "host, port 25, …"."""
    said = own_words(words, secrets)[:60]
    return "answers what is not SMTP" + (f': "{said}"' if said else "")


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    said = error.verify_message.rstrip(".")
    if error.verify_code in _MISNAMED:
        return f"{said}; write the name that it is for"
    if error.verify_code in _UNTIMELY:
        return f"{said}; have it renewed"
    return f"{said}; name the file of your certificate authority with ?ca=…"
