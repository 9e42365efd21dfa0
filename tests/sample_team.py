"""Invented team reviews, built by hand. No figure here was computed from anything."""

from __future__ import annotations

from dataclasses import replace

from sample_documents import HEADING, OWNER
from sample_variants import LONG_NAME

from scorecard.documents.accountability_model import (
    OwnerRecord,
    ProposalRecord,
    TeamRecord,
    UnreadRecord,
)
from scorecard.documents.model import StanceLine
from scorecard.documents.team_model import (
    AffectedCustomers,
    FundedStrength,
    FundingSide,
    FundingSource,
    Member,
    TeamReview,
)

MISSING = "which customers were asked; who pays; who is worse off"
ALL_HELD = tuple(
    replace(h, funding="", trade_off="", key=f"{h.metric}/{h.cell.tier}")
    for h in (*OWNER.strengths, *OWNER.weaknesses)
)
MIKAEL = Member(
    "head-of-support",
    "Mikael Lindqvist",
    "Head of support",
    "Every customer I answer knows when a person will reply.",
    "",
    ALL_HELD,
)
PORTAL = Member(
    "portal",
    "Head of portal and knowledge",
    "",
    "Silver books without having to ask.",
    "No owner since 1 Oct 2026; goes to Ines Achterberg, lead of Team North",
    ALL_HELD[:4],
)
REACHED = (
    AffectedCustomers(
        "strength",
        "First human reply, p90",
        "Gold",
        "not delivered",
        True,
        "exceptional, unfavourable",
        "Mikael Lindqvist",
        "Großküchen Müller & Söhne GmbH; 株式会社山田精機; Aldous Marine Ltd and 211 more",
        "214 of 1,930",
        "waited longer than the limit of 4 h",
        "−€18,400 (−€27,900 to −€9,100): their change since the period before, less that of others",
    ),
    AffectedCustomers(
        "weakness",
        "Resolved at first contact",
        "Silver",
        "over-served",
        True,
        "routine",
        "no owner since 1 Oct 2026",
        "Kite Rail Catering; Petra Foods and 3,202 more",
        "3,204 of 6,204",
        "had the better outcome; 66 % is enough",
        "not distinguishable from zero",
    ),
)
GOLD = FundingSide("strength", "Gold first human reply", "not delivered", True, "M. Lindqvist")
PAID = (
    FundedStrength(
        GOLD,
        (
            FundingSource(
                FundingSide("", "Premium plan", "a charge", False, ""), "€38,000 a month"
            ),
            FundingSource(
                FundingSide(
                    "weakness",
                    "Bronze first human reply",
                    "beyond acceptance",
                    True,
                    "M. Lindqvist",
                ),
                "€94,000 a month",
            ),
        ),
    ),
    FundedStrength(
        FundingSide("strength", "Platinum promises kept", "delivered", False, ""),
        (
            FundingSource(
                FundingSide(
                    "weakness",
                    "Silver resolved at first contact",
                    "over-served",
                    True,
                    "no owner since 1 Oct 2026",
                ),
                "",
            ),
        ),
    ),
)
TEAM = TeamReview(
    heading=replace(HEADING, kind="Team review"),
    team="north",
    name="Team North",
    lead="Ines Achterberg, Director of operations",
    sentence="7 of 10 choices went as chosen. Not delivered: Gold first human reply. "
    "Nobody answers for 4 of them.",
    members=(MIKAEL, PORTAL),
    reached=REACHED,
    paid=PAID,
    margins=OWNER.margins,
    changes=(
        "Silver first human reply: accepted 12 h to 24 h, before that accepted 12 h to 20 h, in "
        "force from 1 Sept 2026. The old stance would also have said as accepted.",
    ),
    standing=(
        "Head of portal and knowledge: no owner since 1 Oct 2026; goes to Ines Achterberg, lead "
        "of Team North.",
        "Mikael Lindqvist asked on 3 Nov 2026 not to be sent this review.",
    ),
    notes=(),
    allowed=("Mikael Lindqvist", "Jon Tanaka", "Ines Achterberg"),
)


def crowded_team(owners: int, stances: int) -> TeamReview:
    """So many owners with so many stances each, all with long names and many exceptions."""

    def long(i: int) -> StanceLine:
        of = ALL_HELD[i % len(ALL_HELD)]
        return replace(of, label=f"{LONG_NAME[:37]} {i:02d}")

    def member(i: int) -> Member:
        return Member(
            f"owner-{i}",
            f"Wilhelmina Featherstonehaugh-Brandl {i}",
            "Manager of field and calibration service for the north",
            "An instrument we take away comes back on the day we said, ready to be trusted again.",
            "" if i % 3 else "Since 1 Nov 2026 answered by Wilhelmina Featherstonehaugh (deputy)",
            tuple(long(n) for n in range(stances)),
        )

    some = owners * stances // 4
    return replace(
        TEAM,
        members=tuple(member(i) for i in range(owners)),
        reached=tuple(replace(REACHED[i % 2], label=LONG_NAME) for i in range(some)),
        paid=tuple(
            replace(PAID[i % 2], strength=replace(GOLD, name=f"Platinum {LONG_NAME}"))
            for i in range(some)
        ),
    )


def of_one() -> TeamReview:
    """One owner with one stance, of whom there is nothing else to tell."""
    lone = replace(MIKAEL, held=ALL_HELD[:1])
    return replace(
        TEAM,
        lead="",
        members=(lone,),
        reached=(),
        paid=(),
        changes=(),
        standing=(),
        sentence="The one choice went as chosen.",
        allowed=("Mikael Lindqvist",),
    )


def on_record(doc: TeamReview) -> TeamReview:
    """The same review of owners who were asked, promised and proposed: every other one is silent
    and read nothing, and every third has a proposal that was sent back."""

    def record(i: int, of: Member) -> OwnerRecord:
        silent = "No answer by 19 Nov 2026 18:00 Europe/London: 2" if i % 2 else ""
        pages = "page of September 2026 and pre-read of October 2026" if i % 2 else ""
        counts = (str(i % 3), "1", "0", str(i % 2), "0", "1", str(2 + i % 4))
        why = "staffing 1, supplier 1" if i % 2 else "–"
        answered = "1 of 3" if i % 2 else "2 of 2"
        sent = "0" if i % 3 else "1"
        return OwnerRecord(
            of.name, of.role, answered, silent, *counts, why, "do it", "Dec 2026", sent, pages
        )

    owners = tuple(record(i, of) for i, of in enumerate(doc.members))
    told = doc.lead.replace(", Director of operations", ", lead of Team North") or "nobody"
    proposals = tuple(
        ProposalRecord(f"A second shift at night for {i + 1} tiers", "sent back", o.name, MISSING)
        for i, o in enumerate(owners)
        if o.sent_back != "0"
    )
    unread = tuple(UnreadRecord(o.name, o.unread, told) for o in owners if o.unread)
    return replace(doc, record=TeamRecord(owners, unread, proposals))
