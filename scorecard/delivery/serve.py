"""Serve: the clock. APScheduler wakes it up; what is to be done stands in the ledger.

One process holds the clock's lease and works; every other is a stand-by that
takes over when the first has been silent for the lease's time. Runs are made by
processes of their own, so that a long or broken one never stops the clock.
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
"""How often it is looked whether a run is due."""
POST = timedelta(seconds=30)
BOX = timedelta(minutes=5)
_LOG = logging.getLogger("scorecard.delivery.serve")


@dataclass
class Clock:
    """What is done when the clock strikes.

    make     does one run
    post     works the outbox off
    fetch    reads bounces
    active   whether this process keeps the clock; None before the first beat
    """

    timetable: Callable[[], ProjectSchedules]
    ledger: Ledger
    now: Callable[[], datetime]
    holder: str
    make: Callable[[ExpectedRun], None]
    post: Callable[[], None]
    fetch: Callable[[], object]
    active: bool | None = None

    def beat(self) -> None:
        """Take or keep the lease, and say when that changed. Without a ledger nobody keeps it.

        While the ledger is asked, what it said last counts: the others strike at the same time.
        """
        held = False
        try:
            held = self.ledger.take(CLOCK, self.holder, self.now(), CLOCK_TTL)
        finally:
            before, self.active = self.active, held
        if self.active != before:
            other = self.ledger.lease(CLOCK)
            keeper = other.holder if other else "another process"
            _LOG.info(
                "this process keeps the clock now"
                if self.active
                else f"standing by; {keeper} keeps the clock"
            )

    def look(self) -> None:
        """Work out what is owed, do what is due, one run after the other, and send it."""
        if not self.active:
            return
        timetable = self.timetable()
        new = timetable.reconcile(self.ledger, self.now())
        if new:
            _LOG.info("%d more runs are owed", new)
        due = self.ledger.due(self.now(), TTL)
        for expected in due:
            if expected.schedule not in timetable.schedules:
                self._drop(expected)
            elif self.active:
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
            self.post()

    def fetching(self) -> None:
        if self.active:
            self.fetch()

    def once(self) -> bool:
        """Everything a single time, for cron; nothing while another process keeps the clock.

        Whether all of it could be done.
        """
        self.beat()
        try:
            return all([_kept_going(work)() for work in (self.fetching, self.look, self.posting)])
        finally:
            self.ledger.give_back(CLOCK, self.holder)


def serve(clock: Clock, stopping: Event) -> None:
    """Keep the clock until `stopping` is set; then finish what is being done and let go."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    clock.beat()
    for work, every in (
        (clock.beat, CLOCK_TTL / 4),
        (clock.look, LOOK),
        (clock.posting, POST),
        (clock.fetching, BOX),
    ):
        scheduler.add_job(
            _kept_going(work),
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
    """Do a run by `scorecard run NAME --period …`, whose memory goes with it."""

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
        if finished.returncode not in (0, 1):
            _LOG.error(
                "the process ended with %s",
                finished.returncode,
                extra={"schedule": expected.schedule, "period": expected.period},
            )

    return make


def _kept_going(work: Callable[[], object]) -> Callable[[], bool]:
    """A clock does not stop because of one error: it says so, once, and strikes again.

    What this returns says whether the work could be done.
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
