"""Timetable: the arithmetic of when a schedule's runs are due. It knows no clock and no file.

    occurrences(schedule, calendar, "month", "Europe/London", after, until)

A schedule owes one run per reporting period. Where its rule names several
moments while one period is the last complete one, as a daily cron does, the
first of them is the run's earliest moment, and the others mean nothing.

Days are counted and rolled on the calendar of the schedule's zone; the period
is the one that is the last complete one in the company's zone at that instant.
A local time that the clocks leave out is the first moment after the gap; one
that they show twice is its first showing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from scorecard.base.periods import Kind, Period, shift_months, zone
from scorecard.schedules.cron import cron_days, cron_times
from scorecard.schedules.model import BusinessDay, Cron, Fiscal, Rule, Schedule, Weekday

HORIZON = timedelta(days=10 * 366)
"""A rule that names no day for so long is taken to never name one again."""
REACH = timedelta(days=31)
"""How far a day is rolled in search of a business day."""
GRACE = timedelta(minutes=15)
"""What does not count as missed: the time that a restart may take."""
LATE = timedelta(days=2)
"""The most lateness where a schedule does not say."""
_DAY = timedelta(days=1)
_OPEN = 400


@dataclass(frozen=True)
class Calendar:
    """Which days are business days: Monday to Friday, but for these exceptions.

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
    """The local days [first, after) in which a rule counts; `after` None: no end is known yet."""

    first: date
    after: date | None

    def days(self) -> list[date]:
        """All days; the first 400 of a span without an end."""
        count = (self.after - self.first).days if self.after else _OPEN
        return [self.first + timedelta(days=n) for n in range(count)]


@dataclass(frozen=True)
class Occurrence:
    """A run that a schedule owes; (schedule, period) names it. Instants are in UTC.

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
    schedule: Schedule, calendar: Calendar, kind: Kind, tz: str, after: datetime, until: datetime
) -> Iterator[Occurrence]:
    """The runs with after < due <= until, ascending, no two of one period.

    `kind` and `tz` are the company's reporting period and zone. The same run
    comes out whatever `after` is. Ends early when the rule names no day within
    the HORIZON.
    """
    current = _period_at(after, kind, tz)
    while current.start <= until:
        due, unrolled = next(_dues(schedule, calendar, current.start), (None, None))
        if due is None or unrolled is None or due > until:
            return
        current = _period_at(due, kind, tz)
        if due > after:
            span = next(spans(schedule, calendar, unrolled))
            yield _occurrence(schedule, calendar, current.shift(-schedule.back), due, span)
        current = current.next()


def upcoming(
    schedule: Schedule, calendar: Calendar, kind: Kind, tz: str, after: datetime, count: int
) -> list[Occurrence]:
    """The next `count` runs after that moment; fewer where no more come within the HORIZON."""
    ahead = occurrences(schedule, calendar, kind, tz, after, after + HORIZON)
    return list(islice(ahead, count))


def moments(
    schedule: Schedule, calendar: Calendar, since: datetime, until: datetime
) -> Iterator[datetime]:
    """Every instant in [since, until) that the rule names, in UTC, ascending, each once."""
    for due, _unrolled in _dues(schedule, calendar, since):
        if due >= until:
            return
        yield due


def last_try(schedule: Schedule, calendar: Calendar, due: datetime, span: Span) -> datetime:
    """Until when the run that is due in that span is held; `due` where that would be earlier."""
    until = schedule.hold.until
    if isinstance(until, timedelta):
        return due + until
    day = pick(until.rule, span, calendar)
    day = day and rolled(day, schedule, calendar)
    return max(due, instant(day, until.at, zone(schedule.when.zone))) if day else due


def instant(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks there show that time, first or as soon as they can."""
    local = datetime.combine(day, at, tz)
    moment = local.astimezone(UTC)
    if moment.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
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
    """The day that the rule means in that span; its last one where the span has fewer.

    None when the span has no such day at all, or is counted from an end that
    is not known.
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
    """The day itself if it is a business day, otherwise what the schedule makes of it."""
    roll = schedule.when.roll
    if roll == "none" or calendar.is_business_day(day):
        return day
    step = {"forward": _DAY, "back": -_DAY, "skip": None}[roll]
    near = (day + step * n for n in range(1, REACH.days + 1)) if step else iter(())
    return next((each for each in near if calendar.is_business_day(each)), None)


def spans(schedule: Schedule, calendar: Calendar, day: date) -> Iterator[Span]:
    """The span that holds that day, or the first one after it, and all that follow."""
    if calendar.closes:
        firsts = [close + _DAY for close in calendar.closes]
        for first, after in zip(firsts, [*firsts[1:], None], strict=True):
            if after is None or after > day:
                yield Span(first, after)
        return
    every = schedule.when.every
    by = (schedule.fiscal or Fiscal()).year_starts - 1 if every in ("quarter", "year") else 0
    period = Period.containing(shift_months(day, -by) if by else day, every, "UTC")
    while True:
        yield Span(*(shift_months(d, by) if by else d for d in (period.first, period.after)))
        period = period.next()


def _dues(
    schedule: Schedule, calendar: Calendar, since: datetime
) -> Iterator[tuple[datetime, date]]:
    """Every instant from `since` on that the rule names, and its day before rolling."""
    when, there = schedule.when, zone(schedule.when.zone)
    times = cron_times(when.rule) if isinstance(when.rule, Cron) else (when.at or time.min,)
    before = since - timedelta(microseconds=1)
    for day, unrolled in _days(schedule, calendar, since.astimezone(there).date() - _DAY):
        if instant(day, times[-1], there) < since:
            continue
        for at in times:
            due = instant(day, at, there)
            if due > before:
                before = due
                yield due, unrolled


def _days(schedule: Schedule, calendar: Calendar, since: date) -> Iterator[tuple[date, date]]:
    """The days from `since` on which runs fall due, each once, and the same before rolling."""
    before, seen, months = since - _DAY, since, schedule.when.months
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
    """Where a day was looked for, span by span without end, and the one that the rule means."""
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
    return Occurrence(schedule.id, period, due, hold, _late(schedule, due, hold))


def _period_at(moment: datetime, kind: Kind, tz: str) -> Period:
    return Period.containing(moment.astimezone(zone(tz)).date(), kind, tz)


def _late(schedule: Schedule, due: datetime, hold: datetime) -> datetime:
    if schedule.late.missed == "skip":
        return due + GRACE
    if schedule.late.by is not None:
        return due + schedule.late.by
    return max(due + LATE, hold)
