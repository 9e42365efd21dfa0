"""Bounds: how long a text and how large a number may be that people write into a project's files.

What lies within them can be printed, mailed, stored and counted with.
"""

from __future__ import annotations

import re
import unicodedata
from math import isfinite

LONGEST_NAME, LONGEST_PROSE = 200, 1000
"""Letters of a text on one line, and of one in sentences: what is longer fits no page."""
LARGEST = 1e15
"""The largest amount: up to here its cents are told apart."""
MOST = 1_000_000_000
"""The largest whole number where nothing smaller is said."""
NO_NUMBER = "is more than can be counted with, or no number at all"
_BREAKS = re.compile(r"[ \t]*[\r\n\t]+[ \t]*")


def on_one_line(text: str) -> str:
    """A text of several lines as one, without blanks around it."""
    return _BREAKS.sub(" ", text.strip())


def uncountable(data: object) -> str:
    """The key of a number, anywhere in what TOML says, that is not finite or that 64 bits do not
    hold, as which TOML means it; empty where there is none."""
    waiting: list[tuple[str, object]] = [("", data)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [(key, each) for each in value]
        elif isinstance(value, (int, float)) and not _fits(value):
            return key
    return ""


def _fits(value: float) -> bool:
    return -(2**63) <= value < 2**63 if isinstance(value, int) else isfinite(value)


def shortened(value: object) -> str:
    """A value as written, cut where it is longer than anybody reads."""
    text = str(value)
    return text if len(text) <= LONGEST_NAME else f"{text[:40]}…"


def is_word(name: str) -> bool:
    """Whether a name is a single word: letters and figures with nothing between."""
    kinds = {unicodedata.category(sign)[0] for sign in name}  # letters, marks on them, numbers
    return "L" in kinds and kinds <= {"L", "M", "N"}
