"""Reply links: who was given a link to which page, until when, and every use of it.

opened      a browser opened the page that had not opened it before
downloaded  a PDF was fetched
answered    a reply was recorded
refused     it was tried when it opened nothing any more, or its reply was not recorded
revoked     it opens nothing from now on

The row has no secret: the link itself is signed with a key that only the ledger can derive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from scorecard.ledger.answer_models import ReplyLinkEventRow, ReplyLinkRow
from scorecard.ledger.journal import refuse_altered
from scorecard.ledger.store import Store

Opens = Literal["page", "archive"]
LinkEvent = Literal["opened", "downloaded", "answered", "refused", "revoked"]
MOST_EVENTS = 2000
"""Uses of one link that are recorded: who opens it for ever does not fill the ledger. That it was
revoked is recorded always."""


@dataclass(frozen=True)
class ReplyLink:
    """A link as it was given out.

    opens       "page": one edition of a post's page; "archive": what was sent to an address
    owner       the post; of an archive the id of the executive
    person      to whom it was given, by name
    email       whose deliveries an archive shows; empty of a page
    edition_id  the edition that it opens; None of an archive
    revoked_at  when it was revoked; None where it was not
    """

    id: str
    opens: Opens
    owner: str
    person: str
    email: str
    edition_id: str | None
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return now >= self.expires_at


@dataclass(frozen=True)
class LinkUse:
    """What became of a link, and when; `said` has details in words and may be empty."""

    event: LinkEvent
    at: datetime
    said: str = ""


class ReplyLinks(Store):
    """The ledger's records of links and their uses. Rows are only added."""

    def issue_link(self, link: ReplyLink) -> ReplyLink:
        """Record a link; one of that id that is there already stays as it is, and is returned."""

        def work(session: Session) -> ReplyLink:
            row = session.get(ReplyLinkRow, link.id)
            if row is not None:
                return self._as_link(session, row)
            plain = {k: v for k, v in vars(link).items() if k != "revoked_at"}
            session.add(ReplyLinkRow(**plain))
            return link

        return self._in_turn(work, link.issued_at)

    def reply_link(self, id: str) -> ReplyLink | None:
        """The link of that id; None where none was given out. AlteredError where it is not what
        was recorded."""
        with self._reading() as session:
            row = session.get(ReplyLinkRow, id)
            return self._as_link(session, row) if row is not None else None

    def reply_links(self, owner: str = "") -> list[ReplyLink]:
        """All links, or those of a post or executive, the first one first."""
        query = select(ReplyLinkRow)
        if owner:
            query = query.where(ReplyLinkRow.owner == owner)
        with self._reading() as session:
            rows = session.exec(query.order_by(col(ReplyLinkRow.issued_at), col(ReplyLinkRow.id)))
            return [self._as_link(session, row) for row in rows.all()]

    def link_uses(self, id: str) -> list[LinkUse]:
        """What became of a link, the first one first."""
        with self._reading() as session:
            return [
                LinkUse(**row.model_dump(exclude={"link", "number"}))
                for row in self._uses(session, id)
            ]

    def note_link(self, id: str, event: LinkEvent, now: datetime, said: str = "") -> bool:
        """Record a use; whether it was, since no more than MOST_EVENTS are, and a link is revoked
        once."""

        def work(session: Session) -> bool:
            of_link = ReplyLinkEventRow.link == id
            last = session.exec(select(func.max(col(ReplyLinkEventRow.number))).where(of_link))
            number = int(last.one() or 0) + 1
            if event == "revoked":
                known = select(ReplyLinkEventRow).where(
                    of_link, ReplyLinkEventRow.event == "revoked"
                )
                if session.exec(known).first() is not None:
                    return False
            elif number > MOST_EVENTS:
                return False
            session.add(ReplyLinkEventRow(link=id, number=number, event=event, at=now, said=said))
            return True

        return self._in_turn(work, now)

    def _uses(self, session: Session, id: str) -> list[ReplyLinkEventRow]:
        query = select(ReplyLinkEventRow).where(ReplyLinkEventRow.link == id)
        rows = list(session.exec(query.order_by(col(ReplyLinkEventRow.number))))
        refuse_altered(
            session, ReplyLinkEventRow, [(row.link, row.number) for row in rows], self.where
        )
        return rows

    def _as_link(self, session: Session, row: ReplyLinkRow) -> ReplyLink:
        refuse_altered(session, ReplyLinkRow, [(row.id,)], self.where)
        query = select(ReplyLinkEventRow).where(
            ReplyLinkEventRow.link == row.id, ReplyLinkEventRow.event == "revoked"
        )
        revoked = list(session.exec(query))
        refuse_altered(
            session, ReplyLinkEventRow, [(r.link, r.number) for r in revoked], self.where
        )
        return ReplyLink(**row.model_dump(), revoked_at=revoked[0].at if revoked else None)
