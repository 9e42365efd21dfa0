"""An SMTP session: connected, encrypted, logged in, and then one message after another."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable

from scorecard.base.address import wire_address
from scorecard.mail.causes import babble, reason, why_lost
from scorecard.mail.mail_url import tls
from scorecard.mail.reply import Reply, ReplyKind, Stage, own_words
from scorecard.mail.server import Server
from scorecard.mail.smtp_wire import SmtpWire, TimeLimits
from scorecard.mail.wire import Deadline, Wire

CHUNK = 1 << 16
"""Bytes sent at a time (64 KiB), so that the timeout applies to each piece, not to the whole."""
_GOODBYE = 5.0
"""Seconds to wait for the answer to QUIT, on which nothing depends."""


class Failed(Exception):
    """The session cannot go on; `reply` is the outcome for the message in hand."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


def dial(server: Server, deadline: Deadline) -> Wire:
    """A connection to the server, on which nothing was said yet."""
    return Wire.to(server.host, server.port, deadline)


class SmtpSession:
    """An open session. The constructor connects and logs in; it raises Failed when it cannot.

    Everything for the message in hand has to be done by `whole`; `dial` makes the connection.
    """

    def __init__(
        self,
        server: Server,
        limits: TimeLimits,
        whole: Deadline,
        dial: Callable[[Server, Deadline], Wire] = dial,
    ) -> None:
        self._server, self._limits, self._whole = server, limits, whole
        self._smtp = self._opened(dial)
        try:
            self._greet()
            if server.user:
                self._log_in()
        except BaseException:
            self.close()
            raise

    def hand_over(
        self,
        sender: str,
        recipient: str,
        message: bytes,
        about_to: Callable[[], None],
        whole: Deadline,
    ) -> Reply:
        """Send one message; see `Sender.hand_over`. Raises Failed when the session cannot go on.

        The last piece of the content is sent by `whole`, or never.
        """
        self._whole = whole
        limit = self._smtp.size_limit
        if limit and len(message) > limit:
            said = f"takes messages of {limit:,} bytes, and this one has {len(message):,}"
            return self._reply("permanent", "content", said)
        envelope = wire_address(sender), wire_address(recipient)
        options = f" SIZE={len(message)}" if "size" in self._smtp.features else ""
        if not ("".join(envelope).isascii() and message.isascii()):
            if "smtputf8" not in self._smtp.features:
                return self._beyond_ascii(*envelope)
            options += " BODY=8BITMIME SMTPUTF8"
        steps: tuple[tuple[str, Stage, range, str], ...] = (
            (f"MAIL FROM:<{envelope[0]}>{options}", "sender", _GRANTED, f"the sender {sender}"),
            (f"RCPT TO:<{envelope[1]}>", "recipient", _GRANTED, f"the recipient {recipient}"),
            ("DATA", "content", range(354, 355), "to begin with the content"),
        )
        for line, stage, granted, what in steps:
            code, words = self._ask(line, stage)
            if stage == "sender" and code == 552:  # about SIZE, not about the sender
                return self._refusal(code, words, "content", "a message of this size")
            if code not in granted:
                return self._refusal(code, words, stage, what)
        about_to()
        return self._content(message)

    def reset(self) -> None:
        """Make the session ready for another message after a refusal, or raise Failed."""
        # What came of the message waits to be recorded meanwhile: this has its own, short time.
        self._whole = Deadline.after(self._limits.answer)
        code, words = self._ask("RSET", "connection")
        if code not in _GRANTED:
            raise Failed(self._refusal(code, words, "connection", "to begin again"))

    def quit(self) -> None:
        """Send QUIT and close. A failure to do so is ignored."""
        try:
            self._smtp.ask("QUIT", Deadline.after(min(_GOODBYE, self._limits.answer)))
        except OSError:
            pass  # each message has had its answer
        finally:
            self.close()

    def close(self) -> None:
        self._smtp.close()

    def _soon(self) -> Deadline:
        """The deadline of one command."""
        return self._whole.within(self._limits.answer)

    def _opened(self, dial: Callable[[Server, Deadline], Wire]) -> SmtpWire:
        server = self._server
        try:
            smtp = SmtpWire(dial(server, self._soon()))
        except OSError as error:
            raise Failed(self._unreachable(error, "connection")) from error
        try:
            if server.security == "tls":
                smtp.start_tls(tls(server.ca), server.host, self._soon())
            code, words = smtp.reply(self._soon())
        except OSError as error:
            smtp.close()
            raise Failed(self._unreachable(error, "connection")) from error
        if code != 220:
            smtp.close()
            raise Failed(self._unwilling(code, words))
        return smtp

    def _greet(self) -> None:
        try:
            self._say_hello()
            if self._server.security == "starttls":
                if "starttls" not in self._smtp.features:
                    missing = "offers no STARTTLS, and mail is not sent unencrypted"
                    said = f"{missing}; use smtps: if it can"
                    raise Failed(self._reply("unreachable", "connection", said))
                code, words = self._smtp.ask("STARTTLS", self._soon())
                if code != 220:
                    raise Failed(self._unwilling(code, words))
                self._smtp.start_tls(tls(self._server.ca), self._server.host, self._soon())
                self._say_hello()
        except OSError as error:
            raise Failed(self._unreachable(error, "connection")) from error

    def _say_hello(self) -> None:
        name = self._server.name or _literal(self._smtp.own_address)
        code, words = self._smtp.hello(name, self._soon())
        if code not in _GRANTED:
            raise Failed(self._unwilling(code, words))

    def _log_in(self) -> None:
        """Log in by PLAIN or LOGIN, once: a second wrong try can lock the account."""
        user, password = self._server.user, self._server.password
        offered = self._smtp.features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            secret = _coded(f"\0{user}\0{password}")
            lines = [f"AUTH PLAIN {secret}", secret]  # again if the server asks with 334
        elif "LOGIN" in offered:
            lines = ["AUTH LOGIN", _coded(user), _coded(password)]
        else:
            named = own_words(", ".join(offered), self._secrets)
            ways = f"logs in by {named} only" if offered else "offers no login"
            raise Failed(
                self._reply("login", "login", f"{ways}, and {user} has a password to log in with")
            )
        code, words = 334, b""
        while code == 334 and lines:
            code, words = self._ask(lines.pop(0), "login")
        if code != 235:
            kind: ReplyKind = "unreachable" if 400 <= code < 500 else "login"
            said = f"does not let {user} in: {self._said(code, words)}"
            raise Failed(self._reply(kind, "login", said, code))

    def _ask(self, line: str, stage: Stage) -> tuple[int, bytes]:
        """Send a command and return the answer; Failed where none comes, or none that is SMTP."""
        try:
            code, words = self._smtp.ask(line, self._soon())
        except OSError as error:
            raise Failed(self._unreachable(error, stage)) from error
        if not 200 <= code < 600:
            raise Failed(self._reply("unreachable", stage, babble(words, self._secrets)))
        return code, words

    def _content(self, message: bytes) -> Reply:
        """Send the content; the outcome is unsure only once its last piece is on the way.

        Before that the server cannot have it complete.
        """
        # A line that begins with a dot gets another: a lone dot ends the content (RFC 5321).
        stuffed = re.sub(rb"(?m)^\.", b"..", message)
        ending = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        pieces = [stuffed[i : i + CHUNK] for i in range(0, len(stuffed), CHUNK)]
        try:
            for piece in pieces[:-1]:
                self._smtp.send(piece, self._soon())
            self._smtp.check_silent()
            self._whole.left()
        except OSError as error:
            raise Failed(self._unreachable(error, "content")) from error
        answered_by = Deadline.after(self._limits.content)
        try:
            self._smtp.send(b"".join((*pieces[-1:], ending)), answered_by)
            code, words = self._smtp.reply(answered_by)
        except OSError as error:
            lost = f"may have the message; its answer is missing: {reason(error)}"
            raise Failed(self._reply("unsure", "content", lost)) from error
        if code in _GRANTED:
            return self._reply("accepted", "content", f"has it: {self._said(code, words)}", code)
        if not 400 <= code < 600:
            raise Failed(self._reply("unsure", "content", babble(words, self._secrets)))
        return self._refusal(code, words, "content", "the message")

    def _refusal(self, code: int, words: bytes, stage: Stage, what: str) -> Reply:
        said = f"refuses {what}: {self._said(code, words)}"
        if code == 530:  # authentication required (RFC 4954)
            return self._reply("login", stage, said, code)
        if 400 <= code < 600:
            return self._reply("transient" if code < 500 else "permanent", stage, said, code)
        raise Failed(self._reply("unreachable", stage, babble(words, self._secrets)))

    def _unwilling(self, code: int, words: bytes | str) -> Reply:
        said = f"does not want to talk now: {self._said(code, words)}"
        if code <= 0:
            said = babble(words, self._secrets)
        return self._reply("unreachable", "connection", said, code)

    def _beyond_ascii(self, sender: str, recipient: str) -> Reply:
        stage: Stage = "sender" if recipient.isascii() else "recipient"
        address = recipient if stage == "recipient" else sender
        said = f"takes no address with letters beyond ASCII, such as {address}"
        return self._reply("permanent", stage, said)

    def _unreachable(self, error: OSError, stage: Stage) -> Reply:
        return self._reply("unreachable", stage, why_lost(error, connected=stage != "connection"))

    def _reply(self, kind: ReplyKind, stage: Stage, said: str, code: int = 0) -> Reply:
        text = f"{self._server.where}, {said}"
        return Reply(max(code, 0), f"{text.rstrip('.')}.", kind, stage)

    def _said(self, code: int, words: bytes | str) -> str:
        return f"{code} {own_words(words, self._secrets)}".strip()

    @property
    def _secrets(self) -> tuple[str, str]:
        """What a server may repeat of what it was told, and nobody else is to see."""
        user, password = self._server.user, self._server.password
        return password, f"\0{user}\0{password}"


_GRANTED = range(200, 300)
"""Reply codes that mean yes."""


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _literal(address: str) -> str:
    """An address as a literal for EHLO (RFC 5321): "[192.0.2.7]", "[IPv6:2001:db8::7]"."""
    if not address:
        return "localhost"
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
