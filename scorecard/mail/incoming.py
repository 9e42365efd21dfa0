"""What a mailbox offers, wherever it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

LARGEST = 1 << 21
"""Bytes of a mail that are read: what a report says stands before the message it returns."""


@dataclass(frozen=True)
class Mail:
    """One mail as it came. `key` tells it from the others in its box."""

    key: str
    raw: bytes


class Box(Protocol):
    """Where mail waits. MailError when it cannot be read or changed."""

    def waiting(self) -> Iterator[Mail]:
        """The mails that wait now, in a fixed order, none longer than LARGEST."""
        ...

    def done(self, mail: Mail) -> None:
        """It was recorded: do not offer it again, but keep it."""
        ...

    def set_aside(self, mail: Mail) -> None:
        """It could not be understood: leave it for people, and do not offer it again."""
        ...
