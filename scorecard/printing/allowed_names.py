"""Allowed names: whom a document may name, told from the document itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.preread_model import PreRead
from scorecard.documents.team_model import TeamReview
from scorecard.strategy.model import Person, Strategy

ABOUT_CUSTOMERS = ("names", "note")
"""Parts of a document that name customers: whom an exception touched, on whom a verdict rests."""
IN_THEIR_WORDS = ("trade_off", "funding", "purpose", "paid", "stamp", "restated")
"""Parts that print what somebody wrote into the strategy or as the reason of a correction, or what
was found in the facts.

Who is named there need not belong.
"""


@dataclass(frozen=True)
class AllowedNames:
    """Whom a document may name.

    people, teams  by name
    customers      the texts that name its own customers
    titles         its other names: of the company, and the roles of its people
    wording        every text that was composed for it
    written        free text of the strategy; whoever is named only there may not appear for it
    """

    people: frozenset[str]
    teams: frozenset[str]
    customers: Sequence[str]
    titles: Sequence[str]
    wording: Sequence[str]
    written: Sequence[str] = ()


def packet_names(
    document: ExecutivePacket, strategy: Strategy, rests_on: Iterable[str], imprint: Iterable[str]
) -> AllowedNames:
    """Whom a packet may name: executives may read of everybody, so only what no document says
    is foreign. `rests_on` are the customers on whom its figures rest."""
    said = (*_texts(asdict(document), without=("restated",)), *imprint)
    people = [o.name for o in strategy.owners] + [e.name for e in strategy.executives]
    teams = [t.name for t in strategy.teams]
    company = (document.heading.company, document.heading.notice)
    return AllowedNames(frozenset(people), frozenset(teams), (*said, *rests_on), company, said)


def owner_names(
    document: OwnerScorecard, strategy: Strategy, rests_on: Iterable[str], imprint: Iterable[str]
) -> AllowedNames:
    """Whom an owner's page may name: its owner, team and customers, who is beside them, and whom
    its owner named in answers and commitments."""
    told = [text for a in document.asked for text in (a.answer, a.line.question.text)]
    told += [c.text for c in document.commitments]
    allowed = _own_names(document, document.team, [document.role], rests_on, imprint)
    return _with_own_words(allowed, strategy, told)


def pre_read_names(
    document: PreRead, strategy: Strategy, rests_on: Iterable[str], imprint: Iterable[str]
) -> AllowedNames:
    """Whom a pre-read may name: its owner and team, who is beside them, and whom its owner named in
    commitments."""
    told = [q.question.text for q in document.questions] + [c.text for c in document.commitments]
    allowed = _own_names(document, document.team, [document.role], rests_on, imprint)
    return _with_own_words(allowed, strategy, told)


def _with_own_words(allowed: AllowedNames, strategy: Strategy, told: Sequence[str]) -> AllowedNames:
    """The same and whoever is named in what an owner wrote: nobody else has to tell them."""
    known: list[Person] = [*strategy.owners, *strategy.executives]
    people = {p.name for p in known if any(p.name in text for text in told)}
    teams = {t.name for t in strategy.teams if any(t.name in text for text in told)}
    return replace(
        allowed,
        people=allowed.people | people,
        teams=allowed.teams | teams,
        customers=(*allowed.customers, *told),
    )


def team_names(
    document: TeamReview, strategy: Strategy, rests_on: Iterable[str], imprint: Iterable[str]
) -> AllowedNames:
    """Whom a team's review may name: its owners, lead and customers, and who is named in what they
    promised and proposed, or decided about it."""
    roles, told = [document.lead, *(m.role for m in document.members)], []
    if document.record is not None:
        roles += [o.role for o in document.record.owners]
        told = [o.next for o in document.record.owners]
        told += [text for p in document.record.proposals for text in (p.title, p.said)]
    allowed = _own_names(document, document.name, roles, rests_on, imprint)
    return _with_own_words(allowed, strategy, told)


def _own_names(
    document: OwnerScorecard | TeamReview | PreRead,
    team: str,
    roles: Sequence[str],
    rests_on: Iterable[str],
    imprint: Iterable[str],
) -> AllowedNames:
    content = asdict(document)
    return AllowedNames(
        frozenset(document.allowed),
        frozenset([team]),
        (*_texts(content, within=ABOUT_CUSTOMERS), *rests_on),
        (document.heading.company, document.heading.notice, *roles),
        (*_texts(content, without=IN_THEIR_WORDS), *imprint),
        tuple(_texts(content, within=IN_THEIR_WORDS)),
    )


def _texts(
    content: Any, *, within: Sequence[str] = (), without: Sequence[str] = ()
) -> Iterator[str]:
    """Every text of a document, or only those in some of its parts, or outside of some."""
    if isinstance(content, str):
        if not within:
            yield content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            if key in within:
                yield from _texts(value)
            elif key not in without:
                yield from _texts(value, within=within, without=without)
    elif isinstance(content, (list, tuple)):
        if content and not within and all(isinstance(value, str) for value in content):
            # Printed one after the other: in a script without blanks, the end of one name and the
            # beginning of the next may read as the name of a third.
            yield "; ".join(content)
        for value in content:
            yield from _texts(value, within=within, without=without)
