"""Differences between two frozen documents of one kind: what the later says otherwise.

    differences(before, now)    in the order of the later document's pages, what is gone last

Of two periods a figure that differs has moved; of one period it was restated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scorecard.documents.kinds import Document
from scorecard.documents.said import Said, owners_in, said_in

Kind = Literal["verdict", "stance", "limits", "owner", "added", "removed", "figure"]
KINDS: tuple[Kind, ...] = ("verdict", "stance", "limits", "owner", "added", "removed", "figure")
"""In the order in which they are told."""
NO_STANCE = "no stance"


@dataclass(frozen=True)
class Difference:
    """One thing that is another one. `before` and `now` are words, empty of what was not there.

    `tier` is empty where all of a metric's row is meant, and `metric` where the document is.
    """

    kind: Kind
    metric: str
    tier: str
    choice: str
    before: str
    now: str


def differences(before: Document, now: Document) -> list[Difference]:
    """What differs, in the order of KINDS, and within a kind in that of the pages."""
    old, new = said_in(before), said_in(now)
    found = [d for key, said in new.items() for d in _of(old.get(key), said)]
    found += [_gone(said) for key, said in old.items() if key not in new]
    found += _owners(before, now)
    return sorted(found, key=lambda each: KINDS.index(each.kind))


def _of(old: Said | None, new: Said) -> Iterator[Difference]:
    where = (new.metric, new.tier, new.choice)
    if old is None:
        yield Difference("added", *where, "", new.spoken)
        return
    if old.mark != new.mark:
        yield Difference("stance", *where, old.mark or NO_STANCE, new.mark or NO_STANCE)
    elif old.limits != new.limits and old.limits and new.limits:
        yield Difference("limits", *where, old.limits, new.limits)
    if _judged(old) != _judged(new) and (old.mark or new.mark):
        yield Difference("verdict", *where, old.verdict or old.words, new.verdict or new.words)
    if old.figure != new.figure:
        yield Difference("figure", *where, old.figure, new.figure)
    if old.owner != new.owner:
        yield Difference("owner", *where, old.owner, new.owner)


def _judged(said: Said) -> str:
    """The verdict, or why there is none; of no stance, nothing."""
    return said.verdict or (said.words if said.mark else "")


def _gone(old: Said) -> Difference:
    return Difference("removed", old.metric, old.tier, old.choice, old.spoken, "")


def _owners(before: Document, now: Document) -> Iterator[Difference]:
    """Rows of a packet whose owners are others, where the row is in both."""
    old = owners_in(before)
    for metric, (label, names) in owners_in(now).items():
        if metric in old and old[metric][1] != names:
            yield Difference("owner", metric, "", label, old[metric][1], names)
