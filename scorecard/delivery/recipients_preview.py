"""The recipients preview: who will get what from a future run, as of today's files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from scorecard.base.periods import Period
from scorecard.delivery.recipients import Recipient, recipients
from scorecard.project.settings import Project
from scorecard.schedules.model import Schedule
from scorecard.schedules.timetable import Occurrence
from scorecard.strategy.model import Strategy

if TYPE_CHECKING:
    from scorecard.ledger import Ledger


def recipients_preview(
    project: Project,
    ledger: Ledger | None,
    strategy: Strategy,
    schedule: Schedule,
    occurrence: Occurrence,
    seen_at: datetime,
) -> list[Recipient]:
    """The recipients of the run of that occurrence, on the day on which it is due.

    `seen_at` is when a run will first see today's strategy: changes in it take effect
    from the period after that moment. `ledger` is None where there is none yet; then
    every stance counts as in force from its effective day.
    """
    day = occurrence.due.astimezone(project.zone).date()
    owner_ids = _owner_ids(project, ledger, strategy, occurrence.period, seen_at)
    return recipients(schedule, strategy, owner_ids, day)


def _owner_ids(
    project: Project, ledger: Ledger | None, strategy: Strategy, period: Period, seen_at: datetime
) -> Sequence[str]:
    """The ids of the owners with a stance in force in that period."""
    settings = project.settings
    seen_on = seen_at.astimezone(project.zone).date()
    changes = Period.containing(seen_on, settings.period, settings.timezone).next()
    known = ledger.stances_for(period) if ledger else []
    if known and period.first < changes.first:
        return sorted({each.stance.owner for each in known})
    return sorted({s.owner for s in strategy.stances if s.holds_on(period.first)})
