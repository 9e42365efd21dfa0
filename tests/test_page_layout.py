from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sample_documents import OWNER, PACKET
from sample_variants import crowded_owner, on_letter, six_tiers

from scorecard.documents.packet_model import ExecutivePacket, Method
from scorecard.printing.page_layout import (
    OWNER_SETTINGS,
    columns,
    method_parts,
    owner_grid,
    packet_grid,
)


def method(label: str, letters: int) -> Method:
    return Method(label, "x" * letters, "")


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


def test_methods_fill_columns_of_even_height_in_their_order():
    four = [method(name, 40) for name in "abcd"]
    assert [[m.label for m in stack] for stack in columns(four, 2)] == [["a", "b"], ["c", "d"]]
    long_first = [method("a", 400), method("b", 40), method("c", 40)]
    assert [[m.label for m in stack] for stack in columns(long_first, 2)] == [["a"], ["b", "c"]]
    long_second = [method("a", 40), method("b", 400), method("c", 40)]
    assert [[m.label for m in stack] for stack in columns(long_second, 2)] == [["a", "b"], ["c"]]


def test_no_methods_leave_the_columns_empty():
    assert columns([], 4) == [[], [], [], []]


def note(count: int, letters: int) -> ExecutivePacket:
    """A packet whose evidence page holds that many methods of that length."""
    methods = tuple(method(str(i), letters) for i in range(count))
    return replace(PACKET, evidence=replace(PACKET.evidence, methods=methods))


def parts(doc: ExecutivePacket) -> list[int]:
    """How many methods each part of the note holds."""
    grid = packet_grid(doc, dense=False)
    return [sum(map(len, part)) for part in method_parts(doc, grid)]


def test_a_method_note_that_fits_one_page_is_never_divided():
    assert parts(note(3, 200)) == [3]
    assert parts(note(21, 220)) == [21]


def test_a_longer_one_begins_below_the_evidence_and_goes_on_over_the_page():
    first, second = parts(note(26, 500))
    assert 0 < first < second


def test_without_methods_there_is_no_note():
    assert parts(note(0, 0)) == []


def test_a_method_longer_than_a_page_is_still_printed():
    assert parts(note(2, 9000)) == [1, 1]


def test_a_long_table_of_facts_is_set_in_two_halves():
    assert not packet_grid(PACKET, dense=False).facts_halved
    facts = replace(PACKET.evidence.tables, rows=PACKET.evidence.tables.rows * 3)
    long = replace(PACKET, evidence=replace(PACKET.evidence, tables=facts))
    assert packet_grid(long, dense=False).facts_halved


@given(st.lists(st.integers(0, 900), max_size=40), st.integers(1, 6))
def test_no_method_is_lost_or_moved(lengths: list[int], count: int):
    methods = [method(str(i), n) for i, n in enumerate(lengths)]
    stacks = columns(methods, count)
    assert len(stacks) == count
    assert [m for stack in stacks for m in stack] == methods
