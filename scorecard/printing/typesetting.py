"""Typesetting: how words are kept together, and how many lines they will need.

Widths are those of the shipped fonts, and about right. Lengths are typographic points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf
from pathlib import Path
from typing import Any, Literal

from fontTools.ttLib import TTFont

from scorecard.project.scaffold import room

FontName = Literal["SourceSans3-Regular", "SourceSans3-Semibold", "SourceSerif4-Regular"]
SANS: FontName = "SourceSans3-Regular"
BOLD: FontName = "SourceSans3-Semibold"
SERIF: FontName = "SourceSerif4-Regular"

_SHORT_ENDING = 16
"""Letters that the words of a line's end may have together."""
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_PARTS = re.compile(rf"[{_WIDE}]|[^ {_WIDE}-]*-+|[^ {_WIDE}-]+| +")
"""What a line may be broken between: words, parts that end in a hyphen, ideographs; and spaces."""
_KERNED = 0.995
"""What kerning leaves of a text's width, about."""
_FULL, _USUAL = 1.0, 0.55
"""The width in ems of a letter that the font does not have: of an ideograph, and of another."""


@dataclass(frozen=True)
class Type:
    """A font in a size, set on lines of a height."""

    font: FontName
    size: float
    line: float

    @property
    def above(self) -> float:
        """How far a line reaches above the foot of its letters."""
        return self.line / 2 + _raised(self.font) * self.size

    @property
    def below(self) -> float:
        return self.line - self.above


def joined(text: str) -> str:
    """Keep a minus sign on the line of the amount that it belongs to."""
    return re.sub(r"−(?=\D)", "−\u2060", text)


def ended(text: str) -> str:
    """Keep the last short words together, so that none of them stands alone on a line."""
    words = text.split(" ")
    last = words.pop()
    while words and len(words[-1]) + len(last) < _SHORT_ENDING:
        last = f"{words.pop()}\u00a0{last}"
    return " ".join([*words, last])


def unbroken(value: Any) -> Any:
    """Keep "over-served" on one line: it is the only verdict that has a hyphen."""
    return value.replace("-served", "-\u2060served") if isinstance(value, str) else value


def phrases(text: str) -> tuple[str, str]:
    """A verdict's words and what stands behind them: a reason after a colon, or a bracket."""
    head, mark, rest = text.partition(": ")
    if mark:
        return f"{head}:", rest
    head, mark, rest = text.partition(" (")
    return head, f"({rest}" if mark else ""


def width(text: str, of: Type) -> float:
    """The width of a text on one line."""
    return of.size * _KERNED * _ems(text, of.font)


@lru_cache(4096)
def _ems(text: str, font: FontName) -> float:
    advances = _advances(font)
    return sum(advances[ord(c)] if ord(c) in advances else _unknown(c) for c in text)


def lines(text: str, of: Type, room: float, begin: float = 0.0) -> int:
    """The number of lines that a text fills in a column; `begin` of its first is taken."""
    return _lines(((part, width(part, of)) for part in _PARTS.findall(text)), room, begin)


def whole_lines(widths: list[float], room: float) -> int:
    """The number of lines that pieces fill which are never broken."""
    return _lines((("x", each) for each in widths), room, 0.0)


def _lines(parts: Iterator[tuple[str, float]], room: float, begin: float) -> int:
    count, at, space = 0, begin or inf, 0.0
    for part, long in parts:
        if part.isspace():
            space = long
        elif at + space + long <= room:
            at, space = at + space + long, 0.0
            count = max(count, 1)
        else:
            count, at, space = count + 1, long, 0.0
            if begin and count == 1:
                count = 2
    return count


def _unknown(letter: str) -> float:
    if letter in "\u2060\u00ad\u200b":
        return 0.0
    return _FULL if ord(letter) >= 0x2E80 else _USUAL


@cache
def _advances(font: FontName) -> dict[int, float]:
    """The width of each letter of a font, in ems."""
    with _opened(font) as read:
        widths, em = read["hmtx"].metrics, read["head"].unitsPerEm
        return {point: widths[name][0] / em for point, name in read.getBestCmap().items()}


@cache
def _raised(font: FontName) -> float:
    """How far the middle of a letter's box stands above its foot, in ems."""
    with _opened(font) as read:
        return float((read["hhea"].ascent + read["hhea"].descent) / 2 / read["head"].unitsPerEm)


def _opened(font: FontName) -> TTFont:
    return TTFont(Path(room("templates")) / "fonts" / f"{font}.ttf", lazy=True)
