"""The executive packet: one month, always in the same order."""

from __future__ import annotations

from scorecard.documents import sentences
from scorecard.documents.cells import margin_row, row
from scorecard.documents.exceptions import items
from scorecard.documents.grammar import plural
from scorecard.documents.margin_page import margin_page
from scorecard.documents.packet_model import ExecutivePacket, Line, Section, TierHead
from scorecard.documents.pages import evidence_page, experience_page, retention_page
from scorecard.documents.view import MARGIN, SECTIONS, Desk
from scorecard.measuring.aggregate import ALL


def executive_packet(desk: Desk) -> ExecutivePacket:
    """Everything the packet prints."""
    exceptions = items(desk)
    said = sentences.exceptions(desk, exceptions)
    mapped = sentences.stance_map(desk)
    margin, retention = margin_page(desk), retention_page(desk)
    experience, evidence = experience_page(desk), evidence_page(desk)
    contents = (
        Line(mapped, "Stance map", "map"),
        Line(said, "Exceptions and the customers affected", "exceptions"),
        Line(margin.sentence, "Customer margin", "margin"),
        Line(retention.sentence, "Retention and customer math", "retention"),
        Line(experience.sentence, "Experience", "experience"),
        Line(evidence.sentence, "Evidence and method", "evidence"),
    )
    return ExecutivePacket(
        heading=desk.heading("Executive packet"),
        sentence=sentences.main(desk),
        tiers=tuple(_head(desk, t) for t in desk.tiers),
        tallies=sentences.tallies(desk),
        contents=contents,
        map_sentence=mapped,
        sections=_sections(desk),
        exceptions_sentence=said,
        exceptions=exceptions,
        margin=margin,
        retention=retention,
        experience=experience,
        evidence=evidence,
    )


def _head(desk: Desk, tier: str) -> TierHead:
    m, f = desk.m, desk.f
    size = m.sizes.get(tier, 0)
    own, whole = m.earned.get(tier), m.earned.get(ALL)
    share = ""
    if own is not None and whole is not None:
        if not m.margin_unknown and whole.margin > 0:
            share = f"{f.percent(own.margin / whole.margin)} of margin"
        elif whole.revenue > 0:
            share = f"{f.percent(own.revenue / whole.revenue)} of revenue"
    return TierHead(tier, desk.label(tier), f"{f.count(size)} {plural(size, 'customer')}", share)


def _sections(desk: Desk) -> tuple[Section, ...]:
    """Metrics with a stance, in journey order, inputs before outputs.

    Customer margin stands on the map with or without one: no score is printed
    without its tier's margin.
    """
    found = []
    for key, title in SECTIONS:
        metrics = [m for m in desk.metrics if m.section == key]
        rows = [row(desk, m) for m in metrics if m.name == MARGIN or desk.has_stance(m)]
        if key == SECTIONS[-1][0] and MARGIN not in desk.m.metrics:
            rows.append(margin_row(desk))
        if rows:
            found.append(Section(title, tuple(rows)))
    return tuple(found)
