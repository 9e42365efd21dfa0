"""Packing: a letter and a PDF become the message that may go out, or a reason why it may not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from urllib.parse import quote

from scorecard.errors import MailError
from scorecard.ledger import AddressEvent
from scorecard.mail.content import Attachment, MailContent
from scorecard.mail.message import compose
from scorecard.mail.pdf_password import seal
from scorecard.mail.templates import MailTemplates
from scorecard.project.mail_settings import MailSettings

AT_HAND = 8
"""So many documents are kept in memory while they go to one reader after the other."""
_sealed = lru_cache(maxsize=AT_HAND)(seal)
"""Sealing takes as long as drawing, and many readers get the same document."""


@dataclass(frozen=True)
class MessageBuilder:
    """Puts messages together as the settings want them."""

    mail: MailSettings
    templates: MailTemplates

    def bare(self, letter: MailContent) -> bytes:
        """A message without anything enclosed."""
        return compose(letter, (), self.templates)

    def enclosing(self, letter: MailContent, pdf: bytes) -> bytes:
        """A message with the PDF, under its password where there is one.

        Above the size limit, counted after encoding, the message says where the
        file can be had instead; MailError where the settings do not want that.
        """
        if password := self.mail.password_for(letter.recipient):
            pdf = _sealed(pdf, password)
        enclosed = Attachment(self.templates.file_name(letter), pdf, "application/pdf")
        message = compose(letter, (enclosed,), self.templates)
        if len(message) <= self.mail.size_limit:
            return message
        said = (
            f"The message to {letter.recipient} would have {megabytes(len(message))} after "
            f"encoding, and {megabytes(self.mail.size_limit)} is the most"
        )
        if self.mail.too_large != "link" or not self.mail.link:
            raise MailError(f'{said}; raise size_limit, or set too_large = "link" and link.')
        link = self.mail.link.replace("{period}", quote(letter.period_key, safe=""))
        link = link.replace("{file}", quote(enclosed.name, safe=""))
        return compose(replace(letter, link=link), (), self.templates)


def megabytes(size: int) -> str:
    """Bytes as people say them: "12.4 MB", "0.18 MB"; never less than there are."""
    digits = 1 if size >= 1_000_000 else 2
    return f"{ceil(size / 10 ** (6 - digits)) / 10**digits:.{digits}f} MB"


@dataclass(frozen=True)
class Forbidden:
    """Why a letter may not be mailed, in one sentence; `asked` where its reader wants it so."""

    why: str
    asked: bool = False


def forbidden(
    letter: MailContent, mail: MailSettings, event: AddressEvent | None
) -> Forbidden | None:
    """What forbids to mail that letter; None when it may go.

    `event` is what `Ledger.silenced` knows of its address. Who unsubscribed still
    gets what offered no such way out: a page that somebody answers for.
    """
    to = letter.recipient
    if not to:
        nobody = letter.name or "The recipient"
        return Forbidden(f"{nobody} has no address; add an email to strategy.toml.")
    for each in event.states if event is not None else ():
        if each.event == "unsubscribed" and not letter.unsubscribe:
            continue
        also = " --subscriptions" if each.event == "unsubscribed" else ""
        return Forbidden(
            f"{to}: {each.event} on {each.at:%Y-%m-%d} ({each.reason}); "
            f'"scorecard reinstate {to}{also}" lifts that.',
            asked=each.event != "suspended",
        )
    if to not in mail.operator and not mail.may_write_to(to):
        return Forbidden(
            f"{to} is not on the list of those who may be written to; "
            "add the address or its domain to allow in [tool.scorecard.mail]."
        )
    return None
