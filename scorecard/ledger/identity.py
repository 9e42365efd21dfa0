"""Which ledger this is, whose, and what only it can derive."""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session, select

from scorecard.errors import LedgerError
from scorecard.ledger.models import IdentityRow
from scorecard.ledger.store import Store


class Identity(Store):
    """The ledger's identity, one row, which its first migration wrote."""

    _identity: IdentityRow | None = None

    @property
    def id(self) -> str:
        """128 random bits in hex: another ledger has another."""
        return self._known_identity().id

    @property
    def project(self) -> str:
        """The identity of the project that it belongs to; empty until one opens it."""
        return self._known_identity().project

    def claim_for(self, project: str, now: datetime | None) -> str:
        """Have it belong to a project, unless it belongs to one; the one that it belongs to."""

        def work(session: Session) -> IdentityRow:
            row = session.exec(select(IdentityRow).with_for_update()).one()
            if not row.project:
                row.project, row.claimed_at = project, now
                session.add(row)
                session.flush()
            session.refresh(row)
            session.expunge(row)
            return row

        if not self.project:
            self._identity = self._in_turn(work, now)
        return self.project

    def keyed(self, *parts: str) -> str:
        """HMAC-SHA256 of the parts in hex: the same in this ledger for ever, and nobody who does
        not read the ledger can work it out. No two lists of parts read the same."""
        message = "".join(f"{len(part.encode())}:{part}" for part in parts).encode()
        return hmac.new(bytes.fromhex(self._known_identity().secret), message, sha256).hexdigest()

    def _known_identity(self) -> IdentityRow:
        if self._identity is None:
            with self._reading() as session:
                rows = list(session.exec(select(IdentityRow)))
            if len(rows) != 1:
                raise LedgerError(
                    f"Ledger {self.where} has {len(rows)} identities instead of one; restore it "
                    "from a backup."
                )
            self._identity = rows[0]
        return self._identity
