"""Cells: one metric in one tier, in words, with the data of its bullet and process chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result, Verdict
from scorecard.documents import expiry
from scorecard.documents.formats import DASH
from scorecard.documents.grammar import ordinal, plural, shortened
from scorecard.documents.model import Bullet, Cell, ControlChart, Mark, Row
from scorecard.documents.report_data import LOUD
from scorecard.documents.view import MARGIN, ReportView
from scorecard.judging.judge import overlapping
from scorecard.judging.verdict import WORDS
from scorecard.stats.control_chart import STILL
from scorecard.stats.estimate import bounded, evidence, minimum_n
from scorecard.stats.withheld import SAID
from scorecard.strategy.model import ALL, Stance

APART = ("new", "unrated")
"""Customers who are here and in no tier; who had gone, and nobody known, are in the evidence."""
PERIODS = 12
"""Periods in a chart, the present one included."""
NAMED = 2
"""Customers named in a note on what a verdict rests on."""
MANY = 3
"""Of more customers that a verdict rests on, none is named: it is not theirs alone."""
LONG_UNDECIDED = 3
"""From three undecided periods in a row on, their number is printed."""


def row(view: ReportView, metric: Metric, charts: bool = False) -> Row:
    """One metric across the tiers."""
    in_force = [view.stance(metric.name, t) for t in view.tiers]
    expired = [view.expired.get((metric.name, t)) for t in view.tiers]
    chosen = [s or (e.stance if e else None) for s, e in zip(in_force, expired, strict=True)]
    names = dict.fromkeys(short(view.owner_name(s.owner)) for s in chosen if s)
    cells = tuple(cell(view, metric, t, charts) for t in view.tiers)
    unit = view.formats.unit(view.printed(metric))
    return Row(metric.name, metric.label, unit, ", ".join(names), cells, beside(view, metric))


def beside(view: ReportView, metric: Metric) -> tuple[str, ...]:
    """ "all 88.9 (n 1,456)", "new 4.3 (n 216)": all customers, and those who are here and in no
    tier, each where anything was observed of them."""
    found = []
    for state in (ALL, *APART):
        result = view.result(metric.name, state)
        if why := view.withheld.get((metric.name, state)):
            found.append(f"{state} {SAID[why]}")
            continue
        if result is None or result.unmeasured or not result.estimate.n:
            continue
        value, places = result.estimate.value, view.places(metric)
        said = _value(view, metric, result, places)
        found.append(f"{state} {'no figure' if value is None else said} ({_n(view, result)})")
    return tuple(found)


def margin_row(view: ReportView) -> Row:
    """The customer margin of all tiers, or a row that says that it is not known."""
    metric = view.data.metrics.get(MARGIN)
    if metric is not None:
        return row(view, metric)
    why = f"not measured: no metric {MARGIN}"
    cells = tuple(_cell_without_value(t, "", why) for t in view.tiers)
    return Row(MARGIN, "Customer margin", "", "", cells)


def cell(view: ReportView, metric: Metric, tier: str, charts: bool = False) -> Cell:
    """One metric in one tier; its `tier` is the tier's id."""
    stance = view.stance(metric.name, tier)
    found = _cell(view, metric, tier, stance, charts)
    return replace(found, limits=view.limits(metric, stance)) if stance else found


def _cell(view: ReportView, metric: Metric, tier: str, stance: Stance | None, charts: bool) -> Cell:
    """The same without its limits."""
    result = view.result(metric.name, tier)
    mark: Mark = stance.kind if stance else ""
    expired = expiry.note(view, (metric.name, tier))
    if why := _no_value(view, metric, tier, result):
        if expired:
            return replace(_cell_without_value(tier, "", why), note=f"{expiry.WORDS} {expired}")
        return _cell_without_value(tier, mark, why)
    assert result is not None
    verdict, places = result.verdict, view.places_of(metric, tier)
    return Cell(
        tier=tier,
        mark=mark,
        text=_value(view, metric, result, places),
        range=_range(view, view.printed(metric), result, places),
        n=_n(view, result),
        region="" if verdict is None else (verdict.region or "straddle"),
        words=expiry.WORDS if expired else _words(result),
        note=expired or note(view, metric, result, stance),
        loud=bool(expired) or (verdict is not None and _loud(verdict)),
        signal=flow(result),
        bullet=bullet(view, metric, result, stance) if charts else None,
        series=series(view, metric, result) if charts else None,
    )


def _no_value(view: ReportView, metric: Metric, tier: str, result: Result | None) -> str:
    """Why a cell has no value; empty where it has one."""
    if result is None:
        return "not computed"
    if result.unmeasured:
        return f"not measured: {result.unmeasured}"
    why = view.withheld.get((metric.name, tier))
    return SAID[why] if why else ""


def _cell_without_value(tier: str, mark: Mark, words: str) -> Cell:
    return Cell(tier, mark, DASH, "", "", "", words, "", False, "")


def _range(view: ReportView, metric: Metric, result: Result, places: int) -> str:
    if result.estimate.value is None:
        return ""
    if result.mode == "census":
        return "counted"
    return view.formats.interval(metric, result.estimate.low, result.estimate.high, places)


def _value(view: ReportView, metric: Metric, result: Result, places: int) -> str:
    """ "5.8"; "> 1,008" of waits whose quantile lies among those that are not over yet."""
    said = view.formats.value(view.printed(metric), result.estimate.value, places)
    return view.formats.at_least(said) if result.estimate.beyond else said


def _n(view: ReportView, result: Result) -> str:
    """ "n 100", and of waits how many of them are not over yet: "n 100, 40 open"."""
    found = result.estimate
    still = f", {view.formats.count(found.open)} open" if found.open else ""
    if result.mode == "census":
        return view.formats.count(found.customers) + still
    return f"n {view.formats.count(found.n)}{still}"


def _words(result: Result) -> str:
    verdict = result.verdict
    if verdict is None:
        return "no data" if result.estimate.n == 0 else "no stance"
    if verdict.reason == "straddles_limit" and verdict.periods_undecided >= LONG_UNDECIDED:
        return f"{verdict.words} ({ordinal(verdict.periods_undecided)} period)"
    return verdict.words


def _loud(verdict: Verdict) -> bool:
    """Whether to print it bold: not kept, or undecided by its evidence; not if it must wait."""
    return verdict.words in LOUD or verdict.reason in ("straddles_limit", "n_too_small")


def note(view: ReportView, metric: Metric, result: Result, stance: Stance | None) -> str:
    """Why the evidence does not decide, or on how few customers the verdict rests; may be empty."""
    verdict = result.verdict
    if verdict is None or stance is None:
        return ""
    if verdict.reason:
        return _reason(view, metric, result, stance, verdict)
    if verdict.pooled:
        return f"decided on {_pooled_periods(view, result)} periods together"
    found = result.fragility
    if found is None or not found.customers:
        return ""
    rests = f"rests on {found.customers} {plural(found.customers, 'customer')}"
    if found.customers > MANY or not found.names:
        return rests
    names = ", ".join(shortened(name) for name in found.names[:NAMED])
    more = "" if found.customers <= NAMED else f" and {found.customers - NAMED} more"
    return f"{rests}: {names}{more}"


def _reason(
    view: ReportView, metric: Metric, result: Result, stance: Stance, verdict: Verdict
) -> str:
    if verdict.reason == "n_too_small":
        return _too_small(view, metric, result)
    if verdict.reason == "straddles_limit" and stance.at_worst is not None:
        together = (
            "" if not verdict.pooled else (f" of {_pooled_periods(view, result)} periods together")
        )
        leans = f"; leans {WORDS[stance.kind, verdict.lean]}" if verdict.lean else ""
        return (
            f"{view.limit(metric, stance, stance.at_worst)} lies inside the range{together}{leans}"
        )
    if verdict.reason == "not_mature":
        final = view.data.period.after + timedelta(days=view.matures[metric.name])
        return f"not yet mature: final from {view.formats.day(final)}"
    if verdict.reason == "partial_period":
        return "the period is not over"
    if verdict.reason == "stale":
        return "no recent rows in what it is measured from"
    return result.unmeasured


def _too_small(view: ReportView, metric: Metric, result: Result) -> str:
    """ "30 are needed"; "12 customers; 30 are needed" where customers are the units; "100 from 8
    customers are worth 11; 30 are needed" where they answered often."""
    found = result.estimate
    if found.n == 0:
        return "nothing observed in this tier"
    have = evidence(metric, found)
    if have >= minimum_n(metric) or not bounded(metric):
        return "no interval can be given"
    if metric.kind == "survival":
        return f"{have} still watched at {metric.horizon} months; {minimum_n(metric)} are needed"
    needed = f"{minimum_n(metric)} are needed"
    if have == found.customers != found.n:
        return f"{view.formats.count(have)} {plural(have, 'customer')}; {needed}"
    if have < found.n and found.customers:
        answers, those = view.formats.count(found.n), view.formats.count(found.customers)
        whose = f"{those} {plural(found.customers, 'customer')}"
        return f"{answers} from {whose} are worth {view.formats.count(have)}; {needed}"
    return needed


def _pooled_periods(view: ReportView, result: Result) -> int:
    """The number of periods judged together: this one, and those of the three before computed."""
    known = view.data.histories.get((result.metric, result.version, result.tier), ())
    recent = {view.data.period.shift(-i).key for i in (1, 2, 3)}
    return 1 + sum(point.period in recent and point.value is not None for point in known)


def bullet(
    view: ReportView, metric: Metric, result: Result, stance: Stance | None
) -> Bullet | None:
    """The value on a scale that covers its limits, its interval and the last twelve periods."""
    found = result.estimate
    if found.value is None:
        return None
    past = [p for p in _past(view, result) if p is not None]
    sample = result.mode == "sample"
    low, high = (found.low, found.high) if sample else (None, None)
    worst, best = (stance.at_worst, stance.at_best) if stance else (None, None)
    marks = [v for v in (found.value, low, high, worst, best, *past) if v is not None]
    reach = max(marks) - min(marks) or max(abs(found.value), 1.0)
    scale = (min(marks) - reach * 0.12, max(marks) + reach * 0.12)  # 12 % of room at both ends
    said = view.figure_of(metric, result.tier)
    limits = f"; {view.limits(metric, stance)}" if stance else ""
    return Bullet(
        found.value,
        low,
        high,
        worst,
        best,
        past[-1] if past else None,
        scale,
        metric.better == "lower",
        f"{metric.label}, {view.label(result.tier)}: {said}{limits}; {_words(result)}.",
    )


def series(view: ReportView, metric: Metric, result: Result) -> ControlChart | None:
    """The last twelve periods and the process limits; None with fewer than two figures."""
    values = (*_past(view, result), result.estimate.value)
    known = [view.figure(metric, v) for v in values if v is not None]
    if len(known) < 2:
        return None
    periods = [view.data.period.shift(i) for i in range(1 - PERIODS, 1)]
    signal = result.signal
    said = flow(result)
    if not said:
        said = "its windows overlap" if overlapping(metric) else "no process limits yet"
    return ControlChart(
        tuple(view.formats.period(p, short=True) for p in periods),
        values,
        signal.centre,
        signal.lower,
        signal.upper,
        signal.provisional,
        signal.flow.startswith("exceptional"),
        f"{metric.label}, {view.label(result.tier)}: {len(known)} periods, the first "
        f"{known[0]}, the last {known[-1]}; {said}.",
    )


def _past(view: ReportView, result: Result) -> tuple[float | None, ...]:
    """The eleven earlier figures, None where there is none or it was not shown."""
    known = view.histories.get((result.metric, result.version, result.tier), ())
    by_period = {point.period: point.value for point in known}
    before = [view.data.period.shift(i) for i in range(1 - PERIODS, 0)]
    return tuple(by_period.get(p.key) for p in before)


def flow(result: Result) -> str:
    """The signal in words, such as "routine, provisional limits" with under twelve points; of
    figures that mostly stand still, that there is none.

    Of what is exceptional it is said that a yearly season is not known yet, which may explain it.
    """
    said, base = result.signal.flow, result.signal.baseline
    if result.signal.rule == STILL:
        return STILL
    if said and result.signal.provisional:
        return f"{said}, provisional limits"
    if said.startswith("exceptional") and base is not None and base.season == "not known yet":
        return f"{said}, season not known yet"
    return said


def short(name: str) -> str:
    """ "D. Osei" for a name of several words in Latin letters; other names stay whole.

    Words in brackets after a name are kept.
    """
    bare, bracket, rest = name.partition(" (")
    words = bare.split()
    latin = all(ord(letter) < 0x250 for letter in name)  # up to Latin Extended-B
    if len(words) < 2 or not latin or name.startswith("no owner"):
        return name
    return f"{words[0][0]}. {words[-1]}{bracket}{rest}"
