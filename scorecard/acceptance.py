"""Going on, on a person's word, where ledger, clock or frozen tiers are not what they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
        altered = [f"Altered: {named}{more}"] if wrong else []
        said = " ".join(f"{each}." for each in (*doubts, *altered))
        ledger.accept_records(wrong, said, now, former)
        forget(project)
        note_head(project, ledger)
        return f"Accepted, and noted in the ledger: {said}"


def accept_clock(project: Project, now: datetime) -> str:
    """Take the clock for right, whenever the ledger was written to; in words."""
    with open_ledger(project, now) as ledger:
        said = " ".join(f"{each}." for each in clock_doubts(ledger, now))
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
        wrong = list(differing(ledger.frozen(), present))
        if not wrong:
            return "All frozen tiers are what they were; nothing had to be accepted."
        said = "; ".join(_summed(wrong))
        ledger.accept_frozen(present, said, now)
        note_head(project, ledger)
        return f"Accepted, and noted in the ledger: {said}."


def _summed(wrong: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with frozen tiers, those of one kind as one: "2025-01 to 2026-11 (23) are
    gone"."""
    kinds: dict[tuple[str, bool], list[str]] = {}
    for name, why in wrong:
        file, _, key = name.rpartition(" ")
        kinds.setdefault((file, why.startswith("is gone")), []).append(key)
    for (file, gone), keys in sorted(kinds.items()):
        span = keys[0] if len(keys) == 1 else f"{min(keys)} to {max(keys)} ({len(keys)})"
        what = f"{file} {span}".strip()
        if len(keys) == 1:
            yield f"{what} is {'gone' if gone else 'not what it was'}"
        else:
            yield f"{what} are {'gone' if gone else 'not what they were'}"


def _known(ledger: Ledger, remembered: list[Memory]) -> list[tuple[Head, str]]:
    return [(Head(m.entry, m.hash), str(m.file)) for m in remembered if m.ledger == ledger.id]
