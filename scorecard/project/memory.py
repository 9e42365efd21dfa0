"""What the folders of a project remember of its ledger: which it was, and how far it had come.

The same few lines lie in the state, beside the frozen tiers and in the output folder, so that a
ledger that was emptied, replaced or restored from an old backup is noticed, whichever of them is
still there.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from scorecard.base.files import make_folder, write_whole
from scorecard.base.json_text import from_json
from scorecard.base.regular_file import read_bytes
from scorecard.errors import LedgerError
from scorecard.project.settings import Project

FILE = ".ledger.json"
"""The file of that name in each of the folders."""
_ONE_AT_A_TIME = Lock()
"""Of this process: its threads share the name under which a file is written."""


@dataclass(frozen=True)
class Memory:
    """What one file remembers: the ledger's id, its newest entry then, and that entry's hash."""

    file: Path
    ledger: str
    entry: int
    hash: str


def memories(project: Project) -> list[Memory]:
    """What the folders remember, the furthest first; LedgerError where a file cannot be read."""
    found = [m for folder in _folders(project) if (m := _read(folder / FILE))]
    return sorted(found, key=lambda m: -m.entry)


def remember(project: Project, ledger: str, entry: int, hash: str) -> None:
    """Have all folders that are there remember the ledger as it is; the state always does.

    What is remembered of the same ledger and lies further on stays: another process was there.
    """
    text = json.dumps({"ledger": ledger, "entry": entry, "hash": hash}) + "\n"
    with _ONE_AT_A_TIME:
        make_folder(project.state)
        for folder in _folders(project):
            file = folder / FILE
            # Where the output is another user's, and only read here, the state remembers alone.
            if not folder.is_dir() or (folder != project.state and not os.access(folder, os.W_OK)):
                continue
            before = _read(file)
            if before is None or before.ledger != ledger or before.entry < entry:
                _write(file, text)


def forget(project: Project) -> None:
    """Remember nothing, for a person said which ledger counts from now on."""
    for folder in _folders(project):
        (folder / FILE).unlink(missing_ok=True)


def _folders(project: Project) -> tuple[Path, ...]:
    return (project.state, project.state / "tiers", project.output)


def _read(file: Path) -> Memory | None:
    try:
        found = from_json(read_bytes(file))
        return Memory(file, str(found["ledger"]), int(found["entry"]), str(found["hash"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LedgerError(
            f"{file}: what is remembered of the ledger cannot be read ({error}); restore the file, "
            "or look at the ledger and remove it."
        ) from error


def _write(file: Path, text: str) -> None:
    try:
        write_whole(file, text)
    except OSError as error:
        raise LedgerError(
            f"{file}: cannot be written ({error.strerror}); make room for it, or its folder "
            "writable: it tells whether the ledger is still the same."
        ) from error
