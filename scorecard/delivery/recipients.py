"""Recipients: who gets which document of a schedule on a given day, and why.

A document's scope is "executives" for the packet, a team's id for its review, an
owner's id for an owner's page. The page of a vacant post is sent to the people who
are told of the vacancy, so that it does not get lost unnoticed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from scorecard.documents.kinds import EXECUTIVES, PACKET, PAGES, TEAM
from scorecard.schedules.model import Audience, Schedule
from scorecard.strategy.accountability import accountable, escalation, executives, lead, members
from scorecard.strategy.model import Owner, Person, Strategy, Team

NOBODY = "Nobody answers for it, and nobody is told."


@dataclass(frozen=True)
class Recipient:
    """One document for one reader. Without an `email`, which may be empty, nothing is mailed.

    `why` is a sentence for the reader; `subscriber` says that they may unsubscribe by
    mail, unlike people who answer for customers. `opens` is what their link to the desk
    opens, if they get one: the page that they answer for, or what they were sent; `id` is
    then theirs in the strategy.
    """

    document: str
    scope: str
    name: str
    email: str
    why: str
    subscriber: bool = False
    opens: Literal["", "page", "archive"] = ""
    id: str = ""


def recipients(
    schedule: Schedule, strategy: Strategy, owner_ids: Collection[str], day: date
) -> list[Recipient]:
    """The recipients of a schedule's documents on that local day, each of a document once.

    `owner_ids` are those of the owners who have stances: there is a page for each of
    them, and a review for each of their teams.
    """
    found: dict[tuple[str, str, str], Recipient] = {}
    for each in _all(schedule, strategy, frozenset(owner_ids), day):
        found.setdefault((each.document, each.scope, each.email.casefold() or each.name), each)
    return list(found.values())


def _all(
    schedule: Schedule, strategy: Strategy, owner_ids: Collection[str], day: date
) -> Iterator[Recipient]:
    for document in schedule.documents:
        for audience in schedule.to:
            yield from _to(document, audience, strategy, owner_ids, day)
        for reader in schedule.subscribers:
            if reader.reads_on(day):
                for scope in _scopes(document, strategy, owner_ids):
                    yield Recipient(
                        document,
                        scope,
                        reader.name,
                        reader.email,
                        f"You subscribed to “{schedule.title}”.",
                        subscriber=True,
                    )


def _to(
    document: str, audience: Audience, strategy: Strategy, owner_ids: Collection[str], day: date
) -> Iterator[Recipient]:
    if audience.kind == "executives":
        for scope in _scopes(document, strategy, owner_ids, pages=True):
            for person in executives(strategy, day):
                why = "You are one of the executives."
                yield _for(document, scope, person, why, "archive")
        return
    teams = [t for t in strategy.teams if audience.kind != "team" or t.id == audience.id]
    posts = [o for o in strategy.owners if o.id in owner_ids]
    if audience.kind == "owner":
        posts = [o for o in posts if o.id == audience.id]
    elif audience.kind == "team":
        posts = [o for o in posts if o.team == audience.id]
    if document in PAGES:
        for post in posts:
            yield from _page(document, strategy, post, day)
    elif audience.kind in ("owners", "owner"):
        yield from _of_posts(document, strategy, posts, day)
    else:
        for team in teams:
            yield from _of_team(document, strategy, team, owner_ids, day)


def _page(document: str, strategy: Strategy, post: Owner, day: date) -> Iterator[Recipient]:
    """A page about an owner, for the person who answers for it, or those told that nobody does."""
    now = accountable(strategy, post.id, day)
    if now.person is not None:
        why = (
            "You answer for these choices."
            if now.by == "owner"
            else f"You stand in for {post.name}, {post.role}."
        )
        yield _for(document, post.id, now.person, why, "page")
        return
    informed = escalation(strategy, post.id, day)
    for person in informed:
        why = f"Nobody answers for it: {post.role} has no owner."
        yield _for(document, post.id, person, why, "page")
    if not informed:
        yield Recipient(document, post.id, post.role, "", NOBODY)


def _of_posts(
    document: str, strategy: Strategy, posts: Sequence[Owner], day: date
) -> Iterator[Recipient]:
    """The packet, or their team's review, for the people who answer for these posts."""
    for post in posts:
        person = accountable(strategy, post.id, day).person
        if person is not None:
            scope = EXECUTIVES if document == PACKET else post.team
            yield _for(document, scope, person, "You answer for some of these choices.")


def _of_team(
    document: str, strategy: Strategy, team: Team, owner_ids: Collection[str], day: date
) -> Iterator[Recipient]:
    """The packet, or the team's review, for the team's members and lead."""
    if not any(o.id in owner_ids for o in strategy.owners_in(team.id)):
        return
    scope = EXECUTIVES if document == PACKET else team.id
    for person in members(strategy, team, day):
        yield _for(document, scope, person, f"You are in the team {team.name}.")
    head = lead(strategy, team, day)
    if head is not None:
        yield _for(document, scope, head, f"You lead the team {team.name}.")


def _scopes(
    document: str, strategy: Strategy, owner_ids: Collection[str], pages: bool = False
) -> list[str]:
    """The scopes of all documents of a kind; of owners' pages only with `pages`."""
    if document == PACKET:
        return [EXECUTIVES]
    if document == TEAM:
        with_stances = {o.team for o in strategy.owners if o.id in owner_ids}
        return [t.id for t in strategy.teams if t.id in with_stances]
    if document in PAGES:
        return [o.id for o in strategy.owners if o.id in owner_ids] if pages else []
    raise ValueError(f'Nobody has said who gets a document of the kind "{document}".')


def _for(
    document: str,
    scope: str,
    person: Person,
    why: str,
    opens: Literal["", "page", "archive"] = "",
) -> Recipient:
    return Recipient(
        document, scope, person.name, person.email, why, opens=opens, id=person.id if opens else ""
    )
