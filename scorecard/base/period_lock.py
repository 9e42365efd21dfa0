"""The period lock: one process at a time computes a period of a project.

It tells a run that is at work from one that broke off. The lock is the operating
system's (flock), which releases it however a process ends, and which every process
of this machine sees. Processes of other machines are kept apart by the ledger alone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scorecard.base.periods import Period
from scorecard.errors import BusyError, LedgerError


@contextmanager
def period_lock(state: Path, period: Period) -> Iterator[None]:
    """Lock a period while the block runs; BusyError at once where another process has it.

    LedgerError where the file of the lock cannot be written in the folder `state`.
    """
    # The folder has its old name, since processes of an older version lock the same files.
    file = state / "turns" / period.key
    with ExitStack() as stack:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            # Not "w", which would wait for a reader where somebody laid a pipe in its place.
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
            opened = stack.enter_context(os.fdopen(handle, "r+b", buffering=0))
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
