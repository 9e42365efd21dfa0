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
    from scorecard.ledger import Expected, Ledger, Owed
    from scorecard.periods import Period
    from scorecard.project import Project
    from scorecard.schedule import Schedule


MOST_SAID = 5
"""So many failed deliveries are named."""


def issue(
    found: Project, name: str, period: str | None, *, dry: bool, unattended: bool, json_log: bool
) -> int:
    """Do what a schedule does by the clock; the command's exit code.

    It is 1 when something was not issued, was not sent for good, or waits for a server.
    """
    from scorecard.delivery.letters import sender_of
    from scorecard.delivery.office import timetable_of
    from scorecard.workspace import period_of

    if unattended:
        begin_log(found, as_json=json_log)
    else:
        _refuse_unable(found)
    moment = now()
    timetable = timetable_of(found, moment)
    schedule = timetable.schedule(name)
    settings = found.settings
    span = period_of(period, settings.period, settings.timezone) if period else None
    owed = timetable.owed_for(name, span, moment)
    wanted = period_of(owed.period, settings.period, settings.timezone)
    if not unattended and (schedule.to or schedule.subscribers):
        sender_of(found)
    if dry:
        return _rehearsed(found, schedule, wanted, last=moment >= owed.hold_until)
    with ledger_of(found) as ledger:
        timetable.reconcile(ledger, moment)
        if ledger.expected_run(name, owed.period) is None:
            ledger.expect(name, [owed], moment)
        return _issued(found, ledger, schedule, wanted, owed, unattended=unattended)


def _refuse_unable(project: Project) -> None:
    """What would end in no document, or in none that can be sent, is said before anybody is
    told anything."""
    from scorecard.delivery.office import server_of
    from scorecard.errors import StrategyError
    from scorecard.loading import load_metrics
    from scorecard.strategy_file import read_strategy
    from scorecard.workspace import refuse

    project.secret_mail(os.environ)
    server_of(project, os.environ)
    metrics = load_metrics(project.metrics)
    refuse(read_strategy(project.strategy, metrics, project.settings.currency)[1], StrategyError)


def _rehearsed(project: Project, schedule: Schedule, period: Period, *, last: bool) -> int:
    from scorecard.cli.console import progress
    from scorecard.cli.console_delivery import show_rehearsed
    from scorecard.delivery.rehearsal import FOLDER, rehearse

    with ledger_of(project) as ledger, progress() as report:
        mails = rehearse(project, ledger, schedule, period, now, report, last=last)
    show_rehearsed(mails, project.output / period.key / FOLDER)
    return 1 if any(mail.refused for mail in mails) else 0


def _issued(
    project: Project, ledger: Ledger, schedule: Schedule, period: Period, owed: Owed, *,
    unattended: bool,
) -> int:  # fmt: skip
    from scorecard.cli.console import progress, warn
    from scorecard.delivery.issuing import Issuer
    from scorecard.delivery.office import post
    from scorecard.ledger import FAILED

    before = ledger.expected_run(schedule.id, owed.period)
    with progress() as report:
        became = Issuer(project, ledger, now, holder(), report).issue(
            schedule, period, by_hand=not unattended
        )
    typer.echo(f"{schedule.title} for {period}: {_told(project, before, became)}")
    waiting = "" if unattended else post(project, ledger, os.environ, now, holder()).waiting
    counts = ledger.delivery_counts(schedule=schedule.id, period=owed.period)
    if counts:
        typer.echo(", ".join(f"{n} {state}" for state, n in sorted(counts.items())))
    failed = sum(counts.get(state, 0) for state in FAILED)
    if unattended:
        return 0 if became.state == "done" else 1
    listed = ledger.deliveries(schedule=schedule.id, period=owed.period, states=FAILED)
    for each in islice(listed, MOST_SAID):
        warn(f"{each.recipient or each.name}: {each.state}: {each.reply}")
    if failed > MOST_SAID:
        warn(f"{failed - MOST_SAID} more: scorecard deliveries --failed")
    if waiting:
        warn(waiting)
    return 0 if became.state == "done" and not (failed or waiting) else 1


def _told(project: Project, before: Expected | None, became: Expected) -> str:
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
    from scorecard.mail_settings import SERVER

    mail = project.mail
    urls = (os.environ.get(SERVER, ""), project.ledger, project.connect, mail.bounces)
    secrets = [p for url in urls for p in passwords_in(os.path.expandvars(url))]
    secrets += [os.path.expandvars(p) for p in (mail.password, *mail.passwords.values())]
    begin(as_json=as_json, secrets=secrets)
