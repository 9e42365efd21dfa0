"""Leases: who does what only one process may do, for as long as its heart beats.

A holder beats well before `ttl` has passed; when it has been silent for longer,
anybody may take over. A beat that lies in the future by more than `ttl` is that
of a clock which has been set back since, and counts as silence too. Machines
that share a ledger therefore need clocks that agree within half a `ttl`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col

from scorecard.ledger.models import LeaseRow
from scorecard.ledger.store import Store


@dataclass(frozen=True)
class Lease:
    """`name` is what is held. `taken_at` is when this holder began, `beat_at` its last sign."""

    name: str
    holder: str
    taken_at: datetime
    beat_at: datetime

    def alive(self, now: datetime, ttl: timedelta) -> bool:
        return abs(now - self.beat_at) < ttl


def silent(beat_at: Any, now: datetime, ttl: timedelta) -> ColumnElement[bool]:
    """In SQL: whether a heart has stopped, or never beat."""
    return or_(col(beat_at).is_(None), col(beat_at) <= now - ttl, col(beat_at) >= now + ttl)


class Leases(Store):
    """The ledger's part that knows leases."""

    def take(self, name: str, holder: str, now: datetime, ttl: timedelta) -> bool:
        """Take or keep a lease; False when another holder is alive."""

        def work(session: Session) -> bool:
            row = session.get(LeaseRow, name, with_for_update=True)
            if row is None:
                session.add(LeaseRow(name=name, holder=holder, taken_at=now, beat_at=now))
                return True
            if row.holder != holder:
                if _lease(row).alive(now, ttl):
                    return False
                row.holder, row.taken_at = holder, now
            row.beat_at = now
            session.add(row)
            return True

        return self._in_turn(work)

    def give_back(self, name: str, holder: str) -> None:
        """Let go of a lease, so that a stand-by need not wait; nothing when it is another's."""
        with self._writing() as session:
            row = session.get(LeaseRow, name, with_for_update=True)
            if row is not None and row.holder == holder:
                session.delete(row)

    def lease(self, name: str) -> Lease | None:
        """Who holds it, or held it last without giving it back."""
        with self._reading() as session:
            row = session.get(LeaseRow, name)
            return _lease(row) if row else None


def _lease(row: LeaseRow) -> Lease:
    return Lease(**row.model_dump())
