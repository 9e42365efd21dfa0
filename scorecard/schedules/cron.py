"""Cron: the days, and the times of day, that five cron fields name.

Days and times are worked out separately, because timetable decides for all
schedules what happens at clock changes and on holidays. Where neither day nor
weekday begins with "*", a day that fits one of them is enough, as in cron itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from cronsim import CronSim, CronSimError

from scorecard.schedules.model import Cron

EXAMPLE = '"0 7 3 * *"'
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_FIELDS = {
    "Bad minute": "a minute",
    "Bad hour": "an hour",
    "Bad day-of-month": "a day",
    "Bad month": "a month",
    "Bad day-of-week": "a weekday",
}


def cron_fault(text: str) -> str:
    """The fault of these fields as a sentence; empty where there is none."""
    fields = text.split()
    if len(fields) != 5:
        return (
            f'"{text}" must have five fields; write minute hour day month weekday, '
            f"such as {EXAMPLE}."
        )
    if said := _fault_of(fields):
        if said.endswith("day-of-month") and not _fault_of([*fields[:3], "*", fields[4]]):
            return f'"{text}" never happens: no such month has that day; correct day or month.'
        name = _FIELDS.get(said, "field")
        return f'"{text}" has {name} that cannot be; write such as {EXAMPLE}.'
    return ""


@lru_cache(maxsize=256)
def cron_times(cron: Cron) -> tuple[time, ...]:
    """The times of day that minute and hour name, ascending; at least one."""
    minute, hour, *_ = cron.text.split()
    found = []
    # CronSim yields moments after the one it is given, so that it must start before midnight.
    for moment in CronSim(f"{minute} {hour} * * *", _MIDNIGHT - _SECOND):
        if moment.date() != _MIDNIGHT.date():
            break
        found.append(moment.time())
    return tuple(found)


def cron_days(cron: Cron, since: date) -> Iterator[date]:
    """The days from `since` on that the fields name; ends where fifty years have none."""
    _, _, day, month, weekday = cron.text.split()
    start = datetime.combine(since, time.min, UTC) - _SECOND
    return (moment.date() for moment in CronSim(f"0 0 {day} {month} {weekday}", start))


def _fault_of(fields: list[str]) -> str:
    """What the library says against the fields; empty where it takes them."""
    try:
        CronSim(" ".join(fields), _MIDNIGHT)
    except CronSimError as error:
        return str(error)
    return ""
