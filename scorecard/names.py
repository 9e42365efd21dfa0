"""Names: which of many names stand in a text, as whole words, in time that depends on the text.

A name broken over two lines, written in other case or followed by a comma is
still that name. Names in scripts without blanks are found inside longer runs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

MOST_WORDS = 12
"""A longer name is known by its first words."""
MOST_SIGNS = 24
"""The same for scripts without blanks."""
_BRACKETS = "()[],;:·–“”\"'"
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def plain(name: str) -> str:
    """The name as it is compared: lower case, words with one blank between, no punctuation."""
    words = _words(name)
    if _RUN.search(name):
        return "".join(words)[:MOST_SIGNS]
    return " ".join(words[:MOST_WORDS])


def phrases(text: str, most: int = MOST_WORDS) -> set[str]:
    """Every sequence of up to `most` words of the text, and every part of a run without blanks."""
    words = _words(text)
    found = {
        " ".join(words[start : start + length])
        for start in range(len(words))
        for length in range(1, min(most, len(words) - start) + 1)
    }
    found.update(_parts("".join(words)))
    return found


def spellings(text: str, most: int = 8) -> set[str]:
    """Every sequence of up to `most` words as printed, in lower case, for a database to look up.

    With and without the punctuation around it, since that may belong to the name.
    """
    words = unicodedata.normalize("NFKC", text).lower().split()
    found: set[str] = set()
    for start in range(len(words)):
        for length in range(1, min(most, len(words) - start) + 1):
            said = " ".join(words[start : start + length])
            found.update(said.strip(signs) for signs in ("\0", _BRACKETS, _BRACKETS + "."))
    found.update(_parts("".join(words)))
    found.discard("")
    return found


class Names:
    """A fixed set of names, looked for in many texts."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known = {key: name for name in names if (key := plain(name))}
        self._most = max((key.count(" ") + 1 for key in self._known), default=0)

    def found(self, text: str) -> set[str]:
        """The names that stand in the text, as they were given."""
        if not self._known:
            return set()
        return {self._known[p] for p in phrases(text, self._most) if p in self._known}

    def __len__(self) -> int:
        return len(self._known)


def _words(text: str) -> list[str]:
    said = unicodedata.normalize("NFKC", text).replace("\u2060", "").replace("\u00ad", "")
    return _WORD.findall(said.casefold())


def _parts(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        for start in range(len(run)):
            for end in range(start + 2, min(start + MOST_SIGNS, len(run)) + 1):
                yield run[start:end]
