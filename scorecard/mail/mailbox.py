"""A mailbox that bounces or forms come to: a folder of .eml files, a Maildir, or IMAP.

    with open_box("imaps://user:password@imap.example.com/INBOX") as box:
        for mail in box.waiting():
            ...                   # record what it says
            box.done(mail)        # only then is it not offered again

A mail that could not be understood is set aside: it is kept for people to read, and
not offered again either. After a crash in between, a mail is offered twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scorecard.base.files import make_folder, move, read_plain
from scorecard.errors import MailError
from scorecard.mail.imap_mailbox import ImapBox
from scorecard.mail.imap_wire import Dial
from scorecard.mail.incoming import LARGEST, Mail, Mailbox
from scorecard.mail.mail_url import ca_file, must_verify, take_apart
from scorecard.mail.wire import Wire

SETTING = "bounces in [tool.scorecard.mail]"
FORM = "imaps://user:password@imap.example.com/INBOX"
PORTS = {"imap": 143, "imaps": 993}


@contextmanager
def open_box(
    url: str,
    root: Path = Path(),
    *,
    setting: str = SETTING,
    timeout: float = 60.0,
    dial: Dial = Wire.to,
    largest: int = LARGEST,
    endings: Sequence[str] = (".eml",),
) -> Iterator[Mailbox]:
    """Open one of these; relative paths start at `root`:

        folder:mail/bounces                                 .eml files, or a Maildir
        imaps://user:password@host:993/INBOX                TLS from the start, verified
        imap://user:password@127.0.0.1:143/INBOX?tls=none   this machine only
        …?ca=our-ca.pem                                     a private certificate authority

    `timeout` are seconds for one command, `dial` makes the connection. `largest` are the bytes of a
    mail that are read, and `endings` those of the names of files in a folder. MailError for an
    address that is none, and for a box that cannot be opened.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "folder":
        folder = root / rest
        if not rest.strip() or not folder.is_dir():
            raise MailError(f"{setting}: {folder} is not a folder; make it, or name another one.")
        maildir = (folder / "new").is_dir()
        yield Maildir(folder, largest) if maildir else Folder(folder, largest, endings)
        return
    if scheme not in PORTS:
        raise MailError(f"{setting} does not begin with imaps:, imap: or folder:; write {FORM}.")
    box = _imap(url, scheme, root, setting, timeout, dial, largest)
    try:
        yield box
    finally:
        box.close()


class Folder:
    """A folder of *.eml files, which are moved into `done/` or, if set aside, `unclear/`."""

    def __init__(
        self, folder: Path, largest: int = LARGEST, endings: Sequence[str] = (".eml",)
    ) -> None:
        self._folder, self._largest, self._endings = folder, largest, endings

    def waiting(self) -> Iterator[Mail]:
        for file in _files(self._folder):
            wanted = file.suffix.lower() in self._endings
            if wanted and (raw := _read(file, self._largest)) is not None:
                yield Mail(file.name, raw)

    def done(self, mail: Mail) -> None:
        _move(self._folder, self._folder / mail.key, self._folder / "done" / mail.key)

    def set_aside(self, mail: Mail) -> None:
        _move(self._folder, self._folder / mail.key, self._folder / "unclear" / mail.key)


class Maildir:
    """A Maildir, in which done is flagged seen (S), and set aside flagged and seen (FS)."""

    def __init__(self, folder: Path, largest: int = LARGEST) -> None:
        self._folder, self._largest = folder, largest

    def waiting(self) -> Iterator[Mail]:
        # Mail programs move what they have listed from new/ to cur/, read or not.
        for subfolder in ("cur", "new"):
            for file in _files(self._folder / subfolder):
                unmarked = not {"S", "F"} & {*file.name.partition(":2,")[2]}
                if unmarked and (raw := _read(file, self._largest)) is not None:
                    yield Mail(f"{subfolder}/{file.name}", raw)

    def done(self, mail: Mail) -> None:
        self._mark(mail, "S")

    def set_aside(self, mail: Mail) -> None:
        self._mark(mail, "FS")

    def _mark(self, mail: Mail, flags: str) -> None:
        # Flags stand behind ":2," in ASCII order.
        name, _, had = mail.key.partition("/")[2].partition(":2,")
        marked = f"{name}:2,{''.join(sorted({*had, *flags}))}"
        _move(self._folder, self._folder / mail.key, self._folder / "cur" / marked)


def _imap(
    url: str, scheme: str, root: Path, setting: str, timeout: float, dial: Dial, largest: int
) -> ImapBox:
    end = take_apart(url, setting, FORM, ("tls", "ca"))
    if must_verify(end, setting) != (scheme == "imaps"):
        raise MailError(f"{setting} has to begin with imaps:, or with imap: and have ?tls=none.")
    if not end.user:
        raise MailError(f"{setting} names no user; write {FORM}.")
    name = end.path.strip("/") or "INBOX"
    if not name.isascii() or not name.isprintable():
        raise MailError(f"{setting}: the mailbox's name has letters beyond ASCII; use another one.")
    port, ca = end.port or PORTS[scheme], ca_file(end, root, setting)
    return ImapBox(end, port, name, ca, timeout, dial=dial, largest=largest)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.is_file() and not file.is_symlink())
    except OSError as error:
        raise MailError(f"{folder} cannot be read ({error.strerror}); make it readable.") from error


def _read(file: Path, largest: int) -> bytes | None:
    """The file's first bytes; None where another process has moved it meanwhile."""
    try:
        return read_plain(file, largest)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MailError(f"{file} cannot be read ({error.strerror}); make it readable.") from error


def _move(folder: Path, source: Path, target: Path) -> None:
    """Move a file within the folder without replacing another; nothing where it is gone.

    A link in the place of a folder is not followed.
    """
    stem, number = target.stem, 1
    try:
        make_folder(target.parent, below=folder)
        while os.path.lexists(target):
            number += 1
            target = target.with_stem(f"{stem}-{number}")
        move(source, target, below=folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise MailError(
            f"{source} cannot be moved to {target.parent} ({error.strerror}); make both writable."
        ) from error
