"""The funding map as data: rows of weaknesses and strengths, and the bands between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scorecard.documents.cells import cell, short
from scorecard.documents.formats import DASH
from scorecard.documents.funding import KINDS
from scorecard.documents.funding_ledger import FundingLedger, FundingLine
from scorecard.documents.funding_model import FundingBand, FundingRow, OtherSource
from scorecard.documents.grammar import capital, plural
from scorecard.documents.view import ReportView
from scorecard.measuring.pool_costs import NONE
from scorecard.strategy.amounts import of_period
from scorecard.strategy.model import Stance

MOST_ROWS = 9
"""Rows on each side of the map; where there are more, the last one has the rest together."""
UNKNOWN = "not known"
NO_AMOUNT = "no amount was planned"
LEAST = Decimal("0.5")
"""A difference of less than half a unit of money is none."""


@dataclass(frozen=True)
class Pair:
    """What a weakness pays for a strength, by their keys; None where nobody said how much."""

    weakness: str
    strength: str
    planned: Decimal | None
    found: Decimal | None


@dataclass(frozen=True)
class FundingMap:
    weaknesses: tuple[FundingRow, ...]
    strengths: tuple[FundingRow, ...]
    bands: tuple[FundingBand, ...]
    others: tuple[OtherSource, ...]


def pairs(view: ReportView, ledger: FundingLedger) -> tuple[Pair, ...]:
    """What pays for what, in the order of the lines of strengths.

    A strength's own amount for a weakness counts; where it says none, all that the weakness
    releases, if that pays for nothing else. What was found of a weakness is divided as planned.
    """
    weak = {line.stance.key: line for line in ledger.lines if line.stance.kind == "weakness"}
    strong = [line.stance for line in ledger.lines if line.stance.kind == "strength"]
    planned = {
        (key, s.key): _promised(view, weak[key], s)
        for s in strong
        for key in weak
        if s.key in weak[key].stance.funds or key in _refs(s)
    }
    wholes: dict[str, Decimal] = {}
    for (key, _to), amount in planned.items():
        wholes[key] = wholes.get(key, NONE) + (amount or NONE)
    return tuple(
        Pair(key, to, amount, _part(weak[key].now.found, amount, wholes[key]))
        for (key, to), amount in planned.items()
    )


def _refs(strength: Stance) -> tuple[str, ...]:
    return tuple(f.ref for f in strength.funded_by if f.kind == "weakness")


def _promised(view: ReportView, weak: FundingLine, strength: Stance) -> Decimal | None:
    period = view.data.period
    for funding in strength.funded_by:
        if funding.ref == weak.stance.key and funding.amount:
            return of_period(funding.amount, period)
    return of_period(weak.stance.releases, period) if len(weak.stance.funds) == 1 else None


def _part(found: Decimal | None, planned: Decimal | None, whole: Decimal) -> Decimal | None:
    if found is None or planned is None or not whole:
        return None
    return found * planned / whole


def funding_map(view: ReportView, ledger: FundingLedger, paid: Sequence[Pair]) -> FundingMap:
    """Both sides of the map, strengths as on the stance map, weaknesses beside what they pay for.

    Of more than find room those of the largest amounts have rows of their own.
    """
    places = view.places_on_map
    strong = sorted(
        (x for x in ledger.lines if x.stance.kind == "strength" and _amount(x, paid)),
        key=lambda x: places.get(x.stance.key, len(places)),
    )
    order = {x.stance.key: i for i, x in enumerate(strong)}
    first = {p.weakness: order[p.strength] for p in reversed(paid) if p.strength in order}
    weak = sorted(
        (x for x in ledger.lines if x.stance.kind == "weakness" and _amount(x, paid)),
        key=lambda x: (first.get(x.stance.key, len(order)), places.get(x.stance.key, 0)),
    )
    left, right = _kept(weak, paid), _kept(strong, paid)
    at = {x.stance.key: i for side in (left, right) for i, x in enumerate(side)}
    rest = (len(left), len(right))
    rows = [_rows(view, side, every, paid) for side, every in ((left, weak), (right, strong))]
    bands = _bands(view, paid, at, rest)
    return FundingMap(rows[0], rows[1], bands, _others(view, right))


def _amount(line: FundingLine, paid: Sequence[Pair]) -> Decimal:
    """How much room a line takes on the map: what it was planned, or what its sources pay."""
    through = [p.planned or NONE for p in paid if line.stance.key in (p.weakness, p.strength)]
    given = sum(through, NONE) + line.others
    return max(line.now.planned or NONE, line.now.found or NONE, given)


def _kept(lines: Sequence[FundingLine], paid: Sequence[Pair]) -> list[FundingLine]:
    if len(lines) <= MOST_ROWS:
        return list(lines)
    largest = sorted(lines, key=lambda x: -_amount(x, paid))[: MOST_ROWS - 1]
    return [x for x in lines if x in largest]


def _rows(
    view: ReportView, kept: list[FundingLine], every: Sequence[FundingLine], paid: Sequence[Pair]
) -> tuple[FundingRow, ...]:
    rows = [_row(view, line, paid) for line in kept]
    if rest := [x for x in every if x not in kept]:
        rows.append(_rest(view, rest, paid))
    return tuple(rows)


def _row(view: ReportView, line: FundingLine, paid: Sequence[Pair]) -> FundingRow:
    stance, now = line.stance, line.now
    shown = cell(view, view.data.metrics[stance.metric], stance.tier)
    return FundingRow(
        mark=stance.kind,
        choice=capital(view.subject(stance.metric)),
        tier=view.label(stance.tier),
        owner=short(view.owner_name(stance.owner)),
        words=shown.words,
        loud=shown.loud,
        planned=figure(view, now.planned),
        found=UNKNOWN if now.found is None else figure(view, now.found),
        told=_told(view, line, paid),
        unpaid=_unpaid(view, line, paid),
        amount=float(_amount(line, paid)),
        held=None if now.found is None else float(max(now.found, NONE)),
    )


def _rest(view: ReportView, lines: Sequence[FundingLine], paid: Sequence[Pair]) -> FundingRow:
    planned = sum((x.now.planned or NONE for x in lines), NONE)
    found = [x.now.found for x in lines if x.now.found is not None]
    some = "" if len(found) == len(lines) else f"found of {len(found)} of them"
    noun = plural(len(lines), lines[0].stance.kind).replace("weaknesss", "weaknesses")
    return FundingRow(
        mark="",
        choice=f"{len(lines)} more {noun}",
        tier="",
        owner="",
        words="",
        loud=False,
        planned=figure(view, planned),
        found=figure(view, sum(found, NONE)) if found else UNKNOWN,
        told=some,
        unpaid="",
        amount=float(sum((_amount(x, paid) for x in lines), NONE)),
        held=float(max(sum(found, NONE), NONE)) if found else None,
    )


def figure(view: ReportView, amount: Decimal | None) -> str:
    """An amount of the map, without its currency; "–" where there is none."""
    if amount is None:
        return DASH
    return view.formats.decimal(amount, view.formats.cents(float(amount)) if amount else 0)


def _told(view: ReportView, line: FundingLine, paid: Sequence[Pair]) -> str:
    """What a row says besides: "5,218 did not arrive", "924 over plan"."""
    now = line.now
    if now.found is None:
        return now.unknown
    if line.stance.kind == "strength":
        return "; ".join(_cost_told(view, line, now.found, paid))
    if now.planned is None:
        return NO_AMOUNT
    if now.found < 0:
        return f"costs {figure(view, -now.found)} more than before"
    missing = now.planned - now.found
    return f"{figure(view, missing)} did not arrive" if missing >= LEAST else ""


def _cost_told(
    view: ReportView, line: FundingLine, cost: Decimal, paid: Sequence[Pair]
) -> list[str]:
    """How what a strength cost differs from the plan, and what weaknesses paid of it."""
    over = cost - (line.now.planned or NONE)
    said = [f"{figure(view, over)} over plan"] if over >= LEAST else []
    if line.now.planned is None:
        said = [NO_AMOUNT]
    given = [p for p in paid if p.strength == line.stance.key]
    if given and all(p.found is not None for p in given) and cost > 0:
        found = sum((max(p.found or NONE, NONE) for p in given), NONE)
        said.append(f"weaknesses pay {figure(view, found)}")
    return said


def _unpaid(view: ReportView, line: FundingLine, paid: Sequence[Pair]) -> str:
    """ "7,697 unpaid": what a strength costs, or was to, beyond what is planned to pay for it."""
    if line.stance.kind == "weakness":
        return ""
    given = sum((p.planned or NONE for p in paid if p.strength == line.stance.key), NONE)
    missing = _amount(line, paid) - given - line.others
    return f"{figure(view, missing)} unpaid" if missing >= LEAST else ""


def _bands(
    view: ReportView, paid: Sequence[Pair], at: dict[str, int], rest: tuple[int, int]
) -> tuple[FundingBand, ...]:
    """One band for each pair of rows; those that run into a rest are one."""
    found: dict[tuple[int, int], list[Pair]] = {}
    for pair in paid:
        if pair.planned:
            ends = (at.get(pair.weakness, rest[0]), at.get(pair.strength, rest[1]))
            found.setdefault(ends, []).append(pair)
    return tuple(_band(view, ends, of) for ends, of in sorted(found.items()))


def _band(view: ReportView, ends: tuple[int, int], of: Sequence[Pair]) -> FundingBand:
    planned = sum((p.planned or NONE for p in of), NONE)
    if any(p.found is None for p in of):
        return FundingBand(*ends, float(planned), None, f"{figure(view, planned)} {UNKNOWN}", "")
    found = sum((max(p.found or NONE, NONE) for p in of), NONE)
    kept = sum((min(max(p.found or NONE, NONE), p.planned or NONE) for p in of), NONE)
    missing = planned - kept
    return FundingBand(
        *ends,
        float(planned),
        float(kept),
        f"{figure(view, found)} found" if kept else "",
        f"{figure(view, missing)} not found" if missing >= LEAST else "",
    )


def _others(view: ReportView, strong: Sequence[FundingLine]) -> tuple[OtherSource, ...]:
    return tuple(
        OtherSource(at, f"{KINDS[f.kind]} {figure(view, amount)}", float(amount))
        for at, line in enumerate(strong)
        for f in line.stance.funded_by
        if f.kind != "weakness" and (amount := of_period(f.amount, view.data.period))
    )
