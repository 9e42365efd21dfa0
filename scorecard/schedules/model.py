"""Schedule: what a file in schedules/ declares, as frozen values. Read by schedule_file.

When a schedule's runs are due is worked out by timetable; nothing here knows a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal

from scorecard.base.periods import Kind
from scorecard.documents.kinds import KINDS

Roll = Literal["forward", "back", "skip", "none"]
Then = Literal["provisional", "not issued"]
Missed = Literal["run", "skip"]
DOCUMENTS = tuple(KINDS)
LAST = -1


@dataclass(frozen=True)
class Cron:
    """Minute, hour, day, month and weekday as cron has them: 0 and 7 are Sunday, 1 is Monday."""

    text: str


@dataclass(frozen=True)
class BusinessDay:
    """The n-th business day of a span, from 1 up; from its end when negative (-1 is the last)."""

    nth: int


@dataclass(frozen=True)
class Day:
    """The n-th day of a span, from 1 up; from its end when negative (-1 is the last).

    A span that is shorter has its last day instead: day 31 of June is the 30th.
    """

    nth: int


@dataclass(frozen=True)
class Weekday:
    """The n-th Monday (0) … Sunday (6) of a span, from 1 up, or the last one (-1)."""

    weekday: int
    nth: int


Rule = BusinessDay | Day | Weekday


@dataclass(frozen=True)
class When:
    """The earliest moment of a run: a day of every span, and a time on the clocks of `zone`.

    rule      which day; a Cron has its time itself, and `at` is None
    every     the span in which days are counted
    holidays  a country ("GB-SCT") or a file of dates; empty: no holidays
    roll      what becomes of a day that is no business day
    months    1–12, in which the day must lie before it is rolled; empty: any
    """

    rule: Cron | Rule
    at: time | None
    zone: str
    every: Kind = "month"
    holidays: str = ""
    roll: Roll = "forward"
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fiscal:
    """Whose quarters and years begin in month `year_starts`, or whose spans end as a file says.

    `closes` is a file of closing days; a span is then the days after one close
    up to and including the next.
    """

    year_starts: int = 1
    closes: str = ""


@dataclass(frozen=True)
class LastTry:
    """A day of the same span as the earliest moment, and a time on the same clocks."""

    rule: Rule
    at: time


@dataclass(frozen=True)
class Hold:
    """What to do while facts are not ready or not sound.

    retry     time between two tries
    until     the last try: a day and time, or a time after the earliest moment
    then      what the last try does with facts that are still not ready
    complete  tables that must reach the period's last day, or `slack` days less
    """

    retry: timedelta = timedelta(hours=1)
    until: LastTry | timedelta = timedelta(days=1)
    then: Then = "not issued"
    complete: tuple[str, ...] = ()
    slack: int = 0


@dataclass(frozen=True)
class Late:
    """What to do about a run that nobody began when it was due.

    "run": once, late, but no more than `by` late. "skip": report it only. `by`
    None is two days, or until the last try where that is later.
    """

    missed: Missed = "run"
    by: timedelta | None = None


@dataclass(frozen=True)
class Audience:
    """Who gets documents: "executives", "teams", "owners", or one "team" or "owner" by id."""

    kind: Literal["executives", "teams", "owners", "team", "owner"]
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


@dataclass(frozen=True)
class Subscriber:
    """A reader with no part in the strategy, from the day `since` up to the day before `until`."""

    name: str
    email: str
    since: date | None = None
    until: date | None = None

    def reads_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


@dataclass(frozen=True)
class Schedule:
    """One file. `id` is its name without the suffix; together with a period it names a run.

    `folder` is relative to the project, or absolute; empty: nothing is laid
    anywhere. `back` 1 reports on the last period that is complete at the
    earliest moment, 2 on the one before.
    """

    id: str
    title: str
    documents: tuple[str, ...]
    when: When
    to: tuple[Audience, ...] = ()
    folder: str = ""
    fiscal: Fiscal | None = None
    back: int = 1
    hold: Hold = Hold()
    late: Late = Late()
    subscribers: tuple[Subscriber, ...] = ()
