"""Durations as people write them in settings: "90 min", "1 h", "3 days"."""

from __future__ import annotations

import re
from datetime import timedelta

EXAMPLE = '"90 min", "6 h" or "3 days"'
_UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_SYNONYMS = {
    "second": "s",
    "sec": "s",
    "minute": "min",
    "m": "min",
    "hour": "h",
    "d": "day",
    "w": "week",
}
_NUMBER_AND_UNIT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)
LONGEST = timedelta(days=366)


def duration(text: str) -> timedelta:
    """The duration written as one number and one unit, longer than zero and at most a year.

    ValueError, in one sentence, otherwise.
    """
    match = _NUMBER_AND_UNIT.fullmatch(text.strip())
    name = match[2].lower() if match else ""
    name = name if name in _UNITS else name.removesuffix("s") or name
    unit = _UNITS.get(_SYNONYMS.get(name, name))
    if match is None or unit is None:
        raise ValueError(f'"{text}" is not a duration; write one such as {EXAMPLE}')
    number = float(match[1])
    if not 0 < number * unit.total_seconds() <= LONGEST.total_seconds():
        raise ValueError(f'"{text}" is not between nothing and a year; write {EXAMPLE}')
    return number * unit


def worded(span: timedelta) -> str:
    """The span in words, such as "9 days": in the largest unit that it fills, rounded down."""
    for unit, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        count = int(span.total_seconds() // unit)
        if count:
            return f"{count} {name}" + ("" if count == 1 else "s")
    return "no time"
