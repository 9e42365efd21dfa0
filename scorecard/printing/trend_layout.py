"""Trend layout: which trends are charted, on which pages, and how high their charts are.

It follows the shipped packet.html and packet.css, whose sizes are repeated here. Lengths are
typographic points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from scorecard.documents.grammar import shortened
from scorecard.documents.packet_model import ExecutivePacket, Item
from scorecard.documents.trend_model import LABEL, TIER, Trend
from scorecard.printing.page_layout import LONG_SIDE, SIDE_MARGIN, TREND_GUTTER
from scorecard.printing.typesetting import BOLD, SANS, SERIF, Type, lines, width

A_PAGE, MOST_TRENDS = 6, 12
"""Charts on a page, two in a row; and on all pages."""
MOST_NAMED = 9
"""Exceptions without a chart that are named below the charts."""
_HIGHEST = {1: 210.0, 2: 128.0, 3: 84.0}
"""Of a chart, by the rows of a page."""
_LOWEST = 46.0
_SHEET = {"A4": 595.28, "Letter": 612.0}
_EDGES = 106.5
"""The top and bottom margins of a page, its rule and the space below it."""
_SPARE = 8.0
_TITLES = {
    "short": Type(SERIF, 20, 25),
    "medium": Type(SERIF, 16.5, 21),
    "long": Type(SERIF, 13.5, 18),
}
_NAME = _WORDS = Type(BOLD, 9.5, 12.5)
_SMALL, _LEAD = Type(SANS, 8, 10.5), Type(BOLD, 8.5, 11.5)
_NOTE = Type(SANS, 7.5, 9)
_HOLDS = 340.0
"""Height of what a page has below its title; cautiously, since to try in vain costs more."""
_FIXED = 8.5
"""Of each row: its rule and the space around it."""


LEGEND = (
    "Line: the last periods, a ring where evidence was too little; light line: a year before; "
    "shaded: routine in its period; solid: the limit; dashed: where over-serving begins; "
    "dotted: what changed; blue: now, with its interval."
)


@dataclass(frozen=True)
class TrendPage:
    """A page of trends: its rows of two, the last of which may have one; and its charts' size."""

    rows: tuple[tuple[Trend, ...], ...]
    chart: float
    chart_height: float


def charted(doc: ExecutivePacket, most: int) -> list[Trend]:
    """The `most` trends that matter most, in the packet's order."""
    return [trend for trend in doc.trends if trend.rank <= most]


def not_charted(doc: ExecutivePacket, most: int) -> tuple[str, ...]:
    """The exceptions that have no chart among the `most`, by metric and tier."""
    shown = charted(doc, most)
    left = [item for item in doc.exceptions if item.trend is None or item.trend not in shown]
    return tuple(f"{shortened(i.label, LABEL)} · {shortened(i.tier, TIER)}" for i in left)


def left_out_said(doc: ExecutivePacket, most: int) -> str:
    """ "Not charted here, 3: Promises kept · Gold; …"; empty where every exception is."""
    names = not_charted(doc, most)
    if not names:
        return ""
    why = "Charted are first the choices that were missed, by the customers affected."
    which = f" {why}" if len(doc.trends) > most else ""
    rest = len(names) - MOST_NAMED
    more = f" and {rest} more, which the table of exceptions has" if rest > 0 else ""
    return f"Not charted here, {len(names)}: {'; '.join(names[:MOST_NAMED])}{more}.{which}"


def trend_pages(doc: ExecutivePacket, most: int) -> list[TrendPage]:
    """The pages of trends, six on each, as high as their page leaves room for."""
    shown = charted(doc, most)
    return [
        _page(doc, shown[at : at + A_PAGE], at == 0, at + A_PAGE >= len(shown), most)
        for at in range(0, len(shown), A_PAGE)
    ]


def _page(
    doc: ExecutivePacket, trends: Sequence[Trend], first: bool, last: bool, most: int
) -> TrendPage:
    across = min(len(trends), 2)
    whole = LONG_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN
    column = (whole - TREND_GUTTER * (across - 1)) / across
    rows = tuple(tuple(trends[at : at + across]) for at in range(0, len(trends), across))
    room = _SHEET[doc.heading.paper] if doc.heading.paper == "Letter" else _SHEET["A4"]
    room -= _EDGES + _SPARE + _head(doc, whole, first)
    if last and (said := left_out_said(doc, most)):
        room -= 6 + _SMALL.line * lines(said, _SMALL, whole)
    texts = sum(row_height(row, column) for row in rows)
    high = min(max((room - texts) / len(rows), _LOWEST), _HIGHEST[len(rows)])
    return TrendPage(rows, round(column, 1), round(high, 1))


def _head(doc: ExecutivePacket, whole: float, first: bool) -> float:
    """The height of what stands above the charts."""
    kicker = 15.0
    if not first:
        return kicker + 8
    sentence = doc.trends_sentence
    size = "long" if len(sentence) > 185 else "medium" if len(sentence) > 105 else "short"
    title = _TITLES[size]
    legend = 3 + 10.5 * lines(LEGEND, Type(SANS, 7.75, 10.5), whole)
    return kicker + title.line * lines(sentence, title, min(whole, 690.0)) + legend + 8


def row_height(row: Sequence[Trend], column: float) -> float:
    """The height of a row of trends without their charts."""
    return max(_texts_height(of, column) for of in row) + _FIXED


def _texts_height(of: Trend, column: float) -> float:
    """The height of the texts around a chart."""
    name = _NAME.line * lines(of.name, _NAME, column - 14 - width(of.words, _WORDS) - 10)
    signal = _SMALL.line * lines(of.signal, _SMALL, column - width(of.owner, _SMALL) - 10)
    lead = _LEAD.line * lines(f"{of.figures} {of.of}", _LEAD, column)
    rest = _SMALL.line * lines(said_below(of), _SMALL, column) if said_below(of) else 0.0
    return name + signal + lead + rest


def said_below(of: Trend) -> str:
    """What stands below a chart's figures: whom it affected, how often it was so, and what
    happened."""
    first = "; ".join(part for part in (of.affected, of.record) if part)
    return ". ".join(part for part in (first, "; ".join(of.happened)) if part)


def likely_pages(doc: ExecutivePacket) -> int:
    """About how many pages the packet has without trends, told from its words."""
    column = (LONG_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN - 150) / max(len(doc.tiers), 1) - 32
    rows = [row for section in doc.sections for row in section.rows]
    on_map = sum(_row_height([c.note for c in row.cells], column) for row in rows)
    told = sum(31 + _SMALL.line * _told_lines(item) for item in doc.exceptions)
    seen = [row for row in doc.experience.rows] if doc.experience else []
    heights = [on_map + 23 * len(doc.sections), told]
    heights += [55.0 * len(seen)] if seen else []
    pages = 1 + (doc.margin is not None) + (doc.retention is not None)
    pages += (doc.since is not None and bool(doc.since.than)) + (doc.funding is not None)
    evidence = doc.evidence
    said = [*evidence.findings, *evidence.changes, *evidence.standing, *evidence.unmeasured]
    table = 16.5 * (len(evidence.balance.rows) if evidence.balance else 0)
    facts = 16.5 * len(evidence.tables.rows) / (2 if len(evidence.tables.rows) > 10 else 1)
    heights.append(facts + table + _SMALL.line * (len(said) + len(evidence.balances) + 4))
    return pages + sum(max(1, ceil(height / _HOLDS)) for height in heights)


def _row_height(notes: Iterable[str], column: float) -> float:
    most = max((lines(note, _NOTE, column) if note else 0 for note in notes), default=0)
    return 28 + _NOTE.line * most


def _told_lines(item: Item) -> int:
    names = "; ".join(item.affected.names) if item.affected else ""
    return lines(names, _SMALL, 226) if names else 0
