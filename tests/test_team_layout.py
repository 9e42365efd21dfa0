from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_team import TEAM, crowded_team, of_one
from sample_variants import on_letter

from scorecard.printing.team_layout import GUTTER, TEAM_SETTINGS, blocks, team_grid


@pytest.mark.parametrize(
    ("owners", "across", "groups"),
    [
        (1, 2, [1]),
        (2, 2, [2]),
        (3, 3, [3]),
        (4, 4, [4]),
        (5, 3, [3, 2]),
        (6, 3, [3, 3]),
        (7, 4, [4, 3]),
        (8, 4, [4, 4]),
        (9, 3, [3, 3, 3]),
    ],
)
def test_owners_stand_in_even_groups_of_four_at_most(owners, across, groups):
    doc = crowded_team(owners, 1)
    grid = team_grid(doc, 0)
    assert grid.across == across
    assert [len(b.heads) for b in blocks(doc, grid)] == groups


@pytest.mark.parametrize(("paper", "width"), [("A4", 842 - 90), ("Letter", 792 - 90)])
def test_columns_and_gutters_fill_the_sheet(paper, width):
    for owners in (1, 3, 4):
        doc = crowded_team(owners, 1)
        grid = team_grid(on_letter(doc) if paper == "Letter" else doc, 0)
        assert grid.across * grid.column + (grid.across - 1) * GUTTER == pytest.approx(width, abs=1)


def test_one_owner_has_the_whole_width_and_fills_it_column_by_column():
    doc = crowded_team(1, 5)
    (block,) = blocks(doc, team_grid(doc, 0))
    assert [span for _member, span in block.heads] == [2]
    labels = [[h and h.label[-2:] for h in row] for row in block.rows]
    assert labels == [["00", "03"], ["01", "04"], ["02", None]]


def test_a_single_stance_stands_in_the_first_column():
    doc = of_one()
    (block,) = blocks(doc, team_grid(doc, 0))
    assert block.rows == ((doc.members[0].held[0], None),)


def test_the_shorter_column_stays_open_below_its_last_stance():
    (block,) = blocks(TEAM, team_grid(TEAM, 0))
    assert [row[1] is None for row in block.rows] == [False] * 4 + [True] * 2


def test_charts_get_lower_and_the_last_setting_has_none():
    heights = [team_grid(TEAM, d).chart_height for d in range(TEAM_SETTINGS)]
    assert heights == sorted(heights, reverse=True)
    assert (heights[-1], heights[-2] > 0) == (0, True)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_no_stance_is_lost_or_moved_to_another_owner(counts: list[int]):
    members = tuple(crowded_team(1, n).members[0] for n in counts)
    doc = replace(TEAM, members=tuple(replace(m, owner=str(i)) for i, m in enumerate(members)))
    found: dict[str, list[str]] = {}
    for block in blocks(doc, team_grid(doc, 0)):
        heads = [m.owner for m, span in block.heads for _ in range(span)]
        for column, owner in enumerate(heads):
            stack = [row[column] for row in block.rows]
            found.setdefault(owner, []).extend(h.label for h in stack if h is not None)
        assert all(h is None for row in block.rows for h in row[len(heads) :])
    assert found == {m.owner: [h.label for h in m.held] for m in doc.members}
