"""Names of editions, as people write them on the command line.

owner-scorecard/ada/2026-10      the newest edition of Ada's page for October
owner-scorecard/ada/2026-10/1    the first one
executive-packet/2026-10         there is only one packet of a period
2026-10                          the packet's, or where a document is known, that one's
2                                of a document and period that are known, the second edition
5a2b3c4d                         an id, or the hash in the foot of each page, from 6 digits on
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scorecard.base.periods import Period
from scorecard.documents.kinds import EXECUTIVES, KINDS, PACKET
from scorecard.errors import LedgerError, ScorecardError, did_you_mean
from scorecard.ledger import Edition

_HASH = re.compile(r"[0-9a-f]{6,64}")
_NUMBER = re.compile(r"[0-9]{1,3}")
"""An edition's number; a year has four digits."""
_WRITE = 'write it as owner-scorecard/ada/2026-10, or as the id in "scorecard diff --list"'


def name_of(edition: Edition) -> str:
    """ "owner-scorecard/ada/2026-10/2"; a packet's without its scope."""
    scope = () if edition.document == PACKET else (edition.scope,)
    return "/".join((edition.document, *scope, edition.period, str(edition.number)))


@dataclass(frozen=True)
class Names:
    """The editions that a ledger has, without their contents, to be found by name."""

    editions: Sequence[Edition]

    def find(self, text: str, like: Edition | None = None) -> Edition:
        """The edition of that name; `like` is one whose document is meant where none is named.

        LedgerError where there is none, or where several are meant.
        """
        if _HASH.fullmatch(text.lower()) and (found := self._by_hash(text.lower())):
            return found
        kind, scope, period, number = self._parsed(text, like)
        of = [e for e in self.editions if (e.document, e.scope, e.period) == (kind, scope, period)]
        if number:
            of = [e for e in of if e.number == number]
        if not of:
            raise self._unknown(text)
        return max(of, key=lambda e: e.number)

    def _by_hash(self, digits: str) -> Edition | None:
        found = [
            e for e in self.editions if e.id.startswith(digits) or e.content_hash.startswith(digits)
        ]
        if len(found) > 1:
            which = ", ".join(name_of(e) for e in found[:4])
            raise LedgerError(f'"{digits}" may be any of {which}; name one of them.')
        return found[0] if found else None

    def _parsed(self, text: str, like: Edition | None) -> tuple[str, str, str, int]:
        """(document, scope, period, number); number 0 is the newest."""
        parts = [part.strip() for part in text.split("/")]
        number = int(parts.pop()) if len(parts) > 1 and _NUMBER.fullmatch(parts[-1]) else 0
        if like is not None and len(parts) == 1 and _NUMBER.fullmatch(parts[0]):
            return like.document, like.scope, like.period, int(parts[0])
        period = parts.pop()
        try:
            period = Period.parse(period, "UTC").key
        except ScorecardError:
            raise self._unknown(text) from None
        if parts == [PACKET]:
            parts.append(EXECUTIVES)
        if not parts:
            parts = [like.document, like.scope] if like else [PACKET, EXECUTIVES]
        if len(parts) != 2 or parts[0] not in KINDS:
            raise self._unknown(text)
        return parts[0], parts[1], period, number

    def _unknown(self, text: str) -> LedgerError:
        if not self.editions:
            return LedgerError('No edition was made yet; "scorecard run --period 2026-10" does.')
        known = {name_of(e).rpartition("/")[0] for e in self.editions}
        known |= {name_of(e) for e in self.editions} if text.count("/") > 2 else set()
        near = did_you_mean(text, known)
        near = near if near.startswith(" Did") else f" {_WRITE[0].upper()}{_WRITE[1:]}."
        return LedgerError(f'There is no edition "{text}".{near}')
