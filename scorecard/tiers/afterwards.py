"""Snapshots that were frozen afterwards, as other settings read the facts, or by an older rule.

Where tiers are declared and no dated table says since when, a snapshot of a past period looks
ahead: whoever was moved in between stands in the later tier. And what was frozen is not changed by
a mapping that is corrected later, or by a rule that is. None of it can be mended in silence, so
it is said.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from scorecard.base.files import make_folder, write_whole
from scorecard.base.json_text import texts_from_json
from scorecard.base.regular_file import read_bytes
from scorecard.errors import FactsError

FILE = "afterwards.json"
READINGS = "readings.json"
"""The file that says by which reading of the facts each period was frozen."""
FIRST = "1"
"""The version of the definition of tiers that nobody wrote down."""
DEFINITIONS = "definitions.json"
"""The file that says by which version of their definition tiers of a period were computed."""


def frozen_afterwards(folder: Path) -> dict[str, date]:
    """By period the day whose tiers a snapshot has; those are left out that were frozen in time."""
    file = folder / FILE
    try:
        return {period: date.fromisoformat(day) for period, day in _noted(file).items()}
    except ValueError as error:
        raise _unreadable(file, error) from error


def note_afterwards(folder: Path, period: str, day: date) -> None:
    """Write down that a period's snapshot has the tiers of a later day."""
    _note(folder / FILE, period, str(day))


def frozen_readings(folder: Path) -> dict[str, str]:
    """By period the digest of the settings by which the facts were read when it was frozen."""
    return _noted(folder / READINGS)


def note_reading(folder: Path, period: str, digest: str) -> None:
    """Write down by which settings the facts of a period's snapshot were read."""
    _note(folder / READINGS, period, digest)


def frozen_definitions(folder: Path) -> dict[str, str]:
    """By period the version of the definition of its tiers; those of the first are left out."""
    return _noted(folder / DEFINITIONS)


def note_definition(folder: Path, period: str, version: str) -> None:
    """Write down by which version of their definition the tiers of a period were computed, unless
    it is the first."""
    if version != FIRST:
        _note(folder / DEFINITIONS, period, version)


def _noted(file: Path) -> dict[str, str]:
    try:
        return texts_from_json(read_bytes(file))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error


def _note(file: Path, period: str, said: str) -> None:
    noted = _noted(file) | {period: said}
    make_folder(file.parent)
    write_whole(file, json.dumps(noted, indent=2, sort_keys=True) + "\n")


def _unreadable(file: Path, error: Exception) -> FactsError:
    return FactsError(
        f"{file}: what is noted of frozen tiers cannot be read ({error}); restore the file from a "
        "backup."
    )
