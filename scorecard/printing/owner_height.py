"""Owner height: how high an owner's page will be in a setting, told before it is laid out.

It follows the shipped owner.html and owner.css, whose sizes are repeated here: `tight` runs
from 0, the comfortable setting, to 1. A change of one is a change of the other, which
tests/test_owner_height.py holds. Lengths are typographic points.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from scorecard.documents.model import StanceLine
from scorecard.documents.owner_model import OwnerScorecard
from scorecard.printing.page_layout import OWNER_SETTINGS, SIDE_MARGIN, owner_grid
from scorecard.printing.trend_layout import LEGEND, row_height
from scorecard.printing.typesetting import BOLD, SANS, SERIF, Type, ended, lines, whole_lines, width

DOUBT = 3.0
"""What is predicted to be higher than the page by less than this may fit it."""
LOWEST_TREND, HIGHEST_TREND = 52.0, 84.0
"""Of a trend's chart on an owner's page."""
TIGHTEST_WITH_TRENDS = OWNER_SETTINGS // 2
"""No page is set more tightly than half of the way for the sake of its trends."""
_BORDERS = 1.2
"""Of tables, where they meet."""
PAPER = {"A4": (595.28, 841.89), "Letter": (612.0, 792.0)}
_EDGES = 106.5
"""The top and bottom margins of a page, its rule and the space below it."""
_REGIONS = (
    "below the limit",
    "inside the limits",
    "above what we chose to pay for",
    "the evidence does not decide",
)
_KEY = (
    "Better is to the right. Solid line: the limit; dashed: where over-serving begins; dot and bar:"
    " this period and its interval; thin tick: the one before. Beside it the last periods, shaded "
    "where variation is routine. Ranges are 90 % intervals of n observations; “counted” is the "
    "whole tier, with its number of customers."
)
_HEADS = ("Which", "How many", "How", "Outcome on customer margin")
_SHARES = (0.41, 0.14, 0.23, 0.22)
COMMITMENT_SHARES = (0.06, 0.32, 0.19, 0.12, 0.13, 0.18)
_COMMITMENT_HEADS = ("No.", "I will", "It moves", "Made", "Due", "Outcome, by the figure")


@dataclass(frozen=True)
class Sheet:
    """A page's inner width, its columns' width, and how tight it is set."""

    width: float
    column: float
    stacked: bool
    chart_height: float
    tight: float

    def at(self, comfortable: float, less: float) -> float:
        """A length in this setting."""
        return comfortable - less * self.tight


def settings_to_try(doc: OwnerScorecard) -> range:
    """The densities that may be the most comfortable one by which the page fits, in their order.

    The first will be, but for a page that is within DOUBT of being too high.
    """
    room = PAPER[doc.heading.paper][1] - _EDGES + DOUBT
    densities = range(OWNER_SETTINGS)
    first = bisect_left(densities, True, key=lambda d: page_height(doc, _sheet(doc, d)) <= room)
    return densities[min(first, OWNER_SETTINGS - 1) :]


def _sheet(doc: OwnerScorecard, density: int) -> Sheet:
    grid, wide = owner_grid(doc, density), PAPER[doc.heading.paper][0]
    return Sheet(
        wide - 2 * SIDE_MARGIN,
        wide / 2 - SIDE_MARGIN - 12,
        grid.stacked,
        grid.chart_height,
        grid.tight,
    )


def setting_with_trends(doc: OwnerScorecard) -> tuple[int, float] | None:
    """The most comfortable setting in which all of the owner's trends find room below everything
    else, and how high their charts may be; None where the page would become too tight to read at
    ease."""
    if not doc.trends:
        return None
    room = ((d, _trend_height(doc, d)) for d in range(TIGHTEST_WITH_TRENDS + 1))
    return next(((density, high) for density, high in room if high >= LOWEST_TREND), None)


def _trend_height(doc: OwnerScorecard, density: int) -> float:
    sheet, column = _sheet(doc, density), owner_grid(doc, density).trend
    rows = [doc.trends[at : at + 2] for at in range(0, len(doc.trends), 2)]
    left = PAPER[doc.heading.paper][1] - _EDGES - 2 * DOUBT - page_height(doc, sheet)
    left -= sheet.at(19, 13) + _heading(sheet) + sum(row_height(row, column) for row in rows)
    left -= 3 + _text(LEGEND, Type(SANS, 7.75, 10.5), sheet.width)
    return round(min(left / len(rows), HIGHEST_TREND), 1)


def page_height(doc: OwnerScorecard, sheet: Sheet) -> float:
    """The height of everything between the running heads of an owner's page."""
    return (
        _head(doc, sheet)
        + _choices(doc, sheet)
        + _affected(doc, sheet)
        + _answers(doc, sheet)
        + _commitments(doc, sheet)
        + _margins(doc, sheet)
        + _notes(doc, sheet)
        + _keys(doc, sheet)
        + _BORDERS
    )


def _head(doc: OwnerScorecard, sheet: Sheet) -> float:
    at = sheet.at
    name = Type(SERIF, at(25, 5), at(31, 7))
    purpose = Type(SERIF, at(13, 2), at(18, 4))
    small, bold = Type(SANS, at(9.5, 1), at(13, 2)), Type(BOLD, at(9.5, 1), at(13, 2))
    role = doc.role + (", " if doc.role and doc.team else "") + doc.team
    height = _text(doc.name, name, sheet.width) + _text(role, small, sheet.width)
    height += _text(ended(doc.standing), bold, sheet.width)
    if doc.purpose:
        height += at(7, 5) + _text(doc.purpose, purpose, sheet.width)
    return height + at(9, 5) + _text(ended(doc.sentence), small, sheet.width)


def _choices(doc: OwnerScorecard, sheet: Sheet) -> float:
    heading = _heading(sheet)
    sides = [[_stance(of, sheet) for of in side] for side in (doc.strengths, doc.weaknesses)]
    if not sheet.stacked:
        return sheet.at(19, 12) + heading + max(map(sum, sides))
    halves = [(sum(s[: -(-len(s) // 2)]), sum(s[-(-len(s) // 2) :])) for s in sides]
    return sheet.at(19, 12) + sheet.at(12, 6) + 2 * heading + sum(map(max, halves))


def _heading(sheet: Sheet) -> float:
    return sheet.at(14, 3) + sheet.at(4, 2) + 0.75


def _stance(of: StanceLine, sheet: Sheet) -> float:
    at, cell = sheet.at, of.cell
    small, why = Type(SANS, at(8, 0.5), at(11, 1.75)), Type(SERIF, at(8.5, 1), at(12, 2.75))
    height = _first_line(of, sheet, small)
    if cell.bullet or cell.series:
        height += sheet.chart_height + at(4, 3) + at(3.5, 2.5)
    spread = f"{cell.range} · {cell.n}" if cell.range and cell.n else f"{cell.range}{cell.n}"
    signal = f" · {cell.signal}" if cell.signal else ""
    words = Type(BOLD if cell.loud else SANS, small.size, small.line)
    left = sheet.column - width(spread, small) - 8
    said = lines(cell.words + signal, words, left, 22 if cell.region else 0)
    height += max(said, 1) * small.line
    limits = of.limits + ("; " if of.limits and of.funding else "") + ended(of.funding)
    height += _text(limits, small, sheet.column) + _text(ended(cell.note), small, sheet.column)
    if of.trade_off:
        height += at(3, 3) + _text(ended(of.trade_off), why, sheet.column)
    return height + at(9, 7) + at(8.5, 6.5) + 0.5


def _first_line(of: StanceLine, sheet: Sheet, small: Type) -> float:
    """A stance's name and figure, on one foot."""
    at, cell = sheet.at, of.cell
    name = Type(SANS, at(9.25, 1), at(13.5, 3))
    figure = Type(BOLD, at(11.5, 2), small.line)
    unit = f" {of.unit}" if of.unit and cell.text != "–" else ""
    room = sheet.column - width(cell.text, figure) - width(unit, small) - 8
    tier = Type(BOLD, name.size, name.line)
    said = f"{of.label} · {of.tier or of.cell.tier}"
    alone = width(f"{of.label} · ", name) + width(of.tier or of.cell.tier, tier)
    count = 1 if alone <= room else max(lines(said, name, room), 2)
    above = max(name.above, figure.above)
    return above + max(count * name.line - name.above, small.below)


def _affected(doc: OwnerScorecard, sheet: Sheet) -> float:
    if not doc.affected:
        return 0.0
    at = sheet.at
    usual = Type(SANS, at(8.25, 0.75), at(11, 2))
    names = Type(SANS, at(7.75, 0.25), at(11, 2))
    rooms = [share * sheet.width - 12 for share in _SHARES]
    height = at(19, 13) + _heading(sheet)
    for cells in (_HEADS, *((r.which, r.count, ended(r.how), r.outcome) for r in doc.affected)):
        named = next((r.names for r in doc.affected if cells[0] is r.which), "")
        heights = [_text(text, usual, room) for text, room in zip(cells, rooms, strict=True)]
        heights[0] += _text(ended(named), names, rooms[0])
        height += max(heights) + 2 * at(4.5, 3) + 0.5
    return height


def _answers(doc: OwnerScorecard, sheet: Sheet) -> float:
    if not doc.asked:
        return 0.0
    at = sheet.at
    asked, raised = Type(SANS, at(9, 1), at(12.5, 2.5)), Type(SANS, at(7.75, 0.25), at(10.5, 1.5))
    height = at(19, 13) + _heading(sheet)
    for each in doc.asked:
        question = each.line.question
        height += at(5, 3) + _text(f"{question.number}. {question.text}", asked, sheet.width)
        begin = 12 if each.line.mark else 0
        height += lines(question.raised_by, raised, sheet.width, begin) * raised.line
        said = f"{each.answer} {each.said}" if each.answer else each.said
        height += 2 * at(4, 2.5) + 1.5 + _text(said, asked, sheet.width - 14)
        height += at(2, 2)
    return height + (_text(ended(doc.read), raised, sheet.width) if doc.read else 0.0)


def _commitments(doc: OwnerScorecard, sheet: Sheet) -> float:
    if not doc.commitments and not doc.record:
        return 0.0
    at = sheet.at
    usual = Type(SANS, at(8.25, 0.75), at(11, 2))
    rooms = [share * sheet.width - 12 for share in COMMITMENT_SHARES]
    height = at(19, 13) + _heading(sheet)
    rows = [(str(c.number), c.text, c.moves, c.made, c.due, c.outcome) for c in doc.commitments]
    for cells in (_COMMITMENT_HEADS, *rows) if rows else ():
        height += max(_text(t, usual, room) for t, room in zip(cells, rooms, strict=True))
        height += 2 * at(4.5, 3) + 0.5
    small = Type(SANS, at(7.75, 0.25), at(10.5, 1.5))
    return height + (at(3, 2) + _text(ended(doc.record), small, sheet.width) if doc.record else 0.0)


def _margins(doc: OwnerScorecard, sheet: Sheet) -> float:
    if not doc.margins:
        return 0.0
    at = sheet.at
    usual, amount = Type(SANS, 8.25, 12), Type(BOLD, at(10.5, 1.5), 12)
    room = sheet.width * 0.7 / len(doc.margins) - 8
    wide = max(width(f"{t} ", usual) + width(m, amount) + 2 for t, m in doc.margins)
    line = amount.above + usual.below
    return at(19, 13) + (2 if wide > room else 1) * line + 2 * at(5, 3) + 1.25


def _notes(doc: OwnerScorecard, sheet: Sheet) -> float:
    if not doc.notes:
        return 0.0
    usual = Type(SANS, sheet.at(7.75, 0.25), sheet.at(10.5, 1.25))
    return sheet.at(12, 7) + sum(_text(ended(note), usual, sheet.width) for note in doc.notes)


def _keys(doc: OwnerScorecard, sheet: Sheet) -> float:
    if sheet.tight == 1 or not doc.stances:
        return 0.0
    usual = Type(SANS, sheet.at(7.75, 0.25), sheet.at(10.5, 1.25))
    pieces = [20 + width(f"{text} ", usual) + 8 for text in _REGIONS]
    count = whole_lines(pieces, sheet.width) + lines(_KEY, usual, sheet.width)
    return sheet.at(12, 8) + count * usual.line + sheet.at(1, 1)


def _text(text: str, of: Type, room: float) -> float:
    return lines(text, of, room) * of.line
