"""Columns: how a team's owners stand side by side on a page.

Lengths are typographic points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scorecard.documents.packet_model import Held
from scorecard.documents.review_model import Member, TeamReview
from scorecard.printing.page_layout import LONG_SIDE, SIDE_MARGIN

CHARTED_PAGES, MOST_TEAM_PAGES = 4, 6
"""A review of more than so many pages goes without charts, and none is longer than so many."""
MOST_ACROSS = 4
"""So many columns still hold a metric's name, its figure and its verdict."""
TEAM_SETTINGS = 4
"""Densities of a review: 0 the comfortable one, the last without charts."""
GUTTER = 20.0
_CHART_HEIGHTS = (12.0, 10.5, 9.0, 0.0)
_INDENT, _BESIDE = 14.0, 0.46
"""Of a stance: what its mark hangs into, and in a wide column the part that its figure takes."""


@dataclass(frozen=True)
class TeamGrid:
    """So many columns of that width; `chart_height` is 0 where no charts are drawn.

    `wide` columns have the figure and its charts beside the words, others
    between them. `tight` runs from 0, the comfortable setting, to 1.
    """

    across: int
    column: float
    wide: bool
    chart: float
    chart_height: float
    tight: float


@dataclass(frozen=True)
class Block:
    """Owners beside one another: each with the number of columns under the name, and rows of
    stances, one per column, None below a shorter column's last."""

    heads: tuple[tuple[Member, int], ...]
    rows: tuple[tuple[Held | None, ...], ...]


def team_grid(doc: TeamReview, density: int) -> TeamGrid:
    """The review's columns at a density from 0 to TEAM_SETTINGS − 1."""
    across = _across(len(doc.members))
    width = LONG_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN - GUTTER * (across - 1)
    column = round(width / across, 2)
    wide, inner = across == 2, column - _INDENT
    chart = inner * _BESIDE if wide else inner
    return TeamGrid(
        across,
        column,
        wide,
        round(chart, 1),
        _CHART_HEIGHTS[density],
        density / (TEAM_SETTINGS - 1),
    )


def blocks(doc: TeamReview, grid: TeamGrid) -> list[Block]:
    """The owners in their order, as many beside one another as there are columns.

    One alone has all columns; what is left open in the last block stays open.
    """
    if len(doc.members) == 1:
        (only,) = doc.members
        return [Block(((only, grid.across),), _rows(_parted(only.held, grid.across), grid.across))]
    groups = [doc.members[i : i + grid.across] for i in range(0, len(doc.members), grid.across)]
    return [
        Block(tuple((m, 1) for m in group), _rows([m.held for m in group], grid.across))
        for group in groups
    ]


def _across(owners: int) -> int:
    """Two or three columns where these do; in several blocks, as even ones as can be."""
    if owners <= 2:
        return 2
    fewest = -(-owners // MOST_ACROSS)
    return -(-owners // fewest)


def _parted(held: Sequence[Held], count: int) -> list[Sequence[Held]]:
    each = -(-len(held) // count)
    return [held[i * each : (i + 1) * each] for i in range(count)]


def _rows(stacks: Sequence[Sequence[Held]], across: int) -> tuple[tuple[Held | None, ...], ...]:
    """The stacks turned into rows of `across` places."""
    longest = max(map(len, stacks))
    open_stacks = [*stacks, *([()] * (across - len(stacks)))]
    return tuple(
        tuple(stack[i] if i < len(stack) else None for stack in open_stacks) for i in range(longest)
    )
