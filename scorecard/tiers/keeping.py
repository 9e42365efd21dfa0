"""Keeping what a run froze, once it is known that all of it comes from one state of the facts.

Until then its snapshots, and what is noted of them, lie apart: in a folder beside the others, or in
tables that go with the connection. A run that ends before that leaves nothing behind.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from scorecard.base.files import make_folder, open_lock, write_whole
from scorecard.base.regular_file import read_text
from scorecard.errors import FactsError
from scorecard.tiers.afterwards import (
    frozen_afterwards,
    frozen_definitions,
    frozen_readings,
    note_afterwards,
    note_definition,
    note_reading,
)
from scorecard.tiers.chain import in_order
from scorecard.tiers.reviews import REVIEWS
from scorecard.tiers.snapshots import Snapshots

BEGIN = ".unconfirmed-"
"""How the names of folders begin in which a run freezes."""
LOCK = "lock"


@contextmanager
def apart(folder: Path) -> Iterator[Path]:
    """A new folder inside that of the tiers, gone after the block; others that killed processes
    left are removed."""
    try:
        make_folder(folder)
        _remove_left(folder)
        place = Path(mkdtemp(prefix=BEGIN, dir=folder))
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        with open_lock(place / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _remove_left(folder: Path) -> None:
    for left in folder.glob(f"{BEGIN}*"):
        with suppress(OSError), open_lock(left / LOCK) as lock:  # whose process is at work
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)


def keep(frozen: Snapshots, place: Path, kept: Snapshots, folder: Path) -> None:
    """Keep the snapshots in `frozen`, with what is noted of them in `place`, among those that are
    kept, with their notes in `folder`.

    What is noted comes first, so that a snapshot is never there without. FactsError where
    another process has frozen one of them meanwhile, and otherwise.
    """
    try:
        kept.look_again()
        keys = in_order(frozen.periods())
        for key in keys:
            if kept.has(key) and not kept.is_same(key, frozen):
                raise FactsError(
                    f"{kept.place(key)}: another process froze it at the same time, from other "
                    "facts; run again, so that this run counts by it."
                )
        for period, day in frozen_afterwards(place).items():
            note_afterwards(folder, period, day)
        for period, reading in frozen_readings(place).items():
            note_reading(folder, period, reading)
        for period, version in frozen_definitions(place).items():
            note_definition(folder, period, version)
        if (drawn := place / REVIEWS).is_file():
            write_whole(folder / REVIEWS, read_text(drawn, "utf-8"))
        for key in keys:
            if not kept.has(key):
                kept.take(key, frozen)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> FactsError:
    return FactsError(
        f"{folder}: tiers cannot be frozen ({error.strerror}); make room, and let the folder "
        "be written to."
    )
