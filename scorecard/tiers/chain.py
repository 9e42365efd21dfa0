"""The chain of snapshots: which one continues which."""

from __future__ import annotations

from datetime import date

from scorecard.base.periods import Period


def opening_of(period: Period) -> Period:
    """The period whose snapshot has the tiers of a period's first day; see `Period.opened`."""
    return period.opened(period.first)


def before(step: Period) -> Period:
    """The period whose snapshot comes before one in the chain; of a single day, its month."""
    return in_chain(step, step.first) if step.is_span else step.previous()


def in_chain(period: Period, day: date) -> Period:
    """The period that holds a day, in the chain that a period's snapshot continues: of its kind,
    and of a span, of months."""
    if period.is_span:
        return Period.containing(day, "month", period.tz)
    return period.opened(day)
