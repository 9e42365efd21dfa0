"""Name search: which of many names occur in a text, as whole words.

The time depends on the length of the text, not on the number of names. A name is
found when it is broken over two lines, written in another case or followed by a
comma. In scripts without spaces each character counts as a word, so that a name is
found inside a longer run. Next to full-width letters a line may also break inside
a word: see `readings`.

Names that are too many for memory stay in a database and are found by a key: see `keys`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

MOST_WORDS = 24
"""Only the first 24 words of a longer name are compared."""
KEY_LENGTH = 24
"""Only the first 24 letters of a longer name are compared, since it may be printed cut short."""
BETWEEN = (
    r"[\s!-/:-@\x5b-\x60{-~"
    "\u034f\u061c\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
    "\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u2000-\u206f\u20a0-\u20cf\u2100-\u2bff\u3000-\u3004\u3008-\u303f\u30fb"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)
"""White space and punctuation, which keys leave out, as a pattern that all databases know.

Its ranges are spelt out, since databases differ in what \\W and [:punct:] mean.
"""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff"
    "\uac00-\ud7af\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_BETWEEN = re.compile(BETWEEN)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean characters."""
_WIDE = "\uff01-\uff60"
_BROKEN = re.compile(
    rf"(?<=[{_WIDE}])[^\S\n]*\n\s*(?=\w)|(?<=[\w\u0300-\u036f])[^\S\n]*\n\s*(?=[{_WIDE}])"
)
"""A line break beside a full-width character, which may or may not be inside of a word."""
_LEFTWARD = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RIGHT_TO_LEFT = re.compile(f"[{_LEFTWARD}]")
_LEFTWARDS = re.compile(rf"[^\s]*[{_LEFTWARD}][^\s]*(?:\s+[^\s]*[{_LEFTWARD}][^\s]*)+")
"""Several words in a row that are written from right to left."""
_INVISIBLE = dict.fromkeys(
    point
    for first, last in (
        *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x17B4, 0x17B5), (0x180B, 0x180F)),
        *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F)),
        *((0xFEFF, 0xFEFF), (0xE0100, 0xE01EF)),
    )
    for point in range(first, last + 1)
)
"""Letters that are not seen: joiners of Persian, Hindi and Sinhala, marks of direction, variation
selectors, soft hyphens and blanks without width. Names are compared without them."""
_LOWER = {
    point: small
    for point in range(0x20000)
    if len(small := chr(point).lower()) == 1 and small != chr(point)
} | {0x130: "i"}
"""Lower case letter by letter, as databases have it: "İ" is "i", and no letter becomes two."""
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def plain(name: str) -> str:
    """The name for comparison: words in lower case with one space between, no punctuation."""
    return " ".join(words(name)[:MOST_WORDS])


def words(text: str, *, as_printed: bool = False) -> list[str]:
    """The words of a text in lower case, or as they are printed."""
    printed = _WORD.findall(even(text))
    return printed if as_printed else [word.casefold() for word in printed]


def standing(text: str) -> Iterator[re.Match[str]]:
    """The words of a text that `even` returned, with their positions."""
    return _WORD.finditer(text)


def even(text: str) -> str:
    """The text normalised by NFKC (letters composed, of usual width), without invisible ones."""
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE))


def readings(text: str) -> list[str]:
    """The text with breaks of full-width lines kept, and removed: one text for each reading.

    A break may be inside a word or between two. Every other break is treated alike, so
    that lines are joined with and without the break, for any name on up to three lines.
    Words that are written from right to left are read in either order: within a line of
    others a PDF has them from left to right.
    """
    broken = _with_and_without_breaks(text)
    if not _RIGHT_TO_LEFT.search(text):
        return broken
    return [*broken, *(_LEFTWARDS.sub(_turned, each) for each in broken)]


def written_leftwards(text: str) -> bool:
    """Whether some of it is written from right to left, as Arabic and Hebrew are."""
    return _RIGHT_TO_LEFT.search(text) is not None


def _turned(run: re.Match[str]) -> str:
    return " ".join(reversed(run.group().split()))


def _with_and_without_breaks(text: str) -> list[str]:
    first, *lines = _BROKEN.split(text)
    joined = ((), (0,), (1,), (0, 1)) if lines else ((),)
    return [
        first + "".join(("" if n % 2 in each else "\n") + line for n, line in enumerate(lines))
        for each in joined  # the parities of the breaks that are removed
    ]


def phrases(text: str, most: int = MOST_WORDS) -> set[str]:
    """Every sequence of up to `most` words of the text."""
    return {
        " ".join(found[start : start + length])
        for found in map(words, readings(text))
        for start in range(len(found))
        for length in range(1, min(most, len(found) - start) + 1)
    }


def keys(text: str) -> dict[str, set[str]]:
    """The keys of all names that the text may contain, each with the phrases it was made of.

    A key is a name in lower case without white space and punctuation, cut at KEY_LENGTH.
    A database makes it by lower(regexp_replace(name, BETWEEN, '')). Databases differ:
    some lower only A to Z, and none normalises. So each phrase yields keys in either
    lower case, as printed and normalised, with accents composed and as separate marks.
    """
    found: dict[str, set[str]] = {}
    for read in readings(text):
        first: list[_Token] | None = None
        for form in dict.fromkeys((read, even(read))):
            for small in dict.fromkeys((form.translate(_LOWER), form.translate(_ASCII_LOWER))):
                tokens = _tokens(small)
                for key, phrase in _windows(tokens, first):
                    found.setdefault(key, set()).add(phrase)
                    if not key.isascii():
                        apart = unicodedata.normalize("NFD", key)[:KEY_LENGTH]
                        found.setdefault(apart, set()).add(phrase)
                first = first or tokens
    return found


def known_as(name: str, key: str) -> str:
    """By what a name found by `key` is compared: the key where it is cut, else the plain name."""
    return key if len(key) >= KEY_LENGTH else plain(name)


def known_in(text: str, most: int = MOST_WORDS) -> set[str]:
    """All phrases of the text, and its long keys: `known_as` of any name in it is one of them."""
    return phrases(text, most) | {key for key in keys(text) if len(key) >= KEY_LENGTH}


class KnownIn:
    """The `known_in` of many texts together, to look for few names in it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = list(texts)

    def __contains__(self, known: str) -> bool:
        if f" {known} " in self._words:
            return True
        return len(known) >= KEY_LENGTH and known in self._long_keys

    @cached_property
    def _words(self) -> str:
        read = (reading for text in self._texts for reading in readings(text))
        return "\n".join(f" {' '.join(words(reading))} " for reading in read)

    @cached_property
    def _long_keys(self) -> set[str]:
        return {key for text in self._texts for key in keys(text) if len(key) >= KEY_LENGTH}


class Names:
    """A fixed set of names, to search many texts for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known = {key: name for name in names if (key := plain(name))}
        self._most = max((key.count(" ") + 1 for key in self._known), default=0)

    def found(self, text: str) -> set[str]:
        """The names that occur in the text, as they were given."""
        if not self._known:
            return set()
        return {self._known[p] for p in phrases(text, self._most) if p in self._known}

    def __contains__(self, name: str) -> bool:
        return plain(name) in self._known

    def __len__(self) -> int:
        return len(self._known)


class _Token(NamedTuple):
    """A word as it is compared, as it stands in a key, and so with what follows it."""

    plain: str
    own: str
    part: str


def _tokens(text: str) -> list[_Token]:
    matches = list(_WORD.finditer(text))
    ends = [*(m.start() for m in matches[1:]), len(text)][: len(matches)]
    return [
        _Token(_plain_word(m.group()), own := _bare(m.group()), own + _bare(text[m.end() : end]))
        for m, end in zip(matches, ends, strict=True)
    ]


@lru_cache(1 << 16)
def _plain_word(word: str) -> str:
    return " ".join(words(word))


@lru_cache(1 << 16)
def _bare(text: str) -> str:
    """A piece of text without what keys leave out."""
    return _BETWEEN.sub("", text)


def _windows(
    tokens: Sequence[_Token], known: Sequence[_Token] | None = None
) -> Iterator[tuple[str, str]]:
    """(key, phrase) of every sequence of words, up to the length of a key.

    A character that is neither a word nor left out of keys, such as a combining mark,
    may end the name or follow it: such a sequence yields a key with it and one without.
    Of another form of a text that is `known`, only the sequences that have another word.
    """
    upcoming = _next_others(tokens, known)
    for start in range(len(tokens)):
        other = upcoming[start]
        if other >= start + KEY_LENGTH:
            continue
        key = phrase = ""
        for place in range(start, len(tokens)):
            plain, own, part = tokens[place]
            phrase = f"{phrase} {plain}" if phrase else plain
            if place >= other:
                yield (key + own)[:KEY_LENGTH], phrase
                if part != own:
                    yield (key + part)[:KEY_LENGTH], phrase
            key += part
            if len(key) >= KEY_LENGTH:
                break


def _next_others(tokens: Sequence[_Token], known: Sequence[_Token] | None) -> list[int]:
    """For each word, the place of the next that is not the known one, itself included."""
    if known is None or len(known) != len(tokens):
        return list(range(len(tokens)))
    found, next_ = [], len(tokens) + KEY_LENGTH
    for place in range(len(tokens) - 1, -1, -1):
        if tokens[place] != known[place]:
            next_ = place
        found.append(next_)
    return found[::-1]
