"""Composing: a letter and its enclosures become the bytes of one message.

The same letter gives the same bytes: boundaries follow from the Message-ID, and
the date is the letter's. Every line is 7-bit, ends in CRLF and is short; only an
address whose local part is beyond ASCII makes its own header line UTF-8.

The heads are written here with `email.header`: the newer `EmailMessage` folds a
long name with commas into several recipients, and a long List-Unsubscribe into
something that no mail program follows.
"""

from __future__ import annotations

import json
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
_SHORT = 60
"""Letters of a name, or of a word, up to which it is written as it is where it is ASCII."""
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,120}")
_MESSAGE_ID = re.compile(rf"<[A-Za-z0-9._+=-]{{1,120}}@{_DOMAIN.pattern}>")
_UNSUBSCRIBE = re.compile(r"(?:mailto|https):[!-;=?-~]{3,900}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_QUIET = "DR, RN, NRN, OOF, AutoReply"
"""What Exchange shall not answer with: receipts and absence notes, but still non-deliveries."""


def compose(
    letter: MailContent, attachments: Sequence[Attachment], templates: MailTemplates
) -> bytes:
    """The message: text, HTML, and what is enclosed.

    MailError names what is not fit to be sent: an address, a control character
    in a name, a subject that came out empty. RenderError for a template.
    """
    _check(letter, attachments)
    files = [enclosed.name for enclosed in attachments]
    subject = templates.subject(letter)
    if not subject or has_controls(subject):
        raise MailError(
            f"The subject of the {letter.kind} mail is empty, or no single line of text."
        )
    body = EmailMessage(policy=SMTP)
    try:
        body.set_content(templates.text(letter, files), charset="utf-8", cte="quoted-printable")
        body.add_alternative(
            templates.html(letter, files), subtype="html", charset="utf-8", cte="quoted-printable"
        )
    except UnicodeEncodeError as error:
        raise MailError(f"The {letter.kind} mail has half a character: {error.reason}.") from error
    body.set_boundary(_boundary(letter, "texts"))
    for enclosed in attachments:
        maintype, _, subtype = enclosed.media_type.partition("/")
        body.add_attachment(
            enclosed.content, maintype=maintype, subtype=subtype, filename=enclosed.name
        )
    if attachments:
        body.set_boundary(_boundary(letter, "all"))
    heads = "".join(f"{name}: {value}\r\n" for name, value in _heads(letter, subject))
    return heads.encode() + body.as_bytes()


def message_id(*parts: str, domain: str) -> str:
    """The Message-ID, with its brackets, that these parts always have.

    A domain that is too long for it, or has no ASCII form, is there by its hash.
    """
    digest = sha256(json.dumps(parts).encode()).hexdigest()
    coded = wire_address(f"x@{domain}").partition("@")[2]
    if not _DOMAIN.fullmatch(coded):
        coded = f"{sha256(coded.encode()).hexdigest()[:40]}.invalid"
    return f"<{digest[:40]}@{coded}>"


def encoded_size(size: int) -> int:
    """Bytes that a file of `size` bytes takes within a message: base64, in lines of 76."""
    letters = 4 * ceil(size / 3)
    return letters + 2 * ceil(letters / _LINE)


def _heads(letter: MailContent, subject: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(letter.sender_name or letter.company, letter.sender)
    yield "To", _mailbox(letter.name, letter.recipient)
    if letter.reply_to:
        yield "Reply-To", _mailbox(*named_address(letter.reply_to))
    yield "Subject", _words(subject, "Subject")
    yield "Date", format_datetime(letter.date)
    yield "Message-ID", letter.message_id
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", _QUIET
    if letter.unsubscribe:
        yield "List-Unsubscribe", f"<{letter.unsubscribe}>"
        if letter.unsubscribe.startswith("https:"):
            yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    yield "Content-Language", letter.language


def _mailbox(name: str, address: str) -> str:
    """A person and their address, which stays one address whatever the name has in it."""
    bare = wire_address(address)
    if not name:
        return bare
    if name.isascii() and len(name) <= _SHORT and "=?" not in name:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{escaped}"'
    else:
        phrase = _coded(name, "Reply-To")
    gap = " " if "\r\n" not in phrase and len(phrase) + len(bare) <= _SHORT else "\r\n "
    return f"{phrase}{gap}<{bare}>"


def _words(text: str, head: str) -> str:
    plain = text.isascii() and "=?" not in text and max(map(len, text.split())) <= _SHORT
    if not plain:
        return _coded(text, head)
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(head) + len(lines[-1]) + len(word) > _LINE - 3:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _coded(text: str, head: str) -> str:
    return Header(text, "utf-8", maxlinelen=_LINE - 1, header_name=head).encode(linesep="\r\n")


def _boundary(letter: MailContent, part: str) -> str:
    """Begins with "=_", which neither quoted-printable nor base64 can contain."""
    return f"=_{sha256(f'{letter.message_id}{part}'.encode()).hexdigest()[:32]}"


def _check(letter: MailContent, attachments: Sequence[Attachment]) -> None:
    if letter.sender:
        checked_address(letter.sender)
    checked_address(letter.recipient)
    if letter.reply_to and not named_address(letter.reply_to)[1]:
        checked_address(letter.reply_to)
    for name in (letter.name, letter.sender_name, letter.company, letter.reply_to):
        if has_controls(name):
            raise MailError(f"The name {name!r} has a control character; correct it.")
    if not _MESSAGE_ID.fullmatch(letter.message_id):
        raise MailError(f"{letter.message_id!r} is not a Message-ID.")
    if not _LANGUAGE.fullmatch(letter.language):
        raise MailError(f'{letter.language!r} is not a language tag; write one such as "en-GB".')
    if letter.unsubscribe and not _UNSUBSCRIBE.fullmatch(letter.unsubscribe):
        raise MailError(f"{letter.unsubscribe!r} is neither a mailto: nor an https: address.")
    if letter.date.tzinfo is None:
        raise MailError(f"The date of the {letter.kind} mail has no time zone.")
    for enclosed in attachments:
        if has_controls(enclosed.name) or not enclosed.name.strip() or "/" in enclosed.name:
            raise MailError(f"{enclosed.name!r} is not a name for an enclosed file.")
        if not _MEDIA_TYPE.fullmatch(enclosed.media_type):
            raise MailError(f"{enclosed.name}: {enclosed.media_type!r} is not a media type.")
