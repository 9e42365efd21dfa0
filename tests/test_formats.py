"""Formats: figures as a reader of one locale would write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_measures import a_metric

from scorecard.base.periods import Period
from scorecard.documents.formats import DASH, MINUS, Formats, as_printed

BRITISH = Formats("en_GB", "EUR")
GERMAN = Formats("de_DE", "EUR")
AMERICAN = Formats("en_US", "USD")
JAPANESE = Formats("ja_JP", "JPY")

SHARE = a_metric()
HOURS = a_metric("quantile", "hours", "lower")
POINTS = a_metric("nps", "points")
MONEY = a_metric("total", "money per customer")
SCORE = a_metric("mean", "score")
RATE = a_metric("ratio", "rate")


@pytest.mark.parametrize(
    ("formats", "said"),
    [
        (BRITISH, "1,234,567.50"),
        (GERMAN, "1.234.567,50"),
        (AMERICAN, "1,234,567.50"),
        (JAPANESE, "1,234,567.50"),
    ],
)
def test_numbers_are_grouped_as_the_locale_does(formats, said):
    assert formats.decimal(1_234_567.5, 2) == said


@pytest.mark.parametrize(
    ("value", "places", "said"),
    [
        (-3.14159, 2, f"{MINUS}3.14"),
        (-0.4, 0, "0"),  # nothing is a minus nought
        (0.0, 1, "0.0"),
        (2.5, 0, "3"),  # halves go away from zero, not to the even neighbour
        (-2.5, 0, f"{MINUS}3"),
        (1.005, 2, "1.01"),  # as it is written, not as binary has it
        (999.5, 0, "1,000"),
    ],
)
def test_decimals_are_rounded_as_by_hand_with_a_true_minus(value, places, said):
    assert BRITISH.decimal(value, places) == said


@pytest.mark.parametrize(
    ("formats", "amount", "said"),
    [
        (BRITISH, 4812.4, "€4,812"),
        (BRITISH, -18400, f"{MINUS}€18,400"),
        (BRITISH, 96.39, "€96.39"),
        (BRITISH, 0, "€0.00"),
        (GERMAN, 4812.4, "4.812\u00a0€"),
        (GERMAN, -96.39, f"{MINUS}96,39\u00a0€"),
        (AMERICAN, 100, "$100"),
        (JAPANESE, 96.39, "￥96"),  # the yen has no cents
        (Formats("en_GB", "CHF"), 1200, "CHF\u00a01,200"),
    ],
)
def test_money_has_its_sign_where_the_locale_puts_it(formats, amount, said):
    assert formats.money(amount) == said


@pytest.mark.parametrize(
    ("metric", "value", "plain", "with_unit"),
    [
        (SHARE, 0.88, "88", "88\u00a0%"),
        (SHARE, 177 / 200, "89", "89\u00a0%"),  # 88.5 %
        (RATE, 1.0096, "101.0", "101.0\u00a0%"),
        (HOURS, 5.84, "5.8", "5.8\u00a0h"),
        (POINTS, 61.2, "+61", "+61"),
        (POINTS, 0.2, "0", "0"),
        (POINTS, -3.0, f"{MINUS}3", f"{MINUS}3"),
        (MONEY, 4812.4, "4,812", "€4,812"),
        (MONEY, -21.5, f"{MINUS}21.50", f"{MINUS}€21.50"),
        (SCORE, 4.3, "4.30", "4.30"),
        (SHARE, None, DASH, DASH),
    ],
)
def test_a_figure_is_worded_by_its_unit(metric, value, plain, with_unit):
    assert BRITISH.value(metric, value) == plain
    assert BRITISH.with_unit(metric, value) == with_unit


def test_percent_keeps_its_space_in_every_locale():
    assert BRITISH.percent(0.995, 1) == "99.5\u00a0%"
    assert GERMAN.percent(0.995, 1) == "99,5\u00a0%"


def test_the_largest_amount_of_a_row_decides_on_cents():
    assert BRITISH.places(MONEY, 96.39, 2773.0, None) == 0
    assert BRITISH.places(MONEY, 96.39, -2773.0) == 0
    assert BRITISH.places(MONEY, 96.39, -3.5) == 2
    assert BRITISH.places(MONEY) == 2
    assert BRITISH.places(HOURS, 400.0) == 1
    assert BRITISH.with_unit(MONEY, 96.39, 0) == "€96"


@pytest.mark.parametrize(
    ("metric", "low", "high", "said"),
    [
        (HOURS, 5.1, 6.6, f"5.1{DASH}6.6"),
        (SHARE, 0.695, 0.8929, f"70{DASH}89"),
        (POINTS, 54, 67, "54 to 67"),
        (POINTS, -1, 27, f"{MINUS}1 to 27"),
        (MONEY, -26, 1600, f"{MINUS}26 to 1,600"),
        (MONEY, 4390, 5260, f"4,390{DASH}5,260"),
        (SHARE, None, 0.9, "<\u00a090"),
        (SHARE, 0.9, None, ">\u00a090"),
        (SHARE, None, None, ""),
    ],
)
def test_an_interval_is_a_dash_unless_a_sign_could_be_taken_for_it(metric, low, high, said):
    assert BRITISH.interval(metric, low, high) == said


@pytest.mark.parametrize(
    ("metric", "limit", "said"),
    [
        (SHARE, 0.8, "80\u00a0%"),
        (SHARE, 0.925, "92.5\u00a0%"),
        (RATE, 0.04, "4\u00a0%"),
        (HOURS, 4.0, "4\u00a0h"),
        (HOURS, 0.5, "30\u00a0min"),
        (HOURS, 1.5, "1.5\u00a0h"),
        (POINTS, 20, "+20"),
        (MONEY, 90.0, "€90"),
        (MONEY, 90.5, "€90.50"),
        (MONEY, 12345.25, "€12,345.25"),
        (SCORE, 4.2, "4.2"),
    ],
)
def test_a_limit_is_printed_as_it_was_chosen(metric, limit, said):
    assert BRITISH.limit(metric, limit) == said


def test_a_reader_takes_a_rounded_figure_from_the_page():
    assert as_printed(RATE, 1.0096, 1) == 1.01
    assert as_printed(RATE, 1.0096, 2) == 1.0096
    assert as_printed(HOURS, 5.84, 1) == 5.8


@pytest.mark.parametrize(
    ("metric", "limit", "written", "said"),
    [
        (HOURS, 45 / 3600, "45 s", "45 s"),
        (HOURS, 90 / 3600, "90 s", "90 s"),
        (HOURS, 90 / 3600, "", "1.5 min"),
        (HOURS, 20 / 3600, "", "20 s"),
        (HOURS, 1 / 6, "10 min", "10 min"),
        (HOURS, 1.5, "90 min", "90 min"),
        (HOURS, 0.25, "0.25 h", "0.25 h"),
        (HOURS, 48.0, "2 d", "2 days"),
        (HOURS, 48.0, "48 hours", "48 h"),
        (HOURS, 24.0, "1 d", "1 day"),
        (HOURS, 0.0, "", "0 h"),
        (SHARE, 0.9254321, "92.54321 %", "92.54321 %"),  # as many decimals as it has
        (SHARE, 0.07, "7 %", "7 %"),  # 0.07 · 100 is 7.000000000000001
        (RATE, 0.333333, "33.3333 %", "33.3333 %"),
        (MONEY, 1200.0, "1,200 EUR", "€1,200"),
        (MONEY, 0.125, "0.125 EUR", "€0.125"),
    ],
)
def test_a_limit_is_printed_exactly_as_it_was_declared(metric, limit, written, said):
    assert BRITISH.limit(metric, limit, written).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        (SHARE, "%"),
        (RATE, "%"),
        (HOURS, "hours"),
        (POINTS, "points"),
        (SCORE, ""),
        (MONEY, "€ per customer"),
        (a_metric("total", "money"), "€"),
    ],
)
def test_a_unit_stands_behind_the_label(metric, said):
    assert BRITISH.unit(metric) == said


@pytest.mark.parametrize("formats", [GERMAN, JAPANESE, BRITISH])
def test_dates_are_in_the_language_of_the_words_around_them(formats):
    assert formats.day(date(2026, 11, 2)) == "2 Nov 2026"
    assert formats.language == "en-GB"


def test_american_dates_follow_american_names():
    assert AMERICAN.day(date(2026, 9, 2)) == "2 Sep 2026"
    assert AMERICAN.language == "en-US"


def test_a_moment_is_told_on_the_companys_clock():
    moment = datetime(2026, 7, 2, 5, 0, tzinfo=UTC)
    assert BRITISH.moment(moment, "Europe/London") == "2 Jul 2026 06:00 Europe/London"
    assert BRITISH.moment(moment, "Asia/Tokyo") == "2 Jul 2026 14:00 Asia/Tokyo"


@pytest.mark.parametrize(
    ("key", "long", "short"),
    [
        ("2026-10", "October 2026", "Oct"),
        ("2026-W01", "Week 1, 2026", "W1"),
        ("2026-W53", "Week 53, 2026", "W53"),  # its Thursday is 31 December
        ("2026-Q4", "Q4 2026", "Q4"),
        ("2026", "2026", "2026"),
        ("2017-05/2018-09", "May 2017 to September 2018", "May 2017 to September 2018"),
        ("2026-04/2026-06", "April to June 2026", "April to June 2026"),
        ("2026-04/2026-04", "April 2026", "April 2026"),
        ("2026-03-02/2026-03-20", "2 to 20 Mar 2026", "2 to 20 Mar 2026"),
        ("2026-02-27/2026-03-02", "27 Feb to 2 Mar 2026", "27 Feb to 2 Mar 2026"),
        ("2025-12-29/2026-01-03", "29 Dec 2025 to 3 Jan 2026", "29 Dec 2025 to 3 Jan 2026"),
        ("2026-03-02", "2 Mar 2026", "2 Mar 2026"),
    ],
)
def test_periods_are_named_in_words(key, long, short):
    period = Period.parse(key, "Europe/London")
    assert (BRITISH.period(period), BRITISH.period(period, short=True)) == (long, short)


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_what_is_printed_is_within_half_a_step_of_the_figure(value, places):
    text = BRITISH.decimal(value, places).replace(",", "").replace(MINUS, "-")
    assert abs(float(text) - value) <= 0.5 * 10**-places + 1e-9 * max(1, abs(value))
    assert text != "-0"
