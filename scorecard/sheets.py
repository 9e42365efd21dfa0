"""Sheets: the columns of a page, by its paper and by how much it has to hold.

Lengths are typographic points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from scorecard.document import ExecutivePacket, Method, OwnerScorecard

SIDE_MARGIN = 45.0
OWNER_SETTINGS = 4
"""Densities of the owner's page, 0 the comfortable one."""
_LONG_SIDE = {"A4": 842.0, "Letter": 792.0}
_SHORT_SIDE = {"A4": 595.0, "Letter": 612.0}
_LETTERS_PER_LINE = 54
_SPACE_BETWEEN = 0.5
"""Lines left open below a method."""
_BESIDE = 5
"""With more stances on one side, the sides stand above each other in two columns each."""


@dataclass(frozen=True)
class PacketGrid:
    """The columns of a landscape page: one for the metric's name, then one per tier.

    `bars` and `chart` are the widths of a bridge and of a bullet with its process chart.
    """

    tiers: int
    label: float
    column: float
    chart: float
    label_narrow: float
    bars: float
    whale: float
    dense: bool


@dataclass(frozen=True)
class OwnerGrid:
    """An owner's page: whether the sides are stacked, and the size of its charts."""

    density: int
    stacked: bool
    chart: float
    chart_height: float


def packet_grid(doc: ExecutivePacket, dense: bool) -> PacketGrid:
    """The packet's columns; above four tiers the name's column gives way."""
    width = _LONG_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN
    tiers = max(len(doc.tiers), 1)
    label = 150.0 if tiers <= 4 else 124.0
    column = round((width - label) / tiers, 2)
    panel = (width - 96.0) / max(len(doc.margin.bridges), 1)
    return PacketGrid(
        tiers=len(doc.tiers), label=label, column=column, chart=round(column - 26, 1),
        label_narrow=96.0, bars=round(min(panel * 0.56, 130.0), 1),
        whale=round(width * 0.38, 1), dense=dense,
    )  # fmt: skip


def owner_grid(doc: OwnerScorecard, density: int) -> OwnerGrid:
    """The owner's two columns at a density from 0 to 3."""
    column = _SHORT_SIDE[doc.heading.paper] / 2 - SIDE_MARGIN - 12
    return OwnerGrid(density, _longer(doc) > _BESIDE, column, (17.0, 14.0, 11.0, 9.0)[density])


def columns(methods: Sequence[Method], count: int) -> list[list[Method]]:
    """The methods in order, in `count` stacks of which the tallest is as low as can be."""
    whole = sum(map(_height, methods))
    room = max([whole / count, *map(_height, methods)])
    while len(stacks := _stacked(methods, room)) > count:
        room += _SPACE_BETWEEN
    return stacks + [[] for _ in range(count - len(stacks))]


def first_setting(doc: OwnerScorecard) -> int:
    """The density to try first, by how many stances stand below each other."""
    if _longer(doc) > _BESIDE:
        return 2
    return max(_longer(doc) - 3, 0)


def _stacked(methods: Sequence[Method], room: float) -> list[list[Method]]:
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
    """In lines."""
    letters = len(of.label) + len(of.text) + len(of.detail)
    return ceil(letters / _LETTERS_PER_LINE) + _SPACE_BETWEEN


def _longer(doc: OwnerScorecard) -> int:
    return max(len(doc.strengths), len(doc.weaknesses))
