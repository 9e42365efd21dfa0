"""The window: the span of days that a metric looks at, to be compared with a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scorecard.base.periods import Period, PeriodKind, SpanKind, local_midnight, shift_months
from scorecard.facts.statements import NeedsValueError, Values, slot


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
        return self.period.opened(self.first)

    @property
    def grain(self) -> str:
        """The step by which books are kept: "W", weeks, or "M", months; whole ones make up the
        window, unless it is `broken`."""
        return "W" if self.period.kind == "week" else "M"

    @property
    def broken(self) -> bool:
        """Whether it may begin and end within a month, as a span of days does."""
        return self.period.kind == "days"

    def holds(self, column: Any) -> Any:
        """True where a date or timestamp column lies inside the window."""
        return _inside(self, column)

    def earlier(self) -> Window:
        """The window that lies one period earlier."""
        period = self.period.previous()
        if self.period.kind in ("week", "days"):
            return Window(self.first - timedelta(days=period.days), period.after, period)
        months = (period.after.year - period.first.year) * 12
        months += period.after.month - period.first.month
        return Window(shift_months(self.first, -months), period.after, period)


@dataclass(frozen=True)
class OpenWindow:
    """A window whose days are not known yet: expressions over it serve every period.

    It is used as a Window is, with expressions in place of days. What it cannot tell,
    it refuses with NeedsValueError: then the same is asked for each period apart.
    """

    name: str
    kind: PeriodKind | SpanKind

    @property
    def first(self) -> Any:
        return slot(f"{self.name}.first", "date")

    @property
    def after(self) -> Any:
        return slot(f"{self.name}.after", "date")

    @property
    def start(self) -> Any:
        return slot(f"{self.name}.start", "timestamp")

    @property
    def end(self) -> Any:
        return slot(f"{self.name}.end", "timestamp")

    @property
    def period(self) -> Period:
        raise NeedsValueError(f"{self.name}.period")

    @property
    def opening(self) -> Period:
        raise NeedsValueError(f"{self.name}.opening")

    @property
    def grain(self) -> str:
        return "W" if self.kind == "week" else "M"

    @property
    def broken(self) -> bool:
        return self.kind == "days"

    def holds(self, column: Any) -> Any:
        """As `Window.holds`."""
        return _inside(self, column)

    def earlier(self) -> OpenWindow:
        return OpenWindow(f"{self.name}.earlier", self.kind)

    def values(self, window: Window) -> Values:
        """What its slots are for that window, and those of the window one period earlier."""
        return _days(self.name, window) | _days(f"{self.name}.earlier", window.earlier())


AnyWindow = Window | OpenWindow


def _days(name: str, window: Window) -> dict[str, Any]:
    parts = ("first", "after", "start", "end")
    return {f"{name}.{part}": getattr(window, part) for part in parts}


def _inside(window: Window | OpenWindow, column: Any) -> Any:
    if column.type().is_date():
        return (column >= window.first) & (column < window.after)
    return (column >= window.start) & (column < window.end)


def naive(moment: datetime) -> datetime:
    """An aware moment as UTC without its zone, as facts hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None)
