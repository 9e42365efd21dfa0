"""Health: whether everything that should have happened by now has happened, or is on its way.

It asks the schedules and the ledger, never the process that should have done
it: a clock that stopped cannot say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scorecard.base.durations import worded
from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.errors import LedgerError, ScorecardError
from scorecard.ledger import FAILED, ExpectedRun, Lease, Ledger
from scorecard.schedules.timetable import Occurrence

CLOCK = "clock"
"""The lease of the one process that wakes the others up."""
CLOCK_TTL = timedelta(minutes=2)
PATIENCE = timedelta(hours=2)
"""So long after its time nothing is said of a run or delivery that is not there yet."""
RECENT = timedelta(days=40)
_HAPPENED = {
    "skipped": "was skipped",
    "not issued": "was not issued",
    "held": "is still held",
    "expected": "was not begun",
    "running": "is not finished",
}


@dataclass(frozen=True)
class Standing:
    """One schedule: what it owed last, and what it owes next."""

    schedule: str
    title: str
    zone: str
    last: ExpectedRun | None
    next: Occurrence | None


@dataclass(frozen=True)
class Health:
    """The whole. `troubles` are sentences, one for each thing that should not be so."""

    at: datetime
    schedules: tuple[Standing, ...]
    clock: Lease | None
    deliveries: Mapping[str, int]
    troubles: tuple[str, ...] = field(default=())

    @property
    def good(self) -> bool:
        return not self.troubles


def health(timetable: Callable[[], ProjectSchedules], ledger: Ledger, now: datetime) -> Health:
    """How things stand. Runs that are owed and were not recorded yet are recorded.

    Schedules that cannot be read are a trouble: until they are mended no run begins.
    """
    unreadable: list[str] = []
    standings: tuple[Standing, ...] = ()
    try:
        standings = _standings(timetable(), ledger, now)
    except LedgerError:
        raise
    except ScorecardError as error:
        unreadable.append(f"No run begins, because schedules cannot be read: {error}")
    clock = ledger.lease(CLOCK)
    troubles = [
        *unreadable,
        *_runs(standings, now),
        *_clock(clock, now),
        *_deliveries(ledger, now),
    ]
    return Health(now, standings, clock, ledger.delivery_counts(), tuple(troubles))


def _standings(timetable: ProjectSchedules, ledger: Ledger, now: datetime) -> tuple[Standing, ...]:
    timetable.reconcile(ledger, now)
    owed: dict[str, list[ExpectedRun]] = {}
    for each in ledger.expected_runs():
        owed.setdefault(each.schedule, []).append(each)
    return tuple(
        Standing(
            id,
            schedule.title,
            schedule.when.zone,
            owed[id][-1] if id in owed else None,
            next(iter(timetable.upcoming(id, now, 1)), None),
        )
        for id, schedule in timetable.schedules.items()
    )


def _runs(standings: tuple[Standing, ...], now: datetime) -> Iterator[str]:
    for each in standings:
        last = each.last
        if last is None or last.state == "done":
            continue
        deadline = min(last.hold_until, last.next_try_at) if last.state == "held" else last.due_at
        if last.state in ("skipped", "not issued") or now > deadline + PATIENCE:
            why = f": {last.reason}" if last.reason else ""
            yield (
                f"{each.title} ({each.schedule}) for {last.period}, due "
                f"{last.due_at:%Y-%m-%d %H:%M} UTC, {_HAPPENED[last.state]}{why.rstrip('.')}."
            )


def _clock(clock: Lease | None, now: datetime) -> Iterator[str]:
    if clock is not None and not clock.alive(now, CLOCK_TTL + timedelta(minutes=1)):
        yield (
            f"The clock of {clock.holder} stopped {worded(abs(now - clock.beat_at))} ago; "
            'start "scorecard serve" again.'
        )


def _deliveries(ledger: Ledger, now: datetime) -> Iterator[str]:
    waiting = ledger.waiting_since(now - PATIENCE)
    if waiting:
        named = "1 delivery has" if waiting == 1 else f"{waiting} deliveries have"
        yield (
            f"{named} waited for more than {worded(PATIENCE)}; see "
            '"scorecard deliveries --state queued" and "--state deferred".'
        )
    failed = ledger.delivery_counts(since=now - RECENT)
    for state in FAILED:
        if count := failed.get(state, 0):
            named = f"{count} {'delivery' if count == 1 else 'deliveries'}"
            yield (
                f'{named} of the last {RECENT.days} days ended "{state}"; see '
                f'"scorecard deliveries --state \'{state}\'", then "scorecard resend --failed".'
            )
