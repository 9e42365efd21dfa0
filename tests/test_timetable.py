"""When runs are due, against dates worked out by hand with a calendar on the wall.

Months begin on: Oct 2027 Fri, Nov Mon, Dec Wed, Jan 2028 Sat, Feb Tue, Mar Wed, Apr Sat, May Mon,
Jun Thu, Jul Sat, Aug Tue, Sep Fri, Oct Sun, Nov Wed, Dec Fri. 2028 is a leap year, Easter is on
16 April. Clocks in London and Berlin change on 31 October 2027, 26 March and 29 October 2028.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from scorecard.base.periods import KINDS, Period
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.cron import cron_fault
from scorecard.schedules.model import (
    BusinessDay,
    Cron,
    Day,
    Fiscal,
    Hold,
    LastTry,
    Late,
    Schedule,
    Weekday,
    When,
)
from scorecard.schedules.timetable import (
    HORIZON,
    Calendar,
    Span,
    instant,
    moments,
    occurrences,
    pick,
    upcoming,
)

LONDON, BERLIN = "Europe/London", "Europe/Berlin"
FRIDAY = 4
BEGIN, END = datetime(2027, 10, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
PLAIN = Calendar()


def planned(rule, at="07:00", zone=LONDON, fiscal=None, hold=None, late=None, back=1, **more):
    clock = None if isinstance(rule, Cron) else time.fromisoformat(at)
    if isinstance(rule, Cron):
        more.setdefault("roll", "none")
    return Schedule(
        "packet",
        "Packet",
        ("executive-packet",),
        When(rule, clock, zone, **more),
        fiscal=fiscal,
        hold=hold or Hold(),
        late=late or Late(),
        back=back,
    )


def ran(schedule, calendar=PLAIN, kind="month", tz=LONDON, after=BEGIN, until=END):
    return list(occurrences(schedule, calendar, kind, tz, after, until))


def days(runs, zone=LONDON):
    return [f"{run.due.astimezone(ZoneInfo(zone)):%Y-%m-%d}" for run in runs]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The simulated year: six schedules, 15 months, worked out on paper.
#   fifth     5th business day of the month, England
#   held      3rd business day, held until the 6th at 17:00, England
#   end       last day of the month, rolled back, Germany, on Berlin's clocks
#   friday    2nd Friday, rolled forward, Germany
#   last      last Friday, England
#   note      why it is not the obvious day
YEAR = """
        fifth   held          end     friday  last    note
2027-10 Oct  7  Oct  5 Oct  8 Oct 29  Oct  8  Oct 29  31 Oct is a Sunday; clocks go back that night
2027-11 Nov  5  Nov  3 Nov  8 Nov 30  Nov 12  Nov 26
2027-12 Dec  7  Dec  3 Dec  8 Dec 31  Dec 10  Dec 31  27 and 28 Dec are kept for Christmas
2028-01 Jan 10  Jan  6 Jan 11 Jan 31  Jan 14  Jan 28  New Year's Day is kept on Monday 3 Jan
2028-02 Feb  7  Feb  3 Feb  8 Feb 29  Feb 11  Feb 25  leap day
2028-03 Mar  7  Mar  3 Mar  8 Mar 31  Mar 10  Mar 31  clocks go forward on the 26th
2028-04 Apr  7  Apr  5 Apr 10 Apr 28  Apr 18  Apr 28  2nd Friday is Good Friday; 30 Apr is a Sunday
2028-05 May  8  May  4 May  9 May 31  May 12  May 26  1 May is a holiday
2028-06 Jun  7  Jun  5 Jun  8 Jun 30  Jun  9  Jun 30
2028-07 Jul  7  Jul  5 Jul 10 Jul 31  Jul 14  Jul 28
2028-08 Aug  7  Aug  3 Aug  8 Aug 31  Aug 11  Aug 25
2028-09 Sep  7  Sep  5 Sep  8 Sep 29  Sep  8  Sep 29  30 Sep is a Saturday
2028-10 Oct  6  Oct  4 Oct  9 Oct 31  Oct 13  Oct 27
2028-11 Nov  7  Nov  3 Nov  8 Nov 30  Nov 10  Nov 24
2028-12 Dec  7  Dec  5 Dec  8 Dec 29  Dec  8  Dec 29  31 Dec is a Sunday
"""
HEADS = ("month", "fifth", "held", "held until", "end", "friday", "last", "note")
WIDTHS = (8, 8, 7, 7, 8, 8, 8, 99)
ENGLAND, GERMANY = {"holidays": "GB-ENG"}, {"holidays": "DE", "zone": BERLIN}
SIMULATED = {
    "fifth": planned(BusinessDay(5), **ENGLAND),
    "held": planned(BusinessDay(3), hold=Hold(until=LastTry(BusinessDay(6), time(17))), **ENGLAND),
    "end": planned(Day(-1), "18:00", roll="back", **GERMANY),
    "friday": planned(Weekday(FRIDAY, 2), **GERMANY),
    "last": planned(Weekday(FRIDAY, -1), **ENGLAND),
}


def by_hand():
    """The rows of YEAR as text, cut at fixed widths."""
    for line in YEAR.strip("\n").splitlines()[1:]:
        cells = []
        for width in WIDTHS:
            cells.append(line[:width].strip())
            line = line[width:]
        yield tuple(cells)


def worked_out():
    """The same rows from the timetable, with the library's holidays."""
    calendars = {name: read_calendar(s, Path(), date(2027, 10, 1)) for name, s in SIMULATED.items()}
    runs = {name: ran(s, calendars[name]) for name, s in SIMULATED.items()}
    for nth, row in enumerate(by_hand()):
        due = {name: local(each[nth].due, SIMULATED[name]) for name, each in runs.items()}
        held = local(runs["held"][nth].hold_until, SIMULATED["held"])
        yield (
            f"{runs['fifth'][nth].period.next()}",
            due["fifth"],
            due["held"],
            held,
            due["end"],
            due["friday"],
            due["last"],
            row[-1],
        )


def local(moment, schedule):
    there = moment.astimezone(ZoneInfo(schedule.when.zone))
    return f"{there:%b} {there.day:2}"


def test_fifteen_months_of_six_rules_fall_on_the_days_worked_out_by_hand():
    table = Table(*HEADS, box=None, pad_edge=False)
    for row in worked_out():
        table.add_row(*row)
    Console(width=160).print(table)
    assert list(worked_out()) == list(by_hand())


def test_the_simulated_runs_keep_their_hour_through_both_changes_of_the_clocks():
    fifth = [r.due for r in ran(SIMULATED["fifth"], read_calendar(SIMULATED["fifth"], Path(), END))]
    assert [f"{due:%d %b %H:%M}" for due in fifth[:8]] == [
        "07 Oct 06:00",
        "05 Nov 07:00",
        "07 Dec 07:00",
        "10 Jan 07:00",
        "07 Feb 07:00",
        "07 Mar 07:00",
        "07 Apr 06:00",
        "08 May 06:00",
    ]
    end = [r.due for r in ran(SIMULATED["end"], read_calendar(SIMULATED["end"], Path(), END))]
    assert [f"{due:%d %b %H:%M}" for due in end[:2]] == ["29 Oct 16:00", "30 Nov 17:00"]


def test_every_simulated_run_reports_the_month_before_and_each_month_once():
    for schedule in SIMULATED.values():
        runs = ran(schedule, read_calendar(schedule, Path(), date(2027, 10, 1)))
        assert [r.period.key for r in runs] == [
            "2027-09",
            "2027-10",
            "2027-11",
            "2027-12",
            "2028-01",
            "2028-02",
            "2028-03",
            "2028-04",
            "2028-05",
            "2028-06",
            "2028-07",
            "2028-08",
            "2028-09",
            "2028-10",
            "2028-11",
        ]


ENGLISH = read_calendar(planned(Day(1), **ENGLAND), Path(), date(2027, 10, 1))
GERMAN = read_calendar(planned(Day(1), **GERMANY), Path(), date(2027, 10, 1))


def test_the_third_business_day_of_a_fiscal_quarter():
    quarterly = planned(BusinessDay(3), fiscal=Fiscal(4), every="quarter")
    assert days(ran(quarterly, ENGLISH)) == [
        "2027-10-05",
        "2028-01-06",
        "2028-04-05",
        "2028-07-05",
        "2028-10-04",
    ]
    assert [r.period.key for r in ran(quarterly, ENGLISH, kind="quarter")] == [
        "2027-Q3",
        "2027-Q4",
        "2028-Q1",
        "2028-Q2",
        "2028-Q3",
    ]


def test_fiscal_quarters_that_begin_in_february_begin_on_their_own_days():
    quarterly = planned(Day(1), fiscal=Fiscal(2), every="quarter", zone=BERLIN)
    assert days(ran(quarterly, GERMAN), BERLIN) == [
        "2027-11-01",
        "2028-02-01",
        "2028-05-02",
        "2028-08-01",
        "2028-11-01",
    ]


def test_the_tenth_business_day_of_a_fiscal_year_from_april_comes_after_easter():
    """3–7 and 10–13 April are nine; 14 and 17 April are holidays."""
    yearly = planned(BusinessDay(10), fiscal=Fiscal(4), every="year")
    assert days(ran(yearly, ENGLISH)) == ["2028-04-18"]


def test_business_days_are_counted_from_the_end_of_a_span_too():
    before_last = planned(BusinessDay(-2), every="year")
    assert days(ran(before_last, ENGLISH)) == ["2027-12-30", "2028-12-28"]
    last = planned(BusinessDay(-1))
    assert days(ran(last, ENGLISH))[:4] == ["2027-10-29", "2027-11-30", "2027-12-31", "2028-01-31"]


def test_a_week_has_its_own_business_days():
    """The Monday after Christmas 2027 and the Tuesday are holidays: the first is Wednesday."""
    weekly = planned(BusinessDay(1), every="week")
    runs = ran(weekly, ENGLISH, kind="week", after=utc("2027-12-20"), until=utc("2028-01-11"))
    assert days(runs) == ["2027-12-20", "2027-12-29", "2028-01-04", "2028-01-10"]
    assert [r.period.key for r in runs] == ["2027-W50", "2027-W51", "2027-W52", "2028-W01"]


def test_spans_of_four_four_five_weeks_are_counted_from_the_day_after_each_close():
    """Closes on Fridays; the third business day after 31 Dec 2027 is after 3 Jan, a holiday."""
    closes = tuple(
        map(date.fromisoformat, ["2027-10-29", "2027-11-26", "2027-12-31", "2028-01-28"])
    )
    calendar = replace(ENGLISH, closes=closes)
    third = planned(BusinessDay(3), fiscal=Fiscal(closes="f.txt"))
    assert days(ran(third, calendar)) == ["2027-11-03", "2027-12-01", "2028-01-06", "2028-02-02"]
    fourth_day = planned(Day(4), fiscal=Fiscal(closes="f.txt"), roll="none")
    found = moments(fourth_day, calendar, BEGIN, utc("2028-03-01"))
    assert [f"{m:%m-%d}" for m in found] == ["11-02", "11-30", "01-04", "02-01"]


def test_after_the_last_close_only_what_counts_from_the_beginning_is_known():
    calendar = replace(ENGLISH, closes=(date(2027, 10, 29), date(2027, 11, 26)))
    from_end = planned(BusinessDay(-1), fiscal=Fiscal(closes="f.txt"))
    assert days(ran(from_end, calendar)) == ["2027-11-26"]
    assert days(ran(planned(Day(1), fiscal=Fiscal(closes="f.txt"), roll="none"), calendar)) == [
        "2027-10-30",
        "2027-11-27",
    ]


def test_a_shorter_month_has_its_last_day_instead():
    runs = ran(planned(Day(31), roll="none"))
    assert days(runs)[3:8] == ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]
    many = planned(BusinessDay(22))
    assert days(ran(many, ENGLISH))[:4] == [
        "2027-10-29",
        "2027-11-30",
        "2027-12-31",
        "2028-01-31",
    ]


@pytest.mark.parametrize(
    ("roll", "found"),
    [
        ("forward", ["2027-12-29", "2028-01-25", "2028-02-25", "2028-03-27"]),
        ("back", ["2027-12-24", "2028-01-25", "2028-02-25", "2028-03-24"]),
        ("skip", ["2028-01-25", "2028-02-25"]),
        ("none", ["2027-12-25", "2028-01-25", "2028-02-25", "2028-03-25"]),
    ],
)
def test_a_day_on_which_nobody_works_is_rolled_or_skipped(roll, found):
    """25 Dec 2027 is a Saturday before two holidays; 25 March 2028 is a Saturday."""
    schedule = planned(Day(25), roll=roll)
    assert days(ran(schedule, ENGLISH, after=utc("2027-12-01"), until=utc("2028-04-01"))) == found


def test_a_day_rolled_into_the_next_month_reports_the_one_that_is_complete_by_then():
    """31 Oct 2027 is a Sunday. On 1 November, October is complete; 30 November brings no other."""
    runs = ran(planned(Day(-1)), ENGLISH)[:3]
    assert days(runs) == ["2027-11-01", "2027-12-31", "2028-01-31"]
    assert [r.period.key for r in runs] == ["2027-10", "2027-11", "2027-12"]


def test_months_name_those_in_which_the_day_lies_before_it_is_rolled():
    runs = ran(planned(Day(-1), months=(1, 4, 7, 10)), ENGLISH)
    assert days(runs) == ["2027-11-01", "2028-01-31", "2028-05-02", "2028-07-31", "2028-10-31"]


def test_a_time_that_the_clocks_leave_out_comes_right_after_the_gap():
    tz = ZoneInfo(LONDON)
    assert instant(date(2028, 3, 26), time(0, 59), tz) == utc("2028-03-26T00:59")
    assert instant(date(2028, 3, 26), time(1), tz) == utc("2028-03-26T01:00")
    assert instant(date(2028, 3, 26), time(1, 30), tz) == utc("2028-03-26T01:00")
    assert instant(date(2028, 3, 26), time(2), tz) == utc("2028-03-26T01:00")
    assert instant(date(2028, 3, 26), time(2, 30), tz) == utc("2028-03-26T01:30")


def test_a_time_that_the_clocks_show_twice_comes_once_the_first_time():
    tz = ZoneInfo(LONDON)
    assert instant(date(2027, 10, 31), time(1, 30), tz) == utc("2027-10-31T00:30")
    assert instant(date(2027, 10, 31), time(2), tz) == utc("2027-10-31T02:00")


def test_a_day_that_a_place_left_out_comes_when_the_next_begins():
    """Samoa went from 29 to 31 December 2011 at midnight, from UTC−10 to UTC+14."""
    assert instant(date(2011, 12, 30), time(7), ZoneInfo("Pacific/Apia")) == utc("2011-12-30T10:00")


def test_a_weekly_cron_at_half_past_one_survives_both_changes():
    sundays = planned(Cron("30 1 * * 0"))
    found = list(moments(sundays, PLAIN, utc("2027-10-24"), utc("2027-11-08")))
    assert [f"{m:%m-%d %H:%M}" for m in found] == ["10-24 00:30", "10-31 00:30", "11-07 01:30"]
    found = list(moments(sundays, PLAIN, utc("2028-03-19"), utc("2028-04-03")))
    assert [f"{m:%m-%d %H:%M}" for m in found] == ["03-19 01:30", "03-26 01:00", "04-02 00:30"]


def test_a_cron_every_half_hour_has_the_gap_once_and_the_repeated_hour_once():
    often = planned(Cron("*/30 0-2 * * *"))
    gap = moments(often, PLAIN, utc("2028-03-26T00:00"), utc("2028-03-26T12:00"))
    assert [f"{m:%H:%M}" for m in gap] == ["00:00", "00:30", "01:00", "01:30"]
    twice = moments(often, PLAIN, utc("2027-10-30T23:00"), utc("2027-10-31T12:00"))
    assert [f"{m:%H:%M}" for m in twice] == ["23:00", "23:30", "00:00", "00:30", "02:00", "02:30"]


def test_cron_counts_weekdays_from_sunday():
    """4 October 2027 is a Monday. APScheduler's own cron would take 1 for a Tuesday."""
    found = moments(planned(Cron("0 7 * * 1")), PLAIN, BEGIN, utc("2027-10-15"))
    assert [m.date() for m in found] == [date(2027, 10, 4), date(2027, 10, 11)]
    assert [*moments(planned(Cron("0 7 * * 7")), PLAIN, BEGIN, utc("2027-10-04"))] == [
        utc("2027-10-03T06:00")
    ]


def test_a_cron_with_day_and_weekday_wants_either_as_cron_does():
    found = moments(planned(Cron("0 7 1 * 1")), PLAIN, BEGIN, utc("2027-11-02"))
    assert [f"{m:%m-%d}" for m in found] == ["10-01", "10-04", "10-11", "10-18", "10-25", "11-01"]


def test_a_cron_with_several_times_of_day_has_each_also_when_it_is_rolled():
    """16 October 2027 is a Saturday; with Monday itself it makes one day, not two."""
    twice = planned(Cron("0 7,18 16,18 10 *"), roll="forward")
    assert [f"{m:%d %H:%M}" for m in moments(twice, PLAIN, BEGIN, utc("2027-11-01"))] == [
        "18 06:00",
        "18 17:00",
    ]


def test_of_several_moments_for_one_period_only_the_first_is_a_run():
    daily = planned(Cron("30 7 * * 1-5"))
    runs = ran(daily, until=utc("2028-01-01"))
    assert days(runs) == ["2027-10-01", "2027-11-01", "2027-12-01"]
    assert len([*moments(daily, PLAIN, BEGIN, utc("2027-11-01"))]) == 21
    weekly = ran(planned(Weekday(FRIDAY, 1), every="week"), kind="quarter")
    assert [r.period.key for r in weekly] == ["2027-Q3", "2027-Q4", "2028-Q1", "2028-Q2", "2028-Q3"]


def test_a_run_whose_first_moment_has_passed_does_not_come_again_that_period():
    daily = planned(Cron("30 7 * * *"))
    assert days(ran(daily, after=utc("2027-10-05"), until=utc("2027-11-05"))) == ["2027-11-01"]


def test_after_is_left_out_and_until_is_taken_in():
    first = planned(Day(1), roll="none")
    due = utc("2027-11-01T07:00")
    assert [r.due for r in ran(first, after=due, until=due + timedelta(days=1))] == []
    assert [r.due for r in ran(first, after=due - timedelta(seconds=1), until=due)] == [due]


def test_the_period_is_the_last_complete_one_where_the_company_is():
    """At 07:00 on the first in Tokyo it is still the month before in London."""
    tokyo = planned(Day(1), zone="Asia/Tokyo", roll="none")
    (run,) = ran(tokyo, after=utc("2028-02-28"), until=utc("2028-03-01T12:00"))
    assert (run.due, run.period.key) == (utc("2028-02-29T22:00"), "2028-01")
    (run,) = ran(tokyo, tz="Asia/Tokyo", after=utc("2028-02-28"), until=utc("2028-03-01T12:00"))
    assert run.period == Period(date(2028, 2, 1), "month", "Asia/Tokyo")


def test_an_earlier_period_can_be_reported_on():
    runs = ran(planned(Day(1), roll="none", back=2), until=utc("2028-01-02"))
    assert [r.period.key for r in runs] == ["2027-08", "2027-09", "2027-10", "2027-11"]


def first_run(**more):
    return ran(planned(BusinessDay(3), **more), ENGLISH)[0]


def test_a_hold_ends_on_a_day_of_the_same_span_or_after_a_time():
    assert first_run().due == utc("2027-10-05T06:00")
    friday = LastTry(Weekday(FRIDAY, 2), time(17))
    assert first_run(hold=Hold(until=friday)).hold_until == utc("2027-10-08T16:00")
    end = LastTry(Day(-1), time(12))
    assert first_run(hold=Hold(until=end), roll="back").hold_until == utc("2027-10-29T11:00")
    days3 = timedelta(days=3)
    assert first_run(hold=Hold(until=days3)).hold_until == utc("2027-10-08T06:00")
    assert first_run().hold_until == utc("2027-10-06T06:00")


def test_a_hold_of_a_fiscal_quarter_counts_in_that_quarter():
    hold = Hold(until=LastTry(BusinessDay(25), time(17)))
    runs = ran(planned(BusinessDay(3), fiscal=Fiscal(2), every="quarter", hold=hold), ENGLISH)
    assert runs[0].due == utc("2027-11-03T07:00")
    assert runs[0].hold_until == utc("2027-12-03T17:00")


def test_a_hold_that_would_end_before_the_run_is_due_is_none():
    early = Hold(until=LastTry(BusinessDay(2), time(17)))
    run = first_run(hold=early)
    assert run.hold_until == run.due


def test_lateness_is_two_days_or_as_long_as_the_hold_if_nothing_is_said():
    assert first_run().late_until == utc("2027-10-07T06:00")
    long = Hold(until=LastTry(BusinessDay(6), time(17)))
    assert first_run(hold=long).late_until == utc("2027-10-08T16:00")
    assert first_run(hold=long, late=Late(by=timedelta(hours=6))).late_until == utc(
        "2027-10-05T12:00"
    )
    assert first_run(late=Late("skip")).late_until == utc("2027-10-05T06:15")


def test_the_next_runs_are_as_many_as_asked_for():
    found = upcoming(planned(Day(15), roll="none"), PLAIN, "month", LONDON, BEGIN, 3)
    assert days(found) == ["2027-10-15", "2027-11-15", "2027-12-15"]


@pytest.mark.parametrize(
    "schedule",
    [
        planned(Day(40), every="quarter", months=(1, 4)),
        planned(BusinessDay(1), months=(2,), every="quarter"),
        planned(Cron("0 7 29 2 *"), months=(3,)),
        planned(Weekday(5, 1), roll="skip"),
    ],
    ids=["day", "business day", "cron", "Saturday"],
)
def test_a_rule_that_never_happens_ends_the_search(schedule):
    assert upcoming(schedule, PLAIN, "month", LONDON, BEGIN, 1) == []
    assert ran(schedule, until=BEGIN + HORIZON * 5) == []


def test_a_year_without_business_days_ends_the_search():
    shut = Calendar(off=frozenset(date(2027, 1, 1) + timedelta(days=n) for n in range(6000)))
    assert upcoming(planned(BusinessDay(1)), shut, "month", LONDON, BEGIN, 1) == []
    assert upcoming(planned(Day(1)), shut, "month", LONDON, BEGIN, 1) == []


def test_29_february_comes_every_four_years_also_across_2100():
    leap = planned(Cron("0 7 29 2 *"))
    runs = ran(leap, after=utc("2093-01-01"), until=utc("2105-01-01"))
    assert [r.due.date() for r in runs] == [date(2096, 2, 29), date(2104, 2, 29)]


# Whatever the rule and the company's zone: an order, one run per period, no dependence on when
# it is asked, and business days as NumPy counts them.

RULES = st.one_of(
    st.builds(BusinessDay, st.sampled_from([1, 3, 5, 22, -1, -4])),
    st.builds(Day, st.sampled_from([1, 15, 31, -1, -3])),
    st.builds(Weekday, st.integers(0, 6), st.sampled_from([1, 2, 4, -1])),
    st.builds(Cron, st.sampled_from(["30 1 * * *", "0 7 3 * *", "15 2,14 * * 1-5", "0 0 L * *"])),
)
ZONES = st.sampled_from([LONDON, "America/New_York", "Asia/Tokyo", "Africa/Cairo", "UTC"])
SCHEDULES = st.builds(
    planned,
    RULES,
    st.sampled_from(["00:00", "01:30", "07:00", "23:59"]),
    ZONES,
    every=st.sampled_from(KINDS),
    roll=st.sampled_from(["forward", "back", "skip", "none"]),
    fiscal=st.sampled_from([None, Fiscal(4), Fiscal(11)]),
)
INSTANTS = st.datetimes(
    datetime.fromisoformat("2026-01-01"),
    datetime.fromisoformat("2028-12-31"),
    timezones=st.just(UTC),
)


@settings(deadline=None)
@given(SCHEDULES, st.sampled_from(KINDS), ZONES, st.lists(INSTANTS, min_size=3, max_size=3))
def test_runs_are_in_order_one_per_period_and_the_same_whenever_asked(schedule, kind, tz, three):
    early, middle, late = sorted(three)
    runs = ran(schedule, ENGLISH, kind, tz, early, late)
    assert all(a.due < b.due and a.period < b.period for a, b in pairwise(runs))
    assert runs == [
        *ran(schedule, ENGLISH, kind, tz, early, middle),
        *ran(schedule, ENGLISH, kind, tz, middle, late),
    ]
    for run in runs:
        assert early < run.due <= late and run.due <= run.hold_until <= run.late_until
        assert run.period.end <= run.due < run.period.next().end
        window = run.period.next()
        assert next(moments(schedule, ENGLISH, window.start, window.end)) == run.due


OFF = st.frozensets(st.dates(date(2027, 1, 1), date(2028, 12, 31)), max_size=60)


@given(OFF, st.integers(1, 15), st.integers(0, 23))
def test_business_days_agree_with_another_library(off, nth, months):
    period = Period(date(2027 + months // 12, months % 12 + 1, 1), "month")
    ours = Calendar(frozenset(d for d in off if d.weekday() < 5))
    span = Span(period.first, period.after)
    theirs = np.busday_offset(period.first, nth - 1, roll="forward", holidays=sorted(off))
    if theirs < np.datetime64(period.after):
        assert pick(BusinessDay(nth), span, ours) == theirs.astype(date)


@given(st.text("0123456789*/,-#LW MONJA", max_size=14))
def test_any_text_is_a_cron_or_says_in_one_sentence_why_not(text):
    said = cron_fault(text)
    assert said == "" or ("; " in said and said.endswith("."))
