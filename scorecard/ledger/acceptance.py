"""What a person accepted: a ledger as it is, a clock, tiers frozen anew. And what was frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from scorecard.ledger.chain import Wrong
from scorecard.ledger.journal import JournalSession, seal_anew
from scorecard.ledger.models import AcceptanceRow, SnapshotRow
from scorecard.ledger.store import Store

What = Literal["ledger", "clock", "tiers"]


@dataclass(frozen=True)
class Acceptance:
    """What was accepted and when. `former` is the id of the ledger that this one replaced."""

    number: int
    what: What
    said: str
    former: str
    at: datetime


class Acceptances(Store):
    """The ledger's records of acceptances, and of the hashes of frozen tiers."""

    def accept(self, what: What, said: str, now: datetime, former: str = "") -> None:
        """Record that a person accepted something."""
        self._in_turn(lambda session: _add(session, what, said, now, former), now)

    def accept_records(
        self, wrong: Iterable[Wrong], said: str, now: datetime, former: str = ""
    ) -> None:
        """Seal records as they are now, and record that a person accepted them; `former` is the
        ledger that was there before, where this one took its place."""
        names = [each.name for each in wrong if each.what == "record"]

        def work(session: Session) -> None:
            assert isinstance(session, JournalSession)
            _add(session, "ledger", said, now, former)
            seal_anew(session, names)

        self._in_turn(work, now)

    def acceptances(self) -> list[Acceptance]:
        """All, oldest first."""
        query = select(AcceptanceRow).order_by(col(AcceptanceRow.number))
        with self._reading() as session:
            return [Acceptance(**row.model_dump()) for row in session.exec(query)]

    def frozen(self) -> dict[str, tuple[str, datetime]]:
        """By name of a snapshot its hash, and when that was noted; see `tiers.digests`."""
        with self._reading() as session:
            rows = session.exec(select(SnapshotRow).order_by(col(SnapshotRow.name)))
            return {row.name: (row.sha256, row.seen_at) for row in rows}

    def note_frozen(self, digests: Mapping[str, str], now: datetime) -> None:
        """Note the hashes of snapshots that are not noted yet; of others the first one stays."""
        if digests.keys() <= self.frozen().keys():
            return

        def work(session: Session) -> None:
            known = set(session.exec(select(SnapshotRow.name)))
            for name, hashed in sorted(digests.items()):
                if name not in known:
                    session.add(SnapshotRow(name=name, sha256=hashed, seen_at=now))

        self._in_turn(work, now)

    def accept_frozen(self, present: Mapping[str, str], said: str, now: datetime) -> None:
        """Take the snapshots that are there for those that were frozen, and no others."""

        def work(session: Session) -> None:
            _add(session, "tiers", said, now, "")
            for row in session.exec(select(SnapshotRow)):
                if row.name not in present:
                    session.delete(row)
                elif row.sha256 != present[row.name]:
                    row.sha256, row.seen_at = present[row.name], now
                    session.add(row)

        self._in_turn(work, now)


def _add(session: Session, what: What, said: str, now: datetime, former: str) -> None:
    last = session.exec(select(func.max(AcceptanceRow.number))).one() or 0
    session.add(AcceptanceRow(number=last + 1, what=what, said=said, former=former, at=now))
    session.flush()
