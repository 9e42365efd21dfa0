"""The interface of a mailbox, and the mails in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

LARGEST = 1 << 21
"""Bytes of a mail that are read (2 MiB): a report stands before the message that it returns."""


@dataclass(frozen=True)
class Mail:
    """One mail as received. `key` identifies it within its mailbox."""

    key: str
    raw: bytes


class Mailbox(Protocol):
    """A mailbox. Its methods raise MailError when it cannot be read or changed."""

    def waiting(self) -> Iterator[Mail]:
        """The mails neither done nor set aside, in a fixed order, each cut at the largest size."""
        ...

    def done(self, mail: Mail) -> None:
        """Mark a mail as recorded: it is kept, and no longer waits."""
        ...

    def set_aside(self, mail: Mail) -> None:
        """Mark a mail as not understood: it is kept for people to read, and no longer waits."""
        ...
