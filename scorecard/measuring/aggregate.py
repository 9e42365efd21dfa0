"""Aggregation: observations reduced to the few numbers an estimate needs, inside the engine.

Only aggregates come back, a handful per tier. Sums are exact decimals, so that
the order in which an engine reads rows cannot change the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.definitions.results import Estimate, Sums
from scorecard.facts.currency import SQUARED
from scorecard.facts.statements import slot
from scorecard.stats.intervals import LEVEL, effective_n, order_ranks, z
from scorecard.stats.survival import Event, survival_at
from scorecard.strategy.model import ALL

DAYS_A_MONTH = 365.25 / 12


Series = tuple[str, str]
"""A metric and a tier."""


class Observed(Protocol):
    """Observations of several metrics that can be asked a question, which has slots that the
    values fill: metric, customer_id, tier and the columns of their kind.

    `series` are all metrics and tiers, states and ALL, that may occur.
    """

    @property
    def series(self) -> tuple[Series, ...]: ...

    def ask(
        self, question: Callable[..., ir.Table], *shape: Any, **values: Any
    ) -> list[dict[str, Any]]: ...


def sums(observed: Observed) -> dict[str, dict[str, Sums]]:
    """Sums by metric and tier, and over all tiers, from num, den, up, down."""
    found: dict[str, dict[str, Sums]] = {}
    for row in observed.ask(_sums_by_tier):
        found.setdefault(row.pop("metric"), {})[row.pop("tier")] = _sums(row)
    return {m: by | {ALL: sum((by[t] for t in sorted(by)), Sums())} for m, by in found.items()}


def _sums_by_tier(o: ir.Table) -> ir.Table:
    own = o.group_by("metric", "tier", "customer_id").agg(
        n=_.count(), **{c: _[c].sum() for c in ("num", "den", "up", "down")}
    )
    x, y = own.num.cast("float64"), own.den.cast("float64")
    squares = {"nn": x * x, "dd": y * y, "nd": x * y}
    return own.group_by("metric", "tier").agg(
        customers=own.customer_id.count(),
        **{c: own[c].sum() for c in ("n", "num", "den", "up", "down")},
        **{name: square.cast(SQUARED).sum() for name, square in squares.items()},
    )


def _sums(row: Mapping[str, Any]) -> Sums:
    counts: dict[str, Any] = {c: int(row[c]) for c in ("n", "customers", "up", "down")}
    return Sums(**counts | {c: float(row[c]) for c in ("num", "den", "nn", "dd", "nd")})


def survivals(observed: Observed) -> dict[str, dict[str, Estimate]]:
    """Survival by metric and tier to the day `end` of tenure, see `last_day`; from entered, left
    (days of tenure) and lost, and from `watched`, the day on which those in no tier yet were seen
    first: a tier's customers enter when they are rated, which is late for all together."""
    events: dict[str, dict[str, list[Event]]] = {}
    ends: dict[str, float] = {}
    for row in observed.ask(_comings_and_goings):
        event = (float(row["time"]), int(row["entered"]), int(row["left"]), int(row["lost"]))
        by_tier = events.setdefault(row["metric"], {ALL: []})
        by_tier.setdefault(row["tier"], []).append(event)
        ends[row["metric"]] = float(row["end"])
    return {
        metric: {tier: _survival(seen, ends[metric]) for tier, seen in by_tier.items()}
        for metric, by_tier in events.items()
    }


def last_day(horizon: int) -> int:
    """The day of tenure by which a horizon of months is over.

    A loss on the anniversary itself, be it of a leap year, is one before the horizon.
    """
    return ceil(horizon * DAYS_A_MONTH)


def _comings_and_goings(o: ir.Table) -> ir.Table:
    """By metric, tier and day of tenure, how many began to be watched, how many ended, and were
    lost. Whoever was lost on the day they came was watched all the same.

    In a tier customers are watched from their first rating, and in all from when they were seen:
    to leave out whom nobody had rated yet would leave out those who soon went.
    """
    o = ibis.union(o, o.mutate(tier=ibis.literal(ALL), entered=o.watched))
    at_once = _.lost & (_.left == 0) & (_.entered == 0)
    watched = o.filter(((_.left > _.entered) | at_once) & (_.entered < _.end))
    over = watched.left > watched.end
    watched = watched.mutate(
        left=over.ifelse(watched.end + 1, watched.left), lost=watched.lost & ~over
    )
    came = watched.select("metric", "tier", "end", time=_.entered, entered=1, left=0, lost=0)
    went = watched.select(
        "metric", "tier", "end", time=_.left, entered=0, left=1, lost=_.lost.cast("int8")
    )
    counted = ibis.union(came, went).group_by("metric", "tier", "end", "time")
    # Drivers hand over plain integers several times faster than the wide ones of sums.
    return counted.agg(**{c: _[c].sum().cast("int32") for c in ("entered", "left", "lost")})


def _survival(events: Iterable[Event], end: float) -> Estimate:
    events = list(events)
    found = survival_at(events, end)
    customers = sum(entered for _time, entered, _left, _lost in events)
    return Estimate(found.value, found.low, found.high, customers, customers, None, found.at_risk)


def quantiles(observed: Observed) -> dict[str, dict[str, Estimate]]:
    """The q-quantile of num by metric and tier: order statistics, or Kaplan–Meier where some are
    censored; from num, censored, q.

    The interval is that of the effective n: several contacts of one customer are
    not as good as contacts of several customers. Values are counted first and the
    distinct ones ranked, so that no engine has to sort all observations in one place.
    """
    looks = _looks(observed)
    found = _by_rank(observed, {s: k for s, k in looks.items() if not k.censored})
    found |= _censored(observed, {s: k for s, k in looks.items() if k.censored})
    by_metric: dict[str, dict[str, Estimate]] = {}
    for (metric, tier), estimate in found.items():
        by_metric.setdefault(metric, {})[tier] = estimate
    return by_metric


@dataclass(frozen=True)
class _Look:
    """A first look at a series: how many, how many still open, the quantile q, the value at its
    rank, and how many independent observations they are worth."""

    n: int
    customers: int
    censored: int
    q: float
    centre: float
    effective: float


Looks = Mapping[Series, _Look]


def _narrow(o: ir.Table) -> ir.Table:
    """Every observation in its tier, and once more in all."""
    narrow = o.select("metric", "tier", "customer_id", "q", "censored", num=_.num.round(9))
    return ibis.union(narrow, narrow.mutate(tier=ibis.literal(ALL)))


def _ranked(o: ir.Table) -> ir.Table:
    """The distinct values of each tier and of all: metric, tier, q, num, how many have it (`gone`),
    how many of these are not censored (`d`), how many have it or less (`upto`), of how many."""
    narrow = o.select("metric", "tier", "q", num=_.num.round(9), open=_.censored.cast("int64"))
    own = narrow.group_by("metric", "tier", "q", "num").agg(gone=_.count(), open=_.open.sum())
    whole = own.group_by("metric", "q", "num").agg(gone=_.gone.sum(), open=_.open.sum())
    both = ibis.union(own, whole.mutate(tier=ibis.literal(ALL)).select(own.columns))
    up_to = ibis.window(group_by=SERIES, order_by="num", preceding=None, following=0)
    return both.select(
        "metric",
        "tier",
        "q",
        "num",
        "gone",
        d=_.gone - _.open,
        upto=_.gone.sum().over(up_to),
        size=_.gone.sum().over(ibis.window(group_by=SERIES)),
    )


SERIES = ["metric", "tier"]
ENDS = ("low", "high")
"""The ends of an interval."""


def _looks(observed: Observed) -> dict[Series, _Look]:
    found = {}
    for row in observed.ask(_first_look):
        series = row.pop("metric"), row.pop("tier")
        q, centre, censored = float(row.pop("q")), row.pop("centre"), row.pop("censored")
        counted = _sums(row | {"den": row["n"], "up": 0, "down": 0})
        found[series] = _Look(
            counted.n, counted.customers, int(censored), q, float(centre), effective_n(counted)
        )
    return found


def _first_look(o: ir.Table) -> ir.Table:
    ranked = _ranked(o)
    middle = ranked.upto >= ibis.greatest((ranked.size * ranked.q - 1e-9).ceil(), 1)
    centres = ranked.group_by(SERIES).agg(centre=ranked.num.min(where=middle))
    marked = _narrow(o).join(centres, SERIES)
    own = marked.group_by("metric", "tier", "q", "customer_id").agg(
        n=_.count(),
        num=(_.num <= _.centre).cast("int64").sum(),
        censored=_.censored.cast("int64").sum(),
        centre=_.centre.max(),
    )
    return own.group_by("metric", "tier", "q").agg(
        customers=_.customer_id.count(),
        n=_.n.sum(),
        num=_.num.sum(),
        censored=_.censored.sum(),
        centre=_.centre.max(),
        nn=(_.num * _.num).sum(),
        dd=(_.n * _.n).sum(),
        nd=(_.num * _.n).sum(),
    )


def _by_rank(observed: Observed, looks: Looks) -> dict[Series, Estimate]:
    spans = {s: order_ranks(k.n, k.q, LEVEL, k.effective) for s, k in looks.items()}
    wanted = {s: span for s, span in spans.items() if span}
    ends: dict[Series, tuple[float | None, float | None]] = {}
    if wanted:
        low, high = ({s: span[end] for s, span in wanted.items()} for end in (0, 1))
        every = observed.series
        ranks = _filling("low", low, every) | _filling("high", high, every)
        for row in observed.ask(_at_ranks, every, **ranks):
            ends[row["metric"], row["tier"]] = (float(row["low"]), float(row["high"]))
    return {
        series: _estimate(look, *ends.get(series, (None, None))) for series, look in looks.items()
    }


def _estimate(look: _Look, low: float | None, high: float | None) -> Estimate:
    return Estimate(look.centre, low, high, look.n, look.customers)


def _filling(what: str, known: Mapping[Series, Any], every: Sequence[Series]) -> dict[str, Any]:
    """What fills the slots of `_by_series`: zero for series of which nothing is known."""
    return {_name(what, series): known.get(series, 0) for series in every}


def _name(what: str, series: Series) -> str:
    return f"{what}.{series[0]}.{series[1]}"


def _by_series(table: ir.Table, what: str, every: Sequence[Series], type: str) -> Any:
    """What the slot of that name has for each series; zero for those of which nothing is known."""
    known = [
        ((table.metric == s[0]) & (table.tier == s[1]), slot(_name(what, s), type)) for s in every
    ]
    return ibis.cases(*known, else_=ibis.literal(0, type))


def _at_ranks(o: ir.Table, series: tuple[Series, ...]) -> ir.Table:
    """The values at the ranks that the slots say, by series."""
    ranked = _ranked(o)
    ranked = ranked.mutate(
        rank_low=_by_series(ranked, "low", series, "int64"),
        rank_high=_by_series(ranked, "high", series, "int64"),
    )
    ends = ranked.filter(_.rank_low > 0).group_by(SERIES)
    return ends.agg(
        low=_.num.min(where=_.upto >= _.rank_low), high=_.num.min(where=_.upto >= _.rank_high)
    )


def _censored(observed: Observed, looks: Looks) -> dict[Series, Estimate]:
    """As `survival.km_quantile`, in the engine; the band is widened by the design effect."""
    if not looks:
        return {}
    widths = {s: z(LEVEL) * sqrt(k.n / max(k.effective, 1)) for s, k in looks.items()}
    every = observed.series
    found = {}
    for row in observed.ask(_product_limit, every, **_filling("wide", widths, every)):
        series = row["metric"], row["tier"]
        look = looks[series]
        found[series] = _finite(
            Estimate(row["value"], row["low"], row["high"], look.n, look.customers)
        )
    return found


def _product_limit(o: ir.Table, series: tuple[Series, ...]) -> ir.Table:
    """By series the first value at which the share that is open, and its bounds, fall to 1 − q."""
    steps = _ranked(o)
    steps = steps.mutate(wide=_by_series(steps, "wide", series, "float64"))
    steps = steps.filter(steps.wide > 0)
    up_to = ibis.window(group_by=SERIES, order_by="num", preceding=None, following=0)
    steps = steps.mutate(r=_.size - _.upto + _.gone)
    last = steps.d >= steps.r
    safe = last.ifelse(1, steps.r - steps.d)
    steps = steps.mutate(
        log=(safe / steps.r).ln(), var=last.ifelse(0.0, steps.d / (steps.r * safe)), last=last
    )
    curve = steps.mutate(h=_["log"].sum().over(up_to), g=_["var"].sum().over(up_to))
    spread = curve.wide * curve.g.sqrt() / ibis.greatest(-curve.h, 1e-12)
    none_left = z(LEVEL) ** 2 / (curve.r + z(LEVEL) ** 2)
    curve = curve.mutate(
        s=curve["last"].ifelse(0.0, curve.h.exp()),
        lower=curve["last"].ifelse(0.0, (curve.h * spread.exp()).exp()),
        upper=curve["last"].ifelse(none_left, (curve.h * (-spread).exp()).exp()),
        aim=1 - curve.q + 1e-9,
    )
    return curve.group_by(SERIES).agg(
        value=_.num.min(where=_.s <= _.aim),
        low=_.num.min(where=_.lower <= _.aim),
        high=_.num.min(where=_.upper <= _.aim),
    )


def _finite(found: Estimate) -> Estimate:
    """An interval is printed only where both its ends were reached."""
    if found.value is None or found.low is None or found.high is None:
        return replace(found, low=None, high=None)
    return found
