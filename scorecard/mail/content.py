"""The content of a mail, complete as data before templates turn it into text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scorecard.documents.model import Table

MailKind = Literal["document", "held", "not issued", "operator", "form", "test"]


@dataclass(frozen=True)
class MailContent:
    """One mail to one person.

    kind          a document that is enclosed, a notice that it is held or was not
                  issued, a report to the operator, the answer to a form that came back, or
                  a test of the mail settings
    recipient     the address, and `name` the person's name, which may be empty
    sender        the address it comes from, under `sender_name` or the company's name
    notice        the company's notice on all its documents, "Confidential"; may be empty
    language      of the text, as a tag: "en-GB"
    title         "Executive packet"; of a report or test, what it is about
    about         whose page it is, an owner with their role, or a team; empty for the packet
    period        as printed, "October 2026"; `period_key` is "2026-10"
    edition       from 1; 0 where there is no edition, as in notices
    correction    why there is another edition; may be empty
    stamp         why it is provisional; empty where it is not
    sentence      the headline: the finding, or what happened
    table         a few rows of figures, if any
    why           "You answer for 7 stances."
    lines         further paragraphs
    link          where the document can be had when it is not enclosed
    answer        where the reader answers the page in the browser; empty where they do not
    archive       where an executive finds what they were sent; may be empty
    unsubscribe   a mailto: or https: address; empty for those who cannot opt out
    answers       the Message-ID of the mail that it answers; may be empty
    message_id    with its angle brackets; see `scorecard.mail.message.message_id`
    date          when it was written, with a time zone
    """

    kind: MailKind
    recipient: str
    name: str
    sender: str
    company: str
    title: str
    sentence: str
    message_id: str
    date: datetime
    sender_name: str = ""
    reply_to: str = ""
    notice: str = ""
    language: str = "en-GB"
    about: str = ""
    period: str = ""
    period_key: str = ""
    edition: int = 0
    correction: str = ""
    stamp: str = ""
    table: Table | None = None
    why: str = ""
    lines: tuple[str, ...] = ()
    link: str = ""
    answer: str = ""
    archive: str = ""
    unsubscribe: str = ""
    answers: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file to enclose in a message. `media_type` is one such as "application/pdf"."""

    name: str
    content: bytes
    media_type: str
