"""Access: whether a link opens what is asked for, now. Everything that does not is one of three
sentences, and what was guessed, altered, revoked or somebody else's reads the same."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from scorecard.delivery.links import LinkSigner
from scorecard.desk.archive_page import reader_of
from scorecard.desk.current import CurrentProject
from scorecard.desk.rates import Rates
from scorecard.ledger import ReplyLink
from scorecard.ledger.reply_links import Opens
from scorecard.replies.door import Door
from scorecard.strategy.model import Person

NOTHING = (
    "This link opens nothing. Look whether it was copied whole; if it was, whoever runs the "
    "scorecards gives you a new one."
)
TOO_OFTEN = "This link was used too often just now; wait a minute, and load the page again."
BURST, PER_SECOND = 40, 1
"""Requests with one link at once, and as time goes by."""
_LOG = logging.getLogger("scorecard.desk")


class Refused(Exception):
    """Why a request is not answered: a status and a sentence."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said


@dataclass(frozen=True)
class Opened:
    """A link that opens its page now, the door for it, and the executive of an archive."""

    link: ReplyLink
    token: str
    door: Door
    reader: Person | None = None


class Access:
    """Looks links up. Uses of links that open nothing are recorded, with the reason."""

    def __init__(
        self, current: CurrentProject, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._current = current
        self.signer = LinkSigner(current.ledger.keyed)
        self._rates = Rates(BURST, PER_SECOND, clock)

    def open(self, token: str, opens: Opens) -> Opened:
        """The link of a token; Refused where it opens nothing, or not this."""
        id = self.signer.read(token)
        if id is None:
            raise Refused(404, NOTHING)
        if not self._rates.allows(id):
            raise Refused(429, TOO_OFTEN)
        current, link = self._current, self._current.ledger.reply_link(id)
        if link is None or link.opens != opens:
            raise Refused(404, NOTHING)
        if link.revoked_at is not None:
            self._refuse(link, "it was revoked")
        if link.is_over(current.now()):
            self._refuse(
                link,
                "it had expired",
                410,
                f"This link was open until {current.moment(link.expires_at)}; whoever runs the "
                "scorecards gives you a new one.",
            )
        door = current.door()
        if opens == "archive":
            reader = reader_of(current, link)
            if reader is None:
                self._refuse(link, "its reader is no executive today")
            return Opened(link, token, door, reader)
        if link.person not in {p.name for p in door.speakers(link.owner, current.now())}:
            self._refuse(link, "its reader does not answer for the post today")
        return Opened(link, token, door)

    def _refuse(
        self, link: ReplyLink, why: str, status: int = 404, said: str = NOTHING
    ) -> NoReturn:
        self._current.ledger.note_link(link.id, "refused", self._current.now(), why)
        _LOG.info("link %s of %s refused: %s", link.id, link.owner, why)
        raise Refused(status, said)
