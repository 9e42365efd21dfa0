"""Serving: the process that does due work. APScheduler only wakes it; the ledger says what.

One process has the clock's lease and works; every other one stands by, and takes over
when the first has sent no heartbeat for the lease's time. Runs are made beside one another, so
that a long or broken one never stops the clock, nor another schedule.
"""

from __future__ import annotations

import logging
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Condition, Event, Lock

from apscheduler.schedulers.background import BackgroundScheduler

from scorecard.base.last_resort import keep_traceback, sentence
from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.delivery.health import CLOCK, CLOCK_TTL, sign_of
from scorecard.delivery.issuing import TTL
from scorecard.errors import ScorecardError
from scorecard.ledger import ExpectedRun, Ledger

LOOK = timedelta(seconds=30)
"""The interval at which due runs are looked for."""
POST = timedelta(seconds=30)
"""The interval at which the outbox is sent."""
BOX = timedelta(minutes=5)
"""The interval at which the mailboxes of bounces and forms are read."""
NOTED = timedelta(minutes=1)
"""Signs of life of the jobs are recorded so often at most."""
MOST_AT_ONCE = 3
"""Runs that are made at a time."""
STOPPING = 8.0
"""Seconds in which what is at work may end, when all is to stop."""
_LOG = logging.getLogger("scorecard.delivery.serve")


@dataclass
class SchedulerLoop:
    """The periodic work of `serve`.

    schedules    the project's schedules as of now
    make         does one run, and returns when it is done; called by several threads
    post         sends what is due in the outbox
    fetch        reads bounces, and forms that came back
    guard        stops the work, by an error, where ledger or clock are behind what is known
    active       whether this process has the lease; None before the first heartbeat
    state        the project's folder for the tracebacks of errors that nobody expected
    stopping     set when nothing more is to be begun
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
    state: Path | None = None
    stopping: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._sending, self._changed = Lock(), Condition()
        self._at_work: dict[str, ExpectedRun] = {}
        self._begun, self._well = 0, True
        # One more, since a run that was made is sent by the thread that made it.
        self._runs = ThreadPoolExecutor(MOST_AT_ONCE + 1, thread_name_prefix="run")
        self._signs: dict[str, datetime] = {}
        self._written: dict[str, datetime] = {}

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
        if taken:
            self._write_signs()

    def sign(self, work: str) -> None:
        """Note that one of JOBS has come a step further, which the next heartbeat records."""
        self._signs[work] = self.now()

    def _write_signs(self) -> None:
        for work, moment in list(self._signs.items()):
            before = self._written.get(work)
            if before is None or abs(moment - before) >= NOTED:
                # No time to live, so that the sign of whoever had the clock before is replaced.
                self.ledger.take(sign_of(work), self.holder, moment, timedelta(0))
                self._written[work] = moment

    def look(self) -> None:
        """Record the runs that are owed, and begin those that are due and need not wait.

        Of runs of one schedule, or of one period, the one due first is made first. What was
        made is sent at once, and then it is looked again.
        """
        with self._changed:
            if not self.active or self.stopping.is_set():
                return
            self.guard()
            schedules = self.schedules()
            new = schedules.reconcile(self.ledger, self.now())
            if new:
                _LOG.info("%d more runs are owed", new)
            busy = {key for each in self._at_work.values() for key in _keys(each)}
            for expected in self.ledger.due(self.now(), TTL):
                keys = _keys(expected)
                if expected.schedule not in schedules.schedules:
                    self._drop(expected)
                elif not keys & busy and len(self._at_work) < MOST_AT_ONCE:
                    self._begin(expected)
                busy |= keys
            self.sign("look")

    def _begin(self, expected: ExpectedRun) -> None:
        self._at_work[expected.id] = expected
        self._begun += 1
        self._runs.submit(self._make, expected)

    def _make(self, expected: ExpectedRun) -> None:
        """Make a run, in a thread of its own, and then see to what it leaves to be done."""
        made = _logged(lambda: self.make(expected), self.state)()
        with self._changed:
            self._well = self._well and made
            del self._at_work[expected.id]
        if not self.stopping.is_set():
            for work in (self.posting, self.look):
                _logged(work, self.state)()
        with self._changed:
            self._begun -= 1
            self._changed.notify_all()

    @property
    def making(self) -> list[str]:
        """What is being made: "owner-scorecards 2026-10"."""
        return [f"{each.schedule} {each.period}" for each in list(self._at_work.values())]

    def finish(self) -> bool:
        """Wait until no run is made any more, in beat; returns whether all could be made."""
        with self._changed:
            while self._begun:
                if not self._changed.wait(CLOCK_TTL.total_seconds() / 4):
                    self.beat()
            return self._well

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
        """Send what is due, unless that is being done already."""
        if self.active and self._sending.acquire(blocking=False):
            try:
                self.guard()
                self.post()
            finally:
                self._sending.release()
            self.sign("post")

    def fetching(self) -> None:
        if self.active:
            self.guard()
            self.fetch()
            self.sign("fetch")

    def once(self) -> bool:
        """Do everything once, for cron; returns whether all of it could be done.

        Nothing is done while another process has the lease.
        """
        self.beat()
        try:
            # A list, not a generator: each is done even if one before it failed.
            done = [_logged(work, self.state)() for work in (self.fetching, self.look)]
            made = self.finish()
            return all([*done, made, _logged(self.posting, self.state)()])
        finally:
            self._runs.shutdown()
            self.ledger.give_back(CLOCK, self.holder)


def serve(clock: SchedulerLoop) -> bool:
    """Work until `clock.stopping` is set; then let what is being done end, and give the lease back.

    Returns whether all has ended; what has not, after STOPPING seconds, is left to its own lease.
    """
    # After a sleep of the machine, a job is done once, however many times it was missed, and
    # however late it is.
    scheduler = BackgroundScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    # It warns whenever a job is still busy at its next time, which is usual here.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    clock.beat()
    at_work = Counter[str]()
    for work, every in (
        (clock.beat, CLOCK_TTL / 4),
        (clock.look, LOOK),
        (clock.posting, POST),
        (clock.fetching, BOX),
    ):
        scheduler.add_job(
            _counted(_logged(work, clock.state), work.__name__, at_work),
            "interval",
            seconds=every.total_seconds(),
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    clock.stopping.wait()
    _LOG.info("stopping; what is being done may end")
    scheduler.shutdown(wait=False)
    until = time.monotonic() + STOPPING
    while time.monotonic() < until and (clock.making or at_work.total()):
        time.sleep(0.05)
    left = sorted({*(+at_work), *clock.making})
    if left:
        _LOG.warning("left to its own lease: %s", ", ".join(left))
    clock.ledger.give_back(CLOCK, clock.holder)
    return not left


def _keys(expected: ExpectedRun) -> set[str]:
    """What only one run has at a time: its schedule, and its period."""
    return {expected.schedule, f"/{expected.period}"}


def _counted(work: Callable[[], object], name: str, at_work: Counter[str]) -> Callable[[], None]:
    """The work, counted while it is done."""

    def counted() -> None:
        at_work[name] += 1
        try:
            work()
        finally:
            at_work[name] -= 1

    return counted


def until_told_to_stop() -> Event:
    """An event that SIGTERM and SIGINT set."""
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _logged(work: Callable[[], object], state: Path | None = None) -> Callable[[], bool]:
    """The work with its errors logged, so that the clock goes on; it returns whether it was done.

    An error is logged once, however often it is repeated; the traceback of one that is not ours
    is kept in the folder `state`.
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
            if said != before:
                file = keep_traceback(error, state, datetime.now(UTC))
                place = f" The traceback is in {file}." if file else ""
                _LOG.error("%s%s", sentence(error), place, exc_info=None if file else error)
        before = said
        return not said

    return guarded
