from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_documents import BRIDGES, WHALE

from scorecard.documents.model import Bullet, ControlChart
from scorecard.documents.packet_model import Bridge, BridgeStep, Whale
from scorecard.documents.ticks import nice_ticks
from scorecard.printing.charts import (
    Band,
    Scale,
    bridges,
    bullet,
    process,
    whale,
)
from scorecard.printing.drawings import bars

finite = st.floats(-1e9, 1e9, allow_nan=False)


def a_bullet(**changes: object) -> Bullet:
    values = dict(
        value=50.0,
        low=45.0,
        high=55.0,
        at_worst=40.0,
        at_best=80.0,
        previous=60.0,
        scale=(0.0, 100.0),
        lower_is_better=False,
        alt="",
    )
    return Bullet(**(values | changes))  # type: ignore[arg-type]


def a_series(*values: float | None, **changes: object) -> ControlChart:
    rest = dict(centre=None, lower=None, upper=None, provisional=False, exceptional=False, alt="")
    labels = tuple(str(i) for i in range(len(values)))
    return ControlChart(labels, values, **(rest | changes))  # type: ignore[arg-type]


def a_bridge(*amounts: float) -> Bridge:
    steps = [BridgeStep("Revenue", amounts[0], "", total=True)]
    steps += [BridgeStep("cost", a, "") for a in amounts[1:]]
    steps.append(BridgeStep("Margin", sum(amounts), "", total=True))
    return Bridge("Gold", "", tuple(steps), "", "", "")


def test_a_bullet_stands_where_its_scale_says():
    shape = bullet(a_bullet(), width=200, height=10)
    assert shape.value == 100
    assert shape.whisker == (90, 110)
    assert (shape.worst, shape.best, shape.previous) == (80, 160, 120)
    assert shape.bands == (Band(0, 80, "below"), Band(80, 80, "within"), Band(160, 40, "above"))


def test_where_lower_is_better_the_scale_is_turned_so_that_better_is_to_the_right():
    shape = bullet(a_bullet(at_worst=80.0, at_best=40.0, lower_is_better=True), 200, 10)
    assert (shape.worst, shape.best) == (40, 120)
    assert shape.value == 100
    assert shape.whisker == (90, 110)
    assert [b.kind for b in shape.bands] == ["below", "within", "above"]


def test_a_strength_without_an_upper_limit_has_no_band_above():
    shape = bullet(a_bullet(at_best=None), 200, 10)
    assert shape.bands == (Band(0, 80, "below"), Band(80, 120, "within"))
    assert shape.best is None


def test_without_a_stance_one_plain_band_is_drawn():
    shape = bullet(a_bullet(at_worst=None, at_best=None), 200, 10)
    assert shape.bands == (Band(0, 200, "plain"),)


def test_what_is_not_known_is_not_drawn():
    shape = bullet(a_bullet(value=None, low=None, high=None, previous=None), 200, 10)
    assert (shape.value, shape.whisker, shape.previous) == (None, None, None)


def test_values_outside_the_scale_stand_at_its_end():
    assert Scale(0, 10, 0, 100).at(12) == 100
    assert Scale(0, 10, 0, 100).at(-3) == 0


def test_a_scale_without_reach_puts_everything_in_the_middle():
    assert Scale(5, 5, 0, 100).at(5) == 50


@given(finite, finite, finite)
def test_every_place_of_a_scale_is_on_the_paper(low: float, high: float, value: float):
    low, high = sorted((low, high))
    assert 0 <= Scale(low, high, 0, 120).at(value) <= 120


def test_a_process_line_breaks_where_a_period_has_no_figure():
    shape = process(a_series(0.0, 10.0, None, 10.0, 0.0), width=44, height=14, margin=2)
    assert shape.line == "M2 12L12 2 M32 2L42 12"
    assert shape.last == (42, 12)
    assert shape.lone == ()


def test_a_period_alone_between_gaps_is_a_point():
    shape = process(a_series(None, 5.0, None, 0.0, 10.0), width=44, height=14, margin=2)
    assert shape.lone == ((12, 7),)


def test_a_last_period_without_a_figure_has_no_point():
    assert process(a_series(1.0, 2.0, None), 44, 14).last is None


def test_process_limits_are_a_band_from_upper_to_lower():
    shape = process(a_series(5.0, 5.0, centre=5.0, lower=0.0, upper=10.0), 44, 14, margin=2)
    assert shape.band == (2, 10)
    assert shape.centre == 7


def test_a_process_without_any_figure_draws_nothing():
    shape = process(a_series(None, None), 44, 14)
    assert (shape.line, shape.band, shape.last) == ("", None, None)


def test_the_whale_starts_at_nothing_and_ends_at_the_whole():
    shape = whale(WHALE, width=242, height=134)
    assert shape.path.startswith("M32 106L")
    assert shape.path.endswith(f"L238 {shape.total:g}")
    assert [t.value for t in shape.y_ticks] == [0.0, 0.5, 1.0, 1.5]
    assert [t.at for t in shape.x_ticks] == [32, 83.5, 135, 186.5, 238]


def test_a_whale_without_points_has_axes_and_no_curve():
    shape = whale(Whale((), None, None, "", "", ""), 242, 134)
    assert shape.path == ""
    assert shape.peak is None


def test_a_bridge_falls_from_revenue_to_margin():
    (shape,) = bridges([a_bridge(100, -30, -20)], width=100, step=10)
    assert [(b.x, b.width) for b in shape.bars] == [(0, 100), (70, 30), (50, 20), (0, 50)]
    assert [b.total for b in shape.bars] == [True, False, False, True]
    assert [j[0] for j in shape.joins] == [100, 70, 50]


def test_a_negative_margin_reaches_to_the_left_of_zero():
    (shape,) = bridges([a_bridge(60, -100)], width=100, step=10)
    assert shape.zero == 40
    assert [(b.x, b.width) for b in shape.bars] == [(40, 60), (0, 100), (0, 40)]
    assert shape.bars[-1].negative


def test_each_bridge_is_drawn_in_parts_of_its_own_revenue():
    """Revenue of 50 is as long as one of 10,000; a cost of 10 is a fifth of one, and of the other
    nothing to be seen."""
    small, large = bridges([a_bridge(50, -10), a_bridge(10000, -10)], width=100, step=10)
    assert [b.bars[0].width for b in (small, large)] == [100, 100]
    assert (small.bars[1].width, large.bars[1].width) == (20, 0.5)
    assert len({shape.zero for shape in bridges(BRIDGES, 90, 17)}) == 1


def test_a_bridge_beyond_twice_its_revenue_is_cut_off():
    """Costs of 500 on a revenue of 100 leave −400 %: the others would be slivers beside it."""
    usual, beyond = bridges([a_bridge(100, -40), a_bridge(100, -500)], width=300, step=10)
    assert usual.zero == 200  # from −200 to 100 %
    assert [(b.x, b.width, b.cut) for b in beyond.bars] == [
        (200, 100, False),
        (0, 300, True),
        (0, 200, True),
    ]
    assert not any(bar.cut for bar in usual.bars)
    assert '"#FFFFFF"' in bars(beyond) and '"#FFFFFF"' not in bars(usual)


def test_a_step_that_is_not_known_is_not_drawn():
    known = a_bridge(100, -40)
    revenue, *rest = known.steps
    unknown = replace(known, steps=(revenue, *(replace(s, text="–", amount=0.0) for s in rest)))
    (shape,) = bridges([unknown], width=100, step=10)
    assert ([b.total for b in shape.bars], shape.joins) == ([True], ())
    assert bars(shape)


def test_without_revenue_a_bridge_is_drawn_in_parts_of_its_largest_amount():
    (shape,) = bridges([a_bridge(0, -40)], width=100, step=10)
    assert shape.bars[1].width == 100


def test_a_bar_of_nothing_is_still_a_hairline():
    (shape,) = bridges([a_bridge(100, 0)], width=100, step=10)
    assert shape.bars[1].width == 0.5


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [
        (0, 1, 4, (0, 0.25, 0.5, 0.75, 1)),
        (0, 1.43, 4, (0, 0.5, 1, 1.5)),
        (-7, 23, 4, (-10, 0, 10, 20, 30)),
        (0, 4812, 5, (0, 1000, 2000, 3000, 4000, 5000)),
        (5, 5, 2, (4, 5, 6)),
    ],
)
def test_ticks_are_round_and_cover_the_values(low, high, count, ticks):
    assert nice_ticks(low, high, count) == ticks


@given(finite, finite, st.integers(2, 9))
def test_ticks_always_cover_what_they_are_for(a: float, b: float, count: int):
    low, high = sorted((a, b))
    if high - low < 1e-6:
        return
    ticks = nice_ticks(low, high, count)
    slack = (high - low) * 1e-6
    assert ticks[0] <= low + slack and ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= count + 3


@pytest.mark.parametrize("bad", [(math.nan, 1), (2, 1), (0, math.inf)])
def test_ticks_refuse_what_has_no_order(bad):
    with pytest.raises(ValueError, match="No ticks"):
        nice_ticks(*bad, 4)
