"""Frames: messages of known length between two processes, by a moment at which to give up."""

from __future__ import annotations

import struct
import time
from socket import socket

MOST = 1_000_000_000
"""Bytes; what says that it is longer is not taken."""
_HEAD = struct.Struct(">Q")


def send(to: socket, message: bytes, until: float | None = None) -> None:
    """Send a message; TimeoutError where it is not taken by that moment of `time.monotonic`."""
    for part in (_HEAD.pack(len(message)), message):
        to.settimeout(_left(until))
        to.sendall(part)


def receive(of: socket, until: float | None = None) -> bytes:
    """The next message; EOFError where none comes any more, TimeoutError where it comes too late,
    OSError where it is too long."""
    (length,) = _HEAD.unpack(_exactly(of, _HEAD.size, until))
    if length > MOST:
        raise OSError(f"a message of {length} bytes is too long")
    return _exactly(of, length, until)


def _exactly(of: socket, length: int, until: float | None) -> bytes:
    parts: list[bytes] = []
    while length:
        of.settimeout(_left(until))
        part = of.recv(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _left(until: float | None) -> float | None:
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
