"""Team layout: the columns of a team review, in which owners are set side by side.

Lengths are typographic points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scorecard.documents.model import StanceLine
from scorecard.documents.team_model import Member, TeamReview
from scorecard.printing.page_layout import LONG_SIDE, SIDE_MARGIN

CHARTED_PAGES, MOST_TEAM_PAGES = 4, 6
"""A review of over four pages is set without charts; one of over six is an error, but for the page
of what its owners answered and promised, which may come on top."""
MOST_ACROSS = 4
"""Columns on a page; more would be too narrow for a metric's name, figure and verdict."""
TEAM_SETTINGS = 4
"""The number of densities of a review: 0 is comfortable, 3 the tightest, without charts."""
GUTTER = 20.0
"""The space between columns."""
_CHART_HEIGHTS = (12.0, 10.5, 9.0, 0.0)
"""By density."""
_INDENT, _BESIDE = 14.0, 0.46
"""The indent of a stance for its mark, and the share of a wide column that its figure takes."""


@dataclass(frozen=True)
class TeamGrid:
    """`across` columns of the width `column`; `chart_height` is 0 where no charts are drawn.

    `wide` columns have the figure and its charts beside the words, narrow ones
    between them. `tight` is 0 at the comfortable density and 1 at the tightest.
    """

    across: int
    column: float
    wide: bool
    chart: float
    chart_height: float
    tight: float


@dataclass(frozen=True)
class Block:
    """Owners that are set side by side.

    `heads` are the owners, each with the number of columns below the name; `rows` are
    stances, one per column, None below the last one of a shorter column.
    """

    heads: tuple[tuple[Member, int], ...]
    rows: tuple[tuple[StanceLine | None, ...], ...]


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


def most_team_pages(doc: TeamReview) -> int:
    """How many pages the review may have at most."""
    return MOST_TEAM_PAGES + (1 if doc.record else 0)


def blocks(doc: TeamReview, grid: TeamGrid) -> list[Block]:
    """The owners in their order, as many in each block as there are columns.

    A single owner has all columns. Columns left over in the last block stay empty.
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
    """The number of columns, from 2 to MOST_ACROSS, by which the blocks are filled most evenly."""
    if owners <= 2:
        return 2
    blocks_needed = -(-owners // MOST_ACROSS)
    return -(-owners // blocks_needed)


def _parted(stances: Sequence[StanceLine], count: int) -> list[Sequence[StanceLine]]:
    each = -(-len(stances) // count)
    return [stances[i * each : (i + 1) * each] for i in range(count)]


def _rows(
    stacks: Sequence[Sequence[StanceLine]], across: int
) -> tuple[tuple[StanceLine | None, ...], ...]:
    """The columns transposed into rows of `across` places."""
    longest = max(map(len, stacks))
    padded = [*stacks, *([()] * (across - len(stacks)))]
    return tuple(
        tuple(stack[i] if i < len(stack) else None for stack in padded) for i in range(longest)
    )
