"""Compose, cells: one metric in one tier, in words, and what is never printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_choices import chosen, earlier, witnessed
from sample_material import (
    ADA,
    CSAT,
    KEPT,
    METRICS,
    TOUCHED,
    cell_of,
    everything,
    result,
    spaced,
    view,
    with_results,
)

from scorecard.definitions.results import Estimate, Fragility, Sums, Verdict
from scorecard.documents.cells import cell, margin_row
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet


def test_a_cell_says_value_range_n_region_and_verdict():
    found = cell_of("csat/gold")
    assert (found.tier, found.mark, found.text, found.range) == ("gold", "strength", "90", "85–93")
    assert (found.n, found.region, found.words, found.loud) == (
        "n 212",
        "within",
        "delivered",
        False,
    )


@pytest.mark.parametrize(
    ("key", "words", "loud"),
    [
        ("csat/gold", "delivered", False),
        ("reply/gold", "not delivered", True),
        ("csat/bronze", "as accepted", False),
        ("kept/bronze", "beyond acceptance", True),
        ("reply/bronze", "over-served", True),
        ("nps/gold", "no stance", False),
    ],
)
def test_every_verdict_has_its_words(key, words, loud):
    found = cell_of(key)
    assert (found.words, found.loud) == (words, loud)


def test_a_counted_figure_says_so_and_of_how_many():
    found = cell_of("kept/gold")
    assert (found.text, found.range, found.n) == ("92.5", "counted", "40")
    assert found.note == "rests on 2 customers: Aldous Marine, Petra Foods"


def test_of_many_on_whom_a_verdict_rests_two_are_named():
    names = ("Aldous Marine", "Petra Foods", "Kite Rail")
    rests = result(
        "kept/gold", Estimate(0.925, n=40, customers=40), "within", fragility=Fragility(3, names)
    )
    assert cell_of("kept/gold", with_results(rests)).note == (
        "rests on 3 customers: Aldous Marine, Petra Foods and 1 more"
    )
    one = replace(rests, fragility=Fragility(1, names[:1]))
    assert cell_of("kept/gold", with_results(one)).note == "rests on 1 customer: Aldous Marine"


def test_a_figure_that_rounds_to_the_limit_it_misses_shows_more_decimals():
    """69.96 % is beyond the accepted 70 %, which one decimal would hide."""
    assert cell_of("kept/bronze").text == "69.96"
    near = result("csat/gold", Estimate(0.79, 0.78, 0.796, 900, 900), "below")
    found = cell_of("csat/gold", with_results(near))
    assert (found.text, found.range) == ("79.0", "78.0–79.6")


def test_a_row_of_money_has_the_same_decimals_in_every_tier():
    assert [c.text for c in margin_row(view()).cells] == ["1,205", "−21"]


@pytest.mark.parametrize(
    ("found", "note", "loud"),
    [
        (
            result(
                "csat/gold", Estimate(0.82, 0.78, 0.86, 212, 200), "straddle", "straddles_limit"
            ),
            "80 % lies inside the range",
            True,
        ),
        (
            result("csat/gold", Estimate(0.8, 0.6, 0.9, 19, 19), None, "n_too_small"),
            "30 are needed",
            True,
        ),
        (
            result("csat/gold", Estimate(), None, "n_too_small"),
            "nothing observed in this tier",
            True,
        ),
        (
            result("csat/gold", Estimate(0.8, 0.6, 0.9, 50, 50), None, "not_mature"),
            "not yet mature: final from 15 Nov 2026",
            False,
        ),
        (
            result("csat/gold", Estimate(0.8, 0.6, 0.9, 50, 50), None, "partial_period"),
            "the period is not over",
            False,
        ),
        (
            result("csat/gold", Estimate(0.8, 0.6, 0.9, 50, 50), None, "stale"),
            "no recent rows in what it is measured from",
            False,
        ),
    ],
)
def test_too_little_evidence_says_why_and_is_loud_only_where_it_should_be_there(found, note, loud):
    shown = cell_of("csat/gold", with_results(found))
    assert (shown.words, spaced(shown.note)) == ("too little evidence", note)
    assert (shown.region, shown.loud) == ("straddle", loud)


def test_what_straddles_says_which_way_it_leans():
    leaning = result("csat/gold", Estimate(0.82, 0.78, 0.86, 212, 200))
    leaning = replace(
        leaning,
        stance="csat/gold",
        verdict=Verdict("too little evidence", "straddle", "straddles_limit", "within", True, 3),
    )
    history = {("csat", "v1", "gold"): earlier(0.8, 0.81)}
    shown = cell_of("csat/gold", with_results(leaning, histories=history))
    assert shown.words == "too little evidence (3rd period)"
    assert spaced(shown.note) == (
        "80 % lies inside the range of 3 periods together; leans delivered"
    )


def test_what_several_periods_decided_together_says_so():
    together = replace(
        result("csat/gold", Estimate(0.82, 0.78, 0.86, 212, 200)),
        stance="csat/gold",
        verdict=Verdict("delivered", "within", pooled=True, periods_undecided=3),
    )
    history = {("csat", "v1", "gold"): earlier(0.8, 0.81, 0.79, 0.8, 0.8)}
    shown = cell_of("csat/gold", with_results(together, histories=history))
    assert shown.note == "decided on 4 periods together"


EIGHT = Sums(100, 8, 100, 100, 1252, 1252, 1252)
ANSWERED_OFTEN = Estimate(1.0, 0.76, 1.0, 100, 8, sums=EIGHT)


@pytest.mark.parametrize(
    ("name", "estimate", "note"),
    [
        ("customer_margin", Estimate(8.0, None, None, 90, 12), "no interval can be given"),
        ("csat", Estimate(0.8, 0.6, 0.9, 90, 12), "12 customers; 30 are needed"),
        ("csat", ANSWERED_OFTEN, "100 from 8 customers are worth 11; 30 are needed"),
        ("csat", Estimate(0.8, 0.6, 0.9, 29, 29), "30 are needed"),
        ("reply", Estimate(8.0, None, None, 28, 28), "29 are needed"),
        ("kept", Estimate(0.8, None, None, 60, 60), "no interval can be given"),
    ],
)
def test_evidence_is_counted_in_what_the_metric_needs(name, estimate, note):
    limit = 0.8 if name in ("kept", "csat") else 4.0
    stance = chosen(f"{name}/gold", "strength", limit, evidence="sample")
    small = replace(
        result(f"{name}/gold", estimate, mode="sample"),
        stance=stance.key,
        verdict=Verdict("too little evidence", None, "n_too_small"),
    )
    at = with_results(small, stances=witnessed(stance))
    assert cell_of(f"{name}/gold", at).note == note


def test_waits_that_are_not_over_are_more_than_they_have_been_so_far():
    sums = Sums(100, 100, 90, 100, 90, 100, 90, open=40, beyond=True)
    waits = Estimate(1008.0, 1002.5, None, 100, 100, sums=sums)
    shown = cell_of("reply/gold", with_results(result("reply/gold", waits, "below")))
    assert (spaced(shown.text), spaced(shown.range)) == ("> 1,008.0", "> 1,002.5")
    assert shown.n == "n 100, 40 open"
    bullet = cell(view(), METRICS["reply"], "gold", charts=True).bullet
    assert bullet is not None
    charted = with_results(result("reply/gold", waits, "below"))
    drawn = cell(charted, METRICS["reply"], "gold", charts=True).bullet
    assert "> 1,008.0 h" in spaced(drawn.alt) and (drawn.low, drawn.high) == (1002.5, None)


def test_what_is_not_measured_says_what_is_missing():
    gone = result("csat/gold", Estimate(), None, "not_measured", unmeasured="no surveys")
    found = cell_of("csat/gold", with_results(gone))
    assert (found.text, found.words, found.region) == ("–", "not measured: no surveys", "")
    assert (found.mark, found.loud) == ("strength", False)


def test_what_was_never_computed_is_not_made_up():
    found = cell_of("csat/gold", view(results={}))
    assert (found.text, found.words) == ("–", "not computed")


def test_a_tier_without_data_is_no_zero():
    empty = with_results(result("nps/gold", Estimate()))
    assert (cell_of("nps/gold", empty).text, cell_of("nps/gold", empty).words) == ("–", "no data")


FEW = result("csat/gold", Estimate(0.2, 0.1, 0.3, 12, 4), "below")


def test_answers_of_fewer_than_five_customers_are_not_printed():
    at = with_results(FEW, touched=TOUCHED | {("csat", "gold"): TOUCHED["reply", "gold"]})
    shown = cell(at, CSAT, "gold", charts=True)
    assert (shown.text, shown.range, shown.n, shown.region) == ("–", "", "", "")
    assert shown.words == "not shown: fewer than five customers"
    assert (shown.bullet, shown.series) == (None, None)
    # That it is an exception would tell on which side of its limit the answers lie.
    assert [i for i in executive_packet(at).exceptions if i.metric == "csat"] == []
    for document in (executive_packet(at), owner_scorecard(at, ADA)):
        assert not any("20 %" in spaced(t) for t in everything(document))


def test_five_customers_are_enough():
    at = with_results(replace(FEW, estimate=Estimate(0.2, 0.1, 0.3, 12, 5)))
    assert cell_of("csat/gold", at).text == "20"


def test_what_is_not_confidential_is_printed_of_anybody():
    at = with_results(result("kept/gold", Estimate(1.0, n=1, customers=1), "within"))
    assert cell_of("kept/gold", at).text == "100.0"


def test_earlier_answers_of_a_few_are_not_drawn():
    for few in (earlier(0.5, 0.6, n=4), earlier(0.5, 0.6, n=40, customers=4)):
        history = {("csat", "v1", "gold"): few}
        shown = cell(view(histories=history), CSAT, "gold", charts=True)
        assert shown.series is None
        assert shown.bullet.previous is None


def test_a_process_chart_holds_twelve_periods_and_says_what_it_shows():
    history = {("csat", "v1", "gold"): earlier(0.85, None, 0.88)}
    shown = cell(view(histories=history), CSAT, "gold", charts=True)
    assert shown.series.labels == (
        "Nov",
        "Dec",
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sept",
        "Oct",
    )
    assert shown.series.values == (*[None] * 8, 0.85, None, 0.88, 0.9)
    assert spaced(shown.series.alt) == (
        "Satisfied, 4 or 5 of 5 (CSAT), Gold: 3 periods, the first 85 %, the last 90 %; "
        "no process limits yet."
    )
    assert shown.bullet.previous == 0.88


def test_a_trailing_window_says_why_it_has_no_limits():
    history = {("kept", "v1", "gold"): earlier(0.9)}
    shown = cell(view(histories=history), KEPT, "gold", charts=True)
    assert spaced(shown.series.alt).endswith("the last 92.5 %; its windows overlap.")


def test_a_bullet_holds_its_value_limits_interval_and_history():
    history = {("reply", "v1", "bronze"): earlier(2.0)}
    bullet = cell(view(histories=history), METRICS["reply"], "bronze", charts=True).bullet
    # marks from 2 to 48; 12 % of their reach is left free on both sides
    assert bullet.scale == pytest.approx((2 - 0.12 * 46, 48 + 0.12 * 46))
    assert (bullet.low, bullet.high, bullet.at_worst, bullet.at_best) == (8.1, 10.0, 48.0, 12.0)
    assert bullet.lower_is_better
    assert spaced(bullet.alt) == (
        "First reply, 9 of 10 within, Bronze: 9.0 h; accepted: 12 h to 48 h; over-served."
    )
