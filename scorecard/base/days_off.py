"""Days off: holidays of countries by library, and days from files.

"GB-ENG"                  a country, with a subdivision where it has any
"calendars/works.ics"     whole-day events of an iCalendar file
"calendars/fiscal.txt"    a date per line; what follows "#" or the date is a note
"calendars/fiscal.toml"   dates = [2027-01-29, 2027-02-26]
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorecard.base.regular_file import read_text
from scorecard.base.toml_text import TomlError, parsed
from scorecard.errors import ProjectError, did_you_mean

if TYPE_CHECKING:
    from holidays import HolidayBase

KINDS = (".ics", ".toml", ".txt")
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What the library raises for calendars that break the rules, by where they do."""
AHEAD = 11
"""Years after today for which recurring events are followed, further than runs are."""
_COUNTRY = re.compile(r"([A-Z]{2})(?:-([A-Za-z0-9-]+))?")
_FREQUENCY = re.compile(r"FREQ=(YEARLY|MONTHLY|WEEKLY|DAILY)\b")
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[\s,;].*)?")


def days_off(name: str, root: Path, today: date, years: range) -> frozenset[date]:
    """The holidays of a country in these years, weekends included, or the days of a file, which is
    relative to `root`.

    ProjectError when the country or the file is not there, or not as it should be.
    """
    if is_country(name):
        return _holidays_in(name, years)
    return read_dates(root / name, today)


def is_country(name: str) -> bool:
    """Whether a name is that of a country, and not of a file."""
    return "." not in name and "/" not in name


@lru_cache(maxsize=32)
def _holidays_in(name: str, years: range) -> frozenset[date]:
    return frozenset(library_holidays(name, years))


def read_dates(path: Path, today: date) -> frozenset[date]:
    """The dates in a file, at least one; recurring events are followed for AHEAD years."""
    if path.suffix not in KINDS:
        ends = ", ".join(KINDS)
        raise ProjectError(f"{path} is no file of dates; name one that ends in {ends}.")
    try:
        text = read_text(path)
    except OSError as error:
        raise ProjectError(f"{path} cannot be opened ({error.strerror}); put it there.") from error
    except UnicodeDecodeError as error:
        raise ProjectError(f"{path} is not text in UTF-8; save it in that encoding.") from error
    read = {".ics": _from_ics, ".toml": _from_toml, ".txt": _from_lines}[path.suffix]
    days = frozenset(read(text, path, today))
    if not days:
        raise ProjectError(f"{path} names no day; write at least one.")
    return days


def library_holidays(name: str, years: range) -> HolidayBase:
    """The holidays of a country, or of a part of one; ProjectError where it is not known."""
    from holidays import country_holidays, list_supported_countries

    match = _COUNTRY.fullmatch(name)
    try:
        if match:
            with warnings.catch_warnings():
                # The library warns of years that it does not know; _last_year asks for these.
                warnings.simplefilter("ignore")
                return country_holidays(match[1], subdiv=match[2], years=years, language="en_US")
    except NotImplementedError:
        pass
    countries = list_supported_countries(include_aliases=False)
    if match and match[1] in countries:
        parts = [f"{match[1]}-{part}" for part in countries[match[1]]]
        hint = did_you_mean(name, parts) or f' Write "{match[1]}".'
        raise ProjectError(f'"{name}" is no part of a country with holidays of its own.{hint}')
    near = did_you_mean(name, countries)
    raise ProjectError(
        f'"{name}" is not a country; write its two letters, or a file that ends in '
        f"{', '.join(KINDS)}.{near if near.startswith(' Did') else ''}"
    )


def _from_lines(text: str, path: Path, today: date) -> Iterator[date]:
    for number, line in enumerate(text.splitlines(), 1):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        match = _LINE.fullmatch(said)
        try:
            yield date.fromisoformat(match[1] if match else "")
        except ValueError as error:
            raise ProjectError(
                f'{path}:{number}: "{said}" does not begin with a date; write one such as {today}.'
            ) from error


def _from_toml(text: str, path: Path, today: date) -> Iterator[date]:
    try:
        data = parsed(text)
    except TomlError as error:
        raise ProjectError(f"{path} is not TOML: {error}; correct the line.") from error
    days = data.pop("dates", None)
    if data or not isinstance(days, list) or not all(type(day) is date for day in days):
        raise ProjectError(f"{path} must hold one list of dates; write dates = [{today}].")
    yield from days


def _from_ics(text: str, path: Path, today: date) -> Iterator[date]:
    from icalendar import Calendar as Events

    try:
        events = Events.from_ical(text).walk("VEVENT")
    except UNREADABLE as error:
        raise ProjectError(f"{path} is not an iCalendar file; export it again.") from error
    for event in events:
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield from _days_of_event(event, path, today)


def _days_of_event(event: Any, path: Path, today: date) -> Iterator[date]:
    """The days of a whole-day event; its end is the day after the last (RFC 5545, 3.6.1)."""
    name = str(event.get("SUMMARY", "without a name"))
    faulty = next((key for key in ("EXDATE", "RDATE", "RECURRENCE-ID") if key in event), "")
    if faulty:
        raise ProjectError(
            f'{path}: the event "{name}" has {faulty}, which is not read here; '
            "write its days as events of their own."
        )
    try:
        first, after = event.start, event.end
    except UNREADABLE as error:
        raise ProjectError(f'{path}: the event "{name}" has no day that can be read.') from error
    if isinstance(first, datetime) or isinstance(after, datetime):
        raise ProjectError(
            f'{path}: the event "{name}" has a time of day and is no day off; '
            "make it last the whole day, or remove it."
        )
    until = date(today.year + AHEAD, 1, 1)
    try:
        begins = list(_recurring(event, first, until))
    except UNREADABLE as error:
        raise ProjectError(
            f'{path}: the event "{name}" recurs in a way that is not read here; '
            "write its days as events of their own."
        ) from error
    for day in begins:
        for n in range((min(after, until) - first).days):
            yield day + timedelta(days=n)


def _recurring(event: Any, first: date, until: date) -> Iterator[date]:
    """The days before `until` on which the event begins; ValueError for a rule it cannot follow."""
    if "RRULE" not in event:
        yield first
        return
    from dateutil.rrule import rrulestr

    if isinstance(event["RRULE"], list):
        raise ValueError("several rules")
    rule = event["RRULE"].to_ical().decode()
    if not _FREQUENCY.search(rule):
        raise ValueError(rule)
    for each in rrulestr(rule, dtstart=datetime.combine(first, time.min), ignoretz=True):
        if each.date() >= until:
            return
        yield each.date()
