"""An SMTP session: connected, encrypted, logged in, and then one message after another."""

from __future__ import annotations

import re
import smtplib
import socket
from base64 import b64encode
from collections.abc import Callable

from scorecard.base.address import wire_address
from scorecard.mail.causes import babble, reason, why_lost
from scorecard.mail.mail_url import tls
from scorecard.mail.reply import Reply, ReplyKind, Stage, own_words
from scorecard.mail.server import Server

CHUNK = 1 << 16
"""Bytes sent at a time (64 KiB), so that the timeout applies to each piece, not to the whole."""
_GOODBYE = 5.0
"""Seconds to wait for the answer to QUIT, on which nothing depends."""


class Failed(Exception):
    """The session cannot go on; `reply` is the outcome for the message in hand."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class SmtpSession:
    """An open session. The constructor connects and logs in; it raises Failed when it cannot.

    timeout     seconds for connecting, for each answer and each piece of content
    patience    seconds for the answer to the whole content
    """

    def __init__(self, server: Server, timeout: float, patience: float) -> None:
        self._server = server
        self._patience = patience
        self._timeout = timeout
        self._smtp = self._opened()
        try:
            self._greet()
            if server.user:
                self._log_in()
        except BaseException:
            self.close()
            raise

    @property
    def limit(self) -> int:
        """The largest message the server takes, in bytes (RFC 1870); 0 where it states none."""
        said = self._smtp.esmtp_features.get("size", "")
        return int(said) if said.isascii() and said.isdigit() else 0

    def hand_over(
        self, sender: str, recipient: str, message: bytes, about_to: Callable[[], None]
    ) -> Reply:
        """Send one message; see `Sender.hand_over`. Raises Failed when the session cannot go on."""
        if self.limit and len(message) > self.limit:
            return self._reply(
                "permanent",
                "content",
                f"takes messages of {self.limit:,} bytes, and this one has {len(message):,}",
            )
        envelope = wire_address(sender), wire_address(recipient)
        options = f" SIZE={len(message)}" if self._smtp.has_extn("size") else ""
        if not ("".join(envelope).isascii() and message.isascii()):
            if not self._smtp.has_extn("smtputf8"):
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
        code, words = self._ask("RSET", "connection")
        if code not in _GRANTED:
            raise Failed(self._refusal(code, words, "connection", "to begin again"))

    def quit(self) -> None:
        """Send QUIT and close. A failure to do so is ignored."""
        try:
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(_GOODBYE)
            self._smtp.docmd("QUIT")
        except OSError:
            pass  # each message has had its answer
        finally:
            self.close()

    def close(self) -> None:
        self._smtp.close()

    def _opened(self) -> smtplib.SMTP:
        server = self._server
        try:
            if server.security == "tls":
                return smtplib.SMTP_SSL(
                    server.host,
                    server.port,
                    local_hostname="localhost",
                    timeout=self._timeout,
                    context=tls(server.ca),
                )
            # Without a name smtplib would ask DNS for one; `_greet` sets the right one.
            return smtplib.SMTP(
                server.host, server.port, local_hostname="localhost", timeout=self._timeout
            )
        except smtplib.SMTPResponseException as error:
            raise Failed(self._unwilling(error.smtp_code, error.smtp_error)) from error
        except OSError as error:
            raise Failed(self._unreachable(error, "connection")) from error

    def _greet(self) -> None:
        smtp = self._smtp
        smtp.local_hostname = self._server.name or _literal(smtp.sock)
        if smtp.sock is not None:
            # Nagle's algorithm and delayed acknowledgements would add 40 ms to each message.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._say_hello()
            if self._server.security == "starttls":
                smtp.starttls(context=tls(self._server.ca))
                self._say_hello()  # RFC 3207: what was offered before TLS does not count
        except smtplib.SMTPNotSupportedError as error:
            missing = "offers no STARTTLS, and mail is not sent unencrypted; use smtps: if it can"
            raise Failed(self._reply("unreachable", "connection", missing)) from error
        except smtplib.SMTPResponseException as error:
            raise Failed(self._unwilling(error.smtp_code, error.smtp_error)) from error
        except OSError as error:
            raise Failed(self._unreachable(error, "connection")) from error

    def _say_hello(self) -> None:
        code, words = self._smtp.ehlo()
        if code not in _GRANTED:
            raise Failed(self._unwilling(code, words))

    def _log_in(self) -> None:
        """Log in by PLAIN or LOGIN, once: a second wrong try can lock the account."""
        user, password = self._server.user, self._server.password
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            secret = _coded(f"\0{user}\0{password}")
            lines = [f"AUTH PLAIN {secret}", secret]  # again if the server asks with 334
        elif "LOGIN" in offered:
            lines = ["AUTH LOGIN", _coded(user), _coded(password)]
        else:
            ways = f"logs in by {', '.join(offered)} only" if offered else "offers no login"
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
            self._smtp.send(f"{line}\r\n".encode())
            code, words = self._smtp.getreply()
        except OSError as error:
            raise Failed(self._unreachable(error, stage)) from error
        if not 200 <= code < 600:
            raise Failed(self._reply("unreachable", stage, babble(words)))
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
                self._smtp.send(piece)
        except OSError as error:
            raise Failed(self._unreachable(error, "content")) from error
        try:
            self._smtp.send(b"".join((*pieces[-1:], ending)))
            code, words = self._answer()
        except OSError as error:
            lost = f"may have the message; its answer is missing: {reason(error)}"
            raise Failed(self._reply("unsure", "content", lost)) from error
        if code in _GRANTED:
            return self._reply("accepted", "content", f"has it: {self._said(code, words)}", code)
        if not 400 <= code < 600:
            raise Failed(self._reply("unsure", "content", babble(words)))
        return self._refusal(code, words, "content", "the message")

    def _answer(self) -> tuple[int, bytes]:
        """The answer to the content, which may take up to `patience` seconds."""
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(self._patience)
        reply = self._smtp.getreply()
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(self._timeout)
        return reply

    def _refusal(self, code: int, words: bytes, stage: Stage, what: str) -> Reply:
        said = f"refuses {what}: {self._said(code, words)}"
        if code == 530:  # authentication required (RFC 4954)
            return self._reply("login", stage, said, code)
        if 400 <= code < 600:
            return self._reply("transient" if code < 500 else "permanent", stage, said, code)
        raise Failed(self._reply("unreachable", stage, babble(words)))

    def _unwilling(self, code: int, words: bytes | str) -> Reply:
        said = f"does not want to talk now: {self._said(code, words)}"
        return self._reply("unreachable", "connection", said if code > 0 else babble(words), code)

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
        user, password = self._server.user, self._server.password
        return f"{code} {own_words(words, (password, f'{chr(0)}{user}{chr(0)}{password}'))}".strip()


_GRANTED = range(200, 300)
"""Reply codes that mean yes."""


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _literal(connected: socket.socket | None) -> str:
    """This machine's address literal for EHLO (RFC 5321): "[192.0.2.7]", "[IPv6:2001:db8::7]"."""
    if connected is None:
        return "localhost"
    address = str(connected.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
