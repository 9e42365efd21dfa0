"""The owner scorecard: one person, one page."""

from __future__ import annotations

from scorecard.compose import sentences
from scorecard.compose.desk import Desk
from scorecard.compose.exceptions import affected
from scorecard.document import AffectedRow, Held, OwnerScorecard
from scorecard.gather import exceptional
from scorecard.metric import Metric
from scorecard.results import Result
from scorecard.strategy import Funding, Owner, Stance

SHOWN_NAMES = 3


def owner_scorecard(desk: Desk, owner: Owner) -> OwnerScorecard:
    """The owner's strengths, accepted weaknesses and the customers they touched."""
    held = [w.stance for w in desk.m.stances if w.stance.owner == owner.id]
    order = list(desk.m.metrics)
    tiers = list(desk.m.strategy.plan.ids)
    held.sort(key=lambda s: (order.index(s.metric), tiers.index(s.tier)))
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
        affected=tuple(_affected(desk, r) for r in results if _is_exception(desk, r)),
        margins=margins(desk),
        notes=_notes(desk, held),
    )


def margins(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Each tier's customer margin per customer: beside every experience score."""
    metric = desk.m.metrics.get("customer_margin")
    if metric is None:
        return ()
    found = []
    for tier in desk.m.strategy.plan.ids:
        result = desk.result(metric.name, tier)
        value = result.estimate.value if result and not desk.m.margin_unknown else None
        found.append((desk.label(tier), desk.f.with_unit(metric, value)))
    return tuple(found)


def _held(desk: Desk, stance: Stance) -> Held:
    metric = desk.m.metrics[stance.metric]
    cell = desk.cell(metric, stance.tier, charts=True)
    return Held(
        metric.name, metric.label, desk.f.unit(metric), cell, desk.limits(metric, stance),
        _funding(desk, stance), stance.trade_off, stance.key,
    )  # fmt: skip


def _funding(desk: Desk, stance: Stance) -> str:
    if stance.kind == "strength":
        sources = [_source(desk, funding) for funding in stance.funded_by]
        return f"paid by {', '.join(sources)}" if sources else ""
    goals = [_cell_name(desk, key) for key in stance.funds]
    frees = f", releases {_amount(desk, stance.releases)}" if stance.releases else ""
    return f"pays for {', '.join(goals)}{frees}" if goals else ""


def _source(desk: Desk, funding: Funding) -> str:
    if funding.kind == "weakness":
        return _cell_name(desk, funding.ref)
    amount = f" ({_amount(desk, funding.amount)})" if funding.amount else ""
    return f"{funding.ref}{amount}"


def _amount(desk: Desk, text: str) -> str:
    """ "94000 EUR/month" as "€94,000 a month"."""
    number, _, rest = text.partition(" ")
    unit, _, span = rest.partition("/")
    if unit != desk.f.currency:
        return text
    said = desk.f.money(float(number.replace(",", "")))
    return f"{said} a {span}" if span else said


def _cell_name(desk: Desk, key: str) -> str:
    metric, _, tier = key.partition("/")
    known = desk.m.metrics.get(metric)
    label = known.label.split(",")[0].split(" (")[0] if known else metric
    return f"{desk.label(tier)} {label[0].lower()}{label[1:]}"


def _is_exception(desk: Desk, result: Result) -> bool:
    return exceptional(result) and (result.metric, result.tier) in desk.m.touched


def _affected(desk: Desk, result: Result) -> AffectedRow:
    metric: Metric = desk.m.metrics[result.metric]
    stance = desk.stance(result.metric, result.tier)
    assert stance is not None  # an exception is a verdict, and a verdict has a stance
    found = affected(desk, metric, stance, desk.m.touched[result.metric, result.tier])
    rest = desk.m.touched[result.metric, result.tier].customers - SHOWN_NAMES
    names = ", ".join(found.names[:SHOWN_NAMES])
    if rest > 0:
        names += f" and {desk.f.count(rest)} more"
    return AffectedRow(
        f"{desk.label(result.tier)} · {metric.label}", names, found.count, found.how, found.outcome
    )


def _notes(desk: Desk, held: list[Stance]) -> tuple[str, ...]:
    """What the reader must know about these stances: changes, back-dating, data caveats."""
    keys = {s.key for s in held}
    notes = [
        f"{_cell_name(desk, w.stance.key)}: {w.note}."
        for w in desk.m.stances
        if w.stance.key in keys and w.note.startswith("back-dated")
    ]
    if desk.m.margin_unknown:
        notes.append(f"Customer margin is not known: {desk.m.margin_unknown}.")
    return tuple(notes)
