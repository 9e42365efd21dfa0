"""Limits of time and memory for a process of ours, set by the operating system.

So they hold whatever the process does: in Python, in a library, or never coming back.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

GB = 1_000_000_000
_SET_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


@dataclass(frozen=True)
class Limits:
    """What one piece of work may take.

    seconds   by the clock, and of a processor
    memory    bytes, beyond what the process has when it begins
    otherwise how an error ends that tells of them: ", or raise …"
    """

    seconds: float
    memory: int
    otherwise: str = ""


def limit_memory(limits: Limits) -> None:
    """Let this process have no more memory than that from now on; asking for it fails then.

    Nor does it leave its memory in a file when it breaks.
    """
    _lower(resource.RLIMIT_AS, _mapped() + limits.memory)
    _lower(resource.RLIMIT_CORE, 0)


def limit_time(limits: Limits) -> None:
    """Let this process have a processor for no longer than that from now on, or be ended.

    Whoever waits for it looks at the clock, and comes first: this is for when nobody does.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime + 2 * limits.seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or until < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def die_with_parent() -> None:
    """Let this process be killed when the thread that began it ends, however that comes about."""
    parent = os.getppid()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != parent:  # it ended meanwhile
            os._exit(1)
    else:
        Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _lower(which: int, value: int) -> None:
    """Set a limit, where there is not a lower one already."""
    soft, hard = resource.getrlimit(which)
    known = [each for each in (soft, hard, value) if each != resource.RLIM_INFINITY]
    with suppress(ValueError, OSError):  # macOS knows the limit of memory, and refuses it
        resource.setrlimit(which, (min(known), hard))


def _mapped() -> int:
    """Bytes of address space that this process has now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
