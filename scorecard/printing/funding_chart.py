"""The funding chart: bars of weaknesses and strengths, and the bands of money between them.

A page that has it sets the words of each row beside its bar, so both follow from one layout.
Lengths are typographic points, x grows to the right and y downwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from scorecard.documents.funding_model import FundingBand, FundingPage, FundingRow
from scorecard.printing.drawings import GREY, INK, PAPER, box, filled, number
from scorecard.printing.typesetting import SANS, Type, width

BAR = 5.0
"""The width of a bar."""
_GAP = 5.0
"""Between two rows."""
_FIRST, _LINE = 11.0, 9.5
"""The height of a row's two lines."""
_HIGHEST = 96.0
"""Of a bar."""
_LEAST = 1.2
"""What is missing of a band by less than this is left white."""
_THIN = 0.8
"""What is drawn of the least amount."""
_FOUND, _EDGE = "#D4D4D4", "#666666"
_OTHER, _UNKNOWN = "#EDEDED", "#F7F7F7"
_HATCH = 4.2
"""From one line of the hatching to the next."""
_TEXT = Type(SANS, 7.5, 9)
_PAD = 2.0


@dataclass(frozen=True)
class Placed:
    """A row of the map, where it begins, and where its bar does and ends."""

    row: FundingRow
    top: float
    height: float
    bar: float


@dataclass(frozen=True)
class Flow:
    """A band: where it leaves the left bar and reaches the right one, how thick it is, and how much
    of that was found; None where that is not known."""

    band: FundingBand
    left: float
    right: float
    thick: float
    found: float | None


@dataclass(frozen=True)
class Stub:
    """What another source pays, at the bar of a strength."""

    text: str
    top: float
    thick: float


@dataclass(frozen=True)
class FundingShape:
    width: float
    height: float
    left: tuple[Placed, ...]
    right: tuple[Placed, ...]
    flows: tuple[Flow, ...]
    stubs: tuple[Stub, ...]

    def reached(self, placed: Placed) -> float:
        """How far down the bar of a strength what pays for it reaches."""
        own = [f.right + f.thick for f in self.flows if self.right[f.band.strength] is placed]
        own += [
            s.top + s.thick for s in self.stubs if placed.top <= s.top <= placed.top + placed.bar
        ]
        return max(own, default=placed.top)

    @property
    def drawn(self) -> Markup:
        return Markup("".join([*_flows(self), *_stubs(self), *_bars(self), *_labels(self)]))


def funding_shape(page: FundingPage, wide: float, room: float) -> FundingShape:
    """The map in a room of that height, or higher where its words need more."""
    sides = (page.weaknesses, page.strengths)
    scale = min(_scale(side, room) for side in sides)
    needed = max(_high(side, scale) for side in sides)
    left, right = (_placed(side, scale, max(room, needed)) for side in sides)
    flows, stubs = _joined(page, left, right, scale)
    return FundingShape(round(wide, 2), round(max(room, needed), 2), left, right, flows, stubs)


def words_height(row: FundingRow) -> float:
    """The height of a row's words."""
    return _FIRST + _LINE * bool(row.owner or row.words or row.told)


def _high(rows: Sequence[FundingRow], scale: float) -> float:
    heights = [max(words_height(row), row.amount * scale) for row in rows]
    return sum(heights) + _GAP * max(len(rows) - 1, 0)


def _scale(rows: Sequence[FundingRow], room: float) -> float:
    """Points of height for a unit of money: the most with which the rows find room."""
    largest = max((row.amount for row in rows), default=0.0)
    if not largest:
        return _HIGHEST
    low, high = 0.0, _HIGHEST / largest
    if _high(rows, high) <= room:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _high(rows, middle) <= room else (low, middle)
    # Where the words alone need all the room, bars are as high as words are.
    return low or _FIRST / largest


def _placed(rows: Sequence[FundingRow], scale: float, room: float) -> tuple[Placed, ...]:
    """The rows below one another, with what room is left shared out between them."""
    spare = max(room - _high(rows, scale), 0.0) / max(len(rows) - 1, 1)
    at, found = 0.0, []
    for row in rows:
        height = max(words_height(row), row.amount * scale)
        found.append(Placed(row, round(at, 2), height, max(row.amount * scale, _THIN)))
        at += height + _GAP + min(spare, 2 * _GAP)
    return tuple(found)


def _joined(
    page: FundingPage, left: Sequence[Placed], right: Sequence[Placed], scale: float
) -> tuple[tuple[Flow, ...], tuple[Stub, ...]]:
    """Bands leave each bar one below the other, in the order of what they lead to."""
    out = [placed.top for placed in left]
    into = [placed.top for placed in right]
    begin: dict[FundingBand, float] = {}
    for band in sorted(page.bands, key=lambda b: (b.weakness, b.strength)):
        begin[band] = out[band.weakness]
        out[band.weakness] += band.planned * scale
    flows = []
    for band in sorted(page.bands, key=lambda b: (b.strength, b.weakness)):
        thick = max(band.planned * scale, _THIN)
        found = None if band.found is None else band.found * scale
        flows.append(Flow(band, begin[band], into[band.strength], thick, found))
        into[band.strength] += band.planned * scale
    stubs = []
    for other in page.others:
        thick = max(other.planned * scale, _THIN)
        stubs.append(Stub(other.text, into[other.strength], thick))
        into[other.strength] += other.planned * scale
    return tuple(flows), tuple(stubs)


def _flows(shape: FundingShape) -> Iterator[str]:
    """What was found filled, and what was planned and not found hatched below it."""
    begin, end = BAR, shape.width - BAR
    for flow in shape.flows:
        if flow.found is None:
            yield filled(_band(flow, 0.0, flow.thick, begin, end), _UNKNOWN)
            yield _outlined(flow, 0.0, flow.thick, begin, end, ' stroke-dasharray="1 2"')
            continue
        if flow.found > 0:
            yield filled(_band(flow, 0.0, flow.found, begin, end), _FOUND)
        if flow.thick - flow.found > _LEAST:
            yield _hatched(flow, begin, end)
            yield _outlined(flow, flow.found, flow.thick, begin, end, "")


def _band(flow: Flow, top: float, bottom: float, begin: float, end: float) -> str:
    """The area between two curves that fall alike, from one bar to the other."""
    down = _curve(begin, flow.left + top, end, flow.right + top)
    back = _curve(end, flow.right + bottom, begin, flow.left + bottom, first="L")
    return f"{down}{back}z"


def _curve(x: float, y: float, to_x: float, to_y: float, first: str = "M") -> str:
    # With its handles at a third and two thirds a curve moves along evenly.
    third = (to_x - x) / 3
    points = (x + third, y, x + 2 * third, to_y, to_x, to_y)
    return f"{first}{number(x)} {number(y)}C{' '.join(number(p) for p in points)}"


def _height_at(flow: Flow, x: float, begin: float, end: float) -> float:
    """How far the band's upper edge lies down at x."""
    t = min(max((x - begin) / (end - begin), 0.0), 1.0)
    return flow.left + (flow.right - flow.left) * (3 * t * t - 2 * t * t * t)


def _hatched(flow: Flow, begin: float, end: float) -> str:
    """Lines that rise across what was not found, from its lower edge to its upper one."""
    top, bottom = flow.found or 0.0, flow.thick
    deep = bottom - top
    lines, x = [], begin - deep
    while x < end:
        low, high = max(x, begin), min(x + deep, end)
        if high > low:
            from_y = _height_at(flow, low, begin, end) + bottom - (low - x)
            to_y = _height_at(flow, high, begin, end) + bottom - (high - x)
            lines.append(f"M{number(low)} {number(from_y)}L{number(high)} {number(to_y)}")
        x += _HATCH
    return f'<path d="{"".join(lines)}" fill="none" stroke="{_EDGE}" stroke-width=".45"/>'


def _outlined(flow: Flow, top: float, bottom: float, begin: float, end: float, more: str) -> str:
    path = _band(flow, top, bottom, begin, end)
    return f'<path d="{path}" fill="none" stroke="{_EDGE}" stroke-width=".5"{more}/>'


def _stubs(shape: FundingShape) -> Iterator[str]:
    """What comes from elsewhere: it reaches the bar, and leaves none."""
    for stub in shape.stubs:
        wide = width(stub.text, _TEXT) + 8
        yield filled(box(shape.width - BAR - wide, stub.top, wide, stub.thick), _OTHER)


def _bars(shape: FundingShape) -> Iterator[str]:
    left = "".join(box(0, p.top, BAR, p.bar) for p in shape.left if p.row.amount)
    right = "".join(box(shape.width - BAR, p.top, BAR, p.bar) for p in shape.right if p.row.amount)
    yield filled(left + right, INK)


def _labels(shape: FundingShape) -> Iterator[str]:
    """What was found, and what was not, on the band itself where there is room."""
    for flow in shape.flows:
        found = flow.thick if flow.found is None else flow.found
        if found >= _TEXT.line:
            yield from _label(shape, flow, found / 2, flow.band.found_text)
        if flow.thick - found >= _TEXT.line:
            yield from _label(shape, flow, (found + flow.thick) / 2, flow.band.missing_text)
    for placed in shape.right:
        bare = placed.bar - (shape.reached(placed) - placed.top)
        if placed.row.unpaid and bare >= _TEXT.line:
            y = placed.top + placed.bar - bare / 2 + _TEXT.size * 0.34
            yield _text(shape.width - BAR - 4, y, placed.row.unpaid, "end", INK)
    for stub in shape.stubs:
        if stub.thick >= _TEXT.line:
            y = stub.top + stub.thick / 2 + _TEXT.size * 0.34
            yield _text(shape.width - BAR - 4, y, stub.text, "end", GREY)


def _label(shape: FundingShape, flow: Flow, down: float, text: str) -> Iterator[str]:
    """A text near the left end of a band, on paper so that no line runs through it."""
    if not text:
        return
    long = width(text, _TEXT)
    x = BAR + 8
    middle = _height_at(flow, x + long / 2, BAR, shape.width - BAR) + down
    yield filled(box(x - _PAD, middle - 4.5, long + 2 * _PAD, 9), PAPER)
    yield _text(x, middle + _TEXT.size * 0.34, text, "start", INK)


def _text(x: float, y: float, text: str, anchor: str, ink: str) -> str:
    return (
        f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" fill="{ink}" '
        f'font-family="Source Sans 3" font-size="{number(_TEXT.size)}">{escape(text)}</text>'
    )
