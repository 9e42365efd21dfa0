"""What a text in TOML says, or why it is none."""

from __future__ import annotations

import tomllib
from typing import Any

from scorecard.base import bounds


class TomlError(ValueError):
    """A text is no TOML; str() says why, and where."""


class TomlNumberError(TomlError):
    """A number in it has more digits than Python reads."""


def parsed(text: str) -> dict[str, Any]:
    """What a text in TOML says; TomlError where it is none, or more than anybody would write."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise TomlError("it is nested too deep") from error
    except tomllib.TOMLDecodeError as error:
        raise TomlError(str(error)) from error
    except ValueError as error:  # Python's own, of a number of thousands of digits
        raise TomlNumberError(f"a number {bounds.NO_NUMBER}; write a smaller one") from error
