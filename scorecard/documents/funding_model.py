"""The packet's page "What pays for what", complete as data."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.documents.model import Mark, Table

FUNDING = "What pays for what"
"""The title of the page."""


@dataclass(frozen=True)
class FundingRow:
    """A weakness or strength of the map, or the rest of them together, which has no mark.

    `planned` and `found` are texts, as "14,000", "–" or "not known"; `told` is what there is to say
    of it, and `unpaid` what of a strength nothing is planned to pay for, or empty. `amount` is what
    was planned, or else what its sources pay, and `held` what was found; both are no less than 0,
    and None of what is not known.
    """

    mark: Mark
    choice: str
    tier: str
    owner: str
    words: str
    loud: bool
    planned: str
    found: str
    told: str
    unpaid: str
    amount: float
    held: float | None


@dataclass(frozen=True)
class FundingBand:
    """What one weakness pays for one strength, by their places in the map: what was planned, and
    what was found of it, which is no more; None where that is not known.

    `found_text` and `missing_text` say both in words.
    """

    weakness: int
    strength: int
    planned: float
    found: float | None
    found_text: str
    missing_text: str


@dataclass(frozen=True)
class OtherSource:
    """What else is to pay for a strength: "a charge 8,500"."""

    strength: int
    text: str
    planned: float


@dataclass(frozen=True)
class FundingPage:
    """The funding map and its ledger.

    sums     planned and found, of weaknesses, of strengths, and what is left
    costs    where each cost of the period is, in a sentence; empty where no pool was looked at
    notes    what leaks, what nothing pays for, what pays for nothing, what is not known
    """

    sentence: str
    weaknesses: tuple[FundingRow, ...]
    strengths: tuple[FundingRow, ...]
    bands: tuple[FundingBand, ...]
    others: tuple[OtherSource, ...]
    sums: Table
    costs: str
    notes: tuple[str, ...]
    key: str
    alt: str
