"""What came of handing a message over: values, because a refusal is no exception here."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["accepted", "transient", "permanent", "unsure", "unreachable", "login"]
Stage = Literal["connection", "login", "sender", "recipient", "content"]
_WORDS = 300
"""Letters of a server's own words that are kept."""


@dataclass(frozen=True)
class Reply:
    """The outcome for one message.

    accepted      the server answered 250: it has the message now
    transient     refused for now (4xx): try again later
    permanent     refused for good (5xx), or bound to be
    unsure        the content was going out when the answer got lost: it may or may not be there
    unreachable   no conversation: nothing was handed over, and the recipient is not the cause
    login         user and password were not taken, or not asked for

    `code` is the server's, 0 where it said none; `stage` is what was being done; `text`
    is one sentence with the server's own first line.
    """

    code: int
    text: str
    kind: Kind
    stage: Stage


def own_words(said: bytes | str, secrets: Iterable[str] = ()) -> str:
    """A server's first line, fit to be printed: no control characters, no secrets, not long."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in (secret, b64encode(secret.encode()).decode()):
            text = text.replace(form, "***")
    lines = [line for line in (_plain(each) for each in text.splitlines()) if line]
    line = lines[0] if lines else ""
    return line if len(line) <= _WORDS else f"{line[: _WORDS - 1]}…"


def _plain(line: str) -> str:
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in line)).strip()
