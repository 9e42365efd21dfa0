"""Trends: the last periods of each exception, with its limits, the year before, and what happened.

Figures that are not shown in their own period are in no trend, nor what would give them away: the
natural limits are made without them, see `judging.judge`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents.cells import short
from scorecard.documents.formats import DASH, SPANS
from scorecard.documents.grammar import listed, plural, shortened
from scorecard.documents.packet_model import Item
from scorecard.documents.report_data import A_YEAR, charted
from scorecard.documents.ticks import ticks_within
from scorecard.documents.trend_band import band
from scorecard.documents.trend_model import LABEL, OWNER, TIER, LimitSpan, Trend, TrendMark
from scorecard.documents.view import ReportView
from scorecard.judging.judge import overlapping
from scorecard.strategy.model import Stance

if TYPE_CHECKING:  # the ledger is not loaded to compose
    from scorecard.ledger import HistoryPoint

SHORTEST = 12
"""Periods that an axis has at least; with figures older than that it has all that are charted."""
SAID = 3
"""The last figures, which are printed below the chart."""
MISSED = ("not delivered", "beyond acceptance")
UNDECIDED = "too little evidence"
LEAST_TOUCHED = 0.05
"""The part of a tier that an incident must have touched to be marked."""
MOST_INCIDENTS, CAUSE = 2, 70
"""Incidents marked in a chart, the largest, and the letters that are printed of a cause."""
INTERVAL = 0.2
"""How far an interval may widen the scale, of the reach of all else."""
_ROOM = 0.06
"""Of the drawn values' reach, above and below them."""


class Point(NamedTuple):
    """A period's figure: its value, n, the verdict's words, and the version of its metric."""

    value: float | None
    n: int
    words: str
    version: str


def trend(
    view: ReportView, result: Result, stance: Stance, item: Item, incidents: bool = True
) -> Trend | None:
    """The trend of an exception; None where fewer than two periods have a figure.

    Without `incidents` none is marked: what caused them may name anybody.
    """
    metric = view.data.metrics[result.metric]
    periods = axis(view)
    points = _points(view, result, periods)
    values = tuple(None if p is None else _finite(p.value) for p in points)
    if sum(v is not None for v in values) < 2:
        return None
    year_ago = _year_ago(view, result, periods)
    sample = result.mode == "sample"
    low, high = (result.estimate.low, result.estimate.high) if sample else (None, None)
    spans = _spans(view, stance, periods)
    signal, ticks = result.signal, [view.formats.tick(p) for p in periods]
    limits = [limit for span in spans for limit in (span.worst, span.best)]
    natural = [signal.centre, signal.lower, signal.upper]
    counts = [p.n if p and p.version == result.version else None for p in points]
    routine = band(view, result, periods, counts)
    drawn = [v for v in map(_finite, (*values, *year_ago, *natural, *limits)) if v is not None]
    wide = [low, high, *(limit for at in routine if at is not None for limit in at)]
    scale = _scale(drawn, [v for v in map(_finite, wide) if v is not None])
    breaks = _breaks(points)
    happened = _incidents(view, result.tier, periods) if incidents else []
    changed = [*_changes(view, result, stance, periods, points), *(m for m, _said in happened)]
    marks = tuple(sorted(changed, key=lambda mark: mark.at))
    figures, of = _figures(view, metric, periods, points, year_ago[-1])
    record = _record(view, points, item.words)
    return Trend(
        mark=item.mark,
        metric=item.metric,
        label=shortened(item.label, LABEL),
        tier=shortened(item.tier, TIER),
        words=item.words,
        signal=_signal(metric, item),
        owner=shortened(short(item.owner), OWNER),
        ticks=tuple(tick for tick, _year in ticks),
        years=_years(ticks),
        values=values,
        breaks=breaks,
        weak=tuple(p is not None and p.words == UNDECIDED for p in points),
        year_ago=year_ago,
        low=_finite(low),
        high=_finite(high),
        centre=signal.centre,
        lower=signal.lower,
        upper=signal.upper,
        spans=spans,
        worst_said=_limit_said(view, metric, stance, stance.at_worst),
        best_said=_limit_said(view, metric, stance, stance.at_best),
        axis=_axis(view, metric, scale),
        scale=scale,
        marks=marks,
        figures=figures,
        of=of,
        record=record,
        happened=tuple(said for _mark, said in happened),
        affected=f"{item.affected.count} {item.affected.how}" if item.affected else "",
        alt=_alt(view, item, periods, values, figures, of, marks),
        band=routine,
    )


def axis(view: ReportView) -> list[Period]:
    """The periods of every trend of these documents, so that all have the same axis."""
    periods = charted(view.data.period)
    known = [p.period for points in view.histories.values() for p in points if p.value is not None]
    long = any(key < periods[-SHORTEST:][0].key for key in known)
    return periods if long else periods[-SHORTEST:]


def _signal(metric: Metric, item: Item) -> str:
    """The signal; or why there is none."""
    spans = f"no natural limits: each figure spans {metric.window} months"
    why = spans if overlapping(metric) else ""
    return item.signal or why or "no natural limits yet"


def ranked(trends: Sequence[tuple[Trend, int]]) -> list[Trend]:
    """The trends in their own order, each with its rank; with them the customers they touched.

    Missed choices matter before others, and among these those that touched more customers.
    """

    def weight(at: int) -> tuple[bool, int, int]:
        of, customers = trends[at]
        return (of.words not in MISSED, -customers, at)

    ranks = {at: n for n, at in enumerate(sorted(range(len(trends)), key=weight), start=1)}
    return [replace(of, rank=ranks[at]) for at, (of, _customers) in enumerate(trends)]


def _points(view: ReportView, result: Result, periods: Sequence[Period]) -> list[Point | None]:
    """Each period's figure; of a period that today's definition has none of, that of an earlier
    one. None where there is none, or none that was shown."""
    found: dict[str, tuple[HistoryPoint, str]] = {}
    for (name, version, tier), points in view.histories.items():
        if (name, tier) == (result.metric, result.tier) and version != result.version:
            for point in points:
                known = found.get(point.period)
                if known is None or known[0].as_of < point.as_of:
                    found[point.period] = (point, version)
    series = (result.metric, result.version, result.tier)
    for point in view.data.histories.get(series, ()):
        found.pop(point.period, None)  # its own figure may not be shown
    found |= {p.period: (p, result.version) for p in view.histories.get(series, ())}
    earlier = [_point(*found[p.key]) if p.key in found else None for p in periods[:-1]]
    words = result.verdict.words if result.verdict else ""
    now = result.estimate
    return [*earlier, Point(now.value, now.n, words, result.version)]


def _point(of: HistoryPoint, version: str) -> Point:
    return Point(of.value, of.n, of.words, version)


def _year_ago(
    view: ReportView, result: Result, periods: Sequence[Period]
) -> tuple[float | None, ...]:
    """The figures a year before, by today's definition only."""
    back = A_YEAR.get(periods[-1].kind)
    if back is None:
        return tuple(None for _ in periods)
    series = (result.metric, result.version, result.tier)
    known = {p.period: p.value for p in view.histories.get(series, ())}
    return tuple(_finite(known.get(p.shift(-back).key)) for p in periods)


def _breaks(points: Sequence[Point | None]) -> tuple[int, ...]:
    """Where a figure is by another definition than the one before it."""
    found, before = [], ""
    for at, point in enumerate(points):
        if point is not None and point.value is not None:
            found += [at] if before and point.version != before else []
            before = point.version
    return tuple(found)


def _held(view: ReportView, stance: Stance, periods: Sequence[Period]) -> list[Stance | None]:
    """The stance in force in each period on the same metric and tier; the present one at last."""
    found: list[Stance | None] = []
    for period in periods[:-1]:
        then = view.data.stances_then.get(period.key, ())
        found.append(next((w.stance for w in then if w.stance.key == stance.key), None))
    return [*found, stance]


def _spans(view: ReportView, stance: Stance, periods: Sequence[Period]) -> tuple[LimitSpan, ...]:
    spans: list[LimitSpan] = []
    for at, held in enumerate(_held(view, stance, periods)):
        if held is None:
            continue
        span = LimitSpan(at - 0.5, at + 0.5, held.at_worst, held.at_best)
        last = spans[-1] if spans else None
        if last and (last.end, last.worst, last.best) == (span.start, span.worst, span.best):
            spans[-1] = replace(last, end=span.end)
        else:
            spans.append(span)
    return tuple(spans)


def _limit_said(view: ReportView, metric: Metric, stance: Stance, value: float | None) -> str:
    return "" if value is None else view.limit(metric, stance, value)


def _scale(drawn: Sequence[float], interval: Sequence[float]) -> tuple[float, float]:
    """What is drawn with some room around it; a wide interval, and wide limits of an earlier
    period, are cut off at the edge, or all else would be flat."""
    reach = max(drawn) - min(drawn) or max(abs(drawn[0]), 1.0)
    low = max(min([*drawn, *interval]), min(drawn) - reach * INTERVAL)
    high = min(max([*drawn, *interval]), max(drawn) + reach * INTERVAL)
    return low - reach * _ROOM, high + reach * _ROOM


def _axis(
    view: ReportView, metric: Metric, scale: tuple[float, float]
) -> tuple[tuple[float, str], ...]:
    """Round values on the scale, in the unit that is printed, with no decimal more than needed."""
    printed = view.printed(metric)
    factor = SPANS.get(printed.unit.name, 1)
    ends = [end * factor for end in scale]
    ticks = [t / factor for t in ticks_within(ends[0], ends[1], 3)]
    places = max(view.formats.exact_places(printed, round(t, 10)) for t in ticks)
    return tuple((t, view.formats.value(printed, t, places)) for t in ticks)


def _years(ticks: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The year below its first period; below the very first one only where there is room."""
    years = [year for _tick, year in ticks]
    begins = [at for at in range(1, len(years)) if years[at] != years[at - 1]]
    room = not begins or begins[0] > 2
    return tuple(y if at in begins or (at == 0 and room) else "" for at, y in enumerate(years))


def _figures(
    view: ReportView,
    metric: Metric,
    periods: Sequence[Period],
    points: Sequence[Point | None],
    year_ago: float | None,
) -> tuple[str, str]:
    """ "8.1 · 9.6 · 10.1 h" and "Aug, Sep, Oct; n 120, 131, 126; a year ago 4.4 h"."""
    f, last = view.formats, list(zip(periods, points, strict=True))[-SAID:]
    while last and (last[0][1] is None or last[0][1].value is None):
        last = last[1:]
    values = [None if p is None else p.value for _period, p in last]
    printed, places = view.printed(metric), view.places(metric)
    if metric.unit.money:
        figures = " · ".join(f.with_unit(printed, v, places) for v in values)
    else:
        figures = f.attach(printed, " · ".join(f.value(printed, v, places) for v in values))
    counts = ", ".join(DASH if p is None else f.count(p.n) for _period, p in last)
    names = ", ".join(f.period(p, short=True) for p, _point in last)
    ago = "" if year_ago is None else f"; a year ago {f.with_unit(printed, year_ago, places)}"
    return figures, f"in {names}; n {counts}{ago}"


def _record(view: ReportView, points: Sequence[Point | None], words: str) -> str:
    """ "not delivered in 5 of 23 judged months, the last 3 in a row"; empty with fewer than two."""
    unit = {"days": "day", "months": "month"}.get(view.data.period.kind, view.data.period.kind)
    said = [p.words for p in points if p is not None and p.words]
    now = said[-1] if said else ""
    if now == UNDECIDED or len(judged := [w for w in said if w != UNDECIDED]) < 2:
        return ""
    run = next((n for n, w in enumerate(reversed(judged)) if w != now), len(judged))
    often = f"{now} in {judged.count(now)} of {len(judged)} judged {plural(2, unit)}"
    return often + (f", the last {run} in a row" if 1 < run < judged.count(now) else "")


def _changes(
    view: ReportView,
    result: Result,
    stance: Stance,
    periods: Sequence[Period],
    points: Sequence[Point | None],
) -> list[TrendMark]:
    """What changed: the stance, the definition, figures that had been printed."""
    metric = view.data.metrics[result.metric]
    found = _stance_marks(view, metric, _held(view, stance, periods))
    found += [TrendMark(at - 0.5, "definition changed") for at in _breaks(points)]
    base = result.signal.baseline
    if base is not None and base.since is not None and base.since >= periods[0].first:
        at = next(
            n for n, p in enumerate(periods) if base.since <= p.first or n == len(periods) - 1
        )
        found.append(TrendMark(at - 0.5, "natural limits anew"))
    corrected = view.data.corrected.get((result.metric, result.tier), ())
    found += [
        TrendMark(float(at), "corrected")
        for at, (period, point) in enumerate(zip(periods, points, strict=True))
        if period.key in corrected and point is not None and point.value is not None
    ]
    return found


def _stance_marks(
    view: ReportView, metric: Metric, held: Sequence[Stance | None]
) -> list[TrendMark]:
    found = []
    for at in range(1, len(held)):
        before, now = held[at - 1], held[at]
        if now is None or before is None:
            text = "no stance" if before is not None else ""  # where one begins, its limit does
        elif now.kind != before.kind:
            text = f"made a {now.kind}"
        else:
            text = _moved(view, metric, before, now)
        found += [TrendMark(at - 0.5, text)] if text else []
    return found


def _moved(view: ReportView, metric: Metric, before: Stance, now: Stance) -> str:
    """ "limit 6 h → 4 h"; of both limits, "limits changed"."""
    worst = (before.at_worst, now.at_worst)
    best = (before.at_best, now.at_best)
    moved = [pair for pair in (worst, best) if pair[0] != pair[1]]
    if not moved:
        return ""
    if len(moved) > 1:
        return "limits changed"
    old = _limit_said(view, metric, before, moved[0][0]) or "none"
    new = _limit_said(view, metric, now, moved[0][1]) or "none"
    return f"limit {old} → {new}"


def _incidents(
    view: ReportView, tier: str, periods: Sequence[Period]
) -> list[tuple[TrendMark, str]]:
    """The largest incidents that touched a twentieth of the tier or more, each with a letter as
    its mark and what it was: "a, 14 Sep 2026: the carrier was on strike (12 customers)"."""
    least = max(view.data.sizes.get(tier, 0) * LEAST_TOUCHED, 1)
    mine = [i for i in view.data.incidents if i.tier == tier and i.customers >= least]
    mine = [i for i in mine if i.began >= periods[0].first]
    largest = sorted(mine, key=lambda i: (-i.customers, i.began, i.id))[:MOST_INCIDENTS]
    found = []
    for letter, incident in zip("abc", sorted(largest, key=lambda i: i.began), strict=False):
        at = next(n for n, p in enumerate(periods) if incident.began < p.after)
        part = (incident.began - periods[at].first).days / periods[at].days
        cause = shortened(incident.cause, CAUSE) if incident.cause else "an incident"
        count = f"{view.formats.count(incident.customers)} {plural(incident.customers, 'customer')}"
        said = f"{letter}, {view.formats.day(incident.began)}: {cause} ({count})"
        found.append((TrendMark(round(at - 0.5 + part, 2), letter), said))
    return found


def _alt(
    view: ReportView,
    item: Item,
    periods: Sequence[Period],
    values: Sequence[float | None],
    figures: str,
    of: str,
    marks: Sequence[TrendMark],
) -> str:
    """What the chart shows, for those who do not see it."""
    known = sum(v is not None for v in values)
    span = f"{view.formats.period(periods[0])} to {view.formats.period(periods[-1])}"
    said = f"{item.label}, {item.tier}, {span}: {known} figures, the last {figures} ({of})"
    dated = listed([f"{m.text} in {view.formats.period(periods[int(m.at + 0.5)])}" for m in marks])
    flow = f"; {item.signal}" if item.signal else ""
    return f"{said}; {item.limit}; {item.words}{flow}{f'; marked: {dated}' if dated else ''}."


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
