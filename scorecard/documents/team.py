"""The team review: a team's owners side by side, whom they touched, and what pays for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scorecard.definitions.results import Result
from scorecard.documents import funding, sentences, vacancies
from scorecard.documents.cells import cell, short
from scorecard.documents.changes import changes_of
from scorecard.documents.exceptions import affected
from scorecard.documents.owner import margins, named, notes, shown, stances_of
from scorecard.documents.packet_model import Held
from scorecard.documents.report_data import exceptional
from scorecard.documents.review_model import Member, Reached, TeamReview
from scorecard.documents.view import Desk
from scorecard.strategy import accountability
from scorecard.strategy.model import Owner, Person, Stance, Team

NAMES = 3
"""Of the customers whom a choice touched, so many are named."""


def team_review(desk: Desk, team: Team) -> TeamReview | None:
    """Everything the team's review prints; None where none of its owners holds a stance.

    Owners come in the order of the strategy and stances in that of the map.
    What belongs to another team is named by metric and tier, never by a person.
    """
    owners = [o for o in desk.holders if o.team == team.id]
    if not owners:
        return None
    held = [s for o in owners for s in stances_of(desk, o)]
    keys = [f"{m.name}/{tier}" for m in desk.metrics for tier in desk.tiers]
    held.sort(key=lambda s: keys.index(s.key))
    results = [r for s in held if (r := desk.result(s.metric, s.tier)) is not None]
    everyone = [o for o in desk.m.strategy.owners if o.team == team.id]
    lead = accountability.lead(desk.m.strategy, team, desk.m.day)
    return TeamReview(
        heading=desk.heading("Team review"),
        team=team.id,
        name=team.name,
        lead=f"{lead.name}, {lead.role}" if lead else "",
        sentence=_sentence(desk, held, results),
        members=tuple(_member(desk, o) for o in owners),
        reached=tuple(row for r in results if (row := _reached(desk, r)) is not None),
        paid=funding.paid(desk, {s.key for s in held}, lambda id: short(desk.owner_name(id))),
        margins=margins(desk),
        changes=tuple(said for o in everyone for said in changes_of(desk, o.id)),
        standing=(
            *vacancies.lines(desk, owners),
            *vacancies.opted_out(desk, owners, "this review"),
        ),
        notes=notes(desk, held),
        allowed=_allowed(desk, everyone, lead),
    )


def _allowed(desk: Desk, owners: Sequence[Owner], lead: Person | None) -> tuple[str, ...]:
    names = [*vacancies.names(desk, owners), *([lead.name] if lead else [])]
    return tuple(dict.fromkeys(names))


def _sentence(desk: Desk, held: Sequence[Stance], results: Sequence[Result]) -> str:
    """How the team's choices went, and for how many of them nobody answers now."""
    said = sentences.team(desk, results)
    vacant = sum(desk.answers(s.owner).person is None for s in held)
    if not vacant:
        return said
    which = "any of the" if vacant == len(held) else f"{vacant} of the"
    return f"{said} Nobody answers for {which} choices."


def _member(desk: Desk, owner: Owner) -> Member:
    name, role = vacancies.heading(desk, owner)
    held = tuple(_held(desk, s) for s in stances_of(desk, owner))
    return Member(owner.id, name, role, owner.purpose, vacancies.remark(desk, owner), held)


def _held(desk: Desk, stance: Stance) -> Held:
    """The stance without what the review tells elsewhere, and without names that only the
    owner's own page has room for."""
    full = shown(desk, stance)
    note = full.cell.note
    brief = note.partition(": ")[0] if note.startswith("rests on") else note
    return replace(full, cell=replace(full.cell, note=brief), funding="", trade_off="")


def _reached(desk: Desk, result: Result) -> Reached | None:
    """Whom an exception touched; None for what is no exception or touched nobody."""
    metric, stance = desk.m.metrics[result.metric], desk.stance(result.metric, result.tier)
    if stance is None or not exceptional(result):
        return None
    found = affected(desk, metric, result, stance)
    if found is None:
        return None
    drawn = cell(desk, metric, result.tier)
    return Reached(
        mark=stance.kind,
        label=metric.label,
        tier=desk.label(result.tier),
        words=drawn.words,
        loud=drawn.loud,
        signal=drawn.signal,
        answers=vacancies.told(desk, stance.owner),
        names=named(desk, result, found, NAMES),
        count=found.count,
        how=found.how,
        outcome=found.outcome,
    )
