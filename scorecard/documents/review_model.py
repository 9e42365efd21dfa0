"""Review: what a team goes through together, complete as data before anything is drawn.

As in `document`, every figure is already worded, and nothing here tells one
edition from another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.documents.packet_model import Heading, Held, Mark


@dataclass(frozen=True)
class Member:
    """One owner's column: their stances in the order of the map.

    name         who answered at the period's end, or the role where nobody did
    standing     a vacancy and to whom it goes, or who answers since; else empty
    """

    owner: str
    name: str
    role: str
    purpose: str
    standing: str
    held: tuple[Held, ...]


@dataclass(frozen=True)
class Reached:
    """The customers whom one of the team's choices touched, and who answers for it."""

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
class End:
    """One end of what pays for what: a stance by metric and tier, and how it went.

    A source that is no stance, such as a charge, has no mark. `answers` names
    who answers inside the team; it is empty for what belongs to another team.
    """

    mark: Mark
    name: str
    words: str
    loud: bool
    answers: str


@dataclass(frozen=True)
class FundingSource:
    """What pays for a strength, and how much: "€9,000 a month", or empty."""

    end: End
    amount: str


@dataclass(frozen=True)
class Paid:
    """One strength and all that pays for it; the strength or a source is the team's."""

    strength: End
    sources: tuple[FundingSource, ...]


@dataclass(frozen=True)
class TeamReview:
    """A team's owners side by side, in the order of the strategy.

    team         the team's id; `name` as printed
    lead         "Ada Lindqvist, Head of support", or empty
    margins      the tiers' customer margin, printed with the scores
    standing     vacancies, deputies, and who asked not to be sent the review
    allowed      every person whom the review may name
    """

    kind: ClassVar[str] = "team-review"
    heading: Heading
    team: str
    name: str
    lead: str
    sentence: str
    members: tuple[Member, ...]
    reached: tuple[Reached, ...]
    paid: tuple[Paid, ...]
    margins: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    standing: tuple[str, ...]
    notes: tuple[str, ...]
    allowed: tuple[str, ...]

    @property
    def stances(self) -> tuple[Held, ...]:
        """The stances that the review is about, owner by owner."""
        return tuple(held for member in self.members for held in member.held)

    @property
    def about(self) -> str:
        """Whose review it is."""
        return self.name
