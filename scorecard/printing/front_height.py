"""The height of a packet's first page: how its contents are set so that they stay on it.

Heights are estimates in typographic points, with constants measured on the shipped templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from scorecard.documents.funding_model import FUNDING
from scorecard.documents.packet_model import ExecutivePacket

BODY = {"A4": 496.0, "Letter": 513.0}
"""The height of a page between its head and its foot."""
WIDTH = {"A4": 1.0, "Letter": 0.93}
"""How much of A4's letters find room in a line."""
_ABOVE, _HEAD, _LEFT_OUT = 63.0, 22.0, 38.0
"""What stands above and below the title, the head of the contents, and that of what is left out."""
_TITLES = ((105, 36.0, 57), (185, 32.0, 66), (10_000, 26.0, 84))
"""Letters up to which a title is set so, the height of its line, and the letters of one."""
_LETTERS_OF_A_NOTE = 100


@dataclass(frozen=True)
class _Size:
    """How contents are set: `beside` says that the page's name stands on the sentence's line."""

    name: str
    line: float
    besides: float
    letters: int
    beside: bool = False


_SIZES = (
    _Size("short", 14.0, 20.5, 82),
    _Size("medium", 12.5, 20.5, 90),
    _Size("long", 11.5, 7.5, 97, beside=True),
)


def contents_size(doc: ExecutivePacket, trends: bool, since: bool, funding: bool = False) -> str:
    """ "short", "medium" or "long": the most comfortable one with which everything stays on the
    first page, or the last where nothing does."""
    lines = [(line.sentence, line.title) for line in doc.contents]
    if trends:
        lines.append((doc.trends_sentence, "Exceptions over time"))
    if since and doc.since is not None:
        lines.append((doc.since.sentence, "What changed since the last packet"))
    if funding and doc.funding is not None:
        lines.append((doc.funding.sentence, FUNDING))
    width = WIDTH[doc.heading.paper]
    room = BODY[doc.heading.paper] - _ABOVE - _HEAD
    room -= _title(doc.sentence, width) + _notes(doc.left_out, width)
    fitting = (s for s in _SIZES if sum(_item(s, *line, width) for line in lines) <= room)
    return next(fitting, _SIZES[-1]).name


def _title(sentence: str, width: float) -> float:
    _most, line, letters = next(t for t in _TITLES if len(sentence) <= t[0])
    return line * ceil(len(sentence) / (letters * width))


def _item(size: _Size, sentence: str, title: str, width: float) -> float:
    letters = len(sentence) + (len(title) if size.beside else 0)
    return size.besides + size.line * max(ceil(letters / (size.letters * width)), 1)


def _notes(lines: Sequence[str], width: float) -> float:
    """What is not measured, below the contents."""
    if not lines:
        return 0.0
    letters = _LETTERS_OF_A_NOTE * width
    return _LEFT_OUT + sum(9.0 + 12.0 * ceil(len(each) / letters) for each in lines)
