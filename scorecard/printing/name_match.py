"""Name match: whether some words of a text are a name, as whoever reads them would take them.

A name is known in another case, joined ("AcmeCorp"), with letters that look like its own, with
spaces between its letters, or cut short ("Acme Corporati…"); but not in words that only happen to
have its letters in a row, such as "in time" for a customer "Intime".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from scorecard.printing.confusables import prototypes, shape
from scorecard.printing.words import words

MOST_WORDS = 24
"""Only the first 24 words of a longer name are compared."""
_SPACED = 4
"""Letters that a name with gaps inside of its words must have."""
_LONG = 8
"""Letters from which on a word is too long to look like a name by chance."""
_SHORT = 5
"""A word of fewer letters that is in another script altogether is a word of that script."""
CUT_LEAST = 6
"""Letters that must be left of a name that was cut short."""


def is_named(name: str, phrase: str) -> bool:
    """Whether `phrase`, whole words of a text as they are printed, is the name."""
    known, found = _parts(name), _parts(phrase)
    if known.plain == found.plain:
        return True
    if "".join(known.plain) == "".join(found.plain):
        return _joined(known.plain, found.plain, found)
    if known.looks != found.looks and "".join(known.looks) != "".join(found.looks):
        return False
    return _in_disguise(known.plain, found.plain) and (
        known.looks == found.looks or _joined(known.looks, found.looks, found)
    )


def is_begun(name: str, phrase: str) -> bool:
    """Whether `phrase`, the last words before an ellipsis, is the beginning of a longer name.

    One word that is a whole word of the name could be any; so could one without the capital that
    the name has.
    """
    known, found = _parts(name), _parts(phrase)
    whole, left = "".join(known.looks), "".join(found.looks)
    if len(left) < CUT_LEAST or not whole.startswith(left) or len(whole) == len(left):
        return False
    if _is_small(phrase[:1]) and not _is_small(name[:1]):
        return False
    ends = _ends(known.looks)
    return set(_ends(found.looks)[:-1]) <= set(ends) and (
        len(found.looks) > 1 or len(left) not in ends
    )


def _is_small(letter: str) -> bool:
    return letter.lower() == letter != letter.upper()


class _Parts:
    """The words of a name or phrase as they are printed, in lower case, and what each looks
    like."""

    __slots__ = ("looks", "plain", "printed")

    def __init__(self, text: str) -> None:
        self.printed = words(text, as_printed=True)[:MOST_WORDS]
        self.plain = [word.casefold() for word in self.printed]
        self.looks = [shape(word) for word in self.printed]


@lru_cache(1 << 14)
def _parts(text: str) -> _Parts:
    return _Parts(text)


def _joined(name: Sequence[str], found: Sequence[str], parts: _Parts) -> bool:
    """Whether words with the letters of a name in a row are that name.

    They are where each gap is one of the name's, or lies between two letters that stand alone.
    Without any capital letter a short one is taken for a word.
    """
    letters, gaps = sum(map(len, name)), set(_ends(name))
    between = zip(_ends(found), parts.printed, parts.printed[1:], strict=False)
    extra = [left + right for end, left, right in between if end not in gaps]
    if extra:
        return letters >= _SPACED and all(len(both) == 2 for both in extra)
    printed = "".join(parts.printed)
    return letters >= _LONG or printed != printed.lower() or printed == printed.upper()


def _in_disguise(name: Sequence[str], found: Sequence[str]) -> bool:
    """Whether letters that only look alike are no chance: "modern" is not the customer Modem."""
    letters = "".join(name)
    if letters.isascii() and "".join(found).isascii():
        return len(name) > 1 or len(letters) >= _LONG
    return len(name) > 1 or len(letters) >= _SHORT or any(map(_mixed, (*name, *found)))


def _mixed(word: str) -> bool:
    """Whether a word has both letters of ASCII and others that look like them."""
    return any(c.isascii() and c.isalpha() for c in word) and any(
        ord(c) in prototypes() for c in word
    )


def _ends(parts: Sequence[str]) -> list[int]:
    """How many letters there are up to the end of each word."""
    return list(accumulate(map(len, parts)))
