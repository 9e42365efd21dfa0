"""The team review: its owners' stances, the customers affected, and what pays for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scorecard.definitions.results import Result
from scorecard.documents import expiry, funding, sentences, vacancies
from scorecard.documents.answered import told_of
from scorecard.documents.cells import cell, short
from scorecard.documents.changes import changes_of
from scorecard.documents.exceptions import affected
from scorecard.documents.model import StanceLine
from scorecard.documents.owner import margins, named, notes, shown, stances_of
from scorecard.documents.owner_records import team_record
from scorecard.documents.report_data import exceptional
from scorecard.documents.team_model import AffectedCustomers, Member, TeamReview
from scorecard.documents.view import ReportView
from scorecard.strategy import accountability
from scorecard.strategy.model import Owner, Person, Stance, Team

NAMES = 3
"""Customers named of those whom a choice affected."""


def team_review(view: ReportView, team: Team) -> TeamReview | None:
    """The team's review; None where none of its owners has a stance, in force or expired.

    Owners come in the order of the strategy and stances in that of the map. Stances of
    other teams are named by metric and tier, never by a person.
    """
    owners = [o for o in view.holders if o.team == team.id]
    if not owners:
        return None
    owned = [s for o in owners for s in stances_of(view, o)]
    keys = [f"{m.name}/{tier}" for m in view.metrics for tier in view.tiers]
    owned.sort(key=lambda s: keys.index(s.key))
    results = [r for s in owned if (r := view.result(s.metric, s.tier)) is not None]
    everyone = [o for o in view.data.strategy.owners if o.team == team.id]
    lead = accountability.lead(view.data.strategy, team, view.data.day)
    return TeamReview(
        heading=view.heading("Team review"),
        team=team.id,
        name=team.name,
        lead=f"{lead.name}, {lead.role}" if lead else "",
        sentence=_sentence(view, owned, results, [o.id for o in owners]),
        members=tuple(_member(view, o) for o in owners),
        reached=tuple(row for r in results if (row := _reached(view, r)) is not None),
        paid=funding.paid(view, {s.key for s in owned}, lambda id: short(view.owner_name(id))),
        margins=margins(view),
        changes=tuple(said for o in everyone for said in changes_of(view, o.id)),
        standing=(
            *vacancies.lines(view, owners),
            *vacancies.opted_out(view, owners, "this review"),
        ),
        notes=(*expiry.lines(view, [o.id for o in owners]), *notes(view, owned)),
        allowed=_allowed(view, everyone, lead),
        record=team_record(view, everyone),
    )


def _allowed(view: ReportView, owners: Sequence[Owner], lead: Person | None) -> tuple[str, ...]:
    names = [*vacancies.names(view, owners), *([lead.name] if lead else [])]
    names += [name for o in owners for name in told_of(view, o.id)]
    return tuple(dict.fromkeys(names))


def _sentence(
    view: ReportView, owned: Sequence[Stance], results: Sequence[Result], owners: Sequence[str]
) -> str:
    """How many choices went as chosen, and for how many of them nobody answers now."""
    said = sentences.team(view, results, owners)
    vacant = sum(view.answers(s.owner).person is None for s in owned)
    if not vacant:
        return said
    which = f"{vacant} of the choices" if vacant < len(owned) else "any of the choices"
    if len(owned) == 1:
        which = "the choice"
    return f"{said} Nobody answers for {which}."


def _member(view: ReportView, owner: Owner) -> Member:
    name, role = vacancies.heading(view, owner)
    stances = tuple(_briefly(view, s) for s in stances_of(view, owner))
    return Member(owner.id, name, role, owner.purpose, vacancies.remark(view, owner), stances)


def _briefly(view: ReportView, stance: Stance) -> StanceLine:
    """The stance without its funding, which is printed below, its trade-off, and names of
    customers, for which only the owner's own page has room."""
    full = shown(view, stance)
    note = full.cell.note
    brief = note.partition(": ")[0] if note.startswith("rests on") else note
    return replace(full, cell=replace(full.cell, note=brief), funding="", trade_off="")


def _reached(view: ReportView, result: Result) -> AffectedCustomers | None:
    """The customers affected by an exception; None where it is none or affected nobody."""
    metric, stance = view.data.metrics[result.metric], view.stance(result.metric, result.tier)
    if stance is None or not exceptional(result):
        return None
    found = affected(view, metric, result, stance)
    if found is None:
        return None
    drawn = cell(view, metric, result.tier)
    return AffectedCustomers(
        mark=stance.kind,
        label=metric.label,
        tier=view.label(result.tier),
        words=drawn.words,
        loud=drawn.loud,
        signal=drawn.signal,
        answers=vacancies.told(view, stance.owner),
        names=named(view, result, found, NAMES),
        count=found.count,
        how=found.how,
        outcome=found.outcome,
    )
