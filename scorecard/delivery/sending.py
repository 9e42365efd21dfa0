"""Sending: the outbox is worked off, one message to one recipient at a time.

A delivery is claimed, checked against everything that forbids it, put together,
and handed over; what the server says is recorded before the next one, however
long the ledger is away. Several senders may work on the same outbox; whoever
dies loses nothing.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from scorecard.delivery.message_builder import MessageBuilder, forbidden
from scorecard.delivery.new_deliveries import FOLDER, LETTER, MAIL
from scorecard.errors import LedgerError, MailError, RenderError, ScorecardError
from scorecard.ledger import AddressEvent, Delivery, Ledger, State
from scorecard.mail.content import MailContent
from scorecard.mail.reply import Reply
from scorecard.mail.sender import Sender

TTL = timedelta(minutes=20)
"""Longer than a server may take to answer: a silent sender is taken for lost after it."""
SPARE = timedelta(minutes=1)
"""So long before its time is up, a sender no longer waits for a ledger that is away."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=10)
AT_ONCE = 20
DELAYS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360))
MOST_DOUBTS = 3
"""A message whose answer was lost so often is left to the operator."""
_DOUBTED = (
    "Its sender was lost {} times while handing it over; ask whether it arrived before it is sent "
    "again."
)
_LOG = logging.getLogger("scorecard.delivery.sending")


class _Lost(Exception):
    """The delivery is another sender's by now."""


class _InTheWay(Exception):
    """A file that is not ours to replace has a document's name."""


@dataclass(frozen=True)
class BuiltMessage:
    """A message ready to go; `sha256` is that of the PDF inside."""

    message: bytes
    sha256: str


@dataclass
class SendingTally:
    """What came of working the outbox off; `waiting` says why it stopped early, if it did."""

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
    """Works the outbox off.

    pdf       the PDF of a delivery's edition and its hash, read back without a problem
    root      what a relative folder is relative to
    left_out  why a reader no longer gets a document that was queued; empty where they do
    sleep     waits so many seconds
    """

    ledger: Ledger
    packer: MessageBuilder
    pdf: Callable[[Delivery], tuple[bytes, str]]
    root: Path
    now: Callable[[], datetime]
    holder: str
    ttl: timedelta = TTL
    stopped: Callable[[], bool] = field(default=lambda: False)
    left_out: Callable[[Delivery], str] = field(default=lambda _: "")
    sleep: Callable[[float], None] = time.sleep

    def work_off(self, sender: Sender | None) -> SendingTally:
        """Send everything whose time has come. Without a sender only folders are filled.

        Stops early when the server cannot be reached or does not let us in:
        what was not handed over stays queued.
        """
        tally = SendingTally()
        channels = (MAIL, FOLDER) if sender is not None else (FOLDER,)
        asks = self.packer.mail.in_doubt == "ask"
        try:
            while not self.stopped() and not tally.waiting:
                taken = self.ledger.take_out(
                    self.holder, self.now(), self.ttl, AT_ONCE, channels=channels, doubtful=not asks
                )
                if not taken:
                    break
                silenced = self.ledger.silenced()
                for delivery in taken:
                    if self.stopped() or tally.waiting:
                        break
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
            letter = _letter(delivery)
            if delivery.channel == MAIL:
                event = silenced.get(delivery.recipient)
                if (kept := self._kept_back(delivery, letter, event)) is not None:
                    state, why = kept
                    self._settle(delivery, Reply(0, why, "permanent", "recipient"), tally, state)
                    return
            packed = self._packed(delivery, letter)
        except (MailError, RenderError) as error:
            reply = Reply(0, str(error), "permanent", "content")
            self._settle(delivery, reply, tally, "withheld")
            return
        except ScorecardError as error:
            # What drawing it again needs is not there at the moment, such as the facts.
            self._settle(delivery, Reply(0, str(error), "transient", "content"), tally)
            return

        begun: datetime | None = None

        def about_to() -> None:
            nonlocal begun
            moment = self.now()
            if not self.ledger.hand_over(
                delivery, moment, sha256=packed.sha256, size=len(packed.message)
            ):
                raise _Lost
            begun = moment

        ended: State | None = None
        try:
            if delivery.channel == FOLDER:
                reply = self._file(delivery, letter, packed, about_to)
            elif sender is not None:
                reply = sender.hand_over(letter.sender, letter.recipient, packed.message, about_to)
        except _Lost:
            return
        except _InTheWay as error:
            reply, ended = Reply(0, str(error), "permanent", "content"), "withheld"
        self._settle(delivery, reply, tally, ended, begun)

    def _kept_back(
        self, delivery: Delivery, letter: MailContent, event: AddressEvent | None
    ) -> tuple[State, str] | None:
        """In which state a mail ends without a server being asked, and why."""
        if delivery.doubts >= MOST_DOUBTS:
            return "in doubt", _DOUBTED.format(delivery.doubts)
        if no := forbidden(letter, self.packer.mail, event):
            return "opted out" if no.asked else "withheld", no.why
        if why := self.left_out(delivery):
            return "withheld", why
        return None

    def _packed(self, delivery: Delivery, letter: MailContent) -> BuiltMessage:
        if delivery.edition_id is None:
            return BuiltMessage(self.packer.bare(letter), "")
        pdf, digest = self.pdf(delivery)
        if delivery.channel == FOLDER:
            return BuiltMessage(pdf, digest)
        return BuiltMessage(self.packer.enclosing(letter, pdf), digest)

    def _file(
        self,
        delivery: Delivery,
        letter: MailContent,
        packed: BuiltMessage,
        about_to: Callable[[], None],
    ) -> Reply:
        """Lay a document into a folder; the same one twice is one file.

        Whatever else is there under that name stays, and the document is withheld.
        """
        folder = self.root / delivery.recipient / letter.period_key
        target = folder / self.packer.templates.file_name(letter)
        partial = folder / f"{delivery.id}.partial"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._refuse_to_replace(target, delivery, packed)
            with partial.open("wb") as file:
                file.write(packed.message)
                file.flush()
                os.fsync(file.fileno())  # after a power cut, no half of it bears the full name
            about_to()
            partial.replace(target)
        except OSError as error:
            said = f"{folder} cannot be written to ({error.strerror}); make it writable."
            return Reply(0, said, "transient", "content")
        return Reply(250, f"{target.name} was written to {folder}.", "accepted", "content")

    def _refuse_to_replace(self, target: Path, delivery: Delivery, packed: BuiltMessage) -> None:
        """_InTheWay where another content has that name, unless it is the same edition's.

        An edition drawn again need not have the same bytes: a sender that was lost
        may have left it there as it was read back then.
        """
        try:
            there = target.read_bytes()
        except FileNotFoundError:
            return
        if there == packed.message or (
            delivery.edition_id is not None
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
        """Record what came of a try, `begun` when content was handed over."""
        now = self.now()

        def record() -> State | None:
            return self._recorded(delivery, reply, ended, now)

        state = record() if begun is None else self._insisted(record, delivery, begun)
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

    def _recorded(
        self, delivery: Delivery, reply: Reply, ended: State | None, now: datetime
    ) -> State | None:
        """The state that was written down; None when the delivery is another sender's by now."""
        state, next_try = (ended, None) if ended else self._outcome(delivery, reply, now)
        kept = self.ledger.settle(
            delivery,
            state,
            now,
            code=reply.code or None,
            reply=reply.text,
            next_try_at=next_try,
            doubt=reply.kind == "unsure",
        )
        if not kept:
            # The ledger may have gone away after it was written down, and before it said so.
            there = self.ledger.delivery(delivery.id)
            wanted = (state, now, reply.text)
            kept = there is not None and (there.state, there.updated_at, there.reply) == wanted
        return state if kept else None

    def _insisted(
        self, record: Callable[[], State | None], delivery: Delivery, begun: datetime
    ) -> State | None:
        """Record what was answered to content, again and again while the ledger is away.

        Forgotten, the same message would go out twice. LedgerError when told to stop, or
        shortly before another sender takes this one for lost.
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
            self.packer.mail.in_doubt == "ask" or delivery.doubts + 1 >= MOST_DOUBTS
        ):
            return "in doubt", None
        if self._tried_for_long(delivery, now):
            return "expired", None
        delay = DELAYS[min(delivery.tries, len(DELAYS) - 1)]
        return "deferred", now + delay

    def _tried_for_long(self, delivery: Delivery, now: datetime) -> bool:
        """Whether its first try is too long ago: before it, it may have waited for a server."""
        since = now - self.packer.mail.give_up
        return delivery.queued_at < since and any(
            delivery.queued_at <= each.at < since
            for each in self.ledger.attempts(delivery)
            if each.outcome != "queued again"
        )


def _letter(delivery: Delivery) -> MailContent:
    try:
        return LETTER.validate_json(delivery.letter)
    except ValueError as error:
        raise MailError(
            f"The letter of delivery {delivery.id} cannot be read; it is not one of this version."
        ) from error


def _concerns_the_message(reply: Reply) -> bool:
    """Whether the next message may fare better: not where the server is away, or refuses us."""
    us = reply.kind == "permanent" and reply.stage == "sender"
    return reply.kind not in ("unreachable", "login") and not us
