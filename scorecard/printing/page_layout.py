"""Page layout: column widths and type density of packet and owner's page.

They follow from the paper and from how much a page has to contain. Lengths are
typographic points. Heights are estimates, with constants measured on the shipped
templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import ExecutivePacket, Method

SIDE_MARGIN = 45.0
OWNER_SETTINGS = 9
"""The number of densities of the owner's page: 0 is comfortable, 8 the tightest."""
LONG_SIDE = {"A4": 842.0, "Letter": 792.0}
_SHORT_SIDE = {"A4": 595.0, "Letter": 612.0}
_CHART_HEIGHTS = (20.0, 12.0)
"""The height of an owner's charts, at the comfortable and at the tightest density."""
_PAGE_EDGES = 108.0
"""The top and bottom margins of a page together."""
_NOTE_STACKS, _NOTE_LINE, _LEAST_NOTE = 3, 9.0, 8
"""The method note: its columns, a line's height, and the fewest lines worth beginning with."""
_LETTERS_PER_LINE = 74
_SPACE_BETWEEN = 0.4
"""The gap below a method, in lines."""
_LONG_TABLE = 10
"""A table of facts with more than ten rows is set in two halves."""
_BESIDE = 5
"""Up to five strengths and five weaknesses are set side by side; with more, one above the other."""


@dataclass(frozen=True)
class PacketGrid:
    """The columns of a landscape page: one for the metric's name, then one per tier.

    `bars` and `chart` are the widths of a bridge and of a bullet with its process chart;
    `facts_halved` says that the table of facts is set in two halves.
    """

    tiers: int
    label: float
    column: float
    chart: float
    label_narrow: float
    bars: float
    whale: float
    facts_halved: bool
    dense: bool


@dataclass(frozen=True)
class OwnerGrid:
    """An owner's page: how tight its type is set, from 0 to 1, and the size of its charts.

    `stacked` says that strengths are set above weaknesses, each in two columns.
    """

    tight: float
    stacked: bool
    chart: float
    chart_height: float


def packet_grid(doc: ExecutivePacket, dense: bool) -> PacketGrid:
    """The packet's columns; with more than four tiers the column of names is narrower."""
    width = LONG_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN
    tiers = max(len(doc.tiers), 1)
    label = 150.0 if tiers <= 4 else 124.0
    column = round((width - label) / tiers, 2)
    panel = (width - 96.0) / max(len(doc.margin.bridges), 1)
    return PacketGrid(
        tiers=len(doc.tiers),
        label=label,
        column=column,
        chart=round(column - 26, 1),
        label_narrow=96.0,
        bars=round(min(panel * 0.56, 130.0), 1),
        whale=round(width * 0.38, 1),
        facts_halved=len(doc.evidence.tables.rows) > _LONG_TABLE,
        dense=dense,
    )


def owner_grid(doc: OwnerScorecard, density: int) -> OwnerGrid:
    """The owner's two columns at a density from 0 to OWNER_SETTINGS − 1."""
    column = _SHORT_SIDE[doc.heading.paper] / 2 - SIDE_MARGIN - 12
    tight = density / (OWNER_SETTINGS - 1)
    height = round(_interpolated(*_CHART_HEIGHTS, tight), 2)
    return OwnerGrid(tight, _longer_side(doc) > _BESIDE, column, height)


def columns(methods: Sequence[Method], count: int) -> list[list[Method]]:
    """The methods in order, in `count` columns of which the tallest is as low as can be."""
    whole = sum(map(_height, methods))
    room = max([whole / count, *map(_height, methods)])
    while len(stacks := _stacked(methods, room)) > count:
        room += _SPACE_BETWEEN
    return stacks + [[] for _ in range(count - len(stacks))]


def method_parts(doc: ExecutivePacket, grid: PacketGrid) -> list[list[list[Method]]]:
    """The method note in parts, one for each page it is printed on, each in columns.

    It is printed below the evidence if it fits there, else on a page of its own if it
    fits there, else it begins below the evidence and goes on over further pages.
    """
    left, parts = list(doc.evidence.methods), []
    page = (_SHORT_SIDE[doc.heading.paper] - _PAGE_EDGES - 12) / _NOTE_LINE
    room = page - _evidence_height(doc, grid.facts_halved) / _NOTE_LINE
    if not _fits(left, room) and (_fits(left, page) or room < _LEAST_NOTE):
        room = page
    while left:
        count = next((n for n in range(len(left), 1, -1) if _fits(left[:n], room)), 1)
        parts.append(columns(left[:count], _NOTE_STACKS))
        left, room = left[count:], page
    return parts


def _interpolated(comfortable: float, tightest: float, tight: float) -> float:
    return comfortable + (tightest - comfortable) * tight


def _lines(text: str, letters: int) -> int:
    return ceil(len(text) / letters)


def _fits(methods: Sequence[Method], room: float) -> bool:
    stacks = columns(methods, _NOTE_STACKS)
    return max(sum(map(_height, stack)) for stack in stacks) <= room


def _evidence_height(doc: ExecutivePacket, halved: bool) -> float:
    """The estimated height of all that is printed above the method note."""
    page = doc.evidence
    kinds = ((page.chance,), page.standing, page.findings, page.changes)
    said = [texts for texts in kinds if texts]
    letters = 208 // len(said) if halved else 88
    notes = [20 + sum(6.5 + 11.5 * _lines(t, letters) for t in texts) for texts in said]
    rows = len(page.tables.rows)
    title = 66 + 25 * min(_lines(page.sentence, 82), 2)
    if halved:
        return title + 30 + 13.5 * ceil(rows / 2) + 10 + max(notes)
    return title + max(30 + 13.5 * rows, sum(notes) + 10 * len(notes))


def _stacked(methods: Sequence[Method], room: float) -> list[list[Method]]:
    """The methods in order, each column filled up to `room` lines before the next begins."""
    stacks: list[list[Method]] = []
    left = 0.0
    for method in methods:
        if not stacks or _height(method) > left:
            stacks.append([])
            left = room
        stacks[-1].append(method)
        left -= _height(method)
    return stacks


def _height(of: Method) -> float:
    """The estimated height of a method, in lines, with the gap below it."""
    letters = len(of.label) + len(of.text) + len(of.detail)
    return ceil(letters / _LETTERS_PER_LINE) + _SPACE_BETWEEN


def _longer_side(doc: OwnerScorecard) -> int:
    return max(len(doc.strengths), len(doc.weaknesses))
