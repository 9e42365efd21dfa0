"""Serving: the process that does due work. APScheduler only wakes it; the ledger says what.

One process has the clock's lease and works; every other one stands by, and takes over
when the first has sent no heartbeat for the lease's time. Runs are made by processes of
their own, so that a long or broken one never stops the clock.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.delivery.health import CLOCK, CLOCK_TTL
from scorecard.delivery.issuing import TTL
from scorecard.errors import ScorecardError
from scorecard.ledger import ExpectedRun, Ledger

LOOK = timedelta(seconds=30)
"""The interval at which due runs are looked for."""
POST = timedelta(seconds=30)
"""The interval at which the outbox is sent."""
BOX = timedelta(minutes=5)
"""The interval at which the mailbox of bounces is read."""
_LOG = logging.getLogger("scorecard.delivery.serve")


@dataclass
class SchedulerLoop:
    """The periodic work of `serve`.

    schedules    the project's schedules as of now
    make         does one run
    post         sends what is due in the outbox
    fetch        reads bounces
    guard        stops the work, by an error, where ledger or clock are behind what is known
    active       whether this process has the lease; None before the first heartbeat
    """

    schedules: Callable[[], ProjectSchedules]
    ledger: Ledger
    now: Callable[[], datetime]
    holder: str
    make: Callable[[ExpectedRun], None]
    post: Callable[[], None]
    fetch: Callable[[], object]
    active: bool | None = None
    guard: Callable[[], None] = lambda: None

    def beat(self) -> None:
        """Take or renew the lease, and log when that changed. Without a ledger nobody has it.

        `active` changes only after the ledger has answered, since the other jobs read it
        from their own threads meanwhile.
        """
        taken = False
        try:
            taken = self.ledger.take(CLOCK, self.holder, self.now(), CLOCK_TTL)
        finally:
            before, self.active = self.active, taken
        if self.active != before:
            other = self.ledger.lease(CLOCK)
            keeper = other.holder if other else "another process"
            _LOG.info(
                "this process keeps the clock now"
                if self.active
                else f"standing by; {keeper} keeps the clock"
            )

    def look(self) -> None:
        """Record the runs that are owed, do those that are due one by one, and send."""
        if not self.active:
            return
        self.guard()
        schedules = self.schedules()
        new = schedules.reconcile(self.ledger, self.now())
        if new:
            _LOG.info("%d more runs are owed", new)
        due = self.ledger.due(self.now(), TTL)
        for expected in due:
            if expected.schedule not in schedules.schedules:
                self._drop(expected)
            elif self.active:  # looked at again: the lease can be lost during a run
                self.make(expected)
        if due:
            self.posting()

    def _drop(self, expected: ExpectedRun) -> None:
        """Give up a run whose schedule was removed or renamed before it was done."""
        begun = self.ledger.begin(expected.schedule, expected.period, self.holder, self.now(), TTL)
        if begun is not None:
            self.ledger.conclude(begun, "skipped", self.now(), reason="Its schedule is gone.")
            _LOG.warning(
                "skipped: its schedule is gone",
                extra={"schedule": expected.schedule, "period": expected.period},
            )

    def posting(self) -> None:
        if self.active:
            self.guard()
            self.post()

    def fetching(self) -> None:
        if self.active:
            self.guard()
            self.fetch()

    def once(self) -> bool:
        """Do everything once, for cron; returns whether all of it could be done.

        Nothing is done while another process has the lease.
        """
        self.beat()
        try:
            # A list, not a generator: each is done even if one before it failed.
            return all([_logged(work)() for work in (self.fetching, self.look, self.posting)])
        finally:
            self.ledger.give_back(CLOCK, self.holder)


def serve(clock: SchedulerLoop, stopping: Event) -> None:
    """Work until `stopping` is set; then finish what is being done and give the lease back."""
    # After a sleep of the machine, a job is done once, however many times it was missed, and
    # however late it is.
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    # It warns whenever a job is still busy at its next time, which is usual here.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    clock.beat()
    for work, every in (
        (clock.beat, CLOCK_TTL / 4),
        (clock.look, LOOK),
        (clock.posting, POST),
        (clock.fetching, BOX),
    ):
        scheduler.add_job(
            _logged(work),
            "interval",
            seconds=every.total_seconds(),
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    try:
        stopping.wait()
    finally:
        _LOG.info("stopping; what is being done is finished first")
        scheduler.shutdown(wait=True)
        clock.ledger.give_back(CLOCK, clock.holder)


def until_told_to_stop() -> Event:
    """An event that SIGTERM and SIGINT set."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def in_a_process(project: str, *, as_json: bool) -> Callable[[ExpectedRun], None]:
    """A function that does a run by `scorecard run NAME --period …` in a process of its own.

    Its memory is given back to the system when it ends.
    """

    def make(expected: ExpectedRun) -> None:
        command = [
            sys.executable,
            "-m",
            "scorecard",
            "run",
            expected.schedule,
            "--period",
            expected.period,
            "--project",
            project,
            "--unattended",
        ]
        finished = subprocess.run([*command, *(["--json-log"] if as_json else [])], check=False)
        if finished.returncode not in (0, 1):  # of 1 the run has logged the reason itself
            _LOG.error(
                "the process ended with %s",
                finished.returncode,
                extra={"schedule": expected.schedule, "period": expected.period},
            )

    return make


def _logged(work: Callable[[], object]) -> Callable[[], bool]:
    """The work with its errors logged, so that the clock goes on; it returns whether it was done.

    An error of ours is logged once, however often it is repeated.
    """
    before = ""

    def guarded() -> bool:
        nonlocal before
        said = ""
        try:
            work()
        except ScorecardError as error:
            said = str(error)
            if said != before:
                _LOG.error("%s", error)
        except Exception as error:
            said = repr(error)
            _LOG.exception("an error of the software")
        before = said
        return not said

    return guarded
