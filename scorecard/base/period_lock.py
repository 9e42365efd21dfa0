"""Turns: one process at a time works on a period of a project.

A run that is at work must not be taken for one that was broken off. The lock is
the operating system's, which lets go of it however a process ends; it is seen
by every process of this machine. Others are kept apart by the ledger alone.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scorecard.base.periods import Period
from scorecard.errors import BusyError, LedgerError


@contextmanager
def period_lock(state: Path, period: Period) -> Iterator[None]:
    """Hold a period as long as the block lasts; BusyError at once where another process does."""
    file = state / "turns" / period.key
    with ExitStack() as stack:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            held = stack.enter_context(file.open("w"))
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"{period} is being computed by another process; wait until that one has finished."
            ) from error
        except OSError as error:
            raise LedgerError(
                f"{file} cannot be written and locked ({error.strerror}); make the folder "
                'writable, or set "state" to another place.'
            ) from error
        yield
