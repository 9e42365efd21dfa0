"""Months of clock time, with everything that clocks, machines and calendars do.

Fifteen of them pass in `make prove`, three in `make test`.

The ledger, the schedules and the issuing are real; only the documents are left
out, because computing sixty packets would take an hour. What is due was worked
out by hand with a calendar on the wall; see test_timetable for the months.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from rich.table import Table
from sizes import sizes

from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.delivery.health import CLOCK_TTL
from scorecard.delivery.issuing import Issuer
from scorecard.delivery.serve import SchedulerLoop
from scorecard.ledger import Owed
from scorecard.project.declared import declared
from scorecard.project.scaffold import init
from scorecard.project.settings import Project

BEGIN, DAY = datetime(2027, 10, 1, tzinfo=UTC), timedelta(days=1)
ASLEEP = (datetime(2028, 1, 3, 12, tzinfo=UTC), datetime(2028, 1, 12, 12, tzinfo=UTC))


@dataclass(frozen=True)
class Span:
    """What time passes, and what happens in it besides the days on which the machine sleeps.

    set_back      when the clock is set back by eight days
    an_hour_back  when it is set back by an hour, just after something was done
    first_dies    when the first of two clocks dies
    """

    begin: datetime
    end: datetime
    set_back: datetime
    an_hour_back: datetime
    first_dies: datetime

    @property
    def jumps(self) -> tuple[tuple[datetime, datetime], ...]:
        """When the clock is set back, and to when."""
        hour = timedelta(hours=1)
        return (
            (self.set_back, self.set_back - 8 * DAY),
            (self.an_hour_back, self.an_hour_back - hour),
        )


SPANS = sizes(
    Span(
        datetime(2027, 12, 15, tzinfo=UTC),
        datetime(2028, 3, 15, tzinfo=UTC),
        datetime(2028, 2, 10, 9, tzinfo=UTC),
        datetime(2028, 3, 3, 7, 30, tzinfo=UTC),
        datetime(2028, 2, 20, tzinfo=UTC),
    ),
    Span(
        datetime(2027, 10, 1, tzinfo=UTC),
        datetime(2029, 1, 1, tzinfo=UTC),
        datetime(2028, 5, 10, 9, tzinfo=UTC),
        datetime(2028, 8, 3, 6, 30, tzinfo=UTC),
        datetime(2028, 7, 1, tzinfo=UTC),
    ),
)
HEAD = 'documents = ["executive-packet"]\nto = ["executives"]\n[when]\n'
SCHEDULES = {
    "third": 'business_day = 3\nat = "07:00"\nzone = "Europe/London"\nholidays = "GB-ENG"\n'
    '[late]\nby = "7 days"\n',
    "fourth": 'business_day = 4\nat = "07:00"\nzone = "Europe/London"\nholidays = "GB-ENG"\n'
    '[late]\nmissed = "skip"\n',
    "sunday": 'last_weekday = "sunday"\nat = "01:30"\nzone = "Europe/London"\nroll = "none"\n',
    "end": 'day = "last"\nat = "18:00"\nzone = "Europe/Berlin"\nholidays = "DE"\nroll = "back"\n',
    "quarter": 'business_day = 5\nevery = "quarter"\nat = "07:00"\nzone = "Europe/London"\n'
    'holidays = "GB-ENG"\n[fiscal]\nyear_starts = 2\n',
    "year": 'business_day = -1\nevery = "year"\nat = "12:00"\nzone = "Europe/London"\n'
    'holidays = "GB-ENG"\n',
}
# On whose clocks: the due day and time in UTC, from October 2027 to December 2028.
DUE = {
    "third": """10-05 06:00, 11-03 07:00, 12-03 07:00, 01-06 07:00, 02-03 07:00, 03-03 07:00,
                04-05 06:00, 05-04 06:00, 06-05 06:00, 07-05 06:00, 08-03 06:00, 09-05 06:00,
                10-04 06:00, 11-03 07:00, 12-05 07:00""",
    "fourth": """10-06 06:00, 11-04 07:00, 12-06 07:00, 01-07 07:00, 02-04 07:00, 03-06 07:00,
                 04-06 06:00, 05-05 06:00, 06-06 06:00, 07-06 06:00, 08-04 06:00, 09-06 06:00,
                 10-05 06:00, 11-06 07:00, 12-06 07:00""",
    "sunday": """10-31 00:30, 11-28 01:30, 12-26 01:30, 01-30 01:30, 02-27 01:30, 03-26 01:00,
                 04-30 00:30, 05-28 00:30, 06-25 00:30, 07-30 00:30, 08-27 00:30, 09-24 00:30,
                 10-29 00:30, 11-26 01:30, 12-31 01:30""",
    "end": """10-29 16:00, 11-30 17:00, 12-31 17:00, 01-31 17:00, 02-29 17:00, 03-31 16:00,
              04-28 16:00, 05-31 16:00, 06-30 16:00, 07-31 16:00, 08-31 16:00, 09-29 16:00,
              10-31 17:00, 11-30 17:00, 12-29 17:00""",
    "quarter": "11-05 07:00, 02-07 07:00, 05-08 06:00, 08-07 06:00, 11-07 07:00",
    "year": "12-31 12:00, 12-29 12:00",
}
MISSED = {("third", "2027-12"), ("fourth", "2027-12")}
"""What was due while the machine slept: the one runs once, late, and the other is skipped."""


@dataclass(frozen=True)
class Undrawn(Issuer):
    """Issues everything but the documents."""

    def _made(self, expected, schedule, period, last):
        run = self.ledger.claim(
            period, inputs=schedule.id, as_of=self.now(), software="test", now=self.now()
        )
        return self.ledger.advance(run, "done", self.now(), editions=[])


class Watch:
    """A clock that shows what the test wants."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def project(tmp_path):
    list(init(tmp_path / "acme"))
    folder = tmp_path / "acme"
    for file in (folder / "schedules").glob("*.toml"):
        file.unlink()
    for name, said in SCHEDULES.items():
        (folder / "schedules" / f"{name}.toml").write_text(f'title = "{name}"\n{HEAD}{said}')
    return Project.at(folder, {})


def expected_dues(span: Span) -> list[tuple[str, str, datetime]]:
    """(schedule, period, due) of that time: a run reports on the month before the one it is due in."""
    found = []
    for schedule, said in DUE.items():
        year, before = 2027, 0
        for each in said.split(","):
            month = int(each.split("-")[0])
            year, before = year + (month <= before), month
            due = datetime.strptime(f"{year}-{each.strip()}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
            last = due.astimezone(ZoneInfo("Europe/London")).replace(day=1) - DAY
            if span.begin <= due < span.end:
                found.append((schedule, f"{last:%Y-%m}", due))
    return sorted(found, key=lambda f: (f[2], f[0]))


def moments(span: Span) -> Iterator[datetime]:
    """When the clock strikes: every day, and a minute after everything that is due.

    It sleeps for nine days, is set back by eight days, and once by an hour just
    after something was done.
    """
    days = range((span.end - span.begin).days)
    strikes = [span.begin + DAY * n + timedelta(hours=5) for n in days]
    strikes += [due + timedelta(minutes=1) for _s, _p, due in expected_dues(span)]
    strikes = sorted(s for s in strikes if not ASLEEP[0] < s < ASLEEP[1])
    for moment in strikes:
        yield moment
        for at, back in span.jumps:
            following = next((s for s in strikes if s > moment), span.end)
            if moment <= at < following:
                yield from [back, *(s for s in strikes if back < s <= moment)]


@pytest.mark.parametrize("span", SPANS)
def test_every_run_once_in_months_of_everything(ledger, project, span):
    watch = Watch(span.begin)
    timetable = ProjectSchedules.read(project, declared(project).strategy, span.begin)
    done: list[tuple[str, str, datetime]] = []

    def make(holder):
        issuer = Undrawn(project, ledger, watch, holder, lambda *_: None)

        def issue(expected):
            became = issuer.issue(
                timetable.schedule(expected.schedule), timetable.period_of(expected)
            )
            done.append((became.schedule, became.period, watch()))

        return issue

    clocks = [
        SchedulerLoop(
            lambda: timetable, ledger, watch, holder, make(holder), lambda: None, lambda: None
        )
        for holder in ("first", "second")
    ]
    for moment in moments(span):
        watch.moment = moment
        alive = clocks[moment >= span.first_dies :]
        for clock in alive:
            clock.beat()
        assert sum(clock.active for clock in alive) == 1
        for clock in alive:
            clock.look()
            clock.finish()
    owed = ledger.expected_runs()
    show(owed, {(s, p): at for s, p, at in done})
    assert [(e.schedule, e.period, e.due_at) for e in owed] == expected_dues(span)
    assert {e.state for e in owed if (e.schedule, e.period) not in MISSED} == {"done"}
    assert len(done) == len(owed)
    assert all(e.tries == 1 for e in owed)
    judge_the_missed(ledger, {(e.schedule, e.period): e for e in owed}, done)


def judge_the_missed(ledger, owed, done):
    """While the machine slept one run became late and was done once, one was skipped and told."""
    at = {(s, p): moment for s, p, moment in done}
    late = owed["third", "2027-12"]
    assert late.state == "done" and at["third", "2027-12"] >= ASLEEP[1]
    skipped = owed["fourth", "2027-12"]
    assert (skipped.state, skipped.run_id) == ("skipped", None)
    assert "5 days late, and 15 minutes is the most" in skipped.reason
    told = list(ledger.deliveries(schedule="fourth", period="2027-12"))
    assert {d.kind for d in told} == {"operator", "not issued"}
    assert "5 days late" in json.loads(told[0].letter)["lines"][0]
    assert {d.schedule for d in ledger.deliveries()} == {"fourth"}


def show(owed, done):
    table = Table("due (UTC)", "schedule", "period", "state", "done (UTC)", box=None)
    for each in owed:
        at = done.get((each.schedule, each.period))
        table.add_row(
            f"{each.due_at:%a %Y-%m-%d %H:%M}",
            each.schedule,
            each.period,
            each.state,
            f"{at:%a %Y-%m-%d %H:%M}" if at else "",
        )
    Console(width=120).print(table)


def test_a_second_clock_takes_over_only_after_silence(ledger):
    watch = Watch(BEGIN)
    first, second = (
        SchedulerLoop(
            lambda: None, ledger, watch, holder, lambda _: None, lambda: None, lambda: None
        )
        for holder in ("first", "second")
    )
    first.beat()
    second.beat()
    assert (first.active, second.active) == (True, False)
    watch.moment += CLOCK_TTL / 2
    first.beat()
    watch.moment += CLOCK_TTL / 2
    second.beat()
    assert not second.active
    watch.moment += CLOCK_TTL / 2
    second.beat()
    first.beat()
    assert (first.active, second.active) == (False, True)


def test_a_run_whose_schedule_is_gone_is_given_up(ledger):
    class Nothing:
        schedules: ClassVar = {}

        def reconcile(self, *_):
            return 0

    made = []
    clock = SchedulerLoop(
        Nothing, ledger, lambda: BEGIN, "me", made.append, lambda: None, lambda: None
    )
    far = BEGIN + DAY
    ledger.expect("gone", [Owed("gone", "2027-09", BEGIN, far, far)], BEGIN)
    clock.beat()
    clock.look()
    assert made == []
    (run,) = ledger.expected_runs()
    assert (run.state, run.reason) == ("skipped", "Its schedule is gone.")
