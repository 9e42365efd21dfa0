"""A mailbox on an IMAP server. Reading marks nothing; only `done` and `set_aside` do."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scorecard.errors import MailError
from scorecard.mail.causes import why_lost
from scorecard.mail.imap_wire import Dial, ImapWire, once
from scorecard.mail.incoming import LARGEST, Mail
from scorecard.mail.mail_url import Endpoint, tls
from scorecard.mail.reply import own_words
from scorecard.mail.wire import Wire

WHOLE = 600.0
"""Seconds for one look into the mailbox; what was not read by then waits for the next one."""
_UID = re.compile(rb"[1-9]\d{0,9}")
_NO_IMAP = (imaplib.IMAP4.error, OSError, ValueError)
"""What `imaplib` raises; ValueError where what it takes for a number, base64 or ASCII is none."""


class ImapBox:
    """A `Box` that marks a mail \\Seen when done and \\Flagged when set aside, and moves none."""

    def __init__(
        self,
        end: Endpoint,
        port: int,
        mailbox: str,
        ca: Path | None,
        timeout: float,
        whole: float = WHOLE,
        dial: Dial = Wire.to,
        largest: int = LARGEST,
    ) -> None:
        self._end, self._largest = end, largest
        self._where = f"{end.host}, port {port}"
        self._imap = self._opened(port, ca, timeout, whole, dial)
        try:
            self._log_in()
            self._ask(f"cannot open {mailbox}", self._imap.select, _quoted(mailbox))
        except BaseException:
            self.close()
            raise

    def waiting(self) -> Iterator[Mail]:
        """Mails neither \\Seen nor \\Flagged, oldest first; later arrivals are left out.

        Ends early once the time for the whole look has passed.
        """
        found = self._ask("cannot search", self._imap.uid, "SEARCH", "UNSEEN UNFLAGGED")
        for uid in b" ".join(each for each in found if isinstance(each, bytes)).split():
            if not _UID.fullmatch(uid):
                raise MailError(f"{self._where}, finds mails that have no number.")
            if self._imap.over:
                return
            if (mail := self._fetched(uid.decode())) is not None:
                yield mail

    def done(self, mail: Mail) -> None:
        self._mark(mail, "(\\Seen)")

    def set_aside(self, mail: Mail) -> None:
        self._mark(mail, "(\\Flagged)")

    def close(self) -> None:
        """Log out. A failure to do so is ignored: every mark has been confirmed."""
        try:
            self._imap.allow()
            self._imap.logout()
        except _NO_IMAP:
            self._imap.shutdown()

    def _fetched(self, uid: str) -> Mail | None:
        """The mail of that number; None where it was deleted meanwhile."""
        # BODY.PEEK, unlike BODY, does not mark the mail as \\Seen.
        parts = self._ask(
            "cannot fetch", self._imap.uid, "FETCH", uid, f"(BODY.PEEK[]<0.{self._largest}>)"
        )
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        return None if raw is None else Mail(uid, raw)

    def _mark(self, mail: Mail, flags: str) -> None:
        self._ask("cannot mark", self._imap.uid, "STORE", mail.key, "+FLAGS.SILENT", flags)

    def _opened(
        self, port: int, ca: Path | None, timeout: float, whole: float, dial: Dial
    ) -> ImapWire:
        context = tls(ca) if self._end.scheme == "imaps" else None
        try:
            return ImapWire(self._end.host, port, context, timeout, whole, dial, self._largest)
        except _NO_IMAP as error:
            raise MailError(self._trouble("cannot be used", error)) from error

    def _log_in(self) -> None:
        # imaplib's LOGIN takes ASCII only; AUTH=PLAIN is UTF-8 (RFC 4616).
        user, password = self._end.user, self._end.password
        refused = f"does not let {user} in"
        if "AUTH=PLAIN" in self._imap.capabilities:
            secret = f"\0{user}\0{password}".encode()
            self._ask(refused, self._imap.authenticate, "PLAIN", once(secret))
        elif f"{user}{password}".isascii():
            self._ask(refused, self._imap.login, user, password)
        else:
            raise MailError(f"{self._where}, takes no user or password with letters beyond ASCII.")

    def _ask(self, what: str, command: Callable[..., tuple[str, Any]], *words: Any) -> list[Any]:
        """The data of the server's answer. MailError, naming `what`, for any answer but OK."""
        try:
            self._imap.allow()
            kind, data = command(*words)
        except _NO_IMAP as error:
            raise MailError(self._trouble(what, error)) from error
        if kind != "OK":
            raise MailError(f"{self._where}, {what}: {self._words((data or [b''])[0])}.")
        return list(data)

    def _trouble(self, what: str, error: Exception) -> str:
        if isinstance(error, OSError):
            return f"{self._where}, {why_lost(error, connected=False)}."
        if not isinstance(error, imaplib.IMAP4.error):
            return f"{self._where}, {what}: it answers what is not IMAP."
        said = self._words(error.args[0] if error.args else "")
        return f"{self._where}, {what}: {said}".rstrip(".: ") + "."

    def _words(self, said: Any) -> str:
        plain = said if isinstance(said, bytes) else str(said)
        secrets = (self._end.password, f"\0{self._end.user}\0{self._end.password}")
        return own_words(plain, secrets).rstrip(".")


def _quoted(mailbox: str) -> str:
    escaped = mailbox.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
