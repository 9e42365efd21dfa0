"""The owner scorecard: one person, one page."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.definitions.results import Result
from scorecard.documents import funding, sentences, vacancies
from scorecard.documents.cells import cell
from scorecard.documents.changes import changes_of
from scorecard.documents.exceptions import affected
from scorecard.documents.formats import DASH
from scorecard.documents.grammar import capital
from scorecard.documents.packet_model import Affected, AffectedRow, Held, OwnerScorecard
from scorecard.documents.report_data import exceptional
from scorecard.documents.view import MARGIN, Desk
from scorecard.strategy.model import Owner, Stance

SHOWN_NAMES, ALL_NAMES = 3, 12
"""Of customers, in a row and about so many on the page: it must hold a bad month too."""


def owner_scorecard(desk: Desk, owner: Owner) -> OwnerScorecard:
    """The owner's strengths, accepted weaknesses and the customers they touched.

    Headed by whoever answered at the period's end, or by the role where nobody did.
    """
    held = stances_of(desk, owner)
    results = [r for s in held if (r := desk.result(s.metric, s.tier)) is not None]
    team = desk.m.strategy.team(owner.team)
    name, role = vacancies.heading(desk, owner)
    return OwnerScorecard(
        heading=desk.heading("Owner scorecard"),
        owner=owner.id,
        name=name,
        role=role,
        team=team.name if team else "",
        purpose=owner.purpose,
        sentence=sentences.owner(desk, results),
        strengths=tuple(shown(desk, s) for s in held if s.kind == "strength"),
        weaknesses=tuple(shown(desk, s) for s in held if s.kind == "weakness"),
        affected=_affected_rows(desk, results),
        margins=margins(desk),
        notes=(
            *vacancies.opted_out(desk, (owner,), "this page"),
            *changes_of(desk, owner.id),
            *notes(desk, held),
        ),
        standing=vacancies.remark(desk, owner),
        allowed=vacancies.names(desk, (owner,)),
    )


def stances_of(desk: Desk, owner: Owner) -> list[Stance]:
    """The owner's stances in the order of the map."""
    held = [w.stance for w in desk.m.stances_of(owner.id)]
    return sorted(held, key=lambda s: desk.places_on_map[s.key])


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


def shown(desk: Desk, stance: Stance) -> Held:
    """A stance as it is printed for its owner, with its figure, verdict and charts."""
    metric = desk.m.metrics[stance.metric]
    drawn = cell(desk, metric, stance.tier, charts=True)
    return Held(
        metric.name,
        metric.label,
        desk.f.unit(metric),
        drawn,
        desk.limits(metric, stance),
        funding.said(desk, stance),
        stance.trade_off,
        stance.key,
        desk.label(stance.tier),
    )


def _affected_rows(desk: Desk, results: Sequence[Result]) -> tuple[AffectedRow, ...]:
    """A row for each exception that touched somebody; the more there are, the fewer names each."""
    each = ALL_NAMES // max(sum(map(exceptional, results)), 1)
    most = min(SHOWN_NAMES, max(each, 1))
    return tuple(row for r in results if (row := _affected(desk, r, most)) is not None)


def _affected(desk: Desk, result: Result, most: int) -> AffectedRow | None:
    """Who an exception touched; None for what is no exception or touched nobody."""
    metric, stance = desk.m.metrics[result.metric], desk.stance(result.metric, result.tier)
    if stance is None or not exceptional(result):
        return None
    found = affected(desk, metric, result, stance)
    if found is None:
        return None
    which, said = f"{desk.label(result.tier)} · {metric.label}", named(desk, result, found, most)
    return AffectedRow(which, said, found.count, found.how, found.outcome)


def named(desk: Desk, result: Result, found: Affected, most: int) -> str:
    """ "Aldous Marine; Petra Foods and 12 more"."""
    names = found.names[:most]
    rest = desk.m.touched[result.metric, result.tier].customers - len(names)
    return "; ".join(names) + (f" and {desk.f.count(rest)} more" if rest else "")


def notes(desk: Desk, held: Sequence[Stance]) -> tuple[str, ...]:
    """What the reader must know about these stances: back-dating, unknown margin."""
    keys = {s.key for s in held} - desk.m.changed
    owners = dict.fromkeys(s.owner for s in held)
    found = [
        f"{capital(desk.keys_named([w.stance.key]))}: {w.note}."
        for id in owners
        for w in desk.m.stances_of(id)
        if w.stance.key in keys and w.note.startswith("back-dated")
    ]
    if desk.m.margin_unknown:
        found.append(f"Customer margin is not known: {desk.m.margin_unknown}.")
    return tuple(found)
