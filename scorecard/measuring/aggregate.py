"""Aggregation: observations reduced to the few numbers an estimate needs, inside the engine.

Only aggregates come back, a handful per tier. Sums are exact decimals, so that
the order in which an engine reads rows cannot change the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.definitions.results import Estimate, Sums
from scorecard.facts.currency import SQUARED
from scorecard.facts.statements import slot
from scorecard.stats.intervals import LEVEL, Ranks, order_ranks, share_n
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
    """Sums by metric and tier, and over all tiers, from num, den, squares, up, down."""
    found: dict[str, dict[str, Sums]] = {}
    for row in observed.ask(sums_by_tier):
        found.setdefault(row.pop("metric"), {})[row.pop("tier")] = read_sums(row)
    return {m: by | {ALL: sum((by[t] for t in sorted(by)), Sums())} for m, by in found.items()}


def sums_by_tier(o: ir.Table) -> ir.Table:
    """The sums of each metric and tier, customers' own summed first.

    Rows of nobody are alike to nothing that is known: each counts singly. Those with the same
    values are summed together, n times the square of one.
    """
    nobody = o.customer_id.isnull()
    single = {c: nobody.ifelse(o[c], 0) for c in ("num", "den")}
    own = o.group_by("metric", "tier", "customer_id", num_of=single["num"], den_of=single["den"])
    own = own.agg(n=_.count(), **{c: _[c].sum() for c in ("num", "den", "squares", "up", "down")})
    alike = own.customer_id.isnull().ifelse(own.n, 1)
    x, y = own.num.cast("float64"), own.den.cast("float64")
    products = {"nn": x * x / alike, "dd": y * y / alike, "nd": x * y / alike}
    return own.group_by("metric", "tier").agg(
        customers=own.customer_id.count(),
        nameless=own.n.sum(where=own.customer_id.isnull()).fill_null(0),
        **{c: own[c].sum() for c in ("n", "num", "den", "squares", "up", "down")},
        **{name: product.cast(SQUARED).sum() for name, product in products.items()},
    )


AMOUNTS = ("num", "den", "nn", "dd", "nd", "squares")


def read_sums(row: Mapping[str, Any]) -> Sums:
    """The sums of a row of `sums_by_tier`."""
    counts: dict[str, Any] = {c: int(row[c]) for c in ("n", "customers", "up", "down", "nameless")}
    return Sums(**counts | {c: float(row[c]) for c in AMOUNTS if c in row})


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
    not as good as contacts of several customers. It supposes nothing of waits that are not
    over: towards its lower end they count as ended now, towards its upper end as endless. So an
    end that lies among them is known to be more than what they have waited, or not known. A
    quantile that lies among them is at least the wait at its rank so far; see `Sums.beyond`.
    Values are counted first and the distinct ones ranked, so that no engine has to sort all
    observations in one place.
    """
    looks = _looks(observed)
    ends = _ends(observed, looks)
    ended = _product_limits(observed, looks)
    found: dict[str, dict[str, Estimate]] = {}
    for series, look in looks.items():
        value = ended.get(series) if look.sums.open else look.centre
        sums = replace(look.sums, beyond=value is None)
        low, high = ends.get(series, (None, None))
        at = look.centre if value is None else value
        metric, tier = series
        found.setdefault(metric, {})[tier] = Estimate(
            at, low, high, sums.n, sums.customers, sums=sums
        )
    return found


@dataclass(frozen=True)
class _Look:
    """A first look at a series: the quantile q, the value at its rank, and the sums of those that
    have it or less."""

    q: float
    centre: float
    sums: Sums

    @property
    def ranks(self) -> Ranks:
        return order_ranks(self.sums.n, self.q, LEVEL, share_n(self.sums))


Looks = Mapping[Series, _Look]


def _narrow(o: ir.Table) -> ir.Table:
    """Every observation in its tier, and once more in all."""
    narrow = o.select("metric", "tier", "customer_id", "q", "censored", num=_.num.round(9))
    return ibis.union(narrow, narrow.mutate(tier=ibis.literal(ALL)))


def _ranked(o: ir.Table) -> ir.Table:
    """The distinct values of each tier and of all: metric, tier, q, num, how many have it (`gone`),
    how many of these are not censored (`d`), how many have it or less (`upto`), of how many, and
    how many of those up to it are not censored (`ended`)."""
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
        ended=(_.gone - _.open).sum().over(up_to),
    )


SERIES = ["metric", "tier"]


def _looks(observed: Observed) -> dict[Series, _Look]:
    found = {}
    for row in observed.ask(_first_look):
        series = row.pop("metric"), row.pop("tier")
        q, centre, censored = float(row.pop("q")), row.pop("centre"), row.pop("censored")
        sums = read_sums(row | {"den": row["n"], "up": 0, "down": 0})
        found[series] = _Look(q, float(centre), replace(sums, open=int(censored)))
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
        nameless=_.n.sum(where=_.customer_id.isnull()).fill_null(0),
        n=_.n.sum(),
        num=_.num.sum(),
        censored=_.censored.sum(),
        centre=_.centre.max(),
        # Waits of nobody count singly, 0 or 1 of one each.
        nn=_.customer_id.isnull().ifelse(_.num, _.num * _.num).sum(),
        dd=_.customer_id.isnull().ifelse(_.n, _.n * _.n).sum(),
        nd=_.customer_id.isnull().ifelse(_.num, _.num * _.n).sum(),
    )


Ends = tuple[float | None, float | None]


def _ends(observed: Observed, looks: Looks) -> dict[Series, Ends]:
    """The values at both ends of each interval, where these are known."""
    wanted = {s: look.ranks for s, look in looks.items() if look.ranks != (None, None)}
    if not wanted:
        return {}
    every = observed.series
    ranks = {
        **_filling("low", {s: low for s, (low, _high) in wanted.items() if low}, every),
        **_filling("high", {s: high for s, (_low, high) in wanted.items() if high}, every),
    }
    found: dict[Series, Ends] = {}
    for row in observed.ask(_at_ranks, every, **ranks):
        series = row["metric"], row["tier"]
        if series in wanted:
            low, high = wanted[series]
            found[series] = (_known(low, row["low"]), _known(high, row["high"]))
    return found


def _known(rank: int | None, value: float | None) -> float | None:
    """The value at a rank; None where the rank is not known, or lies among endless waits."""
    return None if rank is None or value is None else float(value)


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
    """By series the values at the ranks that the slots say: at the lower end as if open waits were
    over now, at the upper end of ended ones alone."""
    ranked = _ranked(o)
    ranked = ranked.mutate(
        rank_low=_by_series(ranked, "low", series, "int64"),
        rank_high=_by_series(ranked, "high", series, "int64"),
    )
    return ranked.group_by(SERIES).agg(
        low=_.num.min(where=_.upto >= _.rank_low),
        high=_.num.min(where=_.ended >= _.rank_high),
    )


def _product_limits(observed: Observed, looks: Looks) -> dict[Series, float]:
    """Kaplan and Meier's quantiles, where some are open; none where these are not reached."""
    if not any(look.sums.open for look in looks.values()):
        return {}
    rows = observed.ask(_product_limit)
    return {(r["metric"], r["tier"]): float(r["value"]) for r in rows if r["value"] is not None}


def _product_limit(o: ir.Table) -> ir.Table:
    """By series the first value at which the share that is open falls to 1 − q."""
    steps = _ranked(o)
    up_to = ibis.window(group_by=SERIES, order_by="num", preceding=None, following=0)
    steps = steps.mutate(r=_.size - _.upto + _.gone)
    last = steps.d >= steps.r
    safe = last.ifelse(1, steps.r - steps.d)
    steps = steps.mutate(log=(safe / steps.r).ln(), last=last)
    curve = steps.mutate(h=_["log"].sum().over(up_to))
    curve = curve.mutate(s=curve["last"].ifelse(0.0, curve.h.exp()), aim=1 - curve.q + 1e-9)
    return curve.group_by(SERIES).agg(value=_.num.min(where=_.s <= _.aim))
