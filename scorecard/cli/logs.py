"""Logs: one line for each event, as text or JSON, with secrets masked."""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from scorecard.cli.terminal import one_line
from scorecard.secrets import hide

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


def begin(*, as_json: bool) -> None:
    """Log to standard error from now on; what is known to be secret is printed as ***."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Mask())
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
        record.msg = one_line(record.getMessage())
        record.args = ()
        said = super().format(record)
        known = ((name, getattr(record, name, None)) for name in FIELDS)
        ids = " ".join(
            f"{name}={one_line(str(value))}" for name, value in known if value not in (None, "", 0)
        )
        return f"{said} [{ids}]" if ids else said


class Mask(logging.Filter):
    """Masks secrets in messages, in attributes of records and in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = hide(record.getMessage()), ()
        for name, value in list(record.__dict__.items()):
            if isinstance(value, str) and name not in ("msg", "name", "levelname"):
                setattr(record, name, hide(value))
        if record.exc_info:
            formatted = logging.Formatter().formatException(record.exc_info)
            # A handler would format exc_info again, with the secrets in it.
            record.exc_text, record.exc_info = hide(formatted), None
        return True
