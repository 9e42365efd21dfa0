"""The last resort: what nobody expected, as one sentence, with its traceback in a file."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir

from scorecard.base.files import make_folder, write_new
from scorecard.base.version import VERSION
from scorecard.secrets import hide

FOLDER = "errors"
"""The folder of these files, within the project's state."""
KEPT = 50
"""Files that are kept of them, the newest."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_TOO_MANY = {errno.EMFILE, errno.ENFILE}


def sentence(error: BaseException) -> str:
    """What went wrong and what to do, of an error that none of ours says in words."""
    if isinstance(error, MemoryError):
        return "There was not enough memory; let nothing else run beside it, and run again."
    if isinstance(error, RecursionError):
        return "Something is nested too deep to be worked on; see the traceback for which."
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return hide(f"{place}{error.strerror}; {_advice(error)}.")
    said = (str(error).strip().splitlines() or [""])[0].rstrip(".")
    said = said if len(said) <= 300 else f"{said[:299]}…"
    return hide(f"An error of the software: {type(error).__name__}{f': {said}' if said else ''}.")


def keep_traceback(error: BaseException, state: Path | None, now: datetime) -> Path | None:
    """The new file that has an error's traceback, without secrets and for this user alone.

    It lies in the state, else where temporary files do; None where neither can be written.
    """
    text = hide(
        f"scorecard {VERSION}, {now.isoformat()}\n\n{''.join(traceback.format_exception(error))}"
    ).encode("utf-8", "backslashreplace")
    for folder in (*([state / FOLDER] if state else ()), Path(gettempdir())):
        # Without chance in its name somebody could lay a file there first.
        file: Path = folder / f"scorecard-{now:%Y%m%dT%H%M%S}-{os.urandom(6).hex()}.log"
        try:
            make_folder(folder)
            write_new(file, text)
        except OSError:
            continue
        if state and folder == state / FOLDER:
            _let_go(sorted(folder.glob("scorecard-*.log"))[:-KEPT])
        return file
    return None


def _let_go(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _advice(error: OSError) -> str:
    if error.errno in _FULL:
        return "make room on that disk, and run again"
    if error.errno in _FORBIDDEN:
        return "let this user read and write there, and run again"
    if error.errno in _TOO_MANY:
        return "let this user have more files open (ulimit -n), and run again"
    if error.errno == errno.EIO:
        return "the disk itself fails; check it before anything else is written"
    return "see that it is there, and can be read and written"
