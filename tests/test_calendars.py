"""Business days of countries and of files, against published calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from scorecard.base.days_off import read_dates
from scorecard.errors import ProjectError
from scorecard.schedules.calendars import holidays_of, read_calendar
from scorecard.schedules.model import BusinessDay, Fiscal, Schedule, When
from scorecard.schedules.timetable import Calendar

TODAY = date(2026, 11, 21)


def works(name, day, root=Path()):
    return holidays_of(name, root, TODAY).is_business_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("name", "free", "worked"),
    [
        ("GB-ENG", ["2027-03-29", "2027-08-30", "2027-12-27", "2028-01-03"], ["2028-01-04"]),
        ("GB-SCT", ["2027-08-02", "2027-11-30", "2028-01-04"], ["2027-03-29", "2027-08-30"]),
        ("GB", ["2027-12-28"], ["2027-03-29", "2027-08-30"]),
        ("DE", ["2028-05-25", "2028-10-03"], ["2027-12-27", "2027-11-01"]),
        ("DE-BY", ["2027-11-01"], ["2027-12-27"]),
    ],
)
def test_a_country_or_a_part_of_it_has_its_holidays(name, free, worked):
    """Easter Monday and August's last Monday are holidays of England, not of all Britain."""
    assert [works(name, day) for day in free] == [False] * len(free)
    assert [works(name, day) for day in worked] == [True] * len(worked)


def test_a_country_brings_its_own_working_week():
    """Saudi Arabia works from Sunday to Thursday: 1 October 2027 is a Friday."""
    assert [works("SA", f"2027-10-0{day}") for day in (1, 2, 3, 4)] == [False, False, True, True]


def test_a_saturday_that_is_worked_instead_is_a_business_day():
    """China worked on Saturday 10 October 2026 to make up for its golden week."""
    assert works("CN", "2026-10-10")
    assert not works("CN", "2026-10-17")


def test_without_holidays_every_monday_to_friday_is_a_business_day():
    calendar = Calendar()
    assert [calendar.is_business_day(date(2027, 12, 20) + timedelta(days=n)) for n in range(7)] == [
        True,
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_country_says_until_when_its_holidays_are_known():
    assert holidays_of("GB", Path(), TODAY).last == date(2027, 12, 31)
    assert holidays_of("IN", Path(), date(2036, 5, 1)).last == date(2035, 12, 31)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("XX", '"XX" is not a country; write its two letters, or a file that ends in .ics'),
        ("gb", 'Did you mean "GB"?'),
        ("England", '"England" is not a country'),
        ("GB-SCO", '"GB-SCO" is no part of a country with holidays of its own.'),
        ("GB-SCO", 'Did you mean "GB-SCT"?'),
        ("works.csv", "is no file of dates; name one that ends in .ics, .toml, .txt."),
        ("works.txt", "works.txt cannot be opened (No such file or directory); put it there."),
    ],
)
def test_what_is_no_calendar_is_refused_in_a_sentence(name, said, tmp_path):
    with pytest.raises(ProjectError) as error:
        holidays_of(name, tmp_path, TODAY)
    assert said in str(error.value) and "\n" not in str(error.value)


TEXT = """# Works' holidays
2027-12-24  Christmas Eve
2027-12-31, the year's last day   # since 2019

2027-05-07
"""
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//works//EN
BEGIN:VEVENT
SUMMARY:Works' holidays
DTSTART;VALUE=DATE:20271224
DTEND;VALUE=DATE:20271226
END:VEVENT
BEGIN:VEVENT
SUMMARY:Founder's day
DTSTART;VALUE=DATE:20260507
RRULE:FREQ=YEARLY;UNTIL=20280601T000000Z
END:VEVENT
BEGIN:VEVENT
SUMMARY:Called off
DTSTART;VALUE=DATE:20270101
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def dates(*texts):
    return {date.fromisoformat(text) for text in texts}


def test_a_text_file_has_a_date_on_each_line(tmp_path):
    path = write(tmp_path, "works.txt", TEXT)
    assert read_dates(path, TODAY) == dates("2027-12-24", "2027-12-31", "2027-05-07")


def test_a_toml_file_has_a_list_of_dates(tmp_path):
    path = write(tmp_path, "works.toml", "dates = [2027-12-24, 2027-12-31]\n")
    assert read_dates(path, TODAY) == dates("2027-12-24", "2027-12-31")


def test_an_icalendar_file_has_whole_days_that_may_last_and_recur(tmp_path):
    """Its end is the day after; 7 May recurs until 2028; what was cancelled does not count."""
    assert read_dates(write(tmp_path, "works.ics", ICS), TODAY) == dates(
        "2027-12-24", "2027-12-25", "2026-05-07", "2027-05-07", "2028-05-07"
    )


def test_an_event_that_recurs_for_ever_is_followed_for_some_years(tmp_path):
    path = write(tmp_path, "works.ics", ICS.replace(";UNTIL=20280601T000000Z", ""))
    assert max(read_dates(path, TODAY)) == date(2036, 5, 7)


def test_the_days_of_a_file_are_off_and_known_until_the_end_of_its_last_year(tmp_path):
    write(tmp_path, "works.txt", TEXT)
    calendar = holidays_of("works.txt", tmp_path, TODAY)
    assert not works("works.txt", "2027-12-24", tmp_path)
    assert works("works.txt", "2027-12-27", tmp_path)
    assert calendar.last == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("w.txt", "2027-12-24\n2027-02-30 no\n", ':2: "2027-02-30 no" does not begin with a date'),
        ("w.txt", "24.12.2027\n", ':1: "24.12.2027" does not begin with a date; write one such as'),
        ("w.txt", "# nothing\n", "names no day; write at least one."),
        ("w.toml", "dates = 2027-12-24\n", "must hold one list of dates; write dates = [2026-11-2"),
        ("w.toml", 'dates = ["2027-12-24"]\n', "must hold one list of dates"),
        ("w.toml", "dates = [2027-12-24T07:00:00]\n", "must hold one list of dates"),
        ("w.toml", "dates = [2027-12-24]\nname = 1\n", "must hold one list of dates"),
        ("w.toml", "dates = [\n", "is not TOML: "),
        ("w.ics", "hello\n", "is not an iCalendar file; export it again."),
        ("w.ics", ICS.replace("DTSTART;VALUE=DATE:20271224", "DTSTART:zz"), "has no day that can"),
        ("w.ics", ICS.replace("DTSTART;VALUE=DATE:20271224\n", ""), "has no day that can be read"),
        (
            "w.ics",
            ICS.replace("DATE:20271224", "DATE-TIME:20271224T090000").replace(
                "DATE:20271226", "DATE-TIME:20271224T100000"
            ),
            "has a time of day and is no day off; make it last the whole day, or remove it.",
        ),
        (
            "w.ics",
            ICS.replace("RRULE:", "EXDATE;VALUE=DATE:20270507\nRRULE:"),
            'the event "Founder\'s day" has EXDATE, which is not read here',
        ),
        ("w.ics", ICS.replace("FREQ=YEARLY", "FREQ=OFTEN"), "recurs in a way that is not"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_says_where(tmp_path, name, text, said):
    with pytest.raises(ProjectError) as error:
        read_dates(write(tmp_path, name, text), TODAY)
    assert said in str(error.value) and name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_in_another_encoding_is_named(tmp_path):
    (tmp_path / "w.txt").write_bytes("2027-12-24 Weihnachtsbäume".encode("latin-1"))
    with pytest.raises(ProjectError, match=r"w\.txt is not text in UTF-8; save it"):
        read_dates(tmp_path / "w.txt", TODAY)


def test_a_schedule_counts_on_its_holidays_and_its_closing_days(tmp_path):
    write(tmp_path, "fiscal.txt", "2027-02-26\n2027-01-29\n")
    when = When(BusinessDay(3), None, "Europe/London", holidays="GB-ENG")
    plain = Schedule("packet", "Packet", ("executive-packet",), when)
    fiscal = replace(plain, fiscal=Fiscal(closes="fiscal.txt"))
    england = holidays_of("GB-ENG", tmp_path, TODAY)
    assert read_calendar(plain, tmp_path, TODAY) == england
    closes = (date(2027, 1, 29), date(2027, 2, 26))
    assert read_calendar(fiscal, tmp_path, TODAY) == replace(england, closes=closes)
    assert read_calendar(replace(plain, when=replace(when, holidays="")), tmp_path, TODAY) == (
        Calendar()
    )
