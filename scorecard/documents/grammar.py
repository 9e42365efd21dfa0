"""Grammar: the rules of English that generated sentences need."""

from __future__ import annotations

from collections.abc import Callable, Sequence

LONGEST = 170
"""Characters of a page's title, which has two lines."""
ONE = {"were": "was", "are": "is", "have": "has", "do": "does", "pay": "pays", "need": "needs"}
"""Verbs of several, and what they are of one."""
NAME = 60
"""Characters of a customer's name; a longer one is shortened."""


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def plural(count: float, noun: str) -> str:
    """The noun, with its ending unless there is exactly one."""
    if count == 1:
        return noun
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def part_of(count: int, of: int, noun: str) -> str:
    """ "3 of 8 promised experiences", "all 8 …", "both …", "none of 8 …", "the …" of one alone.

    Of one alone of which it is not so, nothing can be said this way: ValueError.
    """
    if of == 1 and count == 0:
        raise ValueError(f"None of one {noun} is no English; say what became of it.")
    many = plural(of, noun)
    if count == of:
        return {1: f"the {noun}", 2: f"both {many}"}.get(of, f"all {of} {many}")
    return f"none of {of} {many}" if count == 0 else f"{count} of {of} {many}"


def agreeing(count: float, text: str) -> str:
    """Words on what happened to several, as they are said of one: "was not satisfied"."""
    head, _, rest = text.partition(" ")
    return f"{ONE[head]} {rest}" if count == 1 and head in ONE else text


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
