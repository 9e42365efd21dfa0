"""Digits: seconds and minutes for short waits, and every figure on its own side of its limits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_choices import chosen
from sample_material import (
    METRICS,
    REPLY,
    STANCES,
    cell_of,
    everything,
    restanced,
    result,
    spaced,
    view,
    with_results,
)
from sample_measures import a_metric

from scorecard.definitions.results import Estimate, Verdict
from scorecard.documents.digits import in_one_span, places_beside_limits
from scorecard.documents.exceptions import items
from scorecard.documents.formats import Formats, as_printed
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.team import team_review

BRITISH = Formats("en_GB", "EUR")
HOURS = replace(a_metric("quantile", "hours", "lower"), places=1)
SHARE = a_metric()
SECOND, MINUTE = 1 / 3600, 1 / 60


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ([45 * SECOND, 12 * SECOND], ["45 s", "12 s"]),
        ([3.5 * SECOND, 0.2 * SECOND], ["3.5 s", "0.2 s"]),
        ([4 * SECOND, 9 * SECOND], ["4 s", "9 s"]),
        ([48 * SECOND, 4.8 * MINUTE], ["48 s", "288 s"]),
        ([48 * SECOND, 20 * MINUTE], ["0.8 min", "20.0 min"]),
        ([12 * MINUTE, 45 * MINUTE], ["12 min", "45 min"]),
        ([2.5 * MINUTE, 8 * MINUTE], ["2.5 min", "8.0 min"]),
        ([0.3, 5.84], ["0.3 h", "5.8 h"]),  # hours are enough for both
        ([2 * MINUTE, 5.0], ["2 min", "300 min"]),  # 0.0 h beside 5.0 h would hide the first
        ([0.0, 45 * SECOND], ["0 s", "45 s"]),
        ([0.0], ["0 s"]),
        ([None, 30 * SECOND], ["–", "30 s"]),
        ([None], ["–"]),
        ([51.2, 4.0], ["51.2 h", "4.0 h"]),
    ],
)
def test_waits_are_printed_in_the_coarsest_unit_that_shows_all_of_a_row(hours, said):
    printed = in_one_span(HOURS, hours)
    assert [spaced(BRITISH.with_unit(printed, h)) for h in hours] == said


def test_other_units_stay_as_they_are():
    assert in_one_span(SHARE, [0.0001]) is SHARE
    assert in_one_span(HOURS, []) is HOURS


@given(st.lists(st.floats(1e-4, 5000), min_size=1, max_size=6))
def test_no_wait_is_printed_as_zero(hours):
    printed = in_one_span(HOURS, hours)
    assert all(as_printed(printed, h, printed.places) > 0 for h in hours)


@pytest.mark.parametrize(
    ("value", "limits", "better", "places"),
    [
        (0.8996, (0.9, None), "higher", 2),  # 90 and 90.0 would be the limit; 89.96 is not
        (0.89, (0.9, None), "higher", 0),
        (0.9004, (0.9, None), "higher", 0),  # "90 % or more" is kept by what prints as 90
        (0.899999, (0.9, None), "higher", 4),
        (0.8999999999, (0.9, None), "higher", 0),  # by no more than rounding
        (0.9255, (0.8, 0.928), "higher", 1),  # 93 would be over-served
        (0.9276, (0.8, 0.9275), "higher", 0),  # over-served, and 93 is so too
        (4.04, (4.0, None), "lower", 2),
        (3.96, (4.0, None), "lower", 1),
    ],
)
def test_a_figure_has_the_digits_that_keep_it_on_its_side(value, limits, better, places):
    metric = replace(HOURS if better == "lower" else SHARE, better=better)
    stance = chosen("x/gold", "strength", limits[0], limits[1])
    assert places_beside_limits(metric, value, stance, metric.places) == places


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_share_below_its_limit_is_never_printed_as_reaching_it(value, limit):
    stance = chosen("x/gold", "strength", limit)
    shown = as_printed(SHARE, value, places_beside_limits(SHARE, value, stance, 0))
    if value < limit * (1 - 1e-8) and limit > 1e-6:
        assert shown < limit


def test_a_near_miss_is_one_on_every_page():
    """399,994 of 500,000 are 79.9988 %, of which 80 % was promised: no page says 80."""
    near = result(
        "csat/gold", Estimate(0.799988, 0.799, 0.799991, 500000, 9000), "below", stance="csat/gold"
    )
    at = with_results(replace(near, verdict=Verdict("not delivered", "below")))
    assert cell_of("csat/gold", at).text == "79.999"
    (item,) = [i for i in items(at) if i.metric == "csat"]
    assert item.figure.startswith("79.999\u00a0%")
    (held,) = [s for s in owner_scorecard(at, at.holders[0]).strengths if s.metric == "csat"]
    (team,) = [s for s in team_review(at, at.data.strategy.teams[0]).stances if s.key == held.key]
    assert (held.cell.text, team.cell.text) == ("79.999", "79.999")


def test_the_waits_of_a_call_centre_are_seconds_on_every_page():
    """45 s promised, and 51 s and 12 s measured: nowhere a "0.0" and nowhere "hours"."""
    held = [
        replace(chosen("reply/gold", "strength", 45 * SECOND), written=("45 s", "")),
        replace(
            chosen("reply/bronze", "weakness", 2 * MINUTE, 20 * SECOND),
            written=("2 min", "20 s"),
        ),
    ]
    rest = [s for s in STANCES if s.metric != "reply"]
    known = {
        ("reply", "gold"): Estimate(51 * SECOND, 48 * SECOND, 53 * SECOND, 900, 800),
        ("reply", "bronze"): Estimate(12 * SECOND, 11 * SECOND, 14 * SECOND, 900, 800),
    }
    results = {
        key: replace(r, estimate=known.get(key, r.estimate))
        for key, r in view().data.results.items()
    }
    at = restanced(*rest, *held, results=results)
    packet = executive_packet(at)
    (row,) = [r for r in packet.experience.rows if r.metric == REPLY.name]
    assert (row.unit, [c.text for c in row.cells]) == ("seconds", ["51", "12"])
    assert [c.range for c in row.cells] == ["48–53", "11–14"]
    texts = [spaced(t) for t in everything(packet)]
    assert any("promised: 45 s or less" in t for t in texts)
    assert any("accepted: 20 s to 2 min" in t for t in texts)
    assert "51 s (48–53), n 900" in texts
    assert not [t for t in texts if "0.0" in t and "h" in t.split()]
    assert METRICS["reply"].unit.name == "hours"
