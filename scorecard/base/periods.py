"""Periods: half-open spans [start, end) of whole days in a company's time zone.

    Period.parse("2026-10", "Europe/London")     a month
    Period.parse("2026-W41", …)  "2026-Q4"  "2026"     a week, quarter, year

Periods of one kind tile time: `p.end == p.next().start`, through both clock
changes, because a bound is a local midnight and only then an instant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scorecard.errors import ProjectError

PeriodKind = Literal["week", "month", "quarter", "year"]
KINDS: tuple[PeriodKind, ...] = ("week", "month", "quarter", "year")
_FORMS = {
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"(\d{4})()"),
}
_MONTHS: dict[PeriodKind, int] = {"month": 1, "quarter": 3, "year": 12}
_EXAMPLES = "2026-10, 2026-W41, 2026-Q4 or 2026"
YEARS = range(1970, 2200)
"""Years that a period can have; others are taken for typing errors."""
OLDEST = date(YEARS[0], 1, 1)
"""The first day of these years."""


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; ProjectError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
        raise ProjectError(
            f'Time zone "{name}" is not an IANA zone; write one such as "Europe/London".'
        ) from error


def shift_months(day: date, months: int) -> date:
    """The first day of the month that lies `months` after that of `day`; before it if negative."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """One week (Monday first), calendar month, quarter or year.

    Ordered by first day. `tz` is an IANA name; `start` and `end` are aware
    datetimes in UTC, `first` and `after` the same bounds as local dates.
    """

    first: date
    kind: PeriodKind
    tz: str = "UTC"

    @classmethod
    def parse(cls, text: str, tz: str) -> Period:
        """Read 2026-10, 2026-W41, 2026-Q4 or 2026; ProjectError otherwise, and outside YEARS."""
        for kind in KINDS:
            if match := _FORMS[kind].fullmatch(text.strip()):
                year, part = int(match[1]), int(match[2] or 1)
                if year not in YEARS:
                    raise ProjectError(
                        f'Period "{text}" is out of reach; write a year from {YEARS[0]} to '
                        f"{YEARS[-1]}."
                    )
                try:
                    return cls(_first_day(kind, year, part), kind, tz)
                except ValueError:
                    break
        raise ProjectError(f'Period "{text}" is not one; write {_EXAMPLES}.')

    @classmethod
    def containing(cls, day: date, kind: PeriodKind, tz: str) -> Period:
        """The period of that kind that a local date falls in."""
        if kind == "week":
            return cls(day - timedelta(days=day.weekday()), kind, tz)
        months = _MONTHS[kind]
        return cls(date(day.year, (day.month - 1) // months * months + 1, 1), kind, tz)

    @property
    def after(self) -> date:
        """The first local day that no longer belongs to the period."""
        if self.kind == "week":
            return self.first + timedelta(days=7)
        return shift_months(self.first, _MONTHS[self.kind])

    @property
    def start(self) -> datetime:
        return local_midnight(self.first, self.tz)

    @property
    def end(self) -> datetime:
        return local_midnight(self.after, self.tz)

    @property
    def days(self) -> int:
        return (self.after - self.first).days

    @property
    def key(self) -> str:
        """The form that `parse` reads; sorts by time within a kind."""
        if self.kind == "week":
            year, week, _ = self.first.isocalendar()
            return f"{year:04}-W{week:02}"
        if self.kind == "quarter":
            return f"{self.first.year:04}-Q{(self.first.month - 1) // 3 + 1}"
        if self.kind == "month":
            return f"{self.first.year:04}-{self.first.month:02}"  # %Y pads on some systems only
        return f"{self.first.year:04}"

    def shift(self, count: int) -> Period:
        """The period `count` later (earlier when negative)."""
        if self.kind == "week":
            return Period(self.first + timedelta(days=7 * count), self.kind, self.tz)
        return Period(shift_months(self.first, _MONTHS[self.kind] * count), self.kind, self.tz)

    def next(self) -> Period:
        return self.shift(1)

    def previous(self) -> Period:
        return self.shift(-1)

    def trailing(self, months: int) -> date:
        """First local day of the window of `months` that ends where this period ends.

        In periods of weeks it is the Monday of the week that holds the day `months`
        before that end, so that the window is made of whole weeks.
        """
        if self.kind == "week":
            back = self.after - timedelta(days=round(months * 365.25 / 12))
            return Period.containing(back, "week", self.tz).first
        return shift_months(self.after, -months)

    def opening(self, months: int) -> Period:
        """The period of this kind in which the trailing window of `months` begins."""
        return Period.containing(self.trailing(months), self.kind, self.tz)

    def until(self, last: Period) -> Iterator[Period]:
        """This period and all that follow up to and including `last`."""
        period = self
        while period.first <= last.first:
            yield period
            period = period.next()

    def __str__(self) -> str:
        return self.key


def local_midnight(day: date, tz: str) -> datetime:
    """The instant, in UTC, at which a local day begins."""
    # Where clocks skip midnight this is the change itself; where they show it twice, the first.
    return datetime.combine(day, time.min, zone(tz)).astimezone(UTC)


def _first_day(kind: PeriodKind, year: int, part: int) -> date:
    if kind == "week":
        return date.fromisocalendar(year, part, 1)
    return date(year, (part - 1) * 3 + 1 if kind == "quarter" else part, 1)
