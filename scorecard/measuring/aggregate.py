"""Aggregation: observations reduced to the few numbers an estimate needs, inside the engine.

Only aggregates come back, a handful per tier. Sums are exact decimals, so that
the order in which an engine reads rows cannot change the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.definitions.results import Estimate, Sums
from scorecard.facts.currency import EXACT, SQUARED
from scorecard.facts.statements import slot
from scorecard.stats.intervals import LEVEL, effective_n, order_ranks, z
from scorecard.stats.survival import Event, survival_at

ALL = "all"
"""The name under which the whole company is reduced beside its tiers."""
DAYS_A_MONTH = 365.25 / 12
NEVER = 1 << 62
"""A rank that no observation has."""


class Observed(Protocol):
    """Observations that can be asked a question; `question` makes it of them, and may have slots
    that the values fill."""

    def ask(
        self, question: Callable[..., ir.Table], *shape: Any, **values: Any
    ) -> list[dict[str, Any]]: ...


def sums(observed: Observed) -> dict[str, Sums]:
    """Sums by tier, and over all of them, of observations customer_id, tier, num, den."""
    found = {row.pop("tier"): _sums(row) for row in observed.ask(_sums_by_tier)}
    return found | {ALL: sum((found[t] for t in sorted(found)), Sums())}


def _sums_by_tier(o: ir.Table) -> ir.Table:
    own = o.group_by(o.tier, o.customer_id).agg(
        n=o.count(),
        num=o.num.cast(EXACT).sum(),
        den=o.den.cast(EXACT).sum(),
        up=(o.num > 0).sum(),
        down=(o.num < 0).sum(),
    )
    x, y = own.num.cast("float64"), own.den.cast("float64")
    squares = {"nn": x * x, "dd": y * y, "nd": x * y}
    return own.group_by(own.tier).agg(
        customers=own.customer_id.count(),
        **{c: own[c].sum() for c in ("n", "num", "den", "up", "down")},
        **{name: square.cast(SQUARED).sum() for name, square in squares.items()},
    )


def _sums(row: Mapping[str, Any]) -> Sums:
    counts: dict[str, Any] = {c: int(row[c]) for c in ("n", "customers", "up", "down")}
    return Sums(**counts | {c: float(row[c]) for c in ("num", "den", "nn", "dd", "nd")})


def survivals(observed: Observed, horizon: int) -> dict[str, Estimate]:
    """Survival to `horizon` months by tier, from entered, left (days of tenure) and lost.

    A loss on the anniversary itself, be it of a leap year, is one before the
    horizon. Whoever was lost on the day they came was watched all the same.
    """
    end = ceil(horizon * DAYS_A_MONTH)
    table: dict[str, list[Event]] = {ALL: []}
    for row in observed.ask(_comings_and_goings, end=end):
        event = (float(row["time"]), int(row["entered"]), int(row["left"]), int(row["lost"]))
        table.setdefault(row["tier"], []).append(event)
        table[ALL].append(event)
    return {tier: _survival(events, end) for tier, events in table.items() if events}


def _comings_and_goings(o: ir.Table) -> ir.Table:
    """By tier and day of tenure, how many began to be watched, how many ended, and were lost."""
    end = slot("end", "int64")
    at_once = _.lost & (_.left == 0) & (_.entered == 0)
    watched = o.filter(((_.left > _.entered) | at_once) & (_.entered < end))
    over = watched.left > end
    watched = watched.mutate(left=over.ifelse(end + 1, watched.left), lost=watched.lost & ~over)
    came = watched.select("tier", time=_.entered, entered=1, left=0, lost=0)
    went = watched.select("tier", time=_.left, entered=0, left=1, lost=_.lost.cast("int8"))
    counted = ibis.union(came, went).group_by("tier", "time")
    return counted.agg(entered=_.entered.sum(), left=_.left.sum(), lost=_.lost.sum())


def _survival(events: Iterable[Event], end: float) -> Estimate:
    events = list(events)
    found = survival_at(events, end)
    customers = sum(entered for _time, entered, _left, _lost in events)
    return Estimate(found.value, found.low, found.high, customers, customers, None, found.at_risk)


def quantiles(observed: Observed, q: float) -> dict[str, Estimate]:
    """The q-quantile of num by tier: order statistics, or Kaplan–Meier where some are censored.

    The interval is that of the effective n: several contacts of one customer are
    not as good as contacts of several customers. Values are counted first and the
    distinct ones ranked, so that no engine has to sort all observations in one place.
    """
    looks = _looks(observed, q)
    found = _by_rank(observed, q, {t: k for t, k in looks.items() if not k.censored})
    return found | _censored(observed, q, {t: k for t, k in looks.items() if k.censored})


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


def _narrow(o: ir.Table) -> ir.Table:
    """Every observation in its tier, and once more in all."""
    narrow = o.select(
        "tier", "customer_id", num=_.num.cast("float64").round(9), censored=_.censored
    )
    return ibis.union(narrow, narrow.mutate(tier=ibis.literal(ALL)))


def _ranked(o: ir.Table) -> ir.Table:
    """The distinct values of each tier and of all: tier, num, how many have it (`gone`), how many
    of these are not censored (`d`), how many have it or a smaller one (`upto`), of how many."""
    narrow = o.select("tier", num=_.num.cast("float64").round(9), open=_.censored.cast("int64"))
    own = narrow.group_by("tier", "num").agg(gone=_.count(), open=_.open.sum())
    whole = own.group_by("num").agg(gone=_.gone.sum(), open=_.open.sum())
    both = ibis.union(own, whole.select("num", "gone", "open", tier=ibis.literal(ALL)).select(own.columns))
    up_to = ibis.window(group_by="tier", order_by="num", preceding=None, following=0)
    return both.select(
        "tier",
        "num",
        "gone",
        d=_.gone - _.open,
        upto=_.gone.sum().over(up_to),
        size=_.gone.sum().over(ibis.window(group_by="tier")),
    )


def _looks(observed: Observed, q: float) -> dict[str, _Look]:
    found = {}
    for row in observed.ask(_first_look, q=q):
        tier, centre, censored = row.pop("tier"), row.pop("centre"), row.pop("censored")
        counted = _sums(row | {"den": row["n"], "up": 0, "down": 0})
        found[tier] = _Look(
            counted.n, counted.customers, int(censored), float(centre), effective_n(counted)
        )
    return found


def _first_look(o: ir.Table) -> ir.Table:
    ranked = _ranked(o)
    middle = ranked.upto >= ibis.greatest((ranked.size * slot("q", "float64") - 1e-9).ceil(), 1)
    centres = ranked.group_by(of="tier").agg(centre=ranked.num.min(where=middle))
    each = _narrow(o)
    marked = each.join(centres, each.tier == centres.of)
    own = marked.group_by("tier", "customer_id").agg(
        n=_.count(),
        num=(_.num <= _.centre).cast("int64").sum(),
        censored=_.censored.cast("int64").sum(),
        centre=_.centre.max(),
    )
    return own.group_by("tier").agg(
        customers=_.customer_id.count(),
        n=_.n.sum(),
        num=_.num.sum(),
        censored=_.censored.sum(),
        centre=_.centre.max(),
        nn=(_.num * _.num).sum(),
        dd=(_.n * _.n).sum(),
        nd=(_.num * _.n).sum(),
    )


def _by_rank(observed: Observed, q: float, looks: Looks) -> dict[str, Estimate]:
    spans = {t: order_ranks(k.n, q, LEVEL, k.effective) for t, k in looks.items()}
    wanted = {t: span for t, span in sorted(spans.items()) if span}
    ends: dict[str, dict[str, Any]] = {}
    if wanted:
        ranks = {f"{end}.{t}": r for t, s in wanted.items() for end, r in zip(ENDS, s, strict=True)}
        ends = {r["tier"]: r for r in observed.ask(_at_ranks, tuple(wanted), **ranks)}
    found = {}
    for tier, look in looks.items():
        low, high = (float(ends[tier][e]) for e in ENDS) if tier in ends else (None, None)
        found[tier] = Estimate(look.centre, low, high, look.n, look.customers)
    return found


ENDS = ("low", "high")
"""The ends of an interval."""


def _at_ranks(o: ir.Table, tiers: tuple[str, ...]) -> ir.Table:
    """The values at the ranks that the slots say, by tier."""
    ranked = _ranked(o).filter(_.tier.isin(tiers))
    ranks = {
        end: ranked.tier.cases(*[(t, slot(f"{end}.{t}", "int64")) for t in tiers], else_=NEVER)
        for end in ENDS
    }
    ranked = ranked.mutate(**{f"rank_{end}": rank for end, rank in ranks.items()})
    return ranked.group_by("tier").agg(
        low=_.num.min(where=_.upto >= _.rank_low), high=_.num.min(where=_.upto >= _.rank_high)
    )


def _censored(observed: Observed, q: float, looks: Looks) -> dict[str, Estimate]:
    """As `survival.km_quantile`, in the engine; the band is widened by the design effect."""
    if not looks:
        return {}
    tiers = tuple(sorted(looks))
    widths = {f"wide.{t}": z(LEVEL) * sqrt(k.n / max(k.effective, 1)) for t, k in looks.items()}
    found = {}
    for row in observed.ask(_product_limit, tiers, aim=1 - q + 1e-9, **widths):
        look = looks[row["tier"]]
        found[row["tier"]] = _finite(
            Estimate(row["value"], row["low"], row["high"], look.n, look.customers)
        )
    return found


def _product_limit(o: ir.Table, tiers: tuple[str, ...]) -> ir.Table:
    """By tier the first value at which the share that is open, and its bounds, fall to the aim."""
    steps = _ranked(o).filter(_.tier.isin(tiers))
    up_to = ibis.window(group_by="tier", order_by="num", preceding=None, following=0)
    steps = steps.mutate(r=_.size - _.upto + _.gone)
    last = steps.d >= steps.r
    safe = last.ifelse(1, steps.r - steps.d)
    steps = steps.mutate(
        log=(safe / steps.r).ln(), var=last.ifelse(0.0, steps.d / (steps.r * safe)), last=last
    )
    curve = steps.mutate(h=_["log"].sum().over(up_to), g=_["var"].sum().over(up_to))
    known = [(t, slot(f"wide.{t}", "float64")) for t in tiers]
    wide = curve.tier.cases(*known, else_=ibis.null("float64"))
    spread = wide * curve.g.sqrt() / ibis.greatest(-curve.h, 1e-12)
    none_left = z(LEVEL) ** 2 / (curve.r + z(LEVEL) ** 2)
    curve = curve.mutate(
        s=curve["last"].ifelse(0.0, curve.h.exp()),
        lower=curve["last"].ifelse(0.0, (curve.h * spread.exp()).exp()),
        upper=curve["last"].ifelse(none_left, (curve.h * (-spread).exp()).exp()),
    )
    aim = slot("aim", "float64")
    return curve.group_by("tier").agg(
        value=_.num.min(where=_.s <= aim),
        low=_.num.min(where=_.lower <= aim),
        high=_.num.min(where=_.upper <= aim),
    )


def _finite(found: Estimate) -> Estimate:
    """An interval is printed only where both its ends were reached."""
    if found.value is None or found.low is None or found.high is None:
        return replace(found, low=None, high=None)
    return found
