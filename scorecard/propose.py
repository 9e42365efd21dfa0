"""Proposing: stances drafted from what the ledger has measured, for people to choose from.

A draft says how things are, not how they should be: where the figure was, between which
limits it moves by itself, and what its evidence could prove. Whether that is a strength, a
weakness or no choice at all is left open, and everything is commented out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from functools import cached_property
from statistics import median, median_low
from typing import TYPE_CHECKING

from scorecard.base.periods import Period, local_midnight
from scorecard.definitions.metric import Metric
from scorecard.definitions.units import Unit, read_limit
from scorecard.errors import ScorecardError
from scorecard.judging.judge import overlapping
from scorecard.stats import control_chart
from scorecard.stats.control_chart import Measured
from scorecard.stats.estimate import minimum_n
from scorecard.stats.withheld import without_withheld
from scorecard.strategy.limits import orient
from scorecard.strategy.model import Strategy

if TYPE_CHECKING:
    from scorecard.ledger import HistoryPoint, Ledger
    from scorecard.project.declared import Declared
    from scorecard.project.settings import Project, Settings

PERIODS, BACK = 12, 24
"""Measured periods that a draft looks at, and how far back they are looked for."""
LEAST = control_chart.LEAST
"""Final figures without which nothing is drafted."""
DIGITS = 3
"""Significant digits of a drafted limit, rounded away from the middle."""


@dataclass(frozen=True)
class Observed:
    """What was measured of one metric in one tier: final figures, oldest first, in base units."""

    metric: Metric
    tier: str
    points: Sequence[HistoryPoint]
    tz: str

    @property
    def values(self) -> list[float]:
        return [p.value for p in self.points if p.value is not None]

    @property
    def usual_n(self) -> int:
        return median_low(p.n for p in self.points)

    @property
    def centre(self) -> float:
        return sum(self.values) / len(self.values)

    @cached_property
    def natural(self) -> tuple[float, float] | None:
        """The natural limits of the process; None where windows overlap, or it mostly stands
        still."""
        if overlapping(self.metric):
            return None
        figures = [Measured(Period.parse(p.period, self.tz), p.value, p.n) for p in self.points]
        found = control_chart.natural_limits(figures, self.metric, figures[-1:])
        return None if found is None else (found[0][0], found[0][2])

    @property
    def spread(self) -> tuple[float, float]:
        """The natural limits; where it has none, the least and largest figure."""
        return self.natural or (min(self.values), max(self.values))

    @property
    def provable(self) -> float | None:
        """The best limit that a figure at the centre could prove with the usual evidence; None of
        a census, and where the evidence is too little."""
        if self.metric.evidence == "census" or self.usual_n < minimum_n(self.metric):
            return None
        reach = self.reach
        if reach is None:
            return None
        limit = self.centre + reach if self.metric.better == "lower" else self.centre - reach
        return _within(limit, self.metric.unit)

    @property
    def reach(self) -> float | None:
        """How far an interval usually reaches to the worse side; None where none could be given."""
        lower_is_worse = self.metric.better != "lower"
        ends = [(p.value, p.low if lower_is_worse else p.high) for p in self.points]
        found = [abs(value - end) for value, end in ends if value is not None and end is not None]
        return median(found) if found else None


def propose(project: Project, read: Declared, ledger: Ledger, last: Period, today: date) -> str:
    """The drafts as TOML, all of it commented out; empties are left for people to fill in.

    Lines of TOML begin with "# ", what explains them with "##". It rests on the twelve
    measured periods up to `last`; ScorecardError where there are none.
    """
    known = ledger.histories(last.next(), BACK)
    if not known:
        raise ScorecardError(
            f"Neither {last} nor one of the {BACK - 1} periods before it was computed; "
            'compute them with "scorecard backfill" first.'
        )
    known = without_withheld(known, read.metrics)
    drafted, few = [], []
    for metric in read.metrics.values():
        matures = project.settings.matures_after(metric)
        for tier in read.strategy.plan.ids:
            points = known.get((metric.name, metric.version, tier), ())
            final = [p for p in points if _counts(metric, p, last.tz, matures)]
            observed = Observed(metric, tier, final[-PERIODS:], last.tz)
            if len(final) < LEAST:
                few += [observed] if final else []
            else:
                drafted.append(_block(observed, read.strategy, project.settings, today))
    return "\n".join([*_head(project, last), *drafted, *_too_few(few)])


def _counts(metric: Metric, point: HistoryPoint, tz: str, matures: int) -> bool:
    """Whether a figure is there, and was final when it was computed."""
    final = Period.parse(point.period, tz).after + timedelta(days=matures)
    return point.value is not None and point.as_of >= local_midnight(final, tz)


def _head(project: Project, last: Period) -> Iterator[str]:
    yield f"## Stances of {project.settings.company}, drafted from what was measured up to {last}."
    yield "## A draft says how it was; what is promised, what is accepted and what is left alone is"
    yield '## for people to choose. Take the "# " away before the lines that you want, fill in what'
    yield '## is empty, and move them into strategy.toml, where "scorecard check" reads them.'
    yield "## A strength also needs funded_by; a weakness needs funds and releases."
    yield ""


def _too_few(few: Sequence[Observed]) -> Iterator[str]:
    for each in few:
        count = len(each.points)
        yield (
            f"## {each.metric.name}/{each.tier}: {count} final figure{'s' * (count != 1)}; a draft "
            f"needs {LEAST}."
        )


def _block(seen: Observed, strategy: Strategy, settings: Settings, today: date) -> str:
    """One draft with its reasons; only the reasons where the figure did not vary and has to have
    both limits."""
    reasons = [f"## {line}" for line in _reasons(seen, strategy, settings.currency, today)]
    worst, best = _drafted(seen, settings.currency)
    if best is None and seen.metric.better == "neither":
        return "\n".join([*reasons, "##   not drafted, since it did not vary", ""])
    effective = Period.containing(today, settings.period, settings.timezone).next().first
    lines = [
        "# [[stance]]",
        f'# metric = "{seen.metric.name}"',
        f'# tier = "{seen.tier}"',
        '# kind = ""                # "strength" or "weakness"',
        f"# at_worst = {worst}",
        *([f"# at_best = {best}"] if best is not None else []),
        "# importance = 0           # 1 is what the tier cares about most",
        f'# owner = ""               # {", ".join(strategy.owner_ids) or "declare one first"}',
        '# trade_off = ""           # what was not chosen',
        '# approved_by = ""         # not its owner',
        f"# declared = {today}",
        f"# effective = {effective}",
        "",
    ]
    return "\n".join([*reasons, *lines])


def _reasons(seen: Observed, strategy: Strategy, currency: str, today: date) -> Iterator[str]:
    """Where the figure was, how it moves by itself, and what could be proven."""
    metric, values = seen.metric, seen.values

    def said(value: float) -> str:
        return _written(metric, value, currency, ROUND_HALF_EVEN).strip('"')

    newest = seen.points[-1].period
    centre, (lower, upper) = said(seen.centre), seen.spread
    yield f"{metric.label}, {strategy.plan.label(seen.tier)} ({metric.name}/{seen.tier})"
    yield f"  last {said(values[-1])} in {newest}; centre {centre} of {len(values)} periods"
    if seen.natural is None:
        still = "half or more of these figures are one and the same"
        windows = f"its windows of {metric.window} months overlap"
        yield f"  no natural limits, since {windows if overlapping(metric) else still};"
        yield f"  it lay between {said(lower)} and {said(upper)}"
    else:
        sure = "" if len(values) >= control_chart.FULL else ", provisional"
        yield f"  natural limits{sure}: {said(lower)} to {said(upper)}; moves inside are routine"
    yield f"  {_proof(seen, said)}"
    for stance in strategy.stances:
        over = stance.ends is not None and stance.ends <= today
        if stance.key == f"{metric.name}/{seen.tier}" and not over:
            limits = " to ".join(text for text in stance.written if text)
            yield f"  has a {stance.kind} from {stance.effective} on: {limits}; end it with until"


def _proof(seen: Observed, said: Callable[[float], str]) -> str:
    """What the evidence that there usually is could prove."""
    n, needed = seen.usual_n, minimum_n(seen.metric)
    if seen.metric.evidence == "census":
        return "counted and no sample: any limit can be decided"
    if n < needed:
        return f"{n} observations, as usual, prove nothing good: {needed} are needed, or a census"
    if seen.provable is None or seen.reach is None:
        return f"{n} observations, as usual, give no interval; more are needed, or a census"
    worse = "or less" if seen.metric.better != "lower" else "or more"
    return (
        f"provable with {n} observations, as usual: {said(seen.provable)} {worse}, since the "
        f"interval reaches {said(seen.reach)} to the worse side"
    )


def _drafted(seen: Observed, currency: str) -> tuple[str, str | None]:
    """at_worst and at_best as TOML: the ends of the spread, and at_worst no nearer to the centre
    than what can be proven. There is no at_best where nothing can be better than it."""
    metric, unit = seen.metric, seen.metric.unit
    lower, upper = seen.spread
    worst, best = (upper, lower) if metric.better == "lower" else (lower, upper)
    if seen.provable is not None:
        worst = min(worst, seen.provable, key=lambda value: orient(metric, value))
    down, up = ROUND_FLOOR, ROUND_CEILING
    turned = metric.better == "lower"
    at_worst = _written(metric, worst, currency, up if turned else down)
    at_best = _written(metric, best, currency, down if turned else up)
    worse, better = (
        orient(metric, read_limit(text.strip('"'), unit, currency)) for text in (at_worst, at_best)
    )
    unbeatable = best == (unit.low if turned else unit.high) and metric.better != "neither"
    below_nothing = turned and best < 0 <= min(seen.values)  # a cost or ratio that is none
    return at_worst, None if unbeatable or below_nothing or not worse < better else at_best


def _within(value: float, unit: Unit) -> float:
    """The value, or the nearest that the unit can have."""
    if unit.low is not None and value < unit.low:
        return unit.low
    return unit.high if unit.high is not None and value > unit.high else value


def _written(metric: Metric, value: float, currency: str, rounding: str) -> str:
    """A limit as strategy.toml has it, with three significant digits: "88.5 %", "4.2 h", 41."""
    unit = metric.unit
    sign, scale = (currency, 1.0) if unit.money else _SIGNS.get(unit.name, ("", 1.0))
    if unit.name == "hours" and abs(value) < 1:
        sign, scale = ("min", 60.0) if abs(value) >= 1 / 60 else ("s", 3600.0)
    exact = Decimal(repr(round(value * scale, 9)))
    places = Decimal(1).scaleb(exact.adjusted() - DIGITS + 1) if exact else Decimal(1)
    number = f"{exact.quantize(places, rounding=rounding).normalize():f}"
    if sign:
        return f'"{number} {sign}"'
    return f'"{number}"' if "e" in str(float(number)) else number  # 4e-05 would be no limit


_SIGNS = {"share": ("%", 100.0), "rate": ("%", 100.0), "hours": ("h", 1.0)}
"""How units are written, and by what their base is multiplied for it."""
