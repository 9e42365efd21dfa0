"""Service hours: what passed while service was open, held against a walk through every minute."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from cast import CUSTOMERS, MARCH, METRICS, measured, near, opened, stage, values
from pydantic import ValidationError
from sample_engines import ENGINES, reader_of
from sample_facts import written
from sizes import sizes

from scorecard.base.days_off import days_off
from scorecard.errors import FactsError, ProjectError
from scorecard.facts.opening_hours import OpeningHours, ServiceHours
from scorecard.project.service_settings import ServiceHoursSettings
from scorecard.project.settings import Project

TODAY = date(2026, 11, 15)


def hours(zone="Europe/London", off=(), **week):
    """Opening hours by weekday, as mon=["9:00-17:30"]."""
    lines = [f"{day} {span}" for day, spans in week.items() for span in spans]
    told = ServiceHoursSettings(week=lines).read(None, zone, TODAY)
    return replace(told.usual, off=frozenset(off))


DESK = {day: ["9:00-17:30"] for day in ("mon", "tue", "wed", "thu", "fri")}


def minutes(of, start, end):
    """The minutes of service between two moments of UTC."""

    def at(moment):
        return int(moment.replace(tzinfo=UTC).timestamp())

    spans = of.spans(start.date() - timedelta(days=3), end.date() + timedelta(days=3))
    parts = (min(at(end), shuts) - max(at(start), opens) for opens, shuts in spans)
    return sum(part for part in parts if part > 0) / 60


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-26T10:00", "2026-03-26T12:00", 120),
        ("2026-03-26T16:30", "2026-03-27T10:00", 60 + 60),  # the night between
        ("2026-03-27T17:00", "2026-03-30T08:30", 30 + 30),  # clocks go forward on the 29th: 9:30
        ("2026-04-02T17:00", "2026-04-07T08:15", 0 + 15),  # Good Friday and Easter Monday
        ("2026-04-02T16:00", "2026-04-07T08:15", 30 + 15),  # 17:00 in London, until 17:30
        ("2026-10-23T15:30", "2026-10-26T10:00", 60 + 60),  # clocks go back on the 25th
        ("2026-03-28T10:00", "2026-03-29T20:00", 0),  # a weekend
    ],
)
def test_nights_weekends_holidays_and_clock_changes_by_hand(start, end, expected):
    off = days_off("GB-ENG", None, TODAY, range(2026, 2027))
    desk = hours(off=off, **DESK)
    assert minutes(desk, *map(datetime.fromisoformat, (start, end))) == expected


def test_a_holiday_on_a_saturday_is_off_where_saturdays_are_served():
    off = days_off("GB-ENG", None, TODAY, range(2021, 2022))
    desk = hours(off=off, sat=["10:00-13:00"])
    at = map(datetime.fromisoformat, ("2021-12-18T00:00", "2021-12-27T00:00"))
    assert minutes(desk, *at) == 180  # the 18th, and not the 25th


def test_times_that_clocks_skip_or_show_twice():
    """On 29 March 1:00 to 2:00 is no hour in London: 1:30 is when it would have begun, 1:00 UTC.
    On 25 October it is two, and 1:30 the first of them: 0:30 UTC."""
    skipped = hours(sun=["1:30-4:00"])
    assert list(skipped.spans(date(2026, 3, 29), date(2026, 3, 30))) == [
        tuple(int(datetime(2026, 3, 29, h, tzinfo=UTC).timestamp()) for h in (1, 3))
    ]
    first, after = (datetime(2026, 10, 25, h, m, tzinfo=UTC) for h, m in ((0, 30), (4, 0)))
    assert list(skipped.spans(date(2026, 10, 25), date(2026, 10, 26))) == [
        (int(first.timestamp()), int(after.timestamp()))
    ]


def test_a_night_belongs_to_the_day_on_which_it_begins():
    night = hours(off=[date(2026, 6, 2)], mon=["22:00-6:00"], tue=["22:00-6:00"])
    at = map(datetime.fromisoformat, ("2026-06-01T00:00", "2026-06-05T00:00"))
    assert minutes(night, *at) == 8 * 60


# in engines

ROUND = {day: ["0:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
NIGHTS = {day: ["7:15-11:40", "12:25-17:00", "22:00-6:30"] for day in ("sun", "mon", "tue", "fri")}
WHERE = {
    "": hours("Europe/London", [date(2026, 4, 3), date(2026, 10, 26)], **DESK),
    "york": hours("America/New_York", [date(2026, 3, 9)], **NIGHTS),
    "howe": hours("Australia/Lord_Howe", [], **DESK, sat=["4:00-20:45"]),
    "round": hours("Asia/Kathmandu", [date(2026, 10, 20)], **ROUND),
}
SERVED = ServiceHours(WHERE[""], tuple((team, h) for team, h in WHERE.items() if team))
SEASONS = ((date(2026, 3, 5), 35), (date(2026, 9, 30), 40))
"""Days around the changes of clocks, in each zone on days of its own."""


def walked(of, first, days):
    """By minute of UTC how many minutes of service came before it: each is asked what the clock on
    the wall shows, and whether it is within hours that began on that day or the one before."""
    here, begun = ZoneInfo(of.zone), datetime(first.year, first.month, first.day, tzinfo=UTC)

    def is_open(number):
        wall = (begun + timedelta(minutes=number)).astimezone(here)
        minute = 60 * wall.hour + wall.minute
        for day, at in ((wall.date(), minute), (wall.date() - timedelta(days=1), minute + 1440)):
            spans = of.week[day.weekday()] if day not in of.off else ()
            if any(opens <= at < shuts for opens, shuts in spans):
                return True
        return False

    return [0, *accumulate(is_open(number) for number in range(days * 1440))]


@pytest.mark.parametrize("contacts", sizes(300, 5_000))
@pytest.mark.parametrize("engine", ENGINES)
def test_every_minute_counts_as_it_does_on_the_wall(engine, contacts, tmp_path):
    chance, expected, lines = random.Random(7), {}, []
    known = {
        (team, first): walked(of, first, days)
        for team, of in WHERE.items()
        for first, days in SEASONS
    }
    for number in range(contacts):
        team = chance.choice([*WHERE, "unheard of"])
        first, days = chance.choice(SEASONS)
        one, other = sorted(chance.randrange(days * 1440) for _ in range(2))
        served = known[team if team in WHERE else "", first]
        expected[f"I{number}"] = (served[other] - served[one]) * 60
        begun = datetime(first.year, first.month, first.day, tzinfo=UTC)
        at = [f"{begun + timedelta(minutes=m):%Y-%m-%dT%H:%M:00Z}" for m in (one, other)]
        lines.append(f"I{number},anna,{team},{','.join(at)}")
    sources = written(
        tmp_path,
        customers="customer_id,acquired_on\nanna,2024-01-10",
        interactions="\n".join(["interaction_id,customer_id,team,opened_at,resolved_at", *lines]),
    )
    with reader_of(engine, tmp_path) as read:
        facts = read(sources)
        facts.options = replace(facts.options, service_hours=SERVED)
        clocked = facts.in_service_hours(facts.interactions, "opened_at", "resolved_at")
        passed = clocked.resolved_at_served - clocked.opened_at_served
        rows = facts.answer(clocked.select("interaction_id", passed=passed))
    assert {r["interaction_id"]: r["passed"] for r in rows} == expected


CONTACTS = """
interaction_id customer_id opened_at        first_human_reply_at resolved_at      abandoned_at
1              pia         2026-03-06T16:30 2026-03-09T10:00     2026-03-10T10:00 -
2              pia         2026-03-07T12:00 2026-03-07T13:00     2026-03-07T13:00 -
3              gus         2026-03-27T17:00 2026-03-30T11:00     2026-03-30T11:30 -
4              sol         2026-03-31T14:00 -                    -                -
5              bo          2026-03-05T10:00 -                    -                2026-03-06T10:00
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """pia: Friday 16:30 to Monday 10:00 is 1 h and 1 h; Saturday 0 h. gus: Friday 17:00 to Monday
    12:00 in summer time is ½ h and 3 h. sol waits since Tuesday 15:00 (BST) until Thursday 9:30:
    2½, 8½ and ½ h. bo gave up after 7½ and 1 h."""
    staged = stage(
        tmp_path_factory.mktemp("desk"),
        transactions="customer_id event_on net_amount\npia 2026-01-01 1",
        interactions=CONTACTS,
        as_of="2026-04-02T08:30",
    )
    staged.facts.options = replace(staged.facts.options, service_hours=ServiceHours(WHERE[""]))
    return staged


def test_waits_in_service_hours_by_hand(desk):
    found = measured(desk, "service_hours_reply_p90")
    assert values(found) == near(
        # sol's wait is not over and bo gave up: theirs are at least so long, and so is that of all.
        {"platinum": 2, "gold": 3.5, "silver": 11.5, "bronze": 8.5, "all": 11.5}
    )
    found = measured(desk, "service_hours_reply_p50")
    # All: 0, 2, 3½, then 8½ and 11½ still open: of five three have ended at 3½.
    assert values(found)["all"] == 3.5
    # pia's took 1 h, 8½ h and 1 h more.
    found = measured(desk, "service_hours_resolution_p90")
    assert values(found)["platinum"] == 10.5
    assert values(measured(desk, "first_reply_p90"))["gold"] == 66


def test_three_service_hours_are_no_more_than_three_by_the_desk(desk):
    """The share within three service hours is what was promised, whatever nights lie between."""
    seen = desk.observations(METRICS["service_hours_reply_p50"], MARCH)
    waits = sorted(r["num"] for r in desk.facts.answer(seen.filter(~seen.censored)))
    assert waits == [0, 2, 3.5]


def test_without_hours_nothing_is_measured_in_them(tmp_path):
    staged = stage(
        tmp_path,
        transactions="customer_id event_on net_amount\npia 2026-01-01 1",
        interactions=CONTACTS,
    )
    assert staged.facts.missing(["service_hours"]) == "service_hours"
    (found, *_) = staged.results(METRICS["service_hours_reply_p90"], MARCH)
    assert (found.unmeasured, found.estimate.value) == ("no service_hours", None)
    with pytest.raises(FactsError, match="say in the settings when service is open"):
        staged.facts.in_service_hours(staged.facts.interactions, "opened_at")


# settings


@pytest.mark.parametrize(
    ("week", "said"),
    [
        (["Mon-Fry 9:00-17:00"], "no line of hours"),
        (["Mon-Fri 9-17"], "no line of hours"),
        (["Mon 9:60-17:00"], "no clock shows"),
        (["Mon 9:00-25:00"], "no clock shows"),
        (["Mon 9:00-9:00"], "no hours in it"),
        ([9], "not a list of hours"),
    ],
)
def test_hours_that_are_none_are_refused(week, said):
    with pytest.raises(ValidationError, match=said):
        ServiceHoursSettings(week=week)


def test_days_wrap_around_the_week_and_hours_around_midnight():
    told = ServiceHoursSettings(week="sat-mon 22:00–2:00").read(None, "UTC", TODAY)
    night = ((1320, 1560),)
    assert told.usual == OpeningHours("UTC", (night, (), (), (), (), night, night))


def test_no_hours_and_hours_of_teams_alone(tmp_path):
    assert ServiceHoursSettings().read(tmp_path, "UTC", TODAY) is None
    alone = ServiceHoursSettings(teams={"apac": {"week": ("Mon 9:00-17:00",)}})
    with pytest.raises(ProjectError, match="hours of teams and none of the others"):
        alone.read(tmp_path, "UTC", TODAY)
    with pytest.raises(ValidationError, match='team "apac" has no "week"'):
        ServiceHoursSettings(week="Mon 9:00-17:00", teams={"apac": {}})


def test_hours_are_read_from_the_project_with_holidays_of_a_file(tmp_path):
    (tmp_path / "off.txt").write_text("2026-06-01 # Whit Monday\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.scorecard]\ncompany = "A"\ntimezone = "Europe/Paris"\ncurrency = "EUR"\n'
        '[tool.scorecard.service_hours]\nweek = ["Mon-Fri 09:00-17:00"]\nholidays = "off.txt"\n'
        '[tool.scorecard.service_hours.teams.Sydney]\nweek = ["Mon-Fri 08:00-16:00"]\n'
        'zone = "Australia/Sydney"\n'
    )
    settings = Project.at(tmp_path, {}).settings
    told = settings.service_hours.read(tmp_path, settings.timezone, TODAY)
    assert (told.usual.zone, told.usual.off) == ("Europe/Paris", {date(2026, 6, 1)})
    ((name, sydney),) = told.teams
    assert (name, sydney.zone, sydney.off) == ("Sydney", "Australia/Sydney", frozenset())
    assert "2026, 6, 1" in told.content
    with pytest.raises(ProjectError, match="cannot be opened"):
        ServiceHoursSettings(week="Mon 9:00-17:00", holidays="no.txt").read(tmp_path, "UTC", TODAY)


def test_a_company_without_contacts_has_hours_all_the_same(tmp_path):
    facts = opened(
        tmp_path,
        customers=CUSTOMERS,
        interactions="interaction_id customer_id opened_at resolved_at\n",
        transactions="customer_id event_on net_amount\npia 2026-01-01 1",
    )
    facts.options = replace(facts.options, service_hours=SERVED)
    clocked = facts.in_service_hours(facts.interactions, "opened_at")
    assert facts.answer(clocked.agg(n=clocked.count())) == [{"n": 0}]
