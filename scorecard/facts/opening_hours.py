"""Opening hours: when service is open, by weekday in a zone and less days off, as spans of UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from scorecard.base.periods import LONGEST, shift_months, zone

DAY = 86_400
"""Seconds of a day of UTC."""
EPOCH = date(1970, 1, 1)
USUAL = ""
"""The name under which the hours of teams without hours of their own are kept."""
Spans = tuple[tuple[int, int], ...]
"""Minutes of a day from its midnight on, [opens, closes); after 1,440 they are of the next day."""
Row = tuple[int, int, tuple[tuple[int, int], ...]]
"""A day since EPOCH, the seconds of service before it, and the seconds of it that are open."""


@dataclass(frozen=True)
class OpeningHours:
    """Hours by weekday, Monday first, in a zone; none that begin on a day off."""

    zone: str
    week: tuple[Spans, ...]
    off: frozenset[date] = frozenset()

    def spans(self, first: date, after: date) -> Iterator[tuple[int, int]]:
        """The spans of these days in seconds since EPOCH, ascending and apart."""
        found = sorted(span for span in self._each(first, after) if span[0] < span[1])
        open_: tuple[int, int] | None = None
        for span in found:
            if open_ and span[0] <= open_[1]:
                open_ = open_[0], max(open_[1], span[1])
                continue
            if open_:
                yield open_
            open_ = span
        if open_:
            yield open_

    def _each(self, first: date, after: date) -> Iterator[tuple[int, int]]:
        for number in range((after - first).days):
            day = first + timedelta(days=number)
            for opens, closes in () if day in self.off else self.week[day.weekday()]:
                yield self._instant(day, opens), self._instant(day, closes)

    def _instant(self, day: date, minute: int) -> int:
        """A local time as seconds since EPOCH; one that clocks skip is the moment of the change,
        one that they show twice the first."""
        days, minute = divmod(minute, 1440)
        wall = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60))
        found = wall.replace(tzinfo=zone(self.zone)).astimezone(UTC)
        while found.astimezone(zone(self.zone)).replace(tzinfo=None) > wall:
            earlier = found - timedelta(minutes=1)
            if earlier.astimezone(zone(self.zone)).replace(tzinfo=None) < wall:
                break
            found = earlier
        return int(found.timestamp())


@dataclass(frozen=True)
class ServiceHours:
    """The usual hours, and those of teams that have their own."""

    usual: OpeningHours
    teams: tuple[tuple[str, OpeningHours], ...] = ()

    @property
    def by_team(self) -> dict[str, OpeningHours]:
        return {USUAL: self.usual, **dict(self.teams)}

    @property
    def content(self) -> str:
        """All that it says, in one order."""
        each = self.by_team.items()
        return repr([(team, h.zone, h.week, sorted(h.off)) for team, h in each])


@lru_cache(maxsize=16)
def daily(hours: OpeningHours, until: date) -> tuple[Row, ...]:
    """A row for each day of UTC in the LONGEST years up to `until`, a day or two more."""
    first = shift_months(until, -12 * LONGEST)
    begin, end = ((d - EPOCH).days for d in (first, until + timedelta(days=2)))
    of_day: dict[int, list[tuple[int, int]]] = {}
    for opens, closes in hours.spans(first - timedelta(days=3), until + timedelta(days=4)):
        for day in range(opens // DAY, (closes - 1) // DAY + 1):
            part = max(opens - day * DAY, 0), min(closes - day * DAY, DAY)
            of_day.setdefault(day, []).append(part)
    rows, before = [], 0
    for day in range(begin, end + 1):
        parts = tuple(of_day.get(day, ()))
        rows.append((day, before, parts))
        before += sum(closes - opens for opens, closes in parts)
    return tuple(rows)
