"""The executive packet: all pages of one period, always in the same order."""

from __future__ import annotations

from scorecard.documents import sentences
from scorecard.documents.cells import margin_row, row
from scorecard.documents.exceptions import items
from scorecard.documents.grammar import plural
from scorecard.documents.margin_page import margin_page
from scorecard.documents.packet_model import ExecutivePacket, Line, Section, TierHead
from scorecard.documents.pages import evidence_page, experience_page, retention_page
from scorecard.documents.view import MARGIN, SECTIONS, ReportView
from scorecard.strategy.model import ALL


def executive_packet(view: ReportView) -> ExecutivePacket:
    """The packet of the period, complete as data."""
    exceptions = items(view)
    said = sentences.exceptions(view, exceptions)
    mapped = sentences.stance_map(view)
    margin, retention = margin_page(view), retention_page(view)
    experience, evidence = experience_page(view), evidence_page(view)
    contents = (
        Line(mapped, "Stance map", "map"),
        Line(said, "Exceptions and the customers affected", "exceptions"),
        Line(margin.sentence, "Customer margin", "margin"),
        Line(retention.sentence, "Retention and customer math", "retention"),
        Line(experience.sentence, "Experience", "experience"),
        Line(evidence.sentence, "Evidence and method", "evidence"),
    )
    return ExecutivePacket(
        heading=view.heading("Executive packet"),
        sentence=sentences.main(view),
        tiers=tuple(_head(view, t) for t in view.tiers),
        tallies=sentences.tallies(view),
        contents=contents,
        map_sentence=mapped,
        sections=_sections(view),
        exceptions_sentence=said,
        exceptions=exceptions,
        margin=margin,
        retention=retention,
        experience=experience,
        evidence=evidence,
    )


def _head(view: ReportView, tier: str) -> TierHead:
    m, f = view.data, view.formats
    size = m.sizes.get(tier, 0)
    own, whole = m.earned.get(tier), m.earned.get(ALL)
    share = ""
    if own is not None and whole is not None:
        if view.margin_unknown(tier) and not view.margin_unknown(ALL):
            share = "margin not known"
        elif not view.margin_unknown(ALL) and whole.margin > 0:
            share = f"{f.percent(own.margin / whole.margin)} of margin"
        elif whole.revenue > 0:
            share = f"{f.percent(own.revenue / whole.revenue)} of revenue"
    return TierHead(tier, view.label(tier), f"{f.count(size)} {plural(size, 'customer')}", share)


def _sections(view: ReportView) -> tuple[Section, ...]:
    """Metrics with a stance, in journey order, inputs before outputs.

    Customer margin is on the map with or without a stance, since no score is printed
    without its tier's margin.
    """
    found = []
    for key, title in SECTIONS:
        metrics = [m for m in view.metrics if m.section == key]
        rows = [row(view, m) for m in metrics if m.name == MARGIN or view.has_stance(m)]
        if key == SECTIONS[-1][0] and MARGIN not in view.data.metrics:
            rows.append(margin_row(view))
        if rows:
            found.append(Section(title, tuple(rows)))
    return tuple(found)
