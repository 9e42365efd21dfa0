"""Variants of the invented documents: what a page must bear."""

from __future__ import annotations

from dataclasses import replace

from sample_documents import BRIDGES, GOLD_REASON, ITEMS, OWNER, PACKET, WHALE
from sample_rows import MARGIN, SECTIONS, TIERS

from scorecard.documents.model import Cell, Row, StanceLine
from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import (
    ExecutivePacket,
    MarginPage,
    SincePage,
    TierHead,
    Turned,
)
from scorecard.documents.since import MOST_ABOVE, MOST_CHOICES, MOST_TURNED

LONG_NAME = "Replies within the hour promised in plan"
assert len(LONG_NAME) == 40


def six_tiers() -> ExecutivePacket:
    """The packet with two more tiers behind the four."""
    extra = (
        TierHead("emerging", "Emerging", "2,210 customers", "3 % of margin"),
        TierHead("occasional", "Occasional", "31,004 customers", "−3 % of margin"),
    )

    def widened(of: Row) -> Row:
        more = tuple(replace(c, tier=t.id) for c, t in zip(of.cells[2:], extra, strict=True))
        return replace(of, cells=of.cells + more)

    names = (t.id for t in extra)
    return replace(
        PACKET,
        tiers=TIERS + extra,
        tallies=PACKET.tallies
        + tuple(replace(t, tier=n) for t, n in zip(PACKET.tallies[2:], names, strict=True)),
        sections=tuple(replace(s, rows=tuple(map(widened, s.rows))) for s in SECTIONS),
        margin=replace(
            PACKET.margin,
            bridges=BRIDGES
            + tuple(
                replace(b, tier=t.label, customers=t.customers)
                for b, t in zip(BRIDGES[2:], extra, strict=True)
            ),
        ),
        retention=replace(PACKET.retention, rows=tuple(map(widened, PACKET.retention.rows))),
        experience=replace(
            PACKET.experience,
            rows=tuple(map(widened, PACKET.experience.rows)),
            margin=widened(MARGIN),
        ),
    )


def long_names() -> ExecutivePacket:
    """Every metric's name forty characters long."""

    def longer(of: Row, i: int) -> Row:
        return replace(of, label=f"{LONG_NAME[:37]} {i:02d}")

    count = iter(range(99))
    return replace(
        PACKET,
        sections=tuple(
            replace(s, rows=tuple(longer(r, next(count)) for r in s.rows)) for s in SECTIONS
        ),
        experience=replace(
            PACKET.experience,
            rows=tuple(longer(r, i) for i, r in enumerate(PACKET.experience.rows)),
        ),
        retention=replace(
            PACKET.retention,
            rows=tuple(longer(r, i) for i, r in enumerate(PACKET.retention.rows)),
        ),
    )


def margin_unknown() -> ExecutivePacket:
    """Costs are missing: the packet says so instead of guessing."""
    nothing = Cell("", "", "–", "", "", "", "not measured: no costs", "", False, "")
    unknown = replace(
        MARGIN, cells=tuple(replace(nothing, tier=t.id, mark="strength") for t in TIERS)
    )
    return replace(
        PACKET,
        margin=MarginPage(
            sentence="We do not know what any tier earns.",
            unknown="Customer margin is not known. The table costs is missing, so neither the cost "
            "to acquire nor the cost to serve can be taken off the revenue.",
            bridges=(),
            table=None,
            whale=None,
            basis=("Revenue is known for 100 % of customers.",),
        ),
        retention=replace(PACKET.retention, counts=None, money=None, reasons=None),
        experience=replace(PACKET.experience, margin=unknown),
    )


def empty_tier() -> ExecutivePacket:
    """Bronze has no data at all."""

    def emptied(of: Row) -> Row:
        gone = Cell(
            "bronze",
            "weakness",
            "–",
            "",
            "n 0",
            "straddle",
            "too little evidence",
            "nothing was observed",
            True,
            "",
        )
        return replace(of, cells=(*of.cells[:-1], gone))

    return replace(
        PACKET,
        sections=tuple(replace(s, rows=tuple(map(emptied, s.rows))) for s in SECTIONS),
        experience=replace(
            PACKET.experience,
            rows=tuple(map(emptied, PACKET.experience.rows)),
            margin=emptied(MARGIN),
        ),
        margin=replace(PACKET.margin, bridges=BRIDGES[:3], whale=replace(WHALE, points=())),
        exceptions=(),
        exceptions_sentence="Every choice was kept.",
    )


def wordy() -> ExecutivePacket:
    """Every name and every generated sentence about as long as they get."""
    long = (
        "Not delivered: Gold first human reply; Silver customer margin; and 3 more. "
        "Beyond acceptance: Bronze first human reply. Over-served: Silver resolved at first "
        "contact; Bronze effort share ÷ value share; and 2 more."
    )
    lines = tuple(replace(line, sentence=long) for line in PACKET.contents)
    return replace(
        long_names(),
        contents=lines,
        map_sentence=long,
        exceptions_sentence=long,
        sentence="We delivered 40 of 46 deliberate strengths and kept 24 of 27 weaknesses as "
        "accepted. 3 not delivered, 1 beyond acceptance, 2 over-served and 2 too little evidence.",
        exceptions=ITEMS * 2,
        margin=replace(PACKET.margin, sentence=long),
        retention=replace(long_names().retention, sentence=long),
        experience=replace(long_names().experience, sentence=long),
        evidence=replace(PACKET.evidence, sentence=long),
    )


def on_letter(document: ExecutivePacket | OwnerScorecard) -> ExecutivePacket | OwnerScorecard:
    """The same document on US Letter."""
    return replace(document, heading=replace(document.heading, paper="Letter"))


def crowded_owner(strengths: int, weaknesses: int) -> OwnerScorecard:
    """An owner with that many stances, each with a forty-character name."""

    def long(of: StanceLine) -> StanceLine:
        return replace(
            of, label=LONG_NAME, trade_off=GOLD_REASON, funding=OWNER.weaknesses[1].funding
        )

    return replace(
        OWNER,
        strengths=tuple(long(OWNER.strengths[i % 3]) for i in range(strengths)),
        weaknesses=tuple(long(OWNER.weaknesses[i % 3]) for i in range(weaknesses)),
        affected=(OWNER.affected * 3)[:4],
    )


def with_tiers(count: int) -> ExecutivePacket:
    """The packet with the first `count` of its four tiers, from two on."""

    def cut(of: Row) -> Row:
        return replace(of, cells=of.cells[:count])

    page = PACKET.experience
    return replace(
        PACKET,
        tiers=PACKET.tiers[:count],
        tallies=PACKET.tallies[:count],
        sections=tuple(replace(s, rows=tuple(map(cut, s.rows))) for s in PACKET.sections),
        margin=replace(PACKET.margin, bridges=PACKET.margin.bridges[:count]),
        retention=replace(PACKET.retention, rows=tuple(map(cut, PACKET.retention.rows))),
        experience=replace(page, rows=tuple(map(cut, page.rows)), margin=cut(page.margin)),
    )


def noted(of: Row) -> Row:
    """A row whose every cell rests on few customers, with long names."""
    said = "rests on 5 customers: Großküchen Müller & Söhne GmbH, Hallam Optics Holdings and 3 more"
    return replace(of, cells=tuple(replace(c, note=said) for c in of.cells))


def full_since(of: ExecutivePacket, answering: bool = True) -> ExecutivePacket:
    """The packet with a page of what changed that has as many rows as there can be, each of which
    needs two lines, with or without what was promised, answered and proposed."""
    most = MOST_ABOVE if answering else MOST_CHOICES
    row = Turned(
        "strength",
        "Revenue kept, with growth, of all who could have left us",
        "Platinum",
        "below",
        "not measured",
        "48.04 hours",
        "too little evidence",
        "60.6 hours",
        True,
    )
    said = (
        "Platinum resolved at first contact (9 of 10 within): promised 104 % or more, before that"
    )
    page = SincePage(
        "Since the packet of September 2026, 14 verdicts changed, 2 choices lost their verdict, "
        "7 choices were altered and 9 figures were restated.",
        "September 2026, edition 2",
        (row,) * (MOST_TURNED - 2),
        (row,) * 2,
        (f"{said} 108 % or more.",) * most,
        (f"{said}, delivered then and not delivered now.",) * most,
        ("And 5 more; the stance map has them.",) * 3,
        (
            "12 commitments were made and 9 closed (3 kept, and it moved; 2 kept, no effect; "
            "2 broken; 1 not shown; 1 withdrawn); 2 commitments were renegotiated; 1 outcome was "
            "found to be another one. 24 are open, 21 were then.",
            "3 of 12 questions that had no answer then were answered since.",
            "14 proposals were handed in, 3 of them were sent back; 2 proposals were reviewed; "
            "1 proposal was taken back.",
        )
        if answering
        else (),
    )
    return replace(of, since=page)


def worst(of: ExecutivePacket) -> ExecutivePacket:
    """The packet with a note in every cell, and five times as many exceptions."""
    return replace(
        of,
        sections=tuple(replace(s, rows=tuple(map(noted, s.rows))) for s in of.sections),
        exceptions=of.exceptions * 5,
    )
