"""JSON that somebody else may have written: read, or refused as a ValueError whatever is in it."""

from __future__ import annotations

import json
from typing import Any


def from_json(text: str | bytes) -> Any:
    """The value of a JSON text; ValueError where it is none, or nested too deep to be read."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def texts_from_json(text: str | bytes) -> dict[str, str]:
    """An object of texts; ValueError where it is anything else."""
    value = from_json(text)
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError("it is no object of texts")
    return value
