"""Mails that bring forms back: whom one says it is from, and the files that are enclosed in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser

from scorecard.base.address import named_address
from scorecard.errors import MailError
from scorecard.mail.reply import own_words

MOST_FILES = 10
"""Files of one mail that are looked at: each may take its time, and the box waits meanwhile."""
LONGEST_NAME = 100
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

    sender      the one address it says it is from; empty where that is none, or several
    message_id  with its brackets, to answer it; empty where it has none that can be repeated
    automatic   whether a machine wrote it: such a mail is never answered
    files       what is enclosed, PDFs first, pictures inside of the text left out
    pdfs        how many of all that is enclosed are PDFs, those beyond MOST_FILES too
    """

    sender: str
    message_id: str
    automatic: bool
    files: tuple[EnclosedFile, ...]
    pdfs: int = 0


def read_form_mail(raw: bytes) -> FormMail:
    """A mail from its bytes; MailError where it is none."""
    try:
        mail = BytesParser().parsebytes(raw)
        if not mail.keys():
            raise MailError("The mail has no head, so it is none.")
        own_id = _MESSAGE_ID.fullmatch(str(mail.get("Message-ID", "")).strip())
        files = sorted(_files(mail), key=lambda file: not file.is_pdf)
        return FormMail(
            _sender(mail),
            own_id[0] if own_id else "",
            _automatic(mail),
            tuple(files[:MOST_FILES]),
            sum(file.is_pdf for file in files),
        )
    except RecursionError as error:
        raise MailError("The mail cannot be read: it is folded into itself too often.") from error
    except (MessageError, LookupError, ValueError, TypeError, AttributeError) as error:
        # What `email` raises on malformed header fields and unknown charsets.
        raise MailError(f"The mail cannot be read: {own_words(str(error))}.") from error


def _sender(mail: Message) -> str:
    """The one address that it says it is from, as mail servers read it that check it.

    Its words are not decoded before (RFC 2047): what is an address then was none, and nobody
    checked it. Two addresses or two fields are nobody's, since servers check either.
    """
    said = [str(text) for name, text in mail.raw_items() if name.lower() == "from"]
    if len(said) != 1:
        return ""
    # `email` keeps bytes beyond ASCII as halves of letters; an address may have some (RFC 6532).
    text = " ".join(said[0].split()).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return named_address(text)[1]


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
        name = " ".join(str(part.get_filename() or "").split())[:LONGEST_NAME]
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        file = EnclosedFile("".join(c for c in name if c.isprintable()), content)
        inside = part.get_content_disposition() != "attachment"
        shown = inside and part.get_content_maintype() in ("text", "image")
        if file.is_pdf or (name and not shown):
            yield file
