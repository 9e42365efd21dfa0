"""The timetable: when the runs of a schedule are due, computed without a clock or a file.

    occurrences(schedule, calendar, "month", "Europe/London", after, until)

A schedule owes one run per reporting period. Where its rule names several moments
while the same period is the last complete one, as a daily cron does, the run is due
at the first of them, and the others are ignored.

Days are counted and rolled on the calendar of the schedule's zone; the period
is the one that is the last complete one in the company's zone at that instant.
A local time that clocks skip is the first moment after the gap; one that they show
twice is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from scorecard.base.periods import Period, PeriodKind, shift_months, zone
from scorecard.schedules.cron import cron_days, cron_times
from scorecard.schedules.model import (
    BusinessDay,
    Cron,
    Fiscal,
    LastTry,
    Rule,
    Schedule,
    Weekday,
)

HORIZON = timedelta(days=10 * 366)
"""A rule that names no day for ten years is taken to never name one again."""
REACH = timedelta(days=31)
"""How far a day is rolled at most in search of a business day."""
GRACE = timedelta(minutes=15)
"""Lateness that does not count as missed: the time that a restart may take."""
LATE = timedelta(days=2)
"""The most that a run may be late where its schedule does not say."""
_DAY = timedelta(days=1)
_OPEN_DAYS = 400


@dataclass(frozen=True)
class Calendar:
    """Business days, which are Monday to Friday with exceptions, and fiscal closing days.

    off      Mondays to Fridays on which nobody works
    worked   Saturdays and Sundays on which everybody does
    closes   closing days of a fiscal calendar, ascending; empty: none is used
    last     the last day for which holidays are known; None: no calendar is used
    """

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    closes: tuple[date, ...] = ()
    last: date | None = None

    def is_business_day(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < 5 and day not in self.off)


@dataclass(frozen=True)
class Span:
    """Local days [first, after) in which a rule counts days; `after` None: the end is unknown."""

    first: date
    after: date | None

    def days(self) -> list[date]:
        """All days; the first 400 of a span without an end."""
        count = (self.after - self.first).days if self.after else _OPEN_DAYS
        return [self.first + timedelta(days=n) for n in range(count)]


@dataclass(frozen=True)
class Occurrence:
    """A run that a schedule owes, identified by schedule and period. Instants are in UTC.

    due         the earliest moment
    hold_until  the moment of the last try, never before `due`
    late_until  the last moment at which a run that nobody began may begin
    """

    schedule: str
    period: Period
    due: datetime
    hold_until: datetime
    late_until: datetime


def occurrences(
    schedule: Schedule,
    calendar: Calendar,
    kind: PeriodKind,
    tz: str,
    after: datetime,
    until: datetime,
) -> Iterator[Occurrence]:
    """The runs with after < due <= until, ascending, no two of one period.

    `kind` and `tz` are the company's reporting period and zone. A run is the same
    whatever `after` is. Ends early when the rule names no day within the HORIZON.
    """
    # Step by step over the periods in which runs fall due; each reports on one before.
    current = _period_at(after, kind, tz)
    while current.start <= until:
        due, unrolled = next(_due_moments(schedule, calendar, current.start), (None, None))
        if due is None or unrolled is None or due > until:
            return
        current = _period_at(due, kind, tz)
        if due > after:
            span = next(spans(schedule, calendar, unrolled))
            yield _occurrence(schedule, calendar, current.shift(-schedule.back), due, span)
        current = current.next()


def upcoming(
    schedule: Schedule, calendar: Calendar, kind: PeriodKind, tz: str, after: datetime, count: int
) -> list[Occurrence]:
    """The next `count` runs after that moment; fewer where no more come within the HORIZON."""
    ahead = occurrences(schedule, calendar, kind, tz, after, after + HORIZON)
    return list(islice(ahead, count))


def moments(
    schedule: Schedule, calendar: Calendar, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Every instant in [since, until) that the rule names, in UTC, ascending, each once."""
    for due, _unrolled in _due_moments(schedule, calendar, since):
        if due >= until:
            return
        yield due


def last_try(schedule: Schedule, calendar: Calendar, due: datetime, span: Span) -> datetime:
    """The moment of the last try of the run that is due in that span, never before `due`."""
    return _moment_of(schedule.hold.until, schedule, calendar, due, span)


def answer_by(schedule: Schedule, calendar: Calendar, due: datetime) -> datetime | None:
    """Until when may be answered what the run that is due then asks; None without a deadline."""
    if schedule.answers is None:
        return None
    day = due.astimezone(zone(schedule.when.zone)).date()
    span = next(spans(schedule, calendar, day))
    return _moment_of(schedule.answers.until, schedule, calendar, due, span)


def _moment_of(
    until: LastTry | timedelta, schedule: Schedule, calendar: Calendar, due: datetime, span: Span
) -> datetime:
    if isinstance(until, timedelta):
        return due + until
    day = pick(until.rule, span, calendar)
    day = day and rolled(day, schedule, calendar)
    return max(due, instant(day, until.at, zone(schedule.when.zone))) if day else due


def instant(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks first show that time, or at which they skip it."""
    local = datetime.combine(day, at, tz)
    moment = local.astimezone(UTC)
    if moment.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # Clocks skip the time. Python knows no moment of change, so that it is searched for between
    # the two readings of the time, by the offsets before and after the gap (PEP 495).
    before, after = local.replace(fold=1).astimezone(UTC), moment
    offset = after.astimezone(tz).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(tz).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def pick(rule: Rule, span: Span, calendar: Calendar) -> date | None:
    """The day that the rule names in that span; the nearest where the span has fewer of them.

    None where the span has no such day at all, or where it is counted from an end
    that is not known.
    """
    if rule.nth < 0 and span.after is None:
        return None
    days = span.days()
    if isinstance(rule, BusinessDay):
        days = [day for day in days if calendar.is_business_day(day)]
    elif isinstance(rule, Weekday):
        days = [day for day in days if day.weekday() == rule.weekday]
    if not days:
        return None
    return days[min(rule.nth, len(days)) - 1] if rule.nth > 0 else days[max(rule.nth, -len(days))]


def rolled(day: date, schedule: Schedule, calendar: Calendar) -> date | None:
    """The day, or the business day to which the schedule rolls it; None where it is skipped."""
    roll = schedule.when.roll
    if roll == "none" or calendar.is_business_day(day):
        return day
    step = {"forward": _DAY, "back": -_DAY, "skip": None}[roll]
    near = (day + step * n for n in range(1, REACH.days + 1)) if step else iter(())
    return next((each for each in near if calendar.is_business_day(each)), None)


def spans(schedule: Schedule, calendar: Calendar, day: date) -> Iterator[Span]:
    """The span that contains the day, or the first one after it, and all that follow."""
    if calendar.closes:
        firsts = [close + _DAY for close in calendar.closes]
        for first, after in zip(firsts, [*firsts[1:], None], strict=True):
            if after is None or after > day:
                yield Span(first, after)
        return
    every = schedule.when.every
    # Fiscal quarters and years are those of the calendar, moved by some months and back.
    by = (schedule.fiscal or Fiscal()).year_starts - 1 if every in ("quarter", "year") else 0
    period = Period.containing(shift_months(day, -by) if by else day, every, "UTC")
    while True:
        yield Span(*(shift_months(d, by) if by else d for d in (period.first, period.after)))
        period = period.next()


def _due_moments(
    schedule: Schedule, calendar: Calendar, since: datetime
) -> Iterator[tuple[datetime, date]]:
    """Every instant from `since` on at which runs fall due, and its day before rolling."""
    when, there = schedule.when, zone(schedule.when.zone)
    times = cron_times(when.rule) if isinstance(when.rule, Cron) else (when.at or time.min,)
    before = since - timedelta(microseconds=1)
    for day, unrolled in _due_days(schedule, calendar, since.astimezone(there).date() - _DAY):
        if instant(day, times[-1], there) < since:
            continue
        for at in times:
            due = instant(day, at, there)
            if due > before:
                before = due
                yield due, unrolled


def _due_days(schedule: Schedule, calendar: Calendar, since: date) -> Iterator[tuple[date, date]]:
    """The days from `since` on at which runs fall due, each once, and each day before rolling."""
    before, seen, months = since - _DAY, since, schedule.when.months
    # A day that lies before `since` may be rolled forward to it, or past it.
    early = since
    if schedule.when.roll == "forward":
        while since - early < REACH and not calendar.is_business_day(early - _DAY):
            early -= _DAY
    for near, day in _unrolled(schedule, calendar, early):
        if near > seen + HORIZON:
            return
        allowed = day is not None and (not months or day.month in months)
        moved = rolled(day, schedule, calendar) if day and allowed else None
        if day and moved and moved > before:
            before = seen = moved
            yield moved, day


def _unrolled(
    schedule: Schedule, calendar: Calendar, since: date
) -> Iterator[tuple[date, date | None]]:
    """Where each span begins, without end, and the day that the rule names in it, if any."""
    rule = schedule.when.rule
    if isinstance(rule, Cron):
        yield from ((day, day) for day in cron_days(rule, since))
        return
    for span in spans(schedule, calendar, since):
        yield span.first, pick(rule, span, calendar)


def _occurrence(
    schedule: Schedule, calendar: Calendar, period: Period, due: datetime, span: Span
) -> Occurrence:
    hold = last_try(schedule, calendar, due, span)
    return Occurrence(schedule.id, period, due, hold, _late_until(schedule, due, hold))


def _period_at(moment: datetime, kind: PeriodKind, tz: str) -> Period:
    return Period.containing(moment.astimezone(zone(tz)).date(), kind, tz)


def _late_until(schedule: Schedule, due: datetime, hold: datetime) -> datetime:
    if schedule.late.missed == "skip":
        return due + GRACE
    if schedule.late.by is not None:
        return due + schedule.late.by
    return max(due + LATE, hold)
