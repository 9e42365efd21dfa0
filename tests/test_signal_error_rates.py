"""How often routine figures are called exceptional: at most what docs/signals.md says."""

from __future__ import annotations

from pathlib import Path

import pytest
from signal_error_rates import KINDS, each_time, former, measured, now
from sizes import sizes

BY_NAME = {kind.name: kind for kind in KINDS}
HEAVY = "heavy tails (t with 5 df)"
PROMISED = [kind for kind in KINDS if kind.name != HEAVY]
STILL = [kind for kind in KINDS if " mostly " in kind.name or " often " in kind.name]
DOCS = Path(__file__).parents[1] / "docs" / "signals.md"


@pytest.fixture(params=sizes(60, 400))
def charts(request):
    return request.param


def above(rate: float, count: float) -> float:
    """What a measured rate may be where the true one is `rate`: three standard errors more.

    Points of one chart share its limits, so that they count for a third of their number.
    """
    return rate + 3 * (rate * (1 - rate) / max(count / 3, 1)) ** 0.5


@pytest.mark.parametrize("kind", PROMISED, ids=lambda kind: kind.name)
def test_at_most_one_in_a_hundred_new_points_is_called_exceptional(kind, charts):
    found = measured(kind, now, charts)
    assert found.old <= above(0.01, 12 * charts)
    assert found.middle <= above(0.01, 12 * charts)
    assert found.year <= above(0.12, 3 * charts)


@pytest.mark.parametrize("kind", STILL, ids=lambda kind: kind.name)
def test_the_first_move_of_a_figure_that_stands_still_is_not_called_exceptional(kind, charts):
    """By the former rules 8 to 21 of a hundred of these were, with 6 to 11 earlier figures."""
    found = measured(kind, now, charts)
    assert max(found.young, found.middle, found.old) <= above(0.01, 6 * charts)
    assert measured(kind, former, charts).young > 0.06


def test_a_shift_is_told_of_once(charts):
    """Told of each time that it shows, about as many charts have an alarm, and more figures."""
    kind = BY_NAME["neighbours alike, .3"]
    once, each = measured(kind, now, charts), measured(kind, each_time, charts)
    assert each.year - 0.02 <= once.year <= each.year
    assert once.old < each.old


def test_the_former_rules_called_a_season_exceptional(charts):
    """What they were left for: with a wave of three standard deviations, every fourth point."""
    found = measured(BY_NAME["a yearly wave of 3 sd"], former, charts)
    assert 0.2 < found.old < 0.35
    assert found.year > 0.85


def test_a_lasting_shift_is_found(charts):
    """Of shifts of 1.5 standard deviations 44 in a hundred within four points."""
    assert measured(BY_NAME["stable, normal"], now, charts).found > 0.44 - 0.9 / charts**0.5


def test_the_documentation_has_every_kind_of_series():
    said = DOCS.read_text(encoding="utf-8")
    assert all(f"| {kind.name} |" in said for kind in KINDS)
