"""IMAP on a wire: `imaplib`, with a time and a size for each command and for all of them.

`imaplib` reads as many answers as a server cares to give, and as long as these are.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable
from typing import Any

from scorecard.mail.incoming import LARGEST
from scorecard.mail.wire import HANDSHAKE, Deadline, TooMuch, Wire

LONGEST_LINE = 1 << 20
"""Bytes of a line (1 MiB): the numbers of a hundred thousand mails found by a search."""
MOST_LINES = 10_000
"""Lines of all answers to one command."""
Dial = Callable[[str, int, Deadline], Wire]


class ImapWire(imaplib.IMAP4):
    """An IMAP connection of which every command ends, and so does everything, `whole` seconds
    after it began.

    A mail has at most `largest` bytes, and all answers to one command those and a long line.

    Say `allow` before each command. Besides imaplib's own errors, ValueError
    tells of answers that are no IMAP.
    """

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        answer: float,
        whole: float,
        dial: Dial = Wire.to,
        largest: int = LARGEST,
    ) -> None:
        self._context, self._answer, self._dial = context, answer, dial
        self._largest = largest
        self._whole = Deadline.after(whole)
        self._lines = 0
        super().__init__(host, port)

    @property
    def over(self) -> bool:
        """Whether the time left for everything may be too short for another command."""
        return self._whole.before(self._answer).over

    def allow(self) -> None:
        """Begin another command, and forget what the server said without being asked."""
        self._lines = 0
        self.untagged_responses.clear()
        self._wire.allow(self._whole.within(self._answer), self._largest + LONGEST_LINE)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self._wire = self._dial(host, port, self._whole.within(self._answer))
        try:
            if self._context is not None:
                self._wire.allow(self._whole.within(self._answer), HANDSHAKE)
                self._wire.start_tls(self._context, host)
        except BaseException:
            self._wire.close()
            raise
        self._wire.allow(self._whole.within(self._answer), self._largest + LONGEST_LINE)

    def read(self, size: int) -> bytes:
        if size > self._largest:
            raise TooMuch(f"a literal of {size:,} bytes")
        return self._wire.read(size)

    def readline(self) -> bytes:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise TooMuch(f"more than {MOST_LINES:,} lines at once")
        return self._wire.line(LONGEST_LINE)

    def send(self, data: Any) -> None:
        self._wire.send(bytes(data))

    def shutdown(self) -> None:
        self._wire.close()


def once(secret: bytes) -> Callable[[bytes], bytes]:
    """An answer to a server's challenge; TooMuch where it asks for another."""
    left = [secret]

    def answer(_: bytes) -> bytes:
        if not left:
            raise TooMuch("one challenge after another")
        return left.pop()

    return answer
