"""The health check: whether all that should have happened by now has happened.

It asks the schedules and the ledger, never the process that does the work: one that
has stopped cannot report it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from scorecard.base.durations import worded
from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.errors import LedgerError, ScorecardError
from scorecard.ledger import FAILED, ExpectedRun, Head, Lease, Ledger
from scorecard.schedules.timetable import Occurrence

CLOCK = "clock"
"""The name of the lease of the one `serve` process that works; others stand by."""
CLOCK_TTL = timedelta(minutes=2)
PATIENCE = timedelta(hours=2)
"""A run or delivery is reported when it is more than two hours overdue."""
RECENT = timedelta(days=40)
"""Failed deliveries are reported for forty days."""
AT_WORK = timedelta(minutes=15)
"""A run is at work for long when that is more than this, and than three times the last ones'."""
JOBS = {
    "look": ("looked for runs", timedelta(minutes=15)),
    "post": ("sent what is queued", timedelta(hours=1)),
    "fetch": ("read bounces", timedelta(hours=1)),
}
"""What the clock does beside its heartbeat, and how long ago it may have come a step further."""
_LAST = 3
_HAPPENED = {
    "skipped": "was skipped",
    "not issued": "was not issued",
    "held": "is still held",
    "expected": "was not begun",
    "running": "is not finished",
}


def sign_of(job: str) -> str:
    """The name of the lease whose heartbeat is the last sign of life of one of JOBS."""
    return f"{CLOCK}: {job}"


@dataclass(frozen=True)
class Standing:
    """The status of one schedule: the last run that it owed, and the next one.

    `usual` is the longest that a run of it may be at work without being a trouble.
    """

    schedule: str
    title: str
    zone: str
    last: ExpectedRun | None
    next: Occurrence | None
    usual: timedelta = AT_WORK


@dataclass(frozen=True)
class Health:
    """The result of the check. `troubles` are sentences, one for each thing that is wrong;
    `journal` is the head of the ledger's."""

    at: datetime
    schedules: tuple[Standing, ...]
    clock: Lease | None
    deliveries: Mapping[str, int]
    troubles: tuple[str, ...] = field(default=())
    journal: Head | None = None

    @property
    def good(self) -> bool:
        return not self.troubles


def health(
    schedules: Callable[[], ProjectSchedules],
    ledger: Ledger,
    now: datetime,
    tiers: Path | None = None,
) -> Health:
    """Check schedules, runs, clock, deliveries, and that frozen tiers are there in the folder
    `tiers`. Runs owed and not recorded are recorded.

    Schedules that cannot be read are a trouble: until they are mended no run begins.
    """
    unreadable: list[str] = []
    standings: tuple[Standing, ...] = ()
    try:
        standings = _standings(schedules(), ledger, now)
    except LedgerError:
        raise
    except ScorecardError as error:
        unreadable.append(f"No run begins, because schedules cannot be read: {error}")
    clock = ledger.lease(CLOCK)
    troubles = [
        *unreadable,
        *_runs(standings, now),
        *_clock(clock, now),
        *_jobs(ledger, clock, now),
        *_deliveries(ledger, now),
        *(_tiers(ledger, tiers) if tiers else ()),
    ]
    counts = ledger.delivery_counts()
    return Health(now, standings, clock, counts, tuple(troubles), ledger.head())


def _tiers(ledger: Ledger, folder: Path) -> Iterator[str]:
    """Snapshots that were frozen and are not in the folder: every run that needs them stops."""
    periods = [name for name in ledger.frozen() if ".json" not in name]
    gone = [name for name in periods if not (folder / f"{name}.parquet").is_file()]
    if gone:
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        yield (
            f"The frozen tiers of {gone[0]}{more} are gone from {folder}; restore them, or have "
            'them frozen again from today\'s facts: "scorecard accept tiers".'
        )


def _standings(schedules: ProjectSchedules, ledger: Ledger, now: datetime) -> tuple[Standing, ...]:
    # Without this, a schedule whose process never ran would owe nothing and look healthy.
    schedules.reconcile(ledger, now)
    owed: dict[str, list[ExpectedRun]] = {}
    for each in ledger.expected_runs():
        owed.setdefault(each.schedule, []).append(each)
    return tuple(
        Standing(
            id,
            schedule.title,
            schedule.when.zone,
            owed[id][-1] if id in owed else None,
            next(iter(schedules.upcoming(id, now, 1)), None),
            _usual(ledger, owed.get(id, ())),
        )
        for id, schedule in schedules.schedules.items()
    )


def _usual(ledger: Ledger, owed: Sequence[ExpectedRun]) -> timedelta:
    done = [e for e in owed if e.state == "done" and e.run_id][-_LAST:]
    runs = [ledger.run(each.run_id) for each in done if each.run_id]
    return max([AT_WORK, *(3 * (r.finished_at - r.started_at) for r in runs if r.finished_at)])


def _runs(standings: tuple[Standing, ...], now: datetime) -> Iterator[str]:
    for each in standings:
        last = each.last
        if last is None or last.state == "done":
            continue
        if happened := _happened(each, last, now):
            yield (
                f"{each.title} ({each.schedule}) for {last.period}, due "
                f"{last.due_at:%Y-%m-%d %H:%M} UTC, {happened}."
            )


def _happened(standing: Standing, last: ExpectedRun, now: datetime) -> str:
    """What is wrong with a run; empty where nothing is."""
    why = f": {last.reason}".rstrip(".") if last.reason else ""
    if last.failed and now <= last.next_try_at + PATIENCE:
        return f"{last.reason.rstrip('.')}; it is tried again at {last.next_try_at:%H:%M} UTC"
    deadline = min(last.hold_until, last.next_try_at) if last.state == "held" else last.due_at
    if last.state in ("skipped", "not issued") or now > deadline + PATIENCE:
        return f"{_HAPPENED[last.state]}{why}"
    if last.state == "running" and now - last.updated_at > standing.usual:
        return f"has been at work for {worded(now - last.updated_at)}, which is long"
    return ""


def _clock(clock: Lease | None, now: datetime) -> Iterator[str]:
    if clock is not None and not clock.alive(now, CLOCK_TTL + timedelta(minutes=1)):
        yield (
            f"The clock of {clock.holder} stopped {worded(abs(now - clock.beat_at))} ago; "
            'start "scorecard serve" again.'
        )


def _jobs(ledger: Ledger, clock: Lease | None, now: datetime) -> Iterator[str]:
    """What a clock that beats has not done for long: it hangs there."""
    if clock is None or not clock.alive(now, CLOCK_TTL + timedelta(minutes=1)):
        return
    for job, (done, patience) in JOBS.items():
        sign = ledger.lease(sign_of(job))
        since = max(clock.taken_at, sign.beat_at) if sign else clock.taken_at
        if now - since > patience:
            yield (
                f"The clock of {clock.holder} has not {done} for {worded(now - since)}; "
                'look into its log, and start "scorecard serve" again.'
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
