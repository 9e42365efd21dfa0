"""The schedule: what a file in schedules/ declares, as frozen values.

The reader makes them of the file, and timetable works out when runs are due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal

from scorecard.base.periods import PeriodKind
from scorecard.documents.kinds import KINDS

Roll = Literal["forward", "back", "skip", "none"]
Then = Literal["provisional", "not issued"]
Missed = Literal["run", "skip"]
DOCUMENTS = tuple(KINDS)
LAST = -1
"""The `nth` of a rule that means the last one of a span."""


@dataclass(frozen=True)
class Cron:
    """The five fields of cron: minute, hour, day, month and weekday (0 and 7: Sunday)."""

    text: str


@dataclass(frozen=True)
class BusinessDay:
    """The n-th business day of a span, from 1 up; from its end when negative (-1 is the last)."""

    nth: int


@dataclass(frozen=True)
class Day:
    """The n-th day of a span, from 1 up; from its end when negative (-1 is the last).

    In a shorter span it is the last (or first) day: day 31 of June is the 30th.
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
    roll      what happens to a day that is no business day: moved, skipped or kept
    months    1–12, in which the day must lie before it is rolled; empty: any
    """

    rule: Cron | Rule
    at: time | None
    zone: str
    every: PeriodKind = "month"
    holidays: str = ""
    roll: Roll = "forward"
    months: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fiscal:
    """A fiscal calendar: the month in which its years start, or a file of closing days.

    With the file `closes` a span is the days after one closing day up to and
    including the next; `year_starts` then means nothing.
    """

    year_starts: int = 1
    closes: str = ""


@dataclass(frozen=True)
class LastTry:
    """The last try as a day of the run's own span, and a time in the schedule's zone."""

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
    """What to do about a run that did not begin when it was due, as no scheduler was at work.

    "run" makes it up once, at most `by` late; "skip" only reports it. `by` None is
    two days, or until the last try where that is later.
    """

    missed: Missed = "run"
    by: timedelta | None = None


@dataclass(frozen=True)
class Answers:
    """Until when owners may answer what a pre-read asks: a day and time, or a time after the
    earliest moment of the run."""

    until: LastTry | timedelta


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

    Without `answers` what a pre-read asks may be answered until somebody asks it.

    `folder` is relative to the project, or absolute; empty: documents are
    put into none. `back` 1 reports on the last period that is complete at the
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
    answers: Answers | None = None
