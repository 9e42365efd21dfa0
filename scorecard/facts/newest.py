"""The days on which a table has rows: its oldest, and its newest before any day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis.expr.types as ir

from scorecard.base.periods import local_midnight
from scorecard.facts.values import Zones, day_of


@dataclass(frozen=True)
class Days:
    """The days with rows, ascending, as the engine has them, and each one's first and last value.

    Of moments they are days of UTC, so that the engine has no zone to reckon with: the
    company's day is worked out here, from the values.
    """

    days: tuple[date, ...]
    first: tuple[Any, ...]
    last: tuple[Any, ...]
    zones: Zones

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], zones: Zones) -> Days:
        """From the rows of `days_of`."""
        found = sorted((r["day"], r["first"], r["last"]) for r in rows)
        days, first, last = zip(*found, strict=True) if found else ((), (), ())
        return cls(days, first, last, zones)

    @property
    def oldest(self) -> date | None:
        """The company's day of the oldest row; None where there is none."""
        return day_of(self.first[0], self.zones) if self.days else None

    def newest(self, before: date) -> date | None:
        """The company's day of the newest row before the company's day `before`."""
        if self.first and isinstance(self.first[0], datetime):
            bound = local_midnight(before, self.zones.company).replace(tzinfo=None)
            place = bisect_left(self.first, bound)
            if place and self.last[place - 1] >= bound:
                # That day of UTC holds the local midnight, and some of its rows lie before it. They
                # are of the company's day before; where clocks changed, perhaps of one earlier.
                return day_of(self.first[place - 1], self.zones)
        else:
            place = bisect_left(self.days, before)
        return day_of(self.last[place - 1], self.zones) if place else None


def days_of(table: ir.Table, column: str) -> ir.Table:
    """The days of a column of days or moments, with the first and the last value of each."""
    value = table[column]
    filled = table.filter(value.notnull())
    day = filled[column].cast("date")
    return filled.group_by(day=day).agg(first=filled[column].min(), last=filled[column].max())
