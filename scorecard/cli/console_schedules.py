"""Console output about future runs: when they are due, until when held, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_datetime

from scorecard.base.periods import zone
from scorecard.cli.terminal import one_line, out, write_json
from scorecard.documents.formats import DASH, Formats
from scorecard.schedules.model import Schedule
from scorecard.schedules.timetable import Occurrence

MOST_NAMED = 6
"""Recipients named in a row of the table; the others are counted."""
COLUMNS = ("schedule", "due", "period", "held until", "documents", "recipients")


def show_next(
    coming: Sequence[tuple[Schedule, Occurrence]],
    recipients: Mapping[tuple[str, str], Sequence[str]],
    formats: Formats,
    *,
    as_json: bool,
) -> None:
    """Runs to come, the earliest first; `recipients` are names by schedule and period.

    Times are printed in the schedule's time zone; in JSON, too, with their UTC offset.
    """
    ordered = sorted(coming, key=lambda pair: (pair[1].due, pair[0].id))
    if as_json:
        objects = [_flat(s, o, recipients.get((s.id, o.period.key), ())) for s, o in ordered]
        write_json(objects)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, no_wrap=name not in ("documents", "recipients"))
    for schedule, occurrence in ordered:
        tz = schedule.when.zone
        table.add_row(
            schedule.id,
            f"{_moment(occurrence.due, tz, formats)} {tz}",
            formats.period(occurrence.period),
            _moment(occurrence.hold_until, tz, formats),
            ", ".join(schedule.documents),
            one_line(
                _named(schedule, recipients.get((schedule.id, occurrence.period.key), ()), formats)
            ),
        )
    out().print(table, markup=False)


def _moment(moment: datetime, tz: str, formats: Formats) -> str:
    """ "Mon 15 Feb 2027 07:00"."""
    local = moment.astimezone(zone(tz))
    return format_datetime(local, "EEE d MMM y HH:mm", tzinfo=local.tzinfo, locale=formats.english)


def _named(schedule: Schedule, names: Sequence[str], formats: Formats) -> str:
    """ "3: Ada, Bo, Cy; folder reports"; of many only the first. A folder is not counted."""
    more = f" and {formats.count(len(names) - MOST_NAMED)} more" if len(names) > MOST_NAMED else ""
    named = f"{', '.join(names[:MOST_NAMED])}{more}"
    said = f"{formats.count(len(names))}: {named}" if names else DASH
    return f"{said}; folder {schedule.folder}" if schedule.folder else said


def _flat(schedule: Schedule, occurrence: Occurrence, names: Sequence[str]) -> dict[str, Any]:
    """One object of `next --json`."""
    tz = zone(schedule.when.zone)
    moments = ("due", "hold_until", "late_until")
    local = {name: getattr(occurrence, name).astimezone(tz).isoformat() for name in moments}
    return {
        "schedule": schedule.id,
        "title": schedule.title,
        "period": occurrence.period.key,
        **local,
        "zone": schedule.when.zone,
        "documents": list(schedule.documents),
        "recipients": list(names),
        "folder": schedule.folder,
    }
