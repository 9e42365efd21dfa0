"""The owner scorecard: one person, one page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scorecard.compose import sentences
from scorecard.compose.cells import cell
from scorecard.compose.changes import changes_of
from scorecard.compose.desk import MARGIN, Desk
from scorecard.compose.exceptions import affected
from scorecard.compose.grammar import capital
from scorecard.document import AffectedRow, Held, OwnerScorecard
from scorecard.formats import DASH
from scorecard.gather import exceptional
from scorecard.results import Result
from scorecard.strategy import Funding, Owner, Stance

SHOWN_NAMES = 3
AMOUNT = re.compile(r"([\d.,]*\d) *([A-Z]{3}) */ *(\w+)")


def owner_scorecard(desk: Desk, owner: Owner) -> OwnerScorecard:
    """The owner's strengths, accepted weaknesses and the customers they touched."""
    held = [w.stance for w in desk.m.stances if w.stance.owner == owner.id]
    order = [m.name for m in desk.metrics]
    held.sort(key=lambda s: (order.index(s.metric), desk.tiers.index(s.tier)))
    results = [r for s in held if (r := desk.result(s.metric, s.tier)) is not None]
    team = desk.m.strategy.team(owner.team)
    return OwnerScorecard(
        heading=desk.heading("Owner scorecard"),
        owner=owner.id,
        name=owner.name,
        role=owner.role,
        team=team.name if team else "",
        purpose=owner.purpose,
        sentence=sentences.owner(desk, results),
        strengths=tuple(_held(desk, s) for s in held if s.kind == "strength"),
        weaknesses=tuple(_held(desk, s) for s in held if s.kind == "weakness"),
        affected=tuple(row for r in results if (row := _affected(desk, r)) is not None),
        margins=margins(desk),
        notes=_notes(desk, owner, held),
    )


def margins(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Each tier's customer margin per customer: beside every experience score."""
    metric = desk.m.metrics.get(MARGIN)
    found = []
    for tier in desk.tiers:
        result = desk.result(MARGIN, tier)
        known = result is not None and not result.unmeasured
        value = result.estimate.value if result is not None and known else None
        found.append((desk.label(tier), desk.figure(metric, value) if metric else DASH))
    return tuple(found)


def _held(desk: Desk, stance: Stance) -> Held:
    metric = desk.m.metrics[stance.metric]
    shown = cell(desk, metric, stance.tier, charts=True)
    return Held(
        metric.name, metric.label, desk.f.unit(metric), shown, desk.limits(metric, stance),
        _funding(desk, stance), stance.trade_off, stance.key, desk.label(stance.tier),
    )  # fmt: skip


def _funding(desk: Desk, stance: Stance) -> str:
    """ "paid by Bronze first human reply; premium plan (€38,000 a month)"."""
    if stance.kind == "strength":
        weak = [f.ref for f in stance.funded_by if f.kind == "weakness"]
        sources = [_source(desk, f) for f in stance.funded_by if f.kind != "weakness"]
        named = [desk.keys_named(weak)] if weak else []
        return f"paid by {'; '.join([*named, *sources])}" if named or sources else ""
    frees = f"releases {_amount(desk, stance.releases)}" if stance.releases else ""
    goals = f"pays for {desk.keys_named(stance.funds)}" if stance.funds else ""
    return ", ".join(part for part in (goals, frees) if part)


def _source(desk: Desk, funding: Funding) -> str:
    amount = f" ({_amount(desk, funding.amount)})" if funding.amount else ""
    return f"{funding.ref}{amount}"


def _amount(desk: Desk, text: str) -> str:
    """ "94000 EUR/month" as "€94,000 a month"; what is written otherwise stays as it is."""
    match = AMOUNT.fullmatch(text.strip())
    if match is None or match[2] != desk.f.currency:
        return text
    return f"{desk.f.money(float(match[1].replace(',', '')))} a {match[3]}"


def _affected(desk: Desk, result: Result) -> AffectedRow | None:
    """Who an exception touched; None for what is no exception or touched nobody."""
    metric, stance = desk.m.metrics[result.metric], desk.stance(result.metric, result.tier)
    if stance is None or not exceptional(result):
        return None
    found = affected(desk, metric, result, stance)
    if found is None:
        return None
    names = found.names[:SHOWN_NAMES]
    rest = desk.m.touched[result.metric, result.tier].customers - len(names)
    said = "; ".join(names) + (f" and {desk.f.count(rest)} more" if rest else "")
    which = f"{desk.label(result.tier)} · {metric.label}"
    return AffectedRow(which, said, found.count, found.how, found.outcome)


def _notes(desk: Desk, owner: Owner, held: Sequence[Stance]) -> tuple[str, ...]:
    """What the reader must know about these stances: changes, back-dating, unknown margin."""
    told = {change.key for change in desk.m.changes}
    keys = {s.key for s in held} - told
    notes = [
        f"{capital(desk.keys_named([w.stance.key]))}: {w.note}."
        for w in desk.m.stances
        if w.stance.key in keys and w.note.startswith("back-dated")
    ]
    if desk.m.margin_unknown:
        notes.append(f"Customer margin is not known: {desk.m.margin_unknown}.")
    return (*changes_of(desk, owner.id), *notes)
