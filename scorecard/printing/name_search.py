"""Names: which of many names stand in a text, as whole words, in time that depends on the text.

A name broken over two lines, written in other case or followed by a comma is
still that name. Scripts without blanks are taken sign by sign, so that a name
is found inside a longer run. Beside full-width letters lines break inside of words
too: see `readings`.

Names too many to be held lie in a database, which finds them by a key: see `keys`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator

MOST_WORDS = 24
"""A longer name is known by its first words; of scripts without blanks each sign is one."""
KEY_LENGTH = 24
"""A name with more letters is looked up by so many, and known by them: it may be cut short."""
BETWEEN = (
    r"[\s!-/:-@\x5b-\x60{-~" + "\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u2000-\u206f\u20a0-\u20cf\u2100-\u2bff\u3000-\u3004\u3008-\u303f\u30fb"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)
"""What a key leaves out of a name, as a pattern for any database."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff"
    "\uac00-\ud7af\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_BETWEEN = re.compile(BETWEEN)
_WIDE = "\uff01-\uff60"
_BROKEN = re.compile(
    rf"(?<=[{_WIDE}])[^\S\n]*\n\s*(?=\w)|(?<=[\w\u0300-\u036f])[^\S\n]*\n\s*(?=[{_WIDE}])"
)
_INVISIBLE = dict.fromkeys(map(ord, "\u2060\u00ad\u200b\ufeff"))
_LOWER = {
    point: small
    for point in range(0x20000)
    if len(small := chr(point).lower()) == 1 and small != chr(point)
} | {0x130: "i"}
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def plain(name: str) -> str:
    """The name as it is compared: lower case, words with one blank between, no punctuation."""
    return " ".join(words(name)[:MOST_WORDS])


def words(text: str, *, as_printed: bool = False) -> list[str]:
    """The words of a text in lower case, or as they are printed."""
    said = _WORD.findall(even(text))
    return said if as_printed else [word.casefold() for word in said]


def standing(text: str) -> Iterator[re.Match[str]]:
    """The words of an even text where they stand."""
    return _WORD.finditer(text)


def even(text: str) -> str:
    """The text with one spelling for each letter: composed, of usual width, nothing invisible."""
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE))


def readings(text: str) -> list[str]:
    """The text in each manner that its full-width lines may be read: parts of words, or words.

    Whatever stands on up to three of them is in one of the readings as it was meant.
    """
    first, *lines = _BROKEN.split(text)
    joined = ((), (0,), (1,), (0, 1)) if lines else ((),)
    return [
        first + "".join(("" if n % 2 in each else "\n") + line for n, line in enumerate(lines))
        for each in joined
    ]


def phrases(text: str, most: int = MOST_WORDS) -> set[str]:
    """Every sequence of up to `most` words of the text."""
    return {
        " ".join(said[start : start + length])
        for said in map(words, readings(text))
        for start in range(len(said))
        for length in range(1, min(most, len(said) - start) + 1)
    }


def keys(text: str) -> dict[str, set[str]]:
    """What names in the text are looked up by: each key with the phrases it was made of.

    A key is a name without what stands between words, in lower case, as
    databases make them: lower(regexp_replace(name, BETWEEN, '')), cut at KEY_LENGTH.
    As some of these know no letters but the Latin ones without accents, there
    is a key for either manner, for letters as they are printed, and for names
    whose accents are signs of their own.
    """
    found: dict[str, set[str]] = {}
    for form in {form for read in readings(text) for form in (read, even(read))}:
        for small in {form.translate(_LOWER), form.translate(_ASCII_LOWER)}:
            for key, phrase in _windows(small):
                found.setdefault(key, set()).add(phrase)
                if not key.isascii():
                    apart = unicodedata.normalize("NFD", key)[:KEY_LENGTH]
                    found.setdefault(apart, set()).add(phrase)
    return found


def known_as(name: str, key: str) -> str:
    """What tells a name that was found by its key from others: its key where that is cut."""
    return key if len(key) >= KEY_LENGTH else plain(name)


def known_in(text: str, most: int = MOST_WORDS) -> set[str]:
    """What all names in the text are known as, among much that is none."""
    return phrases(text, most) | {key for key in keys(text) if len(key) >= KEY_LENGTH}


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

    def __contains__(self, name: str) -> bool:
        return plain(name) in self._known

    def __len__(self) -> int:
        return len(self._known)


def _windows(text: str) -> Iterator[tuple[str, str]]:
    """Every sequence of words that makes a key, with the key.

    What is no word and stays in a key may end a name, or stand behind it.
    """
    matches = list(_WORD.finditer(text))
    said = [" ".join(words(m.group())) for m in matches]
    ends = [*(m.start() for m in matches[1:]), len(text)][: len(matches)]
    own = [_BETWEEN.sub("", m.group()) for m in matches]
    parts = [_BETWEEN.sub("", text[m.start() : end]) for m, end in zip(matches, ends, strict=True)]
    for start in range(len(matches)):
        key = phrase = ""
        for place in range(start, len(matches)):
            phrase = f"{phrase} {said[place]}" if phrase else said[place]
            yield (key + own[place])[:KEY_LENGTH], phrase
            if parts[place] != own[place]:
                yield (key + parts[place])[:KEY_LENGTH], phrase
            key += parts[place]
            if len(key) >= KEY_LENGTH:
                break
