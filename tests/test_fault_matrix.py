"""A fault of each kind, each at another station; the whole matrix is `make faults`."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path

import pytest
from fault_matrix import IN_PEACE, Cell, can_strike, cell_at, matrix, table
from faults import FAULTS, STATIONS

DOCUMENT = Path(__file__).parents[1] / "docs" / "faults.md"
MENDED = "disk full at composed"
"""Once a traceback."""


def one_of_each() -> list[str]:
    """Every fault once, at stations that follow one another."""
    turn, chosen = cycle(STATIONS), []
    for fault in FAULTS:
        station = next(s for s in turn if can_strike(fault, s))
        chosen.append(f"{fault} at {station.name}")
    return [*chosen, MENDED]


@pytest.mark.prove
def test_nothing_is_lost_and_nothing_twice_whatever_strikes():
    found = matrix(one_of_each(), 2)
    assert len(found) == len(FAULTS) + 1
    assert [each for each in found if not each.good] == []


def test_the_printed_matrix_has_every_fault_and_station_and_no_failure():
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    printed = [[text.strip() for text in row.strip("|").split("|")] for row in rows]
    assert printed[0] == ["Station", *FAULTS]
    assert [row[0] for row in printed[1:]] == [station.name for station in STATIONS]
    for row, station in zip(printed[1:], STATIONS, strict=True):
        for fault, outcome in zip(FAULTS, row[1:], strict=True):
            assert outcome in IN_PEACE
            assert (outcome != "–") == can_strike(fault, station)


def test_a_failure_shows_in_the_table():
    found = [Cell("killed", "check", "lost {}"), Cell("disk full", "check", "again")]
    assert re.search(r"\| check \| FAILED \| again \|", table(found))


def test_a_cell_is_named_by_its_fault_and_station():
    fault, station = cell_at("disk full at computed")
    assert (fault, station.step) == ("disk full", "computed")
    with pytest.raises(ValueError, match="no fault at a station"):
        cell_at("flood at computed")
