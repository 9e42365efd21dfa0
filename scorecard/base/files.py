"""Writing files: whole or not at all, and where other people can write, too.

Whoever can write into a folder can lay a symbolic link there, under any name that can be
guessed, and have what is written land elsewhere. Everything here is written under a random
name that was not there before, and renamed; folders on the way are opened one in the other
and may not be links. All other modules write by these functions.

A new file is for its owner alone (0600), and so is a new folder (0700). A folder with the
set-group-id bit (chmod g+s) is shared with its group on purpose: what is made in it can be read by
the group (0640, 02750), and so on below. Nothing is for everybody, unless it is not private.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from shutil import copyfile, rmtree
from tempfile import mkdtemp
from time import time
from typing import IO, BinaryIO

LARGEST = 1 << 28
"""Bytes of a file that is read to see what it is (256 MiB)."""
STALE = 86_400
"""Seconds after which a file that a killed process was writing is removed (a day)."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_swept = set[tuple[int, int]]()


class Draft:
    """A file that is being written, and has no name yet; see `draft`."""

    def __init__(self, folder: int, file: BinaryIO, partial: str, name: str) -> None:
        self._folder, self._file, self._partial, self._name = folder, file, partial, name
        self.kept = False

    def write(self, content: bytes, *, durable: bool = False) -> None:
        """Write content; `durable`: onto the disk, or a power cut could leave half a file."""
        self._file.write(content)
        self._file.flush()
        if durable:
            os.fsync(self._file.fileno())

    def keep(self) -> None:
        """Give the file its name. A file or link of that name is replaced; it is not followed."""
        self._file.flush()
        os.rename(self._partial, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self.kept = True


@contextmanager
def draft(path: Path, *, below: Path | None = None, private: bool = True) -> Iterator[Draft]:
    """A file to be written, which gets the name `path` only by `keep`; else nothing stays of it.

    Where `below` is given, folders below it are made if they are missing, and may not be links.
    """
    with _opened(path.parent, below or path.parent, make=below is not None) as folder:
        _sweep(folder)
        partial = f".{token_hex(8)}.partial"
        handle = os.open(partial, _NEW, 0o600 if private else 0o666, dir_fd=folder)
        with os.fdopen(handle, "wb") as file:
            made = Draft(folder, file, partial, path.name)
            try:
                if private and _is_shared(folder):
                    os.fchmod(handle, 0o640)
                yield made
            finally:
                if not made.kept:
                    with suppress(FileNotFoundError):
                        os.unlink(partial, dir_fd=folder)


def write_whole(
    path: Path, content: str | bytes, *, below: Path | None = None, private: bool = True
) -> None:
    """Write a file, a text in UTF-8, whole or not at all; its folder must be there without `below`.

    An existing file is replaced. OSError where it cannot be written. `draft` explains the rest.
    """
    data = content.encode() if isinstance(content, str) else content
    with draft(path, below=below, private=private) as made:
        made.write(data)
        made.keep()


@contextmanager
def drafting(path: Path) -> Iterator[Path]:
    """A path that somebody else writes a file to, such as an engine; it is `path` afterwards.

    It lies in a folder of a random name for its owner alone, and nothing stays after an error.
    """
    make_folder(path.parent)
    room = Path(mkdtemp(prefix=".partial-", dir=path.parent))
    try:
        partial = room / path.name
        yield partial
        partial.chmod(0o640 if path.parent.stat().st_mode & stat.S_ISGID else 0o600)
        os.rename(partial, path)
    finally:
        rmtree(room, ignore_errors=True)


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under another name, or a copy of it where the file system has no such links;
    one that is there already stays."""
    make_folder(target.parent)
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        pass
    except OSError:
        with drafting(target) as partial:
            copyfile(source, partial)


def write_new(path: Path, content: str | bytes, *, private: bool = True) -> None:
    """Write a file that may not be there yet, a text in UTF-8; FileExistsError, also for a link."""
    data = content.encode() if isinstance(content, str) else content
    with os.fdopen(os.open(path, _NEW, 0o600 if private else 0o666), "wb") as file:
        file.write(data)


def touch_private(path: Path) -> None:
    """Make an empty file for its owner alone, or for its group, too, where the folder is shared.

    One that is there stays as it is. Both may write it.
    """
    with suppress(FileExistsError):
        handle = os.open(path, _NEW, 0o600)
        try:
            if path.parent.stat().st_mode & stat.S_ISGID:
                os.fchmod(handle, 0o660)
        finally:
            os.close(handle)


def open_lock(path: Path) -> IO[bytes]:
    """The file to be locked, made where it is missing; OSError where a link has its name."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "r+b")


def make_folder(folder: Path, *, below: Path | None = None) -> None:
    """Make a folder and those above it where they are missing; below `below` no link will do."""
    with _opened(folder, below or folder, make=True):
        pass


def move(source: Path, target: Path, *, below: Path) -> None:
    """Rename a file. Folders below `below`, of both names, are opened without following links."""
    with (
        _opened(source.parent, below, make=False) as before,
        _opened(target.parent, below, make=True) as after,
    ):
        os.rename(source.name, target.name, src_dir_fd=before, dst_dir_fd=after)


def read_plain(path: Path, most: int = LARGEST) -> bytes:
    """The first `most` bytes of a plain file; OSError for links, pipes, folders and devices."""
    # Without O_NONBLOCK, opening a pipe waits for somebody to write into it.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        return file.read(most)


@contextmanager
def _opened(folder: Path, below: Path, *, make: bool) -> Iterator[int]:
    """A descriptor of the folder, reached from `below` through no link."""
    if make:
        _make_above(below)
    parts = folder.relative_to(below).parts
    if ".." in parts:
        raise OSError(errno.EINVAL, 'there is ".." in its name', str(folder))
    handle = os.open(below, _FOLDER)
    try:
        for part in parts:
            inner = _stepped(handle, part, folder, make=make)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _stepped(handle: int, part: str, folder: Path, *, make: bool) -> int:
    made = False
    if make:
        with suppress(FileExistsError):
            os.mkdir(part, 0o700, dir_fd=handle)
            made = True
    try:
        inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            said = f"{part} on its way is a symbolic link, or no folder"
            raise OSError(errno.ELOOP, said, str(folder)) from error
        raise
    if made and _is_shared(handle):
        os.fchmod(inner, 0o2750)
    return inner


def _make_above(folder: Path) -> None:
    """Make the folder and those above it where they are missing; links among these are meant."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(0o700)
            if each.parent.stat().st_mode & stat.S_ISGID:
                each.chmod(0o2750)


def _is_shared(folder: int) -> bool:
    return bool(os.fstat(folder).st_mode & stat.S_ISGID)


def _sweep(folder: int) -> None:
    """Remove what killed processes were writing there, once in the life of this one."""
    found = os.fstat(folder)
    if (found.st_dev, found.st_ino) in _swept:
        return
    _swept.add((found.st_dev, found.st_ino))
    for name in os.listdir(folder):
        if name.startswith(".") and name.endswith(".partial"):
            with suppress(OSError):  # another process may be at it, or it is another's
                if os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime < time() - STALE:
                    os.unlink(name, dir_fd=folder)
