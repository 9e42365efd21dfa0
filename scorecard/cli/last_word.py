"""The last word: a process that is ended from within, by code of a project, says so.

A metric is trusted, but `os._exit` in one, or in a library that it uses, would end the command
without a word, and with exit code 0 as if all were done. What goes around Python altogether, as
os.execv or a signal does, is seen by whoever began the process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

FAILED = 2
_EXIT = os._exit


@contextmanager
def last_word() -> Iterator[None]:
    """Have `os._exit` in this process, though not in one forked off it, say that it was called."""
    before, process = os._exit, os.getpid()

    def said(status: int) -> NoReturn:
        if os.getpid() == process:
            place = _caller()
            print(  # noqa: T201
                f"error: {place} ended the command by os._exit({status}), and nothing after it was "
                "done; let it raise an exception instead.",
                file=sys.stderr,
                flush=True,
            )
            status = status or FAILED
        before(status)

    os._exit = said
    try:
        yield
    finally:
        os._exit = before


def leave(status: int) -> NoReturn:
    """End this process at once, with all that it has said, whatever its threads wait for."""
    sys.stdout.flush()
    sys.stderr.flush()
    _EXIT(status)


def _caller() -> str:
    """The file and line that called what is asked here."""
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
