"""Code of users, which runs in our process: what it prints, and what is said while it hangs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from threading import Timer

from scorecard.base.durations import worded

PATIENCE = timedelta(seconds=30)
"""How long metrics may be loaded before it is said of which file."""
_LOG = logging.getLogger("scorecard.theirs")


@contextmanager
def printing_aside() -> Iterator[None]:
    """Whatever is printed meanwhile goes to standard error: a result, such as JSON that a program
    reads, is ours alone."""
    with redirect_stdout(sys.stderr):
        yield


@contextmanager
def telling_if_long(patience: timedelta, told: Callable[[str], str]) -> Iterator[None]:
    """Logs, once, what is going on where it goes on for longer than that; it is not ended.

    Code that is imported can be ended only with its process, and whoever waits in vain is to know
    for what: `told` says it, as it is then, given how long it has been.
    """

    def tell() -> None:
        _LOG.warning("%s", told(worded(patience)))

    timer = Timer(patience.total_seconds(), tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
