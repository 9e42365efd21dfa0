"""Hashes of all that is frozen: of each snapshot, and of each thing noted beside them.

The ledger knows them from when they were frozen, so that one that was altered, or taken away to
be frozen again from other facts, is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from scorecard.base.json_text import from_json
from scorecard.base.regular_file import read_bytes
from scorecard.errors import FactsError
from scorecard.tiers.afterwards import DEFINITIONS, READINGS
from scorecard.tiers.afterwards import FILE as AFTERWARDS
from scorecard.tiers.reviews import REVIEWS
from scorecard.tiers.snapshot_tables import MARK
from scorecard.tiers.snapshots import Snapshots

UNREAD = "unread"
"""Stands for the hash of a snapshot that is there and was not read."""


def frozen_digests(
    kept: Snapshots, folder: Path, only: Collection[str] | None = None
) -> dict[str, str]:
    """By name the hash of each snapshot ("2026-10"), review of boundaries
    ("boundaries.json 2026-01-01") and note ("readings.json 2026-10").

    Of snapshots those of `only` are read, all without it. FactsError where one cannot be.
    """
    found = {
        key: kept.digest(key) if only is None or key in only else UNREAD for key in kept.periods()
    }
    return found | dict(_beside(folder))


def differing(
    known: Mapping[str, tuple[str, datetime]], present: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """(name, what is wrong) of all that was frozen and is not there any more as it was, in order.

    What is there and not known is nothing wrong: it was just frozen.
    """
    for name, (hashed, seen_at) in sorted(known.items()):
        since = f"{seen_at:%Y-%m-%d}"
        if name not in present:
            yield name, f"is gone; it was there on {since}"
        elif present[name] not in (hashed, UNREAD):
            yield name, f"is not what it was on {since}"


def refuse_altered(
    known: Mapping[str, tuple[str, datetime]],
    kept: Snapshots,
    folder: Path,
    read: Collection[str],
) -> None:
    """FactsError where something that was frozen is gone, or is not what it was, so that it would
    be frozen again from today's facts. Of snapshots those of the periods `read` are compared."""
    if not known:
        return
    wrong = [*differing(known, frozen_digests(kept, folder, read))]
    if wrong:
        name, why = wrong[0]
        more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise FactsError(
            f"{shown(name, kept.place(name))}: what was frozen {why}{more}; restore it from a "
            "backup, or go on with what is there, and what is lacking frozen again from today's "
            'facts: "scorecard accept tiers".'
        )


def shown(name: str, place: str) -> str:
    """How people find a name: a note by its file, a snapshot by where it is."""
    return f"tiers/{name}" if ".json" in name else place


def _beside(folder: Path) -> Iterator[tuple[str, str]]:
    for file in (AFTERWARDS, READINGS, DEFINITIONS, MARK):
        for key, value in _read(folder / file, {}).items():
            yield f"{file} {key}", _hash(value)
    for review in _read(folder / REVIEWS, []):
        yield f"{REVIEWS} {review['on']}", _hash(review)


def _read(file: Path, empty: Any) -> Any:
    try:
        found = from_json(read_bytes(file))
        if isinstance(found, type(empty)):
            return found
        raise ValueError("it is not a file of ours")
    except FileNotFoundError:
        return empty
    except (OSError, ValueError) as error:
        raise FactsError(
            f"{file}: what was frozen cannot be read ({error}); restore the file from a backup."
        ) from error


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
