"""The reader of schedules/*.toml: the files as `Schedule`s, and all that is wrong with them.

A schedule with a blocking finding is left out: it owes no runs until it is mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

from scorecard.base.address import checked_address
from scorecard.base.findings import Finding, blocking
from scorecard.base.toml_file import Entry
from scorecard.base.toml_top import TopFile
from scorecard.documents.kinds import PREREAD
from scorecard.errors import MailError, did_you_mean
from scorecard.facts.contracts import CONTRACTS
from scorecard.project.settings import Project
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.lints import lint
from scorecard.schedules.model import (
    DOCUMENTS,
    Answers,
    Audience,
    Hold,
    LastTry,
    Late,
    Missed,
    Schedule,
    Subscriber,
    Then,
    When,
)
from scorecard.schedules.when_reader import (
    Most,
    read_fiscal,
    read_rule,
    read_time,
    read_wait,
    read_when,
    read_whole,
)
from scorecard.strategy.model import Strategy

TABLES = ("when", "fiscal", "period", "hold", "late", "answers", "subscriber")
EVERYBODY = ("executives", "teams", "owners")
OLDEST = 60
"""Periods back that a schedule can report on at most."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def read_schedules(
    project: Project, strategy: Strategy, today: date
) -> tuple[tuple[Schedule, ...], list[Finding]]:
    """The sound schedules of a project in the order of their files, and every finding.

    `strategy` has the owners and teams they refer to. Runs are worked out for some years from
    `today` on, which shows rules that never happen and periods that are left out. A project
    without the folder has no schedules.
    """
    schedules, findings = [], []
    for path in sorted(project.schedules.glob("*.toml")):
        if not path.name.startswith("."):
            schedule, found = _read(path, project, strategy, today)
            findings += found
            if schedule is not None and not blocking(found):
                schedules.append(schedule)
    return tuple(schedules), findings


def _read(
    path: Path, project: Project, strategy: Strategy, today: date
) -> tuple[Schedule | None, list[Finding]]:
    file = TopFile(path)
    if file.data is None:
        return None, file.findings()
    top = file.top(TABLES)
    if not _SLUG.fullmatch(path.stem):
        top.note(
            "wrong_name",
            f'"{path.name}" names a schedule, so it may hold small letters, '
            'digits and single hyphens only; rename it as "monthly-packet.toml".',
        )
    title = top.text("title", required=True)
    documents, to = _documents(top), _audiences(top, strategy)
    folder = top.text("folder")
    fiscal, closes = read_fiscal(file.one("fiscal"), project.root, today)
    when, most = read_when(file.one("when"), closes, project.root, today)
    period = file.one("period")
    back = read_whole(period, "back", 1, OLDEST) or 1
    hold = _hold(file, file.one("hold"), when, most, [s.table for s in project.sources])
    late = _late(file.one("late"))
    answers = _answers(file, file.one("answers"), when, most, documents)
    subscribers = tuple(_subscribers(file))
    findings = file.findings()
    if when is None or blocking(findings):
        return None, findings
    schedule = Schedule(
        path.stem,
        title,
        documents,
        when,
        to,
        folder,
        fiscal,
        back,
        hold,
        late,
        subscribers,
        answers,
    )
    return schedule, findings + list(_lints(file, schedule, project, strategy, today))


def _lints(
    file: TopFile, schedule: Schedule, project: Project, strategy: Strategy, today: date
) -> Iterator[Finding]:
    if not _reaches_somebody(schedule, strategy):
        yield Finding(
            "no_recipients",
            "warning",
            file.place(file.line_of("", "to")),
            "Nobody gets these documents; name somebody in to who is in the strategy, a "
            "subscriber or a folder.",
        )
    calendar = read_calendar(schedule, project.root, today)
    settings = project.settings
    for found in lint(schedule, calendar, settings.period, settings.timezone, today):
        table, _, key = found.place.partition(".")
        yield replace(found, place=file.place(file.line_of(table, key), table))


def _reaches_somebody(schedule: Schedule, strategy: Strategy) -> bool:
    everybody = {
        "executives": strategy.executives,
        "teams": strategy.teams,
        "owners": strategy.owners,
    }
    named = any(each.id or everybody[each.kind] for each in schedule.to)
    return bool(named or schedule.subscribers or schedule.folder)


def _documents(entry: Entry) -> tuple[str, ...]:
    names = entry.texts("documents")
    if not names and entry.sound:
        entry.note(
            "missing_field",
            f'"documents" is missing; add one or more of {", ".join(DOCUMENTS)}.',
            "documents",
        )
    known = [n for n in names if _is_one_of(entry, "documents", "document", n, DOCUMENTS)]
    return tuple(dict.fromkeys(known))


def _audiences(entry: Entry, strategy: Strategy) -> tuple[Audience, ...]:
    teams, owners = [t.id for t in strategy.teams], [o.id for o in strategy.owners]
    found = []
    for name in entry.texts("to"):
        kind, colon, id = name.partition(":")
        known = {"team": teams, "owner": owners}.get(kind) if colon else None
        if known is not None and entry.is_declared(id, kind, known, "to"):
            found.append(Audience(cast(Any, kind), id))
        elif known is None and _is_one_of(entry, "to", "recipient", name, EVERYBODY):
            found.append(Audience(cast(Any, name)))
    return tuple(dict.fromkeys(found))


def _is_one_of(entry: Entry, key: str, what: str, name: str, known: tuple[str, ...]) -> bool:
    if name in known:
        return True
    forms = ', "team:…" or "owner:…"' if what == "recipient" else ""
    near = did_you_mean(name, known)
    entry.note(
        f"unknown_{what}",
        f'{what.capitalize()} "{name}" does not exist; write {", ".join(known)}{forms}.',
        key,
        near if "mean" in near else "",
    )
    return False


def _hold(file: TopFile, entry: Entry, when: When | None, most: Most, tables: list[str]) -> Hold:
    usual = Hold()
    then = entry.choice("then", ("provisional", "not issued"))
    return Hold(
        retry=read_wait(entry, "retry") or usual.retry,
        until=_until(file, entry, "hold", when, most) or usual.until,
        then=cast(Then, then or usual.then),
        complete=tuple(n for n in entry.texts("complete") if _is_table(entry, n, tables)),
        slack=read_whole(entry, "slack", 0, 366) or 0,
    )


def _is_table(entry: Entry, name: str, tables: list[str]) -> bool:
    """Whether a run can wait for it. A table that there may be, and is not here, is passed over
    with a warning: the shipped schedules ask for transactions, which not everybody has."""
    if name in tables:
        return True
    if name in CONTRACTS:
        entry.warn(
            "missing_table",
            f'Table "{name}" is not among the project\'s facts, so no run waits for it; '
            "add it there, or remove it here.",
            "complete",
        )
        return False
    return entry.is_declared(name, "table", tables, "complete")


def _until(
    file: TopFile, of: Entry, what: str, when: When | None, most: Most
) -> LastTry | timedelta | None:
    value = of.raw("until")
    if not isinstance(value, dict):
        return read_wait(of, "until")
    line = file.line_of_key("until", of.line) if of.line else 0
    # An inline table is no entry of the file; its faults are noted as faults of the table it is in.
    entry = Entry(file, value, "until", what, line or of.line)
    entry.findings = of.findings
    rule = read_rule(entry, when.every if when else "month", most)
    at = read_time(entry, "at") or (when.at if when else None)
    entry.close()
    if at is None and when is not None:
        entry.note("missing_field", '"at" is missing in until; add at = "17:00".', "until")
    return LastTry(rule, at) if rule and at else None


def _late(entry: Entry) -> Late:
    missed = cast(Missed, entry.choice("missed", ("run", "skip")) or "run")
    by = read_wait(entry, "by")
    if missed == "skip" and entry.raw("by") is not None:
        entry.note(
            "idle_key",
            'by says nothing where missed = "skip" allows no lateness; remove one of them.',
            "by",
        )
    return Late(missed, by)


def _answers(
    file: TopFile, entry: Entry, when: When | None, most: Most, documents: tuple[str, ...]
) -> Answers | None:
    until = _until(file, entry, "answers", when, most)
    if until is not None and documents and PREREAD not in documents:
        entry.note(
            "idle_key",
            f'until says nothing where documents has no "{PREREAD}", which asks; add it, or remove '
            "[answers].",
            "until",
        )
    return Answers(until) if until is not None else None


def _subscribers(file: TopFile) -> Iterator[Subscriber]:
    first: dict[str, str] = {}
    for entry in file.many("subscriber", lambda v: str(v.get("name", ""))):
        name, email = entry.text("name", required=True), entry.text("email", required=True)
        since, until = entry.day("since"), entry.day("until")
        try:
            checked_address(email or "ada@example.com")
        except MailError as error:
            entry.note("email_malformed", str(error), "email")
        if since and until and until <= since:
            entry.note(
                "dates_reversed",
                f"until {until} is not after since {since}; correct one of them.",
                "until",
            )
        if email and email.casefold() in first:
            entry.note(
                "duplicate_subscriber",
                f'"{email}" already subscribes as {first[email.casefold()]}; remove one of them.',
                "email",
            )
        first.setdefault(email.casefold(), name)
        yield Subscriber(name, email, since, until)
