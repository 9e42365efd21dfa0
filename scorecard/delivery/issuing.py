"""Issuing: one run that a schedule owes, from its claim to the deliveries that it queues.

    claim → late? → facts ready? → the pipeline → deliveries queued → done

A run whose facts are not ready is held and tried again until the last try; recipients
are told once that it is held, and once that it is not issued. Errors are reported to
the operator only. Repeated after a crash it continues, and queues nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Event, Thread
from typing import Literal

from scorecard.base.durations import worded
from scorecard.base.last_resort import keep_traceback, sentence
from scorecard.base.periods import Period
from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.recipients import Recipient, recipients
from scorecard.documents.kinds import PREREAD, read_document
from scorecard.errors import (
    BeyondError,
    BusyError,
    ChangedError,
    FactsError,
    LedgerError,
    ScorecardError,
    UnreadyError,
)
from scorecard.ledger import BROKEN, FAILED_TRY, Edition, ExpectedRun, Ledger, NewDelivery, Run
from scorecard.pipeline.request import HELD, Progress, RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.project.declared import declared
from scorecard.project.settings import Project
from scorecard.project.workspace import open_workspace
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.model import Schedule
from scorecard.schedules.timetable import answer_by

TTL = timedelta(minutes=2)
"""A run without a heartbeat for two minutes may be taken over by another process."""
MOST_BROKEN = 4
"""A run whose process died four times is given up once the time of the last try is over."""
TAKEN = "Another process has taken the run over; what that one makes of it stands."
UNSOUND = "The facts are not sound; whoever runs the scorecards has been told what to mend."
CHANGED = "The facts were being replaced while they were read."
Over = Literal["not issued", "skipped"]
_LOG = logging.getLogger("scorecard.delivery.issuing")


@dataclass(frozen=True)
class Why:
    """Why a run is not issued: for the operator, and in words for readers, which may be empty.

    `failed` where it is not for its facts.
    """

    operator: str
    reader: str = ""
    failed: bool = False

    @property
    def recorded(self) -> str:
        return f"{FAILED_TRY if self.failed else ''}{self.operator}"


@dataclass(frozen=True)
class Issuer:
    """Issues the runs that schedules owe, claiming them in the name of `holder`."""

    project: Project
    ledger: Ledger
    now: Callable[[], datetime]
    holder: str
    progress: Progress
    ttl: timedelta = TTL

    def issue(self, schedule: Schedule, period: Period, *, by_hand: bool = False) -> ExpectedRun:
        """Issue the run that the schedule owes for that period; returns its state afterwards.

        Nothing is done when it is over, or another process works on it. `by_hand` begins
        also runs that were skipped or given up, however late it is. LedgerError when the
        run was not recorded as expected.
        """
        expected = self.ledger.begin(
            schedule.id, period.key, self.holder, self.now(), self.ttl, by_hand=by_hand
        )
        if expected is None:
            return self._known(schedule, period)
        with Heartbeat(self.ledger, expected, self.now, self.ttl):
            if not by_hand and (why := self._too_late(expected)):
                state: Over = "not issued" if expected.reason == BROKEN else "skipped"
                self._conclude(expected, schedule, period, state, Why(why, why))
            else:
                self._try(expected, schedule, period)
        return self._known(schedule, period)

    def broke_off(
        self, expected: ExpectedRun, schedule: Schedule, period: Period, why: str
    ) -> None:
        """Record a try whose process ended without doing so, as one that failed.

        `expected` is as that process left it, so that a try begun meanwhile is not touched.
        """
        last = self.now() >= expected.hold_until
        self._hold(expected, schedule, period, Why(why, failed=True), last)

    def _known(self, schedule: Schedule, period: Period) -> ExpectedRun:
        known = self.ledger.expected_run(schedule.id, period.key)
        if known is None:
            raise LedgerError(f"Schedule {schedule.id} owes nothing for {period}.")
        return known

    def _too_late(self, expected: ExpectedRun) -> str:
        late = self.now() - expected.due_at
        if expected.tries == 1 and self.now() > expected.late_until:
            allowed = worded(expected.late_until - expected.due_at)
            return f"It was {worded(late)} late, and {allowed} is the most that is allowed."
        given_up = self.now() > expected.hold_until and expected.tries > MOST_BROKEN
        if expected.reason == BROKEN and given_up:
            return f"It broke off {expected.tries - 1} times without a word."
        return ""

    def _try(self, expected: ExpectedRun, schedule: Schedule, period: Period) -> None:
        last = self.now() >= expected.hold_until
        try:
            run = self._made(expected, schedule, period, last)
            self._refuse_lost(expected)
            self.queue(schedule, period, run)
        except BusyError as error:
            later = self.now() + self.ttl
            self.ledger.conclude(expected, "held", self.now(), reason=str(error), next_try_at=later)
        except BeyondError as error:
            self.ledger.conclude(expected, "not issued", self.now(), reason=str(error))
            _LOG.error("not issued: %s", error, extra=_extra(expected))
        except UnreadyError as error:
            self._hold(expected, schedule, period, Why(str(error), str(error)), last)
        except FactsError as error:
            said = str(error)
            unsound = UNSOUND if said.startswith(HELD) else ""
            plain = CHANGED if isinstance(error, ChangedError) else unsound
            self._hold(expected, schedule, period, Why(said.removeprefix(HELD), plain), last)
        except ScorecardError as error:
            self._hold(expected, schedule, period, Why(str(error), failed=True), last)
        except Exception as error:
            said, file = sentence(error), keep_traceback(error, self.project.state, self.now())
            kept = f" The traceback is in {file}." if file else ""
            _LOG.error("%s %s broke: %s%s", schedule.id, period, said, kept, extra=_extra(expected))
            self._hold(expected, schedule, period, Why(said, failed=True), last)
        else:
            self._finish(expected, run)

    def _finish(self, expected: ExpectedRun, run: Run) -> None:
        stamp = str(run.detail.get("stamp", ""))
        reason = f"provisional: {stamp}" if stamp else ""
        extra = {**_extra(expected), "run": run.id, "stamp": stamp}
        if self.ledger.conclude(expected, "done", self.now(), run_id=run.id, reason=reason):
            _LOG.info("done", extra=extra)
        else:
            _LOG.warning("done, but another process had taken it over", extra=extra)

    def _made(self, expected: ExpectedRun, schedule: Schedule, period: Period, last: bool) -> Run:
        """The finished run of the documents: that of an earlier try, or a new one."""
        if expected.run_id is not None and not expected.over:
            made = self.ledger.run(expected.run_id)
            if made.step == "done":
                return made
        work = open_workspace(self.project, self.now())
        request = RunRequest(
            schedule.documents,
            work.unready(schedule.hold.complete, schedule.hold.slack, period),
            provisional=last and schedule.hold.then == "provisional",
            answer_by=self.answer_by(expected, schedule),
        )
        pipeline = Pipeline(work, self.ledger, self.now, self.progress, request)
        outcome = pipeline.run(period, work.as_of)
        if not self.ledger.computed_by(expected, outcome.run.id, self.now()):
            raise BusyError(TAKEN)
        return outcome.run

    def answer_by(self, expected: ExpectedRun, schedule: Schedule) -> datetime | None:
        """Until when what that run asks may be answered; None without a deadline.

        What is asked for the first time when that is over leaves as much time as it would have.
        """
        now = self.now()
        today = now.astimezone(self.project.zone).date()
        calendar = read_calendar(schedule, self.project.root, today)
        by = answer_by(schedule, calendar, expected.due_at)
        period = self.project.period(expected.period)
        if by is None or now < by or PREREAD not in schedule.documents:
            return by
        asked = [each.answer_by for each in self.ledger.asked(period) if each.answer_by]
        return max(asked) if asked else now + (by - expected.due_at)

    def _refuse_lost(self, expected: ExpectedRun) -> None:
        """BusyError when another process has taken the run over."""
        if not self.ledger.beat_run(expected, self.now()):
            raise BusyError(TAKEN)

    def queue(self, schedule: Schedule, period: Period, run: Run) -> int:
        """Queue every document of the run for its readers; returns how many were not queued yet.

        Only a few documents are in memory at a time.
        """
        return self.ledger.queue(self.deliveries(schedule, period, run), self.now())

    def deliveries(self, schedule: Schedule, period: Period, run: Run) -> Iterator[NewDelivery]:
        """A delivery of every document of the run to each of its readers as of today."""
        return self._deliveries(self._new(), self._people(schedule, period), schedule, run)

    def _deliveries(
        self,
        new: NewDeliveries,
        people: Sequence[Recipient],
        schedule: Schedule,
        run: Run,
    ) -> Iterator[NewDelivery]:
        readers: dict[tuple[str, str], list[Recipient]] = {}
        for each in people:
            readers.setdefault((each.document, each.scope), []).append(each)
        for id in run.detail["editions"]:
            edition = self.ledger.edition(id)
            document = read_document(edition.document, edition.content)
            if schedule.folder:
                yield new.filing(edition, document, schedule)
            for reader in readers.get((edition.document, edition.scope), ()):
                link = self._link(edition, reader)
                yield new.enclosing(edition, document, reader, schedule, link)

    def _link(self, edition: Edition, reader: Recipient) -> str:
        """What opens the reader's part of the desk; empty where readers cannot reach one."""
        if not self.project.desk.address or not reader.email or not reader.opens:
            return ""
        # Here, since only a project with a desk has what signs its links.
        from scorecard.delivery.links import mailed_link

        return mailed_link(self.ledger, self.project.desk, edition, reader, self.now())

    def _hold(
        self, expected: ExpectedRun, schedule: Schedule, period: Period, why: Why, last: bool
    ) -> None:
        if last:
            self._conclude(expected, schedule, period, "not issued", why)
            return
        next_try = min(self.now() + schedule.hold.retry, expected.hold_until)
        self._tell(expected, schedule, period, "held", why, next_try)
        self.ledger.conclude(
            expected, "held", self.now(), reason=why.recorded, next_try_at=next_try
        )
        _LOG.warning(
            "held: %s", why.operator, extra={**_extra(expected), "next_try": str(next_try)}
        )

    def _conclude(
        self,
        expected: ExpectedRun,
        schedule: Schedule,
        period: Period,
        state: Over,
        why: Why,
    ) -> None:
        self._tell(expected, schedule, period, "not issued", why, None)
        self.ledger.conclude(expected, state, self.now(), reason=why.operator)
        _LOG.error("%s: %s", state, why.operator, extra=_extra(expected))

    def _tell(
        self,
        expected: ExpectedRun,
        schedule: Schedule,
        period: Period,
        what: Literal["held", "not issued"],
        why: Why,
        next_try: datetime | None,
    ) -> None:
        """Queue one notice for each recipient, and for the operator one for each reason.

        Errors in doing so are logged, so that the outcome of the run is still recorded.
        """
        if not self.ledger.beat_run(expected, self.now()):
            return  # the process that has taken it over reports its outcome
        new = self._new()
        said = f"{schedule.title} for {period} is {what}."
        again = f"Next try: {next_try:%Y-%m-%d %H:%M} UTC." if next_try else ""
        key = f"{expected.id}:{what}:{sha256(why.operator.encode()).hexdigest()[:12]}"
        try:
            self.ledger.queue(
                new.operator(key, said, (why.operator, again), schedule.id, period.key), self.now()
            )
            people = self._people(schedule, period)
        except ScorecardError as error:
            _LOG.warning("not everybody can be told: %s", error, extra=_extra(expected))
            return
        plain = why.reader or "It could not be made; whoever runs the scorecards has been told."
        mailed = {p.email.casefold(): p for p in people if p.email}
        self.ledger.queue(
            (
                new.held(expected.id, p, schedule, period, plain, next_try)
                if what == "held"
                else new.not_issued(expected.id, p, schedule, period, plain)
                for p in mailed.values()
            ),
            self.now(),
        )

    def _people(self, schedule: Schedule, period: Period) -> list[Recipient]:
        strategy = declared(self.project).strategy
        held = {s.owner for s in strategy.stances}
        held |= {w.stance.owner for w in self.ledger.stances_for(period)}
        day = self.now().astimezone(self.project.zone).date()
        return recipients(schedule, strategy, sorted(held), day)

    def _new(self) -> NewDeliveries:
        return NewDeliveries(self.project, self.project.formats, self.now(), self.ledger.keyed)


class Heartbeat:
    """Sends heartbeats for a run while it is worked on, from a thread of its own."""

    def __init__(
        self, ledger: Ledger, expected: ExpectedRun, now: Callable[[], datetime], ttl: timedelta
    ) -> None:
        self._ledger, self._expected, self._now = ledger, expected, now
        self._every = ttl.total_seconds() / 4
        self._over = Event()
        self._thread = Thread(target=self._beat, name="heart", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._every):
            try:
                if not self._ledger.beat_run(self._expected, self._now()):
                    return
            except LedgerError as error:
                _LOG.warning("no beat: %s", error, extra=_extra(self._expected))


def _extra(expected: ExpectedRun) -> dict[str, object]:
    return {
        "expected": expected.id,
        "schedule": expected.schedule,
        "period": expected.period,
        "tries": expected.tries,
    }
