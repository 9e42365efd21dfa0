"""Desk: the material of one period, laid out for wording: cells, rows, bullets and series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from scorecard.document import Bullet, Cell, Heading, Row, Series
from scorecard.estimate import minimum_n
from scorecard.formats import DASH, Formats
from scorecard.gather import LOUD, Material
from scorecard.metric import Metric
from scorecard.reduction import ALL
from scorecard.results import Result, Verdict
from scorecard.strategy import Owner, Stance

PERIODS = 12
FEWEST_SHOWN = 5
"""Confidential figures of fewer customers are not printed."""


@dataclass(frozen=True)
class Desk:
    """Material and formats together. `matures` gives the days after which a metric is final."""

    m: Material
    f: Formats
    matures: dict[str, int]

    def heading(self, kind: str) -> Heading:
        paper = "Letter" if self.m.paper == "Letter" else "A4"
        return Heading(
            self.m.company, self.m.notice, kind, self.f.period(self.m.period), self.f.language, paper
        )

    def label(self, tier: str) -> str:
        return "All customers" if tier == ALL else self.m.strategy.plan.label(tier)

    def result(self, metric: str, tier: str) -> Result | None:
        return self.m.results.get((metric, tier))

    def stance(self, metric: str, tier: str) -> Stance | None:
        held = self.m.stance(metric, tier)
        return held.stance if held else None

    def owner(self, id: str) -> Owner | None:
        return self.m.strategy.owner(id)

    def owner_name(self, id: str) -> str:
        """The owner's printed name; a stance whose owner is not declared says so."""
        owner = self.owner(id)
        return owner.name if owner else f"no owner ({id})"

    def row(self, metric: Metric, charts: bool = False) -> Row:
        """One metric across the tiers."""
        tiers = self.m.strategy.plan.ids
        held = [self.stance(metric.name, t) for t in tiers]
        names = dict.fromkeys(short(self.owner_name(s.owner)) for s in held if s)
        cells = tuple(self.cell(metric, t, charts) for t in tiers)
        return Row(metric.name, metric.label, self.f.unit(metric), ", ".join(names), cells)

    def cell(self, metric: Metric, tier: str, charts: bool = False) -> Cell:
        """One metric in one tier, worded."""
        result, stance = self.result(metric.name, tier), self.stance(metric.name, tier)
        mark = stance.kind if stance else ""
        found = result.estimate if result else None
        if result is None or found is None:
            return Cell(self.label(tier), mark, DASH, "", "", "", "not computed", "", False, "")
        if result.unmeasured:
            words = f"not measured: {result.unmeasured}"
            return Cell(self.label(tier), mark, DASH, "", "", "", words, "", False, "")
        if metric.confidential and 0 < found.customers < FEWEST_SHOWN:
            words = "not shown: fewer than five customers"
            return Cell(self.label(tier), mark, DASH, "", "n < 5", "", words, "", False, "")
        verdict = result.verdict
        region = "" if verdict is None else (verdict.region or "straddle")
        if stance is not None and found.value is None and found.n == 0:
            region = "straddle"
        return Cell(
            tier=self.label(tier),
            mark=mark,
            text=self.f.value(metric, found.value),
            range=self._range(metric, result),
            n=self._n(result),
            region=region,  # type: ignore[arg-type]
            words=_words(result),
            note=self.note(metric, result, stance),
            loud=verdict is not None and verdict.words in (*LOUD, "too little evidence"),
            signal=flow(result),
            bullet=self.bullet(metric, tier, result, stance) if charts else None,
            series=self.series(metric, tier, result) if charts else None,
        )

    def _range(self, metric: Metric, result: Result) -> str:
        if result.estimate.value is None:
            return ""
        if result.mode == "census":
            return "counted"
        return self.f.interval(metric, result.estimate.low, result.estimate.high)

    def _n(self, result: Result) -> str:
        if result.mode == "census":
            return self.f.count(result.estimate.customers)
        return f"n {self.f.count(result.estimate.n)}"

    def note(self, metric: Metric, result: Result, stance: Stance | None) -> str:
        """Why the evidence does not decide, or on how few customers the verdict rests."""
        verdict = result.verdict
        if verdict is None or stance is None:
            return ""
        if verdict.reason:
            return self._reason(metric, result, stance, verdict)
        if verdict.pooled:
            return "decided on four periods together"
        found = result.fragility
        if found is not None and found.customers:
            names = ", ".join(found.names[:2])
            more = "" if found.customers <= 2 else f" and {found.customers - 2} more"
            one = "customer" if found.customers == 1 else "customers"
            return f"rests on {found.customers} {one}: {names}{more}"
        return ""

    def _reason(self, metric: Metric, result: Result, stance: Stance, verdict: Verdict) -> str:
        found, period = result.estimate, self.m.period
        if verdict.reason == "n_too_small":
            if found.n == 0:
                return "nothing observed in this tier"
            return f"n {self.f.count(found.n)}; {minimum_n(metric)} are needed"
        if verdict.reason == "straddles_limit":
            limit = self.f.with_unit(metric, stance.at_worst)
            again = verdict.periods_undecided
            nth = f", {again} periods running" if again > 1 else ""
            return f"the limit, {limit}, lies inside the range{nth}"
        if verdict.reason == "not_mature":
            final = period.after + timedelta(days=self.matures[metric.name])
            return f"not yet mature: final from {self.f.day(final)}"
        if verdict.reason == "partial_period":
            return "the period is not over"
        if verdict.reason == "stale":
            return "no recent rows in what it is measured from"
        return result.unmeasured

    def bullet(
        self, metric: Metric, tier: str, result: Result, stance: Stance | None
    ) -> Bullet | None:
        """The value on a scale that holds its limits, interval and last twelve periods."""
        found = result.estimate
        if found.value is None:
            return None
        past = [p for p in self._past(metric, tier) if p is not None]
        sample = result.mode == "sample"
        low, high = (found.low, found.high) if sample else (None, None)
        worst, best = (stance.at_worst, stance.at_best) if stance else (None, None)
        marks = [v for v in (found.value, low, high, worst, best, *past) if v is not None]
        reach = max(marks) - min(marks) or max(abs(found.value), 1.0)
        scale = (min(marks) - reach * 0.12, max(marks) + reach * 0.12)
        words = f"{metric.label}, {self.label(tier)}: {self.f.with_unit(metric, found.value)}"
        limits = f"; {self.limits(metric, stance)}" if stance else ""
        return Bullet(
            found.value, low, high, worst, best, past[-1] if past else None, scale,
            metric.better == "lower", f"{words}{limits}; {_words(result)}.",
        )  # fmt: skip

    def series(self, metric: Metric, tier: str, result: Result) -> Series | None:
        """The last twelve periods and the process limits."""
        values = (*self._past(metric, tier), result.estimate.value)
        if sum(v is not None for v in values) < 2:
            return None
        periods = [self.m.period.shift(i) for i in range(1 - PERIODS, 1)]
        signal = result.signal
        shown = [self.f.with_unit(metric, v) for v in values if v is not None]
        alt = (
            f"{metric.label}, {self.label(tier)}: {len(shown)} periods from {shown[0]} to "
            f"{shown[-1]}; {flow(result) or 'no process limits yet'}."
        )
        return Series(
            tuple(self.f.period(p, short=True) for p in periods), values,
            signal.centre, signal.lower, signal.upper, signal.provisional,
            signal.flow.startswith("exceptional"), alt,
        )  # fmt: skip

    def _past(self, metric: Metric, tier: str) -> tuple[float | None, ...]:
        known = self.m.histories.get((metric.name, metric.version, tier), ())
        by_period = {point.period: point.value for point in known}
        before = [self.m.period.shift(i) for i in range(1 - PERIODS, 0)]
        return tuple(by_period.get(p.key) for p in before)

    def limits(self, metric: Metric, stance: Stance) -> str:
        """ "promised: 4 h or less", "accepted: 50 % to 66 %"."""
        verb = "promised" if stance.kind == "strength" else "accepted"
        worst, best = stance.at_worst, stance.at_best
        if worst is not None and best is not None:
            low, high = sorted((worst, best))
            span = f"{self.f.with_unit(metric, low)} to {self.f.with_unit(metric, high)}"
            return f"{verb}: {span}"
        limit = self.f.with_unit(metric, worst if worst is not None else best)
        less = (metric.better == "lower") == (worst is not None)
        return f"{verb}: {limit} or {'less' if less else 'more'}"


def flow(result: Result) -> str:
    """The signal in words; "routine, provisional limits" under twelve points."""
    signal = result.signal
    return f"{signal.flow}, provisional limits" if signal.flow and signal.provisional else signal.flow


def _words(result: Result) -> str:
    if result.verdict is not None:
        return result.verdict.words
    if result.estimate.n == 0:
        return "no data"
    return "no stance"


def short(name: str) -> str:
    """ "D. Osei" for a name of several words in Latin letters; other names stay whole."""
    words = name.split()
    if len(words) < 2 or name.startswith("no owner") or not name.isascii():
        latin = all(ord(letter) < 0x250 for letter in name)
        if len(words) < 2 or not latin or name.startswith("no owner"):
            return name
    return f"{words[0][0]}. {words[-1]}"
