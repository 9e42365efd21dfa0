"""The example company that `scorecard init` lays out: whole, and small where a run must be quick.

The small one measures what its stances are about and what a test asks for
besides, and has tiers since May 2026, so that three are frozen instead of nineteen.
"""

from __future__ import annotations

import ast
import csv
from datetime import datetime, timedelta
from pathlib import Path

from scorecard.project.scaffold import init
from scorecard.project.settings import Project

CHOSEN = ("first_reply_p90", "first_contact_resolution", "resolution_p90")
"""The metrics that its stances are about."""
SINCE = "2026-05"


def example(folder: Path) -> Project:
    list(init(folder))
    return Project.at(folder, {})


def small(folder: Path, *more: str, since: str = SINCE) -> Project:
    """The company with the metrics of its choices, and `more`; tiers are frozen from `since` on."""
    project = example(folder)
    for file in project.metrics.glob("[!_]*.py"):
        keep(file, {*CHOSEN, *more})
    method = 'method = "declared"'
    text = project.strategy.read_text()
    assert method in text
    project.strategy.write_text(text.replace(method, f'{method}\nsince = "{since}"'))
    return project


def answered_a_day_later(folder: Path, period: str) -> None:
    """Restate a month's interactions: every first reply came a day later than was said."""
    file = folder / "facts" / "interactions.csv"
    with file.open(newline="") as read_from:
        rows = list(csv.DictReader(read_from))
    for row in rows:
        if row["opened_at"].startswith(period) and row["first_human_reply_at"]:
            moment = datetime.fromisoformat(row["first_human_reply_at"]) + timedelta(days=1)
            row["first_human_reply_at"] = moment.isoformat(sep=" ")
            row["resolved_at"] = max(row["resolved_at"], row["first_human_reply_at"])
    with file.open("w", newline="") as written:
        writer = csv.DictWriter(written, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def keep(file: Path, names: set[str]) -> None:
    """Cut out all other metrics of a file, and the file where none is left."""
    text = file.read_text()
    lines = text.splitlines(keepends=True)
    metrics = [n for n in ast.parse(text).body if getattr(n, "decorator_list", None)]
    for each in reversed(metrics):
        if each.name not in names:
            del lines[each.decorator_list[0].lineno - 1 : each.end_lineno]
    if any(each.name in names for each in metrics):
        file.write_text("".join(lines))
    else:
        file.unlink()
