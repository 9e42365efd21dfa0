"""Grammar: the rules of English that generated sentences need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

LONGEST = 170
"""Characters of a page's title, which has two lines."""
NAME = 60
"""Characters of a customer's name; a longer one is shortened."""


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def plural(count: float, noun: str) -> str:
    """The noun, with an s unless there is exactly one."""
    return noun if count == 1 else f"{noun}s"


def ordinal(n: int) -> str:
    """ "1st", "2nd", "3rd", "4th", "11th", "21st"."""
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def capital(text: str) -> str:
    """The text with its first letter capitalised and all others unchanged."""
    return text[:1].upper() + text[1:]


def shortened(name: str, most: int = NAME) -> str:
    """The name as it is, or cut after the last word that leaves room for an ellipsis."""
    bare = " ".join(name.split())
    if len(bare) <= most:
        return bare
    head = bare[: most - 1]
    whole, _, rest = head.rpartition(" ")
    kept = head if bare[most - 1] == " " or not rest or len(whole) < most // 2 else whole
    return f"{kept.rstrip(' ,;.&-')}…"


def fitted(word: Callable[[int], str], most: int, longest: int = LONGEST) -> str:
    """The first of `word(most)` … `word(0)`, ever briefer, that fits; `word(0)` in any case."""
    for detail in range(most, 0, -1):
        if len(text := word(detail)) <= longest:
            return text
    return word(0)
