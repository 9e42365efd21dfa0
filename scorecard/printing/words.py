"""Words: the words of a text as names are made of them, whatever it was broken into.

In scripts without spaces each character counts as a word, so that a name is found inside a longer
run. Next to full-width letters a line may also break inside a word: see `readings`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

GAP = "\ue000"
"""A word that stands between two texts that are not printed one after the other; it is in no
name."""
_IGNORED = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Unicode's default-ignorable code points, from first to last: joiners of Persian, Hindi and
Sinhala, marks of direction, variation selectors, fillers, soft hyphens, blanks without width."""
BETWEEN = (
    r"[\s!-/:-@\x5b-\x60{-~"
    "\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    "\u2000-\u206f\u20a0-\u20cf\u2100-\u2bff\u3000-\u3004\u3008-\u303f\u30fb"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    f"{''.join(f'{chr(first)}-{chr(last)}' for first, last in _IGNORED if first > 0xFF)}]+"
)
"""White space, punctuation and what is not seen, which keys leave out, as a pattern that all
databases know.

Its ranges are spelt out, since databases differ in what \\W and [:punct:] mean.
"""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff"
    "\uac00-\ud7af\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese and Korean characters."""
WORD = re.compile(rf"[{GAP}{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_WIDE = "\uff01-\uff60"
_BROKEN = re.compile(
    rf"(?<=[{_WIDE}])[^\S\n]*\n\s*(?=\w)|(?<=[\w\u0300-\u036f])[^\S\n]*\n\s*(?=[{_WIDE}])"
)
"""A line break beside a full-width character, which may or may not be inside of a word."""
_LEFTWARD = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RIGHT_TO_LEFT = re.compile(f"[{_LEFTWARD}]")
_LEFTWARDS = re.compile(rf"[^\s]*[{_LEFTWARD}][^\s]*(?:\s+[^\s]*[{_LEFTWARD}][^\s]*)+")
"""Several words in a row that are written from right to left."""
_INVISIBLE = dict.fromkeys(p for first, last in _IGNORED for p in range(first, last + 1))


def words(text: str, *, as_printed: bool = False) -> list[str]:
    """The words of a text in lower case, or as they are printed."""
    printed: list[str] = WORD.findall(even(text))
    return printed if as_printed else [word.casefold() for word in printed]


def standing(text: str) -> Iterator[re.Match[str]]:
    """The words of a text that `even` returned, with their positions."""
    return WORD.finditer(text)


def even(text: str) -> str:
    """The text normalised by NFKC (letters composed, of usual width), without invisible ones."""
    return unicodedata.normalize("NFKC", text.translate(_INVISIBLE))


def apart(texts: Iterable[str]) -> str:
    """The texts as one, in which no name goes from one to the next."""
    return f"\n{GAP}\n".join(texts)


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
