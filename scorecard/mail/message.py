"""Messages: the bytes of a mail (RFC 5322, MIME), made from its content and attachments.

The same content gives the same bytes: boundaries follow from the Message-ID, and
the date is the content's. Every line is 7-bit, ends in CRLF and is short; only an
address whose local part is beyond ASCII makes its own header line UTF-8.

The header is written here with `email.header`: the newer `EmailMessage` folds a
long name with commas into several recipients, and a long List-Unsubscribe into
something that no mail program follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from math import ceil

from scorecard.base.address import checked_address, has_controls, named_address, wire_address
from scorecard.errors import MailError
from scorecard.mail.content import Attachment, MailContent
from scorecard.mail.templates import MailTemplates

_LINE = 76
"""Characters of a line: the limit of base64 (RFC 2045), and below the 78 of RFC 5322."""
_SHORT = 60
"""ASCII names and words with at most 60 characters are written as they are, not encoded."""
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,120}")
_MESSAGE_ID = re.compile(rf"<[A-Za-z0-9._+=-]{{1,120}}@{_DOMAIN.pattern}>")
_ANSWERED = re.compile(r"<[!-;=?-~]{1,250}>")
_UNSUBSCRIBE = re.compile(r"(?:mailto|https):[!-;=?-~]{3,900}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_QUIET = "DR, RN, NRN, OOF, AutoReply"
"""Automatic answers that Exchange suppresses: all but non-delivery reports, which we read."""


def compose(
    content: MailContent, attachments: Sequence[Attachment], templates: MailTemplates
) -> bytes:
    """The message: plain text and HTML as alternatives, followed by the attachments.

    MailError for what cannot be sent, such as a wrong address, a control character
    in a name or an empty subject. RenderError for a template.
    """
    _check(content, attachments)
    files = [attachment.name for attachment in attachments]
    subject = templates.subject(content)
    if not subject or has_controls(subject):
        raise MailError(
            f"The subject of the {content.kind} mail is empty, or no single line of text."
        )
    body = EmailMessage(policy=SMTP)
    try:
        body.set_content(templates.text(content, files), charset="utf-8", cte="quoted-printable")
        body.add_alternative(
            templates.html(content, files), subtype="html", charset="utf-8", cte="quoted-printable"
        )
    except UnicodeEncodeError as error:
        raise MailError(f"The {content.kind} mail has half a character: {error.reason}.") from error
    body.set_boundary(_boundary(content, "texts"))
    for attachment in attachments:
        maintype, _, subtype = attachment.media_type.partition("/")
        body.add_attachment(
            attachment.content, maintype=maintype, subtype=subtype, filename=attachment.name
        )
    if attachments:
        body.set_boundary(_boundary(content, "all"))
    header = "".join(f"{name}: {value}\r\n" for name, value in _header_fields(content, subject))
    return header.encode() + body.as_bytes()


def message_id(secret: str, domain: str) -> str:
    """A Message-ID, with its brackets, that begins with 40 characters of `secret`.

    Whoever can work it out can report the message as bounced. A domain that is too long for
    it, or has no ASCII form, is replaced by its hash.
    """
    ascii_domain = wire_address(f"x@{domain}").partition("@")[2]
    if not _DOMAIN.fullmatch(ascii_domain):
        ascii_domain = f"{sha256(ascii_domain.encode()).hexdigest()[:40]}.invalid"
    return f"<{secret[:40]}@{ascii_domain}>"


def encoded_size(size: int) -> int:
    """Bytes that a file of `size` bytes takes in a message: base64 in lines of 76, with CRLF."""
    characters = 4 * ceil(size / 3)
    return characters + 2 * ceil(characters / _LINE)


def _header_fields(content: MailContent, subject: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(content.sender_name or content.company, content.sender)
    yield "To", _mailbox(content.name, content.recipient)
    if content.reply_to:
        yield "Reply-To", _mailbox(*named_address(content.reply_to))
    yield "Subject", _folded(subject, "Subject")
    yield "Date", format_datetime(content.date)
    yield "Message-ID", content.message_id
    if content.answers:
        yield "In-Reply-To", content.answers
        yield "References", content.answers
    submitted = "auto-replied" if content.answers else "auto-generated"
    yield "Auto-Submitted", submitted  # RFC 3834: no absence note is to answer it
    yield "X-Auto-Response-Suppress", _QUIET
    if content.unsubscribe:
        yield "List-Unsubscribe", f"<{content.unsubscribe}>"
        if content.unsubscribe.startswith("https:"):  # RFC 8058
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    yield "Content-Language", content.language


def _mailbox(name: str, address: str) -> str:
    """A name and address as one mailbox (RFC 5322), whatever characters the name contains."""
    bare = wire_address(address)
    if not name:
        return bare
    # "=?" begins an encoded word (RFC 2047): a name that contains it would be decoded.
    if name.isascii() and len(name) <= _SHORT and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{escaped}"'
    else:
        # The longest of the fields that hold a mailbox, so that the first line fits in each.
        phrase = _encoded(name, "Reply-To")
    gap = " " if "\r\n" not in phrase and len(phrase) + len(bare) <= _SHORT else "\r\n "
    return f"{phrase}{gap}<{bare}>"


def _folded(text: str, field: str) -> str:
    plain = text.isascii() and "=?" not in text and max(map(len, text.split())) <= _SHORT
    if not plain:
        return _encoded(text, field)
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(field) + len(lines[-1]) + len(word) > _LINE - 3:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _encoded(text: str, field: str) -> str:
    return Header(text, "utf-8", maxlinelen=_LINE - 1, header_name=field).encode(linesep="\r\n")


def _boundary(content: MailContent, part: str) -> str:
    """A MIME boundary. It contains "=_", which neither quoted-printable nor base64 can."""
    return f"=_{sha256(f'{content.message_id}{part}'.encode()).hexdigest()[:32]}"


def _check(content: MailContent, attachments: Sequence[Attachment]) -> None:
    if content.sender:
        checked_address(content.sender)
    checked_address(content.recipient)
    if content.reply_to and not named_address(content.reply_to)[1]:
        checked_address(content.reply_to)
    for name in (content.name, content.sender_name, content.company, content.reply_to):
        if has_controls(name):
            raise MailError(f"The name {name!r} has a control character; correct it.")
    if not _MESSAGE_ID.fullmatch(content.message_id):
        raise MailError(f"{content.message_id!r} is not a Message-ID.")
    if not _LANGUAGE.fullmatch(content.language):
        raise MailError(f'{content.language!r} is not a language tag; write one such as "en-GB".')
    if content.answers and not _ANSWERED.fullmatch(content.answers):
        raise MailError(f"{content.answers!r} is no Message-ID that can be answered.")
    if content.unsubscribe and not _UNSUBSCRIBE.fullmatch(content.unsubscribe):
        raise MailError(f"{content.unsubscribe!r} is neither a mailto: nor an https: address.")
    if content.date.tzinfo is None:
        raise MailError(f"The date of the {content.kind} mail has no time zone.")
    for attachment in attachments:
        if has_controls(attachment.name) or not attachment.name.strip() or "/" in attachment.name:
            raise MailError(f"{attachment.name!r} is not a name for an enclosed file.")
        if not _MEDIA_TYPE.fullmatch(attachment.media_type):
            raise MailError(f"{attachment.name}: {attachment.media_type!r} is not a media type.")
