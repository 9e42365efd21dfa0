"""The natural limits of each period of a trend, by one baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sample_choices import OCTOBER, earlier
from sample_material import CSAT, METRICS, RESULTS, view, with_results
from scipy import stats
from test_control_chart import STEADY, WAVE

from scorecard.base.periods import Period
from scorecard.definitions.results import Estimate
from scorecard.documents.trend_band import band
from scorecard.stats.control_chart import Measured, Start, signal

REPLY = next(r for r in RESULTS if (r.metric, r.tier) == ("reply", "gold"))
SATISFIED = next(r for r in RESULTS if (r.metric, r.tier) == ("csat", "gold"))
TWELVE = [OCTOBER.shift(i) for i in range(-11, 1)]


def judged(result, history, start=None):
    """The result with the signal that its history gives it, and the documents' view of both."""
    points = [Measured(Period.parse(p.period, OCTOBER.tz), p.value, p.n) for p in history]
    now = Measured(OCTOBER, result.estimate.value, result.estimate.n)
    found = replace(result, signal=signal(points, now, METRICS[result.metric], start))
    series = (result.metric, result.version, result.tier)
    return found, with_results(found, histories={series: history})


def test_each_month_has_the_limits_of_its_place_in_the_year():
    """The wave of the test of seasons, begun in January 2024: its limits stand in the baseline."""
    year = [[50 + w + sign * (-1) ** i / 10 for i, w in enumerate(WAVE)] for sign in (1, -1)]
    history = earlier(*year[0], *year[1], *year[0][:9])
    found, at = judged(REPLY, history)
    base = found.signal.baseline
    assert (base.first, base.last, base.season) == ("2024-01", "2025-12", "taken out")
    limits = band(at, found, TWELVE, [50] * 12)
    places = [10, 11, *range(10)]
    assert limits == tuple(pytest.approx(base.by_season[place]) for place in places)
    assert [c for _low, c, _high in limits] == pytest.approx([50 + WAVE[p] for p in places])


def test_each_month_has_the_limits_of_its_own_n():
    """By counting, of 24 months of 29 of 30: of 60 answers more may be missed than of 30, and the
    part that may be is smaller."""
    found, at = judged(
        replace(SATISFIED, estimate=Estimate(29 / 30, 0.9, 1.0, 30, 30)),
        earlier(*[29 / 30] * 24, n=30, customers=30),
    )
    limits = band(at, found, TWELVE, [30] * 6 + [60] * 5 + [30])
    assert {low for low, _c, _high in limits[:6]} == {found.signal.lower}
    of_60 = stats.betabinom(60, 24.5, 696.5)
    assert of_60.sf(8) < 0.0015 < of_60.sf(7)  # so that 8 misses are routine and 9 are not
    assert [low for low, _c, _high in limits[6:11]] == pytest.approx([52 / 60] * 5)
    assert found.signal.lower == pytest.approx(25 / 30)
    assert CSAT.kind == "proportion"


def test_a_month_without_a_figure_and_those_before_a_declared_day_have_none():
    start = Start(date(2026, 3, 1), "a second shift")
    found, at = judged(REPLY, earlier(*STEADY[:20]), start)
    limits = band(at, found, TWELVE, [50] * 8 + [None, 50, 50, 50])
    assert [at is not None for at in limits] == [False] * 4 + [True] * 4 + [False] + [True] * 3
    now = (found.signal.lower, found.signal.centre, found.signal.upper)
    assert limits[-1] == now


def test_where_the_baseline_cannot_be_made_again_the_newest_limits_stand_alone():
    found, _at = judged(REPLY, earlier(*STEADY))
    now = (found.signal.lower, found.signal.centre, found.signal.upper)
    alone = (None,) * 11 + (now,)
    series = (REPLY.metric, REPLY.version, REPLY.tier)
    missing = with_results(found, histories={series: earlier(*STEADY)[1:]})
    assert band(missing, found, TWELVE, [50] * 12) == alone
    altered = with_results(found, histories={series: earlier(*STEADY[:-1], 20.0)})
    assert band(altered, found, TWELVE, [50] * 12) == alone
    assert band(view(), REPLY, TWELVE, [50] * 12)[:-1] == (None,) * 11  # from before baselines


def test_without_limits_there_is_no_band():
    found, at = judged(REPLY, earlier(*[4.0] * 12))
    assert band(at, found, TWELVE, [50] * 12) == (None,) * 12
