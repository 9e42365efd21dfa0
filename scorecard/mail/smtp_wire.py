"""SMTP on a wire: commands and their replies (RFC 5321), each within a time and a size.

`smtplib` gathers a reply whole, however many lines it has, before anybody can count them.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass

from scorecard.mail.wire import HANDSHAKE, Deadline, TooMuch, Wire

LONGEST_LINE = 8192
"""Bytes of a reply line; RFC 5321 has 512, and some servers more."""
MOST_LINES = 128
"""Lines of a reply."""
LARGEST_REPLY = 1 << 16
"""Bytes of a reply (64 KiB)."""
_SIZE = re.compile(r"\d{1,20}", re.ASCII)
"""RFC 1870: up to 20 digits. What has more states nothing."""


@dataclass(frozen=True)
class TimeLimits:
    """How long one message may keep its sender.

    answer     seconds for connecting, a TLS handshake, a command with its whole answer, and
               each piece of content
    message    seconds for one message, from its beginning to the last piece of its content:
               connecting, logging in and trying again included
    content    seconds for the last piece and the whole answer to it
    """

    answer: float = 60.0
    message: float = 300.0
    content: float = 600.0

    @property
    def longest(self) -> float:
        """Seconds for all of it, with the RSET that may follow a refusal."""
        return self.message + self.content + self.answer


class SmtpWire:
    """An SMTP connection. Its methods raise OSError where no answer comes, or too much of one.

    features    what the last EHLO offered: keywords in lower case, with their parameters
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.features: dict[str, str] = {}

    @property
    def own_address(self) -> str:
        return self._wire.own_address

    @property
    def size_limit(self) -> int:
        """The largest message the server takes, in bytes (RFC 1870); 0 where it states none."""
        said = self.features.get("size", "")
        return int(said) if _SIZE.fullmatch(said) else 0

    def start_tls(self, context: ssl.SSLContext, host: str, deadline: Deadline) -> None:
        self._wire.allow(deadline, HANDSHAKE)
        self._wire.start_tls(context, host)
        self.features = {}  # RFC 3207: what was offered before TLS does not count

    def ask(self, line: str, deadline: Deadline) -> tuple[int, bytes]:
        """Send a command; its reply, as `reply` gives it."""
        self.check_silent()
        self._wire.allow(deadline, LARGEST_REPLY)
        self._wire.send(f"{line}\r\n".encode())
        return self._reply()

    def check_silent(self) -> None:
        """TooMuch where the server answered before it was asked.

        What it said about nothing would pass for its answer to what is sent next.
        """
        if self._wire.has_unread:
            raise TooMuch("an answer before it was asked")

    def send(self, content: bytes, deadline: Deadline) -> None:
        """Send a piece of content."""
        self._wire.allow(deadline, LARGEST_REPLY)
        self._wire.send(content)

    def reply(self, deadline: Deadline) -> tuple[int, bytes]:
        """Code and text of the next reply, its lines joined; code -1 where it has none."""
        self._wire.allow(deadline, LARGEST_REPLY)
        return self._reply()

    def hello(self, name: str, deadline: Deadline) -> tuple[int, bytes]:
        """EHLO, and what the server offers."""
        code, words = self.ask(f"EHLO {name}", deadline)
        if 200 <= code < 300:
            self.features = _features(words)
        return code, words

    def close(self) -> None:
        self._wire.close()

    def _reply(self) -> tuple[int, bytes]:
        words = []
        for _ in range(MOST_LINES):
            line = self._wire.line(LONGEST_LINE)
            code = line[:3]
            words.append(line[4:].strip())
            if not code.isdigit() or len(code) < 3:
                return -1, line.strip()
            if line[3:4] != b"-":
                return int(code), b"\n".join(words)
        raise TooMuch(f"more than {MOST_LINES} lines at once")


def _features(words: bytes) -> dict[str, str]:
    """What the lines of an answer to EHLO offer; the first one is a greeting."""
    found: dict[str, str] = {}
    for line in words.decode("latin-1").split("\n")[1:]:
        # Servers of old write "AUTH=LOGIN PLAIN".
        name, _, parameters = line.replace("=", " ", 1).strip().partition(" ")
        name = name.lower()
        known = f"{found[name]} " if name == "auth" and name in found else ""
        found[name] = f"{known}{parameters.strip()}"
    return found
