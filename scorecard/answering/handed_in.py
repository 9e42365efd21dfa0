"""Proposals as they were handed in: what was missing then, and what was found when the day came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from scorecard.answering.proposal import Missing, Proposal

Choice = Literal["decided for", "decided against"]
State = Literal["accepted for decision", "sent back", "withdrawn", "reviewed"] | Choice
Outcome = Literal[
    "as predicted",
    "more than predicted",
    "less than predicted",
    "did not move",
    "moved the other way",
    "not shown",
]
"""What a figure says of the prediction; "not shown" where its evidence does not decide."""
MARGIN = "customer_margin"
"""The metric by which the effect on customer profitability is looked at."""


@dataclass(frozen=True)
class Found:
    """What was found of one predicted figure, in the period that contains the review date.

    kind       "experience", a metric's figure; "margin", the margin per customer and period
    was        where it set out from: of an experience as proposed, of a margin as measured when
               the proposal was handed in; None where it was not known
    predicted  where it was to come; None where `was` is not known
    value      what it is, with its interval `low` to `high` and `n`; None where not measured
    run_id     the run that computed it
    """

    period: str
    kind: Literal["experience", "margin"]
    metric: str
    tier: str
    was: float | None
    predicted: float | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    outcome: Outcome
    run_id: str

    @property
    def figure(self) -> tuple[str, str, str]:
        return self.kind, self.metric, self.tier


@dataclass(frozen=True)
class Decision:
    """What was decided about a proposal that had passed the gate: by whom, when, and why."""

    choice: Choice
    person: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class HandedIn:
    """One handing in of a proposal.

    number   counts from 1 over all rows of a ledger's proposals
    hash     of the file's bytes
    margins  the newest margin per customer and period by tier, as known then
    found    what was found since, the newest by figure; empty before its review
    decision the last one about it; None where nobody has decided
    """

    number: int
    proposal: Proposal
    hash: str
    missing: tuple[Missing, ...]
    margins: tuple[tuple[str, float], ...]
    at: datetime
    found: tuple[Found, ...] = ()
    decision: Decision | None = None

    @property
    def state(self) -> State:
        if self.missing:
            return "sent back"
        if self.found:
            return "reviewed"
        return self.decision.choice if self.decision else "accepted for decision"

    @property
    def declined(self) -> bool:
        """Whether it was decided against, so that nobody did it and nothing is to be found."""
        return self.decision is not None and self.decision.choice == "decided against"


@dataclass(frozen=True)
class Filed:
    """All that is known of the proposal of one name: each handing in, the oldest first.

    `withdrawn` has when and why, where that was said after the last of them.
    """

    name: str
    handed_in: tuple[HandedIn, ...]
    withdrawn: tuple[datetime, str] | None = None

    @property
    def last(self) -> HandedIn:
        return self.handed_in[-1]

    @property
    def accepted(self) -> tuple[HandedIn, ...]:
        """Those that passed the gate. Each is held to what it predicted, also after another."""
        return tuple(h for h in self.handed_in if not h.missing)

    @property
    def state(self) -> State:
        return "withdrawn" if self.withdrawn else self.last.state


@dataclass(frozen=True)
class Reviewed:
    """What was found of the handing in of that number."""

    number: int
    found: tuple[Found, ...] = field(default=())


def as_known(filed: Sequence[Filed], as_of: datetime) -> list[Filed]:
    """The proposals without what was handed in, decided or taken back after that moment."""
    found = []
    for each in filed:
        if known := tuple(_by(h, as_of) for h in each.handed_in if h.at <= as_of):
            withdrawn = each.withdrawn if each.withdrawn and each.withdrawn[0] <= as_of else None
            found.append(replace(each, handed_in=known, withdrawn=withdrawn))
    return found


def _by(handed: HandedIn, as_of: datetime) -> HandedIn:
    late = handed.decision is not None and handed.decision.at > as_of
    return replace(handed, decision=None) if late else handed


def with_reviews(filed: Sequence[Filed], reviews: Sequence[Reviewed]) -> list[Filed]:
    """The same proposals with what was found of them, before it is recorded."""
    found = {r.number: r.found for r in reviews}
    return [
        replace(
            each,
            handed_in=tuple(
                replace(h, found=found[h.number]) if h.number in found else h
                for h in each.handed_in
            ),
        )
        for each in filed
    ]
