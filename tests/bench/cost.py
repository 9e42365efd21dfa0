"""What a command costs: processor seconds, seconds on the clock, and memory at the peak.

Each is run as a process of its own, so that nothing that one has loaded or kept helps the next.
The system counts, not the process: what a killed or forked one took is in it, too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cost:
    """Of one process with all that it waited for; `said` is what it printed."""

    processor: float
    wall: float
    peak: float
    said: str = ""

    def better(self, other: Cost) -> Cost:
        """The run that was disturbed less: on a machine shared with others the least is nearest."""
        return self if self.processor <= other.processor else other


class BrokenError(Exception):
    """A command that ended with an error; the message is the end of what it said."""


def cost_of(words: Sequence[str], *, limited: bool = False) -> Cost:
    """Run a command to its end; BrokenError when it does not end well.

    With `limited` it is refused memory beyond two thirds of the machine's.
    """
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        child = subprocess.Popen(
            list(words),
            stdout=out,
            stderr=err,
            env=known,
            cwd=ROOT,
            preexec_fn=_limit if limited else None,
        )
        _pid, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode:
            said = err.read().decode(errors="replace").strip().splitlines()[-3:]
            raise BrokenError(f"exit code {child.returncode}: {' / '.join(said) or 'killed'}")
        kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
        return Cost(
            used.ru_utime + used.ru_stime,
            wall,
            kilobytes / 1024,
            out.read().decode(errors="replace"),
        )


def least_of(times: int, words: Sequence[str], *, limited: bool = False) -> Cost:
    """The least that a command took in so many runs."""
    found = cost_of(words, limited=limited)
    for _again in range(times - 1):
        found = found.better(cost_of(words, limited=limited))
    return found


def _limit() -> None:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    resource.setrlimit(resource.RLIMIT_AS, (whole * 2 // 3, whole * 2 // 3))


def python(script: str, *words: str) -> list[str]:
    """A script beside this file, or one of the tests."""
    return [sys.executable, str(Path(__file__).parent / script), *words]


def scorecard(*words: str) -> list[str]:
    """The command line, as it is in this checkout."""
    return [sys.executable, "-m", "scorecard", *words]
