"""Which ledger this is, whose, and what only it can derive."""

from __future__ import annotations

import hmac
from hashlib import sha256

from sqlmodel import select

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
