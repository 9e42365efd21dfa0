"""Restated: what a document says of the edition that it replaces, and why it does.

A later edition of a period names each choice of which it says something else: previously …, now ….
The lines are kept apart from the rest of the document, since they are not what it says of the
period: a document that is made again and says the same is the same edition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from scorecard.documents.differences import Difference, differences
from scorecard.documents.kinds import Document
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.said import said_in

MOST = {"owner-scorecard": 4, "pre-read": 4, "team-review": 6, "executive-packet": 8}
"""Choices that each kind of document names; the others are counted."""
_TOLD = ("limits", "owner", "stance")
Kind = TypeVar("Kind", bound=Document)


def restated(before: Document, number: int, now: Document, why: str) -> tuple[str, ...]:
    """What `now` says otherwise than edition `number`, which was issued before it."""
    head = f"This replaces edition {number}, because: {why}"
    told = _choices(before, now)
    if not told:
        return (head, "No choice is told otherwise than in that edition.")
    most = MOST[now.kind]
    rest = len(told) - most
    more = [f"And {rest} more {'choice' if rest == 1 else 'choices'}."] if rest > 0 else []
    return (head, *told[:most], *more)


def _choices(before: Document, now: Document) -> list[str]:
    """ "First human reply · Gold: previously 9.4 hours, delivered; now 33.1 hours, not
    delivered." for each choice or row that differs."""
    old, new = said_in(before), said_in(now)
    by_choice: dict[tuple[str, str], list[Difference]] = {}
    for each in differences(before, now):
        by_choice.setdefault((each.metric, each.tier), []).append(each)
    places = {key: place for place, key in enumerate(dict.fromkeys([*new, *old]))}
    lines = []
    for key in sorted(by_choice, key=lambda k: places.get(k, len(places))):
        was = old[key].spoken if key in old else "not there"
        is_ = new[key].spoken if key in new else "not there"
        parts = [f"previously {was}; now {is_}"] if was != is_ else []
        parts += [f"previously {d.before}; now {d.now}" for d in by_choice[key] if d.kind in _TOLD]
        lines.append(f"{by_choice[key][0].choice}: {'; '.join(parts)}.")
    return lines


def with_lines(document: Kind, lines: Sequence[str]) -> Kind:
    """The document with these lines on what it replaces."""
    return replace(document, restated=tuple(lines))


def as_printed(document: Kind) -> Kind:
    """The document with those lines where it is printed: first among its notes, and in a packet
    among what was changed. So templates of before print them, too."""
    if not document.restated:
        return document
    if isinstance(document, ExecutivePacket):
        changes = (*document.restated, *document.evidence.changes)
        return replace(document, evidence=replace(document.evidence, changes=changes))
    notes = (*document.restated, *document.notes)
    return replace(document, notes=notes)
