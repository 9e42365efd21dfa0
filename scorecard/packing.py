"""Packing: a letter and a PDF become the message that may go out, or a reason why it may not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from scorecard.errors import MailError
from scorecard.ledger import AddressEvent, Delivery, Parcel
from scorecard.letter import Attachment, Letter
from scorecard.letters import FOLDER
from scorecard.mail.message import compose
from scorecard.mail.sealing import seal
from scorecard.mail.stationery import Stationery
from scorecard.mail_settings import MailSettings

_sealed = lru_cache(maxsize=2)(seal)
"""Sealing takes as long as drawing, and many readers get the same document."""


@dataclass(frozen=True)
class Packer:
    """Puts messages together as the settings want them."""

    mail: MailSettings
    stationery: Stationery

    def bare(self, letter: Letter) -> bytes:
        """A message without anything enclosed."""
        return compose(letter, (), self.stationery)

    def enclosing(self, letter: Letter, pdf: bytes) -> bytes:
        """A message with the PDF, under its password where there is one.

        Above the size limit, counted after encoding, the message says where the
        file can be had instead; MailError where the settings do not want that.
        """
        if password := self.mail.password_for(letter.recipient):
            pdf = _sealed(pdf, password)
        enclosed = Attachment(self.stationery.file_name(letter), pdf, "application/pdf")
        message = compose(letter, (enclosed,), self.stationery)
        if len(message) <= self.mail.size_limit:
            return message
        said = (
            f"The message to {letter.recipient} would have {len(message) / 1e6:.1f} MB after "
            f"encoding, and {self.mail.size_limit / 1e6:.1f} MB is the most"
        )
        if self.mail.too_large != "link" or not self.mail.link:
            raise MailError(f'{said}; raise size_limit, or set too_large = "link" and link.')
        link = self.mail.link.format(period=letter.period_key, file=enclosed.name)
        return compose(replace(letter, link=link), (), self.stationery)


def forbidden(delivery: Delivery | Parcel, mail: MailSettings, event: AddressEvent | None) -> str:
    """Why nothing may be sent to that recipient, in one sentence; empty when it may."""
    if delivery.channel == FOLDER:
        return ""
    if not delivery.recipient:
        return f"{delivery.name or 'The recipient'} has no address; add an email to strategy.toml."
    operator = delivery.recipient in mail.operator
    if not operator and not mail.may_write_to(delivery.recipient):
        return (
            f"{delivery.recipient} is not on the list of those who may be written to; "
            "add the address or its domain to allow in [tool.scorecard.mail]."
        )
    if event is not None:
        return (
            f"{delivery.recipient} is {event.event} since {event.at:%Y-%m-%d} ({event.reason}); "
            f'"scorecard reinstate {delivery.recipient}" lifts that.'
        )
    return ""
