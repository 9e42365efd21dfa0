"""A connection to a server that need not mean well: every wait has an end, every answer a size.

The socket modules of Python limit each single read. A server that sends one byte before each
of these limits holds its client for ever, and one that never stops fills its memory. Here a
deadline holds for all that is sent and received until the next is set, and so does the number
of bytes, which are counted before TLS makes anything of them.
"""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any, Self

PIECE = 1 << 14
"""Bytes that are received at a time (16 KiB)."""
HANDSHAKE = 1 << 18
"""Bytes that a TLS handshake may take (256 KiB); OpenSSL takes certificates of 100 KiB at most."""
MOST_ADDRESSES = 8
"""Addresses of a host that are tried."""


def _now() -> float:
    """Seconds on a clock that nobody can set, and that goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class TooMuch(OSError):
    """The server says more than it may; the text continues "host, port 25, says …"."""


class HungUp(OSError):
    """The server closed the connection in the middle of a conversation."""


@dataclass(frozen=True)
class Deadline:
    """A moment by which something has to be done."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(_now() + seconds)

    def left(self) -> float:
        """Seconds until then, more than 0; TimeoutError once it has passed."""
        seconds = self.at - _now()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    @property
    def over(self) -> bool:
        return self.at <= _now()

    def within(self, seconds: float) -> Deadline:
        """This deadline, or one after so many seconds if that is sooner."""
        return Deadline(min(self.at, _now() + seconds))

    def before(self, seconds: float) -> Deadline:
        """A deadline so many seconds before this one."""
        return Deadline(self.at - seconds)


class Wire:
    """A connection, at first in the clear. Its methods raise OSError, of which TooMuch,
    HungUp, TimeoutError and ssl.SSLError are kinds.

    Say `allow` before each command: until then nothing may be sent or received.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._deadline = Deadline(0.0)
        self._budget = 0
        self._most = 0
        self._unread = bytearray()
        self._tls: ssl.SSLObject | None = None
        self._coming, self._going = ssl.MemoryBIO(), ssl.MemoryBIO()

    @classmethod
    def to(cls, host: str, port: int, deadline: Deadline) -> Self:
        """Connect, and try each address of the host for its share of the time."""
        found = _addresses(host, port, deadline)[:MOST_ADDRESSES]
        lost: OSError = socket.gaierror(socket.EAI_NONAME, "no address")
        for tried, (family, kind, protocol, _, address) in enumerate(found):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(deadline.left() / (len(found) - tried))
                connection.connect(address)
                # Nagle's algorithm and delayed acknowledgements would add 40 ms to each message.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return cls(connection)
            except OSError as error:
                connection.close()
                lost = error
        raise lost

    @property
    def own_address(self) -> str:
        """The address of this end, without a port; empty where it has none."""
        name = self._socket.getsockname()
        return str(name[0]).partition("%")[0] if isinstance(name, tuple) else ""

    @property
    def has_unread(self) -> bool:
        """Whether bytes were received that nobody has read."""
        return bool(self._unread)

    def allow(self, deadline: Deadline, budget: int) -> None:
        """Let everything from here on take until `deadline`, and receive `budget` bytes."""
        self._deadline, self._budget, self._most = deadline, budget, budget

    def send(self, data: bytes) -> None:
        """Send all of it."""
        if self._tls is None:
            self._send(data)
            return
        view = memoryview(data)
        while view:
            try:
                view = view[self._tls.write(view[: 1 << 16]) :]
            except ssl.SSLWantReadError:
                self._receive()
            self._flush()

    def line(self, longest: int) -> bytes:
        """The next line, with its line end; TooMuch where it has more than `longest` bytes."""
        looked = 0
        while (end := self._unread.find(b"\n", looked)) < 0:
            looked = len(self._unread)
            if looked > longest:
                break
            self._receive()
        if end < 0 or end >= longest:
            raise TooMuch(f"a line of more than {longest:,} bytes")
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        """The next `size` bytes."""
        while len(self._unread) < size:
            self._receive()
        return self._take(size)

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Encrypt from here on, with a certificate for `host`; ssl.SSLError where that fails.

        What was received in the clear would pass for encrypted afterwards, so there may be none.
        """
        if self._unread:
            raise TooMuch("something in the clear after TLS was agreed on")
        self._tls = context.wrap_bio(self._coming, self._going, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._coming.write(self._receive_raw())
            else:
                self._flush()
                return

    def close(self) -> None:
        """Close at once; a server that does not listen is not waited for."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._unread[:size])
        del self._unread[:size]
        return taken

    def _receive(self) -> None:
        """Wait for more, which may turn out to be none once it is decrypted."""
        raw = self._receive_raw()
        if self._tls is None:
            self._unread += raw
            return
        self._coming.write(raw)
        while True:
            try:
                plain = self._tls.read(PIECE)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError as error:
                if self._unread:
                    break
                raise HungUp from error
            if not plain:
                break
            self._unread += plain
        self._flush()

    def _receive_raw(self) -> bytes:
        if self._budget <= 0:
            raise TooMuch(f"more than {self._most:,} bytes")
        self._socket.settimeout(self._deadline.left())
        raw = self._socket.recv(min(PIECE, self._budget))
        if not raw:
            raise HungUp
        self._budget -= len(raw)
        return raw

    def _flush(self) -> None:
        if self._going.pending:
            self._send(self._going.read())

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            # Each time anew: a server that takes a few bytes now and then is slow as well.
            self._socket.settimeout(self._deadline.left())
            view = view[self._socket.send(view) :]


def _addresses(host: str, port: int, deadline: Deadline) -> list[Any]:
    """The addresses of a host. The system's look-up knows no deadline, so it is not waited for."""
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except UnicodeError:
            found.append(socket.gaierror(socket.EAI_NONAME, "no name"))
        except OSError as error:
            found.append(error)

    looking = Thread(target=look_up, daemon=True)
    looking.start()
    looking.join(deadline.left())
    if not found:
        raise TimeoutError
    if isinstance(found[0], OSError):
        raise found[0]
    return list(found[0])
