"""A sender that writes .eml files into a folder, in place of a mail server."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from email.parser import BytesHeaderParser
from hashlib import sha256
from pathlib import Path

from scorecard.base.files import draft, make_folder
from scorecard.mail.reply import Reply


class FolderSender:
    """A `Sender` that writes each message to <its Message-ID>.eml; sent twice, it is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def longest(self) -> float:
        return 0.0  # no server is waited for

    def greet(self) -> Reply:
        """Whether the folder can be made and written to."""
        try:
            make_folder(self._folder)
        except OSError as error:
            return self._unwritable(error)
        if not os.access(self._folder, os.W_OK | os.X_OK):
            return self._unwritable(PermissionError(0, "permission denied"))
        return Reply(250, f"{self._folder} can be written to.", "accepted", "connection")

    def hand_over(
        self, sender: str, recipient: str, message: bytes, about_to: Callable[[], None]
    ) -> Reply:
        """Write the file, whole or not at all. `Sender.hand_over` explains `about_to`."""
        target = self._folder / f"{_stem(message)}.eml"
        try:
            with draft(target, below=self._folder) as file:
                file.write(message, durable=True)
                # The renaming stands for the moment at which a server takes the content.
                about_to()
                file.keep()
        except OSError as error:
            return self._unwritable(error)
        return Reply(250, f"{target.name} was written to {self._folder}.", "accepted", "content")

    def _unwritable(self, error: OSError) -> Reply:
        text = f"{self._folder} cannot be written to: {str(error.strerror).lower()}."
        return Reply(0, text, "unreachable", "connection")


def _stem(message: bytes) -> str:
    """A file name made from the Message-ID alone, or from the content where there is none."""
    said = BytesHeaderParser().parsebytes(message[: 1 << 16]).get("Message-ID", "")
    name = re.sub(r"[^A-Za-z0-9@.-]+", "-", str(said).strip().strip("<>")).strip("-.")
    if not name or len(name) > 150:
        name = sha256(str(said).encode() if said else message).hexdigest()[:40]
    return name
