"""Expected runs: which runs a schedule owes, and what became of each.

A schedule owes one run per reporting period, however often the process wakes, sleeps
or has its clock set back: (schedule, period) is unique in the database. A run is

    expected      due, or about to be; nobody has begun it
    running       somebody works on it, as long as the heart beats
    held          its facts are not ready, or it failed; tried again at `next_try_at`
    done          its documents were issued and their deliveries queued
    not issued    given up after the last try
    skipped       not begun, because it was later than the schedule allows
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from scorecard.ledger.journal import change
from scorecard.ledger.leases import silent
from scorecard.ledger.models import ExpectedRow, ScheduleRow
from scorecard.ledger.runs import digest
from scorecard.ledger.store import Store

State = Literal["expected", "running", "held", "done", "not issued", "skipped"]
OVER = ("done", "not issued", "skipped")
"""Final states."""
WAITING = ("expected", "held")
"""States from which a run is begun when its time has come."""
NOTED = timedelta(hours=6)
"""The watermark of reconciliation, `worked_out_until`, is at most six hours old."""
BROKEN = "broken off"
"""The reason of a run whose last try recorded no outcome."""
FAILED_TRY = "failed: "
"""How the reason of a held run begins that is not held for its facts."""


@dataclass(frozen=True)
class ExpectedRun:
    """One run that a schedule owes. Instants are in UTC.

    `due_at` is the earliest moment, `hold_until` that of the last try,
    `late_until` the last at which it may begin at all. `tries` counts tries
    begun; `reason` says why it is held, skipped or not issued.
    """

    id: str
    schedule: str
    period: str
    due_at: datetime
    hold_until: datetime
    late_until: datetime
    state: State
    tries: int
    next_try_at: datetime
    holder: str
    beat_at: datetime | None
    run_id: str | None
    reason: str
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def failed(self) -> bool:
        """Whether its last try failed, and it is tried again."""
        return self.state == "held" and self.reason.startswith(FAILED_TRY)


@dataclass(frozen=True)
class Owed:
    """A run that follows from a schedule's rules, whether or not it is recorded."""

    schedule: str
    period: str
    due_at: datetime
    hold_until: datetime
    late_until: datetime


class ExpectedRuns(Store):
    """The ledger's records of the runs that schedules owe."""

    def unworked(self, schedule: str, now: datetime, back: timedelta) -> datetime:
        """The moment from which the schedule's runs have to be worked out again.

        It lies `back` before the watermark, so that an edited schedule owes the
        runs that it would have owed then; but not before the schedule was first
        seen, for a new schedule owes nothing for the time before. After a clock
        was set back the same hours are worked out again, which adds no run.
        """
        with self._reading() as session:
            seen = _watermarks(session.get(ScheduleRow, schedule))
        if seen is None or seen[0] > now:
            seen = self._in_turn(lambda session: _watermarks(_seen(session, schedule, now)), now)
        first, worked_out = seen or (now, now)
        return max(first, min(worked_out, now) - back)

    def expect(self, schedule: str, owed: Iterable[Owed], now: datetime) -> int:
        """Record what the schedule owes up to now; returns the number of new runs.

        A run that was given up by a clock that ran fast is expected again.
        """
        wanted = list(owed)
        if self._nothing_new(schedule, wanted, now):
            return 0

        def work(session: Session) -> int:
            new = 0
            for each in wanted:
                row = session.exec(_run_query(each.schedule, each.period)).first()
                if row is None:
                    session.add(_row(each, now))
                    new += 1
                elif _given_up_ahead(row, now):
                    row.sqlmodel_update(_row(each, now).model_dump(exclude={"id", "created_at"}))
                    session.add(row)
            _seen(session, schedule, now).worked_out_until = now
            return new

        return self._in_turn(work, now)

    def _nothing_new(self, schedule: str, wanted: Sequence[Owed], now: datetime) -> bool:
        """Whether all is recorded and the watermark is fresh, so that most wake-ups only read."""
        with self._reading() as session:
            seen = session.get(ScheduleRow, schedule)
            if seen is None or abs(now - seen.worked_out_until) > NOTED:
                return False
            rows = session.exec(
                select(ExpectedRow).where(
                    col(ExpectedRow.schedule) == schedule,
                    col(ExpectedRow.period).in_([each.period for each in wanted]),
                )
            ).all()
        return len(rows) == len(wanted) and not any(_given_up_ahead(row, now) for row in rows)

    def due(self, now: datetime, ttl: timedelta) -> list[ExpectedRun]:
        """The runs that can be begun now, the longest due first.

        They include those whose holder has not shown itself for `ttl`.
        """
        query = (
            select(ExpectedRow)
            .where(_claimable(now, ttl))
            .order_by(col(ExpectedRow.due_at), col(ExpectedRow.schedule))
        )
        with self._reading() as session:
            return [_expected(row) for row in session.exec(query)]

    def begin(
        self,
        schedule: str,
        period: str,
        holder: str,
        now: datetime,
        ttl: timedelta,
        *,
        by_hand: bool = False,
    ) -> ExpectedRun | None:
        """Claim a run for one more try; None when it is over, or another holder works on it.

        Does not look at `next_try_at`, since a person may ask for a run earlier.
        `by_hand` begins also runs that were skipped or given up. The `reason` is
        BROKEN when the try before recorded no outcome.
        """
        states = (*WAITING, "skipped", "not issued") if by_hand else WAITING
        running = col(ExpectedRow.state) == "running"
        free = or_(
            col(ExpectedRow.state).in_(states), and_(running, silent(ExpectedRow.beat_at, now, ttl))
        )
        asked_for = and_(
            col(ExpectedRow.schedule) == schedule, col(ExpectedRow.period) == period, free
        )
        with self._writing(now) as session:
            claimed = change(
                session,
                ExpectedRow,
                asked_for,
                reason=case((running, BROKEN), else_=ExpectedRow.reason),
                state="running",
                holder=holder,
                beat_at=now,
                updated_at=now,
                tries=ExpectedRow.tries + 1,
                finished_at=None,
            )
            if claimed != 1:
                return None
            return _expected(session.exec(_run_query(schedule, period)).one())

    def beat_run(self, expected: ExpectedRun, now: datetime) -> bool:
        """Show that the holder is alive; False when the run is no longer this holder's."""
        return self._update_run(expected, now, beat_at=now)

    def computed_by(self, expected: ExpectedRun, run_id: str, now: datetime) -> bool:
        """Record which attempt made the documents: a crash does not make them again."""
        return self._update_run(expected, now, run_id=run_id, updated_at=now)

    def conclude(
        self,
        expected: ExpectedRun,
        state: State,
        now: datetime,
        *,
        reason: str = "",
        run_id: str | None = None,
        next_try_at: datetime | None = None,
    ) -> bool:
        """Record what became of this try; False when the run is no longer this holder's."""
        return self._update_run(
            expected,
            now,
            state=state,
            reason=reason,
            run_id=run_id or expected.run_id,
            updated_at=now,
            next_try_at=next_try_at or expected.next_try_at,
            finished_at=now if state in OVER else None,
        )

    def expected_run(self, schedule: str, period: str) -> ExpectedRun | None:
        with self._reading() as session:
            row = session.exec(_run_query(schedule, period)).first()
            return _expected(row) if row else None

    def expected_runs(self) -> list[ExpectedRun]:
        """Every run of every schedule, in the order in which they are due."""
        query = select(ExpectedRow).order_by(col(ExpectedRow.due_at), col(ExpectedRow.schedule))
        with self._reading() as session:
            return [_expected(row) for row in session.exec(query)]

    def _update_run(self, expected: ExpectedRun, now: datetime, **values: Any) -> bool:
        still_ours = and_(
            col(ExpectedRow.id) == expected.id,
            col(ExpectedRow.holder) == expected.holder,
            col(ExpectedRow.state) == "running",
            # A fencing token: the same holder may have begun the run anew meanwhile.
            col(ExpectedRow.tries) == expected.tries,
        )
        with self._writing(now) as session:
            return change(session, ExpectedRow, still_ours, **values) == 1


def _claimable(now: datetime, ttl: timedelta) -> ColumnElement[bool]:
    return or_(
        and_(col(ExpectedRow.state).in_(WAITING), col(ExpectedRow.next_try_at) <= now),
        and_(col(ExpectedRow.state) == "running", silent(ExpectedRow.beat_at, now, ttl)),
    )


def _seen(session: Session, schedule: str, now: datetime) -> ScheduleRow:
    """The schedule's row, added where there is none; first seen at `now` at the latest.

    A first sight in the future is that of a clock that has been set back since.
    """
    row = session.get(ScheduleRow, schedule)
    if row is None:
        row = ScheduleRow(schedule=schedule, first_seen_at=now, worked_out_until=now)
    row.first_seen_at = min(row.first_seen_at, now)
    session.add(row)
    return row


def _watermarks(row: ScheduleRow | None) -> tuple[datetime, datetime] | None:
    return (row.first_seen_at, row.worked_out_until) if row else None


def _given_up_ahead(row: ExpectedRow, now: datetime) -> bool:
    """Whether it was given up at a moment yet to come: by a clock that has been set back."""
    return row.state in ("skipped", "not issued") and row.updated_at > now


def _run_query(schedule: str, period: str) -> SelectOfScalar[ExpectedRow]:
    return select(ExpectedRow).where(ExpectedRow.schedule == schedule, ExpectedRow.period == period)


def _row(owed: Owed, now: datetime) -> ExpectedRow:
    return ExpectedRow(
        id=digest(owed.schedule, owed.period)[:12],
        schedule=owed.schedule,
        period=owed.period,
        due_at=owed.due_at,
        hold_until=owed.hold_until,
        late_until=owed.late_until,
        state="expected",
        next_try_at=owed.due_at,
        created_at=now,
        updated_at=now,
    )


def _expected(row: ExpectedRow) -> ExpectedRun:
    return ExpectedRun(**row.model_dump())
