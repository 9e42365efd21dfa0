"""The matrix of faults by itself; the matrix is `make faults`."""

from __future__ import annotations

import re

import pytest
from fault_matrix import Cell, cell_at, table


def test_a_failure_shows_in_the_table():
    found = [Cell("killed", "check", "lost {}"), Cell("disk full", "check", "again")]
    assert re.search(r"\| check \| FAILED \| again \|", table(found))


def test_a_cell_is_named_by_its_fault_and_station():
    fault, station = cell_at("disk full at computed")
    assert (fault, station.step) == ("disk full", "computed")
    with pytest.raises(ValueError, match="no fault at a station"):
        cell_at("flood at computed")
