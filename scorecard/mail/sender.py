"""Handing messages over: one conversation for many messages, one recipient each.

    with connect(Server.parse(url)) as sender:
        reply = sender.hand_over("us@example.com", "ada@example.org", message, about_to)

The conversation begins with the first message and is resumed after it was lost.
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


class Sender(Protocol):
    """Whoever takes messages."""

    def greet(self) -> Reply:
        """Whether messages would be taken: connects and logs in, and hands nothing over."""
        ...

    def hand_over(
        self, sender: str, recipient: str, message: bytes, about_to: Callable[[], None]
    ) -> Reply:
        """Hand one message to one recipient's server, and say what came of it.

        `message` is 7-bit with CRLF line ends. `about_to` is called once sender
        and recipient were accepted, immediately before the content goes out:
        from then on a crash leaves it unknown whether the server has the message
        (RFC 1047), before it the server surely has not. When it raises, nothing
        is sent and the exception comes through.
        """
        ...


@contextmanager
def connect(server: Server, *, timeout: float = 60.0, patience: float = 600.0) -> Iterator[Sender]:
    """A sender to that server, or to its folder. Nothing is connected before it is needed.

    timeout     seconds for connecting, for each answer and each piece of content
    patience    seconds for the answer to the whole content; RFC 5321 asks for ten
                minutes, since giving up earlier is what makes duplicates
    """
    if server.folder is not None:
        yield FolderSender(server.folder)
        return
    sender = SmtpSender(server, timeout, patience)
    try:
        yield sender
    finally:
        sender.close()


class SmtpSender:
    """Keeps one conversation, and opens another when it was lost."""

    def __init__(self, server: Server, timeout: float, patience: float) -> None:
        self._server = server
        self._timeout = timeout
        self._patience = patience
        self._talk: SmtpSession | None = None

    def greet(self) -> Reply:
        if self._talk is not None:
            self._begin_again(self._talk)
        try:
            self._talk = self._talk or self._open()
        except Failed as failed:
            return failed.reply
        let_in = f" and lets {self._server.user} in" if self._server.user else ""
        return Reply(250, f"{self._server.where}, answers{let_in}.", "accepted", "connection")

    def hand_over(
        self, sender: str, recipient: str, message: bytes, about_to: Callable[[], None]
    ) -> Reply:
        if (fault := _fault(sender, recipient, message)) is not None:
            return fault
        resumed = self._talk is not None
        reply = self._attempt(sender, recipient, message, about_to)
        if resumed and reply.stage == "sender" and _hung_up(reply):
            # The server ended a conversation that had waited too long, or had enough of it.
            reply = self._attempt(sender, recipient, message, about_to)
        return reply

    def close(self) -> None:
        """End the conversation, if there is one."""
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.quit()

    def _open(self) -> SmtpSession:
        return SmtpSession(self._server, self._timeout, self._patience)

    def _attempt(
        self, sender: str, recipient: str, message: bytes, about_to: Callable[[], None]
    ) -> Reply:
        try:
            talk = self._talk = self._talk or self._open()
            reply = talk.hand_over(sender, recipient, message, about_to)
        except Failed as failed:
            self._hang_up()
            return failed.reply
        except BaseException:
            self._hang_up()
            raise
        if reply.code == 421:
            self._hang_up()
        elif reply.kind != "accepted":
            self._begin_again(talk)
        return reply

    def _begin_again(self, talk: SmtpSession) -> None:
        try:
            talk.reset()
        except Failed:
            self._hang_up()  # the next message opens another conversation

    def _hang_up(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.close()


def _hung_up(reply: Reply) -> bool:
    return reply.kind == "unreachable" or reply.code == 421


def _fault(sender: str, recipient: str, message: bytes) -> Reply | None:
    """What no server need be asked about."""
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
