"""Kinds of documents: what each is called, what it consists of, and where it lies.

A new kind is a model with its row here, a composer in `compose`, a layout in `printing.kinds`
with templates of its name, and readers in `delivery.recipients`. A test holds that none of these
is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorecard.documents.model import Table
from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.preread_model import PreRead
from scorecard.documents.summary import packet_summary, questions_summary, stances_summary
from scorecard.documents.team_model import TeamReview
from scorecard.errors import LedgerError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Document = ExecutivePacket | TeamReview | OwnerScorecard | PreRead
PACKET, TEAM, OWNER = ExecutivePacket.kind, TeamReview.kind, OwnerScorecard.kind
PREREAD = PreRead.kind
ISSUED = (PACKET, TEAM, OWNER)
"""What a period is told by; a pre-read only asks, before."""
PAGES = (OWNER, PREREAD)
"""Documents about one owner, by whose id they are known."""
EXECUTIVES = "executives"
"""The scope of the packet, of which there is one."""


@dataclass(frozen=True)
class DocumentKind:
    """One kind of document.

    title    as mails and readers call it
    folder   where its files lie within a period's folder; empty where there is one file only
    shape    the frozen value that it consists of
    summary  the rows that a mail shows of it
    """

    title: str
    folder: str
    shape: type[Any]
    summary: Callable[[Any], Table | None]

    @cached_property
    def model(self) -> TypeAdapter[Any]:
        """The shape as JSON is read into and written from it."""
        # Made when a document is read: the three take 0.2 s, and most commands read none.
        from pydantic import TypeAdapter

        return TypeAdapter(self.shape)


KINDS: dict[str, DocumentKind] = {
    PACKET: DocumentKind("Executive packet", "", ExecutivePacket, packet_summary),
    TEAM: DocumentKind("Team review", "teams", TeamReview, stances_summary),
    OWNER: DocumentKind("Owner scorecard", "owners", OwnerScorecard, stances_summary),
    PREREAD: DocumentKind("Pre-read", "pre-reads", PreRead, questions_summary),
}
"""By the name that schedules, the ledger and files use, in the order in which they are made."""


def read_document(kind: str, content: str) -> Document:
    """A document as the ledger keeps it, in JSON; LedgerError where it is none of that kind."""
    if kind not in KINDS:
        raise LedgerError(
            f'The ledger has an edition of "{kind}", of which this version knows nothing; install '
            "the version that wrote it."
        )
    try:
        document: Document = KINDS[kind].model.validate_json(content)
    except ValueError as error:  # what pydantic raises is one
        raise LedgerError(
            f"The ledger has an edition of {kind} whose content cannot be read; it was changed by "
            "something else: restore it from a backup."
        ) from error
    return document


def path_of(kind: str, scope: str) -> Path:
    """Where a document lies within its period's folder; `scope` is the owner's or team's id."""
    folder = KINDS[kind].folder
    return Path(folder, f"{scope}.pdf") if folder else Path(f"{kind}.pdf")
