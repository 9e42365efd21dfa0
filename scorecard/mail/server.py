"""The settings of the mail server, or of the folder that takes its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from scorecard.errors import MailError
from scorecard.mail.mail_url import ca_file, must_verify, take_apart

SETTING = "SCORECARD_SMTP"
FORM = "smtp://user:password@mail.example.com:587"
PORTS = {"smtp": 587, "smtps": 465}
Security = Literal["starttls", "tls", "none"]
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]|\.(?!\.))*|\[[0-9A-Fa-f.:IPv]+\]")


@dataclass(frozen=True)
class Server:
    """A mail server and how to connect to it, or the `folder` that messages are written to.

    `ca` is a file of certificates to trust instead of the system's; `name` is what
    this machine calls itself in EHLO, empty for its own address.
    """

    host: str = ""
    port: int = 0
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    name: str = ""
    folder: Path | None = None

    @classmethod
    def parse(cls, url: str, root: Path = Path(), setting: str = SETTING) -> Server:
        """Read one of these; relative paths start at `root`:

            smtp://user:password@host:587             STARTTLS, and nothing before it
            smtps://user:password@host:465            TLS from the start
            smtp://127.0.0.1:2525?tls=none            this machine only
            …?ca=our-ca.pem                           a private certificate authority
            …?name=scorecard.example.com              what this machine calls itself
            folder:output/mail                        one .eml file a message, sent nowhere

        MailError says in one sentence what is wrong, and never a password.
        """
        scheme, colon, rest = url.partition(":")
        if scheme == "folder":
            if not rest.strip():
                raise MailError(f"{setting} names no folder; write folder:output/mail.")
            return cls(folder=root / rest, security="none")
        if not colon or scheme not in PORTS:
            raise MailError(
                f"{setting} does not begin with smtp:, smtps: or folder:; write {FORM}."
            )
        end = take_apart(url, setting, FORM, ("tls", "ca", "name"))
        if end.path.strip("/"):
            raise MailError(f"{setting} has a path after the host; write {FORM}.")
        encrypted = must_verify(end, setting)
        if scheme == "smtps" and not encrypted:
            raise MailError(f"{setting} has both smtps: and tls=none; decide for one of them.")
        name = end.options.get("name", "")
        if name and not _NAME.fullmatch(name):
            raise MailError(f"{setting} has a name= that is no host name.")
        security: Security = "none" if not encrypted else "tls" if scheme == "smtps" else "starttls"
        return cls(
            end.host,
            end.port or PORTS[scheme],
            security,
            end.user,
            end.password,
            ca_file(end, root, setting),
            name,
        )

    @property
    def where(self) -> str:
        """The server's name in error messages: "mail.example.com, port 587", or the folder."""
        return str(self.folder) if self.folder else f"{self.host}, port {self.port}"
