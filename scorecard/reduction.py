"""Reduction: observations to the few numbers an estimate needs, inside the facts plane.

Only aggregates come back, a handful per tier. Sums are exact decimals, so that
the order in which an engine reads rows cannot change the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.intervals import LEVEL, effective_n, order_ranks, z
from scorecard.results import Estimate, Sums
from scorecard.survival import Event, survival_at

EXACT, SQUARED = "decimal(28,6)", "decimal(38,6)"
ALL = "all"
"""The name under which the whole company is reduced beside its tiers."""
DAYS_A_MONTH = 365.25 / 12


def sums(con: Any, observations: ir.Table) -> dict[str, Sums]:
    """Sums by tier, and over all of them, from customer_id, tier, num, den."""
    own = observations.group_by("tier", "customer_id").agg(
        n=_.count(),
        num=_.num.cast(EXACT).sum(),
        den=_.den.cast(EXACT).sum(),
        up=(_.num > 0).cast("int64").sum(),
        down=(_.num < 0).cast("int64").sum(),
    )
    x, y = own.num.cast("float64"), own.den.cast("float64")
    own = own.mutate(nn=(x * x).cast(SQUARED), dd=(y * y).cast(SQUARED), nd=(x * y).cast(SQUARED))
    by_tier = own.group_by("tier").agg(
        customers=_.count(),
        **{c: _[c].sum() for c in ("n", "num", "den", "nn", "dd", "nd", "up", "down")},
    )
    found = {row.pop("tier"): _sums(row) for row in rows(con, by_tier)}
    return found | {ALL: sum((found[t] for t in sorted(found)), Sums())}


def _sums(row: Mapping[str, Any]) -> Sums:
    counts = {c: int(row[c]) for c in ("n", "customers", "up", "down")}
    return Sums(**counts, **{c: float(row[c]) for c in ("num", "den", "nn", "dd", "nd")})


def survivals(con: Any, observations: ir.Table, horizon: int) -> dict[str, Estimate]:
    """Survival to `horizon` months by tier, from entered, left (days of tenure) and lost."""
    end = horizon * DAYS_A_MONTH
    watched = observations.filter((_.left > _.entered) & (_.entered < end))
    over = watched.left > end
    watched = watched.mutate(
        left=over.ifelse(ceil(end), watched.left), lost=watched.lost & ~over
    )
    came = watched.group_by("tier", time=_.entered).agg(entered=_.count())
    went = watched.group_by("tier", time=_.left).agg(
        left=_.count(), lost=_.lost.cast("int64").sum()
    )
    none = ibis.literal(0, "int64")
    events = ibis.union(
        came.mutate(left=none, lost=none), went.mutate(entered=none).select(*came.columns, "left", "lost")
    )
    counted = events.group_by("tier", "time").agg(
        entered=_.entered.sum(), left=_.left.sum(), lost=_.lost.sum()
    )
    table: dict[str, list[Event]] = {ALL: []}
    for row in rows(con, counted.order_by("tier", "time")):
        event = (float(row["time"]), int(row["entered"]), int(row["left"]), int(row["lost"]))
        table.setdefault(row["tier"], []).append(event)
        table[ALL].append(event)
    return {tier: _survival(events, end) for tier, events in table.items() if events}


def _survival(events: Iterable[Event], end: float) -> Estimate:
    events = list(events)
    found = survival_at(events, end)
    customers = sum(entered for _time, entered, _left, _lost in events)
    return Estimate(
        found.value, found.low, found.high, customers, customers, None, found.at_risk
    )


def quantiles(con: Any, observations: ir.Table, q: float) -> dict[str, Estimate]:
    """The q-quantile of num by tier: order statistics, or Kaplan–Meier where some are censored.

    The interval's ranks are those of the effective n: several contacts of one
    customer are not as good as contacts of several customers.
    """
    whole = observations.mutate(tier=ibis.literal(ALL))
    both = ibis.union(observations, whole).cache()
    counts = {
        r["tier"]: (int(r["n"]), int(r["customers"]), int(r["censored"]))
        for r in rows(
            con,
            both.group_by("tier").agg(
                n=_.count(), customers=_.customer_id.nunique(), censored=_.censored.cast("int64").sum()
            ),
        )
    }
    found = _by_rank(con, both, q, {t: c for t, c in counts.items() if c[2] == 0})
    return found | _censored(con, both, q, {t: c for t, c in counts.items() if c[2] > 0})


Counts = Mapping[str, tuple[int, int, int]]


def _by_rank(con: Any, both: ir.Table, q: float, counts: Counts) -> dict[str, Estimate]:
    if not counts:
        return {}
    middle = {t: max(1, ceil(n * q - 1e-9)) for t, (n, _c, _x) in counts.items()}
    values = _at_ranks(con, both, {t: (rank,) for t, rank in middle.items()})
    centre = {t: values[t, rank] for t, rank in middle.items()}
    effective = _effective(con, both, centre)
    spans = {t: order_ranks(n, q, LEVEL, effective[t]) for t, (n, _c, _x) in counts.items()}
    ends = _at_ranks(con, both, {t: span for t, span in spans.items() if span})
    found = {}
    for tier, (n, customers, _x) in counts.items():
        span = spans[tier]
        low, high = (ends[tier, span[0]], ends[tier, span[1]]) if span else (None, None)
        found[tier] = Estimate(centre[tier], low, high, n, customers)
    return found


def _at_ranks(
    con: Any, both: ir.Table, wanted: Mapping[str, tuple[int, ...]]
) -> dict[tuple[str, int], float]:
    """The values at given ranks (from 1, smallest first) within each tier."""
    if not wanted:
        return {}
    ordered = both.mutate(
        rank=ibis.row_number().over(ibis.window(group_by="tier", order_by="num")) + 1
    )
    hits = ibis.or_(*[(ordered.tier == t) & ordered["rank"].isin(r) for t, r in wanted.items()])
    picked = ordered.filter(hits).select("tier", "rank", num=_.num.cast("float64"))
    return {(r["tier"], int(r["rank"])): round(float(r["num"]), 9) for r in rows(con, picked)}


def _effective(con: Any, both: ir.Table, centre: Mapping[str, float]) -> dict[str, float]:
    """The effective n per tier: that of the share of observations at or under the quantile."""
    at = both.tier.cases(*sorted(centre.items()), else_=ibis.null("float64"))
    marked = both.filter(both.tier.isin(sorted(centre))).mutate(
        num=(both.num <= at + 1e-9).cast("int64"), den=ibis.literal(1)
    )
    counted = sums(con, marked)
    return {tier: effective_n(counted[tier]) for tier in centre}


def _censored(con: Any, both: ir.Table, q: float, counts: Counts) -> dict[str, Estimate]:
    if not counts:
        return {}
    some = both.filter(both.tier.isin(sorted(counts)))
    times = some.group_by("tier", time=_.num.cast("float64").round(9)).agg(
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
    spread = z(LEVEL) * curve.g.sqrt() / ibis.greatest(-curve.h, 1e-12)
    curve = curve.mutate(
        s=curve["last"].ifelse(0.0, curve.h.exp()),
        lower=curve["last"].ifelse(0.0, (curve.h * spread.exp()).exp()),
        upper=curve["last"].ifelse(0.0, (curve.h * (-spread).exp()).exp()),
    )
    aim = 1 - q + 1e-9
    ends = curve.group_by("tier").agg(
        value=_.time.min(where=_.s <= aim),
        low=_.time.min(where=_.lower <= aim),
        high=_.time.min(where=_.upper <= aim),
    )
    found = {}
    for row in rows(con, ends):
        n, customers, _x = counts[row["tier"]]
        found[row["tier"]] = _finite(
            Estimate(row["value"], row["low"], row["high"], n, customers)
        )
    return found


def _finite(found: Estimate) -> Estimate:
    """An interval is printed only where both its ends were reached."""
    if found.value is None or found.low is None or found.high is None:
        return replace(found, low=None, high=None)
    return found


def rows(con: Any, table: ir.Table) -> list[dict[str, Any]]:
    """A small result as dictionaries; never used for anything that grows with customers."""
    fetched: list[dict[str, Any]] = con.to_pyarrow(table).to_pylist()
    return fetched

