"""Leases: roles that one process has at a time, for as long as it sends heartbeats.

A holder beats well before `ttl` has passed; when it has been silent for longer,
any process may take over. A heartbeat that lies more than `ttl` in the future
comes from a clock that has been set back since, and counts as silence. Machines
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
    """A lease of the role `name`, taken at `taken_at`, with the last heartbeat at `beat_at`."""

    name: str
    holder: str
    taken_at: datetime
    beat_at: datetime

    def alive(self, now: datetime, ttl: timedelta) -> bool:
        return abs(now - self.beat_at) < ttl


def silent(beat_at: Any, now: datetime, ttl: timedelta) -> ColumnElement[bool]:
    """An SQL condition: there is no heartbeat within `ttl` of now, before or after."""
    return or_(col(beat_at).is_(None), col(beat_at) <= now - ttl, col(beat_at) >= now + ttl)


class Leases(Store):
    """The ledger's records of leases."""

    def take(self, name: str, holder: str, now: datetime, ttl: timedelta) -> bool:
        """Take or renew a lease; False when another holder is alive."""

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
        """End a lease before it runs out, for a stand-by; does nothing when it is another's."""
        with self._writing() as session:
            row = session.get(LeaseRow, name, with_for_update=True)
            if row is not None and row.holder == holder:
                session.delete(row)

    def lease(self, name: str) -> Lease | None:
        """The lease of that name, which may have run out; None when it was given back."""
        with self._reading() as session:
            row = session.get(LeaseRow, name)
            return _lease(row) if row else None


def _lease(row: LeaseRow) -> Lease:
    return Lease(**row.model_dump())
