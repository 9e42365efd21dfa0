"""Bounce processing: bounces and requests to unsubscribe are recorded, and suspend addresses.

A bounce counts only when it names a message that was sent, and a request only when
it names one that offered it: the ids cannot be guessed. The address that is suspended
is the one that was written to, since a bounce of forwarded mail names another one.
A mail is marked as done after it was recorded; reading it twice counts once.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from scorecard.delivery.new_deliveries import CONTENT
from scorecard.errors import MailError
from scorecard.ledger import Delivery, Ledger
from scorecard.mail.bounces import Bounce, Unsubscribe, read_mail
from scorecard.mail.incoming import Mail, Mailbox
from scorecard.mail.mailbox import open_box
from scorecard.project.settings import Project

_LOG = logging.getLogger("scorecard.delivery.bounce_processing")
_ABOUT_THE_MESSAGE = ("5.2.2", "5.2.3", "5.3.4", "5.6.", "5.7.")
"""Status codes (RFC 3463) that concern the message, after which the address is not suspended.

Mailbox full, message too large, content or policy.
"""


@dataclass
class BounceTally:
    """Counts of what reading the mailbox led to; as text, the line that the command prints."""

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


def process_bounces(project: Project, ledger: Ledger, url: str, now: datetime) -> BounceTally:
    """Read the mailbox at `url` and record its mails. MailError when it cannot be opened."""
    tally = BounceTally()
    with open_box(url, project.root) as box:
        for mail in box.waiting():
            _read(box, mail, ledger, now, tally)
    return tally


def _read(box: Mailbox, mail: Mail, ledger: Ledger, now: datetime, tally: BounceTally) -> None:
    try:
        content = read_mail(mail.raw)
    except MailError as error:
        _LOG.warning("a mail in the box of bounces is unclear: %s", error)
        tally.unclear += 1
        box.set_aside(mail)
        return
    source = sha256(mail.raw).hexdigest()
    if isinstance(content, Unsubscribe):
        _unsubscribe(content, source, ledger, now, tally)
    else:
        if not content:
            tally.other += 1
        for bounce in content or ():
            _bounce(bounce, source, ledger, now, tally)
    box.done(mail)


def _bounce(bounce: Bounce, source: str, ledger: Ledger, now: datetime, tally: BounceTally) -> None:
    """Record one bounce, and suspend its address where it says that no mail will ever arrive."""
    said = f"{bounce.status} {bounce.diagnostic}".strip()
    delivery = ledger.sent_as(bounce.message_id)
    if delivery is None or not _was_handed_over(delivery):
        _LOG.warning("a bounce about %s names no message that was sent", bounce.recipient)
        tally.other += 1
        return
    extra = {"delivery": delivery.id, "recipient": delivery.recipient}
    if not bounce.final:
        _LOG.info("delayed: %s", said, extra=extra)
        tally.other += 1
        return
    if delivery.state != "bounced":
        ledger.bounced(delivery, now, said)
        tally.bounced += 1
        _LOG.warning("bounced: %s", said, extra=extra)
    if not bounce.permanent or bounce.status.startswith(_ABOUT_THE_MESSAGE):
        return
    if ledger.note_address(delivery.recipient, "suspended", said, now, source):
        tally.suspended += 1


def _was_handed_over(delivery: Delivery) -> bool:
    """Whether it may have left since it was last queued; else the bounce is of an earlier try."""
    return delivery.state in ("handed over", "sent", "bounced", "in doubt") or delivery.doubts > 0


def _unsubscribe(
    asked: Unsubscribe, source: str, ledger: Ledger, now: datetime, tally: BounceTally
) -> None:
    """Record a subscriber's request. Mails to people who answer for customers do not offer it."""
    delivery = ledger.sent_with(asked.token)
    content = None
    with suppress(ValueError):  # a letter that is not ours offered nothing
        content = CONTENT.validate_json(delivery.letter) if delivery else None
    if delivery is None or content is None or not content.unsubscribe:
        _LOG.warning("a request to get no more names no message that offered it")
        tally.other += 1
        return
    if ledger.note_address(delivery.recipient, "unsubscribed", "by mail", now, source):
        tally.unsubscribed += 1
    _LOG.info("unsubscribed", extra={"recipient": delivery.recipient})
