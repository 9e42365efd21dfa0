"""Confusables: what a word looks like, so that a name is known in letters that only look like its
own (Unicode Technical Standard 39).

`shape` is for comparing: two words of one shape cannot be told apart by a reader. `keyed` is the
coarser form of it that databases can make as well, for looking up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files

_SMALL_CAPITALS = str.maketrans("ʙʜᴛʍĸᴀᴄᴅᴇɢɪᴊʟɴᴏᴘʀᴜᴠᴡʏᴢ", "bhtmkacdegijlnopruvwyz")
"""Small letters of other scripts look like small capitals of ours: "т" like a small T."""
_ALIKE = str.maketrans("1i0ı", "llol")
"""Letters and digits of ASCII that look alike; "m", which looks like "rn", is spelt out."""
_FOLDED = ((0x370, 0x58F), (0x30A1, 0x30FF))
"""Greek, Cyrillic and Armenian, and Katakana: scripts whose letters databases replace by those of
ours and of Chinese that they look like."""
SCRIPTS = f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _FOLDED)}]"
"""Those scripts as a pattern that all databases know."""


@lru_cache(1 << 16)
def shape(word: str) -> str:
    """What a word looks like in any case, as letters with their accents as separate signs."""
    looks = unicodedata.normalize("NFKC", word).translate(prototypes()).casefold()
    plain = unicodedata.normalize("NFD", looks.translate(_SMALL_CAPITALS).translate(_ALIKE))
    return plain.replace("m", "rn")


@cache
def prototypes() -> Mapping[int, str]:
    """By code point the letters that a letter or digit looks like; not those of ASCII itself."""
    text = (files("scorecard.printing") / "confusables.csv").read_text("utf-8")
    pairs = (line.split(",") for line in text.splitlines() if not line.startswith("#"))
    return {ord(c): looks for looks, alike in pairs for c in alike if not c.isascii()}


@cache
def folded() -> Mapping[str, str]:
    """The letters of the SCRIPTS that look like one of a to z or of Chinese, with that.

    Capitals too, where they look like those of the same letter: not all databases know their
    small ones.
    """
    letters = (chr(p) for first, last in _FOLDED for p in range(first, last + 1))
    looks = {c: _latin(c) for c in letters if ord(c) in prototypes()}
    return {
        c: to
        for c, to in looks.items()
        if len(to) == 1 and (to.isascii() or c.upper() == c.lower()) and looks.get(c.lower()) == to
    }


def _latin(letter: str) -> str:
    return prototypes()[ord(letter)].casefold().translate(_SMALL_CAPITALS)


@lru_cache(1 << 16)
def keyed(text: str) -> str:
    """A piece of a key, which is in lower case, with one letter for those that look alike.

    A database makes the same with the replacements of `replaced`.
    """
    return text.translate(_keyed())


@cache
def _keyed() -> Mapping[int, str]:
    return {ord(c): to for c, to in replaced()}


def replaced() -> Iterable[tuple[str, str]]:
    """The letters that `keyed` replaces, and by what; those of ASCII come last."""
    ascii_ = (("1", "l"), ("i", "l"), ("0", "o"))
    alike = dict(ascii_)
    return (*((c, alike.get(to, to)) for c, to in sorted(folded().items())), *ascii_)


def disguised(text: str) -> str:
    """The text with every letter that looks like others replaced by these."""
    return text.translate(prototypes()).translate(_SMALL_CAPITALS)
