"""Going on, on a person's word, where ledger, clock or frozen tiers are not what they were."""

from __future__ import annotations

from datetime import datetime

from scorecard.ledger import Head, Ledger
from scorecard.project.memory import Memory, forget, memories
from scorecard.project.opening import clock_doubts, ledger_doubts, note_head, open_ledger
from scorecard.project.settings import Project
from scorecard.tiers.digests import differing, frozen_digests
from scorecard.verify import snapshots_of

MOST_NAMED = 20
"""Altered records that an acceptance names; the others are counted."""


def accept_ledger(project: Project, now: datetime) -> str:
    """Take the ledger for the right one, and what is in it for what was written; in words."""
    with open_ledger(project, now) as ledger:
        remembered = memories(project)
        doubts = ledger_doubts(project, ledger)
        former = next((m.ledger for m in remembered if m.ledger != ledger.id), "")
        wrong = ledger.walked(_known(ledger, remembered), lambda *_: None).in_order
        if not wrong and not doubts:
            return "The ledger is what it was; nothing had to be accepted."
        named = ", ".join(w.name for w in wrong[:MOST_NAMED])
        more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        said = " ".join([*doubts, *([f"Altered: {named}{more}."] if wrong else [])])
        ledger.accept_records(wrong, said, now, former)
        forget(project)
        note_head(project, ledger)
        return f"Accepted, and noted in the ledger: {said}"


def accept_clock(project: Project, now: datetime) -> str:
    """Take the clock for right, whenever the ledger was written to; in words."""
    with open_ledger(project, now) as ledger:
        said = " ".join(clock_doubts(ledger, now))
        if not said:
            return "The clock is not behind the ledger; nothing had to be accepted."
        ledger.accept("clock", said, now)
        note_head(project, ledger)
        return f"Accepted: from now on it is {now:%Y-%m-%d %H:%M} UTC."


def accept_tiers(project: Project, now: datetime) -> str:
    """Take the frozen tiers that are there for those that were frozen; in words.

    The next run freezes what is lacking, from the facts that it reads.
    """
    folder = project.state / "tiers"
    with open_ledger(project, now) as ledger, snapshots_of(project, now) as kept:
        present = frozen_digests(kept, folder)
        wrong = [f"{name} {why}" for name, why in differing(ledger.frozen(), present)]
        if not wrong:
            return "All frozen tiers are what they were; nothing had to be accepted."
        said = "; ".join(wrong)
        ledger.accept_frozen(present, said, now)
        note_head(project, ledger)
        return f"Accepted, and noted in the ledger: {said}."


def _known(ledger: Ledger, remembered: list[Memory]) -> list[tuple[Head, str]]:
    return [(Head(m.entry, m.hash), str(m.file)) for m in remembered if m.ledger == ledger.id]
