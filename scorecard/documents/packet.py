"""The executive packet: all pages of one period, always in the same order."""

from __future__ import annotations

from dataclasses import replace

from scorecard.documents import sentences
from scorecard.documents.accountability_page import accountability_page
from scorecard.documents.cells import APART, margin_row, row
from scorecard.documents.exceptions import items
from scorecard.documents.funding_page import funding_page, left_out
from scorecard.documents.grammar import plural
from scorecard.documents.left_out import lacking, unmeasured
from scorecard.documents.margin_page import margin_page, printed_on
from scorecard.documents.packet_model import (
    ExecutivePacket,
    ExperiencePage,
    Line,
    MarginPage,
    Section,
    TierHead,
)
from scorecard.documents.pages import (
    EXPERIENCES,
    evidence_page,
    experience_page,
    retention_page,
)
from scorecard.documents.signals import by_chance
from scorecard.documents.since import since
from scorecard.documents.tallies import tallies
from scorecard.documents.trend_sentence import trends_sentence
from scorecard.documents.view import MARGIN, SECTIONS, ReportView
from scorecard.strategy.model import ALL

TITLES = {
    "margin": "Customer margin",
    "retention": "Retention and customer math",
    "experience": "Experience",
}
"""The pages that are left out where nothing of theirs was measured, by anchor."""
FAMILIES = {"margin": ("margin",), "retention": ("retention",), "experience": EXPERIENCES}
"""The families of metrics that each of these is about."""


def executive_packet(view: ReportView) -> ExecutivePacket:
    """The packet of the period, complete as data."""
    exceptions = items(view)
    said = sentences.exceptions(view, exceptions)
    mapped = sentences.stance_map(view)
    margin, retention, experience = margin_page(view), retention_page(view), experience_page(view)
    sections = _sections(view)
    rows = [row for section in sections for row in section.rows]
    rows += [row for page in (retention, experience) if page is not None for row in page.rows]
    printed = {row.metric for row in rows} | set(printed_on(margin))
    pages = ((margin, "margin"), (retention, "retention"), (experience, "experience"))
    answering, funding = accountability_page(view), funding_page(view)
    evidence = evidence_page(view, printed, _unmeasured(view, margin, experience))
    contents = (
        Line(mapped, "Stance map", "map"),
        Line(said, "Exceptions and the customers affected", "exceptions"),
        *(Line(page.sentence, TITLES[at], at) for page, at in pages if page is not None),
        *([Line(answering.sentence, "Accountability", "accountability")] if answering else []),
        Line(evidence.sentence, "Evidence", "evidence"),
    )
    packet = ExecutivePacket(
        heading=view.heading("Executive packet"),
        sentence=sentences.main(view),
        tiers=tuple(_head(view, t) for t in view.tiers),
        tallies=tallies(view),
        counted=_counted(view),
        contents=contents,
        map_sentence=mapped,
        sections=sections,
        exceptions_sentence=said,
        exceptions=exceptions,
        exceptions_chance=by_chance(view),
        margin=margin,
        retention=retention,
        experience=experience,
        evidence=evidence,
        left_out=(
            *(
                f"{TITLES[at]}: {lacking(view, FAMILIES[at])}."
                for page, at in pages
                if page is None
            ),
            *(() if funding else (left_out(view),)),
        ),
        trends_sentence=trends_sentence(view, exceptions),
        accountability=answering,
        funding=funding,
    )
    return replace(packet, since=since(view, packet))


def _unmeasured(
    view: ReportView, margin: MarginPage | None, experience: ExperiencePage | None
) -> list[str]:
    """What is not measured on pages that are there: "Experience, no surveys: CSAT; NPS."

    The page of retention says so itself.
    """
    pages = ((margin, "margin"), (experience, "experience"))
    return [
        f"{TITLES[at]}, {why}: {'; '.join(labels)}."
        for page, at in pages
        if page is not None
        for why, labels in unmeasured(view, FAMILIES[at]).items()
    ]


def _counted(view: ReportView) -> str:
    """ "595 customers are in these tiers; in none: 8 new, 3 unrated; 183 had gone before"."""
    sizes, f = view.data.sizes, view.formats
    held = sum(sizes.get(tier, 0) for tier in view.tiers)
    said = f"{f.count(held)} {plural(held, 'customer')} {'is' if held == 1 else 'are'} in a tier"
    if apart := [f"{f.count(sizes[s])} {s}" for s in APART if sizes.get(s)]:
        said += f"; in none: {', '.join(apart)}"
    if gone := sizes.get("lost", 0):
        said += f"; {f.count(gone)} had gone before"
    return f"{said}."


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
