"""Due runs: the runs owed by now follow from the schedules, and are recorded in the ledger.

`reconcile` keeps no state of its own: called at any moment, after any sleep and with
any clock, it records the same runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scorecard.base.findings import refuse
from scorecard.base.periods import Period
from scorecard.errors import ProjectError, did_you_mean
from scorecard.project.declared import declared
from scorecard.project.settings import Project
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.model import Schedule
from scorecard.schedules.reader import read_schedules
from scorecard.schedules.timetable import Calendar, Occurrence, occurrences, upcoming
from scorecard.strategy.model import Strategy

if TYPE_CHECKING:
    from scorecard.ledger import ExpectedRun, Ledger, Owed

LOOK_BACK = timedelta(days=40)
"""An edited schedule owes the runs that it would have owed in the last forty days."""


@dataclass(frozen=True)
class ProjectSchedules:
    """A project's schedules with their calendars, by id."""

    project: Project
    schedules: Mapping[str, Schedule]
    calendars: Mapping[str, Calendar]

    @classmethod
    def of(cls, project: Project, now: datetime) -> ProjectSchedules:
        """Read the project's schedules as of that day, with the readable part of its strategy.

        ProjectError names the first schedule that cannot be used.
        """
        return cls.read(project, declared(project).strategy, now)

    @classmethod
    def read(cls, project: Project, strategy: Strategy, now: datetime) -> ProjectSchedules:
        """Read the project's schedules as of that day, with a strategy that was read already."""
        today = now.astimezone(project.zone).date()
        schedules, findings = read_schedules(project, strategy, today)
        refuse(findings, ProjectError)
        calendars = {s.id: read_calendar(s, project.root, today) for s in schedules}
        return cls(project, {s.id: s for s in schedules}, calendars)

    def schedule(self, id: str) -> Schedule:
        """The schedule of that id; ProjectError with the nearest name when there is none."""
        if id not in self.schedules:
            raise ProjectError(
                f'{self.project.schedules} has no schedule "{id}".'
                f"{did_you_mean(id, self.schedules)}"
            )
        return self.schedules[id]

    def reconcile(self, ledger: Ledger, now: datetime) -> int:
        """Record every run that is owed by now and not recorded yet; returns their number."""
        new = 0
        for schedule in self.schedules.values():
            after = ledger.unworked(schedule.id, now, LOOK_BACK)
            owed = [_owed(each) for each in self._between(schedule, after, now)]
            new += ledger.expect(schedule.id, owed, now)
        return new

    def upcoming(self, id: str, after: datetime, count: int) -> list[Occurrence]:
        """The next `count` runs of a schedule due after that moment, the earliest first."""
        schedule, settings = self.schedule(id), self.project.settings
        return upcoming(
            schedule, self.calendars[id], settings.period, settings.timezone, after, count
        )

    def owed_for(self, id: str, period: Period | None, now: datetime) -> Owed:
        """The run that a schedule owes for a period; without one, the last run due by now.

        ProjectError when it is not due yet, or no such run is ever due.
        """
        # 800 days are over two years, in which a yearly schedule has been due.
        schedule = self.schedule(id)
        since = (period.start if period else now) - timedelta(days=800)
        last: Occurrence | None = None
        for each in self._between(schedule, since, now):
            if period is None or each.period == period:
                last = each
        if last is not None:
            return _owed(last)
        coming = self.upcoming(id, now, 24)
        wanted = next((o for o in coming if period in (None, o.period)), None)
        if wanted is None and period is not None and period.end > now:
            raise ProjectError(
                f"{schedule.title} ({id}) for {period} is not due before that period is over."
            )
        if wanted is None:
            raise ProjectError(f"{schedule.title} ({id}) never reports on {period}.")
        raise ProjectError(
            f"{schedule.title} ({id}) for {wanted.period} is due on "
            f"{wanted.due.astimezone(self.project.zone):%Y-%m-%d %H:%M}, not before; "
            f'"scorecard run --period {wanted.period}" makes documents without sending them.'
        )

    def _between(
        self, schedule: Schedule, after: datetime, until: datetime
    ) -> Sequence[Occurrence]:
        settings = self.project.settings
        return list(
            occurrences(
                schedule,
                self.calendars[schedule.id],
                settings.period,
                settings.timezone,
                after,
                until,
            )
        )

    def period_of(self, expected: ExpectedRun) -> Period:
        return Period.parse(expected.period, self.project.settings.timezone)


class LiveSchedules:
    """A project's schedules for a process that runs for months: read again when files change."""

    def __init__(self, project: Project, now: Callable[[], datetime]) -> None:
        self._project, self._now = project, now
        self._seen: object = None
        self._schedules: ProjectSchedules | None = None

    def __call__(self) -> ProjectSchedules:
        """The schedules as of today; ProjectError as long as they cannot be read."""
        seen = self._files()
        if self._schedules is None or seen != self._seen:
            self._schedules = ProjectSchedules.of(self._project, self._now())
            self._seen = seen
        return self._schedules

    def _files(self) -> object:
        """Equal as long as no file has changed, on one day: schedules depend on the day, too."""
        project = self._project
        files = [project.strategy, *project.schedules.rglob("*"), *project.metrics.glob("*.py")]
        stats = [(str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.is_file()]
        return sorted(stats), self._now().astimezone(project.zone).date()


def _owed(occurrence: Occurrence) -> Owed:
    # Here, since what is to come is shown before there is a ledger.
    from scorecard.ledger import Owed

    return Owed(
        occurrence.schedule,
        occurrence.period.key,
        occurrence.due,
        occurrence.hold_until,
        occurrence.late_until,
    )
