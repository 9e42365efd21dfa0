"""How each kind of document is printed: fitted to its pages, read back, and whom it may name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scorecard.documents.kinds import OWNER, PACKET, PREREAD, TEAM, Document
from scorecard.printing.allowed_names import (
    AllowedNames,
    owner_names,
    packet_names,
    pre_read_names,
    team_names,
)
from scorecard.printing.expected_content import (
    ExpectedContent,
    expected_of_owner,
    expected_of_packet,
    expected_of_pre_read,
    expected_of_team,
)
from scorecard.printing.fitting import LayOut, fit_owner, fit_packet, fit_pre_read, fit_team
from scorecard.strategy.model import Strategy

if TYPE_CHECKING:
    from weasyprint import Document as LaidOut


@dataclass(frozen=True)
class PrintedKind:
    """`fit` lays a document out, `expect` says what its PDF has to show, and `allow` whom it may
    name. Each takes a document of its own kind."""

    fit: Callable[[LayOut, Any], LaidOut]
    expect: Callable[..., ExpectedContent]
    allow: Callable[..., AllowedNames]


PRINTED: dict[str, PrintedKind] = {
    PACKET: PrintedKind(fit_packet, expected_of_packet, packet_names),
    TEAM: PrintedKind(fit_team, expected_of_team, team_names),
    OWNER: PrintedKind(fit_owner, expected_of_owner, owner_names),
    PREREAD: PrintedKind(fit_pre_read, expected_of_pre_read, pre_read_names),
}


def expected_of(document: Document, forbidden: Iterable[str] = ()) -> ExpectedContent:
    """What the PDF of that document has to show; `forbidden` are names foreign to it.

    Of an owner's page and a team's review these may be all names of persons
    and teams that there are: those that the document itself allows are its own.
    """
    return PRINTED[document.kind].expect(document, tuple(forbidden))


def allowed_names_of(
    document: Document, strategy: Strategy, rests_on: Iterable[str], imprint: Iterable[str]
) -> AllowedNames:
    """Whom that document may name; `rests_on` are the customers on whom its figures rest, and
    `imprint` the texts that every page of its edition carries."""
    return PRINTED[document.kind].allow(document, strategy, rests_on, imprint)
