from __future__ import annotations

from dataclasses import replace

from sample_documents import OWNER, PACKET
from sample_variants import crowded_owner, on_letter, six_tiers

from scorecard.printing.page_layout import OWNER_SETTINGS, owner_grid, packet_grid


def test_four_tiers_and_the_name_share_the_sheet_evenly():
    grid = packet_grid(PACKET, dense=False)
    assert (grid.label, grid.column) == (150, 150.5)
    assert grid.label + 4 * grid.column == 842 - 2 * 45


def test_six_tiers_fill_the_same_width():
    grid = packet_grid(on_letter(six_tiers()), dense=False)
    assert round(grid.label + 6 * grid.column, 1) == 792 - 2 * 45


def test_stances_are_stacked_only_when_one_side_is_long():
    assert not owner_grid(crowded_owner(5, 4), 0).stacked
    assert owner_grid(crowded_owner(6, 3), 0).stacked


def test_charts_are_lower_the_tighter_the_page_is_set_and_never_flat():
    heights = [owner_grid(OWNER, d).chart_height for d in range(OWNER_SETTINGS)]
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (20, 12)


def test_a_long_table_of_facts_is_set_in_two_halves():
    assert not packet_grid(PACKET, dense=False).facts_halved
    facts = replace(PACKET.evidence.tables, rows=PACKET.evidence.tables.rows * 3)
    long = replace(PACKET, evidence=replace(PACKET.evidence, tables=facts))
    assert packet_grid(long, dense=False).facts_halved
