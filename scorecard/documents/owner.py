"""The owner scorecard: one person, one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scorecard.definitions.results import Result
from scorecard.documents import committed, expiry, funding, sentences, vacancies
from scorecard.documents.answered import (
    acknowledged,
    answered_lines,
    speakers,
    told_of,
    unread_lines,
)
from scorecard.documents.cells import cell
from scorecard.documents.changes import changes_of
from scorecard.documents.exceptions import affected, item
from scorecard.documents.formats import DASH
from scorecard.documents.grammar import capital
from scorecard.documents.model import StanceLine
from scorecard.documents.owner_model import AffectedRow, OwnerScorecard
from scorecard.documents.packet_model import Affected
from scorecard.documents.report_data import exceptional
from scorecard.documents.trend_model import Trend
from scorecard.documents.trends import trend
from scorecard.documents.view import MARGIN, ReportView
from scorecard.strategy.accountability import approves_own
from scorecard.strategy.model import Owner, Stance

SHOWN_NAMES, ALL_NAMES = 3, 12
"""Customers named in a row, and about how many on the page, so that a bad month fits it too."""


def owner_scorecard(view: ReportView, owner: Owner) -> OwnerScorecard:
    """The owner's strengths, accepted weaknesses and the customers they affected.

    Its heading names who answered at the period's end, or the role where nobody did.
    """
    owned = stances_of(view, owner)
    results = [r for s in owned if (r := view.result(s.metric, s.tier)) is not None]
    team = view.data.strategy.team(owner.team)
    name, role = vacancies.heading(view, owner)
    return OwnerScorecard(
        heading=view.heading("Owner scorecard"),
        owner=owner.id,
        name=name,
        role=role,
        team=team.name if team else "",
        purpose=owner.purpose,
        sentence=sentences.owner(view, results, [owner.id]),
        strengths=tuple(shown(view, s) for s in owned if s.kind == "strength"),
        weaknesses=tuple(shown(view, s) for s in owned if s.kind == "weakness"),
        affected=_affected_rows(view, results),
        margins=margins(view),
        notes=(
            *unread_lines(view, owner.id),
            *vacancies.opted_out(view, (owner,), "this page"),
            *expiry.lines(view, (owner.id,)),
            *changes_of(view, owner.id),
            *notes(view, owned),
        ),
        standing=vacancies.remark(view, owner),
        allowed=(
            *vacancies.names(view, (owner,)),
            *speakers(view, owner.id),
            *told_of(view, owner.id),
        ),
        trends=_trends(view, results),
        asked=answered_lines(view, owner.id),
        commitments=committed.shown(view, owner.id),
        record=committed.record(view, owner.id),
        read=acknowledged(view, owner.id),
    )


def stances_of(view: ReportView, owner: Owner) -> list[Stance]:
    """The owner's stances in the order of the map."""
    owned = [w.stance for w in view.data.stances_of(owner.id)]
    return sorted(owned, key=lambda s: view.places_on_map[s.key])


def margins(view: ReportView) -> tuple[tuple[str, str], ...]:
    """(label, customer margin per customer) of each tier, printed beside experience scores."""
    metric = view.data.metrics.get(MARGIN)
    found = []
    for tier in view.tiers:
        found.append((view.label(tier), view.figure_of(metric, tier) if metric else DASH))
    return tuple(found)


def shown(view: ReportView, stance: Stance) -> StanceLine:
    """A stance as it is printed for its owner, with its figure, verdict and charts."""
    metric = view.data.metrics[stance.metric]
    drawn = cell(view, metric, stance.tier, charts=True)
    return StanceLine(
        metric.name,
        metric.label,
        view.formats.unit(view.printed(metric)),
        drawn,
        view.limits(metric, stance),
        funding.said(view, stance),
        stance.trade_off,
        stance.key,
        view.label(stance.tier),
    )


def _trends(view: ReportView, results: Sequence[Result]) -> tuple[Trend, ...]:
    """The trends of the owner's exceptions; they name nobody, since the page does."""
    found = []
    for result in results:
        stance = view.stance(result.metric, result.tier)
        if stance is not None and exceptional(result):
            of = trend(view, result, stance, item(view, result, stance), incidents=False)
            found += [replace(of, owner="")] if of is not None else []
    return tuple(found)


def _affected_rows(view: ReportView, results: Sequence[Result]) -> tuple[AffectedRow, ...]:
    """A row for each exception that affected customers; more rows have fewer names each."""
    each = ALL_NAMES // max(sum(map(exceptional, results)), 1)
    most = min(SHOWN_NAMES, max(each, 1))
    return tuple(row for r in results if (row := _affected(view, r, most)) is not None)


def _affected(view: ReportView, result: Result, most: int) -> AffectedRow | None:
    """The customers affected by an exception; None where it is none or affected nobody."""
    metric, stance = view.data.metrics[result.metric], view.stance(result.metric, result.tier)
    if stance is None or not exceptional(result):
        return None
    found = affected(view, metric, result, stance)
    if found is None:
        return None
    which, said = f"{view.label(result.tier)} · {metric.label}", named(view, result, found, most)
    return AffectedRow(which, said, found.count, found.how, found.outcome)


def named(view: ReportView, result: Result, found: Affected, most: int) -> str:
    """ "Aldous Marine; Petra Foods and 12 more", or why nobody is named."""
    if not found.names:
        return found.more
    names = found.names[:most]
    rest = view.data.touched[result.metric, result.tier].customers - len(names)
    return "; ".join(names) + (f" and {view.formats.count(rest)} more" if rest else "")


def notes(view: ReportView, stances: Sequence[Stance]) -> tuple[str, ...]:
    """Reservations about these stances: which were back-dated or approved by their own owner, and
    where margin is unknown."""
    keys = {s.key for s in stances} - view.data.changed
    owners = dict.fromkeys(s.owner for s in stances)
    found = [
        f"{capital(view.keys_named([w.stance.key]))}: {w.note}."
        for id in owners
        for w in view.data.stances_of(id)
        if w.stance.key in keys
        and w.note.startswith(("back-dated", "on trust: the ledger began anew"))
    ]
    own = [s.key for s in stances if s.key in keys and approves_own(view.data.strategy, s)]
    if own:
        found.append(f"{capital(view.keys_named(own))}: approved by its own owner.")
    if view.data.margin_unknown:
        found.append(f"Customer margin is not known: {view.data.margin_unknown}.")
    elif unknown := [(view.label(t), why) for t in view.tiers if (why := view.margin_unknown(t))]:
        said = "; ".join(f"{label}, {why}" for label, why in unknown)
        found.append(f"Customer margin is not known in {said}.")
    return tuple(found)
