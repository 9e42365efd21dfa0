"""Expiry: what is printed of choices whose stance has ended and was neither renewed nor removed.

Such a choice is no decision, and is said to be one, lest it look as if nobody had ever chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from scorecard.documents.grammar import capital, plural
from scorecard.documents.view import Cellkey, ReportView

WORDS = "no decision"


def note(view: ReportView, cell: Cellkey) -> str:
    """ "since 1 Oct 2026: its stance expired"; empty where a stance is in force, or never was."""
    expired = view.expired.get(cell)
    return "" if expired is None else f"since {view.formats.day(expired.since)}: its stance expired"


def cells(view: ReportView, owners: Iterable[str] | None = None) -> list[Cellkey]:
    """The choices of these owners, or of all, without a decision, in the order of the map."""
    wanted = None if owners is None else set(owners)
    found = [c for c, e in view.expired.items() if wanted is None or e.stance.owner in wanted]
    return sorted(found, key=lambda cell: view.places_on_map["/".join(cell)])


def counted(view: ReportView, owners: Iterable[str] | None = None) -> str:
    """ "2 stances expired"; empty where none of these did."""
    count = len(cells(view, owners))
    return f"{count} {plural(count, 'stance')} expired" if count else ""


def sentence(view: ReportView, owners: Iterable[str] | None = None) -> str:
    """ " 2 stances expired, which is no decision.", to follow another sentence."""
    said = counted(view, owners)
    return f" {said}, which is no decision." if said else ""


def lines(view: ReportView, owners: Iterable[str]) -> tuple[str, ...]:
    """ "No decision since 1 Oct 2026, when the stance expired: Gold promises kept, promised …."

    A line for each day, the earliest first.
    """
    by_day: dict[date, list[str]] = {}
    for cell in cells(view, owners):
        expired = view.expired[cell]
        terms = view.terms(view.data.metrics[cell[0]], expired.stance)
        by_day.setdefault(expired.since, []).append(f"{view.named([cell])}, {terms}")
    return tuple(
        f"{capital(WORDS)} since {view.formats.day(day)}, when the "
        f"{plural(len(said), 'stance')} expired: {'; '.join(said)}."
        for day, said in sorted(by_day.items())
    )
