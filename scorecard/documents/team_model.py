"""The model of the team review, complete as data before it is drawn.

As in `packet_model`, every figure is already text, and a review has no edition
number, as-of time or run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.documents.accountability_model import TeamRecord
from scorecard.documents.model import Heading, Mark, StanceLine


@dataclass(frozen=True)
class Member:
    """One owner's column, with their stances in the order of the map.

    name         who answered at the period's end, or the role where nobody did
    standing     a vacancy and who is told of it, or who has answered since; else empty
    """

    owner: str
    name: str
    role: str
    purpose: str
    standing: str
    held: tuple[StanceLine, ...]


@dataclass(frozen=True)
class AffectedCustomers:
    """The customers affected by one of the team's choices, and who answers for it."""

    mark: Mark
    label: str
    tier: str
    words: str
    loud: bool
    signal: str
    answers: str
    names: str
    count: str
    how: str
    outcome: str


@dataclass(frozen=True)
class FundingSide:
    """One side of a funding: a strength, or what pays for it, with its verdict.

    A source that is no stance, such as a charge, has no mark. `answers` names who
    answers inside the team, and is empty for a stance of another team.
    """

    mark: Mark
    name: str
    words: str
    loud: bool
    answers: str


@dataclass(frozen=True)
class FundingSource:
    """One source that pays for a strength. `amount` is "€9,000 a month", or empty."""

    end: FundingSide
    amount: str


@dataclass(frozen=True)
class FundedStrength:
    """One strength and what pays for it; the strength or each source is the team's."""

    strength: FundingSide
    sources: tuple[FundingSource, ...]


@dataclass(frozen=True)
class TeamReview:
    """A team's owners side by side, in the order of the strategy.

    team         the team's id; `name` as printed
    lead         "Ada Lindqvist, Head of support", or empty
    margins      the tiers' customer margin, printed with the scores
    standing     vacancies, deputies, and who asked not to be sent the review
    record       what its owners answered, promised and proposed; None where nothing was asked
    allowed      every person whom the review may name
    restated     what it replaces and why, see `documents.restated`
    """

    kind: ClassVar[str] = "team-review"
    heading: Heading
    team: str
    name: str
    lead: str
    sentence: str
    members: tuple[Member, ...]
    reached: tuple[AffectedCustomers, ...]
    paid: tuple[FundedStrength, ...]
    margins: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    standing: tuple[str, ...]
    notes: tuple[str, ...]
    allowed: tuple[str, ...]
    restated: tuple[str, ...] = ()
    record: TeamRecord | None = None

    @property
    def stances(self) -> tuple[StanceLine, ...]:
        """The stances that the review is about, owner by owner."""
        return tuple(held for member in self.members for held in member.held)

    @property
    def about(self) -> str:
        """Whose review it is."""
        return self.name
