"""Leaks: what over-served weaknesses hold back of the money that they were to release.

Their customers get more than was chosen, so the money is not there for a strength. How much a
customer used of the pool's driver, beside one of the tier above, says whether they are served
like that tier.
"""

from __future__ import annotations

from decimal import Decimal

from scorecard.documents.funding_found import FundingFound
from scorecard.documents.funding_ledger import FundingLedger, FundingLine
from scorecard.documents.funding_map import LEAST
from scorecard.documents.grammar import capital
from scorecard.documents.view import ReportView
from scorecard.measuring.pool_costs import NONE
from scorecard.strategy.model import Stance

OVER_SERVED = "over-served"


def leak_total(view: ReportView, ledger: FundingLedger) -> Decimal:
    """What all over-served weaknesses hold back, as far as that is known."""
    return sum((_held_back(x) or NONE for x in _over_served(view, ledger)), NONE)


def leaks(view: ReportView, ledger: FundingLedger) -> list[str]:
    """A clause for each over-served weakness that was to release something."""
    return [_said(view, line) for line in _over_served(view, ledger)]


def _over_served(view: ReportView, ledger: FundingLedger) -> list[FundingLine]:
    found = []
    for line in ledger.lines:
        result = view.result(line.stance.metric, line.stance.tier)
        verdict = result.verdict if result else None
        if line.stance.kind == "weakness" and verdict and verdict.words == OVER_SERVED:
            found.append(line)
    return found


def _held_back(line: FundingLine) -> Decimal | None:
    """What it was to release and did not; None where that is not known."""
    if line.now.found is None or line.now.planned is None:
        return None
    missing = line.now.planned - line.now.found
    return missing if missing >= LEAST else NONE


def _said(view: ReportView, line: FundingLine) -> str:
    what = f"{capital(view.keys_named([line.stance.key]))}, over-served,"
    amount = _held_back(line)
    if amount is None:
        why = line.now.unknown or "no amount is declared"
        return f"{what} may leak; how much is not known: {why}"
    compared = _beside_the_tier_above(view, line.stance)
    if not amount:
        return f"{what} released all that was planned{compared}"
    return f"{what} leaks {view.formats.money(float(amount))}{compared}"


def _beside_the_tier_above(view: ReportView, stance: Stance) -> str:
    """ ": 14.2 support minutes a customer, served like Gold (13.9)", where a driver says so."""
    tiers = view.tiers
    place = tiers.index(stance.tier) if stance.tier in tiers else 0
    found = view.data.funding
    if found is None or not place:
        return ""
    drivers = {d for pool in stance.pool for d in found.now.driver.get(pool, ())}
    if len(drivers) != 1:
        return ""
    driver, above = drivers.pop(), tiers[place - 1]
    own, other = (_each(view, found, driver, tier) for tier in (stance.tier, above))
    if own is None or other is None:
        return ""
    f, label = view.formats, view.label(above)
    places = 0 if min(own, other) >= 10 else 1
    of = f"{f.decimal(own, places)} {driver.replace('_', ' ')} a customer"
    theirs = f.decimal(other, places)
    if own >= other:
        return f": {of}, served like {label} ({theirs})"
    return f": {of}, {label} {theirs}"


def _each(view: ReportView, found: FundingFound, driver: str, tier: str) -> float | None:
    """How much of a driver each customer of a tier used; None without customers or use."""
    customers = view.data.sizes.get(tier, 0)
    used = found.now.used.get((driver, tier))
    return float(used) / customers if customers and used is not None else None
