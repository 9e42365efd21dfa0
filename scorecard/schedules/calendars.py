"""Calendars: holidays of countries by library, and holidays and closing days from files.

    holidays = "GB-ENG"                     a country, with a subdivision where it has any
    holidays = "calendars/works.ics"        whole-day events of an iCalendar file
    closes   = "calendars/fiscal.txt"       a date per line; what follows "#" or the date is a note
    closes   = "calendars/fiscal.toml"      dates = [2027-01-29, 2027-02-26]

A file of holidays adds days off to Saturdays and Sundays. A country has its own
working week, in which Fridays may be free, and some Saturdays are worked.
"""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from scorecard.base.days_off import AHEAD, is_country, library_holidays, read_dates
from scorecard.schedules.model import Schedule
from scorecard.schedules.timetable import Calendar

if TYPE_CHECKING:
    from holidays import HolidayBase

BEFORE = 5
"""Years before today for which holidays are worked out; after it, AHEAD."""


def read_calendar(schedule: Schedule, root: Path, today: date) -> Calendar:
    """The calendar of a schedule: business days and closing days; files are relative to `root`.

    ProjectError when the country or a file is not there, or not as it should be.
    """
    holidays = schedule.when.holidays
    calendar = holidays_of(holidays, root, today) if holidays else Calendar()
    if schedule.fiscal is None or not schedule.fiscal.closes:
        return calendar
    closes = tuple(sorted(read_dates(root / schedule.fiscal.closes, today)))
    return Calendar(calendar.off, calendar.worked, closes, calendar.last)


def holidays_of(name: str, root: Path, today: date) -> Calendar:
    """The calendar of a country, or of a file of holidays."""
    if is_country(name):
        return _country(name, today.year)
    days = read_dates(root / name, today)
    return Calendar(off=days, last=date(max(days).year, 12, 31))


@lru_cache(maxsize=32)
def _country(name: str, year: int) -> Calendar:
    known = library_holidays(name, range(year - BEFORE, year + AHEAD))
    first, after = date(year - BEFORE, 1, 1), date(year + AHEAD, 1, 1)
    # Asked day by day, since free Fridays and worked Saturdays are no holidays to the library.
    days = [first + timedelta(days=n) for n in range((after - first).days)]
    working = frozenset(day for day in days if known.is_working_day(day))
    return Calendar(
        off=frozenset(day for day in days if day.weekday() < 5) - working,
        worked=frozenset(day for day in working if day.weekday() >= 5),
        last=date(_last_year(name, year + 1, known), 12, 31),
    )


def _last_year(name: str, year: int, known: HolidayBase) -> int:
    """The last year that the library knows holidays of, `year` at most.

    It knows moveable holidays, such as those by the moon, for some years ahead only, and warns
    of the others.
    """
    for each in (year - 1, year):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            type(known)(years=each, subdiv=known.subdiv)
        if said or each > known.end_year:
            return each - 1
    return year
