"""Sending: the worker of the outbox, one message to one recipient at a time.

A delivery is claimed, checked against everything that forbids it, built and handed
over; the server's answer is recorded before the next one, however long the ledger
cannot be reached. Several workers may share an outbox, and nothing is lost with one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from scorecard.base.files import draft, read_plain
from scorecard.delivery.message_builder import MessageBuilder, forbidden
from scorecard.delivery.new_deliveries import CONTENT, FOLDER, MAIL
from scorecard.errors import LedgerError, MailError, RenderError, ScorecardError
from scorecard.ledger import AddressEvent, Delivery, Ledger, State
from scorecard.mail.content import MailContent
from scorecard.mail.reply import Reply
from scorecard.mail.sender import Sender

TTL = timedelta(minutes=20)
"""A worker without a heartbeat for twenty minutes is lost; a server may take ten to answer."""
SPARE = timedelta(minutes=1)
"""A worker stops waiting for the ledger a minute before another may take over its delivery."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=10)
AT_ONCE = 20
"""Deliveries claimed at a time."""
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360))
"""The pause after each try that was deferred; the last one is repeated."""
MOST_DOUBTS = 3
"""A message whose answer was lost three times is left to the operator."""
_DOUBTED = (
    "Its sender was lost {} times while handing it over; ask whether it arrived before it is sent "
    "again."
)
_LOG = logging.getLogger("scorecard.delivery.sending")


class _Lost(Exception):
    """Another worker has taken the delivery over."""


class _InTheWay(Exception):
    """Another file has the name of a document to be laid into a folder."""


@dataclass(frozen=True)
class BuiltMessage:
    """The bytes to hand over: a message, or the PDF for a folder. `sha256` is the PDF's."""

    message: bytes
    sha256: str


@dataclass
class SendingTally:
    """Counts of deliveries by outcome; `waiting` says why sending stopped early, if it did."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    waiting: str = ""

    def __add__(self, other: SendingTally) -> SendingTally:
        return SendingTally(
            self.sent + other.sent,
            self.deferred + other.deferred,
            self.failed + other.failed,
            other.waiting or self.waiting,
        )


@dataclass(frozen=True)
class OutboxWorker:
    """Sends what is due in the outbox.

    pdf       the PDF of a delivery's edition and its hash, read back without a problem
    root      the folder that a relative folder of a schedule starts at
    left_out  why a reader no longer gets a document that was queued; empty where they do
    sleep     waits for a number of seconds
    noted     has it remembered outside of the ledger how far that is, before anything is sent:
              else one restored from a backup would send it again, and nobody would know
    """

    ledger: Ledger
    builder: MessageBuilder
    pdf: Callable[[Delivery], tuple[bytes, str]]
    root: Path
    now: Callable[[], datetime]
    holder: str
    ttl: timedelta = TTL
    stopped: Callable[[], bool] = field(default=lambda: False)
    left_out: Callable[[Delivery], str] = field(default=lambda _: "")
    sleep: Callable[[float], None] = time.sleep
    noted: Callable[[], None] = field(default=lambda: None)

    def work_off(self, sender: Sender | None) -> SendingTally:
        """Send all that is due. Without a sender only folders are served.

        Stops early when the server cannot be reached or refuses the login; what was not
        handed over stays queued. MailError for a sender that may take so long over one
        message that another worker would send it meanwhile.
        """
        if sender is not None and timedelta(seconds=sender.longest) > self.ttl - SPARE:
            raise MailError(
                f"One message may take {sender.longest:.0f} s, and a sender that is silent for "
                f"{self.ttl.total_seconds():.0f} s is taken for lost; shorten the limits of time."
            )
        tally = SendingTally()
        channels = (MAIL, FOLDER) if sender is not None else (FOLDER,)
        asks = self.builder.mail.in_doubt == "ask"
        try:
            while not self.stopped() and not tally.waiting:
                taken = self.ledger.take_out(
                    self.holder, self.now(), self.ttl, AT_ONCE, channels=channels, doubtful=not asks
                )
                if not taken:
                    break
                self.noted()
                silenced = self.ledger.suppressed()
                for delivery in taken:
                    if self.stopped() or tally.waiting:
                        break
                    if delivery.state != "claimed":  # it ended when it was taken out
                        tally.failed += 1
                        continue
                    self._deliver(delivery, sender, silenced, tally)
        finally:
            self.ledger.put_back(self.holder, self.now())
        return tally

    def _deliver(
        self,
        delivery: Delivery,
        sender: Sender | None,
        silenced: dict[str, AddressEvent],
        tally: SendingTally,
    ) -> None:
        try:
            content = _content(delivery)
            if delivery.channel == MAIL:
                event = silenced.get(delivery.recipient)
                if (unsent := self._without_server(delivery, content, event)) is not None:
                    state, why = unsent
                    self._settle(delivery, Reply(0, why, "permanent", "recipient"), tally, state)
                    return
            built = self._built(delivery, content)
        except (MailError, RenderError) as error:
            reply = Reply(0, str(error), "permanent", "content")
            self._settle(delivery, reply, tally, "withheld")
            return
        except ScorecardError as error:
            # To render it again, the facts are needed, which may be missing for the moment.
            self._settle(delivery, Reply(0, str(error), "transient", "content"), tally)
            return

        begun: datetime | None = None

        def about_to() -> None:
            nonlocal begun
            moment = self.now()
            if not self.ledger.hand_over(
                delivery, moment, sha256=built.sha256, size=len(built.message)
            ):
                raise _Lost
            begun = moment

        ended: State | None = None
        try:
            if delivery.channel == FOLDER:
                reply = self._file(delivery, content, built, about_to)
            elif sender is not None:
                reply = sender.hand_over(content.sender, content.recipient, built.message, about_to)
        except _Lost:
            return
        except _InTheWay as error:
            reply, ended = Reply(0, str(error), "permanent", "content"), "withheld"
        self._settle(delivery, reply, tally, ended, begun)

    def _without_server(
        self, delivery: Delivery, content: MailContent, event: AddressEvent | None
    ) -> tuple[State, str] | None:
        """(state, reason) of a mail that is not handed to a server; None for one that is."""
        if delivery.doubts >= MOST_DOUBTS:
            return "in doubt", _DOUBTED.format(delivery.doubts)
        if no := forbidden(content, self.builder.mail, event):
            return "opted out" if no.asked else "withheld", no.why
        if why := self.left_out(delivery):
            return "withheld", why
        return None

    def _built(self, delivery: Delivery, content: MailContent) -> BuiltMessage:
        if delivery.edition_id is None:
            return BuiltMessage(self.builder.bare(content), "")
        pdf, digest = self.pdf(delivery)
        if delivery.channel == FOLDER:
            return BuiltMessage(pdf, digest)
        return BuiltMessage(self.builder.enclosing(content, pdf), digest)

    def _file(
        self,
        delivery: Delivery,
        content: MailContent,
        built: BuiltMessage,
        about_to: Callable[[], None],
    ) -> Reply:
        """Lay a document into a folder; sent twice, it is one file.

        Another file of that name is not replaced, and the document is withheld.
        """
        below = self.root / delivery.recipient
        folder = below / content.period_key
        target = folder / self.builder.templates.file_name(content)
        try:
            with draft(target, below=below) as file:
                self._refuse_to_replace(target, delivery, built)
                file.write(built.message, durable=True)
                about_to()
                file.keep()
        except OSError as error:
            said = f"{folder} cannot be written to ({error.strerror}); make it writable."
            return Reply(0, said, "transient", "content")
        return Reply(250, f"{target.name} was written to {folder}.", "accepted", "content")

    def _refuse_to_replace(self, target: Path, delivery: Delivery, built: BuiltMessage) -> None:
        """Raise _InTheWay where a file of that name is neither this PDF nor of its edition.

        An edition rendered again need not have the same bytes: a worker that was lost may
        have laid an earlier rendering there.
        """
        try:
            there = read_plain(target)
        except FileNotFoundError:
            return
        except OSError:
            there = None  # a link, a pipe, a folder, or nothing that we may read
        if there == built.message or (
            there is not None
            and delivery.edition_id is not None
            and self.ledger.reading(delivery.edition_id, sha256(there).hexdigest()) is not None
        ):
            return
        raise _InTheWay(
            f"{target.name} in {target.parent} is something else and was not replaced; "
            "take it away, or name documents apart in templates/mail/file_name.j2."
        )

    def _settle(
        self,
        delivery: Delivery,
        reply: Reply,
        tally: SendingTally,
        ended: State | None = None,
        begun: datetime | None = None,
    ) -> None:
        """Record the outcome of a try. `begun` is when handing over began; None if it did not.

        Forgetting the answer would send the message twice, so from then on recording is
        insisted on.
        """
        now = self.now()

        def record() -> State | None:
            return self._record(delivery, reply, ended, now)

        state = record() if begun is None else self._insist(record, delivery, begun)
        if state is None:
            return
        if state == "sent":
            tally.sent += 1
        elif state == "deferred":
            tally.deferred += 1
        elif state != "opted out":
            tally.failed += 1
        if not _concerns_the_message(reply):
            tally.waiting = reply.text
        _LOG.log(
            logging.INFO if state == "sent" else logging.WARNING,
            "%s: %s",
            state,
            reply.text,
            extra={
                "delivery": delivery.id,
                "schedule": delivery.schedule,
                "period": delivery.period,
                "recipient": delivery.recipient,
                "state": state,
                "code": reply.code,
                "message_id": delivery.message_id,
            },
        )

    def _record(
        self, delivery: Delivery, reply: Reply, ended: State | None, now: datetime
    ) -> State | None:
        """Record the state; returns it, or None when another worker has the delivery."""
        state, next_try = (ended, None) if ended else self._outcome(delivery, reply, now)
        settled = self.ledger.settle(
            delivery,
            state,
            now,
            code=reply.code or None,
            reply=reply.text,
            next_try_at=next_try,
            doubt=reply.kind == "unsure",
        )
        if not settled:
            # An earlier try may have committed, and lost its connection before it heard so.
            there = self.ledger.delivery(delivery.id)
            wanted = (state, now, reply.text)
            settled = there is not None and (there.state, there.updated_at, there.reply) == wanted
        return state if settled else None

    def _insist(
        self, record: Callable[[], State | None], delivery: Delivery, begun: datetime
    ) -> State | None:
        """Call `record` again and again while the ledger cannot be reached.

        LedgerError when told to stop, or shortly before another worker takes this one for
        lost.
        """
        pause, waited = FIRST_PAUSE, timedelta(0)
        while True:
            try:
                return record()
            except LedgerError as error:
                left = self.ttl - SPARE - max(waited, self.now() - begun)
                if self.stopped() or left < pause:
                    raise
                _LOG.warning(
                    "what was answered waits to be written down, for %d s more at most: %s",
                    left.total_seconds(),
                    error,
                    extra={"delivery": delivery.id, "message_id": delivery.message_id},
                )
            self.sleep(pause.total_seconds())
            waited += pause
            pause = min(2 * pause, LONGEST_PAUSE)

    def _outcome(
        self, delivery: Delivery, reply: Reply, now: datetime
    ) -> tuple[State, datetime | None]:
        if reply.kind == "accepted":
            return "sent", None
        if reply.kind == "permanent" and _concerns_the_message(reply):
            return "refused", None
        if reply.kind == "unsure" and (
            self.builder.mail.in_doubt == "ask" or delivery.doubts + 1 >= MOST_DOUBTS
        ):
            return "in doubt", None
        if self._tried_for_long(delivery, now):
            return "expired", None
        delay = DELAYS[min(delivery.tries, len(DELAYS) - 1)]
        return "deferred", now + delay

    def _tried_for_long(self, delivery: Delivery, now: datetime) -> bool:
        """Whether its first try, not its queuing, is longer ago than `give_up`."""
        since = now - self.builder.mail.give_up
        return delivery.queued_at < since and any(
            delivery.queued_at <= each.at < since
            for each in self.ledger.attempts(delivery)
            if each.outcome != "queued again"
        )


def _content(delivery: Delivery) -> MailContent:
    try:
        return CONTENT.validate_json(delivery.letter)
    except ValueError as error:
        raise MailError(
            f"The letter of delivery {delivery.id} cannot be read; it is not one of this version."
        ) from error


def _concerns_the_message(reply: Reply) -> bool:
    """Whether the reply is about this message, not about server, login or our own address."""
    our_address = reply.kind == "permanent" and reply.stage == "sender"
    return reply.kind not in ("unreachable", "login") and not our_address
