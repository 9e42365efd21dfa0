"""Day steps: from one day to another in days, weeks and months, as expressions of an engine."""

from __future__ import annotations

from typing import Any


def began(day: Any, grain: str) -> Any:
    """The first day of the month (grain "M") or week ("W") of a day."""
    # DuckDB truncates days to moments, of which a day is smaller and quicker to compare.
    return day.truncate(grain).cast("timestamp").cast("date")


def days(first: Any, day: Any) -> Any:
    """From one day to another, in days; `first` is a column."""
    return -first.delta(day, unit="day")


def month(day: Any) -> Any:
    """The months that a day comes after the year 0, as a whole number."""
    return day.year() * 12 + day.month()


def later(day: Any, steps: Any, grain: str) -> Any:
    """So many weeks or months after a day, in a shorter month on its last day."""
    span = (steps * 7).as_interval("D") if grain == "W" else steps.as_interval("M")
    # DuckDB makes moments of these days, which Ibis believes to be days already.
    return (day + span).cast("timestamp").cast("date")
