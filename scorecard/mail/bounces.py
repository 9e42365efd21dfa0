"""Bounces: delivery status notifications (RFC 3464), and mails that ask to be unsubscribed.

Anybody can forge such a mail. A `Bounce` is to be believed only when its `message_id`
is one that was sent to its recipient, since those cannot be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.utils import parseaddr
from itertools import islice

from scorecard.base.address import is_address
from scorecard.errors import MailError
from scorecard.mail.reply import own_words

MOST_RECIPIENTS = 50
"""Recipients of one report that are read; each message of ours has one."""
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CODE = re.compile(r"\b([45])\d\d\b")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,300}>")
_UNSUBSCRIBE = re.compile(r"unsubscribe\s+([A-Za-z0-9._~-]{1,200})", re.IGNORECASE)


@dataclass(frozen=True)
class Bounce:
    """One message that did not reach one recipient.

    permanent     trying again will not help (status 5.…)
    final         the server has given up; otherwise it is delayed, and still tries
    status        as in RFC 3463, "5.1.1"; of an Exim bounce without one, "5.0.0"
    diagnostic    the refusing server's own words, one line; may be empty
    message_id    of the message that was not delivered, with brackets; may be empty
    """

    recipient: str
    permanent: bool
    final: bool
    status: str
    diagnostic: str
    message_id: str


@dataclass(frozen=True)
class Unsubscribe:
    """A mail with the subject "unsubscribe TOKEN"; `sender` is whom it says it is from."""

    token: str
    sender: str


def read_mail(raw: bytes) -> tuple[Bounce, ...] | Unsubscribe | None:
    """The bounces or the request in a mail; None for any other mail, such as an absence note.

    An empty tuple is a report of success. MailError for a report that names no
    recipient, and for bytes that are no mail.
    """
    try:
        mail = BytesParser().parsebytes(raw)
        return _read(mail)
    except RecursionError as error:
        raise MailError("The mail cannot be read: it is folded into itself too often.") from error
    except (MessageError, LookupError, ValueError, TypeError, AttributeError) as error:
        # What `email` raises on malformed header fields and unknown charsets.
        raise MailError(f"The mail cannot be read: {own_words(str(error))}.") from error


def _read(mail: Message) -> tuple[Bounce, ...] | Unsubscribe | None:
    if not mail.keys():
        raise MailError("The mail has no head, so it is none.")
    parts = mail.walk()
    report = next((p for p in parts if p.get_content_type() == "message/delivery-status"), None)
    if report is not None:
        return tuple(islice(_bounces(report, _original_id(mail)), MOST_RECIPIENTS))
    if failed := str(mail.get("X-Failed-Recipients", "")):
        return tuple(islice(_failed_by_exim(failed, _original_id(mail)), MOST_RECIPIENTS))
    asked = _UNSUBSCRIBE.fullmatch(header_text(mail, "Subject").strip())
    if asked:
        return Unsubscribe(asked[1], _address(parseaddr(header_text(mail, "From"))[1]))
    return None


def _bounces(report: Message, message_id: str) -> Iterator[Bounce]:
    """RFC 3464: a block about the message, then one for each recipient."""
    blocks = _blocks(report)
    # The block about the message as a whole has neither of these fields.
    named = [block for block in blocks if block.get("Final-Recipient") or block.get("Action")]
    if not named:
        raise MailError("The mail reports on a delivery and does not say on whose.")
    for block in named:
        action = str(block.get("Action", "failed")).strip().lower()
        if action not in ("failed", "delayed"):
            continue
        # Final-Recipient can be where an alias or a forward led: an address we did not write to.
        recipient = _typed(block, "Original-Recipient") or _typed(block, "Final-Recipient")
        if not is_address(recipient):
            raise MailError("The mail reports on a delivery to nobody that has an address.")
        diagnostic = own_words(re.sub(r"^[\w.-]+ *; *", "", header_text(block, "Diagnostic-Code")))
        status = _status(str(block.get("Status", "")), diagnostic)
        final = action == "failed"
        yield Bounce(recipient, final and status[0] == "5", final, status, diagnostic, message_id)


def _blocks(report: Message) -> list[Message]:
    payload = report.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    # `email` leaves the blocks unparsed where the part is base64 or quoted-printable.
    text = report.get_payload(decode=True)
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else ""
    return [HeaderParser().parsestr(block) for block in re.split(r"(?:\r?\n){2,}", text.strip())]


def _failed_by_exim(addresses: str, message_id: str) -> Iterator[Bounce]:
    """Exim's reports without a machine-readable part name the recipients in a header field."""
    for address in re.split(r"[,\s]+", addresses.strip()):
        if is_address(address):
            yield Bounce(address, True, True, "5.0.0", "", message_id)


def _original_id(mail: Message) -> str:
    """The Message-ID of the message that bounced, from what the report encloses; may be empty."""
    for part in mail.walk():
        if found := _id(_enclosed_field(part, "Message-ID")):
            return found
    return _id(mail.get("X-Original-Message-ID", "")) or _id(mail.get("In-Reply-To", ""))


def _enclosed_field(part: Message, field: str) -> str:
    """A header field of the message that this part encloses, whole or only its header."""
    if part.get_content_type() in ("message/rfc822", "message/global"):
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return str(first.get(field, "")) if isinstance(first, Message) else ""
    if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
        text = part.get_payload(decode=True)
        header = text.decode("utf-8", "replace") if isinstance(text, bytes) else ""
        return str(HeaderParser().parsestr(header).get(field, ""))
    return ""


def _id(field: object) -> str:
    found = _MESSAGE_ID.search(str(field))
    return found[0] if found else ""


def _status(said: str, diagnostic: str) -> str:
    """The status, else one from the server's words, else "4.0.0": to be tried again."""
    for text in (said, diagnostic):
        if found := _STATUS.search(text):
            return found[0]
    code = _CODE.search(diagnostic)
    return f"{code[1]}.0.0" if code else "4.0.0"


def _typed(block: Message, field: str) -> str:
    """An address of the form "rfc822; ada@example.com"."""
    return _address(header_text(block, field).partition(";")[2])


def _address(text: str) -> str:
    return text.strip().strip("<>").strip()


def header_text(mail: Message, field: str) -> str:
    """A header field decoded (RFC 2047) and on one line."""
    return " ".join(str(make_header(decode_header(str(mail.get(field, ""))))).split())
