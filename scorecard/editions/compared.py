"""Two editions of one document compared: what they say otherwise, and what they were made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from scorecard.documents.differences import Difference, differences
from scorecard.documents.kinds import read_document
from scorecard.editions.naming import name_of
from scorecard.errors import LedgerError
from scorecard.ledger import Edition, Ledger
from scorecard.project.origin import differing

UNKNOWN = "not known: an older version of scorecard made one of them"


@dataclass(frozen=True)
class Compared:
    """The outcome of comparing two editions.

    differences   what is said otherwise of single choices
    parts         the other parts of the document that differ, as it names them: "margin"
    made_of       what they were made of that differs, in words; (UNKNOWN,) where it was not kept
    """

    before: Edition
    now: Edition
    differences: tuple[Difference, ...]
    parts: tuple[str, ...]
    made_of: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both say the same, word for word."""
        return self.before.content_hash == self.now.content_hash


def compared(ledger: Ledger, before: Edition, now: Edition) -> Compared:
    """Compare two editions, given with or without their contents.

    LedgerError where they are editions of two documents, AlteredError where one was altered.
    """
    if (before.document, before.scope) != (now.document, now.scope):
        raise LedgerError(
            f"{name_of(before)} and {name_of(now)} are two documents; compare editions of one."
        )
    before, now = ledger.edition(before.id), ledger.edition(now.id)
    old = read_document(before.document, before.content)
    new = read_document(now.document, now.content)
    contents = json.loads(before.content), json.loads(now.content)
    names = [f.name for f in fields(new) if f.name != "heading" or before.period == now.period]
    return Compared(
        before,
        now,
        tuple(differences(old, new)),
        tuple(n for n in names if contents[0].get(n) != contents[1].get(n)),
        _made_of(ledger, before, now),
    )


def origin_of_edition(ledger: Ledger, edition: Edition) -> Mapping[str, Any] | None:
    """What the run that froze the edition was made of; None where that was not kept yet."""
    found = ledger.run(edition.run_id).detail.get("origin")
    return found if isinstance(found, Mapping) else None


def _made_of(ledger: Ledger, before: Edition, now: Edition) -> tuple[str, ...]:
    then, later = (origin_of_edition(ledger, each) for each in (before, now))
    if then is None or later is None:
        return () if before.run_id == now.run_id else (UNKNOWN,)
    return tuple(differing(then, later))
