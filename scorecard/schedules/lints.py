"""Lints of a schedule: what shows only when its runs are worked out for some years ahead.

The place of a finding here is "table" or "table.key" in the schedule's file; the reader
turns it into a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise

from scorecard.base.findings import Finding
from scorecard.base.periods import KINDS, Period, PeriodKind, zone
from scorecard.documents.kinds import PAGES
from scorecard.schedules.model import BusinessDay, Cron, Day, LastTry, Schedule
from scorecard.schedules.timetable import (
    HORIZON,
    Calendar,
    Occurrence,
    Span,
    answer_by,
    moments,
    occurrences,
    spans,
    upcoming,
)

YEARS = 3
"""Years ahead for which runs are worked out."""
MANY = 100
"""Counting the moments of a period stops here."""
PLACES = {
    "EST": "America/New_York",
    "MST": "America/Denver",
    "GMT": "Europe/London",
    "GMT0": "Europe/London",
    "GMT+0": "Europe/London",
    "GMT-0": "Europe/London",
    "Greenwich": "Europe/London",
    "Etc/GMT": "Europe/London",
    "Etc/Greenwich": "Europe/London",
}
"""Zones whose clocks never change, and the place that was probably meant; UTC is left alone."""


def lint(
    schedule: Schedule, calendar: Calendar, kind: PeriodKind, tz: str, today: date
) -> Iterator[Finding]:
    """The findings about a sound schedule, in a project whose periods are of that kind and zone."""
    start = datetime.combine(today, time.min, UTC)
    if not upcoming(schedule, calendar, kind, tz, start, 1):
        yield _never_happens(calendar)
        return
    until = start + timedelta(days=YEARS * 366)
    runs = list(occurrences(schedule, calendar, kind, tz, start, until))
    yield from _several_moments(schedule, calendar, runs, kind)
    yield from _periods_left_out(schedule, runs, kind)
    yield from _hold_too_short(schedule, runs)
    yield from _late_before_hold(schedule, runs)
    yield from _asked_too_late(schedule, calendar, runs)
    yield from _calendars_end(calendar, today)
    yield from _no_summer_time(schedule)
    yield from _idle_subscribers(schedule)
    yield from _short_spans(schedule, calendar, today)
    if schedule.fiscal and not calendar.closes and schedule.when.every in ("week", "month"):
        yield Finding(
            "idle_fiscal",
            "warning",
            "fiscal.year_starts",
            f"year_starts changes nothing, because every is {schedule.when.every}; "
            'write every = "quarter" or "year", or remove it.',
        )


def _never_happens(calendar: Calendar) -> Finding:
    if calendar.closes:
        return Finding(
            "never_happens",
            "blocking",
            "fiscal.closes",
            f"The last closing day is {calendar.closes[-1]}, so that no run will come; "
            "add the closing days to come.",
        )
    return Finding(
        "never_happens",
        "blocking",
        "when",
        f"Never happens: [when] names no day in {HORIZON.days // 366} years; correct it.",
    )


def _several_moments(
    schedule: Schedule, calendar: Calendar, runs: Sequence[Occurrence], kind: PeriodKind
) -> Iterator[Finding]:
    counts = []
    for run in runs:
        counts.append(_moments_within(schedule, calendar, run.period.shift(schedule.back)))
        if counts[-1] == MANY:
            break
    most, least = max(counts, default=0), min(counts, default=0)
    if most > 1:
        often = f"{most} times for each {kind}" if least == most else f"up to {most} times a {kind}"
        often = often if most < MANY else f"{MANY} times or more for each {kind}"
        key = "cron" if isinstance(schedule.when.rule, Cron) else "every"
        yield Finding(
            "several_moments",
            "warning",
            f"when.{key}",
            f"Falls due {often}; only the first of them issues anything.",
        )


def _moments_within(schedule: Schedule, calendar: Calendar, window: Period) -> int:
    return sum(1 for _ in islice(moments(schedule, calendar, window.start, window.end), MANY))


def _periods_left_out(
    schedule: Schedule, runs: Sequence[Occurrence], kind: PeriodKind
) -> Iterator[Finding]:
    gaps = [(p, b) for a, b in pairwise(runs) for p in a.period.next().until(b.period.previous())]
    if not gaps:
        return
    rare, key, remedy = _rare(schedule, runs, kind)
    if rare:
        after = gaps[0][1]
        first, last = gaps[0][0], after.period.previous()
        due = after.due.astimezone(zone(schedule.when.zone))
        missing = f"{first}" if first == last else f"{first} to {last}"
        yield Finding(
            "periods_left_out",
            "warning",
            f"when.{key}",
            f"Comes {rare} and reports on the last {kind} only, because that is the "
            f"project's period: {after.period} on {due:%Y-%m-%d}, and nobody gets "
            f"{missing}.",
            remedy,
        )
        return
    more = f" and {len(gaps) - 1} more within {YEARS} years" if len(gaps) > 1 else ""
    yield Finding(
        "periods_left_out",
        "warning",
        "when",
        f"Reports no {gaps[0][0]}{more}, because its days leave them out or are rolled "
        f"past the end of a {kind}.",
        "Choose other days, or another roll.",
    )


def _rare(schedule: Schedule, runs: Sequence[Occurrence], kind: PeriodKind) -> tuple[str, str, str]:
    """How seldom a schedule is meant to come, the key that says so, and the remedy.

    All are empty where it is meant to come as often as a period ends.
    """
    when = schedule.when
    if not isinstance(when.rule, Cron) and KINDS.index(when.every) > KINDS.index(kind):
        whole = "" if schedule.fiscal else f', or period = "{when.every}" in [tool.scorecard]'
        return f"once a {when.every}", "every", f'Write every = "{kind}"{whole}.'
    months = {run.due.astimezone(zone(when.zone)).month for run in runs}
    whole = {4: "quarter", 1: "year"}.get(len(months), "") if kind == "month" else ""
    else_ = f', or set period = "{whole}" in [tool.scorecard]' if whole else ""
    if when.months and len(when.months) < 12:
        named = ", ".join(map(str, when.months))
        return f"in months {named} only", "months", f"Leave months out{else_}."
    if isinstance(when.rule, Cron) and (named := when.rule.text.split()[3]) != "*":
        return f'in months "{named}" only', "cron", f'Write "*" for the month{else_}.'
    return "", "", ""


def _no_summer_time(schedule: Schedule) -> Iterator[Finding]:
    name = schedule.when.zone
    if name in PLACES or re.fullmatch(r"Etc/GMT[+-]?\d+", name):
        place = PLACES.get(name)
        yield Finding(
            "zone_has_no_summer",
            "warning",
            "when.zone",
            f'"{name}" has no summer time; where clocks change, runs come an hour off '
            "for half the year.",
            f'Did you mean "{place}"?' if place else 'Name a place, such as "Europe/London".',
        )


def _idle_subscribers(schedule: Schedule) -> Iterator[Finding]:
    if schedule.subscribers and set(schedule.documents) <= set(PAGES):
        yield Finding(
            "idle_subscribers",
            "warning",
            "subscriber",
            "Subscribers never get owners' pages, and this schedule makes nothing else; "
            "remove them, or add a document.",
        )


def _hold_too_short(schedule: Schedule, runs: Sequence[Occurrence]) -> Iterator[Finding]:
    short = [run for run in runs if run.hold_until <= run.due]
    if not short:
        return
    due = short[0].due.astimezone(zone(schedule.when.zone))
    always = len(short) == len(runs)
    yield Finding(
        "hold_too_short",
        "blocking" if always else "warning",
        "hold.until",
        f"until is not after the earliest moment, {'' if always else 'for example '}"
        f"{due:%Y-%m-%d %H:%M} for {short[0].period}; name a later day or "
        "time.",
    )


def _late_before_hold(schedule: Schedule, runs: Sequence[Occurrence]) -> Iterator[Finding]:
    cut_off = [run for run in runs if run.late_until < run.hold_until]
    if schedule.late.by is not None and cut_off:
        until = cut_off[0].hold_until.astimezone(zone(schedule.when.zone))
        yield Finding(
            "late_before_hold",
            "warning",
            "late.by",
            f"by ends before the last try, {until:%Y-%m-%d %H:%M} for {cut_off[0].period}: a "
            "scheduler that starts in between skips a run that could still be "
            "held.",
            "Allow more lateness.",
        )


def _asked_too_late(
    schedule: Schedule, calendar: Calendar, runs: Sequence[Occurrence]
) -> Iterator[Finding]:
    """A pre-read that may come when its questions are answered no more."""
    for run in runs:
        until, last = answer_by(schedule, calendar, run.due), max(run.hold_until, run.late_until)
        if until is None or until > last:
            continue
        said, latest = (m.astimezone(zone(schedule.when.zone)) for m in (until, last))
        yield Finding(
            "asked_too_late",
            "blocking" if until <= run.due else "warning",
            "answers.until",
            f"Answers are taken until {said:%Y-%m-%d %H:%M} for {run.period}, and the pre-read may "
            f"come as late as {latest:%Y-%m-%d %H:%M}, when nobody can answer it.",
            "Name a later day for answers, or allow less in [hold] and [late].",
        )
        return


def _calendars_end(calendar: Calendar, today: date) -> Iterator[Finding]:
    year = today.year + 1
    if calendar.last is not None and calendar.last.year < year:
        yield Finding(
            "holidays_end",
            "warning",
            "when.holidays",
            f"Holidays are known until {calendar.last} only; add those of {year}.",
        )
    if calendar.closes and calendar.closes[-1] < date(year, 1, 1):
        yield Finding(
            "closes_end",
            "warning",
            "fiscal.closes",
            f"The last closing day is {calendar.closes[-1]}; add those of {year}.",
        )


def _short_spans(schedule: Schedule, calendar: Calendar, today: date) -> Iterator[Finding]:
    until = schedule.hold.until
    rules = [("when", schedule.when.rule)]
    rules += [("hold", until.rule)] if isinstance(until, LastTry) else []
    for table, rule in rules:
        if isinstance(rule, Cron) or not isinstance(rule, (Day, BusinessDay)):
            continue
        key = "day" if isinstance(rule, Day) else "business_day"
        short = next(_shorter_spans(schedule, calendar, today, rule), None)
        if short is not None:
            end = "last" if rule.nth > 0 else "first"
            yield Finding(
                "short_span",
                "note",
                f"when.{key}" if table == "when" else "hold.until",
                f"{key} {rule.nth} is more than there are in the span from {short.first}; "
                f"where it is, the {end} one is taken.",
            )


def _shorter_spans(
    schedule: Schedule, calendar: Calendar, today: date, rule: Day | BusinessDay
) -> Iterator[Span]:
    for span in spans(schedule, calendar, today):
        if span.after is None or span.first > today + timedelta(days=YEARS * 366):
            return
        days = span.days()
        if isinstance(rule, BusinessDay):
            days = [day for day in days if calendar.is_business_day(day)]
        if len(days) < abs(rule.nth):
            yield span
