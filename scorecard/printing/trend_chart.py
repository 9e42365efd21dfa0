"""The trend chart: a process chart with dates, limits as they were in force, and dated marks.

Lengths are typographic points, as in `charts`. Larger is up, whether or not that is better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil

from markupsafe import Markup, escape

from scorecard.documents.trend_model import Trend
from scorecard.printing.charts import Scale, line_through, unbroken_runs
from scorecard.printing.drawings import BLUE, GREY, INK, PAPER, box, disc, filled, number
from scorecard.printing.typesetting import SANS, Type, width

LEFT, RIGHT = 27.0, 52.0
"""Room for the texts of the axis, and of the limits."""
FOOT = 18.5
"""Room for the texts of the periods, and for their years."""
ROUTINE, FORMER = "#E4E4E4", "#B0B0B0"
_LABEL = 8.0
"""The height of a line of marks' texts."""
_MOST_ROWS = 2
_SMALL = 7.0
_TEXT = Type(SANS, _SMALL, _LABEL)
_DASH, _STEP = 2.6, 4.4
_DOT, _DROP = 0.6, 2.4


@dataclass(frozen=True)
class Label:
    """The text of a mark: where it stands, and its line's place."""

    at: float
    row: int
    text: str
    ends: bool


@dataclass(frozen=True)
class Rule:
    """A limit from `start` to `end` at the height `y`."""

    start: float
    end: float
    y: float


@dataclass(frozen=True)
class Step:
    """Natural limits from `start` to `end`: their ends and their centre as heights."""

    start: float
    end: float
    top: float
    centre: float
    bottom: float


@dataclass(frozen=True)
class TrendShape:
    """The geometry of a trend. `line` is broken where a period has no figure, and where the
    metric's definition changed; `weak` are the points whose evidence did not suffice."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    band: tuple[Step, ...]
    year_ago: str
    line: str
    points: tuple[tuple[float, float], ...]
    weak: tuple[tuple[float, float], ...]
    last: tuple[float, float] | None
    whisker: tuple[float, float] | None
    worst: tuple[Rule, ...]
    best: tuple[Rule, ...]
    labels: tuple[Label, ...]
    limits: tuple[tuple[float, str], ...]
    axis: tuple[tuple[float, str], ...]
    periods: tuple[tuple[float, str, str], ...]


def trend_shape(of: Trend, wide: float, high: float) -> TrendShape:
    """The geometry of a trend in a box of that size."""
    left, right = LEFT, wide - RIGHT
    along = Scale(-0.5, len(of.values) - 0.5, left, right)
    labels = _labels(of, along)
    top = 3.0 + _LABEL * (1 + max((each.row for each in labels), default=-1))
    bottom = high - FOOT
    up = Scale(*of.scale, bottom, top)
    points = [None if v is None else (along.at(i), up.at(v)) for i, v in enumerate(of.values)]
    former = [None if v is None else (along.at(i), up.at(v)) for i, v in enumerate(of.year_ago)]
    before = [p for i, p in enumerate(points[:-1]) if p is not None and not of.weak[i]]
    weak = [p for i, p in enumerate(points[:-1]) if p is not None and of.weak[i]]
    whisker = None
    if of.low is not None and of.high is not None and points[-1] is not None:
        whisker = (up.at(of.high), up.at(of.low))
    parts = [0, *of.breaks, len(points)]
    runs = [r for a, b in pairwise(parts) for r in unbroken_runs(points[a:b])]
    return TrendShape(
        wide,
        high,
        left,
        right,
        top,
        bottom,
        tuple(_steps(of, along, up)),
        _lines(unbroken_runs(former)),
        _lines(runs),
        tuple(before),
        tuple(weak),
        points[-1],
        whisker,
        tuple(_rules(of, along, up, "worst")),
        tuple(_rules(of, along, up, "best")),
        labels,
        tuple(_limits(of, up)),
        tuple((up.at(value), text) for value, text in of.axis),
        tuple(
            (along.at(i), tick, year)
            for i, (tick, year) in enumerate(zip(_ticks(of, right - left), of.years, strict=True))
        ),
    )


def trend_drawn(of: Trend, wide: float, high: float) -> Markup:
    """A trend's picture: from the ground up the natural limits, the year before, what was chosen,
    the line, and this period in blue."""
    shape = trend_shape(of, wide, high)
    line = f'fill="none" stroke="{INK}" stroke-width=".9" stroke-linejoin="round"'
    former = f'fill="none" stroke="{FORMER}" stroke-width=".9" stroke-linejoin="round"'
    return Markup(
        "".join(
            [
                filled(_band(shape), ROUTINE),
                filled("".join(_centre(s) for s in shape.band), PAPER),
                f'<path d="{shape.year_ago}" {former}/>' if shape.year_ago else "",
                filled(_quiet(shape), GREY),
                filled(_chosen(shape), INK),
                f'<path d="{shape.line}" {line}/>' if shape.line else "",
                filled("".join(disc(x, y, 1.2) for x, y in shape.points), INK),
                _rings(shape),
                filled(_present(shape), BLUE),
                *_texts(shape),
            ]
        )
    )


def _ticks(of: Trend, room: float) -> list[str]:
    """The texts of the periods, counted back from the last one as far apart as they are wide."""
    widest = max(width(tick, _TEXT) for tick in of.ticks) + 2
    every = ceil(widest / (room / len(of.ticks)))
    return [t if (len(of.ticks) - 1 - i) % every == 0 else "" for i, t in enumerate(of.ticks)]


def _labels(of: Trend, along: Scale) -> tuple[Label, ...]:
    """Where the marks' texts stand: right of their line, or left of it where there is no room,
    each on the first line on which it touches no other; those that find none have no text."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(_MOST_ROWS)]
    found = []
    for mark in of.marks:
        at, long = along.at(mark.at), width(mark.text, _TEXT) + 3
        ends = at + long > along.end + RIGHT
        begin = at - long if ends else at
        for row, others in enumerate(taken):
            if all(begin + long < a or b < begin for a, b in others):
                others.append((begin, begin + long))
                found.append(Label(at, row, mark.text, ends))
                break
        else:
            found.append(Label(at, 0, "", ends))
    return tuple(found)


def _rules(of: Trend, along: Scale, up: Scale, which: str) -> Iterator[Rule]:
    for span in of.spans:
        value = span.worst if which == "worst" else span.best
        if value is not None:
            yield Rule(along.at(span.start), along.at(span.end), up.at(value))


def _limits(of: Trend, up: Scale) -> Iterator[tuple[float, str]]:
    """The present limits' texts; kept apart where both would stand at one height."""
    if not of.spans:
        return
    now = of.spans[-1]
    places = [
        (up.at(value), text)
        for value, text in ((now.worst, of.worst_said), (now.best, of.best_said))
        if value is not None and text
    ]
    places.sort()
    if len(places) == 2 and (apart := places[1][0] - places[0][0]) < _SMALL:
        move = (_SMALL - apart) / 2
        places = [(places[0][0] - move, places[0][1]), (places[1][0] + move, places[1][1])]
    yield from places


def _lines(runs: Sequence[Sequence[tuple[float, float]]]) -> str:
    return " ".join(line_through(run) for run in runs if len(run) > 1)


def _steps(of: Trend, along: Scale, up: Scale) -> Iterator[Step]:
    """The natural limits, neighbours that have the same ones as one; of an edition that has only
    the newest ones, these over all periods."""
    limits = of.band
    if not limits and of.lower is not None and of.centre is not None and of.upper is not None:
        limits = ((of.lower, of.centre, of.upper),) * len(of.values)
    at = 0
    for same, group in groupby(limits):
        count = len(list(group))
        if same is not None:
            lower, centre, upper = map(up.at, same)
            yield Step(along.at(at - 0.5), along.at(at + count - 0.5), upper, centre, lower)
        at += count


def _band(shape: TrendShape) -> str:
    """The area of the natural limits: steps that join have one outline, so that no seam shows."""
    drawn = ""
    for run in _joined(shape.band):
        over = [(x, s.top) for s in run for x in (s.start, s.end)]
        under = [(x, s.bottom) for s in reversed(run) for x in (s.end, s.start)]
        drawn += f"{line_through([*over, *under])}z"
    return drawn


def _centre(step: Step) -> str:
    """The middle of what is routine: left out of the band, so that it is no line among lines."""
    return box(step.start, step.centre - 0.4, step.end - step.start, 0.8)


def _joined(steps: Sequence[Step]) -> list[list[Step]]:
    """The steps between gaps."""
    runs: list[list[Step]] = []
    for step in steps:
        if runs and runs[-1][-1].end == step.start:
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def _quiet(shape: TrendShape) -> str:
    """What drops from each mark."""
    drawn = ""
    for each in shape.labels:
        y = (each.row + 1) * _LABEL - 1 if each.text else shape.top - 2
        while y < shape.bottom:
            drawn += box(each.at - _DOT / 2, y, _DOT, _DOT)
            y += _DROP
    return drawn


def _chosen(shape: TrendShape) -> str:
    """The limits: drawn through where it is the worst, dashed where over-serving begins."""
    drawn = "".join(box(r.start, r.y - 0.65, r.end - r.start, 1.3) for r in shape.worst)
    for rule in shape.best:
        x = rule.start
        while x < rule.end:
            drawn += box(x, rule.y - 0.45, min(_DASH, rule.end - x), 0.9)
            x += _STEP
    return drawn


def _rings(shape: TrendShape) -> str:
    outer = "".join(disc(x, y, 1.7) for x, y in shape.weak)
    inner = "".join(disc(x, y, 1.0) for x, y in shape.weak)
    return filled(outer, INK) + filled(inner, PAPER)


def _present(shape: TrendShape) -> str:
    if shape.last is None:
        return ""
    x, y = shape.last
    drawn = disc(x, y, 2.8)
    if shape.whisker is not None:
        high, low = shape.whisker
        drawn += box(x - 0.6, high, 1.2, low - high)
    return drawn


def _texts(shape: TrendShape) -> Iterator[str]:
    for y, text in shape.axis:
        yield _text(shape.left - 5, y + 2.4, text, "end", GREY)
    for y, text in shape.limits:
        yield _text(shape.right + 5, y + 2.4, text, "start", INK)
    for each in shape.labels:
        if each.text:
            x = each.at - 2.5 if each.ends else each.at + 2.5
            anchor = "end" if each.ends else "start"
            yield _text(x, each.row * _LABEL + 6, each.text, anchor, INK)
    for x, tick, year in shape.periods:
        if tick:
            yield _text(x, shape.bottom + 9.5, tick, "middle", GREY)
        if year:
            yield _text(x, shape.bottom + 17, year, "middle", GREY)


def _text(x: float, y: float, text: str, anchor: str, ink: str) -> str:
    return (
        f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" fill="{ink}" '
        f'font-family="Source Sans 3" font-size="{number(_SMALL)}">{escape(text)}</text>'
    )
