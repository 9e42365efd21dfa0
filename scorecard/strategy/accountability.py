"""Accountability: who answers for a stance on a day, and who is told where nobody does.

A day is a local date of the company. A post is an owner's entry in the strategy. Its
owner answers while in office, otherwise the owner's deputy while in office, otherwise
nobody; a deputy's own deputy is not considered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from scorecard.strategy.model import Executive, Owner, Person, Stance, Strategy, Team


@dataclass(frozen=True)
class Accountability:
    """Who answers for an owner's stances on one day.

    owner         the owner as declared, None where no such owner is
    person        who answers: the owner or the deputy, None where nobody does
    since         the first day on which that person answers, or on which nobody does; None
                  where no date says so
    """

    owner: Owner | None
    person: Owner | None
    since: date | None = None

    @property
    def by(self) -> Literal["owner", "deputy", "nobody"]:
        if self.person is None:
            return "nobody"
        return "owner" if self.person is self.owner else "deputy"


def valid(person: Person, day: date) -> bool:
    """Whether the person is in office: from `since` on, and before `until`."""
    begun = person.since is None or person.since <= day
    return begun and (person.until is None or day < person.until)


def accountable(strategy: Strategy, owner_id: str, day: date) -> Accountability:
    """Who answers on that day for the stances of the owner of that id."""
    owner = strategy.owner(owner_id)
    if owner is None:
        return Accountability(None, None)
    if valid(owner, day):
        return Accountability(owner, owner, owner.since)
    deputy = strategy.owner(owner.deputy)
    if deputy is not None and valid(deputy, day):
        return Accountability(owner, deputy, _latest_reached(day, owner.until, deputy.since))
    return Accountability(
        owner, None, _latest_reached(day, owner.until, deputy.until if deputy else None)
    )


def names_of(owner: Owner) -> set[str]:
    """Every text by which `approved_by` can mean that person, in lower case."""
    return {n.casefold() for n in (owner.id, owner.name, owner.role, owner.email) if n}


def approves_own(strategy: Strategy, stance: Stance) -> bool:
    """Whether a stance was approved by the person who owns it."""
    owner, approver = strategy.owner(stance.owner), stance.approved_by.casefold()
    return approver in (names_of(owner) if owner else {stance.owner.casefold()})


def team_of(strategy: Strategy, owner_id: str) -> Team | None:
    """The team of the owner of that id; None where either is not declared."""
    owner = strategy.owner(owner_id)
    return strategy.team(owner.team) if owner else None


def posts(strategy: Strategy, team: Team, day: date) -> tuple[Accountability, ...]:
    """Who answers for each owner's entry of the team, in the order of the strategy."""
    return tuple(accountable(strategy, o.id, day) for o in strategy.owners_in(team.id))


def members(strategy: Strategy, team: Team, day: date) -> tuple[Owner, ...]:
    """Those who answer for the team's posts on that day, each once, deputies included."""
    people = (post.person for post in posts(strategy, team, day))
    return tuple({p.id: p for p in people if p is not None}.values())


def lead(strategy: Strategy, team: Team, day: date) -> Person | None:
    """The team's lead; None where none is named, or the one named is not in office."""
    person = strategy.person(team.lead)
    return person if person is not None and valid(person, day) else None


def executives(strategy: Strategy, day: date) -> tuple[Person, ...]:
    """The people who get the packet, each once: executives in office, or else their deputies."""
    people = (_self_or_deputy(strategy, e, day) for e in strategy.executives)
    return tuple({p.id: p for p in people if p is not None}.values())


def escalation(strategy: Strategy, owner_id: str, day: date) -> tuple[Person, ...]:
    """The people who are told of a vacancy: the team's lead in office, else the executives.

    Empty where none of them is in office.
    """
    team = team_of(strategy, owner_id)
    head = lead(strategy, team, day) if team else None
    return (head,) if head else executives(strategy, day)


def told_of(strategy: Strategy, owner_id: str, day: date) -> tuple[Person, ...]:
    """The people who are told what nobody did for an owner's post: the team's lead in office, or
    the executives where there is none or the lead answers for that post.

    Empty where nobody else is in office.
    """
    mine = accountable(strategy, owner_id, day).person
    silent = {owner_id, mine.id if mine else owner_id}
    people = [p for p in escalation(strategy, owner_id, day) if p.id not in silent]
    people = people or [p for p in executives(strategy, day) if p.id not in silent]
    return tuple(people)


def _self_or_deputy(strategy: Strategy, executive: Executive, day: date) -> Person | None:
    if valid(executive, day):
        return executive
    deputy = strategy.person(executive.deputy)
    return deputy if deputy is not None and valid(deputy, day) else None


def _latest_reached(day: date, *dates: date | None) -> date | None:
    """The latest of the dates that are not after `day`; None where there is none."""
    return max((d for d in dates if d is not None and d <= day), default=None)
