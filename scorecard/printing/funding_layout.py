"""Funding layout: how high the map of the page "What pays for what" may be, and its columns.

It follows the shipped packet.html and packet.css, whose sizes are repeated here. Lengths are
typographic points.
"""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.documents.funding_model import FundingPage
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.printing.funding_chart import FundingShape, funding_shape
from scorecard.printing.page_layout import LONG_SIDE, SIDE_MARGIN
from scorecard.printing.typesetting import BOLD, SANS, SERIF, Type, lines

FIGURE = 50.0
"""The width of a column of amounts."""
_WORDS = {"A4": 176.0, "Letter": 164.0}
"""The width of a row's words."""
_BESIDE = 10.0
"""Between the amounts and the bars."""
_SHEET = {"A4": 595.28, "Letter": 612.0}
_EDGES, _SPARE = 106.5, 10.0
"""The top and bottom margins of a page, its rule and the space below it; and what stays free."""
_TITLES = {
    "short": Type(SERIF, 20, 25),
    "medium": Type(SERIF, 16.5, 21),
    "long": Type(SERIF, 13.5, 18),
}
_WIDEST = 690.0
_HEAD, _ABOVE = 15.0, 23.0
"""The heads of the map's columns, and the kicker with the space below the title."""
_NOTE = Type(SANS, 7.75, 10.5)
_COLUMN = Type(BOLD, 7.75, 10)
_SUMS, _GUTTER = 0.54, 24.0
"""The ledger's share of the width, and the space beside it."""
_ROW, _CAPTION, _BELOW = 15.5, 17.0, 10.0


@dataclass(frozen=True)
class FundingLayout:
    """Where the map's columns begin, and the map between them."""

    shape: FundingShape
    words: float
    figure: float
    chart_at: float
    right_at: float


def funding_layout(doc: ExecutivePacket) -> FundingLayout:
    """The page's map, as high as the words above and below it leave room for."""
    page = doc.funding
    if page is None:
        raise ValueError("A packet without a page of funding has no map of it.")
    whole = LONG_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN
    words = _WORDS[doc.heading.paper]
    side = words + 2 * FIGURE + _BESIDE
    room = _SHEET[doc.heading.paper] - _EDGES - _SPARE - _above(page, whole) - _below(page, whole)
    shape = funding_shape(page, whole - 2 * side, room)
    return FundingLayout(shape, words, FIGURE, side, whole - side + _BESIDE)


def _above(page: FundingPage, whole: float) -> float:
    said = page.sentence
    size = "long" if len(said) > 185 else "medium" if len(said) > 105 else "short"
    title = _TITLES[size]
    return _ABOVE + title.line * lines(said, title, min(whole, _WIDEST)) + _HEAD


def _below(page: FundingPage, whole: float) -> float:
    """The height of the ledger, of the notes beside it, and of the costs below them."""
    column = (1 - _SUMS) * whole - _GUTTER
    notes = sum(_NOTE.line * lines(note, _NOTE, column) + 2 for note in page.notes)
    sums = _CAPTION + _ROW * len(page.sums.rows) + 3 * _COLUMN.line
    costs = 6 + _NOTE.line * lines(page.costs, _NOTE, whole) if page.costs else 0.0
    return _BELOW + max(notes, sums) + costs
