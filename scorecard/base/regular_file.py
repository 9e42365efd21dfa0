"""Files that are read: regular ones and no others, so that nothing waits for a pipe's other end.

A FIFO, a socket or a device under the name of a file makes whoever opens it wait, or read without
end. Here that is an OSError, whose `strerror` says what it is, before anything is read.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

MOST_TEXT = 32_000_000
"""Bytes that a file of settings, templates or notes has at most; a longer one is none of these."""
MOST_PDF = 1 << 30
"""Bytes that a PDF has at most."""
_KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


class IrregularError(OSError):
    """There is something, and it is no file that can be read to its end."""


def open_regular(path: Path) -> BufferedReader:
    """Open a file to be read in binary; OSError, at once, where it is no regular file."""
    # Without O_NONBLOCK the opening itself waits until somebody writes into a FIFO.
    _refuse_nul(path)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _refuse(os.fstat(handle).st_mode, path)
        os.set_blocking(handle, True)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def refuse_irregular(path: Path) -> None:
    """OSError where it is no regular file, for readers that open it by themselves."""
    _refuse_nul(path)
    _refuse(path.stat().st_mode, path)


def read_bytes(path: Path, most: int = MOST_TEXT) -> bytes:
    """All bytes of a file; OSError where it is no regular file, or longer than `most`."""
    with open_regular(path) as file:
        read = file.read(most + 1)
    if len(read) > most:
        raise IrregularError(errno.EFBIG, f"is longer than {most // 1_000_000} MB", str(path))
    return read


def read_text(path: Path, encoding: str = "utf-8-sig") -> str:
    """All text of a file, its line ends as "\\n"; UnicodeDecodeError, or as `read_bytes`."""
    return as_text(read_bytes(path), encoding)


def as_text(content: bytes, encoding: str = "utf-8-sig") -> str:
    """Bytes of a file as text, its line ends as "\\n"; UnicodeDecodeError where they are none."""
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _refuse_nul(path: Path) -> None:
    if "\0" in str(path):  # which Python says in a ValueError
        raise IrregularError(errno.EINVAL, "has the character NUL in its name", str(path))


def _refuse(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        kind = next((said for is_it, said in _KINDS if is_it(mode)), "is no file")
        raise IrregularError(errno.EINVAL, f"{kind}, not a file", str(path))
