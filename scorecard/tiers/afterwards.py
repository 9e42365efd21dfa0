"""Snapshots that were frozen afterwards: of a past period, by tiers that were read on a later day.

Where tiers are declared and no dated table says since when, such a snapshot looks ahead: whoever
was moved in between stands in the later tier. That cannot be mended, so it is said.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from scorecard.base.files import write_whole
from scorecard.errors import FactsError

FILE = "afterwards.json"


def frozen_afterwards(folder: Path) -> dict[str, date]:
    """By period the day whose tiers a snapshot has; those are left out that were frozen in time."""
    file = folder / FILE
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
        return {period: date.fromisoformat(day) for period, day in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise FactsError(
            f"{file}: which tiers were frozen afterwards cannot be read ({error}); restore the "
            "file from a backup."
        ) from error


def note_afterwards(folder: Path, period: str, day: date) -> None:
    """Write down that a period's snapshot has the tiers of a later day."""
    noted = {key: str(on) for key, on in frozen_afterwards(folder).items()} | {period: str(day)}
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / FILE, json.dumps(noted, indent=2, sort_keys=True) + "\n")
