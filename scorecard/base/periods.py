"""Periods: half-open spans [start, end) of whole days in a company's time zone.

    Period.parse("2026-10", "Europe/London")     a month
    Period.parse("2026-W41", …)  "2026-Q4"  "2026"     a week, quarter, year
    Period.parse("2017-05/2018-09", …)                 a span of months, both ends in it
    Period.parse("2026-03-02/2026-03-20", …)           a span of days

Periods of one kind and length tile time: `p.end == p.next().start`, through both
clock changes, because a bound is a local midnight and only then an instant.
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
SpanKind = Literal["months", "days"]
SPANS: tuple[SpanKind, ...] = ("months", "days")
_FORMS = {
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"(\d{4})()"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BETWEEN = re.compile(r"(.+?)\s*[/_]\s*(.+)")
_MONTHS: dict[PeriodKind | SpanKind, int] = {"month": 1, "quarter": 3, "year": 12, "months": 1}
_EXAMPLES = "2026-10, 2026-W41, 2026-Q4, 2026, 2026-03/2026-08 or 2026-03-02/2026-03-20"
LONGEST = 20
"""Years that a span has at most; longer ones are taken for typing errors, too."""
YEARS = range(1970, 2200)
"""Years that a period can have; others are taken for typing errors."""
OLDEST = date(YEARS[0], 1, 1)
"""The first day of these years."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock of another machine, or of a database, may be ahead of ours."""


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; ProjectError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # names are paths to the library
        raise ProjectError(
            f'Time zone "{name}" is not an IANA zone; write one such as "Europe/London".'
        ) from error


def shift_months(day: date, months: int) -> date:
    """The first day of the month that lies `months` after that of `day`; before it if negative."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """One week (Monday first), calendar month, quarter or year; or a span of whole months or days.

    Ordered by first day. `tz` is an IANA name; `start` and `end` are aware
    datetimes in UTC, `first` and `after` the same bounds as local dates. `length` is
    the number of months or days of a span, and 1 for all others. A span has no
    history: periods before and after it are spans of its length.
    """

    first: date
    kind: PeriodKind | SpanKind
    tz: str = "UTC"
    length: int = 1

    @classmethod
    def parse(cls, text: str, tz: str) -> Period:
        """Read 2026-10, 2026-W41, 2026-Q4 or 2026, a span such as 2017-05/2018-09 or
        2026-03-02/2026-03-20, or a day, which is the shortest one; ProjectError otherwise, and
        outside YEARS."""
        if ends := _BETWEEN.fullmatch(text.strip()):
            return cls._span(text, ends[1], ends[2], tz)
        for kind in KINDS:
            if match := _FORMS[kind].fullmatch(text.strip()):
                _refuse_year(text, int(match[1]))
                try:
                    return cls(_first_day(kind, int(match[1]), int(match[2] or 1)), kind, tz)
                except ValueError:
                    break
        if day := _day(text.strip(), text):
            return cls(day, "days", tz)
        raise ProjectError(f'Period "{text}" is not one; write {_EXAMPLES}.')

    @classmethod
    def _span(cls, text: str, begin: str, end: str, tz: str) -> Period:
        """The span between two months or two days, both of them in it."""
        kind: SpanKind = "days" if _DAY.fullmatch(begin) else "months"
        first, last = (_day(e, text) if kind == "days" else _month(e, text) for e in (begin, end))
        if first is None or last is None:
            raise ProjectError(
                f'Period "{text}" is no span; write two months, as in 2026-03/2026-08, or two '
                "days, as in 2026-03-02/2026-03-20."
            )
        if last < first:
            raise ProjectError(
                f'Period "{text}" ends before it begins; write the earlier end first.'
            )
        months = (last.year - first.year) * 12 + last.month - first.month
        length = months + 1 if kind == "months" else (last - first).days + 1
        if (last - first).days > LONGEST * 366:
            raise ProjectError(
                f'Period "{text}" is longer than {LONGEST} years; write a shorter one.'
            )
        return cls(first, kind, tz, length)

    @classmethod
    def containing(cls, day: date, kind: PeriodKind, tz: str) -> Period:
        """The period of that kind that a local date falls in."""
        if kind == "week":
            return cls(day - timedelta(days=day.weekday()), kind, tz)
        months = _MONTHS[kind]
        return cls(date(day.year, (day.month - 1) // months * months + 1, 1), kind, tz)

    @property
    def is_span(self) -> bool:
        """Whether it is a span of months or days, and none of the kinds that a project works by."""
        return self.kind in SPANS

    @property
    def after(self) -> date:
        """The first local day that no longer belongs to the period."""
        return self.shift(1).first

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
        """The form that `parse` reads, and that may name a file; sorts by time within a kind.

        Of a span it is 2017-05_2018-09, since "/" parts folders.
        """
        if self.is_span:
            return "_".join(self._ends)
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
        if self.kind in ("week", "days"):
            days = 7 if self.kind == "week" else self.length
            first = self.first + timedelta(days=days * count)
        else:
            first = shift_months(self.first, _MONTHS[self.kind] * self.length * count)
        return Period(first, self.kind, self.tz, self.length)

    def next(self) -> Period:
        return self.shift(1)

    def previous(self) -> Period:
        return self.shift(-1)

    def trailing(self, months: int) -> date:
        """First local day of the window of `months` that ends where this period ends.

        In periods of weeks it is the Monday of the week that holds the day `months`
        before that end, so that the window is made of whole weeks. For a span of days it is
        the same day of the month, or the month's last.
        """
        if self.kind == "days":
            return _months_before(self.after, months)
        if self.kind == "week":
            back = self.after - timedelta(days=round(months * 365.25 / 12))
            return Period.containing(back, "week", self.tz).first
        return shift_months(self.after, -months)

    def opening(self, months: int) -> Period:
        """The period of this kind in which the trailing window of `months` begins; of a span,
        what `opened` is on the first day of that window."""
        return self.opened(self.trailing(months))

    def opened(self, day: date) -> Period:
        """The period of this kind that holds a day, whose tiers are those of its first day.

        Of a span it is the month that begins on that day, or the day itself.
        """
        if self.kind == "months" or self.kind == "days":
            return Period(day, "month" if day.day == 1 else "days", self.tz)
        return Period.containing(day, self.kind, self.tz)

    def until(self, last: Period) -> Iterator[Period]:
        """This period and all that follow up to and including `last`."""
        period = self
        while period.first <= last.first:
            yield period
            period = period.next()

    @property
    def _ends(self) -> tuple[str, ...]:
        """The first and last month or day of a span; a day alone where it has only one."""
        last = self.after - timedelta(days=1)
        if self.kind == "days":
            return (f"{self.first}", f"{last}") if self.length > 1 else (f"{self.first}",)
        return tuple(f"{day.year:04}-{day.month:02}" for day in (self.first, last))

    def __str__(self) -> str:
        """The key as it is written: 2017-05/2018-09 of a span."""
        return "/".join(self._ends) if self.is_span else self.key


def local_midnight(day: date, tz: str) -> datetime:
    """The instant, in UTC, at which a local day begins."""
    # Where clocks skip midnight this is the change itself; where they show it twice, the first.
    return datetime.combine(day, time.min, zone(tz)).astimezone(UTC)


def known_moment(moment: datetime, tz: str, now: datetime) -> datetime:
    """A moment as of which facts may be read, in UTC; one without a zone is local to `tz`.

    ProjectError outside YEARS, and where it lies after `now`, but for the few minutes by which
    clocks differ: what is to come is not known yet, and what was frozen or printed as known by then
    would stay so.
    """
    if moment.year not in YEARS:
        raise ProjectError(
            f"{moment:%Y-%m-%d %H:%M} is out of reach; write a year from {YEARS[0]} to {YEARS[-1]}."
        )
    known = (moment if moment.tzinfo else moment.replace(tzinfo=zone(tz))).astimezone(UTC)
    if known > now + CLOCKS_DIFFER:
        raise ProjectError(
            f"{moment:%Y-%m-%d %H:%M} has not come yet, so nothing can be known by then; leave the "
            "moment out for now, or write an earlier one."
        )
    return known


def _first_day(kind: PeriodKind, year: int, part: int) -> date:
    if kind == "week":
        return date.fromisocalendar(year, part, 1)
    return date(year, (part - 1) * 3 + 1 if kind == "quarter" else part, 1)


def _day(text: str, said: str) -> date | None:
    """The day that is written, or None where it is none; ProjectError outside YEARS."""
    if not _DAY.fullmatch(text):
        return None
    _refuse_year(said, int(text[:4]))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _month(text: str, said: str) -> date | None:
    """The first day of the month that is written; else as `_day`."""
    return _day(f"{text}-01", said) if _FORMS["month"].fullmatch(text) else None


def _refuse_year(said: str, year: int) -> None:
    if year not in YEARS:
        raise ProjectError(
            f'Period "{said}" is out of reach; write a year from {YEARS[0]} to {YEARS[-1]}.'
        )


def _months_before(day: date, months: int) -> date:
    """The same day of the month so many months before, or the last day of that month."""
    last = shift_months(day, 1 - months) - timedelta(days=1)
    return min(last, last.replace(day=1) + timedelta(days=day.day - 1))
