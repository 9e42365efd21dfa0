"""The message builder: messages by the project's settings, and why one may not be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from urllib.parse import quote

from scorecard.errors import MailError
from scorecard.ledger import AddressEvent
from scorecard.mail.content import Attachment, MailContent
from scorecard.mail.message import compose
from scorecard.mail.templates import MailTemplates
from scorecard.project.mail_settings import MailSettings

AT_HAND = 8
"""Documents kept in memory, since each goes to one reader after the other."""


@dataclass(frozen=True)
class MessageBuilder:
    """Builds messages with the project's mail settings and templates."""

    mail: MailSettings
    templates: MailTemplates

    def bare(self, content: MailContent) -> bytes:
        """A message without an attachment."""
        return compose(content, (), self.templates)

    def enclosing(self, content: MailContent, pdf: bytes) -> bytes:
        """A message with the PDF attached, encrypted where the recipient has a password.

        A message above the size limit, counted after encoding, has a link to the file
        instead; MailError where the settings do not allow that.
        """
        if password := self.mail.password_for(content.recipient):
            pdf = _sealed(pdf, password)
        attachment = Attachment(self.templates.file_name(content), pdf, "application/pdf")
        message = compose(content, (attachment,), self.templates)
        if len(message) <= self.mail.size_limit:
            return message
        said = (
            f"The message to {content.recipient} would have {megabytes(len(message))} after "
            f"encoding, and {megabytes(self.mail.size_limit)} is the most"
        )
        if self.mail.too_large != "link" or not self.mail.link:
            raise MailError(f'{said}; raise size_limit, or set too_large = "link" and link.')
        link = self.mail.link.replace("{period}", quote(content.period_key, safe=""))
        link = link.replace("{file}", quote(attachment.name, safe=""))
        return compose(replace(content, link=link), (), self.templates)


@lru_cache(maxsize=AT_HAND)
def _sealed(pdf: bytes, password: str) -> bytes:
    """The encrypted PDF, which takes as long as rendering; many readers get the same document."""
    # Few projects have passwords, and pypdf is slow to load.
    from scorecard.mail.pdf_password import seal

    return seal(pdf, password)


def megabytes(size: int) -> str:
    """Bytes in megabytes, rounded up: "12.4 MB", "0.18 MB"."""
    digits = 1 if size >= 1_000_000 else 2
    return f"{ceil(size / 10 ** (6 - digits)) / 10**digits:.{digits}f} MB"


@dataclass(frozen=True)
class Forbidden:
    """Why a mail may not be sent, in one sentence; `asked` where its reader asked for that."""

    why: str
    asked: bool = False


def forbidden(
    content: MailContent, mail: MailSettings, event: AddressEvent | None
) -> Forbidden | None:
    """Why a mail with that content may not be sent; None when it may.

    `event` is the state of its address by `Ledger.silenced`. People who unsubscribed
    still get mails that do not offer it: pages that they answer for.
    """
    to = content.recipient
    if not to:
        nobody = content.name or "The recipient"
        return Forbidden(f"{nobody} has no address; add an email to strategy.toml.")
    for each in event.states if event is not None else ():
        if each.event == "unsubscribed" and not content.unsubscribe:
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
