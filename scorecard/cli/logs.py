"""Logs: one line for each event, as text or JSON, with secrets masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from urllib.parse import unquote

from pythonjsonlogger.json import JsonFormatter

FIELDS = (
    "expected",
    "run",
    "delivery",
    "schedule",
    "period",
    "recipient",
    "tries",
    "state",
    "code",
)
"""Attributes of a record that a line of text appends to its message."""
_PASSWORD = (re.compile(r"^[^:/?#]*://[^:/?#@]*:(.*)@"), re.compile(r"\bpassword=([^&\s]+)"))


def passwords_in(url: str) -> list[str]:
    """The passwords in a URL, as written and percent-decoded, even where it is malformed."""
    found = [match[1] for pattern in _PASSWORD for match in pattern.finditer(url)]
    return [*found, *map(unquote, found)]


def begin(*, as_json: bool, secrets: Iterable[str] = ()) -> None:
    """Log to standard error from now on; every text in `secrets` is printed as ***."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Mask(secrets))
    if as_json:
        handler.setFormatter(
            JsonFormatter(
                "%(asctime)s %(levelname)s %(name)s %(message)s",
                rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
                datefmt="%Y-%m-%dT%H:%M:%S%z",
            )
        )
    else:
        handler.setFormatter(Text("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger("scorecard")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    root.propagate = False


class Text(logging.Formatter):
    """Formats a record as text: the message, then FIELDS as name=value."""

    def format(self, record: logging.LogRecord) -> str:
        said = super().format(record)
        known = ((name, getattr(record, name, None)) for name in FIELDS)
        ids = " ".join(f"{name}={value}" for name, value in known if value not in (None, "", 0))
        return f"{said} [{ids}]" if ids else said


class Mask(logging.Filter):
    """Replaces secrets in messages, in attributes of records and in tracebacks by ***."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        # The longest first, since one may be part of another. Those of one or two characters
        # would mask parts of words.
        self._secrets = sorted({s for s in secrets if len(s) > 2}, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._masked(record.getMessage()), ()
        for name, value in list(record.__dict__.items()):
            if isinstance(value, str) and name not in ("msg", "name", "levelname"):
                setattr(record, name, self._masked(value))
        if record.exc_info:
            formatted = logging.Formatter().formatException(record.exc_info)
            # A handler would format exc_info again, with the secrets in it.
            record.exc_text, record.exc_info = self._masked(formatted), None
        return True

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
