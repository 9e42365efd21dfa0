"""Charts: the geometry of bullet, process, whale and bridge charts, from a document's values.

Lengths are typographic points, x grows to the right and y downwards. Everything
is rounded to hundredths, so that the same values always draw the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scorecard.documents.formats import DASH
from scorecard.documents.model import Bullet, ControlChart
from scorecard.documents.packet_model import Bridge, Whale
from scorecard.documents.ticks import nice_ticks

CUT = 2.0
"""Bridges are drawn to twice the revenue of their tier."""
BandKind = Literal["below", "within", "above", "plain"]


@dataclass(frozen=True)
class Scale:
    """A linear scale from the values `low`–`high` to the positions `start`–`end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The position of a value; values outside the scale are put at the nearer end."""
        if self.high == self.low:
            return _round((self.start + self.end) / 2)
        part = (value - self.low) / (self.high - self.low)
        return _round(self.start + min(max(part, 0.0), 1.0) * (self.end - self.start))


@dataclass(frozen=True)
class Band:
    """A background rectangle of a bullet chart, by where it lies to the limits."""

    x: float
    width: float
    kind: BandKind


@dataclass(frozen=True)
class BulletShape:
    """A bullet chart. None means that there is nothing to draw, never zero."""

    width: float
    height: float
    bands: tuple[Band, ...]
    worst: float | None
    best: float | None
    previous: float | None
    whisker: tuple[float, float] | None
    value: float | None


@dataclass(frozen=True)
class ProcessShape:
    """A process chart. `line` is an SVG path broken where a period has no figure.

    `band` is (top, height) of the natural process limits; `lone` are points without
    a neighbour, which are drawn as dots; `last` is the point of this period.
    """

    width: float
    height: float
    line: str
    lone: tuple[tuple[float, float], ...]
    band: tuple[float, float] | None
    centre: float | None
    last: tuple[float, float] | None


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: its position and its value."""

    at: float
    value: float


@dataclass(frozen=True)
class WhaleShape:
    """The whale curve with its axes, inside a frame that starts at `left`, `top`."""

    width: float
    height: float
    left: float
    top: float
    right: float
    bottom: float
    path: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    total: float
    peak: tuple[float, float] | None


@dataclass(frozen=True)
class Bar:
    """A bar of a bridge. `total` starts at zero; `negative` goes to the left; `cut` is longer than
    it is drawn."""

    x: float
    y: float
    width: float
    height: float
    total: bool
    negative: bool
    cut: bool = False


@dataclass(frozen=True)
class BridgeShape:
    """One tier's bridge: a bar per step, joined by hairlines (x, from y, to y)."""

    width: float
    height: float
    zero: float
    bars: tuple[Bar, ...]
    joins: tuple[tuple[float, float, float], ...]


def bullet(of: Bullet, width: float, height: float) -> BulletShape:
    """The geometry of a bullet chart; better is to the right."""
    low, high = of.scale
    ends = (width, 0.0) if of.lower_is_better else (0.0, width)
    scale = Scale(low, high, *ends)
    worst, best = _position(scale, of.at_worst), _position(scale, of.at_best)
    whisker = None
    if of.low is not None or of.high is not None:
        # An end that is not known lies beyond the scale.
        known = (low if of.low is None else of.low, high if of.high is None else of.high)
        a, b = sorted(map(scale.at, known))
        whisker = (a, b)
    return BulletShape(
        width,
        height,
        _bands(worst, best, width),
        worst,
        best,
        _position(scale, of.previous),
        whisker,
        _position(scale, of.value),
    )


def process(of: ControlChart, width: float, height: float, margin: float = 2.0) -> ProcessShape:
    """The geometry of a process chart; larger is up, whether or not that is better."""
    drawn = [v for v in (*of.values, of.centre, of.lower, of.upper) if v is not None]
    if not drawn:
        return ProcessShape(width, height, "", (), None, None, None)
    up = Scale(min(drawn), max(drawn), height - margin, margin)
    along = Scale(0, max(len(of.values) - 1, 1), margin, width - margin)
    points = [None if v is None else (along.at(i), up.at(v)) for i, v in enumerate(of.values)]
    runs = unbroken_runs(points)
    band = None
    if of.lower is not None and of.upper is not None:
        top = up.at(of.upper)
        band = (top, _round(up.at(of.lower) - top))
    return ProcessShape(
        width,
        height,
        " ".join(line_through(r) for r in runs if len(r) > 1),
        tuple(r[0] for r in runs if len(r) == 1),
        band,
        _position(up, of.centre),
        points[-1] if points else None,
    )


def whale(of: Whale, width: float, height: float) -> WhaleShape:
    """The geometry of the whale curve: share of customers to the right, of margin upwards."""
    left, top, right, bottom = 32.0, 6.0, width - 4.0, height - 28.0  # room for axis labels
    values = [y for _, y in of.points]
    y_ticks = nice_ticks(min([0.0, *values]), max([1.0, *values]), 4)
    along = Scale(0.0, 1.0, left, right)
    up = Scale(y_ticks[0], y_ticks[-1], bottom, top)
    peak = None
    if of.peak is not None and of.peak_at is not None:
        peak = (along.at(of.peak_at), up.at(of.peak))
    return WhaleShape(
        width,
        height,
        left,
        top,
        right,
        bottom,
        line_through([(along.at(x), up.at(y)) for x, y in of.points]) if of.points else "",
        tuple(Tick(along.at(v), v) for v in (0.0, 0.25, 0.5, 0.75, 1.0)),
        tuple(Tick(up.at(v), v) for v in y_ticks),
        up.at(1.0),
        peak,
    )


def bridges(of: Sequence[Bridge], width: float, step: float) -> tuple[BridgeShape, ...]:
    """The geometry of all tiers' bridges, each step a row of height `step`.

    Each is drawn in parts of its own tier's revenue, on one scale for all: a small tier's is as
    long as a large one's. What lies beyond twice the revenue, to either side, is cut off.
    """
    parts = [_in_parts(b) for b in of]
    reach = [level for b in parts for span in _levels(b) for level in span]
    low, high = min([0.0, *reach]), max([0.0, *reach])
    scale = Scale(max(low, -CUT), min(high, CUT), 0.0, width)
    return tuple(_bridge(b, scale, width, step) for b in parts)


def _bands(worst: float | None, best: float | None, width: float) -> tuple[Band, ...]:
    if worst is None and best is None:
        return (Band(0.0, width, "plain"),)
    left = worst if worst is not None else 0.0
    right = best if best is not None else width
    spans: tuple[tuple[float, float, BandKind], ...] = (
        (0.0, left, "below"),
        (left, right, "within"),
        (right, width, "above"),
    )
    return tuple(Band(a, _round(b - a), kind) for a, b, kind in spans if b > a)


def _in_parts(of: Bridge) -> Bridge:
    """The bridge in parts of its revenue; of its largest amount where there is no revenue."""
    known = [s for s in of.steps if s.text != DASH]
    whole = known[0].amount if known and known[0].amount > 0 else 0.0
    whole = whole or max((abs(s.amount) for s in known), default=0.0) or 1.0
    return replace(of, steps=tuple(replace(s, amount=s.amount / whole) for s in of.steps))


def _levels(of: Bridge) -> Iterable[tuple[float, float]]:
    """(start, end) of each step, in amounts; a total starts at zero."""
    level = 0.0
    for step in of.steps:
        start = 0.0 if step.total else level
        level = start + step.amount
        yield start, level


def _bridge(of: Bridge, scale: Scale, width: float, step: float) -> BridgeShape:
    thick = _round(step * 0.56)  # of a row; the rest is the gap to the next bar
    bars, joins = [], []
    for i, ((start, end), part) in enumerate(zip(_levels(of), of.steps, strict=True)):
        if part.text == DASH:  # not known: nothing is drawn
            continue
        a, b = sorted((scale.at(start), scale.at(end)))
        y = _round(i * step + (step - thick) / 2)
        # A step of zero is still drawn, half a point wide.
        cut = max(abs(start), abs(end)) > CUT * (1 + 1e-9)
        bars.append(Bar(a, y, _round(max(b - a, 0.5)), thick, part.total, end < start, cut))
        if i + 1 < len(of.steps) and of.steps[i + 1].text != DASH:
            joins.append((scale.at(end), _round(y + thick), _round(y + step)))
    return BridgeShape(
        width, _round(step * len(of.steps)), scale.at(0.0), tuple(bars), tuple(joins)
    )


def unbroken_runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The points between gaps: lists of neighbours, none of them empty."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [r for r in runs if r]


def line_through(points: Sequence[tuple[float, float]]) -> str:
    """The path of a line through points, of which there is one at least."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _position(scale: Scale, value: float | None) -> float | None:
    return None if value is None else scale.at(value)


def _round(value: float) -> float:
    # Adding zero turns -0.0, which would be printed as "-0", into 0.0.
    return round(value, 2) + 0.0
