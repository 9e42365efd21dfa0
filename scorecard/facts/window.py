"""The window: the span of days that a metric looks at, to be compared with a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scorecard.base.periods import Period, local_midnight, shift_months


@dataclass(frozen=True)
class Window:
    """A half-open span [first, after) of local days that ends where a period ends.

    Facts hold days as local dates and moments as UTC without a zone; `holds`
    compares a column of either type with the right bounds.
    """

    first: date
    after: date
    period: Period

    @classmethod
    def of(cls, period: Period, months: int) -> Window:
        """The trailing window of `months`; the period itself when `months` is 0."""
        return cls(period.trailing(months) if months else period.first, period.after, period)

    @property
    def start(self) -> datetime:
        return naive(local_midnight(self.first, self.period.tz))

    @property
    def end(self) -> datetime:
        return naive(local_midnight(self.after, self.period.tz))

    @property
    def opening(self) -> Period:
        """The period whose frozen tiers were known when the window opened."""
        return Period.containing(self.first, self.period.kind, self.period.tz)

    @property
    def grain(self) -> str:
        """The step of which whole ones make up the window: "W", weeks, or "M", months."""
        return "W" if self.period.kind == "week" else "M"

    def holds(self, column: Any) -> Any:
        """True where a date or timestamp column lies inside the window."""
        if column.type().is_date():
            return (column >= self.first) & (column < self.after)
        return (column >= self.start) & (column < self.end)

    def earlier(self) -> Window:
        """The window that lies one period earlier."""
        period = self.period.previous()
        if self.period.kind == "week":
            return Window(self.first - timedelta(days=7), period.after, period)
        months = (period.after.year - period.first.year) * 12
        months += period.after.month - period.first.month
        return Window(shift_months(self.first, -months), period.after, period)


def naive(moment: datetime) -> datetime:
    """An aware moment as UTC without its zone, as facts hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None)
