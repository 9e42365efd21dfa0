"""The period lock: one process at a time computes a period of a project.

It tells a run that is at work from one that broke off. The lock is the operating
system's (flock), which releases it however a process ends, and which every process
of this machine sees. Processes of other machines are kept apart by the ledger alone.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scorecard.base.files import make_folder, open_lock
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
            make_folder(file.parent, below=state)
            opened = stack.enter_context(open_lock(file))
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
