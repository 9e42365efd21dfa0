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


# spans


@st.composite
def spans(draw):
    """A span of 1 to 60 months or of 1 to 400 days, from a day or month in 1995 to 2040 on."""
    first, tz = draw(days), draw(zones)
    if draw(st.booleans()):
        return Period(first, "days", tz, draw(st.integers(1, 400)))
    return Period(first.replace(day=1), "months", tz, draw(st.integers(1, 60)))


@given(spans())
def test_spans_of_a_length_tile_time(span):
    assert span.is_span
    assert span.next().first == span.after
    assert span.next().start == span.end
    assert span.previous().end == span.start < span.end
    assert span.next().previous() == span
    assert span.next().length == span.length
    if span.kind == "days":
        assert span.days == span.length


@given(spans(), st.integers(-20, 20))
def test_a_span_shifted_and_back_is_the_same(span, count):
    assert span.shift(count).shift(-count) == span


@given(spans())
def test_a_span_reads_back_from_its_key_and_from_how_it_is_printed(span):
    assert Period.parse(span.key, span.tz) == Period.parse(str(span), span.tz) == span
    assert set(span.key) <= set("0123456789-_")  # it names folders, files and tables
    assert span.key < span.next().key


@given(spans(), spans())
def test_no_two_spans_have_a_key_in_common_nor_one_with_another_kind(one, other):
    assert (one.key == other.key) == (one == Period(other.first, other.kind, one.tz, other.length))
    assert one.key not in [Period.containing(one.first, kind, one.tz).key for kind in KINDS]


@given(spans(), st.integers(1, 36))
def test_the_window_of_a_span_opens_where_its_months_began(span, months):
    first = span.trailing(months)
    assert span.opening(months).first == first < span.after
    assert not span.opening(months).is_span or first.day != 1
    if span.kind == "months":
        assert shift_months(first, months) == span.after
    else:  # the same day of the month, or the last where that month has no such day
        assert first.day == span.after.day or (first + timedelta(days=1)).day == 1
        assert (first.year * 12 + first.month) + months == span.after.year * 12 + span.after.month


@pytest.mark.parametrize(
    ("text", "first", "after", "key"),
    [
        ("2017-05/2018-09", date(2017, 5, 1), date(2018, 10, 1), "2017-05_2018-09"),
        (" 2026-03-02 / 2026-03-20 ", date(2026, 3, 2), date(2026, 3, 21), "2026-03-02_2026-03-20"),
        ("2026-03-02_2026-03-20", date(2026, 3, 2), date(2026, 3, 21), "2026-03-02_2026-03-20"),
        ("2026-05/2026-05", date(2026, 5, 1), date(2026, 6, 1), "2026-05_2026-05"),
        ("2026-05-01/2026-05-31", date(2026, 5, 1), date(2026, 6, 1), "2026-05-01_2026-05-31"),
        ("2026-03-02/2026-03-02", date(2026, 3, 2), date(2026, 3, 3), "2026-03-02"),
        ("2026-03-02", date(2026, 3, 2), date(2026, 3, 3), "2026-03-02"),
        ("2024-02-29/2024-03-01", date(2024, 2, 29), date(2024, 3, 2), "2024-02-29_2024-03-01"),
    ],
)
def test_both_ends_of_a_span_are_in_it(text, first, after, key):
    span = Period.parse(text, "Europe/London")
    assert (span.first, span.after, span.key) == (first, after, key)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2018-09/2017-05", "ends before it begins; write the earlier end first"),
        ("2026-03-20/2026-03-02", "ends before it begins"),
        ("2026-03/2026-03-20", "is no span; write two months, as in 2026-03/2026-08, or two days"),
        ("2026-Q1/2026-Q2", "is no span"),
        ("2026-02-29/2026-03-20", "is no span"),
        ("2026-02/2026-13", "is no span"),
        ("2026/10", "is no span"),
        ("2026-03/2026-04/2026-05", "is no span"),
        ("1969-05/1970-05", "is out of reach; write a year from 1970 to 2199"),
        ("2026-05-01/2226-05-01", "is out of reach"),
        ("2001-01/2026-01", "is longer than 20 years; write a shorter one"),
        ("2001-01-01/2026-01-01", "is longer than 20 years"),
        ("2026-02-30", "is not one; write 2026-10"),
    ],
)
def test_what_is_no_span_is_refused_with_what_is_wrong(text, said):
    with pytest.raises(ProjectError, match=f'"{text}" {said}'):
        Period.parse(text, "UTC")


def test_a_span_opens_with_the_month_that_begins_with_it_or_with_its_day():
    wave = Period.parse("2026-03-02/2026-03-20", "UTC")
    assert str(wave.opened(wave.first)) == "2026-03-02"
    assert str(wave.opened(wave.after)) == "2026-03-21"
    assert wave.opening(12).key == "2025-03-21"
    study = Period.parse("2017-05/2018-09", "UTC")
    assert study.opened(study.first) == Period.parse("2017-05", "UTC")
    assert study.opening(12) == Period.parse("2017-10", "UTC")
    assert wave.opened(date(2026, 4, 1)) == Period.parse("2026-04", "UTC")
