"""Run processes: a run that a schedule owes, made by a process of its own within a limit of time.

Its memory is given back to the system when it ends, and it may hang or break without harm to the
clock. What it did not record itself of its end is recorded here.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Literal

from scorecard.base.durations import worded
from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.delivery.issuing import TTL, Issuer
from scorecard.ledger import WAITING, ExpectedRun, Ledger

GRACE = 5.0
"""Seconds between asking a process to end and ending it."""
_OFTEN = 0.2
STOPPED = "It was at work when the clock was told to stop, and is continued."
_LOG = logging.getLogger("scorecard.delivery.run_process")


@dataclass(frozen=True)
class Ended:
    """How a process ended: by itself, after the limit, or because all is to stop.

    `code` is below zero where a signal ended it.
    """

    process: int
    code: int
    why: Literal["itself", "limit", "stopping"]


@dataclass(frozen=True)
class RunProcesses:
    """Makes runs by `scorecard run NAME --period …`, in processes that end with this one."""

    schedules: Callable[[], ProjectSchedules]
    ledger: Ledger
    now: Callable[[], datetime]
    holder: str
    as_json: bool
    stopping: Event

    def make(self, expected: ExpectedRun) -> None:
        """Make one run, and record it as held or not issued where its process did not."""
        schedules = self.schedules()
        project = schedules.project
        words = ["run", expected.schedule, "--period", expected.period, "--unattended"]
        log = ["--json-log"] if self.as_json else []
        command = [sys.executable, "-m", "scorecard", *words, "--project", str(project.root), *log]
        ended = ended_process(command, project.limits.run, self.stopping)
        after = self.ledger.expected_run(expected.schedule, expected.period)
        if after is None:
            return
        if after.state == "running" and after.holder.startswith(f"{_host()}:{ended.process}:"):
            self._settle(schedules, after, ended, f"{_how(ended, project.limits.run)}.")
        elif _as_before(expected, after) and ended.why != "stopping":
            claimed = self.ledger.begin(
                expected.schedule, expected.period, self.holder, self.now(), TTL
            )
            if claimed is not None:
                said = f"{_how(ended, project.limits.run)} before it began; the log says more."
                self._settle(schedules, claimed, ended, said)

    def _settle(
        self, schedules: ProjectSchedules, left: ExpectedRun, ended: Ended, said: str
    ) -> None:
        if ended.why == "stopping":
            now = self.now()
            self.ledger.conclude(left, "held", now, reason=STOPPED, next_try_at=now)
            return
        issuer = Issuer(schedules.project, self.ledger, self.now, self.holder, lambda *_: None)
        schedule, period = schedules.schedule(left.schedule), schedules.period_of(left)
        issuer.broke_off(left, schedule, period, said)


def ended_process(command: Sequence[str], limit: timedelta, stopping: Event) -> Ended:
    """Begin a process and wait for it; it and all that it began end after the limit, or when
    all is to stop."""
    until = time.monotonic() + limit.total_seconds()
    why: Literal["itself", "limit", "stopping"] = "itself"
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            while process.poll() is None and why == "itself":
                if stopping.wait(_OFTEN):
                    why = "stopping"
                elif time.monotonic() > until:
                    why = "limit"
        finally:
            _end(process)
        return Ended(process.pid, process.returncode, why if process.returncode else "itself")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group, kindly at first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
    process.wait()


def _how(ended: Ended, limit: timedelta) -> str:
    if ended.why == "limit":
        return (
            f"It was not done after {worded(limit)} and was ended; look for what hangs, or raise "
            "run in [tool.scorecard.limits]"
        )
    if ended.code < 0:
        return f"Its process was ended by {signal.Signals(-ended.code).name}"
    return (
        f"Its process ended with exit code {ended.code} without a word of the outcome, as where a "
        "metric ends it"
    )


def _as_before(expected: ExpectedRun, after: ExpectedRun) -> bool:
    """Whether nobody has begun it meanwhile."""
    return after.tries == expected.tries and after.state in WAITING


def _host() -> str:
    return socket.gethostname()
