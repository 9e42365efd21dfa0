"""Bounce processing: bounces and requests to unsubscribe are recorded, and suspend addresses.

Anybody can write to the mailbox, in anybody's name, so that nothing in a mail is believed but
what its writer can only know from a message: its Message-ID, or its token for unsubscribing. Both
follow from the ledger's secret. Even then a bounce has to fit the delivery, and one alone
suspends only where its code leaves no doubt. The address that is suspended is the one that was
written to. A mail is marked as done after it was recorded; reading it twice counts once.
"""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from itertools import islice

from scorecard.base.address import same_mailbox
from scorecard.delivery.new_deliveries import CONTENT, MAIL, token_in
from scorecard.errors import MailError
from scorecard.ledger import Delivery, Ledger
from scorecard.ledger.deliveries import AHEAD
from scorecard.mail.bounces import Bounce, Unsubscribe, read_mail
from scorecard.mail.incoming import Mail, Mailbox
from scorecard.mail.mailbox import open_box
from scorecard.project.settings import Project

MOST_MAILS = 1000
"""Mails read in one look; the others wait for the next."""
MOST_SAID = 10
"""Lines that one look logs about mails of one kind that lead to nothing."""
BELIEVED = timedelta(days=30)
"""So long after a message was handed over a bounce of it is believed; servers give up in a week."""
REMEMBERED = timedelta(days=200)
"""So long one that came back counts towards a second: over half a year, for quarterly documents."""
OLD_TOKENS = timedelta(days=90)
"""So long a request is believed whose token is a Message-ID, as in messages of earlier versions."""
_LOG = logging.getLogger("scorecard.delivery.bounce_processing")
_NO_SUCH_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")
"""Status codes (RFC 3463, RFC 7505) after one of which no mail will ever arrive.

No such mailbox, no such domain, no address at all, moved without a forward, a domain that takes
no mail. All other codes can be a server's trouble, or its opinion of us.
"""
_ABOUT_THE_MESSAGE = ("5.2.2", "5.2.3", "5.3.4", "5.6.", "5.7.")
"""Status codes (RFC 3463) that concern the message, which do not count towards a suspension.

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
    """Read up to MOST_MAILS of the mailbox at `url` and record them.

    MailError when it cannot be opened.
    """
    with open_box(url, project.root) as box:
        look = _Look(box, ledger, now)
        for mail in islice(box.waiting(), MOST_MAILS):
            look.read(mail)
    look.sum_up()
    return look.tally


@dataclass
class _Look:
    """One look into the mailbox."""

    box: Mailbox
    ledger: Ledger
    now: datetime
    tally: BounceTally = field(default_factory=BounceTally)
    _led_to_nothing: Counter[str] = field(default_factory=Counter)

    def read(self, mail: Mail) -> None:
        try:
            content = read_mail(mail.raw)
        except MailError as error:
            self._nothing("a mail in the box of bounces is unclear", str(error))
            self.tally.unclear += 1
            self.box.set_aside(mail)
            return
        source = sha256(mail.raw).hexdigest()
        if isinstance(content, Unsubscribe):
            self._unsubscribe(content, source)
        else:
            if not content:
                self.tally.other += 1
            for bounce in content or ():
                self._bounce(bounce)
        self.box.done(mail)

    def sum_up(self) -> None:
        """Log how many more there were of what was logged only so often."""
        for what, count in self._led_to_nothing.items():
            if count > MOST_SAID:
                _LOG.warning("%s: %d more like this", what, count - MOST_SAID)

    def _nothing(self, what: str, detail: str) -> None:
        """Log what led to nothing, MOST_SAID times: anybody can write any number of such mails."""
        self._led_to_nothing[what] += 1
        if self._led_to_nothing[what] <= MOST_SAID:
            _LOG.warning("%s: %s", what, detail)

    def _bounce(self, bounce: Bounce) -> None:
        """Record one bounce, and suspend its address where no mail will ever arrive there."""
        said = f"{bounce.status} {bounce.diagnostic}".strip()
        delivery = self.ledger.sent_as(bounce.message_id)
        if delivery is None or not _may_come_back(delivery, self.now):
            self._nothing("a bounce names no message that was sent lately", bounce.recipient)
            self.tally.other += 1
            return
        extra = {"delivery": delivery.id, "recipient": delivery.recipient}
        if not bounce.final:
            _LOG.info("delayed: %s", said, extra=extra)
            self.tally.other += 1
            return
        if delivery.state != "bounced":
            self.ledger.bounced(delivery, self.now, said)
            self.tally.bounced += 1
            _LOG.warning("bounced: %s", said, extra=extra)
        if self._is_for_good(bounce, delivery) and self.ledger.note_address(
            delivery.recipient, "suspended", said, self.now, _journey(delivery)
        ):
            self.tally.suspended += 1

    def _is_for_good(self, bounce: Bounce, delivery: Delivery) -> bool:
        """Whether the delivery's address is to be written to no more.

        That takes one bounce with a code for an address that does not exist, or two, of different
        messages on different days. It is noted that a first one came.
        """
        if not bounce.permanent or bounce.status.startswith(_ABOUT_THE_MESSAGE):
            return False
        # A report of another address is about an alias or forward, which may be mended.
        if same_mailbox(bounce.recipient) != same_mailbox(delivery.recipient):
            return False
        if bounce.status in _NO_SUCH_ADDRESS:
            return True
        self.ledger.note_address(
            delivery.recipient, "returned", bounce.status, self.now, _journey(delivery)
        )
        days = set[date]()
        for event in self.ledger.address_events(delivery.recipient):
            if event.event == "reinstated":
                days.clear()
            elif event.event == "returned" and event.at > self.now - REMEMBERED:
                days.add(event.at.date())
        return len(days) > 1

    def _unsubscribe(self, asked: Unsubscribe, source: str) -> None:
        """Record a subscriber's request. Mails to those who answer for customers do not offer it.

        Whom the request is from does not matter: people write from other addresses, too.
        """
        delivery = self._offered(asked.token)
        if delivery is None:
            self._nothing("a request to get no more", "it names no message that offered it")
            self.tally.other += 1
            return
        if self.ledger.note_address(
            delivery.recipient, "unsubscribed", "by mail", self.now, source
        ):
            self.tally.unsubscribed += 1
        _LOG.info("unsubscribed", extra={"recipient": delivery.recipient})

    def _offered(self, token: str) -> Delivery | None:
        """The delivery whose message offered to unsubscribe by that token."""
        delivery = self.ledger.delivery(token.partition(".")[0])
        if delivery is None:
            delivery = self.ledger.sent_with(token)
            if delivery is None or delivery.queued_at < self.now - OLD_TOKENS:
                return None
        offered = ""
        with suppress(ValueError):  # a letter that is not ours offered nothing
            offered = token_in(CONTENT.validate_json(delivery.letter).unsubscribe)
        # In a time that does not tell how much of it was right.
        same = compare_digest(token.encode(), offered.encode())
        return delivery if offered and same else None


def _journey(delivery: Delivery) -> str:
    """What tells one handing over from all others: however many reports of it come count once."""
    return f"{delivery.id} {delivery.beat_at}"


def _may_come_back(delivery: Delivery, now: datetime) -> bool:
    """Whether it may have left since it was last queued, and not too long ago.

    Else the bounce is of an earlier try, of a message that never left, or forged.
    """
    # The last sign of life of its sender is the moment at which it was handed over.
    handed_over = delivery.beat_at
    return (
        delivery.channel == MAIL
        and handed_over is not None
        and now - BELIEVED <= handed_over <= now + AHEAD
        and (
            delivery.state in ("handed over", "sent", "bounced", "in doubt") or delivery.doubts > 0
        )
    )
