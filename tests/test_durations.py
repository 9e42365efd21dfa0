from __future__ import annotations

from datetime import timedelta

import pytest

from scorecard.base.durations import duration, worded


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90 min", 90),
        ("1 h", 60),
        ("1.5 h", 90),
        ("6 hours", 360),
        ("3 days", 4320),
        ("1 day", 1440),
        ("1d", 1440),
        ("2 weeks", 20160),
        ("5 m", 5),
        ("60 s", 1),
        ("1 Hour", 60),
        (" 2 H ", 120),
    ],
)
def test_durations_are_read_as_people_write_them(text, minutes):
    assert duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "3", "days", "3 fortnights", "-1 h", "1 h 5 min", "s"])
def test_what_is_no_duration_is_one_sentence_with_an_example(text):
    with pytest.raises(ValueError, match=f'"{text}" is not a duration; write one such as "90 min"'):
        duration(text)


@pytest.mark.parametrize("text", ["0 h", "400 days", "99999999999 weeks"])
def test_nothing_and_more_than_a_year_are_refused(text):
    with pytest.raises(ValueError, match="between nothing and a year"):
        duration(text)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(days=9, hours=5), "9 days"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=125), "2 hours"),
        (timedelta(seconds=61), "1 minute"),
        (timedelta(seconds=3), "3 seconds"),
        (timedelta(0), "no time"),
    ],
)
def test_spans_are_said_in_the_largest_unit(span, said):
    assert worded(span) == said
