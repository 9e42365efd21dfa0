from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sample_documents import OWNER, PACKET
from sample_variants import crowded_owner, on_letter, six_tiers

from scorecard.document import Method
from scorecard.sheets import columns, first_setting, owner_grid, packet_grid


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


def test_few_stances_are_set_comfortably_first():
    assert first_setting(OWNER) == 0
    assert first_setting(crowded_owner(4, 5)) == 2


def test_methods_fill_columns_of_even_height_in_their_order():
    four = [method(name, 40) for name in "abcd"]
    assert [[m.label for m in stack] for stack in columns(four, 2)] == [["a", "b"], ["c", "d"]]
    long_first = [method("a", 400), method("b", 40), method("c", 40)]
    assert [[m.label for m in stack] for stack in columns(long_first, 2)] == [["a"], ["b", "c"]]
    long_second = [method("a", 40), method("b", 400), method("c", 40)]
    assert [[m.label for m in stack] for stack in columns(long_second, 2)] == [["a", "b"], ["c"]]


def test_no_methods_leave_the_columns_empty():
    assert columns([], 4) == [[], [], [], []]


@given(st.lists(st.integers(0, 900), max_size=40), st.integers(1, 6))
def test_no_method_is_lost_or_moved(lengths: list[int], count: int):
    methods = [method(str(i), n) for i, n in enumerate(lengths)]
    stacks = columns(methods, count)
    assert len(stacks) == count
    assert [m for stack in stacks for m in stack] == methods
