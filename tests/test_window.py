"""A window compares days with local days and moments with the instants they begin at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.base.periods import KINDS, Period
from scorecard.facts.window import Window, naive

LONDON = "Europe/London"
MARCH = Period.parse("2026-03", LONDON)
at = datetime.fromisoformat


def test_a_window_of_no_months_is_the_period_itself():
    window = Window.of(MARCH, 0)
    assert (window.first, window.after) == (date(2026, 3, 1), date(2026, 4, 1))
    assert window.opening == MARCH


def test_bounds_are_local_midnights_as_utc_without_a_zone():
    window = Window.of(MARCH, 0)
    assert (window.start, window.end) == (at("2026-03-01T00:00"), at("2026-03-31T23:00"))


def test_a_trailing_window_ends_where_the_period_ends_and_opens_with_a_period():
    window = Window.of(MARCH, 12)
    assert (window.first, window.after) == (date(2025, 4, 1), date(2026, 4, 1))
    assert window.opening.key == "2025-04"
    week = Window.of(Period.parse("2026-W11", LONDON), 12)
    assert (week.first.weekday(), week.after) == (0, date(2026, 3, 16))
    assert week.opening.first == week.first


def _inside(values, type, condition):
    table = ibis.memtable({"v": values}, schema={"v": type})
    return ibis.duckdb.connect().to_pyarrow(table.filter(condition(table.v)).v).to_pylist()


def test_days_and_moments_are_held_half_open():
    window = Window.of(MARCH, 0)
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert _inside(days, "date", window.holds) == days[1:3]
    moments = [
        at("2026-02-28T23:59"),
        at("2026-03-01T00:00"),
        at("2026-03-31T22:59"),
        at("2026-03-31T23:00"),
    ]
    assert _inside(moments, "timestamp", window.holds) == moments[1:3]


@pytest.mark.parametrize(
    ("key", "months", "first", "after"),
    [
        ("2026-03", 0, date(2026, 2, 1), date(2026, 3, 1)),
        ("2026-03", 12, date(2025, 3, 1), date(2026, 3, 1)),
        ("2026-Q1", 0, date(2025, 10, 1), date(2026, 1, 1)),
        ("2026-Q1", 24, date(2024, 1, 1), date(2026, 1, 1)),
        ("2026", 12, date(2025, 1, 1), date(2026, 1, 1)),
        ("2026-W11", 0, date(2026, 3, 2), date(2026, 3, 9)),
    ],
)
def test_the_earlier_window_is_as_long_and_one_period_before(key, months, first, after):
    earlier = Window.of(Period.parse(key, LONDON), months).earlier()
    assert (earlier.first, earlier.after) == (first, after)
    assert earlier.period.key == Period.parse(key, LONDON).previous().key


@given(
    st.dates(date(2000, 1, 1), date(2035, 1, 1)),
    st.sampled_from(KINDS),
    st.sampled_from([0, 12, 24]),
)
def test_the_earlier_window_of_the_next_period_is_the_window(day, kind, months):
    period = Period.containing(day, kind, LONDON)
    window, earlier = Window.of(period, months), Window.of(period.next(), months).earlier()
    assert (earlier.after, earlier.period) == (window.after, period)
    if kind != "week" or not months:
        assert earlier == window
    else:
        # A year before a Monday may lie in the week before or after.
        assert abs(earlier.first - window.first) <= timedelta(days=7)


def test_weeks_are_the_grain_of_weekly_projects_only():
    assert Window.of(Period.parse("2026-W11", LONDON), 12).grain == "W"
    for key in ("2026-03", "2026-Q1", "2026"):
        assert Window.of(Period.parse(key, LONDON), 12).grain == "M"


def test_naive_is_utc_whatever_the_zone():
    assert naive(datetime(2026, 3, 31, 23, tzinfo=UTC)) == at("2026-03-31T23:00")
