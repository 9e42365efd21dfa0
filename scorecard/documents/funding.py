"""Funding: what pays for which strength, as a phrase and as rows of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from scorecard.documents.cells import cell
from scorecard.documents.funding_found import FundingFound
from scorecard.documents.funding_ledger import money
from scorecard.documents.grammar import capital
from scorecard.documents.team_model import FundedStrength, FundingSide, FundingSource
from scorecard.documents.view import ReportView
from scorecard.strategy.model import Funding, Stance

AMOUNT = re.compile(r"([\d.,]*\d) *([A-Z]{3}) */ *(\w+)")
KINDS = {
    "charge": "a charge",
    "cost_cut": "a cut in cost",
    "later_saving": "a later saving",
    "customer_work": "customers’ own work",
}


def said(view: ReportView, stance: Stance) -> str:
    """ "paid by Bronze first human reply; premium plan (€38,000 a month)", and what it costs or
    releases, with what was found of it: "releases €8,000 a month, €3,781 found"."""
    when = f" in {view.formats.period(view.data.period)}"
    if stance.kind == "strength":
        weak = [f.ref for f in stance.funded_by if f.kind == "weakness"]
        sources = [_source_said(view, f) for f in stance.funded_by if f.kind != "weakness"]
        named = [view.keys_named(weak)] if weak else []
        paid_by = f"paid by {'; '.join([*named, *sources])}" if named or sources else ""
        costs = (
            f"costs {amount(view, stance.costs)}{found(view, stance, when)}" if stance.costs else ""
        )
        return "; ".join(part for part in (paid_by, costs) if part)
    releases = f"releases {amount(view, stance.releases)}" if stance.releases else ""
    frees = releases and f"{releases}{found(view, stance, when)}"
    goals = f"pays for {view.keys_named(stance.funds)}" if stance.funds else ""
    return ", ".join(part for part in (goals, frees) if part)


def found(view: ReportView, stance: Stance, when: str = "") -> str:
    """ ", €3,781 found", or why that is not known; empty where no pool is named. `when` says of
    which period."""
    if not stance.pool:
        return ""
    data = view.data
    costs = (data.funding or FundingFound()).now
    of = money(stance, data.period, costs, data.elapsed is None)
    if of.found is None:
        return f", found is not known: {of.unknown}"
    return f", {view.formats.money(float(of.found))}\u00a0found{when}"


def amount(view: ReportView, text: str) -> str:
    """ "94000 EUR/month" as "€94,000 a month"; any other text unchanged."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None or match[2] != view.formats.currency:
        return text
    return f"{view.formats.money(float(match[1].replace(',', '')))} a {match[3]}"


def paid(
    view: ReportView, own: Collection[str], answers: Callable[[str], str]
) -> tuple[FundedStrength, ...]:
    """The strengths that are among `own`, or are paid for by one, in the order of the map.

    `own` are keys of stances, and `answers` names who answers for an owner's id. A
    strength among `own` has all its sources; another one only those among `own`.
    """
    found = []
    for key in view.paid_for:
        sources = [
            FundingSource(_end(view, funding, own, answers), _amount_said(view, funding))
            for funding in _fundings(view, key)
            if key in own or funding.ref in own
        ]
        if sources:
            strength = _stance_end(view, key, own, answers)
            found.append(FundedStrength(strength, tuple(sources)))
    return tuple(found)


def _source_said(view: ReportView, funding: Funding) -> str:
    worth = f" ({amount(view, funding.amount)})" if funding.amount else ""
    return f"{funding.ref}{worth}"


def _amount_said(view: ReportView, funding: Funding) -> str:
    """The amount that a source is to pay; where it is all that a weakness releases, with what was
    found of that."""
    said = amount(view, funding.amount)
    weak = _stance(view, funding.ref) if funding.kind == "weakness" else None
    only = weak is not None and weak.kind == "weakness" and len(weak.funds) == 1
    return f"{said}{found(view, weak)}" if said and only and weak is not None else said


def _fundings(view: ReportView, key: str) -> list[Funding]:
    """The sources that a strength declares, and the weaknesses that declare to pay for it."""
    found = _stance(view, key)
    named = list(found.funded_by) if found is not None and found.kind == "strength" else []
    known = {f.ref for f in named if f.kind == "weakness"}
    for other in (w.stance for w in view.data.payers(key)):
        if other.key not in known:
            # What it releases is the amount only where it pays for nothing else.
            whole = other.releases if len(other.funds) == 1 else ""
            named.append(Funding("weakness", other.key, whole))
    return named


def _end(
    view: ReportView, funding: Funding, own: Collection[str], answers: Callable[[str], str]
) -> FundingSide:
    if funding.kind != "weakness":
        return FundingSide("", capital(funding.ref), KINDS[funding.kind], False, "")
    return _stance_end(view, funding.ref, own, answers)


def _stance_end(
    view: ReportView, key: str, own: Collection[str], answers: Callable[[str], str]
) -> FundingSide:
    name, stance = capital(view.keys_named([key])), _stance(view, key)
    if stance is None:
        return FundingSide("", name, "no stance in force", False, "")
    shown = cell(view, view.data.metrics[stance.metric], stance.tier)
    who = answers(stance.owner) if key in own else ""
    return FundingSide(stance.kind, name, shown.words, shown.loud, who)


def _stance(view: ReportView, key: str) -> Stance | None:
    metric, _slash, tier = key.partition("/")
    return view.stance(metric, tier)
