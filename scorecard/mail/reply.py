"""Outcomes of handing over a message: values, since a refusal is an expected result."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scorecard.secrets import hide

ReplyKind = Literal["accepted", "transient", "permanent", "unsure", "unreachable", "login"]
Stage = Literal["connection", "login", "sender", "recipient", "content"]
_WORDS = 300
"""Characters of a server's answer that are kept."""


@dataclass(frozen=True)
class Reply:
    """The outcome for one message.

    accepted      the server answered 250: it has the message now
    transient     refused for now (4xx): try again later
    permanent     refused for good (5xx), or bound to be
    unsure        the content went out and the answer was lost: the server may have it or not
    unreachable   no session: nothing was handed over, for a reason that concerns all recipients
    login         user and password were refused, or the server offers no login

    `code` is the server's reply code, 0 where there is none; `stage` is the step at which
    it came; `text` is one sentence that includes the first line of the server's answer.
    """

    code: int
    text: str
    kind: ReplyKind
    stage: Stage

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", hide(self.text))


def own_words(said: bytes | str, secrets: Iterable[str] = ()) -> str:
    """The first line of a server's answer, without control characters, secrets or excess length."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    # The longest first: a password may be part of the login that contains it.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in (secret, b64encode(secret.encode()).decode()):
            text = text.replace(form, "***")
    text = hide(text)  # before it is cut, since half a secret would not be found
    lines = [line for line in (_plain(each) for each in text.splitlines()) if line]
    line = lines[0] if lines else ""
    return line if len(line) <= _WORDS else f"{line[: _WORDS - 1]}…"


def _plain(line: str) -> str:
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in line)).strip()
