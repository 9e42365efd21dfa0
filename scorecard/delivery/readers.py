"""Current readers: whether a queued document may still be sent to its reader today."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from scorecard.base.periods import Period
from scorecard.delivery.recipients import recipients
from scorecard.errors import LedgerError, ScorecardError
from scorecard.ledger import Delivery, Ledger
from scorecard.project.declared import declared
from scorecard.project.settings import Project
from scorecard.schedules.model import Schedule
from scorecard.schedules.reader import read_schedules
from scorecard.strategy.model import Strategy

_LOG = logging.getLogger("scorecard.delivery.readers")


class CurrentReaders:
    """The readers of documents as of today, since some were queued on an earlier day.

    Schedules and strategy are read once, before the first document is sent; recipients are
    computed once for each schedule and period. Where a schedule is gone, or it or the
    strategy cannot be read, documents are sent as they were queued.
    """

    def __init__(self, project: Project, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._project, self._ledger, self._now = project, ledger, now
        self._read: tuple[Strategy, Mapping[str, Schedule]] | None = None
        self._known: dict[tuple[str, str], frozenset[tuple[str, str, str]] | None] = {}

    def left_out(self, delivery: Delivery) -> str:
        """Why a document may no longer be sent to its reader; empty where it may."""
        if delivery.kind != "document" or delivery.edition_id is None:
            return ""
        key = (delivery.schedule, delivery.period)
        if key not in self._known:
            self._known[key] = self._found(*key)
        known = self._known[key]
        if known is None:
            return ""
        edition = self._ledger.edition(delivery.edition_id)
        if (edition.document, edition.scope, delivery.recipient.casefold()) in known:
            return ""
        return (
            f"{delivery.name or delivery.recipient} no longer gets {edition.document} "
            f'{edition.scope}; "scorecard run {delivery.schedule} --period {delivery.period} '
            '--correct WHY" sends it to whoever does.'
        )

    def _found(self, schedule: str, period: str) -> frozenset[tuple[str, str, str]] | None:
        """(document, scope, address) of all recipients; None where they cannot be determined."""
        project = self._project
        try:
            strategy, schedules = self._read = self._read or self._files()
            if schedule not in schedules:
                return None
            span = Period.parse(period, project.settings.timezone)
            # Declared or in force, as when it was queued: a new stance takes effect later.
            owner_ids = {s.owner for s in strategy.stances}
            owner_ids |= {w.stance.owner for w in self._ledger.stances_for(span)}
            day = self._now().astimezone(project.zone).date()
            found = recipients(schedules[schedule], strategy, owner_ids, day)
        except LedgerError:
            raise
        except (ScorecardError, ValueError) as error:
            _LOG.warning(
                "documents go to whom they were queued for: %s",
                error,
                extra={"schedule": schedule, "period": period},
            )
            return None
        return frozenset((r.document, r.scope, r.email.casefold()) for r in found)

    def _files(self) -> tuple[Strategy, Mapping[str, Schedule]]:
        project = self._project
        strategy = declared(project).usable().strategy
        today = self._now().astimezone(project.zone).date()
        return strategy, {s.id: s for s in read_schedules(project, strategy, today)[0]}
