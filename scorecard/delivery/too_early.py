"""Schedules that are due before figures are final: what they mail says "not yet mature" for ever,
since each document is issued once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from scorecard.base.findings import Finding
from scorecard.definitions.metric import Metric
from scorecard.project.settings import Project
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.model import Schedule
from scorecard.schedules.timetable import upcoming
from scorecard.strategy.model import Strategy

MOST_NAMED = 3
"""Metrics that a finding names; the others are counted."""


def too_early(
    project: Project,
    strategy: Strategy,
    schedules: Sequence[Schedule],
    metrics: Mapping[str, Metric],
    today: date,
) -> Iterator[Finding]:
    """A finding for each schedule whose next run comes before metrics of stances are final."""
    chosen = sorted({s.metric for s in strategy.stances if s.metric in metrics})
    days = {name: project.settings.matures_after(metrics[name]) for name in chosen}
    start = datetime.combine(today, time.min, project.zone)
    kind, tz = project.settings.period, project.settings.timezone
    for schedule in schedules:
        calendar = read_calendar(schedule, project.root, today)
        for run in upcoming(schedule, calendar, kind, tz, start, 1):
            due = run.due.astimezone(project.zone).date()
            final = {name: run.period.after + timedelta(days=n) for name, n in days.items()}
            early = sorted((day, name) for name, day in final.items() if day > due)
            if early:
                yield _finding(project, schedule, due, early)


def _finding(
    project: Project, schedule: Schedule, due: date, early: Sequence[tuple[date, str]]
) -> Finding:
    names = [name for _, name in early[:MOST_NAMED]]
    more = f" and {len(early) - MOST_NAMED} more" if len(early) > MOST_NAMED else ""
    one = len(early) == 1
    return Finding(
        "schedules.too_early",
        "warning",
        f"{project.schedules.name}/{schedule.id}.toml",
        f"Its next run is due on {due}, before {', '.join(names)}{more} "
        f"{'is' if one else 'are'} final (on {early[-1][0]}{'' if one else ' at the latest'}), so "
        f"{'its' if one else 'their'} choices are never judged in it.",
        "Choose a later day, or set `matures` in [tool.scorecard].",
    )
