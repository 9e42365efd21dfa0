"""Returns: what comes back by mail, and what it changes about the addresses.

A report counts only when it names a message that was sent, and a request only
when it names one that offered it: nobody else can guess these. Whoever forwards
mail reports another address than the one that was written to, which is ours.
A mail is done with after what it says was recorded; reading it twice counts once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from scorecard.delivery.new_deliveries import LETTER
from scorecard.errors import MailError
from scorecard.ledger import Delivery, Ledger
from scorecard.mail.bounces import Bounce, Unsubscribe, read_mail
from scorecard.mail.incoming import Box, Mail
from scorecard.mail.mailbox import open_box
from scorecard.project.settings import Project

_LOG = logging.getLogger("scorecard.delivery.bounce_processing")
_ABOUT_THE_MESSAGE = ("5.2.2", "5.2.3", "5.3.4", "5.6.", "5.7.")
"""Full, too large, not to their liking (RFC 3463): the address may well take the next one."""


@dataclass
class BounceProcessor:
    """What a look into the box came to."""

    bounced: int = 0
    suspended: int = 0
    unsubscribed: int = 0
    other: int = 0
    unclear: int = 0

    def __str__(self) -> str:
        return (
            f"bounced: {self.bounced}, addresses suspended: {self.suspended}, "
            f"unsubscribed: {self.unsubscribed}, other mails: {self.other}, "
            f"set aside as unclear: {self.unclear}"
        )


def fetch(project: Project, ledger: Ledger, url: str, now: datetime) -> BounceProcessor:
    """Read the box at `url`, and record what it says. MailError when it cannot be opened."""
    returns = BounceProcessor()
    with open_box(url, project.root) as box:
        for mail in box.waiting():
            _read(box, mail, ledger, now, returns)
    return returns


def _read(box: Box, mail: Mail, ledger: Ledger, now: datetime, returns: BounceProcessor) -> None:
    try:
        said = read_mail(mail.raw)
    except MailError as error:
        _LOG.warning("a mail in the box of bounces is unclear: %s", error)
        returns.unclear += 1
        box.set_aside(mail)
        return
    source = sha256(mail.raw).hexdigest()
    if isinstance(said, Unsubscribe):
        _unsubscribe(said, source, ledger, now, returns)
    else:
        if not said:
            returns.other += 1
        for bounce in said or ():
            _bounce(bounce, source, ledger, now, returns)
    box.done(mail)


def _bounce(
    bounce: Bounce, source: str, ledger: Ledger, now: datetime, returns: BounceProcessor
) -> None:
    """A message that came back; its address takes no more when it never will again."""
    said = f"{bounce.status} {bounce.diagnostic}".strip()
    delivery = ledger.sent_as(bounce.message_id)
    if delivery is None or not _was_handed_over(delivery):
        _LOG.warning("a bounce about %s names no message that was sent", bounce.recipient)
        returns.other += 1
        return
    extra = {"delivery": delivery.id, "recipient": delivery.recipient}
    if not bounce.final:
        _LOG.info("delayed: %s", said, extra=extra)
        returns.other += 1
        return
    if delivery.state != "bounced":
        ledger.bounced(delivery, now, said)
        returns.bounced += 1
        _LOG.warning("bounced: %s", said, extra=extra)
    if not bounce.permanent or bounce.status.startswith(_ABOUT_THE_MESSAGE):
        return
    if ledger.note_address(delivery.recipient, "suspended", said, now, source):
        returns.suspended += 1


def _was_handed_over(delivery: Delivery) -> bool:
    """Whether it left since it was last queued: what comes back now may be an earlier try."""
    return delivery.state in ("handed over", "sent", "bounced", "in doubt") or delivery.doubts > 0


def _unsubscribe(
    asked: Unsubscribe, source: str, ledger: Ledger, now: datetime, returns: BounceProcessor
) -> None:
    """A subscriber who wants no more. Whoever answers for customers cannot leave by this door."""
    delivery = ledger.sent_with(asked.token)
    letter = LETTER.validate_json(delivery.letter) if delivery else None
    if delivery is None or letter is None or not letter.unsubscribe:
        _LOG.warning("a request to get no more names no message that offered it")
        returns.other += 1
        return
    if ledger.note_address(delivery.recipient, "unsubscribed", "by mail", now, source):
        returns.unsubscribed += 1
    _LOG.info("unsubscribed", extra={"recipient": delivery.recipient})
