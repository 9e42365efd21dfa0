"""The command `scorecard run NAME`: a schedule's job by hand; see cli."""

from __future__ import annotations

import os
import socket
from itertools import islice
from typing import TYPE_CHECKING
from uuid import uuid4

import typer

from scorecard.cli.options import now

if TYPE_CHECKING:
    from datetime import datetime

    from scorecard.base.periods import Period
    from scorecard.delivery.due_runs import ProjectSchedules
    from scorecard.ledger import ExpectedRun, Ledger, Owed
    from scorecard.project.settings import Project
    from scorecard.schedules.model import Schedule


MOST_SAID = 5
"""So many failed deliveries are named."""


def issue(
    found: Project, name: str, period: str | None, *, dry: bool, unattended: bool, json_log: bool
) -> int:
    """Do what a schedule does by the clock; the command's exit code.

    It is 1 when something was not issued, was not sent for good, or waits for a server.
    """
    from scorecard.delivery.due_runs import ProjectSchedules

    if unattended:
        begin_log(found, as_json=json_log)
    else:
        _refuse_unable(found)
    moment = now()
    timetable = ProjectSchedules.of(found, moment)
    schedule, wanted, owed = _asked_for(found, timetable, name, period, moment)
    if not unattended:
        _refuse_nameless(found, schedule)
    if dry:
        return _rehearsed(found, schedule, wanted, last=moment >= owed.hold_until)
    with ledger_of(found) as ledger:
        timetable.reconcile(ledger, moment)
        if ledger.expected_run(name, owed.period) is None:
            ledger.expect(name, [owed], moment)
        return _issued(found, ledger, schedule, wanted, owed, unattended=unattended)


def correct(found: Project, name: str, period: str | None, why: str) -> int:
    """Make again what a schedule issued, and send what differs; the command's exit code."""
    from scorecard.cli.console import progress
    from scorecard.delivery.correction import correct as make_again
    from scorecard.delivery.due_runs import ProjectSchedules
    from scorecard.delivery.issuing import Issuer

    _refuse_unable(found)
    moment = now()
    schedule, wanted, _owed = _asked_for(
        found, ProjectSchedules.of(found, moment), name, period, moment
    )
    _refuse_nameless(found, schedule)
    with ledger_of(found) as ledger:
        with progress() as report:
            issuer = Issuer(found, ledger, now, holder(), report)
            made = make_again(issuer, schedule, wanted, why)
        typer.echo(
            f"{schedule.title} for {wanted}: {made.differing} of {made.documents} differ from what "
            f"was issued; {made.queued} to be sent"
        )
        return _sent(found, ledger, schedule, wanted)


def _asked_for(
    project: Project, timetable: ProjectSchedules, name: str, period: str | None, moment: datetime
) -> tuple[Schedule, Period, Owed]:
    """The schedule, the period that is meant, by default the last due, and the run owed for it."""
    from scorecard.project.workspace import period_of

    schedule, settings = timetable.schedule(name), project.settings
    named = period is not None
    span = period_of(period or "", settings.period, settings.timezone) if named else None
    owed = timetable.owed_for(name, span, moment)
    return schedule, period_of(owed.period, settings.period, settings.timezone), owed


def _refuse_nameless(project: Project, schedule: Schedule) -> None:
    """What is to be mailed needs a sender."""
    from scorecard.delivery.new_deliveries import sender_of

    if schedule.to or schedule.subscribers:
        sender_of(project)


def _refuse_unable(project: Project) -> None:
    """What would end in no document, or in none that can be sent, is said before anybody is
    told anything."""
    from scorecard.delivery.post import server_of

    project.secret_mail(os.environ)
    server_of(project, os.environ)
    refuse_strategy(project)


def refuse_strategy(project: Project) -> None:
    """StrategyError where strategy.toml says something that blocks."""
    from scorecard.project.declared import declared

    declared(project).usable()


def _rehearsed(project: Project, schedule: Schedule, period: Period, *, last: bool) -> int:
    from scorecard.cli.console import progress, warn
    from scorecard.cli.console_delivery import show_rehearsed
    from scorecard.delivery.dry_run import FOLDER, dry_run

    with ledger_of(project) as ledger, progress() as report:
        mails = dry_run(project, ledger, schedule, period, now, report, last=last)
    show_rehearsed(mails, project.output / period.key / FOLDER)
    for stamp in dict.fromkeys(mail.stamp for mail in mails if mail.stamp):
        warn(f"provisional: {stamp}")
    return 1 if any(mail.refused for mail in mails) else 0


def _issued(
    project: Project,
    ledger: Ledger,
    schedule: Schedule,
    period: Period,
    owed: Owed,
    *,
    unattended: bool,
) -> int:
    from scorecard.cli.console import progress
    from scorecard.delivery.issuing import Issuer

    before = ledger.expected_run(schedule.id, owed.period)
    with progress() as report:
        became = Issuer(project, ledger, now, holder(), report).issue(
            schedule, period, by_hand=not unattended
        )
    typer.echo(f"{schedule.title} for {period}: {_told(project, before, became)}")
    unsent = 0 if unattended else _sent(project, ledger, schedule, period)
    return unsent if became.state == "done" else 1


def _sent(project: Project, ledger: Ledger, schedule: Schedule, period: Period) -> int:
    """Send what is queued, and say what became of the schedule's mails; 1 unless all are out."""
    from scorecard.cli.console import warn
    from scorecard.delivery.post import post
    from scorecard.ledger import FAILED, OPEN

    waiting = post(project, ledger, os.environ, now, holder()).waiting
    counts = ledger.delivery_counts(schedule=schedule.id, period=period.key)
    if counts:
        said = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
        typer.echo(f"Mails and files so far: {said}")
    failed = sum(counts.get(state, 0) for state in FAILED)
    listed = ledger.deliveries(schedule=schedule.id, period=period.key, states=FAILED)
    for each in islice(listed, MOST_SAID):
        warn(f"{each.recipient or each.name}: {each.state}: {each.reply}")
    if failed > MOST_SAID:
        warn(f"{failed - MOST_SAID} more: scorecard deliveries --failed")
    if waiting:
        warn(waiting)
    return 1 if failed or waiting or any(counts.get(state) for state in OPEN) else 0


def _told(project: Project, before: ExpectedRun | None, became: ExpectedRun) -> str:
    """What became of a run, in words for whoever asked for it."""
    at = f"{became.updated_at.astimezone(project.zone):%Y-%m-%d %H:%M}"
    if before is not None and before.state == "done":
        return f"done already on {at}; nothing is done twice"
    if became.state == "running":
        return "another process works on it"
    said = f"{became.state}: {became.reason}" if became.reason else became.state
    if became.state == "held":
        said += '; "scorecard serve" tries it again, or this command'
    return said


def has_ledger(project: Project) -> bool:
    """Whether there is a ledger already; a server is taken to have one."""
    sqlite = "sqlite:///"
    file = project.ledger.removeprefix(sqlite)
    return not project.ledger.startswith(sqlite) or (project.root / file).is_file()


def ledger_of(project: Project) -> Ledger:
    """The project's ledger, without the facts and all that comes with them."""
    from scorecard.ledger import Ledger

    return Ledger.open(project.ledger, project.root)


def holder() -> str:
    """A name for this process in the ledger that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"


def begin_log(project: Project, *, as_json: bool) -> None:
    """Log to standard error from now on, without the project's secrets."""
    from scorecard.cli.logs import begin, passwords_in
    from scorecard.project.mail_settings import SERVER

    mail = project.mail
    urls = (os.environ.get(SERVER, ""), project.ledger, project.connect, mail.bounces)
    secrets = [p for url in urls for p in passwords_in(os.path.expandvars(url))]
    secrets += [os.path.expandvars(p) for p in (mail.password, *mail.passwords.values())]
    begin(as_json=as_json, secrets=secrets)
