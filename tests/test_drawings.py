"""Drawings: what is painted where, and by how few paths."""

from __future__ import annotations

import re

import pytest

from scorecard.documents.model import Bullet, ControlChart
from scorecard.printing.charts import Bar, BridgeShape
from scorecard.printing.drawings import BLUE, GREY, INK, bars, pair, sign

BULLET = Bullet(
    value=60.0, low=50.0, high=70.0, previous=40.0, at_worst=20.0, at_best=90.0,
    scale=(0.0, 100.0), lower_is_better=False, alt="",
)  # fmt: skip
SERIES = ControlChart(
    labels=("a", "b", "c", "d"), values=(1.0, None, 2.0, 3.0), centre=2.0, lower=1.0, upper=3.0,
    provisional=False, exceptional=False, alt="",
)  # fmt: skip


def paths(drawn: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, ink in re.findall(r'd="([^"]*)" fill="([^"]*)"', drawn):
        found.setdefault(ink, []).append(path)
    return found


def boxes(path: str) -> list[tuple[float, ...]]:
    found = re.findall(r"M(\S+) (\S+)h(\S+)v(\S+)h\S+z", path)
    return [tuple(map(float, each)) for each in found]


def test_each_ink_of_a_bullet_is_one_path():
    drawn = paths(pair(BULLET, None, 200, 20))
    assert all(len(each) == 1 for each in drawn.values())
    assert list(drawn)[-3:] == [INK, GREY, BLUE]  # this period lies above all


def test_a_bullet_has_its_limits_the_period_before_and_the_interval_in_place():
    # The bullet is 116 wide: 58 of 100.
    drawn = paths(pair(BULLET, None, 200, 20))
    worst, *dashes = boxes(drawn[INK][0])
    assert worst == (22.65, 0, 1.1, 20)  # 20 of 100 is 23.2, less half the line
    assert {x for x, *_ in dashes} == {103.95} and [y for _, y, *_ in dashes][:2] == [0, 2.8]
    assert max(y + high for _, y, _, high in dashes) <= 20
    assert boxes(drawn[GREY][0]) == [(46.0, 3.6, 0.8, 12.8)]
    assert boxes(drawn[BLUE][0]) == [(58, 9.35, 23.2, 1.3)]
    assert "M72.1 10c" in drawn[BLUE][0]  # the dot: 60 of 100 is 69.6, and its radius 2.5


def test_a_process_chart_stands_right_of_the_bullet_and_has_one_line():
    drawn = pair(None, SERIES, 200, 20)
    assert drawn.count("stroke=") == 1 and "translate(125 0)" in drawn
    (band,) = boxes(paths(drawn)["#E2E2E2"][0])
    assert band[0] == 125
    # The first period has no neighbour, so it is a dot.
    assert len(paths(drawn)[INK]) == 1


def test_bars_are_ink_for_totals_grey_between_and_blue_at_the_end():
    shape = BridgeShape(
        100, 48, 10,
        (
            Bar(10, 3, 80, 10, True, False),
            Bar(50, 19, 40, 10, False, True),
            Bar(10, 35, 40, 10, True, False),
        ),
        ((90, 13, 16), (50, 29, 32)),
    )  # fmt: skip
    drawn = paths(bars(shape))
    assert boxes(drawn[INK][0]) == [(9.75, 0, 0.5, 48), (10, 3, 80, 10)]
    assert boxes(drawn[GREY][0]) == [(89.8, 13, 0.4, 6), (49.8, 29, 0.4, 6), (50, 19, 40, 10)]
    assert boxes(drawn[BLUE][0]) == [(10, 35, 40, 10)]


@pytest.mark.parametrize(("region", "filled"), [("below", 0.6), ("within", 6), ("above", 11.4)])
def test_the_cell_of_a_verdict_is_the_one_that_is_not_left_out(region, filled):
    (path,) = paths(sign(None, region, 0, 3))[INK]
    whole, *empty = boxes(path)
    assert whole == (0, 0.5, 16.8, 5)
    assert {x for x, *_ in empty} == {0.6, 6.0, 11.4} - {filled}


def test_a_mark_and_its_strip_are_one_path_and_an_undecided_one_two():
    assert sign("strength", "within", 4.2, 15.6).count("<path") == 1
    assert sign("weakness", "straddle", 4.2, 15.6).count("<path") == 2
    assert sign("weakness", None, 4.2, 15.6).count("<path") == 1
    assert sign(None, None, 4.2, 15.6) == ""
