"""Name search: which of many names occur in a text, however they are printed.

The time depends on the length of the text, not on the number of names. A name is found when it is
broken over two lines, written in another case or followed by a comma, and in the disguises of
`name_match`.

Names that are too many for memory stay in a database and are found by a key: see `keys`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from scorecard.printing.confusables import disguised, keyed, shape
from scorecard.printing.name_match import CUT_LEAST, MOST_WORDS, is_begun, is_named
from scorecard.printing.words import BETWEEN, GAP, WORD, even, readings, words

KEY_LENGTH = 24
"""Only the first 24 letters of a longer name are compared, since it may be printed cut short."""
STEMS = (24, 20, 16, 12, 9, CUT_LEAST)
"""By so many letters a name that was cut short is looked up: by as many as are left of it."""
_CUT = re.compile(r"…|\.\.\.")
_BEFORE_A_CUT = 200
"""Characters before an ellipsis in which the name that it cuts has to begin."""
_BETWEEN = re.compile(BETWEEN)
_BLANKS = ("", " ", ", ", "\n")
"""What most often stands between two words; keys leave it out."""
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


def phrases(text: str, most: int = MOST_WORDS) -> set[str]:
    """Every sequence of up to `most` words of the text, in lower case."""
    return {
        " ".join(found[start : start + length])
        for found in map(words, readings(text))
        for start in range(len(found))
        for length in range(1, min(most, len(found) - start) + 1)
    }


def keys(text: str) -> dict[str, set[str]]:
    """The keys of all names that the text may contain, each with the phrases it was made of, as
    they are printed.

    A key is a name in lower case without white space and punctuation, with one letter for those
    that look alike, cut at KEY_LENGTH. A database makes it by lower(regexp_replace(name, BETWEEN,
    '')), and the replacements of `confusables.replaced`, and "m" for "rn". Databases differ:
    some lower only A to Z, and none normalises. So each phrase yields keys in either
    lower case, as printed and normalised, with accents composed and as separate marks; and one of
    the letters that its own look like.
    """
    found: dict[str, set[str]] = {}
    for read in readings(text):
        first: list[_Token] | None = None
        printed = even(read)
        forms = dict.fromkeys(((read, False), (printed, False), (printed, True)))
        if disguised(printed) == printed:
            del forms[printed, True]
        for form, as_looks in forms:
            both = form.translate(_LOWER) != form.translate(_ASCII_LOWER)
            for ascii_only in (False, True) if both else (True,):
                tokens = _tokens(form, ascii_only, as_looks)
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


def cuts(text: str) -> dict[str, set[str]]:
    """The beginnings of names that are cut short by an ellipsis, as keys of one of the lengths in
    STEMS, each with the phrases that it was made of, as they are printed."""
    found: dict[str, set[str]] = {}
    for read in readings(text):
        for cut in _CUT.finditer(read):
            before = read[max(cut.start() - _BEFORE_A_CUT, 0) : cut.start()]
            if not before[-1:].strip() or _BETWEEN.fullmatch(before[-1:]):
                continue
            for phrase in _ending(even(before)):
                for form in dict.fromkeys((phrase, disguised(phrase))):
                    key = _key(form)
                    length = next((n for n in STEMS if n <= len(key)), 0)
                    if length:
                        found.setdefault(key[:length], set()).add(phrase)
    return found


def _ending(text: str) -> Iterator[str]:
    """The last word of a text, the last two, and so on."""
    printed = words(text, as_printed=True)
    for start in range(len(printed) - 1, max(len(printed) - MOST_WORDS, 0) - 1, -1):
        yield " ".join(printed[start:])


def _key(name: str) -> str:
    return keyed(_bare(name.translate(_LOWER))).replace("rn", "m")


class KnownIn:
    """The `known_in` of many texts together, to look for few names in it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = list(texts)

    def __contains__(self, known: str) -> bool:
        if f" {known} " in self._words:
            return True
        # `known` is in lower case; some letters look like others in one case only.
        if any(f" {_looks(each)} " in self._shapes for each in (known, known.upper())):
            return True
        return len(known) >= KEY_LENGTH and known in self._long_keys

    @cached_property
    def _printed(self) -> list[list[str]]:
        return [
            words(reading, as_printed=True) for text in self._texts for reading in readings(text)
        ]

    @cached_property
    def _words(self) -> str:
        return "\n".join(f" {' '.join(w.casefold() for w in read)} " for read in self._printed)

    @cached_property
    def _shapes(self) -> str:
        forms = (each for read in self._printed for each in (read, [w.lower() for w in read]))
        return "\n".join(f" {' '.join(map(shape, form))} " for form in forms)

    @cached_property
    def _long_keys(self) -> set[str]:
        return {key for text in self._texts for key in keys(text) if len(key) >= KEY_LENGTH}


def _looks(known: str) -> str:
    return " ".join(map(shape, known.split()))


def _solid(name: str) -> str:
    """What the words of a name look like, in a row."""
    return "".join(map(shape, words(name, as_printed=True)[:MOST_WORDS]))


class Solid:
    """A text without the gaps between its words, to see which long names stand in it in full."""

    def __init__(self, text: str) -> None:
        self._rows: list[tuple[str, set[int]]] = []
        for read in readings(text):
            looks = [shape(word) for word in words(read, as_printed=True)]
            self._rows.append(("".join(looks), {0, *accumulate(map(len, looks))}))

    def has(self, name: str) -> bool:
        """Whether whole words of it have all letters of the name, in any of its cases."""
        forms = {_solid(each) for each in (name, name.lower(), name.upper())}
        return any(self._stands(form, *row) for form in forms for row in self._rows)

    @staticmethod
    def _stands(form: str, row: str, edges: set[int]) -> bool:
        start = row.find(form)
        while start >= 0:
            if start in edges and start + len(form) in edges:
                return True
            start = row.find(form, start + 1)
        return False


class Names:
    """A fixed set of names, to search many texts for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._plain = {key: name for name in names if (key := plain(name))}
        self._known: dict[str, list[str]] = {}
        for name in self._plain.values():
            # Some letters look like others in one case only.
            for looks in {_solid(each) for each in (name, name.lower(), name.upper())}:
                self._known.setdefault(looks, []).append(name)
        self._sorted = sorted(self._known)
        self._longest = max(map(len, self._known), default=0)

    def found(self, text: str) -> set[str]:
        """The names that occur in the text, as they were given."""
        if not self._known:
            return set()
        found = {name for read in readings(text) for name in self._named(read)}
        return found | {name for each in cuts(text).values() for name in self._begun(each)}

    def _named(self, text: str) -> Iterator[str]:
        printed = words(text, as_printed=True)
        looks = [shape(word) for word in printed]
        for start in range(len(printed)):
            whole = ""
            for end in range(start, min(start + self._longest, len(printed))):
                whole += looks[end]
                if len(whole) > self._longest or printed[end] == GAP:
                    break
                if whole in self._known:
                    phrase = " ".join(printed[start : end + 1])
                    yield from (n for n in self._known[whole] if is_named(n, phrase))

    def _begun(self, phrases: Iterable[str]) -> Iterator[str]:
        for phrase in phrases:
            left = _solid(phrase)
            for place in range(bisect_left(self._sorted, left), len(self._sorted)):
                if not self._sorted[place].startswith(left):
                    break
                yield from (n for n in self._known[self._sorted[place]] if is_begun(n, phrase))

    def __contains__(self, name: str) -> bool:
        return plain(name) in self._plain

    def __len__(self) -> int:
        return len(self._plain)


class _Token(NamedTuple):
    """A word as it is printed, as it stands in a key, and so with what follows it."""

    printed: str
    own: str
    part: str


def _tokens(text: str, ascii_only: bool, as_looks: bool) -> list[_Token]:
    """The words of a text: of either lower case, in the letters that its own look like or not."""
    matches = list(WORD.finditer(text))
    ends = [*(m.start() for m in matches[1:]), len(text)][: len(matches)]
    found = []
    for match, end in zip(matches, ends, strict=True):
        own, gap = _own(match.group(), ascii_only, as_looks), text[match.end() : end]
        part = own if gap in _BLANKS else own + _own(gap, ascii_only, False)
        found.append(_Token(_evened(match.group()), own, part))
    return found


@lru_cache(1 << 16)
def _evened(word: str) -> str:
    return even(word)


@lru_cache(1 << 17)
def _own(text: str, ascii_only: bool, as_looks: bool) -> str:
    """A piece of text as it stands in a key."""
    looks = disguised(text) if as_looks else text
    return keyed(_bare(looks.translate(_ASCII_LOWER if ascii_only else _LOWER)))


@lru_cache(1 << 16)
def _bare(text: str) -> str:
    """A piece of text without what keys leave out; "ß" is "ss", as it is in capitals."""
    return _BETWEEN.sub("", text).replace("ß", "ss").replace("ẞ", "ss")


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
        if other >= start + 2 * KEY_LENGTH:
            continue
        key = phrase = ""
        for place in range(start, len(tokens)):
            printed, own, part = tokens[place]
            if printed == GAP:
                break
            phrase = f"{phrase} {printed}" if phrase else printed
            if place >= other:
                yield _cut(key + own), phrase
                if part != own:
                    yield _cut(key + part), phrase
            key += part
            # "rn" counts as one letter.
            if len(key) - key.count("rn") >= KEY_LENGTH:
                break


def _cut(key: str) -> str:
    return (key.replace("rn", "m") if "rn" in key else key)[:KEY_LENGTH]


def _next_others(tokens: Sequence[_Token], known: Sequence[_Token] | None) -> list[int]:
    """For each word, the place of the next that is not the known one, itself included."""
    if known is None or len(known) != len(tokens):
        return list(range(len(tokens)))
    found, next_ = [], len(tokens) + 2 * KEY_LENGTH
    for place in range(len(tokens) - 1, -1, -1):
        if tokens[place] != known[place]:
            next_ = place
        found.append(next_)
    return found[::-1]
