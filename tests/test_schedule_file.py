"""schedules/*.toml: what is read from a file, and every fault with its line."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from scorecard.base.periods import Period
from scorecard.cli.console_schedules import show_next
from scorecard.definitions.loader import load_metrics
from scorecard.documents.formats import Formats
from scorecard.project.scaffold import SKELETON, room
from scorecard.project.settings import Project
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.model import (
    Audience,
    BusinessDay,
    Cron,
    Day,
    Fiscal,
    Hold,
    LastTry,
    Late,
    Schedule,
    Subscriber,
    Weekday,
    When,
)
from scorecard.schedules.reader import read_schedules
from scorecard.schedules.timetable import Occurrence, answer_by, occurrences
from scorecard.strategy.model import Executive, Owner, Strategy, Team, TierPlan
from scorecard.strategy.reader import read_strategy

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 21)
STRATEGY = Strategy(
    TierPlan("declared", ()),
    teams=(Team("care", "Customer care"),),
    owners=(Owner("ada", "Ada Byron", "Head of support", "care", ""),),
    executives=(Executive("coo", "Cleo Oduya", "Chief operating officer"),),
)
SETTINGS = """[tool.scorecard]
company = "Acme"
timezone = "Europe/London"
currency = "EUR"
period = "{period}"
[tool.scorecard.facts]
customers = "c.csv"
transactions = "t.csv"
"""
TEXT = """title     = "Monthly packet"
documents = ["executive-packet", "team-review"]
to        = ["executives", "team:care", "owner:ada"]
folder    = "board"

[when]
business_day = 5
every    = "month"
at       = "07:00"
zone     = "Europe/London"
holidays = "GB-ENG"
roll     = "forward"
months   = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]

[period]
back = 1

[hold]
retry = "90 min"
until = { business_day = 8, at = "17:00" }
then  = "provisional"
complete = ["transactions"]
slack = 2

[late]
missed = "run"
by     = "10 days"

[[subscriber]]
name  = "Noor Haddad"
email = "noor@example.com"
since = 2026-12-01
"""


class Home:
    """A project in a folder of its own, read with the strategy above."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "schedules").mkdir()

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def project(self, period="month"):
        self.write("pyproject.toml", SETTINGS.format(period=period))
        return Project.at(self.folder, {})

    def read(self, *changes, text=TEXT, period="month", name="packet", today=TODAY):
        """Schedules and findings of one file: the text above with some of it replaced."""
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.write(f"schedules/{name}.toml", text)
        return read_schedules(self.project(period), STRATEGY, today)

    def said(self, *changes, **more):
        """(id, severity, line) and the printed finding, of every finding."""
        schedules, found = self.read(*changes, **more)
        blocked = any(f.severity == "blocking" for f in found)
        assert len(schedules) == (0 if blocked else 1)
        return [(f.id, f.severity, str(f)) for f in found]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def when(lines):
    """The text with another [when], which begins on line 6."""
    start, end = TEXT.index("[when]"), TEXT.index("[period]")
    return TEXT[:start] + "[when]\n" + lines + "\n" + TEXT[end:]


def line(text, of):
    return next(n for n, row in enumerate(text.split("\n"), 1) if row.startswith(of))


def test_a_whole_file_is_read(home):
    schedules, found = home.read()
    assert found == []
    assert schedules == (
        Schedule(
            id="packet",
            title="Monthly packet",
            documents=("executive-packet", "team-review"),
            when=When(
                BusinessDay(5),
                time(7),
                "Europe/London",
                "month",
                "GB-ENG",
                "forward",
                tuple(range(1, 13)),
            ),
            to=(Audience("executives"), Audience("team", "care"), Audience("owner", "ada")),
            folder="board",
            back=1,
            hold=Hold(
                timedelta(minutes=90),
                LastTry(BusinessDay(8), time(17)),
                "provisional",
                ("transactions",),
                2,
            ),
            late=Late("run", timedelta(days=10)),
            subscribers=(Subscriber("Noor Haddad", "noor@example.com", date(2026, 12, 1)),),
        ),
    )


SHORT = """title = "Packet"
documents = ["executive-packet"]
to = ["executives"]
[when]
day = 15
at = "07:00"
zone = "Europe/London"
"""


def test_what_a_short_file_leaves_out_has_defaults(home):
    (schedule,), found = home.read(text=SHORT)
    assert found == []
    assert schedule.when == When(Day(15), time(7), "Europe/London", "month", "", "forward")
    assert (schedule.hold, schedule.late, schedule.back) == (Hold(), Late(), 1)
    assert schedule.hold == Hold(timedelta(hours=1), timedelta(days=1), "not issued")
    assert (schedule.fiscal, schedule.subscribers, schedule.folder) == (None, (), "")


@pytest.mark.parametrize(
    ("lines", "rule", "roll"),
    [
        ('day = "last"\nat = "07:00"\nroll = "back"', Day(-1), "back"),
        ('day = -2\nat = "7:00"\nroll = "none"', Day(-2), "none"),
        ("business_day = -1\nat = 07:00:00", BusinessDay(-1), "forward"),
        ('last_weekday = "friday"\nat = "07:00"\nroll = "back"', Weekday(4, -1), "back"),
        ('weekday = "tuesday"\nnth = 2\nat = "07:00"', Weekday(1, 2), "forward"),
        ('cron = "30  7 3 * *"', Cron("30 7 3 * *"), "none"),
        ('cron = "30 7 L * *"\nroll = "back"', Cron("30 7 L * *"), "back"),
    ],
)
def test_the_day_can_be_said_in_several_ways(home, lines, rule, roll):
    (schedule,), found = home.read(
        text=SHORT.replace('day = 15\nat = "07:00"', lines), name="packet"
    )
    assert found == []
    assert (schedule.when.rule, schedule.when.roll) == (rule, roll)
    assert schedule.when.at == (None if isinstance(rule, Cron) else time(7))


def test_a_weekday_of_a_week_needs_no_number(home):
    lines = 'weekday = "tuesday"\nevery = "week"\nat = "07:00"'
    text = SHORT.replace('day = 15\nat = "07:00"', lines)
    (schedule,), found = home.read(text=text, period="week")
    assert (schedule.when.rule, found) == (Weekday(1, 1), [])


def test_a_last_try_takes_its_time_from_the_earliest_moment_or_is_a_time_after_it(home):
    (schedule,), _ = home.read(('business_day = 8, at = "17:00"', "business_day = 8"))
    assert schedule.hold.until == LastTry(BusinessDay(8), time(7))
    (schedule,), _ = home.read(('{ business_day = 8, at = "17:00" }', '"3 days"'))
    assert schedule.hold.until == timedelta(days=3)


def test_a_fiscal_year_is_read(home):
    lines = "\n[fiscal]\nyear_starts = 4\n"
    text = SHORT.replace("day = 15", 'day = 15\nevery = "quarter"') + lines
    (schedule,), found = home.read(text=text, period="quarter")
    assert (schedule.fiscal, found) == (Fiscal(4), [])


def test_closing_days_of_a_file_are_read(home):
    closes = [f"{y}-{m:02}-27" for y in (2026, 2027) for m in range(1, 13)]
    home.write("closes.txt", "\n".join(closes))
    text = SHORT + '[fiscal]\ncloses = "closes.txt"\n'
    (schedule,), found = home.read(text=text)
    assert (schedule.fiscal, found) == (Fiscal(1, "closes.txt"), [])


def test_files_are_read_in_order_and_a_fault_in_one_leaves_the_others(home):
    home.write("schedules/b.toml", SHORT)
    home.write("schedules/c.toml", "title = \n")
    home.write("schedules/.hidden.toml", "title = \n")
    schedules, found = home.read(text=SHORT, name="a")
    assert [s.id for s in schedules] == ["a", "b"]
    assert [str(f) for f in found] == ["c.toml:1: Is not TOML: Invalid value; correct the line."]


def test_a_project_without_the_folder_has_no_schedules(home):
    (home.folder / "schedules").rmdir()
    assert read_schedules(home.project(), STRATEGY, TODAY) == ((), [])


WHEN = line(TEXT, "[when]")
FAULTS = [
    # zone
    ("unknown_zone", 10, [("Europe/London", "Europe/Lodnon")], 'Did you mean "Europe/London"?'),
    ("missing_field", WHEN, [('zone     = "Europe/London"\n', "")], '"zone" is missing'),
    # which day
    (
        "two_rules",
        7,
        [("business_day = 5", 'business_day = 5\ncron = "0 7 3 * *"')],
        "Both cron and business_day say which day; keep one of them.",
    ),
    (
        "two_rules",
        8,
        [("business_day = 5", "business_day = 5\nday = 3")],
        "Both business_day and day say which day",
    ),
    (
        "missing_field",
        WHEN,
        [("business_day = 5\n", "")],
        "No day is named; write one of business_day, day, last_weekday, weekday, cron.",
    ),
    (
        "missing_field",
        20,
        [("business_day = 8, ", "")],
        "No day is named; write one of business_day, day, last_weekday, weekday.",
    ),
    (
        "wrong_value",
        7,
        [("business_day = 5", "business_day = 25")],
        "a month has at most 23 business days; write a whole number from -23 to 23.",
    ),
    ("wrong_value", 7, [("business_day = 5", "business_day = 0")], "count from 1"),
    ("wrong_value", 7, [("business_day = 5", "business_day = true")], 'business_day is "True"'),
    ("wrong_value", 7, [("business_day = 5", "day = 32")], "a month has at most 31 days"),
    (
        "never_happens",
        7,
        [("business_day = 5", "day = 30"), ("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]", "[2]")],
        "Never happens: these months have no day 30, only 29; correct day or months.",
    ),
    (
        "never_happens",
        WHEN,
        [
            ("business_day = 5", "business_day = 1"),
            ('"month"', '"quarter"'),
            ("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]", "[2]"),
            ('{ business_day = 8, at = "17:00" }', '"3 days"'),
        ],
        "Never happens: [when] names no day in 10 years; correct it.",
    ),
    (
        "unknown_value",
        7,
        [("business_day = 5", 'last_weekday = "frday"')],
        'Did you mean "friday"?',
    ),
    (
        "wrong_value",
        8,
        [("business_day = 5", 'weekday = "friday"\nnth = 5')],
        'there is not always another; the last one is last_weekday = "friday"',
    ),
    ("missing_field", 7, [("business_day = 5", 'weekday = "friday"')], '"nth" is missing'),
    ("idle_key", 8, [("business_day = 5", "business_day = 5\nnth = 2")], "nth belongs to weekday"),
    ("unknown_value", 8, [('"month"', '"fortnight"')], 'every "fortnight" does not exist'),
    ("unknown_value", 12, [('"forward"', '"foward"')], 'Did you mean "forward"?'),
    ("wrong_value", 13, [("[1, 2,", "[0, 2,")], "write numbers from 1 to 12"),
    ("wrong_time", 9, [('"07:00"', '"25:00"')], 'at "25:00" is not a time of day'),
    ("wrong_time", 9, [('"07:00"', '"7 am"')], 'write at = "07:00".'),
    ("missing_field", WHEN, [('at       = "07:00"\n', "")], '"at" is missing'),
    # holidays
    ("unknown_holidays", 11, [("GB-ENG", "GX")], '"GX" is not a country'),
    ("unknown_holidays", 11, [("GB-ENG", "works.ics")], "works.ics cannot be opened"),
    # top
    ("missing_field", 0, [('title     = "Monthly packet"\n', "")], '"title" is missing'),
    ("line_break", 1, [("Monthly packet", r"Monthly\npacket")], "title has a line break"),
    (
        "unknown_document",
        2,
        [("executive-packet", "executive-packed")],
        'Did you mean "executive-packet"?',
    ),
    ("missing_field", 2, [('["executive-packet", "team-review"]', "[]")], '"documents" is missing'),
    ("unknown_recipient", 3, [('"executives"', '"executive"')], 'Did you mean "executives"?'),
    ("unknown_recipient", 3, [('"executives"', '"tam:care"')], 'Recipient "tam:care" does not'),
    ("unknown_team", 3, [("team:care", "team:cars")], 'Did you mean "care"?'),
    ("unknown_owner", 3, [("owner:ada", "owner:adam")], 'Did you mean "ada"?'),
    ("unknown_key", 1, [("title ", 'titel = "x"\ntitle ')], 'Did you mean "title"?'),
    (
        "unknown_key",
        7,
        [("business_day = 5", "busines_day = 5\nbusiness_day = 5")],
        'Did you mean "business_day"?',
    ),
    ("unknown_key", 25, [("[late]", "[latter]")], 'Did you mean "late"?'),
    # the rest
    ("wrong_value", 16, [("back = 1", "back = 0")], "write a whole number from 1 to 60."),
    ("wrong_duration", 19, [('"90 min"', '"soon"')], 'retry: "soon" is not a duration; write'),
    ("wrong_duration", 19, [('"90 min"', "90")], 'retry: "90" is not a duration'),
    ("wrong_duration", 19, [('"90 min"', '"5 s"')], "shorter than a minute"),
    ("wrong_duration", 27, [('"10 days"', '"500 days"')], "between nothing and a year"),
    ("wrong_value", 20, [("business_day = 8", "business_day = 88")], "at most 23 business days"),
    (
        "unknown_key",
        20,
        [('at = "17:00"', 'at = "17:00", zone = "UTC"')],
        'Key "zone" does not belong in until',
    ),
    ("wrong_time", 20, [("17:00", "17.00")], "is not a time of day"),
    (
        "hold_too_short",
        20,
        [("business_day = 8", "business_day = 4")],
        "until is not after the earliest moment, 2026-12-07 07:00 for 2026-11; name a later day",
    ),
    ("unknown_value", 21, [('"provisional"', '"send"')], 'write "provisional" or "not issued".'),
    (
        "unknown_table",
        22,
        [('["transactions"]', '["transaction"]')],
        'Did you mean "transactions"?',
    ),
    ("unknown_value", 26, [('"run"', '"again"')], 'missed "again" does not exist'),
    ("idle_key", 27, [('"run"', '"skip"')], 'by says nothing where missed = "skip"'),
    ("email_malformed", 31, [("noor@example.com", "noor@example")], "is not an e-mail address"),
    ("email_malformed", 31, [("noor@example.com", "a@b.com, c@d.com")], "is not an e-mail address"),
    (
        "line_break",
        31,
        [("noor@example.com", r"noor@example.com\nBcc: eve@example.com")],
        "email has a line break",
    ),
    ("line_break", 30, [("Noor Haddad", r"Noor\r\nHaddad")], "name has a line break"),
    ("dates_reversed", 33, [("2026-12-01", "2026-12-01\nuntil = 2026-11-30")], "is not after"),
]


@pytest.mark.parametrize(
    ("id", "at", "changes", "said"), FAULTS, ids=[f"{id} {n}" for n, (id, *_) in enumerate(FAULTS)]
)
def test_a_fault_is_blocking_and_says_its_line(home, id, at, changes, said):
    found = [f for f in home.said(*changes) if f[1] == "blocking"]
    assert [f[0] for f in found] == [id]
    assert said in found[0][2]
    place = f"packet.toml:{at}" if at else "packet.toml"
    assert found[0][2].startswith((f"{place}:", f"{place} ("))


@pytest.mark.parametrize(
    ("cron", "id", "said"),
    [
        ("0 7 30 2 *", "never_happens", "never happens: no such month has that day"),
        ("0 7 31 4,6 *", "never_happens", "never happens: no such month has that day"),
        ("0 25 1 * *", "wrong_cron", "has an hour that cannot be"),
        ("60 7 1 * *", "wrong_cron", "has a minute that cannot be"),
        ("0 7 32 * *", "wrong_cron", "has a day that cannot be"),
        ("0 7 1 13 *", "wrong_cron", "has a month that cannot be"),
        ("0 7 * * 8", "wrong_cron", "has a weekday that cannot be"),
        ("0 7 1 *", "wrong_cron", "must have five fields; write minute hour day month weekday"),
        ("0 0 7 1 * *", "wrong_cron", "must have five fields"),
        ("@monthly", "wrong_cron", "must have five fields"),
        ("", "wrong_cron", "must have five fields"),
    ],
)
def test_a_cron_that_is_none_or_never_happens_is_refused(home, cron, id, said):
    text = SHORT.replace('day = 15\nat = "07:00"', f'cron = "{cron}"')
    ((found, severity, printed),) = home.said(text=text)
    assert (found, severity) == (id, "blocking")
    assert said in printed and printed.startswith("packet.toml:5 (when): cron ")


def test_a_cron_has_its_own_time(home):
    text = SHORT.replace("day = 15", 'cron = "0 7 3 * *"')
    assert [f[0] for f in home.said(text=text)] == ["idle_key"]


def test_a_name_that_could_not_name_a_run_is_refused(home):
    ((id, _, printed),) = home.said(name="Monthly packet")
    assert id == "wrong_name"
    assert 'rename it as "monthly-packet.toml"' in printed


def test_the_same_address_subscribes_once(home):
    twice = TEXT + '[[subscriber]]\nname = "N. Haddad"\nemail = "Noor@example.com"\n'
    ((id, _, printed),) = home.said(text=twice)
    assert id == "duplicate_subscriber"
    assert 'packet.toml:35 (subscriber N. Haddad): "Noor@example.com" already subscribes as' in (
        printed
    )


@pytest.mark.parametrize(
    ("fiscal", "every", "id", "said"),
    [
        ("year_starts = 13", "quarter", "wrong_value", "from 1 to 12"),
        ("", "quarter", "", ""),
        ('year_starts = 4\ncloses = "c.txt"', "quarter", "fiscal_form", "write one of them"),
        ('closes = "c.txt"', "", "unreadable_dates", "c.txt cannot be opened"),
        ('closes = "d.txt"', "month", "idle_key", "every says nothing where [fiscal] closes"),
        ('closes = "old.txt"', "", "never_happens", "The last closing day is 2026-02-27"),
    ],
)
def test_a_fiscal_year_has_one_form(home, fiscal, every, id, said):
    home.write("d.txt", "2026-12-25\n2027-01-29\n2027-02-26\n2027-12-31\n")
    home.write("old.txt", "2026-01-30\n2026-02-27\n")
    lines = f'day = 15\nevery = "{every}"' if every else "day = 15"
    text = SHORT.replace("day = 15", lines) + f"[fiscal]\n{fiscal}\n"
    found = [f for f in home.said(text=text, period="quarter") if f[1] == "blocking"]
    assert [f[0] for f in found] == [id] * bool(id)
    assert all(said in f[2] for f in found)


@pytest.mark.parametrize(
    ("id", "at", "changes", "more", "said"),
    [
        (
            "no_recipients",
            3,
            [
                ('["executives", "team:care", "owner:ada"]', "[]"),
                ('"board"', '""'),
                (TEXT[TEXT.index("[[sub") :], ""),
            ],
            {},
            "Nobody gets these documents",
        ),
        (
            "late_before_hold",
            27,
            [('"10 days"', '"1 day"')],
            {},
            "by ends before the last try, 2026-12-10 17:00 for 2026-11",
        ),
        (
            "hold_too_short",
            20,
            [("business_day = 8", "day = 6")],
            {},
            "until is not after the earliest moment, for example 2027-01-08 07:00 for 2026-12",
        ),
        (
            "holidays_end",
            11,
            [("GB-ENG", "works.txt")],
            {},
            "Holidays are known until 2026-12-31 only; add those of 2027.",
        ),
        (
            "periods_left_out",
            8,
            [('"month"', '"quarter"'), (", ".join(map(str, range(1, 13))), "1, 4, 7, 10")],
            {"skip": "months"},
            "Comes once a quarter and reports on the last month only, because that is the project's "
            "period: 2027-03 on 2027-04-07, and nobody gets 2027-01 to 2027-02. "
            'Write every = "month", or period = "quarter" in [tool.scorecard].',
        ),
        ("several_moments", 8, [], {"period": "quarter"}, "Falls due 3 times for each quarter"),
        (
            "idle_fiscal",
            30,
            [("[[sub", "[fiscal]\nyear_starts = 4\n[[sub")],
            {},
            "year_starts changes nothing, because every is month",
        ),
    ],
)
def test_what_is_odd_is_a_warning_with_its_line(home, id, at, changes, more, said):
    home.write("works.txt", "2026-12-24\n")
    if more.pop("skip", ""):
        changes = [*changes, ("months   = [1, 4, 7, 10]\n", "")]
    found = home.said(*changes, **more)
    assert [f[:2] for f in found] == [(id, "warning")]
    assert said in found[0][2]
    assert found[0][2].startswith((f"packet.toml:{at}:", f"packet.toml:{at} ("))


def test_a_daily_cron_is_warned_of_for_its_first_moment_counts_only(home):
    text = SHORT.replace('day = 15\nat = "07:00"', 'cron = "30 7 * * 1-5"')
    ((id, severity, printed),) = home.said(text=text)
    assert (id, severity) == ("several_moments", "warning")
    assert "Falls due up to 23 times a month; only the first of them issues anything." in printed


def test_a_cron_of_every_minute_is_read_as_quickly(home):
    text = SHORT.replace('day = 15\nat = "07:00"', 'cron = "* * * * *"')
    ((id, _, printed),) = home.said(text=text)
    assert id == "several_moments" and "100 times or more for each month" in printed


def test_a_month_end_that_rolls_into_the_next_month_leaves_months_out(home):
    """31 January 2027 is a Sunday: it comes on 1 February, when January is complete already."""
    text = SHORT.replace("day = 15", 'day = "last"')
    found = home.said(text=text)
    assert {f[:2] for f in found} == {
        ("several_moments", "warning"),
        ("periods_left_out", "warning"),
    }
    assert home.said(text=text.replace("at =", 'roll = "back"\nat =')) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            'day = 15\nat = "07:00"\nevery = "quarter"',
            "Comes once a quarter and reports on the last month only, because that is the project's "
            "period: 2027-03 on 2027-04-15, and nobody gets 2027-01 to 2027-02. "
            'Write every = "month", or period = "quarter" in [tool.scorecard].',
        ),
        (
            'day = 15\nat = "07:00"\nmonths = [1, 4, 7, 10]',
            "Comes in months 1, 4, 7, 10 only and reports on the last month only, because that is "
            "the project's period: 2027-03 on 2027-04-15, and nobody gets 2027-01 to 2027-02. "
            'Leave months out, or set period = "quarter" in [tool.scorecard].',
        ),
        (
            'cron = "0 7 15 1,4,7,10 *"',
            'Comes in months "1,4,7,10" only and reports on the last month only, because that is '
            "the project's period: 2027-03 on 2027-04-15, and nobody gets 2027-01 to 2027-02. "
            'Write "*" for the month, or set period = "quarter" in [tool.scorecard].',
        ),
    ],
    ids=["every", "months", "cron"],
)
def test_quarterly_runs_of_a_monthly_project_are_told_which_months_nobody_gets(home, lines, said):
    text = SHORT.replace('day = 15\nat = "07:00"', lines)
    ((id, severity, printed),) = home.said(text=text)
    assert (id, severity) == ("periods_left_out", "warning")
    assert said in printed
    assert home.said(text=text, period="quarter") == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "EST",
            '"EST" has no summer time; where clocks change, runs come an hour off for half '
            'the year. Did you mean "America/New_York"?',
        ),
        ("MST", 'Did you mean "America/Denver"?'),
        ("GMT", 'Did you mean "Europe/London"?'),
        ("Etc/GMT-1", 'Name a place, such as "Europe/London".'),
        ("UTC", ""),
        ("Etc/UTC", ""),
        ("Europe/Berlin", ""),
        ("Asia/Tokyo", ""),
    ],
)
def test_a_zone_without_summer_time_is_warned_of_unless_it_is_a_place_or_utc(home, name, said):
    found = home.said(text=SHORT.replace("Europe/London", name))
    assert [f[:2] for f in found] == [("zone_has_no_summer", "warning")] * bool(said)
    assert all(
        said in printed and f"packet.toml:{line(SHORT, 'zone')} " in printed
        for _, _, printed in found
    )


def test_subscribers_to_nothing_but_owners_pages_are_warned_of(home):
    only = ('"executive-packet", "team-review"', '"owner-scorecard"')
    ((id, severity, printed),) = home.said(only)
    assert (id, severity) == ("idle_subscribers", "warning")
    assert f"packet.toml:{line(TEXT, '[[subscriber]]')} " in printed
    assert "Subscribers never get owners' pages" in printed
    assert home.said(("executive-packet", "owner-scorecard")) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("day = 31", "day 31 is more than there are in the span from 2026-11-01; where it is, the"),
        ("business_day = 21", "business_day 21 is more than there are in the span from 2027-02-01"),
    ],
)
def test_a_day_that_some_months_lack_is_noted(home, lines, said):
    lines += '\nroll = "back"'
    ((id, severity, printed),) = home.said(text=SHORT.replace("day = 15", lines))
    assert (id, severity) == ("short_span", "note")
    assert said in printed and "the last one is taken." in printed


# The shipped schedules, for the demonstration company and for a new project.


def shipped(root, schedules):
    project = Project.at(root, {})
    strategy, _ = read_strategy(project.strategy, load_metrics(room("metrics")), "EUR")
    settings = project.settings.model_copy(update={"schedules": str(schedules)})
    return read_schedules(replace(project, settings=settings), strategy, TODAY)


@pytest.mark.parametrize("root", [ROOT, SKELETON], ids=["demonstration", "starter"])
def test_the_shipped_schedules_are_sound(root):
    schedules, found = shipped(root, room("schedules"))
    assert [str(f) for f in found] == []
    assert [s.id for s in schedules] == [
        "monthly-executive-packet",
        "owner-scorecards",
        "pre-reads",
        "team-review",
    ]


def test_the_schedule_that_the_docs_show_is_sound_as_it_stands(home):
    text = (ROOT / "schedules" / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.S)
    (schedule,), found = home.read(text=shown)
    assert found == []
    assert schedule.hold.until == LastTry(BusinessDay(6), time(17))


def runs_of_ten_years():
    schedules, _ = shipped(ROOT, room("schedules"))
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    return {
        s.id: list(
            occurrences(s, read_calendar(s, ROOT, TODAY), "month", "Europe/London", start, end)
        )
        for s in schedules
    }


def test_margins_and_surveys_are_final_before_the_first_shipped_page_is_due():
    runs = runs_of_ten_years()
    assert {len(found) for found in runs.values()} == {120}
    assert min(run.due.day for run in runs["pre-reads"]) == 15


ORDER = ("pre-reads", "team-review", "owner-scorecards", "monthly-executive-packet")


def test_every_owner_is_asked_and_answers_before_a_team_and_every_team_before_the_executives():
    """Also when a document was held until its last try, or the clock was late by all it may."""
    runs = runs_of_ten_years()
    (asking,) = (s for s in shipped(ROOT, room("schedules"))[0] if s.id == "pre-reads")
    calendar = read_calendar(asking, ROOT, TODAY)
    for asked, teams, owners, packet in zip(*(runs[name] for name in ORDER), strict=True):
        assert asked.period == teams.period == owners.period == packet.period
        until = answer_by(asking, calendar, asked.due)
        assert max(asked.hold_until, asked.late_until) + timedelta(hours=24) < until < teams.due
        assert teams.hold_until < owners.due < packet.due and owners.hold_until < packet.hold_until
        assert all(r.hold_until <= r.late_until for r in (asked, teams, owners, packet))


def test_the_pre_read_comes_five_working_days_before_the_packet():
    runs, days = runs_of_ten_years(), {}
    calendar = read_calendar(shipped(ROOT, room("schedules"))[0][0], ROOT, TODAY)
    for asked, packet in zip(runs["pre-reads"], runs["monthly-executive-packet"], strict=True):
        between = (packet.due.date() - asked.due.date()).days
        days[asked.period] = sum(
            calendar.is_business_day(asked.due.date() + timedelta(days=n)) for n in range(between)
        )
    assert set(days.values()) == {5}


PRE_READ = TEXT.replace('["executive-packet", "team-review"]', '["pre-read"]')


@pytest.mark.parametrize(
    ("until", "by", "severity"),
    [("day = 3", "10 days", "blocking"), ("business_day = 9", "10 days", "warning")],
)
def test_questions_that_may_come_when_nobody_can_answer_them_are_found(home, until, by, severity):
    """The pre-read is due on business day 5, is tried until the 8th, and may be ten days late."""
    text = PRE_READ.replace("[[subscriber]]", f'[answers]\nuntil = {{ {until}, at = "18:00" }}\n')
    text = text[: text.index("name  =")].replace('"10 days"', f'"{by}"')
    found = home.said(text=text)
    assert [(f[0], f[1]) for f in found] == [("asked_too_late", severity)]
    assert f"packet.toml:{line(text, 'until = { ' + until)}" in found[0][2]
    assert "may come as late as 2026-12-17 07:00, when nobody can answer it" in found[0][2]


def test_questions_that_can_always_be_answered_are_not(home):
    text = PRE_READ.replace("[[subscriber]]", '[answers]\nuntil = "12 days"\n')
    assert home.said(text=text[: text.index("name  =")]) == []


# The table of `scorecard next`.

BERLIN = Schedule(
    "berlin",
    "Berliner Karte",
    ("owner-scorecard",),
    When(Day(1), time(7), "Europe/Berlin"),
    folder="archive",
)
PACKET = Schedule(
    "packet",
    "Packet",
    ("executive-packet", "team-review"),
    When(Day(1), time(7), "Europe/London"),
)
DUE = datetime(2027, 6, 1, 5, tzinfo=UTC)
COMING = [
    (
        schedule,
        Occurrence(
            schedule.id,
            Period.parse("2027-05", "Europe/London"),
            due,
            due + timedelta(days=3),
            due + timedelta(days=5),
        ),
    )
    for schedule, due in ((PACKET, DUE + timedelta(hours=1)), (BERLIN, DUE))
]
NAMES = {("packet", "2027-05"): ("Ada Byron", "Noor Haddad")}


def test_the_next_runs_are_printed_on_their_own_clocks_the_earliest_first(capsys):
    show_next(COMING, NAMES, Formats("en_GB", "EUR"), as_json=False)
    rows = [" ".join(row.split()) for row in capsys.readouterr().out.splitlines()]
    assert rows == [
        "schedule due period held until documents recipients",
        "berlin Tue 1 Jun 2027 07:00 Europe/Berlin May 2027 Fri 4 Jun 2027 07:00 owner-scorecard "
        "–; folder archive",
        "packet Tue 1 Jun 2027 07:00 Europe/London May 2027 Fri 4 Jun 2027 07:00 executive-packet, "
        "team-review 2: Ada Byron, Noor Haddad",
    ]


def test_the_next_runs_as_json_have_their_moments_with_the_distance_from_utc(capsys):
    show_next(COMING, NAMES, Formats("de_DE", "EUR"), as_json=True)
    berlin, packet = json.loads(capsys.readouterr().out)
    assert berlin == {
        "schedule": "berlin",
        "title": "Berliner Karte",
        "period": "2027-05",
        "due": "2027-06-01T07:00:00+02:00",
        "hold_until": "2027-06-04T07:00:00+02:00",
        "late_until": "2027-06-06T07:00:00+02:00",
        "zone": "Europe/Berlin",
        "documents": ["owner-scorecard"],
        "recipients": [],
        "folder": "archive",
    }
    assert packet["recipients"] == ["Ada Byron", "Noor Haddad"]


def test_a_run_waits_only_for_tables_that_the_project_has(home):
    """With a warning, since the table may have been forgotten in the settings."""
    (schedule,), found = home.read(('["transactions"]', '["surveys", "transactions"]'))
    assert schedule.hold.complete == ("transactions",)
    assert [(f.id, f.severity) for f in found if f.id == "missing_table"] == [
        ("missing_table", "warning")
    ]
    said = next(f.message for f in found if f.id == "missing_table")
    assert said.startswith('Table "surveys" is not among the project\'s facts, so no run waits')


def test_the_shipped_schedules_do_for_a_company_with_contracts_alone(home):
    project = home.project()
    sources = tuple(replace(s, table="contracts") for s in project.sources[1:])
    settings = project.settings.model_copy(update={"schedules": str(room("schedules"))})
    bare = replace(project, settings=settings, sources=(project.sources[0], *sources))
    strategy, _ = read_strategy(SKELETON / "strategy.toml", load_metrics(room("metrics")), "EUR")
    schedules, found = read_schedules(bare, strategy, TODAY)
    assert {s.hold.complete for s in schedules} == {()}
    assert {f.severity for f in found} == {"warning"}
