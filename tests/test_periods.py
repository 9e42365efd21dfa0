"""Periods tile time, in every zone and through both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.base.periods import KINDS, Period, local_midnight, shift_months, zone
from scorecard.errors import ProjectError

# Cairo and Santiago change their clocks at midnight, Apia left out a whole day in 2011, Lord Howe
# moves by half an hour, Kathmandu lies at a quarter past.
ZONES = (
    "UTC",
    "Europe/London",
    "America/New_York",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
)
days = st.dates(date(1995, 1, 1), date(2040, 12, 31))
at = datetime.fromisoformat
kinds, zones = st.sampled_from(KINDS), st.sampled_from(ZONES)


@given(days, kinds, zones)
def test_periods_of_a_kind_tile_time(day, kind, tz):
    period = Period.containing(day, kind, tz)
    assert period.first <= day < period.after
    assert period.next().first == period.after
    assert period.next().start == period.end
    assert period.previous().end == period.start
    assert period.start < period.end
    assert period.next().previous() == period


@given(days, kinds, zones)
def test_a_key_reads_back_and_sorts_by_time(day, kind, tz):
    period = Period.containing(day, kind, tz)
    assert Period.parse(period.key, tz) == period
    assert period.key < period.next().key
    assert str(period) == period.key


@given(st.datetimes(at("1995-01-01"), at("2040-12-01")), kinds, zones)
def test_a_moment_is_in_the_period_of_its_local_day_and_in_no_other(moment, kind, tz):
    moment = moment.replace(tzinfo=UTC)
    period = Period.containing(moment.astimezone(ZoneInfo(tz)).date(), kind, tz)
    assert period.start <= moment < period.end
    assert (period.previous().end, period.next().start) == (period.start, period.end)


@given(days, kinds, st.integers(-40, 40))
def test_shifting_is_undone_by_shifting_back(day, kind, count):
    period = Period.containing(day, kind, "UTC")
    assert period.shift(count).shift(-count) == period
    assert len(list(period.until(period.shift(abs(count))))) == abs(count) + 1


@given(days, st.integers(0, 48))
def test_a_trailing_window_is_made_of_whole_periods(day, months):
    for kind in KINDS:
        period = Period.containing(day, kind, "UTC")
        opening = period.opening(months)
        assert opening.first <= period.trailing(months) < opening.after
    month = Period.containing(day, "month", "UTC")
    assert shift_months(month.trailing(months), months) == month.after
    assert Period.containing(day, "week", "UTC").trailing(months).weekday() == 0


def test_spring_has_a_day_of_23_hours_and_autumn_one_of_25():
    spring, autumn = (Period.parse(f"2026-W{week}", "Europe/London") for week in (13, 43))
    assert (spring.first, spring.after) == (date(2026, 3, 23), date(2026, 3, 30))
    assert spring.end - spring.start == timedelta(days=7, hours=-1)
    assert autumn.end - autumn.start == timedelta(days=7, hours=1)
    assert (spring.days, autumn.days) == (7, 7)


def test_a_midnight_that_the_clocks_skip_is_the_moment_they_do():
    # Cairo, 26 April 2024: from 00:00 (UTC+2) straight to 01:00.
    assert local_midnight(date(2024, 4, 26), "Africa/Cairo") == at("2024-04-25T22:00Z")
    # Havana, 1 November 2026: 01:00 becomes 00:00 again; the day began with the first.
    assert local_midnight(date(2026, 11, 1), "America/Havana") == at("2026-11-01T04:00Z")


@pytest.mark.parametrize(
    ("key", "first", "after"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-W41", date(2026, 10, 5), date(2026, 10, 12)),
        ("2025-W01", date(2024, 12, 30), date(2025, 1, 6)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        (" 2026 ", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_keys_are_read(key, first, after):
    period = Period.parse(key, "Europe/London")
    assert (period.first, period.after, period.key) == (first, after, key.strip())


@pytest.mark.parametrize(
    "text", ["2026-13", "2025-W53", "2026-Q5", "26-10", "2026-1", "October", ""]
)
def test_what_is_no_period_is_refused_with_examples(text):
    with pytest.raises(ProjectError, match=r'Period ".*" is not one; write 2026-10, 2026-W41'):
        Period.parse(text, "UTC")


@pytest.mark.parametrize("text", ["0000", "0001-01", "1969-12", "2200-Q1", "9999-12", "9999-W52"])
def test_years_out_of_reach_are_refused(text):
    with pytest.raises(ProjectError, match=f'"{text}" is out of reach; write a year from 1970 to'):
        Period.parse(text, "Pacific/Apia")


@pytest.mark.parametrize("text", ["1970-01", "1970", "2199-12", "2199-W52", "2199"])
def test_periods_at_the_ends_of_reach_have_neighbours(text):
    period = Period.parse(text, "Pacific/Apia")
    assert period.shift(-36).start < period.start < period.end < period.shift(36).start


def test_a_key_has_four_digits_of_year():
    first = date(987, 7, 6)
    keys = [Period.containing(first, kind, "UTC").key for kind in KINDS]
    assert keys == ["0987-W27", "0987-07", "0987-Q3", "0987"]


@pytest.mark.parametrize("name", ["Europe/Londn", "", "Europe", "../etc/passwd"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(ProjectError, match="is not an IANA zone"):
        zone(name)


def test_a_trailing_year_of_a_month_opens_with_the_month_eleven_before():
    october = Period.parse("2026-10", "Europe/London")
    assert october.trailing(12) == date(2025, 11, 1)
    assert october.opening(12).key == "2025-11"
    assert october.opening(0).key == "2026-11"


def test_a_trailing_year_of_a_week_is_fifty_two_or_three_weeks():
    # 2026-W41 ends on 12 October; 365 days before is Sunday 12 October 2025, of 2025-W41.
    week = Period.parse("2026-W41", "Europe/London")
    assert week.trailing(12) == date(2025, 10, 6)
    assert week.opening(12).key == "2025-W41"
