"""Vacancies: who answered at the period's end, who does now, and who is told of a vacancy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scorecard.documents.grammar import capital, listed
from scorecard.documents.view import ReportView
from scorecard.strategy.accountability import escalation, team_of, told_of
from scorecard.strategy.model import Owner, Person


def heading(view: ReportView, owner: Owner) -> tuple[str, str]:
    """(name, role) in the heading of an owner's page.

    It is the owner, or the deputy with the owner they stand in for; where nobody
    answered, it is the role of the post, and the second text is empty.
    """
    post = view.answered(owner.id)
    if post.person is None:
        return owner.role, ""
    if post.by == "deputy":
        since = f" since {view.formats.day(post.since)}" if post.since else ""
        return post.person.name, f"Deputy{since} for {owner.name}, {owner.role}"
    return owner.name, owner.role


def told(view: ReportView, id: str) -> str:
    """ "Ada Lindqvist; since 1 Nov 2026 Bea Ito (deputy)": who answered, and who does now."""
    return "; ".join(p for p in (view.owner_name(id), _since_then(view, id)) if p)


def remark(view: ReportView, owner: Owner) -> str:
    """The remark below a page's heading: a vacancy and who is told of it, or a change since
    the period's end; empty where there is neither."""
    vacant = view.answered(owner.id).person is None
    said = [view.owner_name(owner.id) if vacant else ""]
    said.append(_since_then(view, owner.id, "answered by "))
    if view.answers(owner.id).person is None:
        said.append(goes_to(view, owner.id))
    return capital("; ".join(part for part in said if part))


def lines(view: ReportView, owners: Iterable[Owner]) -> tuple[str, ...]:
    """One line for each post that somebody other than its owner answers for, or did."""
    found = []
    for owner in owners:
        post, now = view.answered(owner.id), view.answers(owner.id)
        if (post.by, now.by) == ("owner", "owner"):
            continue
        said = [told(view, owner.id)]
        if post.by == "deputy":
            said.append(f"the owner is {owner.name}")
        if now.person is None:
            said.append(goes_to(view, owner.id))
        found.append(f"{owner.role}: {'; '.join(said)}.")
    return tuple(found)


def goes_to(view: ReportView, id: str) -> str:
    """ "goes to Tom Ito, lead of Care", "goes to Ann Bo and Cy Day, executives"."""
    return f"goes to {_with_office(view, id, escalation(view.data.strategy, id, view.data.day))}"


def told_of_silence(view: ReportView, id: str) -> str:
    """ "Tom Ito, lead of Care": who is told that nobody acknowledged an owner's page."""
    return _with_office(view, id, told_of(view.data.strategy, id, view.data.day))


def _with_office(view: ReportView, id: str, people: Sequence[Person]) -> str:
    team = team_of(view.data.strategy, id)
    if not people:
        return "nobody: name a lead of the team, or executives"
    names = listed([p.name for p in people])
    if team is not None and people[0].id == team.lead:
        return f"{names}, lead of {team.name}"
    return f"{names}, {'executive' if len(people) == 1 else 'executives'}"


def opted_out(view: ReportView, owners: Sequence[Owner], what: str) -> tuple[str, ...]:
    """ "Ada Lindqvist asked on 3 Nov 2026 not to be sent this page.", of those who answer now."""
    people = [view.answers(o.id).person for o in owners]
    found = []
    for person in {p.id: p for p in people if p is not None}.values():
        if (asked := view.data.opted_out.get(person.id)) is not None:
            found.append(f"{person.name} asked on {view.formats.day(asked)} not to be sent {what}.")
    return tuple(found)


def names(view: ReportView, owners: Sequence[Owner]) -> tuple[str, ...]:
    """The names that a document on these posts may print: owners, deputies, those told."""
    found: list[str] = []
    for owner in owners:
        posts = (view.answered(owner.id), view.answers(owner.id))
        found += [owner.name, *(p.person.name for p in posts if p.person is not None)]
        if posts[1].person is None:
            found += [p.name for p in escalation(view.data.strategy, owner.id, view.data.day)]
    return tuple(dict.fromkeys(found))


def _since_then(view: ReportView, id: str, verb: str = "") -> str:
    """ "since 1 Nov 2026 Bea Ito (deputy)"; empty where nothing changed since the period's end."""
    post, now = view.answered(id), view.answers(id)
    if (post.person, post.since) == (now.person, now.since):
        return ""
    name = view.answerer(id, now)
    if now.person is None or now.since is None:
        return name
    return f"since {view.formats.day(now.since)} {verb}{name}"
