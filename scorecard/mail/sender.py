"""Senders: many messages, each to one recipient, handed over in one SMTP session.

    with connect(Server.parse(url)) as sender:
        reply = sender.hand_over("us@example.com", "ada@example.org", message, about_to)

The session begins with the first message; a new one is opened when it was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from scorecard.base.address import checked_address
from scorecard.errors import MailError
from scorecard.mail.folder_sender import FolderSender
from scorecard.mail.reply import Reply, Stage
from scorecard.mail.server import Server
from scorecard.mail.smtp_session import Failed, SmtpSession
from scorecard.mail.smtp_wire import TimeLimits
from scorecard.mail.wire import Deadline


class Sender(Protocol):
    """Something that messages can be handed over to: an SMTP server or a folder."""

    @property
    def longest(self) -> float:
        """Seconds that handing over one message can take, whatever the server does."""
        ...

    def greet(self) -> Reply:
        """Connect and log in without handing anything over; accepted if messages can be sent."""
        ...

    def hand_over(
        self, sender: str, recipient: str, message: bytes, about_to: Callable[[], None]
    ) -> Reply:
        """Hand over one message for one recipient, and return the outcome.

        `message` is 7-bit with CRLF line ends. `about_to` is called once sender
        and recipient were accepted, immediately before the content goes out: a
        crash before it means that the server does not have the message, a crash
        after it that nobody knows (RFC 1047). When `about_to` raises, nothing is
        sent and the exception is passed on.
        """
        ...


@contextmanager
def connect(
    server: Server, *, timeout: float = 60.0, patience: float = 600.0, whole: float = 0.0
) -> Iterator[Sender]:
    """A sender to that server or its folder. The connection is made when it is first needed.

    timeout     seconds for connecting, for each whole answer and each piece of content
    patience    seconds for the answer to the whole content; RFC 5321 asks for ten
                minutes, since giving up earlier is what makes duplicates
    whole       seconds for one message up to the end of its content; 0 for five timeouts
    """
    if server.folder is not None:
        yield FolderSender(server.folder)
        return
    sender = SmtpSender(server, TimeLimits(timeout, whole or 5 * timeout, patience))
    try:
        yield sender
    finally:
        sender.close()


class SmtpSender:
    """A `Sender` that keeps one SMTP session, and opens another when it was lost."""

    def __init__(self, server: Server, limits: TimeLimits) -> None:
        self._server = server
        self._limits = limits
        self._session: SmtpSession | None = None

    @property
    def longest(self) -> float:
        return self._limits.longest

    def greet(self) -> Reply:
        if self._session is not None:
            self._begin_again(self._session)
        try:
            self._session = self._session or self._open(Deadline.after(self._limits.message))
        except Failed as failed:
            return failed.reply
        let_in = f" and lets {self._server.user} in" if self._server.user else ""
        return Reply(250, f"{self._server.where}, answers{let_in}.", "accepted", "connection")

    def hand_over(
        self, sender: str, recipient: str, message: bytes, about_to: Callable[[], None]
    ) -> Reply:
        if (fault := _fault(sender, recipient, message)) is not None:
            return fault
        resumed = self._session is not None
        whole = Deadline.after(self._limits.message)
        reply = self._attempt(sender, recipient, message, about_to, whole)
        if resumed and reply.stage == "sender" and _hung_up(reply):
            # The server ended a session that was idle or had enough messages: not for this one.
            reply = self._attempt(sender, recipient, message, about_to, whole)
        return reply

    def close(self) -> None:
        """End the session, if there is one."""
        session, self._session = self._session, None
        if session is not None:
            session.quit()

    def _open(self, whole: Deadline) -> SmtpSession:
        return SmtpSession(self._server, self._limits, whole)

    def _attempt(
        self,
        sender: str,
        recipient: str,
        message: bytes,
        about_to: Callable[[], None],
        whole: Deadline,
    ) -> Reply:
        try:
            session = self._session = self._session or self._open(whole)
            reply = session.hand_over(sender, recipient, message, about_to, whole)
        except Failed as failed:
            self._hang_up()
            return failed.reply
        except BaseException:
            self._hang_up()
            raise
        if reply.code == 421:  # "closing transmission channel" (RFC 5321)
            self._hang_up()
        elif reply.kind != "accepted":
            self._begin_again(session)
        return reply

    def _begin_again(self, session: SmtpSession) -> None:
        try:
            session.reset()
        except Failed:
            self._hang_up()  # the next message opens another session

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _hung_up(reply: Reply) -> bool:
    return reply.kind == "unreachable" or reply.code == 421


def _fault(sender: str, recipient: str, message: bytes) -> Reply | None:
    """A refusal for a message that can be seen to be wrong without asking a server."""
    addresses: tuple[tuple[str, Stage], ...] = ((sender, "sender"), (recipient, "recipient"))
    for address, stage in addresses:
        try:
            checked_address(address)
        except MailError as error:
            return Reply(0, str(error), "permanent", stage)
    if not message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n"):
        text = "The message has line ends other than CRLF, and is not handed over."
        return Reply(0, text, "permanent", "content")
    return None
