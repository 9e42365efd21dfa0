"""Causes of a failed connection to a mail server, in words that say what to do about them."""

from __future__ import annotations

import smtplib
import socket
import ssl

from scorecard.mail.reply import own_words

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
    if connected:
        return f"broke off before it had the message: {reason(error)}"
    return f"cannot be reached: {reason(error)}"


def reason(error: BaseException) -> str:
    """The cause in a few words, taken from behind the error in which smtplib wraps it."""
    cause = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, socket.gaierror):
        return "no such host is known"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(cause, ssl.SSLError):
        return str(cause.reason or "cut off").replace("_", " ").lower()
    if isinstance(cause, OSError) and not isinstance(cause, smtplib.SMTPException):
        return (cause.strerror or str(cause) or "cut off").lower()
    return "it hung up"


def babble(words: bytes | str) -> str:
    """Words for an answer that is not SMTP; continues "host, port 25, …"."""
    said = own_words(words)[:60]
    return "answers what is not SMTP" + (f': "{said}"' if said else "")


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    said = error.verify_message.rstrip(".")
    if error.verify_code in _MISNAMED:
        return f"{said}; write the name that it is for"
    if error.verify_code in _UNTIMELY:
        return f"{said}; have it renewed"
    return f"{said}; name the file of your certificate authority with ?ca=…"
