"""Mails that bring forms back: whom one says it is from, and the files that are enclosed in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr
from itertools import islice

from scorecard.base.address import is_address
from scorecard.errors import MailError
from scorecard.mail.bounces import header_text
from scorecard.mail.reply import own_words

MOST_FILES = 20
"""Files of one mail that are looked at."""
_BULK = ("bulk", "junk", "list")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=@-]{3,250}>")


@dataclass(frozen=True)
class EnclosedFile:
    """A file in a mail. Its name is its sender's, on one line, and may be empty."""

    name: str
    content: bytes

    @property
    def is_pdf(self) -> bool:
        return b"%PDF-" in self.content[:1024]


@dataclass(frozen=True)
class FormMail:
    """A mail that may have forms in it.

    sender      the address it says it is from; empty where that is none
    message_id  with its brackets, to answer it; empty where it has none that can be repeated
    automatic   whether a machine wrote it: such a mail is never answered
    files       what is enclosed, pictures inside of the text left out
    """

    sender: str
    message_id: str
    automatic: bool
    files: tuple[EnclosedFile, ...]


def read_form_mail(raw: bytes) -> FormMail:
    """A mail from its bytes; MailError where it is none."""
    try:
        mail = BytesParser().parsebytes(raw)
        if not mail.keys():
            raise MailError("The mail has no head, so it is none.")
        sender = parseaddr(header_text(mail, "From"))[1].strip()
        own_id = _MESSAGE_ID.fullmatch(str(mail.get("Message-ID", "")).strip())
        return FormMail(
            sender if is_address(sender) else "",
            own_id[0] if own_id else "",
            _automatic(mail),
            tuple(islice(_files(mail), MOST_FILES)),
        )
    except RecursionError as error:
        raise MailError("The mail cannot be read: it is folded into itself too often.") from error
    except (MessageError, LookupError, ValueError, TypeError, AttributeError) as error:
        # What `email` raises on malformed header fields and unknown charsets.
        raise MailError(f"The mail cannot be read: {own_words(str(error))}.") from error


def _automatic(mail: Message) -> bool:
    """Whether a machine wrote it, by RFC 3834 and what was the custom before."""
    submitted = str(mail.get("Auto-Submitted", "no")).strip().lower()
    return (
        not submitted.startswith("no")
        or str(mail.get("Precedence", "")).strip().lower() in _BULK
        or mail.get_content_type() == "multipart/report"
        or str(mail.get("Return-Path", "")).strip() == "<>"
        or any(name in mail for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
    )


def _files(mail: Message) -> Iterator[EnclosedFile]:
    for part in mail.walk():
        if part.is_multipart() or part.get_content_type() == "application/pkcs7-signature":
            continue
        name = " ".join(str(part.get_filename() or "").split())
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        file = EnclosedFile("".join(c for c in name if c.isprintable()), content)
        inside = part.get_content_disposition() != "attachment"
        shown = inside and part.get_content_maintype() in ("text", "image")
        if file.is_pdf or (name and not shown):
            yield file
