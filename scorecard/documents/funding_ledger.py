"""The ledger of funding: what stances were to release and to cost, and what was found of it.

    planned released − planned spent = planned left,  and the same of what was found

A strength's pools in its tier are what it cost, less its baseline where it has one. A weakness has
released its baseline less what its pools cost there. Where the facts do not say, the reason
stands in place of the amount, and the amount is in no sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from scorecard.base.periods import Period
from scorecard.documents.funding_found import CostsThen, FundingFound, declares_money
from scorecard.errors import did_you_mean
from scorecard.measuring.pool_costs import NONE, UNNAMED, PoolCosts
from scorecard.strategy.amounts import of_period
from scorecard.strategy.model import Stance, StanceKind

NO_POOL = "no cost pool is named"
NO_BASELINE = "no baseline is declared"
NO_COSTS = "no costs"
NOT_OVER = "the period is not over"


@dataclass(frozen=True)
class Money:
    """What a stance was to release or to cost, and what was found; None where that is not known.

    `unknown` says why nothing was found, and `spent` what its pools cost in its tier.
    """

    planned: Decimal | None
    found: Decimal | None = None
    unknown: str = ""
    spent: Decimal = NONE


@dataclass(frozen=True)
class FundingLine:
    """A stance in force that declares money or names a pool: in the period, and since the plan
    began. `others` is what sources that are no weakness are to pay in the period."""

    stance: Stance
    now: Money
    since: Money
    others: Decimal = NONE


@dataclass(frozen=True)
class Sums:
    """What all of a kind were to release or to cost, of it the amounts that were held against
    costs, and what was found. `unknown` of `lines` could not be."""

    planned: Decimal = NONE
    held: Decimal = NONE
    found: Decimal = NONE
    unknown: int = 0
    lines: int = 0

    def __sub__(self, other: Sums) -> Sums:
        return Sums(
            self.planned - other.planned,
            self.held - other.held,
            self.found - other.found,
            self.unknown + other.unknown,
            self.lines + other.lines,
        )


@dataclass(frozen=True)
class FundingLedger:
    """All lines in the order given, their sums, and where each cost of the period is.

    first   the first period of what is cumulated; None where there is none before this one
    others  what sources that are no weakness are declared to pay in the period
    ended   keys of stances that are in the sums since then, and in force no longer
    costs   (what, amount) of the cost tables: parts that add up to `booked`
    """

    lines: tuple[FundingLine, ...]
    now: Mapping[StanceKind, Sums]
    since: Mapping[StanceKind, Sums]
    first: Period | None
    others: Decimal
    ended: tuple[str, ...]
    costs: tuple[tuple[str, Decimal], ...]
    booked: Decimal


def funding_ledger(
    stances: Sequence[Stance],
    found: FundingFound,
    period: Period,
    tiers: Sequence[str],
    over: bool = True,
) -> FundingLedger:
    """The ledger of a period; `stances` are those in force, and `over` is whether it is."""
    kept = [s for s in stances if s.pool or declares_money(s)]
    now = {s.key: money(s, period, found.now, over) for s in kept}
    then = _earlier(found.earlier)
    since = {key: _together([*then.get((key, kind), ()), now[key]]) for key, kind in _kinds(kept)}
    known = {(s.key, s.kind) for s in kept}
    ended = {key: of for key, of in then.items() if key not in known}
    lines = tuple(FundingLine(s, now[s.key], since[s.key], _others(s, period)) for s in kept)
    gone = [(kind, _together(of)) for (_key, kind), of in ended.items()]
    return FundingLedger(
        lines,
        _summed((line.stance.kind, line.now) for line in lines),
        _summed([*((line.stance.kind, line.since) for line in lines), *gone]),
        found.earlier[0].period if found.earlier else None,
        sum((line.others for line in lines), NONE),
        tuple(sorted(key for key, _kind in ended)),
        _costs(lines, found.now, tiers),
        found.now.whole,
    )


def money(stance: Stance, period: Period, costs: PoolCosts, over: bool = True) -> Money:
    """What a stance was to release or to cost in a period, and what was found."""
    planned = planned_of(stance, period)
    unknown = _why_unknown(stance, costs, over)
    spent = sum((costs.in_tier.get((pool, stance.tier), NONE) for pool in stance.pool), NONE)
    if unknown:
        return Money(planned, None, unknown, spent)
    before = of_period(stance.baseline, period) or NONE
    return Money(
        planned, before - spent if stance.kind == "weakness" else spent - before, "", spent
    )


def planned_of(stance: Stance, period: Period) -> Decimal | None:
    """What it releases, or costs: where a strength does not say, all that its sources pay, if each
    of them says what."""
    if stance.kind == "weakness":
        return of_period(stance.releases, period)
    if stance.costs or not stance.funded_by:
        return of_period(stance.costs, period)
    paid = [of_period(f.amount, period) for f in stance.funded_by]
    return sum((p for p in paid if p is not None), NONE) if None not in paid else None


def _others(stance: Stance, period: Period) -> Decimal:
    """What is to pay for a strength and is no weakness."""
    paid = (of_period(f.amount, period) for f in stance.funded_by if f.kind != "weakness")
    return sum((p for p in paid if p is not None), NONE)


def _why_unknown(stance: Stance, costs: PoolCosts, over: bool) -> str:
    if not stance.pool:
        return NO_POOL
    if not costs.pools:
        return NO_COSTS
    if missing := next((pool for pool in stance.pool if pool not in costs.pools), ""):
        near = did_you_mean(missing, costs.pools - {UNNAMED})
        meant = f" (d{near.strip()[1:]})" if near.startswith(" Did") else ""
        return f'no cost of pool "{missing}"{meant}'
    if loose := next((pool for pool in stance.pool if costs.on_nobody.get(pool)), ""):
        return f'a part of pool "{loose}" is on no customer and no driver'
    if stance.kind == "weakness" and not stance.baseline:
        return NO_BASELINE
    return "" if over else NOT_OVER


def _kinds(stances: Iterable[Stance]) -> list[tuple[str, StanceKind]]:
    return [(s.key, s.kind) for s in stances]


def _earlier(periods: Sequence[CostsThen]) -> dict[tuple[str, StanceKind], list[Money]]:
    """By stance and kind what was found in each period in which it was in force, oldest first."""
    found: dict[tuple[str, StanceKind], list[Money]] = {}
    for then in periods:
        for stance in then.stances:
            if stance.pool or declares_money(stance):
                of = found.setdefault((stance.key, stance.kind), [])
                of.append(money(stance, then.period, then.costs))
    return found


def _together(parts: Sequence[Money]) -> Money:
    """Several periods as one; not known where one of them is not."""
    planned = [m.planned for m in parts]
    found = [m.found for m in parts]
    return Money(
        sum((p for p in planned if p is not None), NONE) if None not in planned else None,
        sum((f for f in found if f is not None), NONE) if None not in found else None,
        next((m.unknown for m in parts if m.unknown), ""),
        sum((m.spent for m in parts), NONE),
    )


def _summed(lines: Iterable[tuple[StanceKind, Money]]) -> dict[StanceKind, Sums]:
    sums: dict[StanceKind, Sums] = {"weakness": Sums(), "strength": Sums()}
    for kind, of in lines:
        so_far, known = sums[kind], of.found is not None
        sums[kind] = Sums(
            so_far.planned + (of.planned or NONE),
            so_far.held + ((of.planned or NONE) if known else NONE),
            so_far.found + (of.found or NONE),
            so_far.unknown + (not known),
            so_far.lines + 1,
        )
    return sums


def _costs(
    lines: Iterable[FundingLine], costs: PoolCosts, tiers: Sequence[str]
) -> tuple[tuple[str, Decimal], ...]:
    """Every cost of the period once: of the pools that choices name, and named remainders."""
    if not costs.pools:
        return ()
    held = {kind: NONE for kind in ("weakness", "strength")}
    for line in lines:
        held[line.stance.kind] += line.now.spent
    in_tiers = sum((a for (_pool, tier), a in costs.in_tier.items() if tier in tiers), NONE)
    in_none = sum((a for (_pool, tier), a in costs.in_tier.items() if tier not in tiers), NONE)
    return (
        ("pools of strengths in their tiers", held["strength"]),
        ("pools of weaknesses in theirs", held["weakness"]),
        ("in tiers, of no choice", in_tiers - held["strength"] - held["weakness"]),
        ("of customers in no tier", in_none),
        ("on no customer", sum(costs.on_nobody.values(), NONE)),
    )
