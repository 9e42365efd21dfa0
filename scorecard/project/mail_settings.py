"""Mail settings: what [tool.scorecard.mail] says. The server itself is named by SCORECARD_SMTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from os.path import normpath
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from scorecard.base.address import is_address, named_address, same_mailbox, wire_address
from scorecard.base.durations import duration
from scorecard.base.periods import LONGEST

SERVER = "SCORECARD_SMTP"
_LINK = re.compile(r"[!-;=?-~]{1,800}")
"""What may stand between < and > in List-Unsubscribe. A line of a header has at most 998 letters
(RFC 5322, 2.1.1), and each message adds to the URL what identifies it."""
_UNITS = {"KB": 1_000, "MB": 1_000_000}


def _duration(value: object) -> object:
    return duration(value) if isinstance(value, str) else value


def _bytes(value: object) -> object:
    if not isinstance(value, str):
        return value
    number, _, unit = value.strip().partition(" ")
    if not number.isdigit() or unit.upper() not in _UNITS:
        raise ValueError('not a size; write one such as "10 MB"')
    return int(number) * _UNITS[unit.upper()]


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Days = Annotated[int, Field(ge=0, le=366 * LONGEST)]
Bytes = Annotated[int, BeforeValidator(_bytes), Field(ge=10_000)]


class MailSettings(BaseModel):
    """How mail goes out.

    sender       "Name <address>" that mail comes from; nothing is mailed without one
    reply_to     "Name <address>" where answers go, if not to the sender
    operator     addresses that are told of what failed
    allow        addresses and "@domains" that may be written to; empty: whoever the strategy
                 and the schedules name
    size_limit   the most that one message may have after encoding
    too_large    what happens above it: "link" mails where the file lies, "withhold" tells the
                 operator
    link         the address under which the folder of a schedule is reached, with {period} and
                 {file}
    password     opens every attached PDF (AES-256); empty: none
    passwords    the same by address, where it is another
    unsubscribe  where subscribers ask to get no more: "mailto:…" or "https://…"
    bounces      where bounce reports lie: "folder:…" or "imaps://user:password@host/INBOX"
    forms        where forms come back to that owners filled in: the same, of another box
    give_up      how long a transient refusal is tried again
    in_doubt     when an answer was lost: "send again" as the same message, or "ask" the operator
    ping         an address that `scorecard status --ping` calls
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)

    sender: str = Field(default="", alias="from")
    reply_to: str = ""
    operator: tuple[str, ...] = Field(default=(), strict=False)
    allow: tuple[str, ...] = Field(default=(), strict=False)
    size_limit: Bytes = 10_000_000
    too_large: Literal["link", "withhold"] = "withhold"
    link: str = ""
    password: str = Field(default="", repr=False)
    passwords: Mapping[str, str] = Field(default={}, repr=False)
    unsubscribe: str = ""
    bounces: str = Field(default="", repr=False)
    forms: str = Field(default="", repr=False)
    give_up: Duration = timedelta(days=3)
    in_doubt: Literal["send again", "ask"] = "send again"
    ping: str = Field(default="", repr=False)

    @field_validator("sender", "reply_to")
    @classmethod
    def _address(cls, text: str) -> str:
        if text and not (named_address(text)[1] and text.isprintable()):
            raise ValueError(
                'not an address; write one such as "Scorecards <cards@example.com>", '
                "the name in quotes where it has a comma"
            )
        return text

    @field_validator("operator")
    @classmethod
    def _addresses(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            if not is_address(text):
                raise ValueError(f'"{text}" is not an address; write one such as "ada@example.com"')
        return texts

    @field_validator("allow")
    @classmethod
    def _allowed(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            if "@" not in text or " " in text or not text.isprintable():
                raise ValueError(
                    f'"{text}" is neither an address nor a domain; write "@example.com"'
                )
        return tuple(same_mailbox(text) for text in texts)

    @field_validator("unsubscribe")
    @classmethod
    def _unsubscribe(cls, url: str) -> str:
        if not url:
            return url
        if not url.startswith(("mailto:", "https://")):
            raise ValueError('neither "mailto:…" nor "https://…"')
        if url.startswith("mailto:"):
            address, mark, query = url.removeprefix("mailto:").partition("?")
            if not is_address(address):
                raise ValueError(
                    'not one bare address; write "mailto:cards@example.com", without a name'
                )
            url = f"mailto:{wire_address(address)}{mark}{query}"
        elif not _has_host(url) or "#" in url:
            raise ValueError('not a page; write one such as "https://example.com/off", without "#"')
        if not _LINK.fullmatch(url):
            raise ValueError(
                "too long for a mail's head, or with letters that it cannot have; write blanks and "
                "letters beyond ASCII as %20, and at most 800 letters"
            )
        return url

    @field_validator("link")
    @classmethod
    def _link(cls, url: str) -> str:
        if url and not ("{file}" in url and url.startswith(("https://", "http://", "file://"))):
            raise ValueError('not an address with {file} in it, as "https://host/{period}/{file}"')
        return url

    @property
    def one_box(self) -> bool:
        """Whether bounces and forms lie in one box, where reading either marks all as read."""
        return bool(self.forms) and _box(self.forms) == _box(self.bounces)

    def may_write_to(self, address: str) -> bool:
        """Whether the address is on the list, or there is no list."""
        mailbox = same_mailbox(address)
        domain = mailbox[mailbox.rfind("@") :]
        return not self.allow or mailbox in self.allow or domain in self.allow

    def password_for(self, address: str) -> str:
        """The password of attachments to that address; empty: none."""
        known = {same_mailbox(each): secret for each, secret in self.passwords.items()}
        return known.get(same_mailbox(address), self.password)


def _box(url: str) -> str:
    """What tells one box from others, however its address is written: not its password."""
    scheme, _, place = url.partition(":")
    if scheme == "folder":
        return normpath(place)
    place = re.sub(r":[^@/]*@", "@", place.partition("?")[0]).rstrip("/")
    return re.sub(r":(?:143|993)(?=/|$)", "", place).lower().removesuffix("/inbox")


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
