"""Foresight: who will get what from a run to come, as things stand today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scorecard.base.periods import Period
from scorecard.delivery.recipients import Recipient, recipients
from scorecard.ledger import Ledger
from scorecard.project.settings import Project
from scorecard.schedules.model import Schedule
from scorecard.schedules.timetable import Occurrence
from scorecard.strategy.model import Strategy


def recipients_preview(
    project: Project,
    ledger: Ledger | None,
    strategy: Strategy,
    schedule: Schedule,
    occurrence: Occurrence,
    seen_at: datetime,
) -> list[Recipient]:
    """Who gets something from the run of that occurrence, on the day on which it is due.

    `seen_at` is when the strategy of today is first seen by a run: what was
    changed in it holds from the period after that moment. None stands for a
    ledger that does not exist yet, which takes everything on trust.
    """
    day = occurrence.due.astimezone(project.zone).date()
    held = _held(project, ledger, strategy, occurrence.period, seen_at)
    return recipients(schedule, strategy, held, day)


def _held(
    project: Project, ledger: Ledger | None, strategy: Strategy, period: Period, seen_at: datetime
) -> Sequence[str]:
    """The owners who hold a stance in that period."""
    settings = project.settings
    seen_on = seen_at.astimezone(project.zone).date()
    changes = Period.containing(seen_on, settings.period, settings.timezone).next()
    known = ledger.stances_for(period) if ledger else []
    if known and period.first < changes.first:
        return sorted({each.stance.owner for each in known})
    return sorted({s.owner for s in strategy.stances if s.holds_on(period.first)})
