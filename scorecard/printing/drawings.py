"""Drawings: charts and marks as few paths, one for each ink.

What a drawing costs depends on how many pieces it has, so everything of one ink is one path,
and lines are drawn as the areas that they cover. Geometry comes from `charts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil

from markupsafe import Markup

from scorecard.documents.model import Bullet, ControlChart
from scorecard.printing.charts import BridgeShape, BulletShape, ProcessShape, bullet, process

PAPER = "#FFFFFF"
INK, GREY, BLUE = "#1A1A1A", "#666666", "#0072B2"
_BANDS = {"below": "#C8C8C8", "within": "#EDEDED", "above": "#D9D9D9", "plain": "#EDEDED"}
_ROUTINE = "#E2E2E2"
_SHARE, _GAP = 0.58, 9.0
"""The bullet's share of a pair's width, and the space between it and the process chart."""
_DASH, _STEP = 1.6, 2.8
"""Of the line where over-serving begins: a dash, and from one to the next."""
_ROUND = 0.5523
"""How far the handles of a quarter of a circle reach, of its radius."""
_CELLS = {"below": 0, "within": 1, "above": 2}


def pair(of: Bullet | None, series: ControlChart | None, width: float, height: float) -> Markup:
    """A bullet chart and beside it the process chart, one of which may be missing."""
    wide = round(width * _SHARE, 1)
    fills: dict[str, str] = {}
    line = ""
    if series is not None:
        line = _process(process(series, width - wide - _GAP, height), wide + _GAP, fills)
    if of is not None:
        _bullet(bullet(of, wide, height), fills)
    # From the ground up: shades, limits, what was before, and this period in blue above all.
    order = [*dict.fromkeys((*_BANDS.values(), _ROUTINE)), INK, GREY]
    below = [filled(fills[ink], ink) for ink in order if ink in fills]
    above = [line, filled(fills[BLUE], BLUE) if BLUE in fills else ""]
    return Markup("".join([*below, *above]))


def bars(shape: BridgeShape) -> Markup:
    """A bridge's bars and what joins them; a bar that is cut off has a gap near its end."""
    inks: dict[str, list[str]] = {INK: [], GREY: [], BLUE: []}
    notches = []
    for bar in shape.bars:
        last = bar is shape.bars[-1]
        if bar.cut:
            edge = bar.x + 3 if bar.x < shape.width / 2 and bar.negative else bar.x + bar.width - 4
            notches.append(box(edge, bar.y - 0.5, 1.2, bar.height + 1))
        ink = (BLUE if last else INK) if bar.total else GREY
        inks[ink].append(box(bar.x, bar.y, bar.width, bar.height))
    below = [bar.y for bar in shape.bars[1 : len(shape.joins) + 1]]
    joins = "".join(
        box(x - 0.2, top, 0.4, next_ - top)
        for (x, top, _), next_ in zip(shape.joins, below, strict=True)
    )
    axis = box(shape.zero - 0.25, 0, 0.5, shape.height)
    inks[GREY].insert(0, joins)
    inks[INK].insert(0, axis)
    drawn = [filled("".join(paths), ink) for ink, paths in inks.items()]
    return Markup("".join([*drawn, filled("".join(notches), PAPER)]))


def sign(mark: str | None, region: str | None, at: float, strip_at: float) -> Markup:
    """The mark of a stance with its middle at the height `at`, and the strip of a verdict."""
    shape = {"strength": box(0, at - 3.1, 6.2, 6.2), "weakness": disc(3.5, at, 3.5)}
    path = shape.get(mark or "", "")
    if not region:
        return Markup(filled(path, INK))
    # Three cells, of which the verdict's own is not left out.
    path += box(0, strip_at - 2.5, 16.8, 5)
    empty = (cell for cell in range(3) if cell != _CELLS.get(region))
    path += "".join(box(0.6 + 5.4 * cell, strip_at - 1.9, 4.8, 3.8) for cell in empty)
    drawn = filled(path, INK, ' fill-rule="evenodd"')
    if region == "straddle":
        slashes = f"M5.9 {number(strip_at + 0.9)}l2.9 -3.1m-1.6 4.1l3.8 -4.1"
        drawn += f'<path d="{slashes}" fill="none" stroke="{INK}" stroke-width=".6"/>'
    return Markup(drawn)


def _bullet(shape: BulletShape, fills: dict[str, str]) -> None:
    middle, half = shape.height / 2, round(shape.height * 0.32, 2)
    for band in shape.bands:
        _add(fills, _BANDS[band.kind], box(band.x, middle - half, band.width, half * 2))
    if shape.worst is not None:
        _add(fills, INK, box(shape.worst - 0.55, 0, 1.1, shape.height))
    if shape.best is not None:
        _add(fills, INK, "".join(_dashes(shape.best - 0.45, 0.9, shape.height)))
    if shape.previous is not None:
        _add(fills, GREY, box(shape.previous - 0.4, middle - half, 0.8, half * 2))
    if shape.whisker is not None:
        left, right = shape.whisker
        _add(fills, BLUE, box(left, middle - 0.65, right - left, 1.3))
    if shape.value is not None:
        _add(fills, BLUE, disc(shape.value, middle, 2.5))


def _process(shape: ProcessShape, left: float, fills: dict[str, str]) -> str:
    """Add the areas of a process chart, and return its line."""
    if shape.band is not None:
        top, height = shape.band
        _add(fills, _ROUTINE, box(left, top, shape.width, height))
    if shape.centre is not None:
        _add(fills, GREY, box(left, shape.centre - 0.2, shape.width, 0.4))
    if shape.last is not None:
        _add(fills, BLUE, disc(left + shape.last[0], shape.last[1], 1.8))
    dots = "".join(disc(left + x, y, 0.9) for x, y in shape.lone)
    line = filled(dots, INK) if dots else ""
    if shape.line:
        line += (
            f'<path transform="translate({number(left)} 0)" d="{shape.line}" fill="none" '
            f'stroke="{INK}" stroke-width=".8" stroke-linejoin="round"/>'
        )
    return line


def _dashes(x: float, width: float, height: float) -> Iterator[str]:
    for n in range(ceil(height / _STEP)):
        yield box(x, n * _STEP, width, min(_DASH, height - n * _STEP))


def _add(fills: dict[str, str], ink: str, path: str) -> None:
    fills[ink] = fills.get(ink, "") + path


def filled(path: str, ink: str, more: str = "") -> str:
    """A path filled with an ink; nothing where it is empty."""
    return f'<path d="{path}" fill="{ink}"{more}/>' if path else ""


def box(x: float, y: float, width: float, height: float) -> str:
    """The path of a rectangle."""
    left, top, wide, high = _rounded((x, y, width, height))
    return f"M{left} {top}h{wide}v{high}h-{wide}z"


def disc(x: float, y: float, r: float) -> str:
    """The path of a disc."""
    k = r * _ROUND
    at, top, a, b, c = _rounded((x + r, y, k, r - k, r))
    return (
        f"M{at} {top}c0 {a} -{b} {c} -{c} {c}c-{a} 0 -{c} -{b} -{c} -{c}"
        f"c0 -{a} {b} -{c} {c} -{c}c{a} 0 {c} {b} {c} {c}z"
    )


def _rounded(values: Iterable[float]) -> list[str]:
    return [number(value) for value in values]


def number(value: float) -> str:
    """A length as it is written, in hundredths of a point."""
    return f"{round(value, 2) + 0.0:g}"
