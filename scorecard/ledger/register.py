"""The register: every version of every stance, what each is on a day, and which have expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from scorecard.base.periods import Period
from scorecard.ledger.models import StanceRow
from scorecard.ledger.store import Store
from scorecard.ledger.witness import (
    StanceChange,
    as_changes,
    not_superseded,
    read_stance,
    stance_rows,
    stances_in_force,
)
from scorecard.strategy.model import Stance

Standing = Literal["in force", "to come", "no decision", "replaced", "removed"]
"""What a version is on a day: "no decision" where it expired and nothing was chosen in its place;
"replaced" also where another one holds after its end."""


class Expired(NamedTuple):
    """A stance that ended without another one or its removal, since when, and its version."""

    stance: Stance
    since: date
    version: str


class Registered(NamedTuple):
    """A version of a stance, or its removal, and what that is on a day."""

    change: StanceChange
    standing: Standing


class Register(Store):
    """The ledger's view of the versions of stances that the witness has recorded."""

    def expired_for(self, period: Period) -> list[Expired]:
        """The stances that had ended by the period's first day and were neither replaced nor
        removed, by metric and tier; the last one of each. Nothing is decided on these.

        Whether a stance ever came into force does not matter: the file still has it.
        """
        with self._reading() as session:
            rows = stance_rows(session)
        return _expired(rows, _stances(rows), period.first)

    def register(self, day: date) -> list[Registered]:
        """Every version as it stands on a day, the first seen first."""
        with self._reading() as session:
            rows = stance_rows(session)
        stances = _stances(rows)
        holding = {w.version for w in stances_in_force(rows, stances, day)}
        expired = {e.version for e in _expired(rows, stances, day)}
        current = {row.id for row in not_superseded(rows, day)}
        return [
            Registered(change, _standing(row, stances, day, current, holding, expired))
            for row, change in zip(rows, as_changes(rows, rows), strict=True)
        ]


def _standing(
    row: StanceRow,
    stances: Mapping[int, Stance],
    day: date,
    current: set[int],
    holding: set[str],
    expired: set[str],
) -> Standing:
    if row.content is None:
        return "removed"
    if row.in_force_from > day or stances[row.id].effective > day:
        return "to come"
    if row.id in current and row.hash in holding:
        return "in force"
    return "no decision" if row.id in current and row.hash in expired else "replaced"


def _stances(rows: Sequence[StanceRow]) -> dict[int, Stance]:
    return {row.id: read_stance(row.content) for row in rows if row.content}


def _expired(rows: Sequence[StanceRow], stances: Mapping[int, Stance], day: date) -> list[Expired]:
    decided = {w.stance.key for w in stances_in_force(rows, stances, day)}
    found: dict[str, Expired] = {}
    for row in not_superseded(rows, day):
        stance = stances[row.id]
        if stance.ends is None or stance.ends > day or row.key in decided:
            continue
        known = found.get(row.key)
        if known is None or known.since < stance.ends:
            found[row.key] = Expired(stance, stance.ends, row.hash)
    return [found[key] for key in sorted(found)]
