"""The project's ledger, opened: whose it is, and whether it is still the one that it was.

Whoever only reads opens it with `open_ledger`. Whoever computes, queues or sends does so with
`working_ledger`, which stops where the ledger or the clock is behind what is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scorecard.errors import LedgerError
from scorecard.project.memory import memories, remember
from scorecard.project.settings import Project

if TYPE_CHECKING:
    from scorecard.ledger import Ledger

BEHIND = timedelta(days=1)
"""How far the clock may lie behind the newest entry; machines' clocks differ, by minutes."""


def has_ledger(project: Project) -> bool:
    """Whether there is a ledger already; assumed of one on a server."""
    sqlite = "sqlite:///"
    file = project.ledger.removeprefix(sqlite)
    return not project.ledger.startswith(sqlite) or (project.root / file).is_file()


def open_ledger(project: Project, now: datetime | None = None) -> Ledger:
    """The project's ledger, to read. LedgerError where it cannot be opened, or is another's.

    A ledger belongs to the first project that opens it, at `now` if that is given.
    """
    # Here, since SQLModel takes as long to load as the facts engine, and not all open a ledger.
    from scorecard.ledger import Ledger

    ledger = Ledger.open(project.ledger, project.root)
    try:
        whose = ledger.claim_for(project.identity, now)
        if whose != project.identity:
            raise LedgerError(
                f'Ledger {ledger.where} belongs to the project "{whose}", and {project.file} is '
                f'"{project.identity}"; name a ledger of its own there, or, where both are one '
                f'project, write project = "{whose}" in its [tool.scorecard].'
            )
    except BaseException:
        ledger.close()
        raise
    return ledger


@contextmanager
def working_ledger(project: Project, now: datetime) -> Iterator[Ledger]:
    """The project's ledger, to work with; in the end the project remembers how far it has come.

    LedgerError as of `open_ledger` and `refuse_doubts`.
    """
    with open_ledger(project, now) as ledger:
        refuse_doubts(project, ledger, now)
        try:
            yield ledger
        finally:
            note_head(project, ledger)


def note_head(project: Project, ledger: Ledger) -> None:
    """Have the project's folders remember how far the ledger has come; a copy comes nowhere."""
    if ledger.is_copy:
        return
    head = ledger.head()
    remember(project, ledger.id, head.number, head.hash)


def refuse_doubts(project: Project, ledger: Ledger, now: datetime) -> None:
    """LedgerError where it is not the ledger that was there, or `now` lies before its entries."""
    said = [f"{doubt}; {_BACK}" for doubt in ledger_doubts(project, ledger)]
    said += [f"{doubt}; {_SET}" for doubt in clock_doubts(ledger, now)]
    if said:
        raise LedgerError("\n".join(said))


def ledger_doubts(project: Project, ledger: Ledger) -> list[str]:
    """Why the ledger is not the one that the project remembers: a sentence without its stop, or
    none."""
    # First what is remembered, which the ledger had by then: others go on writing meanwhile.
    remembered = memories(project)
    head = ledger.head()
    for memory in remembered:
        known = f"{memory.file} knows"
        if memory.ledger != ledger.id:
            return [
                f"Ledger {ledger.where} is new or another one: {known} one with "
                f"{memory.entry:,} entries, and what that one sent would be sent again"
            ]
        if memory.entry > head.number:
            return [
                f"Ledger {ledger.where} is older than it was, as if restored from a backup: "
                f"{known} entry {memory.entry:,}, and its last is {head.number:,}. What was sent "
                "in between would be sent again"
            ]
        entry = ledger.entry_known(memory.entry)
        if memory.entry and (entry is None or entry.hash != memory.hash):
            return [
                f"Ledger {ledger.where} has another past than it had: {known} another entry "
                f"{memory.entry:,}"
            ]
    return []


def clock_doubts(ledger: Ledger, now: datetime) -> list[str]:
    """Why the clock must be wrong, or was: a sentence without its stop, or none."""
    written = ledger.newest_moment()
    if not written:
        return []
    newest = datetime.fromisoformat(written)
    if now >= newest - BEHIND:
        return []
    return [
        f"It is {now:%Y-%m-%d %H:%M} UTC by this clock, and ledger {ledger.where} was written to "
        f"on {newest:%Y-%m-%d %H:%M} UTC"
    ]


_BACK = 'restore the right one, or go on with this one: "scorecard accept ledger".'
_SET = (
    'set the clock right, or, if it ran fast then and is right now, say "scorecard accept clock".'
)
