"""Aggregation: observations reduced to the few numbers an estimate needs, inside the engine.

Only aggregates come back, a handful per tier. Sums are exact decimals, so that
the order in which an engine reads rows cannot change the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.definitions.results import Estimate, Sums
from scorecard.facts.currency import EXACT, SQUARED
from scorecard.facts.engine import answer
from scorecard.stats.intervals import LEVEL, effective_n, order_ranks, z
from scorecard.stats.survival import Event, survival_at

ALL = "all"
"""The name under which the whole company is reduced beside its tiers."""
DAYS_A_MONTH = 365.25 / 12


def sums(con: Any, observations: ir.Table) -> dict[str, Sums]:
    """Sums by tier, and over all of them, from customer_id, tier, num, den."""
    o = observations
    own = o.group_by(o.tier, o.customer_id).agg(
        n=o.count(),
        num=o.num.cast(EXACT).sum(),
        den=o.den.cast(EXACT).sum(),
        up=(o.num > 0).sum(),
        down=(o.num < 0).sum(),
    )
    x, y = own.num.cast("float64"), own.den.cast("float64")
    squares = {"nn": x * x, "dd": y * y, "nd": x * y}
    by_tier = own.group_by(own.tier).agg(
        customers=own.customer_id.count(),
        **{c: own[c].sum() for c in ("n", "num", "den", "up", "down")},
        **{name: square.cast(SQUARED).sum() for name, square in squares.items()},
    )
    found = {row.pop("tier"): _sums(row) for row in answer(con, by_tier)}
    return found | {ALL: sum((found[t] for t in sorted(found)), Sums())}


def _sums(row: Mapping[str, Any]) -> Sums:
    counts: dict[str, Any] = {c: int(row[c]) for c in ("n", "customers", "up", "down")}
    return Sums(**counts | {c: float(row[c]) for c in ("num", "den", "nn", "dd", "nd")})


def survivals(con: Any, observations: ir.Table, horizon: int) -> dict[str, Estimate]:
    """Survival to `horizon` months by tier, from entered, left (days of tenure) and lost.

    A loss on the anniversary itself, be it of a leap year, is one before the
    horizon. Whoever was lost on the day they came was watched all the same.
    """
    end = ceil(horizon * DAYS_A_MONTH)
    at_once = _.lost & (_.left == 0) & (_.entered == 0)
    watched = observations.filter(((_.left > _.entered) | at_once) & (_.entered < end))
    over = watched.left > end
    watched = watched.mutate(left=over.ifelse(end + 1, watched.left), lost=watched.lost & ~over)
    came = watched.select("tier", time=_.entered, entered=1, left=0, lost=0)
    went = watched.select("tier", time=_.left, entered=0, left=1, lost=_.lost.cast("int8"))
    counted = ibis.union(came, went).group_by("tier", "time")
    counted = counted.agg(entered=_.entered.sum(), left=_.left.sum(), lost=_.lost.sum())
    table: dict[str, list[Event]] = {ALL: []}
    for row in answer(con, counted):
        event = (float(row["time"]), int(row["entered"]), int(row["left"]), int(row["lost"]))
        table.setdefault(row["tier"], []).append(event)
        table[ALL].append(event)
    return {tier: _survival(events, end) for tier, events in table.items() if events}


def _survival(events: Iterable[Event], end: float) -> Estimate:
    events = list(events)
    found = survival_at(events, end)
    customers = sum(entered for _time, entered, _left, _lost in events)
    return Estimate(found.value, found.low, found.high, customers, customers, None, found.at_risk)


def quantiles(con: Any, ranked: ir.Table, q: float) -> dict[str, Estimate]:
    """The q-quantile of num by tier: order statistics, or Kaplan–Meier where some are censored.

    The interval is that of the effective n: several contacts of one customer are
    not as good as contacts of several customers. `ranked` is what `ranks` made of
    the observations, best kept, for it is read several times.
    """
    looks = _looks(con, ranked, q)
    found = _by_rank(con, ranked, q, {t: k for t, k in looks.items() if not k.censored})
    return found | _censored(con, ranked, q, {t: k for t, k in looks.items() if k.censored})


@dataclass(frozen=True)
class _Look:
    """A first look at a tier: how many, how many still open, the value at the quantile's rank,
    and how many independent observations they are worth."""

    n: int
    customers: int
    censored: int
    centre: float
    effective: float


Looks = Mapping[str, _Look]


def ranks(observations: ir.Table) -> ir.Table:
    """Every observation in its tier and in all: its rank, from 1, and of how many."""
    narrow = observations.select(
        "tier", "customer_id", num=_.num.cast("float64").round(9), censored=_.censored
    )
    both = ibis.union(narrow, narrow.mutate(tier=ibis.literal(ALL)))
    return both.mutate(
        rank=ibis.row_number().over(ibis.window(group_by="tier", order_by="num")) + 1,
        size=both.count().over(ibis.window(group_by="tier")),
    )


def _looks(con: Any, ranked: ir.Table, q: float) -> dict[str, _Look]:
    middle = ranked["rank"] == ibis.greatest((ranked["size"] * q - 1e-9).ceil(), 1)
    centre = ranked.num.max(where=middle).over(ibis.window(group_by="tier"))
    marked = ranked.mutate(centre=centre).mutate(under=(_.num <= _.centre).cast("int64"))
    own = marked.group_by("tier", "customer_id").agg(
        n=_.count(),
        num=_.under.sum(),
        censored=_.censored.cast("int64").sum(),
        centre=_.centre.max(),
    )
    by_tier = own.group_by("tier").agg(
        customers=_.customer_id.count(),
        n=_.n.sum(),
        num=_.num.sum(),
        censored=_.censored.sum(),
        centre=_.centre.max(),
        nn=(_.num * _.num).sum(),
        dd=(_.n * _.n).sum(),
        nd=(_.num * _.n).sum(),
    )
    found = {}
    for row in answer(con, by_tier):
        tier, centre, censored = row.pop("tier"), row.pop("centre"), row.pop("censored")
        counted = _sums(row | {"den": row["n"], "up": 0, "down": 0})
        found[tier] = _Look(
            counted.n, counted.customers, int(censored), float(centre), effective_n(counted)
        )
    return found


def _by_rank(con: Any, ranked: ir.Table, q: float, looks: Looks) -> dict[str, Estimate]:
    spans = {t: order_ranks(k.n, q, LEVEL, k.effective) for t, k in looks.items()}
    ends = _at_ranks(con, ranked, {t: span for t, span in spans.items() if span})
    found = {}
    for tier, look in looks.items():
        span = spans[tier]
        low, high = (ends[tier, span[0]], ends[tier, span[1]]) if span else (None, None)
        found[tier] = Estimate(look.centre, low, high, look.n, look.customers)
    return found


def _at_ranks(
    con: Any, ranked: ir.Table, wanted: Mapping[str, tuple[int, int]]
) -> dict[tuple[str, int], float]:
    """The values at given ranks within each tier."""
    if not wanted:
        return {}
    hits = ibis.or_(*[(ranked.tier == t) & ranked["rank"].isin(r) for t, r in wanted.items()])
    picked = answer(con, ranked.filter(hits).select("tier", "rank", "num"))
    return {(r["tier"], int(r["rank"])): float(r["num"]) for r in picked}


def _censored(con: Any, ranked: ir.Table, q: float, looks: Looks) -> dict[str, Estimate]:
    """As `survival.km_quantile`, in the engine; the band is widened by the design effect."""
    if not looks:
        return {}
    some = ranked.filter(ranked.tier.isin(sorted(looks)))
    times = some.group_by("tier", time=_.num).agg(
        gone=_.count(), d=(~_.censored).cast("int64").sum()
    )
    up_to = ibis.window(group_by="tier", order_by="time", preceding=None, following=0)
    whole = times.mutate(size=_.gone.sum().over(ibis.window(group_by="tier")))
    steps = whole.mutate(r=_.size - _.gone.sum().over(up_to) + _.gone)
    last = steps.d >= steps.r
    safe = last.ifelse(1, steps.r - steps.d)
    steps = steps.mutate(
        log=(safe / steps.r).ln(), var=last.ifelse(0.0, steps.d / (steps.r * safe)), last=last
    )
    curve = steps.mutate(h=_["log"].sum().over(up_to), g=_["var"].sum().over(up_to))
    widths = {t: z(LEVEL) * sqrt(k.n / max(k.effective, 1)) for t, k in looks.items()}
    wide = curve.tier.cases(*sorted(widths.items()), else_=ibis.null("float64"))
    spread = wide * curve.g.sqrt() / ibis.greatest(-curve.h, 1e-12)
    none_left = z(LEVEL) ** 2 / (curve.r + z(LEVEL) ** 2)
    curve = curve.mutate(
        s=curve["last"].ifelse(0.0, curve.h.exp()),
        lower=curve["last"].ifelse(0.0, (curve.h * spread.exp()).exp()),
        upper=curve["last"].ifelse(none_left, (curve.h * (-spread).exp()).exp()),
    )
    aim = 1 - q + 1e-9
    ends = curve.group_by("tier").agg(
        value=_.time.min(where=_.s <= aim),
        low=_.time.min(where=_.lower <= aim),
        high=_.time.min(where=_.upper <= aim),
    )
    found = {}
    for row in answer(con, ends):
        look = looks[row["tier"]]
        found[row["tier"]] = _finite(
            Estimate(row["value"], row["low"], row["high"], look.n, look.customers)
        )
    return found


def _finite(found: Estimate) -> Estimate:
    """An interval is printed only where both its ends were reached."""
    if found.value is None or found.low is None or found.high is None:
        return replace(found, low=None, high=None)
    return found
