"""Links: the address that opens one owner's page of one edition, or one executive's archive.

A link has the id of its row in the ledger and a signature, and nothing else: who it is for, what it
opens and until when is looked up whenever it is used, so that it can be revoked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from itsdangerous import BadData, Signer

from scorecard.delivery.recipients import Recipient
from scorecard.errors import ProjectError, did_you_mean
from scorecard.ledger import Edition, Ledger, ReplyLink
from scorecard.project.desk_settings import DeskSettings
from scorecard.replies.door import ANSWERABLE
from scorecard.strategy.accountability import accountable, escalation, executives
from scorecard.strategy.model import Person, Strategy

PATHS = {"page": "r", "archive": "a"}
"""By what a link opens, the path under which it is served."""
LONGEST_TOKEN = 200


class LinkSigner:
    """Signs ids of links with a key that only the ledger derives, and reads them back."""

    def __init__(self, keyed: Callable[..., str]) -> None:
        key = keyed("desk", "link")
        self._signer = Signer(key, salt="link", key_derivation="hmac", digest_method=sha256)

    def token(self, id: str) -> str:
        """The id with its signature: what stands in the address, and is secret."""
        return self._signer.sign(id).decode()

    def read(self, token: str) -> str | None:
        """The id in a token; None where it was not signed here, or was altered in any sign."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        try:
            id = self._signer.unsign(token).decode()
        except (BadData, UnicodeDecodeError):
            return None
        # The last sign of base64 has bits that count for nothing.
        return id if self.token(id) == token else None

    def url(self, link: ReplyLink, settings: DeskSettings) -> str:
        """The whole address of a link."""
        return f"{settings.public}/{PATHS[link.opens]}/{self.token(link.id)}"


def speakers_of(strategy: Strategy, owner: str, today: date) -> tuple[Person, ...]:
    """Who answers for a post on that day, or is told that nobody does; ProjectError where there is
    no such post, or nobody at all."""
    if strategy.owner(owner) is None:
        raise ProjectError(f'There is no owner "{owner}".{did_you_mean(owner, strategy.owner_ids)}')
    person = accountable(strategy, owner, today).person
    found = (person,) if person is not None else escalation(strategy, owner, today)
    if not found:
        raise ProjectError(f'Nobody answers for "{owner}" today, and nobody is told of it.')
    return found


def newest_page(editions: Sequence[Edition], owner: str) -> Edition | None:
    """The edition of a post's page that was frozen last, of those of one period."""
    own = [e for e in editions if e.document in ANSWERABLE and e.scope == owner]
    return max(own, key=lambda e: (e.created_at, e.number), default=None)


def page_links(
    ledger: Ledger, edition: Edition, people: Sequence[Person], now: datetime, span: timedelta
) -> list[ReplyLink]:
    """A new link to an edition for each of these people, recorded."""
    return [
        ledger.issue_link(
            ReplyLink(
                token_hex(12),
                "page",
                edition.scope,
                person.name,
                person.email,
                edition.id,
                now,
                now + span,
            )
        )
        for person in people
    ]


def archive_link(
    ledger: Ledger, strategy: Strategy, id: str, today: date, now: datetime, span: timedelta
) -> ReplyLink:
    """A new link to what an executive was sent, recorded; ProjectError where nobody of that id is
    one today, or has an address."""
    known = {p.id: p for p in executives(strategy, today)}
    if id not in known:
        raise ProjectError(f'"{id}" is no executive today.{did_you_mean(id, known)}')
    person = known[id]
    if not person.email:
        raise ProjectError(f'{person.name} has no address, so nothing was sent to "{id}".')
    link = ReplyLink(token_hex(12), "archive", id, person.name, person.email, None, now, now + span)
    return ledger.issue_link(link)


def mailed_link(
    ledger: Ledger, desk: DeskSettings, edition: Edition, reader: Recipient, now: datetime
) -> str:
    """The address that a mail with an edition gives its reader; empty where they get none.

    It is recorded, and is the same whenever that mail is made again.
    """
    if not reader.opens:
        return ""
    of_page = reader.opens == "page"
    link = ReplyLink(
        id=ledger.keyed("desk", "mailed", edition.id, reader.email, reader.name)[:24],
        opens=reader.opens,
        owner=edition.scope if of_page else reader.id,
        person=reader.name,
        email=reader.email,
        edition_id=edition.id if of_page else None,
        issued_at=now,
        expires_at=now + desk.links,
    )
    return LinkSigner(ledger.keyed).url(ledger.issue_link(link), desk)
