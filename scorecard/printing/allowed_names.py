"""Naming: whom a document may name, told from the document itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scorecard.documents.packet_model import ExecutivePacket, OwnerScorecard
from scorecard.documents.review_model import TeamReview
from scorecard.strategy.model import Strategy

ABOUT_CUSTOMERS = ("names", "note")
"""Parts of a document that name customers: whom an exception touched, on whom a verdict rests."""
IN_THEIR_WORDS = ("trade_off", "funding", "purpose", "paid", "stamp")
"""Parts that print what somebody wrote into the strategy, or what was found in the facts.

Who is named there need not belong.
"""


@dataclass(frozen=True)
class AllowedNames:
    """Whom a document may name.

    people, teams  by name
    customers      the texts that name its own customers
    titles         its other names: of the company, and the roles of its people
    wording        all that was worded for it
    written        what others wrote, and why it is provisional: it may not name whom that names
    """

    people: frozenset[str]
    teams: frozenset[str]
    customers: Sequence[str]
    titles: Sequence[str]
    wording: Sequence[str]
    written: Sequence[str] = ()


def allowed_names_of(
    document: ExecutivePacket | TeamReview | OwnerScorecard,
    strategy: Strategy,
    rests_on: Iterable[str],
    imprint: Iterable[str],
) -> AllowedNames:
    """The scope of a document whose figures rest on those customers.

    Executives may read of everybody; on a packet only what no document says is foreign.
    """
    content = asdict(document)
    company = (document.heading.company, document.heading.notice)
    said = (*_texts(content), *imprint)
    if isinstance(document, ExecutivePacket):
        people = [o.name for o in strategy.owners] + [e.name for e in strategy.executives]
        teams = [t.name for t in strategy.teams]
        return AllowedNames(frozenset(people), frozenset(teams), (*said, *rests_on), company, said)
    customers = (*_texts(content, within=ABOUT_CUSTOMERS), *rests_on)
    wording = (*_texts(content, without=IN_THEIR_WORDS), *imprint)
    people = list(document.allowed)
    if isinstance(document, OwnerScorecard):
        roles, team = [document.role], document.team
    else:
        roles, team = [document.lead, *(m.role for m in document.members)], document.name
    return AllowedNames(
        frozenset(people),
        frozenset([team]),
        customers,
        (*company, *roles),
        wording,
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
        for value in content:
            yield from _texts(value, within=within, without=without)
