"""The reader of what a schedule's file says of moments: [when], [fiscal] and the last try."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast
from zoneinfo import available_timezones

from scorecard.base.days_off import read_dates
from scorecard.base.durations import duration
from scorecard.base.periods import KINDS, PeriodKind, zone
from scorecard.base.toml_file import Entry
from scorecard.errors import ProjectError, did_you_mean
from scorecard.schedules.calendars import holidays_of
from scorecard.schedules.cron import cron_fault
from scorecard.schedules.model import (
    LAST,
    BusinessDay,
    Cron,
    Day,
    Fiscal,
    Roll,
    Rule,
    Weekday,
    When,
)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROLLS = ("forward", "back", "skip", "none")
RULES = ("business_day", "day", "last_weekday", "weekday")
SHORTEST_WAIT = timedelta(minutes=1)
# Of a leap year, in which 29 February happens.
_DAYS_OF_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


@dataclass(frozen=True)
class Most:
    """What spans of a kind have: days and business days at most, and of each weekday at least."""

    name: str
    days: int
    business_days: int
    weekdays: int


_MOST_BY_KIND = {
    "week": Most("a week", 7, 5, 1),
    "month": Most("a month", 31, 23, 4),
    "quarter": Most("a quarter", 92, 66, 12),
    "year": Most("a year", 366, 262, 52),
}


def read_fiscal(entry: Entry, root: Path, today: date) -> tuple[Fiscal | None, tuple[date, ...]]:
    """The [fiscal] table, and the closing days of the file it names."""
    if not entry.values:
        return None, ()
    starts = read_whole(entry, "year_starts", 1, 12)
    closes = entry.text("closes")
    if (starts is None) == (not closes) and entry.sound:
        entry.note(
            "fiscal_form",
            "[fiscal] must say either year_starts or closes; write one of them.",
            "closes",
        )
    if not closes or not entry.sound:
        return Fiscal(starts or 1), ()
    try:
        days = tuple(sorted(read_dates(root / closes, today)))
    except ProjectError as error:
        entry.note("unreadable_dates", f"closes: {error}", "closes")
        return Fiscal(), ()
    return Fiscal(1, closes), days


def read_when(
    entry: Entry, closes: Sequence[date], root: Path, today: date
) -> tuple[When | None, Most]:
    """The [when] table; `closes` are the closing days that spans end with, if any."""
    if not entry.values:
        entry.note("missing_field", "[when] is missing; add it with a day or a cron, at and zone.")
        return None, _MOST_BY_KIND["month"]
    every = cast(PeriodKind, entry.choice("every", KINDS) or "month")
    most = _most_of(every, closes)
    months = _months(entry)
    rule = _cron_or_rule(entry, every, most, months)
    if closes and entry.raw("every") is not None:
        entry.note(
            "idle_key",
            "every says nothing where [fiscal] closes names the spans; remove one of them.",
            "every",
        )
    roll = entry.choice("roll", ROLLS) or ("none" if isinstance(rule, Cron) else "forward")
    at = _time_of_day(entry, rule)
    name, holidays = _zone(entry), _holidays(entry, root, today)
    if rule is None or not entry.sound:
        return None, most
    return When(rule, at, name, every, holidays, cast(Roll, roll), months), most


def read_rule(
    entry: Entry, every: PeriodKind, most: Most, forms: Sequence[str] = RULES
) -> Rule | None:
    """The rule by which the table names a day; None where it has none, several or a faulty one.

    `forms` are the keys that could name it, as a message lists them.
    """
    rule = _only_one_of(entry, RULES, forms)
    if rule != "weekday" and entry.raw("nth") is not None:
        entry.note("idle_key", "nth belongs to weekday only; add weekday, or remove nth.", "nth")
    if rule == "business_day":
        nth = _counted(entry, rule, most, most.business_days, "business days")
        return BusinessDay(nth) if nth else None
    if rule == "day":
        last = entry.raw("day") == "last"
        nth = LAST if last else _counted(entry, rule, most, most.days, "days")
        return Day(nth) if nth else None
    if rule == "last_weekday":
        named = entry.choice(rule, DAYS)
        return Weekday(DAYS.index(named), LAST) if named else None
    return _nth_weekday(entry, every, most) if rule == "weekday" else None


def read_time(entry: Entry, key: str) -> time | None:
    """A time of day, "07:00" or TOML's own 07:00:00; None where absent or faulty."""
    value = entry.raw(key)
    if isinstance(value, time):
        return value.replace(microsecond=0)
    if value is None:
        return None
    try:
        if isinstance(value, str) and _CLOCK.fullmatch(value.strip()):
            return time.fromisoformat(value.strip().zfill(5))
    except ValueError:
        pass
    entry.note("wrong_time", f'{key} "{value}" is not a time of day; write {key} = "07:00".', key)
    return None


def read_wait(entry: Entry, key: str) -> timedelta | None:
    """A time such as "90 min", "1 h" or "3 days"; None where absent or faulty."""
    value = entry.raw(key)
    if value is None:
        return None
    try:
        span = duration(value if isinstance(value, str) else str(value))
    except ValueError as error:
        entry.note("wrong_duration", f"{key}: {error}.", key)
        return None
    if span < SHORTEST_WAIT:
        entry.note(
            "wrong_duration",
            f'{key} "{value}" is shorter than a minute; write such as {key} = "1 h".',
            key,
        )
        return None
    return span


def read_whole(entry: Entry, key: str, low: int, high: int, why: str = "") -> int | None:
    """A whole number from `low` to `high`; None where absent or faulty. `why` goes with a fault."""
    value = entry.raw(key)
    if value is None or (type(value) is int and low <= value <= high):
        return value
    reason = f"; {why}" if why and type(value) is int else ""
    entry.note(
        "wrong_value",
        f'{key} is "{value}"{reason}; write a whole number from {low} to {high}.',
        key,
    )
    return None


def _only_one_of(entry: Entry, keys: Sequence[str], forms: Sequence[str]) -> str:
    """The one of these keys that the table has; empty where it has none or several."""
    given = [key for key in keys if entry.raw(key) is not None]
    if len(given) == 1:
        return given[0]
    if given:
        entry.note(
            "two_rules", f"Both {' and '.join(given)} say which day; keep one of them.", given[1]
        )
    else:
        entry.note("missing_field", f"No day is named; write one of {', '.join(forms)}.")
    return ""


def _cron_or_rule(
    entry: Entry, every: PeriodKind, most: Most, months: tuple[int, ...]
) -> Cron | Rule | None:
    if entry.raw("cron") is None:
        rule = read_rule(entry, every, most, (*RULES, "cron"))
        if isinstance(rule, Day) and every == "month" and months:
            longest = max(_DAYS_OF_MONTHS[m - 1] for m in months)
            if rule.nth > longest:
                entry.note(
                    "never_happens",
                    f"Never happens: these months have no day {rule.nth}, "
                    f"only {longest}; correct day or months.",
                    "day",
                )
        return rule
    for key in (*RULES, "nth"):
        if entry.raw(key) is not None:
            entry.note("two_rules", f"Both cron and {key} say which day; keep one of them.", key)
            return None
    return _cron(entry)


def _cron(entry: Entry) -> Cron | None:
    text = " ".join(entry.text("cron").split())
    fault = cron_fault(text)
    if fault:
        id = "never_happens" if "never happens" in fault else "wrong_cron"
        entry.note(id, f"cron {fault}", "cron")
    return None if fault else Cron(text)


def _nth_weekday(entry: Entry, every: PeriodKind, most: Most) -> Weekday | None:
    named = entry.choice("weekday", DAYS)
    if entry.raw("nth") is None and every != "week":
        entry.note(
            "missing_field",
            f'"nth" is missing; add nth = 1 for the first such day of {most.name}.',
            "weekday",
        )
    why = f'there is not always another; the last one is last_weekday = "{named}"'
    nth = read_whole(entry, "nth", 1, most.weekdays, why)
    return Weekday(DAYS.index(named), nth or 1) if named else None


def _counted(entry: Entry, key: str, most: Most, high: int, what: str) -> int | None:
    """The n of the n-th day, negative from the end; None where it is 0 or too large."""
    nth = read_whole(entry, key, -high, high, f"{most.name} has at most {high} {what}")
    if nth == 0:
        entry.note("wrong_value", f"{key} is 0; count from 1, or from the end with -1.", key)
    return nth or None


def _months(entry: Entry) -> tuple[int, ...]:
    value = entry.raw("months")
    if value is None:
        return ()
    numbers = value if isinstance(value, list) else []
    if not numbers or not all(type(m) is int and 1 <= m <= 12 for m in numbers):
        entry.note(
            "wrong_value",
            f'months is "{value}"; write numbers from 1 to 12, such as months = [1, 4, 7, 10].',
            "months",
        )
        return ()
    return tuple(sorted(set(numbers)))


def _time_of_day(entry: Entry, rule: Cron | Rule | None) -> time | None:
    at = read_time(entry, "at")
    if isinstance(rule, Cron):
        if entry.raw("at") is not None:
            entry.note(
                "idle_key", "at says nothing beside cron, which has its own time; remove it.", "at"
            )
        return None
    if entry.raw("at") is None and entry.raw("cron") is None:
        entry.note("missing_field", '"at" is missing; add at = "07:00".')
    return at


def _zone(entry: Entry) -> str:
    name = entry.text("zone", required=True)
    if name:
        try:
            zone(name)
        except ProjectError as error:
            near = did_you_mean(name, available_timezones())
            entry.note("unknown_zone", str(error), "zone", near if "mean" in near else "")
    return name


def _holidays(entry: Entry, root: Path, today: date) -> str:
    name = entry.text("holidays")
    if name:
        try:
            holidays_of(name, root, today)
        except ProjectError as error:
            entry.note("unknown_holidays", f"holidays: {error}", "holidays")
    return name


def _most_of(every: PeriodKind, closes: Sequence[date]) -> Most:
    """What the spans have at most; those between closing days are measured."""
    lengths = [(after - before).days for before, after in pairwise(closes)]
    if not lengths:
        return _MOST_BY_KIND[every]
    longest = max(lengths)
    weeks, rest = divmod(longest, 7)
    return Most("a span of the file", longest, weeks * 5 + min(rest, 5), min(lengths) // 7)
